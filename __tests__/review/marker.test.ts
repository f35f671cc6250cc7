import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failedPlanMarker, readReviewMarker, reviewMarker } from '../../src/review/marker.ts';
import { cutAt, keepSecret } from '../../src/secrets.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import {
  type ProposedPlan,
  type ReviewedAccess,
  reviewed,
  unreviewed,
  unreviewedWords,
} from '../../src/share/review.ts';
import { ACCOUNT, creating, proposed } from './plans.ts';

const COMMENT = '<!-- cloudflare-share-action 0123 -->';
const bodyWith = (marker: string): string => `${COMMENT}\n${marker}\n### Plan for \`x\`\n`;
const problemWith = (body: string, account = ACCOUNT): string => {
  const read = readReviewMarker(body, account);
  return 'problem' in read ? read.problem : 'none';
};
const marker = reviewMarker([proposed(creating('S', ['a', 'b']))], ACCOUNT, 10_000);

test('any plan can be stored in a single hidden HTML comment and read back', () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.array(fc.string())), { maxLength: 4 }), (shares) => {
      const plans = shares.map(([name, to]) => proposed(creating(name, to)));
      const line = reviewMarker(plans, ACCOUNT, 100_000);
      expect(line).toMatch(/^<!-- cloudflare-share-action-plan [A-Za-z0-9+/ ]+ -->$/);
      for (const end of ['\n', '\r\n']) {
        const read = readReviewMarker(`${COMMENT}${end}${line}${end}text`, ACCOUNT);
        expect(read).toEqual({ reviewed: reviewed(plans) });
        if ('reviewed' in read) for (const plan of plans) expect(unreviewed(plan, read.reviewed)).toEqual([]);
      }
    }),
  ));

test('a plan is read back whatever the case of the account id', () => {
  expect(problemWith(bodyWith(reviewMarker([], 'ABC', 1000)), 'abc')).toBe('none');
});

describe('a plan that does not fit into a comment', () => {
  const accounts = Array.from({ length: 100 }, (_, i) => `account-${i}`);
  const plan = proposed(creating('S', accounts));
  const full = reviewMarker([plan], ACCOUNT, 10_000);
  const shorter = reviewMarker([plan], ACCOUNT, full.length - 1);
  const shortest = reviewMarker([plan], ACCOUNT, shorter.length - 1);
  const accessIn = (line: string) => {
    const read = readReviewMarker(bodyWith(line), ACCOUNT);
    return 'reviewed' in read ? read.reviewed.access : [];
  };
  /** The parts of another plan that the line's plan doesn't cover. */
  const lacking = (line: string, now: ProposedPlan) => {
    const read = readReviewMarker(bodyWith(line), ACCOUNT);
    return 'reviewed' in read ? unreviewed(now, read.reviewed).map(unreviewedWords(cutAt, ACCOUNT)) : [read.problem];
  };

  test('is stored with its recipients and resources as long as they fit', () => {
    expect(reviewMarker([plan], ACCOUNT, full.length)).toBe(full);
    expect(accessIn(full)).toEqual(reviewed([plan]).access);
  });

  test('is stored with a digest instead of the recipients, then also instead of the resources', () => {
    const digest = { digest: expect.stringMatching(/^[A-Za-z0-9+/]{22}$/) };
    const { resources } = reviewed([plan]).access[0] as ReviewedAccess;
    expect(accessIn(shorter)).toEqual([{ name: 'S', share_id: null, audience: digest, resources }]);
    expect(accessIn(shortest)).toEqual([{ name: 'S', share_id: null, audience: digest, resources: digest }]);
  });

  test('covers the same plan, even if it was partly applied, but no other recipients', () => {
    const half: SharePlan = {
      ...plan.plan,
      action: 'update',
      share_id: 'n',
      recipients: { ...plan.plan.recipients, add: plan.plan.recipients.add.slice(50) },
    };
    for (const line of [shorter, shortest]) {
      expect(lacking(line, plan)).toEqual([]);
      expect(lacking(line, proposed(half, { audience: { accounts: accounts.slice(0, 50) }, resources: [] }))).toEqual(
        [],
      );
      expect(lacking(line, proposed(creating('S', accounts.slice(1))))[0]).toMatch(
        /^give resource gateway-policy r of share "S" to account account-1, because the recipients or exclusions are no longer exactly/,
      );
    }
  });

  test('covers no other resources if their list does not fit', () => {
    const extra = { resource_type: 't', resource_id: 'x', resource_account_id: ACCOUNT };
    const now = proposed(
      { ...plan.plan, action: 'update', share_id: 'n', resources: { add: [], update: [], remove: [], extra: [] } },
      { audience: { accounts: [] }, resources: [extra] },
    );
    expect(lacking(shortest, now)[0]).toMatch(
      /^give resource t x of share "S" \(n\) to account account-0, because the resources are no longer exactly/,
    );
    expect(lacking(shorter, now)[0]).toMatch(
      /to account account-0, to which the reviewed plan does not give this resource$/,
    );
  });

  test('is stored with digests if its lists would be too large to unpack', () => {
    const before = { audience: { accounts: Array.from({ length: 140_000 }, () => 'a'.repeat(32)) }, resources: [] };
    const line = reviewMarker([proposed({ ...plan.plan, action: 'update', share_id: 'n' }, before)], ACCOUNT, 65_000);
    expect(accessIn(line)).toMatchObject([{ audience: { digest: expect.any(String) } }]);
  });

  test('is replaced with a short message if even its steps do not fit', () => {
    const none = reviewMarker([plan], ACCOUNT, shortest.length - 1);
    expect(none.length).toBeLessThan(120);
    expect(readReviewMarker(bodyWith(none), ACCOUNT)).toEqual({
      problem: 'has no plan, because the plan is too long for a comment',
      advice: 'Use a plan file: plan, approve and apply in one run',
    });
  });
});

test('a marker contains no secret', () => {
  keepSecret('a-secret-of-this-test');
  const line = reviewMarker([proposed(creating('a-secret-of-this-test', ['a']))], ACCOUNT, 10_000);
  const read = readReviewMarker(bodyWith(line), ACCOUNT);
  expect('reviewed' in read && read.reviewed.access.map(({ name }) => name)).toEqual(['***']);
});

describe('a marker is not accepted', () => {
  test.each([
    ['a comment without a plan', `${COMMENT}\n### Plan`, /contains no plan/],
    ['a plan that failed', bodyWith(failedPlanMarker(ACCOUNT)), /planning failed/],
    ['a plan of another account', bodyWith(reviewMarker([], 'another', 1000)), /a different account than 023e/],
    ['a line whose version ends with an extra letter', bodyWith(marker.replace(' v2 ', ' v2x ')), /damaged/],
    ['a line whose version starts with an extra letter', bodyWith(marker.replace(' v2 ', ' xv2 ')), /damaged/],
    ['another version', bodyWith(marker.replace(' v2 ', ' v1 ')), /in format v1.*reads v2/],
    ['a comment with two plans', bodyWith(`${marker}\n${marker}`), /several plans/],
    ['a plan with a removed step', bodyWith(marker.replace(/[A-Za-z0-9+/]{22}(?= \S+ -->)/, '')), /damaged/],
    ['a line without content', bodyWith('<!-- cloudflare-share-action-plan -->'), /no plan in it|damaged/],
    // A share can have any name, and the plan's diff shows it verbatim.
    ['a plan in the text below', `${COMMENT}\n### Plan\n\`\`\`diff\n${marker}\n\`\`\`\n`, /contains no plan/],
    ['a plan after text on the first line', `${COMMENT} x ${marker}\n`, /contains no plan/],
  ])('in %s', (_, body, problem) => expect(problemWith(body)).toMatch(problem));

  test('if any character is changed, added or removed', () => {
    fc.assert(
      fc.property(fc.nat(marker.length - 5), fc.constantFrom('', 'A', '+', ' '), fc.boolean(), (at, put, keep) => {
        const changed = `${marker.slice(0, at)}${put}${marker.slice(keep ? at : at + 1)}`;
        // Whitespace around and between its words is ignored.
        fc.pre(changed.replace(/\s+/g, ' ').trim() !== marker);
        expect(problemWith(bodyWith(changed))).not.toBe('none');
      }),
    );
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failedPlanMarker, readReviewMarker, reviewMarker } from '../../src/review/marker.ts';
import { digestOf, reviewed, unreviewed } from '../../src/share/review.ts';
import { ACCOUNT, creating } from './plans.ts';

const COMMENT = '<!-- cloudflare-share-action 0123 -->';
const bodyWith = (marker: string): string => `${COMMENT}\n${marker}\n### Plan for \`x\`\n`;
const problemWith = (body: string, account = ACCOUNT): string => {
  const read = readReviewMarker(body, account);
  return 'problem' in read ? read.problem : 'none';
};
const marker = reviewMarker([creating('S', ['a', 'b'])], ACCOUNT, 10_000);

test('whatever the plan, what is read is what was reviewed, and the line is one hidden comment of safe characters', () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.array(fc.string())), { maxLength: 4 }), (shares) => {
      const plans = shares.map(([name, to]) => creating(name, to));
      const line = reviewMarker(plans, ACCOUNT, 100_000);
      expect(line).toMatch(/^<!-- cloudflare-share-action-plan [A-Za-z0-9+/ ]+ -->$/);
      for (const end of ['\n', '\r\n']) {
        const read = readReviewMarker(`${COMMENT}${end}${line}${end}text`, ACCOUNT);
        expect(read).toEqual({ reviewed: reviewed(plans) });
        if ('reviewed' in read) expect(unreviewed(plans, read.reviewed)).toEqual([]);
      }
    }),
  ));

test('the case of the account does not matter', () => {
  expect(problemWith(bodyWith(reviewMarker([], 'ABC', 1000)), 'abc')).toBe('none');
});

test('a plan that is too long says so, in a few characters', () => {
  const plans = [
    creating(
      'S',
      Array.from({ length: 100 }, (_, i) => `a${i}`),
    ),
  ];
  const full = reviewMarker(plans, ACCOUNT, 10_000);
  expect(reviewMarker(plans, ACCOUNT, full.length)).toBe(full);
  const short = reviewMarker(plans, ACCOUNT, full.length - 1);
  expect(short.length).toBeLessThan(120);
  expect(problemWith(bodyWith(short))).toMatch(/Use a plan file/);
});

describe('what binds nothing', () => {
  test.each([
    ['a comment without a plan', `${COMMENT}\n### Plan`, /no plan in it/],
    ['a plan that failed', bodyWith(failedPlanMarker(ACCOUNT)), /planning failed/],
    ['a plan of another account', bodyWith(reviewMarker([], 'another', 1000)), /another account than 023e/],
    ['another version', bodyWith(marker.replace(' v1 ', ' v2 ')), /in the form v2.*reads v1/],
    ['two plans', bodyWith(`${marker}\n${marker}`), /several plans/],
    ['a plan with a step taken out', bodyWith(marker.replace(/[A-Za-z0-9+/]{22}(?= \S+ -->)/, '')), /damaged/],
    ['a line without words', bodyWith('<!-- cloudflare-share-action-plan -->'), /no plan in it|damaged/],
    // A share can have any name, and the diff of the plan shows it as it is.
    ['a plan in the text below', `${COMMENT}\n### Plan\n\`\`\`diff\n${marker}\n\`\`\`\n`, /no plan in it/],
    ['a plan behind text on the first line', `${COMMENT} x ${marker}\n`, /no plan in it/],
  ])('%s', (_, body, problem) => expect(problemWith(body)).toMatch(problem));

  test('a line that has fewer steps than it says', () => {
    const steps = [...reviewed([creating('S', ['a'])])];
    const lineWith = (n: number): string => {
      const words = ['v1', digestOf(`account ${ACCOUNT}`), String(n), steps.join('')];
      return `<!-- cloudflare-share-action-plan ${[...words, digestOf(words.join(' '))].join(' ')} -->`;
    };
    expect(problemWith(bodyWith(lineWith(steps.length)))).toBe('none');
    expect(problemWith(bodyWith(lineWith(steps.length + 1)))).toMatch(/damaged/);
  });

  test('a line with any one character changed, added or left out', () => {
    fc.assert(
      fc.property(fc.nat(marker.length - 5), fc.constantFrom('', 'A', '+', ' '), fc.boolean(), (at, put, keep) => {
        const changed = `${marker.slice(0, at)}${put}${marker.slice(keep ? at : at + 1)}`;
        // White space around and between its words means nothing.
        fc.pre(changed.replace(/\s+/g, ' ').trim() !== marker);
        expect(problemWith(bodyWith(changed))).not.toBe('none');
      }),
    );
  });
});

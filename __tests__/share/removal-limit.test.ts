// The limit on what prune removes, tested at its boundaries.

import { describe, expect, test } from '@jest/globals';
import { accessOf } from '../../src/share/access.ts';
import { removalGateOf } from '../../src/share/removal-limit.ts';
import type { ProposedPlan } from '../../src/share/review.ts';
import { justShare, type Observed } from '../../src/share/share.ts';
import { exclusion, OWNER, recipient, resource, share } from './values.ts';

type Listed = Parameters<typeof removalGateOf>[1];
const LISTED: Listed = [{ name: 'S' }, { name: 'T' }, { name: '', shareId: 'S9' }];
const many = <T>(n: number, of: (id: string) => T): T[] => Array.from({ length: n }, (_, i) => of(`x${i}`));

/** A plan and what existed before it. */
const proposed = (plan: Partial<ProposedPlan['plan']> = {}, before: Partial<Observed> = {}): ProposedPlan => ({
  plan: {
    name: 'S',
    action: 'update',
    share_id: 's1',
    rename: null,
    recipients: { add: [], remove: [], extra: [] },
    resources: { add: [], update: [], remove: [], extra: [] },
    ...plan,
  },
  before: accessOf({ ...justShare(share()), ...before }, {}),
});

/** A share with `existing` recipients, of which `staying` stay. */
const recipients = (existing: number, staying: number, plan: Partial<ProposedPlan['plan']> = {}): ProposedPlan =>
  proposed(
    { recipients: { add: [], remove: many(existing - staying, recipient), extra: [] }, ...plan },
    { recipients: [...many(existing, recipient), recipient('gone', { association_status: 'disassociated' })] },
  );
const objections = (plans: ProposedPlan[], limit = 0.3, listed: Listed = LISTED) =>
  removalGateOf(limit, listed)(plans).map((result) => result.objections);
const messages = (plans: ProposedPlan[], limit?: number): string[][] =>
  objections(plans, limit).map((problems) => problems.map(({ message }) => message));
/** The message about a plan that is made for the first of these shares while their plans are applied. */
const messageAbout = (later: ProposedPlan, plans: ProposedPlan[], listed: Listed = LISTED): string | undefined => {
  const results = removalGateOf(0.3, listed)(plans);
  expect(results.flatMap((result) => result.objections)).toEqual([]);
  return results[0]?.objectionTo(later)?.message;
};

test.each([
  ['0 of 20 recipients', 20, 20, 0],
  ['9 of 9 recipients', 9, 0, 0],
  ['10 of 10 recipients with a limit of 100%', 10, 0, 1],
  ['30 of 100 recipients (exactly the limit)', 100, 70, 0.3],
  ['10 of 34 recipients', 34, 24, 0.3],
  ['9 of 20 recipients with a limit of 0', 20, 11, 0],
  ['29 of 100 recipients with a limit of 29%', 100, 71, 29 / 100],
  ['70 of 1000 recipients with a limit of 7%', 1000, 930, 7 / 100],
  ['57 of 100 recipients with a limit of 57%', 100, 43, 57 / 100],
])('removing %s is allowed', (_, existing, staying, limit) => {
  expect(messages([recipients(existing, staying)], limit)).toEqual([[]]);
});

test.each([
  ['10 of 10 recipients', 10, 0, 0.3],
  ['31 of 100 recipients (one more than the limit)', 100, 69, 0.3],
  ['10 of 33 recipients', 33, 23, 0.3],
  ['10 of 20 recipients with a limit of 0', 20, 10, 0],
  ['58 of 100 recipients with a limit of 57%', 100, 42, 57 / 100],
])('removing %s is refused', (_, existing, staying, limit) => {
  expect(messages([recipients(existing, staying)], limit)).toEqual([[expect.any(String)]]);
});

test('the message states both numbers, the limit and how to proceed', () => {
  expect(objections([recipients(20, 5)], 0.125)).toEqual([
    [
      {
        message:
          'prune would remove 15 of the 20 recipients in the listed shares, but removal-limit is 12.5%. If this is intended, raise removal-limit or apply a reviewed plan (reviewed-plan)',
        kind: 'refusal',
      },
    ],
  ]);
});

describe('the limit on each kind', () => {
  test('applies to the sum of all listed shares, and is reported for those that lose something', () => {
    const over = [expect.stringContaining('11 of the 15 recipients')];
    const three = [recipients(6, 0), recipients(6, 1, { name: 'T' }), recipients(3, 3, { name: 'U', share_id: 's9' })];
    expect(messages(three)).toEqual([over, over, []]);
    expect(messages([...three, recipients(30, 30)])).toEqual([[], [], [], []]);
  });

  test('applies separately to recipients, resources, exclusions and unlisted shares', () => {
    const resources = proposed(
      { resources: { add: [], update: [], remove: many(10, resource), extra: [] } },
      { share: share({ resources: [...many(12, resource), resource('deleted', { status: 'deleted' })] }) },
    );
    const exclusions = proposed(
      { exclusions: { add: [], remove: many(10, exclusion), extra: [] } },
      { share: share({ target_type: 'organization' }), exclusions: many(11, exclusion) },
    );
    const unlisted = many(10, (id) => recipients(50, 0, { name: id, share_id: id, action: 'delete' }));
    const create = proposed({ action: 'create', share_id: null });
    expect(messages([recipients(10, 1), resources, exclusions, create, ...unlisted])).toEqual([
      [],
      [expect.stringContaining('10 of the 12 resources in the listed shares')],
      [expect.stringContaining('10 of the 11 exclusions in the listed shares')],
      [],
      ...many(10, () => [expect.stringContaining('10 of the 13 shares that the account sends')]),
    ]);
  });

  test('counts the recipients of shares in sync, even if they were not read', () => {
    const inSync = {
      ...proposed({ name: 'T', action: 'none' }),
      before: accessOf(justShare(share()), { recipients: many(90, (id) => ({ account_id: id })) }),
    };
    expect(messages([recipients(10, 0), inSync])).toEqual([[], []]);
    expect(messages([recipients(10, 0)])).toHaveLength(1);
    expect(messages([proposed({}, { share: share({ target_type: 'organization' }) })])).toEqual([[]]);
  });
});

test.each(['delete', 'replace', 'create'] as const)(
  'a plan to %s a listed share does not count as pruning',
  (action) => {
    const resources = {
      add: [],
      update: [],
      remove: many(20, (id) => resource(id, { resource_account_id: OWNER })),
      extra: [],
    };
    expect(messages([recipients(20, 0, { action, resources })], 0)).toEqual([[]]);
  },
);

test('deleting listed shares that should be absent does not count as pruning', () => {
  const plans = many(12, (id) => proposed({ name: id, share_id: id, action: 'delete' }));
  const listed = many(12, (name) => ({ name }));
  expect(objections(plans, 0, listed).flat()).toEqual([]);
  expect(objections(plans, 0).flat()).toHaveLength(12);
});

test('unlisted shares that stay do not count as removed', () => {
  const plans = many(10, (id) => proposed({ name: id, share_id: id, action: 'none', unlisted: true }));
  expect(messages(plans, 0).flat()).toEqual([]);
});

describe('a plan made while another one is applied', () => {
  const other = recipients(100, 100, { name: 'T' });
  const create = proposed({ action: 'create', share_id: null });

  test('is stopped when its share did not exist at the start of the run', () => {
    expect(messageAbout(recipients(60, 10), [create, other])).toContain('50 of the 160 recipients');
    expect(messageAbout(recipients(60, 20), [create, other])).toBeUndefined();
  });

  test('counts even if its name has another Unicode normalization than in the file', () => {
    const [nfc, nfd] = ['NFC', 'NFD'].map((form) => 'Zürich'.normalize(form)) as [string, string];
    const about = (later: ProposedPlan) => messageAbout(later, [recipients(40, 29, { name: nfc })], [{ name: nfc }]);
    expect(about(recipients(40, 29, { name: nfd }))).toBeUndefined();
    expect(about(recipients(40, 27, { name: nfd }))).toContain('13 of the 40 recipients');
  });

  test('counts separately from an unlisted share with the same name', () => {
    const unlisted = (id: string, action: 'delete' | 'none') => proposed({ name: 'Twin', share_id: id, action });
    const gone = many(8, (id) => proposed({ name: id, share_id: id, action: 'delete' }));
    const plans = [unlisted('1', 'none'), unlisted('2', 'delete'), ...gone];
    expect(messageAbout(unlisted('1', 'delete'), plans)).toContain('10 of the 10 shares');
  });

  test('counts once even if the share has been renamed', () => {
    const byId = recipients(40, 29, { share_id: 'S9', name: 'Old' });
    expect(messageAbout(recipients(40, 29, { share_id: 'S9', name: 'New' }), [byId])).toBeUndefined();
  });

  test('is allowed when it contains only the same removals', () => {
    const plans = [recipients(20, 5), other];
    expect(messageAbout(recipients(20, 5), plans)).toBeUndefined();
    expect(messageAbout(recipients(16, 5), plans)).toBeUndefined();
  });
});

test("each plan's items are counted once per run, however many shares there are", () => {
  let visits = 0;
  const watched = (name: string): ProposedPlan => {
    const { plan, before } = proposed({ name });
    return {
      plan,
      get before() {
        visits += 1;
        return before;
      },
    };
  };
  const visitsWith = (count: number): number => {
    const plans = Array.from({ length: count }, (_, i) => watched(`Share ${i}`));
    const gate = removalGateOf(
      0.3,
      plans.map(({ plan }) => plan),
    );
    visits = 0;
    for (const [i, { objectionTo }] of gate(plans).entries()) objectionTo(plans[i] as ProposedPlan);
    return visits;
  };
  const [few, many] = [visitsWith(20), visitsWith(200)];
  expect(few).toBeGreaterThan(0);
  expect(many).toBe(few * 10);
});

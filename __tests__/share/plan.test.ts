import { describe, expect, test } from '@jest/globals';
import {
  type Agreement,
  agreementOf,
  changesAnything,
  extrasIn,
  finishesElection,
  hasDrift,
  isChange,
  itemIdentity,
  itemsOf,
  itemsWith,
  itemWords,
  onlyUpdates,
  type PlanItem,
  publicPlan,
  type Reach,
  reachOf,
  resourceIds,
  type SharePlan,
  withExtrasOf,
} from '../../src/share/plan.ts';
import type { Share } from '../../src/share/share.ts';
import {
  desired,
  desiredResource,
  desiredWithoutLists,
  exclusion,
  plan,
  resource,
  share,
  there,
  thereResource,
} from './values.ts';

const updated = { ...thereResource('r3'), meta: { on: true }, previous_meta: {} };

const full = plan({
  action: 'update',
  recipients: { add: [{ account_id: 'a1' }, {}], remove: [there('a2')], extra: [there('a3')] },
  resources: {
    add: [desiredResource('r1')],
    update: [updated],
    remove: [thereResource('r2')],
    extra: [thereResource('r4')],
  },
  exclusions: { add: [{ account_id: 'a4' }], remove: [exclusion('a5')], extra: [exclusion('a6')] },
});

describe('the items of a plan', () => {
  const table: [PlanItem, Reach, string][] = [
    [{ op: 'add', kind: 'recipient', item: { account_id: 'a1' } }, 'more', 'recipient a1'],
    [{ op: 'add', kind: 'recipient', item: {} }, 'more', 'the whole organization'],
    [{ op: 'remove', kind: 'recipient', item: there('a2') }, 'less', 'recipient a2'],
    [{ op: 'extra', kind: 'recipient', item: there('a3') }, 'same', 'recipient a3'],
    [{ op: 'add', kind: 'resource', item: desiredResource('r1') }, 'more', 'resource gateway-policy r1'],
    [{ op: 'update', kind: 'resource', item: updated }, 'same', 'resource gateway-policy r3'],
    [{ op: 'remove', kind: 'resource', item: thereResource('r2') }, 'less', 'resource gateway-policy r2'],
    [{ op: 'extra', kind: 'resource', item: thereResource('r4') }, 'same', 'resource gateway-policy r4'],
    [{ op: 'add', kind: 'exclusion', item: { account_id: 'a4' } }, 'less', 'exclusion of account a4'],
    [{ op: 'remove', kind: 'exclusion', item: exclusion('a5') }, 'more', 'exclusion of account a5'],
    [{ op: 'extra', kind: 'exclusion', item: exclusion('a6') }, 'same', 'exclusion of account a6'],
  ];

  test.each(table.map(([item, reach, words], at) => ({ at, item, reach, words })))(
    'include at index $at: $item.op $words',
    ({ at, item, reach, words }) => {
      expect(itemsOf(full)[at]).toEqual(item);
      expect(reachOf(item)).toBe(reach);
      expect(itemWords(item)).toBe(words);
      expect(isChange(item)).toBe(item.op !== 'extra');
    },
  );

  test('include every item of every list', () => {
    const { recipients, resources, exclusions } = full;
    const entries = [recipients, resources, exclusions ?? {}].flatMap((lists) => Object.values(lists).flat());
    expect(itemsOf(full)).toHaveLength(entries.length);
    expect(itemsOf(full)).toHaveLength(11);
  });

  test('are none for a plan without changes or unlisted items', () => {
    expect(itemsOf(plan())).toEqual([]);
  });

  test('can be selected by kind and operation', () => {
    expect(itemsWith(itemsOf(full), 'recipient', 'add')).toEqual([{ account_id: 'a1' }, {}]);
    expect(itemsWith(itemsOf(full), 'resource', 'update')).toEqual([updated]);
    expect(itemsWith(itemsOf(full), 'exclusion', 'extra')).toEqual([exclusion('a6')]);
    expect(itemsWith(itemsOf(plan()), 'exclusion', 'add')).toEqual([]);
  });
});

test('only items that stay, and an unlisted share, count as extras', () => {
  expect([full, { ...full, unlisted: true as const }, plan()].map(extrasIn)).toEqual([3, 4, 0]);
});

test('the identity of an item is its kind and its ids, whatever the case of the ids', () => {
  expect(itemsOf(full).map(itemIdentity)).toEqual(
    itemsOf(full).map(({ kind, item }) => {
      if (kind === 'resource') return ['resource', item.resource_type, item.resource_id, item.resource_account_id];
      const account = 'account_id' in item ? item.account_id : undefined;
      if (kind === 'exclusion') return ['excluded', account];
      return account === undefined ? ['organization', ''] : ['account', account];
    }),
  );
  const organization = { organization_id: 'O1' };
  expect(itemIdentity({ op: 'add', kind: 'recipient', item: organization })).toEqual(['organization', 'o1']);
  expect(itemIdentity({ op: 'add', kind: 'recipient', item: { recipient_account_id: 'A1' } })).toEqual([
    'account',
    'a1',
  ]);
  expect(itemIdentity({ op: 'add', kind: 'exclusion', item: { account_id: 'A1' } })).toEqual(['excluded', 'a1']);
});

test('onlyUpdates keeps nothing but the updates', () => {
  const { exclusions, ...rest } = full;
  expect(onlyUpdates({ ...full, rename: { from: 'A', to: 'B' } })).toEqual({
    ...rest,
    rename: null,
    recipients: { add: [], remove: [], extra: [] },
    resources: { add: [], update: [updated], remove: [], extra: [] },
  });
});

describe('the plan in outputs and plan files', () => {
  test.each([
    [{ account_id: 'a1' }, 'o1', { account_id: 'a1' }],
    [{ recipient_account_id: 'a1' }, undefined, { account_id: 'a1' }],
    [{ organization_id: 'o2' }, 'o1', { organization_id: 'o2' }],
    [{}, 'o1', { organization_id: 'o1' }],
    [{}, undefined, {}],
  ])("shows recipient %j (owner's organization: %s) as %j", (item, organization, shown) => {
    const planned = plan({ recipients: { add: [item], remove: [], extra: [there('a3')] } });
    expect(publicPlan(planned, organization)).toStrictEqual({
      ...planned,
      recipients: { add: [shown], remove: [], extra: [there('a3')] },
    });
  });
});

describe('the changes, unlisted items and drift of a plan', () => {
  const extra = plan({
    recipients: { add: [], remove: [], extra: [there('a2')] },
    resources: { add: [], update: [], remove: [], extra: [thereResource('r2'), thereResource('r3')] },
    exclusions: { add: [], remove: [], extra: [exclusion('a1'), exclusion('a2'), exclusion('a3')] },
  });
  const PLANS: [SharePlan, { changes: boolean; extras: number; drift: boolean }][] = [
    [plan(), { changes: false, extras: 0, drift: false }],
    [extra, { changes: false, extras: 6, drift: true }],
    [plan({ unlisted: true }), { changes: false, extras: 1, drift: true }],
    [
      { ...extra, unlisted: true as const },
      { changes: false, extras: 7, drift: true },
    ],
    [plan({ action: 'update' }), { changes: true, extras: 0, drift: true }],
    [plan({ action: 'create' }), { changes: true, extras: 0, drift: true }],
  ];
  test.each(PLANS.map(([planned, expected]): [object, SharePlan] => [expected, planned]))(
    'are counted: %j',
    (expected, planned) => {
      const counted = { changes: changesAnything(planned), extras: extrasIn(planned), drift: hasDrift(planned) };
      expect(counted).toEqual(expected);
    },
  );
});

const EXTRAS = { recipients: { add: [], remove: [], extra: [there('a')] } };
test.each<[string, SharePlan, boolean | undefined, Agreement]>([
  ['is going to change', plan({ action: 'update', unlisted: true }), true, 'differs'],
  ['is not in the file', plan({ ...EXTRAS, unlisted: true }), undefined, 'unlisted'],
  ['neither exists nor should exist', plan({ share_id: null }), true, 'gone'],
  ['is kept', plan(EXTRAS), true, 'kept'],
  ['has unlisted items', plan(EXTRAS), undefined, 'extras'],
  ['has no unlisted items', plan(), undefined, 'in sync'],
])('describes how a share compares with the file if it %s', (_, of, kept, agreement) => {
  expect(agreementOf(of, kept)).toBe(agreement);
});

describe('resource ids', () => {
  const found: Share = share({
    resources: [
      resource('extra'),
      resource('b'),
      resource('gone', { status: 'deleted' }),
      resource('a'),
      resource('another'),
    ],
  });
  test('start with the listed resources, in the listed order, and omit deleted ones', () => {
    const wanted = desired({ resources: [desiredResource('a'), desiredResource('b')] });
    expect(resourceIds(found, wanted)).toEqual(['share-a', 'share-b', 'share-extra', 'share-another']);
  });

  test("have the API's order when nothing is listed", () => {
    const inOrder = ['share-extra', 'share-b', 'share-a', 'share-another'];
    expect(resourceIds(found, undefined)).toEqual(inOrder);
    expect(resourceIds(found, desiredWithoutLists())).toEqual(inOrder);
  });
});

test("withExtrasOf replaces an announced plan's unlisted items with the latest ones", () => {
  const was = [there('a2'), thereResource('r2')] as const;
  const stays = [there('a3'), thereResource('r3')] as const;
  const announced = plan({
    action: 'update',
    recipients: { add: [{ account_id: 'a1' }], remove: [], extra: [was[0]] },
    resources: { add: [], update: [], remove: [thereResource('r1')], extra: [was[1]] },
  });
  const latest = plan({
    recipients: { add: [{ account_id: 'a9' }], remove: [], extra: [stays[0]] },
    resources: { add: [], update: [], remove: [], extra: [stays[1]] },
  });
  const told = {
    ...announced,
    recipients: { ...announced.recipients, extra: [stays[0]] },
    resources: { ...announced.resources, extra: [stays[1]] },
  };
  expect(withExtrasOf(announced, latest)).toEqual(told);

  const exclusions = { add: [{ account_id: 'a4' }], remove: [], extra: [exclusion('a5')] };
  const left = { add: [], remove: [], extra: [exclusion('a6')] };
  expect(withExtrasOf(announced, { ...latest, exclusions: left })).toEqual(told);
  expect(withExtrasOf({ ...announced, exclusions }, { ...latest, exclusions: left }).exclusions).toEqual({
    ...exclusions,
    extra: left.extra,
  });
  expect(withExtrasOf({ ...announced, exclusions }, latest).exclusions).toEqual({ ...exclusions, extra: [] });
});

test.each([
  [null, false],
  [{ from: 'Old', to: 'S' }, false],
  [{ from: 'S [creating 0123456789ab]', to: 'S' }, true],
])('the rename %j finishes an election: %j', (rename, finishes) => {
  expect(finishesElection(plan({ rename }))).toBe(finishes);
});

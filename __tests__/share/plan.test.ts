import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { equalJson } from '../../src/share/json.ts';
import { type Found, hasDrift, planFor, planToCreate, planToDelete, resourceIds } from '../../src/share/plan.ts';
import {
  accountOf,
  isLeaving,
  oldestFirst,
  type Recipient,
  type RecipientItem,
  type Share,
  targetOf,
} from '../../src/share/share.ts';
import type { Wish } from '../../src/share/wish.ts';

const ACCOUNTS = ['a1', 'a2', 'a3', 'a4'];
const RESOURCES = ['r1', 'r2', 'r3'];
const STATUSES = ['associating', 'associated', 'disassociating', 'disassociated'];

const meta = fc.constantFrom<Record<string, unknown>>({}, { a: 1 }, { a: { b: [1, null] }, c: 'x' });
const item =
  (key: string) =>
  (account: string): RecipientItem => ({ [key]: account });

const wishArb: fc.Arbitrary<Wish> = fc
  .record({
    recipients: fc.subarray(ACCOUNTS, { minLength: 1 }),
    newer: fc.boolean(),
    resources: fc.subarray(RESOURCES, { minLength: 1 }),
    metas: fc.array(meta, { minLength: 3, maxLength: 3 }),
    organization: fc.boolean(),
  })
  .map(({ recipients, newer, resources, metas, organization }) => ({
    name: 'S',
    accountId: 'owner',
    recipients: organization ? [{}] : recipients.map(item(newer ? 'recipient_account_id' : 'account_id')),
    resources: resources.map((resource_id, i) => ({
      resource_type: 't',
      resource_id,
      resource_account_id: 'owner',
      meta: metas[i] ?? {},
    })),
    target: organization ? ('organization' as const) : ('account' as const),
    placeOf: () => ({ label: '' }),
  }));

const foundArb: fc.Arbitrary<Found> = fc
  .record({
    name: fc.constantFrom('S', 'Old'),
    target: fc.constantFrom('account', 'organization'),
    recipients: fc.uniqueArray(fc.tuple(fc.constantFrom(...ACCOUNTS, 'a9'), fc.constantFrom(...STATUSES)), {
      selector: ([a]) => a,
    }),
    resources: fc.uniqueArray(
      fc.tuple(fc.constantFrom(...RESOURCES, 'r9'), meta, fc.constantFrom('active', 'deleting', 'deleted')),
      { selector: ([r]) => r },
    ),
  })
  .map(({ name, target, recipients, resources }) => ({
    share: {
      id: 's1',
      name,
      status: 'active',
      target_type: target,
      organization_id: 'o',
      created: '2026-01-01T00:00:00Z',
      resources: resources.map(([resource_id, m, status], i) => ({
        id: `x${i}`,
        resource_type: 't',
        resource_id,
        resource_account_id: 'owner',
        meta: m,
        status,
      })),
    } as unknown as Share,
    recipients: recipients.map(
      ([account_id, association_status], i) =>
        ({ id: `p${i}`, account_id, association_status }) as unknown as Recipient,
    ),
  }));

/** What the API would show after the plan was carried out. */
function carryOut(found: Found, wish: Wish, plan: ReturnType<typeof planFor>): Found {
  if (plan.action === 'replace') {
    return {
      share: {
        ...found.share,
        id: 's2',
        name: wish.name,
        target_type: wish.target ?? 'account',
        resources: (wish.resources ?? []).map((r, i) => ({ ...r, id: `n${i}`, status: 'active' })),
      } as unknown as Share,
      recipients:
        wish.target === 'account'
          ? (wish.recipients ?? []).map(
              (r, i) =>
                ({ id: `m${i}`, account_id: accountOf(r), association_status: 'associating' }) as unknown as Recipient,
            )
          : [],
    };
  }
  const removed = new Set(plan.recipients.remove.map(({ id }) => id));
  const goneResources = new Set(plan.resources.remove.map(({ id }) => id));
  const updated = new Map(plan.resources.update.map((r) => [r.id, r.meta]));
  const readded = new Set(plan.recipients.add.map(accountOf));
  return {
    share: {
      ...found.share,
      name: plan.rename?.to ?? found.share.name,
      resources: [
        ...(found.share.resources ?? []).map((r) => ({
          ...r,
          status: goneResources.has(r.id) ? 'deleting' : r.status,
          meta: updated.has(r.id) ? updated.get(r.id) : r.meta,
        })),
        ...plan.resources.add.map((r, i) => ({ ...r, id: `n${i}`, status: 'active' })),
      ],
    } as unknown as Share,
    recipients: [
      ...(found.recipients ?? [])
        .filter((r) => !readded.has(r.account_id))
        .map((r) => (removed.has(r.id) ? { ...r, association_status: 'disassociating' } : r)),
      ...plan.recipients.add.map(
        (r, i) =>
          ({ id: `m${i}`, account_id: accountOf(r), association_status: 'associating' }) as unknown as Recipient,
      ),
    ],
  };
}

describe('planning', () => {
  test('what is planned, carried out and planned again is nothing', () =>
    fc.assert(
      fc.property(wishArb, foundArb, fc.boolean(), (wish, found, prune) => {
        const plan = planFor(wish, found, { prune });
        const after = planFor(wish, carryOut(found, wish, plan), { prune });
        expect(after.action).toBe('none');
        if (prune) expect(hasDrift(after)).toBe(false);
      }),
      { numRuns: 500 },
    ));

  test('without prune nothing is removed from a share that stays; what is there and not listed is said either way', () =>
    fc.assert(
      fc.property(wishArb, foundArb, (wish, found) => {
        const [kept, pruned] = [planFor(wish, found, { prune: false }), planFor(wish, found, { prune: true })];
        fc.pre(kept.action !== 'replace');
        expect(kept.recipients.remove).toEqual([]);
        expect(kept.resources.remove).toEqual([]);
        expect(pruned.recipients).toEqual({ ...kept.recipients, remove: kept.recipients.extra, extra: [] });
        expect(pruned.resources).toEqual({ ...kept.resources, remove: kept.resources.extra, extra: [] });
      }),
    ));

  test('who is on the way out is not there: wished, it is added; not wished, it is nobody to remove', () =>
    fc.assert(
      fc.property(wishArb, foundArb, (wish, found) => {
        const plan = planFor(wish, found, { prune: true });
        fc.pre(plan.action !== 'replace' && wish.target === 'account');
        const leaving = new Set((found.recipients ?? []).filter(isLeaving).map((r) => r.account_id));
        const added = new Set(plan.recipients.add.map(accountOf));
        for (const account of leaving)
          expect(added.has(account)).toBe((wish.recipients ?? []).some((r) => accountOf(r) === account));
        for (const r of plan.recipients.remove) expect(leaving.has(r.account_id)).toBe(false);
      }),
    ));

  test('accounts and organization are never changed in place', () =>
    fc.assert(
      fc.property(wishArb, foundArb, fc.boolean(), (wish, found, prune) => {
        expect(planFor(wish, found, { prune }).action === 'replace').toBe(wish.target !== found.share.target_type);
      }),
    ));

  test('another organization than the share has is a replacement, and a list that is not given is left alone', () => {
    const share = {
      id: 's',
      name: 'S',
      target_type: 'organization',
      organization_id: 'o1',
      resources: [],
    } as unknown as Share;
    const wish = {
      name: 'S',
      accountId: 'o',
      recipients: [{ organization_id: 'o2' }],
      target: 'organization' as const,
      placeOf: () => ({ label: '' }),
    };
    expect(planFor(wish, { share }, { prune: true }).action).toBe('replace');
    expect(planFor({ ...wish, recipients: [{ organization_id: 'o1' }] }, { share }, { prune: true }).action).toBe(
      'none',
    );
    expect(planFor({ name: 'T', accountId: 'o', placeOf: wish.placeOf }, { share }, { prune: true })).toMatchObject({
      action: 'update',
      rename: { from: 'S', to: 'T' },
    });
  });

  test('plans of a share that is not there', () => {
    const wish = { name: 'S', accountId: 'o', placeOf: () => ({ label: '' }) };
    expect(planToCreate(wish)).toMatchObject({ action: 'create', share_id: null });
    expect(planToDelete('S', undefined)).toMatchObject({ action: 'none', share_id: null });
  });
});

test('meta compares as JSON values, whatever the order of keys', () => {
  const shuffled = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shuffled)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([k, v]) => [k, shuffled(v)]),
          )
        : value;
  fc.assert(fc.property(fc.jsonValue(), (value) => equalJson(value, shuffled(value))));
  for (const [a, b] of [
    [{}, []],
    [{ a: 1 }, {}],
    [[1], [1, 2]],
    [null, {}],
    [1, '1'],
    [{ a: undefined }, { b: undefined }],
  ])
    expect(equalJson(a, b)).toBe(false);
});

test('of namesakes the oldest comes first, to the microsecond, then by id', () => {
  const share = (id: string, created: string) => ({ id, created }) as Share;
  const order = [
    share('b', '2026-01-01T00:00:00.000001Z'),
    share('a', '2026-01-01T00:00:00.000002Z'),
    share('c', '2026-01-01T00:00:00.000002Z'),
    share('d', '2026-01-01T00:00:01Z'),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(order, { minLength: 4 }), (shares) => expect(oldestFirst(shares)).toEqual(order)),
  );
});

test('resource ids: the listed ones first and in the listed order, none that is gone', () => {
  const r = (id: string, resource_id: string, status = 'active') => ({
    id,
    resource_id,
    resource_type: 't',
    resource_account_id: 'o',
    status,
  });
  const share = {
    resources: [r('1', 'extra'), r('2', 'b'), r('3', 'a'), r('4', 'gone', 'deleted')],
  } as unknown as Share;
  const wish = {
    resources: ['a', 'b'].map((resource_id) => ({
      resource_type: 't',
      resource_id,
      resource_account_id: 'o',
      meta: {},
    })),
  } as unknown as Wish;
  expect(resourceIds(share, wish)).toEqual(['3', '2', '1']);
});

test('one recipient without an account makes it an organization', () => {
  expect(targetOf([{ account_id: 'a' }])).toBe('account');
  expect(targetOf([{}])).toBe('organization');
});

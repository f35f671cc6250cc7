import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isCreatable } from '../../src/share/desired.ts';
import {
  accountOf,
  asSent,
  idKey,
  isLeaving,
  isLive,
  isOwnedBy,
  justShare,
  liveRecipients,
  liveResources,
  oldestFirst,
  repeatedResources,
  resourceKey,
  type Share,
  type ShareResource,
  sameId,
  sameName,
  targetOf,
} from '../../src/share/share.ts';
import { desired, desiredResource, desiredWithoutLists, OWNER, recipient, resource, share } from './values.ts';

describe('a recipient item', () => {
  test('names its account under either of its keys', () => {
    expect(accountOf({ account_id: 'a1' })).toBe('a1');
    expect(accountOf({ recipient_account_id: 'a2' })).toBe('a2');
    expect(accountOf({ organization_id: 'o1' })).toBeUndefined();
    expect(accountOf({})).toBeUndefined();
  });

  test('makes the target an organization if it names no account', () => {
    expect(targetOf([{ account_id: 'a1' }, { recipient_account_id: 'a2' }])).toBe('account');
    expect(targetOf([{ account_id: 'a1' }, {}])).toBe('organization');
    expect(targetOf([{ organization_id: 'o1' }])).toBe('organization');
  });
});

describe('a comparison key', () => {
  test('ignores the case of ids', () => {
    expect(idKey('aB-9')).toBe('ab-9');
  });

  test('tells whether two ids or names are the same, and an unknown one equals nothing', () => {
    expect([sameId('aB', 'Ab'), sameId('a', 'b')]).toEqual([true, false]);
    expect([sameName('Zürich', 'Zürich'.normalize('NFD')), sameName('a', 'A')]).toEqual([true, false]);
    for (const [a, b] of [
      [undefined, 'a'],
      ['a', undefined],
      [undefined, undefined],
    ])
      expect([sameId(a, b), sameId(a ?? null, b ?? null), sameName(a, b)]).toEqual([false, false, false]);
  });

  test('identifies a resource by type, id and owner, regardless of its meta', () => {
    const key = resourceKey(desiredResource('r1', { a: 1 }));
    expect(resourceKey(resource('R1', { resource_account_id: OWNER.toUpperCase() }))).toBe(key);
    expect(resourceKey(desiredResource('r2'))).not.toBe(key);
    expect(resourceKey({ ...desiredResource('r1'), resource_type: 'custom-ruleset' })).not.toBe(key);
    expect(resourceKey({ ...desiredResource('r1'), resource_account_id: 'another' })).not.toBe(key);
  });
});

describe('the live parts of a share', () => {
  test.each([
    ['active', true],
    ['suspended', true],
    ['deleting', false],
    ['deleted', false],
  ])('include a share or resource that is %s: %s', (status, live) => {
    expect(isLive({ status })).toBe(live);
  });

  test.each([
    ['associating', false],
    ['associated', false],
    ['paused', false],
    ['disassociating', true],
    ['disassociated', true],
  ])('omit a recipient that is %s: %s', (association_status, leaving) => {
    expect(isLeaving(recipient('a1', { association_status }))).toBe(leaving);
  });

  test('are repeated if the share contains the same resource again', () => {
    const copy = (id: string, hour: number, parts: Partial<ShareResource> = {}): ShareResource =>
      resource('r1', { id, created: `2026-01-01T0${hour}:00:00Z`, ...parts });
    const [a, b, c] = [copy('a', 3), copy('b', 1), copy('c', 2)];
    const others = [
      resource('r2'),
      resource('r1', { resource_account_id: 'other' }),
      copy('d', 0, { status: 'deleted' }),
    ];
    expect(repeatedResources(share({ resources: [a, ...others, b, c] }))).toEqual([[b, c, a]]);
    expect(repeatedResources(share({ resources: others }))).toEqual([]);
  });

  test('are the resources that are not deleted and the recipients that have not left', () => {
    const kept = resource('r1');
    expect(liveResources(share({ resources: [kept, resource('r2', { status: 'deleted' })] }))).toEqual([kept]);
    const { resources, ...without } = share();
    expect(liveResources(without)).toEqual([]);
    const gone = recipient('a2', { association_status: 'disassociated' });
    expect(liveRecipients([recipient('a1'), gone])).toEqual([recipient('a1')]);
  });

  test('belong to the account unless the API names another owner', () => {
    expect(isOwnedBy(share({ account_id: OWNER.toUpperCase() }), OWNER)).toBe(true);
    expect(isOwnedBy(share({ account_id: '' }), OWNER)).toBe(true);
    expect(isOwnedBy({ ...share(), account_id: undefined } as unknown as Share, OWNER)).toBe(true);
    expect(isOwnedBy(share({ account_id: 'another' }), OWNER)).toBe(false);
    const { account_id: _, ...unnamed } = share();
    expect([undefined, 'sent', 'received'].map((kind) => isOwnedBy({ ...unnamed, kind } as Share, OWNER))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

test('justShare marks the recipients and exclusions as not read', () => {
  expect(justShare(share())).toEqual({ share: share(), recipients: 'not-read', exclusions: 'not-read' });
});

test('a resource is sent with an empty meta if none is given', () => {
  const { meta, ...unmanaged } = desiredResource('r1', { a: 1 });
  expect([asSent(unmanaged), asSent({ ...unmanaged, meta })].map((sent) => sent.meta)).toEqual([{}, { a: 1 }]);
});

test('a share can be created if its lists and its target are known', () => {
  expect(isCreatable(desired())).toBe(true);
  for (const key of ['recipients', 'resources', 'target'] as const) {
    const { [key]: _, ...rest } = desired();
    expect(isCreatable(rest)).toBe(false);
  }
  expect(isCreatable(desiredWithoutLists())).toBe(false);
});

describe('sorting shares by age', () => {
  const order = [
    share({ id: 'z', created: '2025-12-31T23:59:59.999999Z' }),
    share({ id: 'b', created: '2026-01-01T00:00:00Z' }),
    share({ id: 'c', created: '2026-01-01T00:00:00.000001Z' }),
    share({ id: 'a', created: '2026-01-01T00:00:00.000002Z' }),
    share({ id: 'd', created: '2026-01-01T00:00:00.000002Z' }),
    share({ id: 'f', created: '2026-01-01T00:00:00.0001Z' }),
    share({ id: 'g', created: '2026-01-01T00:00:00.000100Z' }),
    share({ id: 'h', created: '2026-01-01T00:00:00.0001Z' }),
    share({ id: 'e', created: '2026-01-01T01:00:00.0002+01:00' }),
    share({ id: '9', created: '2026-01-01T00:00:01Z' }),
  ];

  test('is exact to the microsecond, then by id', () =>
    fc.assert(
      fc.property(fc.shuffledSubarray(order, { minLength: order.length }), (shares) =>
        expect(oldestFirst(shares)).toEqual(order),
      ),
    ));

  test('uses the id for equal and invalid timestamps', () => {
    const twice = [share({ id: 'a' }), share({ id: 'a' })];
    expect(oldestFirst(twice)).toEqual(twice);
    const timeless = [share({ id: 'b', created: 'soon' }), share({ id: 'a', created: 'late' })];
    expect(oldestFirst(timeless).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('orders two shares regardless of the others, even with invalid timestamps', () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ id: fc.string(), created: fc.constantFrom('', 'soon', '2025', '2026-01-02') }), {
          selector: ({ id }) => id,
          minLength: 2,
          maxLength: 8,
        }),
        (made) => {
          const ids = (shares: readonly Share[]): string[] => oldestFirst(shares).map(({ id }) => id);
          const shares = made.map((one) => share(one));
          const all = ids(shares);
          for (const a of shares)
            for (const b of shares)
              if (a !== b) expect(ids([a, b])).toEqual(all.filter((id) => [a.id, b.id].includes(id)));
        },
      ),
    ));

  test('does not modify the list', () => {
    const shares = [share({ id: 'b' }), share({ id: 'a' })];
    oldestFirst(shares);
    expect(shares.map(({ id }) => id)).toEqual(['b', 'a']);
  });
});

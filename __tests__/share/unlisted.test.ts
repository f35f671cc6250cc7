import { expect, jest, test } from '@jest/globals';
import type { DesiredShare } from '../../src/share/desired.ts';
import type { Share } from '../../src/share/share.ts';
import { temporaryName } from '../../src/share/temporary-name.ts';
import { unlistedShares, unlistedUnreadable } from '../../src/share/unlisted.ts';
import { desired, OWNER, share } from './values.ts';

const NOW_MS = Date.parse('2026-01-01T12:00:00Z');
const OLD = '2026-01-01T11:57:59Z';
const YOUNG = '2026-01-01T11:58:00Z';
const temporaryOf = (name: string): string => `${name} [creating 0123456789ab]`;

const listed = [
  desired(),
  desired({ name: 'T', previousName: 'Former', shareId: 's9' }),
  desired({ name: 'Zürich'.normalize('NFC') }),
];
const idsOf = (shares: Share[], file: DesiredShare[] = listed): (string | undefined)[] =>
  unlistedShares(file, shares, OWNER, NOW_MS).map(({ shareId }) => shareId);

test('unlisted shares become absent shares, oldest first', () => {
  const shares = [
    share({ id: 's2', name: 'Younger', created: '2026-01-02T00:00:00Z' }),
    share({ id: 's1', name: 'Older', created: '2026-01-01T00:00:00Z' }),
  ];
  const [first, second, ...others] = unlistedShares(listed, shares, OWNER, NOW_MS);
  expect(first).toEqual({
    name: 'Older',
    accountId: OWNER,
    state: 'absent',
    shareId: 's1',
    unlisted: true,
    placeOf: expect.any(Function),
  });
  expect(first?.placeOf([])).toEqual({ label: 'shares' });
  expect(second?.shareId).toBe('s2');
  expect(others).toEqual([]);
});

test.each<[string, Partial<Share>, boolean]>([
  ['another name', { name: 'Other' }, true],
  ['another name and an unknown status', { name: 'Other', status: 'suspended' }, true],
  ['a listed name', { name: 'S' }, false],
  ['the previous name of a listed share', { name: 'Former' }, false],
  ['a listed name in another normalization', { name: 'Zürich'.normalize('NFD') }, false],
  ['a listed id', { id: 'S9', name: 'Other' }, false],
  ['another account', { name: 'Other', account_id: 'another' }, false],
  ['another name, being deleted', { name: 'Other', status: 'deleting' }, false],
  ['an old temporary name for an unlisted share', { name: temporaryOf('Other'), created: OLD }, true],
  [
    'a recent temporary name for an unlisted share, because another run is working on it',
    { name: temporaryOf('Other'), created: YOUNG },
    false,
  ],
  ['a temporary name and an invalid timestamp', { name: temporaryOf('Other'), created: 'soon' }, false],
  [
    'an old temporary name for a listed share, which takes part in its election',
    { name: temporaryOf('S'), created: OLD },
    false,
  ],
  ['an old temporary name for a previous name', { name: temporaryOf('Former'), created: OLD }, false],
])('tells whether a share is unlisted: %s', (_, parts, unlisted) => {
  expect(idsOf([share({ id: 's7', ...parts })])).toEqual(unlisted ? ['s7'] : []);
});

test('an old share with a shortened temporary name takes part in the election of its listed name', () => {
  const [long, other] = ['a', 'b'].map((end) => `${'x'.repeat(250)}${end}`) as [string, string];
  const left = share({ id: 's7', name: temporaryName(long, '0123456789ab'), created: OLD });
  expect(idsOf([left], [desired({ name: long })])).toEqual([]);
  expect(idsOf([left], [desired({ name: other })])).toEqual(['s7']);
});

test('the work for temporary names grows linearly with the number of shares', () => {
  const normalize = jest.spyOn(String.prototype, 'normalize');
  const normalizations = (count: number): number => {
    const file = Array.from({ length: count }, (_, i) => desired({ name: `Listed ${i}` }));
    const shares = file.map((_, i) => share({ id: `s${i}`, name: temporaryOf(`Other ${i}`), created: OLD }));
    normalize.mockClear();
    expect(idsOf(shares, file)).toHaveLength(count);
    return normalize.mock.calls.length;
  };
  const [few, many] = [normalizations(20), normalizations(200)];
  normalize.mockRestore();
  expect(few).toBeGreaterThan(0);
  expect(many).toBeLessThanOrEqual(few * 10);
});

test('every share is unlisted if the file lists nothing', () => {
  expect(idsOf([share({ id: 's7' })], [])).toEqual(['s7']);
});

test.each([
  ['no id', { name: 'Other' }],
  ['a listed id', { id: 'S9', name: 'Other' }],
  ['a listed name', { id: 'u', name: 'S' }],
  ['a listed previous name', { id: 'u', name: 'Former' }],
])('an unreadable share with %s is not unlisted, because it might be a listed one', (_, unreadable) => {
  expect(unlistedUnreadable(listed, [{ ...unreadable, wrong: 'x' }], OWNER)).toEqual([]);
});

test.each([
  ['another id and name', { id: 'u', name: 'Other' }, 'Other'],
  ['another id and no name', { id: 'u' }, ''],
])('an unreadable share with %s is unlisted', (_, unreadable, name) => {
  const found = unlistedUnreadable(listed, [{ ...unreadable, wrong: 'x' }], OWNER);
  expect(found).toHaveLength(1);
  for (const { placeOf, ...rest } of found) {
    expect(rest).toEqual({ name, accountId: OWNER, state: 'absent', shareId: 'u', unlisted: true });
    expect(placeOf([])).toEqual({ label: 'shares' });
  }
});

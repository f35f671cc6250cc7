import { expect, test } from '@jest/globals';
import type { DesiredShare } from '../../src/share/desired.ts';
import type { Share } from '../../src/share/share.ts';
import { unlistedShares } from '../../src/share/unlisted.ts';
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

test('what the file does not list is to be gone, oldest first', () => {
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
  ['another name, in a state that nobody knows', { name: 'Other', status: 'suspended' }, true],
  ['a listed name', { name: 'S' }, false],
  ['a previous name', { name: 'Former' }, false],
  ['a listed name in another normalization', { name: 'Zürich'.normalize('NFD') }, false],
  ['a listed id', { id: 'S9', name: 'Other' }, false],
  ['of another account', { name: 'Other', account_id: 'another' }, false],
  ['on its way out', { name: 'Other', status: 'deleting' }, false],
  ['an old temporary name of no listed one', { name: temporaryOf('Other'), created: OLD }, true],
  [
    'a young temporary name of no listed one: another run is at work',
    { name: temporaryOf('Other'), created: YOUNG },
    false,
  ],
  ['a temporary name of a time that nobody can read', { name: temporaryOf('Other'), created: 'soon' }, false],
  ['an old temporary name of a listed one: it is in that election', { name: temporaryOf('S'), created: OLD }, false],
  ['an old temporary name of a previous one', { name: temporaryOf('Former'), created: OLD }, false],
])('%s: unlisted %#', (_, parts, unlisted) => {
  expect(idsOf([share({ id: 's7', ...parts })])).toEqual(unlisted ? ['s7'] : []);
});

test('a file that lists nothing lists none', () => {
  expect(idsOf([share({ id: 's7' })], [])).toEqual(['s7']);
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DesiredShare } from '../../src/share/desired.ts';
import {
  candidatesFor,
  elect,
  electById,
  electByName,
  electFrom,
  electToDelete,
  indexed,
  isOwn,
  LEFT_OVER_AFTER_MS,
  needsListing,
  type OwnShares,
  ownLosers,
  possibleCandidates,
  shareById,
  showsOwn,
} from '../../src/share/election.ts';
import type { Share } from '../../src/share/share.ts';
import { isTemporaryName, temporaryName } from '../../src/share/temporary-name.ts';

const NOW_MS = Date.UTC(2026, 0, 1, 12);
const OURS = 'ours00000000';
const THEIRS = 'theirs000000';
const T = temporaryName('N', OURS);
const U = temporaryName('N', THEIRS);

/** @param secondsAgo how long before the listing the share was created */
const share = (id: string, name: string, secondsAgo: number, rest: Partial<Share> = {}): Share => ({
  id,
  name,
  account_id: 'owner',
  account_name: 'Owner',
  organization_id: 'org',
  created: new Date(NOW_MS - secondsAgo * 1000).toISOString(),
  modified: new Date(NOW_MS).toISOString(),
  status: 'active',
  target_type: 'account',
  ...rest,
});

const desired: DesiredShare = {
  name: 'N',
  accountId: 'owner',
  state: 'present',
  previousName: 'P',
  recipients: [{ recipient_account_id: 'branch' }],
  resources: [],
  target: 'account',
  placeOf: () => ({ label: '' }),
};
const own = (...ids: string[]): OwnShares => ({ sentName: T, ids });
const ids = (shares: readonly Share[]): string[] => shares.map(({ id }) => id);

/** A run's verdict: the winner, the successor, and the losers sorted by id. */
function conclude(shares: readonly Share[], mine?: OwnShares, replacing = false): string {
  const { winner, successor, losers } = elect(candidatesFor(desired, shares, mine), mine, NOW_MS, replacing);
  return [winner?.id ?? 'none', successor?.id ?? '', ids(losers).sort().join(',')].join(' ').trimEnd();
}

describe('candidates', () => {
  const kinds = (shares: Share[], mine?: OwnShares, wanted: DesiredShare = desired): Record<string, string[]> => {
    const found = Object.entries(candidatesFor(wanted, shares, mine)).map(([kind, of]) => [kind, ids(of)] as const);
    return Object.fromEntries(found.filter(([, of]) => of.length > 0));
  };

  test('are sorted oldest first, to the microsecond, then by id', () => {
    const at = (fraction: string): Partial<Share> => ({ created: `2026-01-01T00:00:00.${fraction}Z` });
    const shares = [
      share('4', 'N', 0, at('000002')),
      share('3', 'N', 0, at('000001')),
      share('1', 'N', 0, at('000002')),
      share('2', 'N', 0, { created: '2025-12-31T23:59:59Z' }),
    ];
    expect(kinds(shares)).toEqual({ named: ['2', '3', '1', '4'] });
  });

  test.each<[string, Share, object]>([
    ['with the name', share('1', 'N', 1), { named: ['1'] }],
    ['with an unknown status', share('1', 'N', 1, { status: 'suspended' }), { named: ['1'] }],
    ['that is being deleted', share('1', 'N', 1, { status: 'deleting' }), {}],
    ['that is deleted', share('1', 'N', 1, { status: 'deleted' }), {}],
    ['of another account', share('1', 'N', 1, { account_id: 'other' }), {}],
    [
      "of this account, with the account's id in capitals",
      share('1', 'N', 1, { account_id: 'OWNER' }),
      { named: ['1'] },
    ],
    ['with a name that differs in case', share('1', 'n', 1), {}],
    ['with the previous name', share('1', 'P', 1), { previous: ['1'] }],
    ['with a temporary name', share('1', U, 1), { temporary: ['1'] }],
    ['with a temporary name in another account', share('1', U, 1, { account_id: 'other' }), {}],
    ['with an invalid temporary suffix', share('1', 'N [creating undefined]', 1), {}],
    ['with a temporary name for another share', share('1', temporaryName('M', THEIRS), 1), {}],
    [
      'with a temporary name and the organization',
      share('1', U, 1, { target_type: 'organization' }),
      { unusable: ['1'] },
    ],
    ['with the name and the organization', share('1', 'N', 1, { target_type: 'organization' }), { named: ['1'] }],
  ])('are found and classified: a share %s', (_, found, expected) => expect(kinds([found])).toEqual(expected));

  test("include the run's own shares, whatever name the API returns", () => {
    expect(kinds([share('1', 'x', 1)], own('1'))).toEqual({ temporary: ['1'] });
    expect(kinds([share('A', 'x', 1)], own('a'))).toEqual({ temporary: ['A'] });
    expect(kinds([share('1', T, 1)], own())).toEqual({ temporary: ['1'] });
    expect(kinds([share('1', 'N', 1)], own('1'))).toEqual({ named: ['1'] });
  });

  test("include names in the API's spelling when it is known", () => {
    const shares = [share('1', 'n', 2), share('2', temporaryName('n', THEIRS), 1)];
    expect(kinds(shares, own())).toEqual({});
    expect(kinds(shares, { ...own(), spelling: 'n' })).toEqual({ named: ['1'], temporary: ['2'] });
  });

  test('include no share with a previous name when none is given', () => {
    const { previousName, ...wanted } = desired;
    expect(kinds([share('1', 'N', 1), share('2', 'P', 1)], undefined, wanted)).toEqual({ named: ['1'] });
  });

  test('are empty when no name is given', () =>
    expect(
      kinds([share('1', '', 1), share('2', temporaryName('', THEIRS), 1)], undefined, { ...desired, name: '' }),
    ).toEqual({}));
});

describe('names in another Unicode normalization', () => {
  const [nfc, nfd] = ['NFC', 'NFD'].map((form) => 'Zürich'.normalize(form)) as [string, string];

  test.each([
    [nfc, nfd],
    [nfd, nfc],
  ])('match as name, previous name and temporary name (%j and %j)', (written, live) => {
    const wanted = { ...desired, name: written, previousName: `old ${written}` };
    const shares = [share('1', live, 3), share('2', `old ${live}`, 2), share('3', temporaryName(live, THEIRS), 1)];
    const { named, previous, temporary } = candidatesFor(wanted, shares, undefined);
    expect([named, previous, temporary].map(ids)).toEqual([['1'], ['2'], ['3']]);
  });
});

describe('the name index of a listing', () => {
  const names = [
    'N',
    'P',
    'M',
    'N'.repeat(300),
    `${'N'.repeat(300)}x`,
    'N~0123456789abcdef',
    'Zürich',
    'Zürich'.normalize('NFD'),
  ];
  const anyName = fc
    .tuple(fc.constantFrom(...names), fc.constantFrom('', OURS, THEIRS))
    .map(([name, nonce]) => (nonce === '' ? name : temporaryName(name, nonce)));

  test('omits no candidate', () =>
    fc.assert(
      fc.property(
        fc.array(anyName, { maxLength: 8 }),
        fc.constantFrom(...names),
        fc.option(fc.constantFrom(...names), { nil: undefined }),
        fc.option(fc.tuple(fc.subarray(['0', '1', '2']), fc.option(fc.constantFrom(...names), { nil: undefined })), {
          nil: undefined,
        }),
        (shown, name, previousName, mine) => {
          const { previousName: _, ...rest } = desired;
          const wanted = { ...rest, name, ...(previousName === undefined ? {} : { previousName }) };
          const made: OwnShares | undefined = mine && {
            sentName: temporaryName(name, OURS),
            ids: mine[0],
            ...(mine[1] === undefined ? {} : { spelling: mine[1] }),
          };
          const shares = shown.map((each, i) => share(String(i), each, i));
          const listing = indexed({ shares, unreadable: [], serverTimeMs: NOW_MS });
          expect(candidatesFor(wanted, possibleCandidates(listing, wanted, made), made)).toEqual(
            candidatesFor(wanted, shares, made),
          );
        },
      ),
    ));

  test('returns only possible candidates', () => {
    const shares = Array.from({ length: 1_000 }, (_, i) => share(String(i), `Share ${i}`, i));
    const listing = indexed({ shares, unreadable: [], serverTimeMs: NOW_MS });
    expect(possibleCandidates(listing, { ...desired, name: 'Share 7' }, undefined)).toEqual([shares[7]]);
  });
});

describe("an election (N: share with the name, P: with the previous name, T: the run's temporary share, U: another run's)", () => {
  const old = LEFT_OVER_AFTER_MS / 1000 + 1;
  const wide = { target_type: 'organization' };
  type Row = [title: string, expected: string, shares: Share[], mine: OwnShares | undefined];
  const rows = (all: (Row | [string, string, Share[]])[]): Row[] =>
    all.map(([title, expected, shares, mine]) => [title, expected, shares, mine]);

  // Expected: winner, then losers. N is the desired name, T this run's temporary name, U another run's.
  test.each(
    rows([
      ['has no winner when no share exists', 'none', []],
      ['N wins', '1', [share('1', 'N', 9)]],
      ['the older of two N wins', '2', [share('1', 'N', 8), share('2', 'N', 9)]],
      ['P wins', '1', [share('1', 'P', 9)]],
      ['N wins over P', '2', [share('1', 'P', 9), share('2', 'N', 8)]],
      ['P wins over U', '2', [share('1', U, 9), share('2', 'P', 8)]],
      ['U wins', '1', [share('1', U, 9)]],
      ['the older of two U wins', '2', [share('1', U, 8), share('2', temporaryName('N', 'third0000000'), 9)]],
      ['N wins over an older U', '2', [share('1', U, 9), share('2', 'N', 8)]],
      ['an older T wins over U', '1', [share('1', T, 9), share('2', U, 8)], own('1')],
      ['an older U wins, and T loses', '2  1', [share('1', T, 8), share('2', U, 9)], own('1')],
      [
        'an older U wins, and a T that the run knows only by its name loses',
        '2  1',
        [share('1', T, 8), share('2', U, 9)],
        own(),
      ],
      ['N wins, and an older T loses', '2  1', [share('1', T, 9), share('2', 'N', 8)], own('1')],
      ['the older of two T wins, and the other loses', '1  2', [share('1', T, 9), share('2', T, 8)], own('2')],
      ["an older N wins, and the run's own N loses", '1  2', [share('1', 'N', 9), share('2', 'N', 8)], own('2')],
      ["the run's own N wins, and the other N stays", '1', [share('1', 'N', 9), share('2', 'N', 8)], own('1')],
      ['T wins although P has reappeared', '1', [share('1', T, 9), share('2', 'P', 10)], own('1')],
      ['N wins, and a recent U stays', '1', [share('1', 'N', 9), share('2', U, 8)]],
      ['N wins, and a leftover U loses', '1  2', [share('1', 'N', 9), share('2', U, old)]],
      ['N wins, and a U that is exactly two minutes old stays', '1', [share('1', 'N', 9), share('2', U, old - 1)]],
      ['a leftover U wins, and a younger one loses', '1  2', [share('1', U, old + 1), share('2', U, old)]],
      ['T loses when it targets the organization', 'none  1', [share('1', T, 9, wide)], own('1')],
      ['a U that targets the organization does not win', 'none', [share('1', U, 9, wide)]],
      ['a leftover U that targets the organization stays while nothing wins', 'none', [share('1', U, old, wide)]],
      [
        'T wins, and a leftover U that targets the organization loses',
        '2  1',
        [share('1', U, old, wide), share('2', T, 8)],
        own('2'),
      ],
    ]),
  )('%s', (_, expected, shares, mine) => expect(conclude(shares, mine)).toBe(expected));

  // Expected: winner (the share to replace), successor, losers.
  test.each(
    rows([
      ['there is no successor yet', '1', [share('1', 'N', 9, wide)]],
      ['T is the successor', '1 2', [share('1', 'N', 9, wide), share('2', T, 8)], own('2')],
      [
        'the oldest temporary share is the successor, and T loses',
        '1 2 3',
        [share('1', 'N', 9, wide), share('2', U, 8), share('3', T, 7)],
        own('3'),
      ],
      ['a leftover U is the successor', '1 2', [share('1', 'N', old + 1, wide), share('2', U, old)]],
      ['the successor wins once the old share is deleted', '2  3', [share('2', U, 8), share('3', T, 7)], own('3')],
    ]),
  )('in a replacement, %s', (_, expected, shares, mine) => expect(conclude(shares, mine, true)).toBe(expected));

  const anyShare = fc
    .record({
      name: fc.constantFrom('N', T, U, temporaryName('N', 'third0000000')),
      secondsAgo: fc.integer({ min: 0, max: 300 }),
      target_type: fc.constantFrom('account', 'account', 'organization'),
    })
    .map(({ name, secondsAgo, target_type }) => ({ name, secondsAgo, target_type }));
  const anyShares = fc
    .array(anyShare, { maxLength: 6 })
    .map((all) => all.map(({ name, secondsAgo, target_type }, i) => share(`${i}`, name, secondsAgo, { target_type })));
  const anyOwn = fc.constantFrom<(OwnShares | undefined)[]>(
    undefined,
    own(),
    { sentName: U, ids: [] },
    { sentName: temporaryName('N', 'third0000000'), ids: [] },
  );
  const decided = (shares: readonly Share[], mine: OwnShares | undefined, replacing = false) =>
    elect(candidatesFor(desired, shares, mine), mine, NOW_MS, replacing);

  test('all runs elect the same share, regardless of the order of the listing', () =>
    fc.assert(
      fc.property(anyShares, anyOwn, anyOwn, (shares, one, other) => {
        expect(decided(shares.toReversed(), other).winner).toEqual(decided(shares, one).winner);
      }),
    ));

  test("another run's share loses only if it is temporary and old and another share wins", () =>
    fc.assert(
      fc.property(anyShares, anyOwn, fc.boolean(), (shares, mine, replacing) => {
        const { winner, successor, losers } = decided(shares, mine, replacing);
        expect(losers).not.toContain(winner);
        if (successor) expect(losers).not.toContain(successor);
        for (const loser of losers.filter((each) => !isOwn(each, mine))) {
          expect(winner).toBeDefined();
          expect(isTemporaryName(loser.name)).toBe(true);
          expect(NOW_MS - Date.parse(loser.created)).toBeGreaterThan(LEFT_OVER_AFTER_MS);
        }
      }),
    ));

  test("a second election changes nothing once the first one's changes are made", () =>
    fc.assert(
      fc.property(anyShares, anyOwn, (shares, mine) => {
        const { winner, losers } = decided(shares, mine);
        const after = shares
          .filter((each) => !losers.includes(each))
          .map((each) => (each === winner ? { ...each, name: 'N' } : each));
        const again = decided(after, mine);
        expect(again.winner?.id).toBe(winner?.id);
        expect(again.losers).toEqual([]);
      }),
    ));
});

test.each([
  [[], [], true],
  [['1'], [], false],
  [['1'], ['2', '1'], true],
  [['a'], ['A'], true],
  [['1', '2'], ['1'], false],
])('a run that created %j and lists %j sees all its own shares: %j', (made, shown, expected) =>
  expect(
    showsOwn(
      shown.map((id) => share(id, T, 1)),
      own(...made),
    ),
  ).toBe(expected),
);

describe('the election of a desired share', () => {
  const RULES = { replace: false, deletesLeftovers: true, untilGone: false };
  const everywhere: Partial<Share> = { target_type: 'organization' };
  const unreadable = [
    { id: 'u1', name: 'N', wrong: 'x' },
    { id: 'u2', name: 'P', wrong: 'x' },
    { id: 'u3', name: 'other', wrong: 'x' },
    { id: 'u4', wrong: 'x' },
  ];
  const electing = (
    shares: Share[],
    parts: Partial<DesiredShare> = {},
    rules: Partial<typeof RULES> = {},
    mine?: OwnShares,
  ) =>
    electByName({ shares, unreadable, serverTimeMs: NOW_MS }, { ...desired, ...parts }, mine, { ...RULES, ...rules });
  const idsOf = ({ winner, successor, losers, namesakes, previous }: ReturnType<typeof electing>) => ({
    ...(winner && { winner: winner.id }),
    ...(successor && { successor: successor.id }),
    ...(losers.length > 0 && { losers: ids(losers) }),
    ...(namesakes.length > 0 && { namesakes: ids(namesakes) }),
    ...(previous.length > 0 && { previous: ids(previous) }),
  });

  test.each<[string, Parameters<typeof electing>, object]>([
    ['ignores a share with another name', [[share('1', 'other', 9)]], {}],
    ['finds the share with the name', [[share('1', 'N', 9)]], { winner: '1' }],
    ['finds the share with the previous name', [[share('1', 'P', 9)]], { winner: '1' }],
    [
      'prefers the name to the previous name',
      [[share('1', 'P', 9), share('2', 'N', 8)]],
      { winner: '2', previous: ['1'] },
    ],
    [
      'reports other shares with the name',
      [[share('1', 'N', 9), share('2', 'N', 8)]],
      { winner: '1', namesakes: ['2'] },
    ],
    [
      'reports other shares with the previous name',
      [[share('1', 'P', 9), share('2', 'P', 8)]],
      { winner: '1', previous: ['2'] },
    ],
    ["elects another run's temporary share if it is the only one", [[share('1', U, 9)]], { winner: '1' }],
    [
      'deletes a leftover temporary share',
      [[share('1', 'N', 999), share('2', U, 900)]],
      { winner: '1', losers: ['2'] },
    ],
    [
      "keeps another run's leftover share if a reviewed plan is set",
      [[share('1', 'N', 999), share('2', U, 900)], {}, { deletesLeftovers: false }],
      { winner: '1' },
    ],
    [
      "deletes the run's own temporary share even if a reviewed plan is set",
      [[share('1', 'N', 999), share('2', T, 9)], {}, { deletesLeftovers: false }, own('2')],
      { winner: '1', losers: ['2'] },
    ],
    [
      "deletes the run's own duplicate, which is then not reported as another share with the name",
      [[share('1', 'N', 9), share('2', 'N', 8)], {}, {}, own('2')],
      { winner: '1', losers: ['2'] },
    ],
    [
      'without replace, keeps a share with another target',
      [[share('1', 'N', 999, everywhere), share('2', U, 9)]],
      { winner: '1' },
    ],
    [
      'with replace, finds a successor of a share with another target',
      [[share('1', 'N', 999, everywhere), share('2', U, 9)], {}, { replace: true }],
      { winner: '1', successor: '2' },
    ],
    [
      'with replace, finds a successor of a share with the previous name and another target',
      [[share('1', 'P', 999, everywhere), share('2', U, 9)], {}, { replace: true }],
      { winner: '1', successor: '2' },
    ],
    [
      'with replace, finds no successor of a share with the desired target',
      [[share('1', 'N', 999), share('2', U, 9)], {}, { replace: true }],
      { winner: '1' },
    ],
    [
      'deletes all temporary shares along with a share that should not exist, whatever their target',
      [[share('1', 'N', 9), share('2', U, 8), share('3', U, 7, everywhere)], { state: 'absent' }, { replace: true }],
      { winner: '1', losers: ['2', '3'] },
    ],
    [
      'deletes the temporary shares for a share that should not exist',
      [[share('2', U, 8), share('3', U, 7)], { state: 'absent' }],
      { winner: '2', losers: ['3'] },
    ],
    ['ignores a share that is being deleted', [[share('1', 'N', 9, { status: 'deleting' })], { state: 'absent' }], {}],
    [
      'finds the shares to wait for until they are deleted',
      [
        [
          share('1', 'N', 9, { status: 'deleting' }),
          share('2', 'N', 8, { status: 'deleting' }),
          share('3', 'N', 7, { status: 'deleted' }),
          share('4', 'other', 6, { status: 'deleting' }),
          share('5', 'N', 5, { status: 'deleting', account_id: 'other' }),
        ],
        { state: 'absent' },
        { untilGone: true },
      ],
      { winner: '1', namesakes: ['2'] },
    ],
    [
      'ignores a share that is being deleted if a live one exists',
      [[share('1', 'N', 9, { status: 'deleting' }), share('2', 'N', 8)], { state: 'absent' }, { untilGone: true }],
      { winner: '2' },
    ],
  ])('%s', (_, given, elected) => {
    expect(idsOf(electing(...given))).toEqual(elected);
  });

  test("tells the run's own losers from other runs' leftovers", () => {
    const election = electing([share('1', 'N', 999), share('2', U, 900), share('3', T, 9)], {}, {}, own('3'));
    expect(ids(election.losers)).toEqual(['2', '3']);
    expect(ids(ownLosers(election, own('3')))).toEqual(['3']);
  });

  test('has only a winner if the share is given by its id and needs no listing', () => {
    const given = share('1', 'N', 9);
    expect(electFrom({ given, listing: undefined }, desired, own('1'), RULES)).toEqual({
      winner: given,
      ours: false,
      isNew: false,
      successor: undefined,
      losers: [],
      namesakes: [],
      previous: [],
      unreadable: [],
      spelling: undefined,
    });
  });

  test('tells whether the winner is new: created less than a minute ago, or while this run created its own', () => {
    const isNew = (secondsAgo: number, mine?: OwnShares): boolean =>
      electing([share('1', 'N', secondsAgo)], {}, {}, mine).isNew;
    expect([isNew(59), isNew(60), isNew(-5), isNew(999, own('2'))]).toEqual([true, false, true, true]);
    expect(electing([share('1', 'N', 9, { created: 'never' })]).isNew).toBe(false);
    expect(electing([], {}, {}, own('2')).isNew).toBe(false);
  });

  test("tells whether the winner is the run's own, and how the API spells the name", () => {
    const shares = [share('1', 'N', 9)];
    expect(electing(shares)).toMatchObject({ ours: false, spelling: undefined });
    expect(electing(shares, {}, {}, { ...own('1'), spelling: 'n' })).toMatchObject({ ours: true, spelling: 'n' });
    expect(electing(shares, {}, {}, own('2'))).toMatchObject({ ours: false });
    expect(electing([], {}, {}, own('2'))).toMatchObject({ ours: false });
  });

  test('reports the unreadable shares that might be the desired one', () => {
    expect(electing([]).unreadable.map(({ id }) => id)).toEqual(['u1', 'u2']);
    const listing = { shares: [], unreadable, serverTimeMs: NOW_MS };
    const byId = (id: string) => electById(share(id, 'Q', 9), listing, desired, undefined);
    expect(byId('9').unreadable.map(({ id }) => id)).toEqual(['u1', 'u2']);
    expect(byId('U1').unreadable.map(({ id }) => id)).toEqual(['u2']);
  });

  test.each<[string, Share, Share[], object]>([
    ['finds the share with the id', share('1', 'Q', 9), [share('1', 'Q', 9)], { winner: '1' }],
    ['finds a share that already has the name', share('1', 'N', 9), [share('1', 'N', 9)], { winner: '1' }],
    [
      'reports others with the name',
      share('1', 'Q', 9),
      [share('1', 'Q', 9), share('2', 'N', 8)],
      { winner: '1', namesakes: ['2'] },
    ],
    ['finds no successor if the share has the desired target', share('1', 'Q', 9), [share('2', U, 8)], { winner: '1' }],
    [
      'finds the oldest temporary share as successor if the share has another target',
      share('1', 'Q', 9, everywhere),
      [share('3', U, 7), share('2', U, 8)],
      { winner: '1', successor: '2' },
    ],
  ])('by id %s', (_, given, shares, elected) => {
    const listing = { shares, unreadable: [], serverTimeMs: NOW_MS };
    expect(idsOf(electById(given, listing, desired, undefined))).toEqual(elected);
  });

  test("by id, only this run's shares that can't be used lose", () => {
    const shares = [share('2', T, 8, everywhere), share('3', U, 500, everywhere)];
    const listing = { shares, unreadable: [], serverTimeMs: NOW_MS };
    expect(idsOf(electById(share('1', 'Q', 9), listing, desired, own('2')))).toEqual({ winner: '1', losers: ['2'] });
  });

  // The desired share is given by its id, 1. Expected: whether a listing is needed, who wins, and its namesakes. If it is
  // listed, share 3 has the name.
  test.each<[string, Share | undefined, Partial<DesiredShare>, { replace?: boolean }, boolean, string]>([
    ['has the name and fits', share('1', 'N', 9), {}, {}, false, '1'],
    ['gets another name', share('1', 'Q', 9), {}, {}, true, '1 3'],
    ['does not fit', share('1', 'N', 9, everywhere), {}, {}, true, '1 3'],
    ['does not exist', undefined, {}, {}, false, 'none'],
    ['is to be deleted and does not exist', undefined, { state: 'absent' }, {}, true, 'none'],
    ['is to be deleted, whatever its name', share('1', 'Q', 9), { state: 'absent' }, {}, false, '1'],
    ['is being deleted', share('1', 'N', 9, { status: 'deleting' }), {}, {}, false, '1'],
    ['is being deleted and has another name', share('1', 'Q', 9, { status: 'deleting' }), {}, {}, false, '1'],
    [
      'is being deleted and can be replaced',
      share('1', 'Q', 9, { status: 'deleting' }),
      {},
      { replace: true },
      true,
      '1',
    ],
  ])(
    'decides on the listing and the winner if the share given by its id %s',
    (_, given, parts, rules, needs, expected) => {
      const wanted = { ...desired, shareId: '1', ...parts };
      expect(needsListing(wanted, given, { ...RULES, ...rules })).toBe(needs);
      const listing = { shares: [share('3', 'N', 8)], unreadable: [], serverTimeMs: NOW_MS };
      const facts = { given, listing: needs ? listing : undefined };
      const { winner, namesakes } = electFrom(facts, wanted, undefined, { ...RULES, ...rules });
      expect([winner?.id ?? 'none', ...ids(namesakes)].join(' ')).toBe(expected);
    },
  );

  test.each<[string, Share[], OwnShares | undefined, string]>([
    ["another run's temporary share wins", [share('2', U, 8)], undefined, '2'],
    ["this run's temporary share wins", [share('2', T, 8)], own('2'), '2'],
    ["this run's share wins, even if it already has the name", [share('2', 'N', 8)], own('2'), '2'],
    ['the given share wins over another share with the name', [share('2', 'N', 8)], undefined, '1'],
    ['the given share wins if there is no other', [], undefined, '1'],
  ])('in an interrupted replacement of the share with the given id, %s', (_, shares, mine, winner) => {
    const given = share('1', 'Q', 9, { status: 'deleting' });
    const listing = { shares, unreadable: [], serverTimeMs: NOW_MS };
    const rules = { ...RULES, replace: true };
    expect(electFrom({ given, listing }, { ...desired, shareId: '1' }, mine, rules).winner?.id).toBe(winner);
  });

  test('a share without an id, and an unlisted one, always need a listing', () => {
    const listing = indexed({ shares: [share('1', 'M', 9), share('2', 'N', 8)], unreadable, serverTimeMs: NOW_MS });
    expect(needsListing(desired, undefined, RULES)).toBe(true);
    expect(electFrom({ given: undefined, listing }, desired, undefined, RULES).winner?.id).toBe('2');
    const absent: DesiredShare = { ...desired, state: 'absent' };
    expect(electFrom({ given: undefined, listing }, absent, undefined, RULES).winner?.id).toBe('2');
    // Its name has changed since the file was compared with the list.
    const unlisted: DesiredShare = { ...desired, name: 'old', state: 'absent', shareId: '1', unlisted: true };
    expect(needsListing(unlisted, undefined, RULES)).toBe(true);
    const shares = possibleCandidates(listing, unlisted, undefined);
    const facts = { given: undefined, listing: { ...listing, shares } };
    expect(electFrom(facts, unlisted, undefined, RULES).winner?.id).toBe('1');
  });

  test('finds a share to delete by its id, or an unreadable one with that id', () => {
    const listing = indexed({ shares: [share('1', 'N', 9), share('u2', 'N', 8)], unreadable, serverTimeMs: NOW_MS });
    const electing = (shareId: string, accountId = desired.accountId) => electToDelete(listing, { shareId, accountId });
    expect(idsOf(electing('1'))).toEqual({ winner: '1' });
    expect(electing('1').unreadable).toEqual([]);
    expect(electing('1', 'another').winner).toBeUndefined();
    expect(electing('u2').unreadable).toEqual([]);
    expect(electing('U1')).toMatchObject({ winner: undefined, unreadable: [unreadable[0]] });
    expect(shareById(listing, 'U2')?.name).toBe('N');
    expect(shareById(listing, '2')).toBeUndefined();
  });
});

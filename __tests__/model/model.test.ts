// Explores promise 1: in whatever order runs, calls, kills and listings occur, one live share with the desired name remains.
// world.ts is the account, run.ts is one run, explore.ts tries every order. The election is the real src/share/election.ts.
// Set MODEL=large in the environment to explore larger scenarios too, which takes half a minute longer.

import { afterAll, describe, expect, test } from '@jest/globals';
import { elect } from '../../src/share/election.ts';
import { count } from '../../src/share/words.ts';
import * as model from './explore.ts';
import { type Rule, theRule } from './run.ts';

type Scenario = model.Scenario;

const WORDS = {
  runs: 'run',
  unknown: 'lost response',
  kills: 'kill',
  pauses: 'pause',
  stale: 'stale listing',
  slow: 'slow rename',
  skewed: 'wrong timestamp',
} as const;

/** For example "2 runs, 1 lost response". */
const described = (scenario: Scenario): string =>
  Object.entries(WORDS)
    .filter(([field]) => field in scenario)
    .map(([field, word]) => count(scenario[field as keyof typeof WORDS] as number, word))
    .join(', ');

let states = 0;
afterAll(() => console.log(`election model: ${states} states`));

function outcome(scenario: Scenario, rule: Rule = theRule): string {
  const explored = model.explore(scenario, rule);
  states += explored.states;
  // A scenario in which nothing ever ends would also pass.
  if (!explored.violation) expect(explored.ends).toBeGreaterThan(0);
  return model.outcomeOf(explored);
}

describe('one share remains', () => {
  const scenarios: Scenario[] = [
    { runs: 1, unknown: 4, kills: 1 },
    { runs: 2, unknown: 3, kills: 1 },
    { runs: 2, unknown: 1, kills: 2, pauses: 1 },
    { runs: 2, unknown: 2, kills: 1, pauses: 1 },
    { runs: 3, unknown: 1, kills: 1 },
    { runs: 3, unknown: 2 },
    { runs: 4 },
  ];
  const large: Scenario[] = [
    { runs: 3, unknown: 1, kills: 1, pauses: 1 },
    { runs: 2, unknown: 2, kills: 2, pauses: 1 },
  ];
  test.each(
    [...scenarios, ...(process.env.MODEL === 'large' ? large : [])].map((each) => [described(each), each] as const),
  )('with %s', (_, scenario) => expect(outcome(scenario)).toBe('holds'));

  test.each([
    ['a leftover temporary share', model.leftover],
    ['two leftover temporary shares', model.twoLeftovers],
    ['a recent temporary share', model.recentLeftover],
    ['a share with the name and a leftover one', model.namedAndLeftover],
    ['a share with the name and an older leftover one', model.leftoverAndNamed],
    ['a leftover share with another target', model.misfitLeftover],
  ])('starting from %s', (_, start) =>
    expect(outcome({ runs: 2, unknown: 1, kills: 2, pauses: 1, start })).toBe('holds'),
  );
});

describe('a replacement leaves one share', () => {
  test.each([
    ['a share with another target', model.misfit],
    ['a share with another target and a leftover one', model.misfitAndLeftover],
  ])('starting from %s', (_, start) => {
    expect(outcome({ runs: 2, unknown: 1, kills: 2, pauses: 1, start })).toBe('holds');
    expect(outcome({ runs: 2, unknown: 1, stale: 1, lag: 'snapshot', start })).toBe('holds');
  });
});

describe('stale listings', () => {
  const snapshots: Scenario[] = [
    { runs: 2, unknown: 1, kills: 1, stale: 1, pauses: 1 },
    { runs: 2, unknown: 1, stale: 2, pauses: 1 },
    { runs: 3, kills: 1, stale: 1 },
  ];
  test.each(snapshots.map((each) => [described(each), each] as const))(
    'of an earlier state leave one share (%s)',
    (_, scenario) => expect(outcome({ ...scenario, lag: 'snapshot' })).toBe('holds'),
  );

  const nextToRecent = { runs: 1, stale: 3, lag: 'seen', start: model.namedNow } as const;
  test('that omit single shares leave one share if a run can notice the omission, even when a share with the name was just created', () =>
    expect(outcome({ ...nextToRecent, unknown: 2 })).toBe('holds'));
});

describe('slow renames', () => {
  const slow: Scenario[] = [
    { runs: 2, unknown: 1, kills: 1, slow: 2 },
    { runs: 2, unknown: 1, slow: 1, stale: 1, lag: 'snapshot' },
    { runs: 3, slow: 3 },
  ];
  test.each(slow.map((each) => [described(each), each] as const))('leave one share (%s)', (_, scenario) =>
    expect(outcome(scenario)).toBe('holds'),
  );

  test.each([
    ['a leftover temporary share', model.leftover],
    ['a share with the name and an older leftover one', model.leftoverAndNamed],
    ['a share with another target', model.misfit],
  ])('leave one share starting from %s', (_, start) =>
    expect(outcome({ runs: 2, kills: 1, slow: 2, start })).toBe('holds'),
  );
});

test('if no listing shows the share of a run, that run gives up, and another run leaves one share', () =>
  expect(outcome({ runs: 2, stale: 6, lag: 'snapshot', mayGiveUp: true })).toBe('holds'));

// The assumptions of the promise. Each of these scenarios fails, as docs/RERUNNING.md explains.
describe('the promise does not hold if', () => {
  const limits: [string, Scenario, Rule][] = [
    ['listings hide single shares and no run can notice', { runs: 2, stale: 1, lag: 'any' }, theRule],
    [
      'listings hide single shares and no run can notice, even if every run lists again',
      { runs: 2, stale: 2, lag: 'any' },
      { ...theRule, listsOnceMore: 'always' },
    ],
    ['listings hide single shares from two concurrent runs', { runs: 2, stale: 2, lag: 'seen' }, theRule],
    [
      'listings hide single shares and the run is killed before it lists again',
      { runs: 1, kills: 1, stale: 3, lag: 'seen', start: model.namedNow },
      theRule,
    ],
    ['a share that appears later has an earlier "created"', { runs: 2, skewed: 1 }, theRule],
  ];
  test.each(limits)('%s', (_, scenario, rule) =>
    expect(outcome(scenario, rule)).toMatch(/^2 live shares have the desired name:\n {2}at the start\n/),
  );
});

describe('the model finds a violation if', () => {
  const two: Scenario = { runs: 2, unknown: 1, kills: 1 };
  const broken: [string, Partial<Rule>, Scenario, RegExp][] = [
    [
      'the newest share wins',
      {
        elect: ({ named, temporary, ...rest }, ...others) =>
          elect({ ...rest, named: named.toReversed(), temporary: temporary.toReversed() }, ...others),
      },
      two,
      /^2 live shares have the desired name/,
    ],
    [
      'a run elects its own share without listing',
      { listsAfterCreate: false },
      two,
      /^2 live shares have the desired name/,
    ],
    [
      'a run deletes every loser, even of other runs',
      {
        elect: (candidates, ...others) => {
          const election = elect(candidates, ...others);
          const stays = [election.winner, election.successor];
          return {
            ...election,
            losers: [...candidates.named, ...candidates.temporary].filter((s) => !stays.includes(s)),
          };
        },
      },
      two,
      /^run 0 deletes share 1 of run 1, which may be at work/,
    ],
    [
      'a run deletes none of its own shares',
      { elect: (...given) => ({ ...elect(...given), losers: [] }) },
      { runs: 2 },
      /^the temporary share 1 of run 1 is left/,
    ],
    [
      'leftover shares are deleted only if a share had the name before',
      {
        elect: (candidates, own, ...others) => {
          const election = elect(candidates, own, ...others);
          const keeps = candidates.named.length === 0;
          return {
            ...election,
            losers: election.losers.filter(({ id, name }) => !keeps || own?.ids.includes(id) || name === own?.sentName),
          };
        },
      },
      { runs: 1, unknown: 1, kills: 1 },
      /^one more run leaves 0=N\(by 0\), 1=T0/,
    ],
    [
      'a run creates again without listing',
      { listsBeforeRepeating: false },
      two,
      /^run 0 creates again although its share 0 is there/,
    ],
    [
      'a rename whose response is lost counts as done',
      { listsAfterRename: false },
      two,
      /^run 0 is green with share 0, and the live share is none/,
    ],
    [
      'a run elects from a listing without its own share',
      { insistsOnOwn: false },
      { ...two, stale: 1, lag: 'snapshot' },
      /^the temporary share 1 of run 1 is left/,
    ],
    [
      'a run elects its own share although no listing shows it',
      { electsUnseen: true },
      { runs: 2, stale: 6, lag: 'snapshot', mayGiveUp: true },
      /^2 live shares have the desired name/,
    ],
    [
      'a run does not list again after it noticed a stale listing',
      { listsOnceMore: 'never' },
      { runs: 1, stale: 3, lag: 'seen', start: model.namedNow },
      /^2 live shares have the desired name/,
    ],
    [
      'a run insists on its own share although another one has the name',
      { namedDecides: false },
      { runs: 2, pauses: 1 },
      /^run 1 gives up/,
    ],
    [
      'the old share is deleted before its successor exists',
      { replacesAfterCreate: false },
      { ...two, start: model.misfit },
      /^run 0 deletes the last share, 0/,
    ],
  ];
  test.each(broken)('%s', (_, change, scenario, message) => {
    const found = outcome(scenario, { ...theRule, ...change });
    expect(found).toMatch(message);
    expect(found).toMatch(/:\n {2}at the start\n {2}run 0 [\s\S]*\n {2}left: /);
  });
});

test('repeating the create call whenever its share is not listed wastes requests, but one share remains', () =>
  expect(outcome({ runs: 2, unknown: 2, kills: 1 }, { ...theRule, repeatsWhen: 'not shown' })).toBe('holds'));

// Promise 1, explored: whatever order runs, calls, kills and lists come in, one live share of the desired name is left.
// world.ts is the account, run.ts is one run, explore.ts tries every order. The election is the real src/share/election.ts.
// MODEL=large in the environment explores larger scenarios too (half a minute).

import { afterAll, describe, expect, test } from '@jest/globals';
import { elect } from '../../src/share/election.ts';
import * as model from './explore.ts';
import { type Rule, theRule } from './run.ts';

type Scenario = model.Scenario;

const written = ({ start, ...numbers }: Scenario): string =>
  Object.entries(numbers)
    .map(([what, value]) => `${what} ${value}`)
    .join(', ');

let states = 0;
afterAll(() => console.log(`election model: ${states} states`));

function outcome(scenario: Scenario, rule: Rule = theRule): string {
  const explored = model.explore(scenario, rule);
  states += explored.states;
  // A scenario that never ends would hold as well.
  if (!explored.violation) expect(explored.ends).toBeGreaterThan(0);
  return model.outcomeOf(explored);
}

describe('one share is left', () => {
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
    [...scenarios, ...(process.env.MODEL === 'large' ? large : [])].map((each) => [written(each), each] as const),
  )('%s', (_, scenario) => expect(outcome(scenario)).toBe('holds'));

  test.each([
    ['a temporary share is left over', model.leftOver],
    ['two temporary shares are left over', model.twoLeftOver],
    ['a temporary share was just left', model.youngLeftOver],
    ['a share of the name, and one left over', model.namedAndLeftOver],
    ['a share of the name, and an older one left over', model.leftOverAndNamed],
    ['one left over that does not fit in place', model.misfitLeftOver],
  ])('at the start: %s', (_, start) =>
    expect(outcome({ runs: 2, unknown: 1, kills: 2, pauses: 1, start })).toBe('holds'),
  );
});

describe('a share is replaced', () => {
  test.each([
    ['a share of the other kind', model.misfit],
    ['and one left over', model.misfitAndLeftOver],
  ])('at the start: %s', (_, start) => {
    expect(outcome({ runs: 2, unknown: 1, kills: 2, pauses: 1, start })).toBe('holds');
    expect(outcome({ runs: 2, unknown: 1, stale: 1, lag: 'snapshot', start })).toBe('holds');
  });
});

describe('lists lag', () => {
  const snapshots: Scenario[] = [
    { runs: 2, unknown: 1, kills: 1, stale: 1, pauses: 1 },
    { runs: 2, unknown: 1, stale: 2, pauses: 1 },
    { runs: 3, kills: 1, stale: 1 },
  ];
  test.each(snapshots.map((each) => [written(each), each] as const))(
    'and show an earlier moment: one share is left (%s)',
    (_, scenario) => expect(outcome({ ...scenario, lag: 'snapshot' })).toBe('holds'),
  );

  const beside = { runs: 1, stale: 3, lag: 'seen', start: model.namedNow } as const;
  test('share by share, beside a share that was just made, and a run notices: one share is left', () =>
    expect(outcome({ ...beside, unknown: 2 })).toBe('holds'));
});

describe('renames take time', () => {
  const slow: Scenario[] = [
    { runs: 2, unknown: 1, kills: 1, slow: 2 },
    { runs: 2, unknown: 1, slow: 1, stale: 1, lag: 'snapshot' },
    { runs: 3, slow: 3 },
  ];
  test.each(slow.map((each) => [written(each), each] as const))('one share is left (%s)', (_, scenario) =>
    expect(outcome(scenario)).toBe('holds'),
  );

  test.each([
    ['a temporary share is left over', model.leftOver],
    ['a share of the name, and an older one left over', model.leftOverAndNamed],
    ['a share of the other kind', model.misfit],
  ])('at the start: %s', (_, start) => expect(outcome({ runs: 2, kills: 1, slow: 2, start })).toBe('holds'));
});

test('no list ever shows the own share: the run gives up, and one more run leaves one share', () =>
  expect(outcome({ runs: 2, stale: 6, lag: 'snapshot', mayGiveUp: true })).toBe('holds'));

// What the promise rests on. Each of these fails, and docs/RERUNNING.md says so.
describe('the limits are real', () => {
  const limits: [string, Scenario, Rule][] = [
    ['lists lag share by share, and nothing betrays it', { runs: 2, stale: 1, lag: 'any' }, theRule],
    [
      'so even if every run looks once more',
      { runs: 2, stale: 2, lag: 'any' },
      { ...theRule, looksOnceMore: 'always' },
    ],
    ['lists lag share by share, and two runs are at work', { runs: 2, stale: 2, lag: 'seen' }, theRule],
    [
      'lists lag share by share, and the run is killed before it looks once more',
      { runs: 1, kills: 1, stale: 3, lag: 'seen', start: model.namedNow },
      theRule,
    ],
    ['a share that appears later has an earlier created', { runs: 2, skewed: 1 }, theRule],
  ];
  test.each(limits)('%s', (_, scenario, rule) =>
    expect(outcome(scenario, rule)).toMatch(/^2 live shares have the desired name:\n {2}at the start\n/),
  );
});

describe('the model catches a broken rule', () => {
  const two: Scenario = { runs: 2, unknown: 1, kills: 1 };
  const broken: [string, Partial<Rule>, Scenario, RegExp][] = [
    [
      'the youngest wins',
      {
        elect: ({ named, temporary, ...rest }, ...others) =>
          elect({ ...rest, named: named.toReversed(), temporary: temporary.toReversed() }, ...others),
      },
      two,
      /^2 live shares have the desired name/,
    ],
    [
      'a run elects its own share without a look',
      { looksAfterCreate: false },
      two,
      /^2 live shares have the desired name/,
    ],
    [
      'a run deletes every loser, whoever made it',
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
      'a run deletes no share of its own',
      { elect: (...given) => ({ ...elect(...given), losers: [] }) },
      { runs: 2 },
      /^the temporary share 1 of run 1 is left/,
    ],
    [
      'shares that are left over go only when there was a share of the name before',
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
      'a run creates again without a look',
      { looksBeforeRepeating: false },
      two,
      /^run 0 creates again although its share 0 is there/,
    ],
    [
      'a rename of unknown fate counts as done',
      { looksAfterRename: false },
      two,
      /^run 0 is green with share 0, and the live share is none/,
    ],
    [
      'a run elects on a look that does not show its own share',
      { insistsOnOwn: false },
      { ...two, stale: 1, lag: 'snapshot' },
      /^the temporary share 1 of run 1 is left/,
    ],
    [
      'a run elects its own share although no look shows it',
      { electsUnseen: true },
      { runs: 2, stale: 6, lag: 'snapshot', mayGiveUp: true },
      /^2 live shares have the desired name/,
    ],
    [
      'a run does not look once more after it saw a list lag',
      { looksOnceMore: 'never' },
      { runs: 1, stale: 3, lag: 'seen', start: model.namedNow },
      /^2 live shares have the desired name/,
    ],
    [
      'a run insists on its own share although another has the name',
      { namedDecides: false },
      { runs: 2, pauses: 1 },
      /^run 1 gives up/,
    ],
    [
      'the old share goes before its successor is made',
      { replacesAfterCreate: false },
      { ...two, start: model.misfit },
      /^run 0 deletes the last share, 0/,
    ],
  ];
  test.each(broken)('%s', (_, change, scenario, says) => {
    const found = outcome(scenario, { ...theRule, ...change });
    expect(found).toMatch(says);
    expect(found).toMatch(/:\n {2}at the start\n {2}run 0 [\s\S]*\n {2}left: /);
  });

  test('a create that is repeated whenever its own share does not show is a waste, and no more', () =>
    expect(outcome({ runs: 2, unknown: 2, kills: 1 }, { ...theRule, repeatsWhen: 'not shown' })).toBe('holds'));
});

// What the outcome of a share means. Reports, outputs and the reviewed plan depend on these functions.

import { describe, expect, test } from '@jest/globals';
import {
  anyOf,
  driftIn,
  failureIn,
  nameOfShare,
  onlyProblemsKnown,
  problemsOf,
  resultOf,
  reviewablePlans,
  type ShareOutcome,
  urgencyOf,
} from '../../src/share/outcome.ts';
import type { Problem, ProblemKind } from '../../src/share/problem.ts';
import { desired, plan, share, there } from './values.ts';

const outcome = (parts: Partial<ShareOutcome> = {}): ShareOutcome => ({
  desired: desired(),
  name: 'S',
  changed: false,
  problems: [],
  warnings: [],
  steps: { done: [], notDone: [], notKnown: [] },
  ...parts,
});
const problem = (kind: ProblemKind): Problem => ({ message: kind, kind });
const changing = plan({ action: 'update', recipients: { add: [{ account_id: 'a' }], remove: [], extra: [] } });
const extras = plan({ recipients: { add: [], remove: [], extra: [there('a')] } });

test.each<[string, Parameters<typeof nameOfShare>[0], string]>([
  [
    'its name, if that is known',
    outcome({ name: 'A', share: share({ id: 'E' }), desired: desired({ shareId: 'D' }) }),
    'A',
  ],
  ['its desired id', outcome({ name: '', share: share({ id: 'E' }), desired: desired({ shareId: 'D' }) }), 'D'],
  ['the id that was read', outcome({ name: '', share: share({ id: 'E' }) }), 'E'],
  ['empty if nothing is known', outcome({ name: '' }), ''],
])('the name of a share in reports is %s', (_, of, name) => {
  expect(nameOfShare(of)).toBe(name);
});

describe('the problems of a share', () => {
  const refused = { message: 'No.', kind: 'refusal', place: { label: 'name' } };
  test.each<[string, Partial<ShareOutcome>, object[]]>([
    ['are those that occurred', { problems: [problem('cloudflare')] }, [problem('cloudflare')]],
    ['begin with its refusal', { refusal: 'No', problems: [problem('cloudflare')] }, [refused, problem('cloudflare')]],
    ['include a refusal only once', { refusal: 'No', problems: [problem('refusal')] }, [problem('refusal')]],
    [
      'omit the refusal if the plan was also not reviewed',
      { refusal: 'No', problems: [problem('cloudflare'), problem('not-reviewed')] },
      [problem('cloudflare'), problem('not-reviewed')],
    ],
  ])('%s', (_, parts, problems) => {
    expect(problemsOf(outcome(parts))).toEqual(problems);
  });
});

test.each<[string, Partial<ShareOutcome>, { failure: boolean; drift: boolean }]>([
  ['nothing', {}, { failure: false, drift: false }],
  ['a refusal', { refusal: 'No' }, { failure: true, drift: false }],
  ['drift', { problems: [problem('drift')] }, { failure: false, drift: true }],
  ['a problem', { problems: [problem('cloudflare')] }, { failure: true, drift: false }],
  ['drift and a problem', { problems: [problem('drift'), problem('inputs')] }, { failure: true, drift: true }],
])('distinguishes failures from drift: %s', (_, parts, { failure, drift }) => {
  expect([failureIn(outcome(parts)), driftIn(outcome(parts))]).toEqual([failure, drift]);
});

test.each<[string, Partial<ShareOutcome>, boolean]>([
  ['neither', {}, true],
  ['a plan', { plan: plan() }, false],
  ['an outcome', { outcome: 'deleted' }, false],
])('only the problems of a share are known unless it has a plan or an outcome (it has %s)', (_, parts, only) => {
  expect(onlyProblemsKnown(outcome(parts))).toBe(only);
});

test('a reviewer can approve only plans that are complete and neither failed nor refused', () => {
  const before = { audience: { accounts: [] }, resources: [] };
  const whole = { plan: changing, before };
  expect(
    reviewablePlans([
      outcome(whole),
      outcome({ plan: changing }),
      outcome({ before }),
      outcome(),
      outcome({ ...whole, refusal: 'No' }),
      outcome({ ...whole, problems: [problem('cloudflare')] }),
      outcome({ ...whole, problems: [problem('drift')] }),
    ]),
  ).toEqual([whole, whole]);
});

test.each<[string, Partial<ShareOutcome>, number]>([
  ['has a problem', { problems: [problem('cloudflare')], plan: changing }, 2],
  ['changes', { plan: changing }, 1],
  ['has drift and changes', { plan: changing, problems: [problem('drift')] }, 1],
  ['has only unlisted items', { plan: extras }, 0],
  ['has no plan', {}, 0],
])('ranks failures before changes, and changes before everything else: a share that %s', (_, parts, urgency) => {
  expect(urgencyOf(outcome(parts))).toBe(urgency);
});

test.each<[string, Partial<ShareOutcome>, ReturnType<typeof resultOf>]>([
  ['refused', { refusal: 'No', outcome: 'planned', plan: changing }, 'refused'],
  ['refused, and failed later', { refusal: 'No', problems: [problem('cloudflare')] }, 'refused'],
  ['not reviewed', { problems: [problem('not-reviewed')], plan: changing }, 'refused'],
  ['not reviewed and failed', { problems: [problem('not-reviewed'), problem('cloudflare')] }, 'failed'],
  ['failed', { problems: [problem('cloudflare')], outcome: 'created' }, 'failed'],
  ['unlisted', { plan: { ...plan(), unlisted: true }, outcome: 'unchanged' }, 'unlisted'],
  ['planned', { plan: changing, outcome: 'planned' }, 'update'],
  ['planned but not applied', { plan: changing }, 'not done'],
  ['planned without changes', { plan: plan() }, 'none'],
  ['neither planned nor done', {}, 'not done'],
  ['updated', { plan: changing, outcome: 'updated' }, 'updated'],
  ['updated without a plan', { outcome: 'updated' }, 'updated'],
  ['replaced', { plan: plan({ action: 'replace' }), outcome: 'updated' }, 'replaced'],
  ['created when its plan was a replacement', { plan: plan({ action: 'replace' }), outcome: 'created' }, 'created'],
])('determines the result of a share: %s', (_, parts, result) => {
  expect(resultOf(outcome(parts))).toBe(result);
});

test.each<[(boolean | undefined)[], boolean | undefined]>([
  [[], undefined],
  [[false], false],
  [[true], true],
  [[false, undefined], undefined],
  [[undefined, true], true],
  [[false, true, undefined], true],
])('anyOf(%j) is %j', (values, any) => {
  expect(anyOf(values)).toBe(any);
});

// Steps are worded for people only. Even if all steps had the same words, runs would do and report the same things.

import { expect, jest, test } from '@jest/globals';
import * as steps from '../../src/share/steps.ts';

jest.unstable_mockModule('../../src/share/steps.ts', () => ({ ...steps, wordsOf: () => 'reworded' }));
const { useRuns } = await import('./use-runs.ts');
const { wordsOf } = await import('../../src/share/steps.ts');

const { sim, desiredShare, liveIds, reconcile } = await useRuns();

test('two runs elect one share, and only its creator reports a change, even if all steps are worded the same', async () => {
  expect(wordsOf({ kind: 'wait-until-associated' })).toBe('reworded');
  sim.holdUntilListed(2);
  sim.order({ kind: 'reset-after-commit', method: 'PUT', times: 2 });
  const outcomes = await Promise.all([1, 2].map(() => reconcile(desiredShare(), { maxAttempts: 1 })));
  expect(outcomes.map(({ outcome, changed, problems }) => ({ outcome, changed, problems }))).toEqual(
    expect.arrayContaining([
      { outcome: 'created', changed: true, problems: [] },
      { outcome: 'unchanged', changed: false, problems: [] },
    ]),
  );
  expect(liveIds()).toHaveLength(1);
  const created = outcomes.find(({ outcome }) => outcome === 'created');
  expect(created?.steps).toEqual({
    done: [
      { kind: 'create', name: 'Baseline', shareId: liveIds()[0] },
      { kind: 'rename', name: 'Baseline' },
    ],
    notDone: [],
    notKnown: [],
  });
});

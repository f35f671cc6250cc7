// The words of a step are only for people. Even if all steps had the same words, runs would do and report the same.

import { afterAll, expect, jest, test } from '@jest/globals';
import { startSimulator } from '../../simulator/index.ts';
import * as steps from '../../src/share/steps.ts';

jest.unstable_mockModule('../../src/share/steps.ts', () => ({ ...steps, wordsOf: () => 'reworded' }));
const { bringAbout, desiredShare, liveIds } = await import('./bring-about.ts');
const { wordsOf } = await import('../../src/share/steps.ts');

const sim = await startSimulator({ associationMs: 5, rateLimit: { quota: 1_000_000, windowSeconds: 300 } });
afterAll(() => sim.close());

test('two runs elect one share, and only its creator reports a change', async () => {
  expect(wordsOf({ kind: 'wait-until-associated' })).toBe('reworded');
  sim.holdUntilLooked(2);
  sim.order({ kind: 'reset-after-commit', method: 'PUT', times: 2 });
  const outcomes = await Promise.all([1, 2].map(() => bringAbout(sim, desiredShare(sim), { maxAttempts: 1 })));
  expect(outcomes.map(({ outcome, changed, problems }) => ({ outcome, changed, problems }))).toEqual(
    expect.arrayContaining([
      { outcome: 'created', changed: true, problems: [] },
      { outcome: 'unchanged', changed: false, problems: [] },
    ]),
  );
  expect(liveIds(sim)).toHaveLength(1);
  const created = outcomes.find(({ outcome }) => outcome === 'created');
  expect(created?.steps).toEqual({
    done: [
      { kind: 'create', name: 'Baseline', shareId: liveIds(sim)[0] },
      { kind: 'rename', name: 'Baseline' },
    ],
    notDone: [],
    notKnown: [],
  });
});

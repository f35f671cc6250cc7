import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { inputsFor, runAction, runInProcess } from '../run-action.ts';

let sim: Simulator;
beforeAll(async () => {
  sim = await startSimulator();
});
afterAll(() => sim.close());

test.each([
  ['process', runAction],
  ['here', runInProcess],
] as const)('creates: %s', async (_, go) => {
  sim.reset();
  const ran = await go(
    inputsFor(sim, {
      'share-name': 'A',
      recipients: [{ account_id: sim.memberIds[0] }],
      resources: [{ resource_type: 'gateway-policy', resource_id: 'c1' }],
    }),
  );
  expect(ran.errors).toEqual([]);
  expect(ran.exitCode).toBe(0);
  expect(sim.liveShares('A').map(({ id }) => id)).toEqual([ran.outputs['share-id']]);
});

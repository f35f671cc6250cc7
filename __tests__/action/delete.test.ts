// mode: delete deletes one share and no other. These tests run src/ from start to finish.

import { describe, expect, test } from '@jest/globals';
import type { FaultKind } from '../../simulator/index.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();

const go = (inputs: InputsOf): Promise<Ran> => runInProcess(inputsFor(sim, { mode: 'delete', ...inputs }));
const sent = (): string[] => sim.requests.map(({ method }) => method);
const liveNames = (): string[] => sim.liveShares().map(({ name }) => name);

describe('mode: delete', () => {
  test.each<[string, (id: string) => InputsOf]>([
    ['share-name', () => ({ 'share-name': 'Baseline' })],
    ['share-id', (id) => ({ 'share-id': id })],
    ['both', (id) => ({ 'share-id': id, 'share-name': 'Baseline' })],
  ])('given %s, needs three requests, leaves other shares alone, and can be repeated', async (_, by) => {
    const { id } = sim.seed({ name: 'Baseline' });
    sim.seed({ name: 'Baseline 2' });
    sim.setAssociation(60_000);
    const ran = await go(by(id));
    expect(ran.errors).toEqual([]);
    expect(ran.outputs).toMatchObject({ 'share-id': id, outcome: 'deleted', changed: 'true', status: 'deleting' });
    expect(sent()).toEqual(['GET', 'GET', 'DELETE']);
    expect(liveNames()).toEqual(['Baseline 2']);

    const again = await go(by(id));
    expect(again.exitCode).toBe(0);
    expect(again.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' });
    expect(sent().filter((method) => method === 'DELETE')).toHaveLength(1);
  });

  test("ignores recipients and resources and doesn't require them", async () => {
    sim.seed({ name: 'Baseline' });
    const ran = await go({
      'share-name': 'Baseline',
      recipients: [{ recipient_account_id: sim.memberIds[3] }],
      resources: [{ resource_type: 'gateway-policy', resource_id: 'c9' }],
    });
    expect(ran.outputs.outcome).toBe('deleted');
    expect(liveNames()).toEqual([]);
  });

  test('succeeds for a name that never existed, and warns about an id that never existed', async () => {
    const byName = await go({ 'share-name': 'Baseline' });
    expect(byName.outputs).toEqual(expect.objectContaining({ outcome: 'unchanged', changed: 'false' }));
    expect(byName.warnings).toEqual([]);
    const byId = await go({ 'share-id': '0'.repeat(32) });
    expect(byId.exitCode).toBe(0);
    expect(byId.warnings).toEqual([expect.stringContaining(`There is no share ${'0'.repeat(32)}`)]);
    expect(sent()).toEqual(['GET', 'GET', 'GET']);
  });

  test.each<[string, () => InputsOf, RegExp]>([
    [
      'does not choose between shares with the same name',
      () => ({ 'share-name': 'Twin' }),
      /There are 2 live shares named "Twin"/,
    ],
    [
      "does not delete a share whose id and name don't match",
      () => ({ 'share-id': sim.liveShares('Twin')[0]?.id, 'share-name': 'Tin' }),
      /is named "Twin", not "Tin"\. .*Nothing was changed$/,
    ],
  ])('%s', async (_, inputs, says) => {
    for (const day of [1, 2]) sim.seed({ name: 'Twin', created: `2026-01-0${day}T00:00:00Z` });
    const ran = await go(inputs());
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringMatching(says)]);
    expect(sent()).toEqual(['GET']);
    expect(liveNames()).toEqual(['Twin', 'Twin']);
  });

  test('deletes one of two shares with the same name by its id', async () => {
    const [first, second] = [1, 2].map((day) => sim.seed({ name: 'Twin', created: `2026-01-0${day}T00:00:00Z` }));
    expect((await go({ 'share-id': first?.id })).outputs.outcome).toBe('deleted');
    expect(sim.liveShares().map(({ id }) => id)).toEqual([second?.id]);
  });

  test.each<FaultKind>([
    'reset-after-commit',
    'html-5xx-after-commit',
    'truncated-body',
    'json-5xx-before-commit',
    'rate-limited',
  ])('succeeds after a retry (%s)', async (kind) => {
    sim.seed({ name: 'Baseline' });
    sim.order({ kind, method: 'DELETE' });
    const ran = await go({ 'share-name': 'Baseline' });
    expect(ran.exitCode).toBe(0);
    expect(ran.outputs.outcome).toBe('deleted');
    expect(liveNames()).toEqual([]);
  });

  test('reports the result as unknown when every attempt fails', async () => {
    const { id } = sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'reset-after-commit', method: 'DELETE' });
    const ran = await go({ 'share-name': 'Baseline', 'max-attempts': '1' });
    expect(ran.exitCode).toBe(1);
    expect(ran.lines.at(-1)).toMatch(new RegExp(`delete share ${id}`));
    expect(ran.lines.at(-1)).toMatch(/may have taken effect/);
    expect(ran.outputs.changed).not.toBe('false');
  });

  test('reports the deletion as not done when permission is missing', async () => {
    const { id } = sim.seed({ name: 'Baseline' });
    const ran = await go({ 'share-name': 'Baseline', 'api-token': sim.credentials.readOnlyApiToken });
    expect(ran.exitCode).toBe(1);
    expect(ran.lines.at(-1)).toBe(`Done: nothing. Not done: delete share ${id}.`);
    expect(liveNames()).toEqual(['Baseline']);
  });
});

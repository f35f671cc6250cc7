// The limit on removals by prune. These tests run src/ from start to finish.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();
const folder = useFolder();

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const id = (i: number): string => sim.memberIds[i] as string;
const recipients = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ recipient_account_id: id(from + i) }));
const seed = (name: string, from: number, to: number) =>
  sim.seed({
    name,
    recipients: recipients(from, to),
    resources: [{ ...POLICY, resource_account_id: sim.accountId, meta: {} }],
  });
const go = (inputs: InputsOf = {}): Promise<Ran> =>
  runInProcess(
    inputsFor(sim, {
      'share-name': 'Baseline',
      recipients: recipients(0, 5),
      resources: [POLICY],
      prune: 'true',
      ...inputs,
    }),
    { env: { GITHUB_WORKSPACE: folder } },
  );
const file = (shares: object, inputs: InputsOf = {}): Promise<Ran> => {
  writeFileSync(join(folder, 'shares.json'), JSON.stringify(shares));
  const none = { 'share-name': undefined, recipients: undefined, resources: undefined };
  return go({ config: 'shares.json', ...none, ...inputs });
};
const share = (name: string, from: number, to: number) => ({
  name,
  recipients: recipients(from, to),
  resources: [POLICY],
});
const liveCount = (name = 'Baseline'): number | undefined =>
  sim.liveShares(name)[0]?.recipients.filter(({ association_status: status }) => status === 'associated').length;
const onlyReads = (): boolean => sim.requests.every(({ method }) => method === 'GET');
const OVER =
  /prune would remove 15 of the 20 recipients in the listed shares, but removal-limit is 30%\. .*raise removal-limit.*reviewed-plan/;

describe('a list that lost most of its recipients', () => {
  test('is refused before any write, and the error gives both numbers and says how to proceed', async () => {
    seed('Baseline', 0, 20);
    const ran = await go();
    expect(ran.errors).toEqual([expect.stringMatching(OVER)]);
    expect([ran.exitCode, ran.outputs['failure-reason'], ran.outputs.changed]).toEqual([1, 'refused', 'false']);
    expect([onlyReads(), liveCount()]).toEqual([true, 20]);
    expect(ran.summary).toContain('prune would remove 15 of the 20 recipients');
  });

  test('causes a caution at the top of a plan, which succeeds', async () => {
    seed('Baseline', 0, 20);
    const ran = await go({ mode: 'plan' });
    expect([ran.exitCode, ran.errors]).toEqual([0, []]);
    expect(ran.warnings).toEqual([expect.stringMatching(OVER)]);
    expect(ran.summary.split('\n').slice(0, 8).join('\n')).toMatch(
      /\[!CAUTION\]\n.*\n.*prune would remove 15 of the 20/,
    );
    expect(onlyReads()).toBe(true);
  });

  test.each<[string, InputsOf]>([
    ['a higher limit', { 'removal-limit': '75%' }],
    ['no prune', { prune: 'false' }],
  ])('is applied with %s', async (_, inputs) => {
    seed('Baseline', 0, 20);
    const ran = await go(inputs);
    expect([ran.errors, ran.exitCode]).toEqual([[], 0]);
    expect(liveCount()).toBe(inputs.prune === 'false' ? 20 : 5);
  });

  test('is applied with a reviewed plan', async () => {
    seed('Baseline', 0, 20);
    const path = join(folder, 'plan.json');
    await go({ mode: 'plan', 'plan-file': path });
    const ran = await go({ 'reviewed-plan': path });
    rmSync(path);
    expect([ran.errors, liveCount()]).toEqual([[], 5]);
  });

  test('is applied when it loses no more than the limit or fewer than ten recipients', async () => {
    seed('Baseline', 0, 40);
    expect((await go({ recipients: recipients(0, 28) })).errors).toEqual([]);
    expect(liveCount()).toBe(28);
    sim.reset();
    seed('Baseline', 0, 10);
    expect((await go({ recipients: recipients(0, 1) })).errors).toEqual([]);
    expect(liveCount()).toBe(1);
  });
});

describe('a file that would remove too much', () => {
  test('is refused as a whole, naming every share that would lose something', async () => {
    seed('Baseline', 0, 6);
    seed('Second', 0, 6);
    seed('Third', 0, 3);
    const truncated = { shares: [share('Baseline', 0, 1), share('Second', 0, 1), share('Third', 0, 4)] };
    const ran = await file(truncated);
    expect(ran.errors).toEqual([
      expect.stringMatching(/"Baseline", "Second": prune would remove 10 of the 15 recipients/),
    ]);
    expect(onlyReads()).toBe(true);
  });

  test("does not delete most of the account's shares, even with complete: true", async () => {
    for (let i = 0; i < 12; i++) seed(`Share ${i}`, 0, 1);
    const complete = { complete: true, shares: [share('Share 0', 0, 1), share('Share 1', 0, 1)] };
    const ran = await file(complete);
    expect(ran.errors.join()).toMatch(/prune would remove 10 of the 12 shares that the account sends/);
    expect([onlyReads(), sim.liveShares().length]).toEqual([true, 12]);
    expect((await file(complete, { 'removal-limit': '100%' })).errors).toEqual([]);
    expect(sim.liveShares()).toHaveLength(2);
  });

  test('is refused when a pattern suddenly matches few accounts', async () => {
    for (let i = 0; i < 15; i++) sim.nameAccount(id(i), `Branch ${i}`);
    const shares = { shares: [{ name: 'Baseline', recipients: [{ account_names: 'Branch *' }], resources: [POLICY] }] };
    expect((await file(shares)).errors).toEqual([]);
    for (let i = 3; i < 15; i++) sim.nameAccount(id(i), `Office ${i}`);
    const ran = await file(shares);
    expect(ran.errors).toEqual([expect.stringMatching(/prune would remove 12 of the 15 recipients/)]);
    expect(liveCount()).toBe(15);
  });
});

test('the removal limit does not apply to absent shares and mode: delete', async () => {
  for (let i = 0; i < 12; i++) seed(`Share ${i}`, 0, 1);
  const absent = Array.from({ length: 11 }, (_, i) => ({ name: `Share ${i}`, state: 'absent' }));
  expect((await file({ shares: [...absent, share('Share 11', 0, 1)] })).errors).toEqual([]);
  expect(sim.liveShares()).toHaveLength(1);
  for (let i = 0; i < 11; i++) seed(`Again ${i}`, 0, 1);
  const again = Array.from({ length: 11 }, (_, i) => share(`Again ${i}`, 0, 1));
  expect((await file({ shares: again }, { mode: 'delete' })).errors).toEqual([]);
  expect(sim.liveShares()).toHaveLength(1);
});

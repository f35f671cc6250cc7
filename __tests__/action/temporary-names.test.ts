// A share is created under a temporary name and then renamed. Killed runs, concurrent runs and plans, seen from
// outside. Killed and concurrent runs start the built action as a process.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type RunOptions, runAction } from '../run-action.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';
import { until } from './until.ts';

const sim = await useSimulator();
const folder = useFolder();

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const recipients = () => [{ recipient_account_id: sim.memberIds[0] as string }];
const inputsOf = (inputs: InputsOf): InputsOf =>
  inputsFor(sim, { 'share-name': 'Baseline', recipients: recipients(), resources: [POLICY], ...inputs });
const go = (inputs: InputsOf = {}): Promise<Ran> => runInProcess(inputsOf(inputs));
const goAsProcess = (inputs: InputsOf = {}, options: RunOptions = {}): Promise<Ran> =>
  runAction(inputsOf(inputs), options);
const sent = (): string[] => sim.requests.map(({ method }) => method);
const names = (): string[] => sim.liveShares().map(({ name }) => name);
const TEMPORARY = /^Baseline \[creating [0-9a-z]{12,}\]$/;
const temporary = (nonce = 'abcdefabcdef'): string => `Baseline [creating ${nonce}]`;
const agesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
const seed = (name: string, created: string, change: object = {}) =>
  sim.seed({
    name,
    created,
    recipients: recipients(),
    resources: [{ ...POLICY, resource_account_id: sim.accountId, meta: {} }],
    ...change,
  });
const planOf = (ran: Ran) => JSON.parse(ran.outputs.plan ?? '{}').shares[0];

test('shares of one file are never confused with each other', async () => {
  const file = join(folder, 'two.json');
  const shares = ['A', 'B'].map((name, i) => ({
    name,
    recipients: [{ recipient_account_id: sim.memberIds[i] }],
    resources: [POLICY],
  }));
  writeFileSync(file, JSON.stringify({ shares }));
  sim.order({ kind: 'json-5xx-before-commit', method: 'POST' });
  const inputs = { config: file, 'share-name': undefined, recipients: undefined, resources: undefined };
  const ran = await go(inputs);
  expect(ran.errors).toEqual([]);
  const created = sim.requests.flatMap(({ method, body }) =>
    method === 'POST' ? [(body as { name: string }).name] : [],
  );
  const marks = (name: string): Set<string> =>
    new Set(created.flatMap((each) => (each.startsWith(`${name} `) ? [each.slice(2)] : [])));
  expect([...marks('A')].filter((mark) => marks('B').has(mark))).toEqual([]);
  expect(
    sim
      .liveShares()
      .map(({ name, recipients: to }) => [name, to.map(({ account_id }) => account_id)])
      .sort(),
  ).toEqual([
    ['A', [sim.memberIds[0]]],
    ['B', [sim.memberIds[1]]],
  ]);
});

describe('a killed run', () => {
  /** Kills the run as soon as the condition is true. */
  const killedWhen = (isSo: () => boolean, env: Record<string, string> = {}): RunOptions => ({
    env,
    started: async (child) => {
      await until(isSo);
      child.kill('SIGKILL');
    },
  });

  test('that has no create response yet leaves a temporary share, which the next run completes', async () => {
    sim.order({ kind: 'late-response', method: 'POST', delayMs: 600_000 });
    const killed = await goAsProcess(
      {},
      killedWhen(() => sim.liveShares().length > 0),
    );
    expect(killed.exitCode).not.toBe(0);
    const [left] = sim.liveShares();
    expect(left?.name).toMatch(TEMPORARY);

    sim.requests.length = 0;
    const next = await goAsProcess();
    expect(next.errors).toEqual([]);
    expect(next.exitCode).toBe(0);
    expect(next.outputs).toMatchObject({ 'share-id': left?.id, changed: 'true', status: 'active' });
    expect(sim.liveShares().map(({ id, name }) => [id, name])).toEqual([[left?.id, 'Baseline']]);
    expect(sent()).not.toContain('POST');
    expect(next.lines).toContain(`~ share ${left?.id} renamed to "Baseline"`);

    expect((await go()).outputs).toMatchObject({ 'share-id': left?.id, outcome: 'unchanged' });
  });

  test("has already output the share's id when it is killed before the rename", async () => {
    sim.order({ kind: 'late-response', method: 'GET', skip: 1, delayMs: 600_000 });
    const output = join(folder, 'output');
    writeFileSync(output, '');
    let toldWhileRunning = '';
    await goAsProcess(
      {},
      killedWhen(
        () => {
          toldWhileRunning = readFileSync(output, 'utf8');
          return toldWhileRunning.endsWith('\n') && sent().length === 3;
        },
        { GITHUB_OUTPUT: output },
      ),
    );
    const [left] = sim.liveShares();
    expect(left?.name).toMatch(TEMPORARY);
    expect(toldWhileRunning).toMatch(new RegExp(`^share-id<<(\\S+)\\n${left?.id}\\n\\1\\n$`));

    // A clean-up job deletes the share by this output.
    const cleared = await go({ mode: 'delete', 'share-id': left?.id, 'share-name': undefined });
    expect(cleared.outputs).toMatchObject({ 'share-id': left?.id, outcome: 'deleted' });
    expect(sim.liveShares()).toEqual([]);
  });
});

describe('concurrent runs that all list before any of them writes', () => {
  test.each<[string, number, (i: number) => InputsOf]>([
    ['with the same inputs', 20, () => ({})],
    ['half of them with if-exists: keep', 8, (i) => (i % 2 === 0 ? {} : { 'if-exists': 'keep' })],
  ])('leave one share and report its id (%s, %d runs)', async (_, count, inputs) => {
    sim.holdUntilListed(count);
    const runs = await Promise.all(Array.from({ length: count }, (__, i) => goAsProcess(inputs(i))));
    expect(sim.listsAtOnce).toBe(count);
    expect(runs.flatMap(({ errors }) => errors)).toEqual([]);
    expect(runs.map(({ exitCode }) => exitCode)).toEqual(runs.map(() => 0));
    expect(names()).toEqual(['Baseline']);
    const [live] = sim.liveShares();
    expect(new Set(runs.map(({ outputs }) => outputs['share-id']))).toEqual(new Set([live?.id]));
    expect(runs.map(({ outputs }) => outputs.status)).toEqual(runs.map(() => 'active'));
    expect(runs.filter(({ outputs }) => outputs.outcome === 'created')).toHaveLength(1);
    // Each run created its own share, and all but one deleted only their own.
    expect(sim.shares()).toHaveLength(count);
    expect(sent().filter((method) => method === 'POST')).toHaveLength(count);
    expect(sim.requests.filter(({ method }) => method === 'DELETE').map(({ status }) => status)).toEqual(
      Array.from({ length: count - 1 }, () => 200),
    );
  });
});

describe('a leftover temporary share', () => {
  test('is deleted after two minutes, with a log line, if a share with the final name exists', async () => {
    const { id } = seed('Baseline', agesAgo(60));
    const old = seed(temporary(), agesAgo(3));
    const young = seed(temporary('0123456789ab'), agesAgo(1));
    const ran = await goAsProcess();
    expect(ran.exitCode).toBe(0);
    expect(ran.outputs).toMatchObject({ 'share-id': id, outcome: 'unchanged', changed: 'false' });
    expect(sim.liveShares().map((share) => share.id)).toEqual([id, young.id]);
    expect(ran.lines.filter((line) => line.includes(old.id))).toEqual([
      `- temporary share ${old.id} deleted: it is no longer needed`,
    ]);
    expect(ran.log).not.toContain(young.id);
  });

  test('is planned as a rename, and nothing is written', async () => {
    const { id } = seed(temporary(), agesAgo(3));
    const ran = await go({ mode: 'plan' });
    expect(ran.outputs).toMatchObject({ 'share-id': id, changed: 'true', outcome: 'planned' });
    expect(planOf(ran)).toMatchObject({
      action: 'update',
      share_id: id,
      rename: { from: temporary(), to: 'Baseline' },
    });
    expect(new Set(sent())).toEqual(new Set(['GET']));
    expect((await go({ mode: 'plan', 'fail-on-drift': 'true' })).exitCode).toBe(1);
  });

  test('is adopted if it is the oldest, and younger ones stay', async () => {
    const younger = seed(temporary('bbbbbbbbbbbb'), agesAgo(1));
    const { id } = seed(temporary('aaaaaaaaaaaa'), agesAgo(5));
    const ran = await go();
    expect(ran.outputs['share-id']).toBe(id);
    expect(sim.liveShares('Baseline').map((share) => share.id)).toEqual([id]);
    expect(sim.liveShares().map((share) => share.id)).toContain(younger.id);
  });

  test('is never adopted if it covers the organization and accounts are requested', async () => {
    const wide = seed(temporary(), agesAgo(1), { recipients: [{}] });
    const ran = await go();
    expect(ran.outputs.outcome).toBe('created');
    expect(ran.outputs['share-id']).not.toBe(wide.id);
    expect(sim.liveShares('Baseline').map(({ target_type }) => target_type)).toEqual(['account']);
  });

  test('is refused with if-exists: fail, with advice on how to continue', async () => {
    const { id } = seed(temporary(), agesAgo(3));
    const ran = await go({ 'if-exists': 'fail' });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([
      expect.stringMatching(`Another run is creating share "Baseline".*${id}.*if-exists: update`),
    ]);
    expect(names()).toEqual([temporary()]);
  });

  test('is left alone if its final name only starts with the requested one', async () => {
    const other = seed('Baseline 2 [creating abcdefabcdef]', agesAgo(60));
    expect((await go()).outputs.outcome).toBe('created');
    expect(sim.liveShares().map(({ id }) => id)).toContain(other.id);
  });

  test('is deleted along with the share in mode: delete', async () => {
    seed('Baseline', agesAgo(60));
    seed(temporary(), agesAgo(1));
    const ran = await go({ mode: 'delete' });
    expect(ran.outputs.outcome).toBe('deleted');
    expect(sim.liveShares()).toEqual([]);
  });
});

test('a share name with a temporary suffix is refused before any request', async () => {
  const ran = await go({ 'share-name': temporary() });
  expect(ran.errors).toEqual([expect.stringMatching(/^share-name: looks like a temporary name/)]);
  expect(sent()).toEqual([]);
});

test('create-new sends one POST with the final name', async () => {
  seed(temporary(), agesAgo(5));
  await go({ 'if-exists': 'create-new' });
  expect(sent()).toEqual(['POST']);
  expect(names().sort()).toEqual(['Baseline', temporary()]);
});

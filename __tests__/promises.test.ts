// The promises of the contract, each held to by whole runs of dist/index.js against the simulator.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FaultKind } from '../simulator/faults.ts';
import { type Simulator, startSimulator } from '../simulator/index.ts';
import { type InputsOf, inputsFor, type Ran, runAction } from './run-action.ts';

let sim: Simulator;
beforeAll(async () => {
  sim = await startSimulator({ latencyMs: 4 });
});
afterAll(() => sim.close());
beforeEach(() => sim.reset());

const accounts = (...indexes: number[]) => indexes.map((i) => ({ account_id: sim.memberIds[i] as string }));
const policies = (...ids: string[]) => ids.map((resource_id) => ({ resource_type: 'gateway-policy', resource_id }));
const baseline = (): InputsOf => ({ 'share-name': 'Baseline', recipients: accounts(0, 1), resources: policies('c1') });
const go = (inputs: InputsOf = {}): Promise<Ran> => runAction(inputsFor(sim, { ...baseline(), ...inputs }));
const sent = (): string[] => sim.requests.map(({ method }) => method);
const liveAccounts = (name = 'Baseline'): string[] =>
  (sim.liveShares(name)[0]?.recipients ?? [])
    .filter(({ association_status }) => !association_status.startsWith('disassociat'))
    .map(({ account_id }) => account_id)
    .sort();

describe('exactly one', () => {
  const faults: { kind: FaultKind; delayMs?: number }[] = [
    { kind: 'reset-before-commit' },
    { kind: 'reset-after-commit' },
    { kind: 'json-5xx-before-commit' },
    { kind: 'json-5xx-after-commit' },
    { kind: 'html-5xx-before-commit' },
    { kind: 'html-5xx-after-commit' },
    { kind: 'truncated-body' },
    { kind: 'late-answer', delayMs: 1500 },
    { kind: 'late-commit', delayMs: 1500 },
    { kind: 'nonsense' },
    { kind: 'rate-limited' },
  ];

  test.concurrent.each(faults)('$kind around the create call leaves one share and a green step', async (fault) => {
    const own = await startSimulator();
    try {
      own.order({ method: 'POST', ...fault });
      const ran = await runAction(inputsFor(own, { ...baseline(), 'request-timeout': '0.7' }));
      expect(ran.errors).toEqual([]);
      expect(ran.exitCode).toBe(0);
      expect(ran.outputs.outcome).toBe('created');
      expect(own.pendingFaults).toBe(0);
      expect(own.liveShares('Baseline').map(({ id }) => id)).toEqual([ran.outputs['share-id']]);
    } finally {
      await own.close();
    }
  });

  test('a call that is carried out after the step gave up and tried again leaves no second share', async () => {
    // The step gives up after half a second, looks for five, and tries again; then the first call is carried out.
    sim.order({ kind: 'late-commit', method: 'POST', delayMs: 6_500 });
    const ran = await go({ 'request-timeout': '0.5' });
    expect(ran.exitCode).toBe(0);
    expect(sim.liveShares('Baseline').map(({ id }) => id)).toEqual([ran.outputs['share-id']]);
  });

  test('eight runs at once leave one share, are all green and report the same id', async () => {
    const runs = await Promise.all(Array.from({ length: 8 }, () => go()));
    expect(runs.map(({ exitCode }) => exitCode)).toEqual(Array.from({ length: 8 }, () => 0));
    const live = sim.liveShares('Baseline').map(({ id }) => id);
    expect(live).toHaveLength(1);
    expect(new Set(runs.map(({ outputs }) => outputs['share-id']))).toEqual(new Set(live));
    expect(runs.filter(({ outputs }) => outputs.outcome === 'created')).toHaveLength(1);
  });

  test('with create-new nothing is looked up: an ambiguous answer fails, and says that the share may exist', async () => {
    sim.order({ kind: 'reset-after-commit', method: 'POST' });
    const ran = await go({ 'if-exists': 'create-new' });
    expect(ran.exitCode).toBe(1);
    expect(sent()).toEqual(['POST']);
    expect(ran.lines.at(-1)).toMatch(/Not known: create share "Baseline" - it may have taken effect/);
    expect(ran.outputs.changed).toBeUndefined();
  });

  test("old namesakes are nobody else's to choose from: both ids are named, nothing is changed", async () => {
    const ids = [1, 2].map((day) => sim.seed({ name: 'Baseline', created: `2026-01-0${day}T00:00:00.000000Z` }).id);
    const ran = await go();
    expect(ran.exitCode).toBe(1);
    for (const id of ids) expect(ran.errors[0]).toContain(id);
    expect(sent()).toEqual(['GET']);
  });
});

describe('never wider than asked', () => {
  test('a share that targets the organization where accounts were asked for is taken back, and the step fails', async () => {
    sim.order({ kind: 'wider', method: 'POST' });
    const ran = await go();
    expect(ran.exitCode).toBe(1);
    expect(sim.liveShares()).toEqual([]);
    expect(ran.errors[0]).toContain(ran.outputs['share-id'] ?? 'an id');
    expect(ran.lines.at(-1)).toMatch(/^Done: create share "Baseline" \(.+\); take back share/);
  });

  test('a share found with the organization as its target is neither changed nor called fine', async () => {
    const { id } = sim.seed({ name: 'Baseline', recipients: [{}] });
    for (const ifExists of ['update', 'keep']) {
      const ran = await go({ 'if-exists': ifExists });
      expect(ran.exitCode).toBe(1);
      expect(ran.errors[0]).toContain('targets the organization');
    }
    expect(sim.liveShares().map((share) => share.id)).toEqual([id]);
    expect(new Set(sent())).toEqual(new Set(['GET']));
  });

  test.each([
    '[{"acount_id":"x"}]',
    '[[]]',
    '[null]',
    '[{"__proto__":{}}]',
    '- account-id: x',
    '[{"account_id":null}]',
    '[{"account_id":""}]',
  ])('recipients %s never reach the API', async (recipients) => {
    const ran = await go({ recipients });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors[0]).toMatch(/^recipients\[0\]/);
    expect(sim.requests).toEqual([]);
  });
});

describe('nothing goes unasked', () => {
  test('without prune what is not listed stays and is reported', async () => {
    sim.seed({ name: 'Baseline', recipients: accounts(0, 5), resources: policies('c1', 'c9').map(whole) });
    const ran = await go();
    expect(ran.exitCode).toBe(0);
    expect(liveAccounts()).toEqual([...accounts(0, 1, 5)].map(({ account_id }) => account_id).sort());
    const [plan] = JSON.parse(ran.outputs.plan ?? '{}').shares;
    expect(plan.recipients.extra.map((r: { account_id: string }) => r.account_id)).toEqual([sim.memberIds[5]]);
    expect(plan.resources.extra.map((r: { resource_id: string }) => r.resource_id)).toEqual(['c9']);
    expect(plan.recipients.remove).toEqual([]);
  });

  test('a plan never writes', async () => {
    sim.seed({ name: 'Baseline', recipients: accounts(4), resources: policies('c7').map(whole) });
    for (const inputs of [
      {},
      { prune: 'true' },
      { recipients: '[{}]', replace: 'true' },
      { 'share-name': 'New' },
      { 'if-exists': 'keep' },
    ]) {
      const ran = await go({ ...inputs, mode: 'plan' });
      expect(ran.exitCode).toBe(0);
      expect(ran.outputs.outcome).toBe('planned');
    }
    expect(new Set(sent())).toEqual(new Set(['GET']));
  });

  test('drift fails the plan when it is to: extras count', async () => {
    sim.seed({ name: 'Baseline', recipients: accounts(0, 1, 2), resources: policies('c1').map(whole) });
    const drift = await go({ mode: 'plan', 'fail-on-drift': 'true' });
    expect(drift.exitCode).toBe(1);
    expect(drift.outputs.changed).toBe('false');
    const none = await go({ mode: 'plan', 'fail-on-drift': 'true', recipients: accounts(0, 1, 2) });
    expect(none.exitCode).toBe(0);
  });
});

const whole = (item: { resource_type: string; resource_id: string }) => ({
  ...item,
  resource_account_id: sim.accountId,
  meta: {},
});

describe('in place', () => {
  test('an update keeps the share, and every recipient that stays keeps its record, associated throughout', async () => {
    const { id } = sim.seed({ name: 'Baseline', recipients: accounts(0, 1), resources: policies('c1').map(whole) });
    const standing = () => {
      const {
        id: record,
        association_status,
        created,
      } = sim.liveShares()[0]?.recipients.find(({ account_id }) => account_id === sim.memberIds[1]) ?? {};
      return { record, association_status, created };
    };
    const kept = standing();
    const ran = await go({ recipients: accounts(1, 2), resources: policies('c2'), prune: 'true' });
    expect(ran.exitCode).toBe(0);
    expect(ran.outputs).toMatchObject({ 'share-id': id, outcome: 'updated', changed: 'true' });
    expect(liveAccounts()).toEqual(
      accounts(1, 2)
        .map(({ account_id }) => account_id)
        .sort(),
    );
    expect(standing()).toEqual(kept);
  });

  test('accounts <-> organization: refused, and with replace the new share is there before the old one goes', async () => {
    const { id } = sim.seed({ name: 'Baseline', recipients: accounts(0), resources: policies('c1').map(whole) });
    const refused = await go({ recipients: '[{}]' });
    expect(refused.exitCode).toBe(1);
    expect(refused.errors[0]).toContain('replace: true');
    sim.requests.length = 0;
    const replaced = await go({ recipients: '[{}]', replace: 'true' });
    expect(replaced.exitCode).toBe(0);
    expect(sent().filter((method) => method !== 'GET')).toEqual(['POST', 'DELETE']);
    expect(sim.liveShares('Baseline').map((share) => share.id)).toEqual([replaced.outputs['share-id']]);
    expect(replaced.outputs['share-id']).not.toBe(id);
  });

  test('a recipient that is on its way out counts as not there and is added again', async () => {
    await go();
    await go({ recipients: accounts(0), prune: 'true' });
    const back = await go();
    expect(back.outputs.outcome).toBe('updated');
    expect(liveAccounts()).toEqual(
      accounts(0, 1)
        .map(({ account_id }) => account_id)
        .sort(),
    );
  });

  test('who leaves goes before resources come, and resources go before anyone joins', async () => {
    sim.seed({ name: 'Baseline', recipients: accounts(0, 1), resources: policies('c1').map(whole) });
    const ran = await go({ recipients: accounts(1, 2), resources: policies('c2'), prune: 'true' });
    expect(ran.exitCode).toBe(0);
    const writes = sim.requests
      .filter(({ method }) => method !== 'GET')
      .map(
        ({ method, path }) =>
          `${method} ${path
            .split('/')
            .slice(5)
            .join('/')
            .replace(/\/[0-9a-f]{32}$/, '/…')}`,
      );
    expect(writes).toEqual(['DELETE recipients/…', 'POST resources', 'DELETE resources/…', 'PUT recipients']);
  });
});

describe('few calls', () => {
  test('a new share takes three, a run without change two', async () => {
    await go();
    expect(sent()).toEqual(['GET', 'POST', 'GET']);
    sim.requests.length = 0;
    const again = await go();
    expect(again.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' });
    expect(sent()).toEqual(['GET', 'GET']);
  });

  test('create-new takes one', async () => {
    const ran = await go({ 'if-exists': 'create-new' });
    expect(ran.outputs.outcome).toBe('created');
    expect(sent()).toEqual(['POST']);
  });

  test('an answer without resources costs one more', async () => {
    const bare = await startSimulator({ createAnswersWithResources: false });
    const ran = await runAction(inputsFor(bare, { ...baseline(), 'if-exists': 'create-new' }));
    expect(bare.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
    expect(JSON.parse(ran.outputs['resource-ids'] ?? '[]')).toEqual(
      bare.liveShares()[0]?.resources.map(({ id }) => id),
    );
    await bare.close();
  });

  test('250 recipients added and 100 removed take at most five', async () => {
    const range = (from: number, to: number) => accounts(...Array.from({ length: to - from }, (_, i) => from + i));
    sim.seed({ name: 'Baseline', recipients: range(0, 150), resources: policies('c1').map(whole) });
    const ran = await go({ recipients: range(100, 400), prune: 'true' });
    expect(ran.exitCode).toBe(0);
    expect(sim.requests.length).toBeLessThanOrEqual(5);
    expect(liveAccounts()).toEqual(
      range(100, 400)
        .map(({ account_id }) => account_id)
        .sort(),
    );
  });

  test('an older API that answers twenty a page is read to its end', async () => {
    const paged = await startSimulator({ unpagedByDefault: false });
    for (let i = 0; i < 45; i++) paged.seed({ name: `Share ${i}` });
    paged.seed({
      name: 'Baseline',
      recipients: accounts(0, 1),
      resources: policies('c1').map(whole),
      created: '2020-01-01T00:00:00.000000Z',
    });
    const ran = await runAction(inputsFor(paged, baseline()));
    expect(ran.outputs.outcome).toBe('unchanged');
    await paged.close();
  });
});

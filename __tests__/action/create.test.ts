// A run leaves exactly one share, whichever request fails and however many runs start at the same time. Concurrent runs
// and some others start the built action as a process.

import { describe, expect, test } from '@jest/globals';
import {
  type Fault,
  type FaultKind,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../simulator/index.ts';
import { fastClock } from '../clock.ts';
import { runAction } from '../run-action.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useSimulator } from '../use-simulator.ts';

const sim = await useSimulator({ latencyMs: 20 });

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const baseline = (of: Simulator): InputsOf => ({
  'share-name': 'Baseline',
  recipients: [{ recipient_account_id: of.memberIds[0] }, { recipient_account_id: of.memberIds[1] }],
  resources: [POLICY],
});
const inputsOf = (inputs: InputsOf, of: Simulator): InputsOf => inputsFor(of, { ...baseline(of), ...inputs });
const go = (inputs: InputsOf = {}, of = sim): Promise<Ran> =>
  runInProcess(inputsOf(inputs, of), { clock: fastClock(50) });
const goAsProcess = (inputs: InputsOf = {}, of = sim): Promise<Ran> => runAction(inputsOf(inputs, of));
const sent = (of = sim): string[] => of.requests.map(({ method }) => method);
const nameIn = (body: unknown): string => (body as { name: string }).name;
const liveIds = (of = sim): string[] => of.liveShares('Baseline').map(({ id }) => id);

/** Starts a simulator without latency, or with these options. */
async function withSimulator(use: (own: Simulator) => Promise<void>, options: SimulatorOptions = {}): Promise<void> {
  const own = await startSimulator(options);
  try {
    await use(own);
  } finally {
    await own.close();
  }
}

describe('a fault during the create call', () => {
  const kinds: FaultKind[] = [
    'reset-before-commit',
    'reset-after-commit',
    'json-5xx-before-commit',
    'json-5xx-after-commit',
    'html-5xx-before-commit',
    'html-5xx-after-commit',
    'truncated-body',
    'late-response',
    'late-commit',
    'nonsense',
  ];
  /**
   * A late fault needs a timeout that is shorter than its delay. These runs start the action as a process, because the
   * timeout is real.
   */
  const goWith = (kind: FaultKind, inputs: InputsOf, own: Simulator): Promise<Ran> =>
    kind.startsWith('late') ? goAsProcess({ 'request-timeout': '1', ...inputs }, own) : go(inputs, own);
  const isListed = (kind: FaultKind): boolean => !kind.endsWith('before-commit') && kind !== 'late-commit';

  test.each(kinds)('leaves exactly one live share, whose id is reported (%s)', (kind) =>
    withSimulator(async (own) => {
      own.order({ kind, method: 'POST' });
      const ran = await goWith(kind, {}, own);
      expect(ran.errors).toEqual([]);
      expect(ran.exitCode).toBe(0);
      expect(own.pendingFaults).toBe(0);
      expect(liveIds(own)).toEqual([ran.outputs['share-id']]);
      expect(ran.outputs).toMatchObject({ outcome: 'created', changed: 'true', status: 'active' });
      expect(JSON.parse(ran.outputs['resource-ids'] ?? '[]')).toEqual(
        own.liveShares('Baseline')[0]?.resources.map(({ id }) => id),
      );
      // A call that took effect is found and never sent again. If it isn't visible in the listing, it is sent once
      // more.
      const posts = own.requests.filter(({ method }) => method === 'POST');
      expect(posts).toHaveLength(isListed(kind) ? 1 : 2);
      // Every attempt uses the same temporary name, so the share can be found by it.
      expect(new Set(posts.map(({ body }) => nameIn(body))).size).toBe(1);
      expect(nameIn(posts[0]?.body)).toMatch(/^Baseline \[creating [0-9a-z]{12,}\]$/);
      // A call that takes effect after the last listing leaves a temporary share, which the next run deletes.
      const others = own.liveShares().filter(({ name }) => name !== 'Baseline');
      if (kind === 'late-commit') for (const { name } of others) expect(name).toBe(nameIn(posts[0]?.body));
      else expect(others).toEqual([]);
    }),
  );

  test('makes the run list the shares again when the first listing fails too', () =>
    withSimulator(async (own) => {
      own.order({ kind: 'reset-after-commit', method: 'POST' });
      own.order({ kind: 'html-5xx-before-commit', method: 'GET', skip: 1, times: 2 });
      const ran = await go({}, own);
      expect(ran.exitCode).toBe(0);
      expect(liveIds(own)).toEqual([ran.outputs['share-id']]);
      expect(own.shares()).toHaveLength(1);
    }));

  test('that persists fails the step after max-attempts and leaves no share', () =>
    withSimulator(async (own) => {
      own.order({ kind: 'json-5xx-before-commit', method: 'POST', times: 2 });
      const ran = await go({ 'max-attempts': '2' }, own);
      expect(ran.exitCode).toBe(1);
      expect(own.shares()).toEqual([]);
      expect(sent(own).filter((method) => method === 'POST')).toHaveLength(2);
      expect(ran.outputs.changed).toBeUndefined();
      expect(ran.lines.at(-1)).toMatch(/^Done: nothing\. Not known: create share "Baseline"/);
    }));

  test('leaves one share with the name, even when the call executes after the run', async () => {
    sim.order({ kind: 'reset-then-commit', method: 'POST', commitAfterMs: 3_600_000 });
    const ran = await go();
    expect(ran.exitCode).toBe(0);
    await sim.commitPending();
    expect(sim.shares()).toHaveLength(2);
    expect(liveIds()).toEqual([ran.outputs['share-id']]);
    const late = sim.liveShares().find(({ name }) => name !== 'Baseline');
    if (late) expect(late.name).toMatch(/^Baseline \[creating [0-9a-z]{12,}\]$/);
    const next = await go();
    expect(next.outputs).toMatchObject({ 'share-id': ran.outputs['share-id'], outcome: 'unchanged' });
    expect(liveIds()).toEqual([ran.outputs['share-id']]);
  });

  test.each([{}, { 'if-exists': 'create-new' }])(
    'costs one more request when the response omits the resources (%j)',
    (inputs) =>
      withSimulator(
        async (own) => {
          const ran = await go(inputs, own);
          expect(sent(own)).toEqual('if-exists' in inputs ? ['POST', 'GET'] : ['GET', 'POST', 'GET', 'PUT']);
          expect(JSON.parse(ran.outputs['resource-ids'] ?? '[]')).toEqual(
            own.liveShares()[0]?.resources.map(({ id }) => id),
          );
        },
        { createShowsResources: false },
      ),
  );

  test.each(kinds)('with create-new causes no retry, and the step fails and reports an unknown result (%s)', (kind) =>
    withSimulator(async (own) => {
      own.order({ kind, method: 'POST' });
      const ran = await goWith(kind, { 'if-exists': 'create-new' }, own);
      expect(ran.exitCode).toBe(1);
      expect(sent(own)).toEqual(['POST']);
      expect(ran.errors).toHaveLength(1);
      expect(ran.lines.at(-1)).toMatch(
        /^Done: nothing\. Not known: create share "Baseline" - it may have taken effect; check before you run again\.$/,
      );
      expect(ran.outputs.changed).toBeUndefined();
      expect(ran.outputs['share-id']).toBeUndefined();
    }),
  );
});

describe('concurrent runs', () => {
  const eight = (run: (i: number) => Promise<Ran>): Promise<Ran[]> =>
    Promise.all(Array.from({ length: 8 }, (_, i) => run(i)));

  test.each<[string, InputsOf, Fault[]]>([
    ['one of them gets no response', {}, [{ kind: 'reset-after-commit', method: 'POST' }]],
  ])('in eight processes leave one live share and report its id (%s)', async (_, inputs, faults) => {
    for (const fault of faults) sim.order(fault);
    const runs = await eight(() => goAsProcess(inputs));
    expect(runs.flatMap(({ errors }) => errors)).toEqual([]);
    expect(runs.map(({ exitCode }) => exitCode)).toEqual(Array.from({ length: 8 }, () => 0));
    const live = liveIds();
    expect(live).toHaveLength(1);
    expect(runs.map(({ outputs }) => outputs['share-id'])).toEqual(Array.from({ length: 8 }, () => live[0]));
    expect(runs.map(({ outputs }) => outputs.status)).toEqual(Array.from({ length: 8 }, () => 'active'));
  });

  test('in eight processes create one share for each name', async () => {
    const runs = await eight((i) => goAsProcess({ 'share-name': `Baseline ${i % 4}` }));
    expect(runs.map(({ exitCode }) => exitCode)).toEqual(Array.from({ length: 8 }, () => 0));
    expect(
      sim
        .liveShares()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['Baseline 0', 'Baseline 1', 'Baseline 2', 'Baseline 3']);
  });
});

describe('a share that is wider than requested', () => {
  test.each(['update', 'keep', 'fail', 'create-new'])(
    'is deleted, and the step fails (if-exists: %s)',
    async (ifExists) => {
      sim.order({ kind: 'wider', method: 'POST' });
      sim.setAssociation(60_000);
      const run = ifExists === 'update' ? goAsProcess : go;
      const ran = await run({ 'if-exists': ifExists });
      expect(ran.exitCode).toBe(1);
      expect(sim.liveShares()).toEqual([]);
      const [share] = sim.shares();
      expect(ran.errors).toEqual([expect.stringContaining(`${share?.id} for the whole organization`)]);
      expect(ran.outputs).toMatchObject({ 'share-id': share?.id, status: 'deleting' });
      expect(sent().at(-1)).toBe('DELETE');
    },
  );

  test("is named, with the advice to delete it at once, when the action can't delete it", async () => {
    sim.order({ kind: 'wider', method: 'POST' });
    sim.order({ kind: 'json-5xx-before-commit', method: 'DELETE', times: 2 });
    const ran = await go({ 'max-attempts': '1' });
    const [id] = sim.liveShares().map((share) => share.id);
    expect(id).toBeDefined();
    expect(ran.exitCode).toBe(1);
    expect(ran.errors[0]).toContain(`COULD NOT BE ROLLED BACK: delete share ${id} immediately`);
    expect(ran.outputs['share-id']).toBe(id);
  });
});

test('keeps a new share with the organization when the organization was requested', async () => {
  const ran = await go({ recipients: [{ organization_id: sim.organizationId }] });
  expect(ran.exitCode).toBe(0);
  expect(sim.liveShares('Baseline')[0]?.target_type).toBe('organization');
});

describe('if-exists', () => {
  test.each<[string, boolean, string | undefined, string[]]>([
    ['update', false, 'created', ['GET', 'POST', 'GET', 'PUT']],
    ['fail', false, 'created', ['GET', 'POST', 'GET', 'PUT']],
    ['keep', false, 'created', ['GET', 'POST', 'GET', 'PUT']],
    ['create-new', false, 'created', ['POST']],
    ['update', true, 'updated', ['GET', 'GET', 'POST', 'GET']],
    ['keep', true, 'unchanged', ['GET', 'GET']],
    ['create-new', true, 'created', ['POST']],
    ['fail', true, undefined, ['GET', 'GET']],
  ])('set to %s (share exists: %s) leads to the outcome %s', async (ifExists, there, outcome, requests) => {
    const before = there ? [sim.seed({ name: 'Baseline', resources: [whole('c1')] }).id] : [];
    const run = there ? goAsProcess : go;
    const ran = await run({ 'if-exists': ifExists });
    expect(ran.outputs.outcome).toBe(outcome);
    expect(ran.exitCode).toBe(outcome === undefined ? 1 : 0);
    expect(sent()).toEqual(requests);
    expect(liveIds()).toHaveLength(there && ifExists === 'create-new' ? 2 : 1);
    expect(liveIds()).toEqual(expect.arrayContaining(before));
  });

  test('set to fail gives the id of the existing share in the error', async () => {
    const { id } = sim.seed({ name: 'Baseline' });
    const ran = await go({ 'if-exists': 'fail' });
    expect(ran.errors).toEqual([expect.stringMatching(new RegExp(`exists \\(${id}\\), and if-exists is fail`))]);
    expect(ran.outputs['share-id']).toBe(id);
  });

  test('with the value keep refuses an organization-wide share when accounts are requested', async () => {
    sim.seed({ name: 'Baseline', recipients: [{}] });
    const ran = await go({ 'if-exists': 'keep' });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors[0]).toContain('targets the organization');
    expect(sent()).not.toContain('DELETE');
  });
});

const whole = (resource_id: string) => ({ ...POLICY, resource_id, resource_account_id: sim.accountId, meta: {} });

test('finds a share on the third page of an API with twenty shares per page', () =>
  withSimulator(
    async (own) => {
      for (let i = 0; i < 45; i++) own.seed({ name: `Share ${i}` });
      const { recipients } = baseline(own) as { recipients: { recipient_account_id: string }[] };
      const { id } = own.seed({
        name: 'Baseline',
        recipients,
        resources: [{ ...POLICY, resource_account_id: own.accountId, meta: {} }],
        created: '2020-01-01T00:00:00.000000Z',
      });
      const ran = await go({}, own);
      expect(ran.outputs).toMatchObject({ 'share-id': id, outcome: 'unchanged' });
    },
    { unpagedByDefault: false },
  ));

describe('shares with the same name', () => {
  test.each(['update', 'keep', 'fail'])(
    'are all listed in the error and left alone (if-exists: %s)',
    async (ifExists) => {
      const ids = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00.123456Z'].map(
        (created) => sim.seed({ name: 'Baseline', created }).id,
      );
      const ran = await go({ 'if-exists': ifExists });
      expect(ran.exitCode).toBe(1);
      expect(ran.errors).toHaveLength(1);
      for (const id of ids) expect(ran.errors[0]).toContain(id);
      expect(ran.errors[0]).toContain('share-id');
      expect(sent()).toEqual(['GET']);
    },
  );

  test('are reported at once, without waiting, even if they are new', async () => {
    const ids = [1, 2].map(() => sim.seed({ name: 'Baseline', justMade: true }).id);
    const ran = await go();
    expect(ran.exitCode).toBe(1);
    for (const id of ids) expect(ran.errors[0]).toContain(id);
    expect(sent()).toEqual(['GET']);
    expect(liveIds()).toEqual(ids);
  });

  test('are ignored if they are deleted, being deleted or owned by another account', async () => {
    sim.seed({ name: 'Baseline', status: 'deleted' });
    sim.seed({ name: 'Baseline', status: 'deleting' });
    const [member] = sim.memberIds;
    const received = await fetch(`${sim.baseUrl}/accounts/${member}/shares`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sim.credentials.apiToken}` },
      body: JSON.stringify({
        name: 'Baseline',
        recipients: [{ recipient_account_id: sim.accountId }],
        resources: [{ ...POLICY, resource_account_id: member, meta: {} }],
      }),
    });
    expect(received.status).toBe(201);
    const ran = await go();
    expect(ran.outputs.outcome).toBe('created');
    expect(sim.liveShares('Baseline').filter((share) => share.account_id === sim.accountId)).toHaveLength(1);
  });

  test('do not include shares whose names differ in case or white space', async () => {
    sim.seed({ name: 'baseline' });
    sim.seed({ name: 'Baseline  1' });
    expect((await go()).outputs.outcome).toBe('created');
    expect(sim.liveShares()).toHaveLength(3);
  });
});

// The number of requests of each scenario, as documented.

import { describe, expect, test } from '@jest/globals';
import { NoUsableResponse } from '../../src/cloudflare/errors.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import { messages, type Run, stepsOf, useRuns } from './use-runs.ts';

const { sim, desiredShare, elsewhere, forgetArrivals, members, onArrival, reconcile, resource, sent } = await useRuns();

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

async function requestsOf(desired: DesiredShare, run: Run = {}): Promise<string[]> {
  sim.requests.length = 0;
  expect(messages(await reconcile(desired, run))).toEqual([]);
  return sent();
}

describe('the number of requests', () => {
  test('is four for a new share', async () => {
    expect(await requestsOf(desiredShare())).toEqual(['GET ', 'POST ', 'GET ', 'PUT /*']);
  });

  test('is two for a share in sync, by name and by id', async () => {
    const { id } = sim.seed({ name: 'Baseline', resources: [resource('c1')] });
    expect(await requestsOf(desiredShare())).toEqual(['GET ', 'GET /*/recipients']);
    for (const name of ['Baseline', ''])
      expect(await requestsOf(desiredShare({ name, shareId: id }))).toEqual(['GET /*', 'GET /*/recipients']);
  });

  test('is two for a share in sync with wait, because waiting starts from what the plan has read', async () => {
    const { id } = sim.seed({ name: 'Baseline', resources: [resource('c1')] });
    const policy = { waitMs: 60_000 };
    expect(await requestsOf(desiredShare(), { policy })).toEqual(['GET ', 'GET /*/recipients']);
    await elsewhere('DELETE', `${id}/recipients/${sim.liveShares()[0]?.recipients[0]?.id}`);
    expect(await requestsOf(desiredShare(), { policy })).toContain('POST /*/recipients');
  });

  test('includes a new read of the recipients when the wait follows an update', async () => {
    sim.seed({ name: 'Baseline', resources: [resource('c1')] });
    const desired = desiredShare({ resources: [resource('c1'), resource('c2')] });
    const requests = await requestsOf(desired, { policy: { waitMs: 60_000 } });
    expect(requests.slice(requests.indexOf('POST /*/resources'))).toContain('GET /*/recipients');
  });

  test.each<[string, Run['policy'], boolean]>([
    ['waits', { waitMs: 60_000 }, true],
    ['plans', { waitMs: 60_000, mode: 'plan' }, false],
    ['does not wait', {}, false],
  ])('includes the errors of recipients only if the run waits for them (a run that %s)', async (_, policy, asks) => {
    sim.seed({ name: 'Baseline', resources: [resource('c1')] });
    const asked: unknown[] = [];
    await reconcile(desiredShare(), {
      policy: { ...policy },
      instead: (api) => ({
        recipients: (id, options) => {
          asked.push(options?.withErrors);
          return api.recipients(id, options);
        },
      }),
    });
    expect(asked).toEqual([asks]);
  });

  test('is four when 300 recipients change with prune', async () => {
    sim.seed({ name: 'Baseline', recipients: members(...range(0, 200)), resources: [resource('c1')] });
    const desired = desiredShare({ recipients: members(...range(100, 300)) });
    expect(await requestsOf(desired, { policy: { prune: true } })).toEqual([
      'GET ',
      'GET /*/recipients',
      'PUT /*/recipients',
      'GET /*/recipients',
    ]);
  });

  test('is one for a share with the organization in sync, and two if all recipients are read', async () => {
    sim.seed({ name: 'Baseline', recipients: [{}], resources: [resource('c1')] });
    const desired = desiredShare({ recipients: [{}] });
    expect(await requestsOf(desired, { policy: { readAllRecipients: false } })).toEqual(['GET ']);
    expect(await requestsOf(desired)).toEqual(['GET ', 'GET /*/recipients']);
  });

  test('is five for a new share with exclude, three when it is in sync, and five when exclusions change', async () => {
    const excluding = (i: number): DesiredShare =>
      desiredShare({ recipients: [{}], exclude: [{ account_id: sim.memberIds[i] as string }] });
    expect(await requestsOf(excluding(3))).toHaveLength(5);
    expect(await requestsOf(excluding(3))).toHaveLength(3);
    expect(await requestsOf(excluding(4), { policy: { prune: true } })).toHaveLength(5);
    expect(await requestsOf(excluding(4))).toHaveLength(3);
  });

  test('includes three listings and three writes for a replacement', async () => {
    sim.seed({ name: 'Baseline' });
    const requests = await requestsOf(desiredShare({ recipients: [{}] }), { policy: { replace: true } });
    expect(requests.filter((line) => !line.startsWith('GET'))).toEqual(['POST ', 'DELETE /*', 'PUT /*']);
    expect(requests.filter((line) => line === 'GET ')).toHaveLength(3);
  });

  test('includes one request to read back changed resources', async () => {
    sim.seed({ name: 'Baseline', resources: [resource('c1'), { ...resource('c2'), meta: { old: true } }] });
    const desired = desiredShare({ resources: [resource('c2'), resource('c3')] });
    expect(await requestsOf(desired, { policy: { prune: true } })).toEqual([
      'GET ',
      'GET /*/recipients',
      'POST /*/resources',
      'PUT /*/resources/*',
      'DELETE /*/resources/*',
      'GET /*',
    ]);
  });

  test('includes no request to read back lists that only have unlisted items', async () => {
    sim.seed({ name: 'Baseline', recipients: members(0, 1), resources: [resource('c1')] });
    const desired = desiredShare({ resources: [resource('c1'), resource('c2')] });
    expect(await requestsOf(desired)).toEqual(['GET ', 'GET /*/recipients', 'POST /*/resources', 'GET /*']);
  });

  test('includes no read after an update if every change was refused', async () => {
    sim.seed({ name: 'Baseline', resources: [resource('c1')] });
    sim.order({ kind: 'redirect', method: 'POST', path: '/recipients$' });
    expect(messages(await reconcile(desiredShare({ recipients: members(0, 1) })))).toHaveLength(1);
    expect(sent()).toEqual(['GET ', 'GET /*/recipients', 'POST /*/recipients']);
  });

  test('includes only the listing if the create call was never sent, and the creation is reported as not done', async () => {
    const call = { method: 'POST', path: '/shares', purpose: 'create the share' } as const;
    const unsent = new NoUsableResponse(call, 'no connection', { neverSent: true });
    const outcome = await reconcile(desiredShare(), { instead: () => ({ create: () => Promise.reject(unsent) }) });
    expect(messages(outcome)).toHaveLength(1);
    expect(sent()).toEqual(['GET ']);
    expect(outcome.changed).toBe(false);
    expect(stepsOf(outcome)).toEqual({ done: [], notDone: ['create share "Baseline"'], notKnown: [] });
  });

  test('includes no write for a share that is kept or refused', async () => {
    sim.seed({ name: 'Baseline' });
    expect(await requestsOf(desiredShare(), { policy: { ifExists: 'keep' } })).toEqual(['GET ', 'GET /*/recipients']);
    sim.requests.length = 0;
    await reconcile(desiredShare(), { policy: { ifExists: 'fail' } });
    expect(sent().every((line) => line.startsWith('GET'))).toBe(true);
  });
});

test('refuses several shares with the name after one request', async () => {
  const ids = [sim.seed({ name: 'Baseline' }).id, sim.seed({ name: 'Baseline' }).id];
  const outcome = await reconcile(desiredShare());
  for (const id of ids) expect(messages(outcome)[0]).toContain(id);
  expect(sent()).toEqual(['GET ']);
});

test('removes recipients before it adds resources, and removes resources before it adds recipients', async () => {
  sim.seed({ name: 'Baseline', recipients: members(0, 1), resources: [resource('c1'), resource('c2')] });
  const desired = desiredShare({ recipients: members(1, 2), resources: [resource('c2'), resource('c3')] });
  const requests = await requestsOf(desired, { policy: { prune: true } });
  expect(requests.filter((line) => !line.startsWith('GET'))).toEqual([
    'DELETE /*/recipients/*',
    'POST /*/resources',
    'DELETE /*/resources/*',
    'PUT /*/recipients',
  ]);
});

test("reports the share's id as soon as it is known, even if a later request fails", async () => {
  sim.order({ kind: 'redirect', method: 'GET', skip: 1, times: 9 });
  const outcome = await reconcile(desiredShare());
  expect(messages(outcome)).toHaveLength(1);
  expect(outcome.ids).toEqual([sim.liveShares()[0]?.id]);
  expect(outcome).toMatchObject({ outcome: 'created', changed: true, share: { id: outcome.ids[0] } });
  expect(stepsOf(outcome).notDone).toEqual(['rename the share to "Baseline"']);
});

test("does not apply an unreviewed plan that results from another run's changes", async () => {
  let other: string | undefined;
  onArrival(({ method }) => {
    if (method === 'POST')
      other ??= sim.seed({ name: 'Baseline', recipients: members(4), resources: [resource('c1')] }).id;
  });
  const outcome = await reconcile(desiredShare(), {
    objectionTo: ({ plan: { action, recipients } }) =>
      action === 'update' && recipients.add.length > 0 ? 'not reviewed' : undefined,
  });
  forgetArrivals();
  expect(outcome).toMatchObject({ changed: false, problems: [{ message: 'not reviewed', kind: 'not-reviewed' }] });
  expect(sim.liveShares().map(({ id, recipients }) => [id, recipients.length])).toEqual([[other, 1]]);
});

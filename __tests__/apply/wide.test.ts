// A share is never wider than requested: a wider share is rolled back, and so is a new share whose exclusions can't be
// set.

import { describe, expect, test } from '@jest/globals';
import type { DesiredShare } from '../../src/share/desired.ts';
import { fakeClock } from '../clock.ts';
import { messages, type Run, stepsOf, temporary, useRuns } from './use-runs.ts';

const { sim, desiredShare, liveIds, onArrival, reconcile, resource, sent, written } = await useRuns();

const nonce = 'mine000000000';
const wide = (): { id: string } =>
  sim.seed({ name: temporary('Baseline', nonce), recipients: [{}], resources: [resource('c1')] });

/** Makes the API show all shares with these fields in responses to some methods. */
function showShares(fields: object, methods: readonly string[] = ['GET', 'POST']): void {
  sim.rewrite(({ method, body }) => {
    const { result, ...rest } = body as { result: unknown };
    const isShare = (value: unknown): boolean => typeof value === 'object' && value !== null && 'target_type' in value;
    const shown = (value: unknown): unknown => (isShare(value) ? { ...(value as object), ...fields } : value);
    return methods.includes(method)
      ? { ...rest, result: Array.isArray(result) ? result.map(shown) : shown(result) }
      : undefined;
  });
}

// Regression: such a share can't win an election, so the run created four more.
describe('a new share whose target or owner is not the requested one', () => {
  test.each<[string, Parameters<typeof desiredShare>[0], object, string[] | undefined, string]>([
    [
      'the organization, which only the listing shows',
      {},
      { target_type: 'organization' },
      ['GET'],
      'for the whole organization, although only accounts were requested',
    ],
    [
      'accounts',
      { recipients: [{}] },
      { target_type: 'account', organization_id: null },
      undefined,
      'for accounts, although the whole organization was requested',
    ],
    [
      'another organization',
      { recipients: [{ organization_id: sim.organizationId }] },
      { organization_id: 'f'.repeat(32) },
      undefined,
      `for the organization ${'f'.repeat(32)}, although the organization ${sim.organizationId} was requested`,
    ],
    [
      'an organization without an id',
      { recipients: [{ organization_id: sim.organizationId }] },
      { organization_id: null },
      undefined,
      `for an organization without an id, although the organization ${sim.organizationId} was requested`,
    ],
    [
      'an unknown type',
      { recipients: [{}] },
      { target_type: 'zone' },
      undefined,
      'for the unknown type "zone", although the whole organization was requested',
    ],
    ['another account', {}, { account_id: 'another' }, ['POST'], 'in account another, although account '],
    [
      'another account, which only the listing shows',
      {},
      { account_id: 'another' },
      ['GET'],
      'in account another, although account ',
    ],
    [
      'another account without an id, which only the listing shows',
      {},
      { account_id: null, kind: 'received' },
      ['GET'],
      'in another account, although account ',
    ],
  ])('is created once and rolled back: %s', async (_, desired, fields, methods, message) => {
    showShares(fields, methods);
    const outcome = await reconcile(desiredShare(desired));
    expect(messages(outcome)).toEqual([expect.stringContaining(message)]);
    expect(messages(outcome)).toEqual([expect.stringContaining('The share was rolled back')]);
    expect(outcome.problems[0]?.kind).toBe(message.includes('only accounts') ? 'refusal' : 'cloudflare');
    expect(sim.shares()).toHaveLength(1);
    expect(liveIds()).toEqual([]);
  });

  test.each<[string, object]>([
    ['accounts', { target_type: 'account', organization_id: null }],
    ['another organization', { organization_id: 'f'.repeat(32) }],
  ])('is rolled back with if-exists: create-new: %s', async (_, fields) => {
    showShares(fields);
    const desired = desiredShare({ recipients: [{ organization_id: sim.organizationId }] });
    const outcome = await reconcile(desired, { policy: { ifExists: 'create-new' } });
    expect(messages(outcome)).toEqual([expect.stringContaining('The share was rolled back')]);
    expect(liveIds()).toEqual([]);
  });

  test('is kept if only the create response lacks the organization', async () => {
    showShares({ organization_id: null }, ['POST']);
    const outcome = await reconcile(desiredShare({ recipients: [{ organization_id: sim.organizationId }] }));
    expect(outcome).toMatchObject({ problems: [], outcome: 'created' });
    expect(liveIds()).toEqual([outcome.share?.id]);
  });

  test('is created once and rolled back if the create response is lost: another account', async () => {
    showShares({ account_id: 'another' }, ['GET']);
    sim.order({ kind: 'reset-after-commit', method: 'POST' });
    const outcome = await reconcile(desiredShare());
    expect(messages(outcome)).toEqual([expect.stringContaining('The share was rolled back')]);
    expect(sim.shares()).toHaveLength(1);
    expect(liveIds()).toEqual([]);
  });

  // Regression: a share of another account counted as gone.
  test('is reported as remaining when its deletion is refused with 404: another account', async () => {
    showShares({ account_id: 'another' });
    sim.order({ kind: 'json-5xx-before-commit', status: 404, method: 'DELETE', times: 99 });
    const outcome = await reconcile(desiredShare(), { clock: fakeClock() });
    const [id] = liveIds();
    expect(messages(outcome)).toEqual([expect.stringContaining(`COULD NOT BE ROLLED BACK: delete share ${id}`)]);
    expect(stepsOf(outcome)).toMatchObject({ notDone: [`roll back share ${id}`], notKnown: [] });
  });

  test('is created once and reported if only a read shows it, and no listing: another account', async () => {
    sim.rewrite(({ method, body }) => {
      const { result, ...rest } = body as { result: unknown };
      if (method !== 'GET') return undefined;
      return { ...rest, result: Array.isArray(result) ? [] : { ...(result as object), account_id: 'another' } };
    });
    const outcome = await reconcile(desiredShare(), { clock: fakeClock() });
    expect(messages(outcome)).toEqual([expect.stringContaining('The list of shares does not show share ')]);
    expect(sim.shares()).toHaveLength(1);
  });

  test('is created once and rolled back during the replacement of a share that is given by its id', async () => {
    const old = sim.seed({ name: 'Baseline', recipients: [{}] });
    sim.rewrite(({ method, body }) => {
      const { result, ...rest } = body as { result: unknown };
      const wider = (each: unknown): unknown => ({ ...(each as object), target_type: 'organization' });
      return method === 'GET' && Array.isArray(result) ? { ...rest, result: result.map(wider) } : undefined;
    });
    const outcome = await reconcile(desiredShare({ shareId: old.id }), { policy: { replace: true } });
    expect(messages(outcome)).toEqual([expect.stringContaining('The share was rolled back')]);
    expect(sim.shares()).toHaveLength(2);
    expect(liveIds()).toEqual([old.id]);
  });
});

describe('a new share that wrongly targets the whole organization', () => {
  test('is rolled back when the create response shows it', async () => {
    sim.setAssociation(60_000);
    sim.order({ kind: 'wider', method: 'POST' });
    const outcome = await reconcile(desiredShare());
    const [made] = sim.shares();
    expect(messages(outcome)).toEqual([expect.stringMatching(`${made?.id}.*organization.*rolled back`)]);
    expect(liveIds()).toEqual([]);
    expect(stepsOf(outcome)).toEqual({
      done: [`create share "Baseline" (${made?.id})`, `roll back share ${made?.id}`],
      notDone: [],
      notKnown: [],
    });
    expect(outcome.share).toMatchObject({ id: made?.id, status: 'deleting' });
  });

  // Regression: it counted as gone, and stayed live.
  test('is rolled back when a server does not know it yet', async () => {
    sim.order({ kind: 'wider', method: 'POST' });
    for (const method of ['DELETE', 'GET'])
      sim.order({ kind: 'json-5xx-before-commit', status: 404, method, path: '/shares/[0-9a-f]{32}$', times: 2 });
    const outcome = await reconcile(desiredShare(), { clock: fakeClock() });
    expect(messages(outcome)).toEqual([expect.stringContaining('rolled back')]);
    expect(liveIds()).toEqual([]);
  });

  test('is reported as rolled back when no server ever finds it', async () => {
    sim.order({ kind: 'wider', method: 'POST' });
    for (const method of ['DELETE', 'GET'])
      sim.order({ kind: 'json-5xx-before-commit', status: 404, method, path: '/shares/[0-9a-f]{32}$', times: 99 });
    const clock = fakeClock();
    const outcome = await reconcile(desiredShare(), { clock });
    expect(messages(outcome)).toEqual([expect.stringContaining('The share was rolled back')]);
    expect(clock.waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(5_000);
  });

  // Regression: not being found counted as deleted, although no deletion was accepted.
  test('is reported as remaining when its deletion is refused and no server finds it', async () => {
    sim.order({ kind: 'wider', method: 'POST' });
    for (const [method, status] of [
      ['DELETE', 409],
      ['GET', 404],
    ] as const)
      sim.order({ kind: 'json-5xx-before-commit', status, method, path: '/shares/[0-9a-f]{32}$', times: 99 });
    const outcome = await reconcile(desiredShare(), { clock: fakeClock() });
    const [id] = liveIds();
    expect(messages(outcome)).toEqual([expect.stringContaining(`COULD NOT BE ROLLED BACK: delete share ${id}`)]);
    expect(stepsOf(outcome)).toMatchObject({ notDone: [`roll back share ${id}`], notKnown: [] });
  });

  test('is rolled back with if-exists: create-new', async () => {
    sim.order({ kind: 'wider', method: 'POST' });
    const outcome = await reconcile(desiredShare(), { policy: { ifExists: 'create-new' } });
    expect(messages(outcome)).toEqual([expect.stringContaining('rolled back')]);
    expect(liveIds()).toEqual([]);
  });

  // Regression: the share stayed live after a lost response.
  test('is found by its temporary name and rolled back when the create response is lost', async () => {
    sim.order({ kind: 'wider', method: 'POST', delayMs: 1_500 });
    const outcome = await reconcile(desiredShare(), { requestTimeoutMs: 500 });
    expect(messages(outcome)).toEqual([expect.stringContaining('rolled back')]);
    expect(liveIds()).toEqual([]);
    expect(stepsOf(outcome)).toMatchObject({ notDone: [], notKnown: [] });
  });

  test("is rolled back without touching another run's share", async () => {
    let other: string | undefined;
    onArrival(({ method }) => {
      if (method === 'POST') other ??= sim.seed({ name: 'Baseline' }).id;
    });
    sim.order({ kind: 'wider', method: 'POST', delayMs: 1_500 });
    const outcome = await reconcile(desiredShare(), { requestTimeoutMs: 500 });
    expect(messages(outcome)).toEqual([expect.stringContaining('rolled back')]);
    expect(liveIds()).toEqual([other]);
  });

  test('is rolled back together with a duplicate', async () => {
    sim.order({ kind: 'reset-before-commit', method: 'POST' });
    onArrival(({ method }) => {
      if (method === 'POST' && sim.shares().length === 0) [wide(), wide()];
    });
    const outcome = await reconcile(desiredShare(), { nonce });
    expect(messages(outcome)).toEqual([expect.stringContaining('rolled back')]);
    expect(liveIds()).toEqual([]);
  });

  test('is deleted when its create call executes late and another share was created instead', async () => {
    sim.order({ kind: 'reset-before-commit', method: 'POST' });
    let calls = 0;
    onArrival(({ method }) => {
      if (method === 'POST' && ++calls === 2) wide();
    });
    const outcome = await reconcile(desiredShare(), { nonce });
    expect(messages(outcome)).toEqual([]);
    expect(sim.liveShares().map(({ name, target_type }) => [name, target_type])).toEqual([['Baseline', 'account']]);
  });

  test('is rolled back even if the listing shows no resources', async () => {
    sim.order({ kind: 'reset-before-commit', method: 'POST' });
    onArrival(({ method }) => {
      if (method === 'POST' && sim.shares().length === 0)
        sim.seed({ name: temporary('Baseline', nonce), recipients: [{}], raw: { resources: null } });
    });
    const outcome = await reconcile(desiredShare(), { nonce });
    expect(messages(outcome)).toEqual([expect.stringContaining('rolled back')]);
    expect(liveIds()).toEqual([]);
  });

  test("is named, with instructions, when it can't be rolled back", async () => {
    sim.order({ kind: 'wider', method: 'POST' });
    sim.order({ kind: 'redirect', method: 'DELETE', times: 9 });
    const outcome = await reconcile(desiredShare());
    const [made] = sim.liveShares();
    expect(messages(outcome)).toEqual([expect.stringContaining(`COULD NOT BE ROLLED BACK: delete share ${made?.id}`)]);
    expect(outcome).toMatchObject({ changed: true, steps: { notDone: [{ kind: 'roll-back', shareId: made?.id }] } });
  });

  test('is not reported as rolled back when the responses to its deletion are lost', async () => {
    sim.order({ kind: 'wider', method: 'POST' });
    sim.order({ kind: 'reset-after-commit', method: 'DELETE', times: 9 });
    const outcome = await reconcile(desiredShare(), { maxAttempts: 2 });
    expect(messages(outcome)).toEqual([expect.stringContaining('COULD NOT BE ROLLED BACK')]);
    expect(stepsOf(outcome).notKnown).toEqual([expect.stringContaining('roll back share')]);
  });
});

test('a new share with the organization is kept when the organization was requested', async () => {
  const outcome = await reconcile(desiredShare({ recipients: [{}] }));
  expect(outcome).toMatchObject({ problems: [], outcome: 'created', share: { target_type: 'organization' } });
});

test.each(['update', 'keep'] as const)(
  'an existing share that is wider than requested is refused but not deleted (if-exists: %s)',
  async (ifExists) => {
    const there = sim.seed({ name: 'Baseline', recipients: [{}] });
    const outcome = await reconcile(desiredShare(), { policy: { ifExists } });
    expect(messages(outcome)).toEqual([expect.stringContaining(there.id)]);
    expect(written()).toEqual([]);
  },
);

describe('exclusions', () => {
  const excluding = (...members: number[]): DesiredShare =>
    desiredShare({
      recipients: [{}],
      exclude: members.map((i) => ({ account_id: sim.memberIds[i] as string })),
    });
  const excluded = (): string[] =>
    sim.liveShares('Baseline').flatMap(({ exclusions }) => exclusions.map(({ account_id }) => account_id));

  test.each(['redirect', 'reset-before-commit'] as const)(
    "cause a new share to be rolled back when they can't be set (%s)",
    async (kind) => {
      sim.order({ kind, method: 'PUT', path: 'excluded-recipients$', times: 9 });
      const outcome = await reconcile(excluding(3), { maxAttempts: 2 });
      const [made] = sim.shares();
      expect(messages(outcome)).toEqual([expect.stringMatching(`${made?.id}.*could not be excluded.*rolled back`)]);
      expect(outcome.problems[0]?.kind).toBe('cloudflare');
      expect(liveIds()).toEqual([]);
      expect(sent()).not.toContain('PUT /*');
    },
  );

  test('are set even when the response is lost', async () => {
    sim.order({ kind: 'reset-after-commit', method: 'PUT', path: 'excluded-recipients$' });
    sim.order({ kind: 'truncated-body', method: 'POST' });
    expect(messages(await reconcile(excluding(3)))).toEqual([]);
    expect(excluded()).toEqual([sim.memberIds[3]]);
  });

  test('are not set on a new share when the list is empty', async () => {
    const outcome = await reconcile(excluding(), { policy: { ifExists: 'create-new' } });
    expect(messages(outcome)).toEqual([]);
    expect(sent()).toEqual(['POST ']);
  });

  test('are set with if-exists: create-new', async () => {
    const outcome = await reconcile(excluding(3), { policy: { ifExists: 'create-new' } });
    expect(messages(outcome)).toEqual([]);
    expect(sent()).toEqual(['POST ', 'PUT /*/excluded-recipients']);
    expect(outcome.steps.done).toEqual([
      { kind: 'create', name: 'Baseline', shareId: outcome.share?.id },
      { kind: 'exclude', shareId: outcome.share?.id, accounts: 1 },
    ]);
  });

  test('stay when they are unlisted, and are removed with prune', async () => {
    sim.seed({
      name: 'Baseline',
      recipients: [{}],
      resources: [resource('c1')],
      exclusions: [sim.memberIds[3], sim.memberIds[4]] as string[],
    });
    const kept = await reconcile(excluding(4));
    expect(kept).toMatchObject({
      problems: [],
      outcome: 'unchanged',
      plan: { exclusions: { extra: [{ account_id: sim.memberIds[3] }] } },
    });
    const more = await reconcile(excluding(4, 5));
    expect(more).toMatchObject({ problems: [], outcome: 'updated', changed: true });
    expect(excluded().sort()).toEqual([3, 4, 5].map((i) => sim.memberIds[i]).sort());
    const pruned = await reconcile(excluding(5), { policy: { prune: true } });
    expect(messages(pruned)).toEqual([]);
    expect(excluded()).toEqual([sim.memberIds[5]]);
    expect(pruned.drift).toBe(false);
  });

  test('are not read when exclude is not set', async () => {
    sim.seed({
      name: 'Baseline',
      recipients: [{}],
      resources: [resource('c1')],
      exclusions: [sim.memberIds[3] as string],
    });
    const outcome = await reconcile(desiredShare({ recipients: [{}] }), {
      policy: { prune: true, readAllRecipients: false },
    });
    expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged' });
    expect(sent()).toEqual(['GET ']);
    expect(excluded()).toEqual([sim.memberIds[3]]);
  });

  test('are set before resources are added, so excluded accounts never see those', async () => {
    sim.seed({ name: 'Baseline', recipients: [{}] });
    expect(messages(await reconcile(excluding(3), { policy: { prune: true } }))).toEqual([]);
    expect(written()).toEqual(['PUT /*/excluded-recipients', 'POST /*/resources', 'DELETE /*/resources/*']);
  });

  test('are set on the elected share when the first create call executes late', async () => {
    sim.order({ kind: 'reset-before-commit', method: 'POST' });
    let calls = 0;
    onArrival(({ method }) => {
      if (method === 'POST' && ++calls === 2) wide();
    });
    const outcome = await reconcile(excluding(3), { nonce });
    expect(outcome).toMatchObject({ problems: [], outcome: 'created' });
    expect(excluded()).toEqual([sim.memberIds[3]]);
    expect(liveIds()).toHaveLength(1);
  });

  test("are set on an interrupted run's share before its rename", async () => {
    sim.seed({ name: temporary(), recipients: [{}], resources: [resource('c1')] });
    expect(messages(await reconcile(excluding(3)))).toEqual([]);
    expect(excluded()).toEqual([sim.memberIds[3]]);
  });
});

describe('two shares left by one create call whose response was lost', () => {
  /** Seeds both shares right before the run lists again. */
  const withTwin = (desired: DesiredShare, run: Run = {}) => {
    sim.order({ kind: 'reset-before-commit', method: 'POST' });
    return reconcile(desired, {
      ...run,
      nonce,
      before: (endpoint, n) => {
        if (endpoint === 'list' && n === 2) for (let i = 0; i < 2; i++) wide();
        return undefined;
      },
    });
  };

  test('are both rolled back when they are wider than requested', async () => {
    const outcome = await withTwin(desiredShare());
    expect(messages(outcome)).toEqual([expect.stringContaining('The share was rolled back')]);
    expect(outcome.problems).toMatchObject([{ kind: 'refusal' }]);
    expect(written()).toEqual(['POST ', 'DELETE /*', 'DELETE /*']);
    expect(liveIds()).toEqual([]);
  });

  // Regression: the first failure ended the run, so the second share stayed, and the report did not name it.
  test('are both tried, and the one that remains is named', async () => {
    sim.order({ kind: 'json-5xx-before-commit', status: 403, method: 'DELETE' });
    const outcome = await withTwin(desiredShare());
    const [id] = liveIds();
    expect(liveIds()).toHaveLength(1);
    expect(messages(outcome)).toEqual([
      expect.stringContaining(`The share COULD NOT BE ROLLED BACK: delete share ${id} immediately.`),
    ]);
    expect(stepsOf(outcome)).toMatchObject({
      done: [expect.any(String), expect.any(String), expect.stringMatching('roll back share')],
      notDone: [`roll back share ${id}`],
      notKnown: [],
    });
    expect(outcome.share).toMatchObject({ id, status: 'active' });
  });

  test('are both named when neither can be rolled back', async () => {
    sim.order({ kind: 'json-5xx-before-commit', status: 403, method: 'DELETE', times: 2 });
    const outcome = await withTwin(desiredShare());
    const [one, other] = liveIds();
    expect(messages(outcome)).toEqual([
      expect.stringMatching(
        `2 shares COULD NOT BE ROLLED BACK: delete shares ${one}, ${other} immediately\\. .*delete share ${one}: .*delete share ${other}: `,
      ),
    ]);
    expect(outcome.problems).toMatchObject([{ kind: 'refusal' }]);
    expect(stepsOf(outcome).notDone).toEqual([`roll back share ${one}`, `roll back share ${other}`]);
    expect(outcome.share).toMatchObject({ id: one });
  });

  // Regression: the problem had the kind of the reason for the rollback.
  test('are both named when the job is cancelled', async () => {
    const job = new AbortController();
    onArrival(({ method }) => {
      if (method === 'DELETE') job.abort();
    });
    const outcome = await withTwin(desiredShare(), { signal: job.signal });
    expect(messages(outcome)).toEqual([expect.stringContaining('2 shares COULD NOT BE ROLLED BACK')]);
    expect(outcome.problems).toMatchObject([{ kind: 'cancelled' }]);
    expect(Object.values(stepsOf(outcome)).map(({ length }) => length)).toEqual([2, 1, 1]);
  });

  test('are both rolled back, and reported as neither created nor updated, when one refuses the exclusions', async () => {
    sim.order({ kind: 'redirect', method: 'PUT', path: 'excluded-recipients$', skip: 1, times: 9 });
    const desired = desiredShare({ recipients: [{}], exclude: [{ account_id: sim.memberIds[3] as string }] });
    const outcome = await withTwin(desired);
    expect(messages(outcome)).toEqual([expect.stringContaining('could not be excluded')]);
    expect(liveIds()).toEqual([]);
    expect(outcome.changed).toBe(true);
    expect(outcome.outcome).toBeUndefined();
  });

  test('both get the exclusions before the election', async () => {
    const desired = desiredShare({ recipients: [{}], exclude: [{ account_id: sim.memberIds[3] as string }] });
    const outcome = await withTwin(desired);
    expect(messages(outcome)).toEqual([]);
    expect(written().slice(0, 3)).toEqual(['POST ', 'PUT /*/excluded-recipients', 'PUT /*/excluded-recipients']);
    expect(liveIds()).toHaveLength(1);
  });
});

// Shares that should not exist, that are renamed, or that a complete file does not list.

import { describe, expect, test } from '@jest/globals';
import type { Endpoints } from '../../src/cloudflare/endpoints.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import type { ShareOutcome } from '../../src/share/outcome.ts';
import type { Policy } from '../../src/share/policy.ts';
import { fakeClock, fastClock } from '../clock.ts';
import { type Desired, messages, secondsAgo, stepsOf, temporary, useRuns } from './use-runs.ts';

const { sim, desiredShare, elsewhere, liveIds, reconcile, reconcileAll, resource, sent, written } = await useRuns();

const statusOf = (id: string): string | undefined => sim.shares().find((share) => share.id === id)?.status;

/** A share that should not exist, as the inputs read it. */
const absent = (desired: Partial<DesiredShare> = {}): DesiredShare => ({
  name: 'Baseline',
  accountId: sim.accountId,
  state: 'absent',
  placeOf: (path) => ({ label: path.join('.') }),
  ...desired,
});

describe('a share that should not exist', () => {
  test('is deleted in three requests, one of which reads the recipients that lose it', async () => {
    const share = sim.seed({ name: 'Baseline' });
    sim.setAssociation(60_000);
    const outcome = await reconcile(absent());
    expect(outcome).toMatchObject({
      problems: [],
      outcome: 'deleted',
      changed: true,
      share: { id: share.id, status: 'deleting' },
    });
    expect(stepsOf(outcome)).toEqual({ done: [`delete share ${share.id}`], notDone: [], notKnown: [] });
    expect(sent()).toEqual(['GET ', 'GET /*/recipients', 'DELETE /*']);
  });

  test.each([
    'reset-after-commit',
    'conflict-when-repeated',
    'null-result',
    'empty-success',
    'json-5xx-before-commit',
    'late-response',
  ] as const)('is deleted despite the fault %s on the delete request', async (kind) => {
    const share = sim.seed({ name: 'Baseline' });
    sim.order({ kind, method: 'DELETE', ...(kind === 'late-response' ? { delayMs: 1_500 } : {}) });
    const outcome = await reconcile(absent(), { requestTimeoutMs: 500 });
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted', changed: true });
    expect(statusOf(share.id)).not.toBe('active');
  });

  test.each([
    ['active', 'deleting'],
    ['deleting', 'deleting'],
    ['deleted', 'deleted'],
  ])('whose deletion returns the status %s is reported as %s', async (status, reported) => {
    const share = sim.seed({ name: 'Baseline' });
    const outcome = await reconcile(absent(), { instead: () => ({ remove: async () => ({ ...share, status }) }) });
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted', share: { id: share.id, status: reported } });
  });

  test('is reported as deleted if it no longer exists after an unclear response', async () => {
    sim.seed({ name: 'Baseline' });
    const instead = (): Partial<Endpoints> => ({
      find: async () => undefined,
      remove: async (_id, done) => (await done?.())?.value as never,
    });
    expect(await reconcile(absent(), { instead })).toMatchObject({ outcome: 'deleted', share: { status: 'deleted' } });
  });

  test('is reported as deleted if the API already shows it as deleted', async () => {
    const share = sim.seed({ name: 'Baseline' });
    sim.setAssociation(0);
    const outcome = await reconcile(absent());
    expect(outcome.share).toMatchObject({ id: share.id, status: 'deleted' });
  });

  test('needs no change when it does not exist, and other shares stay', async () => {
    const other = sim.seed({ name: 'Other' });
    const outcome = await reconcile(absent());
    expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged', changed: false });
    expect(outcome.lines.join()).toContain('nothing to delete');
    expect(sent()).toEqual(['GET ']);
    expect(liveIds()).toEqual([other.id]);
  });

  test('is deleted together with the temporary shares for its name', async () => {
    const share = sim.seed({ name: 'Baseline' });
    const left = [
      sim.seed({ name: temporary(), created: secondsAgo(5) }),
      sim.seed({ name: temporary('Baseline', 'third00000000'), recipients: [{}] }),
    ];
    const other = sim.seed({ name: temporary('Other') });
    const outcome = await reconcile(absent());
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted' });
    expect(liveIds()).toEqual([other.id]);
    expect(stepsOf(outcome).done).toEqual([share, ...left].map(({ id }) => expect.stringContaining(id)));
  });

  test('is deleted without its temporary shares when a reviewed plan does not cover them', async () => {
    sim.seed({ name: 'Baseline' });
    const left = sim.seed({ name: temporary(), created: secondsAgo(500) });
    const outcome = await reconcile(absent(), { objectionTo: () => undefined });
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted', steps: { notDone: [] } });
    expect(liveIds()).toEqual([left.id]);
  });

  test('is deleted when a killed run left only temporary shares', async () => {
    sim.seed({ name: temporary(), created: secondsAgo(5) });
    sim.seed({ name: temporary('Baseline', 'third00000000') });
    const outcome = await reconcile(absent());
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted' });
    expect(outcome.plan?.recipients.remove).toHaveLength(1);
    expect(liveIds()).toEqual([]);
  });

  test('is deleted even with if-exists: create-new', async () => {
    const { id } = sim.seed({ name: 'Baseline' });
    const outcome = await reconcile(absent(), { policy: { ifExists: 'create-new' } });
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted' });
    expect(statusOf(id)).not.toBe('active');
  });

  test('is refused, and nothing is deleted, when several shares have the name', async () => {
    const ids = [sim.seed({ name: 'Baseline' }), sim.seed({ name: 'Baseline' })].map(({ id }) => id);
    const outcome = await reconcile(absent());
    expect(messages(outcome)).toEqual([expect.stringMatching(`${ids[0]}.*${ids[1]}`)]);
    expect(sent()).toEqual(['GET ']);
  });

  test.each<[string, Partial<DesiredShare>, Partial<Policy>, string[]]>([
    ['with the organization', {}, {}, ['GET /*', 'GET /*/recipients', 'DELETE /*']],
    ['with another name', { name: 'Other' }, {}, ['GET /*']],
    ['that is unlisted and kept', { unlisted: true }, {}, ['GET ']],
    [
      'that is unlisted and deleted with prune',
      { unlisted: true },
      { prune: true },
      ['GET ', 'GET /*/recipients', 'GET /*', 'DELETE /*'],
    ],
  ])('has its recipients read only if it is deleted (a share %s)', async (_, change, policy, requests) => {
    const { id } = sim.seed({ name: 'Baseline', recipients: [{}] });
    await reconcile(absent({ shareId: id, ...change }), { policy: { readAllRecipients: false, ...policy } });
    expect(sent()).toEqual(requests);
  });

  test('is deleted by its id even when several shares have the name', async () => {
    const [one, two] = [sim.seed({ name: 'Baseline' }), sim.seed({ name: 'Baseline' })];
    expect(await reconcile(absent({ name: '', shareId: one.id }))).toMatchObject({
      problems: [],
      outcome: 'deleted',
      name: 'Baseline',
    });
    expect(liveIds()).toEqual([two.id]);
    expect(sent()).toEqual(['GET /*', 'GET /*/recipients', 'DELETE /*']);
  });

  test('is refused when the share with the given id has another name', async () => {
    const share = sim.seed({ name: 'Other' });
    const outcome = await reconcile(absent({ shareId: share.id }));
    expect(messages(outcome)).toEqual([`${outcome.refusal}. Nothing was changed`]);
    expect(outcome.refusal).toContain('"Other"');
    expect(outcome.before?.resources).toHaveLength(1);
    expect(written()).toEqual([]);
  });

  test('needs no change, but causes a warning, when no share has the given id', async () => {
    const shareId = '0'.repeat(32);
    const desired = absent({ name: '', shareId });
    const outcome = await reconcile(desired, { policy: { waitMs: 10_000 } });
    expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged' });
    const message = `There is no share ${shareId} in account ${sim.accountId}: check share-id and account-id`;
    expect(outcome.warnings).toEqual([{ message, place: { label: 'share-id' } }]);
  });

  test.each<[string, () => DesiredShare]>([
    ['no share has the name', () => absent()],
    ['an unlisted share no longer exists', () => absent({ shareId: '0'.repeat(32), unlisted: true })],
    [
      'the share with the given id is deleted',
      () => absent({ name: '', shareId: sim.seed({ name: 'Old', status: 'deleted' }).id }),
    ],
  ])('needs no change, without a warning, when %s', async (_, desired) => {
    expect(await reconcile(desired())).toMatchObject({ problems: [], warnings: [], outcome: 'unchanged' });
  });

  test('is reported as drift, together with the planned deletion', async () => {
    sim.seed({ name: 'Baseline' });
    const outcome = await reconcile(absent(), { policy: { mode: 'plan', failOnDrift: true } });
    const message = 'Share "Baseline" is out of sync: to delete, 1 recipient to lose it';
    expect(outcome.problems).toEqual([{ message, kind: 'drift' }]);
  });

  test('is planned but not deleted in mode: plan', async () => {
    sim.seed({ name: 'Baseline' });
    const outcome = await reconcile(absent(), { policy: { mode: 'plan', waitMs: 10_000 } });
    expect(outcome).toMatchObject({ outcome: 'planned', changed: true, plan: { action: 'delete' } });
    expect(sent()).toEqual(['GET ', 'GET /*/recipients']);
  });

  test('is not reported as deleted when the deletion is refused', async () => {
    sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'redirect', method: 'DELETE' });
    const outcome = await reconcile(absent());
    expect(messages(outcome)).toHaveLength(1);
    expect(outcome).toMatchObject({
      changed: false,
      share: { status: 'active' },
      steps: { done: [], notDone: [expect.objectContaining({ kind: 'delete' })] },
    });
  });

  test('keeps its temporary shares, whose deletion is reported as not done, when its own deletion is refused', async () => {
    const share = sim.seed({ name: 'Baseline' });
    const left = sim.seed({ name: temporary(), created: secondsAgo(5) });
    sim.order({ kind: 'redirect', method: 'DELETE' });
    const { steps } = await reconcile(absent());
    expect(steps.notDone.map((step) => 'shareId' in step && step.shareId)).toEqual([share.id, left.id]);
  });

  test('is reported as deleted when the repeated deletion is refused with 400', async () => {
    sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'conflict-when-repeated', method: 'DELETE', status: 400 });
    expect(await reconcile(absent())).toMatchObject({ problems: [], outcome: 'deleted', changed: true });
  });

  test('is reported as deleted when it is gone and its deletion gets a 404', async () => {
    const { id } = sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'json-5xx-before-commit', status: 404, method: 'DELETE', times: 9 });
    sim.order({ kind: 'json-5xx-before-commit', status: 404, method: 'GET', path: `/shares/${id}$`, times: 9 });
    const outcome = await reconcile(absent());
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted', share: { status: 'deleted' } });
    expect(sent().filter((line) => line === 'DELETE /*')).toHaveLength(1);
  });

  test('is reported as deleted when its deletion gets a 404 because someone has deleted it', async () => {
    const share = sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'json-5xx-before-commit', status: 404, method: 'DELETE', times: 9 });
    const outcome = await reconcile(absent(), {
      instead: () => ({ find: async () => ({ ...share, status: 'deleting' }) }),
      clock: fakeClock(),
    });
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted', share: { status: 'deleting' } });
    expect(sent().filter((line) => line === 'DELETE /*')).toHaveLength(1);
  });

  // Regression: it counted as deleted.
  test('is deleted when a 404 turns out to be wrong', async () => {
    const { id } = sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'json-5xx-before-commit', status: 404, method: 'DELETE', times: 2 });
    const outcome = await reconcile(absent(), { clock: fakeClock() });
    expect(outcome).toMatchObject({ problems: [], outcome: 'deleted', changed: true });
    expect(statusOf(id)).not.toBe('active');
  });

  // Regression: the run found nothing to delete, and the step was green.
  test.each<{ status: string; created?: null }>([{ status: 'active' }, { status: 'active', created: null }])(
    'is not considered gone because of one wrong 404 (listed with %j)',
    async (raw) => {
      const { id } = sim.seed({ name: 'Baseline', raw });
      sim.order({ kind: 'json-5xx-before-commit', status: 404, method: 'GET', path: `/shares/${id}$` });
      const outcome = await reconcile(absent({ shareId: id, name: '' }));
      if (raw.created === null) expect(messages(outcome)).toEqual([expect.stringContaining("can't read")]);
      else expect(outcome).toMatchObject({ problems: [], outcome: 'deleted', changed: true });
      expect(liveIds()).toEqual(raw.created === null ? [id] : []);
    },
  );

  test('is not reported as deleted when its deletion always gets a 404 although it exists', async () => {
    const { id } = sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'json-5xx-before-commit', status: 404, method: 'DELETE', times: 99 });
    const outcome = await reconcile(absent(), { clock: fakeClock() });
    expect(messages(outcome)).toEqual([expect.stringContaining('HTTP 404')]);
    expect(outcome.outcome).toBeUndefined();
    expect(liveIds()).toEqual([id]);
  });

  test.each(['GET', 'DELETE'] as const)(
    'is not reported as deleted when the 404 for %s comes from another server',
    async (method) => {
      const { id } = sim.seed({ name: 'Baseline' });
      sim.order({ kind: 'html-5xx-before-commit', status: 404, method, path: `/shares/${id}$`, times: 9 });
      const outcome = await reconcile(absent({ shareId: id }), { policy: { waitMs: 1_000 } });
      expect(messages(outcome)).toEqual([expect.stringMatching(/HTTP 404: a web page.*check api-base-url/)]);
      expect(outcome.outcome).toBeUndefined();
      expect(liveIds()).toEqual([id]);
    },
  );

  test('is not reported as deleted when the deletion is refused with 409 and the share is live', async () => {
    const share = sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'json-5xx-before-commit', status: 409, method: 'DELETE', times: 99 });
    const outcome = await reconcile(absent(), { clock: fakeClock() });
    expect(messages(outcome)).toEqual([expect.stringContaining('HTTP 409')]);
    expect(outcome).toMatchObject({ changed: false, share: { status: 'active' } });
    expect(statusOf(share.id)).toBe('active');
  });

  test("has an unknown outcome when it can't be read after a refused deletion", async () => {
    const share = sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'conflict-when-repeated', method: 'DELETE' });
    sim.order({ kind: 'reset-before-commit', method: 'GET', path: `${share.id}$`, times: 9 });
    const outcome = await reconcile(absent(), { maxAttempts: 2 });
    expect(messages(outcome)).toHaveLength(1);
    expect(outcome).toMatchObject({
      changed: undefined,
      steps: { notKnown: [{ kind: 'delete', shareId: share.id }], notDone: [] },
    });
    expect(sent().filter((line) => line === 'GET /*/recipients')).toHaveLength(1);
  });

  describe('with wait', () => {
    const policy = { waitMs: 60_000 };

    test('waits until the share is deleted', async () => {
      const share = sim.seed({ name: 'Baseline' });
      sim.setAssociation(300);
      const outcome = await reconcile(absent(), { policy });
      expect(outcome).toMatchObject({ problems: [], outcome: 'deleted', share: { id: share.id, status: 'deleted' } });
      expect(outcome.waitedMs).toBeGreaterThan(0);
      expect(statusOf(share.id)).toBe('deleted');
    });

    test.each(['apply', 'delete'] as const)(
      'in mode %s waits for all shares that are already being deleted',
      async (mode) => {
        // Long enough that both are still listed as being deleted, even on a busy machine.
        sim.setAssociation(800);
        const first = sim.seed({ name: 'Baseline', status: 'deleting' });
        sim.setAssociation(1_000);
        const last = sim.seed({ name: 'Baseline', status: 'deleting' });
        sim.setAssociation(60_000);
        sim.seed({ name: 'Other', status: 'deleting' });
        sim.seed({ name: 'Baseline', status: 'deleting', raw: { account_id: sim.memberIds[1] } });
        const outcome = await reconcile(absent(), { policy: { ...policy, mode } });
        expect(outcome).toMatchObject({
          problems: [],
          outcome: 'unchanged',
          share: { id: first.id, status: 'deleted' },
        });
        expect(outcome.changed).toBe(false);
        expect([statusOf(first.id), statusOf(last.id)]).toEqual(['deleted', 'deleted']);
        expect(written()).toEqual([]);
      },
    );

    test('waits for a share that is given by its id and already being deleted', async () => {
      sim.setAssociation(300);
      const share = sim.seed({ name: 'Baseline', status: 'deleting' });
      expect(messages(await reconcile(absent({ name: '', shareId: share.id }), { policy }))).toEqual([]);
      expect(statusOf(share.id)).toBe('deleted');
    });

    test('gives up after wait-timeout', async () => {
      const share = sim.seed({ name: 'Baseline' });
      sim.setAssociation(60_000);
      const outcome = await reconcile(absent(), { policy: { waitMs: 5_000 } });
      expect(messages(outcome)).toEqual([expect.stringMatching(`wait-timeout.*${share.id} is deleting`)]);
      expect(outcome).toMatchObject({ outcome: 'deleted', changed: true, share: { status: 'deleting' } });
      expect(stepsOf(outcome).notDone).toEqual([expect.stringContaining('wait')]);
    });

    test('sends no request for shares being deleted in mode: plan', async () => {
      sim.setAssociation(60_000);
      sim.seed({ name: 'Baseline', status: 'deleting' });
      const outcome = await reconcile(absent(), { policy: { ...policy, mode: 'plan' } });
      expect(outcome.share).toBeUndefined();
      expect(sent()).toEqual(['GET ']);
    });
  });

  test('needs one request without wait if it is already being deleted', async () => {
    sim.setAssociation(60_000);
    sim.seed({ name: 'Baseline', status: 'deleting' });
    const outcome = await reconcile(absent());
    expect(messages(outcome)).toEqual([]);
    expect(outcome.share).toBeUndefined();
    expect(sent()).toEqual(['GET ']);
  });
});

describe('a share with the previous name', () => {
  const renamed = (): DesiredShare => desiredShare({ previousName: 'Before' });

  test('is renamed in place, and previous_name can stay in the file', async () => {
    const share = sim.seed({ name: 'Before', resources: [resource('c1')] });
    const outcome = await reconcile(renamed());
    expect(outcome).toMatchObject({
      problems: [],
      outcome: 'updated',
      changed: true,
      plan: { rename: { from: 'Before', to: 'Baseline' } },
    });
    expect(liveIds('Baseline')).toEqual([share.id]);
    expect(written()).toEqual(['PUT /*']);
    expect(await reconcile(renamed())).toMatchObject({ problems: [], outcome: 'unchanged' });
  });

  test('causes no further request when its rename is refused', async () => {
    sim.seed({ name: 'Before', resources: [resource('c1')] });
    sim.order({ kind: 'json-5xx-before-commit', status: 403, method: 'PUT' });
    expect(messages(await reconcile(renamed()))).toHaveLength(1);
    expect(sent().at(-1)).toBe('PUT /*');
  });

  test('is renamed once by two concurrent runs', async () => {
    const share = sim.seed({ name: 'Before', resources: [resource('c1')] });
    sim.holdUntilListed(2);
    const outcomes = await Promise.all([reconcile(renamed()), reconcile(renamed())]);
    expect(outcomes.flatMap(messages)).toEqual([]);
    expect(sim.liveShares().map(({ id, name }) => [id, name])).toEqual([[share.id, 'Baseline']]);
  });

  test('is refused, naming both shares, when a share with the new name exists', async () => {
    const [one, two] = [sim.seed({ name: 'Before' }), sim.seed({ name: 'Baseline' })];
    const [message = ''] = messages(await reconcile(renamed()));
    for (const { id } of [one, two]) expect(message).toContain(id);
    expect(written()).toEqual([]);
  });

  test('is refused, naming all of them, when several shares have that name', async () => {
    const shares = [sim.seed({ name: 'Before' }), sim.seed({ name: 'Before' })];
    const [message = ''] = messages(await reconcile(renamed()));
    for (const { id } of shares) expect(message).toContain(id);
    expect(written()).toEqual([]);
  });

  test('is not needed: without it, the share is created under the new name', async () => {
    expect(await reconcile(renamed())).toMatchObject({ problems: [], outcome: 'created' });
    expect(sent()).toHaveLength(4);
  });

  test('is preferred to a temporary share, which is deleted after the rename', async () => {
    const share = sim.seed({ name: 'Before', resources: [resource('c1')] });
    sim.seed({ name: temporary(), created: secondsAgo(500) });
    expect(messages(await reconcile(renamed()))).toEqual([]);
    await reconcile(renamed());
    expect(sim.liveShares().map(({ id, name }) => [id, name])).toEqual([[share.id, 'Baseline']]);
  });

  test('is renamed with if-exists: fail when no share has the new name', async () => {
    sim.seed({ name: 'Before', resources: [resource('c1')] });
    expect(await reconcile(renamed(), { policy: { ifExists: 'fail' } })).toMatchObject({
      problems: [],
      outcome: 'updated',
    });
  });
});

describe('a shares file', () => {
  const named = (name: string, desired: Partial<Desired> = {}): Desired => desiredShare({ name, ...desired });
  const outcomesOf = ({ outcomes }: Awaited<ReturnType<typeof reconcileAll>>) =>
    outcomes.map(({ name, outcome }) => [name, outcome]);

  test('needs S + 1 requests for S shares in sync, plus one for each share with exclude', async () => {
    const shares = ['A', 'B', 'C'].map((name) => named(name));
    const wide = named('D', { recipients: [{}], exclude: [] });
    await reconcileAll([...shares, wide]);
    sim.requests.length = 0;
    const again = await reconcileAll([...shares, wide], { policy: { readAllRecipients: false } });
    expect(again.outcomes.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged', 'unchanged']);
    expect(again.outcomes.map((outcome) => 'recipients' in outcome)).toEqual([true, true, true, false]);
    expect(sim.counts()).toEqual({ 'shares-list': 1, 'share-recipients-list': 3, 'share-excluded-recipients-list': 1 });
  });

  test('is applied to the other shares when one fails', async () => {
    const bad = named('B', { recipients: [{ recipient_account_id: sim.outsiderId }] });
    const { outcomes } = await reconcileAll([named('A'), bad, named('C')]);
    expect(outcomes.map(({ problems }) => problems.length)).toEqual([0, 1, 0]);
    expect(
      sim
        .liveShares()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['A', 'C']);
  });

  test('is not applied at all when one plan is rejected', async () => {
    sim.seed({ name: 'In sync', resources: [resource('c1')] });
    const { id } = sim.seed({ name: 'Unread' });
    sim.order({ kind: 'redirect', method: 'GET', path: `/shares/${id}$`, times: 9 });
    const unread = named('Unread', { shareId: id });
    const { outcomes } = await reconcileAll([unread, named('A'), named('B'), named('In sync')], {
      check: ({ plan }) => (plan.name === 'A' ? { objections: [{ message: 'not reviewed' }] } : {}),
    });
    expect(outcomes.map(({ outcome, problems }) => [outcome, problems.length])).toEqual([
      [undefined, 1],
      [undefined, 1],
      [undefined, 0],
      ['unchanged', 0],
    ]);
    expect(messages(outcomes[1] as ShareOutcome)).toEqual(['not reviewed']);
    expect(written()).toEqual([]);
  });

  test('has each plan that is made during apply checked for its own share', async () => {
    const { id } = sim.seed({ name: 'Unread' });
    sim.order({ kind: 'redirect', method: 'GET', path: `/shares/${id}$`, times: 9 });
    const { outcomes } = await reconcileAll([named('Unread', { shareId: id }), named('A'), named('B'), named('C')], {
      check: ({ plan: { name } }) => ({
        objectionTo: () => (name === 'C' ? undefined : { message: `about ${name}`, kind: 'not-reviewed' }),
      }),
    });
    expect(outcomes.map(messages)).toEqual([[expect.any(String)], ['about A'], ['about B'], []]);
    expect(['A', 'B', 'C'].map((name) => liveIds(name).length)).toEqual([0, 0, 1]);
  });

  describe('when complete', () => {
    const complete = true;

    test('reports and keeps an unlisted share without any request', async () => {
      sim.seed({ name: 'A', resources: [resource('c1')] });
      const stranger = sim.seed({ name: 'Stranger' });
      for (const waitMs of [undefined, 5_000]) {
        sim.requests.length = 0;
        const run = await reconcileAll([named('A')], {
          complete,
          policy: waitMs === undefined ? {} : { waitMs },
        });
        expect(outcomesOf(run)).toEqual([
          ['A', 'unchanged'],
          ['Stranger', 'unchanged'],
        ]);
        expect(run.outcomes[1]).toMatchObject({
          problems: [],
          changed: false,
          plan: { action: 'none', unlisted: true, share_id: stranger.id },
        });
        expect(sim.counts()['shares-list']).toBe(1);
        expect(written()).toEqual([]);
      }
    });

    test('reports an unreadable unlisted share as drift and keeps it even with prune', async () => {
      sim.seed({ name: 'A', resources: [resource('c1')] });
      const odd = sim.seed({ name: 'Odd', raw: { target_type: undefined } });
      const unnamed = sim.seed({ name: 'Unnamed', raw: { name: null } });
      const left = [odd, unnamed].map(({ id }) => ({ action: 'none', unlisted: true, share_id: id }));
      const warning = (id: string, wrong: string) =>
        `Cloudflare lists share ${id} in a way that this version can't read (${wrong}). It is not in the file, and it stays even with prune: check it in the dashboard`;
      const run = await reconcileAll([named('A')], { complete, policy: { prune: true } });
      expect(run.outcomes.slice(1).map(({ plan }) => plan)).toMatchObject(left);
      expect(run.outcomes.flatMap(({ warnings }) => warnings.map(({ message }) => message))).toEqual([
        warning(odd.id, '"target_type" is missing'),
        warning(unnamed.id, '"name" is null'),
      ]);
      expect(run.outcomes.flatMap(messages)).toEqual([]);
      expect(run.lines.join('\n')).not.toContain('nothing to delete');
      expect(written()).toEqual([]);
      const planned = await reconcileAll([named('A')], {
        complete,
        policy: { prune: true, mode: 'plan', failOnDrift: true },
      });
      expect(planned.outcomes.map(({ problems }) => problems.map(({ kind }) => kind))).toEqual([
        [],
        ['drift'],
        ['drift'],
      ]);
      // A listed share that might be the unreadable one is refused, and nothing else is reported about it.
      const listed = await reconcileAll([named('A'), named('Odd')], { complete, policy: { prune: true } });
      expect(listed.outcomes.map(({ name, problems }) => [name, problems.length])).toEqual([
        ['A', 0],
        ['Odd', 1],
        ['', 0],
      ]);
    });

    test.each(['plan', 'apply'] as const)(
      'in mode %s fails if the list can no longer be read, and changes nothing',
      async (mode) => {
        sim.seed({ name: 'A', recipients: [{ account_id: sim.memberIds[1] as string }] });
        const stranger = sim.seed({ name: 'Stranger' });
        const clock = fastClock(20);
        let lateMs = 0;
        // Planning the listed shares takes so long that their listing is too old to tell what is unlisted.
        const before = (endpoint: string, n: number): undefined => {
          if (endpoint === 'list' && n > 1) sim.order({ kind: 'json-5xx-before-commit', path: '/shares$', times: 9 });
          if (endpoint === 'recipients') lateMs = 60_000;
        };
        const run = await reconcileAll([named('A')], {
          complete,
          policy: { mode, prune: true },
          clock: { ...clock, nowMs: () => clock.nowMs() + lateMs },
          before,
        });
        expect(run.outcomes.map(messages)).toEqual([[expect.stringContaining("list the account's shares")]]);
        expect(run.outcomes).toMatchObject([{ plan: { action: 'update' }, problems: [{ kind: 'cloudflare' }] }]);
        expect(run.outcomes[0]?.outcome).toBeUndefined();
        expect(written()).toEqual([]);
        expect(statusOf(stranger.id)).toBe('active');
      },
    );

    test('plans to delete an unlisted share with prune, and deletes it last', async () => {
      sim.seed({ name: 'A', resources: [resource('c1')] });
      const stranger = sim.seed({ name: 'Stranger' });
      const mine = named('A', {
        recipients: [
          { recipient_account_id: sim.memberIds[0] as string },
          { recipient_account_id: sim.memberIds[1] as string },
        ],
      });
      const planned = await reconcileAll([mine, named('B')], { complete, policy: { prune: true, mode: 'plan' } });
      expect(planned.outcomes.map(({ plan, outcome }) => [plan?.name, plan?.action, outcome])).toEqual([
        ['A', 'update', 'planned'],
        ['B', 'create', 'planned'],
        ['Stranger', 'delete', 'planned'],
      ]);
      expect(planned.lines).toEqual(['plan: update', 'plan: create', 'plan: delete']);
      expect(sim.counts()['shares-list']).toBe(1);
      expect(written()).toEqual([]);
      const run = await reconcileAll([mine, named('B')], { complete, policy: { prune: true } });
      expect(outcomesOf(run)).toEqual([
        ['A', 'updated'],
        ['B', 'created'],
        ['Stranger', 'deleted'],
      ]);
      expect(written().at(-1)).toBe('DELETE /*');
      expect(statusOf(stranger.id)).not.toBe('active');
    });

    test.each([
      [1, '1 unlisted share was'],
      [2, '2 unlisted shares were'],
    ])('keeps unlisted shares, and says so, when a listed share fails (%d unlisted)', async (unlisted, words) => {
      const stranger = sim.seed({ name: 'Stranger' });
      if (unlisted > 1) sim.seed({ name: 'Other' });
      const bad = named('B', { recipients: [{ recipient_account_id: sim.outsiderId }] });
      const run = await reconcileAll([named('A'), bad], { complete, policy: { prune: true } });
      expect(liveIds()).toContain(stranger.id);
      expect(run.lines).toContain(`${words} not deleted, because 1 share in the file failed`);
      expect(run.outcomes[2]).toMatchObject({ changed: false, problems: [], plan: { action: 'delete' } });
      expect(run.outcomes[2]?.outcome).toBeUndefined();
      expect(stepsOf(run.outcomes[2])).toEqual({ done: [], notDone: [`delete share ${stranger.id}`], notKnown: [] });
    });

    test('says nothing about unlisted shares when a listed share fails, if they would stay anyway', async () => {
      sim.seed({ name: 'Stranger' });
      const bad = named('B', { recipients: [{ recipient_account_id: sim.outsiderId }] });
      const run = await reconcileAll([bad], { complete });
      expect(run.outcomes.map(({ outcome, problems }) => [outcome, problems.length])).toEqual([
        [undefined, 1],
        ['unchanged', 0],
      ]);
      expect(run.lines.join('\n')).not.toContain('not deleted');
    });

    test("keeps unlisted shares when a listed share fails, even if one of them can't be planned", async () => {
      sim.seed({ name: 'B', resources: [resource('c1')] });
      sim.seed({ name: 'Stranger' });
      const { id } = sim.seed({ name: 'Other' });
      sim.order({ kind: 'redirect', method: 'GET', path: `/shares/${id}/recipients$`, times: 9 });
      const bad = named('B', { recipients: [{ recipient_account_id: sim.outsiderId }] });
      const run = await reconcileAll([bad], { complete, policy: { prune: true } });
      expect(run.outcomes.map((outcome) => messages(outcome).join())).toEqual([
        expect.stringContaining('set the recipients'),
        '',
        expect.stringContaining('read the recipients'),
      ]);
      expect(run.lines).toContain('1 unlisted share was not deleted, because 1 share in the file failed');
      expect(liveIds()).toHaveLength(3);
    });

    test('sends no request if it lists no shares', async () => {
      expect(await reconcileAll([], { complete })).toEqual({ outcomes: [], lines: [] });
      expect(sent()).toEqual([]);
    });

    test('reports drift for both listed and unlisted shares', async () => {
      sim.seed({ name: 'A', resources: [resource('c1')] });
      sim.seed({ name: 'Stranger' });
      for (const prune of [false, true]) {
        const run = await reconcileAll([named('A')], {
          complete,
          policy: { mode: 'plan', failOnDrift: true, prune },
        });
        expect(run.outcomes.map(({ problems }) => problems.map(({ kind }) => kind))).toEqual([[], ['drift']]);
        const both = await reconcileAll([named('New')], {
          complete,
          policy: { mode: 'plan', failOnDrift: true, prune },
        });
        expect(both.outcomes.map(({ outcome, problems }) => [outcome, problems.length])).toEqual([
          ['planned', 1],
          ['planned', 1],
          ['planned', 1],
        ]);
        expect(both.lines.join('\n')).not.toContain('was not deleted');
      }
    });

    test("keeps another account's shares, recent temporary shares and renamed shares, but deletes old temporary shares", async () => {
      sim.seed({ name: 'Before', resources: [resource('c1')] });
      const others = [
        sim.seed({ name: 'Theirs', raw: { account_id: sim.memberIds[1] } }),
        sim.seed({ name: temporary('A', 'young00000000'), created: secondsAgo(5) }),
        sim.seed({ name: temporary('Elsewhere', 'young00000000'), created: secondsAgo(5) }),
      ];
      const old = sim.seed({ name: temporary('Elsewhere'), created: secondsAgo(500) });
      sim.seed({ name: 'Gone' });
      sim.seed({ name: 'A', resources: [resource('c1')] });
      const run = await reconcileAll([named('A'), named('B', { previousName: 'Before' }), absent({ name: 'Gone' })], {
        complete,
        policy: { prune: true },
      });
      expect(run.outcomes.flatMap(messages)).toEqual([]);
      expect(liveIds()).toEqual(expect.arrayContaining(others.map(({ id }) => id)));
      expect(statusOf(old.id)).not.toBe('active');
      expect(sim.liveShares().map(({ name }) => name)).toEqual(expect.arrayContaining(['A', 'B']));
      expect(liveIds('Gone')).toEqual([]);
    });

    test('does not delete a share that was renamed during the run', async () => {
      const stranger = sim.seed({ name: 'Stranger' });
      sim.seed({ name: 'A', resources: [resource('c1')] });
      const run = await reconcileAll([named('A')], {
        complete,
        policy: { prune: true },
        before: (call, n) =>
          call === 'list' && n === 2 ? elsewhere('PUT', stranger.id, { name: 'Other' }) : undefined,
      });
      expect(run.outcomes[1]?.problems).toHaveLength(1);
      expect(liveIds()).toContain(stranger.id);
    });

    // Regression: the run updated that share, and then deleted it.
    test('does not delete a share that gets a listed name during the run', async () => {
      const stranger = sim.seed({ name: 'Stranger', resources: [resource('c1')] });
      const run = await reconcileAll([named('A')], {
        complete,
        policy: { prune: true },
        before: (call) => (call === 'create' ? elsewhere('PUT', stranger.id, { name: 'A' }) : undefined),
      });
      expect(run.outcomes[0]).toMatchObject({ problems: [], share: { id: stranger.id } });
      const message = `Share ${stranger.id} was named "Stranger" when its deletion was planned, but is now named "A". It was not deleted. Run again`;
      expect(run.outcomes[1]?.problems).toEqual([{ message, kind: 'refusal' }]);
      expect(liveIds()).toEqual([stranger.id]);
    });

    test('does not fail if a share is deleted during the run', async () => {
      sim.seed({ name: 'Stranger' });
      const run = await reconcileAll([named('A')], {
        complete,
        policy: { prune: true },
        instead: () => ({ find: async () => undefined }),
      });
      expect(outcomesOf(run)).toEqual([
        ['A', 'created'],
        ['Stranger', 'deleted'],
      ]);
      expect(run.outcomes.flatMap(messages)).toEqual([]);
    });

    test('deletes only listed shares in mode: delete', async () => {
      const stranger = sim.seed({ name: 'Stranger' });
      sim.seed({ name: 'A' });
      const run = await reconcileAll([absent({ name: 'A' })], {
        complete,
        policy: { mode: 'delete', prune: true },
      });
      expect(outcomesOf(run)).toEqual([['A', 'deleted']]);
      expect(liveIds()).toEqual([stranger.id]);
    });

    test('reports one problem per listed share and deletes nothing when the listing fails', async () => {
      sim.seed({ name: 'Stranger' });
      sim.order({ kind: 'redirect', method: 'GET', times: 99 });
      const run = await reconcileAll([named('A'), named('B')], { complete, policy: { prune: true } });
      expect(run.outcomes.map(({ problems }) => problems.length)).toEqual([1, 1]);
      expect(written()).toEqual([]);
    });
  });

  // Regression: the progress of planning and of applying had the same words.
  test.each([
    [false, []],
    [true, [3, 6, 9, 12, 15, 18, 21].map((done) => `${done} of 21 unlisted shares applied`)],
  ])('logs what it has done with many unlisted shares (prune: %j)', async (prune, expected) => {
    for (let i = 0; i < 21; i++) sim.seed({ name: `Unlisted ${i}` });
    const policy = { prune, removalLimit: 1 };
    const { lines } = await reconcileAll([named('A')], { complete: true, policy });
    expect(lines.filter((line) => line.includes(' of 21 '))).toEqual(expected);
  });

  test('logs its progress when it lists many shares', async () => {
    const { lines } = await reconcileAll(
      Array.from({ length: 25 }, (_, i) => named(`Share ${i}`)),
      { policy: { mode: 'plan' } },
    );
    expect(lines.filter((line) => line.includes(' of 25 '))).toEqual(
      [3, 6, 9, 12, 15, 18, 21, 24].map((done) => `${done} of 25 shares planned`),
    );
    expect(sim.counts()).toEqual({ 'shares-list': 1 });
  });
});

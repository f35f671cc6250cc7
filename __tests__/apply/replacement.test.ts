// From accounts to the organization and back: the new share is complete before the old one is deleted, even if
// the run is interrupted.

import { describe, expect, test } from '@jest/globals';
import { cutAt } from '../../src/secrets.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import { type ProposedPlan, reviewed, unreviewed, unreviewedWords } from '../../src/share/review.ts';
import { fakeClock } from '../clock.ts';
import { proposed } from '../review/plans.ts';
import { type Desired, messages, type Run, secondsAgo, stepsOf, temporary, useRuns } from './use-runs.ts';

const { sim, desiredShare, elsewhere, forgetArrivals, liveIds, members, onArrival, reconcile, sent, written } =
  await useRuns();

const policy = { replace: true } as const;
const toOrganization = (desired: Partial<Desired> = {}): Desired => desiredShare({ recipients: [{}], ...desired });
const toAccounts = (desired: Partial<Desired> = {}): Desired => desiredShare(desired);

/** Exactly one share remains, with this name and target and the desired resource. */
function expectReplaced(name: string, target: string): void {
  const live = sim.liveShares();
  expect(live.map((share) => [share.name, share.target_type])).toEqual([[name, target]]);
  expect(live[0]?.resources.filter(({ status }) => status === 'active').map(({ resource_id }) => resource_id)).toEqual([
    'c1',
  ]);
}

/** @returns a check that a share existed at every request */
function watchForShare(): () => void {
  let worst = Number.POSITIVE_INFINITY;
  onArrival(() => {
    worst = Math.min(worst, liveIds().length);
  });
  return () => expect(worst).toBeGreaterThanOrEqual(1);
}

test('a replacement without replace is refused, and nothing changes', async () => {
  const old = sim.seed({ name: 'Baseline' });
  const outcome = await reconcile(toOrganization({ exclude: [{ account_id: sim.memberIds[3] as string }] }));
  expect(messages(outcome)).toEqual([expect.stringMatching(/replace: true.*Nothing was changed/s)]);
  expect(outcome).toMatchObject({ changed: false, plan: { action: 'replace' }, problems: [{ kind: 'refusal' }] });
  expect(sent()).toEqual(['GET ', 'GET /*/recipients']);
  expect(liveIds()).toEqual([old.id]);
});

test.each(['accounts', 'organization'] as const)(
  'a replacement never leaves recipients without a share (new target: %s)',
  async (kind) => {
    sim.seed({ name: 'Baseline', ...(kind === 'accounts' ? { recipients: [{}] } : {}) });
    const check = watchForShare();
    const outcome = await reconcile(kind === 'accounts' ? toAccounts() : toOrganization(), { policy });
    expect(outcome).toMatchObject({ problems: [], outcome: 'updated', changed: true });
    expectReplaced('Baseline', kind === 'accounts' ? 'account' : 'organization');
    expect(written()).toEqual(['POST ', 'DELETE /*', 'PUT /*']);
    expect(stepsOf(outcome).notDone).toEqual([]);
    check();
  },
);

// Regression: the run created five.
test('a replacement creates one share even if reads never find it', async () => {
  const old = sim.seed({ name: 'Baseline', recipients: [{}] });
  const instead: Run['instead'] = () => ({ find: async () => undefined });
  const outcome = await reconcile(toAccounts(), { policy, instead, clock: fakeClock() });
  expect(messages(outcome)).toEqual([expect.stringContaining('is still out of sync after 5 rounds')]);
  expect(written()).toEqual(['POST ']);
  expect(liveIds()).toContain(old.id);
});

test('a replacement succeeds if a server does not know the lists of the new share at first', async () => {
  sim.seed({ name: 'Baseline', recipients: [{}] });
  sim.order({ kind: 'json-5xx-before-commit', status: 404, method: 'GET', path: '/recipients$', skip: 1, times: 3 });
  const outcome = await reconcile(toAccounts(), { policy, clock: fakeClock() });
  expect(outcome).toMatchObject({ problems: [], outcome: 'updated' });
  expectReplaced('Baseline', 'account');
  expect(written()).toEqual(['POST ', 'DELETE /*', 'PUT /*']);
});

test('a replacement by id succeeds even if the old share can no longer be read', async () => {
  const old = sim.seed({ name: 'Baseline' });
  const isGone = () => !liveIds().includes(old.id);
  const outcome = await reconcile(toOrganization({ shareId: old.id }), {
    policy,
    instead: ({ find }) => ({ find: async (id) => (id === old.id && isGone() ? undefined : find(id)) }),
  });
  expect(messages(outcome)).toEqual([]);
  expectReplaced('Baseline', 'organization');
});

test("a replacement does not report the old share's recipients as those of the new one", async () => {
  sim.seed({ name: 'Baseline' });
  const outcome = await reconcile(toOrganization(), { policy: { ...policy, readAllRecipients: false } });
  expect(outcome).toMatchObject({ problems: [], share: { target_type: 'organization' } });
  expect(outcome.recipients).toBeUndefined();
});

test('two concurrent replacements never report the old share as their result', async () => {
  const old = sim.seed({ name: 'Baseline' });
  sim.holdUntilListed(2);
  const outcomes = await Promise.all([1, 2].map(() => reconcile(toOrganization(), { policy })));
  expect(outcomes.flatMap(({ lines }) => lines).join()).not.toContain(`continues with ${old.id}`);
});

test('replacing a share that has the previous name leaves one share with the new name', async () => {
  sim.seed({ name: 'Before', recipients: [{}] });
  const check = watchForShare();
  const outcome = await reconcile(toAccounts({ previousName: 'Before' }), { policy });
  expect(outcome).toMatchObject({ problems: [], outcome: 'updated', changed: true });
  expectReplaced('Baseline', 'account');
  check();
});

test('a share that already has the desired target is kept, and a leftover temporary share is deleted', async () => {
  const { resources = [] } = toAccounts();
  const fits = sim.seed({ name: 'Baseline', resources });
  sim.seed({ name: temporary(), resources, created: secondsAgo(500) });
  const outcome = await reconcile(toAccounts(), { policy });
  expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged', changed: false });
  expect(liveIds()).toEqual([fits.id]);
});

test('a replacement sets the exclusions before it deletes the old share', async () => {
  sim.seed({ name: 'Baseline' });
  const outcome = await reconcile(toOrganization({ exclude: [{ account_id: sim.memberIds[3] as string }] }), {
    policy,
  });
  expect(messages(outcome)).toEqual([]);
  expect(written()).toEqual(['POST ', 'PUT /*/excluded-recipients', 'DELETE /*', 'PUT /*']);
});

describe('an interrupted replacement', () => {
  const interruptions = [
    ['before the create call', 'POST', 'reset-before-commit'],
    ['after the create call', 'POST', 'late-response'],
    ['before the deletion of the old share', 'DELETE', 'late-commit'],
    ['after the deletion of the old share', 'DELETE', 'late-response'],
    ['before the rename', 'PUT', 'reset-before-commit'],
    ['after the rename', 'PUT', 'late-response'],
  ] as const;

  describe.each([false, true])('share-id given: %s', (byId) => {
    test.each(interruptions)('is completed by the next run if interrupted %s', async (_when, method, kind) => {
      const old = sim.seed({ name: 'Baseline' });
      const desired = toOrganization(byId ? { shareId: old.id } : {});
      const job = new AbortController();
      sim.order({ kind, method, delayMs: 200 });
      onArrival((request) => {
        // The job is cancelled while it waits for the response.
        if (request.method === method) setTimeout(() => job.abort(), 60);
      });
      const killed = await reconcile(desired, { policy, signal: job.signal, maxAttempts: 99 });
      expect(messages(killed)).toHaveLength(1);
      expect(liveIds().length).toBeGreaterThanOrEqual(1);
      await new Promise((resolve) => setTimeout(resolve, 250));
      forgetArrivals();

      const finished = sim.liveShares()[0]?.name === 'Baseline' && sim.liveShares()[0]?.target_type === 'organization';
      const again = await reconcile(desired, { policy });
      // If the share with the share-id is already replaced, nothing is left to change.
      if (byId && finished) expect(messages(again)).toEqual([expect.stringContaining('remove share-id')]);
      else expect(messages(again)).toEqual([]);
      expectReplaced('Baseline', 'organization');
    });
  });
});

describe('concurrent replacements', () => {
  test.each([false, true])('leave one share (share-id given: %s)', async (byId) => {
    const old = sim.seed({ name: 'Baseline' });
    sim.holdUntilListed(2);
    const check = watchForShare();
    const desired = toOrganization(byId ? { shareId: old.id } : {});
    const outcomes = await Promise.all([reconcile(desired, { policy }), reconcile(desired, { policy })]);
    expect(sim.listsAtOnce).toBe(2);
    expect(outcomes.flatMap(messages)).toEqual([]);
    expectReplaced('Baseline', 'organization');
    expect(new Set(outcomes.map(({ share }) => share?.id))).toEqual(new Set(liveIds()));
    check();
  });

  test("continue with another run's successor, even if only the old share's id is given", async () => {
    const old = sim.seed({ name: 'Baseline' });
    const { resources = [] } = toOrganization();
    const successor = sim.seed({ name: temporary(), created: secondsAgo(1), recipients: [{}], resources });
    const outcome = await reconcile(toOrganization({ name: '', shareId: old.id }), { policy });
    expect(outcome).toMatchObject({ problems: [], share: { id: successor.id, name: 'Baseline' } });
    expect(written()).toEqual(['DELETE /*', 'PUT /*']);
  });

  test("add no resource to another run's successor that does not show its resources yet", async () => {
    sim.seed({ name: 'Baseline' });
    const { resources = [] } = toOrganization();
    const raw = { resources: null };
    sim.seed({ name: temporary(), created: secondsAgo(1), recipients: [{}], resources, raw });
    let reads = 0;
    const outcome = await reconcile(toOrganization(), {
      policy,
      instead: (api) => ({ resources: async (id) => (reads++ < 3 ? [] : api.resources(id)) }),
      clock: fakeClock(),
    });
    expect(messages(outcome)).toEqual([]);
    expect(written()).toEqual(['DELETE /*', 'PUT /*']);
  });

  // Regression: another run's share was adopted unchecked and the old one deleted.
  test("add the desired recipients to another run's successor before they delete the old share", async () => {
    const old = sim.seed({ name: 'Baseline', recipients: [{}] });
    const successor = sim.seed({
      name: temporary(),
      created: secondsAgo(1),
      recipients: [{ account_id: sim.memberIds[5] as string }],
    });
    let before: string[] = [];
    onArrival(({ method, path }) => {
      if (method !== 'DELETE' || !path.endsWith(old.id)) return;
      const share = sim.liveShares().find(({ id }) => id === successor.id);
      before = (share?.recipients ?? [])
        .filter(({ association_status: status }) => !status.startsWith('dis'))
        .map(({ account_id }) => account_id);
    });
    const outcome = await reconcile(toAccounts(), { policy });
    expect(messages(outcome)).toEqual([]);
    expect(before).toEqual([sim.memberIds[0]]);
    expect(liveIds()).toEqual([successor.id]);
    expectReplaced('Baseline', 'account');
  });

  test("add all recipients to another run's successor in one request", async () => {
    sim.seed({ name: 'Baseline', recipients: [{}] });
    const { resources = [] } = toAccounts();
    sim.seed({ name: temporary(), created: secondsAgo(1), recipients: members(0), resources });
    const outcome = await reconcile(toAccounts({ recipients: members(0, 1, 2) }), { policy });
    expect(messages(outcome)).toEqual([]);
    expect(written()).toEqual(['PUT /*/recipients', 'DELETE /*', 'PUT /*']);
  });

  test("report the new share when the old one can't be deleted", async () => {
    const old = sim.seed({ name: 'Baseline', recipients: [{}] });
    sim.order({ kind: 'redirect', method: 'DELETE', times: 9 });
    const outcome = await reconcile(toAccounts(), { policy });
    expect(messages(outcome)).toHaveLength(1);
    expect(liveIds()).toEqual([old.id, outcome.share?.id]);
    expect(stepsOf(outcome).notDone).toContain(`delete the replaced share ${old.id}`);
  });

  test.each([
    ["refuse to change the meta of another run's successor when the plan does not cover it", { open: true }],
    ["complete another run's successor when its meta is the reviewed one", {}],
  ])('%s', async (_, meta) => {
    const old = sim.seed({ name: 'Baseline', recipients: [{}] });
    const shared = { resource_type: 'gateway-policy', resource_id: 'c1', resource_account_id: sim.accountId, meta };
    const to = [{ account_id: sim.memberIds[5] as string }];
    const successor = sim.seed({ name: temporary(), created: secondsAgo(1), recipients: to, resources: [shared] });
    const { plan } = await reconcile(toAccounts(), { policy: { ...policy, mode: 'plan' } });
    const seen = reviewed([proposed(plan as SharePlan, { audience: { accounts: [] }, resources: [] })]);
    const objectionTo = (now: ProposedPlan) => unreviewed(now, seen).map(unreviewedWords(cutAt, sim.accountId))[0];
    const outcome = await reconcile(toAccounts(), { policy, objectionTo });
    if ('open' in meta) {
      expect(messages(outcome)).toEqual([`update resource gateway-policy c1 of share "Baseline" (${successor.id})`]);
      expect(outcome.problems[0]?.kind).toBe('not-reviewed');
      expect(written()).toEqual([]);
      expect(liveIds()).toEqual([old.id, successor.id]);
    } else {
      expect(messages(outcome)).toEqual([]);
      expectReplaced('Baseline', 'account');
    }
  });

  test('never adopt a successor for the whole organization when accounts are desired', async () => {
    sim.seed({ name: 'Baseline', recipients: [{}] });
    const wide = sim.seed({ name: temporary(), created: secondsAgo(1), recipients: [{}] });
    const outcome = await reconcile(toAccounts(), { policy });
    expect(messages(outcome)).toEqual([]);
    expect(outcome.share?.id).not.toBe(wide.id);
    expect(sim.liveShares('Baseline').map(({ id, target_type }) => [id, target_type])).toEqual([
      [outcome.share?.id, 'account'],
    ]);
    expect(liveIds()).toContain(wide.id);
  });

  test.each(['deleting', 'deleted'])(
    'keep the old share until a new one exists when someone deletes the successor (%s)',
    async (status) => {
      sim.setAssociation(status === 'deleted' ? 0 : 60_000);
      const old = sim.seed({ name: 'Baseline' });
      const successor = sim.seed({ name: temporary(), created: secondsAgo(1), recipients: [{}] });
      const check = watchForShare();
      const outcome = await reconcile(toOrganization(), {
        policy,
        before: (call, n) => (call === 'find' && n === 1 ? elsewhere('DELETE', successor.id) : undefined),
      });
      expect(messages(outcome)).toEqual([]);
      expect(liveIds()).not.toContain(old.id);
      expectReplaced('Baseline', 'organization');
      check();
    },
  );

  test("keep the old share when the new one can't be completed", async () => {
    const old = sim.seed({ name: 'Baseline', recipients: [{}] });
    sim.seed({ name: temporary(), created: secondsAgo(1) });
    const desired = toAccounts({ recipients: [{ recipient_account_id: sim.outsiderId }] });
    const outcome = await reconcile(desired, { policy });
    expect(messages(outcome)).toHaveLength(1);
    expect(liveIds()).toContain(old.id);
    expect(stepsOf(outcome).notDone).toContain(`delete the replaced share ${old.id}`);
  });
});

// Regression: an unrelated share with the desired name was taken for another run's share.
describe('a share given by its id when an unrelated share has the desired name', () => {
  test.each(['account', 'organization'] as const)(
    'is not replaced (target of the unrelated share: %s)',
    async (target) => {
      const old = sim.seed({ name: 'Old' });
      const stranger = sim.seed({ name: 'Baseline', ...(target === 'organization' ? { recipients: [{}] } : {}) });
      const outcome = await reconcile(toOrganization({ shareId: old.id }), { policy });
      expect(messages(outcome)).toEqual([expect.stringContaining(stranger.id)]);
      expect(written()).toEqual([]);
      expect(liveIds()).toEqual([old.id, stranger.id]);
    },
  );

  test('is not renamed', async () => {
    const old = sim.seed({ name: 'Old', resources: toAccounts().resources ?? [] });
    const stranger = sim.seed({ name: 'Baseline' });
    const outcome = await reconcile(toAccounts({ shareId: old.id }));
    expect(messages(outcome)).toEqual([expect.stringContaining(stranger.id)]);
    expect(outcome).toMatchObject({ ids: [old.id], share: { id: old.id }, recipients: [{}] });
    expect(written()).toEqual([]);
  });

  test('is not renamed when the unrelated share is unreadable', async () => {
    const old = sim.seed({ name: 'Old' });
    const odd = sim.seed({ name: 'Baseline', raw: { created: null } });
    const outcome = await reconcile(toAccounts({ shareId: old.id }));
    expect(messages(outcome)).toEqual([expect.stringContaining(odd.id)]);
    expect(written()).toEqual([]);
  });
});

describe('a replacement with wait', () => {
  test('waits until the old share is deleted', async () => {
    const old = sim.seed({ name: 'Baseline' });
    sim.setAssociation(400);
    const outcome = await reconcile(toOrganization(), { policy: { ...policy, waitMs: 300_000 } });
    expect(messages(outcome)).toEqual([]);
    expect(sim.shares().find(({ id }) => id === old.id)?.status).toBe('deleted');
    expect(sim.liveShares()[0]?.recipients.every((r) => r.association_status === 'associated')).toBe(true);
    expect(outcome.share).toMatchObject({ name: 'Baseline', status: 'active' });
  });

  test('does not wait when wait is off', async () => {
    sim.seed({ name: 'Baseline' });
    sim.setAssociation(60_000);
    expect(messages(await reconcile(toOrganization(), { policy }))).toEqual([]);
  });

  test('gives up after wait-timeout and names the old share', async () => {
    const old = sim.seed({ name: 'Baseline' });
    onArrival(({ method }) => {
      if (method === 'DELETE') sim.setAssociation(60_000);
    });
    sim.setAssociation(100);
    const run: Run = { policy: { ...policy, waitMs: 10_000 } };
    const outcome = await reconcile(toOrganization(), run);
    expect(messages(outcome)).toEqual([expect.stringContaining(`share ${old.id} is deleting`)]);
    expect(stepsOf(outcome).notDone).toEqual([expect.stringContaining(old.id)]);
  });
});

test('a replacement that turns out to be wider than requested is rolled back, and the old share stays', async () => {
  const old = sim.seed({ name: 'Baseline', recipients: [{}] });
  sim.order({ kind: 'wider', method: 'POST' });
  const outcome = await reconcile(toAccounts(), { policy });
  expect(messages(outcome)).toEqual([expect.stringContaining('rolled back')]);
  expect(liveIds()).toEqual([old.id]);
  expect(sent().filter((line) => line.startsWith('DELETE'))).toHaveLength(1);
});

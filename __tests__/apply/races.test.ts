// Concurrent and killed runs leave exactly one share and don't touch unrelated shares.

import { beforeEach, describe, expect, test } from '@jest/globals';
import { Refusal } from '../../src/cloudflare/errors.ts';
import type { ProposedPlan } from '../../src/share/review.ts';
import type { Share } from '../../src/share/share.ts';
import { fakeClock } from '../clock.ts';
import { messages, type Run, secondsAgo, stepsOf, temporary, useRuns } from './use-runs.ts';

const { sim, desiredShare, elsewhere, liveIds, member, onArrival, reconcile, reconcileAll, resource, sent, written } =
  await useRuns();

const concurrently = (n: number, run: Run = {}) =>
  Promise.all(Array.from({ length: n }, () => reconcile(desiredShare(), run)));

/** Every run succeeds and reports the one remaining share. */
function expectOne(outcomes: Awaited<ReturnType<typeof concurrently>>): void {
  expect(outcomes.flatMap(messages)).toEqual([]);
  expect(liveIds()).toHaveLength(1);
  expect([...new Set(outcomes.map(({ share }) => share?.id))]).toEqual(liveIds('Baseline'));
  for (const { steps } of outcomes) expect(steps).toMatchObject({ notDone: [], notKnown: [] });
}

describe('concurrent runs that all list before any of them writes', () => {
  test('report the unlisted recipients of the elected share', async () => {
    sim.holdUntilListed(2);
    const outcomes = await Promise.all([0, 1].map((i) => reconcile(desiredShare({ recipients: [member(i)] }))));
    expect(outcomes.flatMap(messages)).toEqual([]);
    const loser = outcomes.findIndex(({ outcome }) => outcome === 'updated');
    expect(outcomes[loser]?.plan).toMatchObject({
      action: 'create',
      recipients: { extra: [{ account_id: sim.memberIds[1 - loser] }] },
    });
    expect(outcomes[loser]?.lines.filter((line) => line.startsWith('plan: '))).toEqual([
      'plan: create',
      'plan: update',
    ]);
    expect(outcomes[1 - loser]?.plan?.recipients.extra).toEqual([]);
  });

  test.each([2, 3, 5])('leave one share (for %d runs)', async (n) => {
    sim.holdUntilListed(n);
    const outcomes = await concurrently(n);
    expect(sim.listsAtOnce).toBe(n);
    expectOne(outcomes);
    expect(outcomes.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
    expect(outcomes.filter(({ changed }) => changed === true)).toHaveLength(1);
  });

  // Regression: a create call was considered failed after a reset or a 5xx. The runs' clock is twenty times as
  // fast as the simulator's, so these calls execute 1, 8 and 60 s later.
  test.each([
    ['reset-then-commit', 50],
    ['json-5xx-then-commit', 50],
    ['json-5xx-then-commit', 400],
    ['html-5xx-then-commit', 400],
    ['reset-then-commit', 3_000],
  ] as const)(
    'leave one share with the name when a create call executes late (%s, %d ms)',
    async (kind, commitAfterMs) => {
      sim.holdUntilListed(2);
      sim.order({ kind, method: 'POST', commitAfterMs });
      const outcomes = await concurrently(2);
      expect(outcomes.flatMap(messages)).toEqual([]);
      expect(liveIds('Baseline')).toEqual([outcomes[0]?.share?.id]);
      expect(outcomes[1]?.share?.id).toBe(outcomes[0]?.share?.id);
      while (sim.pendingCommits > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      // A share that was created after all runs ended has a temporary name, so there is no second one with the name.
      const [named] = liveIds('Baseline');
      expect(liveIds('Baseline')).toHaveLength(1);
      const late = sim.liveShares().filter(({ id }) => id !== named);
      expect(late.length).toBeLessThanOrEqual(1);
      for (const { name } of late) expect(name).toMatch(/^Baseline \[creating [0-9a-z]{12,}\]$/);
      // A later run leaves it alone, because another run might still be working on it.
      expect(await reconcile(desiredShare())).toMatchObject({
        problems: [],
        outcome: 'unchanged',
        share: { id: named },
      });
      expect(sim.liveShares()).toHaveLength(1 + late.length);
    },
  );

  // Regression: one run deleted another's share because it counted how many to delete.
  test('leave one share when a rate limit delays one deletion', async () => {
    sim.holdUntilListed(3);
    sim.order({ kind: 'rate-limited', method: 'DELETE', retryAfterSeconds: 5 });
    expectOne(await concurrently(3));
    expect(sim.requests.filter(({ method, status }) => method === 'DELETE' && status === 200)).toHaveLength(2);
  });

  test.each(['rename', 'delete'] as const)('leave one share when every %s request fails once', async (what) => {
    sim.holdUntilListed(3);
    const method = what === 'rename' ? 'PUT' : 'DELETE';
    sim.order({ kind: 'reset-after-commit', method });
    sim.order({ kind: 'html-5xx-before-commit', method });
    expectOne(await concurrently(3));
  });

  test('leave one share when every rename response of one run is lost', async () => {
    sim.holdUntilListed(2);
    sim.order({ kind: 'reset-after-commit', method: 'PUT', times: 3 });
    const outcomes = await concurrently(2, { maxAttempts: 2 });
    expectOne(outcomes);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['created', 'unchanged']);
  });

  test('report the rename as unknown after max-attempts failures', async () => {
    sim.order({ kind: 'reset-before-commit', method: 'PUT', times: 99 });
    const outcome = await reconcile(desiredShare(), { maxAttempts: 2 });
    expect(messages(outcome)).toEqual([expect.stringContaining('rename share')]);
    expect(written()).toEqual(['POST ', 'PUT /*', 'PUT /*']);
    expect(outcome).toMatchObject({ outcome: 'created', steps: { notKnown: [{ kind: 'rename', name: 'Baseline' }] } });
  });

  test('report the creation as unknown after max-attempts failures', async () => {
    sim.order({ kind: 'reset-before-commit', method: 'POST', times: 99 });
    const outcome = await reconcile(desiredShare(), { maxAttempts: 3 });
    expect(messages(outcome)).toEqual([expect.stringContaining('create the share')]);
    expect(written()).toEqual(['POST ', 'POST ', 'POST ']);
    expect(stepsOf(outcome)).toEqual({ done: [], notDone: [], notKnown: ['create share "Baseline"'] });
  });

  test('merge their recipients into the elected share', async () => {
    sim.holdUntilListed(2);
    const outcomes = await Promise.all([
      reconcile(desiredShare({ recipients: [member(0)] })),
      reconcile(desiredShare({ recipients: [member(1)] })),
    ]);
    expectOne(outcomes);
    expect(
      sim
        .liveShares()[0]
        ?.recipients.map(({ account_id }) => account_id)
        .sort(),
    ).toEqual([sim.memberIds[0], sim.memberIds[1]]);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['created', 'updated']);
  });
});

describe("a run that starts between another run's create call and rename", () => {
  test.each(['update', 'keep'] as const)('completes the rename with if-exists: %s', async (ifExists) => {
    const others: Awaited<ReturnType<typeof concurrently>> = [];
    const first = await reconcile(desiredShare(), {
      before: async (call) => {
        if (call === 'rename') others.push(await reconcile(desiredShare(), { policy: { ifExists } }));
      },
    });
    expect(others).toHaveLength(1);
    expectOne([first, ...others]);
  });

  test('is refused with if-exists: fail and leaves the other share alone', async () => {
    const other = sim.seed({ name: temporary(), created: secondsAgo(1) });
    const outcome = await reconcile(desiredShare(), { policy: { ifExists: 'fail' } });
    expect(messages(outcome)).toEqual([expect.stringContaining(other.id)]);
    expect(outcome).toMatchObject({ changed: false, problems: [{ kind: 'refusal' }] });
    expect(written()).toEqual([]);
  });
});

// Regression: after an ambiguous create, fail and keep changed another run's share.
describe('if-exists when another share appears before the create call', () => {
  const other = (): { id: string } =>
    sim.seed({ name: temporary(), created: secondsAgo(1), recipients: [member(2)], justMade: true });

  /** Creates another run's share between the listing and the create call. */
  function duringCreate(make: () => { id: string }): () => string {
    let id: string | undefined;
    onArrival(({ method, path }) => {
      if (method === 'POST' && path.endsWith('/shares')) id ??= make().id;
    });
    return () => id as string;
  }

  describe.each(['none', 'reset-after-commit', 'json-5xx-before-commit', 'truncated-body'] as const)(
    'with this fault on the create call: %s',
    (kind) => {
      beforeEach(() => {
        if (kind !== 'none') sim.order({ kind, method: 'POST' });
      });

      test('fail makes the run delete its own share and leave the other one alone', async () => {
        const id = duringCreate(other);
        const outcome = await reconcile(desiredShare(), { policy: { ifExists: 'fail' } });
        expect(messages(outcome)).toEqual([expect.stringContaining(id())]);
        expect(outcome).toMatchObject({ changed: false, steps: { notDone: [], notKnown: [] } });
        expect(liveIds()).toEqual([id()]);
        expect(sim.liveShares()[0]?.name).toBe(temporary());
      });

      test('keep makes the run rename the other share and change nothing else', async () => {
        const id = duringCreate(other);
        const outcome = await reconcile(desiredShare(), { policy: { ifExists: 'keep' } });
        expect(messages(outcome)).toEqual([]);
        expect(liveIds('Baseline')).toEqual([id()]);
        expect(liveIds()).toHaveLength(1);
        expect(sim.liveShares()[0]?.recipients.map(({ account_id }) => account_id)).toEqual([sim.memberIds[2]]);
        expect(written().filter((line) => !/^(POST |PUT \/\*|DELETE \/\*)$/.test(line))).toEqual([]);
      });

      test.each(['fail', 'keep', 'update'] as const)(
        '%s leaves a share for the whole organization unchanged',
        async (ifExists) => {
          const id = duringCreate(() => sim.seed({ name: 'Baseline', recipients: [{}] }));
          const outcome = await reconcile(desiredShare(), { policy: { ifExists } });
          expect(messages(outcome)).toEqual([expect.stringContaining(id())]);
          expect(outcome).toMatchObject({ changed: false, steps: { notDone: [], notKnown: [] } });
          expect(liveIds()).toEqual([id()]);
        },
      );
    },
  );

  test('fail makes the run delete only its own share', async () => {
    const old = sim.seed({ name: temporary('Baseline', 'third00000000'), recipients: [{}], created: secondsAgo(500) });
    const id = duringCreate(() => sim.seed({ name: 'Baseline' }));
    const outcome = await reconcile(desiredShare(), { policy: { ifExists: 'fail' } });
    expect(messages(outcome)).toEqual([expect.stringContaining(id())]);
    expect(liveIds().sort()).toEqual([old.id, id()].sort());
  });

  test('fail makes the run report the other share instead of unreviewed steps', async () => {
    duringCreate(() => sim.seed({ name: 'Baseline' }));
    const objectionTo = ({ plan }: ProposedPlan) => (plan.action === 'create' ? undefined : 'not reviewed');
    const outcome = await reconcile(desiredShare(), { policy: { ifExists: 'fail' }, objectionTo });
    expect(messages(outcome)).toEqual([expect.stringContaining('if-exists is fail')]);
  });

  test('fail lets one of two concurrent runs create the share and refuses the other', async () => {
    sim.holdUntilListed(2);
    const outcomes = await concurrently(2, { policy: { ifExists: 'fail' } });
    expect(outcomes.map(({ outcome }) => outcome ?? 'refused').sort()).toEqual(['created', 'refused']);
    expect(liveIds()).toHaveLength(1);
  });

  test('keep leaves one share after two concurrent runs', async () => {
    sim.holdUntilListed(2);
    expectOne(await concurrently(2, { policy: { ifExists: 'keep' } }));
  });

  test('update makes the run delete its own share when two others appear', async () => {
    const ids: string[] = [];
    onArrival(({ method, path }) => {
      if (method === 'POST' && path.endsWith('/shares') && ids.length === 0)
        for (let i = 0; i < 2; i++) ids.push(sim.seed({ name: 'Baseline' }).id);
    });
    const outcome = await reconcile(desiredShare());
    expect(messages(outcome)).toEqual([expect.stringMatching(`${ids[0]}.*${ids[1]}`)]);
    expect(liveIds()).toEqual(ids);
  });
});

describe('a share left by an interrupted run', () => {
  test('is renamed when no share has the name', async () => {
    const left = sim.seed({
      name: temporary(),
      created: secondsAgo(3_600),
      resources: [resource('c1')],
    });
    const outcome = await reconcile(desiredShare());
    expect(outcome).toMatchObject({ problems: [], outcome: 'updated', changed: true });
    expect(liveIds('Baseline')).toEqual([left.id]);
    expect(written()).toEqual(['PUT /*']);
  });

  test('is updated to the desired state', async () => {
    sim.seed({ name: temporary(), created: secondsAgo(3_600), recipients: [member(4)] });
    const outcome = await reconcile(desiredShare(), { policy: { prune: true } });
    expect(messages(outcome)).toEqual([]);
    const [share] = sim.liveShares('Baseline');
    expect(
      share?.recipients.filter(({ association_status: s }) => !s.startsWith('dis')).map(({ account_id }) => account_id),
    ).toEqual([sim.memberIds[0]]);
    expect(share?.resources.filter(({ status }) => status === 'active').map(({ resource_id }) => resource_id)).toEqual([
      'c1',
    ]);
  });

  test('is only renamed with if-exists: keep', async () => {
    const left = sim.seed({ name: temporary(), created: secondsAgo(3_600), recipients: [member(4)] });
    const outcome = await reconcile(desiredShare(), { policy: { ifExists: 'keep' } });
    expect(outcome).toMatchObject({ problems: [], share: { id: left.id, name: 'Baseline' } });
    expect(written()).toEqual(['PUT /*']);
  });

  test('has an unknown outcome if the responses to its deletion are lost', async () => {
    sim.seed({ name: 'Baseline', resources: [resource('c1')] });
    sim.seed({ name: temporary(), created: secondsAgo(500) });
    sim.order({ kind: 'reset-before-commit', method: 'DELETE', times: 9 });
    const outcome = await reconcile(desiredShare(), { maxAttempts: 2 });
    expect(messages(outcome)).toHaveLength(1);
    expect(outcome.changed).toBeUndefined();
    expect(outcome.outcome).toBeUndefined();
  });

  test('is planned as a rename, and nothing is written', async () => {
    const left = sim.seed({ name: temporary(), resources: [resource('c1')] });
    const outcome = await reconcile(desiredShare(), { policy: { mode: 'plan' } });
    expect(outcome).toMatchObject({
      outcome: 'planned',
      changed: true,
      plan: { action: 'update', share_id: left.id, rename: { from: temporary(), to: 'Baseline' } },
    });
    expect(written()).toEqual([]);
    expect(sim.liveShares().map(({ name }) => name)).toEqual([temporary()]);
  });

  test('is deleted after two minutes when another share has the name', async () => {
    const named = sim.seed({ name: 'Baseline', resources: [resource('c1')] });
    const old = sim.seed({ name: temporary(), created: secondsAgo(125) });
    const young = sim.seed({ name: temporary('Baseline', 'young00000000'), created: secondsAgo(110) });
    const outcome = await reconcile(desiredShare());
    expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged', changed: false });
    expect(liveIds()).toEqual([named.id, young.id]);
    expect(outcome.lines.join('\n')).toContain(old.id);
    expect(stepsOf(outcome).done).toEqual([expect.stringContaining(old.id)]);
  });

  test.each([{ mode: 'plan' }, { ifExists: 'fail' }] as const)('is left alone with %j', async (policy) => {
    sim.seed({ name: 'Baseline' });
    sim.seed({ name: temporary(), created: secondsAgo(500) });
    await reconcile(desiredShare(), { policy });
    expect(written()).toEqual([]);
  });

  // Regression: a share for the whole organization was adopted for listed accounts.
  test.each([1, 500])('is not adopted if it targets the organization instead of accounts (%d s old)', async (age) => {
    const wide = sim.seed({ name: temporary(), created: secondsAgo(age), recipients: [{}] });
    const outcome = await reconcile(desiredShare());
    expect(messages(outcome)).toEqual([]);
    expect(outcome.outcome).toBe('created');
    expect(liveIds('Baseline')).toEqual([outcome.share?.id]);
    expect(outcome.share?.id).not.toBe(wide.id);
    expect(sim.liveShares('Baseline')[0]?.target_type).toBe('account');
    // The old one is deleted once a share has the name. Another run might still be working on the recent one.
    await reconcile(desiredShare());
    expect(liveIds().includes(wide.id)).toBe(age === 1);
  });

  test('is recognized even if its name had to be shortened', async () => {
    const name = 'n'.repeat(250);
    const left = sim.seed({ name: temporary(name), resources: [resource('c1')] });
    expect(messages(await reconcile(desiredShare({ name })))).toEqual([]);
    expect(liveIds(name)).toEqual([left.id]);
  });

  test('is left alone if it is for another name or in another account', async () => {
    const others = [
      sim.seed({ name: temporary('Baseline 2'), created: secondsAgo(500) }),
      sim.seed({ name: temporary(), created: secondsAgo(500), raw: { account_id: sim.memberIds[1] } }),
      sim.seed({ name: 'Baseline', raw: { account_id: sim.memberIds[1] } }),
    ];
    const outcome = await reconcile(desiredShare());
    expect(outcome).toMatchObject({ problems: [], outcome: 'created' });
    await reconcile(desiredShare());
    expect(liveIds()).toEqual([...others.map(({ id }) => id), outcome.share?.id]);
  });
});

describe("the run's own shares", () => {
  const nonce = 'mine000000000';
  /** Two shares from one create call whose response is lost. */
  const twins = (): void => {
    sim.order({ kind: 'reset-before-commit', method: 'POST' });
    onArrival(({ method }) => {
      if (method !== 'POST' || sim.shares().length > 0) return;
      for (const seconds of [2, 1])
        sim.seed({ name: temporary('Baseline', nonce), resources: [resource('c1')], created: secondsAgo(seconds) });
    });
  };
  /** Lists show only the shares that `shows` accepts. It gets the number of the listing, from 1. */
  const listing =
    (shows: (share: Share, n: number) => boolean): NonNullable<Run['instead']> =>
    (api) => {
      let n = 0;
      return {
        list: async () => {
          n += 1;
          const listed = await api.list();
          return { ...listed, shares: listed.shares.filter((share) => shows(share, n)) };
        },
      };
    };

  test('are reduced to the older one of two with the same temporary name', async () => {
    // The first call executes after the second one, whose response is late, so both shares exist when the run lists.
    sim.order({ kind: 'reset-then-commit', method: 'POST', commitAfterMs: 3_600_000 });
    sim.order({ kind: 'late-response', method: 'POST', skip: 0, delayMs: 250 });
    let calls = 0;
    onArrival(({ method }) => {
      if (method === 'POST' && ++calls === 2) setTimeout(() => void sim.commitPending(), 60);
    });
    const outcome = await reconcile(desiredShare(), { nonce });
    expectOne([outcome]);
    expect(sim.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
    expect(outcome).toMatchObject({ outcome: 'created', changed: true });
  });

  test('are reduced to the first one when its create call executes late but before the second', async () => {
    sim.order({ kind: 'reset-before-commit', method: 'POST' });
    let calls = 0;
    onArrival(({ method }) => {
      if (method !== 'POST' || ++calls < 2) return;
      sim.seed({ name: temporary('Baseline', nonce), resources: [resource('c1')] });
    });
    const outcome = await reconcile(desiredShare(), { nonce, policy: { ifExists: 'fail' } });
    expectOne([outcome]);
    expect(outcome).toMatchObject({ outcome: 'created', changed: true });
    expect(stepsOf(outcome).done.filter((step) => step.startsWith('create share'))).toHaveLength(2);
  });

  test('are reduced to the second one when the first create call executes after the second', async () => {
    sim.order({ kind: 'reset-before-commit', method: 'POST' });
    let calls = 0;
    onArrival(({ method }) => {
      if (method !== 'POST' || ++calls < 2) return;
      sim.seed({
        name: temporary('Baseline', nonce),
        resources: [resource('c1')],
        created: secondsAgo(-60),
      });
    });
    const outcome = await reconcile(desiredShare(), { nonce });
    expectOne([outcome]);
    expect(stepsOf(outcome).done.filter((step) => step.startsWith('create share'))).toHaveLength(2);
    expect(outcome.lines.join()).not.toContain('Another run');
  });

  test('are reduced to one when two appear after a lost response', async () => {
    twins();
    const outcome = await reconcile(desiredShare(), { nonce });
    expectOne([outcome]);
    expect(sent().filter((line) => line === 'POST ')).toHaveLength(1);
    expect(outcome.lines).toContain(
      `The share exists: ${sim
        .shares()
        .map(({ id }) => id)
        .join(', ')}`,
    );
    expect(stepsOf(outcome).done.filter((step) => step.startsWith('create share'))).toHaveLength(2);
  });

  test('are reduced to the second of two when someone deletes the first before its rename', async () => {
    twins();
    let renames = 0;
    const outcome = await reconcile(desiredShare(), {
      nonce,
      clock: fakeClock(),
      instead: (api) => ({
        ...listing(({ status }) => status === 'active')(api),
        rename: async (id, ...rest) => {
          if (++renames === 1) await elsewhere('DELETE', id);
          return api.rename(id, ...rest);
        },
      }),
    });
    expectOne([outcome]);
    expect(outcome.lines.filter((line) => line.includes('listing again'))).toEqual([]);
    expect(outcome.share?.id).toBe(sim.shares()[1]?.id);
    expect(sim.shares()).toHaveLength(2);
  });

  test.each([
    ['shows only one of two at first', (id: string) => id === sim.shares()[0]?.id, false],
    ['shows neither of two at first, and one was deleted', () => false, true],
  ])('are listed again when the list %s', async (_, isShownAtFirst, deleted) => {
    twins();
    const clock = fakeClock();
    const outcome = await reconcile(desiredShare(), {
      nonce,
      clock,
      instead: listing(({ id }, n) => n < 3 || clock.waits.includes(250) || isShownAtFirst(id)),
      before: (call, n) =>
        deleted && call === 'list' && n === 3 ? elsewhere('DELETE', String(liveIds()[0])) : undefined,
    });
    expectOne([outcome]);
    expect(sim.shares()).toHaveLength(2);
    expect(clock.waits).toEqual([250]);
  });

  test.each([false, true])('are left alone when no list shows two of them (one was deleted: %s)', async (deleted) => {
    twins();
    const outcome = await reconcile(desiredShare(), {
      nonce,
      clock: fakeClock(),
      instead: listing((_, n) => n < 3),
      before: (call, n) =>
        deleted && call === 'list' && n === 3 ? elsewhere('DELETE', String(liveIds()[0])) : undefined,
    });
    const ids = sim.shares().map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect(messages(outcome)).toEqual([
      `The list of shares does not show share ${ids.join(', ')}, which this run created under the temporary name "Baseline [creating ${nonce}]". Another run may have created one too, so this run can't tell which share gets the name. Share ${ids.join(', ')} was left with its temporary name: run again to finish it`,
    ]);
    expect(outcome.problems[0]?.kind).toBe('cloudflare');
    expect(outcome.lines).toContain(`The list does not show share ${ids.join(', ')} yet: listing again`);
    expect(written()).toEqual(deleted ? ['POST ', 'DELETE /*'] : ['POST ']);
    // The run reads both shares before and after it waits.
    expect(sent().filter((line) => line === 'GET /*')).toHaveLength(4);
  });

  test('are deleted when another share has the name, even if no list shows them', async () => {
    let other: string | undefined;
    const outcome = await reconcile(desiredShare(), {
      nonce,
      clock: fakeClock(),
      instead: listing(({ name }) => name === 'Baseline'),
      before: async (call) => {
        if (call === 'create') other = sim.seed({ name: 'Baseline', resources: [resource('c1')] }).id;
      },
    });
    expectOne([outcome]);
    expect(outcome.share?.id).toBe(other);
    expect(written()).toEqual(['POST ', 'DELETE /*']);
  });

  test("are not created again when they can't be read", async () => {
    sim.order({ kind: 'redirect', method: 'GET', path: '/shares/[^/]+$', times: 99 });
    const outcome = await reconcile(desiredShare(), { nonce, clock: fakeClock(), instead: listing(() => false) });
    expect(messages(outcome)).toEqual([expect.stringContaining('HTTP 307')]);
    expect(sim.shares()).toHaveLength(1);
  });

  test.each(['being deleted', 'not found'])(
    'are created again when no list shows them and they are %s',
    async (how) => {
      sim.setAssociation(60_000);
      const outcome = await reconcile(desiredShare(), {
        nonce,
        clock: fakeClock(),
        instead: listing(({ status }) => status === 'active'),
        before: async (call, n) => {
          if (call !== 'list' || n !== 2) return;
          const id = String(liveIds()[0]);
          await elsewhere('DELETE', id);
          if (how === 'not found')
            sim.order({
              kind: 'json-5xx-before-commit',
              status: 404,
              method: 'GET',
              path: `/shares/${id}$`,
              times: 99,
            });
        },
      });
      expectOne([outcome]);
      expect(outcome.outcome).toBe('created');
      expect(sim.shares()).toHaveLength(2);
    },
  );

  test.each(['Baseline', 'Zürich'.normalize('NFD')])(
    'are not created again when the first one is unreadable (%s)',
    async (listedName) => {
      const name = listedName.normalize('NFC');
      sim.order({ kind: 'reset-before-commit', method: 'POST' });
      let odd: string | undefined;
      onArrival(({ method }) => {
        if (method !== 'POST') return;
        odd ??= sim.seed({ name: `${listedName} [creating ${nonce}]`, raw: { created: null } }).id;
      });
      const outcome = await reconcile(desiredShare({ name }), { nonce });
      expect(outcome.problems).toEqual([{ message: expect.stringContaining(String(odd)), kind: 'cloudflare' }]);
      expect(liveIds()).toEqual([odd]);
      expect(stepsOf(outcome).notKnown).toEqual([`create share "${name}"`]);
    },
  );

  test('are created again when someone deletes them before the rename', async () => {
    const outcome = await reconcile(desiredShare(), {
      nonce,
      clock: fakeClock(),
      before: (call, n) => (call === 'rename' && n === 1 ? elsewhere('DELETE', String(liveIds()[0])) : undefined),
    });
    expectOne([outcome]);
    expect(outcome.outcome).toBe('created');
  });

  test('are created again when someone deletes them, even if a stale listing still shows them', async () => {
    let own: Share | undefined;
    const outcome = await reconcile(desiredShare(), {
      nonce,
      clock: fakeClock(),
      before: (call, n) => (call === 'rename' && n === 1 ? elsewhere('DELETE', String(liveIds()[0])) : undefined),
      instead: (api) => ({
        list: async () => {
          const listing = await api.list();
          own ??= listing.shares[0];
          return own ? { ...listing, shares: [own, ...listing.shares.filter(({ id }) => id !== own?.id)] } : listing;
        },
      }),
    });
    expectOne([outcome]);
    expect(outcome).toMatchObject({ outcome: 'created' });
    expect(outcome.share?.id).not.toBe(own?.id);
  });

  test('no longer delay the election once another run has deleted them', async () => {
    let other = '';
    const outcome = await reconcile(desiredShare(), {
      nonce,
      instead: listing(({ status }) => status === 'active'),
      before: (call, n) => {
        if (call !== 'list' || n !== 2) return undefined;
        const [own] = liveIds();
        other = sim.seed({ name: 'Baseline' }).id;
        return elsewhere('DELETE', String(own));
      },
    });
    expectOne([outcome]);
    expect(outcome.share?.id).toBe(other);
    expect(outcome.lines.filter((line) => line.includes('listing again'))).toEqual([]);
  });

  test('are never confused with unrelated shares that appear at the same time', async () => {
    const duplicates: string[] = [];
    onArrival(({ method, path }) => {
      if (method !== 'POST' || !path.endsWith('/shares') || duplicates.length > 0) return;
      duplicates.push(sim.seed({ name: 'Baseline copy' }).id, sim.seed({ name: 'Elsewhere', recipients: [{}] }).id);
    });
    sim.order({ kind: 'reset-after-commit', method: 'POST' });
    const outcome = await reconcile(desiredShare(), { nonce });
    expect(outcome).toMatchObject({ problems: [], outcome: 'created' });
    expect(liveIds().sort()).toEqual([...duplicates, String(outcome.share?.id)].sort());
  });
});

describe('several live shares with the name', () => {
  test('are reported, and the outcome has no share id', async () => {
    for (let i = 0; i < 2; i++) sim.seed({ name: 'Baseline', resources: [resource('c1')] });
    for (const policy of [{}, { mode: 'plan' }] as const) {
      const outcome = await reconcile(desiredShare(), { policy });
      expect(messages(outcome)).toEqual([expect.stringContaining('2 live shares')]);
      expect(outcome).toMatchObject({ ids: [], problems: [{ kind: 'refusal' }] });
      expect(outcome.share).toBeUndefined();
    }
  });

  test('stop the run, which deletes its own share', async () => {
    const outcome = await reconcile(desiredShare(), {
      before: (endpoint, n) => {
        if (endpoint === 'list' && n === 2) for (let i = 0; i < 2; i++) sim.seed({ name: 'Baseline' });
        return undefined;
      },
    });
    expect(messages(outcome)).toEqual([expect.stringContaining('2 live shares')]);
    expect(liveIds()).toEqual(liveIds('Baseline'));
    expect(liveIds()).not.toContain(outcome.share?.id);
  });
});

test.each(['deleting', 'deleted'] as const)(
  'a run whose share-id belongs to a %s share adopts no temporary share unless replace is set',
  async (status) => {
    const { id } = sim.seed({ name: 'Baseline', status });
    const left = sim.seed({
      name: temporary(),
      created: secondsAgo(500),
      resources: [resource('c1')],
    });
    const outcome = await reconcile(desiredShare({ shareId: id }));
    expect(outcome).toMatchObject({ share: { id }, changed: false, problems: [{ kind: 'refusal' }] });
    expect(sim.liveShares()).toMatchObject([{ id: left.id, name: left.name }]);
    expect(sent()).toEqual(['GET /*']);
  },
);

test.each([400, 422])('a new share is rolled back when its rename is refused with %d', async (status) => {
  const call = { method: 'PUT' as const, path: '/x', purpose: 'rename share x' };
  const outcome = await reconcile(desiredShare(), {
    instead: () => ({ rename: () => Promise.reject(new Refusal(call, { status, errors: [] })) }),
  });
  expect(messages(outcome)).toEqual([expect.stringContaining(`HTTP ${status}`)]);
  expect(outcome).toMatchObject({ problems: [{ kind: 'cloudflare' }], share: { status: 'deleting' } });
  expect(liveIds()).toEqual([]);
});

test('a run that is cancelled during the rename starts no further election', async () => {
  const job = new AbortController();
  sim.order({ kind: 'late-response', method: 'PUT', delayMs: 500 });
  onArrival(({ method }) => {
    if (method === 'PUT') setTimeout(() => job.abort(), 20);
  });
  const outcome = await reconcile(desiredShare(), { signal: job.signal });
  expect(outcome.problems).toMatchObject([{ kind: 'cancelled' }]);
  expect(stepsOf(outcome).notKnown).toEqual(['rename the share to "Baseline"']);
  expect(outcome.lines.filter((line) => line.includes('Looking for'))).toEqual([]);
});

test('a run that is cancelled during another election reports the job as cancelled', async () => {
  const job = new AbortController();
  sim.order({ kind: 'reset-before-commit', method: 'PUT', times: 9 });
  const outcome = await reconcile(desiredShare(), {
    signal: job.signal,
    maxAttempts: 1,
    before: (endpoint, n) => {
      if (endpoint === 'list' && n === 3) job.abort();
      return undefined;
    },
  });
  expect(outcome.problems).toMatchObject([{ kind: 'cancelled' }]);
  expect(written()).toEqual(['POST ', 'PUT /*']);
});

test('if-exists: keep waits for the recipients of a share that the run created, but not of an existing one', async () => {
  const policy = { ifExists: 'keep', waitMs: 2_000 } as const;
  const instead = () => ({ recipients: async () => [] });
  const created = await reconcile(desiredShare(), { policy, instead });
  expect(messages(created)).toEqual([expect.stringContaining('is not listed')]);
  sim.reset();
  sim.seed({ name: 'Baseline', resources: [resource('c1')] });
  expect(messages(await reconcile(desiredShare(), { policy, instead }))).toEqual([]);
});

test('a run distinguishes its own shares when a create response is lost', async () => {
  sim.order({ kind: 'reset-after-commit', method: 'POST' });
  const desired = ['Alpha', 'Beta', 'Gamma'].map((name) => desiredShare({ name }));
  const { outcomes } = await reconcileAll(desired);
  expect(outcomes.flatMap(messages)).toEqual([]);
  expect(outcomes.map(({ share }) => share?.name)).toEqual(['Alpha', 'Beta', 'Gamma']);
  expect(outcomes.map(({ steps }) => steps.done.filter(({ kind }) => kind === 'create').length)).toEqual([1, 1, 1]);
  expect(
    sim
      .liveShares()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['Alpha', 'Beta', 'Gamma']);
});

describe('if-exists: create-new', () => {
  const policy = { ifExists: 'create-new' } as const;

  test('sends one request, even if a share has the name', async () => {
    const there = sim.seed({ name: 'Baseline' });
    const outcome = await reconcile(desiredShare(), { policy });
    expect(outcome).toMatchObject({ problems: [], outcome: 'created', changed: true, share: { name: 'Baseline' } });
    expect(sent()).toEqual(['POST ']);
    expect(liveIds()).toEqual([there.id, outcome.share?.id]);
  });

  test('reports the creation as unknown when the response is lost, and does not repeat it', async () => {
    sim.order({ kind: 'reset-after-commit', method: 'POST' });
    const outcome = await reconcile(desiredShare(), { policy });
    expect(messages(outcome)).toHaveLength(1);
    expect(outcome).toMatchObject({
      changed: undefined,
      steps: { done: [], notKnown: [{ kind: 'create', name: 'Baseline' }] },
    });
    expect(sent()).toEqual(['POST ']);
  });

  test('creates a share that a concurrent run adopts', async () => {
    const deliberate: Awaited<ReturnType<typeof concurrently>> = [];
    const outcome = await reconcile(desiredShare(), {
      before: async (call) => {
        if (call === 'create') deliberate.push(await reconcile(desiredShare(), { policy }));
      },
    });
    expect(deliberate.flatMap(messages)).toEqual([]);
    // The listing run finds a share with the name and converges on it instead of deleting it.
    expect(messages(outcome)).toEqual([]);
    expect(liveIds()).toEqual([deliberate[0]?.share?.id]);
    expect(outcome.share?.id).toBe(deliberate[0]?.share?.id);
  });
});

// Services that follow the documented API but behave differently: slow renames, unknown statuses, busy shares, changed
// names.

import { afterEach, describe, expect, test } from '@jest/globals';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/index.ts';
import { fakeClock, fastClock } from '../clock.ts';
import { messages, QUICK, type Run, runsAgainst, secondsAgo, stepsOf, temporary } from './use-runs.ts';

let sim: Simulator;
afterEach(() => sim.close());
const start = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  sim = await startSimulator({ ...QUICK, ...options });
  return sim;
};
const { desiredShare, elsewhere, liveIds, reconcile, resource, sent, written } = runsAgainst(() => sim);
/** For runs that wait for seconds: a clock faster than the simulator's. */
const fast: Run = { clock: fastClock(200) };
const seeded = (parts: Partial<Parameters<Simulator['seed']>[0]> = {}) =>
  sim.seed({ name: 'Baseline', resources: [resource('c1')], ...parts });
const NEVER = Number.POSITIVE_INFINITY;

describe('a rename that takes time', () => {
  test.each(['updating', 'active'])(
    'makes the run read the share until the new name shows (status: %s)',
    async (renamingStatus) => {
      await start({ renameMs: 50, renamingStatus });
      const outcome = await reconcile(desiredShare(), fast);
      expect(outcome).toMatchObject({ problems: [], warnings: [], outcome: 'created', share: { name: 'Baseline' } });
      expect(outcome.drift).toBe(false);
      expect(written()).toEqual(['POST ', 'PUT /*']);
      expect(liveIds('Baseline')).toEqual([outcome.share?.id]);
    },
  );

  test('needs no further request when the new name shows at once', async () => {
    await start();
    await reconcile(desiredShare());
    expect(sent()).toEqual(['GET ', 'POST ', 'GET ', 'PUT /*']);
  });

  test.each([
    ['a new share', 'created', 'Baseline [creating'],
    ['a share given by its id', 'updated', 'Old'],
    ['a share with the previous name', 'updated', 'Before'],
  ])('causes a warning and drift if it never shows (%s)', async (what, word, current) => {
    await start({ renameMs: NEVER });
    const { id } = what === 'a new share' ? { id: undefined } : seeded({ name: current });
    const desired = desiredShare({
      ...(what.includes('id') ? { shareId: id as string } : {}),
      ...(what.includes('previous') ? { previousName: 'Before' } : {}),
    });
    const outcome = await reconcile(desired, fast);
    expect(outcome).toMatchObject({ problems: [], outcome: word, drift: true });
    expect(outcome.share?.name).toContain(current);
    const { id: renamed, name: shown } = outcome.share ?? {};
    const message = `Share ${renamed} was renamed to "Baseline", but Cloudflare still shows the name "${shown}" after 30 seconds. The next run checks the name again`;
    expect(outcome.warnings).toEqual([{ message }]);
    expect(written()).toEqual([...(id === undefined ? ['POST '] : []), 'PUT /*']);
    expect(stepsOf(outcome)).toMatchObject({ notDone: [], notKnown: [] });
    // The next run tries again and creates nothing.
    expect(await reconcile(desired, fast)).toMatchObject({ problems: [], share: { id: outcome.share?.id } });
    expect(written().slice(-1)).toEqual(['PUT /*']);
    expect(sim.liveShares()).toHaveLength(1);
  });

  test('is checked for 30 seconds, with increasing pauses', async () => {
    await start({ renameMs: NEVER });
    const clock = fakeClock();
    expect(messages(await reconcile(desiredShare(), { clock }))).toEqual([]);
    expect(clock.waits).toEqual([250, 500, 1_000, ...Array(14).fill(2_000)]);
  });

  test('is not repeated because a stale listing shows the old name', async () => {
    await start();
    sim.setListLag(200);
    const outcome = await reconcile(desiredShare(), { clock: fastClock(20) });
    expect(outcome).toMatchObject({ problems: [], warnings: [], outcome: 'created', share: { name: 'Baseline' } });
    expect(written()).toEqual(['POST ', 'PUT /*']);
  });

  test('that never shows leaves the temporary name in the outcome, even after another election', async () => {
    await start({ renameMs: NEVER });
    sim.setListLag(60_000);
    const outcome = await reconcile(desiredShare(), {
      ...fast,
      before: (endpoint, n) => void (endpoint === 'list' && n === 3 && sim.setListLag(0)),
    });
    expect(outcome.lines).toContainEqual(expect.stringContaining('listing again'));
    expect(outcome).toMatchObject({ problems: [], outcome: 'created', drift: true });
    expect(outcome.share?.name).toContain('[creating ');
    expect(outcome.warnings).toHaveLength(1);
    expect(written()).toEqual(['POST ', 'PUT /*']);
  });

  test('makes the run create another share if its own is deleted in the meantime', async () => {
    await start({ renameMs: NEVER });
    let reads = 0;
    const clock = fakeClock();
    const outcome = await reconcile(desiredShare(), {
      clock,
      before: (endpoint) => {
        if (endpoint !== 'find' || ++reads !== 2) return undefined;
        sim.setRename(0);
        return elsewhere('DELETE', sim.liveShares()[0]?.id as string);
      },
    });
    expect(outcome).toMatchObject({ problems: [], outcome: 'created', share: { name: 'Baseline' } });
    expect(liveIds()).toEqual([outcome.share?.id]);
    expect(clock.waits).toEqual([250, 500]);
  });
});

describe('a share with an unknown status', () => {
  test.each(['updating', 'suspended'])('counts as live, so nothing is created (status: %s)', async (status) => {
    await start();
    const { id } = seeded({ status });
    for (const policy of [{}, { mode: 'plan' }] as const) {
      const outcome = await reconcile(desiredShare(), { policy });
      expect(outcome).toMatchObject({ problems: [], changed: false, share: { id, status } });
    }
    expect(written()).toEqual([]);
  });

  test('is deleted when no share should exist', async () => {
    await start();
    const { id } = seeded({ status: 'suspended' });
    const { recipients, resources, target, ...desired } = desiredShare();
    expect(await reconcile({ ...desired, state: 'absent' })).toMatchObject({ outcome: 'deleted', share: { id } });
    expect(liveIds()).toEqual([]);
  });

  test('can win the election after the create call', async () => {
    await start();
    const outcome = await reconcile(desiredShare(), {
      before: (endpoint) => (endpoint === 'create' ? Promise.resolve(seeded({ status: 'suspended' })) : undefined),
    });
    expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged', share: { name: 'Baseline' } });
    expect(sim.liveShares()).toHaveLength(1);
  });
});

describe('a busy share', () => {
  test('is renamed or rolled back once it is no longer busy', async () => {
    await start({ busyMs: 40 });
    expect(await reconcile(desiredShare(), fast)).toMatchObject({ problems: [], outcome: 'created' });
    const wide = await reconcile(desiredShare({ name: 'Other' }), {
      ...fast,
      instead: (api) => ({ create: async (body) => ({ ...(await api.create(body)), target_type: 'organization' }) }),
    });
    expect(messages(wide)).toEqual([expect.stringContaining('The share was rolled back')]);
    expect(wide.problems).toMatchObject([{ kind: 'refusal' }]);
    expect(liveIds()).toHaveLength(1);
  });

  test.each([409, 422] as const)('loses to a share that took the name first (%d)', async (uniqueNames) => {
    await start({ uniqueNames });
    let other = '';
    const outcome = await reconcile(desiredShare(), {
      before: (endpoint) => {
        if (endpoint === 'rename' && other === '') other = seeded().id;
        return undefined;
      },
    });
    expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged', share: { id: other } });
    expect(liveIds()).toEqual([other]);
  });

  // Regression: the run failed, and reported a bug in the action.
  test('gets the name after all if the share that took it is then deleted', async () => {
    await start({ uniqueNames: 409 });
    let other = '';
    const outcome = await reconcile(desiredShare(), {
      before: async (endpoint, n) => {
        if (endpoint === 'rename' && n === 1) other = seeded().id;
        if (endpoint === 'list' && n === 4) await elsewhere('DELETE', other);
      },
    });
    expect(outcome).toMatchObject({ problems: [], outcome: 'created', share: { name: 'Baseline' } });
    expect(liveIds()).toEqual([outcome.share?.id]);
  });
});

describe('a name that the API stores differently', () => {
  test.each<[string, (name: string) => string, string]>([
    ['slugged', (name) => name.toLowerCase().replace(/[^a-z0-9]+/g, '-'), 'base-line-creating-'],
    ['shortened', (name) => name.slice(0, 12), 'Base line [c'],
  ])('makes the run roll back the share and quote both names (%s)', async (_, normalizeNames, stored) => {
    await start({ normalizeNames });
    const outcome = await reconcile(desiredShare({ name: 'Base line' }));
    expect(messages(outcome)).toEqual([expect.stringContaining(`"${stored}`)]);
    expect(messages(outcome)[0]).toContain('"Base line [creating ');
    expect(outcome).toMatchObject({ problems: [{ kind: 'cloudflare' }] });
    expect(liveIds()).toEqual([]);
    expect(written()).toEqual(['POST ', 'DELETE /*']);
  });

  test('makes the run roll back the share with if-exists: create-new', async () => {
    await start({ normalizeNames: (name) => name.slice(0, 4) });
    const outcome = await reconcile(desiredShare(), { policy: { ifExists: 'create-new' } });
    expect(messages(outcome)).toEqual([expect.stringMatching(/"Base" .*"Baseline"/)]);
    expect(liveIds()).toEqual([]);
  });

  test('after the rename makes the run quote the stored name and roll back the share', async () => {
    await start({ normalizeNames: (name) => (name.includes('[creating ') ? name : `${name}-1`) });
    const outcome = await reconcile(desiredShare());
    expect(outcome.problems).toEqual([{ message: expect.stringContaining('"Baseline-1"'), kind: 'cloudflare' }]);
    expect(liveIds()).toEqual([]);
  });

  test('after the rename does not make the run roll back a share that has replaced another one', async () => {
    await start({ normalizeNames: (name) => (name.includes('[creating ') ? name : `${name}-1`) });
    seeded({ raw: { name: 'Baseline' }, recipients: [{}] });
    const outcome = await reconcile(desiredShare(), { policy: { replace: true } });
    expect(messages(outcome)).toEqual([expect.stringContaining('"Baseline-1"')]);
    expect(written()).toEqual(['POST ', 'DELETE /*', 'PUT /*']);
    expect(liveIds()).toEqual([outcome.share?.id]);
  });

  test('is accepted if only its case differs', async () => {
    await start({ normalizeNames: (name) => name.toUpperCase() });
    const outcome = await reconcile(desiredShare());
    expect(outcome).toMatchObject({ problems: [], outcome: 'created', share: { name: 'BASELINE' } });
    expect(written()).toEqual(['POST ', 'PUT /*']);
  });
});

describe('a name in another Unicode normalization', () => {
  const [nfc, nfd] = ['NFC', 'NFD'].map((form) => 'Zürich'.normalize(form)) as [string, string];
  test.each([
    ['NFC', nfc, nfd],
    ['NFD', nfd, nfc],
  ])('matches the desired name (live share in %s)', async (_, live, written_) => {
    await start();
    const { id } = seeded({ name: live });
    const outcome = await reconcile(desiredShare({ name: written_ }));
    expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged', share: { id, name: live } });
    expect(written()).toEqual([]);
  });

  test('is accepted after a rename', async () => {
    await start({ normalizeNames: (name) => name.normalize('NFC') });
    const { id } = seeded({ name: 'Old' });
    const outcome = await reconcile(desiredShare({ name: nfd, shareId: id }));
    expect(outcome).toMatchObject({ problems: [], outcome: 'updated', share: { id, name: nfc } });
  });

  test('is recognized in a temporary name', async () => {
    await start();
    const { id } = seeded({ name: temporary(nfc), created: secondsAgo(5) });
    const outcome = await reconcile(desiredShare({ name: nfd }));
    expect(outcome).toMatchObject({ problems: [], share: { id } });
    expect(liveIds()).toEqual([id]);
  });
});

test('does not change a meta that the file does not set', async () => {
  await start({ normalizeMeta: (meta) => ({ ...(meta as object), version: 2 }) });
  const { resources = [], ...rest } = desiredShare();
  const desired = { ...rest, resources: resources.map(({ meta, ...resource }) => resource) };
  expect(await reconcile(desired)).toMatchObject({ problems: [], outcome: 'created' });
  expect(await reconcile(desired)).toMatchObject({ problems: [], outcome: 'unchanged' });
  expect(written()).toEqual(['POST ', 'PUT /*']);
});

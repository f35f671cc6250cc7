// Services that keep the letter of the API and behave in their own ways: renames that take time, unknown statuses, shares that
// are busy, names that come back changed.

import { afterEach, describe, expect, test } from '@jest/globals';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/index.ts';
import { fastClock } from '../clock.ts';
import {
  bringAbout,
  desiredShare,
  elsewhere,
  liveIds,
  messages,
  type Run,
  secondsAgo,
  sent,
  temporary,
  told,
  written,
} from './bring-about.ts';

let sim: Simulator;
afterEach(() => sim.close());
const start = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  sim = await startSimulator({ associationMs: 5, rateLimit: { quota: 1_000_000, windowSeconds: 300 }, ...options });
  return sim;
};
/** The clock of runs that wait for seconds: faster than the simulator's. */
const fast: Run = { clock: fastClock(200) };
const seeded = (parts: Partial<Parameters<Simulator['seed']>[0]> = {}) =>
  sim.seed({ name: 'Baseline', resources: desiredShare(sim).resources ?? [], ...parts });
const NEVER = Number.POSITIVE_INFINITY;

describe('a rename that takes time', () => {
  test.each(['updating', 'active'])(
    'is read again until it shows, with the status %s meanwhile',
    async (renamingStatus) => {
      await start({ renameMs: 50, renamingStatus });
      const outcome = await bringAbout(sim, desiredShare(sim), fast);
      expect(outcome).toMatchObject({ problems: [], warnings: [], outcome: 'created', share: { name: 'Baseline' } });
      expect(outcome.drift).toBe(false);
      expect(written(sim)).toEqual(['POST ', 'PUT /*']);
      expect(liveIds(sim, 'Baseline')).toEqual([outcome.share?.id]);
    },
  );

  test('costs no request when it shows at once', async () => {
    await start();
    await bringAbout(sim, desiredShare(sim));
    expect(sent(sim)).toEqual(['GET ', 'POST ', 'GET ', 'PUT /*']);
  });

  test.each([
    ['a new share', 'created', 'Baseline [creating'],
    ['a share that is given by its id', 'updated', 'Old'],
    ['a share of the previous name', 'updated', 'Before'],
  ])('of %s that never shows is a warning, and drift', async (what, word, current) => {
    await start({ renameMs: NEVER });
    const { id } = what === 'a new share' ? { id: undefined } : seeded({ name: current });
    const desired = desiredShare(sim, {
      ...(what.includes('id') ? { shareId: id as string } : {}),
      ...(what.includes('previous') ? { previousName: 'Before' } : {}),
    });
    const outcome = await bringAbout(sim, desired, fast);
    expect(outcome).toMatchObject({ problems: [], outcome: word, drift: true });
    expect(outcome.share?.name).toContain(current);
    expect(outcome.warnings.map(({ message }) => message)).toEqual([expect.stringContaining(current)]);
    expect(outcome.warnings[0]?.message).toContain(outcome.share?.id);
    expect(written(sim)).toEqual([...(id === undefined ? ['POST '] : []), 'PUT /*']);
    expect(told(outcome)).toMatchObject({ notDone: [], notKnown: [] });
    // The next run tries again, and creates nothing.
    expect(await bringAbout(sim, desired, fast)).toMatchObject({ problems: [], share: { id: outcome.share?.id } });
    expect(written(sim).slice(-1)).toEqual(['PUT /*']);
    expect(sim.liveShares()).toHaveLength(1);
  });

  test('is not undone by a list that still shows the old name', async () => {
    await start();
    sim.setListLag(200);
    const outcome = await bringAbout(sim, desiredShare(sim), { clock: fastClock(20) });
    expect(outcome).toMatchObject({ problems: [], warnings: [], outcome: 'created', share: { name: 'Baseline' } });
    expect(written(sim)).toEqual(['POST ', 'PUT /*']);
  });

  test('that never shows stays the current name when a list that lagged makes the run elect again', async () => {
    await start({ renameMs: NEVER });
    sim.setListLag(30);
    const outcome = await bringAbout(sim, desiredShare(sim), fast);
    expect(outcome.lines).toContainEqual(expect.stringContaining('listing again'));
    expect(outcome).toMatchObject({ problems: [], outcome: 'created', drift: true });
    expect(outcome.share?.name).toContain('[creating ');
    expect(outcome.warnings).toHaveLength(1);
    expect(written(sim)).toEqual(['POST ', 'PUT /*']);
  });

  test('of a share that goes meanwhile makes another', async () => {
    await start({ renameMs: NEVER });
    let reads = 0;
    const outcome = await bringAbout(sim, desiredShare(sim), {
      ...fast,
      before: (endpoint) => {
        if (endpoint !== 'get' || ++reads !== 2) return undefined;
        sim.setRename(0);
        return elsewhere(sim, 'DELETE', sim.liveShares()[0]?.id as string);
      },
    });
    expect(outcome).toMatchObject({ problems: [], outcome: 'created', share: { name: 'Baseline' } });
    expect(liveIds(sim)).toEqual([outcome.share?.id]);
  });
});

describe('a share of an unknown status', () => {
  test.each(['updating', 'suspended'])('is found when it is %s: nothing is created', async (status) => {
    await start();
    const { id } = seeded({ status });
    for (const policy of [{}, { mode: 'plan' }] as const) {
      const outcome = await bringAbout(sim, desiredShare(sim), { policy });
      expect(outcome).toMatchObject({ problems: [], changed: false, share: { id, status } });
    }
    expect(written(sim)).toEqual([]);
  });

  test('is deleted when it is to be absent', async () => {
    await start();
    const { id } = seeded({ status: 'suspended' });
    const { recipients, resources, target, ...desired } = desiredShare(sim);
    expect(await bringAbout(sim, { ...desired, state: 'absent' })).toMatchObject({ outcome: 'deleted', share: { id } });
    expect(liveIds(sim)).toEqual([]);
  });

  test('wins the election after the create call', async () => {
    await start();
    const outcome = await bringAbout(sim, desiredShare(sim), {
      before: (endpoint) => (endpoint === 'create' ? Promise.resolve(seeded({ status: 'suspended' })) : undefined),
    });
    expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged', share: { name: 'Baseline' } });
    expect(sim.liveShares()).toHaveLength(1);
  });
});

describe('a share that is busy', () => {
  test('is renamed, and rolled back, once it is not', async () => {
    await start({ busyMs: 40 });
    expect(await bringAbout(sim, desiredShare(sim), fast)).toMatchObject({ problems: [], outcome: 'created' });
    const wide = await bringAbout(sim, desiredShare(sim, { name: 'Other' }), {
      ...fast,
      instead: (api) => ({ create: async (body) => ({ ...(await api.create(body)), target_type: 'organization' }) }),
    });
    expect(messages(wide)).toEqual([expect.stringContaining('It was taken back')]);
    expect(wide.problems).toMatchObject([{ kind: 'refusal' }]);
    expect(liveIds(sim)).toHaveLength(1);
  });

  test.each([409, 422] as const)(
    'or whose name is taken by now (%d) loses to the share that has the name',
    async (uniqueNames) => {
      await start({ uniqueNames });
      let other = '';
      const outcome = await bringAbout(sim, desiredShare(sim), {
        before: (endpoint) => {
          if (endpoint === 'rename' && other === '') other = seeded().id;
          return undefined;
        },
      });
      expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged', share: { id: other } });
      expect(liveIds(sim)).toEqual([other]);
    },
  );
});

describe('a name that comes back changed', () => {
  test.each<[string, (name: string) => string, string]>([
    ['a slug', (name) => name.toLowerCase().replace(/[^a-z0-9]+/g, '-'), 'base-line-creating-'],
    ['cut', (name) => name.slice(0, 12), 'Base line [c'],
  ])('as %s is rolled back, and both names are quoted', async (_, normalizeNames, stored) => {
    await start({ normalizeNames });
    const outcome = await bringAbout(sim, desiredShare(sim, { name: 'Base line' }));
    expect(messages(outcome)).toEqual([expect.stringContaining(`"${stored}`)]);
    expect(messages(outcome)[0]).toContain('"Base line [creating ');
    expect(outcome).toMatchObject({ problems: [{ kind: 'cloudflare' }] });
    expect(liveIds(sim)).toEqual([]);
    expect(written(sim)).toEqual(['POST ', 'DELETE /*']);
  });

  test('under create-new is rolled back, too', async () => {
    await start({ normalizeNames: (name) => name.slice(0, 4) });
    const outcome = await bringAbout(sim, desiredShare(sim), { policy: { ifExists: 'create-new' } });
    expect(messages(outcome)).toEqual([expect.stringMatching(/"Base" .*"Baseline"/)]);
    expect(liveIds(sim)).toEqual([]);
  });

  test('by the rename alone fails with the stored name, and the new share does not stay', async () => {
    await start({ normalizeNames: (name) => (name.includes('[creating ') ? name : `${name}-1`) });
    const outcome = await bringAbout(sim, desiredShare(sim));
    expect(messages(outcome)).toEqual([expect.stringContaining('"Baseline-1"')]);
    expect(liveIds(sim)).toEqual([]);
  });

  test('in capitals, with its mark, is a spelling: nothing is renamed twice', async () => {
    await start({ normalizeNames: (name) => name.toUpperCase() });
    const outcome = await bringAbout(sim, desiredShare(sim));
    expect(outcome).toMatchObject({ problems: [], outcome: 'created', share: { name: 'BASELINE' } });
    expect(written(sim)).toEqual(['POST ', 'PUT /*']);
  });
});

describe('a name in another Unicode normalization', () => {
  const [nfc, nfd] = ['NFC', 'NFD'].map((form) => 'Zürich'.normalize(form)) as [string, string];
  test.each([
    [nfc, nfd],
    [nfd, nfc],
  ])('is the same name', async (live, written_) => {
    await start();
    const { id } = seeded({ name: live });
    const outcome = await bringAbout(sim, desiredShare(sim, { name: written_ }));
    expect(outcome).toMatchObject({ problems: [], outcome: 'unchanged', share: { id, name: live } });
    expect(written(sim)).toEqual([]);
  });

  test('is finished by a run that writes it the other way', async () => {
    await start();
    const { id } = seeded({ name: temporary(nfc), created: secondsAgo(5) });
    const outcome = await bringAbout(sim, desiredShare(sim, { name: nfd }));
    expect(outcome).toMatchObject({ problems: [], share: { id } });
    expect(liveIds(sim)).toEqual([id]);
  });
});

test('a meta that the workflow does not write is left to the service', async () => {
  await start({ normalizeMeta: (meta) => ({ ...(meta as object), version: 2 }) });
  const { resources = [], ...rest } = desiredShare(sim);
  const desired = { ...rest, resources: resources.map(({ meta, ...resource }) => resource) };
  expect(await bringAbout(sim, desired)).toMatchObject({ problems: [], outcome: 'created' });
  expect(await bringAbout(sim, desired)).toMatchObject({ problems: [], outcome: 'unchanged' });
  expect(written(sim)).toEqual(['POST ', 'PUT /*']);
});

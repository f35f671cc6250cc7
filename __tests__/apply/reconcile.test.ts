// One share against the simulator: the requests, the resulting state and the report.

import { describe, expect, test } from '@jest/globals';
import type { DesiredShare } from '../../src/share/desired.ts';
import type { Policy } from '../../src/share/policy.ts';
import { fastClock } from '../clock.ts';
import { useRuns } from './use-runs.ts';

const { sim, desiredShare, liveIds, reconcile, resource, sent, written } = await useRuns();

describe('a new share', () => {
  test('needs four requests: list, create, list, rename', async () => {
    const outcome = await reconcile(desiredShare());
    expect(outcome.problems).toEqual([]);
    expect(outcome).toMatchObject({ outcome: 'created', changed: true });
    expect(sent()).toEqual(['GET ', 'POST ', 'GET ', 'PUT /*']);
    expect(sim.liveShares('Baseline').map(({ id }) => id)).toEqual([outcome.share?.id]);
    expect(outcome.share?.resources).toHaveLength(1);
  });

  test('needs two requests in the next run, which changes nothing', async () => {
    await reconcile(desiredShare());
    sim.requests.length = 0;
    const outcome = await reconcile(desiredShare());
    expect(outcome).toMatchObject({ outcome: 'unchanged', changed: false, problems: [] });
    expect(sent()).toEqual(['GET ', 'GET /*/recipients']);
  });

  test('needs five requests with exclusions', async () => {
    const desired = desiredShare({ recipients: [{}], exclude: [{ account_id: sim.memberIds[3] as string }] });
    const outcome = await reconcile(desired);
    expect(outcome.problems).toEqual([]);
    expect(sent()).toEqual(['GET ', 'POST ', 'PUT /*/excluded-recipients', 'GET ', 'PUT /*']);
    sim.requests.length = 0;
    expect(await reconcile(desired)).toMatchObject({ outcome: 'unchanged', changed: false });
    expect(sent()).toEqual(['GET ', 'GET /*/recipients', 'GET /*/excluded-recipients']);
    sim.requests.length = 0;
    const more = { ...desired, exclude: [{ account_id: sim.memberIds[4] as string }] };
    const changed = await reconcile(more, { policy: { prune: true } });
    expect(changed).toMatchObject({ outcome: 'updated', changed: true, problems: [] });
    expect(sent()).toEqual([
      'GET ',
      'GET /*/recipients',
      'GET /*/excluded-recipients',
      'PUT /*/excluded-recipients',
      'GET /*/excluded-recipients',
    ]);
  });

  test.each([
    'reset-after-commit',
    'reset-before-commit',
    'null-result',
    'truncated-body',
    'json-5xx-then-commit',
  ] as const)('is created once despite a fault in the create call (%s)', async (kind) => {
    sim.order({ kind, method: 'POST' });
    const outcome = await reconcile(desiredShare());
    expect(outcome.problems).toEqual([]);
    expect(outcome.outcome).toBe('created');
    expect(liveIds()).toEqual([outcome.share?.id]);
  });

  test('is created once by five concurrent runs', async () => {
    sim.holdUntilListed(5);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => reconcile(desiredShare())));
    expect(sim.listsAtOnce).toBe(5);
    expect(outcomes.flatMap(({ problems }) => problems)).toEqual([]);
    expect(new Set(outcomes.map(({ share }) => share?.id))).toEqual(new Set(liveIds()));
    expect(liveIds()).toHaveLength(1);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['created', ...Array(4).fill('unchanged')]);
  });

  test('is created once by concurrent runs with stale listings, and each duplicate is deleted once', async () => {
    sim.setListLag(300);
    const outcomes = await Promise.all(
      Array.from({ length: 3 }, () => reconcile(desiredShare(), { clock: fastClock(4) })),
    );
    expect(outcomes.flatMap(({ problems }) => problems)).toEqual([]);
    expect(liveIds()).toHaveLength(1);
    const deletions = sim.requests.filter(({ method }) => method === 'DELETE').map(({ path }) => path);
    expect(new Set(deletions).size).toBe(deletions.length);
  });
});

test('an outcome contains who had the share before the run', async () => {
  const [one, two] = sim.memberIds as [string, string];
  sim.seed({ name: 'Baseline', recipients: [{ account_id: one }], resources: [resource('c1')] });
  const outcome = await reconcile(desiredShare({ recipients: [{ account_id: one }, { account_id: two }] }));
  expect(outcome).toMatchObject({ outcome: 'updated', before: { audience: { accounts: [one] } } });
});

describe('a replacement', () => {
  test('creates the new share, deletes the old one, then renames the new one', async () => {
    const old = sim.seed({ name: 'Baseline' });
    const outcome = await reconcile(desiredShare({ recipients: [{}] }), { policy: { replace: true } });
    expect(outcome.problems).toEqual([]);
    expect(outcome).toMatchObject({ outcome: 'updated', changed: true });
    expect(liveIds()).toEqual([outcome.share?.id]);
    expect(outcome.share).toMatchObject({ name: 'Baseline', target_type: 'organization' });
    expect(sim.shares().find(({ id }) => id === old.id)?.status).not.toBe('active');
    expect(written()).toEqual(['POST ', 'DELETE /*', 'PUT /*']);
    expect(outcome.steps.done).toContainEqual({ kind: 'delete-replaced', shareId: old.id });
  });

  test('by id is refused when an unrelated share has the name', async () => {
    const old = sim.seed({ name: 'Old' });
    const stranger = sim.seed({ name: 'Baseline', recipients: [{}] });
    const desired = desiredShare({ recipients: [{}], shareId: old.id });
    const outcome = await reconcile(desired, { policy: { replace: true } });
    expect(outcome.problems).toHaveLength(1);
    expect(outcome.problems[0]?.message).toContain(stranger.id);
    expect(liveIds()).toEqual([old.id, stranger.id]);
    expect(sent().every((line) => line.startsWith('GET'))).toBe(true);
  });

  test('by id creates the new share and renames it', async () => {
    const old = sim.seed({ name: 'Old' });
    const desired = desiredShare({ recipients: [{}], shareId: old.id });
    const outcome = await reconcile(desired, { policy: { replace: true } });
    expect(outcome.problems).toEqual([]);
    expect(sim.liveShares().map(({ name, target_type }) => [name, target_type])).toEqual([
      ['Baseline', 'organization'],
    ]);
  });
});

// Regression: `drift` was false and `outcome` was unchanged, because a refused plan without a comparison has no change.
describe('a plan that is refused before anything is compared', () => {
  test.each<[string, () => DesiredShare, Partial<Policy>?]>([
    ['no share has the given id', () => desiredShare({ shareId: 'f'.repeat(32) })],
    [
      'the share with the given id is deleted',
      () => desiredShare({ shareId: sim.seed({ name: 'Baseline', status: 'deleted' }).id }),
    ],
    [
      'several shares have the name',
      () => {
        sim.seed({ name: 'Baseline' });
        sim.seed({ name: 'Baseline' });
        return desiredShare();
      },
    ],
    [
      'the existing share is wider than the desired one',
      () => {
        sim.seed({ name: 'Baseline', recipients: [{}] });
        return desiredShare();
      },
      { ifExists: 'keep' },
    ],
  ])('is reported as drift: %s', async (_, desired, policy = {}) => {
    const wanted = desired();
    const outcome = await reconcile(wanted, { policy });
    expect(outcome.problems).toEqual([{ message: expect.any(String), kind: 'refusal' }]);
    expect(outcome).toMatchObject({ changed: false, drift: true });
    expect(outcome.outcome).toBeUndefined();
    const planned = await reconcile(wanted, { policy: { ...policy, mode: 'plan' } });
    expect(planned).toMatchObject({ changed: false, drift: true, outcome: 'planned' });
  });
});

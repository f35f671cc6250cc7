// The report of steps is true: each request of a run is cancelled, refused or cut off, and what the run reports as done,
// not done and not known is compared with the simulator's state. The next run completes the work.

import { describe, expect, test } from '@jest/globals';
import type { Fault, Simulator } from '../../simulator/index.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import type { Policy } from '../../src/share/policy.ts';
import { fastClock } from '../clock.ts';
import { messages, type Outcome, QUICK, type Run, secondsAgo, stepsOf, temporary, useRuns } from './use-runs.ts';

const { sim, desiredShare, forgetArrivals, members, onArrival, reconcile, resource } = await useRuns({
  ...QUICK,
  associationMs: 0,
});

type Live = ReturnType<Simulator['liveShares']>;

const accountsOf = ({ recipients }: Live[number]): string[] =>
  recipients.filter(({ association_status: status }) => !status.startsWith('dis')).map(({ account_id }) => account_id);
const resourcesOf = ({ resources }: Live[number]): string[] =>
  resources.filter(({ status }) => status === 'active').map(({ resource_id }) => resource_id);
const excludedOf = ({ exclusions }: Live[number]): string[] => exclusions.map(({ account_id }) => account_id);

interface Scene {
  policy?: Partial<Policy>;
  /** Seeds the actual state and returns the desired share. */
  begin: () => DesiredShare;
  /** The share that changes; by default, all live shares. */
  subject?: (live: Live) => Live;
}

const scenes: Record<string, Scene> = {
  'a new share': { begin: () => desiredShare() },
  'a new share with exclusions': {
    begin: () => desiredShare({ recipients: [{}], exclude: [{ account_id: sim.memberIds[3] as string }] }),
  },
  'create-new': { policy: { ifExists: 'create-new' }, begin: () => desiredShare() },
  'a new share next to a leftover temporary share': {
    begin: () => {
      sim.seed({ name: temporary('Baseline', 'other00000000'), created: secondsAgo(500), recipients: [{}] });
      return desiredShare();
    },
  },
  'a share left by an interrupted run': {
    policy: { prune: true },
    begin: () => {
      sim.seed({ name: temporary(), created: secondsAgo(5), recipients: members(5), resources: [resource('c9')] });
      return desiredShare();
    },
  },
  'an update without prune': {
    begin: () => {
      sim.seed({ name: 'Baseline', recipients: members(0), resources: [resource('c1')] });
      return desiredShare({ recipients: members(1, 2), resources: [resource('c1', { a: 1 }), resource('c2')] });
    },
  },
  'an update with prune': {
    policy: { prune: true },
    begin: () => {
      sim.seed({ name: 'Baseline', recipients: members(0, 1), resources: [resource('c1'), resource('c2')] });
      return desiredShare({ recipients: members(1, 2), resources: [resource('c2'), resource('c3')] });
    },
  },
  'an update of all recipients and resources': {
    policy: { prune: true },
    begin: () => {
      sim.seed({ name: 'Baseline', recipients: members(0), resources: [resource('c1')] });
      return desiredShare({ recipients: members(1), resources: [resource('c2')] });
    },
  },
  'a rename by id': {
    begin: () =>
      desiredShare({
        shareId: sim.seed({ name: 'Before', resources: [resource('c1')] }).id,
        recipients: members(0, 1),
      }),
  },
  'an update of exclusions': {
    policy: { prune: true },
    begin: () => {
      sim.seed({
        name: 'Baseline',
        recipients: [{}],
        resources: [resource('c1')],
        exclusions: [sim.memberIds[3] as string],
      });
      return desiredShare({ recipients: [{}], exclude: [{ account_id: sim.memberIds[4] as string }] });
    },
  },
  'a replacement': {
    policy: { replace: true },
    begin: () => {
      sim.seed({ name: 'Baseline', resources: [resource('c1')] });
      return desiredShare({ recipients: [{}] });
    },
    subject: (live) => live.filter(({ target_type }) => target_type === 'organization'),
  },
  'a replacement that another run started': {
    policy: { replace: true },
    begin: () => {
      sim.seed({ name: 'Baseline', recipients: [{}] });
      sim.seed({ name: temporary(), created: secondsAgo(5), recipients: members(4), resources: [resource('c9')] });
      return desiredShare();
    },
    // The old share targets the whole organization, so reports about recipients and resources refer to the new one.
    subject: (live) => live.filter(({ target_type }) => target_type === 'account'),
  },
  'a deletion': {
    begin: () => {
      sim.seed({ name: 'Baseline' });
      sim.seed({ name: temporary(), created: secondsAgo(5) });
      const { recipients, resources, target, ...desired } = desiredShare();
      return { ...desired, state: 'absent' };
    },
  },
};

/** Whether a step, given in the ledger's words, is done in the simulator. */
function holds(step: string, seeded: ReadonlySet<string>, subject: Scene['subject'] = (live) => live): boolean {
  const of = (pattern: RegExp): string | undefined => pattern.exec(step)?.[1];
  const live = subject(sim.liveShares());
  const made = sim.shares().filter(({ id }) => !seeded.has(id));
  const isGone = (id: string): boolean => !sim.liveShares().some((share) => share.id === id);

  const createdId = of(/^create share ".*" \((\w+)\)$/);
  if (createdId !== undefined) return made.some(({ id }) => id === createdId);
  if (/^create share "[^"]*"$/.test(step)) return made.length > 0;
  const name = of(/^rename the share to "(.*)"$/);
  if (name !== undefined) return live.some((share) => share.name === name);
  const deletedId = of(/^(?:delete (?:the (?:replaced|temporary) )?|roll back )share (\w+)$/);
  if (deletedId !== undefined) return isGone(deletedId);
  const excluding = of(/^exclude 1 account from share (\w+)$/);
  if (excluding !== undefined) return live.some((share) => share.id === excluding && share.exclusions.length === 1);
  const changes: [RegExp, (share: Live[number], id: string) => boolean][] = [
    [/^add recipient (\w+)$/, (share, id) => accountsOf(share).includes(id)],
    [/^remove recipient (\w+)$/, (share, id) => !accountsOf(share).includes(id)],
    [/^add resource gateway-policy (\w+)$/, (share, id) => resourcesOf(share).includes(id)],
    [/^remove resource gateway-policy (\w+)$/, (share, id) => !resourcesOf(share).includes(id)],
    [
      /^update resource gateway-policy (\w+)$/,
      (share, id) => share.resources.some((r) => r.resource_id === id && JSON.stringify(r.meta) === '{"a":1}'),
    ],
    [/^add exclusion of account (\w+)$/, (share, id) => excludedOf(share).includes(id)],
    [/^remove exclusion of account (\w+)$/, (share, id) => !excludedOf(share).includes(id)],
  ];
  for (const [pattern, isDone] of changes) {
    const id = of(pattern);
    if (id !== undefined) return live.some((share) => isDone(share, id));
  }
  throw new Error(`no truth is known of the step "${step}"`);
}

const world = (): unknown =>
  sim
    .liveShares()
    .map((share) => [
      share.id,
      share.name,
      share.target_type,
      share.target_type === 'account' ? accountsOf(share).sort() : [],
      resourcesOf(share).sort(),
      excludedOf(share).sort(),
    ]);

/** Checks that exactly the steps reported as done are done, and that a successful run did all of them. */
function expectTrue(outcome: Outcome, before: unknown, seeded: ReadonlySet<string>, { subject }: Scene): void {
  const { done, notDone, notKnown } = stepsOf(outcome);
  const said = {
    done: done.filter((step) => !holds(step, seeded, subject)),
    notDone: notDone.filter((step) => holds(step, seeded, subject)),
  };
  expect({ ...said, steps: stepsOf(outcome) }).toEqual({ done: [], notDone: [], steps: stepsOf(outcome) });
  expect(new Set([...done, ...notDone, ...notKnown]).size).toBe(done.length + notDone.length + notKnown.length);
  if (outcome.problems.length === 0) expect(stepsOf(outcome)).toMatchObject({ notDone: [], notKnown: [] });
  if (outcome.changed === undefined) expect(notKnown).not.toEqual([]);
  if (outcome.changed === false && notKnown.length === 0)
    expect(withoutLeftOver(world())).toEqual(withoutLeftOver(before));
}

/** Deleting a temporary share of an interrupted run is cleanup and doesn't count as a change. */
const withoutLeftOver = (shares: unknown): unknown =>
  (shares as [string, string][]).filter(([, name]) => !name.includes('[creating other'));

async function play(scene: Scene, run: Run, interfere: () => void) {
  const desired = scene.begin();
  const seeded = new Set(sim.shares().map(({ id }) => id));
  const before = world();
  interfere();
  const outcome = await reconcile(desired, { clock: fastClock(400), ...run, policy: scene.policy ?? {} });
  forgetArrivals();
  sim.clearFaults();
  return { desired, seeded, before, outcome };
}

/** The next run, without faults, succeeds and leaves exactly the desired state. */
async function expectRepaired(scene: Scene, desired: DesiredShare): Promise<void> {
  const again = await reconcile(desired, { policy: { ...scene.policy, ifExists: 'update' } });
  // The share-id of a deleted share can't be used again.
  expect(messages(again)).toEqual([]);
  const left = sim.liveShares('Baseline');
  if (desired.state === 'absent') return expect(left).toEqual([]);
  expect(left).toHaveLength(1);
  const [share] = left as [Live[number]];
  expect(resourcesOf(share)).toEqual(
    expect.arrayContaining((desired.resources ?? []).map(({ resource_id }) => resource_id)),
  );
  expect(share.target_type).toBe(desired.target);
  if (desired.target === 'account')
    expect(accountsOf(share)).toEqual(
      expect.arrayContaining((desired.recipients ?? []).map((r) => r.recipient_account_id)),
    );
  else expect(excludedOf(share)).toEqual((desired.exclude ?? []).map(({ account_id }) => account_id));
}

async function requestsIn(scene: Scene): Promise<number> {
  const { outcome } = await play(scene, {}, () => undefined);
  expect(messages(outcome)).toEqual([]);
  const count = sim.requests.length;
  sim.reset();
  return count;
}

const faults: Record<string, Partial<Fault> & Pick<Fault, 'kind'>> = {
  'is refused': { kind: 'redirect', times: 99 },
  'never arrives': { kind: 'reset-before-commit', times: 2 },
  'never gets a response': { kind: 'reset-after-commit', times: 2 },
  'gets no response and is then refused': { kind: 'html-5xx-after-commit', times: 1 },
  'gets a truncated response once': { kind: 'truncated-body', times: 1 },
};

describe.each(Object.entries(scenes))('the report of %s', (_name, scene) => {
  test.each(Object.entries(faults))('is accurate when any request %s', async (what, fault) => {
    const count = await requestsIn(scene);
    expect(count).toBeGreaterThan(0);
    for (let i = 0; i < count; i++) {
      sim.reset();
      const { desired, seeded, before, outcome } = await play(scene, { maxAttempts: 2 }, () => {
        sim.order({ ...fault, skip: i });
        if (what.endsWith('then refused')) sim.order({ kind: 'redirect', skip: i, times: 1 });
      });
      expectTrue(outcome, before, seeded, scene);
      if (scene.policy?.ifExists !== 'create-new') await expectRepaired(scene, desired);
    }
  });

  test.each([0, 10])('is accurate when the job is cancelled %d ms after any request', async (afterMs) => {
    const count = await requestsIn(scene);
    for (let i = 0; i < count; i++) {
      sim.reset();
      const job = new AbortController();
      let arrived = 0;
      const { desired, seeded, before, outcome } = await play(scene, { signal: job.signal }, () => {
        sim.order({ kind: i % 2 === 0 ? 'late-commit' : 'late-response', skip: i, delayMs: 25 });
        onArrival(() => {
          if (arrived++ === i) setTimeout(() => job.abort(), afterMs);
        });
      });
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(messages(outcome).length).toBeGreaterThan(0);
      for (const message of messages(outcome)) expect(message).toContain('cancelled');
      expectTrue(outcome, before, seeded, scene);
      if (scene.policy?.ifExists !== 'create-new') await expectRepaired(scene, desired);
    }
  });
});

// A model-based property: for any sequence of desired states, changes behind the action's back, faults and concurrent runs,
// the invariants hold after each step. No two shares have the same name, no recipient is lost, no share is too wide, and
// nothing is removed or left unreported without reason. Another run reaches the desired state.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { faultKinds, type Simulator, startSimulator, thenCommitKinds } from '../../simulator/index.ts';
import { fastClock } from '../clock.ts';
import { inputsFor, type Ran, runAction } from '../run-action.ts';
import { runInProcess } from '../run-in-process.ts';
import { forgetArrivals, idsAtLastListing } from './arrivals.ts';
import {
  accountsOf,
  carryOut,
  changes,
  type File,
  file,
  listed,
  type Present,
  previousNameOf,
  writeFile,
} from './random-files.ts';
import { isTemporary, nameOf, type ShareNow, type State, stateOf, twins } from './truth.ts';

let sim: Simulator;
let folder: string;
let steps = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'share-action-'));
  sim = await startSimulator({ associationMs: 5, rateLimit: { quota: 1_000_000, windowSeconds: 300 } });
});
afterAll(async () => {
  await sim.close();
  rmSync(folder, { recursive: true });
  console.log(`model: ${steps} steps`);
});

const step = fc.record({
  desired: file,
  byHand: changes,
  faults: fc.array(fc.record({ kind: fc.constantFrom(...faultKinds, ...thenCommitKinds), skip: fc.nat({ max: 6 }) }), {
    maxLength: 2,
  }),
  atOnce: fc.constantFrom(1, 1, 1, 2, 3),
});

/** The live shares by name. */
const world = (): Map<string, ShareNow> =>
  new Map(sim.liveShares().flatMap((share) => (isTemporary(share) ? [] : [[share.name, share]])));
const statesIn = (shares: ReadonlyMap<string, ShareNow>): State[] =>
  [...shares.values()].map(stateOf).sort((a, b) => (a.name < b.name ? -1 : 1));

const union = <T>(a: readonly T[], b: readonly T[]): T[] => [...new Set([...a, ...b])].sort();
const without = <T>(a: readonly T[], b: readonly T[]): T[] => a.filter((item) => !b.includes(item));
const resourceIdsOf = (resources: readonly string[]): string[] => resources.map((text) => text.replace(/ .*/, ''));

function desiredState(name: string, wanted: Present): State {
  return {
    name,
    target: wanted.organization ? 'organization' : 'account',
    recipients: wanted.organization ? [] : accountsOf(sim, wanted.recipients).sort(),
    resources: wanted.resources.map((id) => `${id} ${JSON.stringify(wanted.meta)}`).sort(),
    exclusions: wanted.organization ? accountsOf(sim, wanted.exclude ?? []).sort() : [],
  };
}

/** The expected result for one share of the file. */
interface Expected {
  name: string;
  found?: ShareNow;
  /** Undefined if it should not exist. */
  state?: State;
  /** Whether it is refused because it could mean either of two shares. */
  refused: boolean;
  replaces: boolean;
  /** The unlisted items that exist and stay. */
  extras: string[];
}

function expectedOf(before: ReadonlyMap<string, ShareNow>, desired: File): Expected[] {
  return listed(desired).map(([name, wanted]) => {
    const nothing = { name, refused: false, replaces: false, extras: [] };
    const named = before.get(name);
    if (wanted.state === 'absent') return { ...nothing, ...(named ? { found: named } : {}) };
    const previous = wanted.hadPreviousName ? before.get(previousNameOf(name)) : undefined;
    const found = named ?? previous;
    const state = desiredState(name, wanted);
    if (!found) return { ...nothing, state };
    const old = stateOf(found);
    if (named && previous) return { ...nothing, found, state: old, refused: true };
    if (old.target !== state.target) return { ...nothing, found, state, replaces: true };
    const excludes = wanted.organization && wanted.exclude !== undefined;
    const extras = {
      recipients: without(old.recipients, state.recipients),
      resources: old.resources.filter(
        (resource) => !resourceIdsOf(state.resources).includes(resourceIdsOf([resource])[0] as string),
      ),
      exclusions: excludes ? without(old.exclusions, state.exclusions) : [],
    };
    if (!excludes) state.exclusions = old.exclusions;
    if (desired.prune) return { ...nothing, found, state };
    return {
      ...nothing,
      found,
      extras: [...extras.recipients, ...resourceIdsOf(extras.resources), ...extras.exclusions],
      state: {
        ...state,
        recipients: union(state.recipients, extras.recipients),
        resources: union(state.resources, extras.resources),
        exclusions: union(state.exclusions, extras.exclusions),
      },
    };
  });
}

/** Shares that the file does not list. A previous name counts as listed even if no share has it. */
function unlistedIn(before: ReadonlyMap<string, ShareNow>, desired: File): ShareNow[] {
  const names = listed(desired).flatMap(([name, wanted]) =>
    wanted.state === 'present' && wanted.hadPreviousName ? [name, previousNameOf(name)] : [name],
  );
  return [...before.values()].filter(({ name }) => !names.includes(name));
}

/** The log of a run outside of groups, which are collapsed for a reader. */
const openLogOf = ({ log }: Ran): string => log.replace(/^::group::[\s\S]*?^::endgroup::$/gm, '');

/** One test for each part of the sequences, because a busy machine needs more than the time of one test for all of them. */
const PARTS = [1, 2, 3, 4, 5];

test.each(PARTS)(
  'any sequence of files, manual changes, faults and concurrent runs keeps the invariants (part %d)',
  () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (sequence) => {
        sim.reset();
        for (const { desired, byHand, faults, atOnce } of sequence) {
          steps += 1;
          for (const each of byHand) await carryOut(sim, each);
          const before = world();
          const expected = expectedOf(before, desired);
          const unlisted = unlistedIn(before, desired);
          const isRefused = expected.some(({ refused }) => refused);
          const goes = desired.complete && desired.prune && !isRefused;
          const toBe = [
            ...expected.flatMap(({ state }) => state ?? []),
            ...[...before.values()]
              .filter(
                ({ id }) =>
                  !expected.some(({ found }) => found?.id === id) && !(goes && unlisted.some((u) => u.id === id)),
              )
              .map(stateOf),
          ].sort((a, b) => (a.name < b.name ? -1 : 1));

          const inputs = inputsFor(sim, {
            config: writeFile(sim, folder, desired),
            prune: String(desired.prune),
            replace: 'true',
            'request-timeout': '0.5',
            'max-attempts': '4',
          });
          const run = (): Promise<Ran> => runInProcess(inputs, { clock: fastClock(100) });
          for (const fault of faults)
            sim.order({
              ...fault,
              delayMs: /late/.test(fault.kind) ? 3_600_000 : 0,
              commitAfterMs: 30,
              retryAfterSeconds: 0,
            });
          forgetArrivals(sim);
          const seen = idsAtLastListing(sim);
          // Concurrent runs are processes. They are fast enough only without faults that make them wait.
          const runs: Ran[] =
            atOnce > 1 && faults.length === 0
              ? await Promise.all(Array.from({ length: atOnce }, () => runAction(inputs)))
              : [await run()];
          await sim.commitPending();
          sim.clearFaults();

          const logs = runs.map(({ log }) => log).join('\n');
          try {
            const live = sim.liveShares();
            const isGreen = runs.every(({ exitCode }) => exitCode === 0);
            if (isGreen) {
              expect(isRefused).toBe(false);
              expect(statesIn(world())).toEqual(toBe);
              const extras = expected.flatMap((each) => each.extras);
              const left = desired.complete && !desired.prune ? unlisted.map(({ id }) => id) : [];
              for (const ran of runs) {
                const [only] = ran.lines.filter((line) => line.startsWith('::notice'));
                if (extras.length + left.length > 0) expect(only).toBeDefined();
                if (extras.length + left.length <= 5)
                  for (const id of [...extras, ...left]) expect(openLogOf(ran)).toContain(id);
              }
            } else if (!isRefused && !expected.some(({ replaces }) => replaces)) expect(faults).not.toEqual([]);
            // A create call that executes after the run's last listing can leave a second share with the temporary name.
            const isUnseen = (share: ShareNow): boolean => isTemporary(share) && !seen().has(share.id);
            expect(twins(live.filter((share) => !isUnseen(share)))).toEqual([]);
            expectNotWider(live, expected, before, runs, isUnseen);
            expectNothingLost(live, expected, unlisted, desired, isRefused);
          } catch (error) {
            throw new Error(`${logs}\n${(error as Error).message}`);
          }
          if (isRefused) return;

          await run();
          if (sim.liveShares().some(isTemporary)) {
            sim.age(3 * 60_000);
            await run();
          }
          sim.requests.length = 0;
          const again = await run();
          const story = `${logs}\nagain: ${again.log}`;
          if (again.exitCode !== 0) throw new Error(story);
          expect(again.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' });
          expect(sim.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
          expect(statesIn(world())).toEqual(toBe);
          expect(sim.liveShares().filter(isTemporary)).toEqual([]);
        }
      }),
      { numRuns: 25 / PARTS.length, endOnFailure: true },
    ),
);

/**
 * Checks that no account has a share that it neither had before nor should have, unless the step reports that. The API can
 * exclude accounts only from an existing share, so a share that no run has seen yet excludes none.
 */
function expectNotWider(
  live: readonly ShareNow[],
  expected: readonly Expected[],
  before: ReadonlyMap<string, ShareNow>,
  runs: readonly Ran[],
  isUnseen: (share: ShareNow) => boolean,
): void {
  const isTold = ({ id }: ShareNow): boolean => runs.some(({ errors }) => errors.join().includes(id));
  const tooWide = live.filter((share) => {
    const now = stateOf(share);
    const wanted = expected.find(({ name }) => name === nameOf(share))?.state;
    const old = [...before.values()].find(({ id }) => id === share.id);
    const known = [...(wanted ? [wanted] : []), ...(old ? [stateOf(old)] : [])].filter(
      ({ target }) => target === now.target,
    );
    return (
      known.length === 0 ||
      now.recipients.some((one) => known.every(({ recipients }) => !recipients.includes(one))) ||
      (!isUnseen(share) &&
        (known[0]?.exclusions ?? []).some(
          (one) => known.every(({ exclusions }) => exclusions.includes(one)) && !now.exclusions.includes(one),
        ))
    );
  });
  expect(tooWide.filter((share) => !isTold(share)).map(stateOf)).toEqual([]);
}

/** Checks that everything that should stay still exists, whatever the step's result. */
function expectNothingLost(
  live: readonly ShareNow[],
  expected: readonly Expected[],
  unlisted: readonly ShareNow[],
  { complete, prune }: File,
  isRefused: boolean,
): void {
  const now = (id: string): State | undefined => live.filter((share) => share.id === id).map(stateOf)[0];
  for (const { found, state, replaces } of expected) {
    if (!found || !state) continue;
    if (replaces) {
      expect(
        live.some(
          (share) => share.id === found.id || (nameOf(share) === state.name && share.target_type === state.target),
        ),
      ).toBe(true);
      continue;
    }
    const there = now(found.id);
    const old = stateOf(found);
    expect(there).toBeDefined();
    for (const list of ['recipients', 'exclusions'] as const)
      expect(there?.[list]).toEqual(expect.arrayContaining(old[list].filter((item) => state[list].includes(item))));
    expect(resourceIdsOf(there?.resources ?? [])).toEqual(
      expect.arrayContaining(resourceIdsOf(old.resources).filter((id) => resourceIdsOf(state.resources).includes(id))),
    );
  }
  // Unlisted shares are deleted last, and only after everything else is as desired.
  const listedIsDone = expected.every(({ name, state }) => {
    const share = live.find((each) => each.name === name);
    return JSON.stringify(share && stateOf(share)) === JSON.stringify(state);
  });
  for (const share of unlisted)
    if (!complete || !prune || isRefused || !listedIsDone) expect(now(share.id)).toEqual(stateOf(share));
}

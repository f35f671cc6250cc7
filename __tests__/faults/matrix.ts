// The fault matrix: every trouble at every request of a path, based on the requests of a run without faults. After each run,
// whatever went wrong:
// - A successful step reached the desired state. A failed one says truthfully what is done, what isn't, and what is not
//   known.
// - No two live shares have the same name, no share is wider than before or than desired, and nothing else is removed.
// - The run reports every share that it leaves under a temporary name, unless the create call executed late.
// - Another undisturbed run succeeds and leaves one share, and the first run after two minutes deletes leftover shares. This
//   is tried once for each distinct world.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import type { Clock } from '../../src/clock.ts';
import { fastClock } from '../clock.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { forgetArrivals, idsAtLastListing, onArrival, type Request } from './arrivals.ts';
import { SPEED, type Trouble, troubles } from './troubles.ts';
import {
  inOrder,
  isTemporary,
  nameOf,
  type ShareNow,
  type State,
  silentLeftOvers,
  stateOf,
  statesOf,
  stepsOf,
  type Transition,
  toldIn,
  twins,
  unasked,
  type World,
} from './truth.ts';

export const NAME = 'Matrix';
/** At this age, a temporary share counts as leftover. */
const LEFT_OVER_MS = 3 * 60_000;

export interface PathOfRun {
  name: string;
  /** Seeds the actual state. `folder` is for files that the run reads. */
  prepare: (sim: Simulator, folder: string) => Found;
}

export interface Found {
  inputs: InputsOf;
  /** The expected change of each share, including shares that stay unchanged. */
  transitions: Transition[];
  /** The accounts whose association must not change, not even briefly. */
  staying?: string[];
  /** Returns the id of the share that another run creates meanwhile, once it exists. */
  other?: () => string | undefined;
  /** The inputs of a later run, if they have to differ. */
  again?: () => InputsOf;
}

interface Setting extends Found {
  desired: State[];
  before: ShareNow[];
}

/** Tests that every promise is kept on these paths despite trouble at any request. */
export function faultMatrix(paths: PathOfRun[]): void {
  let sim: Simulator;
  let folder: string;
  let cases = 0;
  /** For each path, the requests of a run without faults. */
  const requestsOf = new Map<PathOfRun, Request[]>();
  /** The worlds from which a later run has been tried. */
  const triedAgain = new Set<string>();
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'share-action-'));
    sim = await startSimulator({ associationMs: 1_000 / SPEED, rateLimit: { quota: 1_000_000, windowSeconds: 300 } });
  });
  afterAll(async () => {
    await sim.close();
    rmSync(folder, { recursive: true });
    console.log(`fault matrix: ${cases} cases (${paths.map(({ name }) => name).join(', ')})`);
  });

  const start = (path: PathOfRun, { listLagMs = 0, renameMs = 0, busyMs = 0 }: Partial<Trouble> = {}): Setting => {
    sim.reset();
    forgetArrivals(sim);
    sim.setListLag(listLagMs);
    sim.setRename(renameMs);
    sim.setBusy(busyMs);
    const found = path.prepare(sim, folder);
    const desired = inOrder(found.transitions.flatMap(({ to }) => to ?? []));
    return { ...found, desired, before: sim.liveShares() };
  };

  const runWith = (inputs: InputsOf, { maxAttempts, timeoutSeconds }: Limits, options: Options = {}): Promise<Ran> =>
    runInProcess(
      inputsFor(sim, {
        ...(inputs.config === undefined ? { 'share-name': NAME } : {}),
        'request-timeout': String(timeoutSeconds),
        'max-attempts': String(maxAttempts),
        'wait-timeout': '600',
        ...inputs,
      }),
      { clock: fastClock(SPEED), ...options },
    );

  test.each(
    paths.flatMap((path) => troubles.map((trouble) => ({ path, trouble, title: `${path.name}: ${trouble.title}` }))),
  )('keeps every promise when trouble starts at any request: $title', async ({ path, trouble }) => {
    const { kind, strikes = () => true, mended, once = false, countsStruckOnly = false } = trouble;
    const requests = requestsOf.get(path) ?? (await learn(path));
    requestsOf.set(path, requests);

    for (const [at, request] of requests.entries()) {
      if (!strikes(request) || (once && at > 0)) continue;
      const found = start(path, trouble);
      const standing = recordsOf(sim, found);
      for (const fault of trouble.from(countsStruckOnly ? requests.slice(0, at).filter(strikes).length : at))
        sim.order(fault);
      const lastLook = idsAtLastListing(sim);
      const ran = await runWith(found.inputs, trouble, cancelling(sim, trouble, at));
      // A request that was aborted while it was being sent must not arrive during the next run.
      if (trouble.cancelledAfterMs !== undefined) await sim.disconnected();
      // The run can't know about a share that is created after its last listing.
      const seen = lastLook();
      const atTheEnd = new Set(sim.liveShares().map(({ id }) => id));
      await sim.commitPending();
      // Only a run that waits can take fewer requests than it takes without faults.
      if (kind && !sim.requests.some(({ fault }) => fault === kind)) {
        expect(at).toBeGreaterThan(requests.length - 4);
        continue;
      }
      cases += 1;
      const isLate = (share: ShareNow): boolean =>
        isTemporary(share) &&
        !found.before.some(({ id }) => id === share.id) &&
        !(seen.has(share.id) && atTheEnd.has(share.id));
      const all: World = { live: sim.liveShares(), before: found.before };
      const now: World = { ...all, live: all.live.filter((share) => !isLate(share) && !isOther(found, share)) };
      const story = storyOf(sim, ran);
      expecting(`${path.name}: ${trouble.title}, from request ${at} on: exit code ${ran.exitCode}\n${story}`, () => {
        if (typeof mended === 'function' ? mended(request) : mended) expect(ran.errors).toEqual([]);
        if (ran.exitCode === 0) expectAsDesired(now, found);
        else expectTruth(ran, now, all, found);
        expectNeverWorse(all, found, sim);
        expect(recordsOf(sim, found)).toEqual(standing);
      });

      const world = `${path.name}: ${worldOf(sim, found)}`;
      if (triedAgain.has(world)) continue;
      triedAgain.add(world);
      const later = await runLater(found);
      expecting(`${path.name}: ${trouble.title}, from request ${at} on, then again\n${story}\nagain:\n${later}`, () =>
        expect(statesOf(sim.liveShares())).toEqual(found.desired),
      );
    }
  });

  /** Runs a path without any trouble. @returns its requests */
  async function learn(path: PathOfRun): Promise<Request[]> {
    const learned = start(path);
    expect((await runWith(learned.inputs, PATIENT)).errors).toEqual([]);
    expect(statesOf(sim.liveShares().filter(({ id }) => id !== learned.other?.() || !isTemporaryId(sim, id)))).toEqual(
      learned.desired,
    );
    return [...sim.requests];
  }

  /** Runs the path again, undisturbed. It has to succeed and to clean up as soon as allowed. @returns its story */
  async function runLater(found: Setting): Promise<string> {
    const { inputs, desired, again = () => inputs } = found;
    sim.clearFaults();
    sim.setListLag(0);
    forgetArrivals(sim);
    sim.requests.length = 0;
    const later = await runWith(again(), PATIENT);
    const story = storyOf(sim, later);
    expecting(story, () => {
      expect(later.errors).toEqual([]);
      expect(statesOf(sim.liveShares().filter((share) => !isTemporary(share)))).toEqual(desired);
    });
    if (!sim.liveShares().some(isTemporary)) return story;
    sim.age(LEFT_OVER_MS);
    sim.requests.length = 0;
    const tidying = await runWith(again(), PATIENT);
    return `${story}\nafter two minutes:\n${storyOf(sim, tidying)}`;
  }
}

type Limits = Pick<Trouble, 'maxAttempts' | 'timeoutSeconds'>;
const PATIENT: Limits = { maxAttempts: 4, timeoutSeconds: 20 };

interface Options {
  clock?: Clock;
  signal?: AbortSignal;
}

/** Cancels the job if the trouble says so. */
function cancelling(sim: Simulator, { cancelledAfterMs, cancelledInPause }: Trouble, at: number): Options {
  const job = new AbortController();
  const clock = fastClock(SPEED);
  if (cancelledAfterMs !== undefined) {
    onArrival(sim, () => {
      if (sim.requests.length === at) setTimeout(() => job.abort(), cancelledAfterMs);
    });
  }
  const pause: Clock['pause'] = (ms, signal) => {
    if (cancelledInPause) job.abort();
    return clock.pause(ms, signal);
  };
  return { signal: job.signal, clock: { ...clock, pause } };
}

/** Adds the case to the message of a failed expectation. */
function expecting(what: string, expectations: () => void): void {
  try {
    expectations();
  } catch (error) {
    throw new Error(`${what}\n${(error as Error).message}`);
  }
}

/** The log and the requests of a run. */
const storyOf = (sim: Simulator, ran: Ran): string =>
  [ran.log, ...sim.requests.map((r) => `${r.method} ${r.path} ${r.status ?? '-'} ${r.fault ?? ''}`)].join('\n');

/** Everything that matters for a later run: the live shares, and which of them existed before. */
const worldOf = (sim: Simulator, { before }: Setting): string =>
  JSON.stringify(
    sim
      .liveShares()
      .map((share) => ({
        ...stateOf(share),
        name: nameOf(share),
        temporary: isTemporary(share),
        found: before.findIndex(({ id }) => id === share.id),
        standing: share.recipients
          .map(({ account_id, association_status: status }) => `${account_id} ${status}`)
          .sort(),
      }))
      .map((share) => JSON.stringify(share))
      .sort(),
  );

/** The complete records of the accounts that stay, including their timestamps. */
const recordsOf = (sim: Simulator, { transitions, staying = [] }: Setting): unknown[] =>
  sim
    .shares()
    .filter(({ id }) => transitions.some(({ from }) => from === id))
    .flatMap(({ recipients }) => recipients.filter(({ account_id }) => staying.includes(account_id)))
    .map(({ resources, ...record }) => record);

const isOther = ({ other }: Setting, share: ShareNow): boolean => isTemporary(share) && share.id === other?.();

const isTemporaryId = (sim: Simulator, id: string): boolean =>
  sim.liveShares().some((share) => share.id === id && isTemporary(share));

/** Checks that everything is as desired and nothing is left over after a successful step. */
const expectAsDesired = ({ live }: World, { desired }: Setting): void => expect(statesOf(live)).toEqual(desired);

/** Checks what always holds: no two shares with one name, nothing wider, and no share lost. */
function expectNeverWorse(all: World, { transitions, before }: Setting, sim: Simulator): void {
  expect(twins(all.live)).toEqual([]);
  expect(unasked(all, transitions)).toEqual([]);
  for (const { from, to } of transitions) {
    const old = sim.shares().find(({ id }) => id === from);
    if (!to || !old || old.status === 'active' || !before.some(({ id }) => id === from)) continue;
    // It was replaced, so it must have been deleted after the new one was created.
    const made = all.live.filter(({ target_type }) => target_type === to.target);
    expect(made.some(({ created }) => created < old.modified)).toBe(true);
  }
}

/** Checks that a failed step's report is true: done steps are done, open ones aren't, and nothing else happened. */
function expectTruth(ran: Ran, now: World, all: World, { inputs, transitions, before, other }: Setting): void {
  expect(ran.exitCode).toBe(1);
  expect(ran.errors).not.toEqual([]);
  const { done, open, unknown } = toldIn(ran.lines.at(-1) ?? '');
  expect(silentLeftOvers(now, { done, open, unknown })).toEqual([]);
  // The run can't know what another run does meanwhile.
  if (other) return;
  const steps = stepsOf(before, transitions);
  const takenBack = [...done, ...open, ...unknown].some((step) => step.startsWith('roll back share'));
  const happened = steps.filter(({ holds }) => holds(all)).map(({ words }) => words);
  const isStep = (step: string) => (words: string) => step.startsWith(words);
  for (const step of done) {
    if (takenBack || !steps.some(({ words }) => isStep(step)(words))) continue;
    expect({ done: step, happened: happened.some(isStep(step)) }).toEqual({ done: step, happened: true });
  }
  for (const step of open)
    expect({ open: step, happened: happened.some(isStep(step)) }).toEqual({ open: step, happened: false });
  const said = (words: string): boolean => [...done, ...unknown].some((step) => step.startsWith(words));
  expect(happened.filter((words) => !said(words))).toEqual([]);
  // Once the run has planned, it also has to report the steps that are not done.
  const told = [...done, ...unknown, ...open];
  const isPlanned = (share: string): boolean => ran.log.includes(`::group::Plan for ${JSON.stringify(share)}`);
  const silent = steps.filter(
    ({ words, share, holds, partOf }) =>
      isPlanned(share) &&
      !takenBack &&
      !holds(all) &&
      (partOf === undefined || done.some((step) => step.startsWith(partOf))) &&
      !told.some((step) => step.startsWith(words)),
  );
  expect(silent.map(({ words }) => words)).toEqual([]);
  if (happened.length > 0) expect(ran.outputs.changed).not.toBe('false');
  if (done.length === 0) expect(ran.outputs.changed).not.toBe('true');
  // The only id to report is the new share's, or the old share's as long as it has the name.
  const created = done.find((step) => step.startsWith('create share'));
  const old = all.live.find(({ id, name }) => id === transitions[0]?.from && name === NAME);
  if (created && inputs.config === undefined)
    expect([/\(([^)]*)\)$/.exec(created)?.[1], ...(old ? [old.id] : [])]).toContain(ran.outputs['share-id']);
}

// The fault matrix: every trouble at every request of a path, generated from what a run without faults sends. What has to
// hold after each run, whatever went wrong:
// - A green step has brought about what is desired. A red one says truthfully what was done, what was not, and what is
//   not known.
// - There are never two live shares of one name, nothing is ever wider than before or asked for, nothing goes unasked.
// - A share that is left under its temporary name is told of, or is of a call that was carried out late.
// - Another run, undisturbed, is green and leaves one; and what is left over is gone with the first run after two minutes.
//   Whatever has led to it: from the same world that is tried once.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import type { Clock } from '../../src/clock.ts';
import { fastClock } from '../clock.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { forgetArrivals, idsAtLastLook, onArrival, type Request } from './arrivals.ts';
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
/** A temporary share is left over at this age. */
const LEFT_OVER_MS = 3 * 60_000;

export interface PathOfRun {
  name: string;
  /** Puts there what the run finds. `folder` is for files that the run is to read. */
  prepare: (sim: Simulator, folder: string) => Found;
}

export interface Found {
  inputs: InputsOf;
  /** What is to become of each share, those that are to stay as they are included. */
  transitions: Transition[];
  /** The accounts whose association is not to be touched, not even for a moment. */
  staying?: string[];
  /** The share that another run makes meanwhile: its id, once it has. */
  other?: () => string | undefined;
  /** The inputs of a later run, where they have to be others. */
  again?: () => InputsOf;
}

interface Setting extends Found {
  desired: State[];
  before: ShareNow[];
}

/** Tests that no trouble anywhere on these paths leaves a broken promise behind. */
export function faultMatrix(paths: PathOfRun[]): void {
  let sim: Simulator;
  let folder: string;
  let cases = 0;
  /** What a run without faults sends, by path; and the worlds from which a later run has been tried. */
  const requestsOf = new Map<PathOfRun, Request[]>();
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
  )('$title, from every request on', async ({ path, trouble }) => {
    const { kind, strikes = () => true, mended, once = false, countsStruckOnly = false } = trouble;
    const requests = requestsOf.get(path) ?? (await learn(path));
    requestsOf.set(path, requests);

    for (const [at, request] of requests.entries()) {
      if (!strikes(request) || (once && at > 0)) continue;
      const found = start(path, trouble);
      const standing = recordsOf(sim, found);
      for (const fault of trouble.from(countsStruckOnly ? requests.slice(0, at).filter(strikes).length : at))
        sim.order(fault);
      const lastLook = idsAtLastLook(sim);
      const ran = await runWith(found.inputs, trouble, cancelling(sim, trouble, at));
      // What a call makes after the last look, nobody can tell of.
      const seen = lastLook();
      const atTheEnd = new Set(sim.liveShares().map(({ id }) => id));
      await sim.carryOutPending();
      // Only a wait may have been over sooner than it was without faults.
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

  /** The same without any trouble. @returns its requests */
  async function learn(path: PathOfRun): Promise<Request[]> {
    const learned = start(path);
    expect((await runWith(learned.inputs, PATIENT)).errors).toEqual([]);
    expect(statesOf(sim.liveShares().filter(({ id }) => id !== learned.other?.() || !isTemporaryId(sim, id)))).toEqual(
      learned.desired,
    );
    return [...sim.requests];
  }

  /** The same again, undisturbed: it has to be green, and to tidy up as soon as it may. @returns the story of it */
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

/** The end of the job, if the trouble is one. */
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

/** Adds to a failed expectation which case it was. */
function expecting(what: string, expectations: () => void): void {
  try {
    expectations();
  } catch (error) {
    throw new Error(`${what}\n${(error as Error).message}`);
  }
}

/** What a run said and sent. */
const storyOf = (sim: Simulator, ran: Ran): string =>
  [ran.log, ...sim.requests.map((r) => `${r.method} ${r.path} ${r.status ?? '-'} ${r.fault ?? ''}`)].join('\n');

/** All that a later run can meet: what is live, and which of it was there before. */
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

/** The records of the accounts that stay, times of change and all. */
const recordsOf = (sim: Simulator, { transitions, staying = [] }: Setting): unknown[] =>
  sim
    .shares()
    .filter(({ id }) => transitions.some(({ from }) => from === id))
    .flatMap(({ recipients }) => recipients.filter(({ account_id }) => staying.includes(account_id)))
    .map(({ resources, ...record }) => record);

const isOther = ({ other }: Setting, share: ShareNow): boolean => isTemporary(share) && share.id === other?.();

const isTemporaryId = (sim: Simulator, id: string): boolean =>
  sim.liveShares().some((share) => share.id === id && isTemporary(share));

/** A green step: all is as desired, and nothing is left over. */
const expectAsDesired = ({ live }: World, { desired }: Setting): void => expect(statesOf(live)).toEqual(desired);

/** Whatever happens: never two of a name, never wider, never none where one was to stay. */
function expectNeverWorse(all: World, { transitions, before }: Setting, sim: Simulator): void {
  expect(twins(all.live)).toEqual([]);
  expect(unasked(all, transitions)).toEqual([]);
  for (const { from, to } of transitions) {
    const old = sim.shares().find(({ id }) => id === from);
    if (!to || !old || old.status === 'active' || !before.some(({ id }) => id === from)) continue;
    // It was replaced: it went after a new one had come.
    const made = all.live.filter(({ target_type }) => target_type === to.target);
    expect(made.some(({ created }) => created < old.modified)).toBe(true);
  }
}

/** A red step: what is said to be done is done, what is said to be open is not, and nothing else has happened. */
function expectTruth(ran: Ran, now: World, all: World, { inputs, transitions, before, other }: Setting): void {
  expect(ran.exitCode).toBe(1);
  expect(ran.errors).not.toEqual([]);
  const { done, open, unknown } = toldIn(ran.lines.at(-1) ?? '');
  expect(silentLeftOvers(now, { done, open, unknown })).toEqual([]);
  // What another run does meanwhile, this one cannot know.
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
  // What is still to do is said, too, once the run knew what there was to do.
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
  // The one id that there is to report is the new share's, or the old one's as long as that has the name.
  const created = done.find((step) => step.startsWith('create share'));
  const old = all.live.find(({ id, name }) => id === transitions[0]?.from && name === NAME);
  if (created && inputs.config === undefined)
    expect([/\(([^)]*)\)$/.exec(created)?.[1], ...(old ? [old.id] : [])]).toContain(ran.outputs['share-id']);
}

// The fault matrix: every fault at every request of a path, once, twice, and until the tries are used up: generated from
// what a run without faults sends. After each run either the wished state holds and the step is green, or the step is
// red and its last line says truthfully what was done, what was not, and what is not known.

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Fault, type FaultKind, faultKinds } from '../../simulator/faults.ts';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import type { InputsOf, Ran } from '../run-action.ts';
import { forgetArrivals, onArrival } from './arrivals.ts';
import { inputsFor, runInProcess } from './hasty.ts';
import { differences, ledgerOf, type State, stateOf, stepsBetween, type WorldNow } from './truth.ts';

export const NAME = 'Matrix';
/** Later than the time-out, and within what the action waits for a call that may still be carried out. */
const LATE = { timeoutSeconds: 0.1, delayMs: 140, afterTheEndMs: 450 };
const PATIENT_SECONDS = 10;

export interface PathOfRun {
  name: string;
  /** Puts there what the run finds; `staying` are the accounts whose association is not to be touched. */
  prepare: (sim: Simulator) => {
    inputs: InputsOf;
    wished: State | undefined;
    staying?: string[];
    /** The share that another run makes meanwhile: its id, once it has. */
    other?: () => string | undefined;
  };
}

type Request = Simulator['requests'][number];

interface Trouble {
  title: string;
  /** The faults that strike from request `at` on, counted among those that can be struck. */
  from: (at: number) => Fault[];
  /** The first of them; undefined: nothing but a cancelled job. */
  kind: FaultKind | undefined;
  /** The requests that can be struck: all, when left out. */
  strikes?: (request: Request) => boolean;
  maxAttempts: number;
  /** The tries of a request outlast it, and no answer to it is final. */
  mended: boolean;
  /** The job is cancelled so many milliseconds after the request has arrived. */
  cancelledAfterMs?: number;
}

const isLate = (kind: FaultKind | undefined): boolean => kind?.startsWith('late') ?? false;
/** Answers that end the matter: a refusal, and a share that has to be taken back. */
const isFinal = (kind: FaultKind): boolean => kind === 'redirect' || kind === 'wider';
const isCreate = ({ method, path }: Request): boolean => method === 'POST' && path.endsWith('/shares');
const isWrite = ({ method }: Request): boolean => method !== 'GET';

const troubles: Trouble[] = [
  ...faultKinds.flatMap((kind) =>
    [
      { times: 1, maxAttempts: 4 },
      { times: 2, maxAttempts: 4 },
      { times: 2, maxAttempts: 2 },
    ].map(({ times, maxAttempts }) => ({
      title: `${kind}, ${times} in a row, of at most ${maxAttempts} tries`,
      from: (skip: number): Fault[] => [{ kind, skip, times, ...timesOf(kind) }],
      kind,
      ...(kind === 'wider' ? { strikes: isCreate } : {}),
      maxAttempts,
      mended: times < maxAttempts && !isFinal(kind),
    })),
  ),
  // Nothing is known of a request, and what would tell is refused.
  ...(['reset-before-commit', 'reset-after-commit', 'late-commit'] as const).map((kind) => ({
    title: `${kind}, then a refusal`,
    from: (skip: number): Fault[] => [
      { kind, skip, ...timesOf(kind) },
      { kind: 'redirect', skip },
    ],
    kind,
    maxAttempts: 4,
    mended: false,
  })),
  {
    title: 'late-commit, after the step has ended',
    from: (skip) => [{ kind: 'late-commit', skip, delayMs: LATE.afterTheEndMs }],
    kind: 'late-commit',
    strikes: isWrite,
    maxAttempts: 1,
    mended: false,
  },
  ...[0, 2].map((cancelledAfterMs) => ({
    title: `cancelled ${cancelledAfterMs} ms after a request`,
    from: () => [],
    kind: undefined,
    maxAttempts: 4,
    mended: false,
    cancelledAfterMs,
  })),
  {
    title: 'cancelled between two tries',
    from: (skip) => [{ kind: 'reset-after-commit', skip }],
    kind: 'reset-after-commit',
    maxAttempts: 4,
    mended: false,
    cancelledAfterMs: 6, // the reset has come by then, and the first pause takes 12 to 25
  },
];

function timesOf(kind: FaultKind): Pick<Fault, 'delayMs' | 'retryAfterSeconds'> {
  return { delayMs: isLate(kind) ? LATE.delayMs : 0, retryAfterSeconds: 0 };
}

/** Tests that no trouble anywhere on these paths leaves a broken promise behind. */
export function faultMatrix(paths: PathOfRun[]): void {
  let sim: Simulator;
  let cases = 0;
  beforeAll(async () => {
    sim = await startSimulator({ associationMs: 10, rateLimit: { quota: 1_000_000, windowSeconds: 300 } });
  });
  afterAll(async () => {
    await sim.close();
    console.log(`fault matrix: ${cases} cases (${paths.map(({ name }) => name).join(', ')})`);
  });

  const start = (path: PathOfRun, { maxAttempts, timeoutSeconds }: { maxAttempts: number; timeoutSeconds: number }) => {
    sim.reset();
    forgetArrivals(sim);
    const { inputs, ...prepared } = path.prepare(sim);
    const common = {
      'share-name': NAME,
      'request-timeout': String(timeoutSeconds),
      'max-attempts': String(maxAttempts),
      'wait-timeout': '60',
    };
    return { ...prepared, inputs: inputsFor(sim, { ...common, ...inputs }) };
  };

  test.each(
    paths.flatMap((path) => troubles.map((trouble) => ({ path, trouble, title: `${path.name}: ${trouble.title}` }))),
  )('$title, from every request on', async ({ path, trouble }) => {
    const { kind, maxAttempts, strikes = () => true, cancelledAfterMs } = trouble;
    const learned = start(path, { maxAttempts, timeoutSeconds: PATIENT_SECONDS });
    expect((await runInProcess(learned.inputs)).errors).toEqual([]);
    expect(sim.liveShares().map(stateOf)).toEqual(learned.wished ? [learned.wished] : []);
    const requests = sim.requests.length;
    const targets = sim.requests.flatMap((request, index) => (strikes(request) ? [index] : []));

    const timeoutSeconds = isLate(kind) ? LATE.timeoutSeconds : PATIENT_SECONDS;
    for (const at of targets) {
      const { inputs, wished, staying = [], other } = start(path, { maxAttempts, timeoutSeconds });
      const [before] = sim.liveShares();
      const standing = recordsOf(sim, before?.id, staying);
      // The simulator counts only the creations for a share that is wider than asked.
      for (const fault of trouble.from(kind === 'wider' ? 0 : at)) sim.order(fault);
      const cancelled = new AbortController();
      if (cancelledAfterMs !== undefined) {
        onArrival(sim, () => {
          if (sim.requests.length === at) setTimeout(() => cancelled.abort(), cancelledAfterMs);
        });
      }
      const ran = await runInProcess(inputs, { signal: cancelled.signal });
      await settled(sim, trouble);
      // Only a wait may have been over sooner than it was without faults.
      if (kind && !sim.requests.some(({ fault }) => fault === kind)) {
        expect(at).toBeGreaterThan(requests - 3);
        continue;
      }
      cases += 1;
      const now: WorldNow = { live: sim.liveShares(), before };
      const what = `${path.name}: ${trouble.title}, from request ${at} on: exit code ${ran.exitCode}\n${storyOf(sim, ran)}`;
      expecting(what, () => {
        if (trouble.mended) expect(ran.errors).toEqual([]);
        if (ran.exitCode === 0) expect(now.live.map(stateOf)).toEqual(wished ? [wished] : []);
        else if (other) expectLeftOversTold(ran, now, other());
        else expectTruth(ran, now, wished);
        if (!other || ran.exitCode === 0) expectNeverWorse(sim, now, wished, ran);
        // Not a word about them: who stays has not been touched, not even for a moment.
        expect(recordsOf(sim, before?.id, staying)).toEqual(standing);
      });
    }
  });
}

/** Adds to a failed expectation which case it was. */
function expecting(what: string, expectations: () => void): void {
  try {
    expectations();
  } catch (error) {
    throw new Error(`${what}\n${(error as Error).message}`);
  }
}

const storyOf = (sim: Simulator, ran: Ran): string =>
  [ran.log, ...sim.requests.map((r) => `${r.method} ${r.path} ${r.status ?? '-'} ${r.fault ?? ''}`)].join('\n');

/** Waits out what the simulator still holds back. */
async function settled(sim: Simulator, { from }: Trouble): Promise<void> {
  const struck = sim.requests.filter(({ fault }) => fault === 'late-commit').map(({ at }) => at);
  const delayMs = from(0)[0]?.delayMs ?? 0;
  const left = Math.max(0, ...struck) + delayMs + 10 - Date.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}

/** The records of these accounts, times of change and all. */
const recordsOf = (sim: Simulator, shareId: string | undefined, accounts: string[]): unknown[] =>
  (sim.shares().find(({ id }) => id === shareId)?.recipients ?? [])
    .filter((r) => accounts.includes(r.account_id))
    .map(({ id, account_id, association_status, created, modified }) => ({
      id,
      account_id,
      association_status,
      created,
      modified,
    }));

/** Whatever happens: never two, never wider, never none where one was to stay. */
function expectNeverWorse(sim: Simulator, { live, before }: WorldNow, wished: State | undefined, ran: Ran): void {
  const replaces = wished !== undefined && before !== undefined && wished.target !== before.target_type;
  // A replacement that stopped half-way has both; it says so.
  expect(live.length).toBeLessThanOrEqual(replaces && ran.exitCode !== 0 ? 2 : 1);
  if (before && wished) expect(live.length).toBeGreaterThanOrEqual(1);
  const targets = [wished?.target, before?.target_type];
  for (const share of live) expect(targets).toContain(share.target_type);
  if (!replaces) return;
  // The old one went, if it did, after a new one had come.
  const old = sim.shares().find(({ id }) => id === before.id);
  if (old?.status !== 'active') expect(live.map(({ created }) => created < String(old?.modified))).toEqual([true]);
}

/** A red step beside another run: what it may have left behind as a second share of the name, it tells of. */
function expectLeftOversTold(ran: Ran, { live }: WorldNow, other: string | undefined): void {
  expect(ran.errors).not.toEqual([]);
  if (live.length < 2) return;
  const { open, unknown } = ledgerOf(ran.lines.at(-1) ?? '');
  const told = [...open, ...unknown].join('; ');
  const looksForTwins = /create share|the only live share/.test(told);
  const leftOver = live.filter(({ id }) => id !== other && !looksForTwins && !told.includes(id));
  expect(leftOver.map(({ id }) => id)).toEqual([]);
}

/** A red step: what is said to be done is done, what is said to be open is not, and nothing else has happened. */
function expectTruth(ran: Ran, now: WorldNow, wished: State | undefined): void {
  expect(ran.exitCode).toBe(1);
  expect(ran.errors).not.toEqual([]);
  const { done, open, unknown } = ledgerOf(ran.lines.at(-1) ?? '');
  const steps = stepsBetween(now, wished, NAME);
  const takenBack = done.some((step) => step.startsWith('take back share'));
  const happened = steps.filter(({ holds }) => holds(now)).map(({ words }) => words);
  const said = (words: string): boolean => [...done, ...unknown].some((step) => step.startsWith(words));
  const isStep = (step: string) => (words: string) => step.startsWith(words);
  for (const step of done) {
    if (takenBack || !steps.some(({ words }) => isStep(step)(words))) continue;
    expect({ done: step, happened: happened.some(isStep(step)) }).toEqual({ done: step, happened: true });
  }
  for (const step of open)
    expect({ open: step, happened: happened.some(isStep(step)) }).toEqual({ open: step, happened: false });
  expect(happened.filter((words) => !said(words))).toEqual([]);
  // What is still to do is said, too, once the run knew what there was to do.
  if (/^::group::Plan for/m.test(ran.log) && !takenBack) {
    const told = [...done, ...unknown, ...open];
    const silent = steps.filter(({ words, holds }) => !holds(now) && !told.some((step) => step.startsWith(words)));
    expect(silent.map(({ words }) => words)).toEqual([]);
  }
  expect(differences(now, wished)).toEqual([]);
  if (happened.length > 0) expect(ran.outputs.changed).not.toBe('false');
  if (done.length === 0) expect(ran.outputs.changed).not.toBe('true');
  const created = done.find((step) => step.startsWith('create share'));
  if (created) expect(created).toContain(`(${ran.outputs['share-id']})`);
}

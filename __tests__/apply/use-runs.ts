// Setup for tests that reconcile shares in this process, as src/run.ts does, against the simulator and with a clock that
// tests control. Call `useRuns` at the top of a test file.

import { afterEach } from '@jest/globals';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/index.ts';
import type { Context } from '../../src/apply/context.ts';
import { Ledger } from '../../src/apply/ledger.ts';
import { plan } from '../../src/apply/planning.ts';
import { notApplied, reconcile as reconcileShare } from '../../src/apply/reconcile.ts';
import { shareListOf } from '../../src/apply/share-list.ts';
import { reconcileAll as reconcileShares } from '../../src/apply/shares.ts';
import type { Clock } from '../../src/clock.ts';
import { connect } from '../../src/cloudflare/client.ts';
import { type Endpoints, endpoints } from '../../src/cloudflare/endpoints.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import type { ShareOutcome } from '../../src/share/outcome.ts';
import type { Policy } from '../../src/share/policy.ts';
import type { GateResult, ProposedPlan } from '../../src/share/review.ts';
import { type ResourceItem, targetOf } from '../../src/share/share.ts';
import { type Steps, wordsOf } from '../../src/share/steps.ts';
import { temporaryName } from '../../src/share/temporary-name.ts';
import { fastClock } from '../clock.ts';
import { forgetArrivals, onArrival, type Request } from '../faults/arrivals.ts';
import { useSimulator } from '../use-simulator.ts';

export interface Run {
  policy?: Partial<Policy>;
  clock?: Clock;
  nonce?: string;
  requestTimeoutMs?: number;
  maxAttempts?: number;
  signal?: AbortSignal;
  /** Why a plan was not reviewed. With it, the run has to follow a reviewed plan. */
  objectionTo?: (proposed: ProposedPlan) => string | undefined;
  apiToken?: string;
  /** Runs before the n-th call (from 1) of an endpoint is sent. The call waits for it. */
  before?: (endpoint: string, n: number) => Promise<unknown> | undefined;
  /** Endpoints that replace those of the simulator. */
  instead?: (api: Endpoints) => Partial<Endpoints>;
}

export type FileRun = Run & { complete?: boolean; check?: (proposed: ProposedPlan) => Partial<GateResult> };

/** A desired share whose resources all have a `meta`, so that the simulator can be seeded with them. */
export type Desired = DesiredShare & { resources?: ResourceItem[] };

const policyOf = (sim: Simulator, id: string, meta: unknown = {}): ResourceItem => ({
  resource_type: 'gateway-policy',
  resource_id: id,
  resource_account_id: sim.accountId,
  meta,
});

const desiredShare = (sim: Simulator, desired: Partial<Desired> = {}): Desired => {
  const all: Desired = {
    name: 'Baseline',
    accountId: sim.accountId,
    state: 'present',
    recipients: [{ recipient_account_id: sim.memberIds[0] as string }],
    resources: [policyOf(sim, 'c1')],
    placeOf: (path) => ({ label: path.join('.') }),
    ...desired,
  };
  return { ...all, ...(all.recipients ? { target: targetOf(all.recipients) } : {}) };
};

let runs = 0;

function waitingFor(api: Endpoints, before: NonNullable<Run['before']>): Endpoints {
  const counts = new Map<string, number>();
  const wrapped = Object.entries(api).map(([name, call]) => [
    name,
    typeof call !== 'function'
      ? call
      : async (...args: never[]): Promise<unknown> => {
          counts.set(name, (counts.get(name) ?? 0) + 1);
          await before(name, counts.get(name) as number);
          return (call as (...args: never[]) => unknown)(...args);
        },
  ]);
  return Object.fromEntries(wrapped) as Endpoints;
}

/** Sends a request about a share as another client. @returns its status */
async function elsewhere(sim: Simulator, method: string, path: string, body?: unknown): Promise<number> {
  const { status } = await fetch(`${sim.baseUrl}/accounts/${sim.accountId}/shares/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${sim.credentials.apiToken}`,
      'user-agent': 'elsewhere',
      connection: 'close',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return status;
}

/** What a run works with, created as in src/run.ts except for the clock. */
export function begin(
  sim: Simulator,
  {
    policy = {},
    clock = fastClock(20),
    nonce,
    requestTimeoutMs = 2_000,
    maxAttempts = 4,
    signal,
    objectionTo,
    apiToken = sim.credentials.apiToken,
    before,
    instead,
  }: Run,
): { context: Context; lines: string[]; ids: string[]; close: () => void } {
  const lines: string[] = [];
  const ids: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const client = connect(
    {
      baseUrl: sim.baseUrl,
      headers: { authorization: `Bearer ${apiToken}` },
      userAgent: 'test',
      requestTimeoutMs,
      maxAttempts,
    },
    { waiting: (why, ms) => say(`waiting ${ms}: ${why}`), requested: () => undefined },
    signal ?? new AbortController().signal,
    clock,
  );
  const own = endpoints(client, sim.accountId);
  const whole = instead ? { ...own, ...instead(own) } : own;
  const api = before ? waitingFor(whole, before) : whole;
  runs += 1;
  const context: Context = {
    policy: {
      mode: 'apply',
      ifExists: 'update',
      prune: false,
      replace: false,
      failOnDrift: false,
      removalLimit: 0.3,
      readAllRecipients: true,
      ...policy,
    },
    api,
    shareList: shareListOf(api),
    nonce: nonce ?? `test${String(runs).padStart(12, '0')}`,
    objectionTo: (proposed) => {
      const message = objectionTo?.(proposed);
      return message === undefined ? undefined : { message, kind: 'not-reviewed' };
    },
    deletesLeftovers: objectionTo === undefined,
    log: { say, announce: ({ plan: { action } }) => say(`plan: ${action}`), idKnown: (id) => void ids.push(id) },
    ledger: new Ledger(),
  };
  return { context, lines, ids, close: () => client.close() };
}

export type Outcome = ShareOutcome & {
  lines: string[];
  /** The ids that the run reported as soon as it knew them. */
  ids: string[];
};

/** Reconciles the share and returns its outcome with the lines of the log. */
async function reconcile(sim: Simulator, desired: DesiredShare, run: Run = {}): Promise<Outcome> {
  const { context, lines, ids, close } = begin(sim, run);
  try {
    const planned = await plan(context, desired);
    const { decision } = planned;
    if (!decision) return { ...notApplied(planned), lines, ids };
    context.log.announce(decision);
    return { ...(await reconcileShare({ ...planned, context, decision })), lines, ids };
  } finally {
    close();
  }
}

/** Reconciles the shares of a file. */
async function reconcileAll(
  sim: Simulator,
  desired: readonly DesiredShare[],
  { complete = false, check = () => ({}), ...run }: FileRun = {},
): Promise<{ outcomes: ShareOutcome[]; lines: string[] }> {
  const { context, lines, close } = begin(sim, run);
  const say = (line: string): void => void lines.push(line);
  try {
    return {
      outcomes: await reconcileShares({
        ...context,
        desired,
        complete,
        contextOf: () => ({ ...context, ledger: new Ledger() }),
        say,
        gate: (plans) =>
          plans.map((proposed) => ({ objections: [], objectionTo: context.objectionTo, ...check(proposed) })),
      }),
      lines,
    };
  } finally {
    close();
  }
}

/** The requests that arrived, in short form, with a star for each id. */
const sent = (sim: Simulator): string[] =>
  sim.requests.map(({ method, path }) => `${method} ${path.replace(/^.*\/shares/, '').replace(/[0-9a-f]{32}/g, '*')}`);

export const messages = ({ problems }: Pick<ShareOutcome, 'problems'>): string[] =>
  problems.map(({ message }) => message);

/** The steps of a share in the words of the log. */
export function stepsOf(outcome: Pick<ShareOutcome, 'steps'> | undefined): Record<keyof Steps, string[]> {
  const { done, notDone, notKnown } = (outcome as Pick<ShareOutcome, 'steps'>).steps;
  return { done: done.map(wordsOf), notDone: notDone.map(wordsOf), notKnown: notKnown.map(wordsOf) };
}

/** The temporary name that another run with this `nonce` gives its share. */
export const temporary = (name = 'Baseline', nonce = 'another0run00'): string => temporaryName(name, nonce);

/** The time `seconds` ago, in the API's format. */
export const secondsAgo = (seconds: number): string => new Date(Date.now() - seconds * 1_000).toISOString();

/** What tests do with a simulator: they run against it, and read the requests and the shares that are left. */
export const runsAgainst = (sim: () => Simulator) => ({
  desiredShare: (desired?: Partial<Desired>): Desired => desiredShare(sim(), desired),
  reconcile: (desired: DesiredShare, run?: Run): Promise<Outcome> => reconcile(sim(), desired, run),
  reconcileAll: (desired: readonly DesiredShare[], run?: FileRun): ReturnType<typeof reconcileAll> =>
    reconcileAll(sim(), desired, run),
  elsewhere: (method: string, path: string, body?: unknown): Promise<number> => elsewhere(sim(), method, path, body),
  sent: (): string[] => sent(sim()),
  /** The requests that change something. */
  written: (): string[] => sent(sim()).filter((line) => !line.startsWith('GET')),
  liveIds: (name?: string): string[] =>
    sim()
      .liveShares(name)
      .map(({ id }) => id),
  member: (i: number): { recipient_account_id: string } => ({ recipient_account_id: sim().memberIds[i] as string }),
  members: (...of: number[]): { recipient_account_id: string }[] =>
    of.map((i) => ({ recipient_account_id: sim().memberIds[i] as string })),
  resource: (id: string, meta: unknown = {}): ResourceItem => policyOf(sim(), id, meta),
  /** Calls `act` whenever a request arrives, before it takes effect. */
  onArrival: (act: (request: Request) => void): void => onArrival(sim(), act),
  forgetArrivals: (): void => void forgetArrivals(sim()),
});

/** Recipients associate almost at once, and no test uses up the rate limit. */
export const QUICK: SimulatorOptions = { associationMs: 5, rateLimit: { quota: 1_000_000, windowSeconds: 300 } };

/** Starts a simulator for the tests of this file, and returns it with the functions to run against it. */
export async function useRuns(options: SimulatorOptions = QUICK) {
  const sim = await useSimulator(options);
  afterEach(() => void forgetArrivals(sim));
  return { sim, ...runsAgainst(() => sim) };
}

/** Starts a simulator with other settings for the duration of a test. */
export async function withRuns(
  options: SimulatorOptions,
  use: (runs: ReturnType<typeof runsAgainst> & { sim: Simulator }) => Promise<void>,
): Promise<void> {
  const sim = await startSimulator({ ...QUICK, ...options });
  try {
    await use({ sim, ...runsAgainst(() => sim) });
  } finally {
    await sim.close();
  }
}

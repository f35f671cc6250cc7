// The fault matrix: every fault at every request of a path, once and twice in a row, generated from what a run without
// faults sends. After each run either the wished state holds and the step is green, or the step is red and its last
// line says truthfully what was done and what was not.

import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type FaultKind, faultKinds } from '../../simulator/faults.ts';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import type { InputsOf, Ran } from '../run-action.ts';

// The action's own pauses are cut to a twentieth, so that hundreds of runs fit into a minute; what the simulator holds
// back (and the request time-out that ends it) stays real.
const PAUSE_DIVISOR = 20;
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(value), ms / PAUSE_DIVISOR);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(new Error('aborted'));
      });
    }),
}));
export const { inputsFor, runInProcess } = await import('../run-action.ts');

export const NAME = 'Matrix';

/** What is to be there in the end. Undefined: no live share. */
export interface State {
  target: 'account' | 'organization';
  recipients: string[];
  resources: string[];
  name?: string;
}

export interface PathOfRun {
  name: string;
  /** Puts there what the run finds. */
  prepare: (sim: Simulator) => { inputs: InputsOf; wished: State | undefined; staying?: string[] };
}

type ShareNow = ReturnType<Simulator['liveShares']>[number];

const goneOrGoing = (status: string): boolean => status.startsWith('disassociat');

const stateOf = (share: ShareNow): State => ({
  target: share.target_type as State['target'],
  recipients:
    share.target_type === 'organization'
      ? []
      : share.recipients
          .filter((r) => !goneOrGoing(r.association_status))
          .map((r) => r.account_id)
          .sort(),
  resources: share.resources
    .filter((r) => r.status === 'active')
    .map((r) => `${r.resource_id} ${JSON.stringify(r.meta)}`)
    .sort(),
  name: share.name,
});

/** The ledger of the last line: steps by what is said of them. */
function ledgerOf(ran: Ran): { done: string; open: string; unknown: string } {
  const last = ran.lines.at(-1) ?? '';
  const part = (from: RegExp): string => from.exec(last)?.[1] ?? '';
  return {
    done: part(/Done: (.*?)\.(?: Not done:| Not known:|$)/),
    open: part(/Not done: (.*?)\.(?: Not known:|$)/),
    unknown: part(/Not known: (.*?) - it may have/),
  };
}

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

  const start = (path: PathOfRun) => {
    sim.reset();
    const prepared = path.prepare(sim);
    sim.requests.length = 0;
    const inputs = inputsFor(sim, {
      'share-name': NAME,
      'request-timeout': '0.15',
      'max-attempts': '3',
      'wait-timeout': '60',
      ...prepared.inputs,
    });
    return { ...prepared, inputs };
  };

  for (const path of paths) {
    test.each([...faultKinds].flatMap((kind) => [1, 2].map((times) => ({ kind, times }))))(
      `${path.name}: $kind, $times in a row, at every request`,
      async ({ kind, times }: { kind: FaultKind; times: number }) => {
        const learned = start(path);
        const clean = await runInProcess(learned.inputs);
        expect(clean.errors).toEqual([]);
        expectState(sim, learned.wished, 'without faults');
        const requests = sim.requests.length;
        for (let at = 0; at < requests; at++) {
          const { inputs, wished, staying = [] } = start(path);
          const records = recordsOf(sim, staying);
          const before = sim.liveShares().map(stateOf)[0];
          sim.order({ kind, skip: at, times, delayMs: /late/.test(kind) ? 220 : 0, retryAfterSeconds: 0 });
          const ran = await runInProcess(inputs);
          cases += 1;
          await settle(sim);
          const what = `${path.name}: ${kind} x${times} at request ${at}: exit ${ran.exitCode}\n${ran.log}\n${sim.requests
            .map((r) => `${r.method} ${r.path} ${r.status ?? '-'} ${r.fault ?? ''}`)
            .join('\n')}`;
          check(() => {
            if (ran.exitCode === 0) expectState(sim, wished, what);
            else expectTruth(sim, ran, before, wished);
            expectNeverWorse(sim, wished, before, ran);
            expect(recordsOf(sim, staying)).toEqual(records);
          }, what);
        }
      },
    );
  }
}

/** Adds to a failed expectation which case it was. */
function check(expectations: () => void, what: string): void {
  try {
    expectations();
  } catch (error) {
    throw new Error(`${what}\n${(error as Error).message}`);
  }
}

/** Waits out what the simulator still holds back. */
async function settle(sim: Simulator): Promise<void> {
  const late = sim.requests.some(({ fault }) => fault === 'late-commit');
  if (late) await new Promise((resolve) => setTimeout(resolve, 240));
}

const recordsOf = (sim: Simulator, accounts: string[]): unknown[] =>
  (sim.liveShares()[0]?.recipients ?? [])
    .filter((r) => accounts.includes(r.account_id))
    .map(({ id, account_id, association_status }) => ({ id, account_id, association_status }));

function expectState(sim: Simulator, wished: State | undefined, _what: string): void {
  const live = sim.liveShares().map(stateOf);
  expect(live).toEqual(wished ? [{ name: NAME, ...wished }] : []);
}

/** Whatever happens: never two, never wider, never none where one was to stay. */
function expectNeverWorse(sim: Simulator, wished: State | undefined, before: State | undefined, ran: Ran): void {
  const live = sim.liveShares();
  const replaces = wished !== undefined && before !== undefined && wished.target !== before.target;
  expect(live.length).toBeLessThanOrEqual(replaces && ran.exitCode !== 0 ? 2 : 1);
  if (before && wished) expect(live.length).toBeGreaterThanOrEqual(1);
  const targets = new Set([wished?.target, before?.target]);
  for (const share of live) expect(targets).toContain(share.target_type);
}

/** A red step: what is said to be done is done, what is said to be open is not, and nothing else has happened. */
function expectTruth(sim: Simulator, ran: Ran, before: State | undefined, wished: State | undefined): void {
  const { done, open, unknown } = ledgerOf(ran);
  expect(ran.errors.length).toBeGreaterThan(0);
  const live = sim.liveShares();
  const takenBack = /take back share/.test(done);
  if (!before && wished) {
    if (/create share/.test(done)) expect(live.length).toBe(takenBack ? 0 : 1);
    else if (!/create share/.test(unknown)) expect(live.length).toBe(0);
    return;
  }
  if (before && wished && before.target === wished.target) {
    const now = stateOf(live[0] as ShareNow);
    const holds = (said: string, after: boolean): void => {
      for (const [, verb, account] of said.matchAll(/(add|remove) recipient (\w+)/g)) {
        expect({ said, there: now.recipients.includes(account as string) }).toEqual({
          said,
          there: (verb === 'add') === after,
        });
      }
      for (const [, verb, , id] of said.matchAll(/(add|remove) resource (\S+) ([^;\s]+)/g)) {
        expect({ said, there: now.resources.some((r) => r.startsWith(`${id} `)) }).toEqual({
          said,
          there: (verb === 'add') === after,
        });
      }
    };
    if (before.name !== NAME)
      expect({ done, renamed: now.name === NAME }).toEqual({
        done,
        renamed: /rename/.test(done) || (/rename/.test(unknown) && now.name === NAME),
      });
    holds(done, true);
    holds(open, false);
    const named = (kind: string, id: string): boolean =>
      new RegExp(`${kind} .*?\\b${id}\\b`).test(`${done}; ${unknown}`);
    const changed = (a: string[], b: string[]): string[] => [
      ...a.filter((x) => !b.includes(x)),
      ...b.filter((x) => !a.includes(x)),
    ];
    for (const account of changed(before.recipients, now.recipients)) expect(named('recipient', account)).toBe(true);
    for (const resource of changed(before.resources, now.resources))
      expect(named('resource', resource.split(' ')[0] as string)).toBe(true);
    return;
  }
  if (before && !wished) {
    if (/delete share/.test(done)) expect(live).toEqual([]);
    else if (!/delete share/.test(unknown)) expect(live).toHaveLength(1);
  }
}

// Any field of any response can be null, missing or of another type. These tests spoil each field of each response in turn,
// in every mode. Whatever happens, the run ends with a message that says what was done.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { EndpointResponse } from '../../simulator/index.ts';
import { fastClock } from '../clock.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';
import { isWrite } from './arrivals.ts';
import { twins } from './truth.ts';

// With a clock this fast, the longest wait of a run takes a fraction of a second.
const SPEED = 2_000;
const sim = await useSimulator({ associationMs: 20 / SPEED, rateLimit: { quota: 1_000_000, windowSeconds: 300 } });
const folder = useFolder();

const accounts = (...indexes: number[]) => indexes.map((i) => ({ recipient_account_id: sim.memberIds[i] }));
const policies = (...ids: string[]) => ids.map((resource_id) => ({ resource_type: 'gateway-policy', resource_id }));
const stored = (...ids: string[]) =>
  policies(...ids).map((policy) => ({ ...policy, resource_account_id: sim.accountId, meta: {} }));

function seedTwo(): void {
  sim.seed({ name: 'Baseline', recipients: accounts(0, 1) as object[], resources: stored('c1', 'c2') });
  sim.seed({ name: 'Another', recipients: [{}], exclusions: [sim.memberIds[5] as string] });
}

const file = (content: object): InputsOf => {
  const config = join(folder, 'shares.json');
  writeFileSync(config, JSON.stringify(content));
  return { config };
};
const listed = { 'share-name': 'Baseline', recipients: accounts(0, 2), resources: policies('c1', 'c3') };
const everyone = { 'share-name': 'Another', recipients: '[{}]', resources: policies('c1') };

/** The actual state that a run finds and the run's inputs. */
const runs: Record<string, { found?: () => void; inputs: () => InputsOf; writes?: false }> = {
  plan: { found: seedTwo, inputs: () => ({ ...listed, mode: 'plan' }), writes: false },
  'plan of a complete file': {
    found: seedTwo,
    inputs: () => ({
      ...file({ complete: true, shares: [{ ...listed, 'share-name': undefined, name: 'Baseline' }] }),
      mode: 'plan',
    }),
    writes: false,
  },
  export: { found: seedTwo, inputs: () => ({ mode: 'export', config: exported() }), writes: false },
  'apply: create': { inputs: () => listed },
  'apply: update with prune and wait': { found: seedTwo, inputs: () => ({ ...listed, prune: 'true', wait: 'true' }) },
  'apply: exclude': {
    found: seedTwo,
    inputs: () => ({ ...everyone, exclude: accounts(5, 6), prune: 'true', 'if-exists': 'update' }),
  },
  'apply: rename by id': { found: seedTwo, inputs: () => ({ ...listed, 'share-id': theId(), 'share-name': 'New' }) },
  'apply: prune a complete file': {
    found: seedTwo,
    inputs: () => ({
      ...file({ complete: true, shares: [{ ...listed, 'share-name': undefined, name: 'Baseline' }] }),
      prune: 'true',
      'removal-limit': '100%',
    }),
  },
  'apply: replace': {
    found: seedTwo,
    inputs: () => ({ ...everyone, 'share-name': 'Baseline', replace: 'true' }),
  },
  'delete and wait': { found: seedTwo, inputs: () => ({ mode: 'delete', 'share-name': 'Baseline', wait: 'true' }) },
};

let files = 0;
const exported = (): string => join(folder, `exported-${files++}.yml`);
const theId = (): string => sim.liveShares('Baseline')[0]?.id ?? '';

type Path = readonly string[];

/** The paths of all fields of a body. All items of a list share one path. */
function pathsIn(value: unknown, at: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((item) => [[...at, '*'], ...pathsIn(item, [...at, '*'])]);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[...at, key], ...pathsIn(inner, [...at, key])]);
}

/** The body with another or no value at this path. In a list, only the first item changes. */
function spoiled(body: unknown, [key, ...rest]: Path, change: (value: unknown) => unknown): unknown {
  if (key === undefined) return change(body);
  if (Array.isArray(body)) return body.map((item, i) => (i === 0 ? spoiled(item, rest, change) : item));
  if (typeof body !== 'object' || body === null || !(key in body)) return body;
  return { ...body, [key]: spoiled((body as Record<string, unknown>)[key], rest, change) };
}

const OTHERS: readonly unknown[] = [7, 'text', true, {}, [], [null], [[]]];
const isOfOtherType = (value: unknown, than: unknown): boolean =>
  typeof value !== typeof than || Array.isArray(value) !== Array.isArray(than);

const go = (inputs: InputsOf): Promise<Ran> =>
  runInProcess(inputsFor(sim, { 'max-attempts': '2', 'wait-timeout': '30', ...inputs }), { clock: fastClock(SPEED) });

/** The operations of a run, with the paths of the fields in their responses. */
async function learn(found: () => void, inputs: () => InputsOf): Promise<Map<string, Path[]>> {
  const paths = new Map<string, Map<string, Path>>();
  found();
  sim.rewrite(({ operation, body }) => {
    const known = paths.get(operation) ?? new Map<string, Path>();
    for (const path of pathsIn(body)) known.set(path.join('.'), path);
    paths.set(operation, known);
    return undefined;
  });
  expect((await go(inputs())).errors).toEqual([]);
  return new Map([...paths].map(([operation, known]) => [operation, [...known.values()]]));
}

let turn = 0;

test.each(Object.entries(runs))(
  'a field with an unexpected value never breaks the run: %s',
  async (_, { found = () => undefined, inputs, writes }) => {
    let cases = 0;
    for (const [operation, paths] of await learn(found, inputs)) {
      for (const path of paths) {
        const other = (value: unknown): unknown => {
          const others = OTHERS.filter((one) => isOfOtherType(one, value));
          return others[turn % others.length];
        };
        // Most code treats a missing field like null, so every second field is missing, and the others have another type.
        const changes = { null: () => null, ...(turn % 2 === 0 ? { missing: () => undefined } : { other }) };
        turn += 1;
        for (const [how, change] of Object.entries(changes)) {
          sim.reset();
          found();
          const existing = sim.liveShares();
          let sent: unknown;
          sim.rewrite((answered: EndpointResponse) => {
            if (answered.operation !== operation) return undefined;
            const body = spoiled(answered.body, path, (value) => {
              sent = change(value);
              return sent;
            });
            return body;
          });
          const ran = await go(inputs());
          cases += 1;
          const which = `${operation}: ${path.join('.')} is ${how} (${JSON.stringify(sent)})`;
          expectTruth(ran, which);
          const writesSent = sim.requests.filter(isWrite).map(({ method, path }) => `${method} ${path}`);
          const isUnreadable = operation === 'shares-list' && ['result', 'result.*'].includes(path.join('.'));
          const isNoShare = JSON.stringify(path) === '["result","*"]' || (sent !== null && sent !== undefined);
          const mayWrite = writes !== false && !(isUnreadable && isNoShare && existing.length > 0);
          if (!mayWrite) expect({ which, writesSent }).toEqual({ which, writesSent: [] });
          // The action can't recognize two shares with one name if the listing omits their names.
          if (!path.includes('name')) expect({ which, twins: twins(sim.liveShares()) }).toEqual({ which, twins: [] });
        }
      }
    }
    expect(cases).toBeGreaterThan(50);
  },
  300_000,
);

/** Checks that a successful run has no error, and that a failed one has, says what was done and reports no bug. */
function expectTruth({ exitCode, errors, log, lines, outputs }: Ran, which: string): void {
  const told = `${which}\n${log}`;
  for (const word of ['Unexpected:', 'TypeError', 'RangeError', 'This is a bug', 'undefined', '[object Object]']) {
    if (log.includes(word)) throw new Error(`the log says ${word}: ${told}`);
  }
  if (outputs['failure-reason'] === 'internal') throw new Error(`internal: ${told}`);
  if ((exitCode === 0) !== (errors.length === 0)) throw new Error(`exit code ${exitCode}: ${told}`);
  if (exitCode !== 0 && !/nothing was (?:changed|sent)|Done: |No file was written/i.test(lines.at(-1) ?? '')) {
    throw new Error(`the last line says nothing: ${told}`);
  }
}

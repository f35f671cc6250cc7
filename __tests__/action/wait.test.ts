// wait: true ends when every recipient has all resources, or reports why not. These tests run dist/index.js
// from start to finish. Association takes an hour on the simulator's clock, which moves only when the run's log reaches
// a given text.

import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { type InputsOf, inputsFor, type Ran, type RunOptions, runAction } from '../run-action.ts';
import { until } from './until.ts';

const HOUR_MS = 3_600_000;
const RESOURCE = { resource_type: 'gateway-policy', resource_id: 'c1' };

let sim: Simulator;
/** How far to move the simulator's clock, so that events due within an hour happen at once. */
let aheadMs = 0;
beforeAll(async () => {
  sim = await startSimulator({ associationMs: HOUR_MS });
  const now = Date.now.bind(Date);
  jest.spyOn(Date, 'now').mockImplementation(() => now() + aheadMs);
});
afterAll(async () => {
  jest.restoreAllMocks();
  await sim.close();
});
beforeEach(() => sim.reset());
afterEach(() => {
  aheadMs = 0;
});

const anHourLater = (): void => {
  aheadMs += HOUR_MS;
};
const accounts = (...indexes: number[]) => indexes.map((i) => ({ recipient_account_id: sim.memberIds[i] as string }));
const whole = (resource_id: string) => ({ ...RESOURCE, resource_id, resource_account_id: sim.accountId, meta: {} });
const go = (inputs: InputsOf = {}, options: RunOptions = {}): Promise<Ran> =>
  runAction(
    inputsFor(sim, {
      'share-name': 'Baseline',
      recipients: accounts(0, 1),
      resources: [RESOURCE],
      wait: 'true',
      ...inputs,
    }),
    options,
  );

/** Runs each action once, in this order, as soon as the log contains its text. */
const when = (...steps: [text: string, act: (child: ChildProcess) => void][]): RunOptions => ({
  started: (child) => {
    let log = '';
    let ahead = steps;
    child.stdout?.on('data', (more: string) => {
      log += more;
      for (let [next] = ahead; next && log.includes(next[0]); [next] = ahead) {
        log = log.slice(log.indexOf(next[0]) + next[0].length);
        ahead = ahead.slice(1);
        next[1](child);
      }
    });
  },
});

const statuses = (ran: Ran): string[] =>
  JSON.parse(ran.outputs.recipients ?? '[]').map((r: { association_status: string }) => r.association_status);
const share = () => sim.liveShares('Baseline')[0];

describe('with wait, a step', () => {
  test('reports progress when it changes, and ends when everything is associated', async () => {
    const [, , third] = sim.memberIds as [string, string, string];
    sim.failRecipient(third, { error: 'Busy', terminal: false });
    const ran = await go(
      { recipients: accounts(0, 1, 2) },
      when(
        ['0 of 3 associated', anHourLater],
        ['2 of 3 associated', () => sim.failRecipient(third, { error: 'Busy', terminal: false, clearsAfterMs: 0 })],
      ),
    );
    expect(ran.exitCode).toBe(0);
    const progress = ran.lines.flatMap((line) => /^\d+ of \d+ associated/.exec(line) ?? []);
    expect(progress).toEqual(['0 of 3 associated', '2 of 3 associated', '3 of 3 associated']);
    expect(statuses(ran)).toEqual(['associated', 'associated', 'associated']);
    expect(ran.lines.at(-2)).toMatch(/^All 3 recipients are associated; that took \d+\.\d s\.$/);
  });

  test('reports a temporary error once and waits until it passes', async () => {
    const id = sim.memberIds[1] as string;
    const error = 'Gateway is not set up yet';
    sim.failRecipient(id, { error, terminal: false });
    const ran = await go(
      {},
      when(
        ['0 of 2 associated', anHourLater],
        ['1 of 2 associated', () => sim.failRecipient(id, { error, terminal: false, clearsAfterMs: 0 })],
      ),
    );
    expect(ran.exitCode).toBe(0);
    expect(ran.lines.filter((line) => line.includes(error))).toEqual([
      `recipient ${id} can't receive resource c1: ${error}. Cloudflare keeps retrying`,
    ]);
    expect(statuses(ran)).toEqual(['associated', 'associated']);
  });

  test('fails at once on a terminal error, and the share stays', async () => {
    const id = sim.memberIds[1] as string;
    sim.failRecipient(id, { error: 'Recipient is missing necessary entitlement', terminal: true });
    const ran = await go({ 'wait-timeout': '3600' });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([
      expect.stringContaining(`recipient ${id} can't receive resource c1: Recipient is missing necessary entitlement`),
    ]);
    expect(ran.outputs).toMatchObject({ 'share-id': share()?.id, outcome: 'created', changed: 'true' });
    expect(ran.lines.at(-1)).toBe(
      `Done: create share "Baseline" (${share()?.id}); rename the share to "Baseline". Not done: wait until every recipient is associated.`,
    );
    expect(ran.summary).toContain('failed permanently');
  });

  test('fails at the timeout and names exactly the missing accounts', async () => {
    const id = sim.memberIds[2] as string;
    sim.setAssociation(0);
    sim.failRecipient(id, { error: 'Not today', terminal: false });
    const ran = await go({ recipients: accounts(0, 1, 2), 'wait-timeout': '0.8' });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringContaining(`wait-timeout (0.8 s): ${id} is associating. `)]);
    expect(ran.errors[0]).not.toContain(String(sim.memberIds[0]));
    expect(ran.outputs['share-id']).toBe(share()?.id);
    expect(statuses(ran)).toHaveLength(3);
  });

  test('also waits for changes that an earlier step made', async () => {
    await go({ wait: 'false' });
    const ran = await go({}, when(['0 of 2 associated', anHourLater]));
    expect(ran.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' });
    expect(statuses(ran)).toEqual(['associated', 'associated']);
  });

  test('waits after a removal until recipients and resources are gone', async () => {
    const [, , leaver] = sim.memberIds;
    sim.seed({ name: 'Baseline', recipients: accounts(0, 1, 2), resources: [whole('c1'), whole('c2')] });
    const ran = await go({ prune: 'true' }, when(['2 of 2 associated, 2 still being removed', anHourLater]));
    expect(ran.exitCode).toBe(0);
    expect(ran.log).toContain('2 of 2 associated, 2 still being removed');
    expect(share()?.recipients.find(({ account_id }) => account_id === leaver)?.association_status).toBe(
      'disassociated',
    );
    expect(share()?.resources.find(({ resource_id }) => resource_id === 'c2')?.status).toBe('deleted');
  });

  test.each(['share-name', 'share-id'])('waits after a deletion by %s until the share is deleted', async (by) => {
    const { id } = sim.seed({ name: 'Baseline', recipients: accounts(0) });
    const ran = await go(
      { mode: 'delete', ...(by === 'share-id' ? { 'share-id': id, 'share-name': undefined } : {}) },
      when([`share ${id} is deleting`, anHourLater]),
    );
    expect(ran.exitCode).toBe(0);
    expect(ran.outputs).toMatchObject({ 'share-id': id, outcome: 'deleted', status: 'deleted' });
    expect(ran.log).toContain(`share ${id} is deleting`);
    expect(ran.lines).toContain(`share ${id} is deleted`);
  });
});

test('with wait: false, a step does not wait after a creation or a deletion', async () => {
  expect((await go({ wait: 'false' })).exitCode).toBe(0);
  const deleted = await go({ mode: 'delete', wait: 'false' });
  expect(deleted.outputs).toMatchObject({ outcome: 'deleted', status: 'deleting' });
  expect(sim.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'PUT', 'GET', 'GET', 'DELETE']);
});

describe('a cancelled job', () => {
  const cancelAt = (text: string, signal: NodeJS.Signals = 'SIGINT'): RunOptions =>
    when([text, (child) => child.kill(signal)]);

  test.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])(
    'stops waiting at %s and reports the state reached',
    async (signal) => {
      const ran = await go({ 'wait-timeout': '3600' }, cancelAt('0 of 2 associated', signal));
      expect(ran.exitCode).toBe(1);
      expect(ran.errors).toEqual([expect.stringMatching(/^The job was cancelled/)]);
      expect(ran.lines.at(-1)).toBe(
        `Done: create share "Baseline" (${share()?.id}); rename the share to "Baseline". Not done: wait until every recipient is associated.`,
      );
      expect(ran.outputs).toMatchObject({ 'share-id': share()?.id, outcome: 'created' });
      expect(ran.summary).toContain('cancelled');
    },
  );

  test('stops between two attempts of a request', async () => {
    sim.order({ kind: 'rate-limited', retryAfterSeconds: 600 });
    const ran = await go({}, cancelAt('… waiting 600 s'));
    expect(ran.errors).toEqual([expect.stringMatching(/^The job was cancelled/)]);
    expect(ran.lines.at(-1)).toMatch(/^Done: nothing\./);
    expect(sim.requests).toHaveLength(1);
  });

  test('reports that a running create call may have taken effect', async () => {
    sim.order({ kind: 'late-response', method: 'POST', delayMs: 60_000 });
    const ran = await go(
      {},
      {
        started: async (child) => {
          await until(() => sim.liveShares().length > 0);
          child.kill('SIGINT');
        },
      },
    );
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual(['The job was cancelled during the request to create the share.']);
    expect(ran.lines.at(-1)).toMatch(/Not known: create share "Baseline" - it may have taken effect/);
    expect(ran.outputs.changed).toBeUndefined();
  });
});

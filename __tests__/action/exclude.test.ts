// Accounts that a share with the organization excludes. These tests run src/ from start to finish.

import { describe, expect, test } from '@jest/globals';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const ids = (...indexes: number[]): string[] => indexes.map((i) => sim.memberIds[i] as string);
const accounts = (...indexes: number[]) => ids(...indexes).map((recipient_account_id) => ({ recipient_account_id }));
const organization = () => [{ organization_id: sim.organizationId }];
const go = (inputs: InputsOf = {}): Promise<Ran> =>
  runInProcess(
    inputsFor(sim, {
      'share-name': 'Baseline',
      recipients: organization(),
      resources: [POLICY],
      exclude: accounts(0, 1),
      ...inputs,
    }),
  );
const seed = (...exclusions: string[]) =>
  sim.seed({
    name: 'Baseline',
    recipients: organization(),
    resources: [{ ...POLICY, resource_account_id: sim.accountId, meta: {} }],
    exclusions,
  });
/** The requests sent, without ids, such as `GET shares` and `PUT exclusions`. */
const sent = (): string[] =>
  sim.requests.map(({ method, path }) => `${method} ${/[a-z]+(?=\/?[0-9a-f]*$)/.exec(path)}`);
const excluded = (): string[] => sim.liveShares('Baseline')[0]?.exclusions.map(({ account_id }) => account_id) ?? [];
const planOf = (ran: Ran) => JSON.parse(ran.outputs.plan ?? '{}').shares[0];

describe('exclusions', () => {
  test('are set on a new share right after the create call, and the log says who can see it until then', async () => {
    const ran = await go();
    expect(ran.errors).toEqual([]);
    expect(ran.outputs.outcome).toBe('created');
    expect(excluded().sort()).toEqual(ids(0, 1).sort());
    const writes = sim.requests.filter(({ method }) => method !== 'GET');
    expect(writes.map(({ method, operation }) => `${method} ${operation}`)).toEqual([
      expect.stringMatching(/^POST share/),
      expect.stringMatching(/^PUT .*exclu/),
      expect.stringMatching(/^PUT share/),
    ]);
    expect(writes[0]?.body).not.toHaveProperty('exclude');
    expect(writes[1]?.body).toEqual(ids(0, 1).map((account_id) => ({ account_id })));
    expect(ran.lines).toContain(
      '! 2 excluded accounts can briefly see the new share, because the API can exclude accounts only from an existing share',
    );
    expect(planOf(ran).exclusions.add).toHaveLength(2);
  });

  test("that can't be set on a new share cause it to be deleted", async () => {
    sim.order({ kind: 'json-5xx-before-commit', method: 'PUT', path: /exclu/, times: 2 });
    const ran = await go({ 'max-attempts': '2' });
    expect(ran.exitCode).toBe(1);
    expect(sim.liveShares()).toEqual([]);
    expect(ran.errors).toEqual([
      expect.stringMatching(/accounts could not be excluded from it .*The share was rolled back/),
    ]);
  });

  test('are added to an existing share with one request, while unlisted ones stay and are reported', async () => {
    const [other] = ids(7);
    seed(...ids(0, 7));
    const ran = await go();
    expect(ran.outputs).toMatchObject({ outcome: 'updated', changed: 'true' });
    expect(excluded().sort()).toEqual(ids(0, 1, 7).sort());
    expect(sim.requests.filter(({ method }) => method !== 'GET').map(({ method }) => method)).toEqual(['PUT']);
    expect(planOf(ran).exclusions).toMatchObject({
      add: [{ account_id: ids(1)[0] }],
      remove: [],
      extra: [{ account_id: other }],
    });
    expect(ran.log).toMatch(new RegExp(`^::notice.*1 exclusion that the inputs do not list.*${other}`, 'm'));
  });

  test('are removed with prune when they are unlisted, and a second run changes nothing', async () => {
    seed(...ids(0, 1, 7));
    const ran = await go({ prune: 'true' });
    expect(excluded().sort()).toEqual(ids(0, 1).sort());
    expect(planOf(ran).exclusions.remove).toHaveLength(1);
    sim.requests.length = 0;
    const again = await go({ prune: 'true' });
    expect(again.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' });
    expect(new Set(sim.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  test('are neither read nor changed when the input is omitted', async () => {
    seed(...ids(0, 7));
    const ran = await go({ exclude: undefined, prune: 'true' });
    expect(ran.outputs.outcome).toBe('unchanged');
    expect(excluded()).toEqual(ids(0, 7));
    expect(sent().join()).not.toContain('exclu');
  });

  test('are all removed by an empty list with prune', async () => {
    seed(...ids(0, 7));
    expect((await go({ exclude: '[]', prune: 'true' })).outputs.outcome).toBe('updated');
    expect(excluded()).toEqual([]);
  });

  test('count as drift when they are missing or unlisted', async () => {
    seed(...ids(0, 1, 7));
    const ran = await go({ mode: 'plan', 'fail-on-drift': 'true' });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringContaining('1 exclusion that the inputs do not list')]);
  });

  test.each<[string, () => InputsOf, RegExp]>([
    [
      'for a share with accounts',
      () => ({ recipients: accounts(0) }),
      /^exclude: is only for shares with an organization/,
    ],
    [
      'with an organization',
      () => ({ exclude: [{ organization_id: 'x' }] }),
      /^exclude\[0\]\.organization_id: unknown key/,
    ],
    ['without an account', () => ({ exclude: [{}] }), /^exclude\[0\]: names no account/],
    [
      'with one account twice',
      () => ({ exclude: [{ account_id: 'a', recipient_account_id: 'a' }] }),
      /^exclude\[0\]: has more than one of recipient_account_id, account_id, account_name and account_names/,
    ],
    ['with a config file', () => ({ config: 'shares.yml' }), /^exclude: can't be combined with config/],
  ])('are refused before any request (%s)', async (_, inputs, says) => {
    const ran = await go(inputs());
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toContainEqual(expect.stringMatching(says));
    expect(sim.requests).toEqual([]);
  });
});

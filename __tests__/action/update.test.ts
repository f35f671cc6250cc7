// An existing share is updated in place to match the file. These tests run src/ from start to finish.

import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../simulator/index.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useSimulator } from '../use-simulator.ts';
import { until } from './until.ts';

const sim = await useSimulator();

const accounts = (...indexes: number[]) => indexes.map((i) => ({ recipient_account_id: sim.memberIds[i] as string }));
const range = (from: number, to: number) => accounts(...Array.from({ length: to - from }, (_, i) => from + i));
const policies = (...ids: string[]) => ids.map((resource_id) => ({ resource_type: 'gateway-policy', resource_id }));
const whole = (resource_id: string, meta: unknown = {}) => ({
  resource_type: 'gateway-policy',
  resource_id,
  resource_account_id: sim.accountId,
  meta,
});
const go = (inputs: InputsOf = {}): Promise<Ran> =>
  runInProcess(
    inputsFor(sim, { 'share-name': 'Baseline', recipients: accounts(0, 1), resources: policies('c1'), ...inputs }),
  );
const seed = (recipients = accounts(0, 1), resources = [whole('c1')], name = 'Baseline') =>
  sim.seed({ name, recipients, resources });

const theShare = () => {
  const [share, ...others] = sim.liveShares();
  expect(others).toEqual([]);
  if (!share) throw new Error('there is no live share');
  return share;
};
const liveAccounts = (): string[] =>
  theShare()
    .recipients.filter(({ association_status }) => !association_status.startsWith('disassociat'))
    .map(({ account_id }) => account_id);
const liveResources = (): string[] =>
  theShare()
    .resources.filter(({ status }) => status === 'active')
    .map(({ resource_id }) => resource_id);
const ids = (of: { recipient_account_id: string }[]): string[] =>
  of.map(({ recipient_account_id }) => recipient_account_id);
/** The requests sent, without ids, such as `POST shares`, `PUT shares/…` and `DELETE recipients/…`. */
const sent = (): string[] =>
  sim.requests.map(({ method, path }) => {
    const below = path
      .split('/')
      .slice(3)
      .join('/')
      .replace(/[0-9a-f]{32}/g, '…');
    return `${method} ${below.replace(/^shares\/…\/(?=.)/, '')}`;
  });
const writes = (): string[] => sent().filter((request) => !request.startsWith('GET'));
const planOf = (ran: Ran) => JSON.parse(ran.outputs.plan ?? '{}').shares[0];

describe('an update', () => {
  test('needs only two reads in a second run, which changes nothing', async () => {
    const first = await go({ resources: [{ ...policies('c1')[0], meta: { a: 1 } }] });
    sim.requests.length = 0;
    const before = theShare();
    const second = await go({ resources: [{ ...policies('c1')[0], meta: { a: 1 } }] });
    expect(sent()).toEqual(['GET shares', 'GET recipients']);
    expect(second.outputs).toMatchObject({
      'share-id': first.outputs['share-id'],
      'resource-ids': first.outputs['resource-ids'],
      outcome: 'unchanged',
      changed: 'false',
    });
    expect(theShare().modified).toBe(before.modified);
  });

  test('needs at most five requests for 250 additions and 100 removals with prune', async () => {
    const { id } = seed(range(0, 150));
    const ran = await go({ recipients: range(100, 400), prune: 'true', 'removal-limit': '70%' });
    expect(ran.exitCode).toBe(0);
    expect(sim.requests.length).toBeLessThanOrEqual(5);
    expect(liveAccounts().sort()).toEqual(ids(range(100, 400)).sort());
    expect(planOf(ran).recipients.add).toHaveLength(250);
    expect(planOf(ran).recipients.remove).toHaveLength(100);
    expect(ran.outputs['share-id']).toBe(id);
  });

  test('without prune needs one request per addition, with at most ten in flight', async () => {
    seed();
    const ran = await go({ recipients: range(0, 60) });
    expect(ran.exitCode).toBe(0);
    expect(liveAccounts()).toHaveLength(60);
    expect(sim.maxInFlight).toBeLessThanOrEqual(10);
    expect(writes()).toEqual(Array.from({ length: 58 }, () => 'POST recipients'));
  });
});

describe('unlisted items', () => {
  test('stay without prune and appear as "extra" in the plan', async () => {
    seed(accounts(0, 1, 5), [whole('c1'), whole('c9')]);
    const ran = await go();
    expect(ran.outputs.outcome).toBe('unchanged');
    expect(writes()).toEqual([]);
    expect(planOf(ran)).toMatchObject({
      action: 'none',
      recipients: { add: [], remove: [], extra: [{ account_id: sim.memberIds[5] }] },
      resources: { add: [], update: [], remove: [], extra: [{ resource_id: 'c9' }] },
    });
    expect(ran.log).toContain(`  recipient ${sim.memberIds[5]} of share "Baseline"`);
    const [listed, other] = theShare().resources.map(({ id }) => id);
    expect(JSON.parse(ran.outputs['resource-ids'] ?? '[]')).toEqual([listed, other]);
  });

  test('are removed with prune, and nothing else is removed', async () => {
    seed(accounts(0, 1, 5), [whole('c1'), whole('c9')]);
    const ran = await go({ prune: 'true' });
    expect(ran.outputs.outcome).toBe('updated');
    expect(liveAccounts()).toEqual(ids(accounts(0, 1)));
    expect(liveResources()).toEqual(['c1']);
    expect(JSON.parse(ran.outputs['resource-ids'] ?? '[]')).toHaveLength(1);
  });

  test('do not affect the order of resource-ids, which follows the list', async () => {
    seed(undefined, [whole('c1'), whole('c2'), whole('c3')]);
    const ran = await go({ resources: policies('c3', 'c1') });
    const byResource = new Map(theShare().resources.map(({ id, resource_id }) => [id, resource_id]));
    const listed: string[] = JSON.parse(ran.outputs['resource-ids'] ?? '[]');
    expect(listed.map((id) => byResource.get(id))).toEqual(['c3', 'c1', 'c2']);
  });
});

describe('an update by share-id', () => {
  test('renames the share in place when share-name differs', async () => {
    const { id } = seed(accounts(0, 1), [whole('c1')], 'Old name');
    const ran = await go({ 'share-id': id, 'share-name': 'New name' });
    expect(ran.outputs).toMatchObject({ 'share-id': id, outcome: 'updated', changed: 'true' });
    expect(planOf(ran).rename).toEqual({ from: 'Old name', to: 'New name' });
    expect(theShare()).toMatchObject({ id, name: 'New name' });
    expect(JSON.parse(ran.outputs.share ?? '{}').name).toBe('New name');
    expect(writes()).toEqual(['PUT shares/…']);
  });

  test('ignores other shares with the same name', async () => {
    const [first, second] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'].map((created) =>
      sim.seed({ name: 'Baseline', created }),
    );
    const ran = await go({ 'share-id': second?.id, recipients: accounts(0, 3) });
    expect(ran.outputs['share-id']).toBe(second?.id);
    expect(sim.liveShares().find(({ id }) => id === first?.id)?.recipients).toHaveLength(1);
    expect(sim.liveShares().find(({ id }) => id === second?.id)?.recipients).toHaveLength(2);
  });

  test.each<[string, (id: string) => InputsOf, string[]]>([
    [
      'recipients',
      (id) => ({ 'share-id': id, recipients: undefined, resources: policies('c2'), prune: 'true' }),
      ['c2'],
    ],
    ['resources', (id) => ({ 'share-id': id, resources: undefined, prune: 'true' }), ['c1', 'c7']],
  ])('leaves %s alone, even with prune, when the list is omitted', async (_, inputs, resources) => {
    const { id } = seed(accounts(0, 1), [whole('c1'), whole('c7')]);
    const ran = await go(inputs(id));
    expect(ran.exitCode).toBe(0);
    expect(liveAccounts()).toEqual(ids(accounts(0, 1)));
    expect(liveResources()).toEqual(resources);
  });

  test.each(['deleting', 'deleted'] as const)('neither changes nor re-creates a share that is %s', async (status) => {
    const { id } = sim.seed({ name: 'Baseline', status });
    const ran = await go({ 'share-id': id });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors[0]).toContain(`Share ${id} is `);
    expect(writes()).toEqual([]);
  });
});

describe('meta', () => {
  test.each<[string, string, string, boolean]>([
    ['the order of keys', '{"a":1,"b":{"c":2,"d":3}}', '{"b":{"d":3,"c":2},"a":1}', false],
    ['white space and the form of numbers', '{"a":1,"b":[1,2]}', '{ "a" : 1.0, "b":[ 1, 2e0 ] }', false],
    ['escapes', '{"a":"é/"}', '{"a":"\\u00e9\\/"}', false],
    ['the order of a list', '{"a":[1,2]}', '{"a":[2,1]}', true],
    ['null and a missing key', '{}', '{"a":null}', true],
    ['a number and the same digits as text', '{"a":1}', '{"a":"1"}', true],
    ['false and a missing key', '{"a":{}}', '{"a":{"b":false}}', true],
  ])('is compared as a JSON value: %s', async (_, there, written, differs) => {
    seed(undefined, [whole('c1', JSON.parse(there))]);
    const ran = await go({ resources: `[{"resource_type":"gateway-policy","resource_id":"c1","meta":${written}}]` });
    expect(ran.errors).toEqual([]);
    expect(ran.outputs.outcome).toBe(differs ? 'updated' : 'unchanged');
    expect(writes()).toEqual(differs ? ['PUT resources/…'] : []);
    expect(theShare().resources.map(({ meta }) => meta)).toEqual([JSON.parse(written)]);
  });
});

describe('a change between accounts and organization', () => {
  test.each<[string, () => InputsOf, () => { recipient_account_id?: string }[]]>([
    ['from accounts to the organization', () => ({ recipients: [{}] }), () => accounts(0)],
    ['from the organization to accounts', () => ({}), () => [{}]],
  ])('is refused without replace; with replace, the new share is created first (%s)', async (_, inputs, there) => {
    const { id } = sim.seed({ name: 'Baseline', recipients: there(), resources: [whole('c1')] });
    const refused = await go(inputs());
    expect(refused.exitCode).toBe(1);
    expect(refused.errors[0]).toContain('replace: true');
    expect(writes()).toEqual([]);
    expect(theShare().id).toBe(id);

    const replaced = await go({ ...inputs(), replace: 'true' });
    expect(replaced.errors).toEqual([]);
    expect(writes()).toEqual(['POST shares', 'DELETE shares/…', 'PUT shares/…']);
    expect(theShare().id).toBe(replaced.outputs['share-id']);
    expect(theShare().id).not.toBe(id);
    expect(replaced.outputs).toMatchObject({ outcome: 'updated', changed: 'true', status: 'active' });

    sim.requests.length = 0;
    expect((await go({ ...inputs(), replace: 'true' })).outputs.outcome).toBe('unchanged');
    expect(writes()).toEqual([]);
  });

  test("keeps the old share when the new one can't be created", async () => {
    const { id } = seed();
    sim.order({ kind: 'json-5xx-before-commit', method: 'POST' });
    const ran = await go({ recipients: [{}], replace: 'true', 'max-attempts': '1' });
    expect(ran.exitCode).toBe(1);
    expect(theShare().id).toBe(id);
    expect(writes()).toEqual(['POST shares']);
    expect(ran.lines.at(-1)).toMatch(
      new RegExp(
        `^Done: nothing\\. Not done: delete the replaced share ${id}[.;].* Not known: create share "Baseline" - `,
      ),
    );
  });
});

describe('recipients', () => {
  test.each(['false', 'true'])(
    'are added again if they are being removed or have been removed (prune: %s)',
    async (prune) => {
      const { id } = seed(accounts(0, 1, 2));
      await go({ recipients: accounts(0), prune: 'true' });
      const ran = await go({ 'share-id': id, recipients: accounts(0, 1, 2), prune });
      expect(ran.outputs.outcome).toBe('updated');
      expect(planOf(ran).recipients.add).toEqual(ids(accounts(1, 2)).map((account_id) => ({ account_id })));
      expect(liveAccounts()).toEqual(ids(accounts(0, 1, 2)));
    },
  );

  test.each<[string, () => InputsOf]>([
    ['others join', () => ({ recipients: accounts(1, 2, 3) })],
    ['others leave and join', () => ({ recipients: accounts(1, 2), prune: 'true' })],
    ['resources are added and removed', () => ({ resources: policies('c2', 'c3'), prune: 'true' })],
    ['everything changes', () => ({ recipients: accounts(2, 1), resources: policies('c2'), prune: 'true' })],
  ])('keep access without interruption while %s', async (_, inputs) => {
    const { id } = seed();
    const record = () => {
      const { resources: _, ...standing } =
        theShare().recipients.find(({ account_id }) => account_id === sim.memberIds[1]) ?? {};
      return standing;
    };
    const before = record();
    const ran = await go(inputs());
    expect(ran.exitCode).toBe(0);
    expect(theShare().id).toBe(id);
    expect(before).toMatchObject({ association_status: 'associated' });
    // A record that was removed and added again would have a later date.
    expect(record()).toEqual(before);
  });

  test('of a share with the organization are never written, because they follow its members', async () => {
    sim.seed({ name: 'Baseline', recipients: [{}], resources: [whole('c1')] });
    const ran = await go({ recipients: [{ organization_id: sim.organizationId }], prune: 'true' });
    expect(ran.outputs.outcome).toBe('unchanged');
    expect(writes()).toEqual([]);
  });
});

describe('the order of an update', () => {
  test.each<[string, () => InputsOf, string[]]>([
    [
      'removes recipients before adding resources, and removes resources before adding recipients',
      () => ({ recipients: accounts(1, 2), resources: policies('c2'), prune: 'true' }),
      ['DELETE recipients/…', 'POST resources', 'DELETE resources/…', 'PUT recipients'],
    ],
    [
      'adds a resource before adding recipients',
      () => ({ recipients: accounts(0, 1, 2), resources: policies('c1', 'c2') }),
      ['POST resources', 'POST recipients'],
    ],
    [
      'adds a replacement resource before removing the old one',
      () => ({ resources: policies('c2'), prune: 'true' }),
      ['POST resources', 'DELETE resources/…'],
    ],
    [
      'changes recipients in one request when nothing else changes',
      () => ({ recipients: accounts(1, 2), prune: 'true' }),
      ['PUT recipients'],
    ],
  ])('%s', async (_, inputs, order) => {
    seed();
    const ran = await go(inputs());
    expect(ran.exitCode).toBe(0);
    expect(writes()).toEqual(order);
  });
});

describe('an addition whose response is lost', () => {
  const cases: [string, Fault][] = [
    ['recipients', { kind: 'reset-after-commit' }],
    ['recipients', { kind: 'truncated-body' }],
    ['recipients', { kind: 'html-5xx-after-commit' }],
    ['recipients', { kind: 'reset-before-commit' }],
    ['resources', { kind: 'reset-after-commit' }],
    ['resources', { kind: 'nonsense' }],
    ['resources', { kind: 'json-5xx-before-commit' }],
  ];
  test.each(cases)('is looked up before it is repeated (%s, %j)', async (list, fault) => {
    seed();
    sim.order({ ...fault, method: 'POST', path: new RegExp(`/${list}$`) });
    const ran = await go({ recipients: accounts(0, 1, 2), resources: policies('c1', 'c2') });
    expect(ran.errors).toEqual([]);
    expect(sim.pendingFaults).toBe(0);
    expect(liveAccounts()).toEqual(ids(accounts(0, 1, 2)));
    expect(liveResources()).toEqual(['c1', 'c2']);
    const tries = writes().filter((request) => request === `POST ${list}`).length;
    expect(tries).toBe(fault.kind.endsWith('before-commit') ? 2 : 1);
  });

  test('succeeds if the API says that the item already exists', async () => {
    const { id } = seed();
    // Someone else adds the same recipient between the listing and the addition.
    sim.order({ kind: 'late-commit', method: 'POST', path: /recipients$/, delayMs: 400 });
    const [ran] = await Promise.all([
      go({ recipients: accounts(0, 1, 2) }),
      (async () => {
        await until(() => sim.requests.some(({ fault }) => fault === 'late-commit'));
        await fetch(`${sim.baseUrl}/accounts/${sim.accountId}/shares/${id}/recipients`, {
          method: 'POST',
          headers: { authorization: `Bearer ${sim.credentials.apiToken}` },
          body: JSON.stringify(accounts(2)[0]),
        });
      })(),
    ]);
    expect(sim.requests.map(({ status }) => status)).toContain(409);
    expect(ran.errors).toEqual([]);
    expect(ran.exitCode).toBe(0);
    expect(liveAccounts()).toEqual(ids(accounts(0, 1, 2)));
  });
});

describe('a change that fails halfway', () => {
  test("does not stop the other changes, and the run reports what was and wasn't done", async () => {
    const { id } = seed();
    const ran = await go({
      recipients: [...accounts(0, 1, 2), { recipient_account_id: sim.outsiderId }, ...accounts(3)],
    });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringContaining(`add recipient ${sim.outsiderId} to share ${id}`)]);
    expect(liveAccounts()).toEqual(ids(accounts(0, 1, 2, 3)));
    expect(ran.lines.at(-1)).toMatch(
      new RegExp(`^Done: .*add recipient ${sim.memberIds[2]}.* Not done: add recipient ${sim.outsiderId}\\.$`),
    );
    expect(ran.outputs).toMatchObject({ 'share-id': id, outcome: 'updated', changed: 'true' });
    expect(ran.outputs.recipients).toContain(String(sim.memberIds[3]));
    expect(ran.summary).toContain('What went wrong');
  });

  test('leaves new recipients to the next run when a resource is refused', async () => {
    seed();
    const refused = { ...policies('c2')[0], resource_account_id: sim.outsiderId };
    const ran = await go({ recipients: accounts(0, 1, 2), resources: [...policies('c1'), refused] });
    expect(ran.exitCode).toBe(1);
    expect(liveAccounts()).toEqual(ids(accounts(0, 1)));
    expect(ran.lines.at(-1)).toContain(`Not done: add resource gateway-policy c2; add recipient ${sim.memberIds[2]}.`);
    const mended = await go({ recipients: accounts(0, 1, 2), resources: policies('c1', 'c2') });
    expect(mended.outputs.outcome).toBe('updated');
    expect(liveAccounts()).toEqual(ids(accounts(0, 1, 2)));
  });

  test('has an unknown result when every response is lost', async () => {
    seed();
    sim.order({ kind: 'reset-after-commit', method: 'PUT', path: /recipients$/ });
    const ran = await go({ recipients: accounts(1, 2), prune: 'true', 'max-attempts': '1' });
    expect(ran.exitCode).toBe(1);
    expect(ran.lines.at(-1)).toBe(
      `Done: nothing. Not known: remove recipient ${sim.memberIds[0]}; add recipient ${sim.memberIds[2]} - they may have taken effect; run again to finish.`,
    );
    expect(ran.outputs.changed).toBeUndefined();
  });
});

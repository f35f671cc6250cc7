// Each call as sent, and what is read from its response.

import { afterEach, describe, expect, test } from '@jest/globals';
import { startSimulator } from '../../simulator/index.ts';
import { type Endpoints, endpoints } from '../../src/cloudflare/endpoints.ts';
import { NoUsableResponse } from '../../src/cloudflare/errors.ts';
import { fakeClock } from '../clock.ts';
import { type Arrived, connected, failure, type ScriptedResponse, scriptedApi, success } from './scripted-api.ts';

const open: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close();
});

async function api(...script: ScriptedResponse[]): Promise<{ arrived: Arrived[]; on: Endpoints }> {
  const server = await scriptedApi((_, n) => script[n] ?? failure(418));
  const { client } = connected(server.baseUrl, fakeClock());
  open.push(server, client);
  return { arrived: server.arrived, on: endpoints(client, 'a/1') };
}

const share = { id: 's1', name: 'x', status: 'active', target_type: 'account', created: '2026', resources: [] };
const resource = { resource_type: 'gateway-policy', resource_id: 'g1', resource_account_id: 'a1', meta: { a: 1 } };
const there = '/accounts/a%2F1/shares/s%2F1';

interface Wire {
  does: (on: Endpoints) => Promise<unknown>;
  method: string;
  path: string;
  query?: string;
  body?: unknown;
  purpose: string;
}

const wires: Record<string, Wire> = {
  list: {
    does: (on) => on.list(),
    method: 'GET',
    path: '/accounts/a%2F1/shares',
    query: 'kind=sent&include_resources=true',
    purpose: "list the account's shares",
  },
  get: {
    does: (on) => on.get('s/1'),
    method: 'GET',
    path: there,
    query: 'include_resources=true',
    purpose: 'read share s/1',
  },
  find: {
    does: (on) => on.find('s/1'),
    method: 'GET',
    path: there,
    query: 'include_resources=true',
    purpose: 'read share s/1',
  },
  counts: {
    does: (on) => on.counts('s/1'),
    method: 'GET',
    path: there,
    query: 'include_recipient_counts=true',
    purpose: 'count the recipients of share s/1',
  },
  create: {
    does: (on) => on.create({ name: 'x', recipients: [{ account_id: 'b' }], resources: [resource] }),
    method: 'POST',
    path: '/accounts/a%2F1/shares',
    body: { name: 'x', recipients: [{ account_id: 'b' }], resources: [resource] },
    purpose: 'create the share',
  },
  rename: {
    does: (on) => on.rename('s/1', 'y'),
    method: 'PUT',
    path: there,
    body: { name: 'y' },
    purpose: 'rename share s/1',
  },
  remove: { does: (on) => on.remove('s/1'), method: 'DELETE', path: there, purpose: 'delete share s/1' },
  recipients: {
    does: (on) => on.recipients('s/1'),
    method: 'GET',
    path: `${there}/recipients`,
    purpose: 'read the recipients of share s/1',
  },
  'recipients with their errors': {
    does: (on) => on.recipients('s/1', { withErrors: true }),
    method: 'GET',
    path: `${there}/recipients`,
    query: 'include_resources=true',
    purpose: 'read the recipients of share s/1',
  },
  addRecipient: {
    does: (on) => on.addRecipient('s/1', { recipient_account_id: 'b' }),
    method: 'POST',
    path: `${there}/recipients`,
    body: { recipient_account_id: 'b' },
    purpose: 'add recipient b to share s/1',
  },
  removeRecipient: {
    does: (on) => on.removeRecipient('s/1', 'r/1'),
    method: 'DELETE',
    path: `${there}/recipients/r%2F1`,
    purpose: 'remove recipient r/1 from share s/1',
  },
  setRecipients: {
    does: (on) => on.setRecipients('s/1', [{ account_id: 'b' }]),
    method: 'PUT',
    path: `${there}/recipients`,
    body: [{ account_id: 'b' }],
    purpose: 'set the recipients of share s/1',
  },
  exclusions: {
    does: (on) => on.exclusions('s/1'),
    method: 'GET',
    path: `${there}/excluded-recipients`,
    purpose: 'read the exclusions of share s/1',
  },
  setExclusions: {
    does: (on) => on.setExclusions('s/1', [{ account_id: 'b' }]),
    method: 'PUT',
    path: `${there}/excluded-recipients`,
    body: [{ account_id: 'b' }],
    purpose: 'set the exclusions of share s/1',
  },
  resources: {
    does: (on) => on.resources('s/1'),
    method: 'GET',
    path: `${there}/resources`,
    purpose: 'read the resources of share s/1',
  },
  addResource: {
    does: (on) => on.addResource('s/1', resource),
    method: 'POST',
    path: `${there}/resources`,
    body: resource,
    purpose: 'add resource gateway-policy g1 to share s/1',
  },
  updateResource: {
    does: (on) => on.updateResource('s/1', 'q/1', { a: 2 }),
    method: 'PUT',
    path: `${there}/resources/q%2F1`,
    body: { meta: { a: 2 } },
    purpose: 'update resource q/1 of share s/1',
  },
  removeResource: {
    does: (on) => on.removeResource('s/1', 'q/1'),
    method: 'DELETE',
    path: `${there}/resources/q%2F1`,
    purpose: 'remove resource q/1 of share s/1',
  },
};

const names = Object.keys(wires);
const wire = (name: string): Wire => wires[name] as Wire;
const writes = names.filter((name) => wire(name).method !== 'GET');
const lists = ['recipients', 'exclusions', 'resources'];

test.each(names)('%s sends one request, and its errors name the purpose', async (name) => {
  const { does, method, path, query = '', body, purpose } = wire(name);
  const { arrived, on } = await api(failure(400, [{ code: 1001, message: 'no' }]));
  await expect(does(on)).rejects.toThrow(`Cloudflare refused to ${purpose}: HTTP 400: 1001 no`);
  expect(arrived).toHaveLength(1);
  expect(arrived[0]).toMatchObject({ method, path, body: body === undefined ? '' : JSON.stringify(body) });
  expect(arrived[0]?.query.toString()).toBe(query);
});

describe.each(writes.filter((name) => name !== 'create'))('%s', (name) => {
  test.each<[string, ScriptedResponse]>([
    ['a null result', success(null)],
    ['an empty 200', { status: 200 }],
    ['an empty 202', { status: 202 }],
    ['a 204', { status: 204 }],
  ])('succeeds with %s and is not repeated', async (_, said) => {
    const { arrived, on } = await api(said);
    expect(await wire(name).does(on)).toBe(name === 'rename' || name === 'remove' ? undefined : null);
    expect(arrived).toHaveLength(1);
  });
});

test.each(['rename', 'remove'])('%s returns the share from the response if it is readable', async (name) => {
  const { does } = wire(name);
  const { on } = await api(success(share), success({ ...share, created: null }), success({ id: 's1' }));
  expect([await does(on), await does(on), await does(on)]).toEqual([share, undefined, undefined]);
});

test('a create call whose response has no readable share has an unknown outcome and is not repeated', async () => {
  for (const said of [success(null), { status: 201 }, success({ ...share, created: null })]) {
    const { arrived, on } = await api(said);
    const error = await wire('create')
      .does(on)
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(NoUsableResponse);
    expect(error).toMatchObject({ fate: 'unknown', final: true });
    expect(arrived).toHaveLength(1);
  }
});

test('a create call whose resources are null succeeds', async () => {
  const { on } = await api(success({ ...share, resources: null }));
  const { resources, ...made } = share;
  expect(await wire('create').does(on)).toEqual(made);
});

test('get and counts fail on an unreadable share', async () => {
  const { on } = await api(success({ ...share, recipient_count: 3 }), success({ ...share, status: null }));
  expect(await on.counts('s1')).toEqual({ ...share, recipient_count: 3 });
  await expect(on.get('s1')).rejects.toThrow('"result.status" is null');
});

test('find returns a share that the account sends, returns undefined for a missing or received share, and fails on any other error', async () => {
  const owned = { ...share, account_id: 'A/1' };
  const { on } = await api(
    success(owned),
    success({ ...share, account_id: 'another' }),
    success({ ...share, kind: 'received' }),
    failure(404),
    failure(403),
  );
  expect(await on.find('s1')).toEqual(owned);
  expect(await on.find('s1')).toBeUndefined();
  expect(await on.find('s1')).toBeUndefined();
  expect(await on.find('s1')).toBeUndefined();
  await expect(on.find('s1')).rejects.toMatchObject({ status: 403 });
});

test('the list of shares contains unreadable shares separately and drops none', async () => {
  const noTime = { ...share, id: 's2', created: null };
  const noId = { name: 'y', id: 7 };
  const said = {
    ...success([share, noTime, noId, { ...share, id: 's3' }]),
    headers: { date: 'Thu, 01 Jan 1970 00:00:10 GMT' },
  };
  const { on } = await api(said);
  expect(await on.list()).toEqual({
    shares: [share, { ...share, id: 's3' }],
    unreadable: [
      { id: 's2', name: 'x', wrong: '"created" is null' },
      { name: 'y', wrong: '"id" is not text' },
    ],
    serverTimeMs: 10_000,
  });
});

test('the list of shares omits unreadable shares that are deleted or of other accounts', async () => {
  const { on } = await api(
    success([
      { ...share, id: 's1', account_id: 'another', kind: 'sent' },
      { ...share, id: 's2', kind: 'received' },
      { ...share, id: 's3', kind: 'received', created: null },
      { ...share, id: 's4', account_id: 'another', created: null },
      { ...share, id: 's5', kind: 'sent' },
      { ...share, id: 's6', created: null },
      { ...share, id: 's7', created: null, status: 'deleted' },
    ]),
  );
  const { shares, unreadable } = await on.list();
  expect(shares.map(({ id }) => id)).toEqual(['s1', 's2', 's5']);
  expect(unreadable.map(({ id }) => id)).toEqual(['s6']);
});

test('the list of shares can be null if it is empty', async () => {
  const { arrived, on } = await api(success(null), success(null, { total_count: 3 }));
  expect(await on.list()).toMatchObject({ shares: [], unreadable: [] });
  await expect(on.list()).rejects.toThrow('"result" is null, but "result_info" counts 3');
  expect(arrived).toHaveLength(2);
});

test.each(lists)('the list of %s can be null if it is empty, but not missing', async (name) => {
  const { arrived, on } = await api(success(null), success([]), success({}), { status: 200 }, success([]));
  const { does } = wire(name);
  expect([await does(on), await does(on)]).toEqual([[], []]);
  await expect(does(on)).rejects.toThrow('"result" is not a list');
  expect(arrived).toHaveLength(3);
  expect(await does(on)).toEqual([]);
  expect(arrived).toHaveLength(5); // an empty body is repeated
});

test.each(['shares', ...lists])('the list of %s is requested again if the response has no result', async (name) => {
  const { arrived, on } = await api({ json: { success: true } }, success(null));
  if (name === 'shares') expect(await on.list()).toMatchObject({ shares: [], unreadable: [] });
  else expect(await wire(name).does(on)).toEqual([]);
  expect(arrived).toHaveLength(2);
});

test('a list is read in pages of 100 once a response is paged', async () => {
  const all = Array.from({ length: 130 }, (_, i) => ({ id: `e${i}`, account_id: `a${i}` }));
  const page = (from: number, to: number, per_page: number) =>
    success(all.slice(from, to), { per_page, total_count: 130, total_pages: Math.ceil(130 / per_page) });
  const { arrived, on } = await api(page(0, 20, 20), page(0, 100, 100), page(100, 130, 100));
  expect(await on.exclusions('s1')).toEqual(all);
  expect(arrived.map(({ query }) => query.toString())).toEqual(['', 'page=1&per_page=100', 'page=2&per_page=100']);
});

test('every call succeeds for a share in the simulator, from its creation to its deletion', async () => {
  const sim = await startSimulator({ unpagedByDefault: false });
  open.push(sim);
  const { client } = connected(sim.baseUrl, fakeClock(), {
    headers: { authorization: `Bearer ${sim.credentials.apiToken}` },
  });
  open.push(client);
  const on = endpoints(client, sim.accountId);
  for (let i = 0; i < 130; i++) sim.seed({ name: `Other ${i}` });
  const [first = '', second = ''] = sim.memberIds;
  const made = await on.create({
    name: 'Baseline [creating x]',
    recipients: [{ recipient_account_id: first }],
    resources: [{ ...resource, resource_account_id: sim.accountId }],
  });
  expect((await on.list()).shares).toHaveLength(131);
  expect(await on.rename(made.id, 'Baseline')).toMatchObject({ id: made.id, name: 'Baseline' });
  await on.addRecipient(made.id, { recipient_account_id: second });
  expect((await on.recipients(made.id)).map(({ account_id }) => account_id)).toEqual([first, second]);
  await on.setRecipients(made.id, [{ recipient_account_id: second }]);
  const [shared] = await on.resources(made.id);
  await on.updateResource(made.id, shared?.id ?? '', { a: 2 });
  expect((await on.get(made.id)).resources).toMatchObject([{ id: shared?.id, meta: { a: 2 } }]);
  expect(await on.counts(made.id)).toMatchObject({ id: made.id, name: 'Baseline' });
  expect(await on.remove(made.id)).toMatchObject({ id: made.id });
  // Filtering by status would hide live shares with an unknown status, so deleted shares are listed as well.
  expect((await on.list()).shares.find(({ id }) => id === made.id)?.status).toMatch(/^delet(ing|ed)$/);
  expect(sim.maxInFlight).toBe(1);
});

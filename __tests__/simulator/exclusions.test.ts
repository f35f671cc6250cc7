import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Exclusion, type Simulator, startSimulator } from '../../simulator/index.ts';
import { call, member, recipientsOf, send, sharesOf } from './client.ts';

let sim: Simulator;
beforeAll(async () => {
  sim = await startSimulator({ associationMs: 60_000 });
});
beforeEach(() => sim.reset());
afterAll(() => sim.close());

const everyone = (...exclusions: string[]) => sim.seed({ name: 'Everyone', recipients: [{}], exclusions });
const placeOf = (share: { id: string }) => `${sharesOf(sim)}/${share.id}/excluded-recipients`;
const items = (...accounts: string[]) => accounts.map((account_id) => ({ account_id }));
const excluded = () => sim.shares()[0]?.exclusions.map(({ account_id }) => account_id);
const recordOf = async (share: { id: string }, account: string) =>
  (await recipientsOf(sim, share)).find(({ account_id }) => account_id === account);

test('an excluded account disassociates, and keeps its record when it is included again', async () => {
  const share = everyone();
  const account = member(sim, 3);
  const before = await recordOf(share, account);
  expect(before?.association_status).toBe('associated');

  const added = await call<Exclusion>(sim, 'POST', placeOf(share), { body: { account_id: account } });
  const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  const exclusion = { id: expect.stringMatching(/^[0-9a-f]{32}$/), account_id: account };
  expect(added.status).toBe(201);
  expect(added.result).toEqual({ ...exclusion, created: timestamp, modified: timestamp });
  expect((await recordOf(share, account))?.association_status).toBe('disassociating');

  const place = `${placeOf(share)}/${added.result.id}`;
  expect((await call<Exclusion>(sim, 'GET', place)).result).toEqual(added.result);
  expect((await call<Exclusion>(sim, 'DELETE', place)).result).toEqual(added.result);
  expect((await call(sim, 'GET', place)).status).toBe(404);
  expect(await recordOf(share, account)).toMatchObject({ id: before?.id, association_status: 'associating' });
  expect(await recipientsOf(sim, share)).toHaveLength(sim.memberIds.length);

  sim.setAssociation(0);
  await call(sim, 'POST', placeOf(share), { body: { account_id: account } });
  expect((await recordOf(share, account))?.association_status).toBe('disassociated');
});

test('a list, which can be empty, replaces all exclusions but keeps the records of those that stay', async () => {
  const share = everyone(member(sim, 0), member(sim, 1));
  const body = items(member(sim, 1), member(sim, 2));
  expect(await send(sim, 'PUT', placeOf(share), { body })).toMatchObject({ status: 204, text: '' });
  expect(excluded()).toEqual([member(sim, 1), member(sim, 2)]);
  expect(sim.shares()[0]?.exclusions[0]).toEqual(share.exclusions[1]);
  expect((await recipientsOf(sim, share)).slice(0, 4).map((one) => one.association_status)).toEqual([
    'associating',
    'disassociated',
    'disassociating',
    'associated',
  ]);
  expect((await send(sim, 'PUT', placeOf(share), { body: [] })).status).toBe(204);
  expect(excluded()).toEqual([]);
});

test('exclusions come in pages', async () => {
  const share = everyone(...sim.memberIds.slice(0, 25));
  const whole = await call<Exclusion[]>(sim, 'GET', placeOf(share));
  expect(whole.result).toEqual(share.exclusions);
  const page = await call<Exclusion[]>(sim, 'GET', `${placeOf(share)}?page=2&per_page=20`);
  expect(page.result).toEqual(share.exclusions.slice(20));
  expect(page.result_info).toEqual({ count: 5, page: 2, per_page: 20, total_count: 25, total_pages: 2 });
});

test.each([
  ['the owner', '023e105f4ecef8ad9ca31a8372d0c353'],
  ['an account outside the organization', 'ffffffffffffffffffffffffffffffff'],
  ['an item without an account', undefined],
])('an exclusion is refused, and nothing changes, for %s', async (_what, account_id) => {
  const share = everyone(member(sim, 0));
  const single = await call(sim, 'POST', placeOf(share), { body: { account_id } });
  expect([single.status, single.errors[0]?.source?.pointer]).toEqual([400, '/account_id']);
  const body = [...items(member(sim, 1)), { account_id }];
  const list = await call(sim, 'PUT', placeOf(share), { body });
  expect([list.status, list.errors[0]?.source?.pointer]).toEqual([400, '/1/account_id']);
  expect(sim.shares()).toEqual([share]);
});

test('an account is excluded once, and only with the key account_id', async () => {
  const share = everyone(member(sim, 0));
  const send = (method: string, body: unknown) => call(sim, method, placeOf(share), { body });
  expect((await send('POST', { account_id: member(sim, 0) })).status).toBe(409);
  expect((await send('PUT', items(member(sim, 1), member(sim, 1)))).errors[0]?.source?.pointer).toBe('/1');
  expect((await send('POST', { recipient_account_id: member(sim, 1) })).status).toBe(400);
  expect((await send('PUT', {})).status).toBe(400);
  expect(sim.shares()).toEqual([share]);
});

test('exclusions are refused on a share with accounts and on a deleted share', async () => {
  const body = { account_id: member(sim, 1) };
  const some = sim.seed({ name: 'Some' });
  const gone = sim.seed({ name: 'Gone', recipients: [{}], status: 'deleted' });
  for (const [share, status] of [
    [some, 400],
    [gone, 409],
  ] as const) {
    expect((await call(sim, 'POST', placeOf(share), { body })).status).toBe(status);
    expect((await call(sim, 'PUT', placeOf(share), { body: [body] })).status).toBe(status);
    expect((await call(sim, 'GET', placeOf(share))).result).toEqual([]);
  }
  expect(sim.shares()).toEqual([some, gone]);
  expect(() => sim.seed({ name: 'Some', exclusions: [member(sim, 1)] })).toThrow('targets accounts');
  expect(() => sim.seed({ name: 'All', recipients: [{}], exclusions: [sim.outsiderId] })).toThrow('organization');
});

test('exclusions are visible only to the owner, and can be changed only by a token that can write', async () => {
  const share = everyone(member(sim, 0));
  const theirs = `${sharesOf(sim, member(sim, 1))}/${share.id}/excluded-recipients`;
  expect((await call(sim, 'GET', theirs)).status).toBe(404);
  const headers = { Authorization: `Bearer ${sim.credentials.readOnlyApiToken}` };
  expect((await call(sim, 'GET', placeOf(share), { headers })).status).toBe(200);
  expect((await call(sim, 'PUT', placeOf(share), { headers, body: [] })).status).toBe(403);
  // An excluded account does not receive the share.
  const received = await call<unknown[]>(sim, 'GET', `${sharesOf(sim, member(sim, 0))}?kind=received`);
  expect(received.result).toEqual([]);
});

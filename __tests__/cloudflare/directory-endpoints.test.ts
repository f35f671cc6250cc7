// The lists that names come from: each request as sent, and what is read from its response.

import { afterEach, expect, test } from '@jest/globals';
import { startSimulator } from '../../simulator/index.ts';
import { type DirectoryEndpoints, directoryEndpoints } from '../../src/cloudflare/directory-endpoints.ts';
import { fakeClock } from '../clock.ts';
import { type Arrived, connected, failure, type ScriptedResponse, scriptedApi, success } from './scripted-api.ts';

const open: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close();
});

async function api(...script: ScriptedResponse[]): Promise<{ arrived: Arrived[]; on: DirectoryEndpoints }> {
  const server = await scriptedApi((_, n) => script[n] ?? failure(418));
  const { client } = connected(server.baseUrl, fakeClock());
  open.push(server, client);
  return { arrived: server.arrived, on: directoryEndpoints(client) };
}

type Does = (on: DirectoryEndpoints) => Promise<unknown>;
const calls: [string, Does, string, string, string][] = [
  ['account', (on) => on.account('a/1'), '/accounts/a%2F1', '', 'read account a/1'],
  ['accounts', (on) => on.accounts(), '/accounts', 'page=1&per_page=50', 'list the accounts that the token can see'],
  [
    'organizationAccounts',
    (on) => on.organizationAccounts('o/1'),
    '/organizations/o%2F1/accounts',
    'page_size=1000',
    'list the accounts of organization o/1',
  ],
  [
    'policies',
    (on) => on.policies('a/1'),
    '/accounts/a%2F1/gateway/rules',
    '',
    'list the gateway policies of account a/1',
  ],
  [
    'rulesets',
    (on) => on.rulesets('a/1'),
    '/accounts/a%2F1/rulesets',
    'per_page=50',
    'list the rulesets of account a/1',
  ],
];

test.each(calls)('%s sends one GET request, and its errors name the purpose', async (_, does, path, query, purpose) => {
  const { arrived, on } = await api(failure(400, [{ code: 1001, message: 'no' }]));
  await expect(does(on)).rejects.toThrow(`Cloudflare refused to ${purpose}: HTTP 400: 1001 no`);
  expect(arrived).toHaveLength(1);
  expect(arrived[0]).toMatchObject({ method: 'GET', path, body: '' });
  expect(arrived[0]?.query.toString()).toBe(query);
});

test.each(calls.slice(1))('%s treats null as an empty list unless the count is not zero', async (_, does) => {
  const { on } = await api(success(null), success([]), success(null, { total_count: 3 }));
  expect([await does(on), await does(on)]).toEqual([
    { items: [], isWhole: true },
    { items: [], isWhole: true },
  ]);
  await expect(does(on)).rejects.toThrow('"result" is null, but "result_info" counts 3');
});

test('reads an account with its organization, even if other fields are null', async () => {
  const said = [
    { id: 'A1', name: 'Berlin', managed_by: { parent_org_id: 'o1', parent_org_name: 'Acme' } },
    { id: 'a1', name: null, managed_by: null },
    { id: 'a1', managed_by: { parent_org_id: null } },
    { id: 'a1', name: 7, managed_by: 'o1' },
  ];
  const { on } = await api(...said.map((one) => success(one)), success([]));
  const read = [];
  for (const _ of said) read.push(await on.account('a1'));
  expect(read).toEqual([{ id: 'a1', name: 'Berlin', organizationId: 'o1' }, { id: 'a1' }, { id: 'a1' }, { id: 'a1' }]);
  await expect(on.account('a1')).rejects.toThrow('"result" is not an object');
});

test('keeps entries that have no name, and marks lists with unreadable entries as incomplete', async () => {
  const berlin = { id: 'a1', name: 'Berlin' };
  const { on } = await api(success([berlin, { id: 'a2', name: null }]), success([berlin, null, 7, { id: '' }, {}]));
  expect(await on.organizationAccounts('o1')).toEqual({ items: [berlin, { id: 'a2' }], isWhole: true });
  expect(await on.organizationAccounts('o1')).toEqual({ items: [berlin], isWhole: false });
});

test('reads the owner of a policy and whether it is sharable, and omits deleted policies', async () => {
  const { on } = await api(
    success([
      { id: 'p1', name: 'Block malware', sharable: true, source_account: 'a1', deleted_at: null },
      { id: 'p2', name: 'Private', sharable: false, source_account: null },
      { id: 'p3', name: 'Unknown', sharable: null },
      { id: 'p4', name: 'Deleted', sharable: true, deleted_at: '2026-01-01T00:00:00Z' },
    ]),
  );
  expect(await on.policies('a1')).toEqual({
    items: [
      { id: 'p1', name: 'Block malware', sharable: true, sourceAccount: 'a1' },
      { id: 'p2', name: 'Private', sharable: false },
      { id: 'p3', name: 'Unknown' },
    ],
    isWhole: true,
  });
});

test('marks a list of policies as incomplete if it contains fewer policies than its count says', async () => {
  const { on } = await api(success([{ id: 'p1', name: 'Block malware' }], { total_count: 2 }));
  expect(await on.policies('a1')).toMatchObject({ isWhole: false });
});

test('returns only custom rulesets', async () => {
  const kinds = ['custom', 'managed', 'root', 'zone', null];
  const { on } = await api(success(kinds.map((kind, i) => ({ id: `r${i}`, name: 'WAF', kind }))));
  expect(await on.rulesets('a1')).toEqual({ items: [{ id: 'r0', name: 'WAF' }], isWhole: true });
});

test('stops reading at the page without a next token, whatever the totals say', async () => {
  const [berlin, oslo] = [
    { id: 'a1', name: 'Berlin' },
    { id: 'a2', name: 'Oslo' },
  ];
  const totals = { total_count: 2500, total_pages: 3, per_page: 1000 };
  const { arrived, on } = await api(
    success([{ id: 'a0', name: null }, berlin], { ...totals, next_page_token: 't' }),
    success([oslo], { ...totals, next_page_token: null }),
  );
  expect((await on.organizationAccounts('o1')).items).toEqual([{ id: 'a0' }, berlin, oslo]);
  expect(arrived.map(({ query }) => query.toString())).toEqual(['page_size=1000', 'page_size=1000&page_token=t']);
});

test('ends a list at a repeated token, and fails if the list is endless', async () => {
  const circle = await api(...Array.from({ length: 9 }, () => success([{ id: 'a1' }], { next_page_token: 'x' })));
  expect((await circle.on.organizationAccounts('o1')).items).toEqual([{ id: 'a1' }]);
  const endless = await scriptedApi((_, n) => success([{ id: `r${n}` }], { cursors: { after: `c${n}` } }));
  const { client } = connected(endless.baseUrl, fakeClock());
  open.push(endless, client);
  await expect(directoryEndpoints(client).rulesets('a1')).rejects.toThrow('the list has more than 1000 pages');
});

test('reads all lists of the simulator page by page', async () => {
  const sim = await startSimulator({ directoryPageMax: 200 });
  const { client } = connected(sim.baseUrl, fakeClock(), {
    headers: { authorization: `Bearer ${sim.credentials.apiToken}` },
  });
  open.push(sim, client);
  const on = directoryEndpoints(client);
  for (let i = 0; i < 120; i++) sim.addRuleset({ name: `Ruleset ${i}` });
  const policyId = sim.addPolicy({ name: 'Block malware' });
  const all = [sim.accountId, ...sim.memberIds];
  expect(await on.account(sim.accountId)).toEqual({
    id: sim.accountId,
    name: sim.accountName,
    organizationId: sim.organizationId,
  });
  expect((await on.accounts()).items.map(({ id }) => id)).toEqual(all);
  expect((await on.organizationAccounts(sim.organizationId)).items.map(({ id }) => id)).toEqual(all);
  expect((await on.policies(sim.accountId)).items).toMatchObject([{ id: policyId, name: 'Block malware' }]);
  expect((await on.rulesets(sim.accountId)).items).toHaveLength(120);
  expect(sim.counts()).toEqual({
    'account-details': 1,
    'accounts-list': 9,
    'organization-accounts-list': 3,
    'zero-trust-gateway-rules-list': 1,
    'list-account-rulesets': 3,
  });
});

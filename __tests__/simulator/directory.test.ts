import { describe, expect, test } from '@jest/globals';
import { nameAsDocumented } from '../../simulator/documented-names.ts';
import type { OrganizationAccount, Simulator } from '../../simulator/index.ts';
import { useSimulator } from '../use-simulator.ts';
import { call, member, send, withSimulator } from './client.ts';

const sim = await useSimulator();

async function look(from: Simulator, query = '', headers?: { Authorization: string }) {
  const path = `/organizations/${from.organizationId}/accounts${query}`;
  const { status, text } = await send(from, 'GET', path, headers && { headers });
  const { result, result_info: info, errors } = JSON.parse(text);
  return { status, accounts: result as OrganizationAccount[], info, errors };
}

test("the organization's accounts come in pages of up to 1,000", async () => {
  const { accounts, info } = await look(sim, '?page_size=1000');
  expect(accounts.map(({ id }) => id)).toEqual([sim.accountId, ...sim.memberIds]);
  expect(accounts.slice(0, 3).map(({ name }) => name)).toEqual([
    sim.accountName,
    'Example Member 1',
    'Example Member 2',
  ]);
  expect(info).toEqual({ total_size: sim.memberIds.length + 1 });
});

test("the organization's accounts are paged with tokens", async () => {
  await withSimulator({ directoryPageMax: 200 }, async (small) => {
    expect((await look(small)).accounts).toHaveLength(10);
    const ids: string[] = [];
    let pages = 0;
    for (let token: string | undefined = ''; token !== undefined; pages += 1) {
      const { accounts, info } = await look(small, `?page_size=1000${token && `&page_token=${token}`}`);
      ids.push(...accounts.map(({ id }) => id));
      token = info.next_page_token;
    }
    expect(pages).toBe(3);
    expect(ids).toEqual([small.accountId, ...small.memberIds]);
  });
});

test.each(['page_size=0', 'page_size=1001', 'page_token=abc'])(
  "the organization's accounts can't be requested with %s",
  async (query) => {
    expect(await look(sim, `?${query}`)).toMatchObject({ status: 400, errors: [{ code: 1001 }] });
  },
);

test("the organization's accounts can't be read by a token for shares only, or by other organizations", async () => {
  const headers = { Authorization: `Bearer ${sim.credentials.sharesOnlyApiToken}` };
  expect(await look(sim, '', headers)).toMatchObject({ status: 403, errors: [{ code: 10000 }] });
  const shares = `/accounts/${sim.accountId}/shares`;
  const body = {
    name: 'Written',
    recipients: [{ account_id: member(sim, 0) }],
    resources: [{ resource_type: 'gateway-policy', resource_id: 'c', resource_account_id: sim.accountId, meta: {} }],
  };
  expect((await send(sim, 'POST', shares, { headers, body })).status).toBe(201);
  expect((await send(sim, 'GET', `/organizations/${'0'.repeat(32)}/accounts`)).status).toBe(403);
});

interface Named {
  id: string;
  name?: string | null;
}
const names = (things: readonly Named[]) => things.map(({ name }) => name);

describe('accounts that the token can see', () => {
  test('come in pages of 20 by default, and of 5 to 50 on request', async () => {
    const list = (query: string) => call<Named[]>(sim, 'GET', `/accounts${query}`);
    const first = await list('');
    expect(first.result).toHaveLength(20);
    expect(first.result_info).toMatchObject({ page: 1, per_page: 20, total_count: 421 });
    const last = await list('?page=9&per_page=50');
    expect([last.result.length, last.result.at(-1)?.name]).toEqual([21, 'Example Member 420']);
    for (const size of [4, 51]) expect((await list(`?per_page=${size}`)).status).toBe(400);
    expect(names((await list('?name=Example%20Member%207')).result)).toEqual(['Example Member 7']);
  });

  test('have their organization, if there is one', async () => {
    const get = async () => (await call<object>(sim, 'GET', `/accounts/${sim.accountId}`)).result;
    expect(await get()).toMatchObject({
      name: sim.accountName,
      managed_by: { parent_org_id: sim.organizationId, parent_org_name: 'Example Organization' },
    });
    sim.leaveOrganization();
    expect(await get()).not.toHaveProperty('managed_by');
  });

  test('can be renamed, hidden or have no name', async () => {
    sim.nameAccount(member(sim, 0), 'Berlin office');
    sim.nameAccount(member(sim, 1), null);
    sim.nameAccount(member(sim, 2), undefined);
    sim.hideAccount(member(sim, 3));
    const shown = [sim.accountName, 'Berlin office', null, undefined];
    expect(names((await look(sim)).accounts).slice(0, 5)).toEqual([...shown, 'Example Member 4']);
    const seen = await call<Named[]>(sim, 'GET', '/accounts?per_page=5');
    expect(names(seen.result)).toEqual([...shown, 'Example Member 5']);
    expect((await call(sim, 'GET', `/accounts/${member(sim, 3)}`)).status).toBe(403);
  });
});

test('gateway policies of an account come in one page', async () => {
  for (let i = 0; i < 60; i++) sim.addPolicy({ name: `Policy ${i}` });
  const theirs = sim.addPolicy({ name: 'Theirs', accountId: member(sim, 0), sharable: false, id: 'f1' });
  const list = async (account: string) =>
    (await call<Named[]>(sim, 'GET', `/accounts/${account}/gateway/rules`)).result;
  expect(await list(sim.accountId)).toHaveLength(60);
  expect(await list(member(sim, 0))).toMatchObject([
    { id: 'f1', name: 'Theirs', sharable: false, source_account: member(sim, 0), deleted_at: null },
  ]);
  sim.renameResource(theirs, 'Still theirs');
  expect(names(await list(member(sim, 0)))).toEqual(['Still theirs']);
  sim.deleteResource(theirs);
  expect(await list(member(sim, 0))).toEqual([]);
});

test('rulesets come in pages of at most 50, with cursors', async () => {
  for (let i = 0; i < 120; i++) sim.addRuleset({ name: `Ruleset ${i}`, kind: i % 2 ? 'custom' : 'managed' });
  const seen: string[] = [];
  let pages = 0;
  for (let cursor: string | undefined = ''; cursor !== undefined; pages += 1) {
    const path: string = `/accounts/${sim.accountId}/rulesets?per_page=50${cursor && `&cursor=${cursor}`}`;
    const { result, result_info: info } = await call<Named[]>(sim, 'GET', path);
    seen.push(...result.map(({ id }) => id));
    cursor = (info as { cursors?: { after: string } } | undefined)?.cursors?.after;
  }
  expect([pages, new Set(seen).size]).toEqual([3, 120]);
  const rulesets = `/accounts/${sim.accountId}/rulesets`;
  for (const query of ['per_page=51', 'cursor=abc'])
    expect((await send(sim, 'GET', `${rulesets}?${query}`)).status).toBe(400);
});

test.each(['/accounts', '/accounts/:id', '/accounts/:id/gateway/rules', '/accounts/:id/rulesets'])(
  "%s can't be read by a token for shares only, or in other organizations",
  async (path) => {
    const headers = { Authorization: `Bearer ${sim.credentials.sharesOnlyApiToken}` };
    const refused = await call(sim, 'GET', path.replace(':id', sim.accountId), { headers });
    expect(refused).toMatchObject({ status: 403, errors: [{ code: 10000 }] });
    if (path.includes(':id'))
      expect(await call(sim, 'GET', path.replace(':id', sim.outsiderId))).toMatchObject({
        status: 403,
        errors: [{ code: 9109 }],
      });
  },
);

test('a reset over HTTP keeps the documented names, if the simulator has them', async () => {
  await withSimulator({}, async (own) => {
    nameAsDocumented(own);
    await send(own, 'POST', new URL('/simulator/reset', own.baseUrl).href);
    expect((await look(own)).accounts.slice(1, 3).map(({ name }) => name)).toEqual(['Berlin office', 'Branch Aarhus']);
    const { result } = await call<Named[]>(own, 'GET', `/accounts/${own.accountId}/gateway/rules`);
    expect(names(result)).toEqual(['Block malware']);
  });
});

test('a reset restores the directory', async () => {
  sim.nameAccount(member(sim, 0), 'Berlin office');
  sim.hideAccount(member(sim, 1));
  sim.leaveOrganization();
  sim.addPolicy({ name: 'Block malware' });
  sim.addRuleset({ name: 'WAF' });
  sim.reset();
  const get = async (path: string) => (await call<Named[]>(sim, 'GET', path)).result;
  expect(names(await get('/accounts')).slice(1, 3)).toEqual(['Example Member 1', 'Example Member 2']);
  expect(await get(`/accounts/${sim.accountId}`)).toHaveProperty('managed_by');
  for (const list of ['gateway/rules', 'rulesets']) expect(await get(`/accounts/${sim.accountId}/${list}`)).toEqual([]);
});

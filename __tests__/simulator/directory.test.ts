import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type OrganizationAccount, type Simulator, startSimulator } from '../../simulator/index.ts';
import { member, send, withSimulator } from './client.ts';

let sim: Simulator;
beforeAll(async () => {
  sim = await startSimulator();
});
afterAll(() => sim.close());

async function look(from: Simulator, query = '', headers?: { Authorization: string }) {
  const path = `/organizations/${from.organizationId}/accounts${query}`;
  const { status, text } = await send(from, 'GET', path, headers && { headers });
  const { result, result_info: info, errors } = JSON.parse(text);
  return { status, accounts: result as OrganizationAccount[], info, errors };
}

test('the directory names every account of the organization, a thousand at once', async () => {
  const { accounts, info } = await look(sim, '?page_size=1000');
  expect(accounts.map(({ id }) => id)).toEqual([sim.accountId, ...sim.memberIds]);
  expect(accounts.slice(0, 3).map(({ name }) => name)).toEqual([
    sim.accountName,
    'Example Member 1',
    'Example Member 2',
  ]);
  expect(info).toEqual({ total_size: sim.memberIds.length + 1 });
});

test('the directory is continued with tokens', async () => {
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

test.each(['page_size=0', 'page_size=1001', 'page_token=abc'])('refuses the query %s', async (query) => {
  expect(await look(sim, `?${query}`)).toMatchObject({ status: 400, errors: [{ code: 1001 }] });
});

test('is closed to a token that reads and writes shares only, and to other organizations', async () => {
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

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { RateLimiter } from '../../simulator/rate-limit.ts';
import { call, create, member, send, shareBody, sharesOf, withSimulator } from './client.ts';

describe('the API', () => {
  let sim: Simulator;
  beforeAll(async () => {
    sim = await startSimulator();
  });
  afterAll(() => sim.close());

  test.each([
    ['missing credentials', {}, 401, 10000],
    ['an unknown token', { Authorization: 'Bearer somebody-else' }, 403, 9109],
    ['a scheme that is not Bearer', { Authorization: 'Basic abc' }, 400, 6003],
    ['a token with illegal characters', { Authorization: 'Bearer a b' }, 400, 6003],
    ['an e-mail without a key', { 'X-Auth-Email': 'user@example.com' }, 400, 6003],
    ['a key without an e-mail', { 'X-Auth-Key': '144c9defac04969c7bfad8efaa8ea194' }, 400, 6003],
    ['an invalid e-mail', { 'X-Auth-Email': 'user', 'X-Auth-Key': 'abc' }, 400, 6003],
    ['a wrong key', { 'X-Auth-Email': 'user@example.com', 'X-Auth-Key': 'abc' }, 403, 10000],
  ])('refuses %s', async (_what, headers, status, code) => {
    const response = await call(sim, 'GET', sharesOf(sim), { headers });
    expect(response).toMatchObject({ status, success: false, errors: [{ code }], result: null });
  });

  test('accepts a Global API key with its e-mail for reads and writes', async () => {
    const headers = { 'X-Auth-Email': sim.credentials.apiEmail, 'X-Auth-Key': sim.credentials.apiKey };
    const created = await call(sim, 'POST', sharesOf(sim), { headers, body: shareBody(sim) });
    expect(created.status).toBe(201);
    expect((await call(sim, 'GET', `${sharesOf(sim)}/${created.result.id}`, { headers })).status).toBe(200);
  });

  test('lets a read-only token read, but refuses its writes with an authentication error', async () => {
    const headers = { Authorization: `Bearer ${sim.credentials.readOnlyApiToken}` };
    const share = await create(sim);
    const before = sim.shares();
    expect((await call(sim, 'GET', sharesOf(sim), { headers })).status).toBe(200);
    const place = `${sharesOf(sim)}/${share.id}`;
    for (const [method, path] of [
      ['POST', sharesOf(sim)],
      ['PUT', place],
      ['DELETE', place],
      ['PUT', `${place}/recipients`],
      ['POST', `${place}/resources`],
    ] as const) {
      const response = await call(sim, method, path, { headers, body: shareBody(sim) });
      expect(response).toMatchObject({ status: 403, errors: [{ code: 10000, message: 'Authentication error' }] });
    }
    expect(sim.shares().map(({ id, status }) => [id, status])).toEqual(before.map(({ id, status }) => [id, status]));
  });

  test("refuses accounts and organizations that the credentials don't cover", async () => {
    for (const path of [sharesOf(sim, sim.outsiderId), '/organizations/00000000000000000000000000000000/shares']) {
      expect(await call(sim, 'GET', path)).toMatchObject({ status: 403, errors: [{ code: 9109 }] });
    }
  });

  test('responds with 404 and 1004 for an unknown share, recipient or resource', async () => {
    const share = await create(sim);
    const unknown = '00000000000000000000000000000000';
    const place = `${sharesOf(sim)}/${share.id}`;
    for (const path of [
      `${sharesOf(sim)}/${unknown}`,
      `${place}/recipients/${unknown}`,
      `${place}/resources/${unknown}`,
    ]) {
      expect(await call(sim, 'GET', path)).toMatchObject({ status: 404, errors: [{ code: 1004 }] });
    }
  });

  test('responds with 404 and 7003 for an unknown route', async () => {
    const response = await call(sim, 'GET', `/accounts/${sim.accountId}/share`);
    expect(response).toMatchObject({ status: 404, errors: [{ code: 7003 }] });
    expect(response.errors[0]?.message).toContain('Could not route to');
  });

  test.each([
    ['with a broken escape', '/accounts/%zz/shares'],
    ['with a very long identifier', `/accounts/${'1'.repeat(500)}/shares`],
    ['that resembles the control paths', '/../../simulatorx'],
  ])('treats an address %s as an unknown route, and records it', async (_what, path) => {
    const before = sim.requests.length;
    const response = await call(sim, 'GET', path);
    expect(response).toMatchObject({ status: 404, errors: [{ code: 7003 }] });
    expect(response.headers['cf-ray']).toBeDefined();
    expect(sim.requests.slice(before)).toMatchObject([{ method: 'GET', status: 404 }]);
  });

  test('sends a ray and the rate limit with every response', async () => {
    for (const path of [sharesOf(sim), '/nowhere']) {
      const { headers } = await call(sim, 'GET', path);
      expect(headers['cf-ray']).toMatch(/^[0-9a-f]{16}-AMS$/);
      expect(headers.ratelimit).toMatch(/^"default";r=\d+;t=\d+$/);
      expect(headers['ratelimit-policy']).toBe('"default";q=1200;w=300');
    }
  });

  test("shows a received share to its recipient, who can't change it", async () => {
    const share = await create(sim, { recipients: [{ account_id: member(sim, 5) }, { account_id: member(sim, 6) }] });
    const received = await call<{ id: string; kind: string }[]>(
      sim,
      'GET',
      `${sharesOf(sim, member(sim, 5))}?kind=received`,
    );
    expect(received.result).toEqual([expect.objectContaining({ id: share.id, kind: 'received' })]);
    expect((await call<unknown[]>(sim, 'GET', `${sharesOf(sim, member(sim, 5))}?kind=sent`)).result).toEqual([]);
    expect((await call<unknown[]>(sim, 'GET', `${sharesOf(sim, member(sim, 7))}?kind=received`)).result).toEqual([]);

    const place = `${sharesOf(sim, member(sim, 5))}/${share.id}`;
    const seen = await call<{ account_id: string }[]>(sim, 'GET', `${place}/recipients`);
    expect(seen.result.map((one) => one.account_id)).toEqual([member(sim, 5)]);
    const [own, other] = sim.shares().find(({ id }) => id === share.id)?.recipients ?? [];
    expect((await call(sim, 'GET', `${place}/recipients/${own?.id}`)).status).toBe(200);
    expect((await call(sim, 'GET', `${place}/recipients/${other?.id}`)).status).toBe(404);
    expect((await call(sim, 'DELETE', place)).status).toBe(404);
    expect(sim.liveShares().map(({ id }) => id)).toContain(share.id);
  });

  test('shows an organization the shares of all its accounts', async () => {
    const ours = await create(sim);
    const body = shareBody(sim, { recipients: [{ account_id: sim.accountId }] });
    const theirs = await call(sim, 'POST', sharesOf(sim, member(sim, 3)), { body });
    const seen = await call<{ id: string }[]>(sim, 'GET', `/organizations/${sim.organizationId}/shares`);
    const ids = seen.result.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([ours.id, theirs.result.id]));
    expect(seen.result_info?.total_count).toBe(ids.length);
  });

  test('refuses everything once the quota is used up', async () => {
    await withSimulator({ rateLimit: { quota: 2, windowSeconds: 60 } }, async (limited) => {
      expect((await send(limited, 'GET', sharesOf(limited))).headers.ratelimit).toBe('"default";r=1;t=60');
      await send(limited, 'GET', sharesOf(limited));
      const refused = await call(limited, 'POST', sharesOf(limited), { body: shareBody(limited) });
      expect(refused).toMatchObject({ status: 429, success: false, errors: [{ code: 971 }] });
      expect(refused.headers).toMatchObject({ 'retry-after': '60', ratelimit: '"default";r=0;t=60' });
      expect(limited.shares()).toEqual([]);
    });
  });

  test('accepts requests again one window after the first request over the limit', () => {
    const limiter = new RateLimiter({ quota: 2, windowSeconds: 60 });
    const allowedAt = (seconds: number): boolean => limiter.count('someone', seconds * 1_000).allowed;
    expect([0, 10, 50, 80, 109, 110].map(allowedAt)).toEqual([true, true, false, false, false, true]);
  });
});

import http from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { allFaultKinds, type FaultKind, faultKinds, type Simulator, startSimulator } from '../../simulator/index.ts';
import { call, create, eventually, member, open, send, shareBody, sharesOf } from './client.ts';

let sim: Simulator;
const observed = new Set<FaultKind>();

beforeAll(async () => {
  sim = await startSimulator();
});
beforeEach(() => sim.reset());
afterAll(() => sim.close());

/** Injects a fault and sends the POST that it strikes. */
function post(fault: Parameters<Simulator['order']>[0], signal?: AbortSignal) {
  observed.add(fault.kind);
  sim.order(fault);
  return send(sim, 'POST', sharesOf(sim), { body: shareBody(sim), ...(signal !== undefined && { signal }) });
}

const committed = () => sim.shares().length;
const reset = { code: 'ECONNRESET' };

describe('faults by kind:', () => {
  test.each([
    ['reset-before-commit', 0],
    ['reset-after-commit', 1],
  ] as const)('%s breaks the connection (shares created: %d)', async (kind, made) => {
    await expect(post({ kind })).rejects.toMatchObject(reset);
    expect(committed()).toBe(made);
    expect(sim.requests[0]).toMatchObject({ status: undefined, fault: kind, body: { name: 'Baseline' } });
  });

  test.each([
    ['json-5xx-before-commit', 0],
    ['json-5xx-after-commit', 1],
  ] as const)('%s returns an error envelope (shares created: %d)', async (kind, made) => {
    const response = await post({ kind, status: 503 });
    expect(response.status).toBe(503);
    expect(response.headers['content-type']).toContain('application/json');
    expect(JSON.parse(response.text)).toMatchObject({ success: false, errors: [{ code: 10001 }], result: null });
    expect(committed()).toBe(made);
  });

  test.each([
    ['html-5xx-before-commit', 0],
    ['html-5xx-after-commit', 1],
  ] as const)('%s returns an error page of the edge (shares created: %d)', async (kind, made) => {
    const response = await post({ kind });
    expect(response.status).toBe(502);
    expect(response.headers['content-type']).toContain('text/html');
    expect(response.headers['cf-ray']).toBeDefined();
    expect(response.text).toContain('| 502: Bad gateway</title>');
    expect(committed()).toBe(made);
    expect(sim.requests[0]?.status).toBe(502);
  });

  test('truncated-body creates the share and truncates the body', async () => {
    observed.add('truncated-body');
    sim.order({ kind: 'truncated-body' });
    const response = await open(sim, 'POST', sharesOf(sim), { body: shareBody(sim) });
    let came = 0;
    const reading = (async () => {
      for await (const chunk of response) came += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject(reset);
    expect(came).toBe(Math.floor(Number(response.headers['content-length']) / 2));
    expect(committed()).toBe(1);
  });

  test('truncated-body breaks the connection after the headers of an empty response', async () => {
    const share = sim.seed({ name: 'Branches' });
    sim.order({ kind: 'truncated-body', method: 'PUT' });
    const agent = new http.Agent({ keepAlive: true });
    const body = [{ account_id: member(sim, 1) }];
    const response = await open(sim, 'PUT', `${sharesOf(sim)}/${share.id}/recipients`, { body, agent });
    const lost = new Promise((resolve) => response.socket.once('close', () => resolve('lost')));
    response.resume();
    expect(response).toMatchObject({ statusCode: 204, headers: { connection: 'keep-alive' } });
    expect(await lost).toBe('lost');
    expect(sim.shares()[0]?.recipients).toHaveLength(2);
    expect(sim.requests.at(-1)).toMatchObject({ status: 204, fault: 'truncated-body' });
    agent.destroy();
  });

  test('late-response creates the share before it sends the response', async () => {
    const began = Date.now();
    let answered = false;
    const response = post({ kind: 'late-response', delayMs: 2_000 }).finally(() => {
      answered = true;
    });
    await eventually(committed, (count) => count === 1);
    expect(answered).toBe(false);
    expect(sim.requests[0]?.status).toBeUndefined();
    expect((await response).status).toBe(201);
    expect(Date.now() - began).toBeGreaterThanOrEqual(1_995);
  });

  test('late-commit creates the share even if the client is gone', async () => {
    const client = new AbortController();
    const response = post({ kind: 'late-commit', delayMs: 2_000 }, client.signal);
    await eventually(
      () => sim.requests.length,
      (count) => count === 1,
    );
    client.abort();
    await expect(response).rejects.toMatchObject({ name: 'AbortError' });
    expect(committed()).toBe(0);
    await eventually(committed, (count) => count === 1);
    expect(sim.requests[0]).toMatchObject({ status: undefined, fault: 'late-commit' });
  });

  test('late-commit sends a response to a client that waits', async () => {
    const began = Date.now();
    expect((await post({ kind: 'late-commit', delayMs: 100 })).status).toBe(201);
    expect(Date.now() - began).toBeGreaterThanOrEqual(95);
    expect(committed()).toBe(1);
  });

  test('late-commit drops held requests on a reset', async () => {
    const response = post({ kind: 'late-commit', delayMs: 60_000 });
    await eventually(
      () => sim.requests.length,
      (count) => count === 1,
    );
    sim.reset();
    await expect(response).rejects.toMatchObject(reset);
    expect(committed()).toBe(0);
  });

  test.each([
    ['reset-then-commit', undefined],
    ['json-5xx-then-commit', 500],
    ['html-5xx-then-commit', 502],
  ] as const)('%s fails at once and executes the request later', async (kind, status) => {
    const response = await post({ kind, commitAfterMs: 3_600_000 }).catch((error: unknown) => error);
    expect(response).toMatchObject(status === undefined ? reset : { status });
    expect([committed(), sim.pendingCommits, sim.pendingFaults]).toEqual([0, 1, 0]);
    expect(sim.requests[0]).toMatchObject({ status, fault: kind });
    await sim.commitPending();
    expect([committed(), sim.pendingCommits]).toEqual([1, 0]);
  });

  test('json-5xx-then-commit refuses a request that has become invalid by then', async () => {
    const { id } = sim.seed({ name: 'Old name' });
    sim.order({ kind: 'json-5xx-then-commit', method: 'PUT', commitAfterMs: 3_600_000 });
    expect((await send(sim, 'PUT', `${sharesOf(sim)}/${id}`, { body: { name: 'New name' } })).status).toBe(500);
    await call(sim, 'DELETE', `${sharesOf(sim)}/${id}`);
    await sim.commitPending();
    expect(sim.pendingCommits).toBe(0);
    expect(sim.shares()[0]).toMatchObject({ name: 'Old name' });
  });

  test('json-5xx-then-commit drops pending requests on a reset', async () => {
    await post({ kind: 'json-5xx-then-commit', commitAfterMs: 3_600_000 });
    sim.reset();
    expect(sim.pendingCommits).toBe(0);
    const began = Date.now();
    await post({ kind: 'json-5xx-then-commit', commitAfterMs: 60 });
    await eventually(
      () => sim.pendingCommits,
      (count) => count === 0,
    );
    expect(Date.now() - began).toBeGreaterThanOrEqual(55);
    expect(committed()).toBe(1);
  });

  test('json-5xx-then-commit executes pending requests when a test asks for it', async () => {
    await post({ kind: 'json-5xx-then-commit', commitAfterMs: 3_600_000 });
    const late = post({ kind: 'late-commit', delayMs: 3_600_000 });
    await eventually(
      () => sim.pendingCommits,
      (count) => count === 2,
    );
    expect(committed()).toBe(0);
    await sim.commitPending();
    await late;
    expect([committed(), sim.pendingCommits]).toEqual([2, 0]);
  });

  test.each([
    [409, undefined],
    [400, 400],
  ])(
    'conflict-when-repeated loses the response to a DELETE and refuses its repetitions with %d',
    async (status, ordered) => {
      observed.add('conflict-when-repeated');
      const [share, other] = [sim.seed({ name: 'Gone' }), sim.seed({ name: 'Other' })];
      sim.order({ kind: 'conflict-when-repeated', ...(ordered !== undefined && { status: ordered }) });
      const remove = ({ id }: { id: string }) => call(sim, 'DELETE', `${sharesOf(sim)}/${id}`);
      expect((await call(sim, 'GET', sharesOf(sim))).status).toBe(200);
      await expect(remove(share)).rejects.toMatchObject(reset);
      expect(sim.liveShares().map(({ name }) => name)).toEqual(['Other']);
      for (const response of [await remove(share), await remove(share)]) {
        expect(response).toMatchObject({ status, success: false, errors: [{ code: 1009 }] });
      }
      expect((await remove(other)).status).toBe(200);
      sim.clearFaults();
      expect((await remove(share)).status).toBe(200);
    },
  );

  test('null-result executes the request and returns no result', async () => {
    const response = await post({ kind: 'null-result' });
    expect(response.status).toBe(201);
    expect(JSON.parse(response.text)).toEqual({ success: true, errors: [], messages: [], result: null });
    expect(committed()).toBe(1);
    sim.order({ kind: 'null-result' });
    expect(await call(sim, 'GET', sharesOf(sim))).toMatchObject({ status: 200, success: true, result: null });
    sim.order({ kind: 'null-result' });
    expect((await call(sim, 'POST', sharesOf(sim), { body: {} })).status).toBe(400);
  });

  test.each([200, 202])('empty-success executes the request and returns %d without a body', async (status) => {
    expect(await post({ kind: 'empty-success', status })).toMatchObject({ status, text: '' });
    expect(committed()).toBe(1);
    sim.order({ kind: 'empty-success' });
    expect((await call(sim, 'POST', sharesOf(sim), { body: {} })).status).toBe(400);
  });

  test('busy refuses only writes on an existing share', async () => {
    observed.add('busy');
    sim.order({ kind: 'busy', times: 2 });
    const { id } = await create(sim);
    expect((await call(sim, 'GET', `${sharesOf(sim)}/${id}`)).status).toBe(200);
    const remove = () => call(sim, 'DELETE', `${sharesOf(sim)}/${id}`);
    expect(await remove()).toMatchObject({ status: 409, success: false, errors: [{ code: 1009 }] });
    expect(await send(sim, 'PUT', `${sharesOf(sim)}/${id}/recipients`, { body: [] })).toMatchObject({ status: 409 });
    expect(sim.liveShares()).toHaveLength(1);
    expect((await remove()).status).toBe(200);
  });

  test('challenge returns a web page from the edge, without any effect', async () => {
    const response = await post({ kind: 'challenge' });
    expect(response).toMatchObject({ status: 403, headers: { 'content-type': 'text/html; charset=UTF-8' } });
    expect(response.text).toContain('<title>Just a moment...</title>');
    expect(committed()).toBe(0);
  });

  test("edge-json returns an error outside the API's envelope, without any effect", async () => {
    const response = await post({ kind: 'edge-json' });
    expect(response.status).toBe(530);
    expect(JSON.parse(response.text)).toMatchObject({ status: 530, error_code: 1016 });
    expect(committed()).toBe(0);
  });

  test('forbidden reports a missing permission, as often as configured', async () => {
    const response = await post({ kind: 'forbidden', times: Number.POSITIVE_INFINITY });
    expect(JSON.parse(response.text)).toMatchObject({ success: false, errors: [{ code: 10000 }] });
    expect([response.status, committed()]).toEqual([403, 0]);
    expect((await call(sim, 'GET', sharesOf(sim))).status).toBe(403);
  });

  test('redirect leads to another path, which records whether credentials were sent', async () => {
    const response = await post({ kind: 'redirect' });
    expect(response.status).toBe(307);
    const elsewhere = response.headers.location ?? '';
    expect(elsewhere).toBe(`${new URL(sim.baseUrl).origin}/elsewhere`);
    expect(committed()).toBe(0);
    expect((await send(sim, 'POST', elsewhere, { headers: { Authorization: 'Bearer leaked' } })).status).toBe(200);
    expect(sim.requests.at(-1)).toMatchObject({ path: '/elsewhere', headers: { authorization: 'Bearer leaked' } });
  });

  test('redirect leads to the given target', async () => {
    const location = 'https://elsewhere.example/';
    expect((await post({ kind: 'redirect', location })).headers.location).toBe(location);
  });

  test('rate-limited returns a 429 with a wait, without any effect', async () => {
    const response = await post({ kind: 'rate-limited', retryAfterSeconds: 7 });
    expect(response).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
    expect(JSON.parse(response.text)).toMatchObject({ errors: [{ code: 971 }] });
    expect(committed()).toBe(0);
  });

  test('rate-limit-low returns a normal response whose quota is used up', async () => {
    const response = await post({ kind: 'rate-limit-low', retryAfterSeconds: 3 });
    expect(response).toMatchObject({ status: 201, headers: { ratelimit: '"default";r=0;t=3' } });
    expect(committed()).toBe(1);
  });

  test('nonsense creates the share and returns an unknown body', async () => {
    expect(await post({ kind: 'nonsense' })).toMatchObject({ status: 201, text: '{"ok":true}' });
    expect(committed()).toBe(1);
  });

  test('wider makes the share target the organization instead of accounts', async () => {
    const response = await post({ kind: 'wider' });
    expect(JSON.parse(response.text).result.target_type).toBe('organization');
    expect(sim.liveShares()[0]).toMatchObject({ target_type: 'organization' });
    expect(sim.liveShares()[0]?.recipients).toHaveLength(sim.memberIds.length);
  });

  test('wider affects only the creation of a share', async () => {
    sim.order({ kind: 'wider' });
    expect((await call(sim, 'GET', sharesOf(sim))).status).toBe(200);
    expect(sim.pendingFaults).toBe(1);
  });

  test('every kind is tested above', () => {
    expect([...observed].sort()).toEqual([...allFaultKinds].sort());
    expect(allFaultKinds.slice(0, faultKinds.length)).toEqual(faultKinds);
  });
});

describe('an injected fault', () => {
  const get = async (path = sharesOf(sim)) => (await send(sim, 'GET', path)).status;

  test('occurs once by default', async () => {
    sim.order({ kind: 'json-5xx-before-commit' });
    expect(sim.pendingFaults).toBe(1);
    expect([await get(), await get()]).toEqual([500, 200]);
    expect(sim.pendingFaults).toBe(0);
  });

  test('skips requests and occurs as often as configured', async () => {
    sim.order({ kind: 'json-5xx-before-commit', skip: 1, times: 2 });
    expect([await get(), await get(), await get(), await get()]).toEqual([200, 500, 500, 200]);
  });

  test('affects only requests with its method and path, compared without the base path', async () => {
    const { id } = await create(sim);
    sim.order({ kind: 'json-5xx-before-commit', method: 'post' });
    sim.order({ kind: 'html-5xx-before-commit', path: /^\/accounts\/[^/]+\/shares\/[^/]+$/g });
    sim.order({ kind: 'rate-limited', path: '/recipients$' });
    expect(await get()).toBe(200);
    expect(await get(`${sharesOf(sim)}/${id}/recipients`)).toBe(429);
    expect(await get(`${sharesOf(sim)}/${id}`)).toBe(502);
    expect(sim.pendingFaults).toBe(1);
  });

  test('is the first one that matches the request', async () => {
    sim.order({ kind: 'rate-limited', method: 'GET' });
    sim.order({ kind: 'html-5xx-before-commit' });
    expect([await get(), await get()]).toEqual([429, 502]);
  });
});

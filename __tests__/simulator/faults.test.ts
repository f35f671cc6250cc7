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

/** Orders a fault and sends the POST that it strikes. */
function post(fault: Parameters<Simulator['order']>[0], timeoutMs?: number) {
  observed.add(fault.kind);
  sim.order(fault);
  return send(sim, 'POST', sharesOf(sim), { body: shareBody(sim), ...(timeoutMs !== undefined && { timeoutMs }) });
}

const committed = () => sim.shares().length;
const reset = { code: 'ECONNRESET' };

describe('faults on the wire', () => {
  test.each([
    ['reset-before-commit', 0],
    ['reset-after-commit', 1],
  ] as const)('%s: the connection breaks, %d shares made', async (kind, made) => {
    await expect(post({ kind })).rejects.toMatchObject(reset);
    expect(committed()).toBe(made);
    expect(sim.requests[0]).toMatchObject({ status: undefined, fault: kind, body: { name: 'Baseline' } });
  });

  test.each([
    ['json-5xx-before-commit', 0],
    ['json-5xx-after-commit', 1],
  ] as const)('%s: an error envelope, %d shares made', async (kind, made) => {
    const answer = await post({ kind, status: 503 });
    expect(answer.status).toBe(503);
    expect(answer.headers['content-type']).toContain('application/json');
    expect(JSON.parse(answer.text)).toMatchObject({ success: false, errors: [{ code: 10001 }], result: null });
    expect(committed()).toBe(made);
  });

  test.each([
    ['html-5xx-before-commit', 0],
    ['html-5xx-after-commit', 1],
  ] as const)("%s: the edge's error page, %d shares made", async (kind, made) => {
    const answer = await post({ kind });
    expect(answer.status).toBe(502);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.headers['cf-ray']).toBeDefined();
    expect(answer.text).toContain('| 502: Bad gateway</title>');
    expect(committed()).toBe(made);
    expect(sim.requests[0]?.status).toBe(502);
  });

  test('truncated-body: the body is shorter than the headers say, and the share is created', async () => {
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

  test('truncated-body: an empty response has its headers, and then the connection is lost', async () => {
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

  test('late-response: the share exists before the response is sent', async () => {
    const began = Date.now();
    let answered = false;
    const answer = post({ kind: 'late-response', delayMs: 2_000 }).finally(() => {
      answered = true;
    });
    await eventually(committed, (count) => count === 1);
    expect(answered).toBe(false);
    expect(sim.requests[0]?.status).toBeUndefined();
    expect((await answer).status).toBe(201);
    expect(Date.now() - began).toBeGreaterThanOrEqual(1_995);
  });

  test('late-commit: the share is created although the client has gone', async () => {
    await expect(post({ kind: 'late-commit', delayMs: 2_000 }, 50)).rejects.toMatchObject({ name: 'AbortError' });
    expect(committed()).toBe(0);
    await eventually(committed, (count) => count === 1);
    expect(sim.requests[0]).toMatchObject({ status: undefined, fault: 'late-commit' });
  });

  test('late-commit: a client that waits gets a response', async () => {
    const began = Date.now();
    expect((await post({ kind: 'late-commit', delayMs: 100 })).status).toBe(201);
    expect(Date.now() - began).toBeGreaterThanOrEqual(95);
    expect(committed()).toBe(1);
  });

  test('late-commit: a reset drops held requests', async () => {
    const answer = post({ kind: 'late-commit', delayMs: 60_000 });
    await eventually(
      () => sim.requests.length,
      (count) => count === 1,
    );
    sim.reset();
    await expect(answer).rejects.toMatchObject(reset);
    expect(committed()).toBe(0);
  });

  test.each([
    ['reset-then-commit', undefined],
    ['json-5xx-then-commit', 500],
    ['html-5xx-then-commit', 502],
  ] as const)('%s: the request fails at once and is carried out later', async (kind, status) => {
    const answer = await post({ kind, commitAfterMs: 3_600_000 }).catch((error: unknown) => error);
    expect(answer).toMatchObject(status === undefined ? reset : { status });
    expect([committed(), sim.pendingCommits, sim.pendingFaults]).toEqual([0, 1, 0]);
    expect(sim.requests[0]).toMatchObject({ status, fault: kind });
    await sim.carryOutPending();
    expect([committed(), sim.pendingCommits]).toEqual([1, 0]);
  });

  test('json-5xx-then-commit: a request that has become invalid by then is refused', async () => {
    const { id } = sim.seed({ name: 'Old name' });
    sim.order({ kind: 'json-5xx-then-commit', method: 'PUT', commitAfterMs: 3_600_000 });
    expect((await send(sim, 'PUT', `${sharesOf(sim)}/${id}`, { body: { name: 'New name' } })).status).toBe(500);
    await call(sim, 'DELETE', `${sharesOf(sim)}/${id}`);
    await sim.carryOutPending();
    expect(sim.pendingCommits).toBe(0);
    expect(sim.shares()[0]).toMatchObject({ name: 'Old name' });
  });

  test('json-5xx-then-commit: a reset drops pending requests', async () => {
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

  test('pending requests take effect when a test asks for it', async () => {
    await post({ kind: 'json-5xx-then-commit', commitAfterMs: 3_600_000 });
    const late = post({ kind: 'late-commit', delayMs: 3_600_000 });
    await eventually(
      () => sim.pendingCommits,
      (count) => count === 2,
    );
    expect(committed()).toBe(0);
    await sim.carryOutPending();
    await late;
    expect([committed(), sim.pendingCommits]).toEqual([2, 0]);
  });

  test.each([
    [undefined, 409],
    [400, 400],
  ])(
    'conflict-when-repeated: the answer to a DELETE is lost, and its repetitions are refused',
    async (ordered, status) => {
      observed.add('conflict-when-repeated');
      const [share, other] = [sim.seed({ name: 'Gone' }), sim.seed({ name: 'Other' })];
      sim.order({ kind: 'conflict-when-repeated', ...(ordered !== undefined && { status: ordered }) });
      const remove = ({ id }: { id: string }) => call(sim, 'DELETE', `${sharesOf(sim)}/${id}`);
      expect((await call(sim, 'GET', sharesOf(sim))).status).toBe(200);
      await expect(remove(share)).rejects.toMatchObject(reset);
      expect(sim.liveShares().map(({ name }) => name)).toEqual(['Other']);
      for (const answer of [await remove(share), await remove(share)]) {
        expect(answer).toMatchObject({ status, success: false, errors: [{ code: 1009 }] });
      }
      expect((await remove(other)).status).toBe(200);
      sim.clearFaults();
      expect((await remove(share)).status).toBe(200);
    },
  );

  test('null-result: takes effect, and the response has no result', async () => {
    const answer = await post({ kind: 'null-result' });
    expect(answer.status).toBe(201);
    expect(JSON.parse(answer.text)).toEqual({ success: true, errors: [], messages: [], result: null });
    expect(committed()).toBe(1);
    sim.order({ kind: 'null-result' });
    expect(await call(sim, 'GET', sharesOf(sim))).toMatchObject({ status: 200, success: true, result: null });
    sim.order({ kind: 'null-result' });
    expect((await call(sim, 'POST', sharesOf(sim), { body: {} })).status).toBe(400);
  });

  test.each([200, 202])('empty-success: takes effect, and the response is %d without a body', async (status) => {
    expect(await post({ kind: 'empty-success', status })).toMatchObject({ status, text: '' });
    expect(committed()).toBe(1);
    sim.order({ kind: 'empty-success' });
    expect((await call(sim, 'POST', sharesOf(sim), { body: {} })).status).toBe(400);
  });

  test('busy: refuses only writes on an existing share', async () => {
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

  test('challenge: a web page from the edge, without effect', async () => {
    const answer = await post({ kind: 'challenge' });
    expect(answer).toMatchObject({ status: 403, headers: { 'content-type': 'text/html; charset=UTF-8' } });
    expect(answer.text).toContain('<title>Just a moment...</title>');
    expect(committed()).toBe(0);
  });

  test("edge-json: an error that is not in the API's envelope, without effect", async () => {
    const answer = await post({ kind: 'edge-json' });
    expect(answer.status).toBe(530);
    expect(JSON.parse(answer.text)).toMatchObject({ status: 530, error_code: 1016 });
    expect(committed()).toBe(0);
  });

  test('forbidden: refuses like a missing permission, as often as ordered', async () => {
    const answer = await post({ kind: 'forbidden', times: Number.POSITIVE_INFINITY });
    expect(JSON.parse(answer.text)).toMatchObject({ success: false, errors: [{ code: 10000 }] });
    expect([answer.status, committed()]).toEqual([403, 0]);
    expect((await call(sim, 'GET', sharesOf(sim))).status).toBe(403);
  });

  test('redirect: leads to another path, which records whether credentials were sent', async () => {
    const answer = await post({ kind: 'redirect' });
    expect(answer.status).toBe(307);
    const elsewhere = answer.headers.location ?? '';
    expect(elsewhere).toBe(`${new URL(sim.baseUrl).origin}/elsewhere`);
    expect(committed()).toBe(0);
    expect((await send(sim, 'POST', elsewhere, { headers: { Authorization: 'Bearer leaked' } })).status).toBe(200);
    expect(sim.requests.at(-1)).toMatchObject({ path: '/elsewhere', headers: { authorization: 'Bearer leaked' } });
  });

  test('redirect: leads to the given target', async () => {
    const location = 'https://elsewhere.example/';
    expect((await post({ kind: 'redirect', location })).headers.location).toBe(location);
  });

  test('rate-limited: 429 with the time to wait, without effect', async () => {
    const answer = await post({ kind: 'rate-limited', retryAfterSeconds: 7 });
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
    expect(JSON.parse(answer.text)).toMatchObject({ errors: [{ code: 971 }] });
    expect(committed()).toBe(0);
  });

  test('rate-limit-low: a normal response whose quota is used up', async () => {
    const answer = await post({ kind: 'rate-limit-low', retryAfterSeconds: 3 });
    expect(answer).toMatchObject({ status: 201, headers: { ratelimit: '"default";r=0;t=3' } });
    expect(committed()).toBe(1);
  });

  test('nonsense: a success with an unknown body, and the share is created', async () => {
    expect(await post({ kind: 'nonsense' })).toMatchObject({ status: 201, text: '{"ok":true}' });
    expect(committed()).toBe(1);
  });

  test('wider: the share targets the organization although the request has accounts', async () => {
    const answer = await post({ kind: 'wider' });
    expect(JSON.parse(answer.text).result.target_type).toBe('organization');
    expect(sim.liveShares()[0]).toMatchObject({ target_type: 'organization' });
    expect(sim.liveShares()[0]?.recipients).toHaveLength(sim.memberIds.length);
  });

  test('wider: strikes only the creation of a share', async () => {
    sim.order({ kind: 'wider' });
    expect((await call(sim, 'GET', sharesOf(sim))).status).toBe(200);
    expect(sim.pendingFaults).toBe(1);
  });

  test('the tests above cover every kind of fault', () => {
    expect([...observed].sort()).toEqual([...allFaultKinds].sort());
    expect(allFaultKinds.slice(0, faultKinds.length)).toEqual(faultKinds);
  });
});

describe('ordering faults', () => {
  const get = async (path = sharesOf(sim)) => (await send(sim, 'GET', path)).status;

  test('strikes once by default, and then no more', async () => {
    sim.order({ kind: 'json-5xx-before-commit' });
    expect(sim.pendingFaults).toBe(1);
    expect([await get(), await get()]).toEqual([500, 200]);
    expect(sim.pendingFaults).toBe(0);
  });

  test('skips and strikes as often as ordered', async () => {
    sim.order({ kind: 'json-5xx-before-commit', skip: 1, times: 2 });
    expect([await get(), await get(), await get(), await get()]).toEqual([200, 500, 500, 200]);
  });

  test('strikes only the ordered method and path, without the base path', async () => {
    const { id } = await create(sim);
    sim.order({ kind: 'json-5xx-before-commit', method: 'post' });
    sim.order({ kind: 'html-5xx-before-commit', path: /^\/accounts\/[^/]+\/shares\/[^/]+$/g });
    sim.order({ kind: 'rate-limited', path: '/recipients$' });
    expect(await get()).toBe(200);
    expect(await get(`${sharesOf(sim)}/${id}/recipients`)).toBe(429);
    expect(await get(`${sharesOf(sim)}/${id}`)).toBe(502);
    expect(sim.pendingFaults).toBe(1);
  });

  test('applies the first order that matches', async () => {
    sim.order({ kind: 'rate-limited', method: 'GET' });
    sim.order({ kind: 'html-5xx-before-commit' });
    expect([await get(), await get()]).toEqual([429, 502]);
  });
});

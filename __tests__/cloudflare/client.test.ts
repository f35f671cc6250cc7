// The client against a scripted server, with a clock that the test controls.

import { afterEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '../../src/clock.ts';
import type { Call, Shape } from '../../src/cloudflare/call.ts';
import { type Client, type ClientSettings, userAgent } from '../../src/cloudflare/client.ts';
import { Cancelled, fateOf, NoUsableResponse, Refusal } from '../../src/cloudflare/errors.ts';
import { VERSION } from '../../src/version.ts';
import { fakeClock, heldClock } from '../clock.ts';
import { type Arrived, connected, failure, type ScriptedResponse, scriptedApi, success } from './scripted-api.ts';

const anything: Shape<unknown> = (result) => ({ value: result });
const of = (method: Call['method']): Call => ({
  method,
  path: '/shares/s1',
  purpose: `${method} it`,
  ...(method === 'GET' || method === 'DELETE' ? {} : { body: { name: 'é' } }),
});

const open: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const it of open.splice(0).reverse()) await it.close();
});

async function api(
  responses: ScriptedResponse[] | ((request: Arrived, n: number) => ScriptedResponse | Promise<ScriptedResponse>),
  clock: Clock = fakeClock(),
  changes: Partial<ClientSettings> = {},
) {
  const script = typeof responses === 'function' ? responses : (_: Arrived, n: number) => responses[n] ?? 'reset';
  const server = await scriptedApi(script);
  open.push(server);
  const { client, said, cancel } = connected(server.baseUrl, clock, changes);
  open.push(client);
  const send = (method: Call['method'] = 'GET'): Promise<unknown> => client.send(of(method), anything);
  const failed = (method: Call['method'] = 'GET'): Promise<unknown> => send(method).catch((error: unknown) => error);
  return { server, client, said, cancel, send, failed };
}

/** Resolves once the condition is true. */
async function until(isSo: () => boolean): Promise<void> {
  for (const began = Date.now(); !isSo(); ) {
    if (Date.now() - began > 10_000) throw new Error('it never came to that');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const tooMany = (seconds: number, more: Record<string, string> = {}) =>
  failure(429, [{ code: 10000, message: 'slow down' }], { 'retry-after': String(seconds), ...more });

test("sends the required headers and returns the server's time", async () => {
  const said = {
    ...success(7, { total_count: 1 }),
    headers: { date: 'Thu, 01 Jan 1970 00:00:10 GMT', 'cf-ray': 'abc' },
  };
  const { server, client, said: log } = await api([said]);
  const call: Call = { ...of('PUT'), query: { status: 'a b&c' } };
  expect(await client.send(call, anything)).toEqual({ result: 7, info: { total_count: 1 }, serverTimeMs: 10_000 });
  expect(server.arrived).toMatchObject([
    {
      method: 'PUT',
      path: '/shares/s1',
      body: '{"name":"é"}',
      headers: {
        authorization: 'Bearer secret',
        accept: 'application/json',
        'content-type': 'application/json',
        'user-agent': 'test',
      },
    },
  ]);
  expect(server.arrived[0]?.query.get('status')).toBe('a b&c');
  expect(log.requested).toEqual(['PUT /shares/s1 200 in 0 ms, CF-Ray abc']);
});

test('sends no content type without a body', async () => {
  const { server, send, said } = await api([success(1)]);
  await send();
  expect(server.arrived[0]?.headers['content-type']).toBeUndefined();
  expect(said.requested).toEqual(['GET /shares/s1 200 in 0 ms']);
});

describe('a request that fails', () => {
  test.each(['GET', 'PUT', 'DELETE'] as const)(
    'is repeated with increasing delays until a response arrives (%s)',
    async (method) => {
      const clock = fakeClock();
      const { server, send, said } = await api(['reset', failure(502), { text: '{' }, success('there')], clock);
      expect(await send(method)).toMatchObject({ result: 'there' });
      expect(server.arrived).toHaveLength(4);
      expect(clock.waits).toHaveLength(3);
      for (const [i, ms] of clock.waits.entries()) {
        expect(ms).toBeGreaterThanOrEqual(250 * 2 ** i);
        expect(ms).toBeLessThanOrEqual(500 * 2 ** i);
      }
      expect(said.waiting.map(({ why }) => why)).toEqual([
        `Cloudflare did not return a usable response when asked to ${method} it: the connection broke (ECONNRESET)`,
        `Cloudflare did not return a usable response when asked to ${method} it: HTTP 502`,
        `Cloudflare did not return a usable response when asked to ${method} it: HTTP 200 with a body that is not JSON`,
      ]);
      expect(said.requested[0]).toBe(`${method} /shares/s1 failed after 0 ms`);
    },
  );

  test.each<[string, ScriptedResponse]>([
    ['a reset', 'reset'],
    ['a 5xx', failure(502)],
    ['a truncated body', { text: '{"succ' }],
  ])('is never repeated if it is a POST with an unknown outcome (after %s)', async (_, said) => {
    const { server, failed } = await api([said, success('twice')]);
    const error = await failed('POST');
    expect(error).toBeInstanceOf(NoUsableResponse);
    expect(fateOf(error)).toBe('unknown');
    expect(server.arrived).toHaveLength(1);
  });

  test('is repeated after a 429 even if it is a POST', async () => {
    const clock = fakeClock();
    const { server, send } = await api([tooMany(3), success('there')], clock);
    expect(await send('POST')).toMatchObject({ result: 'there' });
    expect(server.arrived).toHaveLength(2);
    expect(clock.nowMs()).toBe(3_000);
  });

  test('is repeated when no connection was made, even if it is a POST', async () => {
    const server = await scriptedApi(() => success(1));
    await server.close();
    const clock = fakeClock();
    const { client } = connected(server.baseUrl, clock, { maxAttempts: 3 });
    open.push(client);
    const error = await client.send(of('POST'), anything).catch((e: unknown) => e);
    expect(error).toMatchObject({ what: 'no connection (ECONNREFUSED)', neverSent: true, fate: 'not-done' });
    expect(clock.waits).toHaveLength(2);
  });

  test('is not repeated when the response has the wrong shape', async () => {
    const { server, client } = await api([success({}), success({})]);
    const error = await client.send(of('GET'), () => ({ wrong: 'it is wrong' })).catch((e: unknown) => e);
    expect(error).toMatchObject({ final: true });
    expect(String(error)).toMatch(/HTTP 200, but the body doesn't match the API's documentation: it is wrong$/);
    expect(server.arrived).toHaveLength(1);
  });

  test('is attempted at most max-attempts times', async () => {
    const { server, failed } = await api(Array(9).fill(failure(500)), fakeClock(), { maxAttempts: 3 });
    expect(await failed()).toBeInstanceOf(NoUsableResponse);
    expect(server.arrived).toHaveLength(3);
  });

  test.each<[string, ScriptedResponse]>([
    ['a 429', tooMany(3600)],
    ['a 503', failure(503, [], { 'retry-after': '3600' })],
  ])('fails at once when %s asks to wait an hour', async (_, said) => {
    const clock = fakeClock();
    const { server, failed } = await api([said, success(1)], clock);
    expect(await failed()).toMatchObject({ retryAfterMs: 3_600_000 });
    expect(server.arrived).toHaveLength(1);
    expect(clock.waits).toEqual([]);
  });

  test.each([-20, 0, 10])(
    "honors a Retry-After date relative to the server's clock (off by %i minutes)",
    async (minutes) => {
      const clock = fakeClock();
      const now = Math.floor(clock.dateMs() / 1000) * 1000 + minutes * 60_000;
      const date = (ms: number): string => new Date(now + ms).toUTCString();
      const { send } = await api([failure(503, [], { 'retry-after': date(42_000), date: date(0) }), success(1)], clock);
      await send();
      expect(clock.waits).toEqual([42_000]);
    },
  );

  test('waits for the backoff if Retry-After is zero', async () => {
    const clock = fakeClock();
    const { server, failed } = await api(() => tooMany(0), clock);
    expect(await failed()).toMatchObject({ status: 429 });
    expect(server.arrived).toHaveLength(5);
    expect(clock.nowMs()).toBeGreaterThanOrEqual(250 + 500 + 1_000 + 2_000);
  });

  test('has an unknown outcome after a timeout, and is repeated unless it is a POST', async () => {
    const { server, send, failed } = await api(
      ({ method }, n) => (method === 'POST' || n === 0 ? 'silence' : success('there')),
      fakeClock(),
      { requestTimeoutMs: 1_000 },
    );
    expect(await send('PUT')).toMatchObject({ result: 'there' });
    expect(await failed('POST')).toMatchObject({ what: 'no response within 1 s (request-timeout)', fate: 'unknown' });
    expect(server.arrived.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('does not follow a redirect', async () => {
    const { server, failed } = await api([{ status: 302, headers: { location: '/elsewhere' } }, success(1)]);
    expect(await failed()).toBeInstanceOf(Refusal);
    expect(server.arrived).toHaveLength(1);
  });
});

describe('a write to a busy share', () => {
  const busy = failure(409, [{ code: 1009, message: 'the share is being changed' }]);
  const change =
    (client: Client, method: Call['method'] = 'DELETE') =>
    () =>
      client.send(of(method), anything).then(({ result }) => result);
  const caught = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

  test.each(['PUT', 'DELETE', 'POST'] as const)('is repeated until it is no longer refused (%s)', async (method) => {
    const clock = fakeClock();
    const { server, client, said } = await api([busy, busy, success('done')], clock, { maxAttempts: 1 });
    expect(await client.whileBusy(change(client, method))).toBe('done');
    expect(server.arrived).toHaveLength(3);
    expect(said.waiting).toHaveLength(2);
    expect(said.waiting[0]?.why).toMatch(/refused to .* it: HTTP 409: 1009 the share is being changed/);
  });

  test('fails with the refusal after about 30 seconds', async () => {
    const clock = fakeClock();
    const { server, client } = await api(() => busy, clock, { maxAttempts: 1 });
    expect(await caught(client.whileBusy(change(client)))).toMatchObject({ status: 409, fate: 'not-done' });
    expect(clock.nowMs()).toBeGreaterThanOrEqual(30_000);
    expect(clock.nowMs()).toBeLessThan(31_000);
    expect(server.arrived.length).toBeLessThan(15);
  });

  test('has about 30 seconds from the first refusal, however long the write was delayed before', async () => {
    const clock = fakeClock();
    const usedUp = { ...success(1), headers: { ratelimit: '"default";r=0;t=60' } };
    const { server, client, send } = await api((_, n) => [usedUp, failure(500)][n] ?? busy, clock);
    await send();
    expect(await caught(client.whileBusy(change(client, 'PUT')))).toMatchObject({ status: 409 });
    expect(clock.nowMs()).toBeGreaterThanOrEqual(90_000);
    expect(clock.nowMs()).toBeLessThan(92_000);
    expect(server.arrived.length).toBeGreaterThan(6);
  });

  test('is sent once more after a delay that takes longer than what is left of the time', async () => {
    const clock = fakeClock();
    const busyAndUsedUp = { ...busy, headers: { ratelimit: '"default";r=0;t=60' } };
    const { server, client } = await api((_, n) => (n === 0 ? busyAndUsedUp : busy), clock);
    expect(await caught(client.whileBusy(change(client, 'PUT')))).toMatchObject({ status: 409 });
    expect([clock.nowMs(), server.arrived.length]).toEqual([60_000, 2]);
  });

  test.each([
    [20, 30_000, 2],
    [31, 0, 1],
    [600, 0, 1],
  ])('waits as long as Retry-After asks, if the time allows it (%d s)', async (seconds, mostMs, sent) => {
    const clock = fakeClock();
    const { server, client } = await api(() => ({ ...busy, headers: { 'retry-after': String(seconds) } }), clock);
    expect(await caught(client.whileBusy(change(client)))).toMatchObject({ status: 409 });
    expect([clock.waits.every((ms) => ms >= seconds * 1000), server.arrived.length]).toEqual([true, sent]);
    expect(clock.nowMs()).toBeLessThanOrEqual(mostMs);
  });

  test.each<[string, ScriptedResponse, number]>([
    ['a 409', busy, 1],
    ['a 400', failure(400), 1],
    ['a 422', failure(422), 1],
    ['a 403', failure(403), 0],
    ['a 404', failure(404), 0],
    ['a 429 without attempts left', tooMany(1), 0],
  ])('leads to a check of what is left to do only after a 400, 409 or 422 (after %s)', async (_, said, checks) => {
    const clock = fakeClock();
    const { client } = await api(() => said, clock, { maxAttempts: 1 });
    let checked = 0;
    const result = await caught(
      client.whileBusy(change(client), async () => {
        checked += 1;
        return { value: 'so already' };
      }),
    );
    expect(checked).toBe(checks);
    if (checks > 0) expect(result).toBe('so already');
    else expect(result).toBeInstanceOf(Refusal);
    expect(clock.waits).toEqual([]);
  });

  test.each([
    ['400', 1],
    ['422', 1],
  ])('fails at once after a %s if something is left to do', async (status, sent) => {
    const { server, client } = await api(() => failure(Number(status)));
    expect(await caught(client.whileBusy(change(client), async () => undefined))).toMatchObject({
      status: Number(status),
    });
    expect(server.arrived).toHaveLength(sent);
  });

  test('has an unknown outcome if one response was lost', async () => {
    const { client } = await api(['reset', busy, failure(403)]);
    const error = await caught(client.whileBusy(change(client)));
    expect(error).toMatchObject({ status: 403, fate: 'unknown' });
  });

  test('has an unknown outcome if the check fails after a lost response', async () => {
    const { client } = await api(['reset', busy, failure(403)]);
    const check = () => client.send(of('GET'), anything).then((value) => ({ value }));
    const error = await caught(client.whileBusy<unknown>(change(client), check));
    expect(error).toMatchObject({ status: 403, fate: 'unknown' });
  });

  test('ends when the job is cancelled', async () => {
    const clock = heldClock();
    const { client, cancel } = await api(() => busy, clock);
    const error = caught(client.whileBusy(change(client)));
    await until(() => clock.waiting === 1);
    cancel();
    expect(await error).toMatchObject({ message: 'the job was cancelled', fate: 'not-done' });
  });
});

describe('the outcome of a request', () => {
  test.each<[string, string, ScriptedResponse[]]>([
    ['an immediate refusal', 'not-done', [failure(400)]],
    ['a 429 and a refusal', 'not-done', [tooMany(1), failure(400)]],
    ['a reset and a refusal', 'unknown', ['reset', failure(404)]],
    ['a reset, a 429 and a refusal', 'unknown', ['reset', tooMany(1), failure(404)]],
    ['only 5xx', 'unknown', Array(5).fill(failure(500))],
  ])('after %s is %s', async (_, fate, script) => {
    const { failed } = await api(script);
    const error = await failed('DELETE');
    expect(fateOf(error)).toBe(fate);
  });

  test('is unknown when a request was sent before the connection failed', async () => {
    const clock = fakeClock();
    const { server, client } = await api(() => 'reset', clock, { maxAttempts: 2 });
    const pause = clock.pause;
    clock.pause = async (ms) => {
      await server.close();
      await pause(ms);
    };
    const error = await client.send(of('PUT'), anything).catch((e: unknown) => e);
    expect(error).toMatchObject({ what: 'no connection (ECONNREFUSED)', neverSent: true, fate: 'unknown' });
  });

  test('of a read is always not-done', async () => {
    const { failed } = await api(['reset', failure(404)]);
    expect(fateOf(await failed('GET'))).toBe('not-done');
  });
});

describe('the rate limit', () => {
  const limited = (r: number, t: number): ScriptedResponse => ({
    ...success(1),
    headers: { ratelimit: `"default";r=${r};t=${t}` },
  });

  test('is read from responses, so no request is sent that would be refused', async () => {
    const clock = fakeClock();
    const { server, send, said } = await api([limited(1, 30), limited(0, 30), success(3)], clock);
    await send();
    await send();
    expect(clock.nowMs()).toBe(0);
    await send();
    expect(clock.nowMs()).toBe(30_000);
    expect(server.arrived).toHaveLength(3);
    expect(said.waiting).toEqual([{ why: 'the rate limit is used up', ms: 30_000 }]);
  });

  test('counts each request only once', async () => {
    const clock = fakeClock();
    const { send } = await api(Array(6).fill(limited(2, 30)), clock);
    for (let i = 0; i < 6; i++) await send();
    expect(clock.waits).toEqual([]);
  });

  test('lets one request pass when one is left', async () => {
    const clock = heldClock();
    const { server, send } = await api((_, n) => (n === 0 ? limited(1, 30) : success(n)), clock);
    await send();
    const both = Promise.all([send(), send()]);
    await until(() => server.arrived.length === 2 && clock.waiting === 1);
    clock.advance(29_999);
    expect([clock.waiting, server.arrived.length]).toEqual([1, 2]);
    clock.advance(1);
    await both;
    expect(server.arrived).toHaveLength(3);
  });

  test('is not raised by an older response that arrives later', async () => {
    const clock = fakeClock();
    let letGo: (said: ScriptedResponse) => void = () => {};
    const slow = new Promise<ScriptedResponse>((resolve) => {
      letGo = resolve;
    });
    const responses = [slow, limited(1, 30)];
    const { server, send } = await api((_, n) => responses[n] ?? success(n), clock);
    const early = send();
    await until(() => server.arrived.length === 1);
    await send();
    letGo(limited(9, 30));
    await early;
    expect(clock.nowMs()).toBe(0);
    await send();
    expect(clock.nowMs()).toBe(30_000);
  });

  test('delays all requests after a 429, even if another response allows more', async () => {
    const clock = heldClock();
    let letGo: (said: ScriptedResponse) => void = () => {};
    const slow = new Promise<ScriptedResponse>((resolve) => {
      letGo = resolve;
    });
    const { server, send, said } = await api((_, n) => (n === 0 ? slow : n === 1 ? tooMany(7) : success(n)), clock);
    const early = send();
    await until(() => server.arrived.length === 1);
    const refused = send('POST');
    await until(() => clock.waiting === 1);
    letGo(limited(1000, 300)); // this response was sent before the refusal, so its limit is outdated
    await early;
    const later = [send(), send('PUT')];
    await until(() => clock.waiting === 3);
    clock.advance(6_999);
    expect([clock.waiting, server.arrived.length]).toEqual([3, 2]);
    clock.advance(1);
    await Promise.all([refused, ...later]);
    expect(server.arrived).toHaveLength(5);
    expect(said.waiting).toEqual([{ why: 'the rate limit is used up', ms: 7_000 }]);
  });

  test('delays requests until the longer of two waits ends', async () => {
    const clock = heldClock();
    let letGo: (said: ScriptedResponse) => void = () => {};
    const slow = new Promise<ScriptedResponse>((resolve) => {
      letGo = resolve;
    });
    const { server, send } = await api((_, n) => (n === 0 ? slow : n === 1 ? tooMany(5) : success(n)), clock);
    const first = send();
    await until(() => server.arrived.length === 1);
    const second = send();
    await until(() => clock.waiting === 1);
    letGo(tooMany(9));
    await until(() => clock.waiting === 2);
    clock.advance(5_000);
    await until(() => clock.waiting === 2);
    expect(server.arrived).toHaveLength(2);
    clock.advance(4_000);
    await Promise.all([first, second]);
    expect(server.arrived).toHaveLength(4);
  });

  test('uses the backoff after a 429 without Retry-After', async () => {
    const clock = fakeClock();
    const { send } = await api([failure(429), success(1)], clock);
    await send();
    expect(clock.nowMs()).toBeGreaterThanOrEqual(250);
    expect(clock.nowMs()).toBeLessThanOrEqual(500);
  });
});

test('sends at most ten requests in parallel', async () => {
  let letGo = (): void => {};
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { server, send } = await api(async ({ method }) => {
    if (method === 'GET') await released;
    return success(1);
  });
  const all = Promise.all(Array.from({ length: 35 }, () => send()));
  const underWay = (): number => server.arrived.filter(({ method }) => method === 'GET').length;
  await until(() => underWay() === 10);
  // Other requests arrive and finish in the meantime, so an eleventh one would have arrived too.
  const other = connected(server.baseUrl, fakeClock());
  open.push(other.client);
  for (let i = 0; i < 20; i++) await other.client.send(of('DELETE'), anything);
  expect(underWay()).toBe(10);
  letGo();
  await all;
  expect(underWay()).toBe(35);
});

test('lets other requests run while one waits for its next attempt', async () => {
  const clock = heldClock();
  const { server, send } = await api((_, n) => (n < 10 ? failure(500) : success(n)), clock);
  const waiting = Array.from({ length: 10 }, () => send());
  await until(() => clock.waiting === 10);
  await send();
  expect(server.arrived).toHaveLength(11);
  clock.advance(500);
  await Promise.all(waiting);
});

describe('a cancelled job', () => {
  test('sends nothing more, and every unsent request fails in the same way', async () => {
    const { server, failed, cancel } = await api([]);
    cancel();
    const errors = await Promise.all([
      failed('GET'),
      failed('POST'),
      ...Array.from({ length: 20 }, () => failed('PUT')),
    ]);
    expect(new Set(errors.map(String))).toEqual(new Set(['the job was cancelled']));
    expect(new Set(errors.map(fateOf))).toEqual(new Set(['not-done']));
    expect(server.arrived).toEqual([]);
  });

  test('leaves a running write, but not a running read, with an unknown outcome', async () => {
    const { server, failed, cancel } = await api(() => 'silence');
    const both = Promise.all([failed('POST'), failed('GET')]);
    await until(() => server.arrived.length === 2);
    cancel();
    expect(await both).toMatchObject([
      { message: 'the job was cancelled during the request to POST it', fate: 'unknown' },
      { message: 'the job was cancelled', fate: 'not-done', during: undefined },
    ]);
  });

  test.each<[string, ScriptedResponse[], Call['method'], string]>([
    ['between two attempts of a write', [failure(500)], 'PUT', 'the job was cancelled during the request to PUT it'],
    ['between two attempts of a read', [failure(500)], 'GET', 'the job was cancelled'],
    ['while it waits for the rate limit', [tooMany(5)], 'POST', 'the job was cancelled'],
  ])('ends a request %s', async (_, script, method, message) => {
    const clock = heldClock();
    const { failed, cancel } = await api(script, clock);
    const error = failed(method);
    await until(() => clock.waiting === 1);
    cancel();
    expect(await error).toBeInstanceOf(Cancelled);
    expect(String(await error)).toBe(message);
  });

  test('ends a pause and a backoff', async () => {
    const clock = heldClock();
    const { client, cancel, said } = await api([], clock);
    const pauses = Promise.allSettled([client.pause(5), client.backOff(1, 'because')]);
    expect(said.waiting.map(({ why }) => why)).toEqual(['because']);
    cancel();
    for (const pause of await pauses) {
      expect(pause.status === 'rejected' && pause.reason).toBeInstanceOf(Cancelled);
    }
  });
});

test('pauses as long as requested, and backs off for one to two seconds after attempt 3', async () => {
  const clock = fakeClock();
  const { client } = await api([], clock);
  await client.pause(5);
  await client.backOff(3, 'because');
  expect(clock.waits[0]).toBe(5);
  expect(clock.waits[1]).toBeGreaterThanOrEqual(1_000);
  expect(clock.waits[1]).toBeLessThanOrEqual(2_000);
  expect([client.maxAttempts, client.clock]).toEqual([5, clock]);
});

test('fails at once, with a hint, when https is sent to an http port', async () => {
  const server = await scriptedApi(() => success(1));
  open.push(server);
  for (const scheme of ['https:', 'HTTPS:']) {
    const clock = fakeClock();
    const { client } = connected(server.baseUrl.replace('http:', scheme), clock);
    open.push(client);
    const error = await client.send(of('POST'), anything).catch((e: unknown) => e);
    expect(String(error)).toMatch(/no secure connection \(EPROTO\).*uses plain http$/);
    expect([fateOf(error), clock.waits]).toEqual(['not-done', []]);
  }
  expect(server.arrived).toEqual([]);
});

test('fails with a hint when an http proxy has an https URL', async () => {
  const server = await scriptedApi(() => success(1));
  open.push(server);
  const { client } = connected('https://api.example/', fakeClock(), {
    proxy: server.baseUrl.replace('http:', 'https:'),
  });
  open.push(client);
  await expect(client.send(of('GET'), anything)).rejects.toThrow(/the server doesn't accept HTTPS on this port/);
});

test.each([
  [{}, ''],
  [{ repository: 'a/b', id: '7', attempt: '2' }, ' (a/b run 7 attempt 2)'],
  [{ id: '7' }, ' (run 7)'],
  [{ repository: 'a(b)\\\n\u00e9', attempt: '' }, ' (ab)'],
])('the user agent names the repository and run: %j', (sender, comment) => {
  expect(userAgent(sender)).toBe(`cloudflare-share-action/${VERSION}${comment}`);
});

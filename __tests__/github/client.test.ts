// The connection to GitHub: when requests are repeated, what responses mean, and when nothing is sent.

import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { type Call, type Github, withGithub } from '../../src/github/client.ts';
import { GithubError, readRefusal, type Trouble } from '../../src/github/errors.ts';
import { retryOf } from '../../src/github/retry.ts';
import { keepSecret } from '../../src/secrets.ts';
import type { GithubSettings } from '../../src/settings.ts';
import { fakeClock } from '../clock.ts';
import { type Fault, TOKEN } from '../fake-github.ts';
import { useFakeGithub } from '../use-simulator.ts';
import { withServer } from '../with-server.ts';

const github = await useFakeGithub();

const NEVER = new AbortController().signal;
const NOW = Date.UTC(2026, 10, 24, 10);
const LIST: Call = { route: 'GET /repos/{owner}/{repo}/issues/{number}/comments', parameters: { number: 12 } };
const CREATE: Call = {
  route: 'POST /repos/{owner}/{repo}/issues/{number}/comments',
  parameters: { number: 12, body: 'Hello' },
  onlyOnce: true,
};
const settings = (change: Partial<GithubSettings> = {}) => ({
  token: TOKEN,
  apiUrl: github.url,
  graphqlUrl: `${github.url}/graphql`,
  repository: 'owner/repo',
  ...change,
});
const using = <T>(use: (connected: Github) => Promise<T>, change: Partial<GithubSettings> = {}): Promise<T> =>
  withGithub(settings(change), fakeClock(), NEVER, use);
const failureOf = (
  use: (connected: Github) => Promise<unknown>,
  change?: Partial<GithubSettings>,
): Promise<GithubError> =>
  using(use, change).then(
    () => Promise.reject(new Error('it succeeded')),
    (error: GithubError) => error,
  );

describe('a list read from GitHub', () => {
  test('is read to its last page', async () => {
    github.talk(250);
    expect(await using((connected) => connected.listAll(LIST))).toHaveLength(250);
    expect(github.requests).toHaveLength(3);
  });

  test('continues after an incomplete page if there is a next one', async () => {
    github.talk(1);
    const headers = { link: '<https://github.invalid?page=2>; rel="next"' };
    github.faults.set(0, { kind: 'response', status: 200, data: [1], headers });
    expect(await using((connected) => connected.listAll(LIST))).toHaveLength(1);
    github.faults.set(2, { kind: 'response', status: 200, data: [1], headers });
    github.faults.set(3, { kind: 'response', status: 200, data: [2] });
    expect(await using((connected) => connected.listAll(LIST))).toEqual([1, 2]);
  });

  test('ends with an empty page, even if GitHub announces another one', async () => {
    const headers = { link: '<https://github.invalid?page=2>; rel="next"' };
    github.faultFor = () => ({ kind: 'response', status: 200, data: [], headers });
    expect(await using((connected) => connected.listAll(LIST))).toEqual([]);
    expect(github.requests).toHaveLength(1);
  });

  test('fails after 100 pages', async () => {
    const headers = { link: '<https://github.invalid?page=2>; rel="next"' };
    github.faultFor = () => ({ kind: 'response', status: 200, data: [1], headers });
    expect((await failureOf((connected) => connected.listAll(LIST))).message).toMatch(/an endless list/);
    expect(github.requests).toHaveLength(100);
  });
});

describe('retrying a request', () => {
  const of = (trouble: Trouble, more = {}) => new GithubError(trouble, more);
  const FIRST = { attempt: 1, elapsedMs: 0, random: 0.5 };
  test.each<[string, GithubError, number | undefined, number | undefined]>([
    ['a broken connection, unless a repetition could execute it twice', of('unreachable'), 750, undefined],
    ['a failure to connect', of('unreachable', { neverSent: true }), 750, 750],
    ['a response that is a web page, unless a repetition could execute it twice', of('unusable'), 750, undefined],
    ['HTTP 502, unless a repetition could execute it twice', of('server', { status: 502 }), 750, undefined],
    ['a rate limit', of('rate-limit', { status: 429 }), 750, 750],
    ['a rate limit with a delay', of('rate-limit', { status: 403, retryAfterMs: 5_000 }), 5_000, 5_000],
    ['a rate limit with a delay of zero', of('rate-limit', { status: 429, retryAfterMs: 0 }), 750, 750],
    ['a rate limit with a delay of a minute', of('rate-limit', { status: 429, retryAfterMs: 60_000 }), 60_000, 60_000],
  ])('happens after %s', (_, failure, anyway, ifRefused) => {
    expect(retryOf(failure, { ...FIRST, repeat: 'anyway' })).toBe(anyway);
    expect(retryOf(failure, { ...FIRST, repeat: 'if-refused' })).toBe(ifRefused);
  });

  test.each<[string, GithubError]>([
    ['an untrusted certificate', of('unreachable', { neverSent: true, final: true })],
    ['a rate limit with a delay of over a minute', of('rate-limit', { status: 429, retryAfterMs: 60_001 })],
    ['a missing permission', of('permission', { status: 403 })],
    ['a refusal', of('refused', { status: 422 })],
    ['a cancelled job', of('cancelled')],
  ])('does not happen after %s', (_, failure) => {
    for (const repeat of ['anyway', 'if-refused'] as const)
      expect(retryOf(failure, { ...FIRST, repeat })).toBeUndefined();
  });

  test('waits twice as long each time, up to 16 seconds, and about a minute in total', () => {
    const waits: number[] = [];
    for (let attempt = 1, elapsedMs = 0; ; attempt++) {
      const ms = retryOf(of('server'), { attempt, elapsedMs, random: 1, repeat: 'anyway' });
      if (ms === undefined) break;
      waits.push(ms);
      elapsedMs += ms;
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 16_000]);
  });

  test.each<[string, Fault]>([
    ['a server error', { kind: 'response', status: 500 }],
    ['a web page', { kind: 'response', status: 502, html: '<title>Unicorn!</title>' }],
    ['a truncated response', { kind: 'cut' }],
    ['a broken connection', { kind: 'unsent' }],
    ['a login page', { kind: 'response', status: 200, html: '<title>Log in</title>' }],
    ['a rate limit', { kind: 'response', status: 429, headers: { 'retry-after': '1' } }],
    ['a secondary rate limit', { kind: 'response', status: 403, headers: { 'retry-after': '1' } }],
  ])('makes a read succeed after %s', async (_, fault) => {
    github.talk(1);
    github.faults.set(0, fault);
    expect(await using((connected) => connected.listAll(LIST))).toHaveLength(1);
    expect(github.requests).toHaveLength(2);
  });

  test('makes a read succeed after a timeout', async () => {
    github.talk(1);
    github.faults.set(0, { kind: 'hang' });
    const use = (connected: Github): Promise<unknown[]> => connected.listAll(LIST);
    expect(await withGithub(settings(), fakeClock(), NEVER, use, { requestTimeoutMs: 100 })).toHaveLength(1);
  });

  test.each<[string, Fault, number]>([
    ['a server error', { kind: 'response', status: 500 }, 1],
    ['a lost response', { kind: 'lost' }, 1],
    ['a truncated response', { kind: 'cut' }, 1],
    ['a rate limit', { kind: 'response', status: 429, headers: { 'retry-after': '1' } }, 2],
  ])('creates no second comment after %s', async (_, fault, times) => {
    github.faults.set(0, fault);
    await using((connected) => connected.send(CREATE, () => true)).catch(() => undefined);
    expect(github.requests).toHaveLength(times);
    expect(github.comments.length).toBeLessThanOrEqual(1);
  });

  test('makes a GraphQL query succeed after a rate limit', async () => {
    github.faults.set(0, {
      kind: 'response',
      status: 200,
      data: { errors: [{ type: 'RATE_LIMITED', message: 'Slow' }] },
    });
    expect(await using((connected) => connected.query('query { viewer { login } }'))).toEqual({
      viewer: { login: 'github-actions[bot]' },
    });
  });
});

describe('a refusal', () => {
  const RESET = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 30) };
  test.each<[string, number, object, unknown, Trouble, number | undefined]>([
    [
      'for a missing permission',
      403,
      {},
      { message: 'Resource not accessible by integration' },
      'permission',
      undefined,
    ],
    [
      'for a missing permission of a personal token',
      403,
      {},
      { message: 'Resource not accessible by personal access token' },
      'permission',
      undefined,
    ],
    [
      'for a locked conversation',
      403,
      {},
      { message: 'Unable to create comment because issue is locked.' },
      'refused',
      undefined,
    ],
    ['for a blocked repository', 403, {}, { message: 'Repository access blocked' }, 'refused', undefined],
    ['with a web page', 403, {}, '<html>Forbidden</html>', 'refused', undefined],
    ['with a delay in seconds', 403, { 'retry-after': '7' }, {}, 'rate-limit', 7_000],
    [
      "with a retry time on GitHub's clock",
      429,
      { 'retry-after': 'Tue, 24 Nov 2026 09:00:05 GMT', date: 'Tue, 24 Nov 2026 09:00:00 GMT' },
      {},
      'rate-limit',
      5_000,
    ],
    ['with an invalid delay', 429, { 'retry-after': 'soon' }, {}, 'rate-limit', undefined],
    ['for a used-up rate limit', 403, RESET, {}, 'rate-limit', 31_000],
    [
      "for a used-up rate limit with a reset time on GitHub's clock",
      403,
      { ...RESET, date: new Date(NOW + 10_000).toUTCString() },
      {},
      'rate-limit',
      21_000,
    ],
    ['for a used-up rate limit without a reset time', 403, { 'x-ratelimit-remaining': '0' }, {}, 'rate-limit', 60_000],
    ['for a rate limit that is not used up', 403, { 'x-ratelimit-remaining': '1' }, {}, 'refused', undefined],
    [
      'for a rate limit that only the message mentions',
      403,
      {},
      { message: 'You have exceeded a secondary rate limit.' },
      'rate-limit',
      undefined,
    ],
    ['with null as its body', 422, {}, null, 'refused', undefined],
    ['with a number as its body', 404, {}, 7, 'refused', undefined],
    ['for a server error', 503, { 'retry-after': '7' }, {}, 'server', undefined],
  ])('%s is classified, and its retry delay is read', (_, status, headers, data, trouble, wait) => {
    const error = readRefusal({ status, headers: headers as Record<string, unknown>, data }, NOW);
    expect([error.trouble, error.retryAfterMs]).toEqual([trouble, wait]);
    expect(error.message).not.toMatch(/<|undefined|\[object/);
  });

  test('is quoted in one short line, with its details', () => {
    const details = {
      message: 'Validation\n Failed',
      errors: [{ message: 'Body is too long' }, null, 7, 'x'.repeat(500)],
    };
    const { message } = readRefusal({ status: 422, headers: {}, data: details }, NOW);
    expect(message).toMatch(/^GitHub refused: "Validation Failed: Body is too long: x{200,}…" \(HTTP 422\)$/);
    expect(message.length).toBeLessThan(400);
  });
});

test('a secret in a response is masked before the text is truncated', () => {
  const secret = 'a-secret-that-GitHub-repeats';
  keepSecret(secret);
  for (let before = 270; before < 300; before++) {
    const text = `${'x'.repeat(before)}${secret}`;
    for (const data of [{ message: text }, `<title>${text}</title>`]) {
      expect(readRefusal({ status: 422, headers: {}, data }, NOW).message).not.toContain('a-sec');
    }
  }
});

describe('a redirect', () => {
  test('to the same host is followed with the body and token', async () => {
    const location = '/repos/owner/repo/issues/12/comments';
    github.faults.set(0, { kind: 'response', status: 307, data: '', headers: { location } });
    await using((connected) => connected.send({ ...CREATE, route: 'POST /repositories/1/comments' }, () => true));
    expect(github.comments.map(({ body }) => body)).toEqual(['Hello']);
  });

  test.each([301, 302, 307, 308])('to another host is not followed (%d)', async (status) => {
    const seen: string[] = [];
    const elsewhere = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.end('[]');
    });
    await withServer(elsewhere, async (to) => {
      github.faults.set(0, { kind: 'response', status, data: '', headers: { location: `${to}/` } });
      const { message } = await failureOf((connected) => connected.send(CREATE, () => true));
      expect(message).toContain(
        `redirected to ${to}, which the action did not follow, because the token must not be sent there`,
      );
    });
    expect(seen).toEqual([]);
  });

  test.each(['/x', '', 'http://['])('in a loop or to an invalid location fails: "%s"', async (location) => {
    github.faultFor = () => ({ kind: 'response', status: 302, data: '', headers: { location } });
    expect((await failureOf((connected) => connected.listAll(LIST))).message).toMatch(
      /redirected (more than \d+ times|without a valid address)/,
    );
  });
});

// If this fails, the library no longer sets up a proxy when it is loaded, and client.ts doesn't have to hide the proxy.
test('@actions/github sets up its own proxy when it is loaded, unless no_proxy says otherwise', () => {
  const load = "await import('@actions/github/lib/utils')";
  const loaded = (env: Record<string, string>): string | undefined =>
    /InvalidArgumentError/.exec(
      spawnSync(process.execPath, ['--input-type=module', '-e', load], {
        env: { PATH: process.env.PATH, HTTPS_PROXY: 'http://proxy.invalid:1/path', ...env },
        encoding: 'utf8',
      }).stderr,
    )?.[0];
  expect([loaded({}), loaded({ no_proxy: '*' })]).toEqual(['InvalidArgumentError', undefined]);
});

describe('a failed connection', () => {
  test('names an invalid proxy', async () => {
    const { message } = await failureOf((connected) => connected.listAll(LIST), {
      proxyProblem: 'HTTPS_PROXY is not …',
    });
    expect(message).toBe("GitHub can't be reached (HTTPS_PROXY is not …)");
  });

  test('names an unreachable host', async () => {
    const error = await failureOf((connected) => connected.listAll(LIST), { apiUrl: 'http://127.0.0.1:9' });
    expect(error.message).toBe("GitHub can't be reached (ECONNREFUSED)");
  });

  test("says that the proxy isn't one, and is not retried", async () => {
    let asked = 0;
    const other = createTcpServer((socket) =>
      socket
        .on('error', () => {})
        .once('data', () => {
          asked += 1;
          socket.end('220 mail.example ESMTP\r\n\r\n');
        }),
    );
    await withServer(other, async (url) => {
      const failure = await failureOf((connected) => connected.listAll(LIST), { proxy: url });
      expect(failure).toMatchObject({
        message: "GitHub can't be reached (the proxy's response is not HTTP)",
        neverSent: true,
        final: true,
      });
    });
    expect(asked).toBe(1);
  });

  test('is not retried, and nothing was sent, if the server accepts no TLS', async () => {
    await withServer(createServer(), async (url) => {
      const apiUrl = url.replace('http:', 'https:');
      const failure = await failureOf((connected) => connected.listAll(LIST), { apiUrl });
      expect(failure).toMatchObject({ trouble: 'unreachable', neverSent: true, final: true });
    });
  });

  test('mentions the proxy and is not retried if the proxy refuses', async () => {
    let asked = 0;
    const proxy = createServer().on('connect', (_, socket) => {
      asked += 1;
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
    });
    await withServer(proxy, async (url) => {
      const { message } = await failureOf((connected) => connected.listAll(LIST), { proxy: url });
      expect(message).toBe("GitHub can't be reached (the proxy did not connect: HTTP 407)");
    });
    expect(asked).toBe(1);
  });
});

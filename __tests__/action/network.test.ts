// Proxies, timeouts, attempts and rate limits over a real network. These tests run dist/index.js
// from start to finish.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type FaultKind, type Simulator, startSimulator } from '../../simulator/index.ts';
import { type InputsOf, inputsFor, type Ran, runAction } from '../run-action.ts';
import { useSimulator } from '../use-simulator.ts';
import { tunnel, withServer } from '../with-server.ts';

const sim = await useSimulator();

const inputsOf = (of: Simulator, inputs: InputsOf): InputsOf =>
  inputsFor(of, {
    'share-name': 'Baseline',
    recipients: [{ recipient_account_id: of.memberIds[0] }],
    resources: [{ resource_type: 'gateway-policy', resource_id: 'c1' }],
    ...inputs,
  });
const go = (inputs: InputsOf = {}): Promise<Ran> => runAction(inputsOf(sim, inputs));
const methods = (): string[] => sim.requests.map(({ method }) => method);

describe('a proxy', () => {
  const PASSWORD = 'p%2Fss-w%40rd';
  let secure: Simulator;
  let proxy: Server;
  let folder: string;
  /** The credentials that the proxy requires. */
  let password = '';
  let tunnels: { to: string | undefined; authorization: string | undefined }[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'share-proxy-'));
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name)) as [string, string];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...ec, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    secure = await startSimulator({ tls: { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') } });
    proxy = createServer((_, response) => response.writeHead(400).end());
    proxy.on('connect', (request, client, head) => {
      const authorization = request.headers['proxy-authorization'];
      tunnels.push({ to: request.url, authorization });
      if (authorization !== `Basic ${Buffer.from(`user:${password}`).toString('base64')}`) {
        client.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      const { hostname, port } = new URL(`http://${request.url}`);
      tunnel(client, head, Number(port), hostname);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await secure.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    secure.reset();
    password = 'p/ss-w@rd';
    tunnels = [];
  });

  const url = (user = `user:${PASSWORD}@`): string =>
    `http://${user}127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const through = (env: Record<string, string>, inputs: InputsOf = {}): Promise<Ran> =>
    runAction(inputsOf(secure, { 'max-attempts': '1', ...inputs }), {
      env: { NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem'), ...env },
    });
  const expectSecretsKept = (ran: Ran): void => {
    expect(ran.log).toContain('::add-mask::p/ss-w@rd');
    const seen = [...ran.lines, ...Object.values(ran.outputs), ran.summary].join('\n');
    expect(seen).not.toContain(PASSWORD);
    expect(seen).not.toContain('p/ss-w@rd');
    expect(seen).not.toContain(Buffer.from('user:p/ss-w@rd').toString('base64'));
  };

  test.each<[string, () => Record<string, string>]>([
    ['HTTPS_PROXY', () => ({ HTTPS_PROXY: url() })],
    ['https_proxy', () => ({ https_proxy: url() })],
    ['ALL_PROXY', () => ({ ALL_PROXY: url() })],
    ['HTTPS_PROXY when NO_PROXY is set to another host', () => ({ HTTPS_PROXY: url(), NO_PROXY: 'example.com' })],
  ])('is used with %s, always with TLS end to end', async (_, env) => {
    const ran = await through(env());
    expect(ran.errors).toEqual([]);
    expect(ran.outputs.outcome).toBe('created');
    expect([...new Set(tunnels.map(({ to }) => to))]).toEqual([new URL(secure.baseUrl).host]);
    expect(secure.requests.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(true);
    expectSecretsKept(ran);
  });

  test.each<[string, () => Record<string, string>]>([
    ['HTTP_PROXY, because the API uses https', () => ({ HTTP_PROXY: url() })],
    ['NO_PROXY set to the host', () => ({ HTTPS_PROXY: url(), NO_PROXY: 'example.com,127.0.0.1' })],
    ['NO_PROXY set to the host and port', () => ({ HTTPS_PROXY: url(), NO_PROXY: new URL(secure.baseUrl).host })],
    ['no_proxy set to all hosts', () => ({ HTTPS_PROXY: url(), no_proxy: '*' })],
  ])('is not used with %s', async (_, env) => {
    const ran = await through(env());
    expect(ran.errors).toEqual([]);
    expect(ran.outputs.outcome).toBe('created');
    expect(tunnels).toEqual([]);
    expect(secure.requests.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(true);
    expectSecretsKept(ran);
  });

  test('is used when its password contains a literal %', async () => {
    password = '100%!p/ss';
    const ran = await through({ HTTPS_PROXY: url('user:100%!p%2Fss@') });
    expect(ran.errors).toEqual([]);
    expect(ran.outputs.outcome).toBe('created');
    expect(tunnels.length).toBeGreaterThan(0);
    for (const form of ['100%25!p/ss', '100%25!p%252Fss']) expect(ran.log).toContain(`::add-mask::${form}`);
    const seen = [...ran.lines, ...Object.values(ran.outputs), ran.summary].join('\n');
    for (const form of ['100%!p/ss', '100%!p%2Fss', '100%25!p%2Fss']) expect(seen).not.toContain(form);
  });

  test.each<[string, () => string, RegExp]>([
    ['refuses the credentials', () => url('user:other@'), /407|proxy/i],
    ["isn't running", () => `http://user:${PASSWORD}@127.0.0.1:9`, /no connection \(ECONNREFUSED\).*HTTPS_PROXY/],
  ])('that %s is reported as the cause, without its password', async (_, address, says) => {
    const ran = await through({ HTTPS_PROXY: address(), CLOUDFLARE_API_KEY: 'p/ss-w@rd' });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringMatching(says)]);
    expect(secure.requests).toEqual([]);
    expectSecretsKept(ran);
  });

  test.each([
    [404, ''],
    [404, '{"success":false,"errors":[{"code":1004,"message":"not found"}],"messages":[],"result":null}'],
    [201, '{"success":true,"errors":[],"messages":[],"result":[]}'],
  ])('is not mistaken for the API when it responds to CONNECT with status %d and the body %j', async (status, body) => {
    const { id } = secure.seed({ name: 'Baseline' });
    const forging = createTcpServer((socket) =>
      socket
        .on('error', () => undefined)
        .once('data', () => {
          socket.end(
            `HTTP/1.1 ${status} X\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
          );
        }),
    );
    await withServer(forging, async (HTTPS_PROXY) => {
      for (const which of [{ 'share-id': id, 'share-name': undefined }, {}]) {
        const ran = await through(
          { HTTPS_PROXY },
          { mode: 'delete', recipients: undefined, resources: undefined, ...which },
        );
        expect(ran.errors).toEqual([expect.stringContaining(`the proxy did not connect (HTTP ${status})`)]);
        expect(ran.exitCode).toBe(1);
      }
      expect(secure.requests).toEqual([]);
    });
  });

  test('does not keep the step running when it never responds', async () => {
    await withServer(createTcpServer(), async (HTTPS_PROXY) => {
      const ran = await through({ HTTPS_PROXY }, { 'request-timeout': '0.5', 'max-attempts': '2' });
      expect(ran.errors).toEqual([expect.stringContaining('no response within 0.5 s (request-timeout)')]);
      expect(ran.exitCode).toBe(1);
    });
  });

  test('with an untrusted certificate fails at once, and the error names NODE_EXTRA_CA_CERTS', async () => {
    const ran = await through({ NODE_EXTRA_CA_CERTS: '' }, { 'max-attempts': '5' });
    expect(ran.errors).toEqual([expect.stringMatching(/certificate is not trusted.*NODE_EXTRA_CA_CERTS/)]);
    expect(ran.lines.join('\n')).not.toContain('… waiting');
    expect(secure.requests).toEqual([]);
  });
});

describe('request-timeout', () => {
  test('ends a request that takes longer, and is named in the error', async () => {
    sim.order({ kind: 'late-response', method: 'GET', delayMs: 60_000 });
    const ran = await go({ 'request-timeout': '0.5', 'max-attempts': '1' });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringContaining('no response within 0.5 s (request-timeout)')]);
    expect(methods()).toEqual(['GET']);
  });

  test('leaves it unknown whether a create call has created the share', async () => {
    // When a response switches protocols, the HTTP client drops the connection without an error.
    const server = createServer((request, response) => {
      if (request.method === 'GET') response.end('{"success":true,"errors":[],"messages":[],"result":[]}');
      else request.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    });
    await withServer(server, async (baseUrl) => {
      const ran = await go({ 'api-base-url': baseUrl, 'request-timeout': '0.5', 'max-attempts': '1' });
      expect(ran.errors).toEqual([expect.stringContaining('no response within 0.5 s (request-timeout)')]);
      expect(ran.exitCode).toBe(1);
      expect(ran.lines.at(-1)).toMatch(/^Done: nothing\..* Not known: create share "Baseline"/);
    });
  });

  test('causes a read to be retried', async () => {
    sim.order({ kind: 'late-response', method: 'GET', delayMs: 60_000 });
    const ran = await go({ 'request-timeout': '1.5' });
    expect(ran.exitCode).toBe(0);
    expect(methods()).toEqual(['GET', 'GET', 'POST', 'GET', 'PUT']);
  });
});

describe('max-attempts', () => {
  const kinds: FaultKind[] = [
    'reset-before-commit',
    'json-5xx-before-commit',
    'html-5xx-after-commit',
    'truncated-body',
    'rate-limited',
  ];
  test.each(kinds)('includes the first attempt of a read (%s)', async (kind) => {
    sim.order({ kind, method: 'GET', times: 9, retryAfterSeconds: 0 });
    const red = await go({ 'max-attempts': '2' });
    expect(red.exitCode).toBe(1);
    expect(methods()).toEqual(['GET', 'GET']);
    sim.reset();
    sim.order({ kind, method: 'GET', times: 2, retryAfterSeconds: 0 });
    const green = await go({ 'max-attempts': '3' });
    expect(green.exitCode).toBe(0);
    expect(methods()).toEqual(['GET', 'GET', 'GET', 'POST', 'GET', 'PUT']);
  });

  test('does not apply to a refusal, which is final', async () => {
    await go({ 'api-token': 'nobodys-token' });
    expect(methods()).toEqual(['GET']);
  });
});

describe('rate limits', () => {
  test.each(['GET', 'POST'])('make the step log Retry-After, wait and repeat the request (%s)', async (method) => {
    sim.order({ kind: 'rate-limited', method, retryAfterSeconds: 1 });
    const ran = await go();
    expect(ran.exitCode).toBe(0);
    expect(ran.lines).toContainEqual(expect.stringMatching(/^… waiting (1\.0|0\.\d) s: the rate limit is used up$/));
    expect(sim.liveShares('Baseline')).toHaveLength(1);
    const [refused, repeated] = sim.requests.filter((request) => request.method === method);
    expect(refused?.status).toBe(429);
    expect((repeated?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test('fail the step at once when Retry-After is longer than a step can wait', async () => {
    sim.order({ kind: 'rate-limited', retryAfterSeconds: 3_600 });
    const ran = await go();
    expect(ran.errors).toEqual([
      expect.stringMatching(
        /HTTP 429.*asked for a wait of 60 minutes, but the action waits at most 15 minutes: run again after/,
      ),
    ]);
    expect(methods()).toEqual(['GET']);
  });

  test('delay the next request when the Ratelimit header says that nothing is left', async () => {
    sim.order({ kind: 'rate-limit-low', method: 'GET', retryAfterSeconds: 2 });
    const ran = await go();
    expect(ran.exitCode).toBe(0);
    expect(sim.requests.map(({ status }) => status)).toEqual([200, 201, 200, 200]);
    expect(ran.lines.filter((line) => line.startsWith('… waiting'))).toEqual([
      expect.stringMatching(/^… waiting (2\.0|1\.\d) s: /),
    ]);
    const [first, second] = sim.requests;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_950);
  });

  test('are not exceeded by many additions', async () => {
    const small = await startSimulator({ rateLimit: { quota: 15, windowSeconds: 1 } });
    try {
      const recipients = small.memberIds.slice(0, 30).map((recipient_account_id) => ({ recipient_account_id }));
      const resources = [
        { resource_type: 'gateway-policy', resource_id: 'c1', resource_account_id: small.accountId, meta: {} },
      ];
      small.seed({ name: 'Baseline', recipients: recipients.slice(0, 1), resources });
      const ran = await runAction(inputsOf(small, { recipients }));
      expect(ran.errors).toEqual([]);
      expect(small.liveShares('Baseline')[0]?.recipients).toHaveLength(30);
      expect(small.requests.filter(({ status }) => status === 429)).toEqual([]);
    } finally {
      await small.close();
    }
  });
});

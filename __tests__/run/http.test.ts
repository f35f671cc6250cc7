// Requests over real connections, directly and through a proxy.

import { once } from 'node:events';
import { createServer, type Agent as HttpAgent, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { connectionFailure, exchange, type HttpRequest, makeAgent, TimedOut, withTimeout } from '../../src/http.ts';
import { tunnel, withServer } from '../with-server.ts';

const never = new AbortController().signal;

/** A server, and the number of its connections. */
function serverOf(respond: RequestListener): { server: Server; connections: () => number } {
  let connections = 0;
  const server = createServer(respond).on('connection', () => {
    connections += 1;
  });
  return { server, connections: () => connections };
}

/** A proxy that connects to any address, or responds to CONNECT with another status. */
const proxyOf = (status = 200): Server =>
  createServer().on('connect', (request, client, head) => {
    client.on('error', () => {});
    if (status !== 200) return client.end(`HTTP/1.1 ${status} no\r\nContent-Length: 0\r\n\r\n`);
    const { hostname, port } = new URL(`http://${request.url}`);
    return tunnel(client, head, Number(port), hostname);
  });

async function withAgent<T>(baseUrl: string, proxy: string | undefined, use: (agent: HttpAgent) => Promise<T>) {
  const closed = new AbortController();
  const agent = await makeAgent({ baseUrl, ...(proxy === undefined ? {} : { proxy }) }, closed.signal);
  try {
    return await use(agent);
  } finally {
    agent.destroy();
    closed.abort();
  }
}
const get = (agent: HttpAgent, changes: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  headers: {},
  agent,
  responseBytesMax: 1000,
  ...changes,
});
const codeOf = (error: unknown): string | undefined => connectionFailure(error as NodeJS.ErrnoException).kind;

describe('a request', () => {
  test('sends its method, headers and body, and reads the whole response', async () => {
    const { server } = serverOf(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      response.writeHead(201, { 'x-seen': `${request.method} ${request.headers['x-of']} ${body}` });
      response.write('ab');
      setImmediate(() => response.end('é'));
    });
    await withServer(server, (url) =>
      withAgent(url, undefined, async (agent) => {
        const request = get(agent, { method: 'PUT', headers: { 'x-of': 'me' }, body: '{}' });
        const { status, headers, text } = await exchange(url, request, never);
        expect([status, headers.get('x-seen'), text]).toEqual([201, 'PUT me {}', 'abé']);
      }),
    );
  });

  test('follows no redirect', async () => {
    const { server, connections } = serverOf((_, response) => response.writeHead(302, { location: '/other' }).end());
    await withServer(server, (url) =>
      withAgent(url, undefined, async (agent) => {
        expect(await exchange(url, get(agent), never)).toMatchObject({ status: 302, text: '' });
      }),
    );
    expect(connections()).toBe(1);
  });

  test('fails if the response is too long', async () => {
    const { server } = serverOf((_, response) => response.end('x'.repeat(1001)));
    await withServer(server, (url) =>
      withAgent(url, undefined, async (agent) => {
        await expect(exchange(url, get(agent), never)).rejects.toMatchObject({ type: 'max-size' });
        expect((await exchange(url, get(agent, { responseBytesMax: 1001 }), never)).text).toHaveLength(1001);
      }),
    );
  });

  test('ends when its signal aborts', async () => {
    const { server } = serverOf(() => {});
    const cancelled = new AbortController();
    server.on('request', () => cancelled.abort());
    await withServer(server, (url) =>
      withAgent(url, undefined, async (agent) => {
        await expect(exchange(url, get(agent), cancelled.signal)).rejects.toMatchObject({ name: 'AbortError' });
      }),
    );
  });
});

describe('the timeout of a request', () => {
  const aborted = async (signal: AbortSignal): Promise<never> => {
    await once(signal, 'abort');
    throw new Error('aborted');
  };

  test('ends it, and is given as the reason', async () => {
    const failure = await withTimeout(20, never, aborted).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TimedOut);
    expect(failure).toHaveProperty('message', 'no response within 0.02 s');
  });

  test('is not the reason if the job is cancelled or the request fails', async () => {
    const cancelled = new AbortController();
    const request = withTimeout(60_000, cancelled.signal, aborted);
    cancelled.abort();
    await expect(request).rejects.toThrow('aborted');
    await expect(withTimeout(60_000, never, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });

  test('keeps the process alive only as long as the request takes', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    expect(await withTimeout(60_000, never, async () => timers() - before)).toBe(1);
    expect(timers()).toBe(before);
  });
});

describe('the agent', () => {
  test('keeps a connection open for the next request', async () => {
    const { server, connections } = serverOf((_, response) => response.end('ok'));
    await withServer(server, (url) =>
      withAgent(url, undefined, async (agent) => {
        for (let n = 0; n < 3; n++) expect((await exchange(url, get(agent), never)).text).toBe('ok');
      }),
    );
    expect(connections()).toBe(1);
  });

  test.each([
    ['http://api.example', 'http:'],
    ['https://api.example', 'https:'],
    ['HTTPS://api.example', 'https:'],
  ])('is for the scheme of %s', async (baseUrl, protocol) => {
    await withAgent(baseUrl, undefined, async (agent) => expect(agent).toHaveProperty('protocol', protocol));
  });

  test('connects through the proxy, and keeps the connection', async () => {
    const { server, connections } = serverOf((request, response) => response.end(request.url));
    await withServer(server, (url) =>
      withServer(proxyOf(), (proxy) =>
        withAgent('http://api.invalid', proxy, async (agent) => {
          for (let n = 0; n < 3; n++) expect((await exchange(`${url}/a`, get(agent), never)).text).toBe('/a');
        }),
      ),
    );
    expect(connections()).toBe(1);
  });

  test.each([407, 201])("fails with the proxy's status if that is %d", async (status) => {
    const { server, connections } = serverOf((_, response) => response.end('ok'));
    await withServer(server, (url) =>
      withServer(proxyOf(status), (proxy) =>
        withAgent(url, proxy, async (agent) => {
          const failure = await exchange(url, get(agent), never).catch((error: unknown) => error);
          expect(failure).toMatchObject({ message: expect.stringContaining('the proxy did not connect') });
          expect(connectionFailure(failure as NodeJS.ErrnoException)).toEqual({ kind: 'proxy', status });
        }),
      ),
    );
    expect(connections()).toBe(0);
  });

  test.each(['220 mail.example ESMTP', 'SSH-2.0-x', 'HTTP/1.1', 'HTTP/1.1 -1 no', 'HTTP/1.1 1.5', 'HTTP/1.1 600 no'])(
    'fails if the proxy responds with something other than HTTP (%s)',
    async (line) => {
      const { server, connections } = serverOf((_, response) => response.end('ok'));
      const other = createTcpServer((socket) =>
        socket.on('error', () => {}).once('data', () => socket.end(`${line}\r\n\r\n`)),
      );
      await withServer(server, (url) =>
        withServer(other, (proxy) =>
          withAgent(url, proxy, async (agent) => {
            const failure = await exchange(url, get(agent), never).catch((error: unknown) => error);
            expect(connectionFailure(failure as NodeJS.ErrnoException)).toEqual({ kind: 'not a proxy' });
          }),
        ),
      );
      expect(connections()).toBe(0);
    },
  );

  test('stops waiting for the proxy once the agent is closed', async () => {
    const closed = new AbortController();
    const proxy = createServer().on('connect', () => closed.abort());
    await withServer(proxy, async (address) => {
      const agent = await makeAgent({ baseUrl: 'https://api.invalid', proxy: address }, closed.signal);
      const failure = await exchange('https://api.invalid', get(agent), never).catch((error: unknown) => error);
      expect(codeOf(failure)).toBe('broken');
    });
  });
});

test.each<[string, string, object]>([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].map((code): [string, string, object] => [
    code,
    '',
    { kind: 'not connected' },
  ]),
  ['EPROXY407', '', { kind: 'proxy', status: 407 }],
  ['ECONNRESET', '', { kind: 'broken' }],
  ['ERR_TUNNEL_ECONNREFUSED', '', { kind: 'broken' }],
  ['ECONNREFUSED_LATER', '', { kind: 'broken' }],
  ['EPROXY407_LATER', '', { kind: 'broken' }],
  ['ERR_EPROXY407', '', { kind: 'broken' }],
  ['EPROXY', '', { kind: 'not a proxy' }],
  ['CERT_HAS_EXPIRED', '', { kind: 'expired' }],
  ['CERT_NOT_YET_VALID', '', { kind: 'expired' }],
  ['CERT_REVOKED', '', { kind: 'untrusted' }],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', '', { kind: 'untrusted' }],
  ['SELF_SIGNED_CERT_IN_CHAIN', '', { kind: 'untrusted' }],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', '', { kind: 'untrusted' }],
  ['ERR_TLS_CERT_ALTNAME_INVALID', '', { kind: 'other host' }],
  ['HOSTNAME_MISMATCH', '', { kind: 'other host' }],
  ['ERR_SSL_WRONG_VERSION_NUMBER', '', { kind: 'not tls' }],
  ['EPROTO', 'write EPROTO 1:error:0A00010B:SSL routines:wrong version number', { kind: 'not tls' }],
  ['EPROTO', 'write EPROTO 1:error:0A000119:SSL routines:bad record mac', { kind: 'broken' }],
])('the code %s (%s) means %j', (code, message, failure) => {
  expect(connectionFailure({ code, message })).toEqual(failure);
});

test('a request whose error has no code may have arrived', () => {
  expect(connectionFailure({ message: 'socket hang up' })).toEqual({ kind: 'broken' });
  expect(connectionFailure({})).toEqual({ kind: 'broken' });
});

// Proxies, certificates, time-outs and cancellation: what only a process with a network shows.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { type InputsOf, inputsFor, runAction } from '../run-action.ts';

let sim: Simulator;
let proxy: Server;
let folder: string;
let tunnels: { to: string | undefined; authorization: string | undefined }[] = [];
let wantsPassword = false;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'share-tls-'));
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-keyout',
      join(folder, 'key.pem'),
      '-out',
      join(folder, 'cert.pem'),
    ],
    { stdio: 'ignore' },
  );
  sim = await startSimulator({
    tls: { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert: readFileSync(join(folder, 'cert.pem'), 'utf8') },
  });
  proxy = createServer((_, response) => response.writeHead(400).end());
  proxy.on('connect', (request, client, head) => {
    const authorization = request.headers['proxy-authorization'];
    tunnels.push({ to: request.url, authorization });
    if (wantsPassword && !authorization)
      return client.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
    const [host, port] = (request.url ?? '').split(':');
    const server = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      server.write(head);
      server.pipe(client).pipe(server);
    });
    for (const socket of [server, client]) socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await sim.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  sim.reset();
  tunnels = [];
  wantsPassword = false;
});

const inputs = (): InputsOf =>
  inputsFor(sim, {
    'share-name': 'Baseline',
    recipients: [{ account_id: sim.memberIds[0] }],
    resources: [{ resource_type: 'gateway-policy', resource_id: 'c1' }],
  });
const trusted = (): Record<string, string> => ({ NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') });
const proxyUrl = (user = ''): string => `http://${user}127.0.0.1:${(proxy.address() as AddressInfo).port}`;

test('HTTPS_PROXY is gone through, with its credentials, which are masked', async () => {
  wantsPassword = true;
  const ran = await runAction(inputs(), { env: { ...trusted(), HTTPS_PROXY: proxyUrl('user:s3cr3t-pass@') } });
  expect(ran.errors).toEqual([]);
  expect(ran.exitCode).toBe(0);
  expect(tunnels[0]).toEqual({
    to: new URL(sim.baseUrl).host,
    authorization: `Basic ${Buffer.from('user:s3cr3t-pass').toString('base64')}`,
  });
  expect(ran.log).toContain('::add-mask::s3cr3t-pass');
});

test('a proxy that wants credentials is named as the one that refuses', async () => {
  wantsPassword = true;
  const ran = await runAction({ ...inputs(), 'max-attempts': '1' }, { env: { ...trusted(), HTTPS_PROXY: proxyUrl() } });
  expect(ran.exitCode).toBe(1);
  expect(ran.errors[0]).toMatch(/407|proxy/i);
  expect(sim.requests).toEqual([]);
});

test('NO_PROXY goes past it', async () => {
  const ran = await runAction(inputs(), {
    env: { ...trusted(), HTTPS_PROXY: proxyUrl(), NO_PROXY: '127.0.0.1,localhost' },
  });
  expect(ran.exitCode).toBe(0);
  expect(tunnels).toEqual([]);
});

test('a certificate that is not trusted is not argued with: nothing is sent, and the way out is named', async () => {
  const ran = await runAction(inputs());
  expect(ran.exitCode).toBe(1);
  expect(ran.errors[0]).toMatch(/certificate is not trusted.*NODE_EXTRA_CA_CERTS/);
  expect(sim.requests).toEqual([]);
});

test('SIGINT ends a waiting step promptly, with outputs set and the truth said', async () => {
  sim.failRecipient(sim.memberIds[0] as string, { error: 'Not today', terminal: false });
  let poll: NodeJS.Timeout | undefined;
  const ran = await runAction(
    { ...inputs(), wait: 'true' },
    {
      env: trusted(),
      started: (child) => {
        poll = setInterval(() => {
          if (!sim.requests.some(({ path, status }) => path.endsWith('/recipients') && status === 200)) return;
          clearInterval(poll);
          child.kill('SIGINT');
        }, 20);
      },
    },
  );
  clearInterval(poll);
  expect(ran.exitCode).toBe(1);
  expect(ran.outputs.outcome).toBe('created');
  expect(ran.lines.at(-1)).toMatch(/^Done: create share .* Not done: wait until every recipient is associated\.$/);
});

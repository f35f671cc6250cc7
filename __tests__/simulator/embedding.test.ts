import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startSimulator } from '../../simulator/index.ts';
import { create, eventually, send, sharesOf, withSimulator } from './client.ts';

test('the simulator keeps connections alive', async () => {
  await withSimulator({}, async (sim) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    agent.on('free', (socket) => ports.add(socket.localPort));
    for (let index = 0; index < 3; index += 1) await send(sim, 'GET', sharesOf(sim), { agent });
    await eventually(
      () => ports.size,
      (size) => size === 1,
    );
    expect(ports.size).toBe(1);
    agent.destroy();
  });
});

test('the journal records requests in the order of arrival, with the number in flight', async () => {
  await withSimulator({ latencyMs: 100 }, async (sim) => {
    await Promise.all(Array.from({ length: 5 }, (_, index) => send(sim, 'GET', `${sharesOf(sim)}?page=${index + 1}`)));
    await send(sim, 'GET', sharesOf(sim));
    expect(sim.maxInFlight).toBe(5);
    expect(sim.requests.map(({ inFlightAtStart }) => inFlightAtStart)).toEqual([1, 2, 3, 4, 5, 1]);
    expect(sim.requests[5]).toMatchObject({
      method: 'GET',
      path: sharesOf(sim),
      query: '',
      status: 200,
      body: undefined,
    });
    const arrivals = sim.requests.map(({ at }) => at);
    expect(arrivals).toEqual([...arrivals].sort((one, other) => one - other));
  });
});

test('the simulator applies the configured latency', async () => {
  await withSimulator({ latencyMs: 100 }, async (sim) => {
    const began = Date.now();
    await send(sim, 'GET', sharesOf(sim));
    expect(Date.now() - began).toBeGreaterThanOrEqual(95);
  });
});

test('the simulator returns copies, which tests can modify', async () => {
  await withSimulator({}, async (sim) => {
    const seeded = sim.seed({ name: 'Kept' });
    seeded.name = 'Lost';
    for (const share of sim.shares()) Object.assign(share.resources[0]?.meta ?? {}, { lost: true });
    expect(sim.shares()[0]).toMatchObject({ name: 'Kept', resources: [{ meta: {} }] });
    expect(sim.shares()[0]?.resources[0]?.meta).toEqual({});
  });
});

test('a seeded share can have recipients that are not associated yet', async () => {
  await withSimulator({ associationMs: 60_000 }, async (sim) => {
    const share = sim.seed({ name: 'Under way', associated: false, created: '2023-09-21T18:56:32.624632Z' });
    expect(share).toMatchObject({
      created: '2023-09-21T18:56:32.624632Z',
      recipients: [{ association_status: 'associating' }],
    });
    expect(() => sim.seed({ name: '' })).toThrow('must be a non-empty string');
  });
});

test('a reset restores the initial state', async () => {
  await withSimulator({ rateLimit: { quota: 1, windowSeconds: 300 } }, async (sim) => {
    await create(sim);
    sim.order({ kind: 'nonsense' });
    sim.reset();
    expect([sim.shares(), sim.requests, sim.pendingFaults, sim.maxInFlight]).toEqual([[], [], 0, 0]);
    expect((await send(sim, 'GET', sharesOf(sim))).status).toBe(200);
  });
});

test('the simulator closes without waiting for requests in flight', async () => {
  const sim = await startSimulator();
  sim.order({ kind: 'late-commit', delayMs: 600_000 });
  const agent = new http.Agent({ keepAlive: true });
  const response = create(sim);
  const refused = expect(response).rejects.toMatchObject({ code: 'ECONNRESET' });
  await eventually(
    () => sim.requests.length,
    (count) => count === 1,
  );
  await send(sim, 'GET', sharesOf(sim), { agent });
  // The test times out if closing waits.
  await sim.close();
  await refused;
  expect(sim.shares()).toEqual([]);
  agent.destroy();
});

test('the simulator serves https with a given key and certificate', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
  const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const made = ['req', '-x509', ...kind, ...subject, '-keyout', keyPath, '-out', certPath];
  execFileSync('openssl', made, { stdio: 'ignore' });
  const [key, cert] = [readFileSync(keyPath, 'utf8'), readFileSync(certPath, 'utf8')];
  rmSync(folder, { recursive: true });
  await withSimulator({ tls: { key, cert } }, async (sim) => {
    expect(sim.baseUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/client\/v4$/);
    expect((await send(sim, 'GET', sharesOf(sim), { ca: cert })).status).toBe(200);
    sim.order({ kind: 'reset-after-commit' });
    await expect(send(sim, 'GET', sharesOf(sim), { ca: cert })).rejects.toMatchObject({ code: 'ECONNRESET' });
    sim.order({ kind: 'redirect' });
    const { headers } = await send(sim, 'GET', sharesOf(sim), { ca: cert });
    expect(headers.location).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/elsewhere$/);
  });
});

test('the simulator can be controlled over HTTP, which leaves no trace in the journal', async () => {
  await withSimulator({}, async (sim) => {
    const control = `${new URL(sim.baseUrl).origin}/simulator`;
    const order = (body: unknown) => send(sim, 'POST', `${control}/faults`, { body });
    expect(await order({ kind: 'rate-limited', method: 'GET', path: 'shares$', times: 1 })).toMatchObject({
      status: 201,
    });
    for (const wrong of [
      { kind: 'flood' },
      'rate-limited',
      { kind: 'nonsense', path: '(' },
      { kind: 'nonsense', path: 5 },
      { kind: 'nonsense', times: 'many' },
      { kind: 'nonsense', skip: -1 },
      { kind: 'reset-then-commit', commitAfterMs: -1 },
      { kind: 'nonsense', mehtod: 'POST' },
    ]) {
      expect((await order(wrong)).status).toBe(400);
    }
    expect((await send(sim, 'GET', `${control}/unknown`)).status).toBe(404);
    expect(sim.pendingFaults).toBe(1);
    expect((await send(sim, 'GET', sharesOf(sim))).status).toBe(429);
    expect((await order({ kind: 'json-5xx-then-commit', method: 'PUT', commitAfterMs: 10 })).status).toBe(201);
    await create(sim);
    const requests = JSON.parse((await send(sim, 'GET', `${control}/requests`)).text);
    expect(requests).toMatchObject([{ status: 429, fault: 'rate-limited' }, { status: 201 }]);
    expect(JSON.parse((await send(sim, 'GET', `${control}/shares`)).text)).toEqual(
      JSON.parse(JSON.stringify(sim.shares())),
    );
    await send(sim, 'POST', `${control}/reset`);
    expect([sim.shares(), sim.requests]).toEqual([[], []]);
  });
});

test.each(['SIGINT', 'SIGTERM'] as const)('the command ends cleanly on %s', async (signal) => {
  const command = spawn(process.execPath, ['scripts/simulator.ts', '--association-ms', '5'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  command.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  await eventually(
    () => said,
    (text) => text.includes('/simulator/reset'),
  );
  const curl = said.slice(said.indexOf('curl -H'), said.indexOf('\n\nInject a fault'));
  const response = JSON.parse(execFileSync('sh', ['-c', curl], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
  expect(response).toMatchObject({ success: true, result: { status: 'active' } });
  const ended = new Promise((resolve) => command.once('exit', (code, by) => resolve({ code, by })));
  command.kill(signal);
  expect(await ended).toEqual({ code: 0, by: null });
});

test('the command prints its help and explains an invalid option', () => {
  const run = (...options: string[]) =>
    execFileSync(process.execPath, ['scripts/simulator.ts', ...options], { stdio: 'pipe' }).toString();
  expect(run('--help')).toContain('--list-lag-ms');
  expect(() => run('--port', 'http')).toThrow('--port takes a whole number, not "http"');
});

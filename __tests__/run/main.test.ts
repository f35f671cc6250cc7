// The entry point turns the result of run() into the step's exit code and reports unexpected errors as such.

import { readFileSync } from 'node:fs';
import { afterEach, expect, jest, test } from '@jest/globals';
import { VERSION } from '../../src/version.ts';

const log: string[] = [];
const run = jest.fn<(signal: AbortSignal) => Promise<boolean>>();
jest.unstable_mockModule('../../src/run.ts', () => ({ run }));
jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
  log.push(String(text));
  return true;
});
const before = { SIGINT: process.listeners('SIGINT'), SIGTERM: process.listeners('SIGTERM') };
const beforeExit = process.listeners('beforeExit');
const uncaught = process.listeners('uncaughtException');

afterEach(() => {
  process.exitCode = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    for (const listener of process.listeners(signal))
      if (!before[signal].includes(listener)) process.off(signal, listener);
  }
  for (const listener of process.listeners('beforeExit'))
    if (!beforeExit.includes(listener)) process.off('beforeExit', listener);
  for (const listener of process.listeners('uncaughtException'))
    if (!uncaught.includes(listener)) process.off('uncaughtException', listener);
  jest.resetModules();
  log.length = 0;
});

const start = async (): Promise<string | number | null | undefined> => {
  const { ended } = await import('../../src/main.ts');
  await ended;
  return process.exitCode;
};

test('the step succeeds when the run succeeds', async () => {
  run.mockResolvedValueOnce(true);
  expect(await start()).toBe(0);
  expect(log).toEqual([]);
});

test('the step fails with a message when the run ends without a result', async () => {
  run.mockReturnValueOnce(new Promise(() => {}));
  await import('../../src/main.ts');
  expect(process.exitCode).toBe(1);
  const [ended] = process.listeners('beforeExit').slice(-1);
  ended?.(1);
  expect(log.join('')).toMatch(/::error::Unexpected: the run stopped before its end[\s\S]*This is a bug in the action/);
});

test('signal handlers are removed after the run', async () => {
  run.mockResolvedValueOnce(true);
  await start();
  expect(process.listeners('SIGTERM')).toEqual(before.SIGTERM);
  expect(process.listeners('SIGINT')).toEqual(before.SIGINT);
});

test('the step fails when the run fails', async () => {
  run.mockResolvedValueOnce(false);
  expect(await start()).toBe(1);
});

test('an internal error is reported as a bug in the action', async () => {
  run.mockRejectedValueOnce(new Error('boom'));
  expect(await start()).toBe(1);
  expect(log.join('')).toMatch(/::error::Unexpected: .*boom[\s\S]*This is a bug in the action/);
});

test('an uncaught error cancels the run and fails the step', async () => {
  let wasStopped: boolean | undefined;
  run.mockImplementationOnce(async (signal) => {
    const [caught] = process.listeners('uncaughtException').slice(-1);
    caught?.(new Error('boom'), 'uncaughtException');
    wasStopped = signal.aborted;
    return true;
  });
  expect(await start()).toBe(1);
  expect(wasStopped).toBe(true);
  expect(log.join('')).toMatch(/::error::Unexpected: .*boom[\s\S]*This is a bug in the action/);
});

test('SIGTERM cancels the run', async () => {
  let stopped = false;
  run.mockImplementationOnce(async (signal) => {
    signal.addEventListener('abort', () => {
      stopped = true;
    });
    process.emit('SIGTERM');
    return false;
  });
  await start();
  expect(stopped).toBe(true);
});

test('the version comes from package.json', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version);
});

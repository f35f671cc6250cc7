// The entry: what run() gives becomes the step's exit code; what nobody expected is said to be that.

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

afterEach(() => {
  process.exitCode = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    for (const listener of process.listeners(signal))
      if (!before[signal].includes(listener)) process.off(signal, listener);
  }
  jest.resetModules();
  log.length = 0;
});

const start = async (): Promise<string | number | null | undefined> => {
  const { ended } = await import('../../src/main.ts');
  await ended;
  return process.exitCode;
};

test('a green run leaves the exit code alone', async () => {
  run.mockResolvedValueOnce(true);
  expect(await start()).not.toBe(1);
});

test('a red run fails the step', async () => {
  run.mockResolvedValueOnce(false);
  expect(await start()).toBe(1);
});

test('a fault of the action itself is said to be one', async () => {
  run.mockRejectedValueOnce(new Error('boom'));
  expect(await start()).toBe(1);
  expect(log.join('')).toMatch(/::error::Unexpected: .*boom[\s\S]*This is a bug in the action/);
});

test('SIGTERM reaches the run as a signal to stop', async () => {
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

test('the version is the one of package.json', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version);
});

// Setup for tests that run against the simulator and the fake GitHub. Call these functions at the top of a test file.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach } from '@jest/globals';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator/index.ts';
import { type FakeGithub, startFakeGithub } from './fake-github.ts';

/** Starts a simulator for the tests of this file. It is reset before each test, and closed after the last. */
export async function useSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const sim = await startSimulator(options);
  beforeEach(() => sim.reset());
  afterAll(() => sim.close());
  return sim;
}

/** Starts a fake GitHub for the tests of this file. It is reset before each test, and closed after the last. */
export async function useFakeGithub(): Promise<FakeGithub> {
  const github = await startFakeGithub();
  beforeEach(() => github.reset());
  afterAll(() => github.close());
  return github;
}

/** Makes a folder for the tests of this file. It is removed after the last. */
export function useFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'share-tests-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

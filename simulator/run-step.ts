// Runs dist/index.js as a process, as a runner does for a step.

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type EnvironmentOf, type InputsOf, type Ran, Step } from './runner.ts';

const ENTRY = fileURLToPath(new URL('../dist/index.js', import.meta.url));

export interface StepOptions {
  env?: EnvironmentOf;
  cwd?: string;
  /** Receives the process as soon as it runs. */
  started?: (child: ChildProcess) => void;
}

/** Runs the built action as a step. */
export async function runStep(inputs: InputsOf, { env, cwd, started }: StepOptions = {}): Promise<Ran> {
  const step = new Step();
  const child = spawn(process.execPath, [ENTRY], {
    env: step.environment(inputs, env),
    cwd: cwd ?? step.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started?.(child);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return step.finish(exitCode, log);
}

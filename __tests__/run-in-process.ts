// Runs src/ as a step in the test's own process: for coverage, for a clock that tests control, for tests with hundreds
// of runs, and for the pictures. `run-action.ts` runs the built action as a process.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EnvironmentOf, type InputsOf, type Ran as RanStep, Step } from '../simulator/runner.ts';
import type { Clock } from '../src/clock.ts';
import { run } from '../src/run.ts';

export { type InputsOf, inputsFor } from '../simulator/runner.ts';

export interface InProcessOptions {
  env?: EnvironmentOf;
  signal?: AbortSignal;
  /** Defaults to the system's clock. */
  clock?: Clock | undefined;
}

export interface Ran extends RanStep {
  /** The lines of the log, without the runner's masks. */
  lines: string[];
  /** Messages of `::error` and `::warning` as the runner would show them, with their properties. */
  errors: string[];
  warnings: string[];
}

/** One folder for all runs of a test file, because creating and removing one costs a tenth of a short run. */
const folder = mkdtempSync(join(tmpdir(), 'share-runs-'));
// Pictures are drawn outside of Jest.
const { afterAll } = globalThis as { afterAll?: (act: () => void) => void };
const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
if (afterAll) afterAll(removeFolder);
else process.once('exit', removeFolder);

let isRunning = false;

/** Runs src/ in this process: one run at a time, because they share the environment and standard output. */
export async function runInProcess(
  inputs: InputsOf,
  { env, signal = new AbortController().signal, clock }: InProcessOptions = {},
): Promise<Ran> {
  if (isRunning) throw new Error('Only one run at a time fits in this process; use runAction');
  isRunning = true;
  const step = new Step(folder);
  const before = { ...process.env };
  const write = process.stdout.write;
  let log = '';
  const setEnvironment = (to: EnvironmentOf): void => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, to);
  };
  setEnvironment(step.environment(inputs, env));
  process.stdout.write = ((text: string) => {
    log += text;
    return true;
  }) as typeof write;
  try {
    const green = await run(signal, clock);
    return seen(step.finish(green ? 0 : 1, log));
  } finally {
    process.stdout.write = write;
    setEnvironment(before);
    isRunning = false;
  }
}

/** What a user sees of the step: the lines of its log, its errors and its warnings. */
export function seen(ran: RanStep): Ran {
  const lines = ran.log.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('::add-mask::'));
  const of = (command: string): string[] =>
    lines
      .filter((line) => line.startsWith(`::${command}`))
      .map((line) =>
        decode(
          line
            .slice(command.length + 2)
            .replace(/^::/, '')
            .trim(),
        ),
      );
  return { ...ran, lines, errors: of('error'), warnings: of('warning') };
}

const decode = (text: string): string => text.replace(/%0D/g, '\r').replace(/%0A/g, '\n').replace(/%25/g, '%');

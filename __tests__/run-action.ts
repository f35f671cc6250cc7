// Runs the built action, dist/index.js, as a runner would: as a process. `run-in-process.ts` runs src/ in this process.

import { runStep, type StepOptions } from '../simulator/run-step.ts';
import type { InputsOf } from '../simulator/runner.ts';
import { type Ran, seen } from './run-in-process.ts';

export { type InputsOf, inputsFor, type Ran } from './run-in-process.ts';
export type RunOptions = StepOptions;

/** Runs dist/index.js as a process. */
export const runAction = async (inputs: InputsOf, options: RunOptions = {}): Promise<Ran> =>
  seen(await runStep(inputs, options));

// Entry: runs the action, and turns an unexpected error into a failed step.

import * as log from './report/log.ts';
import { setBroken } from './report/outputs.ts';
import { run } from './run.ts';

// The runner cancels a job with SIGINT, and with SIGTERM 7.5 seconds later: time enough to report what was done.
const cancelled = new AbortController();
const cancel = (): void => cancelled.abort();
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
for (const signal of SIGNALS) process.on(signal, cancel);

// Only a run that finishes succeeds. A run that never finishes fails once nothing is left for it to wait for.
process.exitCode = 1;
process.once('beforeExit', stopped);

// Node would print the line of code, and in dist/ all the code is one line. The run stops as if the job had been cancelled.
let isBroken = false;
process.on('uncaughtException', (error) => {
  process.exitCode = 1;
  cancel();
  if (isBroken) return; // the log itself may be broken
  isBroken = true;
  sayUnexpected(error);
});

// A promise, because top-level await would keep the bundler from merging the modules, and Node would read the code twice.
export const ended = run(cancelled.signal)
  .then((isGreen) => {
    if (isGreen && !isBroken) process.exitCode = 0;
  })
  .catch(sayUnexpected)
  .finally(() => {
    process.off('beforeExit', stopped);
    // Everything has been reported, so a signal can end the process.
    for (const signal of SIGNALS) process.off(signal, cancel);
  });

function stopped(): void {
  sayUnexpected('the run stopped before its end, with nothing left to wait for');
}

function sayUnexpected(what: unknown): void {
  setBroken();
  log.error({ message: `Unexpected: ${what instanceof Error ? (what.stack ?? what.message) : String(what)}` });
  log.line('This is a bug in the action. What was done is not known. Please report it.');
}

// Entry: runs the action, and turns an unexpected error into a failed step.

import * as log from './report/log.ts';
import { setBroken } from './report/outputs.ts';
import { run } from './run.ts';

// To cancel a job, the runner sends SIGINT, and SIGTERM 7.5 seconds later. That is enough time to report what was done.
const cancelled = new AbortController();
const cancel = (): void => cancelled.abort();
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
for (const signal of SIGNALS) process.on(signal, cancel);

// The step succeeds only if the run finishes. If nothing is left to wait for and the run hasn't finished, it fails.
process.exitCode = 1;
process.once('beforeExit', stopped);

// Node itself would print the line of code that failed, and in dist/, all the code is one line. The run stops as if the
// job had been cancelled.
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
  log.line(
    "This is a bug in the action. The action can't tell what it has done, so check your shares in the dashboard. Please report the bug.",
  );
}

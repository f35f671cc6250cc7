// Entry: runs the action, and turns an unexpected error into a failed step.

import * as log from './report/log.ts';
import { run } from './run.ts';

// The runner cancels a job with SIGINT, and with SIGTERM 7.5 seconds later: time enough to report what was done.
const cancelled = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancelled.abort());

// A promise, as top-level await would keep the bundler from merging the modules: Node would read the code twice.
export const ended = run(cancelled.signal)
  .then((isGreen) => {
    if (!isGreen) process.exitCode = 1;
  })
  .catch((error) => {
    log.error({ message: `Unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` });
    log.line('This is a bug in the action. What was done is not known. Please report it.');
    process.exitCode = 1;
  });

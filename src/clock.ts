// Time as one value. Everything that waits or measures takes the clock as a parameter, so that tests can control time.

import { setTimeout as sleep } from 'node:timers/promises';

export interface Clock {
  /** Monotonic, milliseconds. */
  nowMs(): number;
  /** Milliseconds since 1970. */
  dateMs(): number;
  /** @throws when aborted */
  pause(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  // Unlike `performance.now()`, this doesn't have to be loaded.
  nowMs: () => process.uptime() * 1000,
  dateMs: () => Date.now(),
  pause: (ms, signal) => sleep(ms, undefined, signal && { signal }),
};

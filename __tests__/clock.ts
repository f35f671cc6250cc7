// A clock for tests that cannot wait as long as users can.

import type { Clock } from '../src/clock.ts';

/** Time that runs `times` as fast as the clock on the wall: one clock, on which pauses and what measures them agree. */
export const fastClock = (times: number): Clock => ({
  nowMs: () => performance.now() * times,
  dateMs: () => Date.now(),
  pause: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const cancelled = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', cancelled);
        resolve();
      }, ms / times);
      signal?.addEventListener('abort', cancelled, { once: true });
    }),
});

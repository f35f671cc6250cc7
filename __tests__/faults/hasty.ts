// Runs of the action whose own pauses are cut to a twentieth, so that hundreds of them fit into a minute. What the
// simulator holds back, and the request time-out that ends it, stays real.

import { jest } from '@jest/globals';

const PAUSE_DIVISOR = 20;

jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(value), ms / PAUSE_DIVISOR);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(new Error('aborted'));
      });
    }),
}));

// After the replacement above, which a static import would come before.
const { inputsFor, runInProcess } = await import('../run-action.ts');

export { inputsFor, runInProcess };

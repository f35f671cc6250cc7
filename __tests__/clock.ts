// Clocks for tests, which can't wait as long as users can.

import type { Clock } from '../src/clock.ts';

/**
 * A clock whose pauses are shorter than requested by the factor `times`. It moves by the pauses alone, because requests
 * that take long on a busy machine would use up the time that a run has.
 */
export function fastClock(times: number): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    dateMs: () => Date.now(),
    pause: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const untilMs = nowMs + ms;
        const cancelled = (): void => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', cancelled);
          nowMs = Math.max(nowMs, untilMs);
          resolve();
        }, ms / times);
        signal?.addEventListener('abort', cancelled, { once: true });
      }),
  };
}

export interface FakeClock extends Clock {
  /** All waits so far, in milliseconds. */
  readonly waits: number[];
}

const START = Date.UTC(2026, 10, 25);

/** A clock on which waits take no real time and move the clock by their length. */
export function fakeClock(): FakeClock {
  let nowMs = 0;
  const waits: number[] = [];
  return {
    waits,
    nowMs: () => nowMs,
    dateMs: () => START + nowMs,
    pause: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      const untilMs = nowMs + ms;
      await new Promise((resolve) => setImmediate(resolve)); // lets other waits begin first that are due now
      signal?.throwIfAborted();
      nowMs = Math.max(nowMs, untilMs);
    },
  };
}

export interface HeldClock extends FakeClock {
  /** Moves the clock and ends the waits that are due by then. */
  advance(ms: number): void;
  /** The number of pending waits. */
  readonly waiting: number;
}

/** A clock that moves only when the test moves it. */
export function heldClock(): HeldClock {
  let nowMs = 0;
  const waits: number[] = [];
  let pending: { untilMs: number; end: () => void }[] = [];
  return {
    waits,
    nowMs: () => nowMs,
    dateMs: () => START + nowMs,
    get waiting() {
      return pending.length;
    },
    pause: (ms, signal) =>
      new Promise((resolve, reject) => {
        waits.push(ms);
        const wait = { untilMs: nowMs + ms, end: resolve };
        pending.push(wait);
        signal?.addEventListener('abort', () => {
          pending = pending.filter((other) => other !== wait);
          reject(signal.reason);
        });
      }),
    advance: (ms) => {
      nowMs += ms;
      const over = pending.filter(({ untilMs }) => untilMs <= nowMs);
      pending = pending.filter(({ untilMs }) => untilMs > nowMs);
      for (const { end } of over) end();
    },
  };
}

// Clocks that tests hold.

import type { Clock } from '../../src/clock.ts';

export interface FakeClock extends Clock {
  /** Every wait that was asked for, in milliseconds. */
  readonly waits: number[];
}

const START = Date.UTC(2026, 10, 25);

/** A clock on which a wait takes no time, and moves the hands by as much as it asked for. */
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
      await new Promise((resolve) => setImmediate(resolve)); // whoever else waits at this moment begins as well
      signal?.throwIfAborted();
      nowMs = Math.max(nowMs, untilMs);
    },
  };
}

export interface HeldClock extends FakeClock {
  /** Moves the hands, and ends the waits that are over by then. */
  advance(ms: number): void;
  /** Waits that are not over. */
  readonly waiting: number;
}

/** A clock whose hands move by hand. */
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

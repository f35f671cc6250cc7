// Delays requests: only a few are sent at once, and none while the rate limit is used up. rate-limit.ts decides how
// long that is.

import pLimit from 'p-limit';
import type { Clock } from '../clock.ts';
import { Cancelled } from './errors.ts';
import { type Budget, ended, held, learned, NOTHING_KNOWN, readRateLimit, started, waitMs } from './rate-limit.ts';

const MOST_AT_ONCE = 10;
/** Shorter waits are not logged. */
const LOGGED_FROM_MS = 900;

export class Throttle {
  readonly #clock: Clock;
  readonly #cancelled: AbortSignal;
  readonly #waiting: (why: string, ms: number) => void;
  readonly #slots = pLimit(MOST_AT_ONCE);
  #budget: Budget = NOTHING_KNOWN;
  #loggedUntilMs = Number.NEGATIVE_INFINITY;

  /** @param waiting logs a wait */
  constructor(clock: Clock, cancelled: AbortSignal, waiting: (why: string, ms: number) => void) {
    this.#clock = clock;
    this.#cancelled = cancelled;
    this.#waiting = waiting;
  }

  /** Calls `send` with the number of the request, as soon as a request can be sent. @throws {Cancelled} */
  run<T>(send: (request: number) => Promise<T>): Promise<T> {
    return this.#slots(async () => {
      for (let ms = this.#waitMs(); ms > 0; ms = this.#waitMs()) await this.#waitForBudget(ms);
      if (this.#cancelled.aborted) throw new Cancelled();
      this.#budget = started(this.#budget); // no `await` since the check above, so no other request gets in between
      try {
        return await send(this.#budget.sent);
      } finally {
        this.#budget = ended(this.#budget);
      }
    });
  }

  /** Takes into account what the response to a request says about the rate limit. */
  learn(header: string | null, request: number): void {
    this.#budget = learned(this.#budget, readRateLimit(header), this.#clock.nowMs(), request);
  }

  /** Sends no requests for the next `ms`, because the API refused one due to a rate limit. */
  hold(ms: number): void {
    this.#budget = held(this.#budget, this.#clock.nowMs() + ms);
  }

  #waitMs(): number {
    return waitMs(this.#budget, this.#clock.nowMs());
  }

  /** Many requests can wait for the same reset, but only one of them logs that. */
  async #waitForBudget(ms: number): Promise<void> {
    const untilMs = this.#clock.nowMs() + ms;
    if (ms >= LOGGED_FROM_MS && untilMs >= this.#loggedUntilMs + LOGGED_FROM_MS) {
      this.#loggedUntilMs = untilMs;
      this.#waiting('the rate limit is used up', ms);
    }
    await pause(ms, this.#clock, this.#cancelled);
  }
}

/** Waits without logging. @throws {Cancelled} */
export async function pause(ms: number, clock: Clock, cancelled: AbortSignal): Promise<void> {
  try {
    await clock.pause(ms, cancelled);
  } catch {
    throw new Cancelled();
  }
}

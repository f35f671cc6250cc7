// The one place that decides about repeating a request.

import type { Call } from './call.ts';
import { NoAnswer, Refusal } from './errors.ts';
import { LONGEST_WAIT_MS } from './rate-limit.ts';

const FIRST_MS = 500;
const LAST_MS = 8_000;

interface Try {
  method: Call['method'];
  /** Number of the try that failed, from 1. */
  attempt: number;
  maxAttempts: number;
  /** From 0 up to 1. */
  random: number;
}

export interface Retry {
  waitMs: number;
  /** The wait is every request's, not that of this one alone. */
  holdsAll: boolean;
}

/**
 * After which failure of which call how long to wait before the next try, or never.
 *
 * A repeated POST makes a second share, so it is repeated only when the last try surely took no effect: it was
 * refused for the rate, or no connection was made. GET, PUT and DELETE may be repeated after anything ambiguous.
 */
export function retryOf(failure: unknown, { method, attempt, maxAttempts, random }: Try): Retry | 'never' {
  if (attempt >= maxAttempts) return 'never';
  const isRateLimit = failure instanceof Refusal && failure.status === 429;
  const isPassing = failure instanceof NoAnswer && !failure.final && (method !== 'POST' || failure.neverSent);
  if (!isRateLimit && !isPassing) return 'never';
  if (asksForTooLong(failure)) return 'never';
  return { waitMs: failure.retryAfterMs ?? backOffMs(attempt, random), holdsAll: isRateLimit };
}

/** Does the answer ask for a wait that is beyond reason? */
export const asksForTooLong = ({ retryAfterMs }: { retryAfterMs: number | undefined }): boolean =>
  retryAfterMs !== undefined && retryAfterMs > LONGEST_WAIT_MS;

/** Twice as long each time, and jitter on the upper half: runs that failed together do not come back together. */
export function backOffMs(attempt: number, random: number): number {
  const ms = Math.min(LAST_MS, FIRST_MS * 2 ** (attempt - 1));
  return ms / 2 + (random * ms) / 2;
}

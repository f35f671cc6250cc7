// The retry policy: which failures of which calls the client retries, and when. Pure.

import type { Call } from './call.ts';
import { NoUsableResponse, Refusal } from './errors.ts';
import { LONGEST_WAIT_MS } from './rate-limit.ts';

const BACK_OFF_FIRST_MS = 500;
const BACK_OFF_MAX_MS = 8_000;

interface Try {
  method: Call['method'];
  /** The number of the failed attempt, from 1. */
  attempt: number;
  maxAttempts: number;
  /** A random number from 0 up to 1. */
  random: number;
}

interface Retry {
  waitMs: number;
  /** All requests wait, not only this one. */
  holdsAll: boolean;
}

/**
 * How long to wait before the next attempt, or `never`.
 *
 * Repeating a POST can create a second share. So it is retried only if the failed attempt certainly had no effect: a
 * 429, or no connection. GET, PUT and DELETE are retried after every failure that may be temporary.
 */
export function retryOf(failure: unknown, { method, attempt, maxAttempts, random }: Try): Retry | 'never' {
  if (attempt >= maxAttempts) return 'never';
  const isRateLimit = failure instanceof Refusal && failure.status === 429;
  const isPassing = failure instanceof NoUsableResponse && !failure.final && (method !== 'POST' || failure.neverSent);
  if (!isRateLimit && !isPassing) return 'never';
  if (asksForTooLong(failure)) return 'never';
  return { waitMs: waitMsAfter(failure, backOffMs(attempt, random)), holdsAll: isRateLimit };
}

/**
 * How long the response asked to wait, but never less than the back-off, because `Retry-After: 0` would cause a hot
 * loop.
 */
const waitMsAfter = ({ retryAfterMs = 0 }: { retryAfterMs: number | undefined }, backOff: number): number =>
  Math.max(backOff, retryAfterMs);

/** How long to retry a write to a share that Cloudflare refuses because the share is changing. */
export const BUSY_MAX_MS = 30_000;

interface BusyTry {
  /** The number of refusals so far, from 1. */
  refusals: number;
  /** Time since the first refusal, including any delays by the rate limit: the share has had that long to change. */
  elapsedMs: number;
  /** A random number from 0 up to 1. */
  random: number;
}

/**
 * How long to wait before a refused write to an existing share is sent again, or `never`. While a share is being
 * associated or changed, it refuses writes with 409. A refused request had no effect, so any method is safe to retry.
 * `never` also if the response asks for a wait that doesn't fit into the time that is left.
 */
export function busyWaitMs(refused: Refusal, { refusals, elapsedMs, random }: BusyTry): number | 'never' {
  const leftMs = BUSY_MAX_MS - elapsedMs;
  if (refused.status !== 409 || leftMs <= 0) return 'never';
  // The last attempt comes when the time is up, not before.
  const waitMs = waitMsAfter(refused, Math.min(backOffMs(refusals, random), leftMs));
  return waitMs > leftMs ? 'never' : waitMs;
}

/** Does the response ask for a longer wait than {@link longestWaitMs}? */
export const asksForTooLong = (failure: Refusal | NoUsableResponse): boolean =>
  failure.retryAfterMs !== undefined && failure.retryAfterMs > longestWaitMs(failure);

/** The longest wait after this failure. */
export const longestWaitMs = (failure: Refusal | NoUsableResponse): number =>
  failure instanceof Refusal && failure.status === 409 ? BUSY_MAX_MS : LONGEST_WAIT_MS;

/** Doubles with each attempt. The upper half is random, so that runs that failed together don't retry together. */
export function backOffMs(attempt: number, random: number): number {
  const ms = Math.min(BACK_OFF_MAX_MS, BACK_OFF_FIRST_MS * 2 ** (attempt - 1));
  return ms / 2 + (random * ms) / 2;
}

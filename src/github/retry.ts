// Decides when a request to GitHub is retried. Octokit's plugins don't fit: plugin-retry also retries the creation of a
// comment, and ignores 403 and `retry-after`; plugin-throttling recognizes a rate limit only by some of its messages.
// Both use timers of their own, which a cancelled job doesn't stop and tests can't control.

import type { GithubError, Trouble } from './errors.ts';

/** The maximum total wait for one request. */
export const PATIENCE_MS = 60_000;
const BACK_OFF_FIRST_MS = 1_000;
const BACK_OFF_MAX_MS = 16_000;

const PASSING: readonly Trouble[] = ['unreachable', 'unusable', 'server', 'rate-limit'];

interface Try {
  /**
   * `anyway`: a read, or a change that can safely be made twice. `if-refused`: a change that must take effect only
   * once.
   */
  repeat: 'anyway' | 'if-refused';
  /** The number of the failed attempt, from 1. */
  attempt: number;
  /** Time since the first attempt. */
  elapsedMs: number;
  /** A random number from 0 up to 1. */
  random: number;
  /** The maximum total wait (`PATIENCE_MS`). */
  patienceMs?: number;
}

/** How long to wait before the next attempt. Undefined: the request isn't retried. */
export function retryOf(
  failure: GithubError,
  { repeat, attempt, elapsedMs, random, patienceMs = PATIENCE_MS }: Try,
): number | undefined {
  if (!mayPass(failure)) return undefined;
  // A request whose response was lost may have created the comment, so its sender has to check first.
  if (repeat === 'if-refused' && mayHaveTakenEffect(failure)) return undefined;
  const waitMs = Math.max(backOffMs(attempt, random), failure.retryAfterMs ?? 0);
  return elapsedMs + waitMs > patienceMs ? undefined : waitMs;
}

/** Can the same request succeed later? */
export const mayPass = ({ trouble, final }: GithubError): boolean => !final && PASSING.includes(trouble);

/** Can the change have been made despite this failure? */
export const mayHaveTakenEffect = ({ trouble, neverSent }: GithubError): boolean =>
  !neverSent &&
  (trouble === 'unreachable' || trouble === 'unusable' || trouble === 'server' || trouble === 'cancelled');

/** Doubles with each attempt. The upper half is random, so that runs that failed together don't retry together. */
function backOffMs(attempt: number, random: number): number {
  const ms = Math.min(BACK_OFF_MAX_MS, BACK_OFF_FIRST_MS * 2 ** (attempt - 1));
  return ms / 2 + (random * ms) / 2;
}

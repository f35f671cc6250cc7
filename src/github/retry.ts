// When a request to GitHub is repeated. Octokit's plugins for that do not fit: plugin-retry also repeats the creation of a
// comment, and leaves out 403 and `retry-after`; plugin-throttling knows a rate limit only by some of its words. Both wait
// on timers of their own, which the end of the job doesn't end and tests can't control.

import type { GithubError, Trouble } from './errors.ts';

/** Together the waits for one request take no longer. */
export const PATIENCE_MS = 60_000;
const BACK_OFF_FIRST_MS = 1_000;
const BACK_OFF_MAX_MS = 16_000;

const PASSING: readonly Trouble[] = ['unreachable', 'unusable', 'server', 'rate-limit'];

interface Try {
  /** `anyway`: a read, or a change that has the same result when it is made twice. `if-refused`: it may be carried out only once. */
  repeat: 'anyway' | 'if-refused';
  /** Number of the try that failed, from 1. */
  attempt: number;
  /** Since the first try. */
  elapsedMs: number;
  /** From 0 up to 1. */
  random: number;
}

/** How long to wait before the next try. Undefined: the request is not repeated. */
export function retryOf(failure: GithubError, { repeat, attempt, elapsedMs, random }: Try): number | undefined {
  if (failure.final || !PASSING.includes(failure.trouble)) return undefined;
  // The one whose response is lost may have made the comment: whoever sent it has to look first.
  if (repeat === 'if-refused' && mayHaveTakenEffect(failure)) return undefined;
  const waitMs = Math.max(backOffMs(attempt, random), failure.retryAfterMs ?? 0);
  return elapsedMs + waitMs > PATIENCE_MS ? undefined : waitMs;
}

/** After this failure, can the change have been made? */
export const mayHaveTakenEffect = ({ trouble, neverSent }: GithubError): boolean =>
  !neverSent &&
  (trouble === 'unreachable' || trouble === 'unusable' || trouble === 'server' || trouble === 'cancelled');

/** Doubles with each try. The upper half is random, so that runs that failed together do not try again together. */
function backOffMs(attempt: number, random: number): number {
  const ms = Math.min(BACK_OFF_MAX_MS, BACK_OFF_FIRST_MS * 2 ** (attempt - 1));
  return ms / 2 + (random * ms) / 2;
}

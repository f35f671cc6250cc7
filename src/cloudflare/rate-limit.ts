// Every answer says how much of the rate limit is left: `Ratelimit: "default";r=50;t=30` means 50 requests in the next 30
// seconds. When none is left, requests wait for the reset, so that Cloudflare does not have to refuse them.

/** The longest wait that an answer may ask for, in milliseconds. Past the global limit Cloudflare asks for 5 minutes. */
export const LONGEST_WAIT_MS = 15 * 60_000;

/** `remaining` requests are left for the next `resetMs`. Of several policies, the tightest. */
interface Limit {
  remaining: number;
  resetMs: number;
}

export function readRateLimit(header: string | null): Limit | undefined {
  const policies = (header ?? '').split(',').flatMap((policy) => {
    const remaining = /;\s*r=(\d+)/.exec(policy)?.[1];
    const seconds = /;\s*t=(\d+)/.exec(policy)?.[1];
    return remaining === undefined || seconds === undefined
      ? []
      : [{ remaining: Number(remaining), resetMs: Number(seconds) * 1000 }];
  });
  return policies.sort((a, b) => a.remaining - b.remaining || b.resetMs - a.resetMs)[0];
}

/** `Retry-After` in milliseconds: seconds, or an HTTP date. */
export function readRetryAfter(header: string | null, dateMs: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - dateMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** What is known of the limit. All times are the clock's `nowMs`. */
export interface Budget {
  /** Requests that may still go out before `resetAtMs`. */
  readonly left: number;
  readonly resetAtMs: number;
  /** No request is sent before this, because of a 429. */
  readonly heldUntilMs: number;
  readonly underWay: number;
  /** Requests that went out so far: the number of the latest one. */
  readonly sent: number;
  /** The number of the request whose answer was learned from last. */
  readonly learnedFrom: number;
}

/** Before the first answer. */
export const NOTHING_KNOWN: Budget = {
  left: Number.POSITIVE_INFINITY,
  resetAtMs: Number.NEGATIVE_INFINITY,
  heldUntilMs: Number.NEGATIVE_INFINITY,
  underWay: 0,
  sent: 0,
  learnedFrom: 0,
};

/** How long the next request has to wait, in milliseconds; 0 when it may go. */
export function waitMs({ left, resetAtMs, heldUntilMs }: Budget, nowMs: number): number {
  return Math.max(0, heldUntilMs - nowMs, left > 0 ? 0 : resetAtMs - nowMs);
}

/** A request goes out. */
export const started = (budget: Budget): Budget => ({
  ...budget,
  left: budget.left - 1,
  underWay: budget.underWay + 1,
  sent: budget.sent + 1,
});

/** A request has its answer, or will get none. */
export const ended = (budget: Budget): Budget => ({ ...budget, underWay: budget.underWay - 1 });

/**
 * An answer said how much is left.
 * - The other requests under way may not be counted in it yet: they are subtracted.
 * - Answers overtake one another: the answer to an earlier request never raises what a later one said.
 * - A reset beyond the longest wait is ignored: then the API refuses, and says so.
 * @param request the number of the request that was answered: what `sent` was when it went out
 */
export function learned(budget: Budget, limit: Limit | undefined, nowMs: number, request = budget.sent): Budget {
  if (limit === undefined || limit.resetMs > LONGEST_WAIT_MS) return budget;
  const left = limit.remaining - Math.max(0, budget.underWay - 1);
  const isOvertaken = request < budget.learnedFrom && nowMs < budget.resetAtMs;
  if (isOvertaken) return { ...budget, left: Math.min(budget.left, left) };
  return { ...budget, left, resetAtMs: nowMs + limit.resetMs, learnedFrom: request };
}

/** The API answered 429: no request is sent until then. What earlier answers said is left does not count any more. */
export const held = (budget: Budget, untilMs: number): Budget => ({
  ...budget,
  left: Number.POSITIVE_INFINITY,
  heldUntilMs: Math.max(budget.heldUntilMs, untilMs),
});

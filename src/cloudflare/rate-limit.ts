// Every response says how much of the rate limit is left: `Ratelimit: "default";r=50;t=30` means 50 requests in the
// next 30 seconds. When none is left, requests wait for the reset instead of being refused.

/**
 * The longest wait that a response can ask for, in milliseconds. Cloudflare asks for 5 minutes once the global limit is
 * exceeded.
 */
export const LONGEST_WAIT_MS = 15 * 60_000;

/** `remaining` requests are left for the next `resetMs`. Of several policies, it is the tightest one. */
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

/** What is known about the limit. All times are by the clock's `nowMs`. */
export interface Budget {
  /** Requests that can still be sent before `resetAtMs`. */
  readonly left: number;
  readonly resetAtMs: number;
  /** Send no request before this, because of a 429. */
  readonly heldUntilMs: number;
  readonly underWay: number;
  /** The number of requests sent so far, which is the number of the latest one. */
  readonly sent: number;
  /** The number of the latest request whose response was taken into account. */
  readonly learnedFrom: number;
}

/** The state before the first response. */
export const NOTHING_KNOWN: Budget = {
  left: Number.POSITIVE_INFINITY,
  resetAtMs: Number.NEGATIVE_INFINITY,
  heldUntilMs: Number.NEGATIVE_INFINITY,
  underWay: 0,
  sent: 0,
  learnedFrom: 0,
};

/** How long the next request has to wait, in milliseconds; 0 if it can be sent now. */
export function waitMs({ left, resetAtMs, heldUntilMs }: Budget, nowMs: number): number {
  return Math.max(0, heldUntilMs - nowMs, left > 0 ? 0 : resetAtMs - nowMs);
}

/** A request is sent. */
export const started = (budget: Budget): Budget => ({
  ...budget,
  left: budget.left - 1,
  underWay: budget.underWay + 1,
  sent: budget.sent + 1,
});

/** A request has its response, or won't get one. */
export const ended = (budget: Budget): Budget => ({ ...budget, underWay: budget.underWay - 1 });

/**
 * A response said how much is left.
 * - It may not count other requests in flight, so they are subtracted.
 * - Responses can arrive out of order, so the response to an earlier request never raises what a later one said.
 * - A reset later than the longest wait is ignored, because the API then refuses requests and says so.
 * @param request the number of the request that this response belongs to: the value of `sent` when the request was sent
 */
export function learned(budget: Budget, limit: Limit | undefined, nowMs: number, request: number): Budget {
  if (limit === undefined || limit.resetMs > LONGEST_WAIT_MS) return budget;
  const left = limit.remaining - Math.max(0, budget.underWay - 1);
  const isOvertaken = request < budget.learnedFrom && nowMs < budget.resetAtMs;
  if (isOvertaken) return { ...budget, left: Math.min(budget.left, left) };
  return { ...budget, left, resetAtMs: nowMs + limit.resetMs, learnedFrom: request };
}

/** The API returned 429, so no request is sent until `untilMs`. The limits in earlier responses no longer count. */
export const held = (budget: Budget, untilMs: number): Budget => ({
  ...budget,
  left: Number.POSITIVE_INFINITY,
  heldUntilMs: Math.max(budget.heldUntilMs, untilMs),
});

// Cloudflare says in every answer how much of the limit is left: `Ratelimit: "default";r=50;t=30` is 50 requests in
// the next 30 seconds. Requests are held back before that is used up, rather than refused after.

/** What an answer says of the limit: `remaining` requests until `resetMs` from now. The tightest of several policies. */
export function readRateLimit(header: string | null): { remaining: number; resetMs: number } | undefined {
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
export function readRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** Keeps count of what is left, so that no request goes out that would be refused. */
export class RateLimit {
  #left = Number.POSITIVE_INFINITY;
  #resetAt = 0;
  #underWay = 0;

  /** How long the next request has to wait, in milliseconds; 0 when it may go. */
  waitMs(nowMs: number): number {
    if (nowMs >= this.#resetAt) this.#left = Number.POSITIVE_INFINITY;
    return this.#left > 0 ? 0 : this.#resetAt - nowMs;
  }

  started(): void {
    this.#left -= 1;
    this.#underWay += 1;
  }

  ended(): void {
    this.#underWay -= 1;
  }

  /** Takes in what an answer said; the requests still under way may not be counted in it yet. */
  learn(limit: { remaining: number; resetMs: number } | undefined, nowMs: number): void {
    if (!limit) return;
    this.#left = limit.remaining - Math.max(0, this.#underWay - 1);
    this.#resetAt = nowMs + limit.resetMs;
  }

  /** Refused for the rate: nothing goes out until then. What the refusal itself says wins over what was learned. */
  hold(untilMs: number): void {
    this.#left = 0;
    this.#resetAt = untilMs;
  }
}

// The rate limit: a fixed window per caller. Once the limit is exceeded, all requests are refused for one full window.

export interface RateLimit {
  quota: number;
  windowSeconds: number;
}

export interface Allowance {
  allowed: boolean;
  remaining: number;
  resetSeconds: number;
}

interface Window {
  used: number;
  endsAt: number;
}

export class RateLimiter {
  readonly limit: RateLimit;
  readonly #windows = new Map<string, Window>();

  constructor(limit: RateLimit) {
    this.limit = limit;
  }

  /** Counts one request of this caller. Times are in milliseconds since the epoch. */
  count(caller: string, now: number): Allowance {
    const lengthMs = this.limit.windowSeconds * 1000;
    let window = this.#windows.get(caller);
    if (window === undefined || now >= window.endsAt) {
      window = { used: 0, endsAt: now + lengthMs };
      this.#windows.set(caller, window);
    }
    window.used += 1;
    // The first request over the limit starts the pause. Later ones don't extend it, because otherwise it would never
    // end.
    if (window.used === this.limit.quota + 1) window.endsAt = now + lengthMs;
    return {
      allowed: window.used <= this.limit.quota,
      remaining: Math.max(0, this.limit.quota - window.used),
      resetSeconds: Math.ceil((window.endsAt - now) / 1000),
    };
  }

  reset(): void {
    this.#windows.clear();
  }
}

// The limit on requests: a fixed window for each caller and, once it is overrun, a pause of a whole window's length.

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
    // The first request too many starts the pause; later ones do not prolong it, or nobody would ever get out.
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

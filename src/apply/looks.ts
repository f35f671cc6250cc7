// Reading the list of the account's shares: a look. Shares that are reconciled at the same time use the same look.

import type { Endpoints } from '../cloudflare/endpoints.ts';

/** The account's shares at one moment. `serverTimeMs` is that moment by the server's clock, in milliseconds since 1970. */
export type Look = Awaited<ReturnType<Endpoints['list']>>;

export interface Looks {
  /** A look that is recent enough to plan from. */
  recent: () => Promise<Look>;
  /** A look that begins now. */
  fresh: () => Promise<Look>;
}

/** An older list is read again. In a run of many shares, the first list grows old while other shares are reconciled. */
const OLD_AFTER_MS = 30_000;

export function looksAt({ list, client: { clock } }: Pick<Endpoints, 'list' | 'client'>): Looks {
  const fresh = coalesce(() => list());
  let latest: { look: Promise<Look>; atMs: number } | undefined;
  return {
    fresh,
    recent: () => {
      if (latest && clock.nowMs() - latest.atMs < OLD_AFTER_MS) return latest.look;
      const look = fresh();
      latest = { look, atMs: clock.nowMs() };
      // A failed look is not kept: the next share looks again.
      look.catch(() => {
        if (latest?.look === look) latest = undefined;
      });
      return look;
    },
  };
}

/**
 * Sends one request for many callers. Each caller gets the answer to a request that began after it asked, so the answer
 * shows everything that was there when it asked.
 */
export function coalesce<T>(ask: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    next = undefined;
    const asked = ask().finally(() => {
      if (underWay === asked) underWay = undefined;
    });
    underWay = asked;
    return asked;
  };
  return () => {
    if (!underWay) return begin();
    next ??= underWay.then(begin, begin);
    return next;
  };
}

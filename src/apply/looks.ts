// Looking at the account's shares. Shares that are brought about at once share their looks.

import type { Endpoints } from '../cloudflare/endpoints.ts';

/** The live shares of the account at a moment of the server's clock (milliseconds since 1970). */
export type Look = Awaited<ReturnType<Endpoints['list']>>;

export interface Looks {
  /** A look that is young enough to plan from. */
  recent: () => Promise<Look>;
  /** A look that begins now. */
  fresh: () => Promise<Look>;
}

/** A list older than this is read again: with many shares, the first one grows old while others are brought about. */
const OLD_AFTER_MS = 30_000;

export function looksAt({ list, client: { clock } }: Pick<Endpoints, 'list' | 'client'>): Looks {
  const fresh = sharing(() => list());
  let latest: { look: Promise<Look>; atMs: number } | undefined;
  return {
    fresh,
    recent: () => {
      if (latest && clock.nowMs() - latest.atMs < OLD_AFTER_MS) return latest.look;
      const look = fresh();
      latest = { look, atMs: clock.nowMs() };
      // A look that failed is nothing to plan from: the next share looks for itself.
      look.catch(() => {
        if (latest?.look === look) latest = undefined;
      });
      return look;
    },
  };
}

/**
 * One request for many who ask at once: whoever asks gets an answer to a request that began after asking, so that it
 * shows everything that was there then.
 */
export function sharing<T>(ask: () => Promise<T>): () => Promise<T> {
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

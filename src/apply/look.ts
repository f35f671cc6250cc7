// Looking at the account's shares, and finding the one of a name among them.

import { isLive, oldestFirst, type Share } from '../share/share.ts';

/** The live shares of an account at a moment of the server's clock (milliseconds since 1970). */
export interface Look {
  shares: Share[];
  serverTimeMs: number;
}

/**
 * One request for many who ask at once: whoever asks gets an answer to a request that began after asking, so that it
 * shows everything that was there then.
 */
export function shared<T>(ask: () => Promise<T>): () => Promise<T> {
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

/** The live shares of that name, made by that account, oldest first. Names are not unique. */
export const namesakes = (shares: readonly Share[], name: string, accountId: string): Share[] =>
  oldestFirst(
    shares.filter((share) => share.name === name && isLive(share) && (share.account_id ?? accountId) === accountId),
  );

// The list of the account's shares, and the resources, which a response can omit. Shares that are reconciled in
// parallel use the same listing.

import type { Endpoints } from '../cloudflare/endpoints.ts';
import { type IndexedListing, indexed } from '../share/election.ts';
import type { Share } from '../share/share.ts';
import { readUntil } from './lag.ts';

export interface ShareList {
  /** Returns a listing that is recent enough to plan from. */
  recent: () => Promise<IndexedListing>;
  /** Returns a listing whose request starts after this call. */
  fresh: () => Promise<IndexedListing>;
}

/**
 * Planning doesn't use a listing older than this, because in a run with many shares, the first listing becomes stale
 * while other shares are reconciled.
 */
const OLD_AFTER_MS = 30_000;

export function shareListOf({ list, client: { clock } }: Pick<Endpoints, 'list' | 'client'>): ShareList {
  const fresh = coalesce(async () => indexed(await list()));
  let latest: { listing: Promise<IndexedListing>; atMs: number } | undefined;
  return {
    fresh,
    recent: () => {
      if (latest && clock.nowMs() - latest.atMs < OLD_AFTER_MS) return latest.listing;
      const listing = fresh();
      latest = { listing, atMs: clock.nowMs() };
      // A failed listing isn't kept, so the next share lists again.
      listing.catch(() => {
        if (latest?.listing === listing) latest = undefined;
      });
      return listing;
    },
  };
}

/** How long the resources of a new share may take to show. */
const RESOURCES_SHOW_WITHIN_MS = 6_000;

/**
 * The share with its resources. Every share has resources, so a response without any has omitted them, and they are
 * read separately.
 * @param isNew Cloudflare may not show the share's resources yet, so they are read again for a while
 */
export async function withResources(
  api: Pick<Endpoints, 'resources' | 'client'>,
  share: Share,
  { isNew = false }: { isNew?: boolean } = {},
): Promise<Share> {
  if ((share.resources ?? []).length > 0) return share;
  const resources = await readUntil(
    api.client,
    isNew ? RESOURCES_SHOW_WITHIN_MS : 0,
    () => api.resources(share.id),
    ({ length }) => length > 0,
  );
  return { ...share, resources };
}

/**
 * Sends one request for many callers. Each caller gets the response to a request that started after the call, so
 * the response shows everything that existed when the call was made.
 */
export function coalesce<T>(send: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    next = undefined;
    underWay = send().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
  return () => {
    if (!underWay) return begin();
    next ??= underWay.then(begin, begin);
    return next;
  };
}

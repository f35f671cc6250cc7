// Reading one share by its id.

import type { Endpoints } from '../cloudflare/endpoints.ts';
import { isNotFound } from '../cloudflare/errors.ts';
import type { Share } from '../share/share.ts';

/** Reads a share. @returns nothing when there is no share of that id */
export async function readShare(api: Endpoints, shareId: string): Promise<Share | undefined> {
  try {
    return await api.get(shareId);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

// Reading one share by its id.

import type { Endpoints } from '../cloudflare/endpoints.ts';
import { isNotFound } from '../cloudflare/errors.ts';
import { isOwnedBy, type Share } from '../share/share.ts';

/** Reads a share. @returns undefined when the account sends no share with that id: one that it receives is not its own to change */
export async function readShare(api: Endpoints, shareId: string): Promise<Share | undefined> {
  try {
    const share = await api.get(shareId);
    return isOwnedBy(share, api.accountId) ? share : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

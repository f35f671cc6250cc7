// Deleting shares: those of a plan, temporary ones, and new ones that reach more than asked.

import type { Endpoints } from '../cloudflare/endpoints.ts';
import { isNotFound } from '../cloudflare/errors.ts';
import { isLive, type Share } from '../share/share.ts';
import { type Context, Stop } from './context.ts';
import type { Ledger } from './ledger.ts';
import { readShare } from './read-share.ts';

/**
 * Deletes a share. It succeeds as well when the share is gone, or is being deleted already.
 * @returns the share as the API shows it. Undefined: the answer does not show it
 */
export async function deleteShare(
  api: Endpoints,
  share: Pick<Share, 'id'>,
): Promise<Pick<Share, 'status'> | undefined> {
  const isLeaving = async (): Promise<{ value: Pick<Share, 'status'> } | undefined> => {
    const now = (await readShare(api, share.id)) ?? { status: 'deleted' };
    return isLive(now) ? undefined : { value: now };
  };
  try {
    return await api.remove(share.id, isLeaving);
  } catch (error) {
    if (isNotFound(error)) return { status: 'deleted' };
    throw error;
  }
}

/** Applies a `delete` plan. */
export async function applyDelete({ api, log }: Context, share: Share, ledger: Ledger): Promise<void> {
  const answer = await ledger.take([{ kind: 'delete', shareId: share.id }], () => deleteShare(api, share));
  ledger.saw({ share: { ...share, status: answer?.status ?? 'deleting' } });
  log.say(`- share ${JSON.stringify(share.name)} deleted: ${share.id}`);
}

/** Deletes temporary shares that nobody needs any more. */
export async function deleteTemporary(
  { api, log }: Context,
  shares: readonly Pick<Share, 'id'>[],
  ledger: Ledger,
): Promise<void> {
  for (const share of shares) {
    await ledger.take([{ kind: 'delete-temporary', shareId: share.id }], () => deleteShare(api, share), {
      tidies: true,
    });
    log.say(temporaryDeleted(share.id));
  }
}

export const temporaryDeleted = (shareId: string): string =>
  `- temporary share ${shareId} deleted: it is no longer needed`;

/** Takes back new shares of this run that reach more than asked: deletes them. @throws {Stop} always */
export async function takeBack(
  { api }: Context,
  shares: readonly Share[],
  ledger: Ledger,
  why: string,
): Promise<never> {
  for (const share of shares) {
    await ledger
      .take([{ kind: 'roll-back', shareId: share.id }], () => deleteShare(api, share))
      .catch((error: unknown) => {
        throw new Stop(
          `${why}, and it COULD NOT BE TAKEN BACK: delete share ${share.id} at once. ${(error as Error).message}`,
        );
      });
    ledger.saw({ share: { ...share, status: 'deleting' } });
  }
  throw new Stop(`${why}. It was taken back: the share is being deleted`);
}

// Deleting shares: those that a plan deletes, temporary ones, and new ones that have to be rolled back.

import type { Endpoints } from '../cloudflare/endpoints.ts';
import { Cancelled, ifFound, isNotFound } from '../cloudflare/errors.ts';
import type { Decision } from '../share/decide.ts';
import type { Found } from '../share/election.ts';
import { type ProblemKind, reasonIn } from '../share/problem.ts';
import { isLive, justShare, type Share, sameId, sameName } from '../share/share.ts';
import { deletingTemporary } from '../share/steps.ts';
import { quoted } from '../share/words.ts';
import type { Context } from './context.ts';
import { Stop } from './errors.ts';
import { lagPauses } from './lag.ts';

/** Applies a `delete` plan: deletes the share and the temporary shares left behind for its name. */
export async function deletePlanned(context: Context, { desired, found }: Decision): Promise<Found> {
  const { api, log, ledger } = context;
  const share = found.observed?.share as Share;
  if (desired.unlisted) await refuseRenamed(api, share);
  const deleted = await ledger.take([{ kind: 'delete', shareId: share.id }], () => deleteShare(api, share));
  log.say(`- share ${quoted(share.name)} deleted: ${share.id}`);
  // The response may still show the share as active.
  const status = deleted && !isLive(deleted) ? deleted.status : 'deleting';
  ledger.recordObserved({ share: { ...share, status } });
  await deleteTemporary(context, found.election.losers);
  const observed = justShare({ ...share, status });
  return { observed, election: { ...found.election, losers: [] } };
}

/**
 * An unlisted share is deleted last, perhaps minutes after its deletion was planned. By then, somebody may have given
 * it the name of a listed share.
 * @throws {Stop} if it has another name now
 */
async function refuseRenamed(api: Endpoints, { id, name }: Share): Promise<void> {
  const now = await api.find(id);
  if (!now || sameName(now.name, name)) return;
  const message = `Share ${id} was named ${quoted(name)} when its deletion was planned, but is now named ${quoted(now.name)}. It was not deleted. Run again`;
  throw new Stop(message, 'refusal');
}

/** Deletes temporary shares that are no longer needed. */
export async function deleteTemporary(
  { api, log, ledger }: Context,
  shares: readonly Pick<Share, 'id'>[],
): Promise<void> {
  for (const share of shares) {
    await ledger.take([deletingTemporary(share.id)], () => deleteShare(api, share), { forElection: true });
    log.say(temporaryDeleted(share.id));
  }
}

export const temporaryDeleted = (shareId: string): string =>
  `- temporary share ${shareId} deleted: it is no longer needed`;

/**
 * Deletes new shares of this run that must not stay. If one can't be deleted, the others still are.
 * @throws {Stop} always, with the shares that remain
 */
export async function rollBack(
  { api, ledger }: Context,
  shares: readonly Share[],
  why: string,
  kind: ProblemKind,
): Promise<never> {
  const failures: { share: Share; error: unknown }[] = [];
  for (const share of shares) {
    try {
      await ledger.take([{ kind: 'roll-back', shareId: share.id }], () => deleteShare(api, share, { isNew: true }));
      ledger.recordObserved({ share: { ...share, status: 'deleting' } });
    } catch (error) {
      failures.push({ share, error });
    }
  }
  const [first] = failures;
  if (!first) throw new Stop(`${why}. The share was rolled back: it is being deleted`, kind);
  // The outputs show a share that remains, not one that is being deleted.
  if (!sameId(ledger.observed.share?.id, first.share.id)) ledger.recordObserved({ share: first.share });
  const remaining = failures.map(({ share }) => share.id);
  const reasons = new Set(failures.map(({ error }) => reasonIn(error)));
  const isCancelled = failures.some(({ error }) => error instanceof Cancelled);
  throw new Stop(
    `${why}. ${notRolledBack(remaining)} immediately. ${[...reasons].join('. ')}`,
    isCancelled ? 'cancelled' : kind,
  );
}

const notRolledBack = (ids: readonly string[]): string =>
  ids.length === 1
    ? `The share COULD NOT BE ROLLED BACK: delete share ${ids[0]}`
    : `${ids.length} shares COULD NOT BE ROLLED BACK: delete shares ${ids.join(', ')}`;

/**
 * How long a deletion is repeated that was refused with 404 although the share exists. A server that doesn't know a new
 * share yet refuses its deletion like that.
 */
const DELETABLE_WITHIN_MS = 8_000;

/**
 * Deletes a share. Also succeeds if the share is gone or already being deleted.
 * @param isNew this run has just created the share. A server that doesn't know it yet refuses its deletion with 404 and
 * doesn't find it either, so the share counts as gone only if the last read after a 404 doesn't find it. A share that
 * turns out to belong to another account exists, too
 * @returns the share as the API shows it. Undefined: the response doesn't show it
 */
export async function deleteShare(
  api: Endpoints,
  share: Pick<Share, 'id'>,
  { isNew = false }: { isNew?: boolean } = {},
): Promise<Pick<Share, 'status'> | undefined> {
  const read = (): Promise<Share | undefined> => (isNew ? ifFound(api.get(share.id)) : api.find(share.id));
  const isLeaving = async (): Promise<{ value: Pick<Share, 'status'> } | undefined> => {
    const now = await read();
    if (!now) return isNew ? undefined : { value: { status: 'deleted' } };
    return isLive(now) ? undefined : { value: now };
  };
  const pauses = lagPauses(DELETABLE_WITHIN_MS);
  for (;;) {
    try {
      return await api.remove(share.id, isLeaving);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const now = await read();
      if (now && !isLive(now)) return now;
      if (!now && !isNew) return { status: 'deleted' };
      const { value: pauseMs } = pauses.next();
      if (pauseMs !== undefined) await api.client.pause(pauseMs);
      else if (now) throw error;
      else return { status: 'deleted' };
    }
  }
}

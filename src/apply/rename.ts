// Renaming a share. Cloudflare can show the old name for a while after accepting a rename. If Cloudflare refuses
// a rename, the share may already have the name, or another share has the name.

import type { Decision } from '../share/decide.ts';
import { candidatesFor, isOwn, possibleCandidates } from '../share/election.ts';
import { isLive, type Share, sameId, sameName } from '../share/share.ts';
import { quoted } from '../share/words.ts';
import type { Context } from './context.ts';
import { storedAnotherName } from './create.ts';
import { rollBack } from './delete.ts';
import { Stop } from './errors.ts';
import { lagPauses } from './lag.ts';

/** How long a rename may take to show. Cloudflare documents that updating is not immediate. */
const RENAME_SHOWS_WITHIN_MS = 30_000;

/**
 * Reads a renamed share until its new name shows. If the old name still shows when the time is up, the run continues
 * with a warning.
 * @param response the share in the response to the rename. Undefined: the response doesn't show it
 * @returns undefined if the share is gone
 * @throws {Stop} if Cloudflare stored a third name
 */
export async function readRenamed(
  context: Context,
  { plan, found }: Decision,
  rename: { from: string; to: string },
  response: Share | undefined,
): Promise<Share | undefined> {
  const { api, ledger, log } = context;
  const { from, to } = rename;
  const id = plan.share_id as string;
  const hasOldName = (now: Share | undefined): boolean => now !== undefined && isLive(now) && sameName(now.name, from);
  let share = response ?? (await api.find(id));
  if (hasOldName(share)) log.say(`Cloudflare still shows the name ${quoted(from)}: reading again`);
  for (const pauseMs of lagPauses(RENAME_SHOWS_WITHIN_MS)) {
    if (!hasOldName(share)) break;
    await api.client.pause(pauseMs);
    share = await api.find(id);
  }
  if (!share || !isLive(share)) {
    ledger.recordGone(id);
    return undefined;
  }
  const pending = hasOldName(share);
  if (!pending && !sameName(share.name, to) && !sameName(share.name, found.election.spelling))
    await stopForName(context, share, to);
  ledger.recordRename(id, { from, to: pending ? to : share.name, pending });
  if (pending) ledger.warnings.push({ message: stillShowsOldName(share, to) });
  return share;
}

const stillShowsOldName = (share: Share, name: string): string =>
  `Share ${share.id} was renamed to ${quoted(name)}, but Cloudflare still shows the name ${quoted(share.name)} after ${RENAME_SHOWS_WITHIN_MS / 1000} seconds. The next run checks the name again`;

/**
 * Stops because Cloudflare stored a name that wasn't requested. Rolls back the share if this run created it.
 * @throws {Stop} always
 */
async function stopForName(context: Context, share: Share, name: string): Promise<never> {
  const { ledger } = context;
  const why = storedAnotherName(share, name);
  ledger.recordObserved({ share: { ...ledger.observed.share, ...share } });
  if (isOwn(share, ledger.own) && ledger.replaced === undefined) await rollBack(context, [share], why, 'cloudflare');
  throw new Stop(why, 'cloudflare');
}

/**
 * A rename was refused because another share now has the name: somebody created it by hand, or Cloudflare enforces
 * unique names.
 */
export class NameTaken extends Error {
  override name = 'NameTaken';
}

/**
 * Lists the shares after a refused rename, to see which one has the name.
 * @returns the share, if it already has the name. Undefined: no share has the name
 * @throws {NameTaken} when another share has the name
 */
export async function nameNow(
  { shareList, ledger }: Context,
  { plan, desired }: Decision,
): Promise<{ value: Share } | undefined> {
  const listing = await shareList.fresh();
  const { named } = candidatesFor(desired, possibleCandidates(listing, desired, ledger.own), ledger.own);
  const other = named.find(({ id }) => !sameId(id, plan.share_id));
  if (other) throw new NameTaken(`Share ${other.id} is now named ${quoted(other.name)}`);
  const [share] = named;
  return share && { value: share };
}

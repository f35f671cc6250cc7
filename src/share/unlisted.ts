// The account's shares that aren't in a complete file, each as a desired share with `state: absent`. With `prune`, they
// are deleted. Otherwise they stay, and the report names them.

import type { DesiredShare } from './desired.ts';
import { LEFT_OVER_AFTER_MS } from './election.ts';
import { idKey, isLive, isOwnedBy, nameKey, oldestFirst, type Share, type UnreadableShare } from './share.ts';
import { isTemporaryName, temporaryNameOfAny } from './temporary-name.ts';

/**
 * The live shares of the account that aren't in the file.
 * @param listed the shares of the file
 * @param nowMs the server's time when the shares were listed, in milliseconds since 1970
 */
export function unlistedShares(
  listed: readonly DesiredShare[],
  shares: readonly Share[],
  accountId: string,
  nowMs: number,
): DesiredShare[] {
  const { names, has } = listedIn(listed);
  // Another run may be working on a young temporary share. One for a listed name belongs to that share's election.
  const isOfListed = temporaryNameOfAny(names);
  const isAtWork = ({ name, created }: Share): boolean =>
    isTemporaryName(name) && (isOfListed(name) || !(nowMs - Date.parse(created) > LEFT_OVER_AFTER_MS));
  return oldestFirst(shares)
    .filter((share) => isLive(share) && isOwnedBy(share, accountId) && !has(share) && !isAtWork(share))
    .map(({ id, name }) => unlistedShare(id, name, accountId));
}

/**
 * The same for unreadable shares. They stay even with `prune`, because the action can't tell what they are. One that
 * could be a listed share is reported with that share.
 */
export function unlistedUnreadable(
  listed: readonly DesiredShare[],
  unreadable: readonly UnreadableShare[],
  accountId: string,
): DesiredShare[] {
  const { has } = listedIn(listed);
  return unreadable.flatMap((share) =>
    share.id === undefined || has(share) ? [] : [unlistedShare(share.id, share.name ?? '', accountId)],
  );
}

/** What identifies the listed shares: their names, previous names and ids. */
export function listedIn(listed: readonly Pick<DesiredShare, 'name' | 'previousName' | 'shareId'>[]) {
  const names = new Set(listed.flatMap(({ name, previousName }) => [name, previousName ?? name].map(nameKey)));
  const ids = new Set(listed.flatMap(({ shareId }) => (shareId === undefined ? [] : [idKey(shareId)])));
  return {
    names,
    has: ({ id, name }: { id?: string | null; name?: string }): boolean =>
      (name !== undefined && names.has(nameKey(name))) || (typeof id === 'string' && ids.has(idKey(id))),
  };
}

const unlistedShare = (shareId: string, name: string, accountId: string): DesiredShare => ({
  name,
  accountId,
  state: 'absent',
  shareId,
  unlisted: true,
  placeOf: () => ({ label: 'shares' }),
});

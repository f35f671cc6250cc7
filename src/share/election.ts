// Decides which share wins an election. A run creates a share under a temporary name, and renames it once it is
// elected. The winner is the first that exists of:
// 1. the oldest live share with the desired name;
// 2. the oldest live share with the previous name, unless this run has created a share;
// 3. the oldest temporary share with the desired target.
//
// "Oldest" is by `created`, then by id. All runs see the same order, so all of them elect the same share.
// docs/RERUNNING.md explains why this works; __tests__/model explores it.

import type { DesiredShare } from './desired.ts';
import {
  idKey,
  isLive,
  isOwnedBy,
  nameKey,
  type Observed,
  oldestFirst,
  type Share,
  sameId,
  sameName,
  type UnreadableShare,
} from './share.ts';
import { isTemporaryName, isTemporaryNameOf, stemsOf, stemsOfName } from './temporary-name.ts';

/** Until a temporary share is this old, another run may still be working on it. An older one was left behind. */
export const LEFT_OVER_AFTER_MS = 2 * 60_000;

/** How long a share counts as new. */
const NEW_FOR_MS = 60_000;

/** The shares that this run created for one desired share. More than one, if a create call took effect late. */
export interface OwnShares {
  /** The temporary name that the run sent. */
  sentName: string;
  /** The ids of the shares that this run knows it created. */
  ids: readonly string[];
  /** The share in the response to the create call. Undefined: the response was lost. */
  created?: Share;
  /** The desired name as the API stores it, if it differs. The run learns it from a share that it created. */
  spelling?: string;
}

export const isOwn = (share: Share, own: OwnShares | undefined): boolean =>
  own !== undefined && (own.ids.some((id) => sameId(id, share.id)) || sameName(share.name, own.sentName));

/**
 * Does the share have the desired target (accounts, or the desired organization)? The target can't be changed in place.
 */
export function fitsInPlace(desired: DesiredShare, share: Share): boolean {
  if (desired.target === undefined) return true;
  if (desired.target !== share.target_type) return false;
  const named = (desired.recipients ?? []).flatMap((item) => item.organization_id ?? []);
  return named.every((id) => sameId(id, share.organization_id));
}

/** Does the share reach more accounts than requested? */
export const isWiderThanAsked = (desired: DesiredShare, share: Share): boolean =>
  desired.target === 'account' && share.target_type !== 'account';

/** The live shares of the account that matter for one desired share, each list oldest first. Names are not unique. */
export interface Candidates {
  /** Shares with the desired name. */
  named: Share[];
  /** Temporary shares for the desired name that can be completed in place. */
  temporary: Share[];
  /**
   * Temporary shares that can't be completed in place, so they never win: their target differs from the desired one
   * (the organization instead of accounts), or this run created them but another account owns them.
   */
  unusable: Share[];
  /** Shares with the previous name. */
  previous: Share[];
}

export function candidatesFor(desired: DesiredShare, shares: readonly Share[], own: OwnShares | undefined): Candidates {
  const { previousName, accountId } = desired;
  const names = spellingsOf(desired, own);
  const isOwned = (share: Share): boolean => isOwnedBy(share, accountId);
  const isNamed = (share: Share): boolean => isOwned(share) && names.some((each) => sameName(share.name, each));
  const isTemporary = (share: Share): boolean =>
    isOwn(share, own) ? !isNamed(share) : names.some((each) => isTemporaryNameOf(share.name, each));
  const isPrevious = (share: Share): boolean => isOwned(share) && sameName(share.name, previousName);
  const fits = (share: Share): boolean => isOwned(share) && fitsInPlace(desired, share);
  const live = oldestFirst(shares.filter((share) => isLive(share) && (isOwned(share) || isOwn(share, own))));
  const temporary = live.filter(isTemporary);
  return {
    named: live.filter(isNamed),
    temporary: temporary.filter(fits),
    unusable: temporary.filter((share) => !fits(share)),
    previous: live.filter(isPrevious),
  };
}

/** The desired name, and how the API stores it. */
const spellingsOf = ({ name }: DesiredShare, own: OwnShares | undefined): string[] =>
  name === '' ? [] : [name, ...(own?.spelling === undefined ? [] : [own.spelling])];

/** An account's shares, as listed. */
export interface Listing {
  shares: readonly Share[];
  unreadable: readonly UnreadableShare[];
  /** The server's time when the shares were listed, in milliseconds since 1970. */
  serverTimeMs: number;
}

/** A listing with an index by id and by name. */
export interface IndexedListing extends Listing {
  byKey: ReadonlyMap<string, readonly Share[]>;
}

/** Indexes a listing once, for all desired shares of a run. */
export function indexed(listing: Listing): IndexedListing {
  const byKey = new Map<string, Share[]>();
  const put = (key: string, share: Share): void => {
    const others = byKey.get(key);
    if (others) others.push(share);
    else byKey.set(key, [share]);
  };
  for (const share of listing.shares) {
    put(`id ${idKey(share.id)}`, share);
    put(`name ${nameKey(share.name)}`, share);
    for (const stem of isTemporaryName(share.name) ? stemsOf(share.name) : []) put(`of ${stem}`, share);
  }
  return { ...listing, byKey };
}

/**
 * The listed shares that may be candidates for a desired share, found by name and id. No candidate is missing, but not
 * every share here has to be one: `candidatesFor` decides.
 */
export function possibleCandidates(
  { byKey }: IndexedListing,
  desired: DesiredShare,
  own: OwnShares | undefined,
): Share[] {
  const { previousName, shareId } = desired;
  const keys = [
    ...spellingsOf(desired, own).flatMap((name) => {
      const key = nameKey(name);
      return [`name ${key}`, ...stemsOfName(key).map((stem) => `of ${stem}`)];
    }),
    ...(previousName === undefined ? [] : [`name ${nameKey(previousName)}`]),
    ...[...(own?.ids ?? []), ...(shareId === undefined ? [] : [shareId])].map((id) => `id ${idKey(id)}`),
  ];
  return [...new Set(keys.flatMap((key) => byKey.get(key) ?? []))];
}

export const shareById = ({ byKey }: IndexedListing, id: string): Share | undefined =>
  byKey.get(`id ${idKey(id)}`)?.[0];

/** Which of an account's shares is the desired one, and how the others relate to it. */
export interface Election {
  /** The share to reconcile. Undefined: none exists, so the run creates one. */
  winner: Share | undefined;
  /** This run created the winner. */
  ours: boolean;
  /** The winner was just created, so Cloudflare may not show all of it yet. */
  isNew: boolean;
  /** The temporary share that replaces the winner. */
  successor: Share | undefined;
  /** Shares to delete once the winner has the name: this run's losers, and temporary shares that were left behind. */
  losers: readonly Share[];
  /** Other live shares with the desired name. */
  namesakes: readonly Share[];
  /** Other live shares with the previous name. */
  previous: readonly Share[];
  /** Unreadable shares that may be the desired one. */
  unreadable: readonly UnreadableShare[];
  /** The desired name as the API stores it, if the API changes names (it may trim spaces, for example). */
  spelling: string | undefined;
}

/** The result without an election: the share was given by its id, or doesn't exist. */
export const uncontested = (winner: Share | undefined): Election => ({
  winner,
  ours: false,
  isNew: false,
  successor: undefined,
  losers: [],
  namesakes: [],
  previous: [],
  unreadable: [],
  spelling: undefined,
});

/** The share that was elected for a desired share, and what Cloudflare says about it. */
export interface Found {
  /** Undefined: there is none. */
  observed: Observed | undefined;
  election: Election;
}

interface ElectionRules {
  /** A share that can't be changed in place is replaced. */
  replace: boolean;
  /** Temporary shares that other runs left behind are losers, too. Otherwise, a later run deletes them. */
  deletesLeftovers: boolean;
  /** If no live share has the name, the run waits for one that is already being deleted. */
  untilGone: boolean;
}

/** What was read for an election. */
interface Facts {
  /** The share with the given id. Undefined: no id is given, or no share has it. */
  given: Share | undefined;
  /** The shares that may be candidates. Undefined: not needed. */
  listing: Listing | undefined;
}

/**
 * Does the election depend on other shares of the account? A share that is given by its id, and isn't renamed or
 * replaced, is elected without looking at others.
 */
export function needsListing(
  desired: DesiredShare,
  given: Share | undefined,
  { replace }: Pick<ElectionRules, 'replace'>,
): boolean {
  if (desired.shareId === undefined || desired.unlisted) return true;
  // A 404 can be wrong, so the list has to confirm that there is nothing to delete.
  if (desired.state === 'absent') return !given;
  if (!given) return false;
  // The given share may have been replaced by a run that was interrupted.
  if (!isLive(given)) return replace;
  return !sameName(given.name, desired.name) || !fitsInPlace(desired, given);
}

/** Elects the share that a desired share refers to. */
export function electFrom(
  { given, listing }: Facts,
  desired: DesiredShare,
  own: OwnShares | undefined,
  rules: ElectionRules,
): Election {
  if (!listing) return uncontested(given);
  if (desired.state === 'absent' && desired.shareId !== undefined) return electToDelete(listing, desired);
  if (given && isLive(given)) return electById(given, listing, desired, own);
  const election = electByName(listing, desired, own, rules);
  if (!given) return election;
  // An interrupted replacement: the given share is gone, and the new one still has its temporary name.
  const { winner } = election;
  return winner && (own || isTemporaryName(winner.name)) ? election : uncontested(given);
}

/** Elects the share that a desired share without an id refers to. */
export function electByName(
  { shares, unreadable, serverTimeMs }: Listing,
  desired: DesiredShare,
  own: OwnShares | undefined,
  { replace, deletesLeftovers, untilGone }: ElectionRules,
): Election {
  const candidates = candidatesFor(desired, shares, own);
  const absent = desired.state === 'absent';
  const old = candidates.named[0] ?? candidates.previous[0];
  const replacing = !absent && replace && old !== undefined && !fitsInPlace(desired, old);
  const elected = elect(candidates, own, serverTimeMs, replacing);
  const { winner } = elected;
  if (!winner && untilGone) return deletingByName(shares, desired);
  // To delete a share, also delete its temporary shares. Otherwise another run would finish one, and the share would be
  // back.
  const losers = absent
    ? [...candidates.temporary, ...candidates.unusable].filter(({ id }) => !sameId(id, winner?.id))
    : elected.losers;
  const isOther = ({ id }: Share): boolean => !sameId(id, winner?.id) && !losers.some((loser) => sameId(loser.id, id));
  return {
    winner,
    ours: winner !== undefined && isOwn(winner, own),
    // A share that won against this run's own is about as old, whatever the clocks say.
    isNew: winner !== undefined && (own !== undefined || serverTimeMs - Date.parse(winner.created) < NEW_FOR_MS),
    successor: elected.successor,
    losers: losers.filter((loser) => deletesLeftovers || isOwn(loser, own)),
    namesakes: candidates.named.filter(isOther),
    previous: candidates.previous.filter(isOther),
    unreadable: unreadableOf(unreadable, desired),
    spelling: own?.spelling,
  };
}

/** The shares with the name that are already being deleted. */
function deletingByName(shares: readonly Share[], { name, accountId }: DesiredShare): Election {
  const [share, ...namesakes] = shares.filter(
    (each) => each.status === 'deleting' && sameName(each.name, name) && isOwnedBy(each, accountId),
  );
  return { ...uncontested(share), namesakes };
}

/**
 * The election of a share that is given by its id and will be renamed or replaced. No other share may already have the
 * name.
 */
export function electById(
  share: Share,
  { shares, unreadable }: Listing,
  desired: DesiredShare,
  own: OwnShares | undefined,
): Election {
  const { named, temporary, unusable } = candidatesFor(desired, shares, own);
  const isOther = ({ id }: { id?: string }): boolean => !sameId(id, share.id);
  return {
    ...uncontested(share),
    successor: fitsInPlace(desired, share) ? undefined : temporary[0],
    losers: unusable.filter((each) => isOwn(each, own)),
    namesakes: named.filter(isOther),
    unreadable: unreadableOf(unreadable, desired).filter(isOther),
  };
}

/** The election of a share that is to be deleted by its id, or that isn't in a complete file. */
export function electToDelete(
  { shares, unreadable }: Listing,
  { shareId, accountId }: Pick<DesiredShare, 'shareId' | 'accountId'>,
): Election {
  const hasId = ({ id }: { id?: string }): boolean => sameId(id, shareId);
  const share = shares.find((each) => hasId(each) && isOwnedBy(each, accountId));
  return { ...uncontested(share), unreadable: share ? [] : unreadable.filter(hasId) };
}

/** Unreadable shares with the desired or the previous name. Each of them could be the desired share. */
const unreadableOf = (
  unreadable: readonly UnreadableShare[],
  { name, previousName }: DesiredShare,
): UnreadableShare[] => unreadable.filter((each) => sameName(each.name, name) || sameName(each.name, previousName));

/**
 * Chooses the winner, and the shares to delete.
 * @param nowMs the server's time when the shares were listed, in milliseconds since 1970
 * @param replacing the share with the name can't be changed in place, so a temporary one replaces it
 */
export function elect(
  candidates: Candidates,
  own: OwnShares | undefined,
  nowMs: number,
  replacing: boolean,
): Pick<Election, 'winner' | 'successor' | 'losers'> {
  const { named, temporary, unusable, previous } = candidates;
  const [oldest] = temporary;
  const inOrder = own === undefined || replacing ? [named[0], previous[0], oldest] : [named[0], oldest];
  const winner = inOrder.find((share) => share !== undefined);
  const successor = replacing && winner !== oldest ? oldest : undefined;
  const isLeftOver = (share: Share): boolean => nowMs - Date.parse(share.created) > LEFT_OVER_AFTER_MS;
  const losers = [...named, ...temporary, ...unusable].filter(
    (share) =>
      ![winner, successor].some((stays) => sameId(stays?.id, share.id)) &&
      (isOwn(share, own) || (winner !== undefined && isTemporaryName(share.name) && isLeftOver(share))),
  );
  return { winner, successor, losers };
}

/** The losers that this run created. */
export const ownLosers = ({ losers }: Election, own: OwnShares | undefined): Share[] =>
  losers.filter((loser) => isOwn(loser, own));

/** Does a list show every share that this run created? If not, the list is stale. */
export const showsOwn = (shares: readonly Share[], own: OwnShares): boolean =>
  own.ids.every((id) => shares.some((share) => sameId(share.id, id)));

// Why a plan is refused, and what to do about it. Each is a sentence without its full stop.

import type { Share, UnreadableShare } from './share.ts';
import { quoted, unreadableWords } from './words.ts';

export function severalOfTheName(name: string, shares: readonly Share[]): string {
  const ids = shares.map(({ id, created }) => `${id} (of ${created})`).join(', ');
  return `There are ${shares.length} live shares named ${quoted(name)}: ${ids}. The action doesn't guess which one you mean. Set share-id to the one you mean, or delete the others (mode: delete with share-id)`;
}

const idsOf = (shares: readonly Share[]): string => shares.map(({ id }) => id).join(', ');

/** A share with the name and shares with the previous name exist. */
export const bothNamesLive = (share: Share, name: string, previousName: string, previous: readonly Share[]): string =>
  `There is a live share named ${quoted(name)} (${share.id}) and one with its previous name ${quoted(previousName)} (${idsOf(previous)}). Delete one of the two, or remove previous_name`;

/** A share given by its id should be renamed, but other shares have that name. */
export const nameIsTaken = (name: string, namesakes: readonly Share[]): string =>
  `Another live share is already named ${quoted(name)}: ${idsOf(namesakes)}. Two shares with the same name can't be told apart. Choose another name, or delete that share first`;

/** A share given by its id should be deleted, but its name isn't the one given with it. */
export const otherName = (share: Share, name: string): string =>
  `Share ${share.id} is named ${quoted(share.name)}, not ${quoted(name)}. Remove share-name, or correct one of the two`;

/** `if-exists: fail`, and the share exists. */
export const existsAlready = (share: Share): string =>
  `A live share named ${quoted(share.name)} already exists: ${share.id}, and if-exists is fail`;

/** `if-exists: fail`, and a temporary share exists that will get the name. */
export const isBeingMade = (share: Share, name: string): string =>
  `Another run is creating the share ${quoted(name)}, or was interrupted while creating it: ${share.id}, and if-exists is fail. To finish an interrupted run's share, run with if-exists: update`;

export const isNotLive = (share: Share): string =>
  `Share ${share.id} is ${share.status}, so it can't be changed. To create a new share, remove share-id`;

export const noSuchShare = (shareId: string, accountId: string): string =>
  `There is no share ${shareId} in account ${accountId}. Check share-id and account-id; to create a share, remove share-id`;

/** The API stored a different name than the one sent, so no run would recognize the share. */
export const storedAnotherName = (share: Share, sentName: string): string =>
  `Cloudflare stored the name ${quoted(share.name)} for share ${share.id}, although ${quoted(sentName)} was sent`;

export const listMissing = (name: string): string =>
  `To create share ${quoted(name)}, both recipients and resources are needed: add the missing list`;

/** An unreadable share that could be the desired one. */
export const mayBeMeant = (unreadable: UnreadableShare, name: string): string =>
  `${unreadableWords(unreadable)}. It may be the share ${quoted(name)}: check it in the dashboard, or set share-id to the share you mean`;

/** The share's target, if it isn't the requested one. */
const otherTarget = (share: Share): string =>
  `Share ${quoted(share.name)} (${share.id}) targets ${share.target_type === 'account' ? 'accounts' : `the organization ${share.organization_id}`}, which is not what was requested`;

export const needsReplace = (share: Share): string =>
  `${otherTarget(share)}. This can't be changed in place. With replace: true, a new share is created before this one is deleted, and its recipients get everything again`;

export const tooWideToKeep = (share: Share): string =>
  `${otherTarget(share)}. Because if-exists is keep, it was left unchanged`;

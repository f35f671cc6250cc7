// Why a plan is refused, and what to do about it. Each is a sentence without its full stop.

import type { Share, UnreadableShare } from './share.ts';
import { quoted, unreadableWords } from './words.ts';

export function severalOfTheName(name: string, shares: readonly Share[]): string {
  const ids = shares.map(({ id, created }) => `${id} (created ${created})`).join(', ');
  return `There are ${shares.length} live shares named ${quoted(name)}: ${ids}. The action doesn't guess which one you mean. Delete the others (mode: delete with share-id) or, if you don't use config, set share-id to the one you mean`;
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
  `Share ${share.id} is named ${quoted(share.name)}, not ${quoted(name)}. Correct share-id or share-name, or remove share-name`;

/** `if-exists: fail`, and the share exists. */
export const existsAlready = (share: Share): string =>
  `A live share named ${quoted(share.name)} already exists (${share.id}), and if-exists is fail. To change that share, set if-exists: update`;

/** `if-exists: fail`, and a temporary share exists that will get the name. */
export const isBeingMade = (share: Share, name: string): string =>
  `Another run is creating share ${quoted(name)} (${share.id}), or was interrupted while creating it, and if-exists is fail. If it was interrupted, set if-exists: update to finish its share`;

export const isNotLive = (share: Share): string =>
  `Share ${share.id} is ${share.status}, so it can't be changed. To create a new share, remove share-id and set share-name`;

export const noSuchShare = (shareId: string, accountId: string): string =>
  `There is no share ${shareId} in account ${accountId}. Check share-id and account-id. To create a share, remove share-id and set share-name`;

/** The API stored a different name than the one sent, so no run would recognize the share. */
export const storedAnotherName = (share: Share, sentName: string): string =>
  `Cloudflare stored the name ${quoted(share.name)} for share ${share.id}, although ${quoted(sentName)} was sent. Choose a name that Cloudflare stores unchanged`;

export const listMissing = (name: string): string =>
  `To create share ${quoted(name)}, both recipients and resources are needed: add the missing list`;

/** An unreadable share that could be the desired one. */
export const mayBeMeant = (unreadable: UnreadableShare, name: string): string =>
  `${unreadableWords(unreadable)}. It may be the share ${quoted(name)}: check it in the dashboard or, if you don't use config, set share-id to the share you mean`;

/** The share's target, if it isn't the requested one. */
const otherTarget = (share: Share): string =>
  `Share ${quoted(share.name)} (${share.id}) targets ${share.target_type === 'account' ? 'accounts' : `the organization ${share.organization_id}`}, which doesn't match recipients`;

export const needsReplace = (share: Share): string =>
  `${otherTarget(share)}. This can't be changed in place. With replace: true, the action creates a new share and then deletes this one, so recipients get everything again from the new share`;

export const tooWideToKeep = (share: Share): string =>
  `${otherTarget(share)}. With if-exists: keep, the action doesn't change it. To replace it, set if-exists: update and replace: true`;

// Which share wins an election. A run creates a share under a temporary name, and renames it once it is elected. The winner
// is, in this order:
//   1. the oldest live share of the desired name;
//   2. the oldest of the previous name, if this run has made no share;
//   3. the oldest temporary share that fits.
// "Oldest" is by `created`, then by id. All runs see the same order, so all of them elect the same share.
// docs/RERUNNING.md has the argument; __tests__/model explores it.

import { createHash } from 'node:crypto';
import type { DesiredShare } from './desired.ts';
import { fitsInPlace } from './fits.ts';
import { idKey, isLive, isOwnedBy, oldestFirst, type Share } from './share.ts';

/** The API takes names of this many characters. */
const NAME_MAX = 255;
/** Another run may still be working on a temporary share of this age. An older one is left over. */
export const LEFT_OVER_AFTER_MS = 2 * 60_000;

const MARK = / \[creating ([0-9a-z]{12,})\]$/i;

/** Is it a temporary name? No workflow may ask for one. */
export const isTemporaryName = (name: string): boolean => MARK.test(name);

/**
 * The name that a share of `name` has until it is elected.
 * @param nonce at least 12 of 0-9 and a-z, which no other run has
 */
export function temporaryName(name: string, nonce: string): string {
  const mark = ` [creating ${nonce}]`;
  const whole = `${name}${mark}`;
  if (whole.length <= NAME_MAX) return whole;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
  // A cut must not leave half of a character of two code units.
  const start = name.slice(0, NAME_MAX - mark.length - digest.length - 1).replace(/[\ud800-\udbff]$/, '');
  return `${start}~${digest}${mark}`;
}

/** Is it a name that a share of `name` has until it is elected? */
export const isTemporaryNameOf = (candidate: string, name: string): boolean => {
  const nonce = MARK.exec(candidate)?.[1];
  return nonce !== undefined && temporaryName(name, nonce) === candidate;
};

/** What this run made itself. */
export interface Own {
  /** The temporary name that it sent. */
  sentName: string;
  /** The ids of the shares that it is known to have made. */
  ids: readonly string[];
  /** The desired name as the API writes it, where that differs. A share of this run showed it. */
  spelling?: string;
}

export const isOwn = (share: Share, own: Own | undefined): boolean =>
  own !== undefined && (own.ids.some((id) => idKey(id) === idKey(share.id)) || share.name === own.sentName);

/** The desired name as the API writes it: the part of `answeredName` before the mark. Undefined: it is written as it was sent. */
export function spellingOf(sentName: string, answeredName: string): string | undefined {
  return answeredName === sentName || !isTemporaryName(answeredName) ? undefined : answeredName.replace(MARK, '');
}

/** The live shares of the account that bear on one desired share, each list oldest first. Names are not unique. */
export interface Candidates {
  /** Of the desired name. */
  named: Share[];
  /** Temporary ones of the desired name that fit in place. */
  temporary: Share[];
  /** Temporary ones that do not (the organization where accounts are desired). They never win. */
  misfits: Share[];
  /** Of the previous name. */
  previous: Share[];
}

export function candidatesFor(desired: DesiredShare, shares: readonly Share[], own?: Own): Candidates {
  const { name, previousName, accountId } = desired;
  const names = [name, ...(own?.spelling === undefined ? [] : [own.spelling])];
  const isNamed = (share: Share): boolean => name !== '' && names.includes(share.name);
  const isTemporary = (share: Share): boolean =>
    isOwn(share, own)
      ? !names.includes(share.name)
      : name !== '' && names.some((each) => isTemporaryNameOf(share.name, each));
  const isPrevious = (share: Share): boolean => previousName !== undefined && share.name === previousName;
  const bearing = oldestFirst(
    shares
      .filter((share) => isNamed(share) || isPrevious(share) || isTemporary(share))
      .filter((share) => isLive(share) && isOwnedBy(share, accountId)),
  );
  const temporary = bearing.filter(isTemporary);
  return {
    named: bearing.filter(isNamed),
    temporary: temporary.filter((share) => fitsInPlace(desired, share)),
    misfits: temporary.filter((share) => !fitsInPlace(desired, share)),
    previous: bearing.filter(isPrevious),
  };
}

export interface Election {
  /** The share to reconcile. Undefined: there is none, and the run creates one. */
  winner?: Share;
  /** The temporary share that replaces the winner. */
  successor?: Share;
  /** Shares to delete once the winner has the name: this run's own that did not win, and temporary ones that are left over. */
  losers: Share[];
}

/** @param nowMs the server's clock at the look, in milliseconds since 1970 */
export function elect(candidates: Candidates, own: Own | undefined, nowMs: number, replacing = false): Election {
  const { named, temporary, misfits, previous } = candidates;
  const [oldest] = temporary;
  const inOrder = own === undefined || replacing ? [named[0], previous[0], oldest] : [named[0], oldest];
  const winner = inOrder.find((share) => share !== undefined);
  const successor = replacing && winner !== oldest ? oldest : undefined;
  const stays = new Set([winner?.id, successor?.id]);
  const isLeftOver = (share: Share): boolean => nowMs - Date.parse(share.created) > LEFT_OVER_AFTER_MS;
  const losers = [...named, ...temporary, ...misfits].filter(
    (share) =>
      !stays.has(share.id) &&
      (isOwn(share, own) || (winner !== undefined && isTemporaryName(share.name) && isLeftOver(share))),
  );
  return { ...(winner ? { winner } : {}), ...(successor ? { successor } : {}), losers };
}

/** Did a look show every share that this run made? If not, the list lags. */
export const showsOwn = (shares: readonly Share[], own: Own): boolean =>
  own.ids.every((id) => shares.some((share) => idKey(share.id) === idKey(id)));

// Which share wins. A share is made under a temporary name that nobody else can have, and renamed once it is elected, as
// careful programs write files. The oldest live share of the desired name wins; without one, the oldest temporary
// share does. All runs see the same order (by `created`, then by id), so all of them elect the same share.
// docs/RERUNNING.md has the argument; __tests__/model explores it.

import { createHash } from 'node:crypto';
import type { DesiredShare } from './desired.ts';
import { fitsInPlace } from './fits.ts';
import { idKey, isLive, isOwnedBy, oldestFirst, type Share } from './share.ts';

/** The API takes names of this many characters. */
const NAME_MAX = 255;
/** A temporary share of another run may still be at work at this age; an older one is left over. */
export const LEFT_OVER_AFTER_MS = 2 * 60_000;

const MARK = / \[creating ([0-9a-z]{12,})\]$/i;

/** Does the name have the form of a temporary one? Nobody may ask for such a name. */
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
  /** How the API writes the desired name, where that differs: learned from a share of this run's own. */
  spelling?: string;
}

export const isOwn = (share: Share, own: Own | undefined): boolean =>
  own !== undefined && (own.ids.some((id) => idKey(id) === idKey(share.id)) || share.name === own.sentName);

/** How the API writes the desired name: what stands before the mark of a share that came back as `answeredName`. */
export function spellingOf(sentName: string, answeredName: string): string | undefined {
  return answeredName === sentName || !isTemporaryName(answeredName) ? undefined : answeredName.replace(MARK, '');
}

/** The live shares of the account that bear on one desired share, each list oldest first. Names are not unique. */
export interface Candidates {
  /** Of the desired name. */
  named: Share[];
  /** Temporary ones of the desired name that fit in place. */
  temporary: Share[];
  /** Temporary ones that do not (the organization where accounts are desired): never adopted. */
  misfits: Share[];
  /** Of the previous name. */
  previous: Share[];
}

export function candidatesFor(desired: DesiredShare, shares: readonly Share[], own?: Own): Candidates {
  const { name, previousName, accountId } = desired;
  const live = oldestFirst(shares.filter((share) => isLive(share) && isOwnedBy(share, accountId)));
  const names = [name, ...(own?.spelling === undefined ? [] : [own.spelling])];
  const isTemporary = (share: Share): boolean =>
    isOwn(share, own)
      ? !names.includes(share.name)
      : name !== '' && names.some((each) => isTemporaryNameOf(share.name, each));
  const temporary = live.filter(isTemporary);
  return {
    named: name === '' ? [] : live.filter((share) => names.includes(share.name)),
    temporary: temporary.filter((share) => fitsInPlace(desired, share)),
    misfits: temporary.filter((share) => !fitsInPlace(desired, share)),
    previous: previousName === undefined ? [] : live.filter((share) => share.name === previousName),
  };
}

export interface Election {
  /** The share to converge on. Undefined: there is none, and one is to be made. */
  winner?: Share;
  /** The temporary share that takes over when the winner has to be replaced. */
  successor?: Share;
  /** Shares of this run's own that did not win, and temporary ones that a run left behind: to be deleted once the winner has the name. */
  losers: Share[];
}

/** @param nowMs the server's clock at the look, in milliseconds since 1970 */
export function elect(candidates: Candidates, own: Own | undefined, nowMs: number, replacing = false): Election {
  const { named, temporary, misfits, previous } = candidates;
  const [oldest] = temporary;
  const inTurn = own === undefined || replacing ? [named[0], previous[0], oldest] : [named[0], oldest];
  const winner = inTurn.find((share) => share !== undefined);
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

/** Did a look show every share that this run is known to have made? If not, it is older than they are. */
export const showsOwn = (shares: readonly Share[], own: Own): boolean =>
  own.ids.every((id) => shares.some((share) => idKey(share.id) === idKey(id)));

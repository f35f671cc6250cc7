// The temporary name of a new share, `N [creating x]`: the desired name and a mark. No other run uses this mark, so a run
// recognizes its share by the name even if the response to the create call was lost.

import { hash } from 'node:crypto';
import { nameKey, sameId, sameName } from './share.ts';

/**
 * The maximum length of a temporary name, in characters. Cloudflare doesn't publish a limit for names, but 255 is a
 * common one, so the mark alone must not make a name longer than that.
 */
const TEMPORARY_NAME_MAX = 255;

const MARK = / \[creating ([0-9a-z]{12,})\]$/i;

/** Is the name a temporary one? A workflow isn't allowed to request such a name. */
export const isTemporaryName = (name: string): boolean => MARK.test(name);

/**
 * The temporary name of a new share until it is elected and gets the name `name`. It is in NFC, so that all spellings
 * of the name give the same result.
 * @param nonce at least 12 characters (0-9, a-z) that no other run has
 */
export function temporaryName(name: string, nonce: string): string {
  const mark = ` [creating ${nonce}]`;
  const whole = nameKey(name);
  if (whole.length + mark.length <= TEMPORARY_NAME_MAX) return `${whole}${mark}`;
  const digest = nameDigest(whole);
  // Truncation must not split a surrogate pair.
  const start = whole.slice(0, TEMPORARY_NAME_MAX - mark.length - digest.length - 1).replace(/[\ud800-\udbff]$/, '');
  return `${start}~${digest}${mark}`;
}

const NAME_DIGEST_CHARACTERS = 16;
const nameDigest = (name: string): string => hash('sha256', name).slice(0, NAME_DIGEST_CHARACTERS);

/** Is the candidate a temporary name of a share that will be named `name`? */
export const isTemporaryNameOf = (candidate: string, name: string): boolean => {
  const nonce = nonceIn(candidate);
  return nonce !== undefined && temporaryName(name, nonce) === nameKey(candidate);
};

/** `isTemporaryNameOf` for many names: the returned function doesn't compare a candidate with each of them. */
export function temporaryNameOfAny(names: Iterable<string>): (candidate: string) => boolean {
  const byStem = new Map<string, string[]>();
  for (const name of names)
    for (const stem of stemsOfName(nameKey(name))) byStem.set(stem, [...(byStem.get(stem) ?? []), name]);
  return (candidate) =>
    isTemporaryName(candidate) &&
    stemsOf(candidate).some((stem) => byStem.get(stem)?.some((name) => isTemporaryNameOf(candidate, name)));
}

/** The desired name as the API stores it: the part of `storedName` before the mark. Undefined: it is stored as sent. */
export function spellingOf(sentName: string, storedName: string): string | undefined {
  return sameName(storedName, sentName) || !isTemporaryName(storedName) ? undefined : storedName.replace(MARK, '');
}

/**
 * Did the API store the name that was sent, or at least its mark? Otherwise no run would recognize the share. Only
 * meant for a share in the response to this run's own request.
 */
export const keepsMark = (sentName: string, storedName: string): boolean =>
  sameName(sentName, storedName) || sameId(nonceIn(sentName), nonceIn(storedName));

const nonceIn = (name: string): string | undefined => MARK.exec(name)?.[1];

/**
 * What all temporary names for one desired name have in common: the name itself or, if it was truncated, its digest.
 */
export function stemsOf(temporary: string): string[] {
  const stem = nameKey(temporary).replace(MARK, '');
  return [stem, stem.slice(-NAME_DIGEST_CHARACTERS)];
}

/** The stems that temporary names for this name can have. */
export const stemsOfName = (key: string): string[] => [key, nameDigest(key)];

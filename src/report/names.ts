// Puts names beside ids in problems, steps and lines of the log.

import { type Names, withNames } from '../share/names.ts';
import { quoted } from '../share/words.ts';

/** Puts names beside ids, except inside the share's own name. */
export function withNamesIn(text: string, names: Names, shareName: string): string {
  if (names.size === 0) return text;
  const own = quoted(shareName);
  return text
    .split(own)
    .map((piece) => withNames(piece, names))
    .join(own);
}

const ID_SHOWN_MAX = 12;

/** The beginning of an id, where the whole id stands elsewhere. */
export const shortId = (id: string): string => (id.length > ID_SHOWN_MAX ? `${id.slice(0, 8)}…` : id);

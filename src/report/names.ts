// Names for people beside the ids of a text that others wrote: a problem, a step, a line of the log.

import { type Names, withNames } from '../share/names.ts';
import { quoted } from '../share/words.ts';

/** Puts names beside ids, but not inside the name of the share: it stays as it is written. */
export function withNamesIn(text: string, names: Names, shareName: string): string {
  if (names.size === 0) return text;
  const own = quoted(shareName);
  return text
    .split(own)
    .map((piece) => withNames(piece, names))
    .join(own);
}

const ID_SHOWN_MAX = 12;

/** Enough of an id to know it again, where the whole of it stands elsewhere. */
export const shortId = (id: string): string => (id.length > ID_SHOWN_MAX ? `${id.slice(0, 8)}…` : id);

// Names for people: labels from the inputs and the file, and the organization's names of its accounts. They stand
// beside ids in every text for people, and are never sent and never compared.

import { idKey } from './share.ts';

/** Names by id. Ids are keyed by `idKey`. */
export type Names = ReadonlyMap<string, string>;

/** The name of an account, a resource or another id, if it has one. */
export const nameOf = (id: string, names: Names): string | undefined => names.get(idKey(id));

/** `1111… (Berlin)`, or the id alone. */
export function withName(id: string, names: Names): string {
  const name = nameOf(id, names);
  return name === undefined ? id : `${id} (${name})`;
}

/** Puts names beside the ids in a text for people: a line of the log, an error. An id that has its name already is left. */
export function withNames(text: string, names: Names): string {
  if (names.size === 0) return text;
  return text.replace(/[\w-]+/g, (word, at: number) => {
    const name = nameOf(word, names);
    return name === undefined || text.startsWith(` (${name})`, at + word.length) ? word : `${word} (${name})`;
  });
}

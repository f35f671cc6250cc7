// Names for people: labels from the inputs and the file, and the organization's names of its accounts. Every text for
// people shows them beside ids. They are never sent and never compared.

import type { Place, Problem } from './desired.ts';
import { idKey } from './share.ts';

/** A label has at most so many characters. */
export const LABEL_MAX = 100;

/** A label, its id, and where it was written. */
export interface Label {
  id: string;
  label: string;
  place: Place;
}

/** Names by id. Ids are keyed by `idKey`. */
export type Names = ReadonlyMap<string, string>;

/** The name of an account, a resource or another id, if it has one. */
export const nameOf = (id: string, names: Names): string | undefined => names.get(idKey(id));

/** `1111… (Berlin)`, or the id alone. */
export function withName(id: string, names: Names): string {
  const name = nameOf(id, names);
  return name === undefined ? id : `${id} (${name})`;
}

/** Puts names beside the ids of a text. An id that already has its name beside it stays as it is. */
export function withNames(text: string, names: Names): string {
  if (names.size === 0) return text;
  return text.replace(/[\w-]+/g, (word, at: number) => {
    const name = nameOf(word, names);
    return name === undefined || text.startsWith(` (${name})`, at + word.length) ? word : `${word} (${name})`;
  });
}

/** The labels by id. The first label of an id counts; a different one later is a warning. */
export function namesOf(labels: readonly Label[]): { labels: Names; warnings: Problem[] } {
  const names = new Map<string, string>();
  const warnings: Problem[] = [];
  const said = new Set<string>();
  for (const { id, label, place } of labels) {
    const key = idKey(id);
    const first = names.get(key);
    if (first === undefined) names.set(key, label);
    else if (first !== label && !said.has(key)) {
      said.add(key);
      warnings.push({
        message: `gives ${id} the label ${JSON.stringify(label)}, but its first label is ${JSON.stringify(first)}: the first one is shown`,
        place,
      });
    }
  }
  return { labels: names, warnings };
}

// Names for people: labels from the inputs and the file, and Cloudflare's names. They are shown next to ids, and never
// without the id, because a label must not hide which account is meant. They are never sent and never compared.

import type { Place, Problem } from './problem.ts';
import { idKey, sameName } from './share.ts';
import { quoted } from './words.ts';

/** Maximum length of a label, in characters. */
export const LABEL_MAX = 100;

/** A label, its id, and where it was written. */
export interface Label {
  id: string;
  label: string;
  place: Place;
}

/** Names by id. The keys are made with `idKey`. */
export type Names = ReadonlyMap<string, string>;

/** The name of an account, a resource or another id, if it has one. */
export const nameOf = (id: string, names: Names): string | undefined => names.get(idKey(id));

/**
 * `Berlin office (1111…)`, or the id alone. The name comes first, because phones truncate lines on the right.
 * @param written how to write the name and the id: plain, or as Markdown
 */
export function withName(id: string, names: Names, written: Written = AS_IS): string {
  const name = nameOf(id, names);
  return name === undefined ? written.id(id) : `${written.name(name)} (${written.id(id)})`;
}

interface Written {
  name: (name: string) => string;
  id: (id: string) => string;
}
const AS_IS: Written = { name: (name) => name, id: (id) => id };

/**
 * Puts names next to the ids in a text, except inside the share's name. An id that already has its name is left
 * unchanged.
 */
export function withNames(text: string, names: Names, shareName = ''): string {
  if (names.size === 0) return text;
  const own = quoted(shareName);
  const named = (piece: string): string =>
    piece.replace(/[\w-]+/g, (id, at: number) =>
      piece.endsWith(`${nameOf(id, names)} (`, at) ? id : withName(id, names),
    );
  return text.split(own).map(named).join(own);
}

const ID_SHOWN_MAX = 12;

/** The beginning of an id, for places where the whole id is shown elsewhere. */
export const shortId = (id: string): string => (id.length > ID_SHOWN_MAX ? `${id.slice(0, 8)}…` : id);

/**
 * Combines labels with Cloudflare's names. Cloudflare's name comes first; a label that differs is shown as well, so
 * that a wrong label can't hide which account or resource it labels. If an id has several labels, the first one is
 * used.
 */
export function namesOf(
  labels: readonly Label[],
  atCloudflare: Names = new Map(),
): { names: Names; warnings: Problem[] } {
  const names = new Map(atCloudflare);
  const warnings: Problem[] = [];
  const warned = new Set<string>();
  const labeled = new Map<string, string>();
  const idOf = new Map<string, string>();
  const warn = (about: string, message: string, place: Place): void => {
    if (!warned.has(about)) warnings.push({ message, place });
    warned.add(about);
  };
  for (const { id, label, place } of labels) {
    const key = idKey(id);
    const first = labeled.get(key);
    if (first !== undefined && first !== label)
      warn(
        `other label of ${key}`,
        `gives ${id} the label ${quoted(label)}, but ${id} already has the label ${quoted(first)}, which is shown instead`,
        place,
      );
    const other = idOf.get(label) ?? id;
    if (idKey(other) !== key)
      warn(
        `other id of ${label}`,
        `gives ${id} the label ${quoted(label)}, but that is already the label of ${other}`,
        place,
      );
    idOf.set(label, other);
    if (first !== undefined) continue;
    labeled.set(key, label);
    const name = names.get(key);
    if (name === undefined) names.set(key, label);
    else if (!isLabelOf(label, name)) {
      names.set(key, `${name}, labeled ${quoted(label)}`);
      // The label of a pattern differs from the name of every match, so warn once.
      warn(
        `name at ${place.label}`,
        `gives ${id} the label ${quoted(label)}, but its name at Cloudflare is ${quoted(name)}`,
        place,
      );
    }
  }
  return { names, warnings };
}

/** The name as a label, shortened to `LABEL_MAX` characters. Undefined: the name is blank. */
export function asLabel(name: string): string | undefined {
  if (name.trim() === '') return undefined;
  const characters = [...name];
  return characters.length <= LABEL_MAX ? name : `${characters.slice(0, LABEL_MAX - 1).join('')}…`;
}

/** Does the label equal the name, up to the maximum length of a label? */
const isLabelOf = (label: string, name: string): boolean => sameName(label.trim(), asLabel(name)?.trim());

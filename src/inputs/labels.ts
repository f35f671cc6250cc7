// The labels that people give to ids. They are shown, and never sent.

import type { Path } from '../document/position.ts';
import type { Place, Problem } from '../share/desired.ts';
import type { Names } from '../share/names.ts';
import { idKey } from '../share/share.ts';
import type { PlaceOf } from './checked-text.ts';

/** An item as it was written, apart from its label. */
export interface Entry<T> {
  item: T;
  index: number;
  label: string | undefined;
}

/** A label, its id, and where it was written. */
export interface Label {
  id: string;
  label: string;
  place: Place;
}

export const labelsOf = <T>(
  written: readonly Entry<T>[],
  idOf: (item: T) => string | undefined,
  at: Path,
  placeOf: PlaceOf,
): Label[] =>
  written.flatMap(({ item, index, label }) => {
    const id = idOf(item);
    return label === undefined || id === undefined ? [] : [{ id, label, place: placeOf([...at, index, 'label']) }];
  });

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

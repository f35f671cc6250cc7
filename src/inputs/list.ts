// A list of recipients, exclusions or resources, as it was written.

import type { Path } from '../document/position.ts';
import type { Paths } from './checked-text.ts';
import type { Entry, Label } from './labels.ts';
import type { Reading } from './reading.ts';

/** Items to send, without labels and repetitions. `indexes` says where in the list each was written. */
export interface Written<T> {
  items: T[];
  indexes: number[];
  labels: Label[];
}

/** A list that was checked. It has its sound items even if others are wrong. */
export type Checked<T> = Required<Reading<Written<T>>>;

/**
 * The sound items of the list at a path: the schema took them as `T`. They are checked further even if others are wrong:
 * all problems are reported at once.
 */
export function soundItems<T>(list: unknown, at: Path, { isSound }: Paths): { item: T; index: number }[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: T, index) => (isSound([...at, index]) ? [{ item, index }] : []));
}

/** The first item of each key. */
export function unrepeated<T>(written: readonly Entry<T>[], keyOf: (item: T) => string): Omit<Written<T>, 'labels'> {
  const kept = new Map<string, Entry<T>>();
  for (const entry of written) if (!kept.has(keyOf(entry.item))) kept.set(keyOf(entry.item), entry);
  return { items: [...kept.values()].map(({ item }) => item), indexes: [...kept.values()].map(({ index }) => index) };
}

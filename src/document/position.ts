// A document: its value, and where each part of the value was written.

import type { Json } from '../share/json.ts';

export type Path = readonly (string | number)[];

/** Lines and columns count from 1. */
export interface Position {
  line: number;
  column: number;
}

/** Something that cannot be read as it stands. */
export interface Flaw {
  path: Path;
  message: string;
  position?: Position;
}

export interface Document {
  value: Json | undefined;
  flaws: Flaw[];
  /** Where the value at `path` was written, or its key with `of: 'key'`. Undefined: not known. */
  positionOf: (path: Path, of?: 'key' | 'value') => Position | undefined;
}

/** A path as people write it: `recipients[0].account_id`. */
export function formatPath(path: Path, root = ''): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[A-Za-z_][\w-]*$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, root);
}

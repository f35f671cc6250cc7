// What a text says and where: paths into its value, positions in its lines.

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
  /** Where the value at `path` was written (with `of: 'key'` its key), as far as the text's form tells. */
  positionOf: (path: Path, of?: 'key' | 'value') => Position | undefined;
}

/** `recipients[0].account_id`, the way people write positions. */
export function formatPath(path: Path, root = ''): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[A-Za-z_][\w-]*$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, root);
}

// A document: its value, and where each part of the value was written.

import type { Json } from '../share/json.ts';

export type Path = readonly (string | number)[];

/** Lines and columns count from 1. */
export interface Position {
  line: number;
  column: number;
}

/** Something that can't be read exactly as written. */
export interface Flaw {
  path: Path;
  message: string;
  position?: Position;
  /** The line, with a mark under the position, for the log. */
  frame?: readonly string[];
}

export interface Document {
  value: Json | undefined;
  flaws: Flaw[];
  /** Where the value at `path` (or with `of: 'key'`, its key) was written. Undefined: unknown. */
  positionOf: (path: Path, of?: 'key' | 'value') => Position | undefined;
}

/** More levels than any real file has, but few enough for all recursive functions. */
export const NESTING_MAX = 500;
/** How many problems are reported individually. A text with more than that probably has a single cause. */
export const PROBLEMS_MAX = 10_000;
export const TOO_DEEP = 'nested too deeply to be read';

/** A path as people write it: `recipients[0].account_id`. */
export function formatPath(path: Path, root = ''): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number' || !/^[A-Za-z_][\w-]*$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, root);
}

/** Converts offsets in a text to lines and columns. The lines are found when a position is first requested. */
export function positionsIn(text: string): (offset: number) => Position {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= lineStarts(text);
    let [low, end] = [0, starts.length];
    while (end - low > 1) {
      const middle = Math.floor((low + end) / 2);
      if ((starts[middle] as number) <= offset) low = middle;
      else end = middle;
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 };
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

const FRAME_WIDTH = 80;

/** The line at a position, with a mark under it, as compilers show it. */
export function frameAt(text: string, { line, column }: Position): string[] {
  const whole = (text.split('\n', line).at(-1) as string).replace(/\r$/, '');
  const from = Math.max(0, Math.min(column - FRAME_WIDTH / 2, whole.length - FRAME_WIDTH));
  const shown = whole.slice(from, from + FRAME_WIDTH).replaceAll('\t', ' ');
  const number = `${line} | `;
  return [`${number}${shown}`, `${' '.repeat(number.length + column - 1 - from)}^`];
}

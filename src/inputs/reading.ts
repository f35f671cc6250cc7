// The result of reading an input, and helpers for its problems.

import type { Problem } from '../share/desired.ts';

/** The value, unless there are problems, and what there is to report. */
export interface Reading<T> {
  value?: T;
  problems: Problem[];
  warnings: Problem[];
  notices: Problem[];
}

/** The environment of the process, as a value: inputs are variables in it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A problem of an input as a whole. */
export const atInput = (message: string, input: string): Problem => ({ message, place: { label: input } });

const ECHO_MAX = 60;

/** `got "yes"`: what was written, shortened. */
export function got(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return `got ${text.length > ECHO_MAX ? `${text.slice(0, ECHO_MAX)}…` : text}`;
}

// What reading gives, and the words for what is wrong.

import type { Problem } from '../share/desired.ts';

/** A value when nothing was wrong, and what is to be said about the text. */
export interface Reading<T> {
  value?: T;
  problems: Problem[];
  warnings: Problem[];
  notices: Problem[];
}

/** The environment of the process, as a value: inputs are variables in it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Something about an input as a whole. */
export const atInput = (message: string, input: string): Problem => ({ message, place: { label: input } });

const ECHO_MAX = 60;

/** `got "yes"`: what was written, shortened, for the person who looks for it. */
export function got(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return `got ${text.length > ECHO_MAX ? `${text.slice(0, ECHO_MAX)}…` : text}`;
}

// The result of reading an input, and helpers for its problems.

import { cutAt } from '../secrets.ts';
import type { Problem } from '../share/desired.ts';

/** What there is to report. */
export interface Remarks {
  problems: Problem[];
  warnings: Problem[];
  notices: Problem[];
}

/** The value, unless there are problems, and what there is to report. */
export interface Reading<T> extends Remarks {
  value?: T;
}

/** What there is to report about all parts together. */
export const remarksOf = (parts: readonly Remarks[]): Remarks => ({
  problems: parts.flatMap(({ problems }) => problems),
  warnings: parts.flatMap(({ warnings }) => warnings),
  notices: parts.flatMap(({ notices }) => notices),
});

/** A reading with these problems before its own. With problems, there is no value. */
export function withProblems<T>(problems: Problem[], { value, ...said }: Reading<T>): Reading<T> {
  const all = [...problems, ...said.problems];
  return { ...said, problems: all, ...(all.length > 0 || value === undefined ? {} : { value }) };
}

/** Nothing could be read: these problems say why. */
export const onlyProblems = (problems: Problem[]): Remarks => ({ problems, warnings: [], notices: [] });

/** One notice stands for all of its kind. */
export const onlyFirst = (notices: Problem[]): Problem[] => notices.slice(0, 1);

/** The environment of the process, as a value: inputs are variables in it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A problem of an input as a whole. */
export const atInput = (message: string, input: string): Problem => ({ message, place: { label: input } });

const ECHO_MAX = 60;

/** `got "yes"`: what was written, shortened. */
export function got(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return `got ${cutAt(text, ECHO_MAX)}`;
}

// The result of reading an input, and helpers for its problems.

import { cutAt } from '../secrets.ts';
import type { Problem } from '../share/problem.ts';

/** Problems, warnings and notices. */
export interface Remarks {
  problems: Problem[];
  warnings: Problem[];
  notices: Problem[];
}

/** The value (unless there are problems), with warnings and notices. */
export interface Reading<T> extends Remarks {
  value?: T;
}

/** The problems, warnings and notices of all parts together. */
export const remarksOf = (parts: readonly Remarks[]): Remarks => ({
  problems: parts.flatMap(({ problems }) => problems),
  warnings: parts.flatMap(({ warnings }) => warnings),
  notices: parts.flatMap(({ notices }) => notices),
});

/** Adds problems before those of the reading. If there are any problems, the value is dropped. */
export function withProblems<T>(problems: Problem[], { value, ...remarks }: Reading<T>): Reading<T> {
  const all = [...problems, ...remarks.problems];
  return { ...remarks, problems: all, ...(all.length > 0 || value === undefined ? {} : { value }) };
}

/** A reading that failed because of these problems. */
export const onlyProblems = (problems: Problem[]): Remarks => ({ problems, warnings: [], notices: [] });

/** Keeps the first notice of a kind, because one per run is enough. */
export const onlyFirst = (notices: Problem[]): Problem[] => notices.slice(0, 1);

/** The environment of the process, as a value: inputs are variables in it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A problem with an input as a whole. */
export const atInput = (message: string, input: string): Problem => ({ message, place: { label: input } });

const ECHO_MAX = 60;

/** `got "yes"`: the value as written, shortened. */
export function got(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return `got ${cutAt(text, ECHO_MAX)}`;
}

// The log: a story in plain lines, and annotations for what is wrong.

import * as core from '@actions/core';
import type { Problem } from '../share/wish.ts';
import { plain } from './text.ts';

export const line = (text: string): void => core.info(plain(text));
/** Shown when the run is debugged. */
export const detail = (text: string): void => {
  if (core.isDebug()) core.debug(plain(text));
};

export function group(title: string, lines: readonly string[]): void {
  core.startGroup(plain(title));
  for (const text of lines) line(text);
  core.endGroup();
}

export const textOf = ({ message, place }: Problem): string =>
  place === undefined || place.label === '' ? message : `${place.label}: ${message}`;

export const error = (problem: Problem): void => annotate(core.error, problem);
export const warning = (problem: Problem): void => annotate(core.warning, problem);

function annotate(level: typeof core.error, problem: Problem): void {
  const { file, line: startLine, column: startColumn } = problem.place ?? {};
  level(plain(textOf(problem)), {
    ...(file === undefined ? {} : { file: plain(file) }),
    ...(startLine === undefined ? {} : { startLine }),
    ...(startColumn === undefined ? {} : { startColumn }),
  });
}

/** The same said twice (of an anchor used by two shares, say) is said once. */
export function unrepeated(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ message, place }) => {
    const where = place?.line === undefined ? place?.label : `${place.file}:${place.line}:${place.column}`;
    const key = JSON.stringify([message, where]);
    return !seen.has(key) && seen.add(key);
  });
}

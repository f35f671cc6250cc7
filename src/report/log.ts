// The log: plain lines, and annotations for problems.

import * as core from '@actions/core';
import type { Verdict } from '../share/decide.ts';
import { type Names, withNames } from '../share/names.ts';
import { changesAnything } from '../share/plan.ts';
import { planWords } from '../share/plan-words.ts';
import type { Problem } from '../share/problem.ts';
import { quoted } from '../share/words.ts';
import { type Naming, planLines, planTitle } from './plan-lines.ts';
import { unrepeated } from './problems.ts';
import { plain } from './text.ts';

export const line = (text: string): void => core.info(plain(text));
/** Shown if debug logging is enabled. */
export const detail = (text: string): void => {
  if (core.isDebug()) core.debug(plain(text));
};

function group(title: string, lines: readonly string[]): void {
  core.startGroup(plain(title));
  for (const text of lines) line(text);
  core.endGroup();
}

const textOf = ({ message, place }: Problem): string =>
  place === undefined || place.label === '' ? message : `${place.label}: ${message}`;

export const error = (problem: Problem): void => annotate(core.error, problem);
export const warning = (problem: Problem): void => annotate(core.warning, problem);
export const notice = (problem: Problem): void => annotate(core.notice, problem);

/**
 * Annotations have no title: @actions/core writes it before the file, and log parsers rely on `::error file=…,line=…`. The
 * message starts with the place instead.
 */
function annotate(level: typeof core.error, problem: Problem): void {
  const { file, line: startLine, column: startColumn } = problem.place ?? {};
  level(plain(textOf(problem)), {
    ...(file === undefined ? {} : { file: plain(file) }),
    ...(startLine === undefined ? {} : { startLine }),
    ...(startColumn === undefined ? {} : { startColumn }),
  });
  for (const text of problem.frame ?? []) line(`  ${text}`);
}

/** Logs warnings and notices about inputs and names. */
export function sayRemarks({ warnings, notices }: { warnings: readonly Problem[]; notices: readonly Problem[] }): void {
  for (const each of unrepeated(warnings)) warning(each);
  for (const each of unrepeated(notices)) notice(each);
}

/** Logs that the step waits before it continues. */
export const sayWaiting = (why: string, ms: number): void => line(`… waiting ${formatSeconds(ms)}: ${why}`);

const formatSeconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;

/**
 * Writes the plan of a share before it is applied. With several shares, only plans with changes are logged. The extras
 * of all shares are named at the end of the log, outside of groups, because groups are collapsed.
 */
export function announcePlan({ plan, refusal, kept }: Verdict, naming: Naming, many: boolean): void {
  const title = `Plan for ${quoted(plan.name)}`;
  if (refusal !== undefined) {
    const lines = [...(changesAnything(plan) ? [planTitle(plan)] : []), withNames(refusal, naming.names, plan.name)];
    group(
      `${title}: can't be done`,
      lines.map((text) => `! ${text}`),
    );
  } else if (!many || changesAnything(plan)) {
    group(`${title}: ${planWords(plan, kept)}`, planLines(plan, naming));
  }
}

/** Writes lines about one share. With several shares, each line begins with the share's name. */
export const sayOf =
  (share: string, names: Names, many: boolean) =>
  (text: string): void =>
    line(`${many ? `[${quoted(share)}] ` : ''}${withNames(text, names, share)}`);

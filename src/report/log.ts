// The log: plain lines, and annotations for problems.

import * as core from '@actions/core';
import type { Problem } from '../share/desired.ts';
import type { Names } from '../share/names.ts';
import { changesAnything, type Decision, hasDrift } from '../share/plan.ts';
import { planWords } from '../share/plan-words.ts';
import { firstFew, quoted } from '../share/words.ts';
import { withNamesIn } from './names.ts';
import { KEPT } from './outcome-words.ts';
import { extraLines, GONE, isGone, planLines, planTitle } from './plan-lines.ts';
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
export const notice = (problem: Problem): void => annotate(core.notice, problem);

function annotate(level: typeof core.error, problem: Problem): void {
  const { file, line: startLine, column: startColumn } = problem.place ?? {};
  level(plain(textOf(problem)), {
    ...(file === undefined ? {} : { file: plain(file) }),
    ...(startLine === undefined ? {} : { startLine }),
    ...(startColumn === undefined ? {} : { startColumn }),
  });
}

const EXTRAS_SHOWN = 5;

/**
 * Writes the plan of a share before it is applied. Of many shares, only plans with a difference are written, and the report
 * names the extras of all shares together.
 */
export function announcePlan({ plan, refusal, kept }: Decision, names: Names, many: boolean): void {
  const title = `Plan for ${quoted(plan.name)}`;
  if (refusal !== undefined) {
    const lines = [...(changesAnything(plan) ? [planTitle(plan)] : []), withNamesIn(refusal, names, plan.name)];
    group(
      `${title}: cannot be done`,
      lines.map((text) => `! ${text}`),
    );
  } else if (!many || (hasDrift(plan) && !plan.unlisted)) {
    const words = kept && !changesAnything(plan) ? KEPT : isGone(plan) ? GONE : planWords(plan);
    group(`${title}: ${words}`, planLines(plan, names));
  }
  const extras = extraLines(plan, names);
  if (!many && extras.length > 0) line(`Not listed, and left as it is: ${firstFew(extras, EXTRAS_SHOWN)}`);
}

/** Writes lines about one share. Of many shares, each line begins with the share's name. */
export const sayOf =
  (share: string, names: Names, many: boolean) =>
  (text: string): void =>
    line(many ? `[${quoted(share)}] ${withNamesIn(text, names, share)}` : withNamesIn(text, names, share));

// The log: a story in plain lines, and annotations for what is wrong.

import * as core from '@actions/core';
import type { Problem } from '../share/desired.ts';
import type { Names } from '../share/names.ts';
import { changesAnything, type Decision, hasDrift } from '../share/plan.ts';
import { planWords } from '../share/plan-words.ts';
import { count, firstFew, quoted } from '../share/words.ts';
import { withNamesIn } from './names.ts';
import { KEPT } from './outcome.ts';
import { extraLines, GONE, isGone, planLines, planTitle } from './plan-lines.ts';
import { plain } from './text.ts';

export { unrepeated } from './problems.ts';

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
 * Says what apply is about to do with a share, before it does. Of many shares those alone that differ; what they have
 * and nobody lists is said of all of them together, by the report.
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

/** Says lines of one share, with its name where there are many. */
export const sayOf =
  (share: string, names: Names, many: boolean) =>
  (text: string): void =>
    line(many ? `[${quoted(share)}] ${withNamesIn(text, names, share)}` : withNamesIn(text, names, share));

/** With more shares than this, progress is said now and then. */
const MANY = 20;

/** @returns what is to be called whenever a share is done */
export function progressOf(shares: number): () => void {
  let done = 0;
  const step = Math.ceil(shares / 10);
  return () => {
    done += 1;
    if (shares > MANY && done % step === 0) line(`${done} of ${count(shares, 'share')} done`);
  };
}

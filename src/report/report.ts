// The end of a run: outputs, report file, summary, comment, annotations, last line.

import type { GithubSettings } from '../api-settings.ts';
import type { Problem } from '../share/desired.ts';
import type { ReviewMarkers } from './comment.ts';
import type { Report } from './contents.ts';
import { EXTRAS_NAMED, extrasNotice, extrasOf, extraWords } from './extras.ts';
import { lastLine } from './last-line.ts';
import * as log from './log.ts';
import { rendererOf } from './markdown.ts';
import { associationWords, nameOfShare } from './outcome-words.ts';
import { setOutputs } from './outputs.ts';
import { driftsOf, type Found, failuresOf, warningsOf, withShares } from './problems.ts';
import { writeReportFile, writeSummary } from './summary.ts';

export interface ReportSettings {
  /** Keep a comment on the pull request; undefined where none was asked for. */
  comment?: 'always' | 'changes';
  github: GithubSettings;
  /** How the comment carries the steps of a plan. */
  review?: ReviewMarkers;
}

/** Reports what came of a run. @returns whether the step is green */
export async function reportRun(report: Report, settings: ReportSettings, signal: AbortSignal): Promise<boolean> {
  let renderer: ReturnType<typeof rendererOf> | undefined;
  // Put together where a failure is a warning: the outputs are set all the same.
  const render = (bytesMax: number): string => {
    renderer ??= rendererOf(report, { details: true });
    return renderer(bytesMax);
  };
  const unset = setOutputs(report, await writeReportFile(report.run, render));
  await writeSummary(report.run, render);
  if (settings.comment && !signal.aborted) {
    const { keepComment } = await import('./comment.ts');
    await keepComment(report, settings.comment, settings.github, signal, settings.review);
  }
  annotate(report);
  if (unset) log.error(unset);
  for (const line of closing(report)) log.line(line);
  log.line(lastLine(report));
  return !unset && failuresOf(report).length === 0 && driftsOf(report).length === 0;
}

/** GitHub shows the first ten annotations of a kind: failures come before drift. */
function annotate(report: Report): void {
  const many = report.source.kind === 'config';
  const placed = (found: Found): Problem => {
    const problem = withShares(found, many);
    if (problem.place || report.source.kind !== 'config') return problem;
    const [only, other] = report.outcomes.filter((outcome) => found.shares.includes(nameOfShare(outcome)));
    const place = only && !other ? only.desired.placeOf(['name']) : { label: '', file: report.source.file };
    return { ...problem, place: { ...place, label: '' } };
  };
  for (const found of warningsOf(report)) log.warning(placed(found));
  for (const found of [...failuresOf(report), ...driftsOf(report)]) log.error(placed(found));
  const notice = extrasNotice(extrasOf(report.outcomes, report.names), report.source);
  if (notice) log.notice(notice);
}

const EXTRAS_SHOWN = 20;

/** The lines before the last one: the recipients of one share, or the extras of many. */
function closing({ outcomes, source, names, mode }: Report): string[] {
  if (source.kind === 'config') {
    const extras = extrasOf(outcomes, names).map((extra) => extraWords(extra));
    if (extras.length <= EXTRAS_NAMED) return []; // the notice names them all
    const more = extras.length - EXTRAS_SHOWN;
    return [
      'Not listed, and left as it is:',
      ...extras.slice(0, EXTRAS_SHOWN).map((words) => `  ${words}`),
      ...(more > 0 ? [`  and ${more} more: the summary has them all`] : []),
    ];
  }
  const [only] = outcomes;
  const association = only && mode === 'apply' && only.waitedMs !== undefined ? associationWords(only) : '';
  return association === '' ? [] : [`${association}.`];
}

// The end of a run: outputs, report file, summary, comment, annotations, last line.

import { type Clock, systemClock } from '../clock.ts';
import type { CommentSettings } from './comment.ts';
import { isOfMany, type Report } from './contents.ts';
import { extrasLines, extrasNotice, extrasOf } from './extras.ts';
import { lastLine } from './last-line.ts';
import * as log from './log.ts';
import { rendererOf } from './markdown.ts';
import { associationWords } from './outcome-words.ts';
import { setOutputs } from './outputs.ts';
import { annotationOf, driftsOf, failuresOf, warningsOf } from './problems.ts';
import { writeReportFile, writeSummary } from './summary.ts';

/** `comment` is undefined if no comment was requested. */
export type ReportSettings = Omit<CommentSettings, 'comment'> & Partial<Pick<CommentSettings, 'comment'>>;

/** The number of annotations per kind that GitHub shows. */
const ANNOTATIONS_SHOWN = 10;

/** Reports the result of a run. @returns whether the step succeeds */
export async function reportRun(
  report: Report,
  { comment, ...settings }: ReportSettings,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<boolean> {
  let renderer: ReturnType<typeof rendererOf> | undefined;
  // Rendering starts only where a failure is just a warning, so that the outputs are set in any case.
  const render = (bytesMax: number): string => {
    renderer ??= rendererOf(report, { details: true });
    return renderer(bytesMax);
  };
  const reportFile = writeReportFile(report.run, render);
  const unset = setOutputs(report, { reportFile, isCancelled: signal.aborted });
  writeSummary(report.run, render);
  if (comment && !signal.aborted) {
    const { keepComment } = await import('./comment.ts');
    await keepComment(report, { ...settings, comment }, clock, signal);
  }
  const failures = [...failuresOf(report), ...driftsOf(report)];
  // GitHub shows only the first annotations of a kind, so failures come before drift.
  for (const caution of report.cautions ?? []) log.warning(caution);
  for (const found of warningsOf(report)) log.warning(annotationOf(found, report));
  const { length: wrong } = report.inputProblems ?? [];
  if (wrong > ANNOTATIONS_SHOWN)
    log.line(
      `${wrong} problems. GitHub shows the first ${ANNOTATIONS_SHOWN} as annotations; this log has all of them.`,
    );
  for (const found of failures) log.error(annotationOf(found, report));
  for (const problem of [unset, report.unwritten]) if (problem) log.error(problem);
  const extras = extrasOf(report.outcomes, report.names);
  const notice = extrasNotice(extras, report.source);
  if (notice) log.notice(notice);
  for (const line of [...extrasLines(extras), ...association(report)]) log.line(line);
  log.line(lastLine(report));
  return !unset && !report.unwritten && failures.length === 0;
}

/** How long one share took to associate. */
function association(report: Report): string[] {
  const [only] = report.outcomes;
  if (isOfMany(report) || report.mode !== 'apply' || only?.waitedMs === undefined) return [];
  const words = associationWords(only);
  return words === '' ? [] : [`${words}.`];
}

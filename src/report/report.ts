// The end of a run, in every mode: outputs, report file, summary, comment, annotations, last line.

import type { Clock } from '../clock.ts';
import type { RunContext, Settings } from '../settings.ts';
import type { ExportOutcome } from '../share/outcome.ts';
import { failureReason, type Problem } from '../share/problem.ts';
import { count } from '../share/words.ts';
import type { CommentSettings } from './comment.ts';
import { isOfMany, type Report } from './contents.ts';
import { extrasLines, extrasNotice, extrasOf } from './extras.ts';
import { lastLine } from './last-line.ts';
import * as log from './log.ts';
import { rendererOf } from './markdown.ts';
import { associationWords } from './outcome-words.ts';
import { setOutputs, setUnchanged } from './outputs.ts';
import { annotationOf, driftsOf, failuresOf, NOTHING_SENT, warningsOf } from './problems.ts';
import { writeReportFile, writeSummary } from './summary.ts';
import { code, prose } from './text.ts';

/** `comment` is undefined if no comment was requested. */
export type ReportSettings = Omit<CommentSettings, 'comment'> & Partial<Pick<CommentSettings, 'comment'>>;

/** The number of annotations per kind that GitHub shows. */
const ANNOTATIONS_SHOWN = 10;

/** Reports the result of a run. @returns whether the step succeeds */
export async function reportRun(
  report: Report,
  { comment, ...settings }: ReportSettings,
  signal: AbortSignal,
  clock: Clock,
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
  // GitHub shows only the first annotations of a kind, so failures come before drift.
  const failures = [...failuresOf(report), ...driftsOf(report)];
  const unwritten = [unset, report.unwritten].filter((problem) => problem !== undefined);
  logResult(report, failures, unwritten);
  return unwritten.length === 0 && failures.length === 0;
}

function logResult(report: Report, failures: ReturnType<typeof failuresOf>, unwritten: readonly Problem[]): void {
  for (const caution of report.cautions) log.warning(caution);
  for (const found of warningsOf(report)) log.warning(annotationOf(found, report));
  const { length: wrong } = report.inputProblems;
  if (wrong > ANNOTATIONS_SHOWN)
    log.line(
      `${wrong} problems. GitHub shows the first ${ANNOTATIONS_SHOWN} as annotations; this log has all of them.`,
    );
  for (const found of failures) log.error(annotationOf(found, report));
  for (const problem of unwritten) log.error(problem);
  const extras = extrasOf(report.outcomes, report.names);
  const notice = extrasNotice(extras, report.source);
  if (notice) log.notice(notice);
  for (const line of [...extrasLines(extras), ...association(report)]) log.line(line);
  log.line(lastLine(report));
}

/**
 * The marker at the beginning of the comment with the plan. Few runs need it, and the others start faster without the
 * code for comments.
 */
export async function markerOfPlan(about: Pick<Report, 'accountId' | 'source' | 'share'>): Promise<string> {
  const { markerOfReport } = await import('./comment.ts');
  return markerOfReport(about, 'plan') ?? '';
}

/** How long one share took to associate. */
function association(report: Report): string[] {
  const [only] = report.outcomes;
  if (isOfMany(report) || report.mode !== 'apply' || only?.waitedMs === undefined) return [];
  const words = associationWords(only);
  return words === '' ? [] : [`${words}.`];
}

/**
 * Reports the result of `mode: check` if the inputs and the file are valid. Problems are reported as in every other mode.
 * @returns whether the step succeeds
 */
export function reportChecked(
  { desired, source, run }: Pick<Settings, 'desired' | 'source' | 'run'>,
  warnings: readonly Problem[],
): boolean {
  const words = checkedWords(desired.length, warnings);
  const render = (): string => {
    const what = source.kind === 'config' ? code(source.file) : 'the inputs';
    return `### Check of ${what}\n\n**${words}** ${NOTHING_SENT}\n${warningsList(warnings)}`;
  };
  const reportFile = writeReportFile(run, render);
  writeSummary(run, render);
  const unset = setUnchanged('checked', reportFile);
  if (unset) log.error(unset);
  log.line(`${words} ${NOTHING_SENT}`);
  return !unset;
}

const checkedWords = (shares: number, warnings: readonly Problem[]): string =>
  `Checked ${count(shares, 'share')}: no problems${warnings.length === 0 ? '' : `, ${count(warnings.length, 'warning')}`}.`;

const WARNINGS_SHOWN = 50;

function warningsList(warnings: readonly Problem[]): string {
  const more = warnings.length - WARNINGS_SHOWN;
  return [
    '',
    ...warnings
      .slice(0, WARNINGS_SHOWN)
      .map(({ message, place }) => `- ⚠️ ${prose(place?.label ? `${place.label}: ${message}` : message)}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
    '',
  ].join('\n');
}

/** Reports the result of `mode: export`. @param file the file's path, as it is shown @returns whether the step succeeds */
export function reportExport(outcome: ExportOutcome, file: string, run: RunContext): boolean {
  const { shares, problems, warnings } = outcome;
  const render = (bytesMax: number): string => renderExport(outcome, file, bytesMax);
  const reportFile = writeReportFile(run, render);
  writeSummary(run, render);
  const unset = setUnchanged(
    shares === undefined ? undefined : 'exported',
    reportFile,
    failureReason(problems.map(({ kind }) => kind ?? 'cloudflare')),
  );
  for (const warning of warnings) log.warning(warning);
  for (const problem of [...problems, ...(unset ? [unset] : [])]) log.error(problem);
  log.line(
    shares === undefined
      ? 'No file was written, and nothing was changed.'
      : `${count(shares, 'share')} written to ${file}. ${nextStep(outcome)}`,
  );
  return shares !== undefined && !unset;
}

const nextStep = ({ warnings, complete }: ExportOutcome): string => {
  if (complete === false)
    return 'Check the warnings before you commit the file. It is not complete, because it leaves out shares.';
  const review = 'Review the file and commit it. A plan for it has no changes.';
  return warnings.length === 0 ? review : `${review} But check the warnings first.`;
};

/** Renders the result of `mode: export` for the job summary and the report file. Pure. */
function renderExport(outcome: ExportOutcome, file: string, bytesMax: number): string {
  const { shares, problems, warnings } = outcome;
  const item = (sign: string, { message }: Problem): string => `- ${sign} ${prose(message)}\n`;
  const items = [...problems.map((problem) => item('❌', problem)), ...warnings.map((warning) => item('⚠️', warning))];
  const head =
    shares === undefined
      ? `### No file was written to ${code(file)}\n\nNothing was changed.\n`
      : `### ${count(shares, 'share')} written to ${code(file)}\n\n${prose(nextStep(outcome))}\n`;
  const more = (left: number): string => `- and ${left} more, in the log\n`;
  let text = `${head}${items.length > 0 ? '\n' : ''}`;
  for (const [i, line] of items.entries()) {
    const rest = more(items.length - i);
    if (Buffer.byteLength(text + line + rest) > bytesMax) return text + rest;
    text += line;
  }
  return text;
}

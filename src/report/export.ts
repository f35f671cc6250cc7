// Reports the result of `mode: export`.

import type { RunContext } from '../inputs/settings.ts';
import type { Problem } from '../share/desired.ts';
import { type ExportOutcome, failureReason } from '../share/outcome.ts';
import { count } from '../share/words.ts';
import * as log from './log.ts';
import { setUnchanged } from './outputs.ts';
import { writeReportFile, writeSummary } from './summary.ts';
import { code, prose } from './text.ts';

/** @param file the file's path, as it is shown @returns whether the step succeeds */
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
      : `${count(shares, 'share')} written to ${file}. ${next(outcome)}`,
  );
  return shares !== undefined && !unset;
}

const next = ({ warnings, complete }: ExportOutcome): string => {
  const review = 'Review the file and commit it. A plan for it has no changes.';
  if (complete === false) return `${review} The file is not complete, because it leaves out shares. See the warnings.`;
  return warnings.length === 0 ? review : `${review} But check the warnings first.`;
};

/** Renders the result for the job summary and the report file. Pure. */
export function renderExport(outcome: ExportOutcome, file: string, bytesMax: number): string {
  const { shares, problems, warnings } = outcome;
  const item = (sign: string, { message }: Problem): string => `- ${sign} ${prose(message)}\n`;
  const items = [...problems.map((problem) => item('❌', problem)), ...warnings.map((warning) => item('⚠️', warning))];
  const head =
    shares === undefined
      ? `### No file was written to ${code(file)}\n\nNothing was changed.\n`
      : `### ${count(shares, 'share')} written to ${code(file)}\n\n${prose(next(outcome))}\n`;
  const more = (left: number): string => `- and ${left} more, in the log\n`;
  let text = `${head}${items.length > 0 ? '\n' : ''}`;
  for (const [i, line] of items.entries()) {
    const rest = more(items.length - i);
    if (Buffer.byteLength(text + line + rest) > bytesMax) return text + rest;
    text += line;
  }
  return text;
}

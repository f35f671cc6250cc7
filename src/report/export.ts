// What came of `mode: export`, for machines and for people.

import { appendFile } from 'node:fs/promises';
import type { Problem } from '../share/desired.ts';
import { count } from '../share/words.ts';
import * as log from './log.ts';
import { setExported } from './outputs.ts';
import { code } from './text.ts';

interface Exported {
  /** How many shares are in the file. Undefined when none was written. */
  shares?: number;
  problems: readonly Problem[];
  warnings: readonly Problem[];
}

/** @param file its path as people know it. @returns whether the step is green */
export async function reportExport(
  { shares, problems, warnings }: Exported,
  file: string,
  summaryPath: string | undefined,
): Promise<boolean> {
  for (const warning of warnings) log.warning(warning);
  for (const problem of problems) log.error(problem);
  if (shares === undefined) {
    log.line('Done: nothing. No file was written, and nothing was changed.');
    return false;
  }
  setExported();
  const leftOut =
    warnings.length === 0
      ? ''
      : ` But see to ${count(warnings.length, 'warning')} above first: with prune, apply deletes what a complete file leaves out.`;
  if (summaryPath) {
    await appendFile(summaryPath, `### ${count(shares, 'share')} written to ${code(file)}\n`).catch((error: unknown) =>
      log.warning({ message: `The job summary could not be written: ${String(error)}` }),
    );
  }
  log.line(
    `${count(shares, 'share')} written to ${file}. Look through it and commit it: a plan of it changes nothing.${leftOut}`,
  );
  return true;
}

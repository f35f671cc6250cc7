// The job summary, and the same report as a file for later steps.

import { randomUUID } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs'; // node:fs/promises would delay every run by 3 ms
import { dirname, join } from 'node:path';
import type { RunContext } from '../settings.ts';
import { warning } from './log.ts';

/** GitHub drops a summary over 1 MiB entirely. Anything else that the step writes to it counts, too. */
const SUMMARY_BYTES_MAX = 1_000_000;
/** A workflow may put the report into an issue, whose body can have 65,536 characters. */
const FILE_BYTES_MAX = 65_000;

/** Renders a report of at most this many bytes. */
type Render = (bytesMax: number) => string;

/** Without a runner's GITHUB_STEP_SUMMARY there is no summary to write. */
export function writeSummary({ summaryPath }: RunContext, render: Render): void {
  if (!summaryPath) return;
  try {
    appendFileSync(summaryPath, render(SUMMARY_BYTES_MAX));
  } catch (error) {
    warning({ message: `The job summary could not be written: ${String(error)}` });
  }
}

/** @returns the file's path; undefined if there is no folder for it, or it can't be written */
export function writeReportFile(run: RunContext, render: Render): string | undefined {
  const folder = folderOf(run);
  if (folder === undefined) return undefined;
  // The name is random, because other steps of the same job write reports, too.
  const path = join(folder, `cloudflare-share-report-${randomUUID().slice(0, 8)}.md`);
  try {
    writeFileSync(path, render(FILE_BYTES_MAX), { flag: 'wx' });
    return path;
  } catch (error) {
    warning({ message: `The report could not be written to a file: ${String(error)}` });
    return undefined;
  }
}

const folderOf = ({ tempPath, summaryPath }: RunContext): string | undefined =>
  tempPath || (summaryPath ? dirname(summaryPath) : undefined);

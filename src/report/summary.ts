// The job summary, and the same report as a file for later steps.

import { randomUUID } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunContext } from '../inputs/settings.ts';
import type { Report } from './contents.ts';
import { warning } from './log.ts';
import { renderReport } from './markdown.ts';

/** GitHub drops a summary over 1 MiB whole; other writes of the same step count too. */
const SUMMARY_BYTES_MAX = 1_000_000;
/** The body of an issue takes 65,536 characters, and a workflow may put the report into one. */
const FILE_BYTES_MAX = 65_000;

/** Without a runner's GITHUB_STEP_SUMMARY there is no summary to write. */
export async function writeSummary(report: Report): Promise<void> {
  const { summaryPath } = report.run;
  if (!summaryPath) return;
  try {
    await appendFile(summaryPath, renderReport(report, { bytesMax: SUMMARY_BYTES_MAX, details: true }));
  } catch (error) {
    warning({ message: `The job summary could not be written: ${String(error)}` });
  }
}

/** @returns the file's path; undefined where there is no folder for it, or it cannot be written */
export async function writeReportFile(report: Report): Promise<string | undefined> {
  const folder = folderOf(report.run);
  if (folder === undefined) return undefined;
  // Another step of the same job has its own.
  const path = join(folder, `cloudflare-share-report-${randomUUID().slice(0, 8)}.md`);
  try {
    await writeFile(path, renderReport(report, { bytesMax: FILE_BYTES_MAX, details: true }), { flag: 'wx' });
    return path;
  } catch (error) {
    warning({ message: `The report could not be written to a file: ${String(error)}` });
    return undefined;
  }
}

const folderOf = ({ tempPath, summaryPath }: RunContext): string | undefined =>
  tempPath || (summaryPath ? dirname(summaryPath) : undefined);

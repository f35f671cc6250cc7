// The job summary.

import { appendFile } from 'node:fs/promises';
import { warning } from './log.ts';
import { type Report, renderReport } from './markdown.ts';

/** GitHub drops a summary over 1 MiB whole; other writes of the same step count too. */
const BYTES_MAX = 1_000_000;

/** @param path the runner's GITHUB_STEP_SUMMARY; without one there is no summary to write */
export async function writeSummary(report: Report, path: string | undefined): Promise<void> {
  if (!path) return;
  try {
    await appendFile(path, renderReport(report, { bytesMax: BYTES_MAX, details: true }));
  } catch (error) {
    warning({ message: `The job summary could not be written: ${String(error)}` });
  }
}

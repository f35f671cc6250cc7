// Reports a run, and returns what it wrote to the log and to the files for outputs and summary.

import { existsSync, readFileSync } from 'node:fs';
import { Step } from '../../simulator/runner.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import type { Report } from '../../src/report/contents.ts';
import { type ReportSettings, reportRun } from '../../src/report/report.ts';
import type { GithubSettings } from '../../src/settings.ts';

export const NO_GITHUB: GithubSettings = {
  token: '',
  apiUrl: 'http://127.0.0.1:9',
  graphqlUrl: 'http://127.0.0.1:9/graphql',
  repository: 'owner/repo',
  merge: { kind: 'push', commits: [] },
  writer: {},
};
/** The settings of a report without a comment. */
export const SETTINGS: ReportSettings = { github: NO_GITHUB, review: () => import('../../src/review/marker.ts') };

/** Calls a function with a step's files and standard output in place of this process's own. */
export async function inStep<T>(act: (step: { folder: string; summaryPath: string }) => Promise<T> | T) {
  const step = new Step();
  const before = { ...process.env };
  const write = process.stdout.write;
  let log = '';
  const environment = step.environment({});
  Object.assign(process.env, environment);
  process.stdout.write = ((text: string) => {
    log += text;
    return true;
  }) as typeof write;
  let value: T;
  try {
    value = await act({ folder: step.folder, summaryPath: environment.GITHUB_STEP_SUMMARY as string });
  } finally {
    process.stdout.write = write;
    for (const name of Object.keys(environment)) delete process.env[name];
    Object.assign(process.env, before);
  }
  const { outputs, summary } = step.finish(0, log);
  const lines = log.split(/\r?\n/).filter((line) => line !== '');
  const of = (level: string): string[] => lines.filter((line) => line.startsWith(`::${level}`)).map(decoded);
  return { value, outputs, summary, lines, errors: of('error'), warnings: of('warning'), notices: of('notice') };
}

const decoded = (line: string): string =>
  line
    .replace(/^::\w+ ?/, '')
    .replace(/^::/, '')
    .replace(/%0A/g, '\n')
    .replace(/%3A/g, ':')
    .replace(/%2C/g, ',')
    .replace(/%25/g, '%');

export async function runReport(
  report: Report,
  settings: Partial<ReportSettings> = {},
  signal = new AbortController().signal,
  clock: Clock = systemClock,
) {
  let file: string | undefined;
  const ran = await inStep(async ({ folder, summaryPath }) => {
    const green = await reportRun(
      { ...report, run: { ...report.run, tempPath: folder, summaryPath } },
      { ...SETTINGS, ...settings },
      signal,
      clock,
    );
    const path = /report-file<<.*\n(.*)\n/.exec(readFileSync(process.env.GITHUB_OUTPUT as string, 'utf8'))?.[1];
    if (path && existsSync(path)) file = readFileSync(path, 'utf8');
    return green;
  });
  return { ...ran, green: ran.value, file };
}

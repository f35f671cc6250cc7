// The problems of all shares. The same cause is one problem, however many shares it affects. Pure.

import { withNames } from '../share/names.ts';
import { nameOfShare, problemsOf, type ShareOutcome } from '../share/outcome.ts';
import type { Problem, ProblemKind } from '../share/problem.ts';
import { count, sharesWords } from '../share/words.ts';
import { isOfMany, placeOfShare, type Report } from './contents.ts';
import { driftWords } from './outcome-words.ts';

/** Removes duplicates, such as two problems from one YAML anchor that two shares use. */
export function unrepeated(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ message, place }) => {
    // Two missing keys have the same position, that of their parent. The last key distinguishes them.
    const key = place?.label.replace(/.*\./, '').replace(/\[\d+\]/, '');
    const where = place?.line === undefined ? place?.label : `${place.file}:${place.line}:${place.column}:${key}`;
    const identity = JSON.stringify([message, where]);
    return !seen.has(identity) && seen.add(identity);
  });
}

/** A problem, and the shares that have it. */
export interface MergedProblem {
  problem: Problem;
  of: readonly ShareOutcome[];
}

/** Failures and refusals, without drift. Problems of several shares come first. */
export const failuresOf = (report: Pick<Report, 'outcomes' | 'names' | 'inputProblems'>): MergedProblem[] => [
  ...unrepeated(report.inputProblems).map((problem) => ({ problem, of: [] })),
  ...merged(report, (outcome) => problemsOf(outcome).filter(({ kind }) => kind !== 'drift')),
];

export const warningsOf = (report: Pick<Report, 'outcomes' | 'names'>): MergedProblem[] =>
  merged(report, ({ warnings }) => warnings);

/** A problem for each share with drift. */
export const driftsOf = ({ outcomes, source, names }: Report): MergedProblem[] =>
  outcomes.flatMap((outcome) => {
    const problem = outcome.problems.find(({ kind }) => kind === 'drift');
    if (!problem) return [];
    const message = outcome.plan
      ? `Drift: ${driftWords(outcome, source, names)}. Nothing was changed (mode: plan)`
      : problem.message;
    const place = problem.place ?? placeOfShare(outcome, source);
    return [{ problem: { message, kind: 'drift' as const, place }, of: [outcome] }];
  });

// Every response has its own CF-Ray. Messages that differ only in the CF-Ray have the same cause.
const causeOf = (message: string): string => message.replace(/ \[CF-Ray [^\]]*\]/g, '');

function merged(
  { outcomes, names }: Pick<Report, 'outcomes' | 'names'>,
  problemsIn: (outcome: ShareOutcome) => readonly Problem[],
): MergedProblem[] {
  const found = new Map<string, { problem: Problem; of: ShareOutcome[] }>();
  for (const outcome of outcomes) {
    for (const problem of unrepeated(problemsIn(outcome))) {
      const message = withNames(problem.message, names, nameOfShare(outcome));
      // The same mistake in two places is two problems, because each place has to be corrected.
      const key = JSON.stringify([causeOf(message), problem.place?.label ?? '', problem.place?.line]);
      const known = found.get(key);
      if (known) known.of.push(outcome);
      else found.set(key, { problem: { ...problem, message }, of: [outcome] });
    }
  }
  return [...found.values()].sort((a, b) => Number(b.of.length > 1) - Number(a.of.length > 1));
}

/**
 * The problem as an annotation, with the names of its shares (unless the run is about only one) and its place in the
 * file.
 */
export function annotationOf({ problem, of }: MergedProblem, { source }: Pick<Report, 'source'>): Problem {
  const message =
    isOfMany({ source }) && of.length > 0 ? `${sharesWords(of.map(nameOfShare))}: ${problem.message}` : problem.message;
  if (problem.place || source.kind !== 'config') return { ...problem, message };
  const [only, other] = of;
  const place = only && !other ? placeOfShare(only, source) : { file: source.file };
  return { ...problem, message, place: { ...place, label: '' } };
}

export const NOTHING_SENT = 'Nothing was sent to Cloudflare, and nothing was changed.';

/** Why nothing was planned: invalid inputs, no reviewed plan, a cancelled job, or names that can't be looked up. */
export function whyNotStarted(problems: readonly Problem[], where: string): string {
  const all = (...kinds: ProblemKind[]): boolean => problems.every(({ kind }) => kind && kinds.includes(kind));
  if (all('not-reviewed', 'github')) return 'There is no reviewed plan to apply';
  if (all('cancelled')) return 'The job was cancelled';
  return all('cloudflare') ? "Names can't be looked up" : `${count(problems.length, 'problem')} with ${where}`;
}

export const nothingDone = ({ lookedUp }: Pick<Report, 'lookedUp'>): string =>
  lookedUp ? 'Nothing was changed.' : NOTHING_SENT;

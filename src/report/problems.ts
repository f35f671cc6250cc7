// What went wrong over all shares: one cause is one problem, whatever number of shares it hit. Pure.

import type { Problem } from '../share/desired.ts';
import type { ShareOutcome } from '../share/outcome.ts';
import { count, quoted } from '../share/words.ts';
import type { Report } from './contents.ts';
import { withNamesIn } from './names.ts';
import { driftWords, nameOfShare, problemsOf } from './outcome-words.ts';

/** The same said twice (of an anchor that two shares use, say) is said once. */
export function unrepeated(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ message, place }) => {
    // What is missing has the position of what it is missing in: the last key tells the one from the other.
    const key = place?.label.replace(/^.*\./, '').replace(/\[\d+\]$/, '');
    const where = place?.line === undefined ? place?.label : `${place.file}:${place.line}:${place.column}:${key}`;
    const said = JSON.stringify([message, where]);
    return !seen.has(said) && seen.add(said);
  });
}

/** A problem, and the shares that it is of. */
export interface Found {
  problem: Problem;
  shares: readonly string[];
}

const SHARES_NAMED = 3;

/** What went wrong or is refused, the most widely felt first; drift is not among it. */
export const failuresOf = (report: Pick<Report, 'outcomes' | 'names' | 'inputProblems'>): Found[] => [
  ...unrepeated(report.inputProblems ?? []).map((problem) => ({ problem, shares: [] })),
  ...merged(report, (outcome) => problemsOf(outcome).filter(({ kind }) => kind !== 'drift')),
];

export const warningsOf = (report: Pick<Report, 'outcomes' | 'names'>): Found[] =>
  merged(report, ({ warnings }) => warnings);

/** A problem for each share that is other than written. */
export const driftsOf = ({ outcomes, source, names }: Report): Found[] =>
  outcomes.flatMap((outcome) => {
    const problem = outcome.problems.find(({ kind }) => kind === 'drift');
    if (!problem) return [];
    const { plan, desired } = outcome;
    const place = problem.place ?? desired.placeOf(['name']);
    const message = plan
      ? `Drift: ${driftWords(plan, source, names)}. Nothing was changed (mode: plan)`
      : problem.message;
    return [{ problem: { message, kind: 'drift' as const, place }, shares: [nameOfShare(outcome)] }];
  });

// Each answer has its own ray: two that differ in nothing else have one cause.
const causeOf = (message: string): string => message.replace(/ \[CF-Ray [^\]]*\]/g, '');

function merged(
  { outcomes, names }: Pick<Report, 'outcomes' | 'names'>,
  of: (outcome: ShareOutcome) => readonly Problem[],
): Found[] {
  const found = new Map<string, { problem: Problem; shares: string[] }>();
  for (const outcome of outcomes) {
    const share = nameOfShare(outcome);
    for (const problem of unrepeated(of(outcome))) {
      const message = withNamesIn(problem.message, names, share);
      // What was written at a place of its own is mended there, even if it is the same at another.
      const key = JSON.stringify([causeOf(message), problem.place?.label ?? '', problem.place?.line]);
      const known = found.get(key);
      if (known) known.shares.push(share);
      else found.set(key, { problem: { ...problem, message }, shares: [share] });
    }
  }
  return [...found.values()].sort((a, b) => Number(b.shares.length > 1) - Number(a.shares.length > 1));
}

/** `"Baseline", "WAF" and 3 others` */
export function sharesWords(shares: readonly string[], written: (name: string) => string = quoted): string {
  const more = shares.length - SHARES_NAMED;
  return `${shares.slice(0, SHARES_NAMED).map(written).join(', ')}${more > 0 ? ` and ${count(more, 'other')}` : ''}`;
}

/** The problem with the shares' names before it, unless there is one share alone. */
export function withShares({ problem, shares }: Found, many: boolean): Problem {
  if (!many || shares.length === 0) return problem;
  return { ...problem, message: `${sharesWords(shares)}: ${problem.message}` };
}

// How many shares there are of each outcome. Pure.

import type { ShareOutcome } from '../share/outcome.ts';
import { extrasIn } from '../share/plan.ts';
import { type Standing, standingOf } from './outcome.ts';

/** A number, and what it is the number of. */
export type Counts = readonly (readonly [n: number, words: string])[];

const number = (outcomes: readonly ShareOutcome[], standing: Standing): number =>
  outcomes.filter((outcome) => standingOf(outcome) === standing).length;

/** What a plan would do to shares: what is taken away first. What is refused is not among it. */
export function planCounts(outcomes: readonly ShareOutcome[]): Counts {
  const more = outcomes.filter((each) => standingOf(each) === 'none' && each.plan && extrasIn(each.plan) > 0).length;
  const counts: Counts = [
    [number(outcomes, 'delete'), 'to delete'],
    [number(outcomes, 'replace'), 'to replace'],
    [number(outcomes, 'create'), 'to create'],
    [number(outcomes, 'update'), 'to update'],
    [number(outcomes, 'none'), more > 0 ? `without change (${more} with more than is listed)` : 'without change'],
    [number(outcomes, 'unlisted'), 'not in the file'],
  ];
  return counts.filter(([n]) => n > 0);
}

/** What came of shares. Those that failed are not among them. */
export const outcomeCounts = (outcomes: readonly ShareOutcome[]): Counts =>
  (['created', 'updated', 'replaced', 'deleted', 'unchanged', 'unlisted'] as const)
    .map((standing) => [number(outcomes, standing), standing === 'unlisted' ? 'not in the file' : standing] as const)
    .filter(([n]) => n > 0);

/** `1 to delete, 2 to update` */
export const countsWords = (counts: Counts): string =>
  counts.map(([n, words]) => `${n} ${words}`).join(', ') || 'nothing was done';

// How many shares there are of each outcome. Pure.

import type { ShareOutcome } from '../share/outcome.ts';
import { extrasIn } from '../share/plan.ts';
import { type Result, resultOf } from './outcome-words.ts';

/** A number, and what it is the number of. */
export type Counts = readonly (readonly [n: number, words: string])[];

const number = (outcomes: readonly ShareOutcome[], result: Result): number =>
  outcomes.filter((outcome) => resultOf(outcome) === result).length;

/** What a plan would do: deletions first. Refused shares are not counted. */
export function planCounts(outcomes: readonly ShareOutcome[]): Counts {
  const more = outcomes.filter((each) => resultOf(each) === 'none' && each.plan && extrasIn(each.plan) > 0).length;
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

/** What was done. Failed shares are not counted. */
export const outcomeCounts = (outcomes: readonly ShareOutcome[]): Counts =>
  (['created', 'updated', 'replaced', 'deleted', 'unchanged', 'unlisted'] as const)
    .map((result) => [number(outcomes, result), result === 'unlisted' ? 'not in the file' : result] as const)
    .filter(([n]) => n > 0);

/** `1 to delete, 2 to update` */
export const countsWords = (counts: Counts): string =>
  counts.map(([n, words]) => `${n} ${words}`).join(', ') || 'nothing was done';

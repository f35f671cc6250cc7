// The gate between plan and apply. With `reviewed-plan`, a run does nothing that wasn't reviewed.

import type { Clock } from '../clock.ts';
import { cutAt } from '../secrets.ts';
import type { Settings } from '../settings.ts';
import type { WrittenShare } from '../share/desired.ts';
import type { SharePlan } from '../share/plan.ts';
import type { Objection, Problem } from '../share/problem.ts';
import {
  type Gate,
  type ProposedPlan,
  type Reviewed,
  type Unreviewed,
  unreviewed,
  unreviewedWords,
} from '../share/review.ts';
import { sameId, sameName } from '../share/share.ts';
import { count } from '../share/words.ts';
import { NoReviewedPlan } from './no-reviewed-plan.ts';

/** GitHub shows ten annotations per step: this many problems, and one annotation that counts the others. */
const NAMED_MAX = 9;

type GateSettings = Pick<Settings, 'accountId' | 'desired' | 'github' | 'reviewedPlan'>;

/** The reviewed plan of a run. */
export interface Review {
  /** Objects to what wasn't reviewed. */
  gate: Gate;
  /** The merged pull requests that the plan comes from, which get the result. */
  pullRequests?: readonly number[];
}

/**
 * Reads the reviewed plan. Must be called before the first write.
 * @param markerOf returns the beginning of a plan's comment on the pull request
 * @returns undefined if `reviewed-plan` isn't set; a problem if the reviewed plan can't be read
 */
export async function readReview(
  settings: GateSettings,
  markerOf: () => string | Promise<string>,
  clock: Clock,
  cancelled: AbortSignal,
): Promise<Review | (Pick<Review, 'pullRequests'> & { problem: Problem }) | undefined> {
  if (settings.reviewedPlan === undefined) return undefined;
  try {
    const { reviewed: allowed, ...from } = await readReviewed(
      settings,
      settings.reviewedPlan,
      markerOf,
      clock,
      cancelled,
    );
    const wordsOf = unreviewedWords(cutAt, settings.accountId);
    const objectionTo = (plan: ProposedPlan): Objection | undefined => {
      const [first] = unreviewed(plan, allowed);
      return first && { message: `${NOT_REVIEWED}: ${wordsOf(first)}. ${WHAT_TO_DO}`, kind: 'not-reviewed' };
    };
    return {
      ...from,
      gate: (plans) => {
        const found = plans.map((plan) => unreviewed(plan, allowed));
        return problemsFor(found, settings.desired, wordsOf).map((objections) => ({ objections, objectionTo }));
      },
    };
  } catch (error) {
    if (!(error instanceof NoReviewedPlan)) throw error;
    const { message, kind, pullRequests } = error;
    return { problem: { message, kind }, ...(settings.reviewedPlan.kind === 'pull-request' ? { pullRequests } : {}) };
  }
}

const NOT_REVIEWED = 'Not in the reviewed plan';
const WHAT_TO_DO = 'Plan again, and have the new plan reviewed';

async function readReviewed(
  settings: GateSettings,
  from: NonNullable<Settings['reviewedPlan']>,
  markerOf: () => string | Promise<string>,
  clock: Clock,
  cancelled: AbortSignal,
): Promise<{ reviewed: Reviewed; pullRequests?: readonly number[] }> {
  // Few runs need either of them, and the others start faster without them.
  if (from.kind === 'file') {
    const { readPlanFile } = await import('./plan-file.ts');
    return { reviewed: await readPlanFile(from.path, settings.accountId) };
  }
  const { readReviewedPlan } = await import('./pull-request.ts');
  return readReviewedPlan(settings, await markerOf(), clock, cancelled);
}

/** A problem for each of the first few differences, and one that counts the others. */
function problemsFor(
  found: readonly (readonly Unreviewed[])[],
  desired: readonly WrittenShare[],
  wordsOf: (what: Unreviewed) => string,
): Problem[][] {
  const all = found.flat();
  const named = new Set(all.slice(0, NAMED_MAX));
  const next = all[NAMED_MAX];
  return found.map((ofPlan) => {
    const problems = ofPlan
      .filter((each) => named.has(each))
      .map((each) => problemOf(each.plan, desired, wordsOf(each)));
    if (!ofPlan.some((each) => each === next)) return problems;
    const left = all.length - NAMED_MAX;
    const message = `${count(left, 'more step')} (of ${all.length}) ${left === 1 ? 'is' : 'are'} not in the reviewed plan. Nothing was changed. ${WHAT_TO_DO}`;
    return [...problems, { message, kind: 'not-reviewed' }];
  });
}

function problemOf(plan: SharePlan, desired: readonly WrittenShare[], what: string): Problem {
  const place = placeOf(plan, desired);
  return {
    message: `${NOT_REVIEWED}: ${what}. Nothing was changed. ${WHAT_TO_DO}`,
    kind: 'not-reviewed',
    ...(place ? { place: { ...place, label: '' } } : {}),
  };
}

/** Where the share was written. A share that isn't in the file has no place. */
const placeOf = (
  { name, share_id }: SharePlan,
  desired: readonly WrittenShare[],
): ReturnType<WrittenShare['placeOf']> | undefined =>
  desired
    .find((each) => (each.shareId === undefined ? sameName(each.name, name) : sameId(each.shareId, share_id)))
    ?.placeOf(['name']);

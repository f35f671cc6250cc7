// The gate between plan and apply. With `reviewed-plan`, only reviewed steps are applied.

import type { Settings } from '../inputs/settings.ts';
import type { Problem, WrittenShare } from '../share/desired.ts';
import type { SharePlan } from '../share/plan.ts';
import { type Reviewed, type ReviewStep, unreviewed } from '../share/review.ts';
import { idKey } from '../share/share.ts';
import { count } from '../share/words.ts';
import { NoReviewedPlan } from './no-reviewed-plan.ts';

/** GitHub shows ten annotations of a step: these, and one that says how many there are. */
const STEPS_NAMED = 9;

type Held = Pick<Settings, 'accountId' | 'desired' | 'github' | 'reviewedPlan'>;

/** The reviewed plan of a run, as checks of other plans. */
interface Review {
  /** The steps of these plans that were not reviewed. Unless it is empty, nothing may be written. */
  objections: (plans: readonly SharePlan[]) => readonly Problem[];
  /** The first such step of one plan that the run made while applying. */
  objectionTo: (plan: SharePlan) => string | undefined;
}

/**
 * Reads the reviewed plan. To be called before the first write.
 * @param markerOf gives how the comment on the pull request begins
 * @returns undefined when `reviewed-plan` is not set; a problem when the reviewed plan cannot be read
 */
export async function readReview(
  settings: Held,
  markerOf: () => string | Promise<string>,
  cancelled: AbortSignal,
): Promise<Review | { problem: Problem } | undefined> {
  if (settings.reviewedPlan === undefined) return undefined;
  try {
    const allowed = await readReviewed(settings, settings.reviewedPlan, markerOf, cancelled);
    return {
      objections: (plans) =>
        problemsOf(
          plans.flatMap((plan) => unreviewed([plan], allowed).map((step) => ({ plan, step }))),
          settings.desired,
        ),
      objectionTo: (plan) => {
        const [first] = unreviewed([plan], allowed);
        return first === undefined ? undefined : notReviewed(first);
      },
    };
  } catch (error) {
    if (error instanceof NoReviewedPlan) return { problem: { message: error.message, kind: 'refusal' } };
    throw error;
  }
}

const notReviewed = ({ words }: ReviewStep): string =>
  `Not in the reviewed plan: ${words}. Plan again, and have that plan reviewed`;

async function readReviewed(
  settings: Held,
  from: NonNullable<Settings['reviewedPlan']>,
  markerOf: () => string | Promise<string>,
  cancelled: AbortSignal,
): Promise<Reviewed> {
  // Few runs need either: the others start sooner without.
  if (from.kind === 'file') {
    const { readPlanFile } = await import('./plan-file.ts');
    return readPlanFile(from.path, settings.accountId);
  }
  const { readReviewedPlan } = await import('./pull-request.ts');
  return readReviewedPlan(settings, await markerOf(), cancelled);
}

function problemsOf(
  found: readonly { plan: SharePlan; step: ReviewStep }[],
  desired: readonly WrittenShare[],
): Problem[] {
  const problems = found.slice(0, STEPS_NAMED).map(({ plan, step }): Problem => {
    const place = placeOf(plan, desired);
    return {
      message: notReviewed(step),
      kind: 'refusal',
      ...(place ? { place: { ...place, label: '' } } : {}),
    };
  });
  const left = found.length - problems.length;
  if (left <= 0) return problems;
  return [
    ...problems,
    { message: `${count(left, 'more step')} of ${found.length} not in the reviewed plan`, kind: 'refusal' },
  ];
}

/** Where the share was written. A share that no file lists has no place. */
const placeOf = (
  { name, share_id }: SharePlan,
  desired: readonly WrittenShare[],
): ReturnType<WrittenShare['placeOf']> | undefined =>
  desired
    .find((each) =>
      each.shareId === undefined ? each.name === name : share_id !== null && idKey(each.shareId) === idKey(share_id),
    )
    ?.placeOf(['name']);

// The brake on `prune`. A truncated file, an empty anchor or a pattern that suddenly matches little must not revoke
// everything, so a run removes only part of what exists unless somebody has reviewed the plan. Pure.

import type { DesiredShare, Objection } from './desired.ts';
import { type ItemKind, itemsOf, itemsWith } from './plan-items.ts';
import type { ProposedPlan } from './review.ts';
import { idKey } from './share.ts';

/** Fewer removals than this are never too many: a small share can change as a whole. */
const REMOVALS_MIN = 10;

/**
 * What `prune` would remove beyond the limit: at least 10 of one kind, and a larger part than the limit of those that exist.
 * Each kind counts over all shares. What `state: absent`, `mode: delete` or `replace` removes was asked for, so it doesn't
 * count.
 *
 * @param limit the largest part of what exists that `prune` may remove, from 0 to 1
 * @param desired the listed shares. Other plans are of shares that a complete file doesn't list
 * @returns the problems of each plan, in the order of the plans. All plans that remove items of a kind have the same one
 */
export function removalsOver(
  plans: readonly ProposedPlan[],
  limit: number,
  desired: readonly Pick<DesiredShare, 'name' | 'shareId'>[],
): Objection[][] {
  const names = new Set(desired.map(({ name }) => name));
  const ids = new Set(desired.flatMap(({ shareId }) => (shareId === undefined ? [] : [idKey(shareId)])));
  const isListed = ({ plan }: ProposedPlan): boolean =>
    names.has(plan.name) || (plan.share_id !== null && ids.has(idKey(plan.share_id)));
  const counts: Record<ItemKind | 'share', Count[]> = {
    recipient: plans.map((each) => (isListed(each) ? countOf('recipient', each) : NONE)),
    resource: plans.map((each) => (isListed(each) ? countOf('resource', each) : NONE)),
    exclusion: plans.map((each) => (isListed(each) ? countOf('exclusion', each) : NONE)),
    share: plans.map((each) => ({
      removed: !isListed(each) && each.plan.action === 'delete' ? 1 : 0,
      existing: each.plan.share_id === null ? 0 : 1,
    })),
  };
  const overrun = (Object.keys(counts) as (keyof typeof counts)[]).flatMap((kind) => {
    const problem = problemOf(kind, counts[kind], limit);
    return problem ? [{ problem, of: counts[kind] }] : [];
  });
  return plans.map((_, i) => overrun.flatMap(({ problem, of }) => (of[i]?.removed ? [problem] : [])));
}

/**
 * The brake of one run. A plan that is made while applying counts with the announced plans of the other shares: a list that
 * lagged, or somebody else, can lead it to a share that was not there when the run began.
 */
export function brakeOf(limit: number, desired: Parameters<typeof removalsOver>[2]) {
  let announced: readonly ProposedPlan[] = [];
  return {
    objections(plans: readonly ProposedPlan[]): Objection[][] {
      announced = plans;
      return removalsOver(plans, limit, desired);
    },
    objectionTo(proposed: ProposedPlan): Objection | undefined {
      const others = announced.filter(({ plan }) => plan.name !== proposed.plan.name);
      return removalsOver([proposed, ...others], limit, desired)[0]?.[0];
    },
  };
}

interface Count {
  removed: number;
  existing: number;
}

const NONE: Count = { removed: 0, existing: 0 };

function countOf(kind: ItemKind, { plan, before }: ProposedPlan): Count {
  // The only other removals are those of a replacement.
  if (plan.action !== 'update' && plan.action !== 'none') return NONE;
  const { audience, resources } = before;
  const existing = {
    recipient: 'accounts' in audience ? audience.accounts.length : 0,
    resource: resources.length,
    exclusion: 'except' in audience ? (audience.except?.length ?? 0) : 0,
  };
  return { removed: itemsWith(itemsOf(plan), kind, 'remove').length, existing: existing[kind] };
}

function problemOf(kind: ItemKind | 'share', counts: readonly Count[], limit: number): Objection | undefined {
  const removed = counts.reduce((sum, each) => sum + each.removed, 0);
  const existing = counts.reduce((sum, each) => sum + each.existing, 0);
  // The quotient is rounded as the limit was, so 29 of 100 are not more than 29%.
  if (removed < REMOVALS_MIN || removed / existing <= limit) return undefined;
  const where = kind === 'share' ? 'that the account sends' : 'in the listed shares';
  return {
    message: `prune would remove ${removed} of the ${existing} ${kind}s ${where}, but removal-limit is ${percent(limit)}. If you want that, raise removal-limit, or apply a reviewed plan (reviewed-plan)`,
    kind: 'refusal',
  };
}

const percent = (part: number): string => `${Number((part * 100).toFixed(6))}%`;

// The limit on removals by `prune`. A truncated file, an empty anchor or a pattern that suddenly matches little must
// not revoke everything, so a run removes only some of the existing items unless somebody has reviewed the plan. Pure.

import type { DesiredShare } from './desired.ts';
import { type ItemKind, itemsOf, itemsWith } from './plan.ts';
import type { Objection } from './problem.ts';
import type { Gate, ProposedPlan } from './review.ts';
import { listedIn } from './unlisted.ts';

/** Fewer removals than this are never too many, because a small share can change as a whole. */
const REMOVALS_MIN = 10;

/**
 * The gate that keeps a run within the limit on what `prune` can remove. It objects if a run would remove at least 10
 * items of one kind, and these are a larger fraction of the existing items than `limit`. Each kind is counted across
 * all shares. Removals by `state: absent`, `mode: delete` or `replace` don't count, because they were requested. Plans
 * that remove items of one kind get the same objection.
 *
 * A plan that is made during apply counts together with the announced plans of the other shares, because a stale list
 * or another writer can lead the new plan to a share that the first plan didn't see.
 *
 * @param limit the largest fraction (0 to 1) of existing items that `prune` may remove
 * @param desired the listed shares. Plans for other shares are for unlisted shares of a complete file
 */
export function removalGateOf(limit: number, desired: Listed): Gate {
  const countsOf = counterOf(desired);
  return (plans) => {
    const counted = plans.map(countsOf);
    // Add up all plans only once: adding them up for each share would take longer than the requests.
    const total = counted.reduce(plus, NOTHING);
    const overrun = overrunOf(total, limit);
    return counted.map((counts) => ({
      objections: objectionsTo(counts, overrun),
      objectionTo: (later) => {
        const own = countsOf(later);
        return objectionsTo(own, overrunOf(plus(minus(total, counts), own), limit))[0];
      },
    }));
  };
}

type Listed = readonly Pick<DesiredShare, 'name' | 'previousName' | 'shareId'>[];

interface Count {
  removed: number;
  existing: number;
}

const KINDS = ['recipient', 'resource', 'exclusion', 'share'] as const;
type Kind = (typeof KINDS)[number];
type Counts = Readonly<Record<Kind, Count>>;

const NONE: Count = { removed: 0, existing: 0 };

const countsBy = (count: (kind: Kind) => Count): Counts => ({
  recipient: count('recipient'),
  resource: count('resource'),
  exclusion: count('exclusion'),
  share: count('share'),
});

const NOTHING = countsBy(() => NONE);

const combined = (a: Counts, b: Counts, sign: 1 | -1): Counts =>
  countsBy((kind) => ({
    removed: a[kind].removed + sign * b[kind].removed,
    existing: a[kind].existing + sign * b[kind].existing,
  }));
const plus = (a: Counts, b: Counts): Counts => combined(a, b, 1);
const minus = (a: Counts, b: Counts): Counts => combined(a, b, -1);

/** Counts what a plan would remove, and what exists. */
function counterOf(desired: Listed): (proposed: ProposedPlan) => Counts {
  const listed = listedIn(desired);
  return (proposed) => {
    const { plan } = proposed;
    const isListed = listed.has({ id: plan.share_id, name: plan.name });
    return countsBy((kind) => {
      if (kind !== 'share') return isListed ? countOf(kind, proposed) : NONE;
      return {
        removed: !isListed && plan.action === 'delete' ? 1 : 0,
        existing: plan.share_id === null ? 0 : 1,
      };
    });
  };
}

function countOf(kind: ItemKind, { plan, before }: ProposedPlan): Count {
  // Replacements and deletions also remove items, but not because of `prune`.
  if (plan.action !== 'update' && plan.action !== 'none') return NONE;
  const { audience, resources } = before;
  const existing = {
    recipient: 'accounts' in audience ? audience.accounts.length : 0,
    resource: resources.length,
    exclusion: 'except' in audience ? (audience.except?.length ?? 0) : 0,
  };
  return { removed: itemsWith(itemsOf(plan), kind, 'remove').length, existing: existing[kind] };
}

/** The kinds that exceed the limit. */
type Overrun = { kind: Kind; objection: Objection }[];

const overrunOf = (total: Counts, limit: number): Overrun =>
  KINDS.flatMap((kind) => {
    const objection = objectionOf(kind, total[kind], limit);
    return objection ? [{ kind, objection }] : [];
  });

const objectionsTo = (counts: Counts, overrun: Overrun): Objection[] =>
  overrun.flatMap(({ kind, objection }) => (counts[kind].removed > 0 ? [objection] : []));

function objectionOf(kind: Kind, { removed, existing }: Count, limit: number): Objection | undefined {
  // The quotient is rounded like the limit, so 29 of 100 doesn't exceed 29%.
  if (removed < REMOVALS_MIN || removed / existing <= limit) return undefined;
  const where = kind === 'share' ? 'that the account sends' : 'in the listed shares';
  return {
    message: `prune would remove ${removed} of the ${existing} ${kind}s ${where}, but removal-limit is ${percent(limit)}. If this is intended, raise removal-limit or apply a reviewed plan (reviewed-plan)`,
    kind: 'refusal',
  };
}

const percent = (part: number): string => `${Number((part * 100).toFixed(6))}%`;

// What to do, as data: the steps of a decision and, for an update, its requests in phases, in the order in which they
// can be sent.
//
// During an update, no recipient must see anything that it sees neither before nor after the update. So recipients are
// removed before resources are added: a leaving recipient must not see a new resource. And recipients are added after
// resources are removed: a joining recipient must not see an old one. New resources are added before old ones are
// removed, so that remaining recipients have no gap.
//
// The first rule takes priority. A single request sets all exclusions, so if it both excludes and includes accounts, old
// resources are removed before it and new ones are added after it. Then the remaining accounts have a gap: they briefly
// have neither. Only if no resource stays are new ones added first, because a share needs at least one.
//
// The rename comes first, because it finishes an election.

import type { Decision } from './decide.ts';
import { type ItemKind, type ItemOp, isChange, itemsOf, itemsWith, type PlanItem } from './plan.ts';
import type { ExclusionItem, RecipientItem, ResourceItem } from './share.ts';
import { deletingTemporary, type Step } from './steps.ts';

/** The steps from here to the desired state, as far as known. */
export function stepsAhead(decision: Decision): Step[] {
  const { plan, found } = decision;
  const shareId = plan.share_id as string;
  switch (plan.action) {
    case 'create':
      return [{ kind: 'create', name: plan.name }];
    case 'replace':
      return [
        ...(found.election.successor ? [] : [{ kind: 'create', name: plan.name } as const]),
        { kind: 'delete-replaced', shareId },
        { kind: 'rename', name: plan.name },
      ];
    case 'delete':
      return [{ kind: 'delete', shareId }, ...found.election.losers.map(({ id }) => deletingTemporary(id))];
    default:
      return phasesOf(decision).flatMap((phase) => phase.flatMap(({ steps }) => steps));
  }
}

/** One request, and the steps that it completes. */
export type UpdateRequest = { steps: readonly Step[] } & (
  | { kind: 'rename'; name: string }
  | { kind: 'delete share'; id: string }
  | { kind: 'set recipients'; items: readonly RecipientItem[] }
  | { kind: 'add recipient'; item: RecipientItem }
  | { kind: 'remove recipient'; id: string }
  | { kind: 'set exclusions'; items: readonly ExclusionItem[] }
  | { kind: 'add resource'; item: ResourceItem }
  | { kind: 'update resource'; id: string; meta: unknown }
  | { kind: 'remove resource'; id: string }
);

/** Requests that can be sent at the same time. */
export type Phase = readonly UpdateRequest[];

/** The parts of a decision that an update needs. */
type Update = Pick<Decision, 'plan' | 'desired' | 'prune'> & {
  found: { election: Pick<Decision['found']['election'], 'losers'> };
};

/**
 * The phases of an `update` plan, without empty ones. Losers of the election are deleted as soon as the winner has the
 * name.
 */
export function phasesOf(decision: Update): Phase[] {
  const { plan, found } = decision;
  const { rename } = plan;
  const phases: Phase[] = [
    rename ? [{ kind: 'rename', name: rename.to, steps: [{ kind: 'rename', name: rename.to }] }] : [],
    found.election.losers.map(({ id }) => ({ kind: 'delete share', id, steps: [deletingTemporary(id)] })),
    ...inOrder(decision, itemsOf(plan)),
  ];
  return phases.filter((phase) => phase.length > 0);
}

const stepsOf = (items: readonly PlanItem[]): Step[] => items.map((change) => ({ kind: 'change', change }));

/** Remove recipients -> add, update, remove resources -> add recipients. */
function inOrder({ desired, prune }: Update, items: readonly PlanItem[]): Phase[] {
  const added = requestsFor(itemsFor(items, 'resource', 'add'));
  const updated = requestsFor(itemsFor(items, 'resource', 'update'));
  const removed = requestsFor(itemsFor(items, 'resource', 'remove'));
  const resourceStays = (desired.resources?.length ?? 0) > added.length;

  const excluded = excludedIn({ desired }, items);
  if (excluded.length > 0) {
    const excludes = itemsFor(items, 'exclusion', 'add').length > 0;
    const includes = itemsFor(items, 'exclusion', 'remove').length > 0;
    if (!excludes) return [added, updated, removed, excluded];
    // Newly included accounts must not see resources that are being removed, and newly excluded accounts must not see
    // new resources.
    return includes && resourceStays ? [removed, excluded, added, updated] : [excluded, added, updated, removed];
  }

  const leaves = itemsFor(items, 'recipient', 'remove');
  const joins = itemsFor(items, 'recipient', 'add');
  const wanted = desired.recipients ?? [];
  const touchesResources = added.length + updated.length + removed.length > 0;
  const recipientStays = wanted.length > joins.length;

  // One request sets the whole list. The list is always the desired one, so a request that the API applies late reverts
  // nothing.
  const whole = (changed: readonly PlanItem[]): Phase => [
    { kind: 'set recipients', items: wanted, steps: stepsOf(changed) },
  ];
  const joining = joins.length > 0 && prune ? whole(joins) : requestsFor(joins);

  if (leaves.length === 0) return [added, updated, removed, joining];
  if (joins.length === 0 || !touchesResources) return [whole([...leaves, ...joins]), added, updated, removed];
  if (recipientStays) return [requestsFor(leaves), added, updated, removed, joining];
  // No recipient stays, but a share needs one, so a single request replaces them all. New recipients must not see
  // resources that are being removed, so those are removed first. That requires a resource that stays, because a share
  // needs at least one. If none stays, new recipients briefly see the old resources.
  const change = whole([...leaves, ...joins]);
  return resourceStays ? [removed, change, added, updated] : [change, added, updated, removed];
}

const itemsFor = (items: readonly PlanItem[], kind: ItemKind, op: ItemOp): PlanItem[] =>
  items.filter((each) => each.kind === kind && each.op === op);

/** A request for each recipient or resource. Exclusions are set in one request. */
const requestsFor = (items: readonly PlanItem[]): Phase => items.flatMap(requestFor);

function requestFor(planned: PlanItem): UpdateRequest[] {
  const steps = stepsOf([planned]);
  switch (planned.kind) {
    case 'recipient':
      return planned.op === 'add'
        ? [{ kind: 'add recipient', item: planned.item, steps }]
        : [{ kind: 'remove recipient', id: planned.item.id, steps }];
    case 'resource': {
      if (planned.op === 'add') return [{ kind: 'add resource', item: planned.item, steps }];
      const { id } = planned.item;
      if (planned.op === 'update') return [{ kind: 'update resource', id, meta: planned.item.meta, steps }];
      return [{ kind: 'remove resource', id, steps }];
    }
    case 'exclusion':
      return [];
  }
}

/** One request sets the whole list of exclusions. It includes the unlisted ones that stay. */
function excludedIn({ desired: { exclude = [] } }: Pick<Update, 'desired'>, items: readonly PlanItem[]): Phase {
  const changes = items.filter((each) => each.kind === 'exclusion' && isChange(each));
  if (changes.length === 0) return [];
  const staying = itemsWith(items, 'exclusion', 'extra').map(({ account_id }) => ({ account_id }));
  return [{ kind: 'set exclusions', items: [...exclude, ...staying], steps: stepsOf(changes) }];
}

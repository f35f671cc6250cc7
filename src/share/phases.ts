// An update as data: phases of requests, in the order in which they may be sent.
//
// During an update nobody may see more than before it or after it. So recipients are removed before resources are added:
// a leaving recipient must not see a new resource. And recipients are added after resources are removed: a joining
// recipient must not see an old one. New resources come before old ones go, so that recipients who stay have no gap.
// The rename comes first: it finishes an election.

import type { DesiredShare } from './desired.ts';
import type { SharePlan } from './plan.ts';
import type { ExclusionItem, RecipientItem, ResourceItem, Share } from './share.ts';
import type { Step } from './steps.ts';

/** One request, and the steps that it takes. */
export type Change = { steps: readonly Step[] } & (
  | { request: 'rename'; name: string }
  | { request: 'delete share'; id: string }
  | { request: 'set recipients'; items: readonly RecipientItem[] }
  | { request: 'add recipient'; item: RecipientItem }
  | { request: 'remove recipient'; id: string }
  | { request: 'set exclusions'; items: readonly ExclusionItem[] }
  | { request: 'add resource'; item: ResourceItem }
  | { request: 'update resource'; id: string; meta: unknown }
  | { request: 'remove resource'; id: string }
);

/** Requests that may be sent at once. */
export type Phase = readonly Change[];

/**
 * The phases of an `update` plan, without empty ones.
 * @param losers temporary shares that lost the election: they go as soon as the winner has the name
 */
export function phasesOf(
  plan: SharePlan,
  desired: DesiredShare,
  { prune }: { prune: boolean },
  losers: readonly Share[] = [],
): Phase[] {
  const { rename, resources, exclusions } = plan;
  const added: Phase = resources.add.map((item) => ({
    request: 'add resource',
    item,
    steps: [{ kind: 'add', list: 'resource', item }],
  }));
  const updated: Phase = resources.update.map((r) => ({
    request: 'update resource',
    id: r.id,
    meta: r.meta,
    steps: [{ kind: 'update', list: 'resource', item: r }],
  }));
  const removed: Phase = resources.remove.map((r) => ({
    request: 'remove resource',
    id: r.id,
    steps: [{ kind: 'remove', list: 'resource', item: r }],
  }));
  const excluded = excludedIn(plan, desired);
  const excludesMore = (exclusions?.add.length ?? 0) > 0;

  const phases: Phase[] = [
    rename ? [{ request: 'rename', name: rename.to, steps: [{ kind: 'rename', name: rename.to }] }] : [],
    losers.map(
      ({ id }): Change => ({ request: 'delete share', id, steps: [{ kind: 'delete-temporary', shareId: id }] }),
    ),
    excludesMore ? excluded : [],
    ...inOrder(plan, desired, prune, { added, updated, removed }),
    excludesMore ? [] : excluded,
  ];
  return phases.filter((phase) => phase.length > 0);
}

interface ResourcePhases {
  added: Phase;
  updated: Phase;
  removed: Phase;
}

/** Remove recipients -> add, update, remove resources -> add recipients. */
function inOrder(
  { recipients, resources }: SharePlan,
  desired: DesiredShare,
  prune: boolean,
  { added, updated, removed }: ResourcePhases,
): Phase[] {
  const items = desired.recipients ?? [];
  const leaveSteps = recipients.remove.map((item): Step => ({ kind: 'remove', list: 'recipient', item }));
  const joinSteps = recipients.add.map((item): Step => ({ kind: 'add', list: 'recipient', item }));
  const leaves = leaveSteps.length > 0;
  const joins = joinSteps.length > 0;
  const touchesResources = added.length + updated.length + removed.length > 0;
  const recipientStays = items.length > recipients.add.length;
  const resourceStays = (desired.resources?.length ?? 0) > resources.add.length;

  // One request sets the whole list, always as desired. If the API carries it out late, it undoes nothing.
  const whole = (steps: readonly Step[]): Phase => [{ request: 'set recipients', items, steps }];
  const leaving: Phase = recipients.remove.map((r) => ({
    request: 'remove recipient',
    id: r.id,
    steps: [{ kind: 'remove', list: 'recipient', item: r }],
  }));
  const joining: Phase = !joins
    ? []
    : prune
      ? whole(joinSteps)
      : recipients.add.map((item) => ({
          request: 'add recipient',
          item,
          steps: [{ kind: 'add', list: 'recipient', item }],
        }));

  if (!leaves) return [added, updated, removed, joining];
  if (!joins || !touchesResources) return [whole([...leaveSteps, ...joinSteps]), added, updated, removed];
  if (recipientStays) return [leaving, added, updated, removed, joining];
  // No recipient stays, and a share needs one: a single request exchanges all of them. Who joins must not see resources
  // that go, so those go first. That needs a resource that stays, because a share needs one too. If none stays, new
  // recipients see the old resources for a moment.
  const change = whole([...leaveSteps, ...joinSteps]);
  return resourceStays ? [removed, change, added, updated] : [change, added, updated, removed];
}

/** One request sets the whole list of exclusions. It contains those that are not listed and stay. */
function excludedIn({ exclusions }: SharePlan, { exclude = [] }: DesiredShare): Phase {
  if (!exclusions || exclusions.add.length + exclusions.remove.length === 0) return [];
  const items = [...exclude, ...exclusions.extra.map(({ account_id }) => ({ account_id }))];
  const steps = [
    ...exclusions.add.map((item): Step => ({ kind: 'add', list: 'exclusion', item })),
    ...exclusions.remove.map((item): Step => ({ kind: 'remove', list: 'exclusion', item })),
  ];
  return [{ request: 'set exclusions', items, steps }];
}

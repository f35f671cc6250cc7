// What a plan means for recipients: who gains and loses what. Pure.

import type { DesiredShare } from './desired.ts';
import { failureIn, type ShareOutcome } from './outcome.ts';
import { accountOfItem, type ItemOf, itemsOf, itemsWith, type Reach, reachOf, type SharePlan } from './plan.ts';
import { accountOf, idKey, liveRecipients, type Recipient, type Share } from './share.ts';

/** In the order they are shown. `again`: gets the same resources from a new share. `change`: a `meta` changes. */
export const EFFECT_KINDS = ['lose', 'again', 'gain', 'change'] as const;
export type EffectKind = (typeof EFFECT_KINDS)[number];

export type Who =
  | { kind: 'accounts'; ids: readonly string[] }
  /** Every account of an organization (undefined: the owner's organization), except for `but` accounts. */
  | { kind: 'organization'; id: string | undefined; but: number }
  /** The share's recipients, which were not read. */
  | { kind: 'recipients' };

export interface Effect {
  kind: EffectKind;
  who: Who;
  /** The share itself, or some of its resources. */
  what: 'share' | readonly ItemOf<'resource', 'add' | 'update' | 'remove'>[];
}

/** What is known in addition to the plan: who has the share now. */
interface Known {
  desired: Pick<DesiredShare, 'recipients' | 'target'>;
  share?: Share;
  recipients?: readonly Recipient[];
}

export function effectsOf(plan: SharePlan, known: Known): Effect[] {
  const effects = { none: () => [], delete: deleting, create: creating, replace: replacing, update: updating };
  return effects[plan.action](plan, known).filter(({ who, what }) => !isNobody(who) && !isNothing(what));
}

const isNobody = (who: Who): boolean => who.kind === 'accounts' && who.ids.length === 0;
const isNothing = (what: Effect['what']): boolean => what !== 'share' && what.length === 0;

const accounts = (ids: readonly string[]): Who => ({ kind: 'accounts', ids });
const listed = (plan: SharePlan): string[] =>
  itemsWith(itemsOf(plan), 'recipient', 'add').flatMap((item) => accountOf(item) ?? []);
const leaving = (plan: SharePlan): string[] =>
  itemsWith(itemsOf(plan), 'recipient', 'remove').map(({ account_id }) => account_id);
const excluded = (plan: SharePlan): string[] =>
  itemsWith(itemsOf(plan), 'exclusion', 'add').map(({ account_id }) => account_id);
const without = (ids: readonly string[], others: readonly string[]): string[] => {
  const keys = new Set(others.map(idKey));
  return ids.filter((id) => !keys.has(idKey(id)));
};

/** The recipients that the plan adds: accounts, or a whole organization. */
function named(plan: SharePlan): Who {
  const added = itemsWith(itemsOf(plan), 'recipient', 'add');
  const organization = added.find((item) => accountOf(item) === undefined);
  if (!organization) return accounts(listed(plan));
  return { kind: 'organization', id: organization.organization_id, but: excluded(plan).length };
}

const creating = (plan: SharePlan): Effect[] => [{ kind: 'gain', who: named(plan), what: 'share' }];

function deleting(plan: SharePlan, known: Known): Effect[] {
  const who = everybody(known);
  // After the share is deleted, only the plan still lists its recipients.
  return [{ kind: 'lose', who: who.kind === 'organization' ? who : accountsOr(who, leaving(plan)), what: 'share' }];
}

const accountsOr = (who: Who, ids: readonly string[]): Who => (ids.length > 0 ? accounts(ids) : who);

function replacing(plan: SharePlan, { share }: Known): Effect[] {
  const who = named(plan);
  if (who.kind !== 'accounts') {
    const stay = without(leaving(plan), excluded(plan));
    return [
      { kind: 'lose', who: accounts(without(leaving(plan), stay)), what: 'share' },
      { kind: 'again', who: accounts(stay), what: 'share' },
      { kind: 'gain', who, what: 'share' },
    ];
  }
  // A share with accounts is never replaced by one with accounts, so the old share is with the organization. All of its
  // accounts lose the share, except the listed ones.
  return [
    { kind: 'lose', who: { kind: 'organization', id: share?.organization_id, but: who.ids.length }, what: 'share' },
    { kind: 'again', who, what: 'share' },
  ];
}

function updating(plan: SharePlan, known: Known): Effect[] {
  const items = itemsOf(plan);
  const stay = staying(plan, known);
  // An account loses the share when its exclusion is added, and gets the share back when the exclusion is lifted.
  const accountsWith = (reach: Reach): Who =>
    accounts(items.flatMap((each) => (reachOf(each) === reach ? (accountOfItem(each) ?? []) : [])));
  return [
    { kind: 'lose', who: accountsWith('less'), what: 'share' },
    { kind: 'lose', who: stay, what: itemsWith(items, 'resource', 'remove') },
    { kind: 'gain', who: accountsWith('more'), what: 'share' },
    { kind: 'gain', who: stay, what: itemsWith(items, 'resource', 'add') },
    { kind: 'change', who: stay, what: itemsWith(items, 'resource', 'update') },
  ];
}

/** Who has the share now. */
function everybody({ share, recipients, desired }: Known): Who {
  if (share?.target_type === 'organization' || desired.target === 'organization')
    return { kind: 'organization', id: share?.organization_id, but: 0 };
  if (recipients !== undefined) return accounts(liveRecipients(recipients).map(({ account_id }) => account_id));
  return { kind: 'recipients' };
}

/** Who has the share before and after the update. */
function staying(plan: SharePlan, known: Known): Who {
  const who = everybody(known);
  if (who.kind === 'organization') return { ...who, but: excluded(plan).length };
  const wanted = known.desired.recipients?.flatMap((item) => accountOf(item) ?? []);
  if (wanted === undefined) return who;
  const extra = itemsWith(itemsOf(plan), 'recipient', 'extra');
  return accounts([...without(wanted, listed(plan)), ...extra.map(({ account_id }) => account_id)]);
}

/** The effects of a run or a plan. A refused or failed share has none. */
export function effectsOfOutcome(outcome: ShareOutcome): Effect[] {
  const { plan, changed } = outcome;
  if (!plan || changed === false || failureIn(outcome)) return [];
  return effectsOf(plan, outcome);
}

export interface People {
  gain: ReadonlySet<string>;
  lose: ReadonlySet<string>;
  /** Whole organizations, and recipients that were not read. */
  more: readonly { kind: 'gain' | 'lose'; who: Exclude<Who, { kind: 'accounts' }> }[];
}

/** The recipients that gain or lose something, each only once across all shares. */
export function peopleOf(effects: readonly Effect[]): People {
  const [gain, lose] = [new Set<string>(), new Set<string>()];
  const more = new Map<string, People['more'][number]>();
  for (const { kind, who } of effects) {
    if (kind !== 'gain' && kind !== 'lose') continue;
    if (who.kind === 'accounts') for (const id of who.ids) (kind === 'gain' ? gain : lose).add(idKey(id));
    else more.set(JSON.stringify([kind, who]), { kind, who });
  }
  return { gain, lose, more: [...more.values()] };
}

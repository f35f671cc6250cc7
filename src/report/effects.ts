// What a plan means for recipients: who gains and who loses what. Pure.

import type { DesiredShare } from '../share/desired.ts';
import type { ShareOutcome } from '../share/outcome.ts';
import type { ActualResource, SharePlan } from '../share/plan.ts';
import {
  accountOf,
  idKey,
  liveRecipients,
  type Recipient,
  type ResourceItem,
  type Share,
  targetOf,
} from '../share/share.ts';
import { count } from '../share/words.ts';
import { failureIn } from './outcome-words.ts';

/** `anew`: the same things from a new share, with a gap between. `change`: a resource's `meta`. */
export type EffectKind = 'lose' | 'anew' | 'gain' | 'change';

export type Who =
  | { kind: 'accounts'; ids: readonly string[] }
  /** Every account of an organization (undefined: the owner's own), except for `but` of them. */
  | { kind: 'organization'; id: string | undefined; but: number }
  /** The share's recipients, which were not read. */
  | { kind: 'recipients' };

export interface Effect {
  kind: EffectKind;
  who: Who;
  /** The share itself, or resources of it. */
  what: 'share' | readonly (ResourceItem | ActualResource)[];
}

/** What is known beside the plan: who has the share now. */
export interface Known {
  desired: Pick<DesiredShare, 'recipients' | 'target'>;
  share?: Share;
  recipients?: readonly Recipient[];
}

export function effectsOf(plan: SharePlan, known: Known): Effect[] {
  const effects = { none: [], delete: deleting, create: creating, replace: replacing, update: updating }[plan.action];
  const all = typeof effects === 'function' ? effects(plan, known) : effects;
  return all.filter(({ who, what }) => !(who.kind === 'accounts' && who.ids.length === 0) && what.length > 0);
}

const accounts = (ids: readonly string[]): Who => ({ kind: 'accounts', ids });
const listed = ({ recipients }: SharePlan): string[] => recipients.add.flatMap((item) => accountOf(item) ?? []);
const leaving = ({ recipients }: SharePlan): string[] => recipients.remove.map(({ account_id }) => account_id);
const without = (ids: readonly string[], others: readonly string[]): string[] => {
  const keys = new Set(others.map(idKey));
  return ids.filter((id) => !keys.has(idKey(id)));
};

/** Whoever the items of a list name: accounts, or a whole organization. */
function named({ recipients, exclusions }: SharePlan): Who {
  if (recipients.add.length === 0 || targetOf(recipients.add) === 'account')
    return accounts(recipients.add.flatMap((item) => accountOf(item) ?? []));
  const id = recipients.add.find((item) => item.organization_id !== undefined)?.organization_id;
  return { kind: 'organization', id, but: exclusions?.add.length ?? 0 };
}

const creating = (plan: SharePlan): Effect[] => [{ kind: 'gain', who: named(plan), what: 'share' }];

const deleting = (_plan: SharePlan, known: Known): Effect[] => [{ kind: 'lose', who: everybody(known), what: 'share' }];

function replacing(plan: SharePlan, { share }: Known): Effect[] {
  const who = named(plan);
  if (who.kind !== 'accounts') {
    const excluded = idsOf(plan.exclusions?.add);
    const stay = without(leaving(plan), excluded);
    return [
      { kind: 'lose', who: accounts(without(leaving(plan), stay)), what: 'share' },
      { kind: 'anew', who: accounts(stay), what: 'share' },
      { kind: 'gain', who, what: 'share' },
    ];
  }
  // The old share is one with the organization, because accounts never replace accounts. All but the listed ones lose it.
  return [
    { kind: 'lose', who: { kind: 'organization', id: share?.organization_id, but: who.ids.length }, what: 'share' },
    { kind: 'anew', who, what: 'share' },
  ];
}

function updating(plan: SharePlan, known: Known): Effect[] {
  const { resources, exclusions } = plan;
  const stay = staying(plan, known);
  return [
    { kind: 'lose', who: accounts([...leaving(plan), ...idsOf(exclusions?.add)]), what: 'share' },
    { kind: 'lose', who: stay, what: resources.remove },
    { kind: 'gain', who: accounts([...listed(plan), ...idsOf(exclusions?.remove)]), what: 'share' },
    { kind: 'gain', who: stay, what: resources.add },
    { kind: 'change', who: stay, what: resources.update },
  ];
}

const idsOf = (exclusions: readonly { account_id: string }[] | undefined): string[] =>
  (exclusions ?? []).map(({ account_id }) => account_id);

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
  if (who.kind === 'organization') return { ...who, but: plan.exclusions?.add.length ?? 0 };
  if (who.kind === 'accounts') return accounts(without(who.ids, [...leaving(plan), ...listed(plan)]));
  const wanted = known.desired.recipients?.flatMap((item) => accountOf(item) ?? []);
  if (wanted === undefined) return who;
  return accounts([...without(wanted, listed(plan)), ...plan.recipients.extra.map(({ account_id }) => account_id)]);
}

/** The effects of a run or a plan. A refused or failed share has none. */
export function effectsOfOutcome(outcome: ShareOutcome): Effect[] {
  const { plan, changed } = outcome;
  if (!plan || changed === false || failureIn(outcome)) return [];
  return effectsOf(plan, outcome);
}

interface People {
  gain: ReadonlySet<string>;
  lose: ReadonlySet<string>;
  /** Organizations as a whole, and the recipients of shares that were not read. */
  more: readonly { kind: 'gain' | 'lose'; who: Exclude<Who, { kind: 'accounts' }> }[];
}

/** How many people gain and lose something, each counted once, over all shares. */
export function peopleOf(effects: readonly Effect[]): People {
  const [gain, lose] = [new Set<string>(), new Set<string>()];
  const more: People['more'][number][] = [];
  for (const { kind, who } of effects) {
    if (kind !== 'gain' && kind !== 'lose') continue;
    if (who.kind === 'accounts') for (const id of who.ids) (kind === 'gain' ? gain : lose).add(idKey(id));
    else if (!more.some((known) => known.kind === kind && sameWho(known.who, who))) more.push({ kind, who });
  }
  return { gain, lose, more };
}

const sameWho = (a: Who, b: Who): boolean =>
  a.kind === b.kind && (a.kind !== 'organization' || b.kind !== 'organization' || (a.id === b.id && a.but === b.but));

type Tense = 'future' | 'past';

/** `2 recipients gain something, 1 loses something`; empty when nobody does. */
export function peopleWords({ gain, lose, more }: People, tense: Tense): string {
  const verb = { gain: ['gains', 'gain', 'gained'], lose: ['loses', 'lose', 'lost'] } as const;
  const said = (kind: 'gain' | 'lose', many: boolean): string => verb[kind][tense === 'past' ? 2 : many ? 1 : 0];
  const of = (kind: 'gain' | 'lose', n: number): string[] =>
    n === 0 ? [] : [`${count(n, 'recipient')} ${said(kind, n > 1)} something`];
  const rest = (kind: 'gain' | 'lose'): string[] =>
    more
      .filter((each) => each.kind === kind)
      .map(({ who }) => `${whoWords(who)} ${said(kind, who.kind === 'recipients')} something`);
  return [...of('gain', gain.size), ...rest('gain'), ...of('lose', lose.size), ...rest('lose')].join(', ');
}

/** Words for recipients that are not known one by one. */
export function whoWords(who: Exclude<Who, { kind: 'accounts' }>): string {
  if (who.kind === 'recipients') return 'its recipients';
  return `every account of the organization${who.but > 0 ? ` but ${who.but}` : ''}`;
}

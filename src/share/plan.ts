// The plan: a value made from the desired and the observed state. It can be printed, compared, tested without a
// network, and applied. A plan that apply won't execute comes with a refusal, which says why.

import { type DesiredShare, isCreatable } from './desired.ts';
import { type Found, fitsInPlace, isTemporaryName, isWiderThanAsked } from './election.ts';
import { equalJson } from './json.ts';
import type { Policy } from './policy.ts';
import * as refusals from './refusals.ts';
import {
  accountOf,
  asSent,
  type Exclusion,
  type ExclusionItem,
  idKey,
  isLive,
  liveRecipients,
  liveResources,
  type Observed,
  type Recipient,
  type RecipientItem,
  type ResourceItem,
  resourceKey,
  type Share,
  type ShareResource,
  sameName,
} from './share.ts';

type PlanAction = 'create' | 'update' | 'replace' | 'delete' | 'none';

/** An existing recipient, as the API identifies it. */
type ActualRecipient = Pick<Recipient, 'id' | 'account_id' | 'association_status'>;
/** An existing resource: `id` is the share-resource's, and `resource_id` the shared resource's. */
export type ActualResource = Pick<ShareResource, 'id' | 'resource_type' | 'resource_id' | 'resource_account_id'>;
type ActualExclusion = Pick<Exclusion, 'id' | 'account_id'>;

export interface SharePlan {
  name: string;
  action: PlanAction;
  share_id: string | null;
  rename: { from: string; to: string } | null;
  recipients: { add: RecipientItem[]; remove: ActualRecipient[]; extra: ActualRecipient[] };
  resources: {
    add: ResourceItem[];
    update: (ActualResource & { meta: unknown; previous_meta: unknown })[];
    remove: ActualResource[];
    extra: ActualResource[];
  };
  /** For a share with the organization. */
  exclusions?: { add: ExclusionItem[]; remove: ActualExclusion[]; extra: ActualExclusion[] };
  /** The share isn't in a complete file, but stays. */
  unlisted?: true;
}

/** The `plan` output. */
export interface Plan {
  shares: SharePlan[];
}

/** A plan, and why apply refuses it, if it does. */
export interface Verdict {
  plan: SharePlan;
  /** A sentence without its full stop. */
  refusal?: string;
  /** `if-exists: keep`: the share was not compared with the inputs or the file. */
  kept?: true;
  /** The actual state differs from the desired one, but the plan has no changes, because none could be planned. */
  differs?: true;
}

/** A verdict with everything that apply needs to execute it. */
export interface Decision extends Verdict {
  desired: DesiredShare;
  /** What the plan was made from. Losers of the election are deleted once the winner has the name. */
  found: Found;
  /** Unlisted recipients and exclusions are removed. */
  prune: boolean;
}

type Rules = Pick<Policy, 'ifExists' | 'prune' | 'replace'>;

/** Plans one share. Pure: the same desired state, observed state and policy give the same decision. */
export function decide(desired: DesiredShare, found: Found, policy: Rules): Decision {
  const verdict =
    desired.state === 'absent' ? decideAbsent(desired, found, policy) : decidePresent(desired, found, policy);
  const { plan } = verdict;
  // The new share gets the name of the replaced one, even if only its id is given.
  const named = plan.action === 'replace' ? { ...desired, name: plan.name } : desired;
  return { ...withUnreadable(verdict, desired, found), desired: named, found, prune: policy.prune };
}

/**
 * If an unreadable share may be the desired one, the plan is refused. An unlisted unreadable share stays, whatever the
 * policy says.
 */
function withUnreadable(verdict: Verdict, desired: DesiredShare, { election }: Found): Verdict {
  const [unreadable] = election.unreadable;
  if (!unreadable) return verdict;
  if (desired.unlisted) return { plan: { ...verdict.plan, share_id: unreadable.id ?? null, unlisted: true } };
  return { plan: verdict.plan, refusal: refusals.mayBeMeant(unreadable, desired.name) };
}

function decideAbsent(desired: DesiredShare, { observed, election: { namesakes } }: Found, { prune }: Rules): Verdict {
  const share = observed?.share;
  const live = share && isLive(share) ? share : undefined;
  const stays = desired.unlisted === true && !prune;
  const leaving = !observed || observed.recipients === 'not-read' ? [] : liveRecipients(observed.recipients);
  const plan: SharePlan = {
    ...emptyPlan(desired.name || (share?.name ?? ''), live && !stays ? 'delete' : 'none'),
    share_id: live?.id ?? null,
    ...(live && stays ? { unlisted: true } : {}),
    // Recipients aren't removed one by one. They lose the share, so the plan names them.
    ...(live && !stays ? { recipients: { add: [], remove: leaving.map(actualRecipient), extra: [] } } : {}),
  };
  if (live && namesakes.length > 0) {
    return {
      plan: emptyPlan(plan.name, 'none'),
      refusal: refusals.severalOfTheName(desired.name, [live, ...namesakes]),
      differs: true,
    };
  }
  if (share && desired.shareId !== undefined && desired.name !== '' && !sameName(share.name, desired.name)) {
    return { plan, refusal: refusals.otherName(share, desired.name) };
  }
  return { plan };
}

function decidePresent(desired: DesiredShare, found: Found, policy: Rules): Verdict {
  const { namesakes, ours } = found.election;
  const share = found.observed?.share;
  if (!share) return decideToCreate(desired, found);
  if (!isLive(share)) {
    const plan = { ...emptyPlan(desired.name || share.name, 'none'), share_id: share.id };
    return { plan, refusal: refusals.isNotLive(share), differs: true };
  }
  if (desired.shareId === undefined && namesakes.length > 0) {
    // It isn't clear which share is meant, so there is nothing to plan.
    return {
      plan: emptyPlan(desired.name, 'none'),
      refusal: refusals.severalOfTheName(desired.name, [share, ...namesakes]),
      differs: true,
    };
  }
  const plan = planToConverge(desired, found, policy);
  const refusal =
    nameRefusal(plan, desired, share, found) ?? (ours ? undefined : existsRefusal(desired, share, policy));
  if (refusal !== undefined) return { plan, refusal };
  if (policy.ifExists === 'keep' && !ours) {
    return {
      plan: planToKeep(plan),
      ...(isWiderThanAsked(desired, share)
        ? { refusal: refusals.tooWideToKeep(share), differs: true }
        : { kept: true }),
    };
  }
  if (plan.action === 'replace') {
    if (!policy.replace) return { plan, refusal: refusals.needsReplace(share) };
    if (!isCreatable(desired)) return { plan, refusal: refusals.listMissing(desired.name) };
  }
  return { plan };
}

/**
 * Refuses the plan if several shares have the previous name, or if another share has the name that this one would get.
 * Several shares with its current name were refused earlier.
 */
function nameRefusal(
  plan: SharePlan,
  { name, previousName }: DesiredShare,
  share: Share,
  { election: { namesakes, previous } }: Found,
): string | undefined {
  if (previous.length > 0 && sameName(share.name, previousName))
    return refusals.severalOfTheName(share.name, [share, ...previous]);
  if (previous.length > 0) return refusals.bothNamesLive(share, name, previousName ?? '', previous);
  const getsTheName = plan.rename !== null || plan.action === 'replace';
  return namesakes.length > 0 && getsTheName ? refusals.nameIsTaken(name, namesakes) : undefined;
}

/** `if-exists: fail` refuses if a share with the name exists, or if another run is creating one. */
function existsRefusal({ name, previousName }: DesiredShare, share: Share, { ifExists }: Rules): string | undefined {
  if (ifExists !== 'fail' || sameName(share.name, previousName)) return undefined;
  return isTemporaryName(share.name) ? refusals.isBeingMade(share, name) : refusals.existsAlready(share);
}

function decideToCreate(desired: DesiredShare, { election }: Found): Verdict {
  const { name, accountId, shareId, recipients = [], resources = [], exclude = [], target } = desired;
  if (shareId !== undefined && !election.successor) {
    return { plan: emptyPlan(name, 'none'), refusal: refusals.noSuchShare(shareId, accountId), differs: true };
  }
  const plan: SharePlan = {
    ...emptyPlan(name, 'create'),
    recipients: { add: recipients, remove: [], extra: [] },
    resources: { add: resources.map(asSent), update: [], remove: [], extra: [] },
    ...(target === 'organization' ? { exclusions: { add: exclude, remove: [], extra: [] } } : {}),
  };
  return isCreatable(desired) ? { plan } : { plan, refusal: refusals.listMissing(name) };
}

function emptyPlan(name: string, action: PlanAction): SharePlan {
  return {
    name,
    action,
    share_id: null,
    rename: null,
    recipients: { add: [], remove: [], extra: [] },
    resources: { add: [], update: [], remove: [], extra: [] },
  };
}

/** `if-exists: keep` leaves the share unchanged, but still renames it if it has its temporary name. */
function planToKeep({ name, share_id, rename }: SharePlan): SharePlan {
  return { ...emptyPlan(name, rename ? 'update' : 'none'), share_id, rename };
}

/**
 * The changes from observed to desired. Recipients and resources that are being removed count as absent. Unlisted items
 * are in `remove` with `prune`, and in `extra` without. A share can't switch between accounts and the organization. If
 * it would have to, the plan is a replacement, and the new share has exactly the listed items.
 */
export function planToConverge(desired: DesiredShare, found: Found, { prune }: Pick<Rules, 'prune'>): SharePlan {
  const { observed } = found;
  if (!observed) return decideToCreate(desired, found).plan;
  const { share } = observed;
  const { spelling } = found.election;
  const name = desired.name || share.name;
  const rename = sameName(share.name, name) || sameName(share.name, spelling) ? null : { from: share.name, to: name };
  const replace = !fitsInPlace(desired, share);
  const recipients = planRecipients(desired, observed, prune || replace);
  const resources = planResources(desired, share, prune || replace);
  const exclusions = planExclusions(desired, observed, prune || replace);
  if (replace) {
    recipients.add = desired.recipients ?? [];
    resources.add = (desired.resources ?? []).map(asSent);
    resources.update = [];
    if (exclusions) exclusions.add = desired.exclude ?? [];
  }
  const lists = [
    recipients.add,
    recipients.remove,
    resources.add,
    resources.update,
    resources.remove,
    exclusions?.add ?? [],
    exclusions?.remove ?? [],
  ];
  const changes = lists.some((list) => list.length > 0) || rename !== null;
  return {
    name,
    action: replace ? 'replace' : changes ? 'update' : 'none',
    share_id: share.id,
    rename: replace ? null : rename,
    recipients,
    resources,
    ...(exclusions ? { exclusions } : {}),
  };
}

const actualRecipient = ({ id, account_id, association_status }: Recipient): ActualRecipient => ({
  id,
  account_id,
  association_status,
});

function planRecipients(desired: DesiredShare, observed: Observed, removeUnlisted: boolean): SharePlan['recipients'] {
  const { recipients: wanted } = desired;
  // Cloudflare derives the recipients of a share with the organization, so there is nothing to add or remove.
  if (!wanted || observed.recipients === 'not-read' || observed.share.target_type === 'organization')
    return { add: [], remove: [], extra: [] };
  const there = liveRecipients(observed.recipients).map((r) => [idKey(r.account_id), actualRecipient(r)] as const);
  return compared(wanted, (item) => idKey(accountOf(item) ?? ''), there, removeUnlisted);
}

/**
 * What is missing, and what exists without being listed, which is removed or stays as an extra.
 * @param there the existing items with their keys
 */
function compared<Wanted, Actual>(
  wanted: readonly Wanted[],
  keyOf: (item: Wanted) => string,
  there: readonly (readonly [string, Actual])[],
  removeUnlisted: boolean,
): { add: Wanted[]; remove: Actual[]; extra: Actual[] } {
  const listed = new Set(wanted.map(keyOf));
  const existing = new Set(there.map(([key]) => key));
  const unlisted = there.flatMap(([key, item]) => (listed.has(key) ? [] : [item]));
  return {
    add: wanted.filter((item) => !existing.has(keyOf(item))),
    remove: removeUnlisted ? unlisted : [],
    extra: removeUnlisted ? [] : unlisted,
  };
}

const identity = ({ id, resource_type, resource_id, resource_account_id }: ShareResource): ActualResource => ({
  id,
  resource_type,
  resource_id,
  resource_account_id,
});

function planResources(desired: DesiredShare, share: Share, removeUnlisted: boolean): SharePlan['resources'] {
  const { resources: wanted } = desired;
  if (!wanted) return { add: [], update: [], remove: [], extra: [] };
  const there = new Map(liveResources(share).map((r) => [resourceKey(r), r]));
  const update = wanted.flatMap((item) => {
    const r = there.get(resourceKey(item));
    return r && item.meta !== undefined && !equalJson(r.meta ?? {}, item.meta)
      ? [{ ...identity(r), meta: item.meta, previous_meta: r.meta ?? {} }]
      : [];
  });
  const actual = [...there].map(([key, r]) => [key, identity(r)] as const);
  const { add, ...rest } = compared(wanted, resourceKey, actual, removeUnlisted);
  return { add: add.map(asSent), update, ...rest };
}

function planExclusions(
  { exclude, target }: DesiredShare,
  { exclusions, share }: Observed,
  removeUnlisted: boolean,
): SharePlan['exclusions'] {
  if ((target ?? share.target_type) !== 'organization') return undefined;
  if (!exclude || exclusions === 'not-read') return { add: [], remove: [], extra: [] };
  const there = exclusions.map(({ id, account_id }) => [idKey(account_id), { id, account_id }] as const);
  return compared(exclude, ({ account_id }) => idKey(account_id), there, removeUnlisted);
}

/** Is anything left to do? Losers of an election are deleted even if the plan changes nothing. */
export const isOpen = ({ plan, found }: Decision): boolean => changesAnything(plan) || found.election.losers.length > 0;

/** Does the plan give the elected share its name? */
export const finishesElection = ({ rename }: SharePlan): boolean => rename !== null && isTemporaryName(rename.from);

/** Would apply change anything? */
export const changesAnything = (plan: SharePlan): boolean => plan.action !== 'none';

/** The number of extras: unlisted shares, recipients, resources and exclusions that stay. */
export const extrasIn = ({ recipients, resources, exclusions, unlisted }: SharePlan): number =>
  recipients.extra.length + resources.extra.length + (exclusions?.extra.length ?? 0) + (unlisted ? 1 : 0);

/**
 * Takes the extras from a later plan for the same desired share, because another share may have been elected by then.
 */
export const withExtrasOf = (plan: SharePlan, { recipients, resources, exclusions }: SharePlan): SharePlan => ({
  ...plan,
  recipients: { ...plan.recipients, extra: recipients.extra },
  resources: { ...plan.resources, extra: resources.extra },
  ...(plan.exclusions ? { exclusions: { ...plan.exclusions, extra: exclusions?.extra ?? [] } } : {}),
});

/** Does the actual state differ from the inputs or the file, extras included? */
export const hasDrift = (plan: SharePlan): boolean => changesAnything(plan) || extrasIn(plan) > 0;

/** The ids of the live share-resources: listed ones in the listed order, then the others in the API's order. */
export function resourceIds(share: Share, desired: DesiredShare | undefined): string[] {
  const rank = new Map((desired?.resources ?? []).map((r, i) => [resourceKey(r), i]));
  const rankOf = (r: ShareResource): number => rank.get(resourceKey(r)) ?? rank.size;
  return liveResources(share)
    .sort((a, b) => rankOf(a) - rankOf(b))
    .map(({ id }) => id);
}

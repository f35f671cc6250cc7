// Decides what to do about one share: makes the plan that takes it from its observed to its desired state and, if apply
// won't execute that plan, says why.

import { type DesiredShare, isCreatable } from './desired.ts';
import { type Found, fitsInPlace, isWiderThanAsked } from './election.ts';
import { equalJson } from './json.ts';
import {
  type ActualRecipient,
  type ActualResource,
  changesAnything,
  isChange,
  itemsOf,
  type PlanAction,
  type SharePlan,
} from './plan.ts';
import type { Policy } from './policy.ts';
import {
  asSent,
  exclusionKey,
  isLive,
  liveRecipients,
  liveResources,
  type Observed,
  type Recipient,
  recipientKey,
  resourceKey,
  type Share,
  type ShareResource,
  sameName,
  type UnreadableShare,
} from './share.ts';
import { isTemporaryName } from './temporary-name.ts';
import { quoted, targetWords, unreadableWords } from './words.ts';

/** A plan and, if apply refuses it, the reason. */
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
  return { plan: verdict.plan, refusal: possiblyUnreadable(unreadable, desired.name || (desired.shareId ?? '')) };
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
      refusal: severalOfTheName(desired.name, [live, ...namesakes]),
      differs: true,
    };
  }
  if (share && desired.shareId !== undefined && desired.name !== '' && !sameName(share.name, desired.name)) {
    return { plan, refusal: otherName(share, desired.name) };
  }
  return { plan };
}

function decidePresent(desired: DesiredShare, found: Found, policy: Rules): Verdict {
  const { namesakes, ours } = found.election;
  const share = found.observed?.share;
  if (!share) return decideToCreate(desired, found);
  if (!isLive(share)) {
    const plan = { ...emptyPlan(desired.name || share.name, 'none'), share_id: share.id };
    return { plan, refusal: notLive(share), differs: true };
  }
  if (desired.shareId === undefined && namesakes.length > 0) {
    // It isn't clear which share is meant, so there is nothing to plan.
    return {
      plan: emptyPlan(desired.name, 'none'),
      refusal: severalOfTheName(desired.name, [share, ...namesakes]),
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
      ...(isWiderThanAsked(desired, share) ? { refusal: tooWideToKeep(share), differs: true } : { kept: true }),
    };
  }
  if (plan.action === 'replace') {
    if (!policy.replace) return { plan, refusal: needsReplace(share) };
    if (!isCreatable(desired)) return { plan, refusal: listMissing(plan.name) };
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
    return severalOfTheName(share.name, [share, ...previous]);
  if (previous.length > 0) return bothNamesExist(share, name, previousName ?? '', previous);
  const getsTheName = plan.rename !== null || plan.action === 'replace';
  return namesakes.length > 0 && getsTheName ? nameTaken(name, namesakes) : undefined;
}

/** `if-exists: fail` refuses if a share with the name exists, or if another run is creating one. */
function existsRefusal({ name, previousName }: DesiredShare, share: Share, { ifExists }: Rules): string | undefined {
  if (ifExists !== 'fail' || sameName(share.name, previousName)) return undefined;
  return isTemporaryName(share.name) ? beingCreated(share, name) : alreadyExists(share);
}

function decideToCreate(desired: DesiredShare, { election }: Found): Verdict {
  const { name, accountId, shareId } = desired;
  if (shareId !== undefined && !election.successor)
    return { plan: emptyPlan(name, 'none'), refusal: notFound(shareId, accountId), differs: true };
  const plan = planToCreate(desired);
  return isCreatable(desired) ? { plan } : { plan, refusal: listMissing(name) };
}

/** Is anything left to do? Losers of an election are deleted even if the plan changes nothing. */
export const isOpen = ({ plan, found }: Decision): boolean => changesAnything(plan) || found.election.losers.length > 0;

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

/** Creates the share with the listed items. */
function planToCreate(desired: DesiredShare): SharePlan {
  const plan = emptyPlan(desired.name, 'create');
  return addingEverything(desired.target === 'organization' ? { ...plan, exclusions: unchanged() } : plan, desired);
}

/**
 * The changes from observed to desired. Recipients and resources that are being removed count as absent. Unlisted items
 * are in `remove` with `prune`, and in `extra` without. A share can't switch between accounts and the organization, so
 * a different target makes the plan a replacement, and the new share has exactly the listed items.
 */
export function planToConverge(
  desired: DesiredShare,
  { observed, election }: Found,
  { prune }: { prune: boolean },
): SharePlan {
  if (!observed) return planToCreate(desired);
  const { share } = observed;
  const name = desired.name || share.name;
  const isNamed = sameName(share.name, name) || sameName(share.name, election.spelling);
  const replaces = !fitsInPlace(desired, share);
  const removeUnlisted = prune || replaces;
  const exclusions = changedExclusions(desired, observed, removeUnlisted);
  const plan: SharePlan = {
    ...emptyPlan(name, 'none'),
    share_id: share.id,
    rename: isNamed ? null : { from: share.name, to: name },
    recipients: changedRecipients(desired, observed, removeUnlisted),
    resources: changedResources(desired, share, removeUnlisted),
    ...(exclusions ? { exclusions } : {}),
  };
  if (replaces) return addingEverything({ ...plan, action: 'replace', rename: null }, desired);
  return { ...plan, action: plan.rename || itemsOf(plan).some(isChange) ? 'update' : 'none' };
}

/** A new share doesn't have any of the listed items yet. */
function addingEverything(plan: SharePlan, { recipients = [], resources = [], exclude = [] }: DesiredShare): SharePlan {
  const { exclusions } = plan;
  return {
    ...plan,
    recipients: { ...plan.recipients, add: recipients },
    resources: { ...plan.resources, add: resources.map(asSent), update: [] },
    ...(exclusions ? { exclusions: { ...exclusions, add: exclude } } : {}),
  };
}

const unchanged = (): { add: []; remove: []; extra: [] } => ({ add: [], remove: [], extra: [] });

const actualRecipient = ({ id, account_id, association_status }: Recipient): ActualRecipient => ({
  id,
  account_id,
  association_status,
});

const actualResource = ({ id, resource_type, resource_id, resource_account_id }: ShareResource): ActualResource => ({
  id,
  resource_type,
  resource_id,
  resource_account_id,
});

function changedRecipients(
  { recipients: wanted }: DesiredShare,
  { share, recipients }: Observed,
  removeUnlisted: boolean,
): SharePlan['recipients'] {
  // Cloudflare derives the recipients of a share with the organization, so there is nothing to add or remove.
  if (!wanted || recipients === 'not-read' || share.target_type === 'organization') return unchanged();
  return compared(wanted, liveRecipients(recipients).map(actualRecipient), recipientKey, removeUnlisted);
}

function changedResources(
  { resources: wanted }: DesiredShare,
  share: Share,
  removeUnlisted: boolean,
): SharePlan['resources'] {
  if (!wanted) return { ...unchanged(), update: [] };
  // A share can have a resource twice, with a different `meta` each time, so each of them is compared.
  const live = liveResources(share);
  const metaOf = new Map(wanted.map((item) => [resourceKey(item), item.meta]));
  const update = live.flatMap((r) => {
    const meta = metaOf.get(resourceKey(r));
    return meta === undefined || equalJson(r.meta ?? {}, meta)
      ? []
      : [{ ...actualResource(r), meta, previous_meta: r.meta ?? {} }];
  });
  const { add, ...rest } = compared(wanted, live.map(actualResource), resourceKey, removeUnlisted);
  return { add: add.map(asSent), update, ...rest };
}

function changedExclusions(
  { exclude: wanted, target }: DesiredShare,
  { share, exclusions }: Observed,
  removeUnlisted: boolean,
): SharePlan['exclusions'] {
  if ((target ?? share.target_type) !== 'organization') return undefined;
  if (!wanted || exclusions === 'not-read') return unchanged();
  const actual = exclusions.map(({ id, account_id }) => ({ id, account_id }));
  return compared(wanted, actual, exclusionKey, removeUnlisted);
}

/** The missing items, and the unlisted items, which are removed or stay as extras. */
function compared<Wanted, Actual>(
  wanted: readonly Wanted[],
  actual: readonly Actual[],
  keyOf: (item: Wanted | Actual) => string,
  removeUnlisted: boolean,
): { add: Wanted[]; remove: Actual[]; extra: Actual[] } {
  const listed = new Set(wanted.map(keyOf));
  const keyed = actual.map((item) => [keyOf(item), item] as const);
  const existing = new Set(keyed.map(([key]) => key));
  const unlisted = keyed.flatMap(([key, item]) => (listed.has(key) ? [] : [item]));
  return {
    add: wanted.filter((item) => !existing.has(keyOf(item))),
    remove: removeUnlisted ? unlisted : [],
    extra: removeUnlisted ? [] : unlisted,
  };
}

// Why a plan is refused, and what to do about it. Each is a sentence without its full stop.

export function severalOfTheName(name: string, shares: readonly Share[]): string {
  const ids = shares.map(({ id, created }) => `${id} (created ${created})`).join(', ');
  return `There are ${shares.length} live shares named ${quoted(name)}: ${ids}. The action doesn't guess which one you mean. Delete the others (mode: delete with share-id) or, if you don't use config, set share-id to the one you mean`;
}

const idsOf = (shares: readonly Share[]): string => shares.map(({ id }) => id).join(', ');

/** A share with the name and shares with the previous name exist. */
const bothNamesExist = (share: Share, name: string, previousName: string, previous: readonly Share[]): string =>
  `There is a live share named ${quoted(name)} (${share.id}) and one with its previous name ${quoted(previousName)} (${idsOf(previous)}). Delete one of the two, or remove previous_name`;

/** A share given by its id should be renamed, but other shares have that name. */
const nameTaken = (name: string, namesakes: readonly Share[]): string =>
  `Another live share is already named ${quoted(name)}: ${idsOf(namesakes)}. Two shares with the same name can't be told apart. Choose another name, or delete that share first`;

/** A share given by its id should be deleted, but its name isn't the one given with it. */
const otherName = (share: Share, name: string): string =>
  `Share ${share.id} is named ${quoted(share.name)}, not ${quoted(name)}. Correct share-id or share-name, or remove share-name`;

/** `if-exists: fail`, and the share exists. */
const alreadyExists = (share: Share): string =>
  `A live share named ${quoted(share.name)} already exists (${share.id}), and if-exists is fail. To change that share, set if-exists: update`;

/** `if-exists: fail`, and a temporary share exists that will get the name. */
const beingCreated = (share: Share, name: string): string =>
  `Another run is creating share ${quoted(name)} (${share.id}), or was interrupted while creating it, and if-exists is fail. If it was interrupted, set if-exists: update to finish its share`;

const notLive = (share: Share): string =>
  `Share ${share.id} is ${share.status}, so it can't be changed. To create a new share, remove share-id and set share-name`;

const notFound = (shareId: string, accountId: string): string =>
  `There is no share ${shareId} in account ${accountId}. Check share-id and account-id. To create a share, remove share-id and set share-name`;

const listMissing = (name: string): string =>
  `To create share ${quoted(name)}, both recipients and resources are needed: add the missing list`;

/** An unreadable share that could be the desired one. */
const possiblyUnreadable = (unreadable: UnreadableShare, name: string): string =>
  `${unreadableWords(unreadable)}. It may be the share ${quoted(name)}: check it in the dashboard or, if you don't use config, set share-id to the share you mean`;

/** The share's target, if it isn't the requested one. */
const otherTarget = (share: Share): string =>
  `Share ${quoted(share.name)} (${share.id}) targets ${targetWords(share)}, which doesn't match recipients`;

export const needsReplace = (share: Share): string =>
  `${otherTarget(share)}. This can't be changed in place. With replace: true, the action creates a new share and then deletes this one, so recipients get everything again from the new share`;

export const tooWideToKeep = (share: Share): string =>
  `${otherTarget(share)}. With if-exists: keep, the action doesn't change it. To replace it, set if-exists: update and replace: true`;

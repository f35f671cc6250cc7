// Only what was reviewed is applied. Two questions decide what that is:
// - Is every step of the plan in the reviewed plan? The key of a step is a canonical text: what it does, to which
//   share, with what. A reviewed plan is a set of digests of such keys, so a large plan fits into a comment.
// - Does anybody gain what no reviewer saw? Steps that were reviewed one by one can add up to more than the reviewed
//   plan: when a reviewed removal is left out, or when somebody has added a recipient since. So what each account would
//   gain is compared with what the reviewed plan would have given it (access.ts).

import { createHash } from 'node:crypto';
import {
  type Access,
  type Audience,
  accessAfter,
  exceptionsOf,
  type Gain,
  gains,
  memberOf,
  type SharedResource,
} from './access.ts';
import { canonical, type Json } from './json.ts';
import { isChange, itemIdentity, itemsOf, itemWords, type PlanItem, reachOf, type SharePlan } from './plan.ts';
import type { Objection, Problem } from './problem.ts';
import { idKey, nameKey, resourceKey, sameId, sameName } from './share.ts';
import { isTemporaryNameOf } from './temporary-name.ts';
import { firstFew, quoted, resourceWords } from './words.ts';

/** A plan, and who has what before it is applied. */
export interface ProposedPlan {
  plan: SharePlan;
  before: Access;
}

/** Checks all plans of a run before its first write. @returns the result for each plan, in order */
export type Gate = (plans: readonly ProposedPlan[]) => readonly GateResult[];

export interface GateResult {
  /** Why the plan can't be applied. A run can write only if none of its plans has objections. */
  objections: readonly Problem[];
  /** The first objection to a later plan for the same share, made during apply. */
  objectionTo: (later: ProposedPlan) => Objection | undefined;
}

/** One change that apply would make. */
interface ReviewStep {
  change: 'create' | 'replace' | 'delete' | 'rename' | PlanItem;
  /**
   * What the step does, as canonical text: the same for the same change, whatever the order of keys, the case of ids
   * and the Unicode normalization of names.
   */
  key: string;
  /**
   * The key of the step if it completes a share that an interrupted run began to create. The reviewed creation covers
   * it.
   */
  keyAsNew?: string;
  /** Keys of other steps that a review of this step allows. */
  allows: readonly string[];
}

/** What a reviewed plan allows. */
export interface Reviewed {
  /** Digests of steps. */
  steps: ReadonlySet<string>;
  /** For each share that gives somebody something new: who has what once the reviewed plan is applied. */
  access: readonly ReviewedAccess[];
}

/** The digest of a list that doesn't fit into a comment. The review covers exactly this list. */
interface Digest {
  digest: string;
}

export interface ReviewedAccess {
  name: string;
  /** Null: the share that the plan creates under this name. */
  share_id: string | null;
  audience: Audience | Digest;
  resources: readonly SharedResource[] | Digest;
}

/** What a plan would do that the reviewed plan doesn't allow. */
export type Unreviewed =
  | {
      kind: 'step';
      plan: SharePlan;
      step: ReviewStep;
      /** A reviewed creation would cover the step if the share didn't also have these. */
      unlisted: readonly string[];
    }
  | { kind: 'gain'; plan: SharePlan; gain: Gain; reason: Reason };

/** Why the reviewed plan doesn't give the resource to the account. */
type Reason = keyof typeof REASONS;

/** What a reviewed plan allows. */
export const reviewed = (proposed: readonly ProposedPlan[]): Reviewed => ({
  steps: stepsIn(proposed.map(({ plan }) => plan)),
  access: proposed.flatMap(accessGivenBy),
});

/** The steps that a reviewed plan allows, as digests. */
export const stepsIn = (plans: readonly SharePlan[]): Set<string> =>
  new Set(plans.flatMap(reviewSteps).flatMap(({ key, allows }) => [key, ...allows].map(digestOf)));

/** Who has what once the plan is applied. Empty if nobody gains anything, because only gains are compared. */
function accessGivenBy({ plan, before }: ProposedPlan): ReviewedAccess[] {
  const isNew = makesShare(plan);
  const gives = isNew || itemsOf(plan).some((each) => reachOf(each) === 'more');
  if (!gives) return [];
  return [{ name: plan.name, share_id: isNew ? null : plan.share_id, ...accessAfter(plan, before) }];
}

const makesShare = ({ action }: SharePlan): boolean => action === 'create' || action === 'replace';

/**
 * Combines several reviewed plans. Their accesses stay separate, because nobody reviewed what two plans give only in
 * combination.
 */
export const together = (all: readonly Reviewed[]): Reviewed => ({
  steps: new Set(all.flatMap(({ steps }) => [...steps])),
  access: all.flatMap(({ access }) => access),
});

/** What the plan would do that the reviewed plan doesn't allow. Empty: everything was reviewed. */
export function unreviewed({ plan, before }: ProposedPlan, allowed: Reviewed): Unreviewed[] {
  const isAllowed = (key: string): boolean => allowed.steps.has(digestOf(key));
  // If the reviewed plan replaces and deletes this share, this share isn't the new one.
  const mayBeNew = !isAllowed(deletionOf(plan));
  const unlisted = unlistedIn(plan);
  const steps = reviewSteps(plan).map((step) => {
    const isCovered = mayBeNew && step.keyAsNew !== undefined && isAllowed(step.keyAsNew);
    const isStep = isAllowed(step.key);
    // The reviewer allowed a new share with exactly these items. If somebody has added others since then, they weren't
    // reviewed.
    return { step, isReviewed: isStep || (isCovered && unlisted.length === 0), unlisted: isCovered ? unlisted : [] };
  });
  const missing = steps.flatMap(({ isReviewed, ...each }): Unreviewed[] =>
    isReviewed ? [] : [{ kind: 'step', plan, ...each }],
  );
  // The gains from an unreviewed step are reported with that step.
  const counted = steps.flatMap(({ step: { change }, isReviewed }) =>
    typeof change === 'object' && (isReviewed || reachOf(change) === 'less') ? [change] : [],
  );
  const isOfShare = ({ name, share_id }: ReviewedAccess): boolean =>
    share_id === null ? sameName(name, plan.name) : sameId(share_id, plan.share_id);
  const unseen = unseenGains(before, accessAfter(plan, before, counted), allowed.access.filter(isOfShare));
  return [...missing, ...unseen.map((each): Unreviewed => ({ kind: 'gain', plan, ...each }))];
}

/** The gains between `before` and `after` that no reviewed plan gives. */
function unseenGains(before: Access, after: Access, seen: readonly ReviewedAccess[]): { gain: Gain; reason: Reason }[] {
  const checks = seen.map((each) => checkOf(each, after));
  const named = seen.flatMap(({ audience }) => ('digest' in audience ? [] : exceptionsOf(audience)));
  return gains(before, after, named).flatMap((gain) => {
    const reasons = checks.map((reasonAgainst) => reasonAgainst(gain));
    return reasons.includes(undefined) ? [] : [{ gain, reason: reasons[0] ?? 'not in it' }];
  });
}

/** Makes a function that says why a reviewed plan doesn't give an account a resource. Undefined: it does. */
function checkOf({ audience, resources }: ReviewedAccess, after: Access): (gain: Gain) => Reason | undefined {
  const isMember: (account: string | null) => boolean =
    'digest' in audience ? is(audienceDigest(after.audience) === audience.digest) : memberOf(audience, after.audience);
  const shared = 'digest' in resources ? undefined : new Set(resources.map(resourceKey));
  const isShared = shared
    ? (resource: SharedResource) => shared.has(resourceKey(resource))
    : is('digest' in resources && resourcesDigest(after.resources) === resources.digest);
  const notMember = notMemberReason(audience, after.audience);
  return ({ account, resource }) => {
    if (!isMember(account)) return notMember;
    return isShared(resource) ? undefined : shared ? 'not shared' : 'other resources';
  };
}

function notMemberReason(reviewedAudience: Audience | Digest, now: Audience): Reason {
  if ('digest' in reviewedAudience) return 'other recipients';
  if ('accounts' in reviewedAudience || 'accounts' in now) return 'not a recipient';
  return now.except === null ? 'excluded, not read' : 'excluded';
}

const is = (value: boolean) => (): boolean => value;

/** Replaces lists with digests, either for recipients only or for everything. */
export function withDigests(
  { audience, resources, ...share }: ReviewedAccess,
  of: 'recipients' | 'everything',
): ReviewedAccess {
  const all = of === 'everything';
  return {
    ...share,
    audience: 'accounts' in audience || (all && 'except' in audience) ? { digest: audienceDigest(audience) } : audience,
    resources: all && !('digest' in resources) ? { digest: resourcesDigest(resources) } : resources,
  };
}

const audienceDigest = (audience: Audience): string =>
  // An account belongs to one organization, so the organization's id adds nothing, and requests may leave it out.
  digestOf(canonical('accounts' in audience ? setOf(audience.accounts) : [setOf(exceptionsOf(audience))]));
const resourcesDigest = (resources: readonly SharedResource[]): string =>
  digestOf(canonical(setOf(resources.map(resourceKey))));
const setOf = (ids: readonly string[]): string[] => [...new Set(ids.map(idKey))].sort();

/** Shortens a text to at most `charactersMax` characters, without leaving parts of secrets. */
type Cut = (text: string, charactersMax: number) => string;

/**
 * For people: what the reviewed plan lacks, as the end of a sentence.
 * @param accountId the owner of the shares. Resources of other accounts are shown with their account
 */
export const unreviewedWords =
  (cut: Cut, accountId: string) =>
  (each: Unreviewed): string => {
    if (each.kind === 'step') {
      const words = stepWords(each.plan, each.step.change, cut, accountId);
      if (each.unlisted.length === 0) return words;
      const there = firstFew(each.unlisted, UNLISTED_NAMED, ', ');
      return `${words} (the reviewed plan creates the share, but it now exists with unlisted items: ${there})`;
    }
    const { account, resource } = each.gain;
    const who = account === null ? 'the whole organization' : `account ${account}`;
    const what = `${resourceWords(resource)}${ownerWords(resource, accountId)}`;
    return `give ${what} of ${shareWords(each.plan)} to ${who}, ${REASONS[each.reason]}`;
  };

const REASONS = {
  excluded: 'which the reviewed plan excludes',
  'excluded, not read': 'which the reviewed plan excludes (without exclude, exclusions are neither read nor set)',
  'not a recipient': 'which is not a recipient in the reviewed plan',
  'not shared': 'to which the reviewed plan does not give this resource',
  'other recipients': 'because the recipients or exclusions are no longer exactly those that were reviewed',
  'other resources': 'because the resources are no longer exactly those that were reviewed',
  'not in it': 'because the reviewed plan does not say who would receive it',
} as const;

const UNLISTED_NAMED = 3;

/** The share's unlisted items, in words. Exclusions aren't included, because they make a share narrower. */
const unlistedIn = (plan: SharePlan): string[] =>
  itemsOf(plan)
    .filter((each) => !isChange(each) && each.kind !== 'exclusion')
    .map(itemWords);

/** Every step that apply would take. */
export function reviewSteps(plan: SharePlan): ReviewStep[] {
  const changes = itemsOf(plan).filter(isChange);
  const removals = changes.filter(({ op }) => op === 'remove').map((each) => removal(plan, each));
  const others = changes.filter(({ op }) => op !== 'remove');
  switch (plan.action) {
    case 'delete':
      return [{ change: 'delete', key: deletionOf(plan), allows: [] }];
    case 'create':
      return [creation(plan), ...others.map((each) => newItem(plan, each))];
    case 'replace':
      return [replacement(plan), ...others.map((each) => newItem(plan, each)), ...removals];
    default:
      return [...renaming(plan), ...others.map((each) => changeInPlace(plan, each)), ...removals];
  }
}

/** `null` for a share that doesn't exist yet. */
const shareOf = ({ share_id, name }: SharePlan): (string | null)[] => [
  share_id === null ? null : idKey(share_id),
  nameKey(name),
];

/** A plan has exclusions if and only if its share is with the organization. */
const plannedTarget = ({ exclusions }: SharePlan): string => (exclusions ? 'organization' : 'account');

const creationOf = (plan: SharePlan): string => canonical(['create', nameKey(plan.name), plannedTarget(plan)]);
const deletionOf = (plan: SharePlan): string => canonical(['delete', ...shareOf(plan)]);
/** Once this is reviewed, any run can give a temporary share for the name its final name. */
const makingOf = (name: string): string => canonical(['making', nameKey(name)]);
const newItemOf = (plan: SharePlan, item: PlanItem): string =>
  canonical(['new', nameKey(plan.name), plannedTarget(plan), itemKey(item)]);

const creation = (plan: SharePlan): ReviewStep => ({
  change: 'create',
  key: creationOf(plan),
  allows: [makingOf(plan.name)],
});

const replacement = (plan: SharePlan): ReviewStep => ({
  change: 'replace',
  key: canonical(['replace', ...shareOf(plan), creationOf(plan)]),
  allows: [creationOf(plan), makingOf(plan.name), deletionOf(plan)],
});

const newItem = (plan: SharePlan, item: PlanItem): ReviewStep => ({
  change: item,
  key: newItemOf(plan, item),
  allows: [],
});

function renaming(plan: SharePlan): ReviewStep[] {
  const { rename } = plan;
  if (!rename) return [];
  const step: ReviewStep = {
    change: 'rename',
    key: canonical(['rename', shareOf(plan)[0] ?? null, nameKey(rename.from), nameKey(rename.to)]),
    allows: [],
  };
  return [isTemporaryNameOf(rename.from, rename.to) ? { ...step, keyAsNew: makingOf(rename.to) } : step];
}

/**
 * A reviewed creation covers what it adds. It never covers a different `meta` for a resource that the share already
 * has.
 */
const changeInPlace = (plan: SharePlan, item: PlanItem): ReviewStep => ({
  change: item,
  key: canonical([item.op, ...shareOf(plan), itemKey(item)]),
  ...(item.op === 'add' ? { keyAsNew: newItemOf(plan, item) } : {}),
  allows: [],
});

/** A reviewed creation never covers a removal. */
const removal = (plan: SharePlan, item: PlanItem): ReviewStep => ({
  change: item,
  key: canonical(['remove', ...shareOf(plan), itemKey(item)]),
  allows: [],
});

/** Identifies what is added, updated or removed, including the desired `meta` of a resource. */
const itemKey = (each: PlanItem): Json =>
  each.kind === 'resource' && (each.op === 'add' || each.op === 'update')
    ? [...itemIdentity(each), canonical(each.item.meta ?? {})]
    : itemIdentity(each);

/** `add recipient … to share "Baseline" (…)`. */
function stepWords(plan: SharePlan, change: ReviewStep['change'], cut: Cut, accountId: string): string {
  const share = shareWords(plan);
  if (change === 'rename' && plan.rename)
    return `rename ${share} from ${quoted(plan.rename.from)} to ${quoted(plan.rename.to)}`;
  if (typeof change === 'string') return `${change} ${share}`;
  const of = change.kind === 'resource' ? ownerWords(change.item, accountId) : '';
  const what = `${itemWords(change)}${of}${metaWords(change, cut)}`;
  switch (change.op) {
    case 'add':
      return `add ${what} to ${makesShare(plan) ? `new share ${quoted(plan.name)}` : share}`;
    case 'update':
      return `update ${what} of ${share}`;
    default:
      return `remove ${what} from ${share}`;
  }
}

const shareWords = ({ share_id, name }: SharePlan): string =>
  share_id === null ? `share ${quoted(name)}` : `share ${quoted(name)} (${share_id})`;

/** The account of a foreign resource, because it can be the only difference between two steps. */
const ownerWords = ({ resource_account_id: owner }: SharedResource, accountId: string): string =>
  sameId(owner, accountId) ? '' : ` (of account ${owner})`;

const META_SHOWN = 80;

/** The beginning of a resource's `meta`, because it can be the only difference between two steps. */
function metaWords({ item }: PlanItem, cut: Cut): string {
  const text = 'meta' in item ? canonical(item.meta ?? {}) : '{}';
  return text === '{}' ? '' : ` with meta ${cut(text, META_SHOWN)}`;
}

/**
 * Length of a digest, for 16 bytes. With 8 bytes, the author of a plan could find two steps with the same digest by
 * brute force.
 */
export const DIGEST_CHARACTERS = 22;

/** Base64, because none of its characters can end an HTML comment. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64').slice(0, DIGEST_CHARACTERS);

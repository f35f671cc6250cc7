// Only what was reviewed is applied. This splits a plan into steps, and finds the steps that a reviewed plan does not have.
// The key of a step is a canonical text: what it does, to which share, with what. A reviewed plan is a set of digests of
// such keys. So a large plan fits into a comment, and plans from a file and from a comment are compared the same way.

import { createHash } from 'node:crypto';
import { isTemporaryNameOf } from './election.ts';
import type { Json } from './json.ts';
import type { SharePlan } from './plan.ts';
import { accountOf, idKey, type RecipientItem, type ResourceItem } from './share.ts';
import { exclusionWords, firstFew, quoted, recipientWords, resourceWords } from './words.ts';

/** One change that apply would make. */
export interface ReviewStep {
  /** For people: `add recipient … to share "Baseline" (…)`. */
  words: string;
  /** What the step does, canonical: the same for the same change, whatever the order of keys and the case of ids. */
  key: string;
  /** The key if the share is one that an interrupted run began to create: the reviewed creation covers the step. */
  keyAsNew?: string;
  /** Keys of other steps that a review of this step allows. */
  allows: readonly string[];
}

/** What a reviewed plan allows: digests of steps. */
export type Reviewed = ReadonlySet<string>;

/** The steps that a reviewed plan allows. */
export const reviewed = (plans: readonly SharePlan[]): Reviewed =>
  new Set(plans.flatMap(reviewSteps).flatMap(({ key, allows }) => [key, ...allows].map(digestOf)));

/** The steps that the reviewed plan does not have, in the order of the plans. Empty: nothing but what was reviewed. */
export const unreviewed = (plans: readonly SharePlan[], allowed: Reviewed): ReviewStep[] =>
  plans.flatMap((plan) => unreviewedOf(plan, allowed));

function unreviewedOf(plan: SharePlan, allowed: Reviewed): ReviewStep[] {
  const isAllowed = (key: string): boolean => allowed.has(digestOf(key));
  // The share that a replacement is to delete is not the one that it makes.
  const mayBeNew = !isAllowed(deletionOf(plan));
  const strange = strangersIn(plan);
  return reviewSteps(plan).flatMap((step) => {
    if (isAllowed(step.key)) return [];
    if (step.keyAsNew === undefined || !mayBeNew || !isAllowed(step.keyAsNew)) return [step];
    if (strange.length === 0) return [];
    // The reviewer allowed a new share with just these items. Somebody else has added others since: that was not reviewed.
    const there = firstFew(strange, STRANGERS_NAMED, ', ');
    return [{ ...step, words: `${step.words} (the plan was to create it, and now it has ${there}, not listed)` }];
  });
}

const STRANGERS_NAMED = 3;

/** What a share has beyond what is listed. Exclusions are no part of it: they make a share narrower. */
const strangersIn = ({ recipients, resources }: SharePlan): string[] => [
  ...recipients.extra.map(recipientWords),
  ...resources.extra.map(resourceWords),
];

/** Every step that apply would take. */
export function reviewSteps(plan: SharePlan): ReviewStep[] {
  if (plan.action === 'delete') return [{ words: `delete ${shareWords(plan)}`, key: deletionOf(plan), allows: [] }];
  if (plan.action === 'create') return [creation(plan), ...newItems(plan)];
  if (plan.action === 'replace') return [replacement(plan), ...newItems(plan), ...removals(plan)];
  return [...renaming(plan), ...additions(plan), ...removals(plan)];
}

/** `null` for a share that is still to be made. */
const shareOf = ({ share_id, name }: SharePlan): (string | null)[] => [
  share_id === null ? null : idKey(share_id),
  name,
];

const shareWords = ({ share_id, name }: SharePlan): string =>
  share_id === null ? `share ${quoted(name)}` : `share ${quoted(name)} (${share_id})`;

/** A plan has exclusions if, and only if, its share is one with the organization. */
const targetOf = ({ exclusions }: SharePlan): string => (exclusions ? 'organization' : 'account');

/** A new share that leaves fewer accounts out than was reviewed reaches more: it is another step. */
const creationOf = (plan: SharePlan): string =>
  canonical(['create', plan.name, targetOf(plan), (plan.exclusions?.add ?? []).map(exclusionKey).sort()]);
const deletionOf = (plan: SharePlan): string => canonical(['delete', ...shareOf(plan)]);
/** A temporary share of this name may get its name, from any run. */
const makingOf = (name: string): string => canonical(['making', name]);
const newItemOf = (plan: SharePlan, item: Json): string => canonical(['new', plan.name, targetOf(plan), item]);

const creation = (plan: SharePlan): ReviewStep => ({
  words: `create share ${quoted(plan.name)}`,
  key: creationOf(plan),
  allows: [makingOf(plan.name)],
});

const replacement = (plan: SharePlan): ReviewStep => ({
  words: `replace ${shareWords(plan)}`,
  key: canonical(['replace', ...shareOf(plan), creationOf(plan)]),
  allows: [creationOf(plan), makingOf(plan.name), deletionOf(plan)],
});

function newItems(plan: SharePlan): ReviewStep[] {
  const { recipients, resources, exclusions } = plan;
  const step = (words: string, item: Json): ReviewStep => ({
    words: `add ${words} to new share ${quoted(plan.name)}`,
    key: newItemOf(plan, item),
    allows: [],
  });
  return [
    ...recipients.add.map((item) => step(recipientWords(item), recipientKey(item))),
    ...resources.add.map((item) => step(`${resourceWords(item)}${metaWords(item)}`, resourceItemKeyWithMeta(item))),
    ...(exclusions?.add ?? []).map((item) => step(exclusionWords(item), exclusionKey(item))),
  ];
}

function renaming(plan: SharePlan): ReviewStep[] {
  const { rename } = plan;
  if (!rename) return [];
  const step = {
    words: `rename ${shareWords(plan)} from ${quoted(rename.from)} to ${quoted(rename.to)}`,
    key: canonical(['rename', shareOf(plan)[0] ?? null, rename.from, rename.to]),
    allows: [],
  };
  return [isTemporaryNameOf(rename.from, rename.to) ? { ...step, keyAsNew: makingOf(rename.to) } : step];
}

function additions(plan: SharePlan): ReviewStep[] {
  const { recipients, resources, exclusions } = plan;
  const share = shareWords(plan);
  const step = (what: string, words: string, item: Json): ReviewStep => ({
    words,
    key: canonical([what, ...shareOf(plan), item]),
    keyAsNew: newItemOf(plan, item),
    allows: [],
  });
  return [
    ...recipients.add.map((item) => step('add', `add ${recipientWords(item)} to ${share}`, recipientKey(item))),
    ...resources.add.map((item) =>
      step('add', `add ${resourceWords(item)}${metaWords(item)} to ${share}`, resourceItemKeyWithMeta(item)),
    ),
    ...resources.update.map((item) =>
      step('update', `update ${resourceWords(item)}${metaWords(item)} of ${share}`, resourceItemKeyWithMeta(item)),
    ),
    ...(exclusions?.add ?? []).map((item) =>
      step('add', `add ${exclusionWords(item)} to ${share}`, exclusionKey(item)),
    ),
  ];
}

/** A reviewed creation never covers a removal. */
function removals(plan: SharePlan): ReviewStep[] {
  const { recipients, resources, exclusions } = plan;
  const step = (words: string, item: Json): ReviewStep => ({
    words: `remove ${words} from ${shareWords(plan)}`,
    key: canonical(['remove', ...shareOf(plan), item]),
    allows: [],
  });
  return [
    ...recipients.remove.map((item) => step(recipientWords(item), recipientKey(item))),
    ...resources.remove.map((item) => step(resourceWords(item), resourceItemKey(item))),
    ...(exclusions?.remove ?? []).map((item) => step(exclusionWords(item), exclusionKey(item))),
  ];
}

/** An account under either of its names; `{}` is the caller's organization, and no other's. */
function recipientKey(item: RecipientItem): Json {
  const account = accountOf(item);
  return account === undefined ? ['organization', idKey(item.organization_id ?? '')] : ['account', idKey(account)];
}

const exclusionKey = ({ account_id }: { account_id: string }): string => canonical(['excluded', idKey(account_id)]);

const resourceItemKey = (item: Omit<ResourceItem, 'meta'>): Json[] => [
  'resource',
  item.resource_type,
  idKey(item.resource_id),
  idKey(item.resource_account_id),
];

const resourceItemKeyWithMeta = (item: ResourceItem): Json => [...resourceItemKey(item), canonical(item.meta ?? {})];

const META_SHOWN = 80;

/** The beginning of a resource's `meta`. Two steps may differ in nothing else. */
function metaWords({ meta }: { meta: unknown }): string {
  const text = canonical(meta ?? {});
  if (text === '{}') return '';
  return ` with meta ${text.length > META_SHOWN ? `${text.slice(0, META_SHOWN)}…` : text}`;
}

/** One text for equal JSON values, whatever the order of their keys. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`);
  return `{${members.join()}}`;
}

/** Length of a digest: 16 bytes. With 8 bytes the author of a plan could find two steps of one digest by trying. */
export const DIGEST_CHARACTERS = 22;

/** Base64: none of its characters can end an HTML comment. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64').slice(0, DIGEST_CHARACTERS);

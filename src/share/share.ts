// A share as the API shows it. The types come from the official SDK, but every enumeration is open, because the API has
// added types and states before. They promise only what cloudflare/shapes.ts checks: a field that can be null, missing
// or of the wrong type is optional here, and a field that nothing checks is `unknown`.

import type { RecipientListResponse } from 'cloudflare/resources/resource-sharing/recipients.mjs';
import type {
  ResourceSharingCreateParams,
  ResourceSharingGetResponse,
} from 'cloudflare/resources/resource-sharing/resource-sharing.mjs';

type Open<T> = T extends string ? T | (string & {}) : T;
type OpenFields<T, K extends keyof T> = Omit<T, K> & { [P in K]: Open<T[P]> };
/** The fields of a response: required ones, optional ones that are checked if present, and all others. */
type Shown<T, Needed extends keyof T, Checked extends keyof T = never> = { [P in Needed]: Open<T[P]> } & {
  [P in Checked]?: Open<NonNullable<T[P]>>;
} & { [P in Exclude<keyof T, Needed | Checked>]?: unknown };

export type ShareResource = Shown<
  ResourceSharingGetResponse.Resource,
  'id' | 'resource_id' | 'resource_type' | 'resource_account_id' | 'status'
>;
export type Share = Shown<
  Omit<ResourceSharingGetResponse, 'resources'>,
  'id' | 'name' | 'status' | 'target_type' | 'created',
  | 'account_id'
  | 'account_name'
  | 'organization_id'
  | 'kind'
  | 'associating_recipient_count'
  | 'associated_recipient_count'
  | 'disassociating_recipient_count'
  | 'disassociated_recipient_count'
> & { resources?: ShareResource[] };
/** The state of one resource for a recipient. */
type RecipientResource = Shown<
  NonNullable<RecipientListResponse['resources']>[number],
  'error' | 'resource_id' | 'terminal'
>;
export type Recipient = Shown<Omit<RecipientListResponse, 'resources'>, 'id' | 'account_id' | 'association_status'> & {
  resources?: RecipientResource[];
};

/** An account that a share with the organization excludes, as the API shows it. */
export interface Exclusion {
  id: string;
  account_id: string;
  created?: unknown;
  modified?: unknown;
}

/** A list that was read, or `not-read` for a list that can't differ or that this run has just sent. */
type Read<T> = readonly T[] | 'not-read';

/** What Cloudflare says about one share. */
export interface Observed {
  /** With its resources, unless the plan doesn't need them (a deletion, for example). */
  share: Share;
  recipients: Read<Recipient>;
  exclusions: Read<Exclusion>;
}

/** Only the share itself was read. */
export const justShare = (share: Share): Observed => ({ share, recipients: 'not-read', exclusions: 'not-read' });

/**
 * A listed share without a field that the action needs. It stops a run only if it could be one of the desired shares.
 */
export interface UnreadableShare {
  id?: string;
  name?: string;
  /** What is wrong with it, as a clause: `"created" is null`. */
  wrong: string;
}

/**
 * A recipient as sent in a request, under the key that the workflow used. `{}` means the caller's whole organization.
 */
export type RecipientItem = ResourceSharingCreateParams.Recipient;
/** A resource as sent in a request. */
export type ResourceItem = OpenFields<ResourceSharingCreateParams.Resource, 'resource_type'>;
/** A desired resource. Without `meta`, its `meta` isn't managed: neither compared nor changed. */
export type DesiredResource = Omit<ResourceItem, 'meta'> & { meta?: unknown };
/** The resource as sent in a request, which needs a `meta`. */
export const asSent = (resource: DesiredResource): ResourceItem => ({ ...resource, meta: resource.meta ?? {} });
/** An exclusion as sent in a request. Source: Cloudflare's `cf` client; the SDK doesn't have it yet. */
export interface ExclusionItem {
  account_id: string;
}

/** The target of a share: listed accounts, or every account in the organization. */
export type Target = 'account' | 'organization';

/** The account that a recipient item names, under either key; undefined for an organization. */
export const accountOf = (item: RecipientItem): string | undefined => item.recipient_account_id ?? item.account_id;

export const targetOf = (recipients: readonly RecipientItem[]): Target =>
  recipients.some((item) => accountOf(item) === undefined) ? 'organization' : 'account';

/** Ids are compared ignoring case, in case the API returns uppercase. */
export const idKey = (id: string): string => id.toLowerCase();
/** An unknown id equals no id, not even another unknown one. */
export const sameId = (a: string | null | undefined, b: string | null | undefined): boolean =>
  typeof a === 'string' && typeof b === 'string' && idKey(a) === idKey(b);

/**
 * Names are compared ignoring Unicode normalization, because people can't tell `Zürich` in NFC from `Zürich` in NFD.
 */
export const nameKey = (name: string): string => name.normalize('NFC');
/** An unknown name equals no name, not even another unknown one. */
export const sameName = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && nameKey(a) === nameKey(b);

// What identifies the items of a share's lists, regardless of the case of ids. The keys are for sets and maps. Reviewed
// plans contain digests of these texts, so a change requires another `REVIEW_VERSION`.

/** A recipient is identified by its account, under either key, or its organization. `{}` is the caller's organization. */
export function recipientIdentity(item: RecipientItem): string[] {
  const account = accountOf(item);
  return account === undefined ? ['organization', idKey(item.organization_id ?? '')] : ['account', idKey(account)];
}
export const recipientKey = (item: RecipientItem): string => recipientIdentity(item).join(' ');

/** A resource is identified by its type, id and owner. `meta` isn't part of its identity. */
export const resourceIdentity = (r: Omit<ResourceItem, 'meta'>): string[] => [
  r.resource_type,
  idKey(r.resource_id),
  idKey(r.resource_account_id),
];
export const resourceKey = (r: Omit<ResourceItem, 'meta'>): string => JSON.stringify(resourceIdentity(r));

export const exclusionKey = ({ account_id }: ExclusionItem): string => idKey(account_id);

/**
 * A share is live unless it is deleting or deleted. An unknown status counts as live; otherwise the run would create a
 * second share.
 */
export const isLive = (thing: { status: string }): boolean => thing.status !== 'deleting' && thing.status !== 'deleted';

/**
 * Does the account send the share? Yes, unless the API names another owner, or names none and says that the share is
 * received.
 */
export const isOwnedBy = ({ account_id, kind }: Pick<Share, 'account_id' | 'kind'>, accountId: string): boolean =>
  account_id ? sameId(account_id, accountId) : kind !== 'received';

export const liveResources = (share: Share): ShareResource[] => (share.resources ?? []).filter(isLive);

/** All copies of one resource in one share, oldest first. */
export type Copies = [ShareResource, ...ShareResource[]];

/** The resources that the share contains more than once. */
export function repeatedResources(share: Share): Copies[] {
  const byKey = new Map<string, Copies>();
  for (const resource of liveResources(share)) {
    const key = resourceKey(resource);
    const copies = byKey.get(key);
    if (copies) copies.push(resource);
    else byKey.set(key, [resource]);
  }
  return [...byKey.values()].filter(({ length }) => length > 1).map((copies) => copies.sort(byAge));
}

/** Is the recipient removed, or being removed? The API keeps listing removed recipients; they count as absent. */
export const isLeaving = (r: Recipient): boolean =>
  r.association_status === 'disassociating' || r.association_status === 'disassociated';

export const liveRecipients = (recipients: readonly Recipient[]): Recipient[] =>
  recipients.filter((r) => !isLeaving(r));

interface Dated {
  id: string;
  created?: unknown;
}

/** Compares by `created` and then by id, the oldest first: an order on which all runs agree. */
export const byAge = (a: Dated, b: Dated): number =>
  compareInstants(String(a.created), String(b.created)) || (a.id < b.id ? -1 : 1);

export const oldestFirst = <T extends Dated>(things: readonly T[]): T[] => [...things].sort(byAge);

// Timestamps have microseconds, which Date drops, so compare whole milliseconds first, then the text after the seconds.
// Invalid timestamps sort last, so the order is total, and an unrelated share can't change how two others compare.
function compareInstants(a: string, b: string): number {
  const milliseconds = (instant: string): number => {
    const ms = Date.parse(instant);
    return Number.isNaN(ms) ? Number.POSITIVE_INFINITY : ms;
  };
  if (milliseconds(a) !== milliseconds(b)) return milliseconds(a) - milliseconds(b);
  const fraction = (instant: string): string => (/\.(\d+)/.exec(instant)?.[1] ?? '').padEnd(9, '0');
  return fraction(a) < fraction(b) ? -1 : fraction(a) > fraction(b) ? 1 : 0;
}

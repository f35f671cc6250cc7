// A share as the API shows it. The types are the official SDK's, with every enumeration open, because the API has added types
// and states before. They promise what cloudflare/shapes.ts checks and nothing else: a field that may be null, missing or of
// another type is optional here, and one that nobody checks is `unknown`.

import type { RecipientListResponse } from 'cloudflare/resources/resource-sharing/recipients.mjs';
import type {
  ResourceSharingCreateParams,
  ResourceSharingGetResponse,
} from 'cloudflare/resources/resource-sharing/resource-sharing.mjs';

type Open<T> = T extends string ? T | (string & {}) : T;
type OpenFields<T, K extends keyof T> = Omit<T, K> & { [P in K]: Open<T[P]> };
/** Of a response: the fields that are checked to be there, those that are checked if they are there, and all others. */
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
/** How one resource fares at a recipient. */
type RecipientResource = Shown<
  NonNullable<RecipientListResponse['resources']>[number],
  'error' | 'resource_id' | 'terminal'
>;
export type Recipient = Shown<Omit<RecipientListResponse, 'resources'>, 'id' | 'account_id' | 'association_status'> & {
  resources?: RecipientResource[];
};

/** An account of the organization that a share with the organization leaves out, as the API shows it. */
export interface Exclusion {
  id: string;
  account_id: string;
  created?: unknown;
  modified?: unknown;
}

/** A listed share that lacks a field that the action needs. It stops a run only if it may be one of the desired shares. */
export interface UnreadableShare {
  id?: string;
  name?: string;
  /** What is wrong with it, as a clause: `"created" is null`. */
  wrong: string;
}

/** A recipient as a request names it: with the key that the workflow wrote; `{}` is the caller's whole organization. */
export type RecipientItem = ResourceSharingCreateParams.Recipient;
/** A resource as a request names it. */
export type ResourceItem = OpenFields<ResourceSharingCreateParams.Resource, 'resource_type'>;
/** A resource as it is desired. Without `meta`, its `meta` is not managed: neither compared nor changed. */
export type DesiredResource = Omit<ResourceItem, 'meta'> & { meta?: unknown };
/** The resource as a request names it: requests need a `meta`. */
export const asSent = (resource: DesiredResource): ResourceItem => ({ ...resource, meta: resource.meta ?? {} });
/** An exclusion as a request names it. Source: Cloudflare's `cf` client; the SDK does not have it yet. */
export interface ExclusionItem {
  account_id: string;
}

/** What a share reaches: listed accounts, or every account of the organization. */
export type Target = 'account' | 'organization';

/** The account that a recipient item names, under either of its names; nothing for an organization. */
export const accountOf = (item: RecipientItem): string | undefined => item.recipient_account_id ?? item.account_id;

export const targetOf = (recipients: readonly RecipientItem[]): Target =>
  recipients.some((item) => accountOf(item) === undefined) ? 'organization' : 'account';

/** Ids are equal whatever their case: an API that answers in capitals means the same account. */
export const idKey = (id: string): string => id.toLowerCase();

/** Names are equal whatever their Unicode normalization: people can't tell `Zürich` in NFC from `Zürich` in NFD. */
export const nameKey = (name: string): string => name.normalize('NFC');
export const sameName = (a: string, b: string): boolean => nameKey(a) === nameKey(b);

/** Two resources are the same thing shared when type, id and owner agree; `meta` is a property of it. */
export const resourceKey = (r: Omit<ResourceItem, 'meta'>): string =>
  JSON.stringify([r.resource_type, idKey(r.resource_id), idKey(r.resource_account_id)]);

/** Everything is live that is not deleting or deleted. An unknown status counts as live, or a second share would be created. */
export const isLive = (thing: { status: string }): boolean => thing.status !== 'deleting' && thing.status !== 'deleted';

/** Does the account send the share? It does unless the API names another owner, or names none and says it is received. */
export const isOwnedBy = ({ account_id, kind }: Pick<Share, 'account_id' | 'kind'>, accountId: string): boolean =>
  account_id ? idKey(account_id) === idKey(accountId) : kind !== 'received';

export const liveResources = (share: Share): ShareResource[] => (share.resources ?? []).filter(isLive);

/** Is the recipient removed, or being removed? The API lists removed recipients for ever; they count as not there. */
export const isLeaving = (r: Recipient): boolean =>
  r.association_status === 'disassociating' || r.association_status === 'disassociated';

export const liveRecipients = (recipients: readonly Recipient[]): Recipient[] =>
  recipients.filter((r) => !isLeaving(r));

/** Oldest first, by `created` and then by id: the order on which all runs agree, whoever asks. */
export const oldestFirst = (shares: readonly Share[]): Share[] =>
  [...shares].sort((a, b) => compareInstants(a.created, b.created) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

// Timestamps come with microseconds, which Date drops: whole milliseconds first, then the text after the seconds. What is no
// timestamp comes last: with an order between all shares, an unrelated share cannot change which of two comes first.
function compareInstants(a: string, b: string): number {
  const milliseconds = (instant: string): number => {
    const ms = Date.parse(instant);
    return Number.isNaN(ms) ? Number.POSITIVE_INFINITY : ms;
  };
  if (milliseconds(a) !== milliseconds(b)) return milliseconds(a) < milliseconds(b) ? -1 : 1;
  const fraction = (instant: string): string => (/\.(\d+)/.exec(instant)?.[1] ?? '').padEnd(9, '0');
  return fraction(a) < fraction(b) ? -1 : fraction(a) > fraction(b) ? 1 : 0;
}

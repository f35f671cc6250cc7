// The plan: wished and found go in, what has to happen comes out, as a value that can be printed, compared,
// tested without a network, and applied.

import { equalJson } from './json.ts';
import {
  accountOf,
  liveRecipients,
  liveResources,
  type Recipient,
  type RecipientItem,
  type ResourceItem,
  resourceKey,
  type Share,
  type ShareResource,
} from './share.ts';
import type { Wish } from './wish.ts';

export type PlanAction = 'create' | 'update' | 'replace' | 'delete' | 'none';

/** A recipient that is there: as the API names it. */
export type FoundRecipient = Pick<Recipient, 'id' | 'account_id' | 'association_status'>;
/** A resource that is there: `id` is the share-resource's, `resource_id` the shared thing's. */
export type FoundResource = Pick<ShareResource, 'id' | 'resource_type' | 'resource_id' | 'resource_account_id'>;

export interface SharePlan {
  name: string;
  action: PlanAction;
  share_id: string | null;
  rename: { from: string; to: string } | null;
  recipients: { add: RecipientItem[]; remove: FoundRecipient[]; extra: FoundRecipient[] };
  resources: {
    add: ResourceItem[];
    update: (FoundResource & { meta: unknown; previous_meta: unknown })[];
    remove: FoundResource[];
    extra: FoundResource[];
  };
}

/** The `plan` output. */
export interface Plan {
  shares: SharePlan[];
}

/** What is there: a share with its resources, and its recipients as far as they were read. */
export interface Found {
  share: Share;
  recipients?: Recipient[];
}

const nothing = (): Pick<SharePlan, 'recipients' | 'resources'> => ({
  recipients: { add: [], remove: [], extra: [] },
  resources: { add: [], update: [], remove: [], extra: [] },
});

export const planToCreate = (wish: Wish): SharePlan => ({
  name: wish.name,
  action: 'create',
  share_id: null,
  rename: null,
  recipients: { add: wish.recipients ?? [], remove: [], extra: [] },
  resources: { add: wish.resources ?? [], update: [], remove: [], extra: [] },
});

export const planToDelete = (name: string, share: Share | undefined): SharePlan => ({
  name,
  action: share ? 'delete' : 'none',
  share_id: share?.id ?? null,
  rename: null,
  ...nothing(),
});

export const planToKeep = (wish: Wish, share: Share): SharePlan => ({
  name: wish.name,
  action: 'none',
  share_id: share.id,
  rename: null,
  ...nothing(),
});

/** Is the share of the kind that was asked for, so that it can be brought there in place? */
export function fitsInPlace(wish: Wish, share: Share): boolean {
  if (wish.target === undefined) return true;
  if (wish.target !== share.target_type) return false;
  const named = (wish.recipients ?? []).flatMap((item) => item.organization_id ?? []);
  return wish.target === 'account' || named.every((id) => id === share.organization_id);
}

/**
 * What brings `found` to `wish`. Recipients and resources that are on their way out count as not there; ones that
 * are there and not listed are `remove` with `prune` and `extra` without. Accounts <-> organization cannot be done
 * in place: a replacement, whose new share holds just what is listed.
 */
export function planFor(wish: Wish, found: Found, options: { prune: boolean }): SharePlan {
  const { share } = found;
  const rename = share.name === wish.name ? null : { from: share.name, to: wish.name };
  const replace = !fitsInPlace(wish, share);
  const recipients = planRecipients(wish, found, options.prune || replace);
  const resources = planResources(wish, share, options.prune || replace);
  if (replace) {
    recipients.add = wish.recipients ?? [];
    resources.add = wish.resources ?? [];
    resources.update = [];
  }
  const changes =
    recipients.add.length +
    recipients.remove.length +
    resources.add.length +
    resources.update.length +
    resources.remove.length;
  const action = replace ? 'replace' : changes > 0 || rename ? 'update' : 'none';
  return { name: wish.name, action, share_id: share.id, rename: replace ? null : rename, recipients, resources };
}

function planRecipients(wish: Wish, found: Found, removeUnlisted: boolean): SharePlan['recipients'] {
  const wished = wish.recipients;
  // The recipients of a share with an organization follow its membership: there is nothing to add or remove.
  if (!wished || found.recipients === undefined || found.share.target_type === 'organization')
    return nothing().recipients;
  const live = liveRecipients(found.recipients);
  const there = new Set(live.map((r) => r.account_id));
  const listed = new Set(wished.map(accountOf));
  const unlisted = live
    .filter((r) => !listed.has(r.account_id))
    .map(({ id, account_id, association_status }) => ({ id, account_id, association_status }));
  return {
    add: wished.filter((item) => !there.has(accountOf(item) ?? '')),
    remove: removeUnlisted ? unlisted : [],
    extra: removeUnlisted ? [] : unlisted,
  };
}

function planResources(wish: Wish, share: Share, removeUnlisted: boolean): SharePlan['resources'] {
  if (!wish.resources) return nothing().resources;
  const identity = ({ id, resource_type, resource_id, resource_account_id }: ShareResource): FoundResource => ({
    id,
    resource_type,
    resource_id,
    resource_account_id,
  });
  const there = new Map(liveResources(share).map((r) => [resourceKey(r), r]));
  const listed = new Set(wish.resources.map(resourceKey));
  const unlisted = [...there].filter(([key]) => !listed.has(key)).map(([, r]) => identity(r));
  const update = wish.resources.flatMap((wished) => {
    const r = there.get(resourceKey(wished));
    return r && !equalJson(r.meta ?? {}, wished.meta)
      ? [{ ...identity(r), meta: wished.meta, previous_meta: r.meta ?? {} }]
      : [];
  });
  return {
    add: wish.resources.filter((wished) => !there.has(resourceKey(wished))),
    update,
    remove: removeUnlisted ? unlisted : [],
    extra: removeUnlisted ? [] : unlisted,
  };
}

/** Would apply change anything? */
export const changesAnything = (plan: SharePlan): boolean => plan.action !== 'none';

/** Is the world other than written, extras included? */
export const hasDrift = (plan: SharePlan): boolean =>
  changesAnything(plan) || plan.recipients.extra.length > 0 || plan.resources.extra.length > 0;

/** The ids of the live share-resources: the wished ones in the wished order, then the others in the API's. */
export function resourceIds(share: Share, wish: Wish | undefined): string[] {
  const rank = new Map((wish?.resources ?? []).map((r, i) => [resourceKey(r), i]));
  const rankOf = (r: ShareResource): number => rank.get(resourceKey(r)) ?? rank.size;
  return liveResources(share)
    .map((r, i) => ({ r, i }))
    .sort((a, b) => rankOf(a.r) - rankOf(b.r) || a.i - b.i)
    .map(({ r }) => r.id);
}

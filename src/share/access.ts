// Who has access to what through one share: an audience, and the resources that everybody in it gets. Applying a plan
// changes the access; the difference is what accounts gain. Pure.

import type { DesiredShare } from './desired.ts';
import { itemsOf, itemsWith, type PlanItem, type SharePlan } from './plan.ts';
import {
  accountOf,
  idKey,
  isLive,
  liveRecipients,
  liveResources,
  type Observed,
  type ResourceItem,
  resourceKey,
  sameId,
} from './share.ts';

/** Listed accounts, or every account of an organization except some. */
export type Audience =
  | { accounts: readonly string[] }
  | {
      /** Null: the organization of the account that owns the share. Requests can omit its id. */
      organization: string | null;
      /** Null: unknown, so assume that no account is excluded. Exclusions are read only if `exclude` is given. */
      except: readonly string[] | null;
    };

/** Identifies a resource, without its `meta` and its state in a share. */
export type SharedResource = Pick<ResourceItem, 'resource_type' | 'resource_id' | 'resource_account_id'>;

export interface Access {
  audience: Audience;
  resources: readonly SharedResource[];
}

const NONE: Access = { audience: { accounts: [] }, resources: [] };

/**
 * What a share gives, and to whom.
 * @param sent what this run requested. Lists of a share that it has just created aren't read; they are assumed to be as
 * sent
 */
export function accessOf(observed: Observed | undefined, sent: Pick<DesiredShare, 'recipients' | 'exclude'>): Access {
  if (!observed || !isLive(observed.share)) return NONE;
  const { share, recipients, exclusions } = observed;
  const accounts =
    recipients === 'not-read'
      ? (sent.recipients ?? []).flatMap((item) => accountOf(item) ?? [])
      : liveRecipients(recipients).map((r) => r.account_id);
  const excluded = exclusions === 'not-read' ? sent.exclude : exclusions;
  return {
    audience:
      share.target_type === 'account'
        ? { accounts }
        : {
            organization: share.organization_id || null,
            except: excluded?.map(({ account_id }) => account_id) ?? null,
          },
    resources: liveResources(share).map(idsOnly),
  };
}

/**
 * What the share gives, and to whom, once the plan is applied.
 * @param items the changes to consider. Default: all changes of the plan
 */
export function accessAfter(plan: SharePlan, before: Access, items: readonly PlanItem[] = itemsOf(plan)): Access {
  if (plan.action === 'delete') return NONE;
  // A new share has the added items. A replacement's removals are the other items of the old share.
  const { audience, resources } = plan.action === 'create' || plan.action === 'replace' ? NONE : before;
  const joining = itemsWith(items, 'recipient', 'add');
  const organization = joining.find((item) => accountOf(item) === undefined);
  const reached: Audience = organization
    ? { organization: organization.organization_id ?? null, except: [] }
    : 'accounts' in audience
      ? {
          accounts: exchanged(audience.accounts, idKey, {
            add: joining.flatMap((item) => accountOf(item) ?? []),
            remove: itemsWith(items, 'recipient', 'remove').map(accountIn),
          }),
        }
      : audience;
  const exclusions = {
    add: itemsWith(items, 'exclusion', 'add').map(accountIn),
    remove: itemsWith(items, 'exclusion', 'remove').map(accountIn),
  };
  const isUnread = 'except' in reached && reached.except === null;
  return {
    audience:
      'accounts' in reached || isUnread
        ? reached
        : { ...reached, except: exchanged(reached.except ?? [], idKey, exclusions) },
    resources: exchanged(resources, resourceKey, {
      add: itemsWith(items, 'resource', 'add').map(idsOnly),
      remove: itemsWith(items, 'resource', 'remove').map(idsOnly),
    }),
  };
}

const accountIn = ({ account_id }: { account_id: string }): string => account_id;

/** A list without the removed items and with the added ones. */
function exchanged<T>(had: readonly T[], keyOf: (each: T) => string, { add, remove }: { add: T[]; remove: T[] }): T[] {
  const gone = new Set(remove.map(keyOf));
  return [...had.filter((each) => !gone.has(keyOf(each))), ...add];
}

const idsOnly = ({ resource_type, resource_id, resource_account_id }: SharedResource): SharedResource => ({
  resource_type,
  resource_id,
  resource_account_id,
});

/** An account gains access to a resource. */
export interface Gain {
  /** Null: all other accounts of the organization. */
  account: string | null;
  resource: SharedResource;
}

/**
 * What accounts gain when the access changes from `before` to `after`.
 * @param named accounts to list individually, apart from the rest of an organization
 */
export function gains(before: Access, after: Access, named: readonly string[]): Gain[] {
  const had = new Set(before.resources.map(resourceKey));
  const fresh = after.resources.filter((resource) => !had.has(resourceKey(resource)));
  const hadShare = memberOf(before.audience, after.audience);
  return membersOf(after.audience, [...named, ...exceptionsOf(before.audience)]).flatMap((account) =>
    (hadShare(account) ? fresh : after.resources).map((resource) => ({ account, resource })),
  );
}

export const exceptionsOf = (audience: Audience): readonly string[] =>
  'accounts' in audience ? [] : (audience.except ?? []);

/** The accounts of an audience. For an organization: the named accounts, and null for all others. */
function membersOf(audience: Audience, named: readonly string[]): (string | null)[] {
  if ('accounts' in audience) return [...audience.accounts];
  const left = new Set(exceptionsOf(audience).map(idKey));
  const byKey = new Map(named.map((account) => [idKey(account), account]));
  return [...[...byKey].filter(([key]) => !left.has(key)).map(([, account]) => account), null];
}

/**
 * Makes a function that tells whether an account belongs to an audience.
 * @param of the audience that the account comes from, because its organization must be the same
 */
export function memberOf(audience: Audience, of: Audience): (account: string | null) => boolean {
  if ('accounts' in audience) {
    const accounts = new Set(audience.accounts.map(idKey));
    return (account) => account !== null && accounts.has(idKey(account));
  }
  const left = new Set(exceptionsOf(audience).map(idKey));
  const { organization } = audience;
  const isAnother = organization !== null && 'organization' in of && !sameId(organization, of.organization);
  return (account) => !isAnother && (account === null || !left.has(idKey(account)));
}

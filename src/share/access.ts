// Who has what through one share: an audience, and the resources that all of it has. A plan turns one access into another,
// and the difference between the two is what somebody gains. Pure.

import type { DesiredShare } from './desired.ts';
import type { Observed } from './observed.ts';
import type { SharePlan } from './plan.ts';
import { itemsOf, type PlanItem } from './plan-items.ts';
import {
  accountOf,
  idKey,
  isLive,
  liveRecipients,
  liveResources,
  type RecipientItem,
  type ResourceItem,
  resourceKey,
} from './share.ts';

/** Listed accounts, or every account of an organization except some. */
export type Audience =
  | { accounts: readonly string[] }
  | {
      /** Null: the organization of the account that owns the share. Requests may leave its id out. */
      organization: string | null;
      /** Null: not known. Exclusions are read only when `exclude` is given, so count on every account. */
      except: readonly string[] | null;
    };

/** A resource without what a share says about it. */
export type SharedResource = Pick<ResourceItem, 'resource_type' | 'resource_id' | 'resource_account_id'>;

export interface Access {
  audience: Audience;
  resources: readonly SharedResource[];
}

const NONE: Access = { audience: { accounts: [] }, resources: [] };

/**
 * What a share gives, and to whom.
 * @param sent what this run asked for. A share that this run has just created is as it was sent: its lists are not read
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
    resources: liveResources(share).map(identityOf),
  };
}

/**
 * What the share gives, and to whom, once the plan is applied.
 * @param items the changes that count; all of the plan's, unless they are given
 */
export function accessAfter(plan: SharePlan, before: Access, items: readonly PlanItem[] = itemsOf(plan)): Access {
  if (plan.action === 'delete') return NONE;
  // A new share has what is added to it. What a replacement removes is what the old share had besides.
  const isNew = plan.action === 'create' || plan.action === 'replace';
  return items.reduce(afterItem, isNew ? NONE : before);
}

function afterItem({ audience, resources }: Access, { kind, op, item }: PlanItem): Access {
  if (op === 'extra' || op === 'update') return { audience, resources };
  switch (kind) {
    case 'resource':
      return {
        audience,
        resources: [
          ...resources.filter((each) => resourceKey(each) !== resourceKey(item)),
          ...(op === 'add' ? [identityOf(item)] : []),
        ],
      };
    case 'recipient':
      return { audience: op === 'add' ? joinedBy(audience, item) : leftBy(audience, item.account_id), resources };
    case 'exclusion': {
      if ('accounts' in audience) return { audience, resources };
      const others = (audience.except ?? []).filter((each) => idKey(each) !== idKey(item.account_id));
      return { audience: { ...audience, except: op === 'add' ? [...others, item.account_id] : others }, resources };
    }
  }
}

function joinedBy(audience: Audience, item: RecipientItem): Audience {
  const account = accountOf(item);
  if (account === undefined) return { organization: item.organization_id ?? null, except: [] };
  return 'accounts' in audience ? { accounts: [...audience.accounts, account] } : audience;
}

const leftBy = (audience: Audience, account: string): Audience =>
  'accounts' in audience ? { accounts: audience.accounts.filter((each) => idKey(each) !== idKey(account)) } : audience;

const identityOf = ({ resource_type, resource_id, resource_account_id }: SharedResource): SharedResource => ({
  resource_type,
  resource_id,
  resource_account_id,
});

/** Somebody gets a resource. */
export interface Gain {
  /** Null: every account of the organization that nothing names. */
  account: string | null;
  resource: SharedResource;
}

/**
 * Who gains what between two moments.
 * @param named accounts to tell apart from the rest of an organization
 */
export function gains(before: Access, after: Access, named: readonly string[] = []): Gain[] {
  const had = new Set(before.resources.map(resourceKey));
  const fresh = after.resources.filter((resource) => !had.has(resourceKey(resource)));
  const hadShare = memberOf(before.audience, after.audience);
  return membersOf(after.audience, [...named, ...exceptionsOf(before.audience)]).flatMap((account) =>
    (hadShare(account) ? fresh : after.resources).map((resource) => ({ account, resource })),
  );
}

export const exceptionsOf = (audience: Audience): readonly string[] =>
  'accounts' in audience ? [] : (audience.except ?? []);

/** The accounts of an audience. For an organization: those that are named, and null for the others. */
function membersOf(audience: Audience, named: readonly string[]): (string | null)[] {
  if ('accounts' in audience) return [...audience.accounts];
  const left = new Set(exceptionsOf(audience).map(idKey));
  const byKey = new Map(named.map((account) => [idKey(account), account]));
  return [...[...byKey].filter(([key]) => !left.has(key)).map(([, account]) => account), null];
}

/**
 * Tells whether an account belongs to an audience.
 * @param of the audience in which the account was found: it says which organization is meant
 */
export function memberOf(audience: Audience, of: Audience): (account: string | null) => boolean {
  if ('accounts' in audience) {
    const accounts = new Set(audience.accounts.map(idKey));
    return (account) => account !== null && accounts.has(idKey(account));
  }
  const left = new Set(exceptionsOf(audience).map(idKey));
  const { organization } = audience;
  const isAnother =
    organization !== null && 'organization' in of && idKey(organization) !== idKey(of.organization ?? '');
  return (account) => !isAnother && (account === null || !left.has(idKey(account)));
}

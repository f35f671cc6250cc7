// Reads the lists that names come from: the accounts of the organization, gateway policies and custom rulesets. Each
// list is read at most once per run, and only if it is needed. A list that can't be read is a value, too: the caller
// decides whether that is a notice or an error.

import { adviceFor } from '../cloudflare/advice.ts';
import type { DirectoryEndpoints, List, ListedAccount, ListedPolicy } from '../cloudflare/directory-endpoints.ts';
import { Cancelled, isNotFound, Refusal } from '../cloudflare/errors.ts';
import { isReference, type WrittenShare } from '../share/desired.ts';
import { reasonIn } from '../share/problem.ts';
import { idKey, isLive, liveResources, type Share, sameId } from '../share/share.ts';
import { listedIn } from '../share/unlisted.ts';

/** A list that can't be read. */
export interface Unreadable {
  /** The things whose names are missing because of it, such as `accounts`. */
  what: string;
  /** The request's error, as a sentence without its full stop. */
  why: string;
  /** The missing permission, if that is the reason. */
  permission?: string;
}

export type Lookup<T> = List<T> | Unreadable;

export const isReadable = <T>(found: Lookup<T> | undefined): found is List<T> =>
  found !== undefined && 'items' in found;

export interface Directory {
  /** Undefined: not needed. */
  accounts?: Lookup<ListedAccount> & {
    /**
     * The list comes from the organization. If not, it has only the accounts that the token can see, and others can
     * exist.
     */
    isOfOrganization?: boolean;
  };
  /** Gateway policies and custom rulesets by `listKey`. Lists that aren't needed are missing. */
  resources: ReadonlyMap<string, Lookup<ListedPolicy>>;
}

/** The resource types that have names. */
const NAMED_TYPES = ['gateway-policy', 'custom-ruleset'] as const;
type NamedType = (typeof NAMED_TYPES)[number];

/** The nouns for one resource of this type, and for several. */
export const SINGULARS: Readonly<Record<NamedType, string>> = {
  'gateway-policy': 'gateway policy',
  'custom-ruleset': 'custom ruleset',
};
export const PLURALS: Readonly<Record<NamedType, string>> = {
  'gateway-policy': 'gateway policies',
  'custom-ruleset': 'custom rulesets',
};

export const isNamedType = (type: string): type is NamedType => NAMED_TYPES.some((each) => each === type);

/** Identifies the list of an account's resources of one type. */
export const listKey = ({ resource_type: type, resource_account_id: account }: Owned): string =>
  JSON.stringify([type, idKey(account)]);

interface Owned {
  resource_type: string;
  resource_account_id: string;
}

/** The permissions, under Cloudflare's names for them. */
const PERMISSIONS = {
  accounts: 'access to the organization (or "Account Settings Read")',
  'gateway-policy': '"Zero Trust Read"',
  'custom-ruleset': '"Account Rulesets Read"',
} as const;

/** What to look up names for. */
export interface Needs {
  accountId: string;
  /** The shares as written. Their references are always looked up. */
  written: readonly WrittenShare[];
  /** Also look up the names of items given by id (`names: true`). */
  names: boolean;
  /** The account's shares. Undefined: they can't be listed, which the run reports elsewhere. */
  shares: () => Promise<readonly Share[] | undefined>;
  /** The run shows every live share of the account, as `mode: export` and complete files do. */
  showsAllShares: boolean;
}

/** Reads every list that is needed. @throws {Cancelled} and nothing else: other errors are returned as values */
export async function lookUp(api: DirectoryEndpoints, needs: Needs): Promise<Directory> {
  const live = needs.names ? liveOf(await needs.shares(), needs) : [];
  const lists = new Map<string, Owned & { resource_type: NamedType }>();
  for (const { resource_type, resource_account_id } of [...writtenResources(needs), ...live.flatMap(liveResources)])
    if (isNamedType(resource_type))
      lists.set(listKey({ resource_type, resource_account_id }), { resource_type, resource_account_id });
  const [accounts, ...resources] = await Promise.all([
    needsAccounts(needs) ? readAccounts(api, needs) : undefined,
    ...[...lists].map(async ([key, list]) => [key, await readResources(api, list)] as const),
  ]);
  return { ...(accounts ? { accounts } : {}), resources: new Map(resources) };
}

const needsAccounts = ({ names, written }: Needs): boolean =>
  names || written.some(({ recipients = [], exclude = [] }) => [...recipients, ...exclude].some(isReference));

const writtenResources = ({ names, written }: Needs): Owned[] =>
  written.flatMap(({ resources = [] }) => resources.filter((item) => names || isReference(item)));

/** The live shares that the run shows. */
function liveOf(shares: readonly Share[] = [], { written, showsAllShares }: Needs): Share[] {
  const listed = listedIn(written);
  return shares.filter((share) => isLive(share) && (showsAllShares || listed.has(share)));
}

async function readAccounts(api: DirectoryEndpoints, needs: Needs): Promise<NonNullable<Directory['accounts']>> {
  const organizationId = await organizationOf(api, needs);
  if (typeof organizationId === 'object') return organizationId;
  if (organizationId !== undefined) {
    const members = await attempt('accounts', PERMISSIONS.accounts, () => api.organizationAccounts(organizationId));
    if (isReadable(members)) return { ...members, isOfOrganization: true };
    // If the list of the organization failed only temporarily, don't replace it with a shorter list.
    if (members.permission === undefined) return members;
  }
  const seen = await attempt('accounts', PERMISSIONS.accounts, () => api.accounts());
  if (!isReadable(seen)) return seen;
  // The token can see accounts of other organizations, too.
  const items = seen.items.filter(
    (account) =>
      organizationId === undefined ||
      account.organizationId === undefined ||
      sameId(account.organizationId, organizationId),
  );
  return { ...seen, items };
}

/**
 * The organization that the account belongs to, from its record, a share or the inputs. Undefined: none of them names
 * it, possibly because the credentials can't read the record.
 */
async function organizationOf(
  api: DirectoryEndpoints,
  { accountId, written, shares }: Needs,
): Promise<string | undefined | Unreadable> {
  const read = async () => ({ items: [await api.account(accountId)], isWhole: true });
  const own = await attempt('accounts', PERMISSIONS.accounts, read);
  const [organizationId] = isReadable(own) ? own.items.flatMap((account) => account.organizationId ?? []) : [];
  if (organizationId !== undefined) return organizationId;
  const share = (await shares())?.find(({ organization_id }) => organization_id);
  if (share?.organization_id) return share.organization_id;
  const [requested] = written.flatMap(({ recipients = [] }) =>
    recipients.flatMap((item) => (isReference(item) ? [] : (item.organization_id ?? []))),
  );
  if (requested !== undefined) return requested;
  // A temporary failure doesn't mean that the account has no organization, so don't fall back to another list.
  return isReadable(own) || own.permission !== undefined ? undefined : own;
}

function readResources(
  api: DirectoryEndpoints,
  { resource_type: type, resource_account_id: owner }: Owned & { resource_type: NamedType },
): Promise<Lookup<ListedPolicy>> {
  const read = (): Promise<List<ListedPolicy>> =>
    type === 'gateway-policy' ? api.policies(owner) : api.rulesets(owner);
  return attempt(PLURALS[type], PERMISSIONS[type], read);
}

async function attempt<T>(what: string, permission: string, read: () => Promise<List<T>>): Promise<Lookup<T>> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    const why = reasonIn(error);
    if (error instanceof Refusal && error.isUnknownToken) return { what, why: `${why}. ${adviceFor(error)}` };
    // A refusal by something else, such as a firewall, says nothing about the permissions.
    const refused =
      isNotFound(error) || (error instanceof Refusal && error.isOfApi && [401, 403].includes(error.status));
    return { what, why, ...(refused ? { permission } : {}) };
  }
}

// The endpoints that return names: of accounts, gateway policies and rulesets. They only read, and every returned field
// except the id may be missing. Source: the official SDK (`accounts`, `zeroTrust.gateway.rules`, `rulesets`), and
// Cloudflare's API reference for the accounts of an organization.

import type { Call, Shape } from './call.ts';
import type { Client } from './client.ts';
import { everyPage, everyToken } from './pages.ts';
import { isObject, isText, listOf } from './shapes.ts';

/** Something that has an id, and usually a name. */
export interface Listed {
  id: string;
  name?: string;
}

export interface ListedAccount extends Listed {
  /** The organization that the account belongs to. */
  organizationId?: string;
}

export interface ListedPolicy extends Listed {
  /** False: Cloudflare doesn't share it. */
  sharable?: boolean;
  /** The account that created it. Policies shared by another account are listed, too. */
  sourceAccount?: string;
}

/** A list. If `isWhole` is false, not every entry could be read, so something that is missing from the list can still exist. */
export interface List<T> {
  items: T[];
  isWhole: boolean;
}

export type DirectoryEndpoints = ReturnType<typeof directoryEndpoints>;

type Fields = Record<string, unknown>;

/** A page of accounts has 5 to 50 entries; a page of rulesets has at most 50. */
const PAGE_SIZE = 50;

/** All functions throw what `Client.send` throws. */
export function directoryEndpoints(client: Client) {
  const accountPath = (id: string): string => `/accounts/${encodeURIComponent(id)}`;
  const resultOf = <T>(call: Call, shape: Shape<T>): Promise<T> =>
    client.send(call, shape).then(({ result }) => result);

  return {
    account: (id: string): Promise<ListedAccount> =>
      resultOf({ method: 'GET', path: accountPath(id), purpose: `read account ${id}` }, (result) =>
        isObject(result) ? { value: { ...accountIn(result), id } } : { wrong: '"result" is not an object' },
      ),

    /**
     * The accounts that the token can see. They can belong to several organizations, and may not include all accounts
     * of one.
     */
    accounts: (): Promise<List<ListedAccount>> =>
      everyPage(
        client,
        { method: 'GET', path: '/accounts', purpose: 'list the accounts that the token can see' },
        { shape: anyList, keyOf, pageSize: PAGE_SIZE },
      ).then(({ items }) => listed(items, accountIn)),

    /**
     * Every account of the organization. The endpoint is in beta, and most tokens can't use it, so expect a refusal.
     */
    organizationAccounts: (organizationId: string): Promise<List<ListedAccount>> =>
      everyToken(
        client,
        {
          method: 'GET',
          path: `/organizations/${encodeURIComponent(organizationId)}/accounts`,
          query: { page_size: '1000' },
          purpose: `list the accounts of organization ${organizationId}`,
        },
        { shape: anyList, keyOf, parameter: 'page_token' },
      ).then((items) => listed(items, accountIn)),

    /** The gateway policies of an account, including those that others share with it. This list has no pages. */
    policies: async (accountId: string): Promise<List<ListedPolicy>> => {
      const { result, info } = await client.send(
        {
          method: 'GET',
          path: `${accountPath(accountId)}/gateway/rules`,
          purpose: `list the gateway policies of account ${accountId}`,
        },
        anyList,
      );
      const { items, isWhole } = listed(result, policyIn);
      return { items, isWhole: isWhole && (info.total_count ?? 0) <= result.length };
    },

    /** The custom rulesets of an account, the only kind that can be shared. */
    rulesets: (accountId: string): Promise<List<Listed>> =>
      everyToken(
        client,
        {
          method: 'GET',
          path: `${accountPath(accountId)}/rulesets`,
          query: { per_page: String(PAGE_SIZE) },
          purpose: `list the rulesets of account ${accountId}`,
        },
        { shape: anyList, keyOf, parameter: 'cursor' },
      ).then((items) => listed(items, ({ kind, ...fields }) => (kind === 'custom' ? namedIn(fields) : undefined))),
  };
}

/** A list of anything. `null` counts as an empty list only if the count isn't above zero. */
const anyList: Shape<unknown[]> = listOf;

const textIn = (value: unknown): string | undefined => (isText(value) ? value : undefined);

const keyOf = (item: unknown): string => (isObject(item) && textIn(item.id)) || JSON.stringify(item);

/** @param read returns undefined for entries to skip */
function listed<T>(items: readonly unknown[], read: (fields: Fields & { id: string }) => T | undefined): List<T> {
  const readable = items.filter(
    (item): item is Fields & { id: string } => isObject(item) && textIn(item.id) !== undefined,
  );
  return {
    items: readable.flatMap((item) => read(item) ?? []),
    isWhole: readable.length === items.length,
  };
}

function namedIn({ id, name }: Fields): Listed {
  const text = textIn(name);
  return { id: String(id), ...(text === undefined ? {} : { name: text }) };
}

function accountIn(fields: Fields): ListedAccount {
  const managedBy = isObject(fields.managed_by) ? fields.managed_by : {};
  const organizationId = textIn(managedBy.parent_org_id);
  return { ...namedIn(fields), ...(organizationId === undefined ? {} : { organizationId }) };
}

/** A deleted policy can stay listed for a while, with its deletion date. */
function policyIn(fields: Fields): ListedPolicy | undefined {
  const { sharable, source_account: source, deleted_at: deletedAt } = fields;
  if (textIn(deletedAt) !== undefined) return undefined;
  const sourceAccount = textIn(source);
  return {
    ...namedIn(fields),
    ...(typeof sharable === 'boolean' ? { sharable } : {}),
    ...(sourceAccount === undefined ? {} : { sourceAccount }),
  };
}

// Directories and shares with references, for the tests of names.

import type { List, Listed, ListedPolicy } from '../../src/cloudflare/directory-endpoints.ts';
import { type Directory, listKey } from '../../src/directory/look-up.ts';
import type { WrittenShare } from '../../src/share/desired.ts';

export const OWNER = 'owner';

export const list = <T>(items: T[], isWhole = true): List<T> => ({ items, isWhole });

export const written = (parts: Partial<WrittenShare> = {}): WrittenShare => ({
  name: 'S',
  accountId: OWNER,
  state: 'present',
  target: 'account',
  placeOf: (path) => ({ label: path.join('.') }),
  ...parts,
});

/** A directory with these accounts of the organization and the owner's policies and rulesets. */
export const directory = (
  accounts: Listed[],
  policies: ListedPolicy[] = [],
  rulesets: Listed[] = [],
): Directory & { accounts: List<Listed> } => ({
  accounts: { ...list([{ id: OWNER, name: 'Headquarters' }, ...accounts]), isOfOrganization: true },
  resources: new Map([
    [listKey({ resource_type: 'gateway-policy', resource_account_id: OWNER }), list(policies)],
    [listKey({ resource_type: 'custom-ruleset', resource_account_id: OWNER }), list(rulesets)],
  ]),
});

export const policyNamed = (resource_name: string, meta: unknown = {}) => ({
  resource_type: 'gateway-policy',
  resource_name,
  resource_account_id: OWNER,
  meta,
});

export const policy = (resource_id: string, meta: unknown = {}) => ({
  resource_type: 'gateway-policy',
  resource_id,
  resource_account_id: OWNER,
  meta,
});

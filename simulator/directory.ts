// Everything with a name in the dashboard: the accounts that a token can see, their gateway policies and their rulesets. Shares refer
// to them by id, but nothing here depends on shares.
import { randomUUID } from 'node:crypto';
import { requirePermission } from './authentication.ts';
import type { Call, Endpoint } from './endpoint.ts';
import { belongsToOrganization, directory, organizationId, organizationName, ownerAccountId } from './organization.ts';
import { cursorPageOf, type PagingRules, pageOf, tokenPageOf } from './paging.ts';
import { ApiError, success } from './responses.ts';
import type { Account, GatewayRule, OrganizationAccount, Ruleset } from './shapes.ts';
import { invalidQuery, readCount } from './validation.ts';

/** A policy to add. Other fields override the defaults; an undefined one is omitted. */
export type PolicySeed = { name: unknown; accountId?: string } & Partial<Omit<GatewayRule, 'name'>>;
/** A ruleset to add. Other fields override the defaults. */
export type RulesetSeed = { name: unknown; accountId?: string } & Partial<Omit<Ruleset, 'name'>>;

const updatedAt = '2026-05-01T12:00:00Z';

export class Directory {
  /** Names that override the default ones, by account. */
  readonly #names = new Map<string, unknown>();
  readonly #hidden = new Set<string>();
  readonly #policies = new Map<string, Record<string, unknown>[]>();
  readonly #rulesets = new Map<string, Record<string, unknown>[]>();
  #hasNoOrganization = false;

  reset(): void {
    for (const changed of [this.#names, this.#hidden, this.#policies, this.#rulesets]) changed.clear();
    this.#hasNoOrganization = false;
  }

  /** The accounts of the organization, starting with the owner of shares. */
  get accounts(): OrganizationAccount[] {
    return directory.map((account) =>
      this.#names.has(account.id) ? { ...account, name: this.#names.get(account.id) as string } : account,
    );
  }

  /** The accounts that the token can see, each with its organization. */
  get visible(): Account[] {
    const managed_by = this.#hasNoOrganization
      ? {}
      : { managed_by: { parent_org_id: organizationId, parent_org_name: organizationName } };
    return this.accounts.filter(({ id }) => !this.#hidden.has(id)).map((account) => ({ ...account, ...managed_by }));
  }

  nameAccount(accountId: string, name: unknown): void {
    this.#names.set(accountId, name);
  }

  hideAccount(accountId: string): void {
    this.#hidden.add(accountId);
  }

  leaveOrganization(): void {
    this.#hasNoOrganization = true;
  }

  policies(accountId: string): Record<string, unknown>[] {
    return this.#policies.get(accountId) ?? [];
  }

  rulesets(accountId: string): Record<string, unknown>[] {
    return this.#rulesets.get(accountId) ?? [];
  }

  addPolicy({ accountId = ownerAccountId, ...fields }: PolicySeed): string {
    const id = randomUUID();
    const policy = {
      id,
      action: 'block',
      enabled: true,
      filters: ['dns'],
      precedence: 1000 + this.policies(accountId).length,
      traffic: '',
      read_only: false,
      sharable: true,
      source_account: accountId,
      created_at: updatedAt,
      updated_at: updatedAt,
      deleted_at: null,
      ...fields,
    };
    this.#policies.set(accountId, [...this.policies(accountId), policy]);
    return String(policy.id);
  }

  addRuleset({ accountId = ownerAccountId, ...fields }: RulesetSeed): string {
    const ruleset = {
      id: randomUUID().replaceAll('-', ''),
      kind: 'custom',
      phase: 'http_request_firewall_custom',
      description: '',
      version: '1',
      last_updated: updatedAt,
      ...fields,
    };
    this.#rulesets.set(accountId, [...this.rulesets(accountId), ruleset]);
    return String(ruleset.id);
  }

  /** Deletes a policy or a ruleset, as somebody could in the dashboard. Shares still list it. */
  deleteResource(resourceId: string): void {
    for (const all of [this.#policies, this.#rulesets])
      for (const [accountId, some] of all)
        all.set(
          accountId,
          some.filter(({ id }) => id !== resourceId),
        );
  }

  /** Renames a policy or a ruleset, as somebody could in the dashboard. */
  renameResource(resourceId: string, name: unknown): void {
    for (const all of [this.#policies, this.#rulesets])
      for (const some of all.values()) for (const one of some) if (one.id === resourceId) one.name = name;
  }
}

export function directoryEndpoints(
  here: Directory,
  rules: Pick<PagingRules, 'resultInfo'> & { directoryPageMax: number },
): Endpoint[] {
  const { resultInfo } = rules;
  const accountPages = {
    unpagedByDefault: false,
    pagedByToken: false,
    defaultPageSize: 20,
    pageSizeMax: 50,
    resultInfo,
  };
  const accountOf = (call: Call): string => {
    const { account_id = '' } = call.params;
    requirePermission(call.mayReadDirectory);
    if (!belongsToOrganization(account_id)) {
      throw new ApiError(403, { code: 9109, message: 'Unauthorized to access requested resource' });
    }
    return account_id;
  };
  return [
    {
      method: 'GET',
      path: '/accounts',
      operation: 'accounts-list',
      respond: (call) => {
        requirePermission(call.mayReadDirectory);
        const size = readCount(call.query, 'per_page');
        if (size !== undefined && (size < 5 || size > 50)) throw invalidQuery('per_page', 'must be from 5 to 50');
        const name = call.query.get('name');
        const found = here.visible.filter((account) => name === null || account.name === name);
        const { items, info } = pageOf(found, call.query, accountPages);
        return success(200, items, info);
      },
    },
    {
      method: 'GET',
      path: '/accounts/:account_id',
      operation: 'account-details',
      respond: (call) => {
        const id = accountOf(call);
        const found = here.visible.find((account) => account.id === id);
        requirePermission(found !== undefined);
        return success(200, found);
      },
    },
    {
      method: 'GET',
      path: '/organizations/:organization_id/accounts',
      operation: 'organization-accounts-list',
      respond: (call) => {
        if (call.params.organization_id !== organizationId) {
          throw new ApiError(403, { code: 9109, message: 'Unauthorized to access requested resource' });
        }
        requirePermission(call.mayReadDirectory);
        const { items, info } = tokenPageOf(here.accounts, call.query, rules);
        return success(200, items, info);
      },
    },
    {
      method: 'GET',
      path: '/accounts/:account_id/gateway/rules',
      operation: 'zero-trust-gateway-rules-list',
      // Always a single page, because the API has no paging parameters for this list.
      respond: (call) => success(200, here.policies(accountOf(call))),
    },
    {
      method: 'GET',
      path: '/accounts/:account_id/rulesets',
      operation: 'list-account-rulesets',
      respond: (call) => {
        const { items, info } = cursorPageOf(here.rulesets(accountOf(call)), call.query);
        return success(200, items, info);
      },
    },
  ];
}

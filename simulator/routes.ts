// The endpoints. Each one reads a request, changes the store and returns the result.

import { requirePermission } from './authentication.ts';
import type { Call, Endpoint } from './endpoint.ts';
import { belongsToOrganization, organizationId } from './organization.ts';
import { type PagingRules, pageOf } from './paging.ts';
import { ApiError, type ApiResponse, success } from './responses.ts';
import type { Included, ShareStore, StoredShare } from './state.ts';
import {
  readExclusionList,
  readFlag,
  readOneExclusion,
  readOneRecipient,
  readOneResource,
  readRecipientList,
  readResourceChange,
  readResourceFilter,
  readShareChange,
  readShareFilter,
  readShareRequest,
} from './validation.ts';

export interface RouteOptions extends PagingRules {
  createShowsResources: boolean;
  /** Lists ignore the requested `kind`: they contain sent and received shares, and every share shows its kind. */
  ignoresKind: boolean;
}

const shares = '/accounts/:account_id/shares';
const share = `${shares}/:share_id`;
const recipients = `${share}/recipients`;
const recipient = `${recipients}/:recipient_id`;
const resources = `${share}/resources`;
const resource = `${resources}/:resource_id`;
const exclusions = `${share}/excluded-recipients`;
const exclusion = `${exclusions}/:excluded_recipient_id`;

const unauthorized = () => new ApiError(403, { code: 9109, message: 'Unauthorized to access requested resource' });

function accountOf({ params: { account_id = '' } }: Call): string {
  // The credentials work for every account of the organization, like an administrator's.
  if (!belongsToOrganization(account_id)) throw unauthorized();
  return account_id;
}

function includedBy({ query }: Call): Included {
  return { resources: readFlag(query, 'include_resources'), counts: readFlag(query, 'include_recipient_counts') };
}

export function endpoints(store: ShareStore, options: RouteOptions): Endpoint[] {
  function readable(call: Call): StoredShare {
    return store.visible(accountOf(call), call.params.share_id ?? '');
  }

  function writable(call: Call): StoredShare {
    const accountId = accountOf(call);
    requirePermission(call.mayWrite);
    const found = store.owned(accountId, call.params.share_id ?? '');
    store.requireIdle(found);
    return found;
  }

  /** Makes a changed share busy for a while. */
  function occupying({ respond, ...endpoint }: Endpoint): Endpoint {
    if (endpoint.method === 'GET' || !endpoint.path.startsWith(share)) return { ...endpoint, respond };
    return {
      ...endpoint,
      respond: (call) => {
        const changed = writable(call);
        const response = respond(call);
        store.occupy(changed);
        return response;
      },
    };
  }

  const kindOf = (call: Call, found: StoredShare): Included =>
    options.ignoresKind ? { kind: store.kindFor(found, accountOf(call)) } : {};

  /** Recipients can't see exclusions. */
  function owned(call: Call): StoredShare {
    return store.owned(accountOf(call), call.params.share_id ?? '');
  }

  function listShares(call: Call, accountId: string | undefined): ApiResponse {
    const { kind, ...others } = readShareFilter(call.query);
    const filter = { ...others, kind: options.ignoresKind ? undefined : kind };
    // The kind is shown only if a kind was requested. The API reference calls it an optional field.
    const included = { ...includedBy(call), kind };
    const at = store.listedAt;
    const { items, info } = pageOf(store.list(accountId, filter, at), call.query, options);
    const shown = items.map((item) => store.show(item, { ...included, ...kindOf(call, item) }, at));
    return success(200, shown, info);
  }

  const all: Endpoint[] = [
    { method: 'GET', path: shares, operation: 'shares-list', respond: (call) => listShares(call, accountOf(call)) },
    {
      method: 'GET',
      path: '/organizations/:organization_id/shares',
      operation: 'organization-shares-list',
      respond: (call) => {
        if (call.params.organization_id !== organizationId) throw unauthorized();
        return listShares(call, undefined);
      },
    },
    {
      method: 'POST',
      path: shares,
      operation: 'share-create',
      respond: (call) => {
        const accountId = accountOf(call);
        requirePermission(call.mayWrite);
        const request = readShareRequest(call.readBody(), accountId);
        if (call.wider) request.target = { type: 'organization' };
        const created = store.create(accountId, request);
        const everything: Included = { resources: true, counts: true, kind: 'sent' };
        return success(201, store.show(created, options.createShowsResources ? everything : {}));
      },
    },
    {
      method: 'GET',
      path: share,
      operation: 'shares-get-by-id',
      respond: (call) => {
        const found = readable(call);
        return success(200, store.show(found, { ...includedBy(call), ...kindOf(call, found) }));
      },
    },
    {
      method: 'PUT',
      path: share,
      operation: 'share-update',
      respond: (call) => {
        const changed = writable(call);
        const { name, tags } = readShareChange(call.readBody());
        store.change(changed, name, tags);
        return success(200, store.show(changed));
      },
    },
    {
      method: 'DELETE',
      path: share,
      operation: 'share-delete',
      respond: (call) => {
        const removed = writable(call);
        store.remove(removed);
        return success(200, store.show(removed));
      },
    },
    {
      method: 'GET',
      path: recipients,
      operation: 'share-recipients-list',
      respond: (call) => {
        const owner = readable(call);
        const withResources = readFlag(call.query, 'include_resources');
        const { items, info } = pageOf(store.recipients(owner, accountOf(call)), call.query, options);
        return success(200, store.showRecipients(owner, items, withResources), info);
      },
    },
    {
      method: 'POST',
      path: recipients,
      operation: 'share-recipient-create',
      respond: (call) => {
        const changed = writable(call);
        store.requireAccountTarget(changed);
        const accountId = readOneRecipient(call.readBody(), changed.accountId);
        return success(201, store.showRecipient(changed, store.addRecipient(changed, accountId), false));
      },
    },
    {
      method: 'PUT',
      path: recipients,
      operation: 'share-recipients-update',
      respond: (call) => {
        const changed = writable(call);
        store.requireAccountTarget(changed);
        store.replaceRecipients(changed, readRecipientList(call.readBody(), changed.accountId));
        return { status: 204, body: undefined };
      },
    },
    {
      method: 'GET',
      path: recipient,
      operation: 'share-recipients-get-by-id',
      respond: (call) => {
        const owner = readable(call);
        const found = store.recipient(owner, accountOf(call), call.params.recipient_id ?? '');
        return success(200, store.showRecipient(owner, found, readFlag(call.query, 'include_resources')));
      },
    },
    {
      method: 'DELETE',
      path: recipient,
      operation: 'share-recipient-delete',
      respond: (call) => {
        const changed = writable(call);
        const removed = store.recipient(changed, accountOf(call), call.params.recipient_id ?? '');
        store.removeRecipient(changed, removed);
        return success(200, store.showRecipient(changed, removed, false));
      },
    },
    {
      method: 'GET',
      path: resources,
      operation: 'share-resources-list',
      respond: (call) => {
        const { status, type } = readResourceFilter(call.query);
        const owner = readable(call);
        const { items, info } = pageOf(store.resources(owner, status, type), call.query, options);
        const shown = items.map((one) => store.showResource(owner, one));
        return success(200, shown, info);
      },
    },
    {
      method: 'POST',
      path: resources,
      operation: 'share-resource-create',
      respond: (call) => {
        const changed = writable(call);
        return success(201, store.showResource(changed, store.addResource(changed, readOneResource(call.readBody()))));
      },
    },
    {
      method: 'GET',
      path: resource,
      operation: 'share-resources-get-by-id',
      respond: (call) => {
        const owner = readable(call);
        return success(200, store.showResource(owner, store.resource(owner, call.params.resource_id ?? '')));
      },
    },
    {
      method: 'PUT',
      path: resource,
      operation: 'share-resource-update',
      respond: (call) => {
        const owner = writable(call);
        const changed = store.resource(owner, call.params.resource_id ?? '');
        store.changeResource(owner, changed, readResourceChange(call.readBody()));
        return success(200, store.showResource(owner, changed));
      },
    },
    {
      method: 'DELETE',
      path: resource,
      operation: 'share-resource-delete',
      respond: (call) => {
        const owner = writable(call);
        const removed = store.resource(owner, call.params.resource_id ?? '');
        store.removeResource(owner, removed);
        return success(200, store.showResource(owner, removed));
      },
    },
    {
      method: 'GET',
      path: exclusions,
      operation: 'share-excluded-recipients-list',
      respond: (call) => {
        const { items, info } = pageOf([...owned(call).exclusions.values()], call.query, options);
        return success(
          200,
          items.map((one) => store.showExclusion(one)),
          info,
        );
      },
    },
    {
      method: 'POST',
      path: exclusions,
      operation: 'share-excluded-recipient-create',
      respond: (call) => {
        const changed = writable(call);
        store.requireOrganizationTarget(changed);
        const accountId = readOneExclusion(call.readBody(), changed.accountId);
        return success(201, store.showExclusion(store.addExclusion(changed, accountId)));
      },
    },
    {
      method: 'PUT',
      path: exclusions,
      operation: 'share-excluded-recipients-update',
      respond: (call) => {
        const changed = writable(call);
        store.requireOrganizationTarget(changed);
        store.replaceExclusions(changed, readExclusionList(call.readBody(), changed.accountId));
        return { status: 204, body: undefined };
      },
    },
    {
      method: 'GET',
      path: exclusion,
      operation: 'share-excluded-recipients-get-by-id',
      respond: (call) =>
        success(200, store.showExclusion(store.exclusion(owned(call), call.params.excluded_recipient_id ?? ''))),
    },
    {
      method: 'DELETE',
      path: exclusion,
      operation: 'share-excluded-recipient-delete',
      respond: (call) => {
        const changed = writable(call);
        const removed = store.exclusion(changed, call.params.excluded_recipient_id ?? '');
        store.removeExclusion(changed, removed);
        return success(200, store.showExclusion(removed));
      },
    },
  ];
  return all.map(occupying);
}

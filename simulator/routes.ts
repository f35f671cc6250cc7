// The sixteen endpoints: each reads its request, lets the store do the work and shows what came of it.
import { type Answer, ApiError, success } from './answers.ts';
import { requireWrite } from './authentication.ts';
import { belongsToOrganization, organizationId } from './organization.ts';
import { type PagingRules, pageOf } from './paging.ts';
import type { Included, ShareStore, StoredShare } from './state.ts';
import {
  readFlag,
  readOneRecipient,
  readOneResource,
  readRecipientList,
  readResourceChange,
  readResourceFilter,
  readShareChange,
  readShareFilter,
  readShareWish,
} from './validation.ts';

export interface Call {
  params: Record<string, string>;
  query: URLSearchParams;
  /** The parsed body; throws an ApiError when it is not JSON. */
  readBody: () => unknown;
  mayWrite: boolean;
  /** The fault that lets a share come out wider than asked. */
  wider: boolean;
}

export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Without `/client/v4`. */
  path: string;
  answer: (call: Call) => Answer;
}

export interface RouteOptions extends PagingRules {
  createAnswersWithResources: boolean;
}

const shares = '/accounts/:account_id/shares';
const share = `${shares}/:share_id`;
const recipients = `${share}/recipients`;
const recipient = `${recipients}/:recipient_id`;
const resources = `${share}/resources`;
const resource = `${resources}/:resource_id`;

const unauthorized = () => new ApiError(403, { code: 9109, message: 'Unauthorized to access requested resource' });

function accountOf({ params: { account_id = '' } }: Call): string {
  // The same credentials reach every account of the organization, as those of an organization's administrator do.
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
    requireWrite(call.mayWrite);
    return store.owned(accountId, call.params.share_id ?? '');
  }

  function listShares(call: Call, accountId: string | undefined): Answer {
    const filter = readShareFilter(call.query);
    // The kind is shown to whoever asks for a kind; the reference has it among the fields that are not always there.
    const included = { ...includedBy(call), kind: filter.kind };
    const { items, info } = pageOf(store.list(accountId, filter), call.query, options);
    const shown = items.map((item) => store.show(item, included));
    return success(200, shown, info);
  }

  return [
    { method: 'GET', path: shares, answer: (call) => listShares(call, accountOf(call)) },
    {
      method: 'GET',
      path: '/organizations/:organization_id/shares',
      answer: (call) => {
        if (call.params.organization_id !== organizationId) throw unauthorized();
        return listShares(call, undefined);
      },
    },
    {
      method: 'POST',
      path: shares,
      answer: (call) => {
        const accountId = accountOf(call);
        requireWrite(call.mayWrite);
        const wish = readShareWish(call.readBody(), accountId);
        if (call.wider) wish.target = { type: 'organization' };
        const created = store.create(accountId, wish);
        const everything: Included = { resources: true, counts: true, kind: 'sent' };
        return success(201, store.show(created, options.createAnswersWithResources ? everything : {}));
      },
    },
    { method: 'GET', path: share, answer: (call) => success(200, store.show(readable(call), includedBy(call))) },
    {
      method: 'PUT',
      path: share,
      answer: (call) => {
        const changed = writable(call);
        const { name, tags } = readShareChange(call.readBody());
        store.change(changed, name, tags);
        return success(200, store.show(changed));
      },
    },
    {
      method: 'DELETE',
      path: share,
      answer: (call) => {
        const removed = writable(call);
        store.remove(removed);
        return success(200, store.show(removed));
      },
    },
    {
      method: 'GET',
      path: recipients,
      answer: (call) => {
        const owner = readable(call);
        const withResources = readFlag(call.query, 'include_resources');
        const { items, info } = pageOf(store.recipients(owner, accountOf(call)), call.query, options);
        const shown = items.map((one) => store.showRecipient(owner, one, withResources));
        return success(200, shown, info);
      },
    },
    {
      method: 'POST',
      path: recipients,
      answer: (call) => {
        const changed = writable(call);
        store.requireAccountTarget(changed);
        const accountId = readOneRecipient(call.readBody(), changed.accountId);
        return success(201, store.showRecipient(changed, store.addRecipient(changed, accountId), false));
      },
    },
    {
      method: 'PUT',
      path: recipients,
      answer: (call) => {
        const changed = writable(call);
        store.requireAccountTarget(changed);
        store.replaceRecipients(changed, readRecipientList(call.readBody(), changed.accountId));
        return { status: 204, body: undefined };
      },
    },
    {
      method: 'GET',
      path: recipient,
      answer: (call) => {
        const owner = readable(call);
        const found = store.recipient(owner, accountOf(call), call.params.recipient_id ?? '');
        return success(200, store.showRecipient(owner, found, readFlag(call.query, 'include_resources')));
      },
    },
    {
      method: 'DELETE',
      path: recipient,
      answer: (call) => {
        const changed = writable(call);
        const removed = store.recipient(changed, accountOf(call), call.params.recipient_id ?? '');
        store.removeRecipient(changed, removed);
        return success(200, store.showRecipient(changed, removed, false));
      },
    },
    {
      method: 'GET',
      path: resources,
      answer: (call) => {
        const { status, type } = readResourceFilter(call.query);
        const all = [...readable(call).resources.values()].map((one) => store.showResource(one));
        const wanted = all.filter(
          (one) => (status === undefined || one.status === status) && (type === null || one.resource_type === type),
        );
        const { items, info } = pageOf(wanted, call.query, options);
        return success(200, items, info);
      },
    },
    {
      method: 'POST',
      path: resources,
      answer: (call) => {
        const changed = writable(call);
        return success(201, store.showResource(store.addResource(changed, readOneResource(call.readBody()))));
      },
    },
    {
      method: 'GET',
      path: resource,
      answer: (call) => success(200, store.showResource(store.resource(readable(call), call.params.resource_id ?? ''))),
    },
    {
      method: 'PUT',
      path: resource,
      answer: (call) => {
        const owner = writable(call);
        const changed = store.resource(owner, call.params.resource_id ?? '');
        store.changeResource(owner, changed, readResourceChange(call.readBody()));
        return success(200, store.showResource(changed));
      },
    },
    {
      method: 'DELETE',
      path: resource,
      answer: (call) => {
        const owner = writable(call);
        const removed = store.resource(owner, call.params.resource_id ?? '');
        store.removeResource(owner, removed);
        return success(200, store.showResource(removed));
      },
    },
  ];
}

// The resource sharing endpoints, each a function over the client. Source: Cloudflare's API reference, "Resource
// Sharing"; exclusions: its `cf` client.

import {
  type Exclusion,
  type ExclusionItem,
  isLive,
  isOwnedBy,
  type Recipient,
  type RecipientItem,
  type ResourceItem,
  type Share,
  type ShareResource,
  type UnreadableShare,
} from '../share/share.ts';
import { recipientWords, resourceWords } from '../share/words.ts';
import type { Call, Shape } from './call.ts';
import type { Client, Done } from './client.ts';
import { ifFound } from './errors.ts';
import { everyPage } from './pages.ts';
import {
  aCreatedShare,
  anything,
  aShare,
  aShareOrNothing,
  exclusions,
  recipients,
  resources,
  shares,
} from './shapes.ts';

export type Endpoints = ReturnType<typeof endpoints>;

const idOf = ({ id }: { id: string }): string => id;

/**
 * The calls on one account's shares. All functions throw what `Client.send` throws. Writes to an existing share are
 * retried while it is busy; `done` checks whether nothing is left to do (see `Client.whileBusy`).
 */
export function endpoints(client: Client, accountId: string) {
  const root = `/accounts/${encodeURIComponent(accountId)}/shares`;
  const at = (...parts: string[]): string => [root, ...parts.map(encodeURIComponent)].join('/');
  const resultOf = <T>(call: Call, shape: Shape<T>): Promise<T> =>
    client.send(call, shape).then(({ result }) => result);
  /** A write to an existing share, which may be busy. */
  const change = <T>(call: Call, shape: Shape<T>, done?: Done<T>): Promise<T> =>
    client.whileBusy(() => resultOf(call, shape), done);
  const every = <T extends { id: string }>(call: Omit<Call, 'method'>, shape: Shape<T[]>): Promise<T[]> =>
    everyPage(client, { method: 'GET', ...call }, { shape, keyOf: idOf }).then(({ items }) => items);
  const get = (shareId: string): Promise<Share> =>
    resultOf(
      { method: 'GET', path: at(shareId), query: { include_resources: 'true' }, purpose: `read share ${shareId}` },
      aShare,
    );

  return {
    client,
    accountId,

    /**
     * The shares that the account sends, with their resources, in any status: the filter `status=active` would hide
     * live shares with a status that this version doesn't know. The API can't filter by name. If it ignores `kind`,
     * there are also shares of other accounts. `unreadable` are live shares of this account that lack a field that the
     * action needs.
     */
    list: async (): Promise<{
      shares: Share[];
      unreadable: UnreadableShare[];
      serverTimeMs: number;
    }> => {
      const { items, serverTimeMs } = await everyPage(
        client,
        {
          method: 'GET',
          path: root,
          query: { kind: 'sent', include_resources: 'true' },
          purpose: "list the account's shares",
        },
        {
          shape: shares,
          keyOf: (item) => ('share' in item ? item.share.id : (item.unreadable.id ?? JSON.stringify(item.unreadable))),
        },
      );
      // Deleted shares stay listed. The action ignores them, so their fields don't matter.
      return {
        shares: items.flatMap((item) => ('share' in item ? [item.share] : [])),
        unreadable: items.flatMap((item) =>
          'unreadable' in item && isLive(item.of) && isOwnedBy(item.of, accountId) ? [item.unreadable] : [],
        ),
        serverTimeMs,
      };
    },

    get,

    /** Like `get`. @returns undefined if the account sends no share with that id. Received shares can't be changed */
    find: async (shareId: string): Promise<Share | undefined> => {
      const share = await ifFound(get(shareId));
      return share && isOwnedBy(share, accountId) ? share : undefined;
    },

    /** The share with the counts of its recipients. The response is small, however many recipients there are. */
    counts: (shareId: string): Promise<Share> =>
      resultOf(
        {
          method: 'GET',
          path: at(shareId),
          query: { include_recipient_counts: 'true' },
          purpose: `count the recipients of share ${shareId}`,
        },
        aShare,
      ),

    create: (body: { name: string; recipients: RecipientItem[]; resources: ResourceItem[] }): Promise<Share> =>
      resultOf({ method: 'POST', path: root, body, purpose: 'create the share' }, aCreatedShare),

    /** @returns undefined if it succeeded but the response doesn't show the share */
    rename: (shareId: string, name: string, done?: Done<Share | undefined>): Promise<Share | undefined> =>
      change(
        { method: 'PUT', path: at(shareId), body: { name }, purpose: `rename share ${shareId}` },
        aShareOrNothing,
        done,
      ),

    /** @returns undefined if it succeeded but the response doesn't show the share */
    remove: (
      shareId: string,
      done?: Done<Pick<Share, 'status'> | undefined>,
    ): Promise<Pick<Share, 'status'> | undefined> =>
      change({ method: 'DELETE', path: at(shareId), purpose: `delete share ${shareId}` }, aShareOrNothing, done),

    /** Every current or former recipient, in any status. `withErrors` adds the errors of each resource. */
    recipients: (shareId: string, { withErrors = false } = {}): Promise<Recipient[]> =>
      every(
        {
          path: at(shareId, 'recipients'),
          ...(withErrors ? { query: { include_resources: 'true' } } : {}),
          purpose: `read the recipients of share ${shareId}`,
        },
        recipients,
      ),

    addRecipient: (shareId: string, body: RecipientItem, done?: Done<unknown>): Promise<unknown> =>
      change(
        {
          method: 'POST',
          path: at(shareId, 'recipients'),
          body,
          purpose: `add ${recipientWords(body)} to share ${shareId}`,
        },
        anything,
        done,
      ),

    /** Marks one recipient for disassociation; its record stays listed. */
    removeRecipient: (shareId: string, recipientId: string, done?: Done<unknown>): Promise<unknown> =>
      change(
        {
          method: 'DELETE',
          path: at(shareId, 'recipients', recipientId),
          purpose: `remove recipient ${recipientId} from share ${shareId}`,
        },
        anything,
        done,
      ),

    /** Sets the whole list in one request: adds new recipients, disassociates missing ones and keeps the others. */
    setRecipients: (shareId: string, body: RecipientItem[]): Promise<unknown> =>
      change(
        { method: 'PUT', path: at(shareId, 'recipients'), body, purpose: `set the recipients of share ${shareId}` },
        anything,
      ),

    /** The accounts excluded from a share with the organization. */
    exclusions: (shareId: string): Promise<Exclusion[]> =>
      every(
        { path: at(shareId, 'excluded-recipients'), purpose: `read the exclusions of share ${shareId}` },
        exclusions,
      ),

    /** Sets the whole list in one request. */
    setExclusions: (shareId: string, body: ExclusionItem[]): Promise<unknown> =>
      change(
        {
          method: 'PUT',
          path: at(shareId, 'excluded-recipients'),
          body,
          purpose: `set the exclusions of share ${shareId}`,
        },
        anything,
      ),

    resources: (shareId: string): Promise<ShareResource[]> =>
      every({ path: at(shareId, 'resources'), purpose: `read the resources of share ${shareId}` }, resources),

    addResource: (shareId: string, body: ResourceItem, done?: Done<unknown>): Promise<unknown> =>
      change(
        {
          method: 'POST',
          path: at(shareId, 'resources'),
          body,
          purpose: `add ${resourceWords(body)} to share ${shareId}`,
        },
        anything,
        done,
      ),

    updateResource: (shareId: string, shareResourceId: string, meta: unknown): Promise<unknown> =>
      change(
        {
          method: 'PUT',
          path: at(shareId, 'resources', shareResourceId),
          body: { meta },
          purpose: `update resource ${shareResourceId} of share ${shareId}`,
        },
        anything,
      ),

    removeResource: (shareId: string, shareResourceId: string, done?: Done<unknown>): Promise<unknown> =>
      change(
        {
          method: 'DELETE',
          path: at(shareId, 'resources', shareResourceId),
          purpose: `remove resource ${shareResourceId} of share ${shareId}`,
        },
        anything,
        done,
      ),
  };
}

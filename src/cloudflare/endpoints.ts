// The endpoints of resource sharing, each a function over the client. Source: Cloudflare's API reference, "Resource
// Sharing"; what an answer must hold is checked where it comes in, and everything else in it is passed on as it is.

import * as z from 'zod/mini';
import type { Recipient, RecipientItem, ResourceItem, Share, ShareResource } from '../share/share.ts';
import { recipientWords, resourceWords } from '../share/words.ts';
import type { Call, Client, ResultInfo, Shape } from './client.ts';

const id = z.string().check(z.minLength(1));

const resourceShape = z.looseObject({
  id,
  resource_id: id,
  resource_type: z.string(),
  resource_account_id: z.string(),
  status: z.string(),
});

const shareShape = z.looseObject({
  id,
  name: z.string(),
  status: z.string(),
  target_type: z.string(),
  created: z.string(),
  resources: z.optional(z.nullable(z.array(resourceShape))),
});

const recipientShape = z.looseObject({ id, account_id: z.string(), association_status: z.string() });

/** The value as it came (not the schema's copy of it), once it holds what is relied upon. */
function shape<T>(schema: z.ZodMiniType): Shape<T> {
  return (result) => {
    const checked = z.safeParse(schema, result);
    if (checked.success) return { value: result as T };
    const issue = checked.error.issues[0];
    return {
      wrong: `"result${issue?.path.map((step) => `.${String(step)}`).join('') ?? ''}" is missing or not of its type`,
    };
  };
}

const aShare = shape<Share>(shareShape);
const shares = shape<Share[]>(z.array(shareShape));
const aRecipient = shape<Recipient>(recipientShape);
const recipients = shape<Recipient[]>(z.array(recipientShape));
const aResource = shape<ShareResource>(resourceShape);
const resources = shape<ShareResource[]>(z.array(resourceShape));
/** Deletions answer with what was deleted, or with nothing: both will do. */
const anything: Shape<unknown> = (result) => ({ value: result });

export type Endpoints = ReturnType<typeof endpoints>;

/** The calls on the shares of one account. All throw what `Client.send` throws. */
export function endpoints(client: Client, accountId: string) {
  const root = `/accounts/${encodeURIComponent(accountId)}/shares`;
  const at = (...parts: string[]): string => [root, ...parts.map(encodeURIComponent)].join('/');

  return {
    client,
    accountId,

    /** The live shares that the account has made, with their resources. There is no filter by name. */
    list: (): Promise<{ shares: Share[]; serverTimeMs: number }> =>
      everyPage(
        client,
        {
          method: 'GET',
          path: root,
          query: { status: 'active', kind: 'sent', include_resources: 'true' },
          purpose: "list the account's shares",
        },
        shares,
      ).then(({ items, serverTimeMs }) => ({ shares: items, serverTimeMs })),

    get: (shareId: string): Promise<Share> =>
      client
        .send(
          { method: 'GET', path: at(shareId), query: { include_resources: 'true' }, purpose: `read share ${shareId}` },
          aShare,
        )
        .then(({ result }) => result),

    create: (body: { name: string; recipients: RecipientItem[]; resources: ResourceItem[] }): Promise<Share> =>
      client
        .send({ method: 'POST', path: root, body, purpose: 'create the share' }, aShare)
        .then(({ result }) => result),

    rename: (shareId: string, name: string): Promise<Share> =>
      client
        .send({ method: 'PUT', path: at(shareId), body: { name }, purpose: `rename share ${shareId}` }, aShare)
        .then(({ result }) => result),

    remove: (shareId: string): Promise<unknown> =>
      client.send({ method: 'DELETE', path: at(shareId), purpose: `delete share ${shareId}` }, anything),

    /** Every recipient that there is or was, whatever its status; what went wrong with which resource on request. */
    recipients: (shareId: string, { withErrors = false } = {}): Promise<Recipient[]> =>
      everyPage(
        client,
        {
          method: 'GET',
          path: at(shareId, 'recipients'),
          ...(withErrors ? { query: { include_resources: 'true' } } : {}),
          purpose: `read the recipients of share ${shareId}`,
        },
        recipients,
      ).then(({ items }) => items),

    addRecipient: (shareId: string, body: RecipientItem): Promise<Recipient> =>
      client
        .send(
          {
            method: 'POST',
            path: at(shareId, 'recipients'),
            body,
            purpose: `add ${recipientWords(body)} to share ${shareId}`,
          },
          aRecipient,
        )
        .then(({ result }) => result),

    /** Marks one recipient for disassociation; its record stays listed. */
    removeRecipient: (shareId: string, recipientId: string): Promise<unknown> =>
      client.send(
        {
          method: 'DELETE',
          path: at(shareId, 'recipients', recipientId),
          purpose: `remove recipient ${recipientId} from share ${shareId}`,
        },
        anything,
      ),

    /** Adds who is new, marks who is missing for disassociation, leaves the rest alone: in one request. */
    replaceRecipients: (shareId: string, body: RecipientItem[]): Promise<unknown> =>
      client.send(
        { method: 'PUT', path: at(shareId, 'recipients'), body, purpose: `set the recipients of share ${shareId}` },
        anything,
      ),

    resources: (shareId: string): Promise<ShareResource[]> =>
      everyPage(
        client,
        { method: 'GET', path: at(shareId, 'resources'), purpose: `read the resources of share ${shareId}` },
        resources,
      ).then(({ items }) => items),

    addResource: (shareId: string, body: ResourceItem): Promise<ShareResource> =>
      client
        .send(
          {
            method: 'POST',
            path: at(shareId, 'resources'),
            body,
            purpose: `add ${resourceWords(body)} to share ${shareId}`,
          },
          aResource,
        )
        .then(({ result }) => result),

    updateResource: (shareId: string, shareResourceId: string, meta: unknown): Promise<unknown> =>
      client.send(
        {
          method: 'PUT',
          path: at(shareId, 'resources', shareResourceId),
          body: { meta },
          purpose: `update resource ${shareResourceId} of share ${shareId}`,
        },
        anything,
      ),

    removeResource: (shareId: string, shareResourceId: string): Promise<unknown> =>
      client.send(
        {
          method: 'DELETE',
          path: at(shareId, 'resources', shareResourceId),
          purpose: `remove resource ${shareResourceId} of share ${shareId}`,
        },
        anything,
      ),
  };
}

/**
 * All pages of a list. Asked without `page` and `per_page` the newer API answers unpaged; the older one gives 20 a
 * page. What came is told by `result_info`, not by what was asked for. Between two pages the list may shift: an item
 * seen twice is taken once, and when fewer came than there are said to be, the pages are read once more, so that
 * none is missed (a share overlooked would be created again).
 */
async function everyPage<T extends { id: string }>(
  client: Client,
  call: Call,
  listShape: Shape<T[]>,
): Promise<{ items: T[]; serverTimeMs: number }> {
  const items = new Map<string, T>();
  for (let pass = 1; ; pass++) {
    let page = 1;
    let answer = await client.send(call, listShape);
    for (const item of answer.result) items.set(item.id, item);
    while (!isLast(answer.info, page, answer.result.length, items.size)) {
      page += 1;
      const perPage = answer.info.per_page ?? answer.result.length;
      const paging = { page: String(page), per_page: String(perPage) };
      answer = await client.send({ ...call, query: { ...call.query, ...paging } }, listShape);
      const before = items.size;
      for (const item of answer.result) items.set(item.id, item);
      if (items.size === before) break; // nothing new: the end, or a server that knows no pages
    }
    const isShort = page > 1 && items.size < (answer.info.total_count ?? 0);
    if (!isShort || pass === 2) return { items: [...items.values()], serverTimeMs: answer.serverTimeMs };
  }
}

function isLast(info: ResultInfo, page: number, onThisPage: number, soFar: number): boolean {
  if (info.total_pages !== undefined) return page >= info.total_pages;
  if (info.total_count !== undefined) return soFar >= info.total_count;
  if (info.per_page !== undefined) return onThisPage < info.per_page;
  return true; // no word of pages: it was the whole
}

// Reads all pages of a list.
//
// Without `page` and `per_page`, the newer API returns everything at once, but the older one returns 20 items. So the
// first request asks for no page. If the response shows that there is more, the next requests ask for pages of 100, the
// documented maximum. `result_info` gives the size of the pages, which may be smaller than requested.

import type { Call, ResultInfo, Shape } from './call.ts';
import type { Client } from './client.ts';
import { NoUsableResponse } from './errors.ts';

const PAGE_SIZE = 100;
/** A list with more pages is treated as endless. */
const PAGES_MAX = 1_000;
/** The client sends at most this many requests at once. */
const PAGES_AT_ONCE = 10;
/**
 * If a list changes between two pages, an item can be missed. So such a list is read again, up to this many times in
 * total.
 */
const MOST_READINGS = 3;
/** Common page sizes. A response with exactly this many items and no page information may be one of several pages. */
const USUAL_SIZES = [20, 50, 100];

/** Everything that decides the next page. */
export interface Seen {
  /** The number of this page, from 1. Undefined: no page was requested. */
  page: number | undefined;
  /** The requested size. */
  requested?: number | undefined;
  /** Items in this response. */
  onPage: number;
  /** Distinct items so far, including these. */
  soFar: number;
  info: ResultInfo;
}

/** The next page to request, by number or by token. */
export type Next = { page: number; size: number } | { token: string };

/** Pure. Undefined after the last page. */
export function nextPage({ page, requested, onPage, soFar, info }: Seen): Next | undefined {
  if (info.next_page_token !== undefined) return { token: info.next_page_token };
  const isSilent = saysNothing(info);
  // Later pages were requested with the size of the first page, so only the first page can be smaller than requested.
  const isFull = onPage > 0 && (onPage === requested || ((page ?? 1) === 1 && USUAL_SIZES.includes(onPage)));
  if (isSilent ? !isFull : isLast(info, page ?? 1, onPage, soFar)) return undefined;
  const size = info.per_page ?? onPage;
  // Start again with larger pages. That takes no more requests than continuing with small ones, and misses no item in
  // between. If the response has no page information, larger pages may not be possible, so continue with page 2.
  if (page === undefined && size < PAGE_SIZE && !isSilent) return { page: 1, size: PAGE_SIZE };
  return { page: (page ?? 1) + 1, size };
}

const saysNothing = ({ total_pages, total_count, per_page }: ResultInfo): boolean =>
  total_pages === undefined && total_count === undefined && per_page === undefined;

function isLast(info: ResultInfo, page: number, onPage: number, soFar: number): boolean {
  if (onPage === 0) return true;
  if (info.total_pages !== undefined) return page >= info.total_pages;
  if (info.total_count !== undefined) return soFar >= info.total_count;
  return onPage < (info.per_page ?? 0);
}

const queryOf = (next: Next): Record<string, string> =>
  'token' in next ? { page_token: next.token } : { page: String(next.page), per_page: String(next.size) };

/** A page as it was read. */
interface Page {
  onPage: number;
  info: ResultInfo;
  /** It has an item that no earlier page had. */
  isNew: boolean;
}

interface Reading<T> {
  items: Map<string, T>;
  serverTimeMs: number;
  /** No item can have been missed. */
  whole: boolean;
}

/**
 * Reads every item once. A list that changes between two pages is read again, because a share that was missed would be
 * created again. `serverTimeMs` is the time of the first page.
 * @param size requests pages of this size from the start, because some lists refuse pages of 100
 */
export async function everyPage<T>(
  client: Client,
  call: Call,
  shape: Shape<T[]>,
  keyOf: (item: T) => string,
  size?: number,
): Promise<{ items: T[]; serverTimeMs: number }> {
  const all = new Map<string, T>();
  let serverTimeMs: number | undefined;
  for (let count = 1; ; count++) {
    const reading = await readOnce(client, call, shape, keyOf, size ?? (count > 1 ? PAGE_SIZE : undefined));
    serverTimeMs ??= reading.serverTimeMs;
    if (reading.whole) return { items: [...reading.items.values()], serverTimeMs };
    for (const [key, item] of reading.items) all.set(key, item);
    if (count === MOST_READINGS) return { items: [...all.values()], serverTimeMs };
  }
}

async function readOnce<T>(
  client: Client,
  call: Call,
  shape: Shape<T[]>,
  keyOf: (item: T) => string,
  size: number | undefined,
): Promise<Reading<T>> {
  const items = new Map<string, T>();
  const totals: number[] = [];
  let begunMs: number | undefined;
  let highest: { page: number; size: number; isNew: boolean } | undefined;
  let isShort = false;
  const read = async (next: Next | undefined): Promise<Page> => {
    const { result, info, serverTimeMs } = await client.send(
      { ...call, query: { ...call.query, ...(next && queryOf(next)) } },
      shape,
    );
    const before = items.size;
    for (const item of result) items.set(keyOf(item), item);
    totals.push(info.total_count ?? 0);
    begunMs ??= serverTimeMs;
    const isNew = items.size > before;
    const { page, size } = next === undefined ? { page: 1, size: undefined } : 'page' in next ? next : {};
    isShort ||= page !== undefined && page < (info.total_pages ?? 0) && result.length < (info.per_page ?? 0);
    if (page !== undefined && size !== undefined && page >= (highest?.page ?? 0)) highest = { page, size, isNew };
    return { onPage: result.length, info, isNew };
  };
  /**
   * The page after the last announced one. If a page has fewer items than its announced size, and others follow, the
   * server counted the pages by the requested size, so there are more of them.
   */
  const pageBeyond = (): Next | undefined =>
    isShort && highest?.isNew && (Math.max(...totals) || Number.POSITIVE_INFINITY) > items.size
      ? { page: highest.page + 1, size: highest.size }
      : undefined;
  /** Reads the announced pages from `first` on, ten at a time. @returns the next page, if more follow */
  const readOn = async (first: { page: number; size: number }, info: Announced): Promise<Next | undefined> => {
    const isFirst = first.page === 1;
    if (isFirst && info.total_count === undefined) return first;
    if (announcesTooMany(first, info)) throw endless(call);
    // Only the responses show whether the server makes pages as large as requested. If it makes smaller ones, these
    // requests still get the first of them.
    const most = Math.max(1, Math.ceil((info.total_count ?? 0) / first.size));
    const last = isFirst ? Math.min(PAGES_AT_ONCE, most) : info.total_pages;
    const end = await readAtOnce(first.page, last, (page) => read({ page, size: first.size }));
    if (!isFirst || end === undefined) return undefined;
    const next = nextPage({ page: last, requested: first.size, soFar: items.size, ...end });
    return next && 'page' in next && announces(end.info) ? readOn(next, end.info) : next;
  };
  let next: Next | undefined = size === undefined ? undefined : { page: 1, size };
  for (let pages = 1; ; pages++) {
    const request = next;
    const { onPage, info, isNew } = await read(request);
    const [page, requestedSize] = request && 'page' in request ? [request.page, request.size] : [];
    next = nextPage({ page, requested: requestedSize, onPage, soFar: items.size, info });
    // A list with page tokens has no page numbers, so it ends with a page that has no token.
    if (request && 'token' in request && next && 'page' in next) next = undefined;
    // A page without new items means that the server ignores `page` and sends the same page again.
    if (pages > 1 && page !== 1 && !isNew) next = undefined;
    if (next !== undefined && announcesTooMany(next, info)) throw endless(call);
    if (next !== undefined && 'page' in next && announces(info)) next = await readOn(next, info);
    next ??= pageBeyond();
    if (next !== undefined && pages >= PAGES_MAX) throw endless(call);
    // If an item on an earlier page is deleted, all later items move forward, and one of them is missed.
    if (next === undefined) {
      return {
        items,
        serverTimeMs: begunMs ?? Number.NaN,
        whole: totals.length === 1 || items.size >= Math.max(...totals),
      };
    }
  }
}

const endless = (call: Call): NoUsableResponse =>
  new NoUsableResponse(call, `the list has more than ${PAGES_MAX} pages`, { final: true });

/** A list that is read again with larger pages has fewer of them. */
const announcesTooMany = (next: Next, info: ResultInfo): boolean =>
  !('page' in next && next.page === 1) && (info.total_pages ?? 0) > PAGES_MAX;

type Announced = ResultInfo & { total_pages: number };

/** Does the response say how many pages there are, without contradicting itself? */
const announces = (info: ResultInfo): info is Announced =>
  info.total_pages !== undefined &&
  (info.total_count === undefined ||
    info.per_page === undefined ||
    info.total_pages === Math.ceil(info.total_count / info.per_page));

/**
 * Keeps ten requests in flight, so that the next pages are on their way while one is read.
 *
 * @returns the last page. Undefined if ten pages in a row had no new items: the server ignores `page`
 * @throws the first failure, once no request is in progress anymore
 */
function readAtOnce(from: number, to: number, read: (page: number) => Promise<Page>): Promise<Page | undefined> {
  return new Promise((resolve, reject) => {
    let [next, underWay, repeated] = [from, 0, 0];
    let last: Page | undefined;
    let failure: { error: unknown } | undefined;
    const goOn = (): void => {
      while (failure === undefined && next <= to && underWay + repeated < PAGES_AT_ONCE) {
        const page = next++;
        underWay += 1;
        read(page)
          .then(
            (found) => {
              repeated = found.isNew ? 0 : repeated + 1;
              if (page === to) last = found;
            },
            (error: unknown) => {
              failure ??= { error };
            },
          )
          .finally(() => {
            underWay -= 1;
            goOn();
          });
      }
      if (underWay > 0) return;
      if (failure) reject(failure.error);
      else resolve(last);
    };
    goOn();
  });
}

/**
 * Reads every item of a list with page tokens or cursors once. A page without a token is the last, whatever the totals
 * say, because such a list has no page numbers.
 */
export async function everyToken<T>(
  client: Client,
  call: Call,
  shape: Shape<T[]>,
  keyOf: (item: T) => string,
  parameter: 'page_token' | 'cursor',
): Promise<T[]> {
  const items = new Map<string, T>();
  const seen = new Set<string>();
  for (let query = call.query; ; ) {
    const { result, info } = await client.send({ ...call, ...(query && { query }) }, shape);
    for (const item of result) items.set(keyOf(item), item);
    const token = parameter === 'cursor' ? info.cursor : info.next_page_token;
    // With a repeated token, the loop would never end.
    if (token === undefined || seen.has(token)) return [...items.values()];
    if (seen.add(token).size >= PAGES_MAX) throw endless(call);
    query = { ...call.query, [parameter]: token };
  }
}

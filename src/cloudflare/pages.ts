// Reads all pages of a list.
//
// Without `page` and `per_page`, the newer API returns everything in one response, but the older one returns 20 items.
// So the first request asks for no page. If the response shows that there is more, the next requests ask for pages of
// 100, the documented maximum. `result_info` gives the size of the pages, which may be smaller than requested.
//
// `whatNext` decides what to request after each response, and when to stop. `everyPage` sends those requests.
// `everyToken` reads lists that have only page tokens or cursors.

import type { ApiResponse, Call, ResultInfo, Shape } from './call.ts';
import type { Client } from './client.ts';
import { NoUsableResponse } from './errors.ts';

const PAGE_SIZE = 100;
/** A list with more pages is treated as endless. */
const PAGES_MAX = 1_000;
/** The client sends at most this many requests in parallel. */
const PAGES_AT_ONCE = 10;
/**
 * If a list changes between two pages, an item can be missed. So such a list is read again, up to this many times in
 * total.
 */
const READINGS_MAX = 3;
/** Common page sizes. A response with exactly this many items and no page information may be one of several pages. */
const USUAL_SIZES = [20, 50, 100];

/** Pages to request: from one number to another, or one page by its token. */
type Pages =
  | {
      from: number;
      to: number;
      /** Undefined: the request asks for no page, and gets the first or everything. */
      size?: number | undefined;
      /** These are all remaining pages, as a response announced them. */
      isRest?: true;
    }
  | { token: string };

/** What is known about a list while it is read. */
export interface Progress {
  /** The number of this reading, from 1. */
  reading: number;
  /** The pages that were requested last. */
  pages: Pages;
  /**
   * The response for the last of these pages. `isNew`: the page had an item that no earlier page had. Undefined: the
   * page wasn't requested, because ten pages in a row had no new item.
   */
  response?: { onPage: number; info: ResultInfo; isNew: boolean } | undefined;
  /** How often pages were requested in this reading. Pages that were requested in parallel count as one. */
  requests: number;
  /** Responses in this reading. */
  responses: number;
  /** Distinct items in this reading. */
  items: number;
  /** The largest total that a response gave; 0 if none gave one. */
  total: number;
  /** A page had fewer items than its announced size, although others follow. */
  hasShortPages: boolean;
}

/** The state before the first response of a reading. A list that is read again is read in large pages from the start. */
const begun = (reading: number, size = reading > 1 ? PAGE_SIZE : undefined): Progress => ({
  reading,
  pages: { from: 1, to: 1, size },
  requests: 1,
  responses: 0,
  items: 0,
  total: 0,
  hasShortPages: false,
});

/** The state after these pages were requested, before their responses. */
const requested = ({ response: _, ...progress }: Progress, pages: Pages): Progress => ({
  ...progress,
  pages,
  requests: progress.requests + 1,
});

/**
 * The state after a response.
 * @param page the number of the page; undefined for a page with a token
 * @param items distinct items in this reading, including those of the response
 */
function responded(
  progress: Progress,
  page: number | undefined,
  { onPage, items, info }: { onPage: number; items: number; info: ResultInfo },
): Progress {
  const { pages } = progress;
  const isShort = page !== undefined && page < (info.total_pages ?? 0) && onPage < (info.per_page ?? 0);
  return {
    ...progress,
    ...('token' in pages || page === pages.to ? { response: { onPage, info, isNew: items > progress.items } } : {}),
    responses: progress.responses + 1,
    items,
    total: Math.max(progress.total, info.total_count ?? 0),
    hasShortPages: progress.hasShortPages || isShort,
  };
}

/**
 * - `done`: this reading has every item.
 * - `read again`: the list changed while it was read, so this reading may lack an item.
 * - `merge`: the list changed during every reading. All readings together have every item that could be read.
 * - `endless`: the list has too many pages.
 */
export type WhatNext = Pages | 'done' | 'read again' | 'merge' | 'endless';

/** What to do after the responses for the pages that were requested last. Pure. */
export function whatNext(progress: Progress): WhatNext {
  const { reading, requests, responses, items, total } = progress;
  const next = pagesAfter(progress) ?? pageBeyond(progress);
  if (next !== undefined) return requests < PAGES_MAX ? next : 'endless';
  // If an item on an earlier page is deleted, all later items move forward, and one of them is missed.
  if (responses === 1 || items >= total) return 'done';
  return reading < READINGS_MAX ? 'read again' : 'merge';
}

/** The pages that follow, judging by the last response. */
function pagesAfter({ pages, response, items }: Progress): Pages | 'endless' | undefined {
  if (response === undefined) return undefined;
  const { onPage, info, isNew } = response;
  const hasToken = 'token' in pages;
  // If the list has grown since the rest was announced, its total shows that, and the list is read again.
  if (!hasToken && pages.isRest) return undefined;
  // A page without new items means that the server ignores `page` and sends the same page again.
  if (!isNew && (hasToken || pages.from > 1)) return undefined;
  const [page, size] = hasToken || pages.size === undefined ? [] : [pages.to, pages.size];
  const next = nextPage({ page, requested: size, onPage, soFar: items, info });
  // A list with page tokens has no page numbers, so it ends with a page that has no token.
  if (next === undefined || (hasToken && 'page' in next)) return undefined;
  if (announcesTooMany(next, info)) return 'endless';
  if ('token' in next) return next;
  return announces(info) ? announcedPages(next, info) : { from: next.page, to: next.page, size: next.size };
}

/**
 * The announced pages from this one on. If this is the first page, only the responses show whether the server makes
 * pages as large as requested. If the server makes smaller pages, these requests still get the first of those.
 */
function announcedPages({ page, size }: { page: number; size: number }, info: Announced): Pages {
  if (page > 1) return { from: page, to: info.total_pages, size, isRest: true };
  if (info.total_count === undefined) return { from: 1, to: 1, size };
  return { from: 1, to: Math.min(PAGES_AT_ONCE, Math.max(1, Math.ceil(info.total_count / size))), size };
}

/**
 * The page after the last one that was requested. If a page has fewer items than its announced size, and others follow, the
 * server counted the pages by the requested size, so there are more of them.
 */
function pageBeyond({ pages, response, hasShortPages, items, total }: Progress): Pages | undefined {
  if ('token' in pages || !hasShortPages || !response?.isNew) return undefined;
  if (total > 0 && items >= total) return undefined;
  return { from: pages.to + 1, to: pages.to + 1, size: pages.size };
}

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

/** How to read the items of a list. */
interface ItemsOf<T> {
  shape: Shape<T[]>;
  /** Identifies an item. */
  keyOf: (item: T) => string;
}

/**
 * Reads every item once. A list that changes between two pages is read again, because a share that was missed would be
 * created again. `serverTimeMs` is the time of the first page.
 * @param pageSize requests pages of this size from the start, because some lists refuse pages of 100
 * @throws what `Client.send` throws, and {NoUsableResponse} if the list has too many pages
 */
export async function everyPage<T>(
  client: Client,
  call: Call,
  { shape, keyOf, pageSize }: ItemsOf<T> & { pageSize?: number },
): Promise<{ items: T[]; serverTimeMs: number }> {
  const request: PageRequest<T> = (query) => client.send({ ...call, query: { ...call.query, ...query } }, shape);
  const ofAllReadings = new Map<string, T>();
  let firstBeganMs: number | undefined;
  for (let reading = 1; ; reading++) {
    const { end, items, beganMs } = await readThrough(request, keyOf, begun(reading, pageSize));
    firstBeganMs ??= beganMs;
    if (end === 'endless') throw endless(call);
    if (end === 'done') return { items: [...items.values()], serverTimeMs: firstBeganMs };
    for (const [key, item] of items) ofAllReadings.set(key, item);
    if (end === 'merge') return { items: [...ofAllReadings.values()], serverTimeMs: firstBeganMs };
  }
}

type PageRequest<T> = (query: Record<string, string>) => Promise<ApiResponse<T[]>>;

interface Reading<T> {
  end: Exclude<WhatNext, Pages>;
  items: ReadonlyMap<string, T>;
  /** The time of the first page. */
  beganMs: number;
}

/** Reads a list once, from its first page. */
async function readThrough<T>(
  request: PageRequest<T>,
  keyOf: (item: T) => string,
  start: Progress,
): Promise<Reading<T>> {
  const items = new Map<string, T>();
  let progress = start;
  let beganMs: number | undefined;

  /** @returns whether the page has an item that no earlier page had */
  async function read(page?: number): Promise<boolean> {
    const { result, info, serverTimeMs } = await request(queryOf(progress.pages, page));
    beganMs ??= serverTimeMs;
    const { items: before } = progress;
    for (const item of result) items.set(keyOf(item), item);
    progress = responded(progress, page, { onPage: result.length, items: items.size, info });
    return items.size > before;
  }

  for (;;) {
    await ('token' in progress.pages ? read() : readAtOnce(progress.pages.from, progress.pages.to, read));
    const next = whatNext(progress);
    if (typeof next === 'string') return { end: next, items, beganMs: beganMs ?? Number.NaN };
    progress = requested(progress, next);
  }
}

/** The query for one of the pages. */
function queryOf(pages: Pages, page = 1): Record<string, string> {
  if ('token' in pages) return { page_token: pages.token };
  return pages.size === undefined ? {} : { page: String(page), per_page: String(pages.size) };
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
 * Keeps ten requests in flight, so that the next pages are on their way while one is read. Ends early after ten pages in
 * a row without new items, because the server then ignores `page`.
 * @param read reads a page, and returns whether it has new items
 * @throws the first failure, once no request is in progress anymore
 */
function readAtOnce(from: number, to: number, read: (page: number) => Promise<boolean>): Promise<void> {
  return new Promise((resolve, reject) => {
    let [next, underWay, repeated] = [from, 0, 0];
    let failure: { error: unknown } | undefined;
    const goOn = (): void => {
      while (failure === undefined && next <= to && underWay + repeated < PAGES_AT_ONCE) {
        underWay += 1;
        read(next++)
          .then(
            (isNew) => {
              repeated = isNew ? 0 : repeated + 1;
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
      else resolve();
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
  { shape, keyOf, parameter }: ItemsOf<T> & { parameter: 'page_token' | 'cursor' },
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

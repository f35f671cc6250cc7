// All pages of a list.
//
// Asked without `page` and `per_page` the newer API answers unpaged; the older one gives 20 a page. So the first
// request asks for no page. Once a response shows that there is more, requests ask for pages of 100, the published
// maximum. `result_info` says how large the pages are: they may be smaller than asked for.

import type { Call, ResultInfo, Shape } from './call.ts';
import type { Client } from './client.ts';
import { NoAnswer } from './errors.ts';

const PAGE_SIZE = 100;
/** A list of more pages has no end. */
const PAGES_MAX = 1_000;
/** The client sends no more than this many requests at once. */
const PAGES_AT_ONCE = 10;
/** A list may change between two pages, so that an item is missed. Then it is read again, at most this many times in all. */
const MOST_READINGS = 3;
/** Sizes that services give pages. A response of such a length that says nothing about pages may be one of several. */
const USUAL_SIZES = [20, 50, 100];

/** What the next page depends on. */
export interface Seen {
  /** The page that it was, from 1. Undefined: no page was asked for. */
  page: number | undefined;
  /** The size that was asked for. */
  asked?: number | undefined;
  /** Items in this response. */
  onPage: number;
  /** Different items so far, these included. */
  soFar: number;
  info: ResultInfo;
}

/** What to ask for next: a page by its number or by a token. */
export type Next = { page: number; size: number } | { token: string };

/** Pure. Undefined when that was the last page. */
export function nextPage({ page, asked, onPage, soFar, info }: Seen): Next | undefined {
  if (info.next_page_token !== undefined) return { token: info.next_page_token };
  const isSilent = saysNothing(info);
  // Later pages were asked for in the size of the first: only the first can be smaller than asked for.
  const isFull = onPage > 0 && (onPage === asked || ((page ?? 1) === 1 && USUAL_SIZES.includes(onPage)));
  if (isSilent ? !isFull : isLast(info, page ?? 1, onPage, soFar)) return undefined;
  const size = info.per_page ?? onPage;
  // Start over with larger pages: never more requests than going on in small ones, and no item falls between. Where
  // nothing is said about pages, nothing tells whether larger ones exist: then page 2 follows.
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

interface Reading<T> {
  items: Map<string, T>;
  serverTimeMs: number;
  /** No item can have been missed. */
  whole: boolean;
}

/**
 * Every item once. A list that changed between two pages is read again, because a missed share would be created again.
 * `serverTimeMs` is the time of the first page. With `size` it asks for pages of that size from the beginning, because some
 * lists refuse pages of 100.
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
  const read = async (next: Next | undefined): Promise<{ onPage: number; info: ResultInfo; serverTimeMs: number }> => {
    const { result, info, serverTimeMs } = await client.send(
      { ...call, query: { ...call.query, ...(next && queryOf(next)) } },
      shape,
    );
    for (const item of result) items.set(keyOf(item), item);
    totals.push(info.total_count ?? 0);
    return { onPage: result.length, info, serverTimeMs };
  };
  let next: Next | undefined = size === undefined ? undefined : { page: 1, size };
  let begunMs: number | undefined;
  for (let pages = 1; ; pages++) {
    const asked = next;
    const before = items.size;
    const { onPage, info, serverTimeMs } = await read(asked);
    begunMs ??= serverTimeMs;
    const [page, askedSize] = asked && 'page' in asked ? [asked.page, asked.size] : [undefined, undefined];
    next = nextPage({ page, asked: askedSize, onPage, soFar: items.size, info });
    // A list that leads from page to page by tokens ends without one. It knows no page numbers.
    if (asked && 'token' in asked && next && 'page' in next) next = undefined;
    // A page without new items: the server ignores `page`, and sends the same page again.
    if (pages > 1 && page !== 1 && items.size === before) next = undefined;
    if (next !== undefined && (pages >= PAGES_MAX || (info.total_pages ?? 0) > PAGES_MAX))
      throw new NoAnswer(call, `the list has more than ${PAGES_MAX} pages`, { final: true });
    // Two pages have shown that the server heeds `page`, and how many pages there are: the rest is read ten at a time.
    if (next !== undefined && 'page' in next && next.page > 2 && info.total_pages !== undefined) {
      await readAtOnce(next.page, info.total_pages, next.size, read);
      next = undefined;
    }
    // If an item of an earlier page is deleted, all later items move forward, and one of them is missed.
    if (next === undefined) {
      return { items, serverTimeMs: begunMs, whole: pages === 1 || items.size >= Math.max(...totals) };
    }
  }
}

async function readAtOnce(
  from: number,
  to: number,
  size: number,
  read: (next: Next) => Promise<unknown>,
): Promise<void> {
  for (let first = from; first <= to; first += PAGES_AT_ONCE) {
    const pages = Array.from({ length: Math.min(PAGES_AT_ONCE, to - first + 1) }, (_, i) => first + i);
    // All of them are waited for: nothing of a list that failed goes on in the background.
    const outcomes = await Promise.allSettled(pages.map((page) => read({ page, size })));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}

/**
 * Every item once of a list that leads from page to page by a token or a cursor. Without one it is the last page, whatever
 * the totals are: such a list knows no page numbers.
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
    // A token that comes back leads in circles.
    if (token === undefined || seen.has(token)) return [...items.values()];
    if (seen.add(token).size >= PAGES_MAX)
      throw new NoAnswer(call, `the list has more than ${PAGES_MAX} pages`, { final: true });
    query = { ...call.query, [parameter]: token };
  }
}

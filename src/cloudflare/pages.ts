// All pages of a list.
//
// Asked without `page` and `per_page` the newer API answers unpaged; the older one gives 20 a page. So the first
// request asks for no page. Once an answer shows that there is more, requests ask for pages of 100, the published
// maximum. `result_info` says how large the pages are: they may be smaller than asked for.

import type { Call, ResultInfo, Shape } from './call.ts';
import type { Client } from './client.ts';
import { NoAnswer } from './errors.ts';

const PAGE_SIZE = 100;
/** A list of more pages has no end. */
const PAGES_MAX = 1_000;
/** A list may change between two pages, so that an item is missed. Then it is read again, at most so often in all. */
const MOST_READINGS = 3;

/** What the next page depends on. */
export interface Seen {
  /** The page that it was, from 1. Undefined: no page was asked for. */
  page: number | undefined;
  /** Items in this answer. */
  onPage: number;
  /** Different items so far, these included. */
  soFar: number;
  info: ResultInfo;
}

/** What to ask for next: a page by its number or by a token. */
export type Next = { page: number; size: number } | { token: string };

/** Pure. Undefined when that was the last page. */
export function nextPage({ page, onPage, soFar, info }: Seen): Next | undefined {
  if (info.next_page_token !== undefined) return { token: info.next_page_token };
  if (isLast(info, page ?? 1, onPage, soFar)) return undefined;
  const size = info.per_page ?? onPage;
  // Start over with larger pages: never more requests than going on in small ones, and no item falls between.
  if (page === undefined && size < PAGE_SIZE) return { page: 1, size: PAGE_SIZE };
  return { page: (page ?? 1) + 1, size };
}

function isLast(info: ResultInfo, page: number, onPage: number, soFar: number): boolean {
  if (onPage === 0) return true;
  if (info.total_pages !== undefined) return page >= info.total_pages;
  if (info.total_count !== undefined) return soFar >= info.total_count;
  if (info.per_page !== undefined) return onPage < info.per_page;
  return true; // nothing about pages: that was the whole list
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
  let next: Next | undefined = size === undefined ? undefined : { page: 1, size };
  let begun: { serverTimeMs: number; total: number | undefined } | undefined;
  for (let pages = 1; ; pages++) {
    const query = { ...call.query, ...(next && queryOf(next)) };
    const { result, info, serverTimeMs } = await client.send({ ...call, query }, shape);
    begun ??= { serverTimeMs, total: info.total_count };
    const isAgain = next !== undefined && 'page' in next && next.page === 1;
    const before = items.size;
    for (const item of result) items.set(keyOf(item), item);
    const page = next && 'page' in next ? next.page : undefined;
    next = nextPage({ page, onPage: result.length, soFar: items.size, info });
    // A page without new items: the server ignores `page`, and sends the same page again.
    if (pages > 1 && !isAgain && items.size === before) next = undefined;
    if (next !== undefined && pages >= PAGES_MAX)
      throw new NoAnswer(call, `the list has more than ${PAGES_MAX} pages`, { final: true });
    if (next === undefined) {
      const { total_count: total = 0 } = info;
      // If an item of an earlier page is deleted, all later items move forward, and one of them is missed.
      const whole = pages === 1 || (items.size >= total && total >= (begun.total ?? 0));
      return { items, serverTimeMs: begun.serverTimeMs, whole };
    }
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

// All pages of a list.
//
// Asked without `page` and `per_page` the newer API answers unpaged; the older one gives 20 a page. So the first
// request asks for no page. Once an answer shows that there is more, pages of 100 are asked for, the published
// maximum. What came is told by `result_info`, not by what was asked for.

import type { Call, ResultInfo, Shape } from './call.ts';
import type { Client } from './client.ts';

const PAGE_SIZE = 100;
/** Between two pages a list may shift. How often it is read in all, so that nothing is missed. */
const MOST_READINGS = 3;

/** An answer, as far as the next page depends on it. */
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
  return true; // no word of pages: it was the whole
}

const queryOf = (next: Next): Record<string, string> =>
  'token' in next ? { page_token: next.token } : { page: String(next.page), per_page: String(next.size) };

interface Reading<T> {
  items: Map<string, T>;
  serverTimeMs: number;
  /** Nothing can have been missed. */
  whole: boolean;
}

/**
 * Every item once. When the list shifted meanwhile, it is read again: a share that is overlooked would be created
 * again. `serverTimeMs` is when the list was begun.
 */
export async function everyPage<T>(
  client: Client,
  call: Call,
  shape: Shape<T[]>,
  keyOf: (item: T) => string,
): Promise<{ items: T[]; serverTimeMs: number }> {
  const all = new Map<string, T>();
  let serverTimeMs: number | undefined;
  for (let count = 1; ; count++) {
    const reading = await readOnce(client, call, shape, keyOf, count > 1);
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
  inPages: boolean,
): Promise<Reading<T>> {
  const items = new Map<string, T>();
  let next: Next | undefined = inPages ? { page: 1, size: PAGE_SIZE } : undefined;
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
    // A page without anything new: a server that knows no pages, and gives the same one again and again.
    if (pages > 1 && !isAgain && items.size === before) next = undefined;
    if (next === undefined) {
      const { total_count: total = 0 } = info;
      // An item that goes from an earlier page moves all that follow one place forward, one of them past the reader.
      const whole = pages === 1 || (items.size >= total && total >= (begun.total ?? 0));
      return { items, serverTimeMs: begun.serverTimeMs, whole };
    }
  }
}

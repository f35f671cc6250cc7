// Cuts lists into pages, or leaves them whole when nobody asked for pages.
import type { CursorInfo, ResultInfo, TokenInfo } from './answers.ts';
import { invalidQuery, readCount } from './validation.ts';

export interface PagingRules {
  /** Without `page` and `per_page` a list is whole, as the newer descriptions say; else it has 20 a page. */
  unpagedByDefault: boolean;
  /** A greater `per_page` is silently brought down to this, which only `result_info` tells. */
  pageSizeMax: number;
  /** The size of a page when none is asked for. */
  defaultPageSize: number;
  /** Lists go from page to page by tokens, and know no page numbers. */
  pagedByToken: boolean;
  /** What an answer says of its pages, made from the truth; undefined: nothing. */
  resultInfo: (info: ResultInfo | TokenInfo) => unknown;
}

interface Page<T> {
  items: T[];
  info: unknown;
}

export function pageOf<T>(items: T[], query: URLSearchParams, rules: PagingRules): Page<T> {
  const { items: shown, info } = rules.pagedByToken
    ? cutByToken(items, query, readCount(query, 'per_page') ?? rules.defaultPageSize, rules.pageSizeMax)
    : cutByNumber(items, query, rules);
  return { items: shown, info: rules.resultInfo(info) };
}

function cutByNumber<T>(items: T[], query: URLSearchParams, rules: PagingRules): { items: T[]; info: ResultInfo } {
  const page = readCount(query, 'page');
  const asked = readCount(query, 'per_page');
  if (page === undefined && asked === undefined && rules.unpagedByDefault) {
    const total = items.length;
    return { items, info: { count: total, page: 1, per_page: total, total_count: total, total_pages: 1 } };
  }
  const size = Math.min(asked ?? rules.defaultPageSize, rules.pageSizeMax);
  const start = ((page ?? 1) - 1) * size;
  const shown = items.slice(start, start + size);
  return {
    items: shown,
    info: {
      count: shown.length,
      page: page ?? 1,
      per_page: size,
      total_count: items.length,
      total_pages: Math.ceil(items.length / size),
    },
  };
}

const defaultTokenPageSize = 10;
const tokenPageSizeMax = 1000;

/**
 * One page of a list that is continued with opaque tokens.
 *
 * `directoryPageMax` is the greatest page that is given out, although up to a thousand items may be asked for.
 */
export function tokenPageOf<T>(
  items: readonly T[],
  query: URLSearchParams,
  { directoryPageMax, resultInfo }: Pick<PagingRules, 'resultInfo'> & { directoryPageMax: number },
): Page<T> {
  const { items: shown, info } = cutByToken(items, query, defaultTokenPageSize, directoryPageMax);
  return { items: shown, info: resultInfo(info) };
}

function cutByToken<T>(
  items: readonly T[],
  query: URLSearchParams,
  size: number,
  sizeMax: number,
): { items: T[]; info: TokenInfo } {
  const asked = readCount(query, 'page_size') ?? size;
  if (asked > tokenPageSizeMax) throw invalidQuery('page_size', `must be at most ${tokenPageSizeMax}`);
  const start = readToken(query, items.length, 'page_token');
  const end = start + Math.min(asked, sizeMax);
  const next = end < items.length ? { next_page_token: tokenOf(end) } : {};
  return { items: items.slice(start, end), info: { total_size: items.length, ...next } };
}

const defaultCursorPageSize = 20;
const cursorPageSizeMax = 50;

/** One page of a list that is continued with a cursor. */
export function cursorPageOf<T>(items: readonly T[], query: URLSearchParams): { items: T[]; info: CursorInfo } {
  const size = readCount(query, 'per_page') ?? defaultCursorPageSize;
  if (size > cursorPageSizeMax) throw invalidQuery('per_page', `must be at most ${cursorPageSizeMax}`);
  const start = readToken(query, items.length, 'cursor');
  const end = start + size;
  const shown = items.slice(start, end);
  const next = end < items.length ? { cursors: { after: tokenOf(end) } } : {};
  return { items: shown, info: { count: shown.length, per_page: size, ...next } };
}

const tokenOf = (start: number): string => Buffer.from(`from ${start}`).toString('base64url');

function readToken(query: URLSearchParams, count: number, key: 'page_token' | 'cursor'): number {
  const token = query.get(key);
  if (token === null) return 0;
  const start = Number(/^from (\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1]);
  if (start < count) return start;
  throw invalidQuery(key, 'must be a token of an earlier answer');
}

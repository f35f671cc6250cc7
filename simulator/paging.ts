// Cuts lists into pages, unless no page was requested.
import type { CursorInfo, ResultInfo, TokenInfo } from './responses.ts';
import { invalidQuery, readCount } from './validation.ts';

export interface PagingRules {
  /**
   * A list is unpaged if neither `page` nor `per_page` is requested, as in newer API descriptions. If false, it has 20
   * items per page.
   */
  unpagedByDefault: boolean;
  /** A larger `per_page` is silently reduced to this value, which only `result_info` shows. */
  pageSizeMax: number;
  /** The page size if none is requested. */
  defaultPageSize: number;
  /** Lists are paginated with tokens and have no page numbers. */
  pagedByToken: boolean;
  /** Receives the correct `result_info`, and returns the one to send. Undefined omits it. */
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
  const requested = readCount(query, 'per_page');
  if (page === undefined && requested === undefined && rules.unpagedByDefault) {
    const total = items.length;
    return { items, info: { count: total, page: 1, per_page: total, total_count: total, total_pages: 1 } };
  }
  const size = Math.min(requested ?? rules.defaultPageSize, rules.pageSizeMax);
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
 * One page of a list with token pagination.
 *
 * `directoryPageMax` limits the page size even though clients can request up to 1000 items.
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
  const requested = readCount(query, 'page_size') ?? size;
  if (requested > tokenPageSizeMax) throw invalidQuery('page_size', `must be at most ${tokenPageSizeMax}`);
  const start = readToken(query, items.length, 'page_token');
  const end = start + Math.min(requested, sizeMax);
  const next = end < items.length ? { next_page_token: tokenOf(end) } : {};
  return { items: items.slice(start, end), info: { total_size: items.length, ...next } };
}

const defaultCursorPageSize = 20;
const cursorPageSizeMax = 50;

/** One page of a list with cursor pagination. */
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
  throw invalidQuery(key, 'must be a token from an earlier response');
}

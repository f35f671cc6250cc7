// Cuts lists into pages, or leaves them whole when nobody asked for pages.
import type { ResultInfo } from './answers.ts';
import { readCount } from './validation.ts';

export interface PagingRules {
  /** Without `page` and `per_page` a list is whole, as the newer descriptions say; else it has 20 a page. */
  unpagedByDefault: boolean;
  /** A greater `per_page` is silently brought down to this, which only `result_info` tells. */
  pageSizeMax: number;
}

const defaultPageSize = 20;

export function pageOf<T>(items: T[], query: URLSearchParams, rules: PagingRules): { items: T[]; info: ResultInfo } {
  const page = readCount(query, 'page');
  const wished = readCount(query, 'per_page');
  if (page === undefined && wished === undefined && rules.unpagedByDefault) {
    const total = items.length;
    return { items, info: { count: total, page: 1, per_page: total, total_count: total, total_pages: 1 } };
  }
  const size = Math.min(wished ?? defaultPageSize, rules.pageSizeMax);
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

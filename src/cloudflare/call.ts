// A call to the API and its answer, as values.

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the base URL, each part already encoded. */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  /** What it is for, to go after "to": "create the share". */
  purpose: string;
}

/** What a list says of its pages. */
export interface ResultInfo {
  count?: number;
  per_page?: number;
  total_count?: number;
  total_pages?: number;
  /** Lists of organizations go from page to page by tokens. */
  next_page_token?: string;
  /** Lists of rulesets go from page to page by cursors. */
  cursor?: string;
}

export interface Answer<T> {
  result: T;
  info: ResultInfo;
  /** When the server answered, in milliseconds since 1970 by its own clock (by ours when it does not say). */
  serverTimeMs: number;
}

/** Takes a `result` apart: the value, or what is wrong with it, as a clause. */
export type Shape<T> = (result: unknown, info: ResultInfo) => { value: T } | { wrong: string };

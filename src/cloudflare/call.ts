// A call to the API and its response, as values.

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The path below the base URL, with each part already encoded. */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  /** The purpose of the call, as words after "to": "create the share". */
  purpose: string;
}

/** What a list says about its pages. */
export interface ResultInfo {
  count?: number;
  per_page?: number;
  total_count?: number;
  total_pages?: number;
  /** Lists of organizations use page tokens. */
  next_page_token?: string;
  /** Lists of rulesets use cursors. */
  cursor?: string;
}

export interface ApiResponse<T> {
  result: T;
  info: ResultInfo;
  /** When the server responded, in milliseconds since 1970, by its own clock (or by ours if it doesn't say). */
  serverTimeMs: number;
}

/** Interprets a `result`: returns the value, or what is wrong with it, as a clause. */
export type Shape<T> = (result: unknown, info: ResultInfo) => { value: T } | { wrong: string };

// The envelope of every API response, and the errors in it.

export interface ApiProblem {
  code: number;
  message: string;
  source?: { pointer: string };
}

export interface ResultInfo {
  count: number;
  page: number;
  per_page: number;
  total_count: number;
  total_pages: number;
}

/** `result_info` of a list with token pagination. */
export interface TokenInfo {
  total_size: number;
  /** Absent on the last page. */
  next_page_token?: string;
}

/** `result_info` of a list with cursor pagination. */
export interface CursorInfo {
  count: number;
  per_page: number;
  /** Absent on the last page. */
  cursors?: { after: string };
}

/** A response without faults. A 204 has no body. */
export interface ApiResponse {
  status: number;
  body: string | undefined;
  headers?: Record<string, string>;
}

/** Thrown to refuse a request. It becomes an envelope with `success: false`. */
export class ApiError extends Error {
  readonly status: number;
  readonly problems: readonly ApiProblem[];

  constructor(status: number, ...problems: ApiProblem[]) {
    super(problems.map(({ message }) => message).join('; '));
    this.name = 'ApiError';
    this.status = status;
    this.problems = problems;
  }
}

export const notFound = (): ApiError => new ApiError(404, { code: 1004, message: 'not found' });

/** The request is well-formed, but conflicts with the stored state. */
export const conflict = (message: string, status: 400 | 409 | 422 = 409): ApiError =>
  new ApiError(status, { code: 1009, message });

/** The share is being changed, so it refuses writes for now. */
export const busy = (status = 409): ApiError =>
  new ApiError(status, { code: 1009, message: 'the share is being changed' });

export const success = (status: number, result: unknown, resultInfo?: unknown): ApiResponse => ({
  status,
  body: JSON.stringify({ success: true, errors: [], messages: [], result, result_info: resultInfo }),
});

export const failure = ({ status, problems }: ApiError): ApiResponse => ({
  status,
  body: JSON.stringify({ success: false, errors: problems, messages: [], result: null }),
});

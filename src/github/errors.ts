// What went wrong with a request to GitHub, as a value and in words.

import { shortened } from '../secrets.ts';
import { reasonIn } from '../share/problem.ts';
import { duration } from '../share/words.ts';

/** How long a rate limit lasts if GitHub doesn't say. Source: GitHub's "Best practices for using the REST API". */
const DEFAULT_LIMIT_MS = 60_000;
const MESSAGE_MAX = 300;

/**
 * - `cancelled`: the job was cancelled.
 * - `unreachable`: there was no response, or none that could be read to its end.
 * - `unusable`: the response doesn't match the API's documentation (it is a web page, for example).
 * - `server`: HTTP 5xx, except 501, which says that the server doesn't support the request.
 * - `rate-limit`: GitHub refused the request for now.
 * - `permission`: GitHub says that the token isn't allowed to do this.
 * - `gone`: GitHub lists the comment, but each edit fails because the comment doesn't exist.
 * - `refused`: any other refusal.
 */
export type Trouble =
  | 'cancelled'
  | 'unreachable'
  | 'unusable'
  | 'server'
  | 'rate-limit'
  | 'permission'
  | 'gone'
  | 'refused';

interface Details {
  status?: number;
  /** GitHub's message, or what happened to the connection. */
  detail?: string;
  /** How long GitHub asks the caller to wait. */
  retryAfterMs?: number;
  /** The request never reached GitHub. */
  neverSent?: boolean;
  /** Retrying wouldn't help. */
  final?: boolean;
}

export class GithubError extends Error {
  override name = 'GithubError';
  readonly trouble: Trouble;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly neverSent: boolean;
  readonly final: boolean;

  constructor(trouble: Trouble, { status, detail = '', retryAfterMs, neverSent = false, final = false }: Details = {}) {
    super(wordsOf(trouble, { detail, ...(status === undefined ? {} : { status }) }, retryAfterMs));
    this.trouble = trouble;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.neverSent = neverSent;
    this.final = final;
  }
}

function wordsOf(trouble: Trouble, { status, detail = '' }: Details, retryAfterMs: number | undefined): string {
  const http = status === undefined ? '' : `HTTP ${status}`;
  const quoted = detail === '' ? '' : `: "${detail}"`;
  const inParentheses = http === '' ? '' : ` (${http})`;
  switch (trouble) {
    case 'cancelled':
      return 'the job was cancelled';
    case 'unreachable':
      return `GitHub can't be reached (${detail})`;
    case 'unusable':
      return `GitHub's response${inParentheses} doesn't match its API's documentation${quoted}`;
    case 'server':
      return `GitHub responded with ${http}${quoted}`;
    case 'rate-limit':
      return `GitHub's rate limit is used up${quoted}${inParentheses}. It allows requests again in ${duration(retryAfterMs ?? DEFAULT_LIMIT_MS)}`;
    case 'permission':
      return `github-token isn't allowed to do this${quoted}${inParentheses}`;
    case 'gone':
      return "GitHub lists the comment, but responds to each edit that it doesn't exist";
    case 'refused':
      if (status === 401) return 'github-token is not valid';
      if (status === 404)
        return `GitHub found nothing there, or github-token isn't allowed to see it${quoted} (${http})`;
      return `GitHub refused${quoted}${inParentheses}`;
  }
}

/** Does GitHub keep this from the token? It may respond with 404 so that the token doesn't learn what exists. */
export const isHidden = (error: unknown): boolean =>
  error instanceof GithubError && error.trouble !== 'rate-limit' && [403, 404].includes(error.status ?? 0);

/** The relevant parts of a response. `data` is the parsed body, or the text if it isn't JSON. */
export interface Response {
  status: number;
  headers: Readonly<Record<string, unknown>>;
  data: unknown;
}

/** What an unsuccessful response means. 403 means a missing permission only if GitHub says so. */
export function readRefusal({ status, headers, data }: Response, nowMs: number): GithubError {
  const detail = messageIn(data);
  if (status >= 500 && status !== 501) return new GithubError('server', { status, detail });
  const retryAfterMs = waitAskedFor(headers, nowMs);
  const isLimit = status === 429 || (status === 403 && retryAfterMs !== undefined) || isLimitMessage(status, detail);
  if (isLimit) {
    return new GithubError('rate-limit', { status, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }
  return new GithubError(isAboutPermission(detail) ? 'permission' : 'refused', { status, detail });
}

const isLimitMessage = (status: number, detail: string): boolean => status === 403 && /\brate limit\b/i.test(detail);

/** GitHub's messages for a token that lacks a permission. Source: the messages of its REST API. */
const isAboutPermission = (detail: string): boolean =>
  /resource not accessible by|must have .*(rights|access|permission)|requires? .*permission|insufficient (permission|scope)/i.test(
    detail,
  );

/** `retry-after`, or the time until the limit is reset, measured by the response's own clock. */
function waitAskedFor(headers: Response['headers'], nowMs: number): number | undefined {
  const of = (name: string): string => (typeof headers[name] === 'string' ? headers[name].trim() : '');
  const serverMs = Date.parse(of('date')) || nowMs;
  const after = of('retry-after');
  if (/^\d{1,9}$/.test(after)) return Number(after) * 1000;
  const until = after === '' ? Number.NaN : Date.parse(after);
  if (!Number.isNaN(until)) return Math.max(0, until - serverMs);
  if (of('x-ratelimit-remaining') !== '0') return undefined;
  const reset = of('x-ratelimit-reset');
  // Adds one second, because GitHub resets the limit after that second.
  return /^\d{1,12}$/.test(reset) ? Math.max(0, Number(reset) * 1000 - serverMs) + 1000 : DEFAULT_LIMIT_MS;
}

/** GitHub's own message on one line; for a web page, only its title. */
export function messageIn(data: unknown): string {
  if (typeof data === 'string')
    return shortened(/<title>([^<]*)<\/title>/i.exec(data.slice(0, 10_000))?.[1] ?? '', MESSAGE_MAX);
  const { message, errors } = (data ?? {}) as { message?: unknown; errors?: unknown };
  const details = Array.isArray(errors)
    ? errors.map((each) => (typeof each === 'string' ? each : (each as { message?: unknown } | null)?.message))
    : [];
  return shortened(
    [message, ...details].filter((text) => typeof text === 'string' && text !== '').join(': '),
    MESSAGE_MAX,
  );
}

/** What went wrong, as a clause, with the permission to grant if GitHub says that one is missing. */
export const reasonOf = (error: unknown, howToGrant: string): string =>
  error instanceof GithubError
    ? `${error.message}${error.trouble === 'permission' ? `. ${howToGrant}` : ''}`
    : `unexpected: ${reasonIn(error)}`;

// The errors that can occur between this action and the API. Each error's `fate` says whether the request may have
// taken effect.

import type { Call } from './call.ts';

/** Whether a request may have taken effect in any attempt. A read has no effect. */
type Fate = 'not-done' | 'unknown';

/** One entry of the API's `errors`; `pointer` is its `source.pointer`. */
export interface ApiError {
  code?: number;
  message: string;
  pointer?: string;
}

interface Refused {
  status: number;
  errors: ApiError[];
  ray?: string | undefined;
  /** How long the response asked to wait before a retry. */
  retryAfterMs?: number | undefined;
  /**
   * The response has the form of the API's responses. If not, something between the runner and the API responded, or
   * the address isn't the API's. Default: true.
   */
  isOfApi?: boolean;
}

interface Circumstances {
  /** The request never left this machine, because no connection could be made. */
  neverSent?: boolean;
  /** A retry wouldn't help: for example, the certificate isn't trusted. */
  final?: boolean;
  /** How long the response asked to wait before a retry. */
  retryAfterMs?: number | undefined;
  ray?: string | undefined;
}

/** The API, or the edge in front of it, refused the request. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly call: Call;
  readonly status: number;
  readonly errors: ApiError[];
  readonly ray: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly isOfApi: boolean;
  /** The refused attempt itself had no effect. `unknown`: an earlier attempt may have taken effect. */
  readonly fate: Fate;

  constructor(call: Call, refused: Refused, fate: Fate = 'not-done') {
    const { status, errors, ray, retryAfterMs, isOfApi = true } = refused;
    super(
      `Cloudflare refused to ${call.purpose}: HTTP ${status}: ${errorsInWords(errors) || 'no reason given'}${inBrackets(ray)}`,
    );
    this.call = call;
    this.status = status;
    this.errors = errors;
    this.ray = ray;
    this.retryAfterMs = retryAfterMs;
    this.isOfApi = isOfApi;
    this.fate = fate;
  }

  has(...codes: number[]): boolean {
    return this.errors.some(({ code }) => code !== undefined && codes.includes(code));
  }

  /** Cloudflare doesn't know the token. This isn't a permission error, although some of those have the same code. */
  get isUnknownToken(): boolean {
    return this.errors.some(({ message }) => /^invalid (access|api) token\b/i.test(message));
  }

  /** Only the message: the class name means nothing to readers of a log. */
  override toString(): string {
    return this.message;
  }
}

/** There was no usable response: a connection reset, a timeout, a 5xx, or a truncated or malformed response. */
export class NoUsableResponse extends Error {
  override name = 'NoUsableResponse';
  readonly call: Call;
  /** What came instead. */
  readonly what: string;
  readonly neverSent: boolean;
  readonly final: boolean;
  readonly retryAfterMs: number | undefined;
  readonly ray: string | undefined;
  readonly fate: Fate;

  constructor(call: Call, what: string, circumstances: Circumstances = {}, fate?: Fate) {
    const { neverSent = false, final = false, retryAfterMs, ray } = circumstances;
    super(`Cloudflare did not return a usable response when asked to ${call.purpose}: ${what}${inBrackets(ray)}`);
    this.call = call;
    this.what = what;
    this.neverSent = neverSent;
    this.final = final;
    this.retryAfterMs = retryAfterMs;
    this.ray = ray;
    this.fate = fate ?? (neverSent || call.method === 'GET' ? 'not-done' : 'unknown');
  }

  override toString(): string {
    return this.message;
  }
}

/** The job was cancelled. */
export class Cancelled extends Error {
  override name = 'Cancelled';
  /** The request that may have taken effect. Undefined if nothing but reads was sent. */
  readonly during: Call | undefined;
  readonly fate: Fate;

  constructor(during?: Call) {
    super(during ? `the job was cancelled during the request to ${during.purpose}` : 'the job was cancelled');
    this.during = during;
    this.fate = during ? 'unknown' : 'not-done';
  }

  override toString(): string {
    return this.message;
  }
}

/** Whether the failed request may have taken effect. Other errors happen before anything is sent. */
export const fateOf = (error: unknown): Fate =>
  error instanceof Refusal || error instanceof NoUsableResponse || error instanceof Cancelled ? error.fate : 'not-done';

/** Gives the last error of a request the fate of earlier attempts, because any of them may have taken effect. */
export function withFate(error: unknown, fate: Fate, call: Call): unknown {
  if (fate === fateOf(error) || fate === 'not-done') return error;
  if (error instanceof Refusal) return new Refusal(error.call, error, fate);
  if (error instanceof NoUsableResponse) return new NoUsableResponse(error.call, error.what, error, fate);
  if (error instanceof Cancelled) return new Cancelled(call);
  return error;
}

/**
 * Can the refusal mean that nothing is left to do, because the item already exists or is already being removed? Only a
 * new listing can tell. Cloudflare doesn't document which status it returns.
 */
export const mayBeDone = (error: unknown): error is Refusal =>
  error instanceof Refusal && [400, 409, 422].includes(error.status);

/** Does the API say that the share or item doesn't exist? A 404 from another server doesn't count. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof Refusal && error.status === 404 && error.isOfApi;

/** Waits for a read. @returns undefined if the API says that the share or item doesn't exist */
export const ifFound = <T>(read: Promise<T>): Promise<T | undefined> =>
  read.catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });

const MOST_ERRORS = 5;

/** The API's errors on one line: the first few, and the number of the others, because a response can have thousands. */
export function errorsInWords(errors: readonly ApiError[]): string {
  const shown = errors
    .slice(0, MOST_ERRORS)
    .map(({ code, message, pointer }) =>
      [code === undefined ? '' : `${code} `, message, pointer === undefined ? '' : ` (at ${pointer})`].join(''),
    );
  const more = errors.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

const inBrackets = (ray: string | undefined): string => (ray === undefined ? '' : ` [CF-Ray ${ray}]`);

// What can go wrong between this action and the API. The `fate` of each error says whether the request may have taken effect.

import type { Call } from './call.ts';

/** Whether a request may have taken effect, in any of its tries. A read has no effect. */
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
  /** After how long the answer asked to be tried again. */
  retryAfterMs?: number | undefined;
  /** The answer has the API's form. If not, something in between answered, or the address is not the API's (true). */
  isOfApi?: boolean;
}

interface Unanswered {
  /** The request did not leave this machine: no connection could be made. */
  neverSent?: boolean;
  /** A repetition would not help: a certificate that is not trusted, for example. */
  final?: boolean;
  /** After how long the answer asked to be tried again. */
  retryAfterMs?: number | undefined;
  ray?: string | undefined;
}

/** The API (or the edge in front of it) answered, and the answer is no. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly call: Call;
  readonly status: number;
  readonly errors: ApiError[];
  readonly ray: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly isOfApi: boolean;
  /** The refused try took no effect. `unknown`: an earlier try of the same request may have taken effect. */
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

  /** The message alone: the name of this class means nothing to the reader of a log. */
  override toString(): string {
    return this.message;
  }
}

/** No usable response came: a reset, a timeout, a 5xx, a truncated or unintelligible response. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
  readonly call: Call;
  /** What came instead. */
  readonly what: string;
  readonly neverSent: boolean;
  readonly final: boolean;
  readonly retryAfterMs: number | undefined;
  readonly ray: string | undefined;
  readonly fate: Fate;

  constructor(call: Call, what: string, unanswered: Unanswered = {}, fate?: Fate) {
    const { neverSent = false, final = false, retryAfterMs, ray } = unanswered;
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
  /** The request that may have taken effect. Undefined when nothing was sent, or nothing but reads. */
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
  error instanceof Refusal || error instanceof NoAnswer || error instanceof Cancelled ? error.fate : 'not-done';

/** The last error of a request, with the fate of its earlier tries: any of them may have taken effect. */
export function withFate(error: unknown, fate: Fate, call: Call): unknown {
  if (fate === fateOf(error) || fate === 'not-done') return error;
  if (error instanceof Refusal) return new Refusal(error.call, error, fate);
  if (error instanceof NoAnswer) return new NoAnswer(error.call, error.what, error, fate);
  if (error instanceof Cancelled) return new Cancelled(call);
  return error;
}

/**
 * A refusal that may mean that there is nothing left to do: the thing is there, or going, already. Only a look can tell.
 * Which status Cloudflare gives is not documented.
 */
export const mayBeDone = (error: unknown): error is Refusal =>
  error instanceof Refusal && [400, 409, 422].includes(error.status);

/** Does the API say that it is not there? Another server's 404 says nothing of that. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof Refusal && error.status === 404 && error.isOfApi;

const MOST_ERRORS = 5;

/** The API's errors as one line: the first few, and how many more there are. One answer can have thousands. */
export function errorsInWords(errors: readonly ApiError[]): string {
  const said = errors
    .slice(0, MOST_ERRORS)
    .map(({ code, message, pointer }) =>
      [code === undefined ? '' : `${code} `, message, pointer === undefined ? '' : ` (at ${pointer})`].join(''),
    );
  const more = errors.length - said.length;
  return [...said, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

const inBrackets = (ray: string | undefined): string => (ray === undefined ? '' : ` [CF-Ray ${ray}]`);

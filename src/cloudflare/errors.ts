// What can go wrong between this action and the API, as values that say what is known of the request's fate.

import type { Call } from './client.ts';

/** One entry of the API's `errors`; `pointer` is its `source.pointer`. */
export interface ApiError {
  code?: number;
  message: string;
  pointer?: string;
}

/** The API (or the edge in front of it) answered, and the answer is no: this try of the request took no effect. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly call: Call;
  readonly status: number;
  readonly errors: ApiError[];
  readonly ray: string | undefined;

  constructor(call: Call, answer: { status: number; errors: ApiError[]; ray: string | undefined }) {
    const said = answer.errors.map(({ code, message, pointer }) =>
      [code === undefined ? '' : `${code} `, message, pointer === undefined ? '' : ` (at ${pointer})`].join(''),
    );
    const ray = answer.ray === undefined ? '' : ` [CF-Ray ${answer.ray}]`;
    super(
      `Cloudflare refused to ${call.purpose}: HTTP ${answer.status}: ${said.join('; ') || 'no reason given'}${ray}`,
    );
    this.call = call;
    this.status = answer.status;
    this.errors = answer.errors;
    this.ray = answer.ray;
  }

  has(...codes: number[]): boolean {
    return this.errors.some(({ code }) => code !== undefined && codes.includes(code));
  }
}

/**
 * No usable answer came: a reset, a time-out, a 5xx, a truncated or unintelligible answer. Unless `neverSent`, the
 * request may have taken effect all the same.
 */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
  readonly call: Call;
  /** The request did not leave this machine: no connection could be made. */
  readonly neverSent: boolean;
  /** The server may still be at work on it (we or a proxy gave up waiting), so that a look now may be too early. */
  readonly mayBeAtWork: boolean;
  /** Nothing that a repetition would mend: a certificate that is not trusted, say. */
  readonly final: boolean;
  /** After how long the answer asked to be tried again. */
  readonly retryAfterMs: number | undefined;

  constructor(
    call: Call,
    what: string,
    fate: {
      neverSent?: boolean;
      mayBeAtWork?: boolean;
      final?: boolean;
      retryAfterMs?: number | undefined;
      ray?: string | undefined;
    } = {},
  ) {
    const ray = fate.ray === undefined ? '' : ` [CF-Ray ${fate.ray}]`;
    super(`No usable answer from Cloudflare to the request to ${call.purpose}: ${what}${ray}`);
    this.call = call;
    this.neverSent = fate.neverSent ?? false;
    this.mayBeAtWork = fate.mayBeAtWork ?? false;
    this.final = fate.final ?? false;
    this.retryAfterMs = fate.retryAfterMs;
  }
}

/** The job was cancelled: between requests, or during one, which may then have taken effect. */
export class Cancelled extends Error {
  override name = 'Cancelled';
  readonly during: Call | undefined;

  constructor(during?: Call) {
    super(during ? `the job was cancelled during the request to ${during.purpose}` : 'the job was cancelled');
    this.during = during;
  }
}

const afterUnknownFate = new WeakSet<object>();

/** The request failed with this at last, but an earlier try of it got no usable answer and may have taken effect. */
export function noteUnknownFate(error: unknown): void {
  if (typeof error === 'object' && error !== null) afterUnknownFate.add(error);
}

/** Could the request that failed with this have taken effect? */
export function mayHaveTaken(error: unknown): boolean {
  if (typeof error === 'object' && error !== null && afterUnknownFate.has(error)) return true;
  if (error instanceof Cancelled) return error.during !== undefined;
  return error instanceof NoAnswer && !error.neverSent;
}

export const isNotFound = (error: unknown): boolean => error instanceof Refusal && error.status === 404;

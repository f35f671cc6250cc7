// The one door to Cloudflare: a request with its credentials, time-out, safe retries, rate limit and the reading of
// its answer. What the endpoints are is in endpoints.ts.

import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import fetch, { type Response } from 'node-fetch';
import { Cancelled, mayHaveTaken, NoAnswer, noteUnknownFate, Refusal } from './errors.ts';
import { RateLimit, readRateLimit, readRetryAfter } from './rate-limit.ts';
import { isHtml, readErrors, titleOf } from './read-answer.ts';

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the base URL, each part already encoded. */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  /** What it is for, to go after "to": "create the share". */
  purpose: string;
}

export interface ResultInfo {
  count?: number;
  page?: number;
  per_page?: number;
  total_count?: number;
  total_pages?: number;
}

export interface Answer<T> {
  result: T;
  info: ResultInfo;
  /** When the server answered, in milliseconds since 1970 by its own clock (by ours when it does not say). */
  serverTimeMs: number;
}

/** Takes a `result` apart: the value, or what is wrong with it as the rest of a sentence. */
export type Shape<T> = (result: unknown) => { value: T } | { wrong: string };

export interface ClientSettings {
  /** Without a slash at the end. */
  baseUrl: string;
  /** `Authorization` or the pair of `X-Auth-…`. */
  headers: Record<string, string>;
  userAgent: string;
  /** URL of the proxy to go through. */
  proxy?: string;
  requestTimeoutMs: number;
  maxAttempts: number;
}

/** What happens meanwhile, for the log. */
export interface ClientEvents {
  /** The step waits before it goes on, and why. */
  waiting: (why: string, ms: number) => void;
  requested: (line: string) => void;
}

export interface Client {
  readonly maxAttempts: number;
  readonly requestTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Sends, and sends again where that is safe. @throws {Refusal | NoAnswer | Cancelled} */
  send: <T>(call: Call, shape: Shape<T>) => Promise<Answer<T>>;
  /** Waits before try number `attempt` + 1 of something that failed for `why`. @throws {Cancelled} */
  backOff: (attempt: number, why: string) => Promise<void>;
  /** Waits without a word. @throws {Cancelled} */
  pause: (ms: number) => Promise<void>;
  close: () => void;
}

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 8_000;
/** Longer than this the API may ask for, but the step does not wait. Past the global limit it is five minutes. */
const RETRY_AFTER_MAX_MS = 15 * 60_000;
/** Shorter waits are not worth a line. */
const WORTH_SAYING_MS = 1_000;

export function connect(settings: ClientSettings, events: ClientEvents, signal: AbortSignal): Client {
  const limit = new RateLimit();
  let agent: Promise<HttpAgent> | undefined;

  const pause = async (ms: number): Promise<void> => {
    try {
      await sleep(ms, undefined, { signal });
    } catch {
      throw new Cancelled();
    }
  };

  const wait = async (why: string, ms: number): Promise<void> => {
    if (ms >= WORTH_SAYING_MS) events.waiting(why, ms);
    await pause(ms);
  };

  // Full jitter on the upper half: runs that failed together do not come back together.
  const backOff = (attempt: number, why: string): Promise<void> => {
    const ms = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (attempt - 1));
    const jittered = ms / 2 + (Math.random() * ms) / 2;
    events.waiting(why, jittered);
    return pause(jittered);
  };

  async function send<T>(call: Call, shape: Shape<T>): Promise<Answer<T>> {
    const tries = { ofUnknownFate: false };
    try {
      return await sendUntilAnswered(call, shape, tries);
    } catch (error) {
      if (tries.ofUnknownFate) noteUnknownFate(error);
      throw error;
    }
  }

  async function sendUntilAnswered<T>(
    call: Call,
    shape: Shape<T>,
    tries: { ofUnknownFate: boolean },
  ): Promise<Answer<T>> {
    for (let attempt = 1; ; attempt++) {
      for (let held = limit.waitMs(Date.now()); held > 0; held = limit.waitMs(Date.now())) {
        await wait('the rate limit is used up', held);
      }
      if (signal.aborted) throw new Cancelled();
      limit.started();
      const outcome = await once(call, shape).catch((error: unknown) => ({ error }));
      limit.ended();
      if (!('error' in outcome)) return outcome;
      const { error } = outcome;
      tries.ofUnknownFate ||= mayHaveTaken(error);
      if (attempt >= settings.maxAttempts) throw error;
      if (error instanceof RateLimited) {
        if (error.retryAfterMs !== undefined && error.retryAfterMs > RETRY_AFTER_MAX_MS) throw error;
        const ms = error.retryAfterMs ?? Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** attempt);
        limit.hold(Date.now() + ms);
      } else if (error instanceof NoAnswer && !error.final && (call.method !== 'POST' || error.neverSent)) {
        if (error.retryAfterMs !== undefined && error.retryAfterMs <= RETRY_AFTER_MAX_MS) {
          await wait(error.message, error.retryAfterMs);
        } else await backOff(attempt, error.message);
      } else throw error;
    }
  }

  async function once<T>(call: Call, shape: Shape<T>): Promise<Answer<T>> {
    const query = new URLSearchParams(call.query).toString();
    const url = `${settings.baseUrl}${call.path}${query === '' ? '' : `?${query}`}`;
    const began = performance.now();
    const timeout = AbortSignal.timeout(settings.requestTimeoutMs);
    let response: Response;
    let text: string;
    try {
      agent ??= makeAgent(settings);
      response = await fetch(url, {
        method: call.method,
        headers: {
          ...settings.headers,
          accept: 'application/json',
          'user-agent': settings.userAgent,
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        redirect: 'manual', // credentials go where they were meant to go, or nowhere
        agent: await agent,
        signal: AbortSignal.any([signal, timeout]),
      });
      text = await response.text();
    } catch (error) {
      events.requested(`${call.method} ${call.path} failed after ${Math.round(performance.now() - began)} ms`);
      if (signal.aborted) throw new Cancelled(call);
      throw noAnswer(call, error, timeout.aborted ? settings.requestTimeoutMs : undefined);
    }
    const ray = response.headers.get('cf-ray') ?? undefined;
    events.requested(
      `${call.method} ${call.path} ${response.status} in ${Math.round(performance.now() - began)} ms${ray ? `, CF-Ray ${ray}` : ''}`,
    );
    limit.learn(readRateLimit(response.headers.get('ratelimit')), Date.now());
    return read(call, shape, response, text, ray);
  }

  return {
    maxAttempts: settings.maxAttempts,
    requestTimeoutMs: settings.requestTimeoutMs,
    signal,
    send,
    backOff,
    pause,
    close: () => void agent?.then((a) => a.destroy()),
  };
}

/** Refused for the rate alone. */
class RateLimited extends Refusal {
  override name = 'RateLimited';
  readonly retryAfterMs: number | undefined;

  constructor(call: Call, answer: ConstructorParameters<typeof Refusal>[1], retryAfterMs: number | undefined) {
    super(call, answer);
    this.retryAfterMs = retryAfterMs;
  }
}

function read<T>(call: Call, shape: Shape<T>, response: Response, text: string, ray: string | undefined): Answer<T> {
  const { status, headers } = response;
  const json = parseJson(text);
  const retryAfterMs = readRetryAfter(headers.get('retry-after'), Date.now());
  const refused = () => ({ status, errors: readErrors(json, text), ray });
  if (status === 429) throw new RateLimited(call, refused(), retryAfterMs);
  if (status >= 500 || status === 408) {
    const said = readErrors(json, text).map(({ code, message }) =>
      code === undefined ? message : `${code} ${message}`,
    );
    const what = [`HTTP ${status}`, ...said].join(': ');
    // Of these the edge says that it gave up waiting for the service behind it.
    throw new NoAnswer(call, what, { mayBeAtWork: [408, 504, 524].includes(status), retryAfterMs, ray });
  }
  if (status >= 300 && status < 400) {
    const message = `a redirect to ${originOf(headers.get('location'))}, which is not followed, so that credentials go nowhere else: check api-base-url`;
    throw new Refusal(call, { status, errors: [{ message }], ray });
  }
  if (status >= 400) throw new Refusal(call, refused());
  const serverTimeMs = Date.parse(headers.get('date') ?? '') || Date.now();
  if (status === 204 || (text === '' && call.method === 'PUT')) return shaped(call, shape, null, {}, serverTimeMs, ray);
  if (json === undefined) {
    const what = isHtml(text)
      ? `HTTP ${status} with a web page${titleOf(text)} instead of JSON`
      : `HTTP ${status} with a body that is not JSON`;
    throw new NoAnswer(call, what, { ray });
  }
  const envelope = json.value as { success?: unknown; result?: unknown; result_info?: ResultInfo | null } | null;
  if (envelope?.success === false) throw new Refusal(call, refused());
  if (envelope?.success !== true) {
    throw new NoAnswer(call, `HTTP ${status}, but the body is not what the API promises: no "success": true`, { ray });
  }
  return shaped(call, shape, envelope.result, envelope.result_info ?? {}, serverTimeMs, ray);
}

function shaped<T>(
  call: Call,
  shape: Shape<T>,
  result: unknown,
  info: ResultInfo,
  serverTimeMs: number,
  ray: string | undefined,
): Answer<T> {
  const outcome = shape(result);
  if ('value' in outcome) return { result: outcome.value, info, serverTimeMs };
  throw new NoAnswer(call, `a success, but the body is not what the API promises: ${outcome.wrong}`, { ray });
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function originOf(location: string | null): string {
  try {
    return new URL(location ?? '').origin;
  } catch {
    return 'another path';
  }
}

// No connection was made, so that nothing was sent.
const NEVER_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPROXY.*)$/;
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/;

function noAnswer(call: Call, error: unknown, timedOutMs: number | undefined): NoAnswer {
  if (timedOutMs !== undefined) {
    return new NoAnswer(call, `none within ${timedOutMs / 1000} s (request-timeout)`, { mayBeAtWork: true });
  }
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (UNTRUSTED.test(code)) {
    const what = `the certificate is not trusted (${code}); behind a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS to its certificate`;
    return new NoAnswer(call, what, { neverSent: true, final: true });
  }
  if (NEVER_SENT.test(code)) return new NoAnswer(call, `no connection (${code})`, { neverSent: true });
  const what =
    code === 'ERR_STREAM_PREMATURE_CLOSE' ? 'the answer broke off' : `the connection broke (${code || message})`;
  return new NoAnswer(call, what);
}

async function makeAgent({ baseUrl, proxy }: ClientSettings): Promise<HttpAgent> {
  const options = { keepAlive: true };
  if (proxy !== undefined) {
    const { HttpsProxyAgent } = await import('https-proxy-agent');
    return new HttpsProxyAgent(proxy, options);
  }
  return baseUrl.startsWith('https:') ? new HttpsAgent(options) : new HttpAgent(options);
}

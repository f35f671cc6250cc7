// The only place that talks to Cloudflare. Sends requests with credentials and a timeout, retries them where that is
// safe, and delays them when the rate limit is used up (throttle.ts). The decisions are in retry.ts, rate-limit.ts and
// read-response.ts.

import type { Agent } from 'node:http';
import type { Clock } from '../clock.ts';
import { exchange, makeAgent, withTimeout } from '../http.ts';
import type { ApiSettings } from '../settings.ts';
import { VERSION } from '../version.ts';
import type { ApiResponse, Call, Shape } from './call.ts';
import { Cancelled, fateOf, mayBeDone, type Refusal, withFate } from './errors.ts';
import { type RawResponse, readFailure, readResponse } from './read-response.ts';
import { backOffMs, busyWaitMs, retryOf } from './retry.ts';
import { pause, Throttle } from './throttle.ts';

export interface ClientSettings extends ApiSettings {
  userAgent: string;
}

/** Events for the log. */
interface ClientEvents {
  /** The step waits for `why` before it continues. */
  waiting: (why: string, ms: number) => void;
  requested: (line: string) => void;
}

export interface Client {
  readonly maxAttempts: number;
  readonly clock: Clock;
  /** Sends a request, and retries it where that is safe. @throws {Refusal | NoUsableResponse | Cancelled} */
  send<T>(call: Call, shape: Shape<T>): Promise<ApiResponse<T>>;
  /**
   * Sends a write to an existing share. While Cloudflare refuses it because the share is changing (409), retries it for
   * up to 30 seconds after the first refusal, regardless of `maxAttempts`, because a share that reaches too far must
   * not stay just because it is busy. If the rate limit delays an attempt beyond that time, it is the last one.
   *
   * @param done checks whether the write has nothing left to do. Called after every refusal that could mean that
   * @throws {Refusal | NoUsableResponse | Cancelled} and anything that `done` throws
   */
  whileBusy<T>(write: () => Promise<T>, done?: Done<T>): Promise<T>;
  /** Waits before attempt `attempt` + 1, because the last one failed for the reason `why`. @throws {Cancelled} */
  backOff(attempt: number, why: string): Promise<void>;
  /** Waits without logging. @throws {Cancelled} */
  pause(ms: number): Promise<void>;
  close(): void;
}

/** @returns undefined if the write still has to be done */
export type Done<T> = () => Promise<{ value: T } | undefined>;

/** No real response is nearly this large. */
const RESPONSE_BYTES_MAX = 64 * 1024 * 1024;

/** @param cancelled aborts every request and every wait */
export const connect = (settings: ClientSettings, events: ClientEvents, cancelled: AbortSignal, clock: Clock): Client =>
  new Connection(settings, events, cancelled, clock);

class Connection implements Client {
  readonly maxAttempts: number;
  readonly clock: Clock;
  readonly #settings: ClientSettings;
  readonly #events: ClientEvents;
  readonly #cancelled: AbortSignal;
  readonly #throttle: Throttle;
  readonly #closed = new AbortController();
  #agent: Promise<Agent> | undefined;

  constructor(settings: ClientSettings, events: ClientEvents, cancelled: AbortSignal, clock: Clock) {
    this.maxAttempts = settings.maxAttempts;
    this.clock = clock;
    this.#settings = settings;
    this.#events = events;
    this.#cancelled = cancelled;
    this.#throttle = new Throttle(clock, cancelled, events.waiting);
  }

  async send<T>(call: Call, shape: Shape<T>): Promise<ApiResponse<T>> {
    const { method } = call;
    const { maxAttempts } = this;
    let failure: unknown;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#throttle.run((request) => this.#attempt(call, shape, request));
      } catch (error) {
        failure = withFate(error, fateOf(failure), call);
      }
      const retry = retryOf(failure, { method, attempt, maxAttempts, random: Math.random() });
      if (retry === 'never') throw failure;
      if (retry.holdsAll) this.#throttle.hold(retry.waitMs);
      else await this.#waitAfter(failure, retry.waitMs, call);
    }
  }

  /** Sends the call once, and interprets the response. @throws {Refusal | NoUsableResponse | Cancelled} */
  async #attempt<T>(call: Call, shape: Shape<T>, request: number): Promise<ApiResponse<T>> {
    const response = await this.#responseTo(call);
    this.#throttle.learn(response.header('ratelimit'), request);
    return readResponse(call, response, shape, this.clock.dateMs());
  }

  /** Sends the request, and logs how that went. @throws {NoUsableResponse | Cancelled} */
  async #responseTo(call: Call): Promise<RawResponse> {
    const { method, path } = call;
    const beganMs = this.clock.nowMs();
    const took = (): string => `${Math.round(this.clock.nowMs() - beganMs)} ms`;
    let response: RawResponse;
    try {
      response = await withTimeout(this.#settings.requestTimeoutMs, this.#cancelled, (signal) =>
        this.#fetch(call, signal),
      );
    } catch (error) {
      this.#events.requested(`${method} ${path} failed after ${took()}`);
      if (!this.#cancelled.aborted) throw readFailure(call, error);
      // An interrupted write may have taken effect. A read has no effect.
      throw new Cancelled(method === 'GET' ? undefined : call);
    }
    const ray = response.header('cf-ray');
    this.#events.requested(`${method} ${path} ${response.status} in ${took()}${ray ? `, CF-Ray ${ray}` : ''}`);
    return response;
  }

  async #fetch(call: Call, signal: AbortSignal): Promise<RawResponse> {
    const { baseUrl, headers, userAgent: sender } = this.#settings;
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    this.#agent ??= makeAgent(this.#settings, this.#closed.signal);
    const response = await exchange(
      urlOf(baseUrl, call),
      {
        method: call.method,
        headers: {
          ...headers,
          accept: 'application/json',
          'user-agent': sender,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body,
        agent: await this.#agent,
        responseBytesMax: RESPONSE_BYTES_MAX,
      },
      signal,
    );
    return { status: response.status, header: (name) => response.headers.get(name), text: response.text };
  }

  async whileBusy<T>(write: () => Promise<T>, done: Done<T> = async () => undefined): Promise<T> {
    let firstRefusedMs: number | undefined;
    let earlier: Refusal | undefined;
    for (let refusals = 1; ; refusals++) {
      let refused: Refusal;
      try {
        return await write();
      } catch (error) {
        const failure = earlier ? withFate(error, earlier.fate, earlier.call) : error;
        if (!mayBeDone(failure)) throw failure;
        refused = failure;
      }
      firstRefusedMs ??= this.clock.nowMs();
      const already = await done().catch((unread: unknown) => {
        throw withFate(unread, refused.fate, refused.call);
      });
      if (already) return already.value;
      const elapsedMs = this.clock.nowMs() - firstRefusedMs;
      const ms = busyWaitMs(refused, { refusals, elapsedMs, random: Math.random() });
      if (ms === 'never') throw refused;
      await this.#waitAfter(refused, ms, refused.call);
      earlier = refused;
    }
  }

  async backOff(attempt: number, why: string): Promise<void> {
    const ms = backOffMs(attempt, Math.random());
    this.#events.waiting(why, ms);
    await this.pause(ms);
  }

  /** Waits before the call is sent again. If the job is cancelled, the error has the fate of the failed attempt. */
  async #waitAfter(failure: unknown, ms: number, call: Call): Promise<void> {
    this.#events.waiting(String(failure), ms);
    await this.pause(ms).catch((error: unknown) => {
      throw withFate(error, fateOf(failure), call);
    });
  }

  pause(ms: number): Promise<void> {
    return pause(ms, this.clock, this.#cancelled);
  }

  close(): void {
    this.#agent
      ?.then(
        (agent) => agent.destroy(),
        () => {}, // there is no agent, and each request has reported why
      )
      .finally(() => this.#closed.abort());
  }
}

function urlOf(baseUrl: string, { path, query }: Call): string {
  const search = new URLSearchParams(query).toString();
  return `${baseUrl}${path}${search === '' ? '' : `?${search}`}`;
}

/** The workflow run that sends the requests, as far as the runner describes it. */
interface Sender {
  repository?: string;
  id?: string;
  attempt?: string;
}

/** Names this action, its version and the run, so that a request in an audit log can be traced to its workflow. */
export function userAgent({ repository, id, attempt }: Sender): string {
  const run = [repository, id && `run ${id}`, attempt && `attempt ${attempt}`].filter(Boolean).join(' ');
  const comment = run.replace(/[^\x20-\x7e]|[()\\]/g, '');
  return `cloudflare-share-action/${VERSION}${comment === '' ? '' : ` (${comment})`}`;
}

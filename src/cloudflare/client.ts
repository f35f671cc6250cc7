// The only place that talks to Cloudflare. Sends requests with credentials and a timeout, retries them where that is
// safe, and delays them when the rate limit is used up. The decisions are in retry.ts, rate-limit.ts and
// read-response.ts.

import type { Agent } from 'node:http';
import fetch from 'node-fetch';
import pLimit from 'p-limit';
import { makeAgent } from '../agent.ts';
import type { Clock } from '../clock.ts';
import type { ApiSettings } from '../settings.ts';
import { VERSION } from '../version.ts';
import type { ApiResponse, Call, Shape } from './call.ts';
import { Cancelled, fateOf, mayBeDone, Refusal, withFate } from './errors.ts';
import { type Budget, ended, held, learned, NOTHING_KNOWN, readRateLimit, started, waitMs } from './rate-limit.ts';
import { type RawResponse, readFailure, readResponse } from './read-response.ts';
import { backOffMs, busyWaitMs, retryOf } from './retry.ts';

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
  send: <T>(call: Call, shape: Shape<T>) => Promise<ApiResponse<T>>;
  /**
   * Sends a write to an existing share. While Cloudflare refuses it because the share is changing (409), retries it for
   * about 30 seconds, regardless of `maxAttempts`, because a share that reaches too far must not stay just because it
   * is busy.
   *
   * @param done checks whether the write has nothing left to do. Called after every refusal that could mean that
   * @throws {Refusal | NoUsableResponse | Cancelled} and anything that `done` throws
   */
  whileBusy: <T>(write: () => Promise<T>, done?: Done<T>) => Promise<T>;
  /** Waits before attempt `attempt` + 1, because the last one failed for the reason `why`. @throws {Cancelled} */
  backOff: (attempt: number, why: string) => Promise<void>;
  /** Waits without logging. @throws {Cancelled} */
  pause: (ms: number) => Promise<void>;
  close: () => void;
}

/** @returns undefined if the write still has to be done */
export type Done<T> = () => Promise<{ value: T } | undefined>;

const MOST_AT_ONCE = 10;
/** No real response is nearly as large. The limit keeps an endless one from filling the memory. */
const RESPONSE_BYTES_MAX = 64 * 1024 * 1024;
/** Shorter waits are not logged. */
const LOGGED_FROM_MS = 900;

export function connect(settings: ClientSettings, events: ClientEvents, signal: AbortSignal, clock: Clock): Client {
  const slots = pLimit(MOST_AT_ONCE);
  let budget: Budget = NOTHING_KNOWN;
  let loggedUntilMs = Number.NEGATIVE_INFINITY;
  let agent: Promise<Agent> | undefined;
  const closed = new AbortController();

  async function send<T>(call: Call, shape: Shape<T>): Promise<ApiResponse<T>> {
    const { maxAttempts } = settings;
    let failure: unknown;
    for (let attempt = 1; ; attempt++) {
      try {
        return await slots(() => sendOnce(call, shape));
      } catch (error) {
        failure = withFate(error, fateOf(failure), call);
      }
      const retry = retryOf(failure, { method: call.method, attempt, maxAttempts, random: Math.random() });
      if (retry === 'never') throw failure;
      if (retry.holdsAll) budget = held(budget, clock.nowMs() + retry.waitMs);
      else await waitAfter(failure, retry.waitMs, call);
    }
  }

  async function whileBusy<T>(write: () => Promise<T>, done: Done<T> = async () => undefined): Promise<T> {
    const beganMs = clock.nowMs();
    let earlier: unknown;
    for (let refusals = 1; ; refusals++) {
      let refused: Refusal;
      try {
        return await write();
      } catch (error) {
        const failure = earlier instanceof Refusal ? withFate(error, earlier.fate, earlier.call) : error;
        if (!mayBeDone(failure)) throw failure;
        refused = failure;
      }
      const already = await done().catch((unread: unknown) => {
        throw withFate(unread, refused.fate, refused.call);
      });
      if (already) return already.value;
      const ms = busyWaitMs(refused, { refusals, elapsedMs: clock.nowMs() - beganMs, random: Math.random() });
      if (ms === 'never') throw refused;
      await waitAfter(refused, ms, refused.call);
      earlier = refused;
    }
  }

  async function sendOnce<T>(call: Call, shape: Shape<T>): Promise<ApiResponse<T>> {
    for (let ms = waitMs(budget, clock.nowMs()); ms > 0; ms = waitMs(budget, clock.nowMs())) await waitForBudget(ms);
    if (signal.aborted) throw new Cancelled();
    budget = started(budget); // no `await` since the check above, so no other request comes between
    const { sent } = budget;
    try {
      return await request(call, shape, sent);
    } finally {
      budget = ended(budget);
    }
  }

  async function request<T>(call: Call, shape: Shape<T>, number: number): Promise<ApiResponse<T>> {
    const query = new URLSearchParams(call.query).toString();
    const url = `${settings.baseUrl}${call.path}${query === '' ? '' : `?${query}`}`;
    const began = clock.nowMs();
    const took = (): string => `${Math.round(clock.nowMs() - began)} ms`;
    const timeout = new AbortController();
    // Not AbortSignal.timeout: its timer doesn't keep the process alive, and a request can be without a connection.
    const timer = setTimeout(() => timeout.abort(), settings.requestTimeoutMs);
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    let raw: RawResponse;
    try {
      agent ??= makeAgent(settings, closed.signal);
      const response = await fetch(url, {
        method: call.method,
        headers: {
          ...settings.headers,
          accept: 'application/json',
          'user-agent': settings.userAgent,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
        size: RESPONSE_BYTES_MAX,
        redirect: 'manual', // credentials must not follow a redirect
        agent: await agent,
        signal: AbortSignal.any([signal, timeout.signal]),
      });
      const { status, headers } = response;
      raw = { status, header: (name) => headers.get(name), text: await response.text() };
    } catch (error) {
      events.requested(`${call.method} ${call.path} failed after ${took()}`);
      // An interrupted write may have taken effect. A read has no effect.
      if (signal.aborted) throw new Cancelled(call.method === 'GET' ? undefined : call);
      throw readFailure(call, error, timeout.signal.aborted ? settings.requestTimeoutMs : undefined);
    } finally {
      clearTimeout(timer);
    }
    const ray = raw.header('cf-ray');
    events.requested(`${call.method} ${call.path} ${raw.status} in ${took()}${ray ? `, CF-Ray ${ray}` : ''}`);
    budget = learned(budget, readRateLimit(raw.header('ratelimit')), clock.nowMs(), number);
    return readResponse(call, raw, shape, clock.dateMs());
  }

  /** Many requests can wait for the same reset, but only one of them logs that. */
  async function waitForBudget(ms: number): Promise<void> {
    const untilMs = clock.nowMs() + ms;
    if (ms >= LOGGED_FROM_MS && untilMs >= loggedUntilMs + LOGGED_FROM_MS) {
      loggedUntilMs = untilMs;
      events.waiting('the rate limit is used up', ms);
    }
    await pause(ms);
  }

  async function waitAfter(failure: unknown, ms: number, call: Call): Promise<void> {
    events.waiting(String(failure), ms);
    await pause(ms).catch((error: unknown) => {
      throw withFate(error, fateOf(failure), call);
    });
  }

  async function pause(ms: number): Promise<void> {
    try {
      await clock.pause(ms, signal);
    } catch {
      throw new Cancelled();
    }
  }

  return {
    maxAttempts: settings.maxAttempts,
    clock,
    send,
    whileBusy,
    backOff: (attempt, why) => {
      const ms = backOffMs(attempt, Math.random());
      events.waiting(why, ms);
      return pause(ms);
    },
    pause,
    close: () =>
      void agent
        ?.then(
          (it) => it.destroy(),
          () => {}, // there is no agent, and each request has reported why
        )
        .finally(() => closed.abort()),
  };
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

// The only place that talks to GitHub. Sends requests through the same kind of agent as the Cloudflare client, so the
// same proxies work. Retries them as retry.ts decides, and checks the responses. Loaded only when a comment or the
// reviewed plan is requested, because few runs need it.
//
// @actions/github's client builds the requests and sends them through a fetch of our own. With its own fetch, requests
// would not go through ALL_PROXY or through a proxy whose password contains a `%`, and a response that was cut off
// would look empty.

import fetch, { Response as FetchResponse } from 'node-fetch';

import type { Clock } from '../clock.ts';
import { connectionFailure, makeAgent } from '../http.ts';
import type { GithubSettings } from '../settings.ts';
import { VERSION } from '../version.ts';
import { GithubError, messageIn, type Response, readRefusal } from './errors.ts';
import { PATIENCE_MS, retryOf } from './retry.ts';

const PER_PAGE = 100;
/** A list with more pages is treated as endless. */
const PAGES_MAX = 100;
const REQUEST_TIMEOUT_MS = 20_000;
/** No response from GitHub's API is nearly as large. */
const RESPONSE_BYTES_MAX = 32 * 1024 * 1024;
const REDIRECTS_MAX = 5;
/** The statuses of redirects that ask for the same request at another address. */
const REDIRECTS = [301, 302, 307, 308];
/** The library writes GitHub's warnings to standard error, where the runner looks for commands. */
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface Call {
  /** `GET /repos/{owner}/{repo}/…`; the owner and the repository are filled in. */
  route: `${'GET' | 'POST' | 'PATCH' | 'DELETE'} ${string}`;
  parameters?: Record<string, unknown>;
  /** Must not be retried once it may have taken effect. */
  onlyOnce?: true;
}

/** Interprets a response's data. Undefined: it doesn't match the API's documentation. */
type Shape<T> = (data: unknown) => T | undefined;

export interface Github {
  /** Sends a request, and retries it where that is safe. @throws {GithubError} */
  send: <T>(call: Call, shape: Shape<T>) => Promise<T>;
  /** Every item of a list, over all pages. @throws {GithubError} */
  listAll: (call: Call) => Promise<unknown[]>;
  /** @returns the `data` of the response. @throws {GithubError} */
  query: (text: string, variables?: Record<string, unknown>) => Promise<object>;
  nowMs: () => number;
  /** @throws {GithubError} when the job is cancelled */
  pause: (ms: number) => Promise<void>;
}

interface Limits {
  requestTimeoutMs?: number;
  /** The maximum total wait for the retries of one request. */
  patienceMs?: number;
}

/** Connects to GitHub while `use` runs. @param cancelled aborts every request and every wait */
export async function withGithub<T>(
  settings: Pick<GithubSettings, 'token' | 'apiUrl' | 'graphqlUrl' | 'repository' | 'proxy' | 'proxyProblem'>,
  clock: Clock,
  cancelled: AbortSignal,
  use: (github: Github) => Promise<T>,
  { requestTimeoutMs = REQUEST_TIMEOUT_MS, patienceMs = PATIENCE_MS }: Limits = {},
): Promise<T> {
  const { token, apiUrl, graphqlUrl, proxy, proxyProblem } = settings;
  if (proxyProblem !== undefined) throw new GithubError('unreachable', { detail: proxyProblem });
  const [owner = '', repo = ''] = settings.repository.split('/');
  const closed = new AbortController();
  // If one of several parallel requests fails while others wait for their retry, the others must not outlive the
  // connection.
  const ended = AbortSignal.any([cancelled, closed.signal]);
  const agent = await makeAgent({ baseUrl: apiUrl, ...(proxy === undefined ? {} : { proxy }) }, closed.signal);

  const { GitHub, getOctokitOptions } = await loadClient();
  const octokit = new GitHub(
    getOctokitOptions(token, {
      baseUrl: apiUrl,
      userAgent: `cloudflare-share-action/${VERSION}`,
      log: SILENT,
      request: { fetch: fetchWithin },
    }),
  );

  /** Sends Octokit's request, and reads the whole response. */
  async function fetchWithin(url: string, { method = 'GET', headers = {}, body }: Outgoing): Promise<FetchResponse> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), requestTimeoutMs);
    try {
      let at = new URL(url);
      for (let redirects = 0; ; redirects++) {
        const response = await fetch(at, {
          method,
          headers,
          ...(body === undefined ? {} : { body }),
          agent,
          redirect: 'manual',
          size: RESPONSE_BYTES_MAX,
          signal: AbortSignal.any([ended, timeout.signal]),
        });
        const text = await response.text();
        const { status } = response;
        if (!REDIRECTS.includes(status)) return new FetchResponse(text, { status, headers: response.headers });
        at = redirected(at, response.headers.get('location'), status, redirects);
      }
    } catch (error) {
      if (ended.aborted) throw new GithubError('cancelled');
      if (error instanceof GithubError) throw error;
      if (!timeout.signal.aborted) throw unreachable(error);
      throw new GithubError('unreachable', { detail: `no response within ${requestTimeoutMs / 1000} s` });
    } finally {
      clearTimeout(timer);
    }
  }

  async function sendOnce<T>({ route, parameters }: Call, read: (response: Response) => T | undefined): Promise<T> {
    let response: Response;
    try {
      response = await octokit.request(route, parameters);
    } catch (error) {
      throw failureIn(error, clock.dateMs());
    }
    const value = read(response);
    if (value !== undefined) return value;
    throw new GithubError('unusable', { status: response.status, detail: messageIn(response.data) });
  }

  async function sendCall<T>(call: Call, read: (response: Response) => T | undefined): Promise<T> {
    const beganMs = clock.nowMs();
    const repeat = call.onlyOnce ? 'if-refused' : 'anyway';
    for (let attempt = 1; ; attempt++) {
      try {
        return await sendOnce(call, read);
      } catch (error) {
        if (!(error instanceof GithubError)) throw error;
        const elapsedMs = clock.nowMs() - beganMs;
        const waitMs = retryOf(error, { repeat, attempt, elapsedMs, random: Math.random(), patienceMs });
        if (waitMs === undefined) throw error;
        await pause(waitMs);
      }
    }
  }

  const inRepository = ({ parameters, ...call }: Call): Call => ({
    ...call,
    parameters: { owner, repo, ...parameters },
  });

  async function listAll({ route, parameters }: Call): Promise<unknown[]> {
    const all: unknown[] = [];
    for (let page = 1; page <= PAGES_MAX; page++) {
      const call = inRepository({ route, parameters: { ...parameters, per_page: PER_PAGE, page } });
      const { data, headers } = await sendCall(call, ({ data: list, headers: of }) =>
        Array.isArray(list) ? { data: list as unknown[], headers: of } : undefined,
      );
      all.push(...data);
      // A page that isn't full is the last, unless GitHub says that there is a next one.
      const isLast = data.length < PER_PAGE && !String(headers.link ?? '').includes('rel="next"');
      if (isLast || data.length === 0) return all;
    }
    throw new GithubError('unusable', { detail: 'an endless list' });
  }

  async function pause(ms: number): Promise<void> {
    try {
      await clock.pause(ms, ended);
    } catch {
      throw new GithubError('cancelled');
    }
  }

  try {
    return await use({
      send: (call, shape) => sendCall(inRepository(call), ({ data }) => shape(data)),
      listAll,
      query: (text, variables = {}) =>
        sendCall({ route: `POST ${graphqlUrl}`, parameters: { query: text, variables } }, (response) =>
          readQuery(response, clock.dateMs()),
        ),
      nowMs: clock.nowMs,
      pause,
    });
  } finally {
    closed.abort();
    agent.destroy();
  }
}

/** Loads the package, which parses the runner's event file at once, and throws if it can't. */
async function loadClient(): Promise<typeof import('@actions/github/lib/utils')> {
  try {
    return await import('@actions/github/lib/utils');
  } catch (error) {
    throw new GithubError('unreachable', {
      detail: `the file in GITHUB_EVENT_PATH isn't JSON (${String(error)})`,
      final: true,
    });
  }
}

interface Outgoing {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** The address to which the request is redirected. Neither the token nor the body is sent to another host. */
function redirected(from: URL, location: string | null, status: number, redirects: number): URL {
  const to = location !== null && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.origin === from.origin && redirects < REDIRECTS_MAX) return to;
  const detail =
    to === undefined
      ? 'redirected without a valid address'
      : to.origin === from.origin
        ? `redirected more than ${REDIRECTS_MAX} times`
        : `redirected to ${to.origin}, which the action did not follow, because the token must not be sent there`;
  throw new GithubError('refused', { status, detail });
}

function unreachable(error: unknown): GithubError {
  const { code, message = String(error) } = error as NodeJS.ErrnoException;
  const failure = connectionFailure(error as NodeJS.ErrnoException);
  const isProxy = failure.kind === 'proxy';
  return new GithubError('unreachable', {
    detail: isProxy ? `the proxy did not connect: HTTP ${failure.status}` : code || message,
    neverSent: isProxy || failure.kind === 'not connected',
    final: isProxy ? failure.status < 500 : failure.kind === 'untrusted' || failure.kind === 'not tls',
  });
}

/** Octokit wraps what its fetch throws, and throws unsuccessful responses. */
function failureIn(error: unknown, nowMs: number): GithubError {
  const { cause, response, message } = error as { cause?: unknown; response?: Response; message?: string };
  if (error instanceof GithubError) return error;
  if (cause instanceof GithubError) return cause;
  if (response) return readRefusal(response, nowMs);
  return new GithubError('unusable', { detail: message ?? String(error) });
}

/** The `data` of a GraphQL response. Its errors come with status 200. */
function readQuery({ status, headers, data: body }: Response, nowMs: number): object | undefined {
  const { data, errors } = (body ?? {}) as { data?: unknown; errors?: unknown };
  const [first] = Array.isArray(errors) ? (errors as ({ type?: unknown; message?: unknown } | null)[]) : [];
  const refusal = { headers, data: { message: first?.message } };
  if (first?.type === 'RATE_LIMITED') throw readRefusal({ ...refusal, status: 429 }, nowMs);
  if (typeof data === 'object' && data !== null) return data;
  // GitHub's message when it gives up on a query.
  if (typeof first?.message !== 'string' || /something went wrong/i.test(first.message)) return undefined;
  throw readRefusal({ ...refusal, status }, nowMs);
}

// The only place that talks to GitHub. Sends requests through the same kind of agent as the Cloudflare client, so the
// same proxies work. Retries them as retry.ts decides, and checks the responses. Loaded only when a comment or the
// reviewed plan is requested, because few runs need it.
//
// @actions/github's client builds the requests and sends them through a fetch of our own. With its own fetch, requests
// would not go through ALL_PROXY or through a proxy whose password contains a `%`, and a response that was cut off
// would look empty.

import type { Agent } from 'node:http';
import { Response as FetchResponse } from 'node-fetch';
import type { Clock } from '../clock.ts';
import { connectionFailure, exchange, type HttpRequest, type HttpResponse, makeAgent, withTimeout } from '../http.ts';
import type { GithubSettings } from '../settings.ts';
import { VERSION } from '../version.ts';
import { GithubError, messageIn, type Response, readRefusal } from './errors.ts';
import { PATIENCE_MS, retryOf } from './retry.ts';

const PER_PAGE = 100;
/** A list with more pages is treated as endless. */
const PAGES_MAX = 100;
const REQUEST_TIMEOUT_MS = 20_000;
/** No response from GitHub's API is nearly this large. */
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
  send<T>(call: Call, shape: Shape<T>): Promise<T>;
  /** Every item of a list, over all pages. @throws {GithubError} */
  listAll(call: Call): Promise<unknown[]>;
  /** @returns the `data` of the response. @throws {GithubError} */
  query(text: string, variables?: Record<string, unknown>): Promise<object>;
  nowMs(): number;
  /** @throws {GithubError} when the job is cancelled */
  pause(ms: number): Promise<void>;
}

/** Interprets a response, as {@link Shape} does with its data. */
type Read<T> = (response: Response) => T | undefined;

type ConnectionSettings = Pick<
  GithubSettings,
  'token' | 'apiUrl' | 'graphqlUrl' | 'repository' | 'proxy' | 'proxyProblem'
>;

interface Limits {
  requestTimeoutMs?: number;
  /** The maximum total wait for the retries of one request. */
  patienceMs?: number;
}

/** Connects to GitHub while `use` runs. @param cancelled aborts every request and every wait */
export async function withGithub<T>(
  settings: ConnectionSettings,
  clock: Clock,
  cancelled: AbortSignal,
  use: (github: Github) => Promise<T>,
  { requestTimeoutMs = REQUEST_TIMEOUT_MS, patienceMs = PATIENCE_MS }: Limits = {},
): Promise<T> {
  const { apiUrl, proxy, proxyProblem } = settings;
  if (proxyProblem !== undefined) throw new GithubError('unreachable', { detail: proxyProblem });
  const closed = new AbortController();
  // If one of several parallel requests fails while others wait for their retry, the others must not outlive the
  // connection.
  const ended = AbortSignal.any([cancelled, closed.signal]);
  const agent = await makeAgent({ baseUrl: apiUrl, ...(proxy === undefined ? {} : { proxy }) }, closed.signal);
  try {
    const octokit = await octokitFor(settings, fetchVia(agent, requestTimeoutMs, ended));
    return await use(new Connection(octokit, settings, clock, ended, patienceMs));
  } finally {
    closed.abort();
    agent.destroy();
  }
}

class Connection implements Github {
  readonly #octokit: Octokit;
  readonly #settings: ConnectionSettings;
  readonly #clock: Clock;
  readonly #ended: AbortSignal;
  readonly #patienceMs: number;

  constructor(octokit: Octokit, settings: ConnectionSettings, clock: Clock, ended: AbortSignal, patienceMs: number) {
    this.#octokit = octokit;
    this.#settings = settings;
    this.#clock = clock;
    this.#ended = ended;
    this.#patienceMs = patienceMs;
  }

  send<T>(call: Call, shape: Shape<T>): Promise<T> {
    return this.#send(this.#inRepository(call), ({ data }) => shape(data));
  }

  async listAll({ route, parameters }: Call): Promise<unknown[]> {
    const all: unknown[] = [];
    for (let page = 1; page <= PAGES_MAX; page++) {
      const call = this.#inRepository({ route, parameters: { ...parameters, per_page: PER_PAGE, page } });
      const { items, isLast } = await this.#send(call, readPage);
      all.push(...items);
      if (isLast) return all;
    }
    throw new GithubError('unusable', { detail: 'an endless list' });
  }

  query(text: string, variables: Record<string, unknown> = {}): Promise<object> {
    const call: Call = { route: `POST ${this.#settings.graphqlUrl}`, parameters: { query: text, variables } };
    return this.#send(call, (response) => readQuery(response, this.#clock.dateMs()));
  }

  async #send<T>(call: Call, read: Read<T>): Promise<T> {
    const beganMs = this.#clock.nowMs();
    const repeat = call.onlyOnce ? 'if-refused' : 'anyway';
    const patienceMs = this.#patienceMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(call, read);
      } catch (error) {
        if (!(error instanceof GithubError)) throw error;
        const elapsedMs = this.#clock.nowMs() - beganMs;
        const waitMs = retryOf(error, { repeat, attempt, elapsedMs, random: Math.random(), patienceMs });
        if (waitMs === undefined) throw error;
        await this.pause(waitMs);
      }
    }
  }

  /** Sends the call once, and interprets the response. @throws {GithubError} */
  async #attempt<T>({ route, parameters }: Call, read: Read<T>): Promise<T> {
    let response: Response;
    try {
      response = await this.#octokit.request(route, parameters);
    } catch (error) {
      throw failureIn(error, this.#clock.dateMs());
    }
    const value = read(response);
    if (value !== undefined) return value;
    throw new GithubError('unusable', { status: response.status, detail: messageIn(response.data) });
  }

  #inRepository({ parameters, ...call }: Call): Call {
    const [owner = '', repo = ''] = this.#settings.repository.split('/');
    return { ...call, parameters: { owner, repo, ...parameters } };
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  async pause(ms: number): Promise<void> {
    try {
      await this.#clock.pause(ms, this.#ended);
    } catch {
      throw new GithubError('cancelled');
    }
  }
}

type ActionsGithub = typeof import('@actions/github/lib/utils');
type Octokit = InstanceType<ActionsGithub['GitHub']>;

async function octokitFor({ token, apiUrl }: ConnectionSettings, fetch: Fetch): Promise<Octokit> {
  const { GitHub, getOctokitOptions } = await loadClient();
  return new GitHub(
    getOctokitOptions(token, {
      baseUrl: apiUrl,
      userAgent: `cloudflare-share-action/${VERSION}`,
      log: SILENT,
      request: { fetch },
    }),
  );
}

/** Loads the package. It parses the runner's event file at once, and throws if it can't. */
async function loadClient(): Promise<ActionsGithub> {
  try {
    return await withProxyHidden(() => import('@actions/github/lib/utils'));
  } catch (error) {
    if ((error as Partial<Error> | null)?.name !== 'SyntaxError') throw error;
    throw new GithubError('unreachable', {
      detail: `the file in GITHUB_EVENT_PATH isn't JSON (${String(error)})`,
      final: true,
    });
  }
}

/**
 * When the package is loaded, it sets up its own connection to the proxy, which this client doesn't use, and throws if
 * the proxy's address has a path. Only the environment of the process can prevent that. The change doesn't affect the
 * action's own connections, because their proxies were read with the inputs.
 */
async function withProxyHidden<T>(load: () => Promise<T>): Promise<T> {
  const { no_proxy: exempt } = process.env;
  process.env.no_proxy = '*';
  try {
    return await load();
  } finally {
    if (exempt === undefined) delete process.env.no_proxy;
    else process.env.no_proxy = exempt;
  }
}

type Fetch = (
  url: string,
  request: { method?: string; headers?: Record<string, string>; body?: string },
) => Promise<FetchResponse>;

/** The fetch that Octokit sends its requests with. It follows redirects within the server, and reads whole responses. */
const fetchVia =
  (agent: Agent, timeoutMs: number, ended: AbortSignal): Fetch =>
  async (url, { method = 'GET', headers = {}, body }) => {
    const request = { method, headers, body, agent, responseBytesMax: RESPONSE_BYTES_MAX };
    try {
      const { text, ...head } = await withTimeout(timeoutMs, ended, (signal) => followed(url, request, signal));
      return new FetchResponse(text, head);
    } catch (error) {
      if (ended.aborted) throw new GithubError('cancelled');
      throw error instanceof GithubError ? error : unreachable(error);
    }
  };

/** The response to a request, at the address to which it is redirected. */
async function followed(url: string, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  let at = new URL(url);
  for (let redirects = 0; ; redirects++) {
    const response = await exchange(at, request, signal);
    const { status, headers } = response;
    if (!REDIRECTS.includes(status)) return response;
    at = redirected(at, headers.get('location'), status, redirects);
  }
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
  const neverSent = failure.kind !== 'broken';
  switch (failure.kind) {
    case 'proxy': {
      const detail = `the proxy did not connect: HTTP ${failure.status}`;
      return new GithubError('unreachable', { detail, neverSent, final: failure.status < 500 });
    }
    case 'not a proxy':
      return new GithubError('unreachable', { detail: "the proxy's response is not HTTP", neverSent, final: true });
    default: {
      const mayPass = failure.kind === 'not connected' || failure.kind === 'broken';
      return new GithubError('unreachable', { detail: code || message, neverSent, final: !mayPass });
    }
  }
}

/** Octokit wraps what its fetch throws, and throws unsuccessful responses. */
function failureIn(error: unknown, nowMs: number): GithubError {
  const { cause, response, message } = error as { cause?: unknown; response?: Response; message?: string };
  if (error instanceof GithubError) return error;
  if (cause instanceof GithubError) return cause;
  if (response) return readRefusal(response, nowMs);
  return new GithubError('unusable', { detail: message ?? String(error) });
}

/** One page of a list. A page that isn't full is the last, unless GitHub says that there is a next one. */
function readPage({ data, headers }: Response): { items: unknown[]; isLast: boolean } | undefined {
  if (!Array.isArray(data)) return undefined;
  const hasNext = data.length >= PER_PAGE || String(headers.link ?? '').includes('rel="next"');
  return { items: data, isLast: data.length === 0 || !hasNext };
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

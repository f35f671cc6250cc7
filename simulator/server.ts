// Handles a request: records it, applies rate limits and faults, lets it take effect, and sends the response.
import { setMaxListeners } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { authenticate, callerOf } from './authentication.ts';
import type { Call, Endpoint } from './endpoint.ts';
import { commitOf, delaysOf, type FaultQueue, type Strike } from './faults.ts';
import type { ListGate } from './list-gate.ts';
import type { Allowance, RateLimiter } from './rate-limit.ts';
import type { Journal, RecordedRequest } from './requests.ts';
import { ApiError, type ApiResponse, failure, success } from './responses.ts';
import { edgeHeaders, type Sent, send, tooManyRequests, underFault } from './wire.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: string;
  }
}

export const basePath = '/client/v4';
/** The target of redirects. The journal shows whether the client sent credentials there. */
export const elsewherePath = '/elsewhere';
export const controlPath = '/simulator';

const maxBodyBytes = 64 * 1024 * 1024;

export interface ServerOptions {
  tls: { key: string; cert: string } | undefined;
  latencyMs: number;
  endpoints: Endpoint[];
  journal: Journal;
  faults: FaultQueue;
  limiter: RateLimiter;
  listGate: ListGate;
  /** Modifies API responses, if set. */
  rewrite: () => Rewrite | undefined;
}

/** An endpoint's response, with its body parsed. */
export interface EndpointResponse {
  operation: string;
  method: string;
  path: string;
  status: number;
  body: unknown;
}

/** @returns the body to send. Undefined leaves it unchanged */
export type Rewrite = (response: EndpointResponse) => unknown;

interface Arrival {
  record: RecordedRequest;
  allowance: Allowance;
  fault: Strike | undefined;
  /** Fires when the request has to be dropped. */
  dropped: AbortSignal;
}

function parse(text: unknown): unknown {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, { code: 6007, message: 'Malformed JSON in request body' });
  }
}

function recordable(text: unknown): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Always returns a response. A refusal is a response too. */
function responseOr(respond: () => ApiResponse): ApiResponse {
  try {
    return respond();
  } catch (error) {
    if (error instanceof ApiError) return failure(error);
    throw error;
  }
}

export class Server {
  readonly app: FastifyInstance;
  readonly #options: ServerOptions;
  readonly #arrivals = new WeakMap<FastifyRequest, Arrival>();
  #pauses = newPauses();
  /**
   * A controller for each request that hasn't taken effect yet. Aborting it lets the request take effect immediately.
   */
  #pendingCommits = new Set<AbortController>();

  constructor(options: ServerOptions) {
    this.#options = options;
    const { tls } = options;
    this.app = fastify({
      serverFactory: (handler) => (tls ? https.createServer(tls, handler) : http.createServer(handler)),
      forceCloseConnections: true,
      exposeHeadRoutes: false,
      bodyLimit: maxBodyBytes,
      // Addresses that the framework can't parse don't reach the hooks, so they are recorded here.
      frameworkErrors: (_error, request, reply) => {
        this.#arrivals.set(request, this.#arrive(request));
        void this.#exchange(request, reply, () => failure(noRoute(request)));
      },
    });
    // Bodies stay text until an endpoint parses them, so that missing credentials are refused before invalid JSON.
    this.app.removeAllContentTypeParsers();
    this.app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    this.app.addHook('onRequest', async (request) => {
      if (!isControl(request)) this.#arrivals.set(request, this.#arrive(request));
    });
    for (const endpoint of options.endpoints) {
      this.app.route({
        method: endpoint.method,
        url: `${basePath}${endpoint.path}`,
        config: { operation: endpoint.operation },
        handler: (request, reply) => this.#exchange(request, reply, (fault) => this.#enter(endpoint, request, fault)),
      });
    }
    this.app.all(elsewherePath, (request, reply) => this.#exchange(request, reply, () => success(200, null)));
    this.app.setNotFoundHandler((request, reply) =>
      isControl(request)
        ? reply.code(404).send({ error: `no control at ${urlOf(request).pathname}` })
        : this.#exchange(request, reply, () => failure(noRoute(request))),
    );
  }

  async listen(host: string, port: number): Promise<void> {
    await this.app.listen({ host, port });
  }

  /** `http://host:port`, once the server is listening. */
  get origin(): string {
    const { address, port } = this.app.server.address() as AddressInfo;
    const host = address.includes(':') ? `[${address}]` : address;
    return `${this.#options.tls ? 'https' : 'http'}://${host}:${port}`;
  }

  /** The number of requests that have arrived but haven't taken effect yet. */
  get pendingCommits(): number {
    return this.#pendingCommits.size;
  }

  /** Lets pending requests take effect now. */
  async commitPending(): Promise<void> {
    for (const now of this.#pendingCommits) now.abort();
    while (this.#pendingCommits.size > 0) await nextTurn();
  }

  /** Waits until no client is connected. Then everything that clients have sent has arrived, aborted requests included. */
  async disconnected(): Promise<void> {
    const { server } = this.app;
    const connections = promisify(server.getConnections.bind(server));
    while ((await connections()) > 0) await nextTurn();
  }

  /** Drops held requests. They neither take effect nor get a response. */
  dropPending(): void {
    this.#pauses.abort();
    this.#pauses = newPauses();
    this.#pendingCommits = new Set();
  }

  async close(): Promise<void> {
    this.dropPending();
    await this.app.close();
  }

  #arrive(request: FastifyRequest): Arrival {
    const { journal, limiter, faults } = this.#options;
    const { pathname, searchParams } = urlOf(request);
    const path = pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : pathname;
    const { method, headers } = request;
    const allowance = limiter.count(callerOf(headers), Date.now());
    const fault = allowance.allowed ? faults.take(method, path) : undefined;
    const record = journal.start({
      method,
      path,
      query: searchParams.toString(),
      operation: operationOf(request),
      headers,
      body: undefined,
      ...(fault && { fault: fault.kind }),
    });
    // If the client disconnects before the request is complete, nobody waits for a response.
    request.raw.once('close', () => {
      if (!request.raw.complete) journal.finish(record, undefined);
    });
    return { record, allowance, fault, dropped: this.#pauses.signal };
  }

  #enter(endpoint: Endpoint, request: FastifyRequest, fault: Strike | undefined): ApiResponse {
    const call: Call = {
      params: request.params as Record<string, string>,
      query: urlOf(request).searchParams,
      readBody: () => parse(request.body),
      ...authenticate(request.headers),
      wider: fault?.kind === 'wider',
    };
    return this.#rewritten(endpoint, request, endpoint.respond(call));
  }

  #rewritten({ operation, method }: Endpoint, request: FastifyRequest, response: ApiResponse): ApiResponse {
    const rewrite = this.#options.rewrite();
    if (response.body === undefined || rewrite === undefined) return response;
    const path = urlOf(request).pathname.slice(basePath.length);
    const body = rewrite({
      operation,
      method,
      path,
      status: response.status,
      body: JSON.parse(response.body),
    });
    return body === undefined ? response : { ...response, body: JSON.stringify(body) };
  }

  async #exchange(
    request: FastifyRequest,
    reply: FastifyReply,
    respond: (fault?: Strike) => ApiResponse,
  ): Promise<void> {
    const { journal, limiter, latencyMs, listGate } = this.#options;
    const arrival = this.#arrivals.get(request);
    if (arrival === undefined) throw new Error('there is no record of this request');
    const { record, allowance, fault, dropped } = arrival;
    record.body = recordable(request.body);
    const headers = edgeHeaders(limiter.limit, allowance);
    const { beforeMs, afterMs } = delaysOf(fault);
    try {
      // Half of the latency passes before the request takes effect and half after it, so that concurrent callers can
      // overtake each other.
      await hold(latencyMs / 2, dropped);
      const settle = () => this.#settle(arrival, headers['CF-Ray'] ?? '', respond);
      const sent = beforeMs > 0 ? await this.#later(beforeMs, dropped, settle) : settle();
      if (listGate.holding && isList(record)) await listGate.pass(AbortSignal.any([dropped, goneSignal(request)]));
      dropped.throwIfAborted();
      await hold(latencyMs / 2 + afterMs, dropped);
      const gone = sent.how === 'reset' || request.raw.socket.destroyed;
      journal.finish(record, gone ? undefined : sent.response.status);
      await send(reply, gone ? { how: 'reset' } : sent, headers);
    } catch (error) {
      journal.finish(record, undefined);
      if (!dropped.aborted) throw error;
      await send(reply, { how: 'reset' }, headers);
    }
  }

  /** Lets the request take effect, unless something prevents it, and decides what to send. */
  #settle({ allowance, fault, dropped }: Arrival, ray: string, respond: (fault?: Strike) => ApiResponse): Sent {
    if (!allowance.allowed) return { how: 'whole', response: tooManyRequests(allowance.resetSeconds) };
    if (fault === undefined) return { how: 'whole', response: responseOr(() => respond(undefined)) };
    const commit = commitOf(fault);
    const commitNow = () => responseOr(() => respond(fault));
    const taken = commit === 'before' ? commitNow() : undefined;
    // The response is sent before the effect. If the request is dropped in between, it has no effect, and nobody waits
    // for it.
    if (typeof commit === 'object') this.#later(commit.afterMs, dropped, commitNow).catch(() => undefined);
    return underFault(fault, taken, ray, `${this.origin}${elsewherePath}`);
  }

  /**
   * Lets a request take effect after a while, or when `commitPending` is called. @throws if it is dropped before that
   */
  async #later<T>(afterMs: number, dropped: AbortSignal, commitNow: () => T): Promise<T> {
    const pending = this.#pendingCommits;
    const now = new AbortController();
    pending.add(now);
    await pause(afterMs, undefined, { signal: AbortSignal.any([dropped, now.signal]) }).catch(() => undefined);
    pending.delete(now); // no `await` between this and the effect, so if nothing is pending, all effects are visible
    dropped.throwIfAborted();
    return commitNow();
  }
}

const isList = ({ operation }: RecordedRequest): boolean =>
  operation === 'shares-list' || operation === 'organization-shares-list';

/** Undefined for an address that the framework can't parse. */
function operationOf({ routeOptions }: FastifyRequest): string | undefined {
  const { operation } = routeOptions?.config ?? {};
  return operation;
}

/** Aborts when the client has disconnected. */
function goneSignal({ raw: { socket } }: FastifyRequest): AbortSignal {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  return gone.signal;
}

async function hold(milliseconds: number, dropped: AbortSignal): Promise<void> {
  if (milliseconds > 0) await pause(milliseconds, undefined, { signal: dropped });
}

function newPauses(): AbortController {
  const pauses = new AbortController();
  // Hundreds of requests can be held at once, so a large number of listeners doesn't indicate a leak.
  setMaxListeners(0, pauses.signal);
  return pauses;
}

const urlOf = (request: FastifyRequest): URL => new URL(request.url, 'http://simulator.invalid');

const isControl = (request: FastifyRequest): boolean => urlOf(request).pathname.startsWith(`${controlPath}/`);

const noRoute = (request: FastifyRequest): ApiError =>
  new ApiError(404, {
    code: 7003,
    message: `Could not route to ${urlOf(request).pathname}, perhaps your object identifier is invalid?`,
  });

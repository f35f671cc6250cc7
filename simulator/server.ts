// The way of a request: arrive, be counted, meet a fault or not, take effect, be answered.
import { setMaxListeners } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Answer, ApiError, failure, success } from './answers.ts';
import { authenticate, callerOf } from './authentication.ts';
import { commits, delaysOf, type Fault, type FaultQueue } from './faults.ts';
import type { Allowance, RateLimiter } from './rate-limit.ts';
import type { Journal, RecordedRequest } from './requests.ts';
import type { Call, Endpoint } from './routes.ts';
import { edgeHeaders, type Sent, send, tooManyRequests, underFault } from './wire.ts';

export const basePath = '/client/v4';
/** Where redirects lead: the journal tells whether credentials came along. */
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
}

interface Arrival {
  record: RecordedRequest;
  allowance: Allowance;
  fault: Fault | undefined;
  /** Fires when the request is to be forgotten. */
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

/** An answer, whatever happens: a refusal is one, too. */
function answerOr(answer: () => Answer): Answer {
  try {
    return answer();
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

  constructor(options: ServerOptions) {
    this.#options = options;
    const { tls } = options;
    this.app = fastify({
      serverFactory: (handler) => (tls ? https.createServer(tls, handler) : http.createServer(handler)),
      forceCloseConnections: true,
      exposeHeadRoutes: false,
      bodyLimit: maxBodyBytes,
      // Addresses that the framework cannot read never get to the hooks; they are requests like any other all the same.
      frameworkErrors: (_error, request, reply) => {
        this.#arrivals.set(request, this.#arrive(request));
        void this.#exchange(request, reply, () => failure(noRoute(request)));
      },
    });
    // Bodies stay text until an endpoint wants them: whoever is refused entry is told so before his JSON is judged.
    this.app.removeAllContentTypeParsers();
    this.app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    this.app.addHook('onRequest', async (request) => {
      if (!isControl(request)) this.#arrivals.set(request, this.#arrive(request));
    });
    for (const endpoint of options.endpoints) {
      this.app.route({
        method: endpoint.method,
        url: `${basePath}${endpoint.path}`,
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

  /** `http://host:port`, once it listens. */
  get origin(): string {
    const { address, port } = this.app.server.address() as AddressInfo;
    const host = address.includes(':') ? `[${address}]` : address;
    return `${this.#options.tls ? 'https' : 'http'}://${host}:${port}`;
  }

  /** Forgets the requests that are on hold: they neither take effect nor are answered any more. */
  dropPending(): void {
    this.#pauses.abort();
    this.#pauses = newPauses();
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
      headers,
      body: undefined,
      ...(fault && { fault: fault.kind }),
    });
    // A client that gives up while its request is still on the way in leaves nothing to answer.
    request.raw.once('close', () => {
      if (!request.raw.complete) journal.finish(record, undefined);
    });
    return { record, allowance, fault, dropped: this.#pauses.signal };
  }

  #enter(endpoint: Endpoint, request: FastifyRequest, fault: Fault | undefined): Answer {
    const call: Call = {
      params: request.params as Record<string, string>,
      query: urlOf(request).searchParams,
      readBody: () => parse(request.body),
      mayWrite: authenticate(request.headers).mayWrite,
      wider: fault?.kind === 'wider',
    };
    return endpoint.answer(call);
  }

  async #exchange(
    request: FastifyRequest,
    reply: FastifyReply,
    answer: (fault: Fault | undefined) => Answer,
  ): Promise<void> {
    const { journal, limiter, latencyMs } = this.#options;
    const arrival = this.#arrivals.get(request);
    if (arrival === undefined) throw new Error('a request was answered that never arrived');
    const { record, allowance, fault, dropped } = arrival;
    record.body = recordable(request.body);
    const headers = edgeHeaders(limiter.limit, allowance);
    const { beforeMs, afterMs } = delaysOf(fault);
    try {
      // Half of the latency is the way in and half the way out, so that concurrent callers overtake one another.
      await hold(latencyMs / 2 + beforeMs, dropped);
      const sent = this.#settle(arrival, headers['CF-Ray'] ?? '', answer);
      await hold(latencyMs / 2 + afterMs, dropped);
      const gone = sent.how === 'reset' || request.raw.socket.destroyed;
      journal.finish(record, gone ? undefined : sent.answer.status);
      await send(reply, gone ? { how: 'reset' } : sent, headers);
    } catch (error) {
      journal.finish(record, undefined);
      if (!dropped.aborted) throw error;
      await send(reply, { how: 'reset' }, headers);
    }
  }

  /** Lets the request take effect, unless something keeps it from that, and decides what to send. */
  #settle({ allowance, fault }: Arrival, ray: string, answer: (fault: Fault | undefined) => Answer): Sent {
    if (!allowance.allowed) return { how: 'whole', answer: tooManyRequests(allowance.resetSeconds) };
    if (fault === undefined) return { how: 'whole', answer: answerOr(() => answer(undefined)) };
    const taken = commits(fault) ? answerOr(() => answer(fault)) : undefined;
    return underFault(fault, taken, ray, `${this.origin}${elsewherePath}`);
  }
}

async function hold(milliseconds: number, dropped: AbortSignal): Promise<void> {
  if (milliseconds > 0) await pause(milliseconds, undefined, { signal: dropped });
}

function newPauses(): AbortController {
  const pauses = new AbortController();
  // Hundreds of requests may be on hold at once, which is no leak.
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

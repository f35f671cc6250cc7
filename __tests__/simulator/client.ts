// A low-level client: no retries, no redirects, and no expectations about responses.
import http from 'node:http';
import https from 'node:https';
import {
  type Recipient,
  type Share,
  type ShareResource,
  type Simulator,
  startSimulator,
} from '../../simulator/index.ts';

export interface WireResponse {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

export interface WireRequest {
  body?: unknown;
  /** Replaces the simulator's API token. */
  headers?: http.OutgoingHttpHeaders;
  /** Aborts the request. */
  signal?: AbortSignal;
  agent?: http.Agent;
  ca?: string;
}

/** Sends one request to a path below the base URL, or to an absolute URL, and waits for the headers of the response. */
export function open(
  sim: Simulator,
  method: string,
  path: string,
  { body, headers, signal, agent, ca }: WireRequest = {},
): Promise<http.IncomingMessage> {
  const url = path.startsWith('http') ? path : `${sim.baseUrl}${path}`;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const options: https.RequestOptions = {
    method,
    headers: {
      ...(headers ?? { Authorization: `Bearer ${sim.credentials.apiToken}` }),
      ...(text !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
    },
    agent: agent ?? false,
    ...(ca !== undefined && { ca }),
    ...(signal !== undefined && { signal }),
  };
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https') ? https : http).request(url, options, resolve);
    request.on('error', reject).end(text);
  });
}

/** Sends one request and reads the response. Rejects if the response is incomplete. */
export async function send(...request: Parameters<typeof open>): Promise<WireResponse> {
  const response = await open(...request);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() };
}

export interface Envelope<Result> {
  success: boolean;
  errors: { code: number; message: string; source?: { pointer: string } }[];
  messages: unknown[];
  result: Result;
  result_info?: { count: number; page: number; per_page: number; total_count: number; total_pages: number };
}

/** Sends a request whose response is an envelope. */
export async function call<Result = Share>(
  sim: Simulator,
  method: string,
  path: string,
  request: WireRequest = {},
): Promise<{ status: number; headers: http.IncomingHttpHeaders } & Envelope<Result>> {
  const { status, headers, text } = await send(sim, method, path, request);
  return { status, headers, ...(JSON.parse(text) as Envelope<Result>) };
}

export const sharesOf = (sim: Simulator, accountId = sim.accountId): string => `/accounts/${accountId}/shares`;

export const member = (sim: Simulator, index: number): string => sim.memberIds[index] ?? '';

export function shareBody(sim: Simulator, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'Baseline',
    recipients: [{ account_id: member(sim, 0) }],
    resources: [resourceBody(sim)],
    ...changes,
  };
}

export function resourceBody(sim: Simulator, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    resource_type: 'gateway-policy',
    resource_id: 'cccccccccccccccccccccccccccccccc',
    resource_account_id: sim.accountId,
    meta: {},
    ...changes,
  };
}

export async function create(sim: Simulator, changes: Record<string, unknown> = {}): Promise<Share> {
  return (await call(sim, 'POST', sharesOf(sim), { body: shareBody(sim, changes) })).result;
}

export async function recipientsOf(sim: Simulator, share: { id: string }): Promise<Recipient[]> {
  return (await call<Recipient[]>(sim, 'GET', `${sharesOf(sim)}/${share.id}/recipients?include_resources=true`)).result;
}

export async function resourcesOf(sim: Simulator, share: { id: string }): Promise<ShareResource[]> {
  return (await call<ShareResource[]>(sim, 'GET', `${sharesOf(sim)}/${share.id}/resources`)).result;
}

/** Repeats the request until the result meets the condition. */
export async function eventually<T>(look: () => Promise<T> | T, wanted: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const value = await look();
    if (wanted(value)) return value;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Runs with a separate simulator and always closes it. */
export async function withSimulator(
  options: Parameters<typeof startSimulator>[0],
  run: (sim: Simulator) => Promise<void>,
): Promise<void> {
  const sim = await startSimulator(options);
  try {
    await run(sim);
  } finally {
    await sim.close();
  }
}

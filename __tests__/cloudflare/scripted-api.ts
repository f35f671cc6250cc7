// A server with scripted responses and a client for it. Unlike the simulator, it keeps no state.

import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../src/clock.ts';
import type { ClientSettings } from '../../src/cloudflare/client.ts';
import { type Client, connect } from '../../src/cloudflare/client.ts';

/** `reset`: the connection breaks. `silence`: no response is ever sent. */
export type ScriptedResponse =
  | 'reset'
  | 'silence'
  | { status?: number; headers?: Record<string, string>; json?: unknown; text?: string };

export interface Arrived {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface ScriptedApi {
  readonly baseUrl: string;
  readonly arrived: Arrived[];
  close(): Promise<void>;
}

export const success = (result: unknown, info?: unknown): { status: number; json: unknown } => ({
  status: 200,
  json: { success: true, errors: [], messages: [], result, ...(info === undefined ? {} : { result_info: info }) },
});

export const failure = (
  status: number,
  errors: unknown[] = [],
  headers: Record<string, string> = {},
): { status: number; json: unknown; headers: Record<string, string> } => ({
  status,
  headers,
  json: { success: false, errors, messages: [], result: null },
});

/** @param respond returns the response to the n-th request, counted from 0 */
export async function scriptedApi(
  respond: (request: Arrived, n: number) => ScriptedResponse | Promise<ScriptedResponse>,
): Promise<ScriptedApi> {
  const arrived: Arrived[] = [];
  const listener: RequestListener = async (request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', headers } = request;
    const body = Buffer.concat(chunks).toString();
    const it = { method, path: url.pathname, query: url.searchParams, headers, body };
    const said = await respond(it, arrived.push(it) - 1);
    if (said === 'silence') return;
    if (said === 'reset') return void request.socket.destroy();
    response.writeHead(said.status ?? 200, { connection: 'close', ...said.headers });
    response.end(said.text ?? (said.json === undefined ? '' : JSON.stringify(said.json)));
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface Connected {
  client: Client;
  said: { waiting: { why: string; ms: number }[]; requested: string[] };
  cancel: () => void;
}

export function connected(baseUrl: string, clock: Clock, changes: Partial<ClientSettings> = {}): Connected {
  const said: Connected['said'] = { waiting: [], requested: [] };
  const controller = new AbortController();
  const client = connect(
    {
      baseUrl,
      headers: { authorization: 'Bearer secret' },
      userAgent: 'test',
      requestTimeoutMs: 30_000,
      maxAttempts: 5,
      ...changes,
    },
    { waiting: (why, ms) => said.waiting.push({ why, ms }), requested: (line) => said.requested.push(line) },
    controller.signal,
    clock,
  );
  return { client, said, cancel: () => controller.abort() };
}

// What both API clients, cloudflare and github, have in common: one HTTP request with its timeout, the agent that keeps
// connections open and uses the proxy, if there is one, and why a connection failed.

import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import fetch, { type Headers } from 'node-fetch';
import type { ApiSettings } from './settings.ts';

export interface HttpRequest {
  method: string;
  headers: Record<string, string>;
  body?: string | undefined;
  agent: HttpAgent;
  /** A longer response is an error, because an endless one would fill the memory. */
  responseBytesMax: number;
}

export interface HttpResponse {
  status: number;
  headers: Headers;
  text: string;
}

/**
 * Sends a request, and reads the whole response. Doesn't follow a redirect, because credentials must not be sent to
 * another address.
 */
export async function exchange(
  url: string | URL,
  { method, headers, body, agent, responseBytesMax }: HttpRequest,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const response = await fetch(url, {
    method,
    headers,
    body: body ?? null,
    agent,
    size: responseBytesMax,
    redirect: 'manual',
    signal,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Thrown instead of the request's own error if the timeout ended the request. */
export class TimedOut extends Error {
  constructor(timeoutMs: number) {
    super(`no response within ${timeoutMs / 1000} s`);
  }
}

/** Sends a request with a signal that ends it once it takes too long, or once `cancelled` aborts. @throws {TimedOut} */
export async function withTimeout<T>(
  timeoutMs: number,
  cancelled: AbortSignal,
  send: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = new AbortController();
  // Not AbortSignal.timeout: neither its timer nor a request without a connection keeps the process alive.
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  try {
    return await send(AbortSignal.any([cancelled, timeout.signal]));
  } catch (error) {
    throw timeout.signal.aborted ? new TimedOut(timeoutMs) : error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param closed aborts when no more requests will be sent. It ends connections that still wait for the proxy, which the
 * agent doesn't track
 */
export async function makeAgent(
  { baseUrl, proxy }: Pick<ApiSettings, 'baseUrl' | 'proxy'>,
  closed: AbortSignal,
): Promise<HttpAgent> {
  const options = { keepAlive: true };
  if (proxy !== undefined) {
    const { HttpsProxyAgent } = await import('https-proxy-agent'); // most runs have no proxy
    const agent = new HttpsProxyAgent(proxy, { ...options, signal: closed });
    // If CONNECT returns anything but 200, the library treats the proxy's response as the server's.
    agent.on('proxyConnect', ({ statusCode }: { statusCode: number }, request: ClientRequest) => {
      if (statusCode === 200) return;
      const status = statusCode >= 100 && statusCode < 600 ? statusCode : ''; // NaN if the response isn't HTTP
      request.destroy(Object.assign(new Error('the proxy did not connect'), { code: `EPROXY${status}` }));
    });
    return agent;
  }
  // The URL parser normalizes `HTTPS:` to `https:`.
  return new URL(baseUrl).protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
}

/**
 * - `proxy`: the proxy responded with this status instead of connecting.
 * - `not a proxy`: the proxy's response isn't HTTP.
 * - `not connected`: there was no connection.
 * - `expired`: the server's certificate has expired or isn't valid yet.
 * - `other host`: the server's certificate is for another host.
 * - `untrusted`: the server's certificate isn't trusted for another reason, such as its issuer.
 * - `not tls`: the server doesn't accept TLS on this port.
 * - `broken`: anything else. Only then, the request may have arrived.
 */
type ConnectionFailure =
  | { kind: 'proxy'; status: number }
  | { kind: 'not a proxy' | 'not connected' | 'expired' | 'other host' | 'untrusted' | 'not tls' | 'broken' };

const PROXY = /^EPROXY(\d*)$/;
const NOT_CONNECTED = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const EXPIRED = /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/;
const OTHER_HOST = /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/;
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/;
const NOT_TLS = /WRONG_VERSION_NUMBER|wrong version number/;

/** Why a request has no response, derived from the error codes of Node and the agent. Pure. */
export function connectionFailure(error: Partial<NodeJS.ErrnoException>): ConnectionFailure {
  const { code = '', message = '' } = error;
  const [, proxyStatus] = PROXY.exec(code) ?? [];
  if (proxyStatus === '') return { kind: 'not a proxy' };
  if (proxyStatus !== undefined) return { kind: 'proxy', status: Number(proxyStatus) };
  if (EXPIRED.test(code)) return { kind: 'expired' };
  if (OTHER_HOST.test(code)) return { kind: 'other host' };
  if (UNTRUSTED.test(code)) return { kind: 'untrusted' };
  if (NOT_TLS.test(code) || NOT_TLS.test(message)) return { kind: 'not tls' };
  return { kind: NOT_CONNECTED.test(code) ? 'not connected' : 'broken' };
}

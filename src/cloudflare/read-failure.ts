// What it means when a request fails without an answer.

import type { Call } from './call.ts';
import { NoAnswer } from './errors.ts';

// There was no connection: nothing was sent.
const NEVER_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
// The proxy answered with this status instead of connecting (src/agent.ts).
const NOT_CONNECTED = /^EPROXY(\d+)$/;
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/;
// The other side does not speak TLS on this port.
const NOT_TLS = /WRONG_VERSION_NUMBER|wrong version number/;

/** @param timedOutMs how long the request was given, when that is what ended it */
export function readFailure(call: Call, error: unknown, timedOutMs?: number): NoAnswer {
  if (timedOutMs !== undefined) return new NoAnswer(call, `none within ${timedOutMs / 1000} s (request-timeout)`);
  const { code = '', message, type } = error as NodeJS.ErrnoException & { type?: string };
  if (type === 'max-size') return new NoAnswer(call, 'the answer is too large to be one of the API', { final: true });
  const [, proxyStatus] = NOT_CONNECTED.exec(code) ?? [];
  if (proxyStatus !== undefined) return notConnected(call, Number(proxyStatus));
  if (UNTRUSTED.test(code)) {
    const what = `the certificate is not trusted (${code}); behind a proxy that inspects TLS, set NODE_EXTRA_CA_CERTS to its certificate`;
    return new NoAnswer(call, what, { neverSent: true, final: true });
  }
  if (NOT_TLS.test(code) || NOT_TLS.test(message)) {
    const what = `no secure connection (${code}): the other side does not speak https on this port. Check whether api-base-url or the proxy speaks plain http`;
    return new NoAnswer(call, what, { neverSent: true, final: true });
  }
  if (NEVER_SENT.test(code)) return new NoAnswer(call, `no connection (${code})`, { neverSent: true });
  const what =
    code === 'ERR_STREAM_PREMATURE_CLOSE' ? 'the answer broke off' : `the connection broke (${code || message})`;
  return new NoAnswer(call, what);
}

function notConnected(call: Call, status: number): NoAnswer {
  // A proxy may be busy, or unable to reach the host for a moment.
  const mayPass = status >= 500 || status === 408 || status === 429;
  const check = mayPass
    ? ''
    : status === 407
      ? ': HTTPS_PROXY needs a user and a password (http://user:password@host:port)'
      : ': check HTTPS_PROXY and NO_PROXY, and whether the proxy lets this host through';
  return new NoAnswer(call, `the proxy does not connect (HTTP ${status})${check}`, {
    neverSent: true,
    final: !mayPass,
  });
}

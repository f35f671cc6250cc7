// What it means when a request fails without an answer.

import type { Call } from './call.ts';
import { NoAnswer } from './errors.ts';

// There was no connection: nothing was sent.
const NEVER_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EPROXY.*)$/;
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/;
// The other side does not speak TLS on this port.
const NOT_TLS = /WRONG_VERSION_NUMBER|wrong version number/;

/** @param timedOutMs how long the request was given, when that is what ended it */
export function readFailure(call: Call, error: unknown, timedOutMs?: number): NoAnswer {
  if (timedOutMs !== undefined) return new NoAnswer(call, `none within ${timedOutMs / 1000} s (request-timeout)`);
  const { code = '', message } = error as NodeJS.ErrnoException;
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

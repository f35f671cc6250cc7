import { expect, test } from '@jest/globals';
import type { Call } from '../../src/cloudflare/call.ts';
import { readFailure } from '../../src/cloudflare/read-response.ts';

const call: Call = { method: 'POST', path: '/', purpose: 'try' };
const failed = (code: string | undefined, message = 'request failed') => Object.assign(new Error(message), { code });

test.each<[string, unknown, { neverSent: boolean; final: boolean; fate: string }, RegExp]>([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].map(
    (code): [string, unknown, { neverSent: boolean; final: boolean; fate: string }, RegExp] => [
      code,
      failed(code),
      { neverSent: true, final: false, fate: 'not-done' },
      /^no connection \([A-Z_]+\)$/,
    ],
  ),
  [
    'a proxy that requires credentials',
    failed('EPROXY407'),
    { neverSent: true, final: true, fate: 'not-done' },
    /^the proxy did not connect \(HTTP 407\): HTTPS_PROXY needs a user and a password/,
  ],
  ...[201, 403, 404].map((status): [string, unknown, { neverSent: boolean; final: boolean; fate: string }, RegExp] => [
    `a proxy that responds with ${status}`,
    failed(`EPROXY${status}`),
    { neverSent: true, final: true, fate: 'not-done' },
    /^the proxy did not connect \(HTTP \d+\): check HTTPS_PROXY and NO_PROXY/,
  ]),
  ...[408, 429, 500, 502, 503].map(
    (status): [string, unknown, { neverSent: boolean; final: boolean; fate: string }, RegExp] => [
      `a proxy that responds with ${status}, which can be temporary`,
      failed(`EPROXY${status}`),
      { neverSent: true, final: false, fate: 'not-done' },
      /^the proxy did not connect \(HTTP \d+\)$/,
    ],
  ),
  [
    'a reset',
    failed('ECONNRESET'),
    { neverSent: false, final: false, fate: 'unknown' },
    /^the connection broke \(ECONNRESET\)$/,
  ],
  ...['ERR_TUNNEL_ECONNREFUSED', 'ECONNREFUSED_LATER'].map(
    (code): [string, unknown, { neverSent: boolean; final: boolean; fate: string }, RegExp] => [
      `an unknown code: ${code}`,
      failed(code),
      { neverSent: false, final: false, fate: 'unknown' },
      /^the connection broke \([A-Z_]+\)$/,
    ],
  ),
  [
    'an error without a code',
    failed(undefined, 'socket hang up'),
    { neverSent: false, final: false, fate: 'unknown' },
    /^the connection broke \(socket hang up\)$/,
  ],
  [
    'a response that is too large',
    Object.assign(failed(undefined, 'content size over limit'), { type: 'max-size' }),
    { neverSent: false, final: true, fate: 'unknown' },
    /^the response is too large to be from the API$/,
  ],
  [
    'a truncated response',
    failed('ERR_STREAM_PREMATURE_CLOSE'),
    { neverSent: false, final: false, fate: 'unknown' },
    /^the response was cut off$/,
  ],
  [
    'a self-signed certificate',
    failed('SELF_SIGNED_CERT_IN_CHAIN'),
    { neverSent: true, final: true, fate: 'not-done' },
    /NODE_EXTRA_CA_CERTS/,
  ],
  [
    'a certificate for another host',
    failed('ERR_TLS_CERT_ALTNAME_INVALID'),
    { neverSent: true, final: true, fate: 'not-done' },
    /certificate is not trusted/,
  ],
  [
    'plain http',
    failed('EPROTO', 'write EPROTO …:wrong version number:…'),
    { neverSent: true, final: true, fate: 'not-done' },
    /^no secure connection \(EPROTO\).*api-base-url or the proxy uses plain http$/,
  ],
  [
    'plain http, with a newer error code',
    failed('ERR_SSL_WRONG_VERSION_NUMBER'),
    { neverSent: true, final: true, fate: 'not-done' },
    /^no secure connection/,
  ],
  [
    'another TLS error',
    failed('EPROTO', 'bad record mac'),
    { neverSent: false, final: false, fate: 'unknown' },
    /^the connection broke \(EPROTO\)$/,
  ],
])('describes a failed request: %s', (_, error, how, what) => {
  const failure = readFailure(call, error);
  expect(failure).toMatchObject(how);
  expect(failure.what).toMatch(what);
});

test('describes a timeout as an unknown outcome, and names request-timeout', () => {
  expect(readFailure(call, failed('ABORT_ERR'), 1_500)).toMatchObject({
    what: 'no response within 1.5 s (request-timeout)',
    fate: 'unknown',
    neverSent: false,
    final: false,
  });
});

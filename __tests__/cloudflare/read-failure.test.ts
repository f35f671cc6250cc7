import { expect, test } from '@jest/globals';
import type { Call } from '../../src/cloudflare/call.ts';
import { readFailure } from '../../src/cloudflare/read-answer.ts';

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
    'a proxy that wants credentials',
    failed('EPROXY407'),
    { neverSent: true, final: true, fate: 'not-done' },
    /^the proxy does not connect \(HTTP 407\): HTTPS_PROXY needs a user and a password/,
  ],
  ...[201, 403, 404].map((status): [string, unknown, { neverSent: boolean; final: boolean; fate: string }, RegExp] => [
    `a proxy that answers ${status}`,
    failed(`EPROXY${status}`),
    { neverSent: true, final: true, fate: 'not-done' },
    /^the proxy does not connect \(HTTP \d+\): check HTTPS_PROXY and NO_PROXY/,
  ]),
  ...[408, 429, 500, 502, 503].map(
    (status): [string, unknown, { neverSent: boolean; final: boolean; fate: string }, RegExp] => [
      `a proxy that answers ${status}, which may pass`,
      failed(`EPROXY${status}`),
      { neverSent: true, final: false, fate: 'not-done' },
      /^the proxy does not connect \(HTTP \d+\)$/,
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
      `a code that is not known: ${code}`,
      failed(code),
      { neverSent: false, final: false, fate: 'unknown' },
      /^the connection broke \([A-Z_]+\)$/,
    ],
  ),
  [
    'something',
    failed(undefined, 'socket hang up'),
    { neverSent: false, final: false, fate: 'unknown' },
    /^the connection broke \(socket hang up\)$/,
  ],
  [
    'an answer without an end',
    Object.assign(failed(undefined, 'content size over limit'), { type: 'max-size' }),
    { neverSent: false, final: true, fate: 'unknown' },
    /^the response is too large to be from the API$/,
  ],
  [
    'half an answer',
    failed('ERR_STREAM_PREMATURE_CLOSE'),
    { neverSent: false, final: false, fate: 'unknown' },
    /^the response broke off$/,
  ],
  [
    'a certificate',
    failed('SELF_SIGNED_CERT_IN_CHAIN'),
    { neverSent: true, final: true, fate: 'not-done' },
    /NODE_EXTRA_CA_CERTS/,
  ],
  [
    'another certificate',
    failed('ERR_TLS_CERT_ALTNAME_INVALID'),
    { neverSent: true, final: true, fate: 'not-done' },
    /certificate is not trusted/,
  ],
  [
    'plain http',
    failed('EPROTO', 'write EPROTO …:wrong version number:…'),
    { neverSent: true, final: true, fate: 'not-done' },
    /^no secure connection \(EPROTO\).*api-base-url or the proxy speaks plain http$/,
  ],
  [
    'plain http, in newer words',
    failed('ERR_SSL_WRONG_VERSION_NUMBER'),
    { neverSent: true, final: true, fate: 'not-done' },
    /^no secure connection/,
  ],
  [
    'another breach of TLS',
    failed('EPROTO', 'bad record mac'),
    { neverSent: false, final: false, fate: 'unknown' },
    /^the connection broke \(EPROTO\)$/,
  ],
])('%s', (_, error, how, what) => {
  const answer = readFailure(call, error);
  expect(answer).toMatchObject(how);
  expect(answer.what).toMatch(what);
});

test('a time-out is of unknown fate, and says what ended it', () => {
  expect(readFailure(call, failed('ABORT_ERR'), 1_500)).toMatchObject({
    what: 'no response within 1.5 s (request-timeout)',
    fate: 'unknown',
    neverSent: false,
    final: false,
  });
});

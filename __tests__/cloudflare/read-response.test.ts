import { describe, expect, test } from '@jest/globals';
import type { Call, Shape } from '../../src/cloudflare/call.ts';
import { NoUsableResponse, Refusal } from '../../src/cloudflare/errors.ts';
import { readErrors, readFailure, readInfo, readResponse } from '../../src/cloudflare/read-response.ts';
import { TimedOut } from '../../src/http.ts';
import { keepSecret } from '../../src/secrets.ts';

const NOW = Date.UTC(2026, 0, 1);
const anything: Shape<unknown> = (result) => ({ value: result });
const picky: Shape<unknown> = () => ({ wrong: '"result.id" is missing' });
const HTML = '<!DOCTYPE html><html><head><title> 502:\n Bad gateway </title></head></html>';

interface Came {
  method?: Call['method'];
  status?: number;
  headers?: Record<string, string>;
  text?: string;
  json?: unknown;
  shape?: Shape<unknown>;
}

function read({ method = 'GET', status = 200, headers = {}, json, text, shape = anything }: Came): unknown {
  try {
    return readResponse(
      { method, path: '/', purpose: 'try' },
      { status, header: (name) => headers[name] ?? null, text: text ?? JSON.stringify(json) ?? '' },
      shape,
      NOW,
    );
  } catch (error) {
    return error;
  }
}

test.each<[string, Came, unknown]>([
  ['a result', { json: { success: true, result: 7 } }, { result: 7, info: {}, serverTimeMs: NOW }],
  ['a null result', { json: { success: true, result: null } }, { result: null, info: {}, serverTimeMs: NOW }],
  ...(['POST', 'PUT', 'DELETE'] as const).map((method): [string, Came, unknown] => [
    `a missing result, if it is for a ${method}`,
    { method, json: { success: true } },
    { result: null, info: {}, serverTimeMs: NOW },
  ]),
  [
    "paging information and the server's time",
    {
      json: { success: true, result: [7], result_info: { count: 1, page: 'x' } },
      headers: { date: 'Thu, 01 Jan 1970 00:00:10 GMT' },
    },
    { result: [7], info: { count: 1 }, serverTimeMs: 10_000 },
  ],
  [
    'an invalid date',
    { json: { success: true, result: 7 }, headers: { date: 'x' } },
    { result: 7, info: {}, serverTimeMs: NOW },
  ],
])('reads a success with %s', (_, came, response) => {
  expect(read(came)).toEqual(response);
});

test.each<[string, string, string]>([
  ['an unclosed title', '<html><title>Wait', ''],
  ['an unclosed tag', '<html><title', ''],
  ['an empty title', '<html><title> </title>', ''],
  ['a title in capitals', '<HTML><TITLE>Wait</TITLE>', ' "Wait"'],
  ['a title far down', `<html>${' '.repeat(100_000)}<title>Wait</title>`, ''],
  ['a long title', `<html><title>${'x'.repeat(201)}</title>`, ` "${'x'.repeat(200)}…"`],
])('describes a web page by its title: %s', (_, text, title) => {
  expect(read({ text })).toMatchObject({ what: `HTTP 200 with a web page${title} instead of JSON` });
});

test('scans a web page only once', () => {
  // A search that starts again at every tag would take minutes.
  for (const piece of ['<title', '<title ', '<', '<html', ' ']) {
    expect(read({ status: 502, text: `<html>${piece.repeat(2_000_000 / piece.length)}` })).toBeInstanceOf(
      NoUsableResponse,
    );
  }
});

test('shows no part of a secret, wherever a response is truncated', () => {
  const secret = 'Qx7_Vb2.Km9+Zt4-Wd6=Hs1';
  keepSecret(secret);
  const parts = Array.from({ length: secret.length - 3 }, (_, at) => secret.slice(at, at + 4));
  for (let at = 150; at <= 510; at++) {
    const text = `${'.'.repeat(at)}${secret}${'.'.repeat(500)}`;
    const said = [
      read({ status: 502, text: `<html><title>${text}</title>` }),
      read({ status: 403, text }),
      read({ status: 400, json: { success: false, errors: [{ message: text, source: { pointer: text } }] } }),
      read({ status: 400, json: { success: false, errors: [text] } }),
      read({ status: 400, json: { title: text, detail: text, error: { message: text } } }),
      read({ text: `<html><title>${text}</title>` }),
    ].map(String);
    for (const each of said) expect(parts.filter((part) => each.includes(part))).toEqual([]);
  }
});

test.each<[string, unknown, string]>([
  [
    'a problem document',
    { title: 'Error 1016', detail: 'Origin DNS error', status: 530 },
    'Error 1016: Origin DNS error',
  ],
  ['a string', { error: 'no' }, 'no'],
  ['an object with a message and a code', { error: { message: 'no', code: 7 } }, 'no'],
  ['an object with a message', { message: 'no' }, 'no'],
  ['another object', { a: 1 }, '{"a":1}'],
  ['a list', [1], '[1]'],
  ['null', null, 'null'],
  [
    'a list with null and numbers',
    { errors: [null, 7, {}, { message: 7, source: 'x' }] },
    'null; 7; no message; no message',
  ],
])('quotes an error from the edge: %s', (_, json, said) => {
  expect(read({ status: 530, json })).toMatchObject({ what: `HTTP 530: ${said}` });
});

test.each(['POST', 'PUT', 'DELETE'] as const)('treats an empty response to a %s as a success', (method) => {
  for (const status of [200, 201, 202, 204]) {
    expect(read({ method, status, text: ' ' })).toEqual({ result: null, info: {}, serverTimeMs: NOW });
  }
});

test.each<[string, Came, string, { final?: boolean; retryAfterMs?: number }]>([
  ['500', { status: 500, text: '' }, 'HTTP 500', {}],
  ['an error of the API', { status: 500, json: { errors: [{ code: 7003, message: 'oh' }] } }, 'HTTP 500: 7003 oh', {}],
  [
    'an error page of the edge',
    { status: 502, text: HTML },
    'HTTP 502: a web page "502: Bad gateway" from the edge in front of the API',
    {},
  ],
  [
    '503 with Retry-After',
    { status: 503, text: 'x', headers: { 'retry-after': '7' } },
    'HTTP 503: x',
    { retryAfterMs: 7_000 },
  ],
  ['408', { status: 408, text: '' }, 'HTTP 408', {}],
  ['a web page', { text: HTML }, 'HTTP 200 with a web page "502: Bad gateway" instead of JSON', {}],
  ['a web page without a title', { text: '<html></html>' }, 'HTTP 200 with a web page instead of JSON', {}],
  [
    'a web page whose title has an attribute',
    { text: '<html><title lang="en">Wait</title></html>' },
    'HTTP 200 with a web page "Wait" instead of JSON',
    {},
  ],
  ['a truncated body', { text: '{"success":true,"res' }, 'HTTP 200 with a body that is not JSON', {}],
  ['an empty response to a read', { text: '' }, 'HTTP 200 with a body that is not JSON', {}],
  ['a 204 to a read', { status: 204, text: '' }, 'HTTP 204 with a body that is not JSON', {}],
  [
    'other JSON',
    { json: { ok: true } },
    'HTTP 200, but the body doesn\'t match the API\'s documentation: no "success": true',
    {},
  ],
  [
    'a read without a result',
    { json: { success: true, errors: [], messages: [] } },
    'HTTP 200, but the body doesn\'t match the API\'s documentation: no "result"',
    {},
  ],
  ['null', { json: null }, 'HTTP 200, but the body doesn\'t match the API\'s documentation: no "success": true', {}],
  [
    'a wrong shape, which is final',
    { json: { success: true, result: {} }, shape: picky },
    'HTTP 200, but the body doesn\'t match the API\'s documentation: "result.id" is missing',
    { final: true },
  ],
])('finds no usable response in: %s', (_, came, what, how) => {
  const error = read({ ...came, headers: { 'cf-ray': 'ray', ...came.headers } });
  expect(error).toBeInstanceOf(NoUsableResponse);
  expect(error).toMatchObject({ what, ray: 'ray', neverSent: false, final: false, retryAfterMs: undefined, ...how });
});

test.each<[string, Came, string, Partial<Refusal>]>([
  ['400', { status: 400, json: { errors: [{ code: 1, message: 'a' }] } }, 'HTTP 400: 1 a', { isOfApi: true }],
  ['404 without errors', { status: 404, json: { success: false } }, 'HTTP 404: {"success":false}', { isOfApi: true }],
  ['404 in another format', { status: 404, json: { error: 'a', success: true } }, 'HTTP 404: a', { isOfApi: false }],
  ['404 as text', { status: 404, json: 'a' }, 'HTTP 404: "a"', { isOfApi: false }],
  ['404 with null', { status: 404, json: null }, 'HTTP 404: null', { isOfApi: false }],
  ['200 with success: false', { json: { success: false, errors: [{ message: 'a' }] } }, 'HTTP 200: a', {}],
  [
    '429',
    { status: 429, text: '', headers: { 'retry-after': '2' } },
    'HTTP 429: no reason given',
    { retryAfterMs: 2_000 },
  ],
  ['499', { status: 499, text: '' }, 'HTTP 499: no reason given', { isOfApi: false }],
])('recognizes a refusal: %s', (_, came, said, how) => {
  const error = read({ method: 'POST', ...came });
  expect(error).toBeInstanceOf(Refusal);
  expect(error).toMatchObject({ message: `Cloudflare refused to try: ${said}`, fate: 'not-done', ...how });
});

test.each([
  [302, 'https://elsewhere.example/x?token=1', 'https://elsewhere.example'],
  [308, '/login', 'another path'],
  [300, undefined, 'another path'],
])('recognizes a refusal: a redirect (%d) to %s', (status, location, named) => {
  const error = read({ status, text: '', ...(location === undefined ? {} : { headers: { location } }) });
  expect(error).toBeInstanceOf(Refusal);
  expect((error as Refusal).message).toContain(`a redirect to ${named}, which the action did not follow`);
});

describe('the errors in a response', () => {
  test.each<[string, unknown, unknown]>([
    [
      'an error',
      { errors: [{ code: 1004, message: 'x', source: { pointer: '/name' } }] },
      [{ code: 1004, message: 'x', pointer: '/name' }],
    ],
    [
      'an error without a message',
      { errors: [{ code: '1', message: '', source: { pointer: '' } }] },
      [{ message: 'no message' }],
    ],
    ['a message that is not a string', { errors: [{ message: 7 }] }, [{ message: 'no message' }]],
    ['a null source', { errors: [{ message: 'x', source: null }] }, [{ message: 'x' }]],
    ['an error that is a string', { errors: ['x', null] }, [{ message: 'x' }, { message: 'null' }]],
    ['a problem document', { title: 'a', detail: 'b' }, [{ message: 'a: b' }]],
    ['an error of the edge', { error: 'x' }, [{ message: 'x' }]],
    ['another object', { a: 1 }, [{ message: '{"a":1}' }]],
    ['null', null, [{ message: 'null' }]],
  ])('are parsed from JSON: %s', (_, body, errors) => {
    expect(readErrors({ value: body }, JSON.stringify(body))).toEqual(errors);
  });

  test.each([
    ['a text that mentions HTML', 'no <html> here', [{ message: 'no <html> here' }]],
    ['a text', ' upstream\n  timed out\n', [{ message: 'upstream timed out' }]],
    ['whitespace', ' \n', []],
    ['500 characters', 'x'.repeat(500), [{ message: 'x'.repeat(500) }]],
    ['501 characters', 'x'.repeat(501), [{ message: `${'x'.repeat(500)}…` }]],
    ['a web page', ' <html><title></title>', [{ message: 'a web page from the edge in front of the API' }]],
  ])('are quoted from text: %s', (_, text, errors) => {
    expect(readErrors(undefined, text)).toEqual(errors);
  });
});

test.each<[unknown, unknown]>([
  [undefined, {}],
  [null, {}],
  ['x', {}],
  [
    { count: 1, page: 2, per_page: 3, total_count: 4, total_pages: 5, next_page_token: 'a', more: 6 },
    { count: 1, per_page: 3, total_count: 4, total_pages: 5, next_page_token: 'a' },
  ],
  [{ count: '1', page: null, next_page_token: '' }, {}],
  [{ next_page_token: null }, {}],
  [{ cursors: { after: 'c' } }, { cursor: 'c' }],
  [{ cursor: 'c' }, { cursor: 'c' }],
  [{ cursors: null, cursor: null }, {}],
  [{ cursors: { after: '' } }, {}],
  [JSON.parse('{ "total_count": 1e999 }'), {}],
  [
    { count: 20, per_page: 20, total_count: 0, total_pages: 0 },
    { count: 20, per_page: 20 },
  ],
  [{ per_page: 0, total_count: -1, total_pages: -1 }, {}],
])('parses result_info: %j', (from, info) => {
  expect(readInfo(from)).toEqual(info);
});

const POST: Call = { method: 'POST', path: '/', purpose: 'try' };
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
    /^the certificate is for another host \(ERR_TLS_CERT_ALTNAME_INVALID\): check api-base-url(?!.*NODE_EXTRA)/,
  ],
  ...['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'].map(
    (code): [string, unknown, { neverSent: boolean; final: boolean; fate: string }, RegExp] => [
      `a certificate that is not valid now (${code})`,
      failed(code),
      { neverSent: true, final: true, fate: 'not-done' },
      /^the certificate has expired or is not valid yet \([A-Z_]+\): check the clock of the runner(?!.*NODE_EXTRA)/,
    ],
  ),
  [
    'a proxy that responds with something other than HTTP',
    failed('EPROXY'),
    { neverSent: true, final: true, fate: 'not-done' },
    /^the proxy's response is not HTTP: check whether HTTPS_PROXY is the address of a proxy$/,
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
  const failure = readFailure(POST, error);
  expect(failure).toMatchObject(how);
  expect(failure.what).toMatch(what);
});

test('describes a timeout as an unknown outcome, and names request-timeout', () => {
  expect(readFailure(POST, new TimedOut(1_500))).toMatchObject({
    what: 'no response within 1.5 s (request-timeout)',
    fate: 'unknown',
    neverSent: false,
    final: false,
  });
});

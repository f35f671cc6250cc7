import { describe, expect, test } from '@jest/globals';
import { adviceFor } from '../../src/cloudflare/advice.ts';
import type { Call } from '../../src/cloudflare/call.ts';
import {
  Cancelled,
  errorsInWords,
  fateOf,
  isNotFound,
  NoUsableResponse,
  Refusal,
  withFate,
} from '../../src/cloudflare/errors.ts';

const call: Call = { method: 'POST', path: '/shares', purpose: 'create the share' };
const read: Call = { method: 'GET', path: '/shares', purpose: "list the account's shares" };
const refused = (status: number, code = 1000, of = call, retryAfterMs?: number) =>
  new Refusal(of, { status, errors: [{ code, message: 'no' }], retryAfterMs });

test.each<[string, string, unknown]>([
  ['a refusal', 'not-done', refused(400)],
  ['a lost response and a refusal', 'unknown', new Refusal(call, { status: 404, errors: [] }, 'unknown')],
  ['a lost response', 'unknown', new NoUsableResponse(call, 'none')],
  ['a response of the wrong shape', 'unknown', new NoUsableResponse(call, 'none', { final: true })],
  ['a failed connection', 'not-done', new NoUsableResponse(call, 'none', { neverSent: true })],
  ['a lost response to a read', 'not-done', new NoUsableResponse(read, 'none')],
  ['a cancellation before the request', 'not-done', new Cancelled()],
  ['a cancellation during the request', 'unknown', new Cancelled(call)],
  ['an internal error', 'not-done', new Error('x')],
  ['a thrown undefined', 'not-done', undefined],
])('after %s the outcome of a request is %s', (_, fate, error) => {
  expect(fateOf(error)).toBe(fate);
});

describe('withFate', () => {
  test('returns a copy of the error that differs only in its fate', () => {
    const refusal = new Refusal(call, {
      status: 404,
      errors: [{ code: 1004, message: 'no' }],
      ray: 'r',
      retryAfterMs: 5,
    });
    const last = withFate(refusal, 'unknown', call);
    expect(last).not.toBe(refusal);
    expect(refusal.fate).toBe('not-done');
    expect({ ...(last as Refusal) }).toEqual({ ...refusal, fate: 'unknown' });
    expect((last as Refusal).message).toBe(refusal.message);
    expect((last as Refusal).has(1004)).toBe(true);
    expect(isNotFound(last)).toBe(true);
  });

  test('keeps the error of a failed connection, but no longer says that nothing was sent', () => {
    const failed = new NoUsableResponse(call, 'none', { neverSent: true, retryAfterMs: 5, ray: 'r' });
    const last = withFate(failed, 'unknown', call) as NoUsableResponse;
    expect({ ...last }).toEqual({ ...failed, fate: 'unknown' });
    expect(last.message).toBe(failed.message);
    expect(adviceFor(failed)).toMatch(/^Nothing was sent\. Check the network/);
    expect(adviceFor(last)).toMatch(/^Check the network/);
  });

  test('says that the job was cancelled during the request', () => {
    const last = withFate(new Cancelled(), 'unknown', call) as Cancelled;
    expect([last.during, last.fate]).toEqual([call, 'unknown']);
  });

  test('returns the same error if nothing changes', () => {
    for (const error of [refused(400), new NoUsableResponse(call, 'none'), new Cancelled()]) {
      expect(withFate(error, 'not-done', call)).toBe(error);
    }
    const unknown = new NoUsableResponse(call, 'none');
    expect(withFate(unknown, 'unknown', call)).toBe(unknown);
    const foreign = new TypeError('x');
    expect(withFate(foreign, 'unknown', call)).toBe(foreign);
  });
});

test('error messages contain no class names', () => {
  const said = [
    new Refusal(call, {
      status: 403,
      errors: [{ code: 10000, message: 'Authentication error', pointer: '/name' }, { message: 'second' }],
      ray: 'abc-DUS',
    }),
    new Refusal(call, { status: 400, errors: [] }),
    new NoUsableResponse(read, 'HTTP 502', { ray: 'abc-DUS' }),
    new Cancelled(),
    new Cancelled(call),
  ].map(String);
  expect(said).toEqual([
    'Cloudflare refused to create the share: HTTP 403: 10000 Authentication error (at /name); second [CF-Ray abc-DUS]',
    'Cloudflare refused to create the share: HTTP 400: no reason given',
    "Cloudflare did not return a usable response when asked to list the account's shares: HTTP 502 [CF-Ray abc-DUS]",
    'the job was cancelled',
    'the job was cancelled during the request to create the share',
  ]);
});

test('each kind of error has its own name', () => {
  const kinds = [new Refusal(call, { status: 400, errors: [] }), new NoUsableResponse(call, 'x'), new Cancelled()];
  expect(kinds.map(({ name }) => name)).toEqual(['Refusal', 'NoUsableResponse', 'Cancelled']);
});

test('an error message quotes five of many errors and counts the others', () => {
  const errors = Array.from({ length: 10_000 }, (_, i) => ({ code: 1000 + i, message: 'no' }));
  expect(errorsInWords(errors)).toBe('1000 no; 1001 no; 1002 no; 1003 no; 1004 no; and 9995 more');
  expect(errorsInWords(errors.slice(0, 5))).toBe('1000 no; 1001 no; 1002 no; 1003 no; 1004 no');
  expect(errorsInWords([])).toBe('');
  const refusal = new Refusal(call, { status: 400, errors });
  expect(refusal.message.length).toBeLessThan(200);
  expect(refusal.has(10_999)).toBe(true);
});

test('isNotFound is true only for a 404 from the API', () => {
  const byAnother = new Refusal(call, { status: 404, errors: [], isOfApi: false });
  const errors = [
    refused(404),
    withFate(refused(404), 'unknown', call),
    byAnother,
    refused(403),
    new NoUsableResponse(call, 'HTTP 404'),
  ];
  expect(errors.map(isNotFound)).toEqual([true, true, false, false, false]);
  expect([withFate(byAnother, 'unknown', call), undefined].map(isNotFound)).toEqual([false, false]);
});

const hour = 60 * 60_000;

test.each<[string, unknown, RegExp]>([
  ['a rate limit', refused(429, 1000, call, 1_000), /max-attempts/],
  [
    'a rate limit for an hour',
    refused(429, 1000, call, hour),
    /^Cloudflare asked for a wait of 60 minutes, but the action waits at most 15 minutes: run again after that time\.$/,
  ],
  [
    'a 5xx that asks to wait an hour',
    new NoUsableResponse(call, 'HTTP 503', { retryAfterMs: hour }),
    /^Cloudflare asked for a wait of 60 minutes/,
  ],
  ['malformed credentials', refused(400, 6003), /^The credentials are malformed/],
  ['a missing permission to write', refused(403, 10000), /permission to write/],
  ['a missing permission to read', refused(403, 10000, read), /permission to read/],
  ['a wrong token', refused(401, 1000, read), /permission to read/],
  ...(['Invalid access token', 'Invalid API Token'].map((message) => [
    `an unknown token ("${message}")`,
    new Refusal(read, { status: 403, errors: [{ message: 'no' }, { code: 9109, message }] }),
    /^Cloudflare does not know this token/,
  ]) satisfies [string, unknown, RegExp][]),
  ...(['Not an invalid access token', 'Invalid access tokenizer', 'Authentication error'].map((message) => [
    `another error with the code of an unknown token ("${message}")`,
    new Refusal(read, { status: 403, errors: [{ code: 9109, message }] }),
    /permission to read/,
  ]) satisfies [string, unknown, RegExp][]),
  ['a credentials error code with another status', refused(400, 9109), /permission to write/],
  ['a 404', refused(404), /^Check account-id and share-id/],
  ...[400, 401, 403, 404, 418, 451].map((status): [string, unknown, RegExp] => [
    `a ${status} from something other than the API`,
    new Refusal(call, { status, errors: [], isOfApi: false }),
    /^The response is not from the API: check api-base-url, and whatever is between this runner and Cloudflare/,
  ]),
  ['a rate limit at the edge', new Refusal(call, { status: 429, errors: [], isOfApi: false }), /rate limit/],
  [
    'a share that stays busy',
    refused(409, 1009, { ...call, path: '/accounts/a1/shares/s1' }),
    /^Cloudflare was still changing the share\. The action retries for at most 30 seconds: run again in a few minutes\.$/,
  ],
  [
    'a busy share that needs longer than the action waits',
    refused(409, 1009, { ...call, path: '/accounts/a1/shares/s1' }, 45_000),
    /^Cloudflare asked for a wait of 45 seconds, but the action waits at most 30 seconds: run again after that time\.$/,
  ],
  [
    'a busy share that needs minutes',
    refused(409, 1009, { ...call, path: '/accounts/a1/shares/s1' }, 600_000),
    /^Cloudflare asked for a wait of 10 minutes, but the action waits at most 30 seconds: run again after that time\.$/,
  ],
  [
    'an untrusted certificate',
    new NoUsableResponse(call, 'x', { neverSent: true, final: true }),
    /^Nothing was sent\.$/,
  ],
])('gives advice about %s', (_, error, advice) => {
  expect(adviceFor(error)).toMatch(advice);
});

test.each<[string, unknown]>([
  ['a name that is taken', refused(409, 1009, { ...call, path: '/accounts/a1/shares' })],
  ['another refusal', refused(400)],
  ['a lost response', new NoUsableResponse(call, 'x')],
  ['a cancellation', new Cancelled()],
  ['anything else', new Error('x')],
])('gives no advice about %s', (_, error) => {
  expect(adviceFor(error)).toBe('');
});

test('the advice does not mention max-attempts when the wait is too long', () => {
  expect(adviceFor(refused(429, 1000, call, hour))).not.toMatch(/max-attempts/);
});

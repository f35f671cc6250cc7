import { describe, expect, test } from '@jest/globals';
import type { Call } from '../../src/cloudflare/call.ts';
import { Cancelled, NoUsableResponse, Refusal } from '../../src/cloudflare/errors.ts';
import { asksForTooLong, BUSY_MAX_MS, backOffMs, busyWaitMs, retryOf } from '../../src/cloudflare/retry.ts';

const call: Call = { method: 'GET', path: '/', purpose: 'try' };
const refused = (status: number, retryAfterMs?: number) => new Refusal(call, { status, errors: [], retryAfterMs });
const unusable = (how: ConstructorParameters<typeof NoUsableResponse>[2] = {}) =>
  new NoUsableResponse(call, 'none', how);
const minute = 60_000;
/** After the first attempt, with `random` at 0. */
const backOff = { waitMs: 250, holdsAll: false };

describe.each(['GET', 'PUT', 'DELETE', 'POST'] as const)('a %s request', (method) => {
  const decided = (failure: unknown) => retryOf(failure, { method, attempt: 1, maxAttempts: 5, random: 0 });

  test.each([
    ['a refusal', refused(400)],
    ['a missing permission', refused(403)],
    ['a 404', refused(404)],
    ['a refusal with Retry-After', refused(403, 1_000)],
    ['a response of the wrong shape', unusable({ final: true })],
    ['an untrusted certificate', unusable({ final: true, neverSent: true })],
    ['a cancelled job', new Cancelled()],
    ['an internal error', new Error('x')],
    ['a 429 that asks for more than 15 minutes', refused(429, 15 * minute + 1)],
    ['a 5xx that asks for more than 15 minutes', unusable({ retryAfterMs: 15 * minute + 1 })],
    [
      'a failed connection with a wait of more than 15 minutes',
      unusable({ neverSent: true, retryAfterMs: 60 * minute }),
    ],
  ])('is never repeated after %s', (_, failure) => {
    expect(decided(failure)).toBe('never');
  });

  test.each([
    ['a 429, which delays all requests', refused(429, 3_000), { waitMs: 3_000, holdsAll: true }],
    ['a 429 with a wait of zero, after the backoff', refused(429, 0), { waitMs: 250, holdsAll: true }],
    ['a 429 with a wait shorter than the backoff', refused(429, 249), { waitMs: 250, holdsAll: true }],
    ['a 429 with a wait of exactly 15 minutes', refused(429, 15 * minute), { waitMs: 15 * minute, holdsAll: true }],
    ['a 429 without Retry-After', refused(429), { waitMs: 250, holdsAll: true }],
    ['a failed connection', unusable({ neverSent: true }), backOff],
  ])('is repeated after %s', (_, failure, retry) => {
    expect(decided(failure)).toEqual(retry);
  });

  test.each([
    ['a lost response', unusable(), backOff],
    ['a 5xx with Retry-After', unusable({ retryAfterMs: 7_000 }), { waitMs: 7_000, holdsAll: false }],
  ])('is repeated after %s, unless it is a POST', (_, failure, retry) => {
    expect(decided(failure)).toEqual(method === 'POST' ? 'never' : retry);
  });
});

test.each([
  [1, 5, 250],
  [4, 5, 2_000],
  [5, 5, undefined],
  [1, 1, undefined],
])('a request is repeated only if attempts remain: after attempt %d of %d', (attempt, maxAttempts, waitMs) => {
  const retry = retryOf(unusable(), { method: 'GET', attempt, maxAttempts, random: 0 });
  expect(retry).toEqual(waitMs === undefined ? 'never' : { waitMs, holdsAll: false });
});

test.each([
  [1, 0, 250],
  [1, 1, 500],
  [2, 0, 500],
  [2, 0.5, 750],
  [3, 1, 2_000],
  [5, 1, 8_000],
  [6, 1, 8_000],
  [50, 0, 4_000],
])('the backoff after attempt %d with random %d is %d ms', (attempt, random, ms) => {
  expect(backOffMs(attempt, random)).toBe(ms);
});

describe('a write to a busy share', () => {
  const first = { refusals: 1, elapsedMs: 0, random: 0 };

  test.each<[string, Refusal, Partial<typeof first>, number]>([
    ['a 409', refused(409), {}, 250],
    ['a third 409', refused(409), { refusals: 3, random: 1 }, 2_000],
    ['a 409 with a longer wait', refused(409, 5_000), {}, 5_000],
    ['a 409 with a wait of zero', refused(409, 0), {}, 250],
    ['a 409 shortly before the time limit', refused(409), { refusals: 9, elapsedMs: BUSY_MAX_MS - 7 }, 7],
    ['a 409 with a wait that just fits', refused(409, 7), { refusals: 9, elapsedMs: BUSY_MAX_MS - 7 }, 7],
    ['a 409 with a wait as long as the time limit', refused(409, BUSY_MAX_MS), {}, BUSY_MAX_MS],
  ])('is repeated after %s', (_, failure, changes, waitMs) => {
    expect(busyWaitMs(failure, { ...first, ...changes })).toBe(waitMs);
  });

  test.each<[string, Refusal, Partial<typeof first>]>([
    ['a 409 at the time limit', refused(409), { refusals: 9, elapsedMs: BUSY_MAX_MS }],
    ['a 409 with a wait beyond the time limit', refused(409, BUSY_MAX_MS + 1), {}],
    ['a 409 with a wait that no longer fits', refused(409, 8), { refusals: 9, elapsedMs: BUSY_MAX_MS - 7 }],
    ['a 409 with a wait of zero at the time limit', refused(409, 0), { refusals: 9, elapsedMs: BUSY_MAX_MS }],
    ['another refusal', refused(400), {}],
    ['a refused name', refused(422), {}],
    ['a 429', refused(429, 0), {}],
  ])('fails after %s', (_, failure, changes) => {
    expect(busyWaitMs(failure, { ...first, ...changes })).toBe('never');
  });
});

test.each([
  [429, 15 * minute],
  [409, BUSY_MAX_MS],
])('after a %d, a wait is too long if it exceeds %d ms', (status, mostMs) => {
  expect([undefined, 0, mostMs, mostMs + 1].map((ms) => asksForTooLong(refused(status, ms)))).toEqual([
    false,
    false,
    false,
    true,
  ]);
});

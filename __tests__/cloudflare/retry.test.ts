import { describe, expect, test } from '@jest/globals';
import type { Call } from '../../src/cloudflare/call.ts';
import { Cancelled, NoAnswer, Refusal } from '../../src/cloudflare/errors.ts';
import { asksForTooLong, BUSY_MAX_MS, backOffMs, busyWaitMs, retryOf } from '../../src/cloudflare/retry.ts';

const call: Call = { method: 'GET', path: '/', purpose: 'try' };
const refused = (status: number, retryAfterMs?: number) => new Refusal(call, { status, errors: [], retryAfterMs });
const noAnswer = (how: ConstructorParameters<typeof NoAnswer>[2] = {}) => new NoAnswer(call, 'none', how);
const minute = 60_000;
/** Of the first try, with `random` at 0. */
const backOff = { waitMs: 250, holdsAll: false };

describe.each(['GET', 'PUT', 'DELETE', 'POST'] as const)('%s', (method) => {
  const decided = (failure: unknown) => retryOf(failure, { method, attempt: 1, maxAttempts: 5, random: 0 });

  test.each([
    ['a refusal', refused(400)],
    ['no permission', refused(403)],
    ['not found', refused(404)],
    ['a refusal that says Retry-After', refused(403, 1_000)],
    ['a wrong shape or a certificate', noAnswer({ final: true })],
    ['a certificate, nothing sent', noAnswer({ final: true, neverSent: true })],
    ['a cancelled job', new Cancelled()],
    ['a fault of this side', new Error('x')],
    ['a 429 that asks for more than 15 minutes', refused(429, 15 * minute + 1)],
    ['a 5xx that asks for more than 15 minutes', noAnswer({ retryAfterMs: 15 * minute + 1 })],
    ['no connection, and more than 15 minutes asked for', noAnswer({ neverSent: true, retryAfterMs: 60 * minute })],
  ])('never after %s', (_, failure) => {
    expect(decided(failure)).toBe('never');
  });

  test.each([
    ['a 429, for everybody', refused(429, 3_000), { waitMs: 3_000, holdsAll: true }],
    ['a 429 that asks for no wait, after the back-off', refused(429, 0), { waitMs: 250, holdsAll: true }],
    ['a 429 that asks for less than the back-off', refused(429, 249), { waitMs: 250, holdsAll: true }],
    ['a 429 that asks for just 15 minutes', refused(429, 15 * minute), { waitMs: 15 * minute, holdsAll: true }],
    ['a 429 that does not say how long', refused(429), { waitMs: 250, holdsAll: true }],
    ['no connection', noAnswer({ neverSent: true }), backOff],
  ])('again after %s', (_, failure, retry) => {
    expect(decided(failure)).toEqual(retry);
  });

  test.each([
    ['no answer', noAnswer(), backOff],
    ['a 5xx with Retry-After', noAnswer({ retryAfterMs: 7_000 }), { waitMs: 7_000, holdsAll: false }],
  ])('after %s, which is ambiguous: again, but never a POST', (_, failure, retry) => {
    expect(decided(failure)).toEqual(method === 'POST' ? 'never' : retry);
  });
});

test.each([
  [1, 5, 250],
  [4, 5, 2_000],
  [5, 5, undefined],
  [1, 1, undefined],
])('try %d of %d', (attempt, maxAttempts, waitMs) => {
  const retry = retryOf(noAnswer(), { method: 'GET', attempt, maxAttempts, random: 0 });
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
])('the back-off after try %d with random %d is %d ms', (attempt, random, ms) => {
  expect(backOffMs(attempt, random)).toBe(ms);
});

describe('a write to a share that is being changed', () => {
  const first = { refusals: 1, elapsedMs: 0, random: 0 };

  test.each<[string, Refusal, Partial<typeof first>, number | 'never']>([
    ['a 409', refused(409), {}, 250],
    ['a third 409', refused(409), { refusals: 3, random: 1 }, 2_000],
    ['a 409 that asks for a longer wait', refused(409, 5_000), {}, 5_000],
    ['a 409 that asks for no wait', refused(409, 0), {}, 250],
    ['a 409 shortly before the end', refused(409), { refusals: 9, elapsedMs: BUSY_MAX_MS - 7 }, 7],
    ['a 409 at the end', refused(409), { refusals: 9, elapsedMs: BUSY_MAX_MS }, 'never'],
    ['a 409 that asks for more than 15 minutes', refused(409, 16 * minute), {}, 'never'],
    ['another refusal', refused(400), {}, 'never'],
    ['a name that is refused', refused(422), {}, 'never'],
    ['a 429', refused(429, 0), {}, 'never'],
  ])('after %s', (_, failure, changes, waitMs) => {
    expect(busyWaitMs(failure, { ...first, ...changes })).toBe(waitMs);
  });
});

test('15 minutes are the longest wait within reason', () => {
  expect([undefined, 0, 15 * minute, 15 * minute + 1].map((ms) => asksForTooLong(refused(429, ms)))).toEqual([
    false,
    false,
    false,
    true,
  ]);
});

import { expect, test } from '@jest/globals';
import { RateLimit, readRateLimit, readRetryAfter } from '../../src/cloudflare/rate-limit.ts';

test.each([
  ['"default";r=50;t=30', { remaining: 50, resetMs: 30_000 }],
  ['"default";r=50;t=30, "burst";r=3;t=5', { remaining: 3, resetMs: 5_000 }],
  ['"a";r=0;t=5, "b";r=0;t=60', { remaining: 0, resetMs: 60_000 }],
  ['"default"; t=7; r=1', { remaining: 1, resetMs: 7_000 }],
  ['nonsense', undefined],
  [null, undefined],
])('Ratelimit %s', (header, limit) => {
  expect(readRateLimit(header)).toEqual(limit);
});

test('Retry-After is seconds or a date, and never in the past', () => {
  expect(readRetryAfter('3', 0)).toBe(3_000);
  expect(readRetryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 4_000)).toBe(6_000);
  expect(readRetryAfter('Thu, 01 Jan 1970 00:00:01 GMT', 4_000)).toBe(0);
  for (const header of [null, '', 'soon']) expect(readRetryAfter(header, 0)).toBeUndefined();
});

test('requests are held back when the last of the limit is under way, until it is reset', () => {
  const limit = new RateLimit();
  expect(limit.waitMs(0)).toBe(0);
  limit.started();
  limit.learn({ remaining: 2, resetMs: 1_000 }, 0);
  limit.ended();
  limit.started();
  expect(limit.waitMs(10)).toBe(0);
  limit.started();
  expect(limit.waitMs(10)).toBe(990);
  expect(limit.waitMs(1_000)).toBe(0);
});

test('requests under way when an answer comes may not be counted in it: they are taken off', () => {
  const limit = new RateLimit();
  for (let i = 0; i < 3; i++) limit.started();
  limit.learn({ remaining: 2, resetMs: 1_000 }, 0);
  expect(limit.waitMs(0)).toBe(1_000);
  limit.learn(undefined, 0);
  expect(limit.waitMs(0)).toBe(1_000);
});

test('a refusal holds everything for just as long as it says', () => {
  const limit = new RateLimit();
  limit.started();
  limit.learn({ remaining: 100, resetMs: 300_000 }, 0);
  limit.hold(2_000);
  expect(limit.waitMs(0)).toBe(2_000);
  expect(limit.waitMs(2_000)).toBe(0);
});

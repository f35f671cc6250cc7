import { expect, test } from '@jest/globals';
import {
  type Budget,
  ended,
  held,
  learned,
  NOTHING_KNOWN,
  readRateLimit,
  readRetryAfter,
  started,
  waitMs,
} from '../../src/cloudflare/rate-limit.ts';

test.each([
  ['"default";r=50;t=30', { remaining: 50, resetMs: 30_000 }],
  ['"default";r=50;t=30, "burst";r=3;t=5', { remaining: 3, resetMs: 5_000 }],
  ['"a";r=0;t=5, "b";r=0;t=60', { remaining: 0, resetMs: 60_000 }],
  ['"a";r=7, "b";r=9;t=60', { remaining: 9, resetMs: 60_000 }],
  ['"a";t=60', undefined],
  ['"default"; t=7; r=1', { remaining: 1, resetMs: 7_000 }],
  ['nonsense', undefined],
  ['', undefined],
  [null, undefined],
])('parses the Ratelimit header %j', (header, limit) => {
  expect(readRateLimit(header)).toEqual(limit);
});

test.each([
  ['3', 3_000],
  ['0', 0],
  ['0.5', 500],
  ['-3', 0],
  ['Thu, 01 Jan 1970 00:00:10 GMT', 6_000],
  ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
])('parses Retry-After: %s as a wait of %i ms (now: 4 seconds after the epoch)', (header, ms) => {
  expect(readRetryAfter(header, 4_000)).toBe(ms);
});

test.each(['', ' ', 'soon', null])('ignores the invalid Retry-After %j', (header) => {
  expect(readRetryAfter(header, 4_000)).toBeUndefined();
});

const SECOND = 1_000;
type Event = (budget: Budget) => Budget;
const says =
  (remaining: number, resetMs: number, request?: number): Event =>
  (budget) =>
    learned(budget, { remaining, resetMs }, 0, request ?? budget.sent);
const refusedUntil =
  (untilMs: number): Event =>
  (budget) =>
    held(budget, untilMs);
const silent: Event = (budget) => learned(budget, undefined, 0, budget.sent);

test.each<[string, Event[], Record<number, number>]>([
  ['no response has arrived', [], { 0: 0 }],
  ['many requests run before the first response', Array(50).fill(started), { 0: 0 }],
  ['one request is left', [started, says(1, SECOND), ended], { 0: 0 }],
  ['no request is left until the reset', [started, says(0, SECOND), ended], { 0: 1_000, 400: 600, 1000: 0, 2000: 0 }],
  ['the last request is running', [started, says(1, SECOND), ended, started], { 10: 990, 1000: 0 }],
  ['the last response contains no limit', [started, says(1, SECOND), ended, started, silent, ended], { 10: 990 }],
  [
    'the server might not have counted other running requests',
    [started, started, started, says(2, SECOND)],
    { 0: 1_000 },
  ],
  ['one is left after the other running requests', [started, started, says(2, SECOND)], { 0: 0 }],
  ['the server has counted the request of the response', [started, says(1, SECOND)], { 0: 0 }],
  ['a later response allows more', [started, says(0, SECOND), says(9, SECOND)], { 0: 0 }],
  [
    'an older response that arrives late allows more',
    [started, started, says(1, SECOND, 2), says(9, SECOND, 1)],
    { 0: 1_000 },
  ],
  [
    'an older response that arrives late allows less',
    [started, started, says(9, SECOND, 2), says(1, SECOND, 1)],
    { 0: 1_000 },
  ],
  ['the reset is in 15 minutes', [started, says(0, 900 * SECOND)], { 0: 900_000 }],
  ['the reset is in more than 15 minutes, which is ignored', [started, says(0, 901 * SECOND)], { 0: 0 }],
  ['a request was refused with 429', [refusedUntil(2_000)], { 0: 2_000, 1500: 500, 2000: 0 }],
  ['a request was refused, and another response allows many', [refusedUntil(2_000), says(100, SECOND)], { 0: 2_000 }],
  ['a request was refused, and another response allows none', [refusedUntil(2_000), says(0, 9 * SECOND)], { 0: 9_000 }],
  ['requests were refused twice, so the later wait applies', [refusedUntil(2_000), refusedUntil(1_000)], { 0: 2_000 }],
  [
    'requests were refused twice in the other order, so the later wait applies',
    [refusedUntil(1_000), refusedUntil(2_000)],
    { 0: 2_000 },
  ],
  ['a refusal replaces an earlier limit', [says(0, 300 * SECOND), refusedUntil(2_000)], { 0: 2_000, 2000: 0 }],
])('the budget computes how long a request waits when %s', (_, events, waits) => {
  const budget = events.reduce((before, event) => event(before), NOTHING_KNOWN);
  for (const [nowMs, ms] of Object.entries(waits)) expect([nowMs, waitMs(budget, Number(nowMs))]).toEqual([nowMs, ms]);
});

test.each([
  [999, { left: 1, resetAtMs: 1_000, learnedFrom: 2 }],
  [1_000, { left: 9, resetAtMs: 2_000, learnedFrom: 1 }],
])('an older response counts only after the reset at 1000 ms (arrival: %d ms)', (nowMs, expected) => {
  const budget = says(1, SECOND, 2)(NOTHING_KNOWN);
  expect(learned(budget, { remaining: 9, resetMs: SECOND }, nowMs, 1)).toMatchObject(expected);
});

test("a finished request changes only the budget's count of requests", () => {
  const budget = says(5, SECOND)(NOTHING_KNOWN);
  expect(ended(started(budget))).toEqual({ ...budget, left: 4, sent: 1 });
});

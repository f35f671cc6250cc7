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
])('Ratelimit %s', (header, limit) => {
  expect(readRateLimit(header)).toEqual(limit);
});

test.each([
  ['3', 3_000],
  ['0', 0],
  ['0.5', 500],
  ['-3', 0],
  ['Thu, 01 Jan 1970 00:00:10 GMT', 6_000],
  ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
  ['', undefined],
  [' ', undefined],
  ['soon', undefined],
  [null, undefined],
])('Retry-After %s, at the fourth second, is %s ms', (header, ms) => {
  expect(readRetryAfter(header, 4_000)).toBe(ms);
});

const SECOND = 1_000;
type Event = (budget: Budget) => Budget;
const says =
  (remaining: number, resetMs: number, request?: number): Event =>
  (budget) =>
    learned(budget, { remaining, resetMs }, 0, request);
const refusedUntil =
  (untilMs: number): Event =>
  (budget) =>
    held(budget, untilMs);
const silent: Event = (budget) => learned(budget, undefined, 0);

test.each<[string, Event[], Record<number, number>]>([
  ['before the first answer', [], { 0: 0 }],
  ['many at once before the first answer', Array(50).fill(started), { 0: 0 }],
  ['one is left', [started, says(1, SECOND), ended], { 0: 0 }],
  ['none is left, until the reset', [started, says(0, SECOND), ended], { 0: 1_000, 400: 600, 1000: 0, 2000: 0 }],
  ['the last one is under way', [started, says(1, SECOND), ended, started], { 10: 990, 1000: 0 }],
  ['the last one came back and said nothing', [started, says(1, SECOND), ended, started, silent, ended], { 10: 990 }],
  ['others under way may not be counted yet', [started, started, started, says(2, SECOND)], { 0: 1_000 }],
  ['others under way leave one', [started, started, says(2, SECOND)], { 0: 0 }],
  ['the one that is answered is counted', [started, says(1, SECOND)], { 0: 0 }],
  ['a later answer says more', [started, says(0, SECOND), says(9, SECOND)], { 0: 0 }],
  [
    'an earlier answer, come later, says more',
    [started, started, says(1, SECOND, 2), says(9, SECOND, 1)],
    { 0: 1_000 },
  ],
  [
    'an earlier answer, come later, says less',
    [started, started, says(9, SECOND, 2), says(1, SECOND, 1)],
    { 0: 1_000 },
  ],
  ['a reset in a quarter of an hour', [started, says(0, 900 * SECOND)], { 0: 900_000 }],
  ['a reset later than that is not waited for', [started, says(0, 901 * SECOND)], { 0: 0 }],
  ['refused for the rate', [refusedUntil(2_000)], { 0: 2_000, 1500: 500, 2000: 0 }],
  ['refused, and another answer says that much is left', [refusedUntil(2_000), says(100, SECOND)], { 0: 2_000 }],
  ['refused, and another answer says that none is left', [refusedUntil(2_000), says(0, 9 * SECOND)], { 0: 9_000 }],
  ['refused twice: the later end', [refusedUntil(2_000), refusedUntil(1_000)], { 0: 2_000 }],
  ['refused twice: the later end, in the other order', [refusedUntil(1_000), refusedUntil(2_000)], { 0: 2_000 }],
  ['a refusal wins over what was learned before', [says(0, 300 * SECOND), refusedUntil(2_000)], { 0: 2_000, 2000: 0 }],
])('%s', (_, events, waits) => {
  const budget = events.reduce((before, event) => event(before), NOTHING_KNOWN);
  for (const [nowMs, ms] of Object.entries(waits)) expect([nowMs, waitMs(budget, Number(nowMs))]).toEqual([nowMs, ms]);
});

test.each([
  [999, { left: 1, resetAtMs: 1_000, learnedFrom: 2 }],
  [1_000, { left: 9, resetAtMs: 2_000, learnedFrom: 1 }],
])('an earlier answer that comes after %d ms of a second counts anew from the reset on', (nowMs, expected) => {
  const budget = says(1, SECOND, 2)(NOTHING_KNOWN);
  expect(learned(budget, { remaining: 9, resetMs: SECOND }, nowMs, 1)).toMatchObject(expected);
});

test('what is started is ended, and what is known stays', () => {
  const budget = says(5, SECOND)(NOTHING_KNOWN);
  expect(ended(started(budget))).toEqual({ ...budget, left: 4, sent: 1 });
});

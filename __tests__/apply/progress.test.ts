import { expect, test } from '@jest/globals';
import { progressOf } from '../../src/apply/shares.ts';

test.each<[shares: number, lines: number[]]>([
  [20, []],
  [21, [3, 6, 9, 12, 15, 18, 21]],
  [120, [12, 24, 36, 48, 60, 72, 84, 96, 108, 120]],
])('the log of a run with %i shares shows progress after %j shares', (shares, expected) => {
  const lines: string[] = [];
  const oneDone = progressOf(shares, (line) => lines.push(line));
  for (let i = 0; i < shares; i++) oneDone();
  expect(lines).toEqual(expected.map((done) => `${done} of ${shares} shares done`));
});

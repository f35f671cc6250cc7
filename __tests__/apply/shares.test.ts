import { expect, test } from '@jest/globals';
import { progressOf } from '../../src/apply/shares.ts';

const progressFor = (shares: number): string[] => {
  const lines: string[] = [];
  const oneDone = progressOf(shares, 'shares planned', (line) => lines.push(line));
  for (let i = 0; i < shares; i++) oneDone();
  return lines;
};

test('a run with 20 shares logs no progress', () => {
  expect(progressFor(20)).toEqual([]);
});

test.each<[shares: number, lines: number[]]>([
  [21, [3, 6, 9, 12, 15, 18, 21]],
  [120, [12, 24, 36, 48, 60, 72, 84, 96, 108, 120]],
])('a run with %i shares logs its progress after %j shares', (shares, expected) => {
  expect(progressFor(shares)).toEqual(expected.map((done) => `${done} of ${shares} shares planned`));
});

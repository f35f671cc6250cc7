import { expect, test } from '@jest/globals';
import { failureReason, isDeclined, PROBLEM_KINDS } from '../../src/share/problem.ts';

test('only refusals and unreviewed steps count as declined by the action', () => {
  expect(PROBLEM_KINDS.filter((kind) => isDeclined({ message: kind, kind }))).toEqual(['not-reviewed', 'refusal']);
});

test('the failure reason of a step comes from its most important problem', () => {
  const order = ['cancelled', 'inputs', 'github', 'not-reviewed', 'refused', 'cloudflare', 'drift', 'internal'];
  expect(PROBLEM_KINDS.map((_, i) => failureReason(PROBLEM_KINDS.slice(i).reverse()))).toEqual(order);
  expect(failureReason([])).toBeUndefined();
});

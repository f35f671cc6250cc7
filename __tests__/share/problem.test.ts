import { expect, test } from '@jest/globals';
import { failureReason, isDeclined, PROBLEM_KINDS, reasonIn } from '../../src/share/problem.ts';

test('only refusals and unreviewed steps count as declined by the action', () => {
  expect(PROBLEM_KINDS.filter((kind) => isDeclined({ message: kind, kind }))).toEqual(['not-reviewed', 'refusal']);
});

test('the failure reason of a step comes from its most important problem', () => {
  const order = ['cancelled', 'inputs', 'github', 'not-reviewed', 'refused', 'cloudflare', 'drift', 'internal'];
  expect(PROBLEM_KINDS.map((_, i) => failureReason(PROBLEM_KINDS.slice(i).reverse()))).toEqual(order);
  expect(failureReason([])).toBeUndefined();
});

test.each([
  ['an error', new Error('Look at it'), 'Look at it'],
  ['a thrown value that is not an error', 'odd', 'odd'],
])('the reason in %s is its text', (_, thrown, reason) => {
  expect(reasonIn(thrown)).toBe(reason);
});

import { expect, test } from '@jest/globals';
import { nameOf, withName, withNames } from '../../src/share/names.ts';

const names = new Map([
  ['1111', 'Berlin'],
  ['ab-cd', 'Gateway rules'],
]);

test('names are found whatever the case of the id', () => {
  expect(nameOf('AB-CD', names)).toBe('Gateway rules');
  expect(nameOf('2222', names)).toBeUndefined();
});

test('shows the name first, and always the id', () => {
  expect(withName('AB-cd', names)).toBe('Gateway rules (AB-cd)');
  expect(withName('2222', names)).toBe('2222');
});

test.each([
  ['+ recipient 1111', '+ recipient Berlin (1111)'],
  ['AB-CD, 1111: 2222', 'Gateway rules (AB-CD), Berlin (1111): 2222'],
  ['Berlin (1111) and 1111', 'Berlin (1111) and Berlin (1111)'],
  ['Paris (1111)', 'Paris (Berlin (1111))'],
  ['11112 x1111 1111_ ab', '11112 x1111 1111_ ab'],
  ['', ''],
])('in a text: %s', (text, named) => {
  expect(withNames(text, names)).toBe(named);
});

test('without names a text stays as it is', () => {
  expect(withNames('+ recipient 1111', new Map())).toBe('+ recipient 1111');
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonical, equalJson } from '../../src/share/json.ts';

const shuffled = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(shuffled)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, each]) => [key, shuffled(each)]),
        )
      : value;

test('equalJson ignores the order of keys', () =>
  fc.assert(fc.property(fc.jsonValue(), (value) => expect(equalJson(value, shuffled(value))).toBe(true))));

test('equalJson agrees with a comparison of texts with sorted keys', () => {
  const sorted = (_: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  const small = fc.jsonValue({ maxDepth: 2, stringUnit: fc.constantFrom('a', 'b') });
  fc.assert(
    fc.property(small, small, (a, b) =>
      expect(equalJson(a, b)).toBe(JSON.stringify(a, sorted) === JSON.stringify(b, sorted)),
    ),
    { numRuns: 500 },
  );
});

test.each([
  [{}, []],
  [[], {}],
  [{ a: 1 }, {}],
  [{}, { a: 1 }],
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { b: 1 }],
  [[1], [1, 2]],
  [[1, 2], [1]],
  [
    [1, 2],
    [2, 1],
  ],
  [null, {}],
  [{}, null],
  [1, '1'],
  ['1', 1],
  [{}, 'x'],
  ['x', {}],
  [[], ''],
  [{ length: 0 }, []],
  [[], { length: 0 }],
  [{ 0: 'a' }, ['a']],
  [['a'], { 0: 'a' }],
])('equalJson distinguishes %j from %j', (a, b) => {
  expect(equalJson(a, b)).toBe(false);
});

test('canonical returns the same text only for equal JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(canonical(a) === canonical(b)).toBe(equalJson(a, b));
      expect(canonical(JSON.parse(canonical(a)))).toBe(canonical(a));
    }),
  );
  expect(canonical({ b: 1, a: undefined })).toBe('{"b":1}');
  expect(canonical({ b: { d: 1, c: [2] }, a: null })).toBe('{"a":null,"b":{"c":[2],"d":1}}');
  expect(canonical([undefined])).toBe('[null]');
});

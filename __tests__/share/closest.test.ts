import { expect, test } from '@jest/globals';
import { closest } from '../../src/share/closest.ts';

const offices = ['Berlin office', 'Bern office', 'Branch Aarhus', 'Oslo', 'Zu\u0308rich'];

test.each([
  ['Berlin ofice', ['Berlin office', 'Bern office']],
  ['BERLIN OFFICE', ['Berlin office', 'Bern office']],
  ['Branch', ['Branch Aarhus']],
  ['Oslo 2', ['Oslo']],
  ['Olso', ['Oslo']],
  ['Z\u00fcrich', ['Zu\u0308rich']],
  ['Tokyo', []],
  ['', []],
])('closest finds the names most similar to %j', (text, found) => {
  expect(closest(text, offices)).toEqual(found);
});

test('closest returns each match once, and only the first few', () => {
  expect(closest('Branch', ['Branch 1', 'Branch 1', 'Branch 2', 'Branch 3', 'Branch 4'])).toEqual([
    'Branch 1',
    'Branch 2',
    'Branch 3',
  ]);
  expect(closest('recipient', ['recipients'], 1)).toEqual(['recipients']);
});

test('closest handles texts of a million characters', () => {
  const long = 'a'.repeat(1_000_000);
  expect(
    closest(
      long,
      Array.from({ length: 100 }, (_, i) => `${i}${long}`),
    ),
  ).toHaveLength(3);
});

import { expect, test } from '@jest/globals';
import { closest, didYouMean } from '../../src/share/closest.ts';

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

test.each([
  [
    'returns the most similar text first',
    'Berlin ofice',
    ['Bern office', 'Berlin office'],
    ['Berlin office', 'Bern office'],
  ],
  [
    'sorts equally similar texts alphabetically',
    'Oslo',
    ['Osla', 'Oslb', 'Oslc', 'Osl_'].reverse(),
    ['Osl_', 'Osla', 'Oslb'],
  ],
  [
    'prefers a longer text with the same beginning to a text with two differences',
    'Branch',
    ['Brunck', 'Branch Aarhus'],
    ['Branch Aarhus', 'Brunck'],
  ],
  ['prefers the same text in another case', 'OSLO', ['Oslo 2', 'oslo'], ['oslo', 'Oslo 2']],
  ['finds a longer text that starts with the three given characters', 'Rom', ['Rome, via Appia'], ['Rome, via Appia']],
  ['finds a shorter text that the given one starts with', 'Rome, via Appia', ['Rome'], ['Rome']],
  ['finds no longer text if only two characters are given', 'Ro', ['Rome, via Appia'], []],
  [
    'finds a key whose words start with the given ones',
    'org_id',
    ['account_id', 'organization_id'],
    ['organization_id'],
  ],
  ['finds a key with more words', 'recipient-id', ['recipient_account_id', 'id'], ['recipient_account_id']],
  ['finds a key that ends with the given word', 'type', ['meta', 'resource_type'], ['resource_type']],
  [
    'finds a key by the first three letters of its last word',
    'acc',
    ['meta', 'resource_account'],
    ['resource_account'],
  ],
  ['treats several separators as one', 'org__id', ['organization_id'], ['organization_id']],
  ['finds no key that has a repeated word only once', 'type_type', ['resource_type'], []],
  ['finds no text with three differences', 'aaa', ['bbb', 'bbba'], []],
  ['finds no text that starts with two more characters and differs in one', 'abc', ['xyabd'], []],
  [
    'puts a text with the same three letters at the start next to one with a single difference',
    'Rom',
    ['Rum', 'Rome, via Appia'],
    ['Rome, via Appia', 'Rum'],
  ],
  ['finds no key with the words in another order', 'id_account', ['account_external_id'], []],
  ['finds no key by two characters', 'id', ['resource_id'], []],
  ['prefers a similar key to one with more words', 'type', ['resource_type', 'tape'], ['tape', 'resource_type']],
  ['allows two differences in a short text', 'abc', ['abxy', 'axyz'], ['abxy']],
  ['finds a text that is two characters longer', 'bcd', ['abcde', 'abbcde'], ['abcde']],
])('closest %s', (_, text, choices, found) => {
  expect(closest(text, choices)).toEqual(found);
});

test('closest compares only the first 60 characters', () => {
  const shared = 'a'.repeat(60);
  expect(closest(`${shared}${'b'.repeat(60)}`, [`${shared}${'c'.repeat(60)}`])).toHaveLength(1);
});

test.each([
  [[], ''],
  [['a'], '. Did you mean a?'],
  [['a', 'b'], '. Did you mean a or b?'],
])('didYouMean suggests the closest names: %j gives %j', (choices, words) => {
  expect(didYouMean(choices)).toBe(words);
});

test('closest finds matches among texts of a million characters', () => {
  const long = 'a'.repeat(1_000_000);
  expect(
    closest(
      long,
      Array.from({ length: 100 }, (_, i) => `${i}${long}`),
    ),
  ).toHaveLength(3);
});

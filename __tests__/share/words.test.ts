import { describe, expect, test } from '@jest/globals';
import {
  count,
  escaped,
  exclusionWords,
  firstFew,
  quoted,
  recipientWords,
  resourceWords,
  UNSEEN,
  unreadableWords,
} from '../../src/share/words.ts';

test('quoted returns a name in quotes that none of its characters can close', () => {
  expect(quoted('Gateway baseline')).toBe('"Gateway baseline"');
  expect(quoted('a"b\n::error::c\u0007')).toBe('"a\\"b\\n::error::c\\u0007"');
});

test('escaped escapes each code unit of an invisible character', () => {
  expect(escaped('\u200b')).toBe('\\u200b');
  expect(escaped('\u0007')).toBe('\\u0007');
  expect(escaped('\u{e0041}')).toBe('\\udb40\\udc41');
});

test.each([
  [{ account_id: 'a1' }, 'recipient a1'],
  [{ recipient_account_id: 'a2' }, 'recipient a2'],
  [{ organization_id: 'o1' }, 'organization o1'],
  [{}, 'the whole organization'],
])('recipient %j is called %j', (item, words) => {
  expect(recipientWords(item)).toBe(words);
});

test('resources and exclusions are named by kind and id', () => {
  const resource = { resource_type: 'gateway-policy', resource_id: 'r1', resource_account_id: 'o' };
  expect(resourceWords(resource)).toBe('resource gateway-policy r1');
  expect(exclusionWords({ account_id: 'a1' })).toBe('exclusion of account a1');
});

test('count uses the singular for one and the plural otherwise', () => {
  expect([0, 1, 2].map((n) => count(n, 'share'))).toEqual(['0 shares', '1 share', '2 shares']);
});

describe('firstFew', () => {
  test.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a; b'],
    [['a', 'b', 'c'], 'a; b; and 1 more'],
    [['a', 'b', 'c', 'd'], 'a; b; and 2 more'],
  ])('shortens the list %j', (items, words) => {
    expect(firstFew(items, 2)).toBe(words);
  });

  test('joins with the given separator', () => {
    expect(firstFew(['a', 'b', 'c'], 2, ', ')).toBe('a, b, and 1 more');
  });
});

test('UNSEEN lists the characters with these properties in this version of Unicode', () => {
  const properties = /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb]/u;
  const different = Array.from({ length: 0x110000 }, (_, codePoint) => codePoint).filter((codePoint) => {
    const character = String.fromCodePoint(codePoint);
    return properties.test(character) !== (character.search(UNSEEN) === 0);
  });
  expect(different.map((codePoint) => codePoint.toString(16))).toEqual([]);
});

test('UNSEEN matches only invisible characters', () => {
  const unseen = ['\u0007', '\u2028', '\u2029', '\u200b', '\u2800', '\ufff9', '\ufffb', '\u{e0041}'];
  expect(unseen.filter((character) => !character.match(UNSEEN))).toEqual([]);
  expect(['a', ' ', 'é', '\u2801', '\ufffc', '\u4e2d'].filter((character) => character.match(UNSEEN))).toEqual([]);
});

test.each([
  [{ id: 'u', name: 'N' }, 'share u'],
  [{ name: 'N' }, 'share "N"'],
  [{}, 'share ""'],
])('an unreadable share %j is named by its id, or else its name', (unreadable, words) => {
  expect(unreadableWords({ ...unreadable, wrong: '"id" is null' })).toBe(
    `Cloudflare lists ${words} in a way that this version can't read ("id" is null)`,
  );
});

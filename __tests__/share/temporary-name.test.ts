import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { candidatesFor } from '../../src/share/election.ts';
import { isTemporaryName, keepsMark, spellingOf, temporaryName } from '../../src/share/temporary-name.ts';
import { desired, share } from './values.ts';

const OURS = 'ours00000000';
const T = temporaryName('N', OURS);
const U = temporaryName('N', 'theirs000000');

describe('temporary names', () => {
  test('contain the name and the nonce', () => expect(T).toBe('N [creating ours00000000]'));

  test.each([
    ['N [creating ours00000000]', true],
    ['N [creating 0123456789abcdef]', true],
    ['N [CREATING OURS00000000]', true],
    ['N', false],
    ['N [creating short]', false],
    ['N [creating ours0000000!]', false],
    ['N[creating ours00000000]', false],
    ['N [creating ours00000000] ', false],
    ['N [creating ours00000000] too', false],
  ])('are distinguished from other names: %j (temporary: %j)', (name, temporary) =>
    expect(isTemporaryName(name)).toBe(temporary),
  );

  test('keep a name of up to 232 characters and shorten a longer one with its digest', () => {
    const whole = 255 - ' [creating ours00000000]'.length;
    expect(temporaryName('n'.repeat(whole), OURS)).toBe(`${'n'.repeat(whole)} [creating ours00000000]`);
    const shortened = temporaryName('n'.repeat(whole + 1), OURS);
    expect(shortened).toHaveLength(255);
    expect(shortened).toMatch(/^n+~[0-9a-f]{16} \[creating ours00000000\]$/);
    expect(temporaryName(`${'n'.repeat(whole)}m`, OURS)).not.toBe(shortened);
  });

  test('never split a surrogate pair', () => {
    for (const start of ['', 'n']) {
      const cut = temporaryName(start + '🔗'.repeat(127), OURS);
      expect(cut).not.toMatch(/\p{Surrogate}/u);
      expect(cut.length).toBeLessThanOrEqual(255);
    }
  });

  const anyName = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 });
  const nonce = fc.stringMatching(/^[0-9a-z]{12,20}$/);
  test('fit the limit, are recognized, and belong to exactly one name', () =>
    fc.assert(
      fc.property(anyName, anyName, nonce, (name, other, x) => {
        fc.pre(name !== other);
        const temporary = temporaryName(name, x);
        expect(temporary.length).toBeLessThanOrEqual(255);
        expect(isTemporaryName(temporary)).toBe(true);
        const found = (wanted: string): string[] =>
          candidatesFor(desired({ name: wanted }), [share({ name: temporary })], undefined).temporary.map(
            ({ id }) => id,
          );
        expect(found(name)).toEqual(['s1']);
        expect(found(other)).toEqual([]);
      }),
    ));

  test.each([
    [T, T, undefined],
    [T, 'n [creating ours00000000]', 'n'],
    [T, 'N [CREATING OURS00000000]', 'N'],
    [T, 'something else', undefined],
  ])('show how the API spells a name: %j returned as %j shows %j', (sent, answered, spelling) =>
    expect(spellingOf(sent, answered)).toBe(spelling),
  );
});

test.each([
  [T, T, true],
  [T, 'n [CREATING OURS00000000]', true],
  [T, 'N', false],
  [T, 'n-creating-ours00000000', false],
  [T, U, false],
  ['N', 'N', true],
  ['N', 'n', false],
  ['Zürich', 'Zürich'.normalize('NFD'), true],
])('a share sent as %j and stored as %j keeps its name or temporary suffix: %j', (sent, stored, keeps) =>
  expect(keepsMark(sent, stored)).toBe(keeps),
);

test('a long name has the same temporary name in each Unicode normalization', () => {
  const long = 'Zürich'.normalize('NFD') + 'ü'.normalize('NFD').repeat(150);
  expect(temporaryName(long, OURS)).toBe(temporaryName(long.normalize('NFC'), OURS));
});

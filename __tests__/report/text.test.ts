import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { code, fenceOf, plain, prose, withoutMarkup } from '../../src/report/text.ts';
import { read, references, render, textOf } from './reader.ts';

const anything = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ...'`~@#<>|*_[]()!:\\/&;"\'\n\r\t \u0000\u001b\u202e\u200b\u2028',
      '##[',
      '::',
      '```',
      '-->',
      '@octocat',
      'GH-1',
      'owner/repo#1',
      '6dcb09b5b57875f3',
      'https://example.com/a',
      'www.example.com',
      'ops@example.com',
      ':tada:',
    ),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
});

test('a log line stays on one line, shows its whole text, and is never a runner command', () =>
  fc.assert(
    fc.property(anything, (text) => {
      const line = plain(text);
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u200b-\u200f]/);
      expect(line).not.toContain('##[');
      expect(line.trimStart().startsWith('::')).toBe(false);
    }),
  ));

test.each([
  ['an Arabic letter mark', '\u061c', '\\u061c'],
  ['a soft hyphen', '\u00ad', '\\u00ad'],
  ['a Mongolian vowel separator', '\u180e', '\\u180e'],
  ['an annotation anchor', '\ufff9', '\\ufff9'],
  ['a tag character (two code units)', '\u{e0041}', '\\udb40\\udc41'],
])('%s in a name is escaped', (_, character, shown) => {
  expect(plain(`a${character}b`)).toBe(`a${shown}b`);
  expect(textOf(read(prose(`a${character}b`)).page).trim()).toBe(`a${shown}b`);
});

test.each([
  ['code', code],
  ['prose', prose],
])(
  "untrusted text in Markdown (%s) creates no markup, mention, reference or link, and isn't truncated",
  (_, markdown) =>
    fc.assert(
      fc.property(anything, (text) => {
        const { page, tags, links } = read(`x ${markdown(text)} x`);
        expect(tags).toEqual(['body', 'p']);
        expect(links).toEqual([]);
        expect(references(page)).toEqual([]);
        expect(textOf(page).replace(/\s+/g, ' ').trim()).toBe(`x ${plain(text)} x`.replace(/\s+/g, ' '));
      }),
    ),
);

test.each([
  'GH-1',
  'gh-22',
  '#1',
  'owner/repo#1',
  '@octocat',
  '@example/team',
  'owner/repo@6dcb09b',
  '6dcb09b5b57875f334f61aebed695e2e4193db5e',
  ':tada:',
])('%s is not turned into a reference', (text) => {
  expect(references(render(`see ${text} there`))).not.toEqual([]);
  expect(references(render(`see ${prose(text)} there`))).toEqual([]);
  expect(textOf(render(prose(text))).trim()).toBe(text);
});

test("a fenced block can't be closed by its content", () =>
  fc.assert(
    fc.property(fc.array(anything, { minLength: 1, maxLength: 5 }), (lines) => {
      const { fence, lines: shown } = fenceOf(lines);
      const { tags, diffs } = read([`${fence}diff`, ...shown, fence, '', 'after'].join('\n'));
      expect(tags).toEqual(['body', 'pre', 'p']);
      expect(diffs).toHaveLength(1);
    }),
  ));

test('text that could be a runner command or a commit id is defused without losing characters', () => {
  expect(plain('a ##[error] b')).toBe('a ## [error] b');
  expect(plain('  ::error::a')).toBe('  : :error::a');
  expect(plain('a::b::c')).toBe('a::b::c');
  expect(prose('see 6dcb09b here')).toBe('see <code>6dcb09b</code> here');
  expect(prose('6dcb09bx')).toBe('6dcb09bx');
  expect(fenceOf(['a ```` b']).fence).toBe('`````');
});

test('markup is every character but letters, digits, spaces and commas, whatever else the text contains', () => {
  const characters = [...'\n…é中🟢', ...Array.from({ length: 128 }, (_, code) => String.fromCodePoint(code))];
  const isMarkup = (text: string): boolean => withoutMarkup(text, () => '').length < text.length;
  const expected = characters.filter((character) => !/[\p{L}\p{N} ,]/u.test(character));
  expect(characters.filter((character) => isMarkup(character))).toEqual(expected);
  expect(characters.filter((character) => isMarkup(`é${character}`))).toEqual(expected);
});

test('plain text is left unchanged', () => {
  expect(plain('Share "Überblick" – 共有 🎉')).toBe('Share "Überblick" – 共有 🎉');
  expect(plain('a\nb')).toBe('a\\u000ab');
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { code, fenced, plain, prose } from '../../src/report/text.ts';

const anything = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ...'`~@#<>|*_[]()!:\\/&;"\'\n\r\t \u0000\u001b\u202e\u200b\u2028',
      '##[',
      '::',
      '```',
      '-->',
      '@octocat',
    ),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
});

test('a line of the log is one line, shows everything, and is no command of the runner', () =>
  fc.assert(
    fc.property(anything, (text) => {
      const line = plain(text);
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u200b-\u200f]/);
      expect(line).not.toContain('##[');
      expect(line.trimStart().startsWith('::')).toBe(false);
    }),
  ));

test('as code or prose in Markdown nothing of it is markup, a cell, a mention or a link', () =>
  fc.assert(
    fc.property(anything, (text) => {
      for (const markdown of [code(text).replace(/^<code>|<\/code>$/g, ''), prose(text)]) {
        expect(markdown.replace(/&#\d+;/g, '')).toMatch(/^[\p{L}\p{N} ,]*$/u);
      }
      expect(prose(text)).not.toMatch(/&#64;(?!&#8288;)/);
    }),
  ));

test('a fenced block is not closed by its content', () =>
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 5 }), (lines) => {
      const block = fenced('diff', lines).split('\n');
      const fence = /^`+/.exec(block[0] ?? '')?.[0] ?? '';
      expect(fence.length).toBeGreaterThanOrEqual(3);
      expect(block).toHaveLength(Math.max(1, lines.length) + 2);
      for (const line of block.slice(1, -1)) expect(line.includes(fence)).toBe(false);
      expect(block.at(-1)).toBe(fence);
    }),
  ));

test('plain text stays as it is', () => {
  expect(plain('Share "Überblick" – 共有 🎉')).toBe('Share "Überblick" – 共有 🎉');
  expect(plain('a\nb')).toBe('a\\u000ab');
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Block, cutToFit, type Frame } from '../../src/report/cut.ts';

const line = fc.string({ minLength: 1, maxLength: 60, unit: fc.constantFrom('a', 'b', 'ü', '共', '🎉') });
const block: fc.Arbitrary<Block> = fc.record({
  head: fc.array(line, { maxLength: 2 }),
  lines: fc.array(line, { minLength: 1, maxLength: 30 }),
  foot: fc.array(line, { maxLength: 1 }),
  rank: fc.integer({ min: 1, max: 9 }),
});
const frame: fc.Arbitrary<Frame> = fc.record({
  open: fc.constant('<details>'),
  blocks: fc.array(block, { minLength: 1, maxLength: 3 }),
  close: fc.constant('</details>'),
  rank: fc.integer({ min: 1, max: 9 }),
});

test('any content is shortened to fit, keeps its structure, and counts what was left out', () =>
  fc.assert(
    fc.property(
      fc.array(fc.oneof(block, frame), { maxLength: 12 }),
      fc.integer({ min: 300, max: 4_000 }),
      (parts, max) => {
        const text = cutToFit(parts, 'the end', max, 'the log');
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(max);
        expect(text.split('<details>').length).toBe(text.split('</details>').length);
        expect(text.endsWith('the end\n')).toBe(true);
        const lines = parts
          .flatMap((part) => ('blocks' in part ? part.blocks : [part]))
          .reduce((n, each) => n + each.lines.length, 0);
        const left = Number(/_(\d+) lines? left out/.exec(text)?.[1] ?? 0);
        const fixed = parts.flatMap((part) => ('blocks' in part ? part.blocks : [part]));
        expect(left).toBeLessThanOrEqual(lines);
        if (left === 0)
          for (const { head = [], foot = [] } of fixed)
            for (const each of [...head, ...foot]) expect(text).toContain(each);
      },
    ),
  ));

test.each([
  [400, 'a1 a2 a3 b1 b2 b3 c1 c2 c3', []],
  [240, 'a1 a2 a3 c1 c2 c3', ['3 lines left out']],
  [190, 'a1 a2 a3 c1', ['more of c: 2', '5 lines left out']],
  [180, 'a1 a2 a3', ['6 lines left out']],
])('the least important part is cut first, line by line, to fit %i bytes', (max, expected, said) => {
  const of = (name: string, rank: number): Block => ({
    lines: [1, 2, 3].map((i) => `${name}${i}`.padEnd(20, '.')),
    more: (n) => `more of ${name}: ${n}`,
    rank,
  });
  const text = cutToFit([of('a', 9), of('b', 1), of('c', 5)], '', max, 'the log');
  expect(text.match(/[abc]\d/g)?.join(' ')).toBe(expected);
  for (const words of said) expect(text).toContain(words);
  expect(text.match(/more of|left out/g) ?? []).toHaveLength(said.length);
});

test('a part without lines leaves no blank lines behind, whether or not it is in a frame', () => {
  const of = (...lines: string[]): Block => ({ head: ['head'], lines, rank: 1 });
  expect(cutToFit([of('a'), of(), of('b')], '', 1_000, 'the log')).toBe('head\na\n\nhead\nb\n');
  const frame = { open: '<details>', blocks: [of('a'), of(), of('b')], close: '</details>', rank: 1 };
  expect(cutToFit([frame], '', 1_000, 'the log')).toBe('<details>\n\nhead\na\n\nhead\nb\n\n</details>\n');
});

test('the last of equally important parts is cut first', () => {
  const of = (name: string): Block => ({ lines: [name.repeat(60)], rank: 1 });
  const text = cutToFit([of('a'), of('b'), of('c')], '', 230, 'the log');
  expect(text).toContain('aaa');
  expect(text).toContain('1 line left out');
  expect(text).not.toContain('ccc');
});

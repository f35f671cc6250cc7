import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { decodeUtf8, readDocument } from '../../src/document/document.ts';
import { isExactNumber } from '../../src/document/json-text.ts';
import { formatPath, frameAt, positionsIn } from '../../src/document/position.ts';

const anything = { isFree: () => true };

describe('a JSON or YAML document', () => {
  test('keeps every JSON value unchanged, whatever the white space', () =>
    fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 1, 2, '\t'), async (value, space) => {
        const text = JSON.stringify(value, null, space);
        const read = await readDocument(text, anything);
        expect(read.flaws).toEqual([]);
        expect(JSON.stringify(read.value)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    ));

  test('keeps every JSON value that is written as YAML unchanged, or is refused with a reason', () =>
    fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (value) => {
        const read = await readDocument(stringify(value, { version: '1.2' }), anything);
        if (read.flaws.length > 0) for (const flaw of read.flaws) expect(flaw.position ?? flaw.message).toBeTruthy();
        else expect(JSON.parse(JSON.stringify(read.value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    ));

  test('gives a value or at least one error, whatever its text', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom(...'[]{}:,-&*!|>#"\'\n\t ab1.e?%@`~<') }), async (text) => {
        const read = await readDocument(text, anything);
        expect(read.flaws.length > 0 || read.value !== undefined).toBe(true);
      }),
      { numRuns: 500 },
    ));

  test.each([
    ['a repeated key in JSON', '{"a":1,"a":2}', /^is repeated: keys/, { line: 1, column: 8 }],
    ['a repeated key in YAML', 'a: 1\na: 2', /^is repeated: keys/, { line: 2, column: 1 }],
    [
      'a number that would change',
      '{"a": 12345678901234567890}',
      /12345678901234567890 would be sent as/,
      { line: 1, column: 7 },
    ],
    ['a number that is too large for a double', 'a: 1e400', /not a valid JSON number/, { line: 1, column: 4 }],
    ['a value that is not a number', 'a: .nan', /not a valid JSON number/, { line: 1, column: 4 }],
    ['an alias without an anchor', 'a: *x', /no anchor &x before this\. If this is text, put/, { line: 1, column: 4 }],
    ['an unquoted star', 'a: * b', /Alias cannot be an empty string\. If this is text, put/, { line: 1, column: 4 }],
    ['an unquoted colon', 'a: b: c', /Nested mappings .*\. If this is text, put it in quotes$/, { line: 1, column: 4 }],
    ['an alias inside its own anchor', '- &a [*a]', /contains this alias/, { line: 1, column: 7 }],
    ['an unknown tag', 'a: !foo b', /Unresolved tag/, { line: 1, column: 4 }],
    ['a key that is a list', '? [1]\n: 2', /^not valid JSON or YAML: a key must be text$/, { line: 1, column: 3 }],
    ['two documents', 'a: 1\n---\nb: 2', /multiple YAML documents/, { line: 2, column: 1 }],
    ['a binary value', 'a: !!binary aGk=', /^a value that JSON doesn't support$/, { line: 1, column: 13 }],
    ['an unterminated quote', '"a', /^not valid JSON or YAML: Missing closing "quote$/, { line: 1, column: 3 }],
    ['a directive', '%FOO\na: "b', /^not valid JSON or YAML: Unknown directive %FOO$/, { line: 1, column: 1 }],
    ['a document with null', 'a: 1\n---\nnull', /multiple YAML documents/, { line: 2, column: 1 }],
  ])('is refused at the position of %s', async (_, text, message, position) => {
    const { flaws } = await readDocument(text, anything);
    expect(flaws[0]?.message).toMatch(message);
    expect(flaws[0]?.position).toEqual(position);
  });

  test.each(['{"a": 1, "a": 2, "b": 3}', 'a: 1\na: 2\nb: 3'])(
    'keeps the values that have no mistake: %s',
    async (text) => {
      expect(await readDocument(text, anything)).toMatchObject({ value: { b: 3 }, flaws: [{ path: ['a'] }] });
    },
  );

  test('is refused if its aliases expand to too many values', async () => {
    const laughs = ['a: &a [1,1,1,1,1,1,1,1,1,1]'];
    for (let i = 0; i < 7; i++)
      laughs.push(`${'bcdefgh'[i]}: &${'bcdefgh'[i]} [${Array(10).fill(`*${'abcdefg'[i]}`).join(',')}]`);
    const text = laughs.join('\n');
    const message = `its aliases expand to more than ${10_000 + 20 * text.length} values`;
    const { value, flaws } = await readDocument(text, anything);
    expect([value, flaws.map((flaw) => flaw.message)]).toEqual([undefined, [message]]);
  });

  test('is refused if its aliases are nested too deeply', async () => {
    const lines = ['- &a0 []'];
    for (let i = 1; i <= 500; i++) lines.push(`- &a${i} [*a${i - 1}]`);
    const read = await readDocument(lines.join('\n'), anything);
    expect([read.value, read.flaws.length]).toEqual([undefined, 1]);
    expect(read.flaws[0]?.message).toBe('nested too deeply to be read');
    expect((await readDocument(lines.slice(0, -2).join('\n'), anything)).flaws).toEqual([]);
  });

  test.each(['a: 1\n---\n', 'a: 1\n---\n# end\n', 'a: 1\n---\n---\n', '---\na: 1\n...\n', 'a: 1\n--- # end'])(
    'can end with empty documents: %j',
    async (text) => {
      expect(await readDocument(text, anything)).toMatchObject({ value: { a: 1 }, flaws: [] });
    },
  );

  // The YAML parser needs one level for itself.
  test.each([
    ['JSON', '[', ']', 500],
    ['YAML', '[a,', ']', 499],
    ['YAML without its end', '[', '', 499],
  ])('has no value if it is nested too deeply: %s', async (_, open, close, most) => {
    const readNested = (levels: number) => readDocument(open.repeat(levels) + close.repeat(levels), anything);
    const tooDeep = { path: [], message: 'nested too deeply to be read' };
    expect(await readNested(most + 1)).toMatchObject({ value: undefined, flaws: [tooDeep] });
    expect((await readNested(most)).flaws).not.toMatchObject([tooDeep]);
  });

  test('is nested too deeply if the stack overflows, but no other error means that', async () => {
    const endless = (): boolean => endless();
    const failing = (): boolean => {
      throw new RangeError('another mistake');
    };
    const tooDeep = { path: [], message: 'nested too deeply to be read' };
    expect(await readDocument('a: 1', { isFree: endless })).toMatchObject({ value: undefined, flaws: [tooDeep] });
    await expect(readDocument('a: 1', { isFree: failing })).rejects.toThrow('another mistake');
  });

  test.each([
    'a: &x 1\nb: *x\nc: &x 2\nd: *x',
    'a: &x {b: &y [1]}\nc: *y\nd: [*x, *y]',
    '&key a: 1\nb: *key',
    'a: &x 1\nb: &y {c: *x}\nd: &x [*y]\ne: *x',
    '- &x [1, &y 2]\n- *y\n- &y [*x]\n- {z: *y}',
  ])('resolves an alias to the last preceding node with its anchor, as the YAML library does: %j', async (text) => {
    const { value, flaws } = await readDocument(text, anything);
    expect(flaws).toEqual([]);
    expect(value).toEqual(parse(text));
  });

  test('keeps digits as text only where text is expected', async () => {
    const isFree = (path: readonly (string | number)[]): boolean => path.at(-1) !== 'id';
    const { value } = await readDocument('id: 00123\nother: 123\nhex: 0x1F', { isFree });
    expect(value).toEqual({ id: '00123', other: 123, hex: 31 });
    // In JSON, text is always quoted, so digits without quotes are a number.
    expect((await readDocument('\n{"id": 123}', { isFree })).value).toEqual({ id: 123 });
  });

  test('gives the positions of keys, values and missing keys in JSON', async () => {
    const text = '\r\n{ "a" :[1,{"b\\"" : 2,"c":"]"},[] ,{}, "x\\\\" ],\n\t"d":true ,"e":[[-3.5]],"f":{"g":{}}}\n';
    const { positionOf, value, flaws } = await readDocument(text, anything);
    expect([flaws, value]).toEqual([[], JSON.parse(text)]);
    const positionAt = (part: string): { line: number; column: number } => {
      const lines = text.slice(0, text.indexOf(part)).split('\n');
      return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
    };
    for (const [path, at, keyAt = at] of [
      [[], '{ "a"'],
      [['a'], '[1,', '"a"'],
      [['a', 0], '1,'],
      [['a', 1], '{"b'],
      [['a', 1, 'b"'], '2,', '"b'],
      [['a', 1, 'c'], '"]"', '"c"'],
      [['a', 2], '[] ,'],
      [['a', 2, 0], '[] ,'],
      [['a', 3], '{},'],
      [['a', 3, 'z'], '{},'],
      [['a', 4], '"x'],
      [['a', 5], '[1,'],
      [['d'], 'true', '"d"'],
      [['e', 0, 0], '-3.5'],
      [['f', 'g'], '{}}', '"g"'],
      [['z', 'y'], '{ "a"'],
    ] as [(string | number)[], string, string?][]) {
      expect([path, positionOf(path)]).toEqual([path, positionAt(at)]);
      expect([path, positionOf(path, 'key')]).toEqual([path, positionAt(keyAt)]);
    }
  });

  test.each<[string, string, string[]]>([
    ['in the same object', '{"a":{"b":1,"c":[{"b":2}],"b":3},"a":{}}', ['a.b', 'a']],
    ['in an object of a list', '[{"a":1},{"a":1},{"b":[],"b":{}}]', ['[2].b']],
    ['after an object with the same keys', '{"a":{"b":1},"c":{"b":1},"b":1}', []],
    ['written with an escape', '{"a":1,"\\u0061":2}', ['a']],
  ])('finds a key that is repeated %s', async (_, text, paths) => {
    const json = await readDocument(text, anything);
    expect(json.flaws.map(({ path }) => formatPath(path))).toEqual(paths);
    const yaml = await readDocument(`# YAML\n${text}`, anything);
    expect(yaml.flaws.map(({ path }) => formatPath(path))).toEqual(paths);
  });

  test('finds the numbers that would change, but only where any value is allowed', async () => {
    const isFree = (path: readonly (string | number)[]): boolean => path[0] === 'meta';
    const text = '{"id":1e400,"meta":[1e400,-1e400,[12345678901234567890],{"a":1e-400,"b":1.50}]}';
    const numbers = ['meta[0]', 'meta[1]', 'meta[2][0]', 'meta[3].a'];
    for (const written of [text, `# YAML\n${text}`]) {
      const { flaws } = await readDocument(written, { isFree });
      expect(flaws.map(({ path }) => formatPath(path))).toEqual(numbers);
    }
  });

  test.each([
    ['0x20000000000001', 'the number 0x20000000000001 would be sent as 9007199254740992: put it in quotes'],
    ['1'.repeat(60), `the number ${'1'.repeat(60)} would be sent as 1.1111111111111112e+59: put it in quotes`],
    ['1'.repeat(61), `the number ${'1'.repeat(60)}… would be sent as 1.1111111111111112e+60: put it in quotes`],
  ])('quotes the number that would change: %s', async (number, message) => {
    expect((await readDocument(`a: ${number}`, anything)).flaws).toMatchObject([{ path: ['a'], message }]);
  });

  test.each(['', '# YAML\n'])('has at most 10,000 flaws: %j', async (start) => {
    const { flaws } = await readDocument(`${start}{${'"a":1,'.repeat(10_001)}"a":1}`, anything);
    expect(flaws).toHaveLength(10_000);
  });

  test('gives the positions of keys, values, missing keys and values behind aliases', async () => {
    const read = await readDocument('a: &x\n  - b: 1\nc: *x\n', anything);
    expect(read.positionOf(['a', 0, 'b'], 'key')).toEqual({ line: 2, column: 5 });
    expect(read.positionOf(['a', 0, 'b'])).toEqual({ line: 2, column: 8 });
    expect(read.positionOf(['c', 0, 'b'])).toEqual({ line: 2, column: 8 });
    expect(read.positionOf(['a', 0, 'z'])).toEqual({ line: 2, column: 5 });
    expect(read.positionOf(['a', 'z', 'y'])).toEqual({ line: 2, column: 3 });
    expect(read.positionOf(['a', 0, 'b', 'y'])).toEqual({ line: 2, column: 8 });
    expect(read.positionOf(['a', 0, 'b', 'y'], 'key')).toEqual({ line: 2, column: 8 });
    expect(read.positionOf(['c', 0], 'key')).toEqual({ line: 2, column: 5 });
    expect((await readDocument('a: 1\na: 2', anything)).positionOf(['a'])).toEqual({ line: 1, column: 4 });
    expect((await readDocument('', anything)).positionOf(['a'])).toBeUndefined();
  });
});

test('a number is exact if a double can represent its decimal value', () => {
  for (const exact of [
    ...[
      '0',
      '-0',
      '0.00',
      '0e9',
      '1',
      '+1',
      '-1',
      '1.0',
      '1e3',
      '1E+2',
      '0.1',
      '1e-1',
      '.5',
      '5.',
      '1.50',
      '-12.25e+2',
    ],
    ...['0012', '100000000000000000000', '1000000000000000000000', '1.5e-7', '0.0000001', '9007199254740992.0e0'],
    ...['1e0000000000005', '5e-324'],
  ])
    expect([exact, isExactNumber(exact)]).toEqual([exact, true]);
  for (const inexact of ['9007199254740993', '-9007199254740993', '0.1000000000000000000001', '1e400', '1e-400', 'abc'])
    expect([inexact, isExactNumber(inexact)]).toEqual([inexact, false]);
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => isExactNumber(String(n))));
  // JSON.stringify decides how the double would be sent.
  fc.assert(
    fc.property(
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 69n }),
      (n) => isExactNumber(String(n)) === (BigInt(JSON.stringify(Number(n))) === n),
    ),
  );
});

test('paths are formatted as in JavaScript', () => {
  expect(formatPath(['recipients', 0, 'a b', 'meta'], 'x')).toBe('x.recipients[0]["a b"].meta');
  expect(formatPath([])).toBe('');
  expect(formatPath(['shares', 12, 'name'])).toBe('shares[12].name');
  expect(formatPath([0, 'a'], 'recipients')).toBe('recipients[0].a');
  expect(formatPath(['x y', '0', '-a', 'a-b_c'])).toBe('["x y"]["0"]["-a"].a-b_c');
});

test('an offset is converted to its line and column', () => {
  const position = positionsIn('ab\n\ncd\n');
  expect(Array.from({ length: 8 }, (_, offset) => position(offset))).toEqual([
    ...[1, 2, 3].map((column) => ({ line: 1, column })),
    { line: 2, column: 1 },
    ...[1, 2, 3].map((column) => ({ line: 3, column })),
    { line: 4, column: 1 },
  ]);
  const lines = positionsIn('\n'.repeat(100));
  for (let offset = 0; offset <= 100; offset++) expect(lines(offset)).toEqual({ line: offset + 1, column: 1 });
});

describe('the frame around a position', () => {
  const LONG = `${'a'.repeat(100)}b${'c'.repeat(100)}`;
  test.each<[string, string, number, number, string[]]>([
    ['the first column', 'a: b', 1, 1, ['1 | a: b', '    ^']],
    ['a line between others', 'a\nb: c\nd', 2, 4, ['2 | b: c', '       ^']],
    ['the end of the text', 'a\nbc', 2, 3, ['2 | bc', '      ^']],
    ['line 10', `${'\n'.repeat(9)}a: b\n`, 10, 4, ['10 | a: b', '        ^']],
    ['a line that ends with CR and LF', 'a\rb: c\r\nd', 1, 3, ['1 | a\rb: c', '      ^']],
    ['a line with tabs', '\ta:\tb', 1, 5, ['1 |  a: b', '        ^']],
    ['the middle of a long line', LONG, 1, 101, [`1 | ${'a'.repeat(39)}b${'c'.repeat(40)}`, `${' '.repeat(43)}^`]],
    ['the start of a long line', LONG, 1, 40, [`1 | ${'a'.repeat(80)}`, `${' '.repeat(43)}^`]],
    ['the end of a long line', LONG, 1, 201, [`1 | ${'c'.repeat(80)}`, `${' '.repeat(83)}^`]],
  ])('shows the line and marks the column: %s', (_, text, line, column, frame) => {
    expect(frameAt(text, { line, column })).toEqual(frame);
  });
});

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

describe('decoding bytes', () => {
  test('keeps any text unchanged, including replacement characters, but drops a byte order mark', () => {
    const text = fc.string({
      unit: fc.oneof(fc.constantFrom('\ufffd', '\n', 'é', '👍'), fc.string({ unit: 'binary' })),
    });
    fc.assert(
      fc.property(text, fc.boolean(), (written, mark) => {
        fc.pre(!written.includes('\0') && !written.startsWith('\ufeff'));
        expect(decodeUtf8(bytes(mark ? [0xef, 0xbb, 0xbf] : [], written))).toEqual({ text: written });
      }),
    );
  });

  test('returns text with exactly the same bytes, or fails', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (some) => {
        const decoded = decodeUtf8(some);
        if ('text' in decoded)
          expect(Buffer.from(decoded.text)).toEqual(Buffer.from(some).subarray(hasMark(some) ? 3 : 0));
        else expect(decoded.message).toMatch(/UTF-8|NUL/);
      }),
      { numRuns: 1000 },
    );
  });
  const hasMark = ([a, b, c]: Uint8Array): boolean => a === 0xef && b === 0xbb && c === 0xbf;

  test.each<[string, Uint8Array, RegExp, { line: number; column: number }]>([
    ['Latin-1', bytes('name: a\nlabel: M', [0xfc], 'nchen'), /^the byte 0xFC is not UTF-8/, { line: 2, column: 9 }],
    ['a byte after a replacement character', bytes('\ufffd', [0xff]), /0xFF/, { line: 1, column: 2 }],
    ['a byte after a byte order mark', bytes([0xef, 0xbb, 0xbf], 'a', [0x80]), /0x80/, { line: 1, column: 2 }],
    ['a truncated character', bytes('ab\n', [0xe2, 0x82]), /0xE2/, { line: 2, column: 1 }],
    ['half a surrogate pair', bytes('x', [0xed, 0xa0, 0x80]), /0xED/, { line: 1, column: 2 }],
    ['UTF-16 LE', bytes([0xff, 0xfe], [0x61, 0]), /^the file is UTF-16/, { line: 1, column: 1 }],
    ['UTF-16 BE', bytes([0xfe, 0xff], [0, 0x61]), /^the file is UTF-16/, { line: 1, column: 1 }],
    ['UTF-16 LE without a byte order mark', bytes([0x61, 0, 0x62, 0]), /looks like UTF-16/, { line: 1, column: 1 }],
    ['UTF-16 BE without a byte order mark', bytes([0, 0x61, 0, 0x62]), /looks like UTF-16/, { line: 1, column: 1 }],
    ['a NUL byte', bytes('ab\nc\0'), /NUL byte/, { line: 2, column: 2 }],
    ['ÿ in Latin-1', bytes([0xff], 'a'), /^the byte 0xFF/, { line: 1, column: 1 }],
    ['þ in Latin-1', bytes([0xfe], 'a'), /^the byte 0xFE/, { line: 1, column: 1 }],
    ['ÿ in Latin-1 after a letter', bytes('a', [0xff]), /^the byte 0xFF/, { line: 1, column: 2 }],
    ['þ in Latin-1 after a letter', bytes('a', [0xfe]), /^the byte 0xFE/, { line: 1, column: 2 }],
    // Characters that share two bytes with the byte order mark, which is EF BB BF, and then bytes that resemble the
    // replacement character, which is EF BF BD.
    ...[
      [0xef, 0xbb, 0x80],
      [0xef, 0xa3, 0xbf],
      [0xe4, 0xbb, 0xbf],
    ].map((first): [string, Uint8Array, RegExp, { line: number; column: number }] => [
      `a byte after the character ${bytes(first).toString()}`,
      bytes(first, [0x80]),
      /^the byte 0x80/,
      { line: 1, column: 2 },
    ]),
    ...[
      [0xff, 0xbf, 0xbd],
      [0xef, 0x61, 0xbd],
      [0xef, 0xbf, 0x61],
      [0xff, 0x61, 0xbd],
    ].map((first): [string, Uint8Array, RegExp, { line: number; column: number }] => [
      `the first of the bytes ${first.join(', ')}`,
      bytes(first),
      first[0] === 0xff ? /^the byte 0xFF/ : /^the byte 0xEF/,
      { line: 1, column: 1 },
    ]),
  ])('fails at the first invalid byte: %s', (_, some, message, position) => {
    const decoded = decodeUtf8(some);
    expect(decoded).toEqual({ message: expect.stringMatching(message), position });
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { decodeUtf8, readDocument } from '../../src/document/document.ts';
import { isExactNumber } from '../../src/document/json-text.ts';
import { formatPath } from '../../src/document/position.ts';

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
    ['a key that is a list', '? [1]\n: 2', /keys must be strings/, { line: 1, column: 3 }],
    ['two documents', 'a: 1\n---\nb: 2', /multiple YAML documents/, { line: 2, column: 1 }],
    ['a binary value', 'a: !!binary aGk=', /./, { line: 1, column: 13 }],
    ['an unterminated quote', '"a', /quote/i, { line: 1, column: 3 }],
  ])('is refused at the position of %s', async (_, text, message, position) => {
    const { flaws } = await readDocument(text, anything);
    expect(flaws[0]?.message).toMatch(message);
    expect(flaws[0]?.position).toEqual(position);
  });

  test('is refused if it is nested too deeply or has aliases that expand to a million values', async () => {
    const laughs = ['a: &a [1,1,1,1,1,1,1,1,1,1]'];
    for (let i = 0; i < 7; i++)
      laughs.push(`${'bcdefgh'[i]}: &${'bcdefgh'[i]} [${Array(10).fill(`*${'abcdefg'[i]}`).join(',')}]`);
    expect((await readDocument(laughs.join('\n'), anything)).flaws[0]?.message).toMatch(/expand to more than/);
    expect((await readDocument('['.repeat(20_000) + ']'.repeat(20_000), anything)).flaws[0]?.message).toMatch(
      /deeply/i,
    );
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
  });

  test('gives the positions of keys, values, missing keys and values behind aliases', async () => {
    const read = await readDocument('a: &x\n  - b: 1\nc: *x\n', anything);
    expect(read.positionOf(['a', 0, 'b'], 'key')).toEqual({ line: 2, column: 5 });
    expect(read.positionOf(['a', 0, 'b'])).toEqual({ line: 2, column: 8 });
    expect(read.positionOf(['c', 0, 'b'])).toEqual({ line: 2, column: 8 });
    expect(read.positionOf(['a', 0, 'z'])).toEqual({ line: 2, column: 5 });
    expect(read.positionOf(['a', 'z', 'y'])).toEqual({ line: 2, column: 3 });
  });
});

test('a number is exact if a double can represent its decimal value', () => {
  for (const exact of ['0', '-0', '1', '1.0', '1e3', '0.1', '100000000000000000000', '1.5e-7', '9007199254740992.0e0'])
    expect([exact, isExactNumber(exact)]).toEqual([exact, true]);
  for (const inexact of ['9007199254740993', '0.1000000000000000000001', '1e400', '1e-400', 'abc'])
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
  ])('fails at the first invalid byte: %s', (_, some, message, position) => {
    const decoded = decodeUtf8(some);
    expect(decoded).toEqual({ message: expect.stringMatching(message), position });
  });
});

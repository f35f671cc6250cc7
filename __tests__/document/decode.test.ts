import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeUtf8 } from '../../src/document/decode.ts';

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));

describe('decoding bytes', () => {
  test('returns any text exactly, including replacement characters, but without its byte order mark', () => {
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

  test('reads any bytes exactly or refuses them', () => {
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
    ['behind a replacement character', bytes('\ufffd', [0xff]), /0xFF/, { line: 1, column: 2 }],
    ['behind a byte order mark', bytes([0xef, 0xbb, 0xbf], 'a', [0x80]), /0x80/, { line: 1, column: 2 }],
    ['cut off', bytes('ab\n', [0xe2, 0x82]), /0xE2/, { line: 2, column: 1 }],
    ['half a surrogate pair', bytes('x', [0xed, 0xa0, 0x80]), /0xED/, { line: 1, column: 2 }],
    ['UTF-16 LE', bytes([0xff, 0xfe], [0x61, 0]), /^the file is UTF-16/, { line: 1, column: 1 }],
    ['UTF-16 BE', bytes([0xfe, 0xff], [0, 0x61]), /^the file is UTF-16/, { line: 1, column: 1 }],
    ['UTF-16 without a mark', bytes([0x61, 0, 0x62, 0]), /looks like UTF-16/, { line: 1, column: 1 }],
    ['UTF-16 BE without a mark', bytes([0, 0x61, 0, 0x62]), /looks like UTF-16/, { line: 1, column: 1 }],
    ['a NUL byte', bytes('ab\nc\0'), /NUL byte/, { line: 2, column: 2 }],
  ])('%s', (_, some, message, position) => {
    const decoded = decodeUtf8(some);
    expect(decoded).toEqual({ message: expect.stringMatching(message), position });
  });
});

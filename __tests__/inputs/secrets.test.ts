import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { maskSecrets } from '../../src/inputs/read-inputs.ts';
import { got } from '../../src/inputs/reading.ts';
import { cutAt, keepSecret, shortened, withoutSecrets } from '../../src/secrets.ts';

let masked: string[];
beforeEach(() => {
  masked = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    const command = /^::add-mask::(.*)$/m.exec(String(text))?.[1];
    if (command !== undefined) masked.push(decodeURIComponent(command));
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

test('credentials from inputs, the environment and proxies are masked, even if unused', () => {
  maskSecrets({
    'INPUT_API-TOKEN': ' first-token\n',
    'INPUT_API-KEY': 'line one\r\nline two',
    'INPUT_GITHUB-TOKEN': 'ghs_token',
    CLOUDFLARE_API_TOKEN: 'second-token',
    HTTPS_PROXY: 'http://user:p%40ss"word@proxy:3128',
    http_proxy: 'http://user:100%@proxy:3128',
    NO_PROXY: '*',
  });
  expect(masked).toEqual(
    expect.arrayContaining([
      ...['first-token', 'line one', 'line two', 'ghs_token', 'second-token'],
      ...['p%40ss"word', 'p@ss"word', 'p@ss\\"word', 'p%40ss%22word', '100%', '100%25'],
    ]),
  );
});

test.each([
  ['  a \n\t b  ', 5, 'a b'],
  ['abcde', 5, 'abcde'],
  ['abcdef', 5, 'abcde…'],
  ['abcd\u{1f600}', 5, 'abcd…'],
])('the text %j is shortened to one line of at most %i characters', (text, most, line) => {
  expect(shortened(text, most)).toBe(line);
});

test('when a secret is truncated, its remaining part is redacted', () => {
  keepSecret('shortened-secret');
  expect(withoutSecrets('got "shortened-sec…')).toBe('got "…');
  expect(withoutSecrets('a… shortened-… b shortened-secret c… d')).toBe('a… … b *** c… d');
  expect(withoutSecrets('…ned-secret: x')).toBe('…: x');
  expect(withoutSecrets('a…ened-sec…b')).toBe('a……b');
  expect(withoutSecrets('too sho…, no secret…ret')).toBe('too sho…, no secret…ret');
  keepSecret('abababac');
  expect(withoutSecrets('x abababab… ac')).toBe('x ab… ac');
});

// The shortest part from which a reader could reconstruct the secret.
const PART = 4;
const partsOf = (secret: string): string[] =>
  Array.from({ length: secret.length - PART + 1 }, (_, at) => secret.slice(at, at + PART));

test('no part of a secret is shown, wherever a text is truncated', () => {
  const secret = 'Zq7-Xw9_Kv3.Jp5~Hn1+Gm8';
  keepSecret(secret);
  for (let before = 0; before < 40; before++) {
    const text = `${'.'.repeat(before)}${secret}${'.'.repeat(40)}`;
    for (const most of [10, 25, 30]) {
      for (const shown of [cutAt(text, most), shortened(text, most), got(text.padStart(100, ','))]) {
        expect(partsOf(secret).filter((part) => shown.includes(part))).toEqual([]);
      }
    }
  }
});

test('a value of four characters is masked and redacted, and a shorter one is not', () => {
  keepSecret('%#!');
  keepSecret('%#!\n!?%&');
  expect(masked).toEqual(['!?%&', '!%3F%25%26']);
  expect(withoutSecrets('%#! !?%&')).toBe('%#! ***');
});

test('a secret with half a surrogate pair is redacted, also as in a URL', () => {
  keepSecret('half \ud83d pair');
  expect(withoutSecrets('half \ud83d pair, half%20%EF%BF%BD%20pair')).toBe('***, ***');
});

test('the time to redact a text is proportional to its length', () => {
  const length = 50_000;
  const secret = 'a'.repeat(length);
  keepSecret(secret);
  // With a quadratic algorithm these would take minutes.
  for (const text of ['…'.repeat(1_000_000), 'aaa…'.repeat(250_000), `${'a'.repeat(length - 1)}b…`.repeat(20)]) {
    expect(withoutSecrets(text).length).toBeLessThanOrEqual(text.length);
  }
});

test('a secret is never shown, even if it is escaped for JSON or a URL', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, unit: fc.constantFrom(...'ab"\\\tü/') }), fc.string(), (secret, around) => {
      fc.pre(secret.trim().length >= 4);
      keepSecret(secret);
      const text = `${around}${secret}${around}`;
      expect(withoutSecrets(text)).not.toContain(secret.trim());
      const escaped = JSON.stringify(secret.trim()).slice(1, -1);
      expect(withoutSecrets(JSON.stringify({ text }))).not.toContain(escaped);
      const inUrl = encodeURIComponent(secret.trim());
      expect(
        withoutSecrets(`https://x.example/?text=${encodeURIComponent(around.replace(/\p{Cs}/gu, '') + secret)}`),
      ).not.toContain(inUrl);
    }),
  );
});

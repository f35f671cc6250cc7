import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { maskSecrets } from '../../src/inputs/read-inputs.ts';
import { keepSecret, withoutSecrets } from '../../src/secrets.ts';

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

test('credentials of inputs, of the environment and of proxies are masked, used or not', () => {
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

test('what was shortened ends in no beginning of a secret', () => {
  keepSecret('shortened-secret');
  expect(withoutSecrets('got "shortened-sec…')).toBe('got "…');
  expect(withoutSecrets('a… shortened-… b shortened-secret c… d')).toBe('a… … b *** c… d');
  expect(withoutSecrets('so short… is no secret')).toBe('so short… is no secret');
});

test('a secret shows in no text, escaped for JSON or not', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 6, unit: fc.constantFrom(...'ab"\\\tü/') }), fc.string(), (secret, around) => {
      fc.pre(secret.trim().length >= 6);
      keepSecret(secret);
      const text = `${around}${secret}${around}`;
      expect(withoutSecrets(text)).not.toContain(secret.trim());
      const escaped = JSON.stringify(secret.trim()).slice(1, -1);
      expect(withoutSecrets(JSON.stringify({ text }))).not.toContain(escaped);
    }),
  );
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { proxyFor, proxySecrets } from '../../src/inputs/proxy.ts';

const API = new URL('https://api.cloudflare.com/client/v4');
const through = (text: string) => proxyFor(API, { HTTPS_PROXY: text });

describe('a proxy from the environment', () => {
  test.each([
    ['http://proxy.example:3128', 'http://proxy.example:3128/'],
    ['proxy.example:3128', 'http://proxy.example:3128/'],
    ['proxy', 'http://proxy/'],
    ['127.0.0.1:3128', 'http://127.0.0.1:3128/'],
    ['HTTPS://Proxy.example:3128', 'https://proxy.example:3128/'],
    ['user:s3cret@proxy:3128', 'http://user:s3cret@proxy:3128/'],
    ['http://user:p%40ss@proxy:3128', 'http://user:p%40ss@proxy:3128/'],
    ['http://user:100%@proxy:3128', 'http://user:100%25@proxy:3128/'],
    ['http://user:100%zz%41@proxy:3128', 'http://user:100%25zzA@proxy:3128/'],
    ['http://user:%ff%41@proxy:3128', 'http://user:%25ff%2541@proxy:3128/'],
    ['  http://proxy:3128\n', 'http://proxy:3128/'],
  ])('is parsed as curl parses it: %s', (text, proxy) => {
    expect(through(text)).toEqual({ proxy });
  });

  test.each([
    'http://',
    'http://user:s3cret@',
    'http://user:s3cret@proxy:99999',
    'http://user:s3 cret/x@y@pro xy',
    'socks5://user:s3cret@proxy:1080',
    '://s3cret',
    ':s3cret@',
  ])('is reported without being quoted if it is invalid: %s', (text) => {
    const { proxy, problem } = through(text);
    expect(proxy).toBeUndefined();
    expect(problem?.name).toBe('HTTPS_PROXY');
    expect(problem?.message).toMatch(
      /is not a valid proxy address|only http:\/\/ and https:\/\/ proxies are supported/,
    );
    expect(problem?.message).not.toMatch(/s3|cret/);
  });

  test('never makes the parser throw, and its password can be decoded if it is accepted', () => {
    const text = fc.oneof(fc.string({ unit: fc.constantFrom(...'u:@%/?#41fF. [é') }), fc.string());
    fc.assert(
      fc.property(text, text, (password, rest) => {
        for (const address of [rest, `http://user:${password}@proxy:3128`]) {
          proxySecrets({ HTTPS_PROXY: address });
          const { proxy } = through(address);
          if (proxy !== undefined) decodeURIComponent(new URL(proxy).password);
        }
        for (const host of ['10.1.2.3', '[2001:db8::1]', 'api.cloudflare.com'])
          proxyFor(new URL(`https://${host}`), { NO_PROXY: `${password},${rest}` });
      }),
    );
  });

  test.each([
    [{}, undefined],
    [{ HTTPS_PROXY: '' }, undefined],
    [{ HTTP_PROXY: 'other' }, undefined],
    [{ https_proxy: 'small', HTTPS_PROXY: 'LARGE' }, 'http://small/'],
    [{ ALL_PROXY: 'all' }, 'http://all/'],
    [{ ALL_PROXY: 'all', HTTPS_PROXY: 'own' }, 'http://own/'],
    [{ HTTPS_PROXY: 'p', NO_PROXY: '*' }, undefined],
    [{ HTTPS_PROXY: 'http://u:%@', NO_PROXY: '*' }, undefined],
    [{ HTTPS_PROXY: 'p', NO_PROXY: 'x.example, API.cloudflare.com' }, undefined],
    [{ HTTPS_PROXY: 'p', no_proxy: '.cloudflare.com' }, undefined],
    [{ HTTPS_PROXY: 'p', no_proxy: '*.cloudflare.com' }, undefined],
    [{ HTTPS_PROXY: 'p', no_proxy: 'cloudflare.com' }, undefined],
    [{ HTTPS_PROXY: 'p', no_proxy: 'api.cloudflare.com:443' }, undefined],
    [{ HTTPS_PROXY: 'p', no_proxy: 'api.cloudflare.com:8443' }, 'http://p/'],
  ])('is chosen from the variables %j: %s', (env, proxy) => {
    expect(proxyFor(API, env)).toEqual(proxy === undefined ? {} : { proxy });
  });

  // Each line as curl 8 reads it, followed by forms that only this action has always accepted.
  test.each<[string, string, boolean]>([
    ['https://api.cloudflare.com', 'cloudflare.com', true],
    ['https://api.cloudflare.com', 'CloudFlare.COM', true],
    ['https://api.cloudflare.com', 'cloudflare.com.', true],
    ['https://api.cloudflare.com', '.cloudflare.com', true],
    ['https://cloudflare.com', '.cloudflare.com', true],
    ['https://cloudflare.com', 'api.cloudflare.com', false],
    ['https://api.cloudflare.com.', 'cloudflare.com', true],
    ['https://notcloudflare.com', 'cloudflare.com', false],
    ['https://notcloudflare.com', '.cloudflare.com', false],
    ['https://api.cloudflare.com', 'com', true],
    ['https://api.cloudflare.com', '.', false],
    ['https://api.cloudflare.com', 'example.com localhost\tcloudflare.com', true],
    ['https://api.cloudflare.com', ',,', false],
    ['https://10.1.2.3', '10.1.2.3', true],
    ['https://10.1.2.3', '10.0.0.0/8', true],
    ['https://10.1.2.3', '10.9.9.9/8', true],
    ['https://11.1.2.3', '10.0.0.0/8', false],
    ['https://10.1.2.3', '10.1.2.0/30', true],
    ['https://10.1.2.4', '10.1.2.0/30', false],
    ['https://10.1.2.3', '0.0.0.0/0', true],
    ['https://10.1.2.3', '10.0.0.0/33', false],
    ['https://10.1.2.3', '10.0.0.0/', false],
    ['https://10.1.2.3', '10.0.0.0/8/8', false],
    ['https://10.1.2.3', '10.0.0.0/0x8', false],
    ['https://10.1.2.3', '10.0.0.0/1e1', false],
    ['https://10.1.2.3', '.2.3', false],
    ['https://10.1.2.3', '::/0', false],
    ['https://10.example.com', '10.0.0.0/8', false],
    ['https://[2001:db8::1]', '2001:db8::1', true],
    ['https://[2001:db8::1]', '[2001:db8::1]', true],
    ['https://[2001:db8::1]', '2001:0db8:0:0::1', true],
    ['https://[2001:db8::1]', '2001:db8::/32', true],
    ['https://[2001:db9::1]', '2001:db8::/32', false],
    ['https://[2001:db8::1]', '2001:db8::/64', true],
    ['https://[2001:db8::1]', '2001:db8::2', false],
    ['https://[2001:db8::443]', '2001:db8::443', true],
    ['https://[fe80::1]', 'fe80::1%eth0', true],
    ['https://api.cloudflare.com', '*.cloudflare.com', true],
    ['https://cloudflare.com', '*.cloudflare.com', false],
    ['https://api.cloudflare.com', '*cloudflare.com', true],
    ['https://api.cloudflare.com', 'x.example,*', true],
    ['https://api.cloudflare.com', '..cloudflare.com', true],
    ['https://10.1.2.3', '*', true],
    ['https://api.cloudflare.com', 'cloudflare.com:443', true],
    ['https://api.cloudflare.com', 'cloudflare.com:80', false],
    ['https://api.cloudflare.com:8443', '.cloudflare.com:8443', true],
    ['https://[2001:db8::1]:8443', '[2001:db8::1]:8443', true],
    ['https://[2001:db8::1]:8443', '[2001:db8::1]:443', false],
    ['https://10.1.2.3:8443', '10.0.0.0/8:8443', true],
  ])('is bypassed for %s if NO_PROXY is "%s": %s', (url, NO_PROXY, isExempt) => {
    expect(proxyFor(new URL(url), { HTTPS_PROXY: 'p', NO_PROXY })).toEqual(isExempt ? {} : { proxy: 'http://p/' });
  });

  test('is taken from http_proxy for an http address', () => {
    const env = { http_proxy: 'plain', https_proxy: 'secure' };
    expect(proxyFor(new URL('http://127.0.0.1:8080'), env)).toEqual({ proxy: 'http://plain/' });
    expect(proxyFor(new URL('http://[::1]:8080'), { ...env, NO_PROXY: '[::1]' })).toEqual({});
    expect(proxyFor(new URL('http://127.0.0.1'), { ...env, NO_PROXY: '127.0.0.1:80' })).toEqual({});
  });
});

describe('the secrets in the proxy address', () => {
  test.each([
    ['http://user:p%40ss@proxy', ['p%40ss', 'p@ss']],
    ['user:p@ss@proxy', ['p@ss', 'p%40ss']],
    ['user:a://b@proxy', ['a://b']],
    ['http://user:100%@proxy', ['100%', '100%25']],
    ['http://user:a/b@proxy', ['a/b']],
    ['socks5://user:s3cret@proxy', ['s3cret']],
    ['http://user:s3cret@proxy:99999', ['s3cret']],
    ['http://token@proxy', []],
    ['http://proxy:3128', []],
  ])('%s are %j', (text, secrets) => {
    const found = new Set(proxySecrets({ all_proxy: text }).filter((secret) => secret !== ''));
    expect([...found].sort()).toEqual([...secrets].sort());
  });

  test.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'])(
    'are found in %s',
    (name) => {
      expect(proxySecrets({ [name]: 'user:s3cret@proxy' })).toContain('s3cret');
    },
  );
});

import { expect, test } from '@jest/globals';
import { userAgent } from '../../src/cloudflare/client.ts';
import { VERSION } from '../../src/version.ts';

test.each([
  [{}, ''],
  [{ repository: 'a/b', id: '7', attempt: '2' }, ' (a/b run 7 attempt 2)'],
  [{ id: '7' }, ' (run 7)'],
  [{ repository: 'a(b)\\\n\u00e9', attempt: '' }, ' (ab)'],
])('the user agent names the repository and run: %j', (sender, comment) => {
  expect(userAgent(sender)).toBe(`cloudflare-share-action/${VERSION}${comment}`);
});

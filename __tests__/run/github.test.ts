// The connection to GitHub: its pages, and its patience.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { connectToGithub, everyItem } from '../../src/github.ts';

const NEXT = { link: '<https://github.invalid?page=2>; rel="next"' };

test.each<[string, { data: number[]; headers: { link?: string } }[]]>([
  [
    'a page that is not full is not the last when there is a next one',
    [
      { data: [1], headers: NEXT },
      { data: [2], headers: {} },
    ],
  ],
  [
    'an empty page is the last, whatever it says',
    [
      { data: [1, 2], headers: NEXT },
      { data: [], headers: NEXT },
    ],
  ],
])('%s', async (_, pages) => {
  const all: number[] = [];
  for await (const item of everyItem(async ({ page }) => pages[page - 1] ?? Promise.reject(new Error(`page ${page}`))))
    all.push(item);
  expect(all).toEqual([1, 2]);
});

test('GitHub that does not answer is waited for as long as said', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { octokit } = connectToGithub({ token: 'x', repository: 'owner/repo', apiUrl }, 50);
  try {
    await expect(octokit.rest.users.getAuthenticated()).rejects.toThrow();
  } finally {
    server.closeAllConnections();
    server.close();
  }
}, 5_000);

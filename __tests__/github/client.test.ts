// The connection to GitHub: its pages, and its patience.

import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import { connectToGithub, everyItem } from '../../src/github/client.ts';
import { withServer } from '../with-server.ts';

const NEVER = new AbortController().signal;
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
  const all = await everyItem(async ({ page }) => pages[page - 1] ?? Promise.reject(new Error(`page ${page}`)));
  expect(all).toEqual([1, 2]);
});

test.each<[string, unknown, { link?: string }]>([
  ['a web page', '<html>', {}],
  ['nothing', undefined, {}],
  ['pages without an end', [1], NEXT],
])('%s instead of a list is an error', async (_, data, headers) => {
  const all = everyItem(async () => ({ data: data as number[], headers }));
  await expect(all).rejects.toThrow('GitHub does not answer with a list');
});

test('GitHub that does not answer is waited for as long as said', async () => {
  await withServer(createServer(), async (apiUrl) => {
    const { octokit } = connectToGithub({ token: 'x', repository: 'owner/repo', apiUrl }, 50, NEVER);
    await expect(octokit.rest.users.getAuthenticated()).rejects.toThrow();
  });
}, 5_000);

// What the runner provides: the run's pull request, the merge it applies, and GitHub's address.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readGithub } from '../../src/inputs/github.ts';
import type { GithubSettings, Merge } from '../../src/settings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'share-event-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Texts = Record<string, string>;
const given = (event: unknown, env: Texts = {}, number?: number): GithubSettings => {
  const path = join(folder, 'event.json');
  writeFileSync(path, typeof event === 'string' ? event : (JSON.stringify(event) ?? 'null'));
  return readGithub('ghs', { GITHUB_EVENT_PATH: path, ...env }, number);
};

describe('the pull request', () => {
  test.each<[string, unknown, Texts, number | undefined, number | undefined]>([
    ['comes from a pull request event', { pull_request: { number: 3 } }, {}, undefined, 3],
    ['comes from a comment on a pull request', { issue: { number: 4, pull_request: { url: '…' } } }, {}, undefined, 4],
    ['is unknown for a comment on an issue', { issue: { number: 4 } }, {}, undefined, undefined],
    ['comes from a merge ref', {}, { GITHUB_REF: 'refs/pull/5/merge' }, undefined, 5],
    ['is unknown for any other ref', {}, { GITHUB_REF: 'refs/pull/5/head/x' }, undefined, undefined],
    ['is unknown for a branch', {}, { GITHUB_REF: 'refs/heads/refs/pull/5/merge' }, undefined, undefined],
    [
      'comes from the input, which overrides all else',
      { pull_request: { number: 3 } },
      { GITHUB_REF: 'refs/pull/5/merge' },
      7,
      7,
    ],
    [
      'comes from the event, which overrides the ref',
      { pull_request: { number: 3 } },
      { GITHUB_REF: 'refs/pull/5/merge' },
      undefined,
      3,
    ],
    ['is unknown if the number is a string', { pull_request: { number: '3' } }, {}, undefined, undefined],
    ['is unknown if the event is null', { pull_request: null, issue: null }, {}, undefined, undefined],
    ["is unknown if the event isn't JSON", '{', {}, undefined, undefined],
    ['is unknown if the event is a list', [], {}, undefined, undefined],
  ])('%s', (_, event, env, number, expected) => {
    expect(given(event, env, number).pullRequest).toBe(expected);
  });

  test.each<[string, unknown, number | undefined, true | undefined]>([
    ['open', { pull_request: { number: 3, state: 'open', merged: false } }, undefined, undefined],
    ['closed', { pull_request: { number: 3, state: 'closed' } }, undefined, true],
    ['merged', { pull_request: { number: 3, merged: true } }, undefined, true],
    [
      'closed if the event is a comment on a closed one',
      { issue: { number: 3, pull_request: {}, state: 'closed' } },
      undefined,
      true,
    ],
    [
      'not assumed to be closed if the input names a different pull request than the event',
      { pull_request: { number: 3, state: 'closed' } },
      7,
      undefined,
    ],
  ])('is %s', (_, event, number, isClosed) => {
    expect(given(event, {}, number).isClosed).toBe(isClosed);
  });
});

describe('the merged pull request', () => {
  const closed = { number: 3, merged: true, merge_commit_sha: 'c1' };
  test.each<[string, unknown, Texts, Merge]>([
    [
      'is looked up by its number on the event of its merge',
      { action: 'closed', pull_request: closed },
      {},
      { kind: 'pull-request', number: 3, isMerged: true },
    ],
    [
      'is not looked up if a pull request was closed without merging',
      { action: 'closed', pull_request: { ...closed, merged: false } },
      {},
      { kind: 'pull-request', number: 3, isMerged: false },
    ],
    [
      'is not looked up if there is no merge commit',
      { action: 'closed', pull_request: { ...closed, merge_commit_sha: null } },
      {},
      { kind: 'pull-request', number: 3, isMerged: false },
    ],
    [
      'is not looked up if a merged pull request was labeled',
      { action: 'labeled', pull_request: closed },
      {},
      { kind: 'pull-request', number: 3, isMerged: false },
    ],
    [
      'is looked up by the commits of a push, the newest one last',
      { ref: 'refs/heads/main', after: 'c3', commits: [{ id: 'c1' }, { id: 'c2' }, { id: 'c3' }] },
      { GITHUB_REF: 'refs/heads/main', GITHUB_SHA: 'c3' },
      { kind: 'push', branch: 'main', commits: ['c1', 'c2', 'c3'] },
    ],
    [
      'is looked up by the valid commits of a partly invalid push',
      { ref: 'refs/heads/main', after: null, commits: [null, 7, {}, { id: 8 }, { id: 'c1' }] },
      { GITHUB_SHA: 'c1' },
      { kind: 'push', branch: 'main', commits: ['c1'] },
    ],
    [
      "is looked up by the run's own commit on other events",
      { workflow_run: { id: 1 }, after: 'c9' },
      { GITHUB_REF: 'refs/heads/release/2', GITHUB_SHA: 'c3' },
      { kind: 'push', branch: 'release/2', commits: ['c3'] },
    ],
    [
      'is not looked up on a tag',
      {},
      { GITHUB_REF: 'refs/tags/main', GITHUB_SHA: 'c3' },
      { kind: 'push', commits: ['c3'] },
    ],
    ['is not looked up without a runner', null, {}, { kind: 'push', commits: [] }],
  ])('%s', (_, event, env, merge) => {
    expect(given(event, env).merge).toEqual(merge);
  });
});

describe('the GitHub server', () => {
  test.each<[Texts, string, string]>([
    [{}, 'https://api.github.com', 'https://api.github.com/graphql'],
    [
      { GITHUB_API_URL: 'https://ghes.example/api/v3' },
      'https://ghes.example/api/v3',
      'https://ghes.example/api/graphql',
    ],
    [
      { GITHUB_API_URL: 'https://ghes.example/api/v3/' },
      'https://ghes.example/api/v3',
      'https://ghes.example/api/graphql',
    ],
    [
      { GITHUB_API_URL: 'https://api.x.ghe.com', GITHUB_GRAPHQL_URL: 'https://api.x.ghe.com/g' },
      'https://api.x.ghe.com',
      'https://api.x.ghe.com/g',
    ],
  ])('with the environment %j has the addresses %s and %s', (env, apiUrl, graphqlUrl) => {
    expect(given({}, env)).toMatchObject({ apiUrl, graphqlUrl });
  });

  test('is reached through the same proxy as Cloudflare, but with its own exceptions', () => {
    const HTTPS_PROXY = 'http://user:100%@proxy:3128';
    expect(given({}, { HTTPS_PROXY }).proxy).toBe('http://user:100%25@proxy:3128/');
    expect(given({}, { ALL_PROXY: 'proxy' }).proxy).toBe('http://proxy/');
    expect(given({}, { HTTPS_PROXY, NO_PROXY: 'github.com' }).proxy).toBeUndefined();
    expect(given({}, { HTTPS_PROXY, NO_PROXY: 'cloudflare.com' }).proxy).toBeDefined();
    expect(given({}, { HTTPS_PROXY: 'http://' })).toMatchObject({
      proxyProblem: 'HTTPS_PROXY is not a valid proxy address: use the form http://proxy.example:3128',
    });
    expect(given({}, { GITHUB_API_URL: 'nowhere', HTTPS_PROXY }).proxy).toBeUndefined();
  });
});

test("the writer of a comment is identified by its run, its attempt and the pull request's head commit", () => {
  const env = { GITHUB_RUN_ID: '34', GITHUB_RUN_ATTEMPT: '2', GITHUB_SHA: 'merge' };
  const event = { pull_request: { number: 3, head: { sha: 'head' } } };
  expect(given(event, env).writer).toEqual({ run: '34', attempt: '2', head: 'head' });
  expect(given(event, env, 7).writer).toEqual({ run: '34', attempt: '2' });
  expect(given({}, {}).writer).toEqual({});
});

// Which pull requests a push merged. ../review/pull-request.test.ts has whole lookups.

import { describe, expect, test } from '@jest/globals';
import type { Github } from '../../src/github/client.ts';
import { GithubError } from '../../src/github/errors.ts';
import { mergedBy, mergedPullRequests, type PullRequest, readPullRequest } from '../../src/github/pull-requests.ts';

const REPOSITORY = 'owner/repo';
const listed = (change: Partial<PullRequest> = {}): PullRequest => ({
  number: 7,
  repository: REPOSITORY,
  base: 'main',
  isMerged: true,
  isOpen: false,
  mergeCommit: 'c1',
  ...change,
});

test.each<[unknown, PullRequest | undefined]>([
  [null, undefined],
  [7, undefined],
  [{ number: '7' }, undefined],
  [{ number: 7 }, { number: 7, isMerged: false, isOpen: false }],
  [
    { number: 7, state: 'open', base: { ref: 'main', repo: { full_name: 'a/b' } }, head: { sha: 'h' } },
    { number: 7, isMerged: false, isOpen: true, base: 'main', repository: 'a/b', head: 'h' },
  ],
  [
    { number: 7, state: 'closed', merged_at: '2026', merge_commit_sha: 'c' },
    { number: 7, isMerged: true, isOpen: false, mergeCommit: 'c' },
  ],
  [
    { number: 7, merged_at: null, merge_commit_sha: 7, base: { ref: 7, repo: null }, head: 'h' },
    { number: 7, isMerged: false, isOpen: false },
  ],
])('parses the pull request %j', (value, read) => {
  expect(readPullRequest(value)).toEqual(read);
});

describe('the pull requests that a push merged', () => {
  const push = { repository: REPOSITORY, branch: 'main', commits: ['c1', 'c2'] };

  test.each<[string, PullRequest[], number[]]>([
    ['include one that is listed for a commit', [listed()], [7]],
    ['include one that is listed for both commits only once', [listed(), listed()], [7]],
    ['are sorted, oldest first', [listed({ number: 10 }), listed({ number: 9, mergeCommit: 'c2' })], [9, 10]],
    ['include one whose repository is in another letter case', [listed({ repository: 'Owner/Repo' })], [7]],
    [
      'include one whose repository is unknown',
      [{ number: 7, base: 'main', isMerged: true, isOpen: false, mergeCommit: 'c1' }],
      [7],
    ],
    ['do not include one that is not merged', [listed({ number: 8, isMerged: false }), listed()], [7]],
    ['do not include one that was merged into another branch', [listed({ number: 8, base: 'next' }), listed()], [7]],
    ['do not include one that another push merged', [listed({ number: 8, mergeCommit: 'old' }), listed()], [7]],
    ['do not include one of another repository', [listed({ number: 8, repository: 'a/fork' }), listed()], [7]],
  ])('%s', (_, pulls, numbers) => {
    expect(mergedBy(push, pulls)).toEqual({ numbers });
  });

  test.each<[string, PullRequest[], string]>([
    ['none was listed', [], "Commit c2 didn't come from a pull request"],
    ['only a fork has one', [listed({ repository: 'a/fork' })], "Commit c2 didn't come from a pull request"],
    [
      'this push merged none of those listed',
      [
        listed({ number: 1, isMerged: false }),
        listed({ number: 2, base: 'next' }),
        { number: 3, isMerged: true, isOpen: false },
        listed({ number: 4, mergeCommit: 'old' }),
        { number: 5, base: 'main', isMerged: true, isOpen: false },
      ],
      'This push to main merged no pull request (#1 is not merged, #2 was merged into next, #3 was merged into an unknown branch, #4 was merged by another push, with commit old, #5 was merged by another push, with commit unknown)',
    ],
  ])('are none, and the error says why: %s', (_, pulls, problem) => {
    expect(mergedBy(push, pulls)).toEqual({ problem: expect.stringContaining(problem) });
  });
});

describe('the commits of a push', () => {
  const merged = { number: 7, base: { ref: 'main' }, merged_at: '2026', merge_commit_sha: 'c2' };
  /** Looks up the commits c1 and c2 with a connection that gives these values, one after the other, or fails. */
  const lookUp = async (responses: Record<string, unknown[]>) => {
    const asked: string[] = [];
    let nowMs = 0;
    const github = {
      nowMs: () => nowMs,
      pause: async (ms: number) => {
        nowMs += ms;
      },
      listAll: async ({ parameters }: { parameters: { commit_sha: string } }) => {
        const commit = parameters.commit_sha;
        const of = responses[commit] ?? [];
        const response = of[Math.min(asked.filter((each) => each === commit).length, of.length - 1)];
        asked.push(commit);
        if (response instanceof Error) throw response;
        return response;
      },
    } as unknown as Github;
    const push = { kind: 'push', branch: 'main', commits: ['c1', 'c2'] } as const;
    const found = mergedPullRequests(github, { repository: REPOSITORY, merge: push });
    return { found: await found.catch((error: unknown) => error), asked, waitedMs: () => nowMs };
  };
  const refused = (status: number): GithubError => new GithubError('refused', { status });

  test('are looked up once if GitHub already shows the merged pull request', async () => {
    const { found, asked, waitedMs } = await lookUp({ c1: [[merged]], c2: [[merged]] });
    expect(found).toEqual({ numbers: [7] });
    expect(asked).toEqual(['c1', 'c2']);
    expect(waitedMs()).toBe(0);
  });

  test('are looked up again until GitHub shows the merged pull request', async () => {
    const { found, asked, waitedMs } = await lookUp({ c1: [[merged]], c2: [[], [null, 7], [merged]] });
    expect(found).toEqual({ numbers: [7] });
    expect(asked).toEqual(['c1', 'c2', 'c2', 'c2']);
    expect(waitedMs()).toBe(4_000);
  });

  test('are looked up for at most 20 seconds', async () => {
    const { found, asked, waitedMs } = await lookUp({ c1: [[]], c2: [[]] });
    expect(found).toEqual({ problem: expect.stringContaining("didn't come from a pull request") });
    expect(asked).toHaveLength(22);
    expect(waitedMs()).toBe(20_000);
  });

  describe('if there are 100 of them', () => {
    const many = Array.from({ length: 100 }, (_, i) => `m${i}`);
    /** Looks up 100 commits. GitHub lists each pull request after the time in `afterMs`, and then as merged. */
    const lookUpMany = async (afterMs: Record<string, number>) => {
      let nowMs = 0;
      let requests = 0;
      const github = {
        nowMs: () => nowMs,
        pause: async (ms: number) => {
          nowMs += ms;
        },
        listAll: async ({ parameters: { commit_sha: commit } }: { parameters: { commit_sha: string } }) => {
          requests += 1;
          const number = many.indexOf(commit) + 1;
          return nowMs >= (afterMs[commit] ?? Number.POSITIVE_INFINITY)
            ? [{ ...merged, number, merge_commit_sha: commit }]
            : [];
        },
      } as unknown as Github;
      const push = { kind: 'push', branch: 'main', commits: many } as const;
      const found = await mergedPullRequests(github, { repository: REPOSITORY, merge: push });
      return { found, requests, nowMs };
    };

    test('are looked up with at most 300 requests, over 20 seconds', async () => {
      expect(await lookUpMany({})).toEqual({
        found: { problem: expect.stringContaining("didn't come from a pull request") },
        requests: 300,
        nowMs: 20_000,
      });
    });

    test('are all looked up again at the end, so that a pull request listed late is found', async () => {
      const { found } = await lookUpMany({ m0: 20_000, m50: 0, m98: 9_000, m99: 0 });
      expect(found).toEqual({ numbers: [1, 51, 99, 100] });
    });

    test('are looked up every 2 seconds once at most 20 are left', async () => {
      const afterMs = Object.fromEntries(many.map((commit, i) => [commit, i < 20 ? 12_000 : 0]));
      const { found, requests, nowMs } = await lookUpMany(afterMs);
      expect([found, requests, nowMs]).toEqual([{ numbers: many.map((_, i) => i + 1) }, 100 + 6 * 20, 12_000]);
    });
  });

  test.each([404, 422])("are skipped, except the newest, if GitHub doesn't know them (%d)", async (status) => {
    const { found, asked } = await lookUp({ c1: [refused(status)], c2: [[merged]] });
    expect(found).toEqual({ numbers: [7] });
    expect(asked).toEqual(['c1', 'c2']);
  });

  test.each<[string, Record<string, unknown[]>, unknown]>([
    ['the newest one is unknown', { c1: [[merged]], c2: [refused(404)] }, { status: 404 }],
    ['GitHub refuses the request for an older one', { c1: [refused(403)], c2: [[merged]] }, { status: 403 }],
    ["GitHub can't be reached", { c1: [new GithubError('unreachable')], c2: [[merged]] }, { trouble: 'unreachable' }],
    [
      'the code throws an unexpected error',
      { c1: [new TypeError('a mistake')], c2: [[merged]] },
      { message: 'a mistake' },
    ],
  ])('cause an error if %s', async (_, responses, failure) => {
    expect((await lookUp(responses)).found).toMatchObject(failure as object);
  });
});

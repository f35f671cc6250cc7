// The gate as a run asks it: with a plan file, and with the pull request on a stand-in for GitHub's REST API.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { GithubSettings } from '../../src/api-settings.ts';
import { readReview } from '../../src/review/gate.ts';
import { failedPlanMarker, reviewMarker } from '../../src/review/marker.ts';
import { writePlanFile } from '../../src/review/plan-file.ts';
import type { DesiredShare, Problem } from '../../src/share/desired.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import { withServer } from '../with-server.ts';
import { ACCOUNT, changing, creating, proposed } from './plans.ts';

const COMMIT = 'abcdef0123456789abcdef0123456789abcdef01';
const MARKER = '<!-- cloudflare-share-action 0123 -->';

interface Comment {
  id: number;
  body: string;
  updated_at: string;
  user: { id: number; type: string } | null;
}
interface PullRequest {
  number: number;
  merged_at: string | null;
  merge_commit_sha: string | null;
  base?: { repo: { full_name: string } };
}

let server: Server;
let folder: string;
let pulls: PullRequest[] = [];
let comments: Comment[] = [];
let requests: string[] = [];
/** What the path is answered with instead of what is there. */
let refuse: Record<string, number> = {};

const bot = { id: 41898282, type: 'Bot' };
const person = { id: 1, type: 'User' };
const somebody = { id: 2, type: 'User' };
const pull = (change: Partial<PullRequest> = {}): PullRequest => ({
  number: 5,
  merged_at: '2026-01-01T00:00:00Z',
  merge_commit_sha: COMMIT,
  base: { repo: { full_name: 'owner/repo' } },
  ...change,
});
const comment = (body: string, change: Partial<Comment> = {}): Comment => ({
  id: comments.length + 1,
  body: `${MARKER}\n${body}\n### Plan`,
  updated_at: '2026-01-01T00:00:00Z',
  user: bot,
  ...change,
});
const planOf = (...plans: SharePlan[]): string =>
  reviewMarker(
    plans.map((plan) => proposed(plan)),
    ACCOUNT,
    10_000,
  );

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'share-gate-'));
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', `http://${request.headers.host}`);
    requests.push(`${request.method} ${url.pathname}`);
    const answer = (status: number, body: unknown, headers = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
    const refused = Object.entries(refuse).find(([path]) => url.pathname.includes(path));
    if (refused) return answer(refused[1], { message: 'Resource not accessible by integration' });
    if (url.pathname === '/user') return answer(200, { ...person, login: 'octocat' });
    const list =
      url.pathname === `/repos/owner/repo/commits/${COMMIT}/pulls`
        ? pulls
        : url.pathname === '/repos/owner/repo/issues/5/comments'
          ? comments
          : undefined;
    if (!list) return answer(404, { message: 'Not Found' });
    const perPage = Number(url.searchParams.get('per_page') ?? 30);
    const page = Number(url.searchParams.get('page') ?? 1);
    return answer(200, list.slice((page - 1) * perPage, page * perPage));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  pulls = [pull()];
  comments = [];
  requests = [];
  refuse = {};
});

/** What keeps the plans from being applied. */
async function objections(
  settings: Parameters<typeof readReview>[0],
  plans: SharePlan[],
  marker: string,
): Promise<readonly Problem[]> {
  const review = await readReview(settings, () => marker, new AbortController().signal);
  if (review === undefined) return [];
  return 'problem' in review ? [review.problem] : review.objections(plans.map((plan) => proposed(plan))).flat();
}

const desired: DesiredShare[] = ['S', 'Other'].map((name, i) => ({
  name,
  accountId: ACCOUNT,
  state: 'present',
  placeOf: () => ({ label: `shares[${i}].name`, file: 'shares.yml', line: i + 1, column: 1 }),
}));
const github = (change: Partial<GithubSettings> = {}): GithubSettings => ({
  token: 'ghs_example-token-0000',
  apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  repository: 'owner/repo',
  commit: COMMIT,
  ...change,
});
const messages = async (plans: SharePlan[], change: Partial<GithubSettings> = {}): Promise<string[]> => {
  const reviewedPlan = { kind: 'pull-request' } as const;
  const settings = { accountId: ACCOUNT, desired, github: github(change), reviewedPlan };
  return (await objections(settings, plans, MARKER)).map(({ message }) => message);
};

describe('with a plan file', () => {
  const heldTo = async (seen: SharePlan[], now: SharePlan[]) => {
    const path = join(folder, 'plan.json');
    await writePlanFile(
      path,
      ACCOUNT,
      seen.map((plan) => proposed(plan)),
    );
    return objections(
      { accountId: ACCOUNT, desired, github: github(), reviewedPlan: { kind: 'file', path } },
      now,
      MARKER,
    );
  };

  test('what was reviewed goes on, without a word to GitHub', async () => {
    expect(await heldTo([creating('S', ['a']), changing('Other', 'x')], [changing('Other', 'x')])).toEqual([]);
    expect(requests).toEqual([]);
  });

  test('every share is held to it, not the first alone', async () => {
    const found = await heldTo([creating('S', ['a'])], [creating('S', ['a']), changing('Other', 'x')]);
    expect(found.length).toBeGreaterThan(1);
    expect(new Set(found.map(({ place }) => place?.line))).toEqual(new Set([2]));
  });

  test('one step more is named at the place of its share', async () => {
    expect(await heldTo([creating('S', ['a'])], [creating('S', ['a', 'b'])])).toEqual([
      {
        message:
          'Not in the reviewed plan: add recipient b to new share "S". Nothing was changed. Plan again, and have that plan reviewed',
        kind: 'not-reviewed',
        place: { label: '', file: 'shares.yml', line: 1, column: 1 },
      },
    ]);
  });

  test('a share that nothing lists is named without a place', async () => {
    const deletion: SharePlan = { ...creating('Gone', []), action: 'delete', share_id: 'x' };
    expect(await heldTo([], [deletion])).toEqual([
      {
        message:
          'Not in the reviewed plan: delete share "Gone" (x). Nothing was changed. Plan again, and have that plan reviewed',
        kind: 'not-reviewed',
      },
    ]);
  });

  test('of many steps the first few are named, and how many there are', async () => {
    const many = Array.from({ length: 30 }, (_, i) => `a${i}`);
    const problems = await heldTo([creating('S', ['a'])], [creating('S', many)]);
    expect(problems).toHaveLength(10);
    expect(problems[8]?.message).toMatch(/recipient a8 /);
    expect(problems[9]?.message).toBe(
      '21 more steps of 30 are not in the reviewed plan. Nothing was changed. Plan again, and have that plan reviewed',
    );
  });

  test('no file is one problem, and no reviewed plan asked for is none', async () => {
    const settings = { accountId: ACCOUNT, desired, github: github() };
    const reviewedPlan = { kind: 'file', path: join(folder, 'none.json') } as const;
    expect(await objections({ ...settings, reviewedPlan }, [], MARKER)).toEqual([
      { message: expect.stringMatching(/^There is no reviewed plan/), kind: 'not-reviewed' },
    ]);
    expect(await objections(settings, [creating('S', ['a'])], MARKER)).toEqual([]);
  });
});

describe('with the plan on the pull request', () => {
  test('what was reviewed goes on; the comment is found among 250 others', async () => {
    for (let i = 0; i < 250; i++) comments.push({ ...comment('', { user: somebody }), body: `Comment ${i}` });
    comments.splice(220, 0, comment(planOf(creating('S', ['a']))));
    expect(await messages([creating('S', ['a'])])).toEqual([]);
    expect(requests.filter((request) => request.includes('/comments'))).toHaveLength(3);
    expect(requests.every((request) => request.startsWith('GET'))).toBe(true);
  });

  test('one recipient more is named', async () => {
    comments = [comment(planOf(creating('S', ['a'])))];
    expect(await messages([creating('S', ['a', 'evil'])])).toEqual([
      'Not in the reviewed plan: add recipient evil to new share "S". Nothing was changed. Plan again, and have that plan reviewed',
    ]);
  });

  test('the newest edit counts', async () => {
    comments = [
      comment(planOf(creating('S', ['a', 'b'])), { updated_at: '2026-01-01T00:00:01Z' }),
      comment(planOf(creating('S', ['a'])), { updated_at: '2026-01-02T00:00:00Z' }),
      comment(planOf(creating('S', ['b'])), { updated_at: '2026-01-01T00:00:00Z' }),
    ];
    expect(await messages([creating('S', ['a'])])).toEqual([]);
    expect(await messages([creating('S', ['b'])])).toHaveLength(1);
  });

  test('of two of the same second the later one counts', async () => {
    comments = [comment(planOf(creating('S', ['b'])))];
    comments.push(comment(planOf(creating('S', ['a']))));
    expect(await messages([creating('S', ['a'])])).toEqual([]);
  });

  test('a comment that quotes the plan is none', async () => {
    const { body, ...quoting } = comment(planOf(creating('S', ['a'])));
    comments = [{ ...quoting, body: `> ${body}` }];
    expect(await messages([creating('S', ['a'])])).toEqual([expect.stringMatching(/has no comment with a plan/)]);
  });

  describe('the author', () => {
    const evil = planOf(creating('S', ['evil']));
    test("with the workflow's token a person's copy is not taken, however new it is", async () => {
      comments = [comment(evil, { user: somebody, updated_at: '2027-01-01T00:00:00Z' })];
      expect(await messages([creating('S', ['evil'])])).toEqual([
        expect.stringMatching(/#5 is not by a bot.*may be a copy/),
      ]);
      comments.push(comment(planOf(creating('S', ['a']))));
      expect(await messages([creating('S', ['a'])])).toEqual([]);
      expect(await messages([creating('S', ['evil'])])).toHaveLength(1);
      expect(requests).not.toContain('GET /user');
    });

    test("with a person's token only that person's comment is taken", async () => {
      comments = [comment(evil, { user: somebody }), comment(evil, { user: bot }), comment(evil, { user: null })];
      const token = { token: 'github_pat_example' };
      expect(await messages([creating('S', ['evil'])], token)).toEqual([
        expect.stringMatching(/is not by the user of the github-token/),
      ]);
      comments.push(comment(planOf(creating('S', ['a'])), { user: person }));
      expect(await messages([creating('S', ['a'])], token)).toEqual([]);
    });

    test('a token that may not ask who it is, is an installation', async () => {
      refuse = { '/user': 403 };
      comments = [comment(planOf(creating('S', ['a']))), comment(evil, { user: somebody })];
      expect(await messages([creating('S', ['a'])], { token: 'v1.example' })).toEqual([]);
      refuse = { '/user': 500 };
      expect(await messages([creating('S', ['a'])], { token: 'v1.example' })).toEqual([
        expect.stringMatching(/cannot be looked up/),
      ]);
    });
  });

  describe('of several pull requests with the commit', () => {
    const elsewhere = { number: 6, merge_commit_sha: 'f'.repeat(40) };
    test.each<[string, PullRequest[], RegExp | undefined]>([
      ['the one that this commit merged is meant', [pull(elsewhere), pull()], undefined],
      ['an open one is not meant', [pull({ number: 6, merged_at: null }), pull()], undefined],
      [
        "another repository's is not meant",
        [pull({ number: 6, base: { repo: { full_name: 'fork/repo' } } }), pull()],
        undefined,
      ],
      [
        'one of the same repository is meant, in whatever case',
        [pull({ base: { repo: { full_name: 'Owner/Repo' } } })],
        undefined,
      ],
      ['the only merged one is meant, whatever its merge commit', [pull({ merge_commit_sha: null })], undefined],
      ['and without a word on the repository', [{ number: 5, merged_at: '2026', merge_commit_sha: COMMIT }], undefined],
      ['two of the same claim are too many', [pull(), pull({ number: 6 })], /several pull requests \(#5, #6\)/],
      [
        'two that were merged otherwise as well',
        [pull(elsewhere), pull({ ...elsewhere, number: 7 })],
        /several pull requests \(#6, #7\)/,
      ],
      ['an open one alone was not approved', [pull({ merged_at: null })], /no merged pull request \(not merged: #5\)/],
      ['none', [], /came from no pull request.*plan file/],
    ])('%s', async (_, found, message) => {
      pulls = found;
      comments = [comment(planOf(creating('S', ['a'])))];
      expect(await messages([creating('S', ['a'])])).toEqual(message ? [expect.stringMatching(message)] : []);
    });
  });

  test.each<[string, () => void, RegExp]>([
    ['no comment', () => {}, /#5 has no comment with a plan.*comment-on-pr: true/],
    [
      'the comment of another share',
      () => comments.push({ ...comment(planOf()), body: 'another' }),
      /has no comment with a plan/,
    ],
    ['no plan in it', () => comments.push(comment('')), /comment on pull request #5 has no plan in it/],
    ['a failed plan', () => comments.push(comment(failedPlanMarker(ACCOUNT))), /says that planning failed/],
    [
      'a plan too long',
      () => comments.push(comment(reviewMarker([proposed(creating('S', ['a']))], ACCOUNT, 10))),
      /Use a plan file/,
    ],
    ["another account's", () => comments.push(comment(reviewMarker([], 'another', 1000))), /of another account/],
    ['no permission', () => (refuse = { pulls: 403 }), /HTTP 403.*pull-requests: read/],
    ['no permission to read comments', () => (refuse = { comments: 404 }), /HTTP 404.*pull-requests: read/],
    ['a token that is not valid', () => (refuse = { pulls: 401 }), /not valid/],
    ['GitHub in trouble', () => (refuse = { comments: 502 }), /cannot be looked up.*Run the job again/],
  ])('%s: it says so, whether or not there is anything to do', async (_, arrange, message) => {
    arrange();
    expect(await messages([creating('S', ['a'])])).toEqual([expect.stringMatching(message)]);
    expect(await messages([])).toEqual([expect.stringMatching(message)]);
  });

  test('without a token or a commit nothing is asked', async () => {
    expect(await messages([], { token: '' })).toEqual([expect.stringMatching(/github-token is empty/)]);
    const { commit: _, ...rest } = github();
    const settings = { accountId: ACCOUNT, desired, github: rest, reviewedPlan: { kind: 'pull-request' } as const };
    expect(await objections(settings, [], MARKER)).toEqual([
      { message: expect.stringMatching(/this run has no commit/), kind: 'not-reviewed' },
    ]);
    expect(requests).toEqual([]);
  });
});

test('the look-up of the reviewed plan ends when the job is cancelled', async () => {
  const job = new AbortController();
  await withServer(
    createServer(() => job.abort()),
    async (apiUrl) => {
      const settings = {
        accountId: ACCOUNT,
        desired,
        github: github({ apiUrl }),
        reviewedPlan: { kind: 'pull-request' as const },
      };
      expect(await readReview(settings, () => MARKER, job.signal)).toEqual({
        problem: { message: 'The reviewed plan cannot be looked up: the job was cancelled', kind: 'not-reviewed' },
      });
    },
  );
});

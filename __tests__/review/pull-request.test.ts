// The reviewed plan of a merge, read from comments on a fake GitHub: which pull requests and whose comments count, and
// what happens when GitHub fails.

import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '../../src/clock.ts';
import { markerOf, writerLine } from '../../src/github/comments.ts';
import { readReview } from '../../src/review/gate.ts';
import { failedPlanMarker, reviewMarker } from '../../src/review/marker.ts';
import type { GithubSettings, Merge } from '../../src/settings.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import type { Problem } from '../../src/share/problem.ts';
import { fakeClock, fastClock, heldClock } from '../clock.ts';
import {
  BOT,
  COMMIT,
  type Comment,
  type Fault,
  merged,
  OTHER_BOT,
  PERSON,
  PULL_REQUEST,
  type Pull,
  pull,
  TOKEN,
  type User,
} from '../fake-github.ts';
import { useFakeGithub } from '../use-simulator.ts';
import { ACCOUNT, creating, proposed } from './plans.ts';

const github = await useFakeGithub();

const MARKER = markerOf('plan', ACCOUNT, ['share', 'S']);
const SEEN = [creating('S', ['a'])];
const desired: DesiredShare[] = [
  { name: 'S', accountId: ACCOUNT, state: 'present', placeOf: () => ({ label: 'share-name' }) },
];
const push = (...commits: string[]): Merge => ({ kind: 'push', branch: 'main', commits });
const settings = (change: Partial<GithubSettings> = {}): GithubSettings => ({
  token: TOKEN,
  apiUrl: github.url,
  graphqlUrl: `${github.url}/graphql`,
  repository: 'owner/repo',
  merge: push(COMMIT),
  writer: {},
  ...change,
});

const lineOf = (...plans: SharePlan[]): string =>
  reviewMarker(
    plans.map((plan) => proposed(plan)),
    ACCOUNT,
    10_000,
  );
const bodyOf = (...hidden: string[]): string => [MARKER, ...hidden, writerLine({ run: '34' }), '### Plan'].join('\n');
/** The reviewed plan, as the action wrote it. */
const planned = (by: User | null = BOT, on = PULL_REQUEST): Comment => github.say(bodyOf(lineOf(...SEEN)), by, on);

const read = (
  change: Partial<GithubSettings> = {},
  cancelled = new AbortController().signal,
  clock: Clock = fakeClock(),
) =>
  readReview(
    { accountId: ACCOUNT, desired, github: settings(change), reviewedPlan: { kind: 'pull-request' } },
    () => MARKER,
    clock,
    cancelled,
  );

/** The problems that keep the plans from being applied. */
async function objections(plans: SharePlan[], change: Partial<GithubSettings> = {}): Promise<readonly Problem[]> {
  const review = await read(change);
  if (review === undefined) throw new Error('there is no gate');
  if ('problem' in review) return [review.problem];
  return review.gate(plans.map((plan) => proposed(plan))).flatMap((result) => result.objections);
}
const messages = async (plans = SEEN, change: Partial<GithubSettings> = {}): Promise<string[]> =>
  (await objections(plans, change)).map(({ message }) => message);

describe('the plan in a pull request comment', () => {
  test('is found among 250 other comments, without any write', async () => {
    github.talk(220);
    planned();
    github.talk(30);
    expect(await messages()).toEqual([]);
    expect(github.requests.filter(({ path }) => path.endsWith('/comments'))).toHaveLength(3);
    expect(github.writes()).toEqual([]);
  });

  test('does not cover an additional recipient', async () => {
    planned();
    expect(await messages([creating('S', ['a', 'evil'])])).toEqual([
      expect.stringMatching(/^Not in the reviewed plan: add recipient evil to new share "S"/),
    ]);
  });

  test('comes with the numbers of the pull requests that get the result', async () => {
    planned();
    expect(await read()).toMatchObject({ pullRequests: [PULL_REQUEST] });
    for (const comments of [[], [bodyOf(failedPlanMarker(ACCOUNT))]]) {
      github.comments = [];
      for (const body of comments) github.say(body, BOT);
      expect(await read()).toMatchObject({ problem: { kind: 'not-reviewed' }, pullRequests: [PULL_REQUEST] });
    }
    github.faultFor = () => ({ kind: 'response', status: 401 });
    expect(await read()).toMatchObject({ problem: { kind: 'github' }, pullRequests: [] });
  });
});

test('an error in the action itself is not reported as a missing plan', async () => {
  const mistake = new TypeError('a mistake');
  const marker = (): string => {
    throw mistake;
  };
  const run = { accountId: ACCOUNT, desired, github: settings(), reviewedPlan: { kind: 'pull-request' } } as const;
  await expect(readReview(run, marker, fakeClock(), new AbortController().signal)).rejects.toBe(mistake);
});

describe('the author of a comment with a plan', () => {
  const NAMESAKE: User = { login: 'github-actions', type: 'User' };
  const NOT_OURS = /was not written by github-actions\[bot\], the identity of github-token, so it may be a copy/;
  const EDITED = (who: string): RegExp => new RegExp(`was edited by ${who}, so it may differ from what was planned`);

  test.each<[string, () => unknown, RegExp | undefined]>([
    ["is trusted if it is the token's identity", () => planned(), undefined],
    [
      "is trusted if it is the token's identity, which also edited it",
      () => Object.assign(planned(), { editor: BOT }),
      undefined,
    ],
    ['is not trusted if it is a person', () => planned(PERSON), NOT_OURS],
    ['is not trusted if it is another app', () => planned(OTHER_BOT), NOT_OURS],
    ["is not trusted if it is a person with the bot's login", () => planned(NAMESAKE), NOT_OURS],
    ['is not trusted if the account is deleted', () => planned(null), NOT_OURS],
    [
      'is trusted even if others posted copies',
      () => [PERSON, OTHER_BOT, null, BOT, NAMESAKE].map((by) => planned(by)),
      undefined,
    ],
    [
      'is not trusted if it posted two plans',
      () => [planned(), planned()],
      /has 2 comments with a plan by github-actions\[bot\] \(1, 2\)/,
    ],
    [
      'is not trusted if a person edited the comment',
      () => Object.assign(planned(), { editor: PERSON }),
      EDITED('somebody'),
    ],
    [
      'is not trusted if another app edited the comment',
      () => Object.assign(planned(), { editor: OTHER_BOT }),
      EDITED('other-app\\[bot\\]'),
    ],
    [
      'is not trusted if a person with the same login edited the comment',
      () => Object.assign(planned(), { editor: NAMESAKE }),
      EDITED('github-actions'),
    ],
    [
      'is not trusted if a deleted account edited the comment',
      () => Object.assign(planned(), { editor: null }),
      EDITED('an account that no longer exists'),
    ],
    [
      'does not matter if there is no comment with a plan',
      () => github.talk(3),
      /^Pull request #12 has no comment with a plan .* Plan with comment-on-pr: true .* open another pull request that runs the plan job$/,
    ],
    [
      'does not matter if the comment only quotes the plan',
      () => github.say(`> ${bodyOf(lineOf(...SEEN))}`, BOT),
      /has no comment with a plan/,
    ],
    [
      'does not matter if the comment has no body',
      () => Object.assign(planned(), { body: null }),
      /has no comment with a plan/,
    ],
    [
      'does not matter if the comment is the result of a run',
      () => github.say(MARKER.replace(' ', '-result '), BOT),
      /has no comment with a plan/,
    ],
  ])('%s', async (_, arrange, message) => {
    arrange();
    expect(await messages()).toEqual(message ? [expect.stringMatching(message)] : []);
    expect(github.writes()).toEqual([]);
  });

  test("is trusted if GraphQL omits [bot] from the bot's login", async () => {
    planned();
    const data = { data: { viewer: { login: 'github-actions' } } };
    github.faultFor = ({ body }) => (body.includes('viewer {') ? { kind: 'response', status: 200, data } : undefined);
    expect(await messages()).toEqual([]);
    github.comments = [];
    planned(NAMESAKE);
    expect(await messages()).toEqual([expect.stringMatching(NOT_OURS)]);
  });

  test('is not trusted if someone edits the comment while it is read', async () => {
    const comment = planned();
    github.before = ({ body }) => {
      if (body.includes('node'))
        Object.assign(comment, { body: bodyOf(lineOf(creating('S', ['evil']))), editor: PERSON });
    };
    expect(await messages([creating('S', ['evil'])])).toEqual([expect.stringMatching(EDITED('somebody'))]);
  });

  test('is trusted only for the body that was read together with the editor', async () => {
    const comment = planned(BOT);
    const evil = bodyOf(lineOf(creating('S', ['evil'])));
    // A person edits it before the list is read, and the action plans again before the editor is read.
    Object.assign(comment, { body: evil, editor: PERSON });
    github.before = ({ body }) => {
      if (body.includes('node')) Object.assign(comment, { body: bodyOf(lineOf(...SEEN)), editor: BOT });
    };
    expect(await messages([creating('S', ['evil'])])).toHaveLength(1);
    expect(await messages()).toEqual([]);
  });

  test.each<[string, string, User, User | undefined, RegExp | undefined]>([
    ['is trusted if it is a person and the token is theirs', 'ghp_person', PERSON, undefined, undefined],
    [
      "is not trusted if it is the bot and the token is a person's",
      'ghp_person',
      BOT,
      undefined,
      /was not written by somebody, the identity/,
    ],
    [
      'is not trusted if it is a person and the bot edited the comment',
      'ghp_person',
      PERSON,
      BOT,
      EDITED('github-actions\\[bot\\]'),
    ],
    ['is trusted if it is another app and the token is its own', 'ghs_other', OTHER_BOT, OTHER_BOT, undefined],
    [
      "is not trusted if it is the workflow and the token is another app's",
      'ghs_other',
      BOT,
      undefined,
      /was not written by other-app\[bot\], the identity/,
    ],
  ])('%s', async (_, token, by, editor, message) => {
    const comment = planned(by);
    if (editor) comment.editor = editor;
    expect(await messages(SEEN, { token })).toEqual(message ? [expect.stringMatching(message)] : []);
  });
});

describe('a response about comments', () => {
  const evil = [creating('S', ['evil'])];
  const own = () => ({ id: 7, node_id: 'IC_7', body: bodyOf(lineOf(...SEEN)), user: { ...BOT } });
  const list = (...comments: unknown[]) => ({ path: '/comments', data: comments });
  const node = (answer: unknown) => ({ path: '/graphql', data: { data: { node: answer } } });
  const NO_COMMENT = /has no comment with a plan/;
  const COPY = /may be a copy/;
  const UNUSABLE = /doesn't match its API's documentation/;

  test.each<[string, () => { path: string; data: unknown }, RegExp | undefined]>([
    ['has a list without objects', () => list(null, 7, 'x', [], true), NO_COMMENT],
    ['has invalid comments next to the valid one', () => list(null, {}, { id: 'x' }, own()), undefined],
    ['has an id that is a string', () => list({ ...own(), id: '7' }), NO_COMMENT],
    ['has no id', () => list({ ...own(), id: null }), NO_COMMENT],
    ['has a body that is not a string', () => list({ ...own(), body: 7 }), NO_COMMENT],
    ['has a body that is a list', () => list({ ...own(), body: [own().body] }), NO_COMMENT],
    ['has no user', () => list({ ...own(), user: null }), COPY],
    ['has a user that is a string', () => list({ ...own(), user: 'github-actions[bot]' }), COPY],
    ['has a user without a login', () => list({ ...own(), user: { type: 'Bot', id: 41898282 } }), COPY],
    [
      'has a login that is not a string',
      () => list({ ...own(), user: { login: ['github-actions[bot]'], type: 'Bot' } }),
      COPY,
    ],
    ['has an empty login', () => list({ ...own(), user: { login: '', type: 'Bot' } }), COPY],
    [
      "has a login that starts like the bot's",
      () => list({ ...own(), user: { login: 'github-actions[bot]x', type: 'Bot' } }),
      COPY,
    ],
    [
      'has a login with whitespace',
      () => list({ ...own(), user: { login: ' github-actions[bot]', type: 'Bot' } }),
      COPY,
    ],
    ['has a person with that login', () => list({ ...own(), user: { login: 'github-actions', type: 'User' } }), COPY],
    [
      'has an organization with that login',
      () => list({ ...own(), user: { login: 'github-actions', type: 'Organization' } }),
      COPY,
    ],
    ['has no node_id', () => list({ ...own(), node_id: null }), UNUSABLE],
    ['has a node_id that is a number', () => list({ ...own(), node_id: 7 }), UNUSABLE],
    ['has an object instead of a list', () => ({ path: '/comments', data: { comments: [own()] } }), UNUSABLE],
    ['has null instead of a list', () => ({ path: '/comments', data: null }), UNUSABLE],
    ['has no node', () => node(null), UNUSABLE],
    ['has a node of another kind', () => node({}), UNUSABLE],
    ['has a node that is a string', () => node('IC_7'), UNUSABLE],
    ['says nothing about the editor', () => node({ id: 'IC_1', lastEditedAt: null }), UNUSABLE],
    [
      'has an editor without a login',
      () => node({ editor: {}, lastEditedAt: null }),
      /edited by an account that no longer exists/,
    ],
    [
      'has an editor that is a string',
      () => node({ editor: 'github-actions' }),
      /edited by an account that no longer exists/,
    ],
    [
      'has an edit without an editor',
      () => node({ editor: null, lastEditedAt: '2026' }),
      /edited by an account that no longer/,
    ],
    ['has an editor of an unknown kind', () => node({ editor: { login: 'somebody' } }), /edited by somebody/],
    ['has a body without the marker', () => node({ editor: null, body: 'x' }), /has just changed/],
    ['has a body with another plan', () => node({ editor: null, body: bodyOf(lineOf()) }), /Not in the reviewed plan/],
    ['has a body without a plan', () => node({ editor: null, body: MARKER }), /contains no plan/],
    ['has no data', () => ({ path: '/graphql', data: {} }), UNUSABLE],
    ['has null data', () => ({ path: '/graphql', data: { data: null } }), UNUSABLE],
    ['has an error', () => ({ path: '/graphql', data: { errors: [{ message: 'No' }] } }), /GitHub refused: "No"/],
    ['has a null error', () => ({ path: '/graphql', data: { errors: [null] } }), UNUSABLE],
    ['has no viewer', () => ({ path: '/graphql', data: { data: { viewer: null } } }), UNUSABLE],
    ['has a viewer without a login', () => ({ path: '/graphql', data: { data: { viewer: {} } } }), UNUSABLE],
  ])('never leads to unreviewed changes if it %s', async (_, odd, message) => {
    planned();
    const { path, data } = odd();
    const isAsked = (body: string): boolean => !body.includes('viewer {') || JSON.stringify(data).includes('viewer');
    github.faultFor = (requested) =>
      requested.path.endsWith(path) && isAsked(requested.body) ? { kind: 'response', status: 200, data } : undefined;
    if (path === '/comments' && Array.isArray(data)) github.comments = [{ ...own(), on: PULL_REQUEST, user: BOT }];
    const found = await messages();
    expect(found.slice(0, 1)).toEqual(message ? [expect.stringMatching(message)] : []);
    expect(await messages(evil)).not.toEqual([]);
    expect(github.writes()).toEqual([]);
  });
});

describe('a comment with an invalid plan', () => {
  const line = (): string => lineOf(...SEEN);
  test.each<[string, () => string, RegExp]>([
    ['without a plan', () => bodyOf(), /contains no plan/],
    [
      'with a failed plan',
      () => bodyOf(failedPlanMarker(ACCOUNT)),
      /says that planning failed\. To get a new plan, open another pull request that runs the plan job$/,
    ],
    ['with a plan that was too long', () => bodyOf(reviewMarker([], ACCOUNT, 10)), /Use a plan file/],
    ["with another account's plan", () => bodyOf(reviewMarker([], 'f'.repeat(32), 10_000)), /for a different account/],
    ['with two plans', () => bodyOf(line(), line()), /several plans/],
    ['with a plan below text', () => bodyOf('Hello', line()), /contains no plan/],
    ['with a quoted plan', () => bodyOf(`> ${line()}`), /contains no plan/],
    ['with a plan in a code block', () => bodyOf(`\`\`\`\n${line()}\n\`\`\``), /contains no plan/],
    ['with a truncated plan', () => bodyOf(line().slice(0, -20)), /contains no plan|damaged/],
    ['with an additional character in the plan', () => bodyOf(line().replace(' -->', 'A -->')), /damaged/],
    ['with a missing character in the plan', () => bodyOf(line().replace(/. -->/, ' -->')), /damaged/],
    ['with a plan of another version', () => bodyOf(line().replace(/ v\d+ /, ' v99 ')), /v99/],
    ['with a plan without a version', () => bodyOf(line().replace(/ v\d+ /, ' ')), /damaged/],
  ])('is rejected %s', async (_, body, message) => {
    github.say(body(), BOT);
    expect(await messages()).toEqual([expect.stringMatching(message)]);
    expect(await messages([])).toEqual([expect.stringMatching(message)]);
  });
});

describe('a pull request', () => {
  const OTHER = 'f'.repeat(40);
  const elsewhere = { ref: 'main', repo: { full_name: 'fork/repo' } };
  test.each<[string, Pull[], RegExp | undefined]>([
    ['provides the plan if the pushed commit merged it', [merged()], undefined],
    ['provides the plan even if an open one has the same commit', [pull({ number: 6 }), merged()], undefined],
    [
      'provides the plan even if one of another repository has the same commit',
      [merged({ number: 6, base: elsewhere }), merged()],
      undefined,
    ],
    [
      'provides the plan regardless of the case of its repository',
      [merged({ base: { ref: 'main', repo: { full_name: 'Owner/Repo' } } })],
      undefined,
    ],
    ['provides the plan if GitHub omits its repository', [merged({ base: { ref: 'main', repo: null } })], undefined],
    [
      'does not provide the plan if it was merged into another branch',
      [merged({ base: { ref: 'staging', repo: null } })],
      /#12 was merged into staging\)/,
    ],
    [
      'does not provide the plan if it was merged into an unknown branch',
      [merged({ base: null })],
      /#12 was merged into an unknown branch\)/,
    ],
    [
      'does not provide the plan if another push merged it',
      [merged({ merge_commit_sha: OTHER })],
      new RegExp(`#12 was merged by another push, with commit ${OTHER}\\)`),
    ],
    [
      'does not provide the plan if its merge commit is unknown',
      [merged({ merge_commit_sha: null })],
      /with commit unknown\)/,
    ],
    [
      'does not provide the plan if it is open',
      [pull()],
      /^This push to main merged no pull request \(#12 is not merged\)/,
    ],
    ['does not provide the plan if it was closed without a merge', [pull({ state: 'closed' })], /#12 is not merged/],
    [
      'does not provide the plan if it belongs to another repository',
      [merged({ base: elsewhere })],
      /^Commit abc.* didn't come from a pull request/,
    ],
    ['is required', [], /^Commit abc.* didn't come from a pull request, so there is no reviewed plan/],
  ])('%s', async (_, pulls, message) => {
    github.pulls = pulls;
    planned();
    expect(await objections(SEEN)).toEqual(
      message ? [{ message: expect.stringMatching(message), kind: 'not-reviewed' }] : [],
    );
  });

  test.each<[string, Merge, RegExp]>([
    ['a tag', { kind: 'push', commits: [COMMIT] }, /^This run isn't on a branch/],
    ['a run without a commit', push(), /^This run isn't on a branch/],
    [
      'an open pull request',
      { kind: 'pull-request', number: 12, isMerged: false },
      /^The event that started this run didn't merge pull request #12/,
    ],
  ])('is not looked up for %s', async (_, merge, message) => {
    planned();
    expect(await messages(SEEN, { merge })).toEqual([expect.stringMatching(message)]);
    expect(github.requests).toEqual([]);
  });

  test('provides the plan if the event is its own merge', async () => {
    planned();
    github.pulls = [];
    expect(await messages(SEEN, { merge: { kind: 'pull-request', number: 12, isMerged: true } })).toEqual([]);
  });

  describe('one of several that a push merged', () => {
    const [FIRST, SECOND] = ['1'.repeat(40), '2'.repeat(40)];
    const both = { merge: push(FIRST, SECOND) };
    const now = [creating('S', ['a']), creating('T', ['b'])];
    beforeEach(() => {
      github.pulls = [
        merged({ number: 7, merge_commit_sha: SECOND, commits: [SECOND] }),
        merged({ number: 6, merge_commit_sha: FIRST, commits: [FIRST] }),
      ];
    });

    test('provides its plan along with the others', async () => {
      github.say(bodyOf(lineOf(creating('S', ['a']))), BOT, 6);
      github.say(bodyOf(lineOf(creating('T', ['b']))), BOT, 7);
      expect(await messages(now, both)).toEqual([]);
      expect(await messages([creating('T', ['evil'])], both)).toHaveLength(1);
      expect(await read(both)).toMatchObject({ pullRequests: [6, 7] });
    });

    test('is required to have a plan', async () => {
      github.say(bodyOf(lineOf(...now)), BOT, 7);
      expect(await messages(now, both)).toEqual([expect.stringMatching(/^Pull request #6 has no comment with a plan/)]);
    });

    test('provides its plan once if several of its commits are in the push', async () => {
      github.pulls = [merged({ merge_commit_sha: SECOND, commits: [FIRST, SECOND] })];
      planned();
      expect(await messages(SEEN, both)).toEqual([]);
      expect(await read(both)).toMatchObject({ pullRequests: [12] });
    });

    test('is looked up for the last 100 commits of the push', async () => {
      const many = Array.from({ length: 300 }, (_, i) => String(i).padStart(40, '0'));
      github.pulls = [merged({ merge_commit_sha: many[299] ?? '', commits: many })];
      planned();
      expect(await messages(SEEN, { merge: push(...many) })).toEqual([]);
      expect(github.requests.filter(({ path }) => path.endsWith('/pulls'))).toHaveLength(100);
    });
  });
});

describe('a lookup right after the merge', () => {
  const lists = (): number => github.requests.filter(({ path }) => path.endsWith('/pulls')).length;
  test.each([
    ['no pull request', 'nothing'],
    ['an open pull request', 'open'],
  ] as const)('requests the list of pull requests again while it shows %s', async (_, shows) => {
    planned();
    github.lag = { lists: 3, shows };
    expect(await messages()).toEqual([]);
    expect(lists()).toBe(4);
  });

  test('gives up after 20 seconds', async () => {
    github.pulls = [];
    const review = await read();
    expect(review).toMatchObject({ problem: { message: expect.stringMatching(/didn't come from a pull request/) } });
    expect(lists()).toBe(11);
  });
});

test('an empty token is reported without any request', async () => {
  expect(await objections([], { token: '' })).toEqual([
    { message: expect.stringMatching(/github-token is empty/), kind: 'github' },
  ]);
  expect(github.requests).toEqual([]);
});

describe('a GitHub failure', () => {
  const refused = (status: number, message: string, headers = {}): Fault => ({
    kind: 'response',
    status,
    data: { message },
    headers,
  });
  const RESET = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.UTC(2026, 10, 24, 11) / 1000) };
  test.each<[string, Fault, RegExp]>([
    [
      'a missing permission',
      refused(403, 'Resource not accessible by integration'),
      /"Resource not accessible by integration" \(HTTP 403\)\. Grant the job "permissions: pull-requests: read"$/,
    ],
    ['an invalid token', refused(401, 'Bad credentials'), /: github-token is not valid$/],
    [
      'a used-up rate limit',
      refused(403, 'API rate limit exceeded', RESET),
      /rate limit is used up: "API rate limit exceeded" \(HTTP 403\)\. It allows requests again in 61 minutes\. Run the job again$/,
    ],
    [
      'a 404',
      refused(404, 'Not Found'),
      /found nothing there, or github-token isn't allowed to see it: "Not Found" \(HTTP 404\)$/,
    ],
    [
      'any other refusal',
      refused(403, 'Repository access blocked'),
      /GitHub refused: "Repository access blocked" \(HTTP 403\)$/,
    ],
    [
      'a server error',
      { kind: 'response', status: 502, html: `<title>Unicorn!</title>${'x'.repeat(5_000)}` },
      /responded with HTTP 502: "Unicorn!"\. Run the job again$/,
    ],
    [
      'a web page',
      { kind: 'response', status: 200, html: '<title>Log in</title>' },
      /doesn't match its API's documentation: "Log in"\. Run the job again$/,
    ],
    [
      'a redirect to another host',
      refused(307, '', { location: 'https://elsewhere.invalid/' }),
      /redirected to https:\/\/elsewhere\.invalid, which the action did not follow/,
    ],
    ['a failed connection', { kind: 'unsent' }, /can't be reached \(.+\)\. Run the job again$/],
  ])('is reported in one line: %s', async (_, fault, message) => {
    for (const path of ['/pulls', '/comments', '/graphql']) {
      github.reset();
      planned();
      github.faultFor = (requested) => (requested.path.endsWith(path) ? fault : undefined);
      const isWithoutGraphql = path === '/graphql' && fault.kind === 'response' && fault.status === 404;
      expect(await objections([])).toEqual([
        { message: expect.stringMatching(isWithoutGraphql ? /no GraphQL/ : message), kind: 'github' },
      ]);
      expect(github.requests.length).toBeLessThan(20);
    }
  });

  test('is not followed by a retry once a parallel request has ended the lookup', async () => {
    github.faultFor = () =>
      github.requests.length < 2 ? refused(502, 'Bad gateway') : refused(401, 'Bad credentials');
    const clock = heldClock();
    const review = read({ merge: push('1'.repeat(40), '2'.repeat(40)) }, undefined, clock);
    while (clock.waiting < 2) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(Math.min(...clock.waits));
    expect(await review).toMatchObject({ problem: { kind: 'github' } });
    expect(github.requests).toHaveLength(3);
    expect(clock.waiting).toBe(0);
  });

  test('is reported before any write if there is no GraphQL', async () => {
    planned();
    github.hasGraphql = false;
    expect(await objections(SEEN)).toEqual([
      {
        message: expect.stringMatching(/this server has no GraphQL API \(HTTP 404\).*Use a plan file$/),
        kind: 'github',
      },
    ]);
  });

  test('is reported as a cancellation when the job is cancelled during a request', async () => {
    const job = new AbortController();
    github.before = () => job.abort();
    github.faultFor = () => ({ kind: 'hang' });
    const problem = { message: "The reviewed plan can't be looked up: the job was cancelled", kind: 'cancelled' };
    expect(await read({}, job.signal)).toMatchObject({ problem });
  });

  test('is reported as a cancellation when the job is cancelled during a pause', async () => {
    const job = new AbortController();
    github.faultFor = () => refused(429, 'Slow down', { 'retry-after': '50' });
    github.before = () => setTimeout(() => job.abort(), 20);
    expect(await read({}, job.signal, fastClock(1))).toMatchObject({ problem: { kind: 'cancelled' } });
  });
});

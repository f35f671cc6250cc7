// The reviewed plan of a merge, read from the comments on a stand-in for GitHub: which pull requests count, whose comments,
// and what happens when GitHub fails.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { GithubSettings, Merge } from '../../src/api-settings.ts';
import type { Clock } from '../../src/clock.ts';
import { markerOf, writerLine } from '../../src/github/comments.ts';
import { readReview } from '../../src/review/gate.ts';
import { failedPlanMarker, reviewMarker } from '../../src/review/marker.ts';
import type { DesiredShare, Problem } from '../../src/share/desired.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import { fakeClock, fastClock } from '../clock.ts';
import {
  BOT,
  COMMIT,
  type Comment,
  type FakeGithub,
  type Fault,
  merged,
  OTHER_BOT,
  PERSON,
  PULL_REQUEST,
  type Pull,
  pull,
  startFakeGithub,
  TOKEN,
  type User,
} from '../fake-github.ts';
import { ACCOUNT, creating, proposed } from './plans.ts';

let github: FakeGithub;
beforeAll(async () => {
  github = await startFakeGithub();
});
afterAll(() => github.close());
beforeEach(() => github.reset());

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
/** The plan that was reviewed, as the action wrote it. */
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

/** What keeps the plans from being applied. */
async function objections(plans: SharePlan[], change: Partial<GithubSettings> = {}): Promise<readonly Problem[]> {
  const review = await read(change);
  if (review === undefined) throw new Error('there is no gate');
  return 'problem' in review ? [review.problem] : review.objections(plans.map((plan) => proposed(plan))).flat();
}
const messages = async (plans = SEEN, change: Partial<GithubSettings> = {}): Promise<string[]> =>
  (await objections(plans, change)).map(({ message }) => message);

describe('the plan in the comment', () => {
  test('is found among 250 other comments, by reading alone', async () => {
    github.talk(220);
    planned();
    github.talk(30);
    expect(await messages()).toEqual([]);
    expect(github.requests.filter(({ path }) => path.endsWith('/comments'))).toHaveLength(3);
    expect(github.writes()).toEqual([]);
  });

  test('does not cover one recipient more', async () => {
    planned();
    expect(await messages([creating('S', ['a', 'evil'])])).toEqual([
      expect.stringMatching(/^Not in the reviewed plan: add recipient evil to new share "S"/),
    ]);
  });

  test('comes with the numbers of the pull requests that get the result', async () => {
    planned();
    expect(await read()).toMatchObject({ pullRequests: [PULL_REQUEST] });
    github.comments = [];
    expect(await read()).toMatchObject({ problem: { kind: 'not-reviewed' }, pullRequests: [PULL_REQUEST] });
  });
});

describe('whose comment counts', () => {
  const NAMESAKE: User = { login: 'github-actions', type: 'User' };
  const NOT_OURS = /is not by github-actions\[bot\], the identity of github-token, so it may be a copy/;
  const EDITED = (who: string): RegExp => new RegExp(`was edited by ${who}, so it may not be what was planned`);

  test.each<[string, () => unknown, RegExp | undefined]>([
    ['the own one', () => planned(), undefined],
    ['the own one, edited by itself', () => Object.assign(planned(), { editor: BOT }), undefined],
    ["a person's", () => planned(PERSON), NOT_OURS],
    ["another app's", () => planned(OTHER_BOT), NOT_OURS],
    ['one by a person with the login of the bot', () => planned(NAMESAKE), NOT_OURS],
    ['one by an account that is gone', () => planned(null), NOT_OURS],
    [
      'the own one next to copies by others',
      () => [PERSON, OTHER_BOT, null, BOT, NAMESAKE].map((by) => planned(by)),
      undefined,
    ],
    ['two own ones', () => [planned(), planned()], /has 2 comments with a plan by github-actions\[bot\] \(1, 2\)/],
    ['one edited by a person', () => Object.assign(planned(), { editor: PERSON }), EDITED('somebody')],
    ['one edited by another app', () => Object.assign(planned(), { editor: OTHER_BOT }), EDITED('other-app\\[bot\\]')],
    ['one edited by a namesake', () => Object.assign(planned(), { editor: NAMESAKE }), EDITED('github-actions')],
    [
      'one edited by an account that is gone',
      () => Object.assign(planned(), { editor: null }),
      EDITED('an account that no longer exists'),
    ],
    ['none', () => github.talk(3), /^Pull request #12 has no comment with a plan .* Plan it with comment-on-pr: true/],
    ['one that quotes it', () => github.say(`> ${bodyOf(lineOf(...SEEN))}`, BOT), /has no comment with a plan/],
    ['one without a body', () => Object.assign(planned(), { body: null }), /has no comment with a plan/],
    ['the result of a run', () => github.say(MARKER.replace(' ', '-result '), BOT), /has no comment with a plan/],
  ])('%s', async (_, arrange, message) => {
    arrange();
    expect(await messages()).toEqual(message ? [expect.stringMatching(message)] : []);
    expect(github.writes()).toEqual([]);
  });

  test('the own one, where GraphQL gives the login of the bot without [bot]', async () => {
    planned();
    const data = { data: { viewer: { login: 'github-actions' } } };
    github.faultFor = ({ body }) => (body.includes('viewer {') ? { kind: 'response', status: 200, data } : undefined);
    expect(await messages()).toEqual([]);
    github.comments = [];
    planned(NAMESAKE);
    expect(await messages()).toEqual([expect.stringMatching(NOT_OURS)]);
  });

  test('not one that somebody edits while it is read', async () => {
    const comment = planned();
    github.before = ({ body }) => {
      if (body.includes('node'))
        Object.assign(comment, { body: bodyOf(lineOf(creating('S', ['evil']))), editor: PERSON });
    };
    expect(await messages([creating('S', ['evil'])])).toEqual([expect.stringMatching(EDITED('somebody'))]);
  });

  test('the body that counts is the one that its editor is known of', async () => {
    const comment = planned(BOT);
    const evil = bodyOf(lineOf(creating('S', ['evil'])));
    // A person edits it before the list is read. Then the action plans again before the editor is read.
    Object.assign(comment, { body: evil, editor: PERSON });
    github.before = ({ body }) => {
      if (body.includes('node')) Object.assign(comment, { body: bodyOf(lineOf(...SEEN)), editor: BOT });
    };
    expect(await messages([creating('S', ['evil'])])).toHaveLength(1);
    expect(await messages()).toEqual([]);
  });

  test.each<[string, string, User, User | undefined, RegExp | undefined]>([
    ["a person's own, with that person's token", 'ghp_person', PERSON, undefined, undefined],
    ["the bot's, with a person's token", 'ghp_person', BOT, undefined, /is not by somebody, the identity/],
    ["a person's own, edited by the bot", 'ghp_person', PERSON, BOT, EDITED('github-actions\\[bot\\]')],
    ["another app's own, with its token", 'ghs_other', OTHER_BOT, OTHER_BOT, undefined],
    [
      "the workflow's, with another app's token",
      'ghs_other',
      BOT,
      undefined,
      /is not by other-app\[bot\], the identity/,
    ],
  ])('%s', async (_, token, by, editor, message) => {
    const comment = planned(by);
    if (editor) comment.editor = editor;
    expect(await messages(SEEN, { token })).toEqual(message ? [expect.stringMatching(message)] : []);
  });
});

describe('a comment that GitHub describes in an odd way', () => {
  const evil = [creating('S', ['evil'])];
  const own = () => ({ id: 7, node_id: 'IC_7', body: bodyOf(lineOf(...SEEN)), user: { ...BOT } });
  const list = (...comments: unknown[]) => ({ path: '/comments', data: comments });
  const node = (answer: unknown) => ({ path: '/graphql', data: { data: { node: answer } } });
  const NO_COMMENT = /has no comment with a plan/;
  const COPY = /may be a copy/;
  const UNUSABLE = /isn't what its API documents/;

  test.each<[string, () => { path: string; data: unknown }, RegExp | undefined]>([
    ['no objects in the list', () => list(null, 7, 'x', [], true), NO_COMMENT],
    ['odd ones next to it', () => list(null, {}, { id: 'x' }, own()), undefined],
    ['an id that is a text', () => list({ ...own(), id: '7' }), NO_COMMENT],
    ['no id', () => list({ ...own(), id: null }), NO_COMMENT],
    ['a body that is no text', () => list({ ...own(), body: 7 }), NO_COMMENT],
    ['a body that is a list', () => list({ ...own(), body: [own().body] }), NO_COMMENT],
    ['no user', () => list({ ...own(), user: null }), COPY],
    ['a user that is a text', () => list({ ...own(), user: 'github-actions[bot]' }), COPY],
    ['a user without a login', () => list({ ...own(), user: { type: 'Bot', id: 41898282 } }), COPY],
    ['a login that is no text', () => list({ ...own(), user: { login: ['github-actions[bot]'], type: 'Bot' } }), COPY],
    ['an empty login', () => list({ ...own(), user: { login: '', type: 'Bot' } }), COPY],
    [
      'a login that begins like it',
      () => list({ ...own(), user: { login: 'github-actions[bot]x', type: 'Bot' } }),
      COPY,
    ],
    ['a login with white space', () => list({ ...own(), user: { login: ' github-actions[bot]', type: 'Bot' } }), COPY],
    ['a person with that login', () => list({ ...own(), user: { login: 'github-actions', type: 'User' } }), COPY],
    [
      'an organization with that login',
      () => list({ ...own(), user: { login: 'github-actions', type: 'Organization' } }),
      COPY,
    ],
    ['no node_id', () => list({ ...own(), node_id: null }), UNUSABLE],
    ['a node_id that is a number', () => list({ ...own(), node_id: 7 }), UNUSABLE],
    ['a list that is none', () => ({ path: '/comments', data: { comments: [own()] } }), UNUSABLE],
    ['a list that is null', () => ({ path: '/comments', data: null }), UNUSABLE],
    ['no node', () => node(null), UNUSABLE],
    ['a node of another kind', () => node({}), UNUSABLE],
    ['a node that is a text', () => node('IC_7'), UNUSABLE],
    ['no word on its editor', () => node({ id: 'IC_1', lastEditedAt: null }), UNUSABLE],
    [
      'an editor without a login',
      () => node({ editor: {}, lastEditedAt: null }),
      /edited by an account that no longer exists/,
    ],
    [
      'an editor that is a text',
      () => node({ editor: 'github-actions' }),
      /edited by an account that no longer exists/,
    ],
    [
      'an edit without an editor',
      () => node({ editor: null, lastEditedAt: '2026' }),
      /edited by an account that no longer/,
    ],
    ['an editor of unknown kind', () => node({ editor: { login: 'somebody' } }), /edited by somebody/],
    ['a body that is no longer marked', () => node({ editor: null, body: 'x' }), /has changed just now/],
    ['a body with another plan', () => node({ editor: null, body: bodyOf(lineOf()) }), /Not in the reviewed plan/],
    ['a body without a plan', () => node({ editor: null, body: MARKER }), /has no plan in it/],
    ['no data', () => ({ path: '/graphql', data: {} }), UNUSABLE],
    ['data that is null', () => ({ path: '/graphql', data: { data: null } }), UNUSABLE],
    ['an error', () => ({ path: '/graphql', data: { errors: [{ message: 'No' }] } }), /GitHub refused: "No"/],
    ['errors that are none', () => ({ path: '/graphql', data: { errors: [null] } }), UNUSABLE],
    ['no viewer', () => ({ path: '/graphql', data: { data: { viewer: null } } }), UNUSABLE],
    ['a viewer without a login', () => ({ path: '/graphql', data: { data: { viewer: {} } } }), UNUSABLE],
  ])('%s', async (_, odd, message) => {
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

describe('a comment with a damaged or a forged plan', () => {
  const line = (): string => lineOf(...SEEN);
  test.each<[string, () => string, RegExp]>([
    ['no plan', () => bodyOf(), /has no plan in it/],
    ['a plan that failed', () => bodyOf(failedPlanMarker(ACCOUNT)), /says that planning failed/],
    ['a plan that is too long', () => bodyOf(reviewMarker([], ACCOUNT, 10)), /Use a plan file/],
    ["another account's plan", () => bodyOf(reviewMarker([], 'f'.repeat(32), 10_000)), /of another account/],
    ['two plans', () => bodyOf(line(), line()), /several plans/],
    ['a plan below text', () => bodyOf('Hello', line()), /has no plan in it/],
    ['a plan in a quotation', () => bodyOf(`> ${line()}`), /has no plan in it/],
    ['a plan in code', () => bodyOf(`\`\`\`\n${line()}\n\`\`\``), /has no plan in it/],
    ['a plan that is cut off', () => bodyOf(line().slice(0, -20)), /has no plan in it|damaged/],
    ['a plan with one character more', () => bodyOf(line().replace(' -->', 'A -->')), /damaged/],
    ['a plan with one character less', () => bodyOf(line().replace(/. -->/, ' -->')), /damaged/],
    ['a plan of another version', () => bodyOf(line().replace(/ v\d+ /, ' v99 ')), /v99/],
    ['a plan of no version', () => bodyOf(line().replace(/ v\d+ /, ' ')), /damaged/],
  ])('%s is none', async (_, body, message) => {
    github.say(body(), BOT);
    expect(await messages()).toEqual([expect.stringMatching(message)]);
    expect(await messages([])).toEqual([expect.stringMatching(message)]);
  });
});

describe('which pull requests count', () => {
  const OTHER = 'f'.repeat(40);
  const elsewhere = { ref: 'main', repo: { full_name: 'fork/repo' } };
  test.each<[string, Pull[], RegExp | undefined]>([
    ['one that the pushed commit merged', [merged()], undefined],
    ['next to an open one', [pull({ number: 6 }), merged()], undefined],
    ["next to another repository's", [merged({ number: 6, base: elsewhere }), merged()], undefined],
    [
      'in whatever case its repository is written',
      [merged({ base: { ref: 'main', repo: { full_name: 'Owner/Repo' } } })],
      undefined,
    ],
    ['without a word on its repository', [merged({ base: { ref: 'main', repo: null } })], undefined],
    [
      'not one merged into another branch',
      [merged({ base: { ref: 'staging', repo: null } })],
      /#12 was merged into staging\)/,
    ],
    ['not one merged into who knows what', [merged({ base: null })], /#12 was merged into an unknown branch\)/],
    [
      'not one merged by another push',
      [merged({ merge_commit_sha: OTHER })],
      new RegExp(`#12 was merged by another push, with commit ${OTHER}\\)`),
    ],
    ['not one merged by no commit', [merged({ merge_commit_sha: null })], /with commit unknown\)/],
    ['not an open one', [pull()], /^This push to main merged no pull request \(#12 is not merged\)/],
    ['not one that was closed without a merge', [pull({ state: 'closed' })], /#12 is not merged/],
    ["not another repository's", [merged({ base: elsewhere })], /^Commit abc.* came from no pull request/],
    ['none', [], /^Commit abc.* came from no pull request: there is no reviewed plan/],
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
      /^Pull request #12 wasn't merged by/,
    ],
  ])('not of %s, and nothing is asked', async (_, merge, message) => {
    planned();
    expect(await messages(SEEN, { merge })).toEqual([expect.stringMatching(message)]);
    expect(github.requests).toEqual([]);
  });

  test("the event's own, where the event is its merge", async () => {
    planned();
    github.pulls = [];
    expect(await messages(SEEN, { merge: { kind: 'pull-request', number: 12, isMerged: true } })).toEqual([]);
  });

  describe('of a push that merged several', () => {
    const [FIRST, SECOND] = ['1'.repeat(40), '2'.repeat(40)];
    const both = { merge: push(FIRST, SECOND) };
    const now = [creating('S', ['a']), creating('T', ['b'])];
    beforeEach(() => {
      github.pulls = [
        merged({ number: 7, merge_commit_sha: SECOND, commits: [SECOND] }),
        merged({ number: 6, merge_commit_sha: FIRST, commits: [FIRST] }),
      ];
    });

    test('all of them, together', async () => {
      github.say(bodyOf(lineOf(creating('S', ['a']))), BOT, 6);
      github.say(bodyOf(lineOf(creating('T', ['b']))), BOT, 7);
      expect(await messages(now, both)).toEqual([]);
      expect(await messages([creating('T', ['evil'])], both)).toHaveLength(1);
      expect(await read(both)).toMatchObject({ pullRequests: [6, 7] });
    });

    test('all of them need a plan', async () => {
      github.say(bodyOf(lineOf(...now)), BOT, 7);
      expect(await messages(now, both)).toEqual([expect.stringMatching(/^Pull request #6 has no comment with a plan/)]);
    });

    test('once, though all their commits are in the push', async () => {
      github.pulls = [merged({ merge_commit_sha: SECOND, commits: [FIRST, SECOND] })];
      planned();
      expect(await messages(SEEN, both)).toEqual([]);
      expect(await read(both)).toMatchObject({ pullRequests: [12] });
    });

    test('of a hundred commits at most', async () => {
      const many = Array.from({ length: 300 }, (_, i) => String(i).padStart(40, '0'));
      github.pulls = [merged({ merge_commit_sha: many[299] ?? '', commits: many })];
      planned();
      expect(await messages(SEEN, { merge: push(...many) })).toEqual([]);
      expect(github.requests.filter(({ path }) => path.endsWith('/pulls'))).toHaveLength(100);
    });
  });
});

describe('after the merge', () => {
  const lists = (): number => github.requests.filter(({ path }) => path.endsWith('/pulls')).length;
  test.each(['nothing', 'open'] as const)('a list that shows %s for a moment is asked for again', async (shows) => {
    planned();
    github.lag = { lists: 3, shows };
    expect(await messages()).toEqual([]);
    expect(lists()).toBe(4);
  });

  test('it is given up after 20 seconds', async () => {
    github.pulls = [];
    const review = await read();
    expect(review).toMatchObject({ problem: { message: expect.stringMatching(/came from no pull request/) } });
    expect(lists()).toBe(11);
  });
});

describe('when GitHub fails', () => {
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
    ['a token that is not valid', refused(401, 'Bad credentials'), /: github-token is not valid$/],
    [
      'a used-up rate limit',
      refused(403, 'API rate limit exceeded', RESET),
      /rate limit is used up: "API rate limit exceeded" \(HTTP 403\)\. It allows requests again in 61 minutes\. Run the job again$/,
    ],
    [
      'something that is not there',
      refused(404, 'Not Found'),
      /found nothing there, or github-token isn't allowed to see it: "Not Found" \(HTTP 404\)$/,
    ],
    [
      'any other refusal',
      refused(403, 'Repository access blocked'),
      /GitHub refused: "Repository access blocked" \(HTTP 403\)$/,
    ],
    [
      'a server in trouble',
      { kind: 'response', status: 502, html: `<title>Unicorn!</title>${'x'.repeat(5_000)}` },
      /responded with HTTP 502: "Unicorn!"\. Run the job again$/,
    ],
    [
      'a web page',
      { kind: 'response', status: 200, html: '<title>Log in</title>' },
      /isn't what its API documents: "Log in"\. Run the job again$/,
    ],
    [
      'a redirect to another host',
      refused(307, '', { location: 'https://elsewhere.invalid/' }),
      /redirected to https:\/\/elsewhere\.invalid, where the token is not sent/,
    ],
    ['no connection', { kind: 'unsent' }, /can't be reached \(.+\)\. Run the job again$/],
  ])('%s is said in one line', async (_, fault, message) => {
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

  test('of requests side by side, none is repeated after another one has ended the look-up', async () => {
    const commits = ['1'.repeat(40), '2'.repeat(40)];
    github.faultFor = ({ path }) =>
      path.includes('/1') ? refused(502, 'Bad gateway') : refused(401, 'Bad credentials');
    expect(await read({ merge: push(...commits) }, undefined, fastClock(100))).toMatchObject({
      problem: { kind: 'github' },
    });
    const asked = github.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(github.requests).toHaveLength(asked);
  });

  test('a server without GraphQL is said to be one, before any write', async () => {
    planned();
    github.hasGraphql = false;
    expect(await objections(SEEN)).toEqual([
      {
        message: expect.stringMatching(/this server has no GraphQL API \(HTTP 404\).*Use a plan file$/),
        kind: 'github',
      },
    ]);
  });

  test('without a token nothing is asked', async () => {
    expect(await objections([], { token: '' })).toEqual([
      { message: expect.stringMatching(/github-token is empty/), kind: 'github' },
    ]);
    expect(github.requests).toEqual([]);
  });

  test('the end of the job ends it at once', async () => {
    const job = new AbortController();
    github.before = () => job.abort();
    github.faultFor = () => ({ kind: 'hang' });
    const problem = { message: 'The reviewed plan cannot be looked up: the job was cancelled', kind: 'cancelled' };
    expect(await read({}, job.signal)).toMatchObject({ problem });
  });

  test('the end of the job ends a wait', async () => {
    const job = new AbortController();
    github.faultFor = () => refused(429, 'Slow down', { 'retry-after': '50' });
    github.before = () => setTimeout(() => job.abort(), 20);
    expect(await read({}, job.signal, fastClock(1))).toMatchObject({ problem: { kind: 'cancelled' } });
  });
});

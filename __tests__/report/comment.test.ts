// The comment on the pull request, against a fake of GitHub's REST API.

import { createServer } from 'node:http';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { bodyOf, markerOfReport } from '../../src/report/comment.ts';
import type { Report } from '../../src/report/contents.ts';
import { markerOfPlan } from '../../src/report/report.ts';
import type { GithubSettings } from '../../src/settings.ts';
import { fakeClock } from '../clock.ts';
import { BOT, type Comment, type Fault, OTHER_BOT, PERSON, pull, TOKEN } from '../fake-github.ts';
import { useFakeGithub } from '../use-simulator.ts';
import { withServer } from '../with-server.ts';
import { read } from './reader.ts';
import { runReport } from './run-report.ts';
import {
  applied,
  BERLIN,
  CONFIG,
  desired,
  idOf,
  LYON,
  live,
  OWNER,
  planned,
  policy,
  REPORTS,
  recipient,
  report,
} from './values.ts';

const github = await useFakeGithub();
beforeEach(() => {
  github.pulls = [pull({ number: 5 })];
});

const settings = (more: Partial<GithubSettings> = {}): GithubSettings => ({
  token: TOKEN,
  apiUrl: github.url,
  graphqlUrl: `${github.url}/graphql`,
  repository: 'owner/repo',
  pullRequest: 5,
  merge: { kind: 'push', commits: [] },
  writer: { run: '34', attempt: '1' },
  ...more,
});
const NEVER = new AbortController().signal;
const go = (of: Report, comment: 'always' | 'changes' = 'always', more: Partial<GithubSettings> = {}) =>
  runReport(of, { comment, github: settings(more), review: async () => review }, NEVER, fakeClock());
const review = {
  reviewMarker: (plans: readonly unknown[], account: string) => `<!-- steps of ${plans.length} for ${account} -->`,
  failedPlanMarker: (account: string) => `<!-- no steps for ${account} -->`,
};
const ours = (): (Comment & { body: string })[] =>
  [...github.plans(), ...github.results()].map((comment) => ({ ...comment, body: comment.body ?? '' }));
const chatter = (n: number): void => {
  for (let i = 0; i < n; i++) github.say(`Comment ${i}`, PERSON, 5);
};
const create = (name = 'Baseline', accountId = OWNER): Report =>
  report('plan', [planned({ ...desired(name, [BERLIN]), accountId }, {})], { accountId });
const inSync = report('plan', [
  planned(desired('Baseline', [BERLIN]), { share: live('Baseline'), recipients: [recipient(BERLIN)] }),
]);
const PAGE = `<html><head><title>Unicorn!</title></head><body>${'x'.repeat(4_000)}</body></html>`;
const USED_UP = {
  'x-ratelimit-remaining': '0',
  'x-ratelimit-reset': String(Date.UTC(2026, 10, 24, 11, 0, 0) / 1000),
};
const reportOf = (name: string): Report => REPORTS[name] as Report;

// Computed as version 1 did: the first half of the SHA-256 of `["<account>","share","<name>"]` and the like.
const KEYS = {
  name: '282e6f380d399044ba63228468a85e8c',
  id: '2442fb64e4cd7946ac6eaaa2748fd9e0',
  file: 'b30a343ac417da78f6c38c224ba76183',
};

describe('a comment', () => {
  test('is created once and then edited, even among 170 others', async () => {
    chatter(120); // GitHub returns a hundred per page
    await go(create());
    chatter(50);
    const [first] = ours();
    expect(read(first?.body ?? '').lines[0]).toContain('1 share to create');
    await go(inSync);
    expect(ours().map(({ id }) => id)).toEqual([first?.id]);
    expect(read(ours()[0]?.body ?? '').lines[0]).toContain('No change');
    expect(github.writes()).toEqual([
      'POST /repos/owner/repo/issues/5/comments',
      `PATCH /repos/owner/repo/issues/comments/${first?.id}`,
    ]);
  });

  test('is separate for each account, share and file', async () => {
    const of = [
      create(),
      create('Another'),
      create('Baseline', BERLIN),
      reportOf('prune'),
      { ...reportOf('prune'), source: { ...CONFIG, file: 'other.yml' } },
    ];
    for (const each of of) await go(each);
    expect(ours()).toHaveLength(of.length);
  });

  test('is found by the key of older versions (account and share id, name or file)', async () => {
    const plan = create();
    expect(await markerOfPlan({ accountId: OWNER, source: { kind: 'inputs' }, share: { name: 'Baseline' } })).toBe(
      markerOfReport(plan, 'plan'),
    );
    expect(await markerOfPlan({ accountId: '', source: CONFIG })).toBe('');
    expect(markerOfReport(plan, 'plan')).toBe(`<!-- cloudflare-share-action ${KEYS.name} -->`);
    expect(
      markerOfReport(
        { ...plan, outcomes: plan.outcomes.map((o) => ({ ...o, desired: { ...o.desired, shareId: 'abc' } })) },
        'plan',
      ),
    ).toContain(KEYS.id);
    expect(markerOfReport({ ...plan, source: CONFIG }, 'plan')).toContain(KEYS.file);
    expect(markerOfReport({ accountId: OWNER, source: { kind: 'inputs' }, share: { name: 'Baseline' } }, 'plan')).toBe(
      markerOfReport(plan, 'plan'),
    );
  });

  test.each([
    ['the account id in capitals', { accountId: OWNER.toUpperCase() }],
    ['the share id in capitals', { share: { name: '', shareId: 'ABC' } }],
    ['the name in NFD', { share: { name: 'Zu\u0308rich' } }],
  ])('is found with %s', (_, change) => {
    const about = { accountId: OWNER, source: { kind: 'inputs' } as const };
    const share =
      'share' in change && 'shareId' in change.share ? { name: '', shareId: 'abc' } : { name: 'Z\u00fcrich' };
    expect(markerOfReport({ ...about, share, ...change }, 'plan')).toBe(markerOfReport({ ...about, share }, 'plan'));
  });

  test.each([
    ['a person', PERSON],
    ['another app', OTHER_BOT],
    ['an account that no longer exists', null],
  ])('is not confused with a copy by %s', async (_, user) => {
    await go(create());
    github.comments = [];
    github.say(markerOfReport(create(), 'plan') ?? '', user, 5);
    await go(create());
    expect(github.comments.map((comment) => comment.user)).toEqual([user, BOT]);
    expect(github.comments[0]?.editor).toBeUndefined();
  });

  test('is not confused with a comment that quotes it', async () => {
    await go(create());
    const [{ body } = { body: '' }] = ours();
    github.comments = [];
    github.say(`> ${body}`, BOT, 5);
    await go(create());
    expect(github.comments).toHaveLength(2);
  });

  test('is not duplicated when another job creates one at the same time', async () => {
    await go(inSync);
    const [theirs] = ours();
    github.comments = [];
    github.before = ({ method, path }) => {
      if (method !== 'POST' || !path.endsWith('/comments') || github.comments.length > 0) return;
      github.say(theirs?.body ?? '', BOT, 5);
    };
    await go(create());
    expect(github.comments).toHaveLength(1);
    expect(read(ours()[0]?.body ?? '').lines[0]).toContain('1 share to create');
    expect(github.requests.at(-1)?.method).toBe('DELETE');
  });
});

describe('a comment with comment-on-pr: changes', () => {
  const wanted = desired('Baseline', [BERLIN]);
  const there = { share: live('Baseline'), recipients: [recipient(BERLIN)] };
  const extra = { share: live('Baseline'), recipients: [recipient(BERLIN), recipient(LYON)] };
  test.each<[string, Report]>([
    ['something will change', create()],
    ['one of many shares will change', report('plan', [...inSync.outcomes, ...create('B').outcomes])],
    ['something was changed', report('apply', [applied(planned(wanted, {}), { outcome: 'created' })])],
    ['it is unknown whether something changed', report('apply', [planned(wanted, there, { changed: undefined })])],
    ['an unlisted item exists', report('plan', [planned(wanted, extra)])],
    ['something went wrong', report('plan', [planned(wanted, there, { problems: [{ message: 'no' }] })])],
    ['the file is invalid', reportOf('broken file')],
    [
      "a plan can't be done",
      report('plan', [planned(wanted, { share: live('Baseline', { target: 'organization' }) }, { problems: [] })]),
    ],
  ])('is created if %s', async (_, of) => {
    const { lines } = await go(of, 'changes');
    expect(ours()).toHaveLength(1);
    expect(lines).toContain('Commented on pull request #5');
  });

  test.each<[string, Report]>([
    ['nothing differs', inSync],
    ['nothing was changed', report('apply', [planned(wanted, there, { outcome: 'unchanged' })])],
    ['none of many shares will change', report('plan', [...inSync.outcomes, ...inSync.outcomes])],
  ])('is not created if %s', async (_, of) => {
    const { lines } = await go(of, 'changes');
    expect(ours()).toEqual([]);
    expect(lines).toContain('No comment on pull request #5: nothing differs');
  });

  test('is updated if it exists', async () => {
    await go(create(), 'changes');
    await go(inSync, 'changes');
    expect(read(ours()[0]?.body ?? '').lines[0]).toBe('No change: the share is in sync. Nothing was changed.');
  });
});

describe('after a plan that fails', () => {
  test('the comment reports the invalid file instead of an older plan', async () => {
    await go(reportOf('prune'));
    await go(reportOf('broken file'));
    expect(ours()).toHaveLength(1);
    const { heading, text } = read(ours()[0]?.body ?? '');
    expect(heading).toBe('No plan for .cloudflare/shares.yml');
    expect(text).toContain('Did you mean account_name?');
    expect(text).not.toContain('Gateway baseline');
    expect(ours()[0]?.body.split('\n')[1]).toBe(`<!-- no steps for ${OWNER} -->`);
  });

  test('the comment reports the refused token instead of an older plan', async () => {
    await go(reportOf('prune'));
    await go(reportOf('no permission'));
    expect(ours()).toHaveLength(1);
    expect(read(ours()[0]?.body ?? '').lines[0]).toMatch(/^Planning failed for all 12 shares/);
  });

  test('no comment is written if neither the account nor the share is known', async () => {
    const broken = { ...reportOf('broken file'), accountId: '' };
    const line =
      "No comment: the inputs don't say which account and share the comment is about. Set account-id, and config, share-name or share-id";
    expect((await go(broken)).lines).toContain(line);
    expect((await go({ ...broken, accountId: OWNER, source: { kind: 'inputs' } })).lines).toContain(line);
    expect(github.requests).toEqual([]);
  });
});

const WRITER = { run: '34', attempt: '2', head: 'abc' };

describe('the body of a comment', () => {
  test('is the report without recipients or diagrams', () => {
    const { tables, diagrams } = read(bodyOf(reportOf('terminal error'), '<!-- key -->', {}, review));
    expect([tables, diagrams]).toEqual([[], []]);
  });

  test("has the plan's steps, except refused ones, on its second line", () => {
    expect(bodyOf(reportOf('prune'), '<!-- key -->', WRITER, review).split('\n').slice(0, 4)).toEqual([
      '<!-- key -->',
      `<!-- steps of 3 for ${OWNER} -->`,
      '<!-- cloudflare-share-action-run 34 2 abc -->',
      '### Plan for <code>&#46;cloudflare&#47;shares&#46;yml</code>',
    ]);
    expect(bodyOf(reportOf('refused'), '<!-- key -->', WRITER, review)).toContain('<!-- steps of 1 ');
    expect(bodyOf(reportOf('failed halfway'), '<!-- key -->', WRITER, review)).not.toContain('<!-- steps');
  });

  test("stays within GitHub's size limit and links to the rest", async () => {
    const resources = Array.from({ length: 150 }, (_, i) => policy(idOf(`policy ${i}`)));
    const outcomes = Array.from({ length: 60 }, (_, i) =>
      planned(desired(`Share ${i} – 共有`, [BERLIN], { resources }), {}),
    );
    const steps = {
      ...review,
      reviewMarker: (_: unknown, __: unknown, max: number) => `<!-- ${'x'.repeat(max - 9)} -->`,
    };
    await runReport(report('plan', outcomes), { comment: 'always', github: settings(), review: async () => steps });
    const body = ours()[0]?.body ?? '';
    expect(body.length).toBeGreaterThan(50_000);
    expect(body.length).toBeLessThan(65_536);
    const { text, links } = read(body);
    expect(text).toMatch(/lines left out, because the report is too long\. The full text is in the run/);
    expect(links[0]).toBe('https://github.com/owner/repo/actions/runs/11834920137/attempts/1');
  });
});

const refusing =
  (status: number, data: unknown, headers = {}) =>
  (): Fault => ({ kind: 'response', status, data, headers });

describe("a comment that can't be written", () => {
  test.each<[string, () => Fault, RegExp]>([
    [
      'a missing permission',
      refusing(403, { message: 'Resource not accessible by integration' }),
      /"Resource not accessible by integration" \(HTTP 403\).*pull-requests: write.*forks/,
    ],
    ['a token that is not valid', refusing(401, { message: 'Bad credentials' }), /: github-token is not valid$/],
    ['a missing pull request', refusing(404, { message: 'Not Found' }), /nothing there, .*"Not Found" \(HTTP 404\)$/],
    ['a GitHub server error', refusing(500, null), /: GitHub responded with HTTP 500$/],
    [
      'a locked conversation',
      refusing(403, { message: 'Unable to create comment because issue is locked.' }),
      /: GitHub refused: "Unable to create comment because issue is locked\." \(HTTP 403\)$/,
    ],
    [
      'too many comments',
      refusing(403, { message: 'Commenting is disabled on issues with more than 2500 comments' }),
      /: GitHub refused: "Commenting is disabled on issues with more than 2500 comments" \(HTTP 403\)$/,
    ],
    [
      'a used-up rate limit',
      refusing(403, { message: 'API rate limit exceeded for installation ID 1.' }, USED_UP),
      /: GitHub's rate limit is used up: "API rate limit exceeded for installation ID 1\." \(HTTP 403\)\. It allows requests again in 61 minutes$/,
    ],
    [
      'a web page',
      () => ({ kind: 'response', status: 502, html: PAGE }),
      /: GitHub responded with HTTP 502: "Unicorn!"$/,
    ],
  ])('causes a warning but does not fail the step: %s', async (_, fault, message) => {
    github.faultFor = ({ path }) => (path.endsWith('/comments') ? fault() : undefined);
    const { green, warnings } = await go(create());
    expect(green).toBe(true);
    expect(warnings).toEqual([expect.stringMatching(message)]);
    expect(warnings[0]).not.toContain('<');
    expect(warnings[0]?.includes('Grant')).toBe(warnings[0]?.includes('not accessible'));
  });
});

describe('the log says what happened to the comment', () => {
  const result = report('apply', [applied(planned(desired('Baseline', [BERLIN]), {}), { outcome: 'created' })]);

  test('when it is edited', async () => {
    await go(create());
    expect((await go(create())).lines).toContain('The comment on pull request #5 is up to date');
  });

  test('when a newer run has written it', async () => {
    await go(result, 'always', { writer: { run: '35', attempt: '1' } });
    expect((await go(result)).lines).toContain(
      'The comment on pull request #5 is from a newer run, so it was left unchanged',
    );
  });

  test('when the pull request is closed, where only results are written', async () => {
    expect((await go(create(), 'always', { isClosed: true })).lines).toContain(
      'No comment on pull request #5: it is closed, so its plan is not overwritten',
    );
    await go(result, 'always', { isClosed: true });
    expect([github.plans().length, github.results().length]).toEqual([0, 1]);
  });

  test('when no pull request was merged', async () => {
    const { lines } = await runReport(result, { comment: 'always', github: settings(), pullRequests: [] });
    expect(lines).toContain('No comment: the run found no merged pull request to comment on');
  });

  test('when it is written without the steps of a plan', async () => {
    const { lines } = await runReport(create(), { comment: 'always', github: settings() });
    expect(lines).toContain('Commented on pull request #5');
  });
});

test.each<[string, () => Fault, Partial<Report>, boolean, boolean]>([
  ['a first failure', refusing(500, null), {}, true, false],
  ['a first refusal', refusing(404, { message: 'Not Found' }), {}, false, true],
  [
    'a failure before the report',
    refusing(500, null),
    { inputProblems: [{ message: 'no', kind: 'github' }] },
    false,
    false,
  ],
  ['another problem before the report', refusing(500, null), { inputProblems: [{ message: 'no' }] }, true, false],
])(
  'GitHub gets only one attempt per comment after it has failed for a minute: %s',
  async (_, first, more, retried, retriedNext) => {
    github.pulls = [pull({ number: 5 }), pull({ number: 6 })];
    github.faultFor = ({ path }) =>
      path.includes('/5/comments') ? first() : path.includes('/6/comments') ? refusing(500, null)() : undefined;
    const { warnings } = await runReport(
      report('apply', [], { source: CONFIG, ...more }),
      { comment: 'always', github: settings(), pullRequests: [5, 6] },
      NEVER,
      fakeClock(),
    );
    const attempts = (n: number): number =>
      github.requests.filter(({ path }) => path.includes(`/${n}/comments`)).length;
    expect([attempts(5) > 1, attempts(6) > 1]).toEqual([retried, retriedNext]);
    expect(warnings).toEqual([
      expect.stringContaining('on pull request #5: '),
      expect.stringContaining('on pull request #6: GitHub responded with HTTP 500'),
    ]);
  },
);

test('no comment is written without a token or outside of pull requests', async () => {
  expect((await go(create(), 'always', { token: '' })).warnings[0]).toMatch(/github-token is empty/);
  const { pullRequest: _, ...elsewhere } = settings();
  const ran = await runReport(create(), { comment: 'always', github: elsewhere });
  expect(ran.lines).toContain(
    'No comment: this run does not belong to a pull request. To comment on one, set pull-request',
  );
  expect(github.requests).toEqual([]);
});

test('no comment is prepared or mentioned after the job was cancelled', async () => {
  let loaded = 0;
  const load = async (): Promise<typeof review> => {
    loaded += 1;
    return review;
  };
  const asked = { comment: 'always', github: settings(), review: load } as const;
  const ran = await runReport(create(), asked, AbortSignal.abort());
  expect(ran.lines.filter((line) => /comment/i.test(line))).toEqual([]);
  expect([loaded, github.requests]).toEqual([0, []]);
  await runReport(create(), asked);
  expect(loaded).toBe(1);
  expect(github.results().length + github.plans().length).toBe(1);
});

test('a cancelled job does not wait for its comment', async () => {
  const job = new AbortController();
  await withServer(
    createServer(() => job.abort()),
    async (apiUrl) => {
      const ran = await runReport(
        create(),
        { comment: 'always', github: settings({ apiUrl }), review: async () => review },
        job.signal,
      );
      expect(ran.warnings).toEqual(['No comment on the pull request: the job was cancelled']);
      expect(ran.lines.at(-1)).toMatch(/^Share "Baseline": /);
    },
  );
});

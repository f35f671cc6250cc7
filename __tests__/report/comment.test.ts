// The comment on the pull request, against a stand-in for GitHub's REST API.

import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { GithubSettings } from '../../src/api-settings.ts';
import { bodyOf, markerOfReport } from '../../src/report/comment.ts';
import type { Report } from '../../src/report/contents.ts';
import { withServer } from '../with-server.ts';
import { BOT, type Comment, type Github, PERSON, startGithub } from './github.ts';
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
  recipient,
  report,
  SCENES,
} from './scenes.ts';

let github: Github;
beforeAll(async () => {
  github = await startGithub();
});
afterAll(() => github.close());
beforeEach(() => github.reset());

const settings = (more: Partial<GithubSettings> = {}): GithubSettings => ({
  token: 'ghs_example-token-0000',
  apiUrl: github.url,
  repository: 'owner/repo',
  pullRequest: 5,
  ...more,
});
const go = (of: Report, comment: 'always' | 'changes' = 'always', more: Partial<GithubSettings> = {}) =>
  runReport(of, { comment, github: settings(more), review });
const review = {
  reviewMarker: (plans: readonly unknown[], account: string) => `<!-- steps of ${plans.length} for ${account} -->`,
  failedPlanMarker: (account: string) => `<!-- no steps for ${account} -->`,
};
const ours = (): Comment[] => github.comments.filter(({ body }) => body.startsWith('<!-- cloudflare-share-action '));
const chatter = (n: number): void => {
  for (let i = 0; i < n; i++)
    github.comments.push({ id: github.comments.length + 1, body: `Comment ${i}`, user: PERSON });
};
const create = (name = 'Baseline', accountId = OWNER): Report =>
  report('plan', [planned({ ...desired(name, [BERLIN]), accountId }, {})], { accountId });
const inSync = report('plan', [
  planned(desired('Baseline', [BERLIN]), { share: live('Baseline'), recipients: [recipient(BERLIN)] }),
]);
const scene = (name: string): Report => SCENES[name] as Report;

// Computed as version 1 did: the first half of the SHA-256 of `["<account>","share","<name>"]` and its like.
const KEYS = {
  name: '282e6f380d399044ba63228468a85e8c',
  id: '2442fb64e4cd7946ac6eaaa2748fd9e0',
  file: 'b30a343ac417da78f6c38c224ba76183',
};

describe('one comment', () => {
  test('is made once and edited in place, among 170 others and on whatever page', async () => {
    chatter(120); // GitHub gives a hundred a page
    await go(create());
    chatter(50);
    const [first] = ours();
    expect(read(first?.body ?? '').lines[0]).toContain('1 share to create');
    await go(inSync);
    expect(ours().map(({ id }) => id)).toEqual([first?.id]);
    expect(read(ours()[0]?.body ?? '').lines[0]).toContain('No change');
    expect(github.requests.filter((r) => !r.startsWith('GET'))).toEqual([
      'POST /repos/owner/repo/issues/5/comments',
      `PATCH /repos/owner/repo/issues/comments/${first?.id}`,
    ]);
  });

  test('of each account and share, and of each file', async () => {
    const of = [
      create(),
      create('Another'),
      create('Baseline', BERLIN),
      scene('prune'),
      { ...scene('prune'), source: { ...CONFIG, file: 'other.yml' } },
    ];
    for (const each of of) await go(each);
    expect(ours()).toHaveLength(of.length);
  });

  test("is found by the key of older versions: the account and the share's id, name or file", () => {
    const plan = create();
    expect(markerOfReport(plan)).toBe(`<!-- cloudflare-share-action ${KEYS.name} -->`);
    expect(
      markerOfReport({
        ...plan,
        outcomes: plan.outcomes.map((o) => ({ ...o, desired: { ...o.desired, shareId: 'abc' } })),
      }),
    ).toContain(KEYS.id);
    expect(markerOfReport({ ...plan, source: CONFIG })).toContain(KEYS.file);
    expect(markerOfReport({ accountId: OWNER, source: { kind: 'inputs' }, share: { name: 'Baseline' } })).toBe(
      markerOfReport(plan),
    );
  });

  test("is not a person's copy of it", async () => {
    await go(create());
    github.comments = [{ id: 1, body: ours()[0]?.body ?? '', user: PERSON }];
    await go(create());
    expect(github.comments.map(({ user }) => user.type)).toEqual(['User', 'Bot']);
  });

  test('is not one that quotes it', async () => {
    await go(create());
    github.comments = [{ id: 1, body: `> ${ours()[0]?.body}`, user: BOT }];
    await go(create());
    expect(github.comments).toHaveLength(2);
  });

  test('is the oldest when another job made one at the same moment', async () => {
    await go(inSync);
    const [theirs] = ours();
    github.comments = [];
    github.meanwhile = () => github.comments.push({ id: 1, body: theirs?.body ?? '', user: BOT });
    await go(create());
    expect(github.comments.map(({ id }) => id)).toEqual([1]);
    expect(read(ours()[0]?.body ?? '').lines[0]).toContain('1 share to create');
    expect(github.requests.at(-1)).toMatch(/^DELETE/);
  });
});

describe('begun only when there is something to say', () => {
  const wanted = desired('Baseline', [BERLIN]);
  const there = { share: live('Baseline'), recipients: [recipient(BERLIN)] };
  const extra = { share: live('Baseline'), recipients: [recipient(BERLIN), recipient(LYON)] };
  test.each<[string, Report, boolean]>([
    ['nothing differs', inSync, false],
    ['nothing was changed', report('apply', [planned(wanted, there, { outcome: 'unchanged' })]), false],
    ['something is to change', create(), true],
    ['one of many is to change', report('plan', [...inSync.outcomes, ...create('B').outcomes]), true],
    ['none of many is to change', report('plan', [...inSync.outcomes, ...inSync.outcomes]), false],
    ['something was changed', report('apply', [applied(planned(wanted, {}), { outcome: 'created' })]), true],
    [
      'nobody knows whether something was changed',
      report('apply', [planned(wanted, there, { changed: undefined })]),
      true,
    ],
    ['something is there that is not listed', report('plan', [planned(wanted, extra)]), true],
    ['something went wrong', report('plan', [planned(wanted, there, { problems: [{ message: 'no' }] })]), true],
    ['the file is broken', scene('broken file'), true],
  ])('%s', async (_, of, made) => {
    const { lines } = await go(of, 'changes');
    expect(ours()).toHaveLength(made ? 1 : 0);
    expect(lines).toContain(made ? 'Commented on pull request #5' : 'No comment on pull request #5: nothing differs');
  });

  test('but one that is there is brought up to date', async () => {
    await go(create(), 'changes');
    await go(inSync, 'changes');
    expect(read(ours()[0]?.body ?? '').lines[0]).toBe('No change: the share is in sync. Nothing was changed.');
  });
});

describe('when the plan fails', () => {
  test('of a file that is broken, the comment of the whole file says so; no older plan is left', async () => {
    await go(scene('prune'));
    await go(scene('broken file'));
    expect(ours()).toHaveLength(1);
    const { heading, text } = read(ours()[0]?.body ?? '');
    expect(heading).toBe('No plan for .cloudflare/shares.yml');
    expect(text).toContain('unknown key "acount_id"');
    expect(text).not.toContain('Gateway baseline');
    expect(ours()[0]?.body.split('\n')[1]).toBe(`<!-- no steps for ${OWNER} -->`);
  });

  test('of a token that is refused likewise', async () => {
    await go(scene('prune'));
    await go(scene('no permission'));
    expect(ours()).toHaveLength(1);
    expect(read(ours()[0]?.body ?? '').lines[0]).toMatch(/^Planning failed for all 12 shares/);
  });

  test('of inputs that do not tell the account or the share, there is no comment, and the log says why', async () => {
    const broken = { ...scene('broken file'), accountId: '' };
    const line = 'No comment: the inputs do not say which account and share it is about. Give account-id as an input';
    expect((await go(broken)).lines).toContain(line);
    expect((await go({ ...broken, accountId: OWNER, source: { kind: 'inputs' } })).lines).toContain(line);
    expect(github.requests).toEqual([]);
  });
});

describe('the body', () => {
  test('is the short report: recipients and diagrams are for the summary', () => {
    const { tables, diagrams } = read(bodyOf(scene('terminal error'), '<!-- key -->'));
    expect([tables, diagrams]).toEqual([[], []]);
  });

  test('carries the steps of a plan on its second line, without what is refused', () => {
    expect(bodyOf(scene('prune'), '<!-- key -->', review).split('\n').slice(0, 3)).toEqual([
      '<!-- key -->',
      `<!-- steps of 3 for ${OWNER} -->`,
      '### Plan for <code>&#46;cloudflare&#47;shares&#46;yml</code>',
    ]);
    expect(bodyOf(scene('refused'), '<!-- key -->', review)).toContain('<!-- steps of 1 ');
    expect(bodyOf(scene('failed half'), '<!-- key -->', review)).not.toContain('<!-- steps');
  });

  test('stays under the size that GitHub takes, whatever the steps need, with a link to the rest', async () => {
    const resources = Array.from({ length: 150 }, (_, i) => policy(idOf(`policy ${i}`)));
    const outcomes = Array.from({ length: 60 }, (_, i) =>
      planned(desired(`Share ${i} – 共有`, [BERLIN], { resources }), {}),
    );
    const steps = {
      ...review,
      reviewMarker: (_: unknown, __: unknown, max: number) => `<!-- ${'x'.repeat(max - 9)} -->`,
    };
    await runReport(report('plan', outcomes), { comment: 'always', github: settings(), review: steps });
    const body = ours()[0]?.body ?? '';
    expect(body.length).toBeGreaterThan(50_000);
    expect(body.length).toBeLessThan(65_536);
    const { text, links } = read(body);
    expect(text).toMatch(/lines left out, because the report is too long\. The full text is in the run/);
    expect(links[0]).toBe('https://github.com/example/shares/actions/runs/11834920137');
  });
});

test.each([
  [403, /pull-requests: write.*forks/],
  [404, /pull-requests: write.*forks/],
  [401, /github-token is not valid/],
  [500, /No comment on the pull request/],
])('HTTP %i is a warning, never a failed step', async (status, message) => {
  github.refuse = status;
  const { green, warnings } = await go(create());
  expect(green).toBe(true);
  expect(warnings[0]).toMatch(message);
});

test('without a token, outside of pull requests, and after the job was cancelled there is no comment', async () => {
  expect((await go(create(), 'always', { token: '' })).warnings[0]).toMatch(/github-token is empty/);
  const { pullRequest: _, ...elsewhere } = settings();
  const ran = await runReport(create(), { comment: 'always', github: elsewhere });
  expect(ran.lines).toContain('No comment: this run does not belong to a pull request');
  await runReport(create(), { comment: 'always', github: settings() }, AbortSignal.abort());
  expect(github.requests).toEqual([]);
});

test('a comment is not waited for when the job is cancelled', async () => {
  const job = new AbortController();
  await withServer(
    createServer(() => job.abort()),
    async (apiUrl) => {
      const ran = await runReport(create(), { comment: 'always', github: settings({ apiUrl }), review }, job.signal);
      expect(ran.warnings).toEqual(['No comment on the pull request: the job was cancelled']);
      expect(ran.lines.at(-1)).toMatch(/^Share "Baseline": /);
    },
  );
});

test('a comment that GitHub does not say to have made is a warning', async () => {
  const vague = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(request.method === 'GET' ? '[]' : 'null');
  });
  await withServer(vague, async (apiUrl) => {
    const ran = await go(create(), 'always', { apiUrl });
    expect(ran.warnings).toEqual(['No comment on the pull request: GitHub does not say that it was made']);
    expect(ran.green).toBe(true);
  });
});

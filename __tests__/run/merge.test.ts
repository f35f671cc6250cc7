// From the plan on a pull request to its merge: complete runs against the simulator and a fake GitHub.

import { createServer } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { fakeClock } from '../clock.ts';
import { COMMIT, HEAD, merged, PULL_REQUEST, pull, TOKEN } from '../fake-github.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFakeGithub, useSimulator } from '../use-simulator.ts';
import { tunnel, withServer } from '../with-server.ts';

const sim = await useSimulator();
const github = await useFakeGithub();

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const run = (env: Record<string, string>, inputs: InputsOf = {}, clock = fakeClock()): Promise<Ran> =>
  runInProcess(
    inputsFor(sim, {
      'share-name': 'Baseline',
      recipients: [{ recipient_account_id: sim.memberIds[0] }],
      resources: [POLICY],
      'github-token': TOKEN,
      'comment-on-pr': 'true',
      ...inputs,
    }),
    { env, clock },
  );
const plan = (inputs: InputsOf = {}, env = github.onPullRequest()): Promise<Ran> =>
  run(env, { mode: 'plan', ...inputs });
const apply = (env: Record<string, string>, inputs: InputsOf = {}): Promise<Ran> =>
  run(env, { 'reviewed-plan': 'pull-request', ...inputs });
const bodies = (kind: 'plans' | 'results'): string[] => github[kind]().map(({ body }) => body ?? '');
const names = (): string[] => sim.liveShares().map(({ name }) => name);

describe('a merge', () => {
  test('is applied as reviewed on the second attempt, after a stale list, a 502 and a Cloudflare error', async () => {
    await plan();
    const reviewed = bodies('plans');
    github.lag = { lists: 2, shows: 'open' };
    let comments = 0;
    github.faultFor = ({ path }) =>
      path.endsWith('/comments') && ++comments === 1
        ? { kind: 'response', status: 502, html: '<title>x</title>' }
        : undefined;
    sim.order({ kind: 'forbidden', method: 'POST' });
    const failed = await apply(github.onClosed());
    expect(failed.exitCode).toBe(1);
    expect(names()).toEqual([]);
    expect(bodies('plans')).toEqual(reviewed);
    expect(bodies('results')).toEqual([expect.stringContaining('What went wrong')]);

    const again = await apply(github.onClosed({ GITHUB_RUN_ATTEMPT: '2' }));
    expect(again.errors).toEqual([]);
    expect(names()).toEqual(['Baseline']);
    expect(bodies('plans')).toEqual(reviewed);
    expect(bodies('results')).toEqual([expect.stringContaining('was created')]);
  });

  test('writes its result to every pull request of the push', async () => {
    const [first, second] = ['1'.repeat(40), '2'.repeat(40)];
    github.pulls = [pull({ number: 7, commits: [first] }), pull({ number: 8, commits: [second] })];
    await plan({ 'pull-request': '7' });
    await plan({ 'pull-request': '8' });
    github.pulls = [
      merged({ number: 7, commits: [first], merge_commit_sha: first }),
      merged({ number: 8, commits: [second], merge_commit_sha: second }),
    ];
    const ran = await apply(github.onMerge([first, second]));
    expect(ran.errors).toEqual([]);
    expect(github.plans().map(({ on }) => on)).toEqual([7, 8]);
    expect(github.results().map(({ on }) => on)).toEqual([7, 8]);
    expect(ran.lines).toEqual(expect.arrayContaining(['Commented on pull request #7', 'Commented on pull request #8']));
  });

  test.each<[string, (path: string) => boolean]>([
    ['GitHub', () => true],
    ['GraphQL', (path) => path === '/graphql'],
    ['every request for comments', (path) => path.endsWith('/comments')],
  ])('waits for about a minute in total when %s keeps failing', async (_, fails) => {
    const commits = ['1', '2', '3'].map((digit) => digit.repeat(40));
    github.pulls = commits.map((id, i) => merged({ number: 7 + i, commits: [id], merge_commit_sha: id }));
    github.faultFor = ({ path }) => {
      const errors = [{ message: 'Something went wrong' }];
      return fails(path) ? { kind: 'response', status: 200, data: { data: null, errors } } : undefined;
    };
    const clock = fakeClock();
    const ran = await run(github.onMerge(commits), { 'reviewed-plan': 'pull-request' }, clock);
    expect(ran.errors).toEqual([expect.stringMatching(/^The reviewed plan can't be looked up: .*Run the job again$/)]);
    expect(clock.nowMs()).toBeGreaterThan(40_000);
    expect(clock.nowMs()).toBeLessThan(65_000);
  });

  test('waits for about a minute in total when no result can be written', async () => {
    const commits = ['1', '2', '3'].map((digit) => digit.repeat(40));
    for (const [i, id] of commits.entries()) {
      github.pulls = [pull({ number: 7 + i, commits: [id] })];
      await plan({ 'pull-request': String(7 + i) });
    }
    github.pulls = commits.map((id, i) => merged({ number: 7 + i, commits: [id], merge_commit_sha: id }));
    github.faultFor = ({ path }) =>
      path === '/graphql' && sim.liveShares().length > 0 ? { kind: 'response', status: 502 } : undefined;
    const clock = fakeClock();
    const ran = await run(github.onMerge(commits), { 'reviewed-plan': 'pull-request' }, clock);
    expect(ran.errors).toEqual([]);
    expect(ran.warnings).toEqual([7, 8, 9].map((n) => expect.stringContaining(`No comment on pull request #${n}`)));
    expect(clock.nowMs()).toBeLessThan(65_000);
  });

  test('without a plan fails and comments the error on the merged pull request', async () => {
    const ran = await apply(github.onMerge());
    expect(ran.errors).toEqual([expect.stringMatching(/^Pull request #12 has no comment with a plan/)]);
    expect(github.results().map(({ on }) => on)).toEqual([PULL_REQUEST]);
    expect(bodies('results')[0]).toContain('has no comment with a plan');
    expect(sim.requests).toEqual([]);
  });

  test('without a pull request fails and posts no comment', async () => {
    github.pulls = [];
    const ran = await apply(github.onMerge());
    expect(ran.exitCode).toBe(1);
    expect(ran.lines).toContain('No comment: the run found no merged pull request to comment on');
    expect(github.comments).toEqual([]);
  });

  test.each([
    ['a later job plans again', () => ({})],
    ["a later job's plan fails", () => ({ recipients: '[{"acount_id":"x"}]' })],
  ])('keeps the reviewed plan when %s', async (_, inputs) => {
    await plan();
    const reviewed = bodies('plans');
    const late = await plan({ ...inputs(), 'share-name': 'Baseline' }, github.onClosed());
    expect(late.lines).toContain('No comment on pull request #12: it is closed, so its plan is not overwritten');
    expect(github.writes()).toHaveLength(1);
    // Given only the number, the run asks GitHub whether the pull request is closed.
    await plan({ ...inputs(), 'pull-request': '12' }, github.onMerge());
    expect(bodies('plans')).toEqual(reviewed);
  });
});

test("a plan is not written to a closed pull request, even one that the API doesn't list", async () => {
  const env = github.onClosed();
  github.pulls = [];
  await plan({}, env);
  expect(github.comments).toEqual([]);
});

describe('the number of the pull request', () => {
  test.each<[string, () => Record<string, string>, InputsOf]>([
    ['comes from the input', () => github.on('workflow_run', {}), { 'pull-request': '12' }],
    [
      'comes from the event of a comment on it',
      () => github.on('issue_comment', { issue: { number: 12, pull_request: {} } }),
      {},
    ],
    ['comes from its merge ref', () => github.on('workflow_dispatch', {}, { GITHUB_REF: 'refs/pull/12/merge' }), {}],
  ])('%s', async (_, env, inputs) => {
    github.pulls = [pull()];
    await plan(inputs, env());
    expect(github.plans().map(({ on }) => on)).toEqual([PULL_REQUEST]);
  });
});

describe('a late run', () => {
  test("does not replace a newer run's comment", async () => {
    await plan({}, github.onPullRequest({}, { GITHUB_RUN_ID: '41' }));
    const newer = bodies('plans');
    const older = await plan({ 'share-name': 'Baseline', recipients: [{ recipient_account_id: sim.memberIds[3] }] });
    expect(older.lines).toContain('The comment on pull request #12 is from a newer run, so it was left unchanged');
    expect(older.warnings).toEqual([]);
    expect(bodies('plans')).toEqual(newer);
  });

  test('does not replace the plan of the newest commit with that of an older one', async () => {
    await plan();
    const newest = bodies('plans');
    const head = { sha: 'd'.repeat(40), repo: { full_name: 'owner/repo' } };
    await plan({}, github.onPullRequest({ head }, { GITHUB_RUN_ID: '99' }));
    expect(bodies('plans')).toEqual(newest);
    expect(newest[0]).toContain(`-run 34 1 ${HEAD} -->`);
  });
});

test('a run reaches GitHub through a proxy that resolves the host name', async () => {
  const tunnels: (string | undefined)[] = [];
  const proxy = createServer().on('connect', (request, client, head) => {
    tunnels.push(request.url);
    tunnel(client, head, github.port);
  });
  await withServer(proxy, async (address) => {
    const env = {
      http_proxy: address.replace('http://', 'http://user:100%@'),
      NO_PROXY: 'cloudflare.com,127.0.0.0/8',
      GITHUB_API_URL: 'http://github.invalid',
      GITHUB_GRAPHQL_URL: 'http://github.invalid/graphql',
    };
    const planned = await plan({}, github.onPullRequest({}, env));
    expect([planned.errors, planned.warnings]).toEqual([[], []]);
    const applied = await apply(github.onMerge([COMMIT], env));
    expect([applied.errors, applied.warnings]).toEqual([[], []]);
  });
  expect([github.plans().length, github.results().length, names()]).toEqual([1, 1, ['Baseline']]);
  expect(new Set(tunnels)).toEqual(new Set(['github.invalid:80']));
});

// The comment on the pull request. These tests run the action from start to finish against a fake of GitHub's REST API.
// Some start the built action as a process.

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PERSON, TOKEN } from '../fake-github.ts';
import { runAction } from '../run-action.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFakeGithub, useSimulator } from '../use-simulator.ts';
import { tunnel, withServer } from '../with-server.ts';

const sim = await useSimulator();
const github = await useFakeGithub();

const go = (inputs: InputsOf = {}, env: Record<string, string> = {}, run = runInProcess): Promise<Ran> =>
  run(
    inputsFor(sim, {
      'share-name': 'Baseline',
      recipients: [{ recipient_account_id: sim.memberIds[0] }],
      resources: [{ resource_type: 'gateway-policy', resource_id: 'c1' }],
      'comment-on-pr': 'true',
      'github-token': TOKEN,
      ...inputs,
    }),
    { env: { ...github.onPullRequest(), ...env } },
  );
const goAsProcess = (inputs: InputsOf = {}, env: Record<string, string> = {}): Promise<Ran> =>
  go(inputs, env, runAction);
const file = (name: string, shares: object | string): InputsOf => {
  writeFileSync(join(github.workspace, name), typeof shares === 'string' ? shares : JSON.stringify(shares));
  return { config: name, 'share-name': undefined, recipients: undefined, resources: undefined };
};
/** The bodies of the action's own comments: plans and results. */
const bodies = (): string[] => [...github.plans(), ...github.results()].map(({ body }) => body ?? '');

describe('the comment on the pull request', () => {
  test('is edited by the second run, even among 170 other comments on two pages', async () => {
    github.talk(120);
    const first = await goAsProcess();
    github.talk(50);
    const second = await goAsProcess();
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    expect([...first.warnings, ...second.warnings]).toEqual([]);
    expect(github.comments).toHaveLength(171);
    expect(github.results().map(({ id }) => id)).toEqual([121]);
    expect(github.writes()).toEqual([
      'POST /repos/owner/repo/issues/12/comments',
      'PATCH /repos/owner/repo/issues/comments/121',
    ]);
    expect(bodies()[0]).toContain('is in sync and unchanged.');
  });

  test('is written with github-token, without sending Cloudflare credentials', async () => {
    await go();
    expect(new Set(github.requests.map(({ authorization }) => authorization))).toEqual(new Set([`token ${TOKEN}`]));
    expect(bodies()[0]).not.toMatch(/ghs_|simulator-token/);
    for (const { headers } of sim.requests) expect(JSON.stringify(headers)).not.toContain('ghs_');
  });

  test('is not written, and a warning says why, when the event file is not JSON', async () => {
    const event = join(github.workspace, 'broken-event.json');
    writeFileSync(event, '{nope');
    const ran = await goAsProcess({ 'pull-request': '12' }, { GITHUB_EVENT_PATH: event });
    expect(ran.exitCode).toBe(0);
    expect(ran.warnings).toEqual([expect.stringContaining("GITHUB_EVENT_PATH isn't JSON")]);
    expect(ran.outputs.outcome).toBe('created');
  });

  test('is not written, and a warning quotes the error, when the event file is a folder', async () => {
    const ran = await goAsProcess({ 'pull-request': '12' }, { GITHUB_EVENT_PATH: github.workspace });
    expect(ran.exitCode).toBe(0);
    expect(ran.warnings).toEqual([expect.stringMatching(/^No comment on the pull request: unexpected: EISDIR/)]);
  });

  test('is written through a proxy whose address has a path', async () => {
    const proxy = createServer().on('connect', (_, client, head) => tunnel(client, head, github.port));
    await withServer(proxy, async (address) => {
      const env = {
        HTTP_PROXY: `${address}/path`,
        NO_PROXY: '127.0.0.1',
        GITHUB_API_URL: 'http://github.invalid',
        GITHUB_GRAPHQL_URL: 'http://github.invalid/graphql',
      };
      expect((await goAsProcess({}, env)).warnings).toEqual([]);
    });
    expect(github.results()).toHaveLength(1);
  });

  test('is written even when the step fails without changing anything', async () => {
    sim.seed({ name: 'Baseline' });
    const ran = await go({ 'if-exists': 'fail' });
    expect(ran.exitCode).toBe(1);
    expect(bodies()[0]).toContain("What can't be done");
  });

  test.each([
    ["by a person is not mistaken for the workflow's own", 'ghs_0123456789abcdef', 2],
    ['is edited when it was written by the person who owns the token', 'ghp_person', 1],
  ])('%s', async (_, token, count) => {
    await go();
    for (const comment of github.comments) comment.user = PERSON;
    const ran = await go({ 'github-token': token });
    expect(ran.exitCode).toBe(0);
    expect(bodies()).toHaveLength(count);
  });

  test("stays under 65,536 characters and links to the run's summary", async () => {
    const recipients = sim.memberIds.slice(0, 4).map((recipient_account_id) => ({ recipient_account_id }));
    const shares = Array.from({ length: 40 }, (_, i) => ({
      name: `Share ${i}`,
      recipients,
      resources: Array.from({ length: 60 }, (__, j) => ({
        resource_type: 'gateway-policy',
        resource_id: `policy-${j}`,
      })),
    }));
    const ran = await goAsProcess({ ...file('shares.json', { shares }), mode: 'plan' });
    expect(ran.warnings).toEqual([]);
    expect(bodies()).toHaveLength(1);
    const [body = ''] = bodies();
    expect(body.length).toBeLessThan(65_536);
    expect(/_[\d,]+ lines left out.*/.exec(body)?.[0]).toContain('https://github.com/owner/repo/actions/runs/34');
  });
});

test("warns about the missing permission when it can't comment, and still creates the share", async () => {
  github.mayWrite = false;
  const ran = await goAsProcess();
  expect(ran.exitCode).toBe(0);
  expect(ran.outputs.outcome).toBe('created');
  expect(github.comments).toEqual([]);
  expect(ran.warnings).toEqual([
    expect.stringMatching(/^No comment on the pull request: .*permissions: pull-requests: write.*forks/),
  ]);
});

test.each([{}, { 'comment-on-pr': 'false' }])(
  'sends nothing to GitHub when no comment is requested (%j)',
  async (inputs) => {
    await go({ 'comment-on-pr': undefined, ...inputs });
    expect(github.requests).toEqual([]);
  },
);

describe('the comment with comment-on-pr: changes', () => {
  test('is created once something differs, and is kept up to date from then on', async () => {
    await go({ 'comment-on-pr': 'false' });
    const same = await go({ mode: 'plan', 'comment-on-pr': 'changes' });
    expect(same.lines).toContain('No comment on pull request #12: nothing differs');
    expect(github.comments).toEqual([]);

    const more = [0, 1].map((i) => ({ recipient_account_id: sim.memberIds[i] }));
    await go({ mode: 'plan', 'comment-on-pr': 'changes', recipients: more });
    expect(bodies()).toEqual([expect.stringContaining(String(sim.memberIds[1]))]);
    await go({ mode: 'plan', 'comment-on-pr': 'changes' });
    expect(bodies()).toEqual([expect.stringContaining('No change: the share is in sync')]);
    expect(bodies()[0]).not.toContain(String(sim.memberIds[1]));
  });

  test('is created when there are unlisted items', async () => {
    sim.seed({ name: 'Baseline' });
    await goAsProcess({ mode: 'plan', 'comment-on-pr': 'changes' });
    expect(bodies()).toEqual([expect.stringContaining('1 resource that the inputs do not list')]);
  });
});

describe('a plan that fails', () => {
  const share = { name: 'Baseline', recipients: [{ recipient_account_id: '1'.repeat(32) }] };
  const whole = { ...share, resources: [{ resource_type: 'gateway-policy', resource_id: 'c1' }] };
  /** The account is only in the file, as in README. */
  const onlyInFile = (text: string): InputsOf => ({ ...file('shares.json', text), 'account-id': undefined });

  test.each<[string, () => InputsOf, RegExp]>([
    ['an invalid file', () => file('shares.json', { shares: [share] }), /shares\.json:1.*resources.*is missing/],
    [
      'an invalid file that sets the account',
      () => onlyInFile(`account_id: ${sim.accountId}\nshare: []\n`),
      /share<\/code>: unknown key/,
    ],
    [
      'a file that sets the account and has a syntax error',
      () => onlyInFile(`account_id: ${sim.accountId} # ours\nshares:\n  - name: Baseline\n - name: WAF\n`),
      /shares\.json:4.*not valid JSON or YAML/,
    ],
    [
      'a refused token',
      () => ({ ...file('shares.json', { shares: [whole] }), 'api-token': 'nobodys-token' }),
      /HTTP 403.*9109/,
    ],
  ])('replaces the older plan in the comment (%s)', async (_, inputs, says) => {
    await go({ ...file('shares.json', { shares: [whole] }), mode: 'plan' });
    expect(bodies()).toEqual([expect.stringContaining('1 share to create')]);
    const ran = await go({ ...inputs(), mode: 'plan' });
    expect(ran.exitCode).toBe(1);
    expect(github.plans()).toHaveLength(1);
    const [body = ''] = bodies();
    expect(body.replaceAll(/&#\d+;/g, (code) => String.fromCodePoint(Number(code.slice(2, -1))))).toMatch(says);
    expect(body).not.toContain('1 share to create');
    expect(body).not.toContain('1'.repeat(32));
  });

  test.each(['true', 'changes'])('creates a comment when none exists (comment-on-pr: %s)', async (when) => {
    const ran = await go({ ...file('shares.json', { shares: [share] }), mode: 'plan', 'comment-on-pr': when });
    expect(ran.exitCode).toBe(1);
    expect(bodies()).toHaveLength(1);
  });
});

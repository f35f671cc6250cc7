// The comment on the pull request, against a stand-in for GitHub's REST API.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { type InputsOf, inputsFor, type Ran, runAction, runInProcess } from '../run-action.ts';

interface Comment {
  id: number;
  body: string;
  user: { type: string; login: string };
}

let sim: Simulator;
let server: Server;
let folder: string;
let comments: Comment[] = [];
let refuse: number | undefined;
let requests: string[] = [];
/** Is called when a comment is made, before it is answered: what others do at that moment. */
let meanwhile: () => void = () => {};

const bot = { type: 'Bot', login: 'github-actions[bot]' };

beforeAll(async () => {
  sim = await startSimulator();
  folder = mkdtempSync(join(tmpdir(), 'share-event-'));
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', `http://${request.headers.host}`);
    requests.push(`${request.method} ${url.pathname}`);
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const answer = (status: number, body: unknown, headers = {}): void => {
        response
          .writeHead(status, { 'content-type': 'application/json', ...headers })
          .end(body === undefined ? '' : JSON.stringify(body));
      };
      if (refuse !== undefined) return answer(refuse, { message: 'Resource not accessible by integration' });
      const id = Number(/comments\/(\d+)$/.exec(url.pathname)?.[1]);
      if (request.method === 'GET') {
        const perPage = Number(url.searchParams.get('per_page') ?? 30);
        const page = Number(url.searchParams.get('page') ?? 1);
        const next =
          page * perPage < comments.length
            ? { link: `<${url.origin}${url.pathname}?per_page=${perPage}&page=${page + 1}>; rel="next"` }
            : {};
        return answer(200, comments.slice((page - 1) * perPage, page * perPage), next);
      }
      if (request.method === 'POST') {
        meanwhile();
        const made = {
          id: Math.max(0, ...comments.map((c) => c.id)) + 1,
          body: JSON.parse(text).body as string,
          user: bot,
        };
        comments.push(made);
        return answer(201, made);
      }
      if (request.method === 'DELETE') {
        comments = comments.filter((c) => c.id !== id);
        return answer(204, undefined);
      }
      const found = comments.find((c) => c.id === id) as Comment;
      found.body = JSON.parse(text).body as string;
      return answer(200, found);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  server.closeAllConnections();
  server.close();
  await sim.close();
});
beforeEach(() => {
  sim.reset();
  comments = [];
  requests = [];
  refuse = undefined;
  meanwhile = () => {};
});

const settings = (inputs: InputsOf = {}): InputsOf =>
  inputsFor(sim, {
    'share-name': 'Baseline',
    recipients: [{ account_id: sim.memberIds[0] }],
    resources: [{ resource_type: 'gateway-policy', resource_id: 'c1' }],
    mode: 'plan',
    'comment-on-pr': 'true',
    'github-token': 'ghs_example-token-0000',
    ...inputs,
  });
const env = (): Record<string, string> => {
  const event = join(folder, 'event.json');
  writeFileSync(
    event,
    JSON.stringify({
      pull_request: { number: 5, head: { sha: 'abcdef0123456789', repo: { full_name: 'owner/repo' } } },
      repository: { full_name: 'owner/repo' },
    }),
  );
  return {
    GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    GITHUB_REPOSITORY: 'owner/repo',
    GITHUB_EVENT_PATH: event,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_RUN_ID: '7',
    GITHUB_ACTOR: 'octocat',
  };
};
const go = (inputs: InputsOf = {}): Promise<Ran> => runInProcess(settings(inputs), { env: env() });
const chatter = (n: number): void => {
  for (let i = 0; i < n; i++)
    comments.push({ id: comments.length + 1, body: `Comment ${i}`, user: { type: 'User', login: 'somebody' } });
};
const ours = (): Comment[] => comments.filter(({ body }) => body.startsWith('<!-- cloudflare-share-action '));

describe('one comment', () => {
  test('is made once and edited in place, among 170 others and on whatever page', async () => {
    chatter(85);
    expect((await runAction(settings(), { env: env() })).exitCode).toBe(0);
    chatter(85);
    const [first] = ours();
    expect(first?.body).toContain('1 to create');
    await go({ resources: [{ resource_type: 'gateway-policy', resource_id: 'another' }] });
    expect(ours().map(({ id }) => id)).toEqual([first?.id]);
    expect(ours()[0]?.body).toContain('another');
    expect(requests.filter((r) => !r.startsWith('GET'))).toEqual([
      expect.stringContaining('POST'),
      expect.stringContaining('PATCH'),
    ]);
  });

  test('of each share: another share has another', async () => {
    await go();
    await go({ 'share-name': 'Another' });
    await go({
      'share-name': 'Another',
      'account-id': sim.memberIds[0] as string,
      recipients: [{ account_id: sim.memberIds[1] }],
    });
    expect(ours()).toHaveLength(3);
  });

  test('says what changes, who asks and where it was planned; removals first', async () => {
    sim.seed({ name: 'Baseline', recipients: [{ account_id: sim.memberIds[1] as string }] });
    await go({ prune: 'true' });
    const body = ours()[0]?.body ?? '';
    expect(body.indexOf('takes the share from 1 recipient')).toBeLessThan(body.indexOf('```diff'));
    expect(body).toContain(`-   recipient ${sim.memberIds[1]}`);
    expect(body).toContain('<code>abcdef012345</code> by <code>octocat</code>');
    expect(body).toContain('https://github.com/owner/repo/actions/runs/7');
  });

  test('cannot be broken out of, and mentions nobody', async () => {
    await go({ 'share-name': 'x --> </details> ```\n@octocat **b** <img>' });
    const body = ours()[0]?.body ?? '';
    const outside = body
      .replace(/^<!-- .* -->\n/, '')
      .replace(/(`{3,})diff\n[\s\S]*?\n\1/g, '')
      .replace(/<\/?(code|sub)>/g, '');
    expect(outside).not.toMatch(/@octocat|<(?!!)|\*\*b\*\*|```|-->/);
  });

  test('stays under the size that GitHub takes, with a link to the rest', async () => {
    const resources = Array.from({ length: 150 }, (_, i) => ({
      resource_type: 'gateway-policy',
      resource_id: `c${i}`,
    }));
    const shares = Array.from({ length: 60 }, (_, i) => ({
      name: `Share ${i}`,
      recipients: [{ account_id: sim.memberIds[0] }],
      resources,
    }));
    writeFileSync(join(folder, 'shares.json'), JSON.stringify({ shares }));
    await runInProcess(
      settings({ config: 'shares.json', 'share-name': undefined, recipients: undefined, resources: undefined }),
      { env: { ...env(), GITHUB_WORKSPACE: folder } },
    );
    const body = ours()[0]?.body ?? '';
    expect(body.length).toBeLessThan(65_536);
    expect(body).toMatch(/more parts left out.*\/actions\/runs\/7/);
  });

  test("is not a person's copy of it", async () => {
    await go();
    const [made] = ours();
    comments = [{ id: 1, body: made?.body ?? '', user: { type: 'User', login: 'somebody' } }];
    await go();
    expect(comments.map(({ user }) => user.type)).toEqual(['User', 'Bot']);
  });

  test('is the oldest when another job made one at the same moment', async () => {
    await go();
    const [theirs] = ours();
    comments = [];
    meanwhile = () => comments.push({ id: 1, body: theirs?.body ?? '', user: bot });
    await go();
    expect(comments.map(({ id }) => id)).toEqual([1]);
    expect(requests.at(-1)).toMatch(/^DELETE/);
  });
});

test.each([
  [403, /pull-requests: write.*forks/],
  [401, /github-token is not valid/],
  [500, /No comment on the pull request/],
])('HTTP %i is a warning, never a failed step', async (status, message) => {
  refuse = status;
  const ran = await go();
  expect(ran.exitCode).toBe(0);
  expect(ran.warnings[0]).toMatch(message);
});

test('without a token, and outside of pull requests, there is no comment', async () => {
  expect((await go({ 'github-token': '' })).warnings[0]).toMatch(/github-token is empty/);
  const ran = await runInProcess(settings(), {
    env: { ...env(), GITHUB_EVENT_PATH: undefined },
  });
  expect(ran.lines).toContain('No comment: this run is not of a pull request');
  expect(requests).toEqual([]);
});

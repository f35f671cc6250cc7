// A fake of the parts of GitHub that the action uses: pull request comments, the pull requests of a commit, and
// GraphQL's `viewer` and `editor`. It also simulates merges that are listed late, people who copy and edit comments,
// and every fault at every request.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const TOKEN = 'ghs_0123456789abcdef';
export const COMMIT = 'abcdef0123456789abcdef0123456789abcdef01';
export const HEAD = '0123456789abcdef0123456789abcdef01234567';
export const PULL_REQUEST = 12;
const SERVER_TIME = 'Tue, 24 Nov 2026 10:00:00 GMT';

export interface User {
  login: string;
  type: 'Bot' | 'User';
}
export const BOT: User = { login: 'github-actions[bot]', type: 'Bot' };
export const OTHER_BOT: User = { login: 'other-app[bot]', type: 'Bot' };
export const PERSON: User = { login: 'somebody', type: 'User' };

export interface Comment {
  id: number;
  node_id: string | null;
  /** The pull request that the comment is on. */
  on: number;
  body: string | null;
  user: User | null;
  /** The last person or app to edit it. Null for an account that no longer exists. Undefined: nobody. */
  editor?: User | null;
}

export interface Pull {
  number: number;
  state: 'open' | 'closed';
  merged_at: string | null;
  merge_commit_sha: string | null;
  base: { ref: string; repo: { full_name: string } | null } | null;
  head: { sha: string } | null;
  /** The commits for which GitHub lists the pull request. */
  commits: string[];
}

/**
 * A fault at one request. `lost`: GitHub executes the request, but the response never arrives. `cut`: GitHub executes the
 * request and truncates the response. `unsent`: the connection breaks before GitHub does anything.
 */
export type Fault =
  | { kind: 'lost' | 'unsent' | 'cut' | 'hang' }
  | {
      kind: 'response';
      status: number;
      data?: unknown;
      html?: string;
      headers?: Record<string, string>;
      isDone?: boolean;
    };

export interface Requested {
  what: string;
  method: string;
  path: string;
  authorization: string | undefined;
  body: string;
}

export interface FakeGithub {
  url: string;
  port: number;
  comments: Comment[];
  pulls: Pull[];
  requests: Requested[];
  /** The user or app behind each token. */
  identities: Record<string, User>;
  mayWrite: boolean;
  hasGraphql: boolean;
  /** How many listings of pull requests are stale after a merge, and what they show. */
  lag: { lists: number; shows: 'nothing' | 'open' };
  /** The fault at the request with this number, counting from 0. */
  faults: Map<number, Fault>;
  /** Chooses a fault for each request, if any. */
  faultFor: (request: Requested) => Fault | undefined;
  /** Called before each request is executed, to simulate what others do at that moment. */
  before: (request: Requested) => void;
  /** The environment of a job on the pull request. */
  onPullRequest: (change?: object, env?: Record<string, string>) => Record<string, string>;
  /** The environment of the job that runs when the pull request is merged (a `push` event). */
  onMerge: (commits?: string[], env?: Record<string, string>) => Record<string, string>;
  /** The environment of a job on `pull_request: closed`. */
  onClosed: (env?: Record<string, string>) => Record<string, string>;
  /** The environment of a job on any event. */
  on: (name: string, event: object, env?: Record<string, string>) => Record<string, string>;
  /** A folder for files of the workspace. */
  workspace: string;
  /** The comments of this kind by any author. */
  plans: () => Comment[];
  results: () => Comment[];
  writes: () => string[];
  say: (body: string, by?: User | null, on?: number) => Comment;
  /** Adds comments by people. */
  talk: (count: number) => void;
  reset: () => void;
  close: () => void;
}

export const pull = (change: Partial<Pull> = {}): Pull => ({
  number: PULL_REQUEST,
  state: 'open',
  merged_at: null,
  merge_commit_sha: null,
  base: { ref: 'main', repo: { full_name: 'owner/repo' } },
  head: { sha: HEAD },
  commits: [COMMIT],
  ...change,
});
export const merged = (change: Partial<Pull> = {}): Pull =>
  pull({ state: 'closed', merged_at: '2026-11-24T09:00:00Z', merge_commit_sha: COMMIT, ...change });

/** GraphQL's name for the author: deleted accounts are `ghost`, and bots lack `[bot]`. */
const actor = (user: User | null | undefined): object | null =>
  user ? { __typename: user.type, login: user.login.replace('[bot]', '') } : null;

export async function startFakeGithub(): Promise<FakeGithub> {
  const workspace = mkdtempSync(join(tmpdir(), 'share-github-'));
  let events = 0;
  let arrived = 0;

  const server = createServer((request, to) => {
    let body = '';
    request.setEncoding('utf8').on('data', (more: string) => {
      body += more;
    });
    request.on('end', () => receive(request, to, body));
  });

  function receive(request: IncomingMessage, to: ServerResponse, body: string): void {
    const { pathname: path, searchParams } = new URL(request.url ?? '', 'http://github.invalid');
    const method = request.method ?? '';
    const authorization = request.headers.authorization;
    const requested = { what: `${method} ${path}`, method, path, authorization, body };
    const fault = github.faults.get(arrived) ?? github.faultFor(requested);
    arrived += 1;
    github.requests.push(requested);
    github.before(requested);
    const isDone = fault?.kind !== 'unsent' && fault?.kind !== 'hang' && (fault?.kind !== 'response' || fault.isDone);
    const response = isDone ? execute(requested, searchParams) : { status: 0 };
    if (fault === undefined) send(to, response);
    else if (fault.kind === 'response') sendFault(to, fault);
    else if (fault.kind === 'cut') sendHalf(to, response);
    else if (fault.kind !== 'hang') to.destroy();
  }

  const HEADERS = { 'content-type': 'application/json; charset=utf-8', date: SERVER_TIME };

  function send(to: ServerResponse, { status, data, headers }: Response): void {
    to.writeHead(status, { ...HEADERS, ...headers }).end(data === undefined ? '' : JSON.stringify(data));
  }

  function sendHalf(to: ServerResponse, { status, data = null }: Response): void {
    const text = JSON.stringify(data);
    to.writeHead(status, { ...HEADERS, 'content-length': String(text.length + 100) });
    to.write(text, () => to.destroy());
  }

  function sendFault(to: ServerResponse, fault: Fault & { kind: 'response' }): void {
    const { status, data = { message: 'Something is wrong' }, html, headers } = fault;
    const type = html === undefined ? {} : { 'content-type': 'text/html' };
    to.writeHead(status, { ...HEADERS, ...type, ...headers }).end(html ?? JSON.stringify(data));
  }

  interface Response {
    status: number;
    data?: unknown;
    headers?: Record<string, string>;
  }

  function execute(requested: Requested, search: URLSearchParams): Response {
    const { method, path, body, authorization = '' } = requested;
    const me = github.identities[authorization.replace(/^(token|bearer) /i, '')];
    if (!me) return { status: 401, data: { message: 'Bad credentials' } };
    if (path === '/graphql')
      return github.hasGraphql ? graphql(body, me) : { status: 404, data: { message: 'Not Found' } };
    if (path === '/user') {
      return me.type === 'Bot'
        ? { status: 403, data: { message: 'Resource not accessible by integration' } }
        : { status: 200, data: { ...me, id: 1 } };
    }
    const inRepository = path.replace(/^\/repos\/owner\/repo/, '');
    const [, commit] = /^\/commits\/(\w+)\/pulls$/.exec(inRepository) ?? [];
    if (commit !== undefined) return page(pullsOf(commit), path, search);
    const [, pullNumber] = /^\/pulls\/(\d+)$/.exec(inRepository) ?? [];
    if (pullNumber !== undefined) {
      const found = github.pulls.find(({ number }) => number === Number(pullNumber));
      return found ? { status: 200, data: found } : { status: 404, data: { message: 'Not Found' } };
    }
    const [, issueNumber] = /^\/issues\/(\d+)$/.exec(inRepository) ?? [];
    if (issueNumber !== undefined) {
      const found = github.pulls.find(({ number }) => number === Number(issueNumber));
      if (!found) return { status: 404, data: { message: 'Not Found' } };
      const { number, state, merged_at } = found;
      return { status: 200, data: { number, state, pull_request: { merged_at } } };
    }
    const [, on] = /^\/issues\/(\d+)\/comments$/.exec(inRepository) ?? [];
    if (on !== undefined && method === 'GET') {
      const list = github.comments.filter((comment) => comment.on === Number(on));
      return page(
        list.map(({ editor: _, on: __, ...comment }) => comment),
        path,
        search,
      );
    }
    if (!github.mayWrite) return { status: 403, data: { message: 'Resource not accessible by integration' } };
    const [, id] = /^\/issues\/comments\/(\d+)$/.exec(inRepository) ?? [];
    const comment = github.comments.find((each) => each.id === Number(id));
    if (on === undefined && !comment) return { status: 404, data: { message: 'Not Found' } };
    if (method === 'DELETE') {
      github.comments = github.comments.filter((each) => each !== comment);
      return { status: 204 };
    }
    const text = (JSON.parse(body) as { body: string }).body;
    if (text.length > 65_536) {
      return {
        status: 422,
        data: { message: 'Validation Failed', errors: [{ message: 'Body is too long (maximum is 65536 characters)' }] },
      };
    }
    if (!comment) return { status: 201, data: github.say(text, me, Number(on)) };
    comment.body = text;
    comment.editor = me;
    return { status: 200, data: comment };
  }

  function graphql(body: string, me: User): Response {
    const { query, variables = {} } = JSON.parse(body) as { query: string; variables?: { id?: string } };
    if (query.includes('viewer')) return { status: 200, data: { data: { viewer: { login: me.login } } } };
    const comment = github.comments.find(({ node_id }) => node_id === variables.id);
    if (!comment) {
      const message = 'Could not resolve to a node with the global id';
      return { status: 200, data: { data: { node: null }, errors: [{ type: 'NOT_FOUND', message }] } };
    }
    const lastEditedAt = comment.editor === undefined ? null : '2026-11-24T10:00:00Z';
    const node = { id: comment.node_id, body: comment.body, lastEditedAt, editor: actor(comment.editor) };
    return { status: 200, data: { data: { node } } };
  }

  function pullsOf(commit: string): unknown[] {
    const found = github.pulls.filter(({ commits }) => commits.includes(commit));
    if (github.lag.lists > 0) {
      github.lag.lists -= 1;
      if (github.lag.shows === 'nothing') return [];
      return found.map((each) => ({ ...each, state: 'open', merged_at: null, merge_commit_sha: 'f'.repeat(40) }));
    }
    return found;
  }

  function page(list: unknown[], path: string, search: URLSearchParams): Response {
    const perPage = Number(search.get('per_page')) || 30;
    const number = Number(search.get('page')) || 1;
    const next = `<${github.url}${path}?per_page=${perPage}&page=${number + 1}>; rel="next"`;
    const data = list.slice((number - 1) * perPage, number * perPage);
    return { status: 200, data, headers: number * perPage < list.length ? { link: next } : {} };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    GITHUB_API_URL: url,
    GITHUB_GRAPHQL_URL: `${url}/graphql`,
    GITHUB_REPOSITORY: 'owner/repo',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_RUN_ID: '34',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_WORKSPACE: workspace,
  };
  const repository = { full_name: 'owner/repo', default_branch: 'main' };
  const begin = () => ({
    comments: [],
    pulls: [merged()],
    requests: [],
    identities: { [TOKEN]: BOT, ghp_person: PERSON, ghs_other: OTHER_BOT },
    mayWrite: true,
    hasGraphql: true,
    lag: { lists: 0, shows: 'nothing' as const },
    faults: new Map<number, Fault>(),
    faultFor: () => undefined,
    before: () => {},
  });
  const marked = (marker: string) => github.comments.filter(({ body }) => body?.startsWith(marker));
  let nextId = 1;
  const github: FakeGithub = {
    ...begin(),
    url,
    port,
    workspace,
    on: (name, event, env = {}) => {
      events += 1;
      const path = join(workspace, `event-${events}.json`);
      writeFileSync(path, JSON.stringify({ repository, ...event }));
      return { ...environment, GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: path, ...env };
    },
    onPullRequest: (change = {}, env = {}) => {
      // A pull request is open when a run plans it.
      github.pulls = github.pulls.map((each) => (each.number === PULL_REQUEST ? pull({ head: each.head }) : each));
      const head = { sha: HEAD, repo: { full_name: 'owner/repo' } };
      const pull_request = {
        number: PULL_REQUEST,
        state: 'open',
        merged: false,
        head,
        base: { ref: 'main' },
        ...change,
      };
      const ref = { GITHUB_REF: `refs/pull/${PULL_REQUEST}/merge`, GITHUB_SHA: 'e'.repeat(40) };
      return github.on('pull_request', { action: 'synchronize', pull_request }, { ...ref, ...env });
    },
    onMerge: (commits = [COMMIT], env = {}) => {
      github.pulls = github.pulls.map((each) =>
        each.number === PULL_REQUEST && each.state === 'open' ? merged() : each,
      );
      const event = { ref: 'refs/heads/main', after: commits.at(-1), commits: commits.map((id) => ({ id })) };
      const ref = { GITHUB_REF: 'refs/heads/main', GITHUB_SHA: commits.at(-1) ?? COMMIT };
      return github.on('push', event, { ...ref, GITHUB_RUN_ID: '35', ...env });
    },
    onClosed: (env = {}) => {
      github.pulls = github.pulls.map((each) => (each.number === PULL_REQUEST ? merged() : each));
      const head = { sha: HEAD, repo: { full_name: 'owner/repo' } };
      const change = {
        number: PULL_REQUEST,
        state: 'closed',
        merged: true,
        merge_commit_sha: COMMIT,
        head,
        base: { ref: 'main' },
      };
      const ref = { GITHUB_REF: 'refs/heads/main', GITHUB_SHA: COMMIT };
      return github.on(
        'pull_request',
        { action: 'closed', pull_request: change },
        { ...ref, GITHUB_RUN_ID: '35', ...env },
      );
    },
    plans: () => marked('<!-- cloudflare-share-action '),
    results: () => marked('<!-- cloudflare-share-action-result '),
    writes: () =>
      github.requests.filter(({ method, path }) => method !== 'GET' && path !== '/graphql').map(({ what }) => what),
    say: (body, by = PERSON, on = PULL_REQUEST) => {
      const comment: Comment = { id: nextId, node_id: `IC_${nextId}`, on, body, user: by };
      nextId += 1;
      github.comments.push(comment);
      return comment;
    },
    talk: (count) => {
      for (let i = 0; i < count; i++) github.say(`Comment ${i}`);
    },
    reset: () => {
      arrived = 0;
      nextId = 1;
      Object.assign(github, begin());
    },
    close: () => {
      rmSync(workspace, { recursive: true, force: true });
      server.closeAllConnections();
      server.close();
    },
  };
  return github;
}

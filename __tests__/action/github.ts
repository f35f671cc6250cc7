// A stand-in for GitHub's REST API, as far as whole runs of the action go: comments on pull requests, and the pull
// requests that a commit came from.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const TOKEN = 'ghs_0123456789abcdef';
export const COMMIT = 'abcdef0123456789abcdef0123456789abcdef01';
export const PULL_REQUEST = 12;

export interface Comment {
  id: number;
  body: string;
  user: { type: 'Bot' | 'User' };
  updated_at: string;
}

export interface Github {
  /** Comments on the one pull request that there is. */
  comments: Comment[];
  requests: { what: string; authorization: string | undefined }[];
  mayWrite: boolean;
  /** Who the token's comments are by. */
  author: Comment['user'];
  /** Has the pull request been merged by COMMIT? */
  merged: boolean;
  /** What a job on the pull request has in its environment. */
  onPullRequest: () => Record<string, string>;
  /** What the job on the push of its merge has. */
  onMerge: () => Record<string, string>;
  /** A folder for files of the workspace. */
  workspace: string;
  /** The action's own comments. */
  ours: () => Comment[];
  /** Adds comments of people. */
  talk: (count: number) => void;
  reset: () => void;
  close: () => void;
}

export async function startGithub(): Promise<Github> {
  const workspace = mkdtempSync(join(tmpdir(), 'share-github-'));
  const event = join(workspace, 'event.json');
  let edits = 0;
  const now = (): string => {
    edits += 1;
    return new Date(Date.UTC(2026, 0, 1, 0, 0, edits)).toISOString();
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://github.invalid');
    github.requests.push({ what: `${request.method} ${pathname}`, authorization: request.headers.authorization });
    let text = '';
    request.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    request.on('end', () => {
      const answer = (status: number, body: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      };
      if (request.method === 'GET') {
        const pulls = github.merged
          ? [{ number: PULL_REQUEST, merged_at: '2026-01-01T00:00:00Z', merge_commit_sha: COMMIT }]
          : [];
        const list: unknown[] = pathname === `/repos/owner/repo/commits/${COMMIT}/pulls` ? pulls : github.comments;
        const [perPage, page] = ['per_page', 'page'].map((key) => Number(searchParams.get(key)));
        return answer(200, list.slice(((page || 1) - 1) * (perPage || 30), (page || 1) * (perPage || 30)));
      }
      if (!github.mayWrite) return answer(403, { message: 'Resource not accessible by integration' });
      const { body } = JSON.parse(text) as { body: string };
      if (body.length > 65_536) return answer(422, { message: 'Body is too long (maximum is 65536 characters)' });
      if (request.method === 'POST') {
        github.comments.push({ id: github.comments.length + 1, body, user: github.author, updated_at: now() });
      }
      const id = Number(pathname.split('/').at(-1)) || github.comments.length;
      const comment = github.comments.find((each) => each.id === id);
      if (!comment) return answer(404, { message: 'Not Found' });
      Object.assign(comment, { body, updated_at: now() });
      answer(request.method === 'POST' ? 201 : 200, comment);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const environment = {
    GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    GITHUB_REPOSITORY: 'owner/repo',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_RUN_ID: '34',
    GITHUB_WORKSPACE: workspace,
  };
  const begin = () => ({
    comments: [],
    requests: [],
    mayWrite: true,
    author: { type: 'Bot' } as const,
    merged: true,
  });
  const github: Github = {
    ...begin(),
    workspace,
    onPullRequest: () => {
      const repository = { full_name: 'owner/repo' };
      writeFileSync(event, JSON.stringify({ pull_request: { number: PULL_REQUEST }, repository }));
      return { ...environment, GITHUB_EVENT_PATH: event };
    },
    onMerge: () => ({ ...environment, GITHUB_SHA: COMMIT }),
    ours: () => github.comments.filter(({ body }) => body.includes('<!-- cloudflare-share-action')),
    talk: (count) => {
      for (let i = 0; i < count; i++) {
        const id = github.comments.length + 1;
        github.comments.push({ id, body: `Comment ${id}`, user: { type: 'User' }, updated_at: now() });
      }
    },
    reset: () => Object.assign(github, begin()),
    close: () => {
      rmSync(workspace, { recursive: true, force: true });
      server.closeAllConnections();
      server.close();
    },
  };
  return github;
}

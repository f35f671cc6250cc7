// A stand-in for GitHub's REST API, as far as comments on a pull request go. Every commit is the merge of pull request #7.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Comment {
  id: number;
  body: string;
  user: { type: string; login: string };
}

export const BOT = { type: 'Bot', login: 'github-actions[bot]' };
export const PERSON = { type: 'User', login: 'somebody' };

export interface Github {
  url: string;
  comments: Comment[];
  requests: string[];
  /** Answer everything with this status. */
  refuse: number | undefined;
  /** Is called when a comment is made, before it is answered: what others do at that moment. */
  meanwhile: () => void;
  reset: () => void;
  close: () => void;
}

export async function startGithub(): Promise<Github> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', github.url);
    github.requests.push(`${request.method} ${url.pathname}`);
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const answer = (status: number, body: unknown, headers = {}): void => {
        response
          .writeHead(status, { 'content-type': 'application/json', ...headers })
          .end(body === undefined ? '' : JSON.stringify(body));
      };
      if (github.refuse !== undefined)
        return answer(github.refuse, { message: 'Resource not accessible by integration' });
      const id = Number(/comments\/(\d+)$/.exec(url.pathname)?.[1]);
      const [, commit] = /\/commits\/([0-9a-f]{40})\/pulls$/.exec(url.pathname) ?? [];
      if (commit !== undefined)
        return answer(200, [{ number: 7, merged_at: '2026-11-23T09:00:00Z', merge_commit_sha: commit }]);
      if (request.method === 'GET') {
        const perPage = Number(url.searchParams.get('per_page') ?? 30);
        const page = Number(url.searchParams.get('page') ?? 1);
        const next =
          page * perPage < github.comments.length
            ? { link: `<${github.url}${url.pathname}?per_page=${perPage}&page=${page + 1}>; rel="next"` }
            : {};
        return answer(200, github.comments.slice((page - 1) * perPage, page * perPage), next);
      }
      if (request.method === 'DELETE') {
        github.comments = github.comments.filter((comment) => comment.id !== id);
        return answer(204, undefined);
      }
      const body = JSON.parse(text).body as string;
      if (body.length > 65_536) return answer(422, { message: 'Body is too long (maximum is 65536 characters)' });
      if (request.method === 'POST') {
        github.meanwhile();
        const made = { id: Math.max(0, ...github.comments.map((comment) => comment.id)) + 1, body, user: BOT };
        github.comments.push(made);
        return answer(201, made);
      }
      const found = github.comments.find((comment) => comment.id === id) as Comment;
      found.body = body;
      return answer(200, found);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const github: Github = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comments: [],
    requests: [],
    refuse: undefined,
    meanwhile: () => {},
    reset: () => {
      Object.assign(github, { comments: [], requests: [], refuse: undefined, meanwhile: () => {} });
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return github;
}

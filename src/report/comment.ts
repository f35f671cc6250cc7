// One comment on the pull request, edited in place: found by a hidden marker on whatever page it is, made when there
// is none. This is the only file that knows @actions/github, and it is loaded when a comment is asked for.

import { createHash } from 'node:crypto';
import { getOctokit } from '@actions/github';
import type { CommentSettings } from '../inputs/settings.ts';
import * as log from './log.ts';
import { type Report, renderReport } from './markdown.ts';

/** GitHub takes 65,536 characters. */
const BYTES_MAX = 65_000;
const TIMEOUT_MS = 30_000;
const PER_PAGE = 100;

/** Comments of the same key are one comment: an account and a share, or an account and a file. */
export function markerOf({ accountId, source, results }: Report, shareId: string | undefined): string {
  const what = source.kind === 'config' ? ['config', source.file] : ['share', shareId ?? results[0]?.name];
  const key = createHash('sha256')
    .update(JSON.stringify([accountId, ...what]))
    .digest('hex')
    .slice(0, 32);
  return `<!-- cloudflare-share-action ${key} -->`;
}

interface Comment {
  id: number;
  body?: string | undefined;
  user?: { type?: string } | null;
}

/** Keeps the comment up to date. Whatever goes wrong is a warning: the comment is a courtesy, the share is the job. */
export async function keepComment(
  report: Report,
  settings: CommentSettings,
  shareId: string | undefined,
): Promise<void> {
  const { token, repository, pullRequest, apiUrl } = settings;
  if (pullRequest === undefined) {
    log.line('No comment: this run is not of a pull request');
    return;
  }
  if (token === '') {
    log.warning({ message: 'No comment on the pull request: github-token is empty' });
    return;
  }
  try {
    const [owner = '', repo = ''] = repository.split('/');
    const octokit = getOctokit(token, { baseUrl: apiUrl, request: { signal: AbortSignal.timeout(TIMEOUT_MS) } });
    const marker = markerOf(report, shareId);
    const body = `${marker}\n${renderReport(report, { bytesMax: BYTES_MAX, details: false })}`;
    const at = { owner, repo, issue_number: pullRequest };

    const find = async (): Promise<Comment | undefined> => {
      for (let page = 1; ; page++) {
        const { data, headers } = await octokit.rest.issues.listComments({ ...at, per_page: PER_PAGE, page });
        const found = data.find((comment) => isOurs(comment, marker, token));
        if (found) return found; // oldest first: of two, all runs take the same
        const isLast = data.length < PER_PAGE && !headers.link?.includes('rel="next"');
        if (isLast || data.length === 0) return undefined;
      }
    };

    const found = await find();
    if (found) {
      await octokit.rest.issues.updateComment({ owner, repo, comment_id: found.id, body });
      log.line(`The comment on pull request #${pullRequest} is up to date`);
      return;
    }
    const { data: made } = await octokit.rest.issues.createComment({ ...at, body });
    log.line(`Commented on pull request #${pullRequest}`);
    // Another job may have made one at the same moment: the oldest stays.
    const oldest = await find();
    if (oldest && oldest.id < made.id) {
      await octokit.rest.issues.updateComment({ owner, repo, comment_id: oldest.id, body });
      await octokit.rest.issues.deleteComment({ owner, repo, comment_id: made.id });
    }
  } catch (error) {
    log.warning({ message: `No comment on the pull request: ${reasonOf(error)}` });
  }
}

/** With an installation's token (the workflow's own) our comment is a bot's: a person may have copied the marker. */
function isOurs({ body, user }: Comment, marker: string, token: string): boolean {
  if (!body?.startsWith(marker)) return false;
  return !(token.startsWith('ghs_') && user?.type === 'User');
}

function reasonOf(error: unknown): string {
  const { status, message } = error as { status?: number; message?: string };
  if (status === 401) return 'github-token is not valid';
  if (status === 403 || status === 404) {
    return `github-token may not write it (HTTP ${status}). Grant the job "permissions: pull-requests: write"; pull requests from forks get a token that may only read, whatever is granted`;
  }
  return message ?? String(error);
}

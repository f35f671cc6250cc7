// What the comment and the reviewed plan need of GitHub. It is loaded only when one of them is asked for, because it imports
// @actions/github.

import { getOctokit } from '@actions/github';
import type { GithubSettings } from './inputs/settings.ts';

const PER_PAGE = 100;
/** A list of more pages has no end. */
const PAGES_MAX = 100;
/** The library writes warnings of the server to standard error, where the runner looks for commands. */
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface Github {
  octokit: ReturnType<typeof getOctokit>;
  /** The repository. */
  at: { owner: string; repo: string };
}

/**
 * @param timeoutMs how long all requests together may take
 * @param cancelled ends them at once
 */
export function connectToGithub(
  { token, repository, apiUrl }: GithubSettings,
  timeoutMs: number,
  cancelled: AbortSignal,
): Github {
  const [owner = '', repo = ''] = repository.split('/');
  const signal = AbortSignal.any([cancelled, AbortSignal.timeout(timeoutMs)]);
  const octokit = getOctokit(token, { baseUrl: apiUrl, log: SILENT, request: { signal } });
  return { octokit, at: { owner, repo } };
}

/**
 * Every item of a list. A page that is not full is the last, unless GitHub says that there is a next one.
 * @throws when the answer is something else, or a list without an end
 */
export async function* everyItem<T>(
  ask: (page: { page: number; per_page: number }) => Promise<{ data: T[]; headers: { link?: string } }>,
): AsyncGenerator<T> {
  for (let page = 1; ; page++) {
    const { data, headers } = await ask({ page, per_page: PER_PAGE });
    if (!Array.isArray(data) || page > PAGES_MAX) throw new Error('GitHub does not answer with a list');
    yield* data;
    const isLast = data.length < PER_PAGE && !headers.link?.includes('rel="next"');
    if (isLast || data.length === 0) return;
  }
}

/** A comment on a pull request, as far as anybody looks at it. */
export interface Comment {
  id: number;
  body?: string | undefined;
  updated_at?: string;
  user?: Author | null;
}
export interface Author {
  id?: number;
  type?: string;
}

/** Does the comment begin with the marker? One that quotes a marked comment does not. */
export const isMarked = ({ body }: Comment, marker: string): boolean =>
  typeof body === 'string' && body.startsWith(marker);

/** The comments on a pull request, oldest first. */
export const commentsOn = ({ octokit, at }: Github, pullRequest: number): AsyncGenerator<Comment> =>
  everyItem<Comment>((page) => octokit.rest.issues.listComments({ ...at, issue_number: pullRequest, ...page }));

/** Is it an installation's token, as the workflow's own is? Such a token cannot ask which bot it belongs to. */
export const isInstallationToken = (token: string): boolean => token.startsWith('ghs_');

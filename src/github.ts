// What the comment and the reviewed plan need of GitHub. It is loaded only when one of them is asked for, because it imports
// @actions/github.

import { getOctokit } from '@actions/github';
import type { GithubSettings } from './inputs/settings.ts';

const PER_PAGE = 100;

export interface Github {
  octokit: ReturnType<typeof getOctokit>;
  /** The repository. */
  at: { owner: string; repo: string };
}

/** @param timeoutMs how long all requests together may take */
export function connectToGithub({ token, repository, apiUrl }: GithubSettings, timeoutMs: number): Github {
  const [owner = '', repo = ''] = repository.split('/');
  const octokit = getOctokit(token, { baseUrl: apiUrl, request: { signal: AbortSignal.timeout(timeoutMs) } });
  return { octokit, at: { owner, repo } };
}

/** Every item of a list. A page that is not full is the last, unless GitHub says that there is a next one. */
export async function* everyItem<T>(
  ask: (page: { page: number; per_page: number }) => Promise<{ data: T[]; headers: { link?: string } }>,
): AsyncGenerator<T> {
  for (let page = 1; ; page++) {
    const { data, headers } = await ask({ page, per_page: PER_PAGE });
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

/** The comments on a pull request, oldest first. */
export const commentsOn = ({ octokit, at }: Github, pullRequest: number): AsyncGenerator<Comment> =>
  everyItem<Comment>((page) => octokit.rest.issues.listComments({ ...at, issue_number: pullRequest, ...page }));

/** Is it an installation's token, as the workflow's own is? Such a token cannot ask which bot it belongs to. */
export const isInstallationToken = (token: string): boolean => token.startsWith('ghs_');

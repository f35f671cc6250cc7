// The one door to GitHub. It is loaded only when a comment or the reviewed plan is asked for, because it imports
// @actions/github.

import { getOctokit } from '@actions/github';
import type { GithubSettings } from '../api-settings.ts';

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
 * @throws when the response is something else, or a list without an end
 */
export async function everyItem<T>(
  ask: (page: { page: number; per_page: number }) => Promise<{ data: T[]; headers: { link?: string } }>,
): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; ; page++) {
    const { data, headers } = await ask({ page, per_page: PER_PAGE });
    if (!Array.isArray(data) || page > PAGES_MAX) throw new Error('GitHub does not answer with a list');
    all.push(...data);
    const isLast = data.length < PER_PAGE && !headers.link?.includes('rel="next"');
    if (isLast || data.length === 0) return all;
  }
}

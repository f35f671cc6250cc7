// Finds the pull request that a commit came from.

import { everyItem, type Github } from './client.ts';

/** A pull request with a commit, as far as anybody looks at it. */
export interface PullRequest {
  number: number;
  isMerged: boolean;
  mergeCommit?: string;
}

/** The pull requests of this repository that GitHub lists for a commit: open ones and merged ones, into whatever branch. */
export async function pullRequestsWith({ octokit, at }: Github, commit: string): Promise<PullRequest[]> {
  const { listPullRequestsAssociatedWithCommit } = octokit.rest.repos;
  const all = await everyItem((page) => listPullRequestsAssociatedWithCommit({ ...at, commit_sha: commit, ...page }));
  const here = all.filter(({ base, number }) => {
    if (typeof number !== 'number') return false;
    const name = (base as typeof base | undefined)?.repo?.full_name;
    return name === undefined || name.toLowerCase() === `${at.owner}/${at.repo}`.toLowerCase();
  });
  return here.map(({ number, merged_at, merge_commit_sha }) => ({
    number,
    isMerged: typeof merged_at === 'string',
    ...(merge_commit_sha === null ? {} : { mergeCommit: merge_commit_sha }),
  }));
}

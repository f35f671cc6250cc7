// Decides which pull requests a run applies: only those that this push merged into the pushed branch.

import type { GithubSettings } from '../settings.ts';
import type { Github } from './client.ts';
import { GithubError, isHidden } from './errors.ts';

// GitHub lists a commit's pull requests some seconds after the merge, and shows them as open until then.
const LAG_MS = 20_000;
const LAG_PAUSE_MS = 2_000;
/**
 * A workflow's token allows 1,000 requests an hour, so the more commits are left, the longer the pause: a push of 100
 * commits without a pull request takes 300 requests. After each pause, all commits that are left are looked up, the
 * last time at the end of the wait, because each can be the merge of another pull request that GitHub lists late.
 */
const LAG_PAUSE_PER_COMMIT_MS = 100;
/**
 * Pull requests of older commits in a push aren't looked up. That is safe, because a plan that isn't read allows
 * nothing.
 */
const COMMITS_MAX = 100;
const AT_ONCE = 5;

/** The relevant fields of a pull request. */
export interface PullRequest {
  number: number;
  /** `owner/name` of the repository in which it was opened. */
  repository?: string;
  /** The target branch. */
  base?: string;
  /** Its newest commit. */
  head?: string;
  isMerged: boolean;
  isOpen: boolean;
  /** The commit that the merge added to the branch: the merge commit, the squashed one, or the last one of a rebase. */
  mergeCommit?: string;
}

export function readPullRequest(value: unknown): PullRequest | undefined {
  const { number, state, merged_at, merge_commit_sha, base, head } = (value ?? {}) as Record<string, unknown>;
  if (typeof number !== 'number') return undefined;
  const known = {
    repository: textAt(base, 'repo', 'full_name'),
    base: textAt(base, 'ref'),
    head: textAt(head, 'sha'),
    mergeCommit: typeof merge_commit_sha === 'string' ? merge_commit_sha : undefined,
  };
  return {
    number,
    isMerged: typeof merged_at === 'string',
    isOpen: state === 'open',
    ...Object.fromEntries(Object.entries(known).filter(([, text]) => text !== undefined)),
  };
}

const textAt = (value: unknown, ...path: string[]): string | undefined => {
  const inner = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], value);
  return typeof inner === 'string' ? inner : undefined;
};

/**
 * The pull requests that this run applies, oldest first, or why there are none, as a sentence without its full stop.
 */
type Merged = { numbers: readonly [number, ...number[]] } | { problem: string };

/** @throws {GithubError} */
export async function mergedPullRequests(
  github: Github,
  { repository, merge }: Pick<GithubSettings, 'repository' | 'merge'>,
): Promise<Merged> {
  if (merge.kind === 'pull-request') {
    return merge.isMerged
      ? { numbers: [merge.number] }
      : {
          problem: `The event that started this run didn't merge pull request #${merge.number}. Apply after the merge`,
        };
  }
  const { branch, commits } = merge;
  if (branch === undefined || commits.length === 0) {
    return {
      problem:
        "This run isn't on a branch, so no pull request was merged into it. Run it on the push that merges the pull request",
    };
  }
  const push = { branch, commits, repository };
  return mergedBy(push, await pullRequestsOf(github, push));
}

interface Push {
  repository: string;
  branch: string;
  commits: readonly string[];
}

const isHere = ({ repository }: PullRequest, push: Push): boolean =>
  repository === undefined || repository.toLowerCase() === push.repository.toLowerCase();

const isMergedInto = (pull: PullRequest, push: Push): boolean =>
  pull.isMerged && pull.base === push.branch && isHere(pull, push);

/** Of the pull requests that GitHub lists for the commits of a push, those that this push merged. Pure. */
export function mergedBy(push: Push, listed: readonly PullRequest[]): Merged {
  const commit = push.commits.at(-1) ?? '';
  const here = unique(listed.filter((pull) => isHere(pull, push)));
  const [first, ...others] = here
    .filter((pull) => isMergedInto(pull, push) && push.commits.includes(pull.mergeCommit ?? ''))
    .map(({ number }) => number)
    .sort((a, b) => a - b);
  if (first !== undefined) return { numbers: [first, ...others] };
  if (here.length === 0) {
    return {
      problem: `Commit ${commit} didn't come from a pull request, so there is no reviewed plan. Make the change in a pull request, or use a plan file`,
    };
  }
  return {
    problem: `This push to ${push.branch} merged no pull request (${here.map((pull) => whyNot(pull, push)).join(', ')}). Run it on the push that merges the pull request, or use a plan file`,
  };
}

function whyNot(pull: PullRequest, { branch }: Push): string {
  const number = `#${pull.number}`;
  if (!pull.isMerged) return `${number} is not merged`;
  if (pull.base !== branch) return `${number} was merged into ${pull.base ?? 'an unknown branch'}`;
  return `${number} was merged by another push, with commit ${pull.mergeCommit ?? 'unknown'}`;
}

const unique = (pulls: readonly PullRequest[]): PullRequest[] => [
  ...new Map(pulls.map((pull) => [pull.number, pull])).values(),
];

/** All pull requests with commits of the push. Waits until GitHub lists the merge. */
async function pullRequestsOf(github: Github, push: Push): Promise<PullRequest[]> {
  const untilMs = github.nowMs() + LAG_MS;
  const newest = push.commits.at(-1);
  const found = new Map<string, readonly PullRequest[]>();
  const unknown = new Set<string>();
  let waiting = push.commits.slice(-COMMITS_MAX);
  for (;;) {
    for (let i = 0; i < waiting.length; i += AT_ONCE) {
      await Promise.all(
        waiting.slice(i, i + AT_ONCE).map(async (commit) => {
          try {
            found.set(commit, await pullRequestsWith(github, commit));
          } catch (error) {
            const isUnknown = error instanceof GithubError && [404, 422].includes(error.status ?? 0);
            if (commit === newest || !isUnknown) throw error;
            unknown.add(commit);
          }
        }),
      );
    }
    waiting = waiting.filter(
      (commit) => !unknown.has(commit) && !found.get(commit)?.some((pull) => isMergedInto(pull, push)),
    );
    const leftMs = untilMs - github.nowMs();
    if (waiting.length === 0 || leftMs < LAG_PAUSE_MS) return [...found.values()].flat();
    const pauseMs = Math.max(LAG_PAUSE_MS, waiting.length * LAG_PAUSE_PER_COMMIT_MS);
    await github.pause(leftMs - pauseMs < LAG_PAUSE_MS ? leftMs : pauseMs);
  }
}

async function pullRequestsWith(github: Github, commit: string): Promise<PullRequest[]> {
  const route = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls';
  const all = await github.listAll({ route, parameters: { commit_sha: commit } });
  return all.map(readPullRequest).filter((pull) => pull !== undefined);
}

/** The current state of a pull request. Its newest commit is unknown if the token can't read it. @throws {GithubError} */
export async function pullRequest(github: Github, number: number): Promise<Pick<PullRequest, 'isOpen' | 'head'>> {
  const call = {
    route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}',
    parameters: { pull_number: number },
  } as const;
  try {
    return await github.send(call, readPullRequest);
  } catch (error) {
    if (!isHidden(error)) throw error;
  }
  // `issues: write` is enough to comment, but not to read a pull request. Every pull request is an issue, too.
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}';
  return await github.send({ route, parameters: { issue_number: number } }, readPullRequest);
}

// Finds the reviewed plan of a push: the pull request that the commit came from, and the plan in its comment. It is loaded
// only when it is needed, as github/ is.

import { connectToGithub, type Github } from '../github/client.ts';
import { type Comment, commentsOn, isMarked } from '../github/comments.ts';
import { authorOf } from '../github/identity.ts';
import { pullRequestsWith } from '../github/pull-requests.ts';
import type { Settings } from '../inputs/settings.ts';
import type { Reviewed } from '../share/review.ts';
import { readReviewMarker } from './marker.ts';
import { NoReviewedPlan } from './no-reviewed-plan.ts';

const TIMEOUT_MS = 60_000;
const HOW_TO_GRANT = 'Grant the job "permissions: pull-requests: read"';

/**
 * The plan that was reviewed before the commit of this run was merged.
 * @param marker how the body of the plan's comment begins
 * @param cancelled ends the look-up at once
 * @throws NoReviewedPlan
 */
export async function readReviewedPlan(
  { github: settings, accountId }: Pick<Settings, 'github' | 'accountId'>,
  marker: string,
  cancelled: AbortSignal,
): Promise<Reviewed> {
  const { token, commit } = settings;
  if (token === '') {
    throw new NoReviewedPlan(`The reviewed plan cannot be looked up: github-token is empty. ${HOW_TO_GRANT}`);
  }
  if (commit === undefined) {
    throw new NoReviewedPlan(
      'The reviewed plan cannot be looked up: this run has no commit. Run it on the push of a merge, or give a plan file',
    );
  }
  const github = connectToGithub(settings, TIMEOUT_MS, cancelled);
  try {
    const pullRequest = await pullRequestOf(github, commit);
    const body = await planComment(github, pullRequest, marker, token);
    const read = readReviewMarker(body, accountId);
    if ('reviewed' in read) return read.reviewed;
    throw new NoReviewedPlan(
      `The comment on pull request #${pullRequest} ${read.problem}. What was not reviewed is not applied`,
    );
  } catch (error) {
    if (cancelled.aborted) throw new NoReviewedPlan('The reviewed plan cannot be looked up: the job was cancelled');
    throw error instanceof NoReviewedPlan ? error : new NoReviewedPlan(reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  const { status, message } = error as { status?: number; message?: string };
  if (status === 401) return 'The reviewed plan cannot be looked up: github-token is not valid';
  if (status === 403 || status === 404) {
    return `The reviewed plan cannot be looked up: github-token may not read pull requests (HTTP ${status}). ${HOW_TO_GRANT}`;
  }
  return `The reviewed plan cannot be looked up: ${message ?? String(error)}. Run the job again`;
}

/**
 * The pull request whose merge, squash or rebase made the commit. GitHub also lists other pull requests with the commit:
 * open ones, which nobody approved, and ones that were merged into other branches.
 */
async function pullRequestOf(github: Github, commit: string): Promise<number> {
  const here = await pullRequestsWith(github, commit);
  const merged = here.filter(({ isMerged }) => isMerged);
  const byThisCommit = merged.filter(({ mergeCommit }) => mergeCommit === commit);
  const [found, ...others] = byThisCommit.length > 0 ? byThisCommit : merged;
  const list = (pulls: readonly { number: number }[]): string => pulls.map(({ number }) => `#${number}`).join(', ');
  if (others.length > 0) {
    throw new NoReviewedPlan(
      `Commit ${commit} came from several pull requests (${list(byThisCommit.length > 0 ? byThisCommit : merged)}), and it is not clear which plan was reviewed. Use a plan file`,
    );
  }
  if (found) return found.number;
  throw new NoReviewedPlan(
    here.length > 0
      ? `Commit ${commit} came from no merged pull request (not merged: ${list(here)}). Merge it, or use a plan file`
      : `Commit ${commit} came from no pull request: there is no reviewed plan. Make the change in a pull request, or use a plan file`,
  );
}

/** The body of the comment with the plan. Anybody can copy a marker, so the author is checked too. */
async function planComment(github: Github, number: number, marker: string, token: string): Promise<string> {
  const comments = await commentsOn(github, number);
  const marked = comments.filter((comment) => isMarked(comment, marker));
  if (marked.length === 0) {
    throw new NoReviewedPlan(
      `Pull request #${number} has no comment with a plan of this account and this share or file. Plan it with comment-on-pr: true before it is merged, from the same inputs`,
    );
  }
  const { isOurs, kind } = await authorOf(github, token);
  const [newest] = marked.filter(({ user }) => isOurs(user ?? {})).sort(newestFirst);
  if (newest?.body !== undefined) return newest.body;
  throw new NoReviewedPlan(
    `The comment with a plan on pull request #${number} is not by ${kind}, so it may be a copy. Plan and apply with the same kind of github-token`,
  );
}

const newestFirst = (a: Comment, b: Comment): number =>
  Date.parse(b.updated_at ?? '') - Date.parse(a.updated_at ?? '') || b.id - a.id;

// Keeps one comment on the pull request: finds it by a hidden marker, and edits it, or creates it. It is loaded only when a
// comment is asked for, as github.ts is.

import { type Comment, commentsOn, connectToGithub, isInstallationToken, isMarked } from '../github.ts';
import type { GithubSettings } from '../inputs/settings.ts';
import { hasDrift, type SharePlan } from '../share/plan.ts';
import { markerOf } from './comment-marker.ts';
import type { Report } from './contents.ts';
import * as log from './log.ts';
import { renderReport } from './markdown.ts';
import { reviewablePlans } from './outcome-words.ts';

/** GitHub takes 65,536 characters. */
const BYTES_MAX = 65_000;
/** Of these, the hidden steps of the plan may take so many. */
const REVIEW_CHARACTERS_MAX = 40_000;
const TIMEOUT_MS = 30_000;

/** How the comment hides the steps of a plan. A later apply reads them as the reviewed plan. */
export interface ReviewMarkers {
  reviewMarker: (plans: readonly SharePlan[], accountId: string, charactersMax: number) => string;
  failedPlanMarker: (accountId: string) => string;
}

/** Does anything differ, change or fail? */
const hasSomethingToSay = ({ outcomes, inputProblems = [] }: Report): boolean =>
  inputProblems.length > 0 ||
  outcomes.some(
    ({ plan, changed, problems, refusal }) =>
      changed !== false || problems.length > 0 || refusal !== undefined || (plan !== undefined && hasDrift(plan)),
  );

/** The marker, the hidden steps of the plan, and the report. All of it fits into a comment. */
export function bodyOf(report: Report, marker: string, markers?: ReviewMarkers): string {
  const top = [marker, ...(markers && report.mode === 'plan' ? [hiddenSteps(report, markers)] : []), ''].join('\n');
  return `${top}${renderReport(report, { bytesMax: BYTES_MAX - Buffer.byteLength(top), details: false })}`;
}

function hiddenSteps({ outcomes, accountId }: Report, { reviewMarker, failedPlanMarker }: ReviewMarkers): string {
  const plans = reviewablePlans(outcomes);
  return plans.length === 0 ? failedPlanMarker(accountId) : reviewMarker(plans, accountId, REVIEW_CHARACTERS_MAX);
}

/** Keeps the comment up to date. A failure is a warning: a missing comment must not fail the step. */
export async function keepComment(
  report: Report,
  when: 'always' | 'changes',
  settings: GithubSettings,
  cancelled: AbortSignal,
  markers?: ReviewMarkers,
): Promise<void> {
  const { token, pullRequest } = settings;
  if (pullRequest === undefined) return log.line('No comment: this run does not belong to a pull request');
  const marker = markerOf(report);
  if (marker === undefined) {
    return log.line(
      'No comment: the inputs do not say which account and share it is about. Give account-id as an input',
    );
  }
  if (token === '') return log.warning({ message: 'No comment on the pull request: github-token is empty' });
  try {
    const github = connectToGithub(settings, TIMEOUT_MS, cancelled);
    const { issues } = github.octokit.rest;
    const body = bodyOf(report, marker, markers);
    const oldestOfOurs = async (): Promise<Comment | undefined> => {
      for await (const comment of commentsOn(github, pullRequest)) if (isOurs(comment, marker, token)) return comment;
      return undefined;
    };

    const found = await oldestOfOurs();
    if (found) {
      await issues.updateComment({ ...github.at, comment_id: found.id, body });
      return log.line(`The comment on pull request #${pullRequest} is up to date`);
    }
    if (when === 'changes' && !hasSomethingToSay(report)) {
      return log.line(`No comment on pull request #${pullRequest}: nothing differs`);
    }
    const { data: made } = await issues.createComment({ ...github.at, issue_number: pullRequest, body });
    if (typeof made?.id !== 'number') throw new Error('GitHub does not say that it was made');
    log.line(`Commented on pull request #${pullRequest}`);
    // Another job may have created a comment at the same time: of two, all jobs keep the oldest.
    const oldest = await oldestOfOurs();
    if (oldest && oldest.id < made.id) {
      await issues.updateComment({ ...github.at, comment_id: oldest.id, body });
      await issues.deleteComment({ ...github.at, comment_id: made.id });
    }
  } catch (error) {
    const reason = cancelled.aborted ? 'the job was cancelled' : reasonOf(error);
    log.warning({ message: `No comment on the pull request: ${reason}` });
  }
}

/** With an installation's token (the workflow's own) the comment is by a bot. One by a person is a copy. */
const isOurs = (comment: Comment, marker: string, token: string): boolean =>
  isMarked(comment, marker) && !(isInstallationToken(token) && comment.user?.type === 'User');

function reasonOf(error: unknown): string {
  const { status, message } = error as { status?: number; message?: string };
  if (status === 401) return 'github-token is not valid';
  if (status === 403 || status === 404) {
    return `github-token may not write it (HTTP ${status}). Grant the job "permissions: pull-requests: write"; pull requests from forks get a token that may only read, whatever the workflow grants`;
  }
  return message ?? String(error);
}

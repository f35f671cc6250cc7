// What the comment on the pull request contains, and when there is one. It is loaded only when a comment or the reviewed
// plan is asked for, as github/ is.

import type { GithubSettings } from '../api-settings.ts';
import { connectToGithub } from '../github/client.ts';
import { markerOf, writeComment } from '../github/comments.ts';
import { hasDrift } from '../share/plan.ts';
import { reviewablePlans } from '../share/result.ts';
import type { ProposedPlan } from '../share/review.ts';
import type { Report } from './contents.ts';
import * as log from './log.ts';
import { renderReport } from './markdown.ts';

/** GitHub takes 65,536 characters. */
const BYTES_MAX = 65_000;
/** Of these, the hidden steps of the plan may take so many. */
const REVIEW_CHARACTERS_MAX = 40_000;
const TIMEOUT_MS = 30_000;

/** How the comment hides the steps of a plan. A later apply reads them as the reviewed plan. */
export interface ReviewMarkers {
  reviewMarker: (plans: readonly ProposedPlan[], accountId: string, charactersMax: number) => string;
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

/**
 * How the comment begins. A run with wrong inputs finds the comment of earlier runs too. Undefined: the inputs do not say
 * enough.
 */
export function markerOfReport({
  accountId,
  source,
  outcomes = [],
  share,
}: Pick<Report, 'accountId' | 'source' | 'share'> & Partial<Pick<Report, 'outcomes'>>): string | undefined {
  if (accountId === '') return undefined;
  if (source.kind === 'config') return markerOf(accountId, ['config', source.file]);
  const of = outcomes[0]?.desired ?? share;
  const name = of?.shareId ?? of?.name;
  return name ? markerOf(accountId, ['share', name]) : undefined;
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
  const marker = markerOfReport(report);
  if (marker === undefined) {
    return log.line(
      'No comment: the inputs do not say which account and share it is about. Give account-id as an input',
    );
  }
  if (token === '') return log.warning({ message: 'No comment on the pull request: github-token is empty' });
  try {
    const github = connectToGithub(settings, TIMEOUT_MS, cancelled);
    const comment = { pullRequest, marker, body: bodyOf(report, marker, markers), token };
    const done = await writeComment(github, comment, when === 'always' || hasSomethingToSay(report));
    log.line(
      {
        edited: `The comment on pull request #${pullRequest} is up to date`,
        created: `Commented on pull request #${pullRequest}`,
        'not started': `No comment on pull request #${pullRequest}: nothing differs`,
      }[done],
    );
  } catch (error) {
    const reason = cancelled.aborted ? 'the job was cancelled' : reasonOf(error);
    log.warning({ message: `No comment on the pull request: ${reason}` });
  }
}

function reasonOf(error: unknown): string {
  const { status, message } = error as { status?: number; message?: string };
  if (status === 401) return 'github-token is not valid';
  if (status === 403 || status === 404) {
    return `github-token may not write it (HTTP ${status}). Grant the job "permissions: pull-requests: write"; pull requests from forks get a token that may only read, whatever the workflow grants`;
  }
  return message ?? String(error);
}

// What the comment on the pull request contains, and when there is one. Loaded only if a comment or the reviewed plan
// is requested, like github/.

import type { Clock } from '../clock.ts';
import { type Github, withGithub } from '../github/client.ts';
import {
  type CommentKind,
  MaybeWritten,
  markerOf,
  type Subject,
  type Written,
  writeComment,
  writerLine,
} from '../github/comments.ts';
import { GithubError, reasonOf } from '../github/errors.ts';
import { mayPass } from '../github/retry.ts';
import type { GithubSettings, Writer } from '../settings.ts';
import { reviewablePlans } from '../share/outcome.ts';
import { hasDrift } from '../share/plan.ts';
import type { ProposedPlan } from '../share/review.ts';
import { idKey, nameKey } from '../share/share.ts';
import type { Report } from './contents.ts';
import * as log from './log.ts';
import { renderReport } from './markdown.ts';

/** GitHub accepts comments of up to 65,536 characters. */
const BYTES_MAX = 65_000;
/** How many of these the hidden steps of a plan can use. */
const REVIEW_CHARACTERS_MAX = 40_000;

/** How the comment hides the steps of a plan. A later apply reads them as the reviewed plan. */
interface ReviewMarkers {
  reviewMarker: (plans: readonly ProposedPlan[], accountId: string, charactersMax: number) => string;
  failedPlanMarker: (accountId: string) => string;
}

/** Does anything differ, change or fail? */
const hasSomethingToSay = ({ outcomes, inputProblems, warnings, cautions }: Report): boolean =>
  [...inputProblems, ...warnings, ...cautions].length > 0 ||
  outcomes.some(
    ({ plan, changed, problems, refusal }) =>
      changed !== false || problems.length > 0 || refusal !== undefined || (plan !== undefined && hasDrift(plan)),
  );

/**
 * The text of the comment: the marker, the hidden steps of a plan, the run that writes it, and the report, shortened to
 * fit.
 */
export function bodyOf(report: Report, marker: string, writer: Writer, markers: ReviewMarkers): string {
  const steps = kindOf(report) === 'plan' ? [hiddenSteps(report, markers)] : [];
  const top = [marker, ...steps, writerLine(writer), ''].join('\n');
  return `${top}${renderReport(report, { bytesMax: BYTES_MAX - Buffer.byteLength(top), details: false })}`;
}

/** A plan and a result are two comments, so that a result never overwrites the plan that was reviewed. */
const kindOf = ({ mode }: Pick<Report, 'mode'>): CommentKind => (mode === 'plan' ? 'plan' : 'result');

function hiddenSteps({ outcomes, accountId }: Report, { reviewMarker, failedPlanMarker }: ReviewMarkers): string {
  const plans = reviewablePlans(outcomes);
  return plans.length === 0 ? failedPlanMarker(accountId) : reviewMarker(plans, accountId, REVIEW_CHARACTERS_MAX);
}

type About = Pick<Report, 'accountId' | 'source' | 'share'> & Partial<Pick<Report, 'outcomes'>>;

/**
 * The marker at the beginning of the comment. It needs only the account and the share or file, so that a run with
 * invalid inputs still finds the comment of earlier runs. Undefined: not even these are known.
 */
export function markerOfReport(about: About, kind: CommentKind): string | undefined {
  const subject = subjectOf(about);
  return about.accountId === '' || subject === undefined ? undefined : markerOf(kind, idKey(about.accountId), subject);
}

function subjectOf({ source, outcomes = [], share }: About): Subject | undefined {
  if (source.kind === 'config') return ['config', source.file];
  const of = outcomes[0]?.desired ?? share;
  if (of?.shareId !== undefined) return ['share', idKey(of.shareId)];
  return of?.name ? ['share', nameKey(of.name)] : undefined;
}

export interface CommentSettings {
  /** `changes`: start a comment only if there is something to say. */
  comment: 'always' | 'changes';
  github: GithubSettings;
  /** The pull requests to comment on, if they were merged by a push. Default: the run's own pull request. */
  pullRequests?: readonly number[];
  /**
   * Loads the code that hides the steps of a plan in the comment. Few runs need that code, and the others start faster
   * without it.
   */
  review: () => Promise<ReviewMarkers>;
}

/** Keeps the comment up to date. A failure is a warning: a missing comment must not fail the step. */
export async function keepComment(
  report: Report,
  settings: CommentSettings,
  clock: Clock,
  cancelled: AbortSignal,
): Promise<void> {
  const { comment: when, github, review } = settings;
  const destination = destinationOf(report, settings);
  if (destination === undefined) return;
  const { kind, marker, numbers } = destination;
  const { token, writer } = github;
  const body = bodyOf(report, marker, writer, await review());
  const isWorthStarting = when === 'always' || hasSomethingToSay(report);
  // Once GitHub has failed for a minute, one attempt per comment is enough.
  let hasFailed = report.inputProblems.some((problem) => problem.kind === 'github');
  for (const number of numbers) {
    if (kind === 'plan' && github.isClosed && number === github.pullRequest) {
      log.line(LOG_LINES.closed(number));
      continue;
    }
    const comment = { kind, number, marker, body, writer, isWorthStarting };
    const write = (connection: Github): Promise<Written> => writeComment(connection, token, comment);
    try {
      const written = await withGithub(github, clock, cancelled, write, hasFailed ? { patienceMs: 0 } : {});
      log.line(LOG_LINES[written](number));
    } catch (error) {
      const cause = error instanceof MaybeWritten ? error.cause : error;
      hasFailed ||= cause instanceof GithubError && mayPass(cause);
      const what = error instanceof MaybeWritten ? 'The comment may or may not have been written' : 'No comment';
      const where = numbers.length > 1 ? `pull request #${number}` : 'the pull request';
      log.warning({ message: `${what} on ${where}: ${reasonOf(cause, HOW_TO_GRANT)}` });
    }
  }
}

interface Destination {
  kind: CommentKind;
  marker: string;
  /** The pull requests. */
  numbers: readonly number[];
}

/** Where the comment is written. Undefined: no comment is written, and the log says why. */
function destinationOf(
  report: Report,
  { github: { token, pullRequest }, pullRequests }: CommentSettings,
): Destination | undefined {
  const numbers = pullRequests ?? (pullRequest === undefined ? [] : [pullRequest]);
  const kind = kindOf(report);
  const marker = markerOfReport(report, kind);
  if (pullRequests?.length === 0) {
    log.line('No comment: the run found no merged pull request to comment on');
  } else if (numbers.length === 0) {
    log.line('No comment: this run does not belong to a pull request. To comment on one, set pull-request');
  } else if (marker === undefined) {
    log.line(
      "No comment: the inputs don't say which account and share the comment is about. Set account-id, and config, share-name or share-id",
    );
  } else if (token === '') {
    log.warning({
      message:
        "No comment on the pull request: github-token is empty. Remove the input to use the workflow's own token",
    });
  } else {
    return { kind, marker, numbers };
  }
  return undefined;
}

const HOW_TO_GRANT =
  'Grant the job "permissions: pull-requests: write"; pull requests from forks get a token that can only read, whatever the workflow grants';

const LOG_LINES: Record<Written, (number: number) => string> = {
  edited: (number) => `The comment on pull request #${number} is up to date`,
  created: (number) => `Commented on pull request #${number}`,
  'not started': (number) => `No comment on pull request #${number}: nothing differs`,
  superseded: (number) => `The comment on pull request #${number} is from a newer run, so it was left unchanged`,
  closed: (number) => `No comment on pull request #${number}: it is closed, so its plan is not overwritten`,
};

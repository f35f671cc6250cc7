// The reviewed plan of a push: the plans in the comments on the pull requests that it merged. Loaded only if needed,
// like github/.

import type { Clock } from '../clock.ts';
import { type Github, withGithub } from '../github/client.ts';
import { HOW_TO_PLAN_AGAIN, readOwnComment } from '../github/comments.ts';
import { GithubError, reasonOf } from '../github/errors.ts';
import { type Actor, identityOf, isWithoutGraphql } from '../github/identity.ts';
import { mergedPullRequests } from '../github/pull-requests.ts';
import { mayPass } from '../github/retry.ts';
import type { Settings } from '../settings.ts';
import { type Reviewed, together } from '../share/review.ts';
import { readReviewMarker } from './marker.ts';
import { NoReviewedPlan } from './no-reviewed-plan.ts';

const HOW_TO_GRANT = 'Grant the job "permissions: pull-requests: read"';
const CANNOT = "The reviewed plan can't be looked up";

interface ReviewOfMerge {
  /** The plans of all merged pull requests together. */
  reviewed: Reviewed;
  pullRequests: readonly number[];
}

/**
 * Reads the plans that were reviewed before the run's commits were merged.
 * @param marker the beginning of a plan's comment
 * @param cancelled aborts the lookup
 * @throws NoReviewedPlan
 */
export async function readReviewedPlan(
  { github: settings, accountId }: Pick<Settings, 'github' | 'accountId'>,
  marker: string,
  clock: Clock,
  cancelled: AbortSignal,
): Promise<ReviewOfMerge> {
  if (settings.token === '')
    throw new NoReviewedPlan(
      `${CANNOT}: github-token is empty. Remove the input to use the workflow's own token. ${HOW_TO_GRANT}`,
      'github',
    );
  let pullRequests: readonly number[] = [];
  try {
    return await withGithub(settings, clock, cancelled, async (github) => {
      const merged = await mergedPullRequests(github, settings);
      if ('problem' in merged) throw new NoReviewedPlan(merged.problem);
      pullRequests = merged.numbers;
      const me = await ownIdentity(github, settings.token);
      const plans: Reviewed[] = [];
      for (const number of pullRequests) {
        plans.push(await planOn(github, { number, marker, me, accountId, pullRequests }));
      }
      return { reviewed: together(plans), pullRequests };
    });
  } catch (error) {
    throw error instanceof NoReviewedPlan ? error : notRead(error, pullRequests);
  }
}

async function ownIdentity(github: Github, token: string): Promise<Actor> {
  try {
    return await identityOf(github, token);
  } catch (error) {
    if (!isWithoutGraphql(error)) throw error;
    throw new NoReviewedPlan(
      `${CANNOT}: this server has no GraphQL API (HTTP ${error.status}), so the action can't tell who wrote and edited the comment. Use a plan file`,
      'github',
    );
  }
}

interface Wanted {
  number: number;
  marker: string;
  me: Actor;
  accountId: string;
  pullRequests: readonly number[];
}

async function planOn(github: Github, { number, marker, me, accountId, pullRequests }: Wanted): Promise<Reviewed> {
  const comment = await readOwnComment(github, { number, marker, me });
  if ('problem' in comment) throw new NoReviewedPlan(comment.problem, 'not-reviewed', pullRequests);
  const read = readReviewMarker(comment.body, accountId);
  if ('reviewed' in read) return read.reviewed;
  throw new NoReviewedPlan(
    `The comment on pull request #${number} ${read.problem}. ${read.advice ?? HOW_TO_PLAN_AGAIN}`,
    'not-reviewed',
    pullRequests,
  );
}

function notRead(error: unknown, pullRequests: readonly number[]): NoReviewedPlan {
  const isCancelled = error instanceof GithubError && error.trouble === 'cancelled';
  const advice = error instanceof GithubError && mayPass(error) ? '. Run the job again' : '';
  return new NoReviewedPlan(
    `${CANNOT}: ${reasonOf(error, HOW_TO_GRANT)}${advice}`,
    isCancelled ? 'cancelled' : 'github',
    pullRequests,
  );
}

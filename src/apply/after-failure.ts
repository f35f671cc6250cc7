// What happens after an action fails: another election, or the end of this share's run.

import { Cancelled, fateOf, isNotFound, Refusal } from '../cloudflare/errors.ts';
import type { Decision } from '../share/decide.ts';
import { isOwn } from '../share/election.ts';
import { finishesElection } from '../share/plan.ts';
import { reasonIn } from '../share/problem.ts';
import { isLive, type Share, sameId } from '../share/share.ts';
import type { Context } from './context.ts';
import { deleteTemporary } from './delete.ts';
import { Stop } from './errors.ts';
import { findListed } from './lag.ts';
import { planAgain } from './planning.ts';
import { NameTaken } from './rename.ts';
import { readChanges } from './update.ts';

/**
 * Decides whether a failed action ends the share's run or leads to another election.
 * @returns the plan that the new election leads to
 * @throws the failure, if it ends the run
 */
export async function afterFailure(context: Context, decision: Decision, error: unknown): Promise<Decision> {
  const { ledger } = context;
  const { plan, found } = decision;
  const share = found.observed?.share;
  if (plan.action !== 'update' || !share || error instanceof Stop) throw error;
  if (finishesElection(plan)) {
    const next = await electAgain(context, decision, share, error);
    if (next) return next;
    if (isNameRefused(error) && isOwn(share, ledger.own) && ledger.replaced === undefined) {
      await deleteTemporary(context, [share]);
      ledger.recordObserved({ share: { ...share, status: 'deleting' } });
      throw error;
    }
  }
  // The new plan will be refused, and its refusal says which share has the name.
  else if (error instanceof NameTaken) return planAgain(context, decision);
  // Part of the plan may have been applied, so read the share again for the outputs, if possible.
  if (ledger.changed !== false) await readChanges(context, decision).catch(() => undefined);
  throw error;
}

/** The API accepted the temporary name but refuses the desired one, so the new share can never get its name. */
const isNameRefused = (error: unknown): boolean => error instanceof Refusal && [400, 422].includes(error.status);

/**
 * Elects again after a failed rename: the elected share may be gone, or may already have its name. The next round repeats
 * the rename if no other share has the name anymore, or if a server did not know the elected share yet.
 * @returns undefined if no other election is needed, or if it elects the same share again
 */
async function electAgain(
  context: Context,
  decision: Decision,
  share: Share,
  error: unknown,
): Promise<Decision | undefined> {
  const { ledger, log } = context;
  const isGone = error instanceof Refusal && (await isShareGone(context, share));
  const canRepeat = error instanceof NameTaken || isNotFound(error);
  if (!isGone && !canRepeat && (fateOf(error) === 'not-done' || error instanceof Cancelled)) return undefined;
  log.say(`${reasonIn(error)}. Checking which share has the name now`);
  if (isGone) ledger.recordGone(share.id);
  const next = await planAgain(context, decision);
  const isSame = finishesElection(next.plan) && sameId(next.found.observed?.share.id, share.id);
  return isSame && !canRepeat ? undefined : next;
}

/** A share that can't be read counts as existing, so that the run reports the rename's failure, not this read's. */
const isShareGone = (context: Context, { id }: Share): Promise<boolean> =>
  findListed(context, id).then(
    (now) => !now || !isLive(now),
    () => false,
  );

// Replacing a share whose target can't be changed in place: the new share is created and completed under its temporary name.
// Only then is the old one deleted. The rename is the next round.

import { accessOf } from '../share/access.ts';
import { type Decision, planToConverge } from '../share/decide.ts';
import type { DesiredShare } from '../share/desired.ts';
import { type Found, uncontested } from '../share/election.ts';
import { onlyUpdates } from '../share/plan.ts';
import { isLive, type Share } from '../share/share.ts';
import { quoted } from '../share/words.ts';
import type { Context } from './context.ts';
import { create } from './create.ts';
import { deleteShare } from './delete.ts';
import { Stop } from './errors.ts';
import { findListed, untilFound, untilShown } from './lag.ts';
import { readLists } from './observe.ts';
import { sendPhases } from './update.ts';

/** Applies a `replace` plan. */
export async function replace(context: Context, decision: Decision): Promise<Found | undefined> {
  const { api, log, ledger } = context;
  const { desired, found } = decision;
  const { successor } = found.election;
  if (!successor) return create(context, decision);
  if (!(await completeSuccessor(context, desired, successor))) return undefined;
  const old = found.observed?.share as Share;
  await ledger.take([{ kind: 'delete-replaced', shareId: old.id }], () => deleteShare(api, old));
  log.say(`- share ${quoted(old.name)} replaced and being deleted: ${old.id}`);
  ledger.recordGone(old.id);
  ledger.replaced = old.id;
  return undefined; // the next round renames the successor
}

/** Completes a successor while the old share still exists. @returns whether it is complete */
async function completeSuccessor(context: Context, desired: DesiredShare, successor: Share): Promise<boolean> {
  const planned = await untilShown(context, await planCompletion(context, desired, successor), () =>
    planCompletion(context, desired, successor),
  );
  if (!planned) return false;
  const { plan, found } = planned;
  // A reviewed replacement covers the steps that complete the successor, even if another run created the successor. A
  // different `meta` for resources that the successor already has isn't covered.
  const notCovered = { ...onlyUpdates(plan), name: desired.name };
  const objection = context.objectionTo({ plan: notCovered, before: accessOf(found.observed, desired) });
  if (objection) throw new Stop(objection.message, objection.kind);
  await sendPhases(context, planned);
  return true;
}

/**
 * @returns the plan that completes the successor. Undefined: the successor is gone, or reads don't find it. If the next
 * listing still shows it, the run doesn't create another one
 */
async function planCompletion(
  context: Context,
  desired: DesiredShare,
  successor: Share,
): Promise<Decision | undefined> {
  const share = await findListed(context, successor.id);
  if (share && !isLive(share)) context.ledger.recordGone(share.id);
  if (!share || !isLive(share)) return undefined;
  const observed = await untilFound(context, () => readLists(context, desired, share, { isNew: true }));
  context.ledger.recordObserved(observed);
  const found = { observed, election: uncontested(share) };
  // The successor keeps its temporary name until the old share is gone.
  const plan = planToConverge({ ...desired, name: successor.name }, found, { prune: true });
  return { plan, desired, found, prune: true };
}

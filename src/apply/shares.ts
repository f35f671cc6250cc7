// All shares of a run: planned together, compared with the reviewed plan together, then applied. Shares that aren't in
// a complete file are deleted last, and only if everything else succeeded.

import pLimit from 'p-limit';
import type { DesiredShare } from '../share/desired.ts';
import type { ShareOutcome } from '../share/outcome.ts';
import { stepsAhead } from '../share/phases.ts';
import type { Problem } from '../share/problem.ts';
import type { Gate, GateResult } from '../share/review.ts';
import type { UnreadableShare } from '../share/share.ts';
import { unlistedShares, unlistedUnreadable } from '../share/unlisted.ts';
import { count, unreadableWords } from '../share/words.ts';
import type { PlanContext } from './context.ts';
import { explain } from './errors.ts';
import { type Planned, plan, proposedBy } from './planning.ts';
import { notApplied, reconcile } from './reconcile.ts';

/** What the contexts of all shares have in common, and the shares. */
export interface Job extends Pick<PlanContext, 'policy' | 'api' | 'shareList'> {
  desired: readonly DesiredShare[];
  /** The file is complete, so the account should have no other shares. */
  complete: boolean;
  /** Makes the context of one share. */
  contextOf: (desired: DesiredShare) => PlanContext;
  say: (line: string) => void;
  /** Checks the plans. They are applied only if it has no objections. */
  gate: Gate;
}

const SHARES_AT_ONCE = 10;
/** With more shares than this, the log reports progress. */
const MANY = 20;

/**
 * Plans all shares, compares the plans with the reviewed one, and applies them. A failed share doesn't stop the others.
 */
export async function reconcileAll(job: Job): Promise<ShareOutcome[]> {
  const { desired, contextOf, say } = job;
  const planned = progressOf(desired.length, 'shares planned', say);
  const listed = await each(desired, (one) => plan(contextOf(one), one), planned);
  let unlisted: Planned[];
  try {
    unlisted = job.complete ? await planUnlisted(job) : [];
  } catch (error) {
    // Without the list, the run can't tell what the file doesn't list. Shares without a plan have their own problems.
    return listed.map((one) => notApplied(one, one.decision ? explain(error, one.desired) : []));
  }
  // Shares are planned ten at a time, but the log shows their plans in the order of the file.
  const all = [...listed, ...unlisted];
  for (const { context, decision } of all) if (decision) context.log.announce(decision);
  const results = gateResults(all, job.gate);
  // If there is any objection, nothing is applied, and each share gets the objections to its own plan.
  if ([...results.values()].some(({ objections }) => objections.length > 0))
    return all.map((one) => notApplied(one, results.get(one)?.objections));

  const applyOne = async (one: Planned): Promise<ShareOutcome> => {
    const { context, decision } = one;
    const result = results.get(one);
    if (!decision || !result) return notApplied(one);
    return reconcile({ ...one, decision, context: { ...context, objectionTo: result.objectionTo } });
  };
  // In `mode: plan`, nothing is left to do but to check the plans for drift.
  const isApplied = listed.some(({ context }) => context.policy.mode !== 'plan');
  const applied = isApplied ? progressOf(listed.length, 'shares applied', say) : undefined;
  const outcomes = await each(listed, applyOne, applied);
  const failed = outcomes.filter(({ problems }) => problems.length > 0).length;
  const toDelete = unlisted.filter(
    ({ decision }) => job.policy.mode === 'apply' && decision?.plan.action === 'delete',
  ).length;
  if (failed === 0 || toDelete === 0) {
    const deleted = toDelete > 0 ? progressOf(unlisted.length, 'unlisted shares applied', say) : undefined;
    return [...outcomes, ...(await each(unlisted, applyOne, deleted))];
  }
  say(
    `${count(toDelete, 'unlisted share')} ${toDelete === 1 ? 'was' : 'were'} not deleted, because ${count(failed, 'share')} in the file failed`,
  );
  for (const { context, decision } of unlisted) if (decision) context.ledger.intend(...stepsAhead(decision));
  return [...outcomes, ...unlisted.map((one) => notApplied(one))];
}

/** What the gate says about each plan. Shares without a plan have no result. */
function gateResults(all: readonly Planned[], gate: Gate): Map<Planned, GateResult> {
  const decided = all.filter(({ decision }) => decision);
  const results = gate(decided.flatMap(({ decision }) => (decision ? [proposedBy(decision)] : [])));
  return new Map(decided.map((one, i) => [one, results[i] as GateResult]));
}

/** Plans the shares that a complete file doesn't list. @throws if the account's list can't be read */
async function planUnlisted({ desired, contextOf, policy, api, shareList }: Job): Promise<Planned[]> {
  // `mode: delete` deletes only the shares in the file.
  if (desired.length === 0 || policy.mode === 'delete') return [];
  const listing = await shareList.recent();
  const unlisted = [
    ...unlistedShares(desired, listing.shares, api.accountId, listing.serverTimeMs),
    ...unlistedUnreadable(desired, listing.unreadable, api.accountId),
  ];
  const planned = await each(unlisted, (one) => plan(contextOf(one), one));
  for (const { context, decision } of planned)
    context.ledger.warnings.push(...(decision?.found.election.unreadable ?? []).map(unreadableWarning));
  return planned;
}

const unreadableWarning = (share: UnreadableShare): Problem => ({
  message: `${unreadableWords(share)}. It is not in the file, and it stays even with prune: check it in the dashboard`,
});

/** @param oneDone is called whenever `act` is done with an item */
function each<T, R>(
  items: readonly T[],
  act: (item: T) => Promise<R>,
  oneDone: () => void = () => undefined,
): Promise<R[]> {
  const slots = pLimit(SHARES_AT_ONCE);
  return Promise.all(
    items.map((item) =>
      slots(async () => {
        const result = await act(item);
        oneDone();
        return result;
      }),
    ),
  );
}

/**
 * Logs progress if there are many shares: a line after every tenth of them.
 * @param what the shares and what is done with them, for example `shares planned`
 * @returns a function to call whenever a share is done
 */
export function progressOf(shares: number, what: string, say: (line: string) => void): () => void {
  const step = Math.ceil(shares / 10);
  let done = 0;
  return () => {
    done += 1;
    if (shares > MANY && done % step === 0) say(`${done} of ${shares} ${what}`);
  };
}

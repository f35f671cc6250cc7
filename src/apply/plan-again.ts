// Between two rounds: where the loop stands, and the next plan.

import { accessOf } from '../share/access.ts';
import type { Actual } from '../share/actual.ts';
import type { DesiredShare } from '../share/desired.ts';
import { isOwn, isTemporaryName } from '../share/election.ts';
import { phasesOf } from '../share/phases.ts';
import { changesAnything, decide, extrasIn, type SharePlan } from '../share/plan.ts';
import type { Policy } from '../share/policy.ts';
import type { Share } from '../share/share.ts';
import type { Step } from '../share/steps.ts';
import { quoted } from '../share/words.ts';
import { type Context, Stop } from './context.ts';
import { createStep } from './create.ts';
import { deleteTemporary } from './delete.ts';
import type { OwnWrites } from './find.ts';
import type { Ledger } from './ledger.ts';
import { observe } from './observe.ts';

/** Where the loop stands between two rounds. */
export interface State {
  desired: DesiredShare;
  actual: Actual;
  /** The plan that the log announced, and that was reviewed. */
  announced: SharePlan;
  /** What is left to do. */
  plan: SharePlan;
  ownWrites: OwnWrites;
  /** The id of the share that was replaced. */
  replaced?: string;
  /** A list lagged: the run elects once more after the rename. */
  lagged?: boolean;
}

export const differs = ({ plan, actual }: State): boolean => changesAnything(plan) || (actual.losers ?? []).length > 0;

/** The elected share still has its temporary name. */
export const finishesElection = ({ plan }: State): boolean => plan.rename !== null && isTemporaryName(plan.rename.from);

/** The steps from here to the desired state, as far as they are known. */
export function stepsAhead({ desired, actual, plan }: State, policy: Pick<Policy, 'prune'>): Step[] {
  switch (plan.action) {
    case 'create':
      return [createStep(plan.name)];
    case 'replace':
      return [
        ...(actual.successor ? [] : [createStep(plan.name)]),
        { kind: 'delete-replaced', shareId: plan.share_id as string },
        { kind: 'rename', name: plan.name },
      ];
    case 'delete':
      return [{ kind: 'delete', shareId: plan.share_id as string }, ...(actual.losers ?? []).map(tidyStep)];
    default:
      return phasesOf(plan, desired, policy, actual.losers).flatMap((phase) => phase.flatMap(({ steps }) => steps));
  }
}

const tidyStep = ({ id }: Share): Step => ({ kind: 'delete-temporary', shareId: id });

/** Finds and reads everything again, and plans again. */
export async function observeAndPlan(context: Context, state: State, ledger: Ledger): Promise<State> {
  const { actual, lagged } = await observe(context, state.desired, ledger, state.ownWrites);
  const ownWrites = withDuplicates(state, actual, ledger);
  return planAgain(context, { ...state, ownWrites, actual, lagged: lagged || state.lagged === true }, ledger);
}

/** Adds the shares that a create call of unknown fate made after all: the look shows them. */
function withDuplicates({ desired, ownWrites }: State, { share, losers = [] }: Actual, ledger: Ledger): OwnWrites {
  const { made } = ownWrites;
  if (!made) return ownWrites;
  const duplicates = [...(share ? [share] : []), ...losers].filter(
    ({ id, name }) => name === made.sentName && !made.ids.includes(id),
  );
  for (const { id } of duplicates) ledger.did(createStep(desired.name, id));
  return { ...ownWrites, made: { ...made, ids: [...made.ids, ...duplicates.map(({ id }) => id)] } };
}

/** @throws {Stop} when the new plan is refused, or has a step that was not reviewed */
export async function planAgain(context: Context, state: State, ledger: Ledger): Promise<State> {
  const { share } = state.actual;
  if (share) ledger.saw({ share });
  const decision = decide(state.desired, state.actual, rulesFor(state, context.policy));
  const next = { ...state, plan: decision.plan };
  ledger.planned(decision);
  ledger.resolve(stepsAhead(next, context.policy));
  sayIfAnothers(context, state, decision.plan);
  if (decision.refusal !== undefined) await stopFor(new Stop(decision.refusal, 'refusal'), context, next, ledger);
  const before = accessOf(state.actual, state.desired);
  const objection = context.objectionTo?.({ plan: decision.plan, before });
  if (objection !== undefined) await stopFor(new Stop(objection, 'not-reviewed'), context, next, ledger);
  return next;
}

/** Another run's share is elected: the log says so, and shows what that share has beside the own list. */
function sayIfAnothers({ log }: Context, state: State, plan: SharePlan): void {
  const { share, ours } = state.actual;
  if (!share || ours) return;
  if (ownLosers(state).length > 0 && plan.action !== 'replace')
    log.say(`Another run made the share ${quoted(state.desired.name)} earlier: this run goes on with ${share.id}`);
  if (state.plan.action === 'create' && extrasIn(plan) > 0) log.announce({ plan });
}

/** The plan may not be applied. This run's own temporary shares go before it stops. @throws {Stop} always */
async function stopFor(stop: Stop, context: Context, state: State, ledger: Ledger): Promise<never> {
  const own = ownLosers(state);
  ledger.resolve(own.map(tidyStep));
  await deleteTemporary(context, own, ledger);
  throw stop;
}

const ownLosers = ({ actual: { losers = [] }, ownWrites: { made } }: State): Share[] =>
  losers.filter((loser) => isOwn(loser, made));

/** `if-exists: fail` refuses shares of others. The share that the announced plan renames must not be refused for its new name. */
const rulesFor = ({ announced, actual: { share } }: State, policy: Policy): Policy =>
  policy.ifExists === 'fail' && share?.id === announced.share_id ? { ...policy, ifExists: 'update' } : policy;

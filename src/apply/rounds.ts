// One round: the plan is applied once, what came of it is observed, and planned again. The loop around the rounds is in
// reconcile.ts.

import { Cancelled, fateOf, Refusal } from '../cloudflare/errors.ts';
import type { Actual } from '../share/actual.ts';
import { type CreatableShare, type DesiredShare, isCreatable } from '../share/desired.ts';
import { isOwn, isTemporaryName } from '../share/election.ts';
import { phasesOf, renameStep, tidyStep } from '../share/phases.ts';
import { changesAnything, decide, extrasIn, planToConverge, type SharePlan } from '../share/plan.ts';
import type { Policy } from '../share/policy.ts';
import { isLive, type Share } from '../share/share.ts';
import { quoted } from '../share/words.ts';
import { type Context, Stop } from './context.ts';
import { createAnew, createStep, createUnderTemporaryName } from './create.ts';
import type { Ledger } from './ledger.ts';
import { type Doings, observe, observeAgain, observeExactly, withoutId } from './observe.ts';
import { deleteShare, deleteStep, readOrGone, removeShare, removeTemporary } from './remove.ts';
import { walk } from './update.ts';

/** Where the loop stands between two rounds. */
export interface State {
  desired: DesiredShare;
  actual: Actual;
  /** The plan that was announced. */
  first: SharePlan;
  plan: SharePlan;
  doings: Doings;
  /** The id of the share that was replaced. */
  replaced?: string;
  /** A look was seen to lag: the election is held once more after the rename. */
  lagged?: boolean;
}

export const differs = ({ plan, actual }: State): boolean => changesAnything(plan) || (actual.losers ?? []).length > 0;

/** The name of the elected share is still its temporary one. */
export const finishesElection = ({ plan }: State): boolean => plan.rename !== null && isTemporaryName(plan.rename.from);

/** The steps that lead from here to what is desired, as far as they are known. */
export function stepsAhead({ desired, actual, plan }: State, policy: Pick<Policy, 'prune'>): string[] {
  switch (plan.action) {
    case 'create':
      return [createStep(plan.name)];
    case 'replace':
      return [
        ...(actual.successor ? [] : [createStep(plan.name)]),
        replacedStep(plan.share_id as string),
        renameStep(plan.name),
      ];
    case 'delete':
      return [deleteStep(plan.share_id as string), ...(actual.losers ?? []).map(({ id }) => tidyStep(id))];
    default:
      return phasesOf(plan, desired, policy, actual.losers).flatMap((phase) => phase.flatMap(({ steps }) => steps));
  }
}

const replacedStep = (shareId: string): string => `delete the replaced share ${shareId}`;

/** Applies the plan once, and observes what came of it. */
export async function applyRound(context: Context, state: State, ledger: Ledger): Promise<State> {
  const { actual, plan } = state;
  switch (plan.action) {
    case 'create':
      if (context.policy.ifExists === 'create-new') return createAnewRound(context, state, ledger);
      return createRound(context, state, ledger);
    case 'replace':
      return replaceRound(context, state, ledger);
    case 'delete':
      await removeShare(context, actual.share as Share, ledger);
      await removeTemporary(context, actual.losers ?? [], ledger);
      return settled(state);
    default:
      return updateRound(context, state, ledger);
  }
}

async function createAnewRound(context: Context, state: State, ledger: Ledger): Promise<State> {
  const share = await createAnew(context, creatable(state.desired), ledger);
  return replan(context, { ...state, actual: { share, ours: true, spelling: share.name } }, ledger);
}

/** A share is made under its temporary name; a look tells who is elected. */
async function createRound(context: Context, state: State, ledger: Ledger): Promise<State> {
  const { doings } = state;
  const desired = creatable(state.desired);
  const made = await createUnderTemporaryName(context, desired, ledger);
  ledger.intend(renameStep(desired.name));
  return lookAgain(context, { ...state, doings: { ...doings, made } }, ledger);
}

function creatable(desired: DesiredShare): CreatableShare {
  if (isCreatable(desired)) return desired;
  throw new Stop(`To make share ${quoted(desired.name)}, recipients and resources are both needed`);
}

async function updateRound(context: Context, state: State, ledger: Ledger): Promise<State> {
  const { desired, actual, plan, doings } = state;
  const { losers = [] } = actual;
  const share = actual.share as Share;
  const phases = phasesOf(plan, desired, context.policy, losers);
  let renamed: Share | undefined;
  try {
    const mine = doings.made !== undefined;
    ({ renamed } = await walk(context, share, phases, ledger, { finishesElection: mine && finishesElection(state) }));
  } catch (error) {
    const electedAnew = finishesElection(state) ? await electAnew(context, state, error, ledger) : undefined;
    if (electedAnew) return electedAnew;
    if (finishesElection(state) && isNameRefused(error) && isOwn(share, doings.made) && state.replaced === undefined) {
      await removeTemporary(context, [share], ledger);
      ledger.saw({ share: { ...share, status: 'deleting' } });
      throw error;
    }
    // Part of it may have been done: the outputs show what is there now, if it can be read.
    if (ledger.changed !== false) await observeAgain(context, actual, plan, undefined, ledger).catch(() => undefined);
    throw error;
  }
  // A name may be given to a share that is going, and the answer says so.
  const gone = renamed && !isLive(renamed) ? [...losers, renamed] : losers;
  const next: State = { ...state, doings: withRenamed(withGone(doings, gone), renamed), lagged: false };
  if (plan.rename && (!renamed || !isLive(renamed) || state.lagged)) return lookAgain(context, next, ledger);
  const now = await observeAgain(context, actual, plan, renamed, ledger);
  const spelling = plan.rename && renamed && renamed.name !== plan.rename.to ? renamed.name : undefined;
  return replan(context, { ...next, actual: { ...now, ...(spelling === undefined ? {} : { spelling }) } }, ledger);
}

/** The API took the temporary name and does not take the wished one: the new share could never be finished. */
const isNameRefused = (error: unknown): boolean => error instanceof Refusal && [400, 422].includes(error.status);

const withGone = (doings: Doings, shares: readonly Share[]): Doings => ({
  ...doings,
  gone: [...doings.gone, ...shares.map(({ id }) => id)],
});

/** What is known of this run's own share, where a list does not show it, bears its new name. */
const withRenamed = (doings: Doings, renamed: Share | undefined): Doings =>
  renamed && doings.made?.answered?.id === renamed.id
    ? { ...doings, made: { ...doings.made, answered: { ...doings.made.answered, name: renamed.name } } }
    : doings;

/**
 * When the name could not be given: the elected share is gone, or has its name already. What is there now decides.
 * @returns nothing when that share is still elected: what went wrong stands
 */
async function electAnew(context: Context, state: State, error: unknown, ledger: Ledger): Promise<State | undefined> {
  const elected = state.actual.share as Share;
  const isGone = error instanceof Refusal && (await isShareGone(context, elected));
  if (!isGone && (fateOf(error) === 'not-done' || error instanceof Cancelled)) return undefined;
  context.log.say(`${(error as Error).message}. Looking who has the name`);
  const doings = isGone ? withGone(state.doings, [elected]) : state.doings;
  const next = await lookAgain(context, { ...state, doings }, ledger);
  return finishesElection(next) && next.actual.share?.id === elected.id ? undefined : next;
}

async function isShareGone({ api }: Context, { id }: Share): Promise<boolean> {
  // What cannot be read counts as there: the failure that led here is the one to tell of.
  const now = await readOrGone(api, id).catch(() => ({ status: 'unread' }));
  return !now || !isLive(now);
}

/** The new share is made and made whole under its temporary name; only then the old one goes. The new one's name is next. */
async function replaceRound(context: Context, state: State, ledger: Ledger): Promise<State> {
  const { actual, plan, doings } = state;
  const { successor } = actual;
  const old = actual.share as Share;
  const desired = { ...state.desired, name: plan.name };
  if (!successor) return createRound(context, { ...state, desired }, ledger);
  if (!(await makeWhole(context, desired, successor, ledger)))
    return lookAgain(context, { ...state, desired, doings: withGone(doings, [successor]) }, ledger);
  await ledger.take([replacedStep(old.id)], () => deleteShare(context.api, old));
  context.log.say(`- share ${quoted(old.name)} replaced and being deleted: ${old.id}`);
  const next = { ...state, desired: withoutId(desired), doings: withGone(doings, [old]), replaced: old.id };
  return lookAgain(context, next, ledger);
}

/** Brings a successor to what is desired while the old share is still there. @returns whether the successor is there */
async function makeWhole(context: Context, desired: DesiredShare, successor: Share, ledger: Ledger): Promise<boolean> {
  const actual = await observeExactly(context, desired, successor.id, ledger);
  if (!actual) return false;
  // The name comes when the old share is gone.
  const plan = planToConverge({ ...desired, name: successor.name }, actual, { prune: true });
  if (changesAnything(plan))
    await walk(context, successor, phasesOf(plan, desired, { prune: true }), ledger, { finishesElection: false });
  return true;
}

/** Observes everything anew, and plans again. */
async function lookAgain(context: Context, state: State, ledger: Ledger): Promise<State> {
  const { actual, lagged } = await observe(context, state.desired, ledger, state.doings);
  const doings = withTwins(state, actual, ledger);
  return replan(context, { ...state, doings, actual, lagged: lagged || state.lagged === true }, ledger);
}

/** A create call of unknown fate may have been carried out after all: the look shows what else this run made. */
function withTwins({ desired, doings }: State, { share, losers = [] }: Actual, ledger: Ledger): Doings {
  const { made } = doings;
  if (!made) return doings;
  const twins = [...(share ? [share] : []), ...losers].filter(
    ({ id, name }) => name === made.sentName && !made.ids.includes(id),
  );
  for (const { id } of twins) ledger.did(createStep(desired.name), { createdId: id });
  return { ...doings, made: { ...made, ids: [...made.ids, ...twins.map(({ id }) => id)] } };
}

async function replan(context: Context, state: State, ledger: Ledger): Promise<State> {
  const { made } = state.doings;
  const { share, ours, losers = [] } = state.actual;
  if (share) ledger.saw({ share });
  const decision = decide(state.desired, state.actual, rulesFor(state, context.policy));
  const { plan, refusal } = decision;
  ledger.planned(decision);
  ledger.settle(stepsAhead({ ...state, plan }, context.policy));
  const own = losers.filter((loser) => isOwn(loser, made));
  if (share && !ours && own.length > 0 && plan.action !== 'replace')
    context.log.say(`Another run made the share ${quoted(state.desired.name)} earlier: ${share.id} stays`);
  // Nobody has seen yet what the share that another run made has beyond what is listed.
  if (share && !ours && state.plan.action === 'create' && extrasIn(plan) > 0) context.log.announce({ plan });
  const objection = refusal ?? context.objectionTo?.(plan);
  if (objection === undefined) return { ...state, plan };
  ledger.settle(own.map(({ id }) => tidyStep(id)));
  await removeTemporary(context, own, ledger);
  throw new Stop(objection, 'refusal');
}

/** `if-exists: fail` is about what others make. The share that the first plan renames is not refused for its new name. */
const rulesFor = ({ first, actual: { share } }: State, policy: Policy): Policy =>
  policy.ifExists === 'fail' && share?.id === first.share_id ? { ...policy, ifExists: 'update' } : policy;

/** Nothing is left to do. */
const settled = (state: State): State => ({
  ...state,
  actual: { ...state.actual, losers: [] },
  plan: { ...state.plan, action: 'none' },
});

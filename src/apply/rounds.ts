// One round: apply the plan once, observe what came of it, plan again. The loop around the rounds is in reconcile.ts.

import { Cancelled, fateOf, Refusal } from '../cloudflare/errors.ts';
import type { Actual } from '../share/actual.ts';
import { type CreatableShare, type DesiredShare, isCreatable, withoutId } from '../share/desired.ts';
import { isOwn, isTemporaryName } from '../share/election.ts';
import { phasesOf, renameStep, tidyStep } from '../share/phases.ts';
import { changesAnything, decide, extrasIn, planToConverge, type SharePlan } from '../share/plan.ts';
import type { Policy } from '../share/policy.ts';
import { listMissing } from '../share/refusals.ts';
import { isLive, type Share } from '../share/share.ts';
import { quoted } from '../share/words.ts';
import { type Context, Stop } from './context.ts';
import { createAnew, createStep, createUnderTemporaryName } from './create.ts';
import { applyDelete, deleteShare, deleteStep, deleteTemporary } from './delete.ts';
import type { OwnWrites } from './find.ts';
import type { Ledger } from './ledger.ts';
import { observe, observeChanges, observeExactly } from './observe.ts';
import { readShare } from './read-share.ts';
import { walk } from './update.ts';

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
      await applyDelete(context, actual.share as Share, ledger);
      await deleteTemporary(context, actual.losers ?? [], ledger);
      return finished(state);
    default:
      return updateRound(context, state, ledger);
  }
}

async function createAnewRound(context: Context, state: State, ledger: Ledger): Promise<State> {
  const share = await createAnew(context, creatable(state.desired), ledger);
  return planAgain(context, { ...state, actual: { share, ours: true, spelling: share.name } }, ledger);
}

/** Makes a share under its temporary name. A look then shows which share is elected. */
async function createRound(context: Context, state: State, ledger: Ledger): Promise<State> {
  const { ownWrites } = state;
  const desired = creatable(state.desired);
  const made = await createUnderTemporaryName(context, desired, ledger);
  ledger.intend(renameStep(desired.name));
  return observeAndPlan(context, { ...state, ownWrites: { ...ownWrites, made } }, ledger);
}

function creatable(desired: DesiredShare): CreatableShare {
  if (isCreatable(desired)) return desired;
  throw new Stop(listMissing(desired.name));
}

async function updateRound(context: Context, state: State, ledger: Ledger): Promise<State> {
  const { desired, actual, plan, ownWrites } = state;
  const phases = phasesOf(plan, desired, context.policy, actual.losers);
  // A run that made the share has reported that. Giving it its name is no further change.
  const isOwnElection = ownWrites.made !== undefined && finishesElection(state);
  let renamed: Share | undefined;
  try {
    ({ renamed } = await walk(context, actual.share as Share, phases, ledger, { finishesElection: isOwnElection }));
  } catch (error) {
    return afterFailedUpdate(context, state, error, ledger);
  }
  return afterUpdate(context, state, renamed, ledger);
}

/** @param renamed the answer to the rename. Undefined: nothing was renamed, or the answer does not show the share */
async function afterUpdate(context: Context, state: State, renamed: Share | undefined, ledger: Ledger): Promise<State> {
  const { actual, plan, ownWrites } = state;
  const { losers = [] } = actual;
  // The API may rename a share that is being deleted; its answer shows the status.
  const gone = renamed && !isLive(renamed) ? [...losers, renamed] : losers;
  const next: State = { ...state, ownWrites: withRenamed(withGone(ownWrites, gone), renamed), lagged: false };
  const isElectionOpen = plan.rename && (!renamed || !isLive(renamed) || state.lagged);
  if (isElectionOpen) return observeAndPlan(context, next, ledger);
  const now = await observeChanges(context, actual, plan, renamed, ledger);
  const spelling = plan.rename && renamed && renamed.name !== plan.rename.to ? renamed.name : undefined;
  return planAgain(context, { ...next, actual: { ...now, ...(spelling === undefined ? {} : { spelling }) } }, ledger);
}

/** @throws what the update threw, unless another election shows the way */
async function afterFailedUpdate(context: Context, state: State, error: unknown, ledger: Ledger): Promise<State> {
  const { actual, plan, ownWrites, replaced } = state;
  const share = actual.share as Share;
  if (finishesElection(state)) {
    const electedAnew = await electAnew(context, state, error, ledger);
    if (electedAnew) return electedAnew;
    if (isNameRefused(error) && isOwn(share, ownWrites.made) && replaced === undefined) {
      await deleteTemporary(context, [share], ledger);
      ledger.saw({ share: { ...share, status: 'deleting' } });
      throw error;
    }
  }
  // A part may have been done. The outputs show what is there now, if it can be read.
  if (ledger.changed !== false) await observeChanges(context, actual, plan, undefined, ledger).catch(() => undefined);
  throw error;
}

/** The API took the temporary name and refuses the desired one: the new share can never get its name. */
const isNameRefused = (error: unknown): boolean => error instanceof Refusal && [400, 422].includes(error.status);

const withGone = (ownWrites: OwnWrites, shares: readonly Share[]): OwnWrites => ({
  ...ownWrites,
  gone: [...ownWrites.gone, ...shares.map(({ id }) => id)],
});

/** Keeps the new name of this run's own share: a list that lags may not show that share yet. */
const withRenamed = (ownWrites: OwnWrites, renamed: Share | undefined): OwnWrites =>
  renamed && ownWrites.made?.answered?.id === renamed.id
    ? { ...ownWrites, made: { ...ownWrites.made, answered: { ...ownWrites.made.answered, name: renamed.name } } }
    : ownWrites;

/**
 * Elects again when a rename failed: the elected share may be gone, or may have its name already.
 * @returns nothing when the same share is elected again: the failure stands
 */
async function electAnew(context: Context, state: State, error: unknown, ledger: Ledger): Promise<State | undefined> {
  const elected = state.actual.share as Share;
  const isGone = error instanceof Refusal && (await isShareGone(context, elected));
  if (!isGone && (fateOf(error) === 'not-done' || error instanceof Cancelled)) return undefined;
  context.log.say(`${(error as Error).message}. Looking for the share that has the name`);
  const ownWrites = isGone ? withGone(state.ownWrites, [elected]) : state.ownWrites;
  const next = await observeAndPlan(context, { ...state, ownWrites }, ledger);
  return finishesElection(next) && next.actual.share?.id === elected.id ? undefined : next;
}

async function isShareGone({ api }: Context, { id }: Share): Promise<boolean> {
  // A share that cannot be read counts as there: then the rename's failure is reported, and not that of this read.
  const now = await readShare(api, id).catch(() => ({ status: 'unread' }));
  return !now || !isLive(now);
}

/** Makes the new share, and makes it whole, under its temporary name. Only then deletes the old one. The rename comes next. */
async function replaceRound(context: Context, state: State, ledger: Ledger): Promise<State> {
  const { actual, plan, ownWrites } = state;
  const { successor } = actual;
  const old = actual.share as Share;
  const desired = { ...state.desired, name: plan.name };
  if (!successor) return createRound(context, { ...state, desired }, ledger);
  if (!(await makeWhole(context, desired, successor, ledger)))
    return observeAndPlan(context, { ...state, desired, ownWrites: withGone(ownWrites, [successor]) }, ledger);
  await ledger.take([replacedStep(old.id)], () => deleteShare(context.api, old));
  context.log.say(`- share ${quoted(old.name)} replaced and being deleted: ${old.id}`);
  const next = { ...state, desired: withoutId(desired), ownWrites: withGone(ownWrites, [old]), replaced: old.id };
  return observeAndPlan(context, next, ledger);
}

/** Brings a successor to what is desired while the old share is still there. @returns whether the successor is there */
async function makeWhole(context: Context, desired: DesiredShare, successor: Share, ledger: Ledger): Promise<boolean> {
  const actual = await observeExactly(context, desired, successor.id, ledger);
  if (!actual) return false;
  // The successor keeps its temporary name until the old share is gone.
  const plan = planToConverge({ ...desired, name: successor.name }, actual, { prune: true });
  if (changesAnything(plan))
    await walk(context, successor, phasesOf(plan, desired, { prune: true }), ledger, { finishesElection: false });
  return true;
}

/** Finds and reads everything again, and plans again. */
async function observeAndPlan(context: Context, state: State, ledger: Ledger): Promise<State> {
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
  for (const { id } of duplicates) ledger.did(createStep(desired.name), { createdId: id });
  return { ...ownWrites, made: { ...made, ids: [...made.ids, ...duplicates.map(({ id }) => id)] } };
}

async function planAgain(context: Context, state: State, ledger: Ledger): Promise<State> {
  const { share } = state.actual;
  if (share) ledger.saw({ share });
  const decision = decide(state.desired, state.actual, rulesFor(state, context.policy));
  const next = { ...state, plan: decision.plan };
  ledger.planned(decision);
  ledger.resolve(stepsAhead(next, context.policy));
  sayIfAnothers(context, state, decision.plan);
  const objection = decision.refusal ?? context.objectionTo?.(decision.plan);
  if (objection !== undefined) await stopFor(objection, context, next, ledger);
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
async function stopFor(objection: string, context: Context, state: State, ledger: Ledger): Promise<never> {
  const own = ownLosers(state);
  ledger.resolve(own.map(({ id }) => tidyStep(id)));
  await deleteTemporary(context, own, ledger);
  throw new Stop(objection, 'refusal');
}

const ownLosers = ({ actual: { losers = [] }, ownWrites: { made } }: State): Share[] =>
  losers.filter((loser) => isOwn(loser, made));

/** `if-exists: fail` refuses shares of others. The share that the announced plan renames must not be refused for its new name. */
const rulesFor = ({ announced, actual: { share } }: State, policy: Policy): Policy =>
  policy.ifExists === 'fail' && share?.id === announced.share_id ? { ...policy, ifExists: 'update' } : policy;

/** Nothing is left to do. */
const finished = (state: State): State => ({
  ...state,
  actual: { ...state.actual, losers: [] },
  plan: { ...state.plan, action: 'none' },
});

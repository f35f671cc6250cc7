// One round: apply the plan once, observe what came of it, plan again. The loop around the rounds is in reconcile.ts.

import { Cancelled, fateOf, Refusal } from '../cloudflare/errors.ts';
import { type CreatableShare, type DesiredShare, isCreatable, withoutId } from '../share/desired.ts';
import { isOwn } from '../share/election.ts';
import { phasesOf } from '../share/phases.ts';
import { changesAnything, planToConverge } from '../share/plan.ts';
import { listMissing } from '../share/refusals.ts';
import { isLive, type Share } from '../share/share.ts';
import { quoted } from '../share/words.ts';
import { type Context, Stop } from './context.ts';
import { createAnew, createUnderTemporaryName } from './create.ts';
import { applyDelete, deleteShare, deleteTemporary } from './delete.ts';
import type { OwnWrites } from './find.ts';
import type { Ledger } from './ledger.ts';
import { observeChanges, observeExactly } from './observe.ts';
import { finishesElection, observeAndPlan, planAgain, type State } from './plan-again.ts';
import { readShare } from './read-share.ts';
import { walk } from './update.ts';

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
  ledger.intend({ kind: 'rename', name: desired.name });
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
  await ledger.take([{ kind: 'delete-replaced', shareId: old.id }], () => deleteShare(context.api, old));
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

/** Nothing is left to do. */
const finished = (state: State): State => ({
  ...state,
  actual: { ...state.actual, losers: [] },
  plan: { ...state.plan, action: 'none' },
});

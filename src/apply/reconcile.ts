// The run of one share: plan -> apply one round -> plan again -> repeat until nothing is left to do -> wait. Planning
// and applying are separate calls, because in between, the run compares all its plans with the reviewed one.

import { accessOf } from '../share/access.ts';
import { type Decision, isOpen } from '../share/decide.ts';
import type { Found } from '../share/election.ts';
import type { OutcomeWord, ShareOutcome } from '../share/outcome.ts';
import { stepsAhead } from '../share/phases.ts';
import { changesAnything, finishesElection, hasDrift, type SharePlan, withExtrasOf } from '../share/plan.ts';
import { planWords } from '../share/plan-words.ts';
import type { Problem } from '../share/problem.ts';
import { type Copies, isLive, repeatedResources, type Share } from '../share/share.ts';
import { quoted, resourceWords } from '../share/words.ts';
import { afterFailure } from './after-failure.ts';
import type { Context } from './context.ts';
import { create } from './create.ts';
import { deletePlanned } from './delete.ts';
import { explain, Stop } from './errors.ts';
import { untilShown } from './lag.ts';
import type { Ledger } from './ledger.ts';
import { type Planned, planAgain, type Ready } from './planning.ts';
import { replace } from './replace.ts';
import { readChanges, removeCopies, update } from './update.ts';
import { wait } from './wait.ts';

/** More rounds don't help: another writer reverts the changes, or the API doesn't do what its responses say. */
const ROUNDS_MAX = 5;
/** A run pauses before each repeated round. The pause grows by this many milliseconds with each round. */
const PAUSE_BEFORE_ROUND_MS = 500;

/**
 * Applies the plan of one share; in `mode: plan` it only checks for drift. It never throws: the outcome says what was done
 * and what went wrong.
 */
export async function reconcile(ready: Ready): Promise<ShareOutcome> {
  const { context, desired, decision } = ready;
  try {
    if (decision.refusal !== undefined) throw new Stop(`${decision.refusal}. Nothing was changed`, 'refusal');
    if (context.policy.mode === 'plan') failOnDrift(context, decision);
    else await apply(context, decision);
    return outcomeOf(ready, [], true);
  } catch (error) {
    return outcomeOf(ready, explain(error, desired), true);
  }
}

function failOnDrift({ policy }: Context, { plan }: Decision): void {
  if (policy.failOnDrift && hasDrift(plan)) {
    throw new Stop(`Share ${quoted(plan.name)} is out of sync: ${planWords(plan)}`, 'drift');
  }
}

async function apply(context: Context, announced: Decision): Promise<void> {
  context.ledger.resolve(stepsAhead(announced));
  let decision = announced;
  for (let round = 1; isOpen(decision); round++) {
    if (round > ROUNDS_MAX) throw new Stop(stillDiffers(decision), 'cloudflare');
    if (round > 1) await pauseBeforeRepeating(context, decision, round);
    decision = await untilShown(context, await applyRound(context, decision), (current) => readAgain(context, current));
  }
  await removeCopies(context);
  if (!changesAnything(announced.plan)) sayUnchanged(context, announced);
  if (!announced.plan.unlisted) await wait(context, decision, announced.plan);
}

/** Applies the plan once. @returns the plan of what is left to do */
async function applyRound(context: Context, decision: Decision): Promise<Decision> {
  let known: Found | undefined;
  try {
    known = await act(context, decision);
  } catch (error) {
    return afterFailure(context, decision, error);
  }
  return planAgain(context, decision, known);
}

/** Plans again from new reads. While the share still has its temporary name, another share may have won by now. */
async function readAgain(context: Context, current: Decision): Promise<Decision> {
  if (finishesElection(current.plan)) return planAgain(context, current);
  const { observed } = await readChanges(context, current);
  return planAgain(context, current, { ...current.found, observed });
}

/** @returns the share and its lists after the action. Undefined: the share must be elected again */
function act(context: Context, decision: Decision): Promise<Found | undefined> {
  switch (decision.plan.action) {
    case 'create':
      return create(context, decision);
    case 'replace':
      return replace(context, decision);
    case 'delete':
      return deletePlanned(context, decision);
    default:
      return update(context, decision);
  }
}

/** Pauses before an update is repeated. */
async function pauseBeforeRepeating({ api, log }: Context, { plan }: Decision, round: number): Promise<void> {
  if (plan.action !== 'update' || finishesElection(plan)) return;
  log.say(`The share is not in sync yet (${planWords(plan)}): applying again`);
  await api.client.pause(PAUSE_BEFORE_ROUND_MS * (round - 1));
}

const stillDiffers = ({ plan, found }: Decision): string =>
  `Share ${found.observed?.share.id ?? quoted(plan.name)} is still out of sync after ${ROUNDS_MAX} rounds: ${planWords(plan)}. Make sure that nothing else changes it, then run again`;

function sayUnchanged({ log, policy, ledger }: Context, { desired, found }: Decision): void {
  const { observed, election } = found;
  const share = observed?.share;
  if (desired.state === 'absent') {
    const [staying] = share && isLive(share) ? [share] : election.unreadable;
    if (staying) log.say(`= share ${staying.id} is not in the file, and was left unchanged`);
    else if (share) log.say(`= share ${share.id} is already ${share.status}`);
    else log.say(`= there is no live share ${desired.shareId ?? quoted(desired.name)}: nothing to delete`);
    // If no share has the name, it may have been deleted earlier. If no share has the id, the id is probably wrong.
    if (!share && desired.shareId !== undefined && !desired.unlisted) {
      const message = `There is no share ${desired.shareId} in account ${desired.accountId}: check share-id and account-id`;
      ledger.warnings.push({ message, place: { label: 'share-id' } });
    }
  } else if (policy.ifExists === 'keep' && share)
    log.say(`= share ${quoted(share.name)} exists and was left unchanged: ${share.id}`);
}

/** @param applied the plan was applied, or checked for drift. False: the review stopped the run, or another share failed */
function outcomeOf(
  { context, desired, decision }: Planned,
  problems: ShareOutcome['problems'],
  applied: boolean,
): ShareOutcome {
  const { ledger, policy } = context;
  const { share, recipients } = ledger.observed;
  const { latest } = ledger;
  const plan = decision && latest && withExtrasOf(decision.plan, latest.plan);
  const planning = applied && policy.mode === 'plan' && plan !== undefined;
  const differs = latest?.differs === true;
  const asDesired = !differs && (plan?.action === 'none' || (applied && problems.length === 0));
  const outcome = planning ? 'planned' : wordFor(ledger, plan, asDesired);
  return {
    desired,
    name: desired.name || (share?.name ?? ''),
    ...(plan ? { plan } : {}),
    ...(decision ? { before: accessOf(decision.found.observed, desired) } : {}),
    ...(decision?.refusal === undefined ? {} : { refusal: decision.refusal }),
    ...(latest?.kept ? { kept: true } : {}),
    ...(outcome ? { outcome } : {}),
    ...(latest && !latest.kept ? { drift: hasDrift(latest.plan) || differs || ledger.isRenamePending } : {}),
    changed: planning ? changesAnything(plan) : ledger.changed,
    ...(share ? { share } : {}),
    ...(recipients ? { recipients } : {}),
    problems,
    warnings: [
      ...ledger.warnings,
      ...(share && desired.state === 'present' ? repeatedResources(share).map(copiesWarning(share)) : []),
    ],
    steps: ledger.steps,
    ...(ledger.waitedMs === undefined ? {} : { waitedMs: ledger.waitedMs }),
  };
}

const copiesWarning =
  (share: Share) =>
  (copies: Copies): Problem => ({
    message: `Share ${share.id} contains ${resourceWords(copies[0])} ${copies.length} times: ${copies.map(({ id }) => id).join(', ')}. The action doesn't choose which one to keep: remove all but one`,
  });

/** The outcome of a share whose plan isn't applied, because the review stopped the run or another share failed. */
export const notApplied = (planned: Planned, problems: ShareOutcome['problems'] = []): ShareOutcome =>
  outcomeOf(planned, [...planned.problems, ...problems], false);

function wordFor(ledger: Ledger, plan: SharePlan | undefined, asDesired: boolean): OutcomeWord | undefined {
  if (ledger.changed) {
    if (plan?.action === 'delete') return 'deleted';
    const { share } = ledger.observed;
    // A new share that was rolled back doesn't exist, whatever was changed in between.
    if (ledger.created && share && !isLive(share)) return undefined;
    return ledger.created && plan?.action !== 'replace' ? 'created' : 'updated';
  }
  return asDesired && ledger.changed === false ? 'unchanged' : undefined;
}

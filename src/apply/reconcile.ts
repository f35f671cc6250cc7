// The story of one share: observe -> plan -> announce -> apply one round -> observe again -> until nothing differs ->
// wait. Planning and applying are two calls: between them, a run compares all its plans with the reviewed one.

import { type Access, accessOf } from '../share/access.ts';
import type { Actual } from '../share/actual.ts';
import type { DesiredShare } from '../share/desired.ts';
import type { OutcomeWord, ShareOutcome } from '../share/outcome.ts';
import { changesAnything, type Decision, decide, hasDrift, type SharePlan, withExtrasOf } from '../share/plan.ts';
import { planWords } from '../share/plan-words.ts';
import { accountOf, isLive } from '../share/share.ts';
import { quoted } from '../share/words.ts';
import { type Context, Stop } from './context.ts';
import { explain } from './explain.ts';
import { Ledger } from './ledger.ts';
import { observe } from './observe.ts';
import { differs, finishesElection, type State, stepsAhead } from './plan-again.ts';
import { applyRound } from './rounds.ts';
import { waitForAssociation, waitUntilDeleted } from './wait.ts';

/** A share with its plan, ready to be applied. */
export interface Planned {
  readonly desired: DesiredShare;
  readonly ledger: Ledger;
  /** Undefined when planning failed. */
  readonly ready?: { actual: Actual; decision: Decision; before: Access };
  readonly problems: ShareOutcome['problems'];
}

/** More rounds do not help: another writer undoes the changes, or the API does not do what it answers. */
const ROUNDS_MAX = 5;
/** The API may show a change only after a moment. The pause before a round, in milliseconds, grows with each round. */
const PAUSE_BEFORE_ROUND_MS = 500;

/** Observes one share, and plans it. It only reads, and never throws: `problems` says what went wrong. */
export async function plan(context: Context, desired: DesiredShare): Promise<Planned> {
  const ledger = new Ledger();
  try {
    const blind = context.policy.ifExists === 'create-new' && desired.state === 'present';
    const { actual } = blind ? { actual: {} } : await observe(context, desired, ledger);
    const decision = decide(desired, actual, context.policy);
    context.log.announce(decision);
    return { desired, ledger, ready: { actual, decision, before: accessOf(actual, desired) }, problems: [] };
  } catch (error) {
    return { desired, ledger, problems: explain(error, desired) };
  }
}

/**
 * Carries out the plan of one share; in `mode: plan` it only checks for drift. It never throws: the outcome says what was
 * done and what went wrong.
 */
export async function reconcile(context: Context, planned: Planned): Promise<ShareOutcome> {
  const { desired, ledger, ready } = planned;
  if (!ready) return outcomeOf(planned, planned.problems);
  try {
    const { decision } = ready;
    if (decision.refusal !== undefined) throw new Stop(`${decision.refusal}. Nothing was changed`, 'refusal');
    if (context.policy.mode === 'plan') failOnDrift(context, decision.plan);
    else await apply(context, desired, ready.actual, decision.plan, ledger);
    return outcomeOf(planned, [], context);
  } catch (error) {
    return outcomeOf(planned, explain(error, desired), context);
  }
}

/** The outcome of a share whose plan is not applied: the review stopped the run, or another share failed. */
export const notApplied = (planned: Planned, problems: ShareOutcome['problems'] = []): ShareOutcome =>
  outcomeOf(planned, [...planned.problems, ...problems]);

function failOnDrift({ policy }: Context, plan: SharePlan): void {
  if (policy.failOnDrift && hasDrift(plan)) {
    throw new Stop(`Share ${quoted(plan.name)} is not as written: ${planWords(plan)}`, 'drift');
  }
}

async function apply(
  context: Context,
  desired: DesiredShare,
  actual: Actual,
  announced: SharePlan,
  ledger: Ledger,
): Promise<void> {
  const { api, log, policy } = context;
  let state: State = { desired, actual, announced, plan: announced, ownWrites: { gone: [] } };
  ledger.resolve(stepsAhead(state, policy));
  for (let round = 1; differs(state); round++) {
    if (round > ROUNDS_MAX) throw new Stop(stillDiffers(state));
    if (round > 1 && state.plan.action === 'update' && !finishesElection(state)) {
      log.say(`The share is not as desired yet (${planWords(state.plan)}): applying again`);
      await api.client.pause(PAUSE_BEFORE_ROUND_MS * (round - 1));
    }
    state = await applyRound(context, state, ledger);
  }
  if (!changesAnything(announced)) sayUnchanged(context, desired, actual, ledger);
  if (policy.waitMs !== undefined && !announced.unlisted) await wait(context, state, ledger);
}

function sayUnchanged(
  { log, policy }: Context,
  desired: DesiredShare,
  { share, unreadable }: Actual,
  { warnings }: Ledger,
): void {
  if (desired.state === 'absent') {
    const [staying] = share && isLive(share) ? [share] : (unreadable ?? []);
    if (staying) log.say(`= share ${staying.id} is not in the file, and stays`);
    else if (share) log.say(`= share ${share.id} is already ${share.status}`);
    else log.say(`= there is no live share ${desired.shareId ?? quoted(desired.name)}: nothing to delete`);
    // No share of the name: it may have been deleted before. No share of the id: the id is most often wrong.
    if (!share && desired.shareId !== undefined && !desired.unlisted) {
      const message = `There is no share ${desired.shareId} in account ${desired.accountId}: check share-id and account-id`;
      warnings.push({ message, place: { label: 'share-id' } });
    }
  } else if (policy.ifExists === 'keep' && share)
    log.say(`= share ${quoted(share.name)} exists and is kept as it is: ${share.id}`);
}

const stillDiffers = ({ plan, actual }: State): string =>
  `Share ${actual.share?.id ?? quoted(plan.name)} is still not as desired after ${ROUNDS_MAX} rounds: ${planWords(plan)}. Does something else write to it at the same time?`;

async function wait(context: Context, { desired, actual, announced, replaced }: State, ledger: Ledger): Promise<void> {
  const { share, namesakes = [] } = actual;
  if (desired.state === 'absent') {
    for (const { id } of share ? [share, ...namesakes] : []) await waitUntilDeleted(context, id, ledger);
  } else if (share) {
    const kept = context.policy.ifExists === 'keep' && !actual.ours;
    const accounts = kept ? [] : (desired.recipients ?? []).flatMap((item) => accountOf(item) ?? []);
    const toOrganization = share.target_type === 'organization';
    const removedResources = announced.action === 'update' ? announced.resources.remove : [];
    await waitForAssociation(context, share, { accounts, toOrganization, removedResources }, ledger);
  }
  if (replaced !== undefined) await waitUntilDeleted(context, replaced, ledger);
}

/** What came of a share, taken from the ledger. */
function outcomeOf(
  { desired, ledger, ready }: Planned,
  problems: ShareOutcome['problems'],
  context?: Context,
): ShareOutcome {
  const { share, recipients, exclusions } = ledger.seen;
  const announced = ready?.decision.plan;
  const latest = ledger.latest ?? ready?.decision;
  const plan = announced && latest ? withExtrasOf(announced, latest.plan) : announced;
  const refusal = ready?.decision.refusal;
  const planning = context?.policy.mode === 'plan' && plan !== undefined;
  const asApplied = context !== undefined && problems.length === 0;
  const outcome = planning ? 'planned' : wordFor(ledger, plan, asApplied);
  return {
    desired,
    name: desired.name || (share?.name ?? ''),
    ...(plan ? { plan } : {}),
    ...(ready ? { before: ready.before } : {}),
    ...(refusal === undefined ? {} : { refusal }),
    ...(latest?.kept ? { kept: true } : {}),
    ...(outcome ? { outcome } : {}),
    changed: planning ? changesAnything(plan) : ledger.changed,
    ...(share ? { share } : {}),
    ...(recipients ? { recipients } : {}),
    ...(exclusions ? { exclusions } : {}),
    problems,
    warnings: ledger.warnings,
    steps: ledger.steps,
    ...(ledger.waitedMs === undefined ? {} : { waitedMs: ledger.waitedMs }),
  };
}

function wordFor(ledger: Ledger, plan: SharePlan | undefined, asApplied: boolean): OutcomeWord | undefined {
  if (ledger.changed) {
    if (plan?.action === 'delete') return 'deleted';
    // A new share that was taken back is not there, whatever was changed on the way.
    if (ledger.created && ledger.share && !isLive(ledger.share)) return undefined;
    return ledger.created && plan?.action !== 'replace' ? 'created' : 'updated';
  }
  const asDesired = plan?.action === 'none' || asApplied;
  return asDesired && ledger.changed === false ? 'unchanged' : undefined;
}

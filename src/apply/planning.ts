// Plans one share: before anything is applied, and again after each round.

import { accessOf } from '../share/access.ts';
import { type Decision, decide } from '../share/decide.ts';
import { type DesiredShare, withoutId } from '../share/desired.ts';
import { type Found, ownLosers, uncontested } from '../share/election.ts';
import type { ShareOutcome } from '../share/outcome.ts';
import { stepsAhead } from '../share/phases.ts';
import { extrasIn } from '../share/plan.ts';
import type { Policy } from '../share/policy.ts';
import type { Objection } from '../share/problem.ts';
import type { ProposedPlan } from '../share/review.ts';
import { sameId } from '../share/share.ts';
import { deletingTemporary } from '../share/steps.ts';
import { quoted } from '../share/words.ts';
import type { Context, PlanContext } from './context.ts';
import { deleteTemporary } from './delete.ts';
import { explain, Stop } from './errors.ts';
import { observe } from './observe.ts';

/** A desired share with its plan. */
export interface Planned {
  readonly context: PlanContext;
  readonly desired: DesiredShare;
  /** Undefined when planning failed. */
  readonly decision?: Decision;
  readonly problems: ShareOutcome['problems'];
}

/** A share whose plan has passed the gate. */
export interface Ready extends Planned {
  readonly context: Context;
  readonly decision: Decision;
}

/** Observes one share and plans it. It only reads, and never throws: `problems` says what went wrong. */
export async function plan(context: PlanContext, desired: DesiredShare): Promise<Planned> {
  const { policy, ledger } = context;
  try {
    const creates = policy.ifExists === 'create-new' && desired.state === 'present';
    const found = creates
      ? { observed: undefined, election: uncontested(undefined) }
      : await observe(context, desired, 'recent');
    const decision = decide(desired, found, policy);
    ledger.recordPlan(decision);
    return { context, desired, decision, problems: [] };
  } catch (error) {
    return { context, desired, problems: explain(error, desired) };
  }
}

/** The plan, and who has what before it: what a review compares. */
export const proposedBy = ({ plan: proposed, found, desired }: Decision): ProposedPlan => ({
  plan: proposed,
  before: accessOf(found.observed, desired),
});

/**
 * Plans again, after a round.
 * @param known what the round has already observed. Undefined: the plan starts with an election
 * @throws {Stop} when the new plan is refused, has a step that was not reviewed, or removes too much
 */
export async function planAgain(context: Context, previous: Decision, known?: Found): Promise<Decision> {
  const { ledger, policy, objectionTo } = context;
  // The share with the given id has been replaced, so the new one is found by its name.
  const desired = ledger.replaced === undefined ? previous.desired : withoutId(previous.desired);
  const found = known ?? (await observe(context, desired, 'fresh'));
  const decision = decide(desired, found, { ...policy, ifExists: ifExistsFor(context, found) });
  ledger.recordPlan(decision);
  ledger.resolve(stepsAhead(decision));
  sayIfAnothers(context, previous, decision);
  const { refusal } = decision;
  const objection: Objection | undefined =
    refusal === undefined ? objectionTo(proposedBy(decision)) : { message: refusal, kind: 'refusal' };
  if (objection) await stopFor(objection, context, decision);
  return decision;
}

/**
 * `if-exists: fail` refuses only shares that this run didn't create. A share that the announced plan renamed must not
 * be refused because it now has the name.
 */
const ifExistsFor = ({ policy, ledger }: Context, { observed }: Found): Policy['ifExists'] =>
  policy.ifExists === 'fail' && sameId(observed?.share.id, ledger.announced?.plan.share_id)
    ? 'update'
    : policy.ifExists;

/** If another run's share is elected, logs that and lists its unlisted items. */
function sayIfAnothers(context: Context, previous: Decision, decision: Decision): void {
  const { log, ledger } = context;
  const { observed, election } = decision.found;
  if (!observed || election.ours) return;
  if (ownLosers(election, ledger.own).length > 0 && decision.plan.action !== 'replace')
    log.say(
      `Another run created the share ${quoted(decision.desired.name)} earlier: this run continues with ${observed.share.id}`,
    );
  if (previous.plan.action === 'create' && extrasIn(decision.plan) > 0) log.announce({ plan: decision.plan });
}

/** Stops because the plan must not be applied. First deletes this run's own temporary shares. @throws {Stop} always */
async function stopFor({ message, kind }: Objection, context: Context, { found }: Decision): Promise<never> {
  const { ledger } = context;
  const own = ownLosers(found.election, ledger.own);
  ledger.resolve(own.map(({ id }) => deletingTemporary(id)));
  await deleteTemporary(context, own);
  throw new Stop(message, kind);
}

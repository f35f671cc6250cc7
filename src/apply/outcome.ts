// The outcome of one share, from its ledger.

import { accessOf } from '../share/access.ts';
import type { OutcomeWord, ShareOutcome } from '../share/outcome.ts';
import { changesAnything, hasDrift, type SharePlan, withExtrasOf } from '../share/plan.ts';
import { isLive } from '../share/share.ts';
import type { Ledger } from './ledger.ts';
import type { Planned } from './plan.ts';

/** @param applied the plan was applied, or checked for drift. False: the review stopped the run, or another share failed */
export function outcomeOf(
  { context, desired, decision }: Planned,
  problems: ShareOutcome['problems'],
  { applied }: { applied: boolean } = { applied: false },
): ShareOutcome {
  const { ledger, policy } = context;
  const { share, recipients, exclusions } = ledger.observed;
  const latest = ledger.latest ?? decision;
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
    ...(recipients && recipients !== 'not-read' ? { recipients } : {}),
    ...(exclusions && exclusions !== 'not-read' ? { exclusions } : {}),
    problems,
    warnings: ledger.warnings,
    steps: ledger.steps,
    ...(ledger.waitedMs === undefined ? {} : { waitedMs: ledger.waitedMs }),
  };
}

/** The outcome of a share whose plan isn't applied, because the review stopped the run or another share failed. */
export const notApplied = (planned: Planned, problems: ShareOutcome['problems'] = []): ShareOutcome =>
  outcomeOf(planned, [...planned.problems, ...problems]);

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

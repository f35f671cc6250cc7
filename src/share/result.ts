// What happened to a share, or what a plan would do with it, as values. Reports put them into words; outputs, the
// comment and the reviewed plan base decisions on them. Pure.

import { isDeclined, type Problem, type ProblemKind } from './desired.ts';
import type { OutcomeWord, ShareOutcome } from './outcome.ts';
import { changesAnything, hasDrift, type SharePlan } from './plan.ts';
import type { ProposedPlan } from './review.ts';

/** The share's name, or its id. */
export const nameOfShare = ({ name, share, desired }: ShareOutcome): string =>
  name || share?.name || desired.name || (desired.shareId ?? share?.id ?? '');

/** The problems of a share, including the refusal of its plan. */
export function problemsOf({ problems, refusal, desired }: ShareOutcome): readonly Problem[] {
  if (refusal === undefined || problems.some(isDeclined)) return problems;
  return [{ message: `${refusal}.`, kind: 'refusal', place: desired.placeOf(['name']) }, ...problems];
}

/** Did the share fail, or was its plan refused? Drift is neither. */
export const failureIn = ({ refusal, problems }: ShareOutcome): boolean =>
  refusal !== undefined || problems.some(({ kind }) => kind !== 'drift');

/** Does the step fail because something differs (fail-on-drift)? */
export const driftIn = ({ problems }: ShareOutcome): boolean => problems.some(({ kind }) => kind === 'drift');

/** The run neither planned nor changed the share: only its problems are known. */
export const onlyProblemsKnown = ({ plan, outcome }: ShareOutcome): boolean => !plan && outcome === undefined;

/** The plans that a reviewer can approve: all except those that failed or are refused. */
export const reviewablePlans = (outcomes: readonly ShareOutcome[]): ProposedPlan[] =>
  outcomes.flatMap((outcome) => {
    const { plan, before } = outcome;
    return plan && before && !failureIn(outcome) ? [{ plan, before }] : [];
  });

/** How much attention a share needs: 2 if it failed, 1 if it has changes, 0 otherwise. */
export const urgencyOf = (outcome: ShareOutcome): number =>
  failureIn(outcome) ? 2 : outcome.plan && changesAnything(outcome.plan) ? 1 : 0;

export type Result =
  | OutcomeWord
  | 'create'
  | 'update'
  | 'replace'
  | 'replaced'
  | 'delete'
  | 'none'
  | 'unlisted'
  | 'refused'
  | 'failed'
  | 'not done';

export function resultOf(outcome: ShareOutcome): Result {
  const { plan, outcome: word, problems } = outcome;
  if (outcome.refusal !== undefined) return 'refused';
  if (failureIn(outcome)) return problems.every(isDeclined) ? 'refused' : 'failed';
  if (plan?.unlisted) return 'unlisted';
  if (word === 'planned' || word === undefined) return plan?.action ?? 'not done';
  return word === 'updated' && plan?.action === 'replace' ? 'replaced' : word;
}

/**
 * How the share compares with the inputs or the file:
 * - `in sync`: nothing differs
 * - `extras`: everything listed exists, and so do unlisted items
 * - `differs`: apply has something to do
 * - `kept`: with `if-exists: keep`, the share wasn't compared
 * - `gone`: the share shouldn't exist, and doesn't
 * - `unlisted`: the share isn't in a complete file, and stays
 */
export type Agreement = 'in sync' | 'extras' | 'differs' | 'kept' | 'gone' | 'unlisted';

/** The only place that decides whether anything differs. Log, headline, table and sentences take their words from it. */
export function agreementOf(plan: SharePlan, kept?: boolean): Agreement {
  if (changesAnything(plan)) return 'differs';
  if (plan.unlisted) return 'unlisted';
  if (plan.share_id === null) return 'gone';
  if (kept) return 'kept';
  return hasDrift(plan) ? 'extras' : 'in sync';
}

/** True if any value is true. Undefined if none is true but one is unknown, or if there are no values. */
export const anyOf = (values: readonly (boolean | undefined)[]): boolean | undefined =>
  values.includes(true) ? true : values.length === 0 || values.includes(undefined) ? undefined : false;

export type FailureReason = Exclude<ProblemKind, 'refusal'> | 'refused';

/** The order of precedence: reasons that stop a run before it starts come before those from its result. */
const REASONS: readonly ProblemKind[] = [
  'cancelled',
  'inputs',
  'github',
  'not-reviewed',
  'refusal',
  'cloudflare',
  'drift',
  'internal',
];

/** Why the step fails: the first kind that applies. Undefined: it doesn't fail. */
export function failureReason(kinds: Iterable<ProblemKind>): FailureReason | undefined {
  const found = new Set(kinds);
  const first = REASONS.find((kind) => found.has(kind));
  return first === 'refusal' ? 'refused' : first;
}

// The outcome of one share, and what it means, as values. `apply` returns it. Reports put it into words; outputs, the comment
// and the reviewed plan base decisions on it. Pure.

import type { Access } from './access.ts';
import type { DesiredShare } from './desired.ts';
import { changesAnything, type SharePlan } from './plan.ts';
import { isDeclined, type Problem } from './problem.ts';
import type { ProposedPlan } from './review.ts';
import type { Recipient, Share } from './share.ts';
import type { Steps } from './steps.ts';

export type OutcomeWord = 'created' | 'updated' | 'unchanged' | 'deleted' | 'planned';

export interface ShareOutcome {
  readonly desired: DesiredShare;
  /** The share's name for people: the desired one, or else the actual one. Empty if neither is known. */
  readonly name: string;
  /** The plan as the log announced it, with the extras of the latest plan. Undefined: planning failed. */
  readonly plan?: SharePlan;
  /** Who had access to what through the share when it was planned. */
  readonly before?: Access;
  /** Why apply does not (or would not) execute the plan. */
  readonly refusal?: string;
  /** `if-exists: keep`: the share was not compared with the inputs or the file. */
  readonly kept?: true;
  /**
   * Undefined: the run failed, and it changed nothing, rolled back its new share, or can't tell whether it changed
   * something.
   */
  readonly outcome?: OutcomeWord;
  /**
   * Does the actual state differ from the inputs or the file, extras included? In `mode: plan`, it is the drift that
   * was found; otherwise, the drift that is left after the run. Undefined: nothing was compared.
   */
  readonly drift?: boolean;
  /** In `mode: plan`, whether apply would change anything. Undefined: the result of a request is unknown. */
  readonly changed: boolean | undefined;
  /** The share as last read, with its resources. */
  readonly share?: Share;
  /** All recipients that were read, whatever their status. */
  readonly recipients?: readonly Recipient[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly steps: Steps;
  /** How long the wait took. Undefined: there was no wait, or it didn't succeed. */
  readonly waitedMs?: number;
}

/** The outcome of `mode: export`. */
export interface ExportOutcome {
  /** How many shares are in the file. Undefined if no file was written. */
  readonly shares?: number;
  /** The file lists every share of the account, except those that are still being created. */
  readonly complete?: boolean;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** The share's name, or its id. */
export const nameOfShare = ({ name, share, desired }: ShareOutcome): string =>
  name || (desired.shareId ?? share?.id ?? '');

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
  if (word === undefined) return plan?.action === 'none' ? 'none' : 'not done';
  if (word === 'planned') return plan?.action ?? 'not done';
  return word === 'updated' && plan?.action === 'replace' ? 'replaced' : word;
}

/** True if any value is true. Undefined if none is true but one is unknown, or if there are no values. */
export const anyOf = (values: readonly (boolean | undefined)[]): boolean | undefined =>
  values.includes(true) ? true : values.length === 0 || values.includes(undefined) ? undefined : false;

// The outcome of one share. `apply` returns it; outputs, log, summary and comment are made from it.

import type { Access } from './access.ts';
import type { DesiredShare, Problem } from './desired.ts';
import type { SharePlan } from './plan.ts';
import type { Exclusion, Recipient, Share } from './share.ts';
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
  readonly exclusions?: readonly Exclusion[];
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

// What came of one share: the value that apply returns and that outputs, log, summary and comment are made of.

import type { DesiredShare, Problem } from './desired.ts';
import type { SharePlan } from './plan.ts';
import type { Exclusion, Recipient, Share } from './share.ts';

export type OutcomeWord = 'created' | 'updated' | 'unchanged' | 'deleted' | 'planned';

/** The steps of a share in the words of the log, by what is known of them. */
export interface Steps {
  done: readonly string[];
  notDone: readonly string[];
  /** A request went out, and what became of it is not known. */
  notKnown: readonly string[];
}

export interface ShareOutcome {
  readonly desired: DesiredShare;
  /** The share's name for people: as desired, or else as it is there. Empty when neither is known. */
  readonly name: string;
  /** The plan that was announced, with what stays as it was seen last. Undefined when the run failed before there was one. */
  readonly plan?: SharePlan;
  /** Why apply does not (or would not) carry the plan out. */
  readonly refusal?: string;
  /** The share is kept as it is (`if-exists: keep`), and was not compared with what is written. */
  readonly kept?: true;
  /** Undefined when the run failed before anything came of the share. */
  readonly outcome?: OutcomeWord;
  /** In `mode: plan`, whether apply would change anything. Undefined when a request of unknown fate is the last word. */
  readonly changed: boolean | undefined;
  /** The share as last seen, with its resources. */
  readonly share?: Share;
  /** All recipients that were read, whatever their status. */
  readonly recipients?: readonly Recipient[];
  readonly exclusions?: readonly Exclusion[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly steps: Steps;
  /** How long the wait for association took in the end. Undefined when nothing was waited for, or not to the end. */
  readonly waitedMs?: number;
}

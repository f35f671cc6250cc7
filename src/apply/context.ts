// What planning and applying one share depend on. Read-only. What a run does and sees is in the ledger.

import type { Endpoints } from '../cloudflare/endpoints.ts';
import type { ProblemKind } from '../share/desired.ts';
import type { Decision } from '../share/plan.ts';
import type { Policy } from '../share/policy.ts';
import type { ProposedPlan } from '../share/review.ts';
import type { Looks } from './looks.ts';

export interface Context {
  readonly policy: Policy;
  readonly api: Endpoints;
  readonly looks: Looks;
  /** Marks the shares that this run makes. At least 12 of 0-9 and a-z, unique to this run. */
  readonly nonce: string;
  /** Why a plan can't be applied: the reviewed plan does not have it. Undefined: the run has no reviewed plan. */
  readonly objectionTo?: (proposed: ProposedPlan) => string | undefined;
  readonly log: ShareLog;
}

/** The log of one share. */
interface ShareLog {
  /** Writes a line: what was done, or what is going on. */
  say: (line: string) => void;
  /** Writes the plan, before it is applied. */
  announce: (decision: Decision) => void;
  /** To be called as soon as the share's id is known. */
  idKnown: (id: string) => void;
}

/** The run cannot go on with a share: somebody has to decide or repair something. The message says what. */
export class Stop extends Error {
  override name = 'Stop';
  readonly kind: ProblemKind | undefined;

  constructor(message: string, kind?: ProblemKind) {
    super(message);
    this.kind = kind;
  }
}

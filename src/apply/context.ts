// What carrying out a plan depends on: read-only, and handed down. What a run does and sees is in the ledger.

import type { Endpoints } from '../cloudflare/endpoints.ts';
import type { Decision, SharePlan } from '../share/plan.ts';
import type { Policy } from '../share/policy.ts';
import type { Looks } from './looks.ts';

export interface Context {
  readonly policy: Policy;
  readonly api: Endpoints;
  readonly looks: Looks;
  /** At least 12 of 0-9 and a-z, which no other run has: it marks the shares that this run makes. */
  readonly nonce: string;
  /** What keeps a plan that is made on the way from being applied: it was not reviewed. Undefined: nothing was reviewed. */
  readonly objectionTo?: (plan: SharePlan) => string | undefined;
  readonly log: ShareLog;
}

/** What one share says while it is planned and applied. */
interface ShareLog {
  /** A line of the log: what was done, or what is going on. */
  say: (line: string) => void;
  /** The plan, before anything is done about it. */
  announce: (decision: Decision) => void;
  /** The share's id, as soon as it is known. */
  idKnown: (id: string) => void;
}

/** The share cannot be brought further, for a reason that somebody else has to mend. The message says what to do. */
export class Stop extends Error {
  override name = 'Stop';
  readonly kind: 'drift' | 'refusal' | undefined;

  constructor(message: string, kind?: 'drift' | 'refusal') {
    super(message);
    this.kind = kind;
  }
}

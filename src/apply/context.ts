// What planning and applying one share depend on. It is made once for each share and handed on whole.

import type { Endpoints } from '../cloudflare/endpoints.ts';
import type { Verdict } from '../share/plan.ts';
import type { Policy } from '../share/policy.ts';
import type { ProposedPlan } from '../share/review.ts';
import type { Ledger } from './ledger.ts';
import type { ShareList } from './share-list.ts';

export interface Context {
  readonly policy: Policy;
  readonly api: Endpoints;
  readonly shareList: ShareList;
  /** Marks what this run creates for this one share. At least 12 of 0-9 and a-z, which nothing else has. */
  readonly nonce: string;
  /** Why a plan can't be applied: the reviewed plan does not have it. Undefined: the run has no reviewed plan. */
  readonly objectionTo?: (proposed: ProposedPlan) => string | undefined;
  readonly log: ShareLog;
  readonly ledger: Ledger;
}

/** The log of one share. */
interface ShareLog {
  /** Writes a line: what was done, or what is going on. */
  say: (line: string) => void;
  /** Writes the plan, before it is applied. */
  announce: (verdict: Verdict) => void;
  /** To be called as soon as the share's id is known. */
  idKnown: (id: string) => void;
}

// What planning and applying one share depend on. It is made once for each share and handed on whole.

import type { Endpoints } from '../cloudflare/endpoints.ts';
import type { Objection } from '../share/desired.ts';
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
  /** Why a plan that is made while applying can't be applied: it was not reviewed, or it removes too much. */
  readonly objectionTo: (proposed: ProposedPlan) => Objection | undefined;
  /** Whether it may delete temporary shares that other runs left over. */
  readonly tidiesOthers: boolean;
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

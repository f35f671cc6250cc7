// Everything that planning and applying one share depends on. Created once per share and passed on as one object. The
// gate is added after it has checked all plans.

import type { Endpoints } from '../cloudflare/endpoints.ts';
import type { Verdict } from '../share/decide.ts';
import type { Policy } from '../share/policy.ts';
import type { GateResult } from '../share/review.ts';
import type { Ledger } from './ledger.ts';
import type { ShareList } from './share-list.ts';

export interface PlanContext {
  readonly policy: Policy;
  readonly api: Endpoints;
  readonly shareList: ShareList;
  /** Marks what this run creates for this share. At least 12 characters (0-9, a-z), unique to this share and run. */
  readonly nonce: string;
  /** Whether this run may delete temporary shares that other runs left behind. */
  readonly deletesLeftovers: boolean;
  readonly log: ShareLog;
  readonly ledger: Ledger;
}

/** What applying a plan depends on. */
export interface Context extends PlanContext {
  /** Why a plan made during apply can't be applied: it wasn't reviewed, or it removes too much. */
  readonly objectionTo: GateResult['objectionTo'];
}

/** The log of one share. */
interface ShareLog {
  /** Writes a line about something done or in progress. */
  say: (line: string) => void;
  /** Writes the plan, before it is applied. */
  announce: (verdict: Verdict) => void;
  /** Must be called as soon as the share's id is known. */
  idKnown: (id: string) => void;
}

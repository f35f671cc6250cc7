// One share's way through a run: what is wished, by which rules, through which door, and what has come of it so far.

import type { Endpoints } from '../cloudflare/endpoints.ts';
import type { Settings } from '../inputs/settings.ts';
import type { SharePlan } from '../share/plan.ts';
import type { Recipient, Share } from '../share/share.ts';
import type { Problem, Wish } from '../share/wish.ts';
import { Ledger } from './ledger.ts';
import type { Look } from './look.ts';

export type Outcome = 'created' | 'updated' | 'unchanged' | 'deleted' | 'planned';

/** The rules of a run, from the inputs. */
export type Rules = Pick<Settings, 'mode' | 'ifExists' | 'prune' | 'replace' | 'waitMs' | 'shareId' | 'failOnDrift'> & {
  /** Read the recipients of every share that exists, not of those alone whose recipients can differ. */
  readAllRecipients: boolean;
};

/** What is known by now: filled in on the way, so that nothing is lost when a later step fails. */
export interface ShareResult {
  name: string;
  plan?: SharePlan;
  outcome?: Outcome;
  changed: boolean;
  share?: Share;
  recipients?: Recipient[];
  problems: Problem[];
  warnings: Problem[];
  ledger: Ledger;
}

export interface Task {
  wish: Wish;
  rules: Rules;
  api: Endpoints;
  /** Looks at the live shares now; tasks that ask at once share one request. */
  look: () => Promise<Look>;
  /** The first look, made for all tasks of the run together. */
  firstLook: () => Promise<Look>;
  /** A line of the log: what was done, or what is going on. */
  say: (line: string) => void;
  /** The plan, before it is carried out. */
  planned: (plan: SharePlan) => void;
  result: ShareResult;
}

export const emptyResult = (wish: Wish): ShareResult => ({
  name: wish.name,
  changed: false,
  problems: [],
  warnings: [],
  ledger: new Ledger(),
});

/** A step cannot be done, for a reason that is the caller's to mend; the message says what to do. */
export class CannotDo extends Error {
  override name = 'CannotDo';
}

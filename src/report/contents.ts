// The contents of a report: one value from which outputs, log, summary and comment are made.

import type { RunContext, Source } from '../settings.ts';
import type { Names } from '../share/names.ts';
import type { ShareOutcome } from '../share/outcome.ts';
import type { IfExists, Mode } from '../share/policy.ts';
import type { Place, Problem } from '../share/problem.ts';

export interface Report {
  mode: Mode;
  ifExists: IfExists;
  /** Empty if the inputs are invalid and it isn't known. */
  accountId: string;
  source: Source;
  outcomes: readonly ShareOutcome[];
  run: RunContext;
  names: Names;
  /** Why nothing was planned, such as a broken file. */
  inputProblems: readonly Problem[];
  /** Warnings from looking up names. They can also concern shares that are in sync. The log already has them. */
  warnings: readonly Problem[];
  /** In `mode: plan`, why apply would refuse the plans as a whole. */
  cautions: readonly Problem[];
  /** Names were looked up first, so requests were sent. */
  lookedUp?: boolean;
  /** Set if the plan could not be written to `plan-file`. */
  unwritten?: Problem;
  /** The share that the inputs name, as far as they can be read. A run with invalid inputs needs it for its comment. */
  share?: { name: string; shareId?: string };
}

/**
 * Is the run about several shares, so that each has to be named? A file counts as several, even if it has one share.
 */
export const isOfMany = ({ source }: { source: Source }): boolean => source.kind === 'config';

/** What to do if a step may have taken effect. With `create-new`, another run would create another share. */
export const afterUnknown = ({ ifExists }: Report): string =>
  ifExists === 'create-new' ? 'check before you run again' : 'run again to finish';

/** Where the share was written. An unlisted share isn't written anywhere, so its place is the file itself. */
export const placeOfShare = ({ desired }: ShareOutcome, source: Source): Place =>
  desired.unlisted && source.kind === 'config' ? { label: '', file: source.file } : desired.placeOf(['name']);

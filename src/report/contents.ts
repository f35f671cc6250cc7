// What a report is made of: one value, for machines and for people.

import type { RunContext, Source } from '../inputs/settings.ts';
import type { Place, Problem } from '../share/desired.ts';
import type { Names } from '../share/names.ts';
import type { ShareOutcome } from '../share/outcome.ts';
import type { Mode } from '../share/policy.ts';

export interface Report {
  mode: Mode;
  /** Empty when the inputs are broken and it is not known. */
  accountId: string;
  source: Source;
  outcomes: readonly ShareOutcome[];
  run: RunContext;
  names: Names;
  /** Why nothing was planned, such as a broken file. */
  inputProblems?: readonly Problem[];
  /** What looked-up names tell about what is written, for shares in sync as well. The log has them already. */
  warnings?: readonly Problem[];
  /** In `mode: plan`, why apply would refuse the plans as a whole. */
  cautions?: readonly Problem[];
  /** Names were looked up before that, so requests were sent. */
  lookedUp?: boolean;
  /** The plan could not be written to `plan-file`. */
  unwritten?: Problem;
  /** The one share that the inputs name, as far as they can be read: for the comment of a run that was refused. */
  share?: { name: string; shareId?: string };
}

/** Is the run about many shares, so that each has to be named? A file is, even if it has one share. */
export const isOfMany = ({ source }: { source: Source }): boolean => source.kind === 'config';

/** Where the share is written. An unlisted share is written nowhere, so its place is the file that does not list it. */
export const placeOfShare = ({ desired }: ShareOutcome, source: Source): Place =>
  desired.unlisted && source.kind === 'config' ? { label: '', file: source.file } : desired.placeOf(['name']);

// What a report is made of: one value, for machines and for people.

import type { RunContext, Source } from '../inputs/settings.ts';
import type { Problem } from '../share/desired.ts';
import type { Names } from '../share/names.ts';
import type { ShareOutcome } from '../share/outcome.ts';
import type { Mode } from '../share/policy.ts';

export interface Report {
  mode: Mode;
  /** Empty when the inputs are broken and nobody knows it. */
  accountId: string;
  source: Source;
  outcomes: readonly ShareOutcome[];
  run: RunContext;
  names: Names;
  /** Why the run was refused before any request: a broken file, say. */
  inputProblems?: readonly Problem[];
  /** The one share that the inputs name, as far as they can be read: for the comment of a run that was refused. */
  share?: { name: string; shareId?: string };
}

/** Does the report name its shares? One share of the inputs needs no name. */
export const isOfMany = ({ source, outcomes }: Report): boolean => source.kind === 'config' || outcomes.length > 1;

// An error, a warning or a notice as a value, and why a step fails. Pure.

/** Where something was written, in the workflow or in the file. Lines and columns count from 1. */
export interface Place {
  label: string;
  file?: string;
  line?: number;
  column?: number;
}

/** An error, a warning or a notice, for the person who has to act on it. */
export interface Problem {
  message: string;
  place?: Place;
  kind?: ProblemKind;
  /** For the log: the line that can't be read, with a mark under the error. */
  frame?: readonly string[];
}

/**
 * All kinds, in the order in which they decide `failure-reason`: reasons that stop a run before it starts come before
 * those from its result.
 */
export const PROBLEM_KINDS = [
  'cancelled',
  'inputs',
  'github',
  'not-reviewed',
  'refusal',
  'cloudflare',
  'drift',
  'internal',
] as const;

/**
 * What a problem is about. `inputs`: an input or the file is wrong. `github`: a reviewed plan could not be read,
 * because GitHub failed. `not-reviewed`: there is no reviewed plan, or it lacks a step. `refusal`: apply refuses the
 * plan. `cloudflare`: a request failed. `drift`: something differs, and fail-on-drift is set.
 */
export type ProblemKind = (typeof PROBLEM_KINDS)[number];

/** Why a plan isn't applied. */
export type Objection = Problem & { kind: ProblemKind };

/** Did the action refuse to act, as opposed to failing? */
export const isDeclined = ({ kind }: Problem): boolean => kind === 'refusal' || kind === 'not-reviewed';

export type FailureReason = Exclude<ProblemKind, 'refusal'> | 'refused';

/** Why the step fails: the first kind that applies. Undefined: it doesn't fail. */
export function failureReason(kinds: Iterable<ProblemKind>): FailureReason | undefined {
  const found = new Set(kinds);
  const first = PROBLEM_KINDS.find((kind) => found.has(kind));
  return first === 'refusal' ? 'refused' : first;
}

/** Why something failed, without advice, for use in a longer sentence. */
export const reasonIn = (error: unknown): string => (error instanceof Error ? error.message : String(error));

// The step's outputs. Every known output is set, even if the step fails.

import { setOutput } from '@actions/core';
import { withoutSecrets } from '../secrets.ts';
import { anyOf, problemsOf, type Result, resultOf, type ShareOutcome } from '../share/outcome.ts';
import { publicPlan, resourceIds } from '../share/plan.ts';
import { type FailureReason, failureReason, type Problem, type ProblemKind } from '../share/problem.ts';
import { isOfMany, type Report } from './contents.ts';
import { warning } from './log.ts';

/** GitHub accepts about 1 MB of outputs from a job, counted in UTF-16 (two bytes per character). */
const CHARACTERS_MAX = (1024 * 1024) / 2;

/**
 * Sets the id as soon as it is known, so that a clean-up job has it even if this process is killed. If setting it
 * fails, the end of the run reports that.
 */
export const setShareId = (id: string): void => void tryToSet(() => setOutput('share-id', withoutSecrets(id)));

/**
 * Sets the outputs of `export` and `check`, which change nothing.
 * @param outcome undefined if the run failed
 * @param failureReason undefined if it didn't
 * @returns the problem, if the outputs can't be set
 */
export const setUnchanged = (
  outcome: 'exported' | 'checked' | undefined,
  reportFile: string | undefined,
  failureReason?: FailureReason,
): Problem | undefined =>
  tryToSet(() => {
    if (outcome !== undefined) setOutput('outcome', outcome);
    setOutput('changed', 'false');
    if (failureReason !== undefined) setOutput('failure-reason', failureReason);
    if (reportFile !== undefined) setOutput('report-file', reportFile);
  });

/** Sets the output of a run that ended because of a bug. */
export const setBroken = (): void => void tryToSet(() => setOutput('failure-reason', 'internal'));

/** Returns the problem if the runner's file can't be written, because the disk is full, for example. */
function tryToSet(set: () => void): Problem | undefined {
  try {
    set();
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      message: `The outputs can't be set, so later steps can't use them (${code ?? message})`,
      kind: 'internal',
    };
  }
}

/** Outputs that aren't part of the report. */
interface Ending {
  reportFile: string | undefined;
  isCancelled: boolean;
}

/** @returns the problem, if the outputs cannot be set */
export const setOutputs = (report: Report, ending: Ending): Problem | undefined =>
  tryToSet(() => setAll(report, ending));

function setAll(report: Report, ending: Ending): void {
  // Small and important outputs come first. An output that doesn't fit into the remaining space isn't set.
  let left = CHARACTERS_MAX;
  for (const [name, value] of Object.entries(outputsOf(report, ending))) {
    if (value === undefined) continue;
    const text = withoutSecrets(typeof value === 'string' ? value : JSON.stringify(value));
    if (text.length > left) {
      warning({
        message: `The output ${name} is not set: it has ${text.length} characters, which is more than GitHub accepts from a step`,
      });
    } else {
      left -= text.length;
      setOutput(name, text);
    }
  }
}

/** The outputs by name, in the order in which they are set. Unknown outputs are undefined. Pure. */
export function outputsOf(report: OutputsFrom, { reportFile, isCancelled }: Ending) {
  const { outcomes, mode } = report;
  const plans = outcomes.flatMap(({ plan, share }) => (plan ? [publicPlan(plan, share?.organization_id)] : []));
  const [first] = outcomes;
  const only = isOfMany(report) ? undefined : first;
  const changed = anyOf(outcomes.map((outcome) => outcome.changed));
  return {
    'share-id': only?.share?.id,
    status: only?.share?.status,
    outcome: only ? only.outcome : outcomeOfAll(outcomes, changed),
    changed: textOf(changed),
    ...plannedNumbers(report),
    // After a deletion, it would only repeat the outcome.
    drift: mode === 'delete' ? undefined : textOf(anyOf(outcomes.map(({ drift }) => drift))),
    'failure-reason': failureReason(kindsIn(report, isCancelled)),
    'report-file': reportFile,
    'resource-ids': only?.share?.resources && resourceIds(only.share, only.desired),
    shares: outcomes.length > 0 ? outcomes.map(shareOutput) : undefined,
    plan: plans.length > 0 ? { shares: plans } : undefined,
    share: only?.share,
    recipients: only?.recipients,
  };
}

type OutputsFrom = Pick<Report, 'mode' | 'source' | 'outcomes' | 'inputProblems' | 'unwritten'>;

const textOf = (value: boolean | undefined): string | undefined => (value === undefined ? undefined : String(value));

/** How many shares a plan would create, update and delete. Undefined if one of them couldn't be planned. */
function plannedNumbers({ mode, outcomes }: OutputsFrom) {
  const isKnown = mode === 'plan' && outcomes.length > 0 && outcomes.every(({ plan }) => plan !== undefined);
  const number = (...results: Result[]): string | undefined =>
    isKnown ? String(outcomes.filter((outcome) => results.includes(resultOf(outcome))).length) : undefined;
  return {
    'to-create': number('create'),
    'to-update': number('update', 'replace'),
    'to-delete': number('delete'),
  };
}

/** The kinds of everything that makes the step fail. */
function kindsIn({ inputProblems, outcomes, unwritten }: OutputsFrom, isCancelled: boolean): ProblemKind[] {
  const kinds = [
    ...inputProblems.map(({ kind }) => kind ?? 'inputs'),
    ...outcomes.flatMap((outcome) => problemsOf(outcome).map(({ kind }) => kind ?? 'cloudflare')),
    ...(unwritten ? ['inputs' as const] : []),
  ];
  // A cancelled run that had already done everything doesn't fail.
  return isCancelled && kinds.length > 0 ? ['cancelled', ...kinds] : kinds;
}

/** The outcome of the shares that changed, or `updated` if their outcomes differ. */
function outcomeOfAll(outcomes: readonly ShareOutcome[], changed: boolean | undefined): string | undefined {
  if (outcomes.some(({ outcome }) => outcome === 'planned')) return 'planned';
  if (changed === true) {
    const words = new Set(outcomes.flatMap((each) => (each.changed && each.outcome ? [each.outcome] : [])));
    const [word] = words;
    return words.size === 1 ? word : 'updated';
  }
  const isKnown = outcomes.every(({ outcome }) => outcome !== undefined);
  return isKnown && changed === false ? 'unchanged' : undefined;
}

/** One object of the `shares` output. Unknown values are null. */
const shareOutput = ({ name, outcome, changed, share, desired }: ShareOutcome) => ({
  name: name || (share?.name ?? desired.name),
  outcome: outcome ?? null,
  changed: changed ?? null,
  share_id: share?.id ?? null,
  status: share?.status ?? null,
  resource_ids: share?.resources ? resourceIds(share, desired) : [],
});

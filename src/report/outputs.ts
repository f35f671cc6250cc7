// The step's outputs. Everything that is known is set, even if the step fails.

import { setOutput } from '@actions/core';
import { withoutSecrets } from '../secrets.ts';
import type { Problem } from '../share/desired.ts';
import type { ShareOutcome } from '../share/outcome.ts';
import { type Plan, resourceIds } from '../share/plan.ts';
import type { Report } from './contents.ts';
import { warning } from './log.ts';

/** GitHub takes about 1 MB of outputs from a job, counted in UTF-16 (two bytes a character). */
const CHARACTERS_MAX = (1024 * 1024) / 2;

/** Set as soon as it is known: a clean-up job has it even if this process is killed. A failure is reported at the end. */
export const setShareId = (id: string): void => void tryToSet(() => setOutput('share-id', withoutSecrets(id)));

/**
 * For modes that change nothing, `export` and `check`.
 * @param outcome undefined when the run failed
 * @returns the problem, if the outputs cannot be set
 */
export const setUnchanged = (
  outcome: 'exported' | 'checked' | undefined,
  reportFile: string | undefined,
): Problem | undefined =>
  tryToSet(() => {
    if (outcome !== undefined) setOutput('outcome', outcome);
    setOutput('changed', 'false');
    if (reportFile !== undefined) setOutput('report-file', reportFile);
  });

/** The runner's file cannot be written: the disk is full, for example. */
function tryToSet(set: () => void): Problem | undefined {
  try {
    set();
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { message: `The outputs cannot be set, so later steps do not have them (${code ?? message})` };
  }
}

/** @returns the problem, if the outputs cannot be set */
export const setOutputs = (report: Report, reportFile: string | undefined): Problem | undefined =>
  tryToSet(() => setAll(report, reportFile));

function setAll({ outcomes, source }: Report, reportFile: string | undefined): void {
  // Small and important outputs come first. An output that does not fit into the rest is not set.
  let left = CHARACTERS_MAX;
  const set = (name: string, value: unknown): void => {
    if (value === undefined) return;
    const text = withoutSecrets(typeof value === 'string' ? value : JSON.stringify(value));
    if (text.length > left) {
      warning({
        message: `The output ${name} is not set: it has ${text.length} characters, more than GitHub takes from a step`,
      });
      return;
    }
    left -= text.length;
    setOutput(name, text);
  };

  for (const [name, value] of Object.entries(outputsOf(outcomes, source.kind, reportFile))) set(name, value);
}

/** The outputs by name, in the order in which they are set. What is not known is undefined. Pure. */
export function outputsOf(outcomes: readonly ShareOutcome[], source: 'inputs' | 'config', reportFile?: string) {
  const plans = outcomes.flatMap(({ plan }) => plan ?? []);
  const plan: Plan | undefined = plans.length > 0 ? { shares: plans } : undefined;
  const shares = outcomes.length > 0 ? outcomes.map(shareOutput) : undefined;
  const [only] = outcomes;
  if (source === 'inputs' && only) {
    const { share, outcome, changed, recipients, desired } = only;
    return {
      'share-id': share?.id,
      status: share?.status,
      outcome,
      changed: changed === undefined ? undefined : String(changed),
      'report-file': reportFile,
      'resource-ids': share?.resources && resourceIds(share, desired),
      shares,
      plan,
      share,
      recipients,
    };
  }
  const changed = changedOfAll(outcomes);
  return {
    outcome: outcomeOfAll(outcomes, changed),
    changed: changed === undefined ? undefined : String(changed),
    'report-file': reportFile,
    shares,
    plan,
  };
}

/** True if any share changed. Undefined if none did, and it is not known of one. */
function changedOfAll(outcomes: readonly ShareOutcome[]): boolean | undefined {
  if (outcomes.some(({ changed }) => changed === true)) return true;
  return outcomes.length === 0 || outcomes.some(({ changed }) => changed === undefined) ? undefined : false;
}

function outcomeOfAll(outcomes: readonly ShareOutcome[], changed: boolean | undefined): string | undefined {
  if (outcomes.some(({ outcome }) => outcome === 'planned')) return 'planned';
  if (changed === true) return 'updated';
  const known = outcomes.length > 0 && outcomes.every(({ outcome }) => outcome !== undefined);
  return known && changed === false ? 'unchanged' : undefined;
}

/** One object of the `shares` output. What is not known is null. */
function shareOutput({ name, outcome, changed, share, desired }: ShareOutcome) {
  return {
    name: name || (share?.name ?? desired.name),
    outcome: outcome ?? null,
    changed: changed ?? null,
    share_id: share?.id ?? null,
    status: share?.status ?? null,
    resource_ids: share?.resources ? resourceIds(share, desired) : [],
  };
}

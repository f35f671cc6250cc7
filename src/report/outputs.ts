// The step's outputs: what is known, set whether the step fails or not.

import { setOutput } from '@actions/core';
import type { ShareResult } from '../apply/task.ts';
import { withoutSecrets } from '../secrets.ts';
import { type Plan, resourceIds } from '../share/plan.ts';
import type { Wish } from '../share/wish.ts';
import { warning } from './log.ts';

/** GitHub takes about 1 MB of outputs from a job, counted in UTF-16 (two bytes a character). */
const CHARACTERS_MAX = (1024 * 1024) / 2;

export interface Done {
  wish: Wish;
  result: ShareResult;
}

export function setOutputs(done: readonly Done[], source: 'inputs' | 'config'): void {
  const results = done.map(({ result }) => result);
  const plans = results.flatMap(({ plan }) => plan ?? []);
  const plan: Plan = { shares: plans };
  // The small and important ones first: what is too large for the rest is left unset.
  let left = CHARACTERS_MAX;
  const set = (name: string, value: unknown): void => {
    if (value === undefined) return;
    const text = withoutSecrets(typeof value === 'string' ? value : JSON.stringify(value));
    if (text.length > left) {
      warning({
        message: `The output ${name} is left unset: its ${text.length} characters are more than GitHub takes from a step`,
      });
      return;
    }
    left -= text.length;
    setOutput(name, text);
  };

  const [only] = done;
  if (source === 'inputs' && only) {
    const { result, wish } = only;
    const { share, outcome, recipients } = result;
    set('share-id', share?.id);
    set('status', share?.status);
    set('outcome', outcome);
    set('changed', changedOf(result));
    set('resource-ids', share?.resources && resourceIds(share, wish));
    set(
      'shares',
      results.map((each) => shareOutput(each, wish)),
    );
    set('plan', plans.length > 0 ? plan : undefined);
    set('share', share);
    set('recipients', recipients);
    return;
  }
  const changed = results.some((result) => result.changed);
  const planning = results.some(({ outcome }) => outcome === 'planned');
  const complete = results.length > 0 && results.every(({ outcome }) => outcome !== undefined);
  set('outcome', planning ? 'planned' : changed ? 'updated' : complete ? 'unchanged' : undefined);
  set('changed', String(changed));
  set(
    'shares',
    done.map(({ result, wish }) => shareOutput(result, wish)),
  );
  set('plan', plans.length > 0 ? plan : undefined);
}

/** Whether something changed is not known while a request of unknown fate is the last word. */
const changedOf = ({ changed, ledger }: ShareResult): string | undefined =>
  !changed && ledger.uncertain.length > 0 ? undefined : String(changed);

/** One object of the `shares` output. What is not known is null. */
function shareOutput({ name, outcome, changed, share }: ShareResult, wish: Wish) {
  return {
    name,
    outcome: outcome ?? null,
    changed,
    share_id: share?.id ?? null,
    status: share?.status ?? null,
    resource_ids: share?.resources ? resourceIds(share, wish) : [],
  };
}

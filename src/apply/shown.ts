// Reads that lag: Cloudflare has accepted a change, but doesn't show it yet.

import type { Decision } from '../share/decide.ts';
import { stepsAhead } from '../share/phases.ts';
import { planWords } from '../share/plan-words.ts';
import type { Context } from './context.ts';

/**
 * If a plan repeats changes that Cloudflare has accepted in this run, reads again until those changes show: adding a
 * resource a second time could share it twice. If the changes still don't show after the last pause, something has
 * reverted them.
 * @param readAgain plans again from new reads. Returns undefined if the share is gone
 */
export async function untilShown<T extends Decision | undefined>(
  { api, ledger, log }: Context,
  decision: T,
  readAgain: (current: Decision) => Promise<T>,
): Promise<T> {
  let current = decision;
  let isFirst = true;
  while (current && stepsAhead(current).some((step) => ledger.hasAccepted(step))) {
    const { value: pauseMs } = ledger.changePausesMs.next();
    if (pauseMs === undefined) break;
    if (isFirst) log.say(`Cloudflare does not show all changes yet (${planWords(current.plan)}): reading again`);
    isFirst = false;
    await api.client.pause(pauseMs);
    current = await readAgain(current);
  }
  return current;
}

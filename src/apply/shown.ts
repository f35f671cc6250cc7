// Reads that lag: Cloudflare has accepted a change, but doesn't show it yet.

import type { Decision } from '../share/decide.ts';
import { stepsAhead } from '../share/phases.ts';
import { itemsOf, itemWords, type PlanItem } from '../share/plan.ts';
import { planWords } from '../share/plan-words.ts';
import type { Context } from './context.ts';
import { Stop } from './explain.ts';

/**
 * If a plan repeats changes that Cloudflare has accepted in this run, reads again until those changes show. After the
 * last pause, something may have reverted them, so the plan is applied.
 * @param readAgain plans again from new reads. Returns undefined if the share is gone
 * @throws {Stop} if the plan would then add a resource a second time, because that could share it twice
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
  const again = current && itemsOf(current.plan).find((item) => addsResource(item) && ledger.hasDone(item));
  if (current && again) throw new Stop(neverShown(again, current), 'cloudflare');
  return current;
}

const addsResource = ({ kind, op }: PlanItem): boolean => kind === 'resource' && op === 'add';

const neverShown = (item: PlanItem, { plan }: Decision): string =>
  `Cloudflare accepted ${itemWords(item)}, but share ${plan.share_id} doesn't show it. It was not sent again, because it could then be in the share twice. Make sure that nothing else removes it, then run again`;

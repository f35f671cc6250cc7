// Reads that lag: Cloudflare has accepted something, but doesn't show it yet.

import { isNotFound } from '../cloudflare/errors.ts';
import type { Decision } from '../share/decide.ts';
import { itemsOf, itemWords, type PlanItem } from '../share/plan.ts';
import { planWords } from '../share/plan-words.ts';
import type { Share } from '../share/share.ts';
import type { Context } from './context.ts';
import { Stop } from './errors.ts';

const PAUSE_FIRST_MS = 250;
const PAUSE_MAX_MS = 2_000;

/** Growing pauses between reads, in milliseconds, which take at most `mostMs` in all. */
export function* lagPauses(mostMs: number): Generator<number, undefined> {
  let totalMs = 0;
  for (let pauseMs = PAUSE_FIRST_MS; totalMs + pauseMs <= mostMs; pauseMs = Math.min(PAUSE_MAX_MS, pauseMs * 2)) {
    totalMs += pauseMs;
    yield pauseMs;
  }
}

type Client = Pick<Context['api']['client'], 'pause'>;

/** Reads until `isShown` accepts the value, with pauses of at most `mostMs` in all. @returns the last value */
export async function readUntil<T>(
  client: Client,
  mostMs: number,
  read: () => Promise<T>,
  isShown: (value: T) => boolean,
): Promise<T> {
  let value = await read();
  for (const pauseMs of lagPauses(mostMs)) {
    if (isShown(value)) break;
    await client.pause(pauseMs);
    value = await read();
  }
  return value;
}

const LISTED_SHARE_FOUND_WITHIN_MS = 6_000;

/** Finds a listed share. Reads again for a while, because a server may not know a new share yet. */
export const findListed = ({ api }: Pick<Context, 'api'>, shareId: string): Promise<Share | undefined> =>
  readUntil(
    api.client,
    LISTED_SHARE_FOUND_WITHIN_MS,
    () => api.find(shareId),
    (share) => share !== undefined,
  );

/** Reads lists of a new share. After a 404, reads again for a while, because a server may not know the share yet. */
export async function untilFound<T>({ api }: Pick<Context, 'api'>, read: () => Promise<T>): Promise<T> {
  for (const pauseMs of lagPauses(LISTED_SHARE_FOUND_WITHIN_MS)) {
    try {
      return await read();
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    await api.client.pause(pauseMs);
  }
  return read();
}

/** How long an item may take to show after the request to add it got no usable response. */
const ITEM_SHOWS_WITHIN_MS = 6_000;

/** Reads for a while, because a request without a usable response may take effect later. */
export const showsLater = (client: Client, isThere: () => Promise<boolean>): Promise<boolean> =>
  readUntil(client, ITEM_SHOWS_WITHIN_MS, isThere, Boolean);

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
  while (current && itemsIn(current).some((item) => ledger.shouldShow(item))) {
    const { value: pauseMs } = ledger.changePauses.next();
    if (pauseMs === undefined) break;
    if (isFirst) log.say(`Cloudflare does not show all changes yet (${planWords(current.plan)}): reading again`);
    isFirst = false;
    await api.client.pause(pauseMs);
    current = await readAgain(current);
  }
  const again = current && itemsIn(current).find((item) => addsResource(item) && ledger.isAccepted(item));
  if (current && again) throw new Stop(neverShown(again, current), 'cloudflare');
  return current;
}

/**
 * The items that a plan changes in the elected share. None for a plan that creates a share: a new share needs every
 * item, even if Cloudflare has accepted the same items for another share.
 */
const itemsIn = ({ plan }: Decision): PlanItem[] => (plan.action === 'update' ? itemsOf(plan) : []);

const addsResource = ({ kind, op }: PlanItem): boolean => kind === 'resource' && op === 'add';

const neverShown = (item: PlanItem, { plan }: Decision): string =>
  `Cloudflare accepted ${itemWords(item)}, but share ${plan.share_id} doesn't show it. It was not sent again, because it could then be in the share twice. Make sure that nothing else removes it, then run again`;

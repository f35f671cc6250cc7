// Observing: reading what is there for one desired share, and recording it in the ledger.

import type { Actual } from '../share/actual.ts';
import type { DesiredShare } from '../share/desired.ts';
import type { SharePlan } from '../share/plan.ts';
import { isLive, type Share } from '../share/share.ts';
import type { Context } from './context.ts';
import type { Made } from './create.ts';
import { type Found, find, type OwnWrites } from './find.ts';
import type { Ledger } from './ledger.ts';
import { readShare } from './read-share.ts';

/** Finds the share, reads what belongs to it, and records it in the ledger. */
export async function observe(
  context: Context,
  desired: DesiredShare,
  ledger: Ledger,
  ownWrites?: OwnWrites,
): Promise<Found> {
  const found = await find(context, desired, ownWrites);
  const actual = await readParts(context, desired, found.actual, ownWrites?.made);
  // Of several shares of the name nobody knows which is meant: the id of one is not passed on as the share's.
  const { share, namesakes = [] } = actual;
  if (desired.shareId === undefined && share && isLive(share) && namesakes.length > 0) return { ...found, actual };
  ledger.saw(seenOf(actual));
  if (share) context.log.idKnown(share.id);
  return { ...found, actual };
}

/** Reads exactly this share, and records it in the ledger. @returns nothing when it is not live */
export async function observeExactly(
  context: Context,
  desired: DesiredShare,
  shareId: string,
  ledger: Ledger,
): Promise<Actual | undefined> {
  const share = await readShare(context.api, shareId);
  if (!share || !isLive(share)) return undefined;
  const actual = await readParts(context, desired, { share }, undefined);
  ledger.saw(seenOf(actual));
  return actual;
}

/** Reads again what a plan changed: the outputs show what was read, and the next plan proves that nothing differs. */
export async function observeChanges(
  { api }: Context,
  actual: Actual,
  { recipients, resources, exclusions }: SharePlan,
  renamed: Share | undefined,
  ledger: Ledger,
): Promise<Actual> {
  const { share } = actual;
  if (!share) return actual;
  const touched = (...lists: readonly (readonly unknown[])[]): boolean => lists.some((list) => list.length > 0);
  const touchedResources = touched(resources.add, resources.update, resources.remove);
  const now: Actual = {
    ...actual,
    losers: [],
    share: touchedResources ? await wholeShare(api, share.id) : renamed ? withResourcesOf(share, renamed) : share,
    ...(touched(recipients.add, recipients.remove) ? { recipients: await api.recipients(share.id) } : {}),
    ...(exclusions && touched(exclusions.add, exclusions.remove) ? { exclusions: await api.exclusions(share.id) } : {}),
  };
  ledger.saw(seenOf(now));
  return now;
}

/** The share with its resources. An answer without any has left them out; they must not be added again. */
async function wholeShare(api: Context['api'], shareId: string): Promise<Share> {
  const share = await api.get(shareId);
  return (share.resources ?? []).length > 0 ? share : { ...share, resources: await api.resources(shareId) };
}

const seenOf = ({ share, recipients, exclusions }: Actual): Pick<Actual, 'share' | 'recipients' | 'exclusions'> => ({
  ...(share ? { share } : {}),
  ...(recipients ? { recipients } : {}),
  ...(exclusions ? { exclusions } : {}),
});

const withResourcesOf = (known: Share, answered: Share): Share => ({
  ...answered,
  ...(known.resources ? { resources: known.resources } : {}),
});

/**
 * Reads the resources where the list left them out: the outputs show them. Reads recipients and exclusions where they can
 * differ.
 */
async function readParts(
  { api, policy }: Context,
  desired: DesiredShare,
  actual: Actual,
  made: Made | undefined,
): Promise<Actual> {
  const { share, ours, namesakes = [] } = actual;
  if (!share || !isLive(share)) return actual;
  // The plan will be refused, because several shares have the name: there is nothing to compare.
  if (desired.shareId === undefined && namesakes.length > 0) return actual;
  const absent = desired.state === 'absent';
  // Whoever loses the share is named in the plan. One with another name than expected is not deleted.
  const isMeant = desired.shareId === undefined || desired.name === '' || desired.name === share.name;
  const goes = absent && isMeant && (desired.unlisted !== true || policy.prune);
  // The create call of this run was answered: recipients and exclusions are as they were sent.
  const asSent = ours === true && made?.answered?.id === share.id;
  // Every share has resources: an empty list means that the API left them out.
  const omitted = (share.resources ?? []).length === 0;
  const byAccounts = share.target_type === 'account' || policy.readAllRecipients;
  const excludes = desired.exclude !== undefined && share.target_type === 'organization';
  const [resources, recipients, exclusions] = await Promise.all([
    omitted && !absent ? api.resources(share.id) : undefined,
    goes || (byAccounts && !absent && !asSent) ? api.recipients(share.id) : undefined,
    excludes && !absent && !asSent ? api.exclusions(share.id) : undefined,
  ]);
  return {
    ...actual,
    share: resources ? { ...share, resources } : share,
    ...(recipients ? { recipients } : {}),
    ...(exclusions ? { exclusions } : {}),
  };
}

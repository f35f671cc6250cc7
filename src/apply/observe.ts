// Reads the input of a plan: the candidates for the election, and the lists of the elected share.
// src/share/election.ts decides who is elected.

import { ifFound } from '../cloudflare/errors.ts';
import type { DesiredShare } from '../share/desired.ts';
import {
  candidatesFor,
  type Election,
  electFrom,
  type Found,
  type IndexedListing,
  type Listing,
  needsListing,
  type OwnShares,
  possibleCandidates,
  shareById,
  showsOwn,
} from '../share/election.ts';
import { isLive, justShare, type Observed, type Share, sameId, sameName } from '../share/share.ts';
import { quoted } from '../share/words.ts';
import type { PlanContext } from './context.ts';
import { Stop } from './errors.ts';
import { lagPauses, untilFound } from './lag.ts';
import { withResources } from './share-list.ts';

/**
 * How recent a listing must be. `recent`: this run hasn't written anything yet for the share, so a listing that was
 * made for another share is enough. `fresh`: the listing must be made now, to show the changes of this run.
 */
type Recency = 'recent' | 'fresh';

/** Elects the share that a desired share refers to, and reads its lists. The ledger records what was read. */
export async function observe(context: PlanContext, desired: DesiredShare, recency: Recency): Promise<Found> {
  const { ledger, log } = context;
  const election = await electionFor(context, desired, recency);
  const observed = await readWinner(context, desired, election);
  // If several shares have the name, it isn't clear which is meant, so no id is passed on as the share's.
  const isUnclear = desired.shareId === undefined && election.namesakes.length > 0;
  if (observed && !(isUnclear && isLive(observed.share))) {
    ledger.recordObserved(observed);
    log.idKnown(observed.share.id);
  }
  const found = { observed, election };
  recordDuplicates(context, desired, found);
  return found;
}

async function electionFor(context: PlanContext, desired: DesiredShare, recency: Recency): Promise<Election> {
  const { api, policy, ledger, deletesLeftovers } = context;
  const { shareId, unlisted, state } = desired;
  const given = shareId === undefined || unlisted ? undefined : await api.find(shareId);
  // A share that is given only by its id keeps its name.
  const wanted = { ...desired, name: desired.name || (given?.name ?? '') };
  const listing = await listFor(context, wanted, given, recency);
  const untilGone = state === 'absent' && policy.mode !== 'plan' && policy.waitMs !== undefined;
  const rules = { replace: policy.replace, deletesLeftovers, untilGone };
  const election = electFrom({ given, listing }, wanted, ledger.own, rules);
  return withCurrentName(context, election);
}

/** While Cloudflare still shows the old name after a rename, the winner has the old name, which counts as the new one. */
function withCurrentName({ ledger }: PlanContext, election: Election): Election {
  const { winner } = election;
  const rename = winner && ledger.renameOf(winner.id);
  if (!winner || !rename?.pending) return election;
  return { ...election, winner: { ...winner, name: rename.from }, spelling: rename.from };
}

/**
 * Lists the shares that may be candidates for the desired one, corrected for this run's own deletions and renames.
 * @param given the share with the given id
 * @returns undefined if the given share decides the election
 */
async function listFor(
  context: PlanContext,
  desired: DesiredShare,
  given: Share | undefined,
  recency: Recency,
): Promise<Listing | undefined> {
  const { api, policy, shareList, ledger } = context;
  if (!needsListing(desired, given, policy)) return undefined;
  const { own } = ledger;
  const left = own && { ...own, ids: own.ids.filter((id) => !ledger.isGone(id)) };
  // Before the run deletes a share that isn't in a complete file, it lists again.
  const deletesUnlisted = desired.unlisted && policy.mode === 'apply' && policy.prune;
  const listing =
    recency === 'recent' && !deletesUnlisted ? await shareList.recent() : await listingThatShows(context, left);
  const { unreadable, serverTimeMs } = listing;
  const shares = ledger.corrected(possibleCandidates(listing, desired, own));
  if (!left || showsOwn(shares, left) || (await areGone(api, left.ids))) return { shares, unreadable, serverTimeMs };
  // A share with the name has already won, so even a stale listing is enough to decide. The run then deletes its own
  // share.
  const { created } = left;
  if (created && candidatesFor(desired, shares, own).named.length > 0)
    return { shares: [...shares, created], unreadable, serverTimeMs };
  throw new Stop(neverListed(left), 'cloudflare');
}

const neverListed = ({ ids, sentName }: OwnShares): string =>
  `The list of shares does not show share ${ids.join(', ')}, which this run created under the temporary name ${quoted(sentName)}. Another run may have created one too, so this run can't tell which share gets the name. Share ${ids.join(', ')} was left with its temporary name: run again to finish it`;

/** How long this run's own share may take to be listed. */
const OWN_SHARE_LISTED_WITHIN_MS = 18_000;

/**
 * Lists again until the list shows this run's own share. A stale list can hide older shares of other runs, and a share
 * from a create call whose response was lost. If another run deleted this run's own share as a leftover, no list will
 * ever show that share.
 */
async function listingThatShows(
  { shareList, api, log, ledger }: PlanContext,
  own: OwnShares | undefined,
): Promise<IndexedListing> {
  const ids = own?.ids ?? [];
  let listing = await shareList.fresh();
  let lagged = false;
  for (const pauseMs of lagPauses(OWN_SHARE_LISTED_WITHIN_MS)) {
    if (ids.every((id) => shareById(listing, id)) || (!lagged && (await areLeaving(api, ids)))) break;
    if (!lagged) log.say(`The list does not show share ${ids.join(', ')} yet: listing again`);
    lagged = true;
    await api.client.pause(pauseMs);
    listing = await shareList.fresh();
  }
  ledger.lagged ||= lagged;
  return listing;
}

/** Reads shares by their ids. A share that turns out to belong to another account exists, too. */
const readEach = (api: PlanContext['api'], shareIds: readonly string[]): Promise<(Share | undefined)[]> =>
  Promise.all(shareIds.map((id) => ifFound(api.get(id))));

const areGone = async (api: PlanContext['api'], shareIds: readonly string[]): Promise<boolean> =>
  (await readEach(api, shareIds)).every((share) => !share || !isLive(share));

/** Are the shares shown as being deleted? If a new share isn't found at all, the API may just not show it yet. */
const areLeaving = async (api: PlanContext['api'], shareIds: readonly string[]): Promise<boolean> =>
  (await readEach(api, shareIds)).every((share) => share && !isLive(share));

/** Records the shares from a create call whose result was unknown, once the list shows them. */
function recordDuplicates({ ledger }: PlanContext, { name }: DesiredShare, { observed, election }: Found): void {
  const { own } = ledger;
  if (!own) return;
  const duplicates = [...(observed ? [observed.share] : []), ...election.losers].filter(
    (share) => sameName(share.name, own.sentName) && !own.ids.some((id) => sameId(id, share.id)),
  );
  for (const { id } of duplicates) ledger.markDone({ kind: 'create', name, shareId: id });
  ledger.own = { ...own, ids: [...own.ids, ...duplicates.map(({ id }) => id)] };
}

async function readWinner(
  context: PlanContext,
  desired: DesiredShare,
  { winner, ours, isNew, namesakes }: Election,
): Promise<Observed | undefined> {
  if (!winner) return undefined;
  const { created } = context.ledger.own ?? {};
  const isCreated = sameId(created?.id, winner.id);
  // The list can omit resources, so take them from the create response.
  const share = withResourcesOf(isCreated ? created : undefined, winner);
  if (!isLive(share)) return justShare(share);
  // Several shares have the name. The plan will be refused, so there is nothing to compare.
  if (desired.shareId === undefined && namesakes.length > 0) return justShare(share);
  const read = (): Promise<Observed> => readLists(context, desired, share, { asSent: ours && isCreated, isNew });
  return isNew ? untilFound(context, read) : read();
}

/** The share, with the known resources if it has none, because a response can omit them. */
const withResourcesOf = (known: Share | undefined, share: Share): Share =>
  (share.resources ?? []).length === 0 && known?.resources ? { ...share, resources: known.resources } : share;

/**
 * Reads the resources if the list omitted them (the outputs show them), and recipients and exclusions if they can
 * differ.
 * @param options `asSent`: the create call of this run succeeded, so recipients and exclusions are as sent. `isNew`:
 * Cloudflare may not show the share's resources yet
 */
export async function readLists(
  { api, policy }: PlanContext,
  desired: DesiredShare,
  share: Share,
  { asSent = false, isNew = false }: { asSent?: boolean; isNew?: boolean } = {},
): Promise<Observed> {
  if (desired.state === 'absent') {
    // The plan names every recipient that loses the share. A share with an unexpected name is not deleted.
    const isMeant = desired.shareId === undefined || desired.name === '' || sameName(desired.name, share.name);
    const goes = isMeant && (desired.unlisted !== true || policy.prune);
    return goes ? { ...justShare(share), recipients: await api.recipients(share.id) } : justShare(share);
  }
  const byAccounts = share.target_type === 'account' || policy.readAllRecipients;
  // If nothing changes, a wait begins with these recipients.
  const withErrors = policy.mode === 'apply' && policy.waitMs !== undefined;
  const excludes = desired.exclude !== undefined && share.target_type === 'organization';
  const [whole, recipients, exclusions] = await Promise.all([
    withResources(api, share, { isNew }),
    byAccounts && !asSent ? api.recipients(share.id, { withErrors }) : ('not-read' as const),
    excludes && !asSent ? api.exclusions(share.id) : ('not-read' as const),
  ]);
  return { share: whole, recipients, exclusions };
}

// Finds the share that is meant (by id, or by name with an election), and reads it. Everything that is read is recorded
// in the ledger.

import type { Decision } from '../share/decide.ts';
import { type DesiredShare, withoutId } from '../share/desired.ts';
import {
  bearingOn,
  candidatesFor,
  type Election,
  electById,
  electByName,
  electUnlisted,
  type Found,
  fitsInPlace,
  isTemporaryName,
  type Listing,
  type OwnShares,
  shareById,
  showsOwn,
  uncontested,
} from '../share/election.ts';
import { isChange, itemsOf, type PlanItem } from '../share/plan.ts';
import { isLive, justShare, type Observed, type Share, sameId, sameName } from '../share/share.ts';
import { quoted } from '../share/words.ts';
import type { Context } from './context.ts';
import { Stop } from './explain.ts';
import { readShare, withResources } from './share-list.ts';

/**
 * How recent a listing must be. `recent`: this run hasn't written anything yet for the share, so a listing that was
 * made for another share is enough. `fresh`: the listing must be made now, to show what this run did.
 */
type Recency = 'recent' | 'fresh';

/** Elects the share and reads its lists. */
export async function observe(context: Context, desired: DesiredShare, recency: Recency): Promise<Found> {
  const election = withCurrentName(context, await electionFor(context, desired, recency));
  const observed = await readWinner(context, desired, election);
  // If several shares have the name, it isn't clear which is meant, so no id is passed on as the share's.
  const isUnclear = desired.shareId === undefined && election.namesakes.length > 0;
  if (observed && !(isUnclear && isLive(observed.share))) {
    context.ledger.saw(observed);
    context.log.idKnown(observed.share.id);
  }
  return { observed, election };
}

/** While Cloudflare still shows the old name after a rename, the winner has the old name, which counts as the new one. */
function withCurrentName({ ledger }: Context, election: Election): Election {
  const { winner } = election;
  const rename = winner && ledger.renameOf(winner.id);
  if (!winner || !rename?.pending) return election;
  return { ...election, winner: { ...winner, name: rename.from }, spelling: rename.from };
}

/** Reads the share with this id. @returns undefined if it isn't live */
export async function observeExactly(
  context: Context,
  desired: DesiredShare,
  shareId: string,
): Promise<Observed | undefined> {
  const share = await readShare(context.api, shareId);
  if (!share || !isLive(share)) return undefined;
  const observed = await readLists(context, desired, share);
  context.ledger.saw(observed);
  return observed;
}

/**
 * Reads again what an update changed, so that the outputs show it, and the next plan proves that nothing differs.
 * @param renamed the response to the rename
 */
export async function observeChanges(
  { api, ledger }: Context,
  { plan, found: { observed, election } }: Decision,
  renamed: Share | undefined,
): Promise<Found> {
  const now = { observed, election: { ...election, losers: [] } };
  if (!observed) return now;
  const { share } = observed;
  const changed = new Set<PlanItem['kind']>(
    itemsOf(plan)
      .filter(isChange)
      .map(({ kind }) => kind),
  );
  const observedNow: Observed = {
    share: changed.has('resource')
      ? await withResources(api, await api.get(share.id))
      : renamed
        ? { ...renamed, ...(share.resources ? { resources: share.resources } : {}) }
        : share,
    recipients: changed.has('recipient') ? await api.recipients(share.id) : observed.recipients,
    exclusions: changed.has('exclusion') ? await api.exclusions(share.id) : observed.exclusions,
  };
  ledger.saw(observedNow);
  return { ...now, observed: observedNow };
}

/** The share, with the known resources if it has none, because a response can omit them. */
const withResourcesOf = (known: Share | undefined, share: Share): Share =>
  (share.resources ?? []).length === 0 && known?.resources ? { ...share, resources: known.resources } : share;

async function readWinner(
  context: Context,
  desired: DesiredShare,
  { winner, ours, namesakes }: Election,
): Promise<Observed | undefined> {
  if (!winner) return undefined;
  const { created } = context.ledger.own ?? {};
  const isCreated = sameId(created?.id, winner.id);
  // The list can omit resources, so take them from the create response.
  const share = withResourcesOf(isCreated ? created : undefined, winner);
  if (!isLive(share)) return justShare(share);
  // Several shares have the name. The plan will be refused, so there is nothing to compare.
  if (desired.shareId === undefined && namesakes.length > 0) return justShare(share);
  return readLists(context, desired, share, ours && isCreated);
}

/**
 * Reads the resources if the list omitted them (the outputs show them), and recipients and exclusions if they can
 * differ.
 * @param asSent the create call of this run succeeded, so recipients and exclusions are as sent
 */
async function readLists(
  { api, policy }: Context,
  desired: DesiredShare,
  share: Share,
  asSent = false,
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
    withResources(api, share),
    byAccounts && !asSent ? api.recipients(share.id, { withErrors }) : ('not-read' as const),
    excludes && !asSent ? api.exclusions(share.id) : ('not-read' as const),
  ]);
  return { share: whole, recipients, exclusions };
}

function electionFor(context: Context, desired: DesiredShare, recency: Recency): Promise<Election> {
  if (desired.shareId === undefined) return byName(context, desired, recency);
  if (desired.unlisted) return inList(context, desired.shareId);
  return byId(context, desired, desired.shareId, recency);
}

/** Elects the share with the name or, if none exists, a temporary share that will get the name. */
async function byName(context: Context, desired: DesiredShare, recency: Recency): Promise<Election> {
  const { policy, tidiesOthers, ledger } = context;
  const listing = await listFor(context, desired, recency);
  const untilGone = desired.state === 'absent' && policy.mode !== 'plan' && policy.waitMs !== undefined;
  return electByName(listing, desired, ledger.own, { replace: policy.replace, tidiesOthers, untilGone });
}

/** A share that isn't in a complete file. Before deleting it, the run lists again. */
async function inList({ shareList, policy }: Context, shareId: string): Promise<Election> {
  const deletes = policy.mode === 'apply' && policy.prune;
  return electUnlisted(await (deletes ? shareList.fresh() : shareList.recent()), shareId);
}

async function byId(context: Context, desired: DesiredShare, shareId: string, recency: Recency): Promise<Election> {
  const { api, policy, ledger } = context;
  const share = await readShare(api, shareId);
  if (!share || desired.state === 'absent') return uncontested(share);
  const named = withoutId({ ...desired, name: desired.name || share.name });
  if (!isLive(share)) {
    // An interrupted replacement: the old share is gone, and the new one still has its temporary name.
    if (!policy.replace) return uncontested(share);
    const election = await byName(context, named, recency);
    const { winner } = election;
    const finishes = winner !== undefined && (ledger.own !== undefined || isTemporaryName(winner.name));
    return finishes ? election : uncontested(share);
  }
  if (sameName(share.name, named.name) && fitsInPlace(desired, share)) return uncontested(share);
  // A rename or a replacement must not create a second share with the name.
  return electById(share, await listFor(context, named, recency), named, ledger.own);
}

/** Lists the shares that may be candidates for the desired one, corrected for this run's own deletions and renames. */
async function listFor(context: Context, desired: DesiredShare, recency: Recency): Promise<Omit<Listing, 'byKey'>> {
  const { api, shareList, ledger } = context;
  if (recency === 'recent') {
    const listing = await shareList.recent();
    return { ...listing, shares: bearingOn(listing, desired, undefined) };
  }
  const { own } = ledger;
  const left = own && { ...own, ids: own.ids.filter((id) => !ledger.isGone(id)) };
  const listing = left ? await listingThatShows(context, left) : await shareList.fresh();
  const shares = bearingOn(listing, desired, own)
    .filter(({ id }) => !ledger.isGone(id))
    .map((share) => withAcceptedName(share, ledger));
  if (!left || showsOwn(shares, left) || (await areGone(api, left.ids))) return { ...listing, shares };
  // A share with the name has already won, so even a stale listing is enough to decide. The run then deletes its own
  // share.
  const { created } = left;
  if (created && candidatesFor(desired, shares, own).named.length > 0)
    return { ...listing, shares: [...shares, created] };
  throw new Stop(neverListed(left), 'cloudflare');
}

const neverListed = ({ ids, sentName }: OwnShares): string =>
  `The list of shares does not show share ${ids.join(', ')}, which this run created under the temporary name ${quoted(sentName)}. Another run may have created one too, so this run can't tell which share gets the name. Share ${ids.join(', ')} was left with its temporary name: run again to finish it`;

/** Pauses between listings that don't show this run's own share yet, in milliseconds. */
const LAG_PAUSES_MS = [250, 500, 1_000, 2_000, 2_000, 2_000, 2_000, 2_000, 2_000, 2_000];

/**
 * Lists again until the list shows what this run created. A stale list can hide older shares of other runs, and a share
 * from a create call whose response was lost. If another run deleted this run's own share as a leftover, no list will
 * ever show it.
 */
async function listingThatShows({ shareList, api, log, ledger }: Context, own: OwnShares): Promise<Listing> {
  const shows = (listing: Listing): boolean => own.ids.every((id) => shareById(listing, id));
  let listing = await shareList.fresh();
  let lagged = false;
  for (const pauseMs of LAG_PAUSES_MS) {
    if (shows(listing) || (!lagged && (await areGone(api, own.ids)))) break;
    if (!lagged) log.say(`The list does not show share ${own.ids.join(', ')} yet: listing again`);
    lagged = true;
    await api.client.pause(pauseMs);
    listing = await shareList.fresh();
  }
  ledger.lagged ||= lagged;
  return listing;
}

/** Gives the share its new name if the listing still shows the old one. */
function withAcceptedName(share: Share, ledger: Context['ledger']): Share {
  const rename = ledger.renameOf(share.id);
  return rename && sameName(share.name, rename.from) ? { ...share, name: rename.to } : share;
}

async function areGone(api: Context['api'], shareIds: readonly string[]): Promise<boolean> {
  const shares = await Promise.all(shareIds.map((id) => readShare(api, id)));
  return shares.every((share) => share === undefined || !isLive(share));
}

// Reading what is there for one desired share: by its name, through an election, or by its id.

import type { Actual } from '../share/actual.ts';
import type { DesiredShare } from '../share/desired.ts';
import { candidatesFor, elect, isOwn, isTemporaryName, showsOwn } from '../share/election.ts';
import { fitsInPlace } from '../share/fits.ts';
import type { SharePlan } from '../share/plan.ts';
import { isLive, isOwnedBy, type Share } from '../share/share.ts';
import type { Context } from './context.ts';
import type { Made } from './create.ts';
import type { Ledger } from './ledger.ts';
import type { Look } from './looks.ts';
import { readOrGone } from './remove.ts';

/** What this run did to the world so far, as far as it bears on what a look shows. */
export interface Doings {
  made?: Made;
  /** Ids of shares that are known to be gone: a list that lags may still show them. */
  gone: readonly string[];
}

export interface Observation {
  actual: Actual;
  /** A look did not show the share that this run had made: the list is older than it is. */
  lagged: boolean;
}

/** How long to wait before another look when one did not show this run's own share, in milliseconds. */
const LAG_PAUSES_MS = [250, 500, 1_000, 2_000, 2_000, 2_000, 2_000, 2_000, 2_000, 2_000];

/**
 * Reads what is there, and tells the ledger.
 * @param doings Undefined: the run has done nothing yet, and may share its look with other shares
 */
export async function observe(
  context: Context,
  desired: DesiredShare,
  ledger: Ledger,
  doings?: Doings,
): Promise<Observation> {
  const found = await find(context, desired, doings);
  const actual = await readParts(context, desired, found.actual, doings?.made);
  ledger.saw(seenOf(actual));
  if (actual.share) context.log.idKnown(actual.share.id);
  return { ...found, actual };
}

/** Reads exactly this share, and tells the ledger. @returns nothing when it is not live */
export async function observeExactly(
  context: Context,
  desired: DesiredShare,
  shareId: string,
  ledger: Ledger,
): Promise<Actual | undefined> {
  const share = await readOrGone(context.api, shareId);
  if (!share || !isLive(share)) return undefined;
  const actual = await readParts(context, desired, { share }, undefined);
  ledger.saw(seenOf(actual));
  return actual;
}

function find(context: Context, desired: DesiredShare, doings: Doings | undefined): Promise<Observation> {
  if (desired.shareId === undefined) return findByName(context, desired, doings);
  if (desired.unlisted) return findInList(context, desired.shareId);
  return findById(context, desired, desired.shareId, doings);
}

/** Reads again what a plan has changed: it is the answer, and the proof. */
export async function observeAgain(
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

/** The share with its resources. An answer without any has left them out: what is taken for missing would be added again. */
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

/** Finds the share of the name, or the temporary one that is elected to get it. */
async function findByName(context: Context, desired: DesiredShare, doings: Doings | undefined): Promise<Observation> {
  const { look, lagged } = await lookWith(context, desired, doings);
  const actual = electedIn(look, context, desired, doings?.made);
  const waits = desired.state === 'absent' && context.policy.mode !== 'plan' && context.policy.waitMs !== undefined;
  return { lagged, actual: actual.share || !waits ? actual : await goingBy(context, desired) };
}

/** Shares of the name that are on their way out already: whoever waits for the name to be gone waits for them. */
async function goingBy({ api }: Context, { name, accountId }: DesiredShare): Promise<Actual> {
  const { shares } = await api.list({ status: 'deleting' });
  const going = shares.filter((share) => share.name === name && isOwnedBy(share, accountId));
  const [share, ...namesakes] = going;
  return share ? { share, namesakes } : {};
}

function electedIn(look: Look, context: Context, desired: DesiredShare, made: Made | undefined): Actual {
  const { policy } = context;
  const candidates = candidatesFor(desired, look.shares, made);
  const absent = desired.state === 'absent';
  const old = candidates.named[0] ?? candidates.previous[0];
  const replacing = !absent && policy.replace && old !== undefined && !fitsInPlace(desired, old);
  const { winner, successor, losers } = elect(candidates, made, look.serverTimeMs, replacing);
  const ours = winner !== undefined && isOwn(winner, made);
  const isOther = ({ id }: Share): boolean => id !== winner?.id && !losers.some((loser) => loser.id === id);
  return {
    ...(winner ? { share: withAnsweredResources(winner, made) } : {}),
    ...(successor ? { successor } : {}),
    ...(ours ? { ours } : {}),
    ...(made?.spelling === undefined ? {} : { spelling: made.spelling }),
    namesakes: candidates.named.filter(isOther),
    previous: candidates.previous.filter(isOther),
    // Whoever asks for a share to be gone does not want the one that an interrupted run left to appear later.
    losers: (absent
      ? [...candidates.temporary, ...candidates.misfits].filter(({ id }) => id !== winner?.id)
      : losers
    ).filter((loser) => mayTidy(loser, context, made)),
    odd: oddOf(look, desired),
  };
}

/** What another run left behind is in no plan: a run that is held to a reviewed one leaves it to the next. */
const mayTidy = (share: Share, { objectionTo }: Context, made: Made | undefined): boolean =>
  objectionTo === undefined || isOwn(share, made);

/** Shares in a form that cannot be understood, and that bear the name: they may be the one. */
const oddOf = ({ odd }: Look, { name, previousName }: DesiredShare): Look['odd'] =>
  odd.filter((each) => typeof each.name === 'string' && (each.name === name || each.name === previousName));

/** The list may omit resources; the answer to this run's own create call has them. */
function withAnsweredResources(share: Share, made: Made | undefined): Share {
  const answered = made?.answered;
  const omitted = !share.resources || share.resources.length === 0;
  return omitted && answered?.id === share.id && answered.resources
    ? { ...share, resources: answered.resources }
    : share;
}

/** A look, and whether one before it was seen to lag. */
interface Looked {
  look: Look;
  lagged: boolean;
}

/** A look that goes with what the run has done so far: it shows what was made, and not what is gone. */
async function lookWith(context: Context, desired: DesiredShare, doings: Doings | undefined): Promise<Looked> {
  if (!doings) return { look: await context.looks.recent(), lagged: false };
  const { made, gone } = doings;
  const isThere = ({ id }: { id: string }): boolean => !gone.includes(id);
  const left = made && { ...made, ids: made.ids.filter((id) => isThere({ id })) };
  const { look, lagged } = left
    ? await lookThatShows(context, desired, left)
    : { look: await context.looks.fresh(), lagged: false };
  const shares = look.shares.filter(isThere);
  // A look that still does not show this run's own share is completed by the answer to its create call.
  const { answered } = made ?? {};
  const isMissing = answered && isThere(answered) && !shares.some(({ id }) => id === answered.id);
  return { lagged, look: { ...look, shares: isMissing ? [...shares, answered] : shares } };
}

/**
 * Looks until the look shows what this run made: an older one cannot show who else was there. A share that has the name
 * wins whoever else was there, and decides at once: this run's own may have been tidied away as left over.
 */
async function lookThatShows({ looks, api, log }: Context, desired: DesiredShare, made: Made): Promise<Looked> {
  const decides = ({ shares }: Look): boolean =>
    showsOwn(shares, made) || candidatesFor(desired, shares, made).named.some((share) => fitsInPlace(desired, share));
  let look = await looks.fresh();
  let lagged = false;
  for (const pauseMs of LAG_PAUSES_MS) {
    if (decides(look)) break;
    if (!lagged) log.say(`The list does not show share ${made.ids.join(', ')} yet: looking again`);
    lagged = true;
    await api.client.pause(pauseMs);
    look = await looks.fresh();
  }
  return { look, lagged };
}

/** A share that a complete file does not list is known from the list. Before it is deleted, it is looked at anew. */
async function findInList({ looks, policy }: Context, shareId: string): Promise<Observation> {
  const { shares } = await (policy.mode === 'apply' && policy.prune ? looks.fresh() : looks.recent());
  const share = shares.find(({ id }) => id === shareId);
  return { lagged: false, actual: share ? { share } : {} };
}

async function findById(
  context: Context,
  desired: DesiredShare,
  shareId: string,
  doings: Doings | undefined,
): Promise<Observation> {
  const share = await readOrGone(context.api, shareId);
  if (!share || desired.state === 'absent') return { lagged: false, actual: share ? { share } : {} };
  const named = { ...desired, name: desired.name || share.name };
  if (!isLive(share)) {
    // An interrupted replacement: the old share went, and the new one waits under its temporary name.
    if (!context.policy.replace) return { lagged: false, actual: { share } };
    const { lagged, actual } = await findByName(context, withoutId(named), doings);
    const found = actual.share;
    const finishes = found !== undefined && (doings?.made !== undefined || isTemporaryName(found.name));
    return { lagged, actual: finishes ? actual : { share } };
  }
  const fits = fitsInPlace(desired, share);
  if (share.name === named.name && fits) return { lagged: false, actual: { share } };
  // A rename or a replacement must not make a second share of the name.
  const { look, lagged } = await lookWith(context, desired, doings);
  const candidates = candidatesFor(withoutId(named), look.shares, doings?.made);
  const [successor] = candidates.temporary;
  return {
    lagged,
    actual: {
      share,
      ...(successor && !fits ? { successor } : {}),
      namesakes: candidates.named.filter(({ id }) => id !== share.id),
      odd: oddOf(look, named).filter(({ id }) => id !== share.id),
    },
  };
}

export const withoutId = ({ shareId, ...desired }: DesiredShare): DesiredShare => desired;

/** The resources belong to every report of a share; recipients and exclusions are read where they can differ. */
async function readParts(
  { api, policy }: Context,
  desired: DesiredShare,
  actual: Actual,
  made: Made | undefined,
): Promise<Actual> {
  const { share, ours, namesakes = [] } = actual;
  if (!share || !isLive(share)) return actual;
  // Which of several is meant cannot be told: there is nothing to compare.
  if (desired.shareId === undefined && namesakes.length > 0) return actual;
  const absent = desired.state === 'absent';
  // What this run sent itself, and got an answer to, is as it was sent.
  const asSent = ours === true && made?.answered?.id === share.id;
  // A share has resources: a list without any has left them out.
  const omitted = (share.resources ?? []).length === 0;
  const byAccounts = share.target_type === 'account' || policy.readAllRecipients;
  const excludes = desired.exclude !== undefined && share.target_type === 'organization';
  const [resources, recipients, exclusions] = await Promise.all([
    omitted && !absent ? api.resources(share.id) : undefined,
    byAccounts && !absent && !asSent ? api.recipients(share.id) : undefined,
    excludes && !absent && !asSent ? api.exclusions(share.id) : undefined,
  ]);
  return {
    ...actual,
    share: resources ? { ...share, resources } : share,
    ...(recipients ? { recipients } : {}),
    ...(exclusions ? { exclusions } : {}),
  };
}

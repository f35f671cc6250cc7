// Finding the share that a desired share is about: in a list by its name, with an election, or by its id. What belongs to
// the share is read by observe.ts.

import type { Actual } from '../share/actual.ts';
import { type DesiredShare, withoutId } from '../share/desired.ts';
import { candidatesFor, elect, isOwn, isTemporaryName, showsOwn } from '../share/election.ts';
import { fitsInPlace } from '../share/fits.ts';
import { isLive, isOwnedBy, type Share } from '../share/share.ts';
import type { Context } from './context.ts';
import type { Made } from './create.ts';
import type { Look } from './looks.ts';
import { readShare } from './read-share.ts';

/** What this run wrote so far: the share that it made, and the shares that it deleted. A list may show neither yet. */
export interface OwnWrites {
  made?: Made;
  /** Ids of shares that are gone. A list that lags may still show them. */
  gone: readonly string[];
}

export interface Found {
  actual: Actual;
  /** A look did not show the share that this run had made: the list lags. */
  lagged: boolean;
}

/** When a look does not show this run's own share: the pauses before the next looks, in milliseconds. */
const LAG_PAUSES_MS = [250, 500, 1_000, 2_000, 2_000, 2_000, 2_000, 2_000, 2_000, 2_000];

/** @param ownWrites undefined: the run wrote nothing yet, and may share its look with other shares */
export function find(context: Context, desired: DesiredShare, ownWrites: OwnWrites | undefined): Promise<Found> {
  if (desired.shareId === undefined) return findByName(context, desired, ownWrites);
  if (desired.unlisted) return findInList(context, desired.shareId);
  return findById(context, desired, desired.shareId, ownWrites);
}

/** Finds the share of the name. If there is none, finds the temporary share that is elected to get the name. */
async function findByName(context: Context, desired: DesiredShare, ownWrites: OwnWrites | undefined): Promise<Found> {
  const { look, lagged } = await lookWith(context, ownWrites);
  const actual = electedIn(look, context, desired, ownWrites?.made);
  const waits = desired.state === 'absent' && context.policy.mode !== 'plan' && context.policy.waitMs !== undefined;
  return { lagged, actual: actual.share || !waits ? actual : await deletingOf(context, desired) };
}

/** Shares of the name that are being deleted already. A run that waits until the name is gone waits for them too. */
async function deletingOf({ api }: Context, { name, accountId }: DesiredShare): Promise<Actual> {
  const { shares } = await api.list({ status: 'deleting' });
  const [share, ...namesakes] = shares.filter((each) => each.name === name && isOwnedBy(each, accountId));
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
    // An absent share leaves no temporary one behind: another run would finish it, and the share would be back.
    losers: (absent
      ? [...candidates.temporary, ...candidates.misfits].filter(({ id }) => id !== winner?.id)
      : losers
    ).filter((loser) => mayTidy(loser, context, made)),
    unreadable: unreadableOf(look, desired),
  };
}

/** No reviewed plan has what another run left behind. So a run with a reviewed plan leaves that to a later run. */
const mayTidy = (share: Share, { objectionTo }: Context, made: Made | undefined): boolean =>
  objectionTo === undefined || isOwn(share, made);

/** Unreadable shares with the name: each may be the share that is meant. */
const unreadableOf = ({ unreadable }: Look, { name, previousName }: DesiredShare): Look['unreadable'] =>
  unreadable.filter((each) => each.name !== undefined && (each.name === name || each.name === previousName));

/** The list may omit resources. For a share of this run, the answer to its create call has them. */
function withAnsweredResources(share: Share, made: Made | undefined): Share {
  const answered = made?.answered;
  const omitted = !share.resources || share.resources.length === 0;
  return omitted && answered?.id === share.id && answered.resources
    ? { ...share, resources: answered.resources }
    : share;
}

/** A look, and whether an earlier one lagged. */
interface Looked {
  look: Look;
  lagged: boolean;
}

/** A look that agrees with what this run did: it shows what the run made, and does not show what is gone. */
async function lookWith(context: Context, ownWrites: OwnWrites | undefined): Promise<Looked> {
  if (!ownWrites) return { look: await context.looks.recent(), lagged: false };
  const { made, gone } = ownWrites;
  const isThere = ({ id }: { id: string }): boolean => !gone.includes(id);
  const left = made && { ...made, ids: made.ids.filter((id) => isThere({ id })) };
  const { look, lagged } = left
    ? await lookThatShows(context, left)
    : { look: await context.looks.fresh(), lagged: false };
  const shares = look.shares.filter(isThere);
  // If the look still does not show this run's own share, the answer to the create call stands in.
  const { answered } = made ?? {};
  const isMissing = answered && isThere(answered) && !shares.some(({ id }) => id === answered.id);
  return { lagged, look: { ...look, shares: isMissing ? [...shares, answered] : shares } };
}

/**
 * Looks until the list shows what this run made. An older list may hide older shares of other runs, and a share that a
 * lost create call made. Another run may have deleted this run's own as left over: then no list will ever show it.
 */
async function lookThatShows({ looks, api, log }: Context, made: Made): Promise<Looked> {
  let look = await looks.fresh();
  let lagged = false;
  for (const pauseMs of LAG_PAUSES_MS) {
    if (showsOwn(look.shares, made) || (!lagged && (await areGone(api, made.ids)))) break;
    if (!lagged) log.say(`The list does not show share ${made.ids.join(', ')} yet: looking again`);
    lagged = true;
    await api.client.pause(pauseMs);
    look = await looks.fresh();
  }
  return { look, lagged };
}

async function areGone(api: Context['api'], shareIds: readonly string[]): Promise<boolean> {
  const shares = await Promise.all(shareIds.map((id) => readShare(api, id)));
  return shares.every((share) => share === undefined || !isLive(share));
}

/** Finds a share that a complete file does not list. Before it is deleted, the list is read again. */
async function findInList({ looks, policy }: Context, shareId: string): Promise<Found> {
  const { shares, unreadable } = await (policy.mode === 'apply' && policy.prune ? looks.fresh() : looks.recent());
  const share = shares.find(({ id }) => id === shareId);
  return { lagged: false, actual: share ? { share } : { unreadable: unreadable.filter(({ id }) => id === shareId) } };
}

async function findById(
  context: Context,
  desired: DesiredShare,
  shareId: string,
  ownWrites: OwnWrites | undefined,
): Promise<Found> {
  const share = await readShare(context.api, shareId);
  if (!share || desired.state === 'absent') return { lagged: false, actual: share ? { share } : {} };
  const named = { ...desired, name: desired.name || share.name };
  if (!isLive(share)) {
    // A replacement was interrupted: the old share is gone, and the new one still has its temporary name.
    if (!context.policy.replace) return { lagged: false, actual: { share } };
    const { lagged, actual } = await findByName(context, withoutId(named), ownWrites);
    const found = actual.share;
    const finishes = found !== undefined && (ownWrites?.made !== undefined || isTemporaryName(found.name));
    return { lagged, actual: finishes ? actual : { share } };
  }
  const fits = fitsInPlace(desired, share);
  if (share.name === named.name && fits) return { lagged: false, actual: { share } };
  // A rename or a replacement must not make a second share of the name.
  const { look, lagged } = await lookWith(context, ownWrites);
  const candidates = candidatesFor(withoutId(named), look.shares, ownWrites?.made);
  const [successor] = candidates.temporary;
  return {
    lagged,
    actual: {
      share,
      ...(successor && !fits ? { successor } : {}),
      namesakes: candidates.named.filter(({ id }) => id !== share.id),
      unreadable: unreadableOf(look, named).filter(({ id }) => id !== share.id),
    },
  };
}

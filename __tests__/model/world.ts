// The account in the model: the live shares that matter for one name, as a short string. A string is its own key, so equal
// worlds are one state. The election is the real one: each world is converted into shares as the API returns them.

import type { DesiredShare } from '../../src/share/desired.ts';
import {
  type Candidates,
  candidatesFor,
  type Election,
  fitsInPlace,
  type OwnShares,
  showsOwn,
} from '../../src/share/election.ts';
import { idKey, type Share } from '../../src/share/share.ts';
import { temporaryName } from '../../src/share/temporary-name.ts';

/** Each letter is a share's id, a share's place in the order of `created`, or a run. */
const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz';
/** The place of the first share that a run creates. A wrong clock can cause a lower one. */
const FIRST_PLACE = 18;
/** Longer than the two minutes after which a temporary share counts as leftover. */
const PERIOD_MS = 180_000;
const START_MS = Date.UTC(2026, 0, 1);

/** The name that all runs desire. */
export const DESIRED_NAME = 'N';
/** The creators of shares that exist at the start: two killed runs, and somebody who used the final name. */
export const [DEAD, DEAD_TOO, SOMEBODY] = ['x', 'y', 's'] as const;
/** The run that follows all others. */
export const LAST_RUN = 'z';

/** A live share. Every field is one letter. */
export interface Item {
  /** In the order in which the create calls executed. */
  id: string;
  /** Its place in the order of `created`. */
  place: string;
  /** `N`, or the letter of the run whose temporary name it has. */
  name: string;
  /** The run that created it. */
  creator: string;
  /** The period of three minutes in which it was created. */
  period: string;
  /** `-` if it has the other target (the organization, although accounts are desired), so it can't be updated. */
  fits: '+' | '-';
  /** `.`: the run got the response. `u`: the response was lost, and the call executed at once. `l`: it executed later. */
  response: '.' | 'u' | 'l';
}

/** Live shares with seven letters each, in the order of their ids. */
export type World = string;

const WIDTH = 7;
const written = (i: Item): string => i.id + i.place + i.name + i.creator + i.period + i.fits + i.response;
export const worldOf = (items: readonly Item[]): World => items.map(written).join('');

const read = new Map<World, readonly Item[]>();
export function itemsOf(world: World): readonly Item[] {
  const known = read.get(world);
  if (known) return known;
  const items: Item[] = [];
  for (let at = 0; at < world.length; at += WIDTH) {
    const [id, place, name, creator, period, fits, response] = world.slice(at, at + WIDTH) as unknown as string[];
    items.push({ id, place, name, creator, period, fits, response } as Item);
  }
  read.set(world, items);
  return items;
}

export const find = (world: World, id: string): Item | undefined => itemsOf(world).find((item) => item.id === id);
export const without = (world: World, id: string): World => worldOf(itemsOf(world).filter((item) => item.id !== id));
export const renamed = (world: World, id: string): World =>
  worldOf(itemsOf(world).map((item) => (item.id === id ? { ...item, name: DESIRED_NAME } : item)));

/** @param made how many shares were created so far, which is the new one's id */
export function withNew(
  world: World,
  made: number,
  item: Pick<Item, 'creator' | 'period' | 'response'>,
  skewed: boolean,
): World {
  const places = itemsOf(world).map(({ place }) => LETTERS.indexOf(place));
  const place = skewed ? Math.min(...places) - 1 : FIRST_PLACE + made;
  return world + written({ ...item, id: letter(made), place: letter(place), name: item.creator, fits: '+' });
}

export const letter = (number: number): string => LETTERS[number] as string;

const nonceOf = (run: string): string => `${run}00000000000`;
const createdMs = ({ period, place }: Item): number =>
  START_MS + LETTERS.indexOf(period) * PERIOD_MS + LETTERS.indexOf(place) * 10;

const asShare = (item: Item): Share => ({
  id: item.id,
  account_id: 'owner',
  account_name: 'Owner',
  organization_id: 'organization',
  name: item.name === DESIRED_NAME ? DESIRED_NAME : temporaryName(DESIRED_NAME, nonceOf(item.name)),
  created: new Date(createdMs(item)).toISOString(),
  modified: new Date(createdMs(item)).toISOString(),
  status: 'active',
  target_type: item.fits === '+' ? 'account' : 'organization',
});

const desired: DesiredShare = {
  name: DESIRED_NAME,
  accountId: 'owner',
  state: 'present',
  recipients: [{ recipient_account_id: 'branch' }],
  resources: [],
  target: 'account',
  placeOf: () => ({ label: '' }),
};

type Elected = Pick<Election, 'winner' | 'successor' | 'losers'>;
export type Elect = (candidates: Candidates, own: OwnShares | undefined, nowMs: number, replacing: boolean) => Elected;

/** A run's verdict on a listing. Ids are letters, and a list of ids is a string. */
export interface Conclusion {
  showsOwn: boolean;
  /** The run's own shares in the listing. */
  own: string;
  /** The shares that the run knows it created and that are not listed. */
  unseen: string;
  /** `''` if there is none. */
  winner: string;
  /** Whether the winner has the desired name. */
  named: boolean;
  /** Whether the winner has the desired name and the wrong target. */
  misfit: boolean;
  /** `''` if there is none. */
  successor: string;
  losers: string;
}

/** Creates a function that gives a run's verdict by the real or a broken election, and caches it per listing. */
export function concluder(elect: Elect) {
  const known = new Map<string, Conclusion>();
  return (listing: World, run: string, ids: string | undefined, period: number): Conclusion => {
    const key = `${listing}/${run}${ids ?? '-'}${period}`;
    const before = known.get(key);
    if (before) return before;
    const shares = itemsOf(listing).map(asShare);
    const own: OwnShares | undefined =
      ids === undefined ? undefined : { sentName: temporaryName(DESIRED_NAME, nonceOf(run)), ids: [...ids] };
    const candidates = candidatesFor(desired, shares, own);
    const nowMs = START_MS + period * PERIOD_MS + 1000;
    const { winner } = elect(candidates, own, nowMs, false);
    const named = winner?.name === DESIRED_NAME;
    const misfit = named && winner !== undefined && !fitsInPlace(desired, winner);
    const election = elect(candidates, own, nowMs, misfit);
    const conclusion: Conclusion = {
      showsOwn: own === undefined || showsOwn(shares, own),
      own: itemsOf(listing)
        .filter(({ creator, name }) => own && creator === run && name === run)
        .map(({ id }) => idKey(id))
        .join(''),
      unseen: [...(ids ?? '')].filter((id) => !find(listing, id)).join(''),
      winner: winner?.id ?? '',
      named,
      misfit,
      successor: election.successor?.id ?? '',
      losers: election.losers.map(({ id }) => id).join(''),
    };
    known.set(key, conclusion);
    return conclusion;
  };
}

/** A world in readable form. */
export const described = (world: World): string =>
  itemsOf(world)
    .map(
      ({ id, name, creator, fits }) =>
        `${id}=${name === DESIRED_NAME ? `N(by ${creator})` : `T${name}`}${fits === '-' ? ' wide' : ''}`,
    )
    .join(', ') || 'nothing';

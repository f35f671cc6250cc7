// What the last line of a failed step says, and what has become of the shares, put side by side.

import type { Simulator } from '../../simulator/index.ts';
import { count } from '../../src/share/words.ts';

export type ShareNow = ReturnType<Simulator['liveShares']>[number];

/** A share, as far as a file can say how it is to be. */
export interface State {
  name: string;
  target: string;
  /** Accounts, sorted; none for an organization, whose membership it follows. */
  recipients: string[];
  /** `id meta`, sorted. */
  resources: string[];
  /** Accounts, sorted; none for a share with accounts. */
  exclusions: string[];
}

/** What is to become of one share. Without `from` it is to be made, and without `to` it is to go. */
export interface Transition {
  /** The id of a share that is there. */
  from?: string;
  to?: State;
}

/** What is live after a run, and what was live before it. */
export interface World {
  live: readonly ShareNow[];
  before: readonly ShareNow[];
}

const MARK = / \[creating [0-9a-z]{12,}\]$/;

/** Does the share have the name that it has until it is elected? */
export const isTemporary = ({ name }: { name: string }): boolean => MARK.test(name);
/** The name of a share, or the one that it is to get. */
export const nameOf = ({ name }: { name: string }): string => name.replace(MARK, '');

export const stateOf = (share: ShareNow): State => ({
  name: share.name,
  target: share.target_type,
  recipients:
    share.target_type === 'organization'
      ? []
      : share.recipients
          .filter((r) => !r.association_status.startsWith('disassociat'))
          .map((r) => r.account_id)
          .sort(),
  resources: share.resources
    .filter((r) => r.status === 'active')
    .map((r) => `${r.resource_id} ${JSON.stringify(r.meta)}`)
    .sort(),
  exclusions: share.exclusions.map((e) => e.account_id).sort(),
});

/** The states of shares in an order of their own. */
export const statesOf = (shares: readonly ShareNow[]): State[] => inOrder(shares.map(stateOf));
export const inOrder = (states: readonly State[]): State[] =>
  [...states].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

export interface Told {
  done: string[];
  open: string[];
  unknown: string[];
}

/** A step about something that has a name: the name comes first, and the id after it. */
const NAMED_STEP = /^(\w+ (?:recipient|exclusion of account|resource \S+)) .* \(([^()]+)\)$/;

/** The steps that the last line names, by what it says of them. With many shares each step begins with its share. */
export function toldIn(line: string): Told {
  const [, done = '', open = '', unknown = ''] =
    /(?:^|\. )Done: (.*?)\.(?: Not done: (.*?)\.)?(?: Not known: (.*?) - it may have taken effect; look before you repeat it\.)?$/.exec(
      line,
    ) ?? [];
  const steps = (text: string): string[] =>
    text === '' || text === 'nothing'
      ? []
      : text.split('; ').map((step) => step.replace(/^"[^"]*": /, '').replace(NAMED_STEP, '$1 $2'));
  return { done: steps(done), open: steps(open), unknown: steps(unknown) };
}

/** A step towards what is desired, as the last line names it, and how to tell whether it has been done. */
export interface Step {
  words: string;
  holds: (world: World) => boolean;
  /** It goes without saying as long as this other step is not done. */
  partOf?: string;
}

/** A step, and the name under which its share is planned. */
export interface StepOfShare extends Step {
  share: string;
}

/** All steps from what was found to what is desired. */
export const stepsOf = (before: readonly ShareNow[], transitions: readonly Transition[]): StepOfShare[] =>
  transitions.flatMap((transition) => {
    const found = before.find(({ id }) => id === transition.from);
    const share = (transition.to ?? found)?.name ?? '';
    return stepsFor(found, transition.to).map((step) => ({ ...step, share }));
  });

function stepsFor(found: ShareNow | undefined, to: State | undefined): Step[] {
  if (!to) return found ? [deletion(`delete share ${found.id}`, found)] : [];
  if (!found) return creation(to);
  return found.target_type === to.target
    ? changes(found, to)
    : [...creation(to), deletion(`delete the replaced share ${found.id}`, found)];
}

const deletion = (words: string, { id }: ShareNow): Step => ({
  words,
  holds: ({ live }) => !live.some((share) => share.id === id),
});

/** The shares of this name that were not there before, whether or not they have the name already. */
const madeFor = ({ name }: State, { live, before }: World): ShareNow[] =>
  live.filter((share) => nameOf(share) === name && !before.some(({ id }) => id === share.id));

function creation(to: State): Step[] {
  const exclusions = JSON.stringify(to.exclusions);
  const isMade: Step['holds'] = (world) => madeFor(to, world).length > 0;
  const partOf = `create share ${JSON.stringify(to.name)}`;
  return [
    { words: partOf, holds: isMade },
    ...(to.exclusions.length === 0
      ? []
      : [
          {
            words: `exclude ${count(to.exclusions.length, 'account')} from share`,
            partOf,
            holds: (world: World) =>
              madeFor(to, world).some((share) => JSON.stringify(stateOf(share).exclusions) === exclusions),
          },
        ]),
    {
      words: renaming(to.name),
      partOf,
      holds: (world) => madeFor(to, world).some(({ name }) => name === to.name),
    },
  ];
}

const renaming = (name: string): string => `rename the share to ${JSON.stringify(name)}`;
const idOf = (resource: string): string => resource.slice(0, resource.indexOf(' '));

/** What is changed in place. */
function changes(before: ShareNow, to: State): Step[] {
  const from = stateOf(before);
  const now = ({ live }: World): State => stateOf(live.find(({ id }) => id === before.id) ?? before);
  const each = (noun: string, [old, desired]: [string[], string[]], there: (state: State) => string[]): Step[] => [
    ...missing(desired, old).map((id) => ({
      words: `add ${noun} ${id}`,
      holds: (w: World) => there(now(w)).includes(id),
    })),
    ...missing(old, desired).map((id) => ({
      words: `remove ${noun} ${id}`,
      holds: (w: World) => !there(now(w)).includes(id),
    })),
  ];
  const resourceIds = ({ resources }: State): string[] => resources.map(idOf);
  return [
    ...(from.name === to.name ? [] : [{ words: renaming(to.name), holds: (w: World) => now(w).name === to.name }]),
    ...each('recipient', [from.recipients, to.recipients], ({ recipients }) => recipients),
    ...each('exclusion of account', [from.exclusions, to.exclusions], ({ exclusions }) => exclusions),
    ...each('resource gateway-policy', [resourceIds(from), resourceIds(to)], resourceIds),
    ...missing(to.resources, from.resources)
      .filter((resource) => resourceIds(from).includes(idOf(resource)))
      .map((resource) => ({
        words: `update resource gateway-policy ${idOf(resource)}`,
        holds: (w: World) => now(w).resources.includes(resource),
      })),
  ];
}

const missing = (a: string[], b: string[]): string[] => a.filter((item) => !b.includes(item));

/** What nobody asked for: what is there and was neither found nor desired, and what was both and is gone. */
export function unasked({ live, before }: World, transitions: readonly Transition[]): string[] {
  const lists = ['recipients', 'resources'] as const;
  const strange = live.flatMap((share): string[] => {
    const found = before.find(({ id }) => id === share.id);
    const desired = transitions.find(({ from, to }) => (found ? from === found.id : to?.name === nameOf(share)))?.to;
    const known = [...(desired ? [desired] : []), ...(found ? [stateOf(found)] : [])].filter(
      ({ target }) => target === share.target_type,
    );
    if (known.length === 0) return [`share ${share.name}`];
    const now = stateOf(share);
    const names = known.map(({ name }) => name).includes(nameOf(share)) ? [] : [`name ${share.name}`];
    const items = lists.flatMap((list) => [
      ...now[list]
        .filter((item) => known.every((state) => !state[list].includes(item)))
        .map((item) => `there: ${item}`),
      ...(known[0]?.[list] ?? [])
        .filter((item) => known.every((state) => state[list].includes(item)) && !now[list].includes(item))
        .map((item) => `gone: ${item}`),
    ]);
    return [...names, ...items];
  });
  // A share that was to stay is there, or another one has taken its place.
  const lost = before.filter(({ id }) => {
    const to = transitions.find(({ from }) => from === id)?.to;
    return (
      to && !live.some((share) => share.id === id || (share.target_type === to.target && nameOf(share) === to.name))
    );
  });
  return [...strange, ...lost.map(({ id }) => `lost: ${id}`)];
}

/** Two live shares of one name. */
export const twins = (live: readonly { name: string }[]): string[] =>
  live.map(({ name }) => name).filter((name, i, names) => names.indexOf(name) < i);

/** Shares that a run made and left under their temporary names, and that its last line does not tell of. */
export const silentLeftOvers = ({ live, before }: World, { done, open, unknown }: Told): string[] => {
  const told = [...done, ...open, ...unknown].join('; ');
  return live
    .filter((share) => isTemporary(share) && !before.some(({ id }) => id === share.id))
    .filter((share) => !told.includes(share.id))
    .filter((share) => !unknown.some((step) => step.startsWith(`create share ${JSON.stringify(nameOf(share))}`)))
    .map(({ id }) => id);
};

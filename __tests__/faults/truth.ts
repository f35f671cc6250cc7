// Compares the last line of a failed step with the actual state of the shares.

import type { Simulator } from '../../simulator/index.ts';
import { count } from '../../src/share/words.ts';

export type ShareNow = ReturnType<Simulator['liveShares']>[number];

/** The parts of a share that a file can define. */
export interface State {
  name: string;
  target: string;
  /** Sorted accounts. Empty for an organization, because the recipients follow its membership. */
  recipients: string[];
  /** Sorted, as `id meta`. */
  resources: string[];
  /** Sorted accounts. Empty for a share with accounts. */
  exclusions: string[];
}

/** The expected change of one share. Without `from` it is created, and without `to` it is deleted. */
export interface Transition {
  /** The id of an existing share. */
  from?: string;
  to?: State;
}

/** The live shares after a run, and those before it. */
export interface World {
  live: readonly ShareNow[];
  before: readonly ShareNow[];
}

const MARK = / \[creating [0-9a-z]{12,}\]$/;

/** Whether the share has a temporary name. */
export const isTemporary = ({ name }: { name: string }): boolean => MARK.test(name);
/** The name of a share without the temporary suffix. */
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

/** The states of shares in a canonical order. */
export const statesOf = (shares: readonly ShareNow[]): State[] => inOrder(shares.map(stateOf));
export const inOrder = (states: readonly State[]): State[] =>
  [...states].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

export interface Told {
  done: string[];
  open: string[];
  unknown: string[];
}

/** A step about a named item: the name, then the id. */
const NAMED_STEP = /^(\w+ (?:recipient|exclusion of account|resource \S+)) .* \(([^()]+)\)$/;

/** The steps in the last line, by their result. With several shares, each step starts with its share. */
export function toldIn(line: string): Told {
  const [, done = '', open = '', unknown = ''] =
    /(?:^|\. )Done: (.*?)\.(?: Not done: (.*?)\.)?(?: Not known: (.*?) - (?:it|they) may have taken effect; (?:run again to finish|check before you run again)\.)?$/.exec(
      line,
    ) ?? [];
  const steps = (text: string): string[] =>
    text === '' || text === 'nothing'
      ? []
      : text.split('; ').map((step) => step.replace(/^"[^"]*": /, '').replace(NAMED_STEP, '$1 $2'));
  return { done: steps(done), open: steps(open), unknown: steps(unknown) };
}

/** A step towards the desired state, as the last line names it, with a check of whether it is done. */
export interface Step {
  words: string;
  holds: (world: World) => boolean;
  /** The run need not report it as long as this other step is not done. */
  partOf?: string;
}

/** A step with the planned name of its share. */
export interface StepOfShare extends Step {
  share: string;
}

/** All steps from the actual to the desired state. */
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

/** The new shares with this name, temporary or not. */
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

/** The steps of an update in place. */
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

/** Unexpected changes: items that exist but were neither found nor desired, and items that were both but are gone. */
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
  // A share that should stay still exists, or another one has replaced it.
  const lost = before.filter(({ id }) => {
    const to = transitions.find(({ from }) => from === id)?.to;
    return (
      to && !live.some((share) => share.id === id || (share.target_type === to.target && nameOf(share) === to.name))
    );
  });
  return [...strange, ...lost.map(({ id }) => `lost: ${id}`)];
}

/** The names that more than one live share has. */
export const twins = (live: readonly { name: string }[]): string[] =>
  live.map(({ name }) => name).filter((name, i, names) => names.indexOf(name) < i);

/** Shares that a run created and left under temporary names without reporting them. */
export const silentLeftOvers = ({ live, before }: World, { done, open, unknown }: Told): string[] => {
  const told = [...done, ...open, ...unknown].join('; ');
  return live
    .filter((share) => isTemporary(share) && !before.some(({ id }) => id === share.id))
    .filter((share) => !told.includes(share.id))
    .filter((share) => !unknown.some((step) => step.startsWith(`create share ${JSON.stringify(nameOf(share))}`)))
    .map(({ id }) => id);
};

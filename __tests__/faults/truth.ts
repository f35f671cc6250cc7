// What the last line of a failed step says, and what has become of the shares, put side by side.

import type { Simulator } from '../../simulator/index.ts';

export type ShareNow = ReturnType<Simulator['liveShares']>[number];

/** A share as far as a wish can say how it is to be. Undefined in a wish's place: no live share. */
export interface State {
  name: string;
  target: string;
  /** Accounts, sorted; none for an organization, whose membership it follows. */
  recipients: string[];
  /** `id meta`, sorted. */
  resources: string[];
}

/** What is live after a run, and what the run found. */
export interface WorldNow {
  live: ShareNow[];
  before: ShareNow | undefined;
}

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
});

/** The steps that the last line names, by what it says of them. */
export function ledgerOf(line: string): { done: string[]; open: string[]; unknown: string[] } {
  const [, done = '', open = '', unknown = ''] =
    /^Done: (.*?)\.(?: Not done: (.*?)\.)?(?: Not known: (.*?) - it may have taken effect; look before you repeat it\.)?$/.exec(
      line,
    ) ?? [];
  const steps = (text: string): string[] => (text === '' || text === 'nothing' ? [] : text.split('; '));
  return { done: steps(done), open: steps(open), unknown: steps(unknown) };
}

/** A step that leads to the wish, in the words of the ledger, and how to tell whether it has been done. */
export interface Step {
  words: string;
  holds: (now: WorldNow) => boolean;
}

const idOf = (resource: string): string => resource.slice(0, resource.indexOf(' '));

/** All steps from what was found to what is wished. */
export function stepsBetween({ before }: WorldNow, wished: State | undefined, name: string): Step[] {
  const isLive = (id: string | undefined) => (now: WorldNow) => now.live.some((share) => share.id === id);
  const isNew: Step['holds'] = ({ live }) => live.some((share) => share.id !== before?.id);
  if (!wished) {
    const isGone: Step['holds'] = (now) => !isLive(before?.id)(now);
    return before ? [{ words: `delete share ${before.id}`, holds: isGone }] : [];
  }
  if (!before) return [{ words: `create share ${JSON.stringify(name)}`, holds: isNew }];
  const from = stateOf(before);
  if (from.target !== wished.target) {
    return [
      { words: `create share ${JSON.stringify(name)}`, holds: isNew },
      { words: `delete the replaced share ${before.id}`, holds: (now) => !isLive(before.id)(now) },
    ];
  }
  const now = ({ live }: WorldNow): State => stateOf(live.find(({ id }) => id === before.id) ?? before);
  const missing = (a: string[], b: string[]): string[] => a.filter((item) => !b.includes(item));
  const [ids, wishedIds] = [from.resources.map(idOf), wished.resources.map(idOf)];
  const hasResource = (id: string) => (world: WorldNow) => now(world).resources.map(idOf).includes(id);
  return [
    ...(from.name === wished.name
      ? []
      : [
          { words: `rename the share to ${JSON.stringify(name)}`, holds: (w: WorldNow) => now(w).name === wished.name },
        ]),
    ...missing(wished.recipients, from.recipients).map((account) => ({
      words: `add recipient ${account}`,
      holds: (w: WorldNow) => now(w).recipients.includes(account),
    })),
    ...missing(from.recipients, wished.recipients).map((account) => ({
      words: `remove recipient ${account}`,
      holds: (w: WorldNow) => !now(w).recipients.includes(account),
    })),
    ...missing(wishedIds, ids).map((id) => ({ words: `add resource gateway-policy ${id}`, holds: hasResource(id) })),
    ...missing(ids, wishedIds).map((id) => ({
      words: `remove resource gateway-policy ${id}`,
      holds: (w: WorldNow) => !hasResource(id)(w),
    })),
    ...missing(wished.resources, from.resources)
      .filter((resource) => ids.includes(idOf(resource)))
      .map((resource) => ({
        words: `update resource gateway-policy ${idOf(resource)}`,
        holds: (w: WorldNow) => now(w).resources.includes(resource),
      })),
  ];
}

/** What is there that was neither found nor wished, and what is gone that was both. */
export function differences({ live, before }: WorldNow, wished: State | undefined): string[] {
  const asked = [...(wished ? [wished] : []), ...(before ? [stateOf(before)] : [])];
  return live.map(stateOf).flatMap((state) => {
    const sameTarget = asked.filter(({ target }) => target === state.target);
    const unasked = (of: 'recipients' | 'resources'): string[] => [
      ...state[of].filter((item) => !sameTarget.some((known) => known[of].includes(item))),
      ...(sameTarget[0]?.[of] ?? []).filter(
        (item) => sameTarget.every((known) => known[of].includes(item)) && !state[of].includes(item),
      ),
    ];
    return [...unasked('recipients'), ...unasked('resources')];
  });
}

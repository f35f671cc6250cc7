// Keeps earlier versions of things, for lists that lag.

/** Something with a time of creation and earlier versions. In milliseconds since the epoch. */
export interface Lasting {
  since: number;
  past: { until: number; was: Lasting }[];
}

/** The time of creation of what a test seeds: it has always existed. */
export const always = Number.NEGATIVE_INFINITY;

/** Remembers the current version of a thing. Call it before the thing changes. */
export function remember(thing: Lasting): void {
  thing.past.push({ until: Date.now(), was: { ...thing } });
}

/** The thing as it was at a moment. Undefined if it didn't exist yet. */
export function asOf<T extends Lasting>(thing: T, at: number): T | undefined {
  if (thing.since > at) return undefined;
  if (thing.past.length === 0) return thing;
  return (thing.past.find(({ until }) => until > at)?.was as T | undefined) ?? thing;
}

/** The things that existed at a moment, as they were. */
export function allAsOf<T extends Lasting>(things: Iterable<T>, at: number): T[] {
  const found: T[] = [];
  for (const thing of things) {
    const was = asOf(thing, at);
    if (was !== undefined) found.push(was);
  }
  return found;
}

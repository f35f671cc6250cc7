// Keeps earlier versions of shares, recipients and resources, for lists that lag.

/** Data with a time of creation and earlier versions. Times are in milliseconds since 1970. */
export interface Lasting {
  since: number;
  past: { until: number; was: Lasting }[];
}

/** Seeded data gets this creation time, so that even lagging lists show it. */
export const always = Number.NEGATIVE_INFINITY;

/** Keeps the current version. Call it before a change. */
export function remember(thing: Lasting): void {
  thing.past.push({ until: Date.now(), was: { ...thing } });
}

/** The version at a point in time. Undefined if the data didn't exist yet. */
export function asOf<T extends Lasting>(thing: T, at: number): T | undefined {
  if (thing.since > at) return undefined;
  if (thing.past.length === 0) return thing;
  return (thing.past.find(({ until }) => until > at)?.was as T | undefined) ?? thing;
}

/** The versions of everything that existed at a point in time. */
export function allAsOf<T extends Lasting>(things: Iterable<T>, at: number): T[] {
  const found: T[] = [];
  for (const thing of things) {
    const was = asOf(thing, at);
    if (was !== undefined) found.push(was);
  }
  return found;
}

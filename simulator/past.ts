// What things were like earlier, for lists that lag behind.

/** Something that came at a moment and whose earlier versions are kept. Milliseconds since the epoch. */
export interface Lasting {
  since: number;
  past: { until: number; was: Lasting }[];
}

/** When what a test seeds has come: it was there before, however far back somebody looks. */
export const always = Number.NEGATIVE_INFINITY;

/** Keeps a thing as it is now. To be called before the thing changes. */
export function remember(thing: Lasting): void {
  thing.past.push({ until: Date.now(), was: { ...thing } });
}

/** The thing as it was at a moment; undefined when it had yet to come. */
export function asOf<T extends Lasting>(thing: T, at: number): T | undefined {
  if (thing.since > at) return undefined;
  return (thing.past.find(({ until }) => until > at)?.was as T | undefined) ?? thing;
}

/** Those of the things that had come by then, as they were. */
export function allAsOf<T extends Lasting>(things: Iterable<T>, at: number): T[] {
  return [...things].flatMap((thing) => asOf(thing, at) ?? []);
}

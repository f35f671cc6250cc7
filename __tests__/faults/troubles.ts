// What goes wrong in the fault matrix, and from which requests on. Milliseconds that the simulator takes are as much
// shorter than those of the sentence beside them as the clock of the runs is faster.

import { type Fault, type FaultKind, faultKinds, thenCommitKinds } from '../../simulator/index.ts';
import { isCreate, isWrite, type Request } from './arrivals.ts';

/** How much faster the clock of the runs is than the one on the wall. */
export const SPEED = 100;
/** Long enough for every request that nothing strikes, and soon over for those that are held until it is. */
const TIMEOUT_SECONDS = 0.2;
const PATIENT_SECONDS = 20;
const NEVER_MS = 3_600_000;

export interface Trouble {
  title: string;
  /** The faults that strike after so many requests that they let pass. */
  from: (skip: number) => Fault[];
  /** The faults let only those pass that they can strike, rather than all. */
  countsStruckOnly?: boolean;
  /** The first of them. Undefined: there is none. */
  kind?: FaultKind;
  /** It befalls the run as a whole, not one request. */
  once?: boolean;
  /** The requests that can be struck: all, when left out. */
  strikes?: (request: Request) => boolean;
  maxAttempts: number;
  timeoutSeconds: number;
  /** Does the run get over it? The tries of a request outlast it, and no answer to it is final. */
  mended: boolean | ((struck: Request) => boolean);
  /** The job is cancelled so many milliseconds after the request has arrived. */
  cancelledAfterMs?: number;
  /** The job is cancelled when the run pauses for the first time. */
  cancelledInPause?: boolean;
  /** Lists of shares show the account as it was so long ago. */
  listLagMs?: number;
  /** A rename shows after so long. */
  renameMs?: number;
  /** A share refuses every write for so long after it was created or changed. */
  busyMs?: number;
}

const isLate = (kind: FaultKind): boolean => kind === 'late-answer' || kind === 'late-commit';
/** Answers that end the matter: a refusal, and a share that has to be taken back. */
const isFinal = (kind: FaultKind): boolean => kind === 'redirect' || kind === 'wider';
/** Answers that hold for a while: the requests are the same as for a single one. */
const isOnce = (kind: FaultKind): boolean => kind === 'redirect' || kind === 'rate-limit-low';
/** What reads cannot tell from another kind. */
const isOfWrites = (kind: FaultKind): boolean => isLate(kind) || kind.startsWith('html-5xx');
/** The lists that names come from. */
const LOOK_UPS = /^\/accounts(\/[^/]+(\/gateway\/rules|\/rulesets)?)?$|^\/organizations\//;
const isDeletionOfShare = ({ operation }: Request): boolean => operation === 'share-delete';

const isWriteToExisting = (request: Request): boolean => isWrite(request) && !isCreate(request);

const plain = { maxAttempts: 4, timeoutSeconds: PATIENT_SECONDS, mended: false };

/** Held until the client has given up: a late answer is never sent, and a late commit comes when the run is over. */
const held = (kind: FaultKind): Pick<Fault, 'delayMs' | 'retryAfterSeconds'> => ({
  delayMs: isLate(kind) ? NEVER_MS : 0,
  retryAfterSeconds: 0,
});

/** Once, and until the tries are used up. */
type Series = readonly [times: number, maxAttempts: number][];
const SERIES: Series = [
  [1, 4],
  [2, 2],
];
/** How often in a row makes a difference to the pauses alone, whatever kind it is: a few kinds stand for all. */
const isOften = (kind: FaultKind): boolean =>
  ['reset-before-commit', 'reset-after-commit', 'rate-limited'].includes(kind);

const seriesFor = (kind: FaultKind): Series => {
  if (isOnce(kind)) return SERIES.slice(0, 1);
  return isOften(kind) ? [...SERIES, [2, 4]] : SERIES;
};

const seriesOf = (kind: FaultKind, series: Series): Trouble[] =>
  series.map(([times, maxAttempts]) => ({
    title: `${kind}, ${times} in a row, of at most ${maxAttempts} tries`,
    from: (skip) => [{ kind, skip, times, ...held(kind) }],
    kind,
    ...(kind === 'wider'
      ? { strikes: isCreate, countsStruckOnly: true }
      : isOfWrites(kind)
        ? { strikes: isWrite }
        : {}),
    maxAttempts,
    timeoutSeconds: isLate(kind) ? TIMEOUT_SECONDS : PATIENT_SECONDS,
    mended: times < maxAttempts && !isFinal(kind),
  }));

/** A write that fails at once and is carried out later: a second, three, and when the run is over. */
const laterOn = thenCommitKinds.flatMap((kind): Trouble[] => {
  const later = (title: string, fault: Partial<Fault>, maxAttempts = 4): Trouble => ({
    ...plain,
    title: `${kind}, ${title}`,
    from: (skip) => [{ kind, skip, ...fault }],
    kind,
    strikes: isWrite,
    maxAttempts,
    mended: (fault.times ?? 1) < maxAttempts,
  });
  const always = [
    later('when the run is over', { commitAfterMs: NEVER_MS }),
    later('twice of at most 2 tries, when the run is over', { commitAfterMs: NEVER_MS, times: 2 }, 2),
  ];
  // The kinds differ in the answer alone.
  return kind !== 'reset-then-commit'
    ? always
    : [
        ...always,
        later('1 second later', { commitAfterMs: 1_000 / SPEED }),
        later('3 seconds later', { commitAfterMs: 3_000 / SPEED }),
        later('twice, when the run is over', { commitAfterMs: NEVER_MS, times: 2 }),
      ];
});

export const troubles: readonly Trouble[] = [
  ...faultKinds.flatMap((kind) => seriesOf(kind, seriesFor(kind))),
  ...laterOn,
  // Nothing is known of a request, and what would tell is refused.
  ...(['reset-before-commit', 'reset-after-commit', 'reset-then-commit'] as const).map((kind) => ({
    ...plain,
    title: `${kind}, then a refusal`,
    from: (skip: number): Fault[] => [
      { kind, skip, commitAfterMs: NEVER_MS },
      { kind: 'redirect', skip },
    ],
    kind,
  })),
  {
    ...plain,
    title: 'conflict-when-repeated',
    from: (skip) => [{ kind: 'conflict-when-repeated', method: 'DELETE', skip }],
    kind: 'conflict-when-repeated',
    strikes: ({ method }) => method === 'DELETE',
    countsStruckOnly: true,
    mended: isDeletionOfShare,
  },
  // The share is being changed: the write is repeated, however few tries a request has.
  {
    ...plain,
    title: 'busy, 3 in a row',
    from: (skip) => [{ kind: 'busy', skip, times: 3 }],
    kind: 'busy',
    strikes: isWriteToExisting,
    countsStruckOnly: true,
    maxAttempts: 1,
    mended: true,
  },
  ...(['null-result', 'empty-success'] as const).map((kind) => ({
    ...plain,
    title: kind,
    from: (skip: number): Fault[] => [{ kind, skip }],
    kind,
    strikes: isWrite,
    mended: true,
  })),
  {
    ...plain,
    title: 'forbidden',
    from: (skip) => [{ kind: 'forbidden', skip, times: Number.POSITIVE_INFINITY, path: LOOK_UPS }],
    kind: 'forbidden',
    strikes: ({ path }) => LOOK_UPS.test(path),
    countsStruckOnly: true,
  },
  // A share that exists is busy for a moment: every write to it is repeated.
  ...[1, 2].map((times) => ({
    ...plain,
    title: `busy, ${times} in a row`,
    from: (skip: number): Fault[] => [{ kind: 'busy', skip, times }],
    kind: 'busy' as const,
    strikes: (request: Request) => isWrite(request) && !isCreate(request),
    countsStruckOnly: true,
    mended: true,
  })),
  { ...plain, title: 'shares that are busy', from: () => [], once: true, mended: true, busyMs: 2_000 / SPEED },
  { ...plain, title: 'renames that take time', from: () => [], once: true, mended: true, renameMs: 3_000 / SPEED },
  {
    ...plain,
    title: 'renames and lists that take time',
    from: () => [],
    once: true,
    mended: true,
    renameMs: 3_000 / SPEED,
    listLagMs: 2_000 / SPEED,
  },
  { ...plain, title: 'lists that lag', from: () => [], once: true, mended: true, listLagMs: 3_000 / SPEED },
  {
    ...plain,
    title: 'lists that lag, and a create call whose answer is lost',
    from: (skip) => [{ kind: 'reset-after-commit', method: 'POST', path: '/shares$', skip }],
    kind: 'reset-after-commit',
    strikes: isCreate,
    countsStruckOnly: true,
    mended: true,
    listLagMs: 3_000 / SPEED,
  },
  ...[0, 2].map((cancelledAfterMs) => ({
    ...plain,
    title: `cancelled ${cancelledAfterMs} ms after a request`,
    from: () => [],
    cancelledAfterMs,
  })),
  {
    ...plain,
    title: 'cancelled between two tries',
    from: (skip) => [{ kind: 'reset-after-commit', skip }],
    kind: 'reset-after-commit',
    cancelledInPause: true,
  },
];

// What goes wrong in the fault matrix, and from which requests on. The simulator's times are divided by SPEED, because the
// clock of the runs is that much faster.

import { type Fault, type FaultKind, faultKinds, thenCommitKinds } from '../../simulator/index.ts';
import { isCreate, isWrite, type Request } from './arrivals.ts';

/** How much faster the clock of the runs is than real time. */
export const SPEED = 100;
/** Long enough for every request without a fault, and short for those that have to time out. */
const TIMEOUT_SECONDS = 0.2;
const PATIENT_SECONDS = 20;
const NEVER_MS = 3_600_000;

export interface Trouble {
  title: string;
  /** The faults, which occur after `skip` requests. */
  from: (skip: number) => Fault[];
  /** Whether `skip` counts only the requests that the faults can affect. */
  countsStruckOnly?: boolean;
  /** The kind of the first fault. Undefined if there is none. */
  kind?: FaultKind;
  /** Whether it affects the run as a whole instead of one request. */
  once?: boolean;
  /** The requests that it can affect. Default: all. */
  strikes?: (request: Request) => boolean;
  maxAttempts: number;
  timeoutSeconds: number;
  /** Whether the run overcomes it: a request has enough attempts, and no response is final. */
  mended: boolean | ((struck: Request) => boolean);
  /** If set, the job is cancelled this long after the request has arrived. */
  cancelledAfterMs?: number;
  /** Whether the job is cancelled when the run pauses for the first time. */
  cancelledInPause?: boolean;
  /** How old the state is that listings show. */
  listLagMs?: number;
  /** How long it takes until a rename shows. */
  renameMs?: number;
  /** How long a share refuses every write after it was created or changed. */
  busyMs?: number;
}

const isLate = (kind: FaultKind): boolean => kind === 'late-response' || kind === 'late-commit';
/** Responses that make the run fail: a refusal, and a share that has to be rolled back. */
const isFinal = (kind: FaultKind): boolean => kind === 'redirect' || kind === 'wider';
/** Responses that lead to the same requests whether they occur once or several times. */
const isOnce = (kind: FaultKind): boolean => kind === 'redirect' || kind === 'rate-limit-low';
/** Faults that look the same as another kind to reads. */
const isOfWrites = (kind: FaultKind): boolean => isLate(kind) || kind.startsWith('html-5xx');
/** The lists that names come from. */
const LOOKUPS = /^\/accounts(\/[^/]+(\/gateway\/rules|\/rulesets)?)?$|^\/organizations\//;
const isDeletionOfShare = ({ operation }: Request): boolean => operation === 'share-delete';

const isWriteToExisting = (request: Request): boolean => isWrite(request) && !isCreate(request);

const plain = { maxAttempts: 4, timeoutSeconds: PATIENT_SECONDS, mended: false };

/** Delays beyond the client's timeout: a late response is never sent, and a late commit occurs after the run. */
const held = (kind: FaultKind): Pick<Fault, 'delayMs' | 'retryAfterSeconds'> => ({
  delayMs: isLate(kind) ? NEVER_MS : 0,
  retryAfterSeconds: 0,
});

/** Once, and until the attempts are used up. */
type Series = readonly [times: number, maxAttempts: number][];
const SERIES: Series = [
  [1, 4],
  [2, 2],
];
/** Repetition only affects the pauses, regardless of the kind, so a few kinds represent all. */
const isOften = (kind: FaultKind): boolean =>
  ['reset-before-commit', 'reset-after-commit', 'rate-limited'].includes(kind);

const seriesFor = (kind: FaultKind): Series => {
  if (isOnce(kind)) return SERIES.slice(0, 1);
  return isOften(kind) ? [...SERIES, [2, 4]] : SERIES;
};

const seriesOf = (kind: FaultKind, series: Series): Trouble[] =>
  series.map(([times, maxAttempts]) => ({
    title: `${kind}, ${times === 1 ? 'once' : 'twice in a row'}, with at most ${maxAttempts} attempts`,
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

/** Writes that fail at once and execute later: after one second, after three, and after the run. */
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
    later('executed after the run', { commitAfterMs: NEVER_MS }),
    later('twice, with at most 2 attempts, executed after the run', { commitAfterMs: NEVER_MS, times: 2 }, 2),
  ];
  // The kinds differ only in the response.
  return kind !== 'reset-then-commit'
    ? always
    : [
        ...always,
        later('executed 1 second later', { commitAfterMs: 1_000 / SPEED }),
        later('executed 3 seconds later', { commitAfterMs: 3_000 / SPEED }),
        later('twice, executed after the run', { commitAfterMs: NEVER_MS, times: 2 }),
      ];
});

export const troubles: readonly Trouble[] = [
  ...faultKinds.flatMap((kind) => seriesOf(kind, seriesFor(kind))),
  ...laterOn,
  // The outcome of a request is unknown, and the read that would show it is refused.
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
  // The share is busy, so the write is repeated even if a request has only one attempt.
  {
    ...plain,
    title: 'busy, 3 times in a row',
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
    from: (skip) => [{ kind: 'forbidden', skip, times: Number.POSITIVE_INFINITY, path: LOOKUPS }],
    kind: 'forbidden',
    strikes: ({ path }) => LOOKUPS.test(path),
    countsStruckOnly: true,
  },
  // An existing share is briefly busy, so every write to it is repeated.
  ...[1, 2].map((times) => ({
    ...plain,
    title: times === 1 ? 'busy, once' : 'busy, twice in a row',
    from: (skip: number): Fault[] => [{ kind: 'busy', skip, times }],
    kind: 'busy' as const,
    strikes: (request: Request) => isWrite(request) && !isCreate(request),
    countsStruckOnly: true,
    mended: true,
  })),
  { ...plain, title: 'busy shares', from: () => [], once: true, mended: true, busyMs: 2_000 / SPEED },
  { ...plain, title: 'slow renames', from: () => [], once: true, mended: true, renameMs: 3_000 / SPEED },
  {
    ...plain,
    title: 'slow renames and stale listings',
    from: () => [],
    once: true,
    mended: true,
    renameMs: 3_000 / SPEED,
    listLagMs: 2_000 / SPEED,
  },
  { ...plain, title: 'stale listings', from: () => [], once: true, mended: true, listLagMs: 3_000 / SPEED },
  {
    ...plain,
    title: 'stale listings and a lost create response',
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
    title: 'cancelled between two attempts',
    from: (skip) => [{ kind: 'reset-after-commit', skip }],
    kind: 'reset-after-commit',
    cancelledInPause: true,
  },
];

// Faults to order: what goes wrong, for which requests and how often. What a fault does to the wire is in wire.ts.

/** Faults that any request may meet, and that are over while the run lasts. */
export const faultKinds = [
  'reset-before-commit',
  'reset-after-commit',
  'json-5xx-before-commit',
  'json-5xx-after-commit',
  'html-5xx-before-commit',
  'html-5xx-after-commit',
  'truncated-body',
  'late-answer',
  'late-commit',
  'redirect',
  'rate-limited',
  'rate-limit-low',
  'nonsense',
  'wider',
] as const;

/** The request fails at once, and is carried out `commitAfterMs` later. Any request may meet these. */
export const thenCommitKinds = ['reset-then-commit', 'json-5xx-then-commit', 'html-5xx-then-commit'] as const;

/** Faults that make sense for some requests only: `FaultKind` says for which. */
export const particularFaultKinds = [
  'conflict-when-repeated',
  'busy',
  'null-result',
  'empty-success',
  'challenge',
  'edge-json',
  'forbidden',
] as const;

export const allFaultKinds = [...faultKinds, ...thenCommitKinds, ...particularFaultKinds] as const;

/**
 * Of the particular ones:
 * - `conflict-when-repeated` strikes DELETE alone: it is carried out, its answer is lost, and every later DELETE of the
 *   same path is refused.
 * - `busy` strikes writes on an existing share: refused, because the share is being changed.
 * - `challenge` is a web page of the edge that asks for a browser, and `edge-json` is its error as JSON of its own shape:
 *   neither lets the request through.
 * - `null-result` is for requests with a result: carried out, and answered by 200 or 201 with `result: null`.
 * - `empty-success` is for writes: carried out, and answered by `status` without a body.
 * - `forbidden` is for requests whose permission the token lacks: nothing is done, whatever the request. Order it with
 *   `times: Infinity`, as a permission doesn't come back.
 *
 * A request that the API refuses is refused with `null-result` and `empty-success` as well.
 */
export type FaultKind = (typeof allFaultKinds)[number];

export interface Fault {
  kind: FaultKind;
  /** HTTP method; any, when left out. */
  method?: string;
  /** Tested on the path without `/client/v4`; any, when left out. */
  path?: RegExp | string;
  /** Let so many matching requests pass first (0). */
  skip?: number;
  /** Strike so many requests (1). */
  times?: number;
  /** Milliseconds; 2000 for the late kinds, 0 for the others. */
  delayMs?: number;
  /** Of the `then-commit` kinds: milliseconds from the answer until the request is carried out (1000). */
  commitAfterMs?: number;
  /**
   * Of the 5xx kinds: 500 for JSON, 502 for HTML. Of `conflict-when-repeated` and `busy` (409), `empty-success` (200),
   * `challenge` (403) and `edge-json` (530).
   */
  status?: number;
  /** Of `rate-limited` and `rate-limit-low` (1). */
  retryAfterSeconds?: number;
  /** Of `redirect`: where to, if not to this simulator's own `/elsewhere`. */
  location?: string;
}

const beforeCommit: ReadonlySet<FaultKind> = new Set([
  'reset-before-commit',
  'json-5xx-before-commit',
  'html-5xx-before-commit',
  'redirect',
  'rate-limited',
  'busy',
  'challenge',
  'edge-json',
  'forbidden',
]);

const thenCommit: ReadonlySet<FaultKind> = new Set(thenCommitKinds);

/** A fault that strikes a request. */
export interface Strike extends Fault {
  /** The request is a repetition that the fault does not let through. */
  repeated?: true;
}

/** When the request takes effect in spite of the fault: before it is answered, after so many milliseconds, or never. */
export function commitOf(fault: Strike): 'before' | 'never' | { afterMs: number } {
  if (thenCommit.has(fault.kind)) return { afterMs: fault.commitAfterMs ?? thenCommitMs };
  return beforeCommit.has(fault.kind) || fault.repeated ? 'never' : 'before';
}

const thenCommitMs = 1000;

const lateMs = 2000;

/** How long a fault holds a request up, in milliseconds, before it takes effect and after. */
export function delaysOf(fault: Fault | undefined): { beforeMs: number; afterMs: number } {
  if (fault === undefined) return { beforeMs: 0, afterMs: 0 };
  if (fault.kind === 'late-commit') return { beforeMs: fault.delayMs ?? lateMs, afterMs: 0 };
  return { beforeMs: 0, afterMs: fault.delayMs ?? (fault.kind === 'late-answer' ? lateMs : 0) };
}

interface Order {
  fault: Fault;
  path: RegExp | undefined;
  toSkip: number;
  toStrike: number;
}

/** The faults ordered and not yet used up, in the order of ordering. */
export class FaultQueue {
  #orders: Order[] = [];
  /** By path, the fault of a DELETE that was carried out and must not be repeated. */
  readonly #unrepeatable = new Map<string, Fault>();

  order(fault: Fault): void {
    const path = typeof fault.path === 'string' ? new RegExp(fault.path) : fault.path;
    this.#orders.push({ fault, path, toSkip: fault.skip ?? 0, toStrike: fault.times ?? 1 });
  }

  /** Takes the fault that strikes this request, if any. The first order that fits has its way. */
  take(method: string, path: string): Strike | undefined {
    const met = method === 'DELETE' ? this.#unrepeatable.get(path) : undefined;
    if (met !== undefined) return { ...met, repeated: true };
    for (const order of this.#orders) {
      if (!fits(order, method, path)) continue;
      if (order.toSkip > 0) {
        order.toSkip -= 1;
        continue;
      }
      order.toStrike -= 1;
      if (order.toStrike <= 0) this.#orders = this.#orders.filter((other) => other !== order);
      if (order.fault.kind === 'conflict-when-repeated') this.#unrepeatable.set(path, order.fault);
      return order.fault;
    }
    return undefined;
  }

  get pending(): number {
    return this.#orders.length;
  }

  reset(): void {
    this.#orders = [];
    this.#unrepeatable.clear();
  }
}

function fits({ fault, path }: Order, method: string, requestPath: string): boolean {
  if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false;
  // Only the creation of a share has a target that could come out wider than asked.
  if (fault.kind === 'wider' && !(method === 'POST' && /^\/accounts\/[^/]+\/shares$/.test(requestPath))) return false;
  if (fault.kind === 'conflict-when-repeated' && method !== 'DELETE') return false;
  if (fault.kind === 'busy' && (method === 'GET' || !/^\/accounts\/[^/]+\/shares\//.test(requestPath))) return false;
  // search() has no memory, unlike test(), which starts where a /g expression last stopped.
  return path === undefined || requestPath.search(path) >= 0;
}

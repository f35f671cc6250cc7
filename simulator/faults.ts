// Injectable faults: what goes wrong, for which requests, and how often. wire.ts sends the faulty responses.

/** Transient faults. All but `wider` can strike any request. */
export const faultKinds = [
  'reset-before-commit',
  'reset-after-commit',
  'json-5xx-before-commit',
  'json-5xx-after-commit',
  'html-5xx-before-commit',
  'html-5xx-after-commit',
  'truncated-body',
  'late-response',
  'late-commit',
  'redirect',
  'rate-limited',
  'rate-limit-low',
  'nonsense',
  'wider',
] as const;

/**
 * Faults that fail the request immediately but let it take effect `commitAfterMs` later. They can strike any request.
 */
export const thenCommitKinds = ['reset-then-commit', 'json-5xx-then-commit', 'html-5xx-then-commit'] as const;

/** Faults for some requests only. See `FaultKind`. */
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
 * The faults for some requests only:
 * - `conflict-when-repeated` strikes only DELETE. The DELETE takes effect, but its response is lost, and every later
 *   DELETE of the same path is refused.
 * - `busy` refuses writes on an existing share, because the share is changing.
 * - `challenge` is a web page from the edge that asks for a browser; `edge-json` is a JSON error from the edge with a
 *   different structure. In both cases, the request never reaches the API.
 * - `null-result` is for requests with a result. They take effect, and the response is 200 or 201 with `result:
 *   null`.
 * - `empty-success` is for writes. They take effect, and the response is `status` without a body.
 * - `forbidden` refuses any request as if the token lacked the permission. Inject it with `times: Infinity`, because a
 *   missing permission doesn't reappear.
 *
 * `null-result` and `empty-success` don't change the response to a request that the API refuses.
 */
export type FaultKind = (typeof allFaultKinds)[number];

export interface Fault {
  kind: FaultKind;
  /** HTTP method. If omitted, any method matches. */
  method?: string;
  /** Tested against the path without `/client/v4`. If omitted, any path matches. */
  path?: RegExp | string;
  /** How many matching requests to let pass first (0). */
  skip?: number;
  /** How many requests to strike (1). */
  times?: number;
  /** In milliseconds. The default is 2000 for the late kinds and 0 for the others. */
  delayMs?: number;
  /** For the `then-commit` kinds: milliseconds from the response until the request takes effect (1000). */
  commitAfterMs?: number;
  /**
   * The default is 500 for the 5xx kinds with JSON, 502 for those with HTML, 409 for `conflict-when-repeated` and
   * `busy`, 200 for `empty-success`, 403 for `challenge`, and 530 for `edge-json`. Other kinds ignore it.
   */
  status?: number;
  /** For `rate-limited` and `rate-limit-low`: how long clients are told to wait (1). */
  retryAfterSeconds?: number;
  /** For `redirect`: the target (this simulator's `/elsewhere`). */
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
  /** The request repeats an earlier one, so the fault refuses it. */
  repeated?: true;
}

/** When the request takes effect despite the fault: before the response, after a number of milliseconds, or never. */
export function commitOf(fault: Strike): 'before' | 'never' | { afterMs: number } {
  if (thenCommit.has(fault.kind)) return { afterMs: fault.commitAfterMs ?? thenCommitMs };
  return beforeCommit.has(fault.kind) || fault.repeated ? 'never' : 'before';
}

const thenCommitMs = 1000;

const lateMs = 2000;

/** How long a fault delays a request before and after it takes effect, in milliseconds. */
export function delaysOf(fault: Fault | undefined): { beforeMs: number; afterMs: number } {
  if (fault === undefined) return { beforeMs: 0, afterMs: 0 };
  if (fault.kind === 'late-commit') return { beforeMs: fault.delayMs ?? lateMs, afterMs: 0 };
  return { beforeMs: 0, afterMs: fault.delayMs ?? (fault.kind === 'late-response' ? lateMs : 0) };
}

interface Order {
  fault: Fault;
  path: RegExp | undefined;
  toSkip: number;
  toStrike: number;
}

/** The injected faults that haven't struck yet, oldest first. */
export class FaultQueue {
  #orders: Order[] = [];
  /** Faults of DELETE requests that took effect and must not be repeated, by path. */
  readonly #unrepeatable = new Map<string, Fault>();

  order(fault: Fault): void {
    const path = typeof fault.path === 'string' ? new RegExp(fault.path) : fault.path;
    this.#orders.push({ fault, path, toSkip: fault.skip ?? 0, toStrike: fault.times ?? 1 });
  }

  /** Takes the first injected fault that matches this request, if any. */
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
  // Only a create call has a target that can become wider than requested.
  if (fault.kind === 'wider' && !(method === 'POST' && /^\/accounts\/[^/]+\/shares$/.test(requestPath))) return false;
  if (fault.kind === 'conflict-when-repeated' && method !== 'DELETE') return false;
  if (fault.kind === 'busy' && (method === 'GET' || !/^\/accounts\/[^/]+\/shares\//.test(requestPath))) return false;
  // search() always starts at the beginning. test() would start where a /g expression last stopped.
  return path === undefined || requestPath.search(path) >= 0;
}

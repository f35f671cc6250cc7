// The journal of all requests. Tests and benchmarks check it.
import type { IncomingHttpHeaders } from 'node:http';
import type { FaultKind } from './faults.ts';

export interface RecordedRequest {
  /** Time of arrival, in milliseconds since the epoch. */
  at: number;
  method: string;
  /** Without `/client/v4`. */
  path: string;
  query: string;
  /** The operation, by its name in the published description. Undefined if no route matches. */
  operation: string | undefined;
  headers: IncomingHttpHeaders;
  /** The parsed body. Undefined if there was none, or it was not JSON. */
  body: unknown;
  /** The status of the response. Undefined if no response was sent, or none yet. */
  status: number | undefined;
  fault?: FaultKind;
  /** The number of requests in flight when this one arrived, including itself. */
  inFlightAtStart: number;
}

export class Journal {
  readonly requests: RecordedRequest[] = [];
  maxInFlight = 0;
  readonly #inFlight = new Set<RecordedRequest>();

  start(request: Omit<RecordedRequest, 'at' | 'status' | 'inFlightAtStart'>): RecordedRequest {
    const record = { at: Date.now(), ...request, status: undefined, inFlightAtStart: this.#inFlight.size + 1 };
    this.requests.push(record);
    this.#inFlight.add(record);
    this.maxInFlight = Math.max(this.maxInFlight, this.#inFlight.size);
    return record;
  }

  /** Call it before the response is sent, because the client can send its next request as soon as it has the response. */
  finish(record: RecordedRequest, status: number | undefined): void {
    record.status = status;
    this.#inFlight.delete(record);
  }

  /** The number of requests per operation. */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { operation } of this.requests) {
      if (operation !== undefined) counts[operation] = (counts[operation] ?? 0) + 1;
    }
    return counts;
  }

  reset(): void {
    this.requests.length = 0;
    this.#inFlight.clear();
    this.maxInFlight = 0;
  }
}

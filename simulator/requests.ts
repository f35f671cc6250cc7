// The journal of what arrived: the evidence that tests and benchmarks look at.
import type { IncomingHttpHeaders } from 'node:http';
import type { FaultKind } from './faults.ts';

export interface RecordedRequest {
  /** Arrival, in milliseconds since the epoch. */
  at: number;
  method: string;
  /** Without `/client/v4`. */
  path: string;
  query: string;
  /** What was asked for, by the name that the published description gives it; undefined for what no route fits. */
  operation: string | undefined;
  headers: IncomingHttpHeaders;
  /** Parsed; undefined when there was none or it was not JSON. */
  body: unknown;
  /** What was answered; undefined as long as, or when, nothing was. */
  status: number | undefined;
  fault?: FaultKind;
  /** Requests being handled when this one arrived, itself included. */
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

  /** Called before the answer leaves: a client that has it may send its next request, which must not count twice. */
  finish(record: RecordedRequest, status: number | undefined): void {
    record.status = status;
    this.#inFlight.delete(record);
  }

  /** How many requests there were of each operation. */
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

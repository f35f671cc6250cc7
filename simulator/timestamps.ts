// Timestamps as the API writes them, with microseconds, no two alike: "the oldest by created" is always decided.

export class Timestamps {
  #lastMicroseconds = 0;

  next(): string {
    const now = Math.floor((performance.timeOrigin + performance.now()) * 1000);
    this.#lastMicroseconds = Math.max(now, this.#lastMicroseconds + 1);
    const milliseconds = Math.floor(this.#lastMicroseconds / 1000);
    const rest = String(this.#lastMicroseconds % 1000).padStart(3, '0');
    return new Date(milliseconds).toISOString().replace('Z', `${rest}Z`);
  }
}

/** So many milliseconds earlier, the microseconds kept. */
export function timestampBefore(timestamp: string, milliseconds: number): string {
  const [, microseconds = ''] = /\.\d{3}(\d*)Z$/.exec(timestamp) ?? [];
  return new Date(Date.parse(timestamp) - milliseconds).toISOString().replace('Z', `${microseconds}Z`);
}

// Timestamps in the API's format, with microseconds. No two are equal, so the oldest share by `created` is always unambiguous.

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

/** The timestamp some milliseconds earlier, with the same microseconds. */
export function timestampBefore(timestamp: string, milliseconds: number): string {
  const [, microseconds = ''] = /\.\d{3}(\d*)Z$/.exec(timestamp) ?? [];
  return new Date(Date.parse(timestamp) - milliseconds).toISOString().replace('Z', `${microseconds}Z`);
}

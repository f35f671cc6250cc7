// Holds the first lists of shares until a given number of them was requested. That many runs have then listed before any of them acts,
// which makes the race certain.

export class LookGate {
  #wanted = 0;
  #atOnce = 0;
  readonly #held = new Set<() => void>();

  /** Waits for this many lists from now on (0 for none). Held lists are sent. */
  hold(wanted: number): void {
    this.#wanted = wanted;
    this.#atOnce = 0;
    this.#release();
  }

  /** How many lists were sent together. 0 before that. */
  get atOnce(): number {
    return this.#atOnce;
  }

  /** Whether the next list will be held. */
  get holding(): boolean {
    return this.#wanted > 0 && this.#atOnce === 0;
  }

  /** @param gone fires when the client no longer waits for the response. The list then doesn't count */
  async pass(gone: AbortSignal): Promise<void> {
    if (!this.holding || gone.aborted) return;
    const passed = new Promise<void>((resolve) => {
      this.#held.add(resolve);
      gone.addEventListener('abort', () => {
        this.#held.delete(resolve);
        resolve();
      });
    });
    if (this.#held.size >= this.#wanted) {
      this.#atOnce = this.#held.size;
      this.#release();
    }
    await passed;
  }

  #release(): void {
    for (const release of this.#held) release();
    this.#held.clear();
  }
}

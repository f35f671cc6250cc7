// Holds the first lists of shares back until so many have been asked for, so that as many runs have looked before any
// of them acts: a race that is certain.

export class LookGate {
  #wanted = 0;
  #atOnce = 0;
  readonly #held = new Set<() => void>();

  /** Waits for so many lists from now on; for none when it is 0. Whatever is held goes. */
  hold(wanted: number): void {
    this.#wanted = wanted;
    this.#atOnce = 0;
    this.#release();
  }

  /** How many lists were let go together; 0 as long as they are awaited. */
  get atOnce(): number {
    return this.#atOnce;
  }

  /** Whether the next list will be held. */
  get holding(): boolean {
    return this.#wanted > 0 && this.#atOnce === 0;
  }

  /** @param gone fires when nobody waits for the answer any more: such a list is no longer counted */
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

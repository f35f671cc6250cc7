// Holds the first lists of shares until a given number of them has been requested. By then, that many runs have listed
// and none of them has acted, so the race is certain to happen.

export class ListGate {
  #wanted = 0;
  #atOnce = 0;
  readonly #held = new Set<() => void>();

  /** Waits for this many lists from now on (0: none), and sends the lists that were held. */
  hold(wanted: number): void {
    this.#wanted = wanted;
    this.#atOnce = 0;
    this.#release();
  }

  /** How many lists were held and sent together. 0: none yet. */
  get atOnce(): number {
    return this.#atOnce;
  }

  /** Whether the next list will be held. */
  get holding(): boolean {
    return this.#wanted > 0 && this.#atOnce === 0;
  }

  /**
   * Waits until the list can be sent. @param gone aborts when the client no longer waits for the response. The list
   * then doesn't count
   */
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

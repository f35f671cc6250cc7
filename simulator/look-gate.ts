// Holds back the first lists of shares until a given number of them has been asked for. Then that many runs have looked
// before any of them acts: the race is certain.

export class LookGate {
  #wanted = 0;
  #atOnce = 0;
  readonly #held = new Set<() => void>();

  /** From now on, waits for so many lists (0: for none). Lists that are held go. */
  hold(wanted: number): void {
    this.#wanted = wanted;
    this.#atOnce = 0;
    this.#release();
  }

  /** How many lists went together. 0 until then. */
  get atOnce(): number {
    return this.#atOnce;
  }

  /** Whether the next list will be held. */
  get holding(): boolean {
    return this.#wanted > 0 && this.#atOnce === 0;
  }

  /** @param gone fires when nobody waits for the answer any more: then the list does not count */
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

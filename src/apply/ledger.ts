// What was to be done, what was done, and what may have been done: the truth for the last line of a failed step.

export class Ledger {
  readonly #open = new Set<string>();
  readonly #done: string[] = [];
  readonly #uncertain = new Set<string>();

  /** Steps that lie ahead. */
  intend(...steps: string[]): void {
    for (const step of steps) this.#open.add(step);
  }

  /** @param id what came of it, to be named with it */
  did(step: string, id?: string): void {
    this.#open.delete(step);
    this.#uncertain.delete(step);
    this.#done.push(id === undefined ? step : `${step} (${id})`);
  }

  /** A request for it went out, and what became of it is not known. */
  mayHaveDone(step: string): void {
    this.#open.delete(step);
    this.#uncertain.add(step);
  }

  /** It turned out not to have been done. */
  didNot(step: string): void {
    this.#uncertain.delete(step);
    this.#open.add(step);
  }

  get done(): readonly string[] {
    return this.#done;
  }

  get open(): readonly string[] {
    return [...this.#open];
  }

  get uncertain(): readonly string[] {
    return [...this.#uncertain];
  }
}

// What was to be done, what was done, and what may have been done: the truth for the last line of a failed step.

import { mayHaveTaken } from '../cloudflare/errors.ts';

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

  /** It is not needed any more. */
  drop(step: string): void {
    this.#open.delete(step);
  }

  /** Makes the request that a step takes, and keeps account of what became of it. @throws what the request throws */
  async take<T>(
    step: string,
    request: () => Promise<T>,
    idOf: (answer: T) => string | undefined = () => undefined,
  ): Promise<T> {
    this.intend(step);
    try {
      const answer = await request();
      this.did(step, idOf(answer));
      return answer;
    } catch (error) {
      if (mayHaveTaken(error)) this.mayHaveDone(step);
      throw error;
    }
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

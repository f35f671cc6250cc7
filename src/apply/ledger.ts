// The only mutable state of one share's run: which steps were done, not done or not known, and what was seen last. It
// survives a failure: the report of a failed share is made from it.

import { fateOf } from '../cloudflare/errors.ts';
import type { Actual } from '../share/actual.ts';
import type { Problem } from '../share/desired.ts';
import type { Steps } from '../share/outcome.ts';
import { tidyStep } from '../share/phases.ts';
import type { Decision } from '../share/plan.ts';
import { idKey, type Share } from '../share/share.ts';

interface Entry {
  step: string;
  /** Of a create call: the id of the new share. */
  createdId?: string;
  /** The step belongs to an election. It changes nothing that the workflow asked for. */
  tidies: boolean;
}

type Seen = Pick<Actual, 'share' | 'recipients' | 'exclusions'>;

export class Ledger {
  readonly #open = new Set<string>();
  readonly #done: Entry[] = [];
  /** The value says whether the step tidies. */
  readonly #unknown = new Map<string, boolean>();
  #seen: Seen = {};
  #latest: Decision | undefined;
  readonly warnings: Problem[] = [];
  /** How long the wait took. Undefined: nothing was waited for, or the wait did not succeed. */
  waitedMs: number | undefined;

  /** Adds steps that are still to be done. */
  intend(...steps: readonly string[]): void {
    for (const step of steps) if (!this.#unknown.has(step)) this.#open.add(step);
  }

  did(step: string, { createdId, tidies = false }: { createdId?: string; tidies?: boolean } = {}): void {
    this.#open.delete(step);
    this.#unknown.delete(step);
    this.#done.push({ step, tidies, ...(createdId === undefined ? {} : { createdId }) });
  }

  /** The request was sent, and nobody knows whether it took effect. */
  mayHaveDone(step: string, { tidies = false }: { tidies?: boolean } = {}): void {
    this.#open.delete(step);
    this.#unknown.set(step, tidies);
  }

  /** After a look: these steps are ahead. A step of unknown fate that is not among them was done; an open one is not needed. */
  resolve(ahead: readonly string[]): void {
    for (const [step, tidies] of this.#unknown) if (!ahead.includes(step)) this.did(step, { tidies });
    for (const step of this.#open) if (!ahead.includes(step)) this.drop(step);
    this.intend(...ahead);
  }

  /** Forgets steps that are not needed any more. */
  drop(...steps: readonly string[]): void {
    for (const step of steps) {
      this.#open.delete(step);
      this.#unknown.delete(step);
    }
  }

  /** Sends the request that takes these steps, and records the result. @throws what the request throws */
  async take<T>(steps: readonly string[], request: () => Promise<T>, options: { tidies?: boolean } = {}): Promise<T> {
    this.intend(...steps);
    try {
      const answer = await request();
      for (const step of steps) this.did(step, options);
      return answer;
    } catch (error) {
      if (fateOf(error) === 'unknown') for (const step of steps) this.mayHaveDone(step, options);
      throw error;
    }
  }

  /** Records what was read of the share. A missing part keeps its value, unless the share is another one. */
  saw(seen: Seen): void {
    const { share = seen.share } = this.#seen;
    const isAnother = seen.share && share && idKey(seen.share.id) !== idKey(share.id);
    this.#seen = isAnother ? seen : { ...this.#seen, ...seen };
  }

  get seen(): Seen {
    return this.#seen;
  }

  /** Records a plan that was made while applying. */
  planned(decision: Decision): void {
    this.#latest = decision;
  }

  get latest(): Decision | undefined {
    return this.#latest;
  }

  get share(): Share | undefined {
    return this.#seen.share;
  }

  /** This run made the share that is there now. */
  get created(): boolean {
    const { share } = this.#seen;
    return share !== undefined && this.#done.some(({ createdId }) => createdId === share.id);
  }

  /** Did this run change anything of what the workflow asked for? Undefined: nobody knows. */
  get changed(): boolean | undefined {
    const steps = new Set(this.#done.map(({ step }) => step));
    // A share that was created, lost the election and was deleted is no change.
    const remains = ({ createdId }: Entry): boolean => createdId === undefined || !steps.has(tidyStep(createdId));
    if (this.#done.some((entry) => !entry.tidies && remains(entry))) return true;
    return this.#unknown.size > 0 ? undefined : false;
  }

  get steps(): Steps {
    return {
      done: this.#done.map(({ step, createdId }) => (createdId === undefined ? step : `${step} (${createdId})`)),
      notDone: [...this.#open],
      notKnown: [...this.#unknown.keys()],
    };
  }
}

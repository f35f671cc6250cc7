// The one thing that changes while a share is brought about: what was done, not done and not known, and what was seen
// last. Nothing in it is lost when a later step fails.

import { fateOf } from '../cloudflare/errors.ts';
import type { Actual } from '../share/actual.ts';
import type { Problem } from '../share/desired.ts';
import type { Steps } from '../share/outcome.ts';
import { tidyStep } from '../share/phases.ts';
import type { Decision } from '../share/plan.ts';
import type { Share } from '../share/share.ts';

interface Entry {
  step: string;
  /** Of a create call: the share that came of it. */
  createdId?: string;
  /** Housekeeping about the election: it changes nothing of what the workflow asked for. */
  tidies: boolean;
}

type Seen = Pick<Actual, 'share' | 'recipients' | 'exclusions'>;

export class Ledger {
  readonly #open = new Set<string>();
  readonly #done: Entry[] = [];
  /** Each with whether it tidies. */
  readonly #unknown = new Map<string, boolean>();
  #seen: Seen = {};
  #latest: Decision | undefined;
  readonly warnings: Problem[] = [];
  /** How long a wait took that ended well. */
  waitedMs: number | undefined;

  /** Steps that lie ahead. */
  intend(...steps: readonly string[]): void {
    for (const step of steps) if (!this.#unknown.has(step)) this.#open.add(step);
  }

  did(step: string, { createdId, tidies = false }: { createdId?: string; tidies?: boolean } = {}): void {
    this.#open.delete(step);
    this.#unknown.delete(step);
    this.#done.push({ step, tidies, ...(createdId === undefined ? {} : { createdId }) });
  }

  /** A request for it went out, and what became of it is not known. */
  mayHaveDone(step: string, { tidies = false }: { tidies?: boolean } = {}): void {
    this.#open.delete(step);
    this.#unknown.set(step, tidies);
  }

  /** A look shows what is still ahead. What else may have been done was done; what else was open is not needed. */
  settle(ahead: readonly string[]): void {
    for (const [step, tidies] of this.#unknown) if (!ahead.includes(step)) this.did(step, { tidies });
    for (const step of this.#open) if (!ahead.includes(step)) this.drop(step);
    this.intend(...ahead);
  }

  /** It is not needed any more, whatever became of it. */
  drop(...steps: readonly string[]): void {
    for (const step of steps) {
      this.#open.delete(step);
      this.#unknown.delete(step);
    }
  }

  /** Makes the request that takes these steps, and keeps account of what became of it. @throws what the request throws */
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

  /** What is known of the share now. A part that is left out stays as it was. */
  saw(seen: Seen): void {
    this.#seen = { ...this.#seen, ...seen };
  }

  /** What was seen belongs to another share. */
  forgetRecipients(): void {
    const { share } = this.#seen;
    this.#seen = share ? { share } : {};
  }

  get seen(): Seen {
    return this.#seen;
  }

  /** The plan that a look led to after the first one. */
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
    // A share that was made, lost the election and was deleted again is no change.
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

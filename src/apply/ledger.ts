// The only mutable state of one share's run: which steps were done, not done or unknown, what was read last, and which
// shares this run created and deleted. It survives a failure, because the report of a failed share is made from it.

import { fateOf } from '../cloudflare/errors.ts';
import type { Decision } from '../share/decide.ts';
import type { OwnShares } from '../share/election.ts';
import type { PlanItem } from '../share/plan.ts';
import type { Problem } from '../share/problem.ts';
import { idKey, type Observed, type Recipient, type Share, sameId, sameName } from '../share/share.ts';
import { keyOf, type Step, type Steps } from '../share/steps.ts';
import { lagPauses } from './lag.ts';

/** How long accepted changes of one share may take to show, in all rounds together. */
const CHANGES_SHOW_WITHIN_MS = 10_000;

interface Entry {
  step: Step;
  /** The step only serves an election, so it changes nothing that the workflow requested. */
  forElection: boolean;
}

/** What was read about the share. */
interface Read {
  share?: Share;
  recipients?: readonly Recipient[];
}

/** A rename that Cloudflare accepted. */
interface Rename {
  from: string;
  to: string;
  /** Cloudflare still shows the old name. */
  pending: boolean;
}

export class Ledger {
  // Both maps are keyed by `keyOf(step)`.
  readonly #open = new Map<string, Step>();
  readonly #unknown = new Map<string, Entry>();
  readonly #done: Entry[] = [];
  /** The changes that Cloudflare accepted: the id of the share, and `keyOf(step)`. */
  readonly #accepted = new Set<string>();
  /** The ids of the share-resources that this run added, as keys. */
  readonly #added = new Set<string>();
  // Both are keyed by the share's id.
  readonly #gone = new Set<string>();
  readonly #renames = new Map<string, Rename>();
  #observed: Read = {};
  #announced: Decision | undefined;
  #latest: Decision | undefined;
  /** The shares that this run created. Undefined: no create call was sent. A listing may not show them yet. */
  own: OwnShares | undefined;
  /** The id of the share that was replaced. */
  replaced: string | undefined;
  /** A listing was stale, so the run elects once more after the rename. */
  lagged = false;
  /** The pauses that are left for reads that don't show an accepted change yet. */
  readonly changePauses = lagPauses(CHANGES_SHOW_WITHIN_MS);
  readonly warnings: Problem[] = [];
  /** How long the wait took. Undefined: there was no wait, or it didn't succeed. */
  waitedMs: number | undefined;

  /** Adds steps that are still to be done. */
  intend(...steps: readonly Step[]): void {
    for (const step of steps) if (!this.#unknown.has(keyOf(step))) this.#open.set(keyOf(step), step);
  }

  markDone(step: Step, { forElection = false }: { forElection?: boolean } = {}): void {
    this.drop(step);
    this.#done.push({ step, forElection });
    if (step.kind === 'change') this.#accepted.add(this.#keyOfChange(step.change));
  }

  /** The request was sent, but its response doesn't tell whether it took effect. */
  markUnknown(step: Step, { forElection = false }: { forElection?: boolean } = {}): void {
    this.#open.delete(keyOf(step));
    this.#unknown.set(keyOf(step), { step, forElection });
  }

  /**
   * Updates the steps for a new plan.
   * @param ahead the steps that the plan still needs. Any other step was done if its result was unknown, and is no longer
   * needed if it was open
   */
  resolve(ahead: readonly Step[]): void {
    const keys = new Set(ahead.map(keyOf));
    for (const [key, { step, forElection }] of this.#unknown) if (!keys.has(key)) this.markDone(step, { forElection });
    this.#open.clear();
    this.intend(...ahead);
  }

  #keyOfChange(change: PlanItem): string {
    return `${idKey(this.#observed.share?.id ?? '')} ${keyOf({ kind: 'change', change })}`;
  }

  /** Has Cloudflare accepted a request of this run that makes this change to the share? */
  isAccepted(change: PlanItem): boolean {
    return this.#accepted.has(this.#keyOfChange(change));
  }

  /** Should reads show this change by now? The create call of a new share contained every listed item. */
  shouldShow(change: PlanItem): boolean {
    return this.isAccepted(change) || (this.created && change.op === 'add');
  }

  /** Records the id of an added resource, if the response has one. */
  recordAdded(response: unknown): void {
    const { id } = (response ?? {}) as { id?: unknown };
    if (typeof id === 'string') this.#added.add(idKey(id));
  }

  /** Did this run add the share-resource with this id? */
  hasAdded(id: string): boolean {
    return this.#added.has(idKey(id));
  }

  /** Forgets steps that are no longer needed. */
  drop(...steps: readonly Step[]): void {
    for (const key of steps.map(keyOf)) {
      this.#open.delete(key);
      this.#unknown.delete(key);
    }
  }

  /** Sends the request for these steps and records the result. @throws what the request throws */
  async take<T>(
    steps: readonly Step[],
    request: () => Promise<T>,
    options: { forElection?: boolean } = {},
  ): Promise<T> {
    this.intend(...steps);
    try {
      const result = await request();
      for (const step of steps) this.markDone(step, options);
      return result;
    } catch (error) {
      if (fateOf(error) === 'unknown') for (const step of steps) this.markUnknown(step, options);
      throw error;
    }
  }

  /**
   * Records what was read about the share. Anything that wasn't read keeps its value, unless the share is a different
   * one.
   */
  recordObserved({ share, recipients = 'not-read' }: Partial<Observed>): void {
    const known = this.#observed;
    const isAnother = known.share && share && !sameId(share.id, known.share.id);
    this.#observed = {
      ...(isAnother ? {} : known),
      ...(share ? { share } : {}),
      ...(recipients === 'not-read' ? {} : { recipients }),
    };
  }

  get observed(): Read {
    return this.#observed;
  }

  /** Records that a share is gone. A stale listing may still show it. */
  recordGone(shareId: string): void {
    this.#gone.add(idKey(shareId));
  }

  isGone(shareId: string): boolean {
    return this.#gone.has(idKey(shareId));
  }

  /** Listed shares, corrected for this run's deletions and renames, because a listing can be older than those. */
  corrected(shares: readonly Share[]): Share[] {
    const present = shares.filter(({ id }) => !this.isGone(id));
    return present.map((share) => {
      const rename = this.renameOf(share.id);
      return rename && sameName(share.name, rename.from) ? { ...share, name: rename.to } : share;
    });
  }

  /** Records a rename. Listings can show the old name for a while. */
  recordRename(shareId: string, rename: Rename): void {
    this.#renames.set(idKey(shareId), rename);
  }

  renameOf(shareId: string): Rename | undefined {
    return this.#renames.get(idKey(shareId));
  }

  /** Does Cloudflare still show the old name of the share? */
  get isRenamePending(): boolean {
    return [...this.#renames.values()].some(({ pending }) => pending);
  }

  /** Records a plan. The first one is the plan that the log announces; later ones are made during apply. */
  recordPlan(decision: Decision): void {
    this.#announced ??= decision;
    this.#latest = decision;
  }

  get announced(): Decision | undefined {
    return this.#announced;
  }

  get latest(): Decision | undefined {
    return this.#latest;
  }

  /** This run created the share that exists now. */
  get created(): boolean {
    const { share } = this.#observed;
    return share !== undefined && this.#done.some(({ step }) => step.kind === 'create' && step.shareId === share.id);
  }

  /** The ids of all shares that this run created, whether they still exist or not. */
  get createdIds(): string[] {
    return this.#done.flatMap(({ step }) =>
      step.kind === 'create' && step.shareId !== undefined ? [step.shareId] : [],
    );
  }

  /** Did this run change anything that the workflow requested? Undefined: unknown. */
  get changed(): boolean | undefined {
    const tidied = new Set<string | undefined>(
      this.#done.flatMap(({ step }) => (step.kind === 'delete-temporary' ? [step.shareId] : [])),
    );
    // Creating a share that lost the election and was deleted isn't a change.
    const remains = ({ step }: Entry): boolean => step.kind !== 'create' || !tidied.has(step.shareId);
    if (this.#done.some((entry) => !entry.forElection && remains(entry))) return true;
    return this.#unknown.size > 0 ? undefined : false;
  }

  /** A change that Cloudflare accepted, but that the latest plan still needs, is unknown. */
  get steps(): Steps {
    const isAccepted = (step: Step): boolean => step.kind === 'change' && this.isAccepted(step.change);
    const open = [...this.#open.values()];
    const done = new Map(this.#done.map(({ step }) => [step.kind === 'change' ? keyOf(step) : step, step]));
    for (const step of open) done.delete(keyOf(step));
    return {
      done: [...done.values()],
      notDone: open.filter((step) => !isAccepted(step)),
      notKnown: [...Array.from(this.#unknown.values(), ({ step }) => step), ...open.filter(isAccepted)],
    };
  }
}

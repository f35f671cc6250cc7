// The steps of a run: what it does to a share. Code compares steps by their key. Their words are for people, so they
// can be changed freely.

import { itemIdentity, itemWords, type PlanItem } from './plan.ts';
import { idKey } from './share.ts';
import { count, quoted } from './words.ts';

export type Step =
  /** `shareId`: the new share's id, once the create call has succeeded. */
  | { kind: 'create'; name: string; shareId?: string }
  | { kind: 'rename'; name: string }
  /** Excludes accounts from a new share, right after its creation. */
  | { kind: 'exclude'; shareId: string; accounts: number }
  /** Adds, updates or removes an item of the share's lists. */
  | { kind: 'change'; change: PlanItem }
  | { kind: 'delete' | 'delete-temporary' | 'delete-replaced' | 'roll-back'; shareId: string }
  | { kind: 'wait-until-associated' }
  | { kind: 'wait-until-deleted'; shareId: string };

/** Deletes a temporary share that is no longer needed. */
export const deletingTemporary = (shareId: string): Step => ({ kind: 'delete-temporary', shareId });

/** The steps of one share, by what is known about them. */
export interface Steps {
  done: readonly Step[];
  notDone: readonly Step[];
  /** The request was sent, but its response doesn't tell whether it took effect. */
  notKnown: readonly Step[];
}

/**
 * Identifies a step. The id of a new share isn't part of the key, so the key is the same before and after the create
 * call. A share can contain copies of a resource, so the key of an existing item includes the item's id.
 */
export function keyOf(step: Step): string {
  switch (step.kind) {
    case 'create':
    case 'rename':
      return JSON.stringify([step.kind, step.name]);
    case 'change': {
      const { change } = step;
      const id = change.op === 'add' ? [] : [idKey(change.item.id)];
      return JSON.stringify([change.op, ...itemIdentity(change), ...id]);
    }
    case 'wait-until-associated':
      return step.kind;
    default:
      return JSON.stringify([step.kind, idKey(step.shareId)]);
  }
}

/** The step in the words of the log: `add recipient 1111…`. */
export function wordsOf(step: Step): string {
  switch (step.kind) {
    case 'create':
      return `create share ${quoted(step.name)}${step.shareId === undefined ? '' : ` (${step.shareId})`}`;
    case 'rename':
      return `rename the share to ${quoted(step.name)}`;
    case 'exclude':
      return `exclude ${count(step.accounts, 'account')} from share ${step.shareId}`;
    case 'change':
      return `${step.change.op} ${itemWords(step.change)}`;
    case 'delete':
      return `delete share ${step.shareId}`;
    case 'delete-temporary':
      return `delete the temporary share ${step.shareId}`;
    case 'delete-replaced':
      return `delete the replaced share ${step.shareId}`;
    case 'roll-back':
      return `roll back share ${step.shareId}`;
    case 'wait-until-associated':
      return 'wait until every recipient is associated';
    case 'wait-until-deleted':
      return `wait until share ${step.shareId} is deleted`;
  }
}

/** The name of the share, if the words of the step contain it. */
export const shareNameIn = (step: Step): string | undefined =>
  step.kind === 'create' || step.kind === 'rename' ? step.name : undefined;

// The steps of a run: what it does to a share. Code compares steps by their key. Their words are for people, and may be
// reworded freely.

import { accountOf, type ExclusionItem, idKey, type RecipientItem, type ResourceItem } from './share.ts';
import { count, exclusionWords, quoted, recipientWords, resourceWords } from './words.ts';

/** One item of a share's lists. */
type Item =
  | { list: 'recipient'; item: RecipientItem }
  | { list: 'resource'; item: Omit<ResourceItem, 'meta'> }
  | { list: 'exclusion'; item: ExclusionItem };

export type Step =
  /** `shareId`: the new share's id, once the create call has succeeded. */
  | { kind: 'create'; name: string; shareId?: string }
  | { kind: 'rename'; name: string }
  /** Excludes accounts from a new share, right after its creation. */
  | { kind: 'exclude'; shareId: string; accounts: number }
  | ({ kind: 'add' | 'update' | 'remove' } & Item)
  | { kind: 'delete' | 'delete-temporary' | 'delete-replaced' | 'roll-back'; shareId: string }
  | { kind: 'wait-until-associated' }
  | { kind: 'wait-until-deleted'; shareId: string };

/** The steps of one share, by what is known of them. */
export interface Steps {
  done: readonly Step[];
  notDone: readonly Step[];
  /** The request was sent, but its response doesn't tell whether it took effect. */
  notKnown: readonly Step[];
}

/** The same for the same step. The id of a new share is no part of it: the step is the same before and after the call. */
export function keyOf(step: Step): string {
  switch (step.kind) {
    case 'create':
    case 'rename':
      return JSON.stringify([step.kind, step.name]);
    case 'add':
    case 'update':
    case 'remove':
      return JSON.stringify([step.kind, step.list, ...itemKey(step)]);
    case 'wait-until-associated':
      return step.kind;
    default:
      return JSON.stringify([step.kind, idKey(step.shareId)]);
  }
}

function itemKey(item: Item): string[] {
  switch (item.list) {
    case 'recipient': {
      const account = accountOf(item.item);
      return account === undefined ? ['', idKey(item.item.organization_id ?? '')] : [idKey(account)];
    }
    case 'resource': {
      const { resource_type, resource_id, resource_account_id } = item.item;
      return [resource_type, idKey(resource_id), idKey(resource_account_id)];
    }
    default:
      return [idKey(item.item.account_id)];
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
    case 'add':
    case 'update':
    case 'remove':
      return `${step.kind} ${itemWords(step)}`;
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

function itemWords(item: Item): string {
  switch (item.list) {
    case 'recipient':
      return recipientWords(item.item);
    case 'resource':
      return resourceWords(item.item);
    default:
      return exclusionWords(item.item);
  }
}

/** The name of the share, where the words of the step contain it. */
export const shareNameIn = (step: Step): string | undefined =>
  step.kind === 'create' || step.kind === 'rename' ? step.name : undefined;

// A plan as one list of items. All code that shows, counts, compares or applies a plan reads this list, so a new kind
// of list in a share only has to be added here and in plan.ts.

import type { SharePlan } from './plan.ts';
import { accountOf, idKey, type RecipientItem } from './share.ts';
import { exclusionWords, recipientWords, resourceWords } from './words.ts';

type Recipients = SharePlan['recipients'];
type Resources = SharePlan['resources'];
type Exclusions = NonNullable<SharePlan['exclusions']>;

/** `extra`: an unlisted item that stays. */
export type ItemOp = 'add' | 'update' | 'remove' | 'extra';
export type ItemKind = 'recipient' | 'resource' | 'exclusion';

export type PlanItem =
  | { op: 'add'; kind: 'recipient'; item: Recipients['add'][number] }
  | { op: 'remove'; kind: 'recipient'; item: Recipients['remove'][number] }
  | { op: 'extra'; kind: 'recipient'; item: Recipients['extra'][number] }
  | { op: 'add'; kind: 'resource'; item: Resources['add'][number] }
  | { op: 'update'; kind: 'resource'; item: Resources['update'][number] }
  | { op: 'remove'; kind: 'resource'; item: Resources['remove'][number] }
  | { op: 'extra'; kind: 'resource'; item: Resources['extra'][number] }
  | { op: 'add'; kind: 'exclusion'; item: Exclusions['add'][number] }
  | { op: 'remove'; kind: 'exclusion'; item: Exclusions['remove'][number] }
  | { op: 'extra'; kind: 'exclusion'; item: Exclusions['extra'][number] };

/** The value of an item of that kind and operation. */
export type ItemOf<K extends ItemKind, O extends ItemOp> = Extract<PlanItem, { kind: K; op: O }>['item'];

/** Kinds and operations in the order in which plans are shown and counted. */
export const ITEM_KINDS: readonly ItemKind[] = ['recipient', 'resource', 'exclusion'];
export const ITEM_OPS: readonly ItemOp[] = ['add', 'update', 'remove', 'extra'];

/** Every item of the plan: by kind, then by operation, then in the order of its list. */
export function itemsOf({ recipients, resources, exclusions }: SharePlan): PlanItem[] {
  return [
    ...recipients.add.map((item): PlanItem => ({ op: 'add', kind: 'recipient', item })),
    ...recipients.remove.map((item): PlanItem => ({ op: 'remove', kind: 'recipient', item })),
    ...recipients.extra.map((item): PlanItem => ({ op: 'extra', kind: 'recipient', item })),
    ...resources.add.map((item): PlanItem => ({ op: 'add', kind: 'resource', item })),
    ...resources.update.map((item): PlanItem => ({ op: 'update', kind: 'resource', item })),
    ...resources.remove.map((item): PlanItem => ({ op: 'remove', kind: 'resource', item })),
    ...resources.extra.map((item): PlanItem => ({ op: 'extra', kind: 'resource', item })),
    ...(exclusions?.add ?? []).map((item): PlanItem => ({ op: 'add', kind: 'exclusion', item })),
    ...(exclusions?.remove ?? []).map((item): PlanItem => ({ op: 'remove', kind: 'exclusion', item })),
    ...(exclusions?.extra ?? []).map((item): PlanItem => ({ op: 'extra', kind: 'exclusion', item })),
  ];
}

/** The items of one kind and operation, as the plan has them. */
export const itemsWith = <K extends ItemKind, O extends ItemOp>(
  items: readonly PlanItem[],
  kind: K,
  op: O,
): ItemOf<K, O>[] => items.flatMap((each) => (each.kind === kind && each.op === op ? [each.item as ItemOf<K, O>] : []));

/** Does the item change anything? Extras don't. */
export const isChange = ({ op }: PlanItem): boolean => op !== 'extra';

/** Whether a change gives accounts more or less. A new exclusion takes the share from an account. */
export type Reach = 'more' | 'less' | 'same';

export function reachOf({ kind, op }: Pick<PlanItem, 'kind' | 'op'>): Reach {
  if (op === 'add') return kind === 'exclusion' ? 'less' : 'more';
  if (op === 'remove') return kind === 'exclusion' ? 'more' : 'less';
  return 'same';
}

/** `recipient …`, `resource gateway-policy …`, `exclusion of account …`. */
export function itemWords(planned: PlanItem): string {
  switch (planned.kind) {
    case 'recipient':
      return recipientWords(planned.item);
    case 'resource':
      return resourceWords(planned.item);
    case 'exclusion':
      return exclusionWords(planned.item);
  }
}

/** Identifies the item among others of its kind: its ids, ignoring case. */
export function idsOf(planned: PlanItem): string[] {
  switch (planned.kind) {
    case 'recipient': {
      const item: RecipientItem = planned.item;
      const account = accountOf(item);
      return account === undefined ? ['', idKey(item.organization_id ?? '')] : [idKey(account)];
    }
    case 'resource': {
      const { resource_type, resource_id, resource_account_id } = planned.item;
      return [resource_type, idKey(resource_id), idKey(resource_account_id)];
    }
    case 'exclusion':
      return [idKey(planned.item.account_id)];
  }
}

/**
 * The plan as outputs and plan files show it: a recipient has `account_id` or `organization_id`, as in the API's
 * responses, whichever key the workflow used.
 * @param organizationId the organization that `{}` refers to. Undefined: unknown, because the account hasn't shared
 * anything yet
 */
export const publicPlan = (plan: SharePlan, organizationId?: string): SharePlan => ({
  ...plan,
  recipients: { ...plan.recipients, add: plan.recipients.add.map((item) => publicRecipient(item, organizationId)) },
});

function publicRecipient(item: RecipientItem, organizationId: string | undefined): RecipientItem {
  const account = accountOf(item);
  if (account !== undefined) return { account_id: account };
  const organization = item.organization_id ?? organizationId;
  return organization === undefined ? {} : { organization_id: organization };
}

// The plan of one share: a value that can be printed, compared, tested without a network, and applied. Only this file
// and decide.ts, which makes its lists, use each list on its own. All other code reads the lists as one list of
// items. Where the kind of an item matters, the compiler asks for a new kind.

import type { DesiredShare } from './desired.ts';
import {
  accountOf,
  type Exclusion,
  type ExclusionItem,
  exclusionKey,
  liveResources,
  type Recipient,
  type RecipientItem,
  type ResourceItem,
  recipientIdentity,
  resourceIdentity,
  resourceKey,
  type Share,
  type ShareResource,
} from './share.ts';
import { isTemporaryName } from './temporary-name.ts';
import { exclusionWords, recipientWords, resourceWords } from './words.ts';

export type PlanAction = 'create' | 'update' | 'replace' | 'delete' | 'none';

/** An existing recipient, as the API identifies it. */
export type ActualRecipient = Pick<Recipient, 'id' | 'account_id' | 'association_status'>;
/** An existing resource: `id` is the share-resource's, and `resource_id` the shared resource's. */
export type ActualResource = Pick<ShareResource, 'id' | 'resource_type' | 'resource_id' | 'resource_account_id'>;
type ActualExclusion = Pick<Exclusion, 'id' | 'account_id'>;

export interface SharePlan {
  name: string;
  action: PlanAction;
  share_id: string | null;
  rename: { from: string; to: string } | null;
  recipients: { add: RecipientItem[]; remove: ActualRecipient[]; extra: ActualRecipient[] };
  resources: {
    add: ResourceItem[];
    update: (ActualResource & { meta: unknown; previous_meta: unknown })[];
    remove: ActualResource[];
    extra: ActualResource[];
  };
  /** For a share with the organization. */
  exclusions?: { add: ExclusionItem[]; remove: ActualExclusion[]; extra: ActualExclusion[] };
  /** The share isn't in a complete file, but stays. */
  unlisted?: true;
}

/** The `plan` output. */
export interface Plan {
  shares: SharePlan[];
}

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

/** Whether a change gives accounts more or less. A new exclusion makes an account lose the share. */
export type Reach = 'more' | 'less' | 'same';

export function reachOf({ kind, op }: Pick<PlanItem, 'kind' | 'op'>): Reach {
  if (op === 'add') return kind === 'exclusion' ? 'less' : 'more';
  if (op === 'remove') return kind === 'exclusion' ? 'more' : 'less';
  return 'same';
}

/** The account that gets more or less. Undefined: an organization, or a resource, which concerns every recipient. */
export const accountOfItem = (planned: PlanItem): string | undefined =>
  planned.kind === 'resource' ? undefined : accountOf(planned.item);

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

/** Identifies an item of a plan, without its `meta`. */
export function itemIdentity(planned: PlanItem): string[] {
  switch (planned.kind) {
    case 'recipient':
      return recipientIdentity(planned.item);
    case 'resource':
      return ['resource', ...resourceIdentity(planned.item)];
    case 'exclusion':
      return ['excluded', exclusionKey(planned.item)];
  }
}

/** Does the plan give the elected share its name? */
export const finishesElection = ({ rename }: SharePlan): boolean => rename !== null && isTemporaryName(rename.from);

/** Would apply change anything? */
export const changesAnything = (plan: SharePlan): boolean => plan.action !== 'none';

/** The number of extras: unlisted shares, recipients, resources and exclusions that stay. */
export const extrasIn = (plan: SharePlan): number =>
  itemsOf(plan).filter((each) => !isChange(each)).length + (plan.unlisted ? 1 : 0);

/**
 * Takes the extras from a later plan for the same desired share, because another share may have been elected by then.
 */
export const withExtrasOf = (plan: SharePlan, { recipients, resources, exclusions }: SharePlan): SharePlan => ({
  ...plan,
  recipients: { ...plan.recipients, extra: recipients.extra },
  resources: { ...plan.resources, extra: resources.extra },
  ...(plan.exclusions ? { exclusions: { ...plan.exclusions, extra: exclusions?.extra ?? [] } } : {}),
});

/** The plan with only its updates: no rename, and no items to add or remove. */
export function onlyUpdates({ exclusions: _, ...plan }: SharePlan): SharePlan {
  const none = { add: [], remove: [], extra: [] };
  return { ...plan, rename: null, recipients: none, resources: { ...none, update: plan.resources.update } };
}

/** Does the actual state differ from the inputs or the file, extras included? */
export const hasDrift = (plan: SharePlan): boolean => changesAnything(plan) || extrasIn(plan) > 0;

/**
 * How the share compares with the inputs or the file:
 * - `in sync`: nothing differs
 * - `extras`: everything listed exists, and so do unlisted items
 * - `differs`: apply has something to do
 * - `kept`: with `if-exists: keep`, the share wasn't compared
 * - `gone`: the share shouldn't exist, and doesn't
 * - `unlisted`: the share isn't in a complete file, and stays
 */
export type Agreement = 'in sync' | 'extras' | 'differs' | 'kept' | 'gone' | 'unlisted';

/** Decides what log, headline, table and sentences say about whether anything differs. */
export function agreementOf(plan: SharePlan, kept?: boolean): Agreement {
  if (changesAnything(plan)) return 'differs';
  if (plan.unlisted) return 'unlisted';
  if (plan.share_id === null) return 'gone';
  if (kept) return 'kept';
  return hasDrift(plan) ? 'extras' : 'in sync';
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

/** The ids of the live share-resources: listed ones in the listed order, then the others in the API's order. */
export function resourceIds(share: Share, desired: DesiredShare | undefined): string[] {
  const rank = new Map((desired?.resources ?? []).map((r, i) => [resourceKey(r), i]));
  const rankOf = (r: ShareResource): number => rank.get(resourceKey(r)) ?? rank.size;
  return liveResources(share)
    .sort((a, b) => rankOf(a) - rankOf(b))
    .map(({ id }) => id);
}

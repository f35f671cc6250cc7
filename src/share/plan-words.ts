// A plan in a few words: counts of changes, or how the share compares with the inputs or the file.

import {
  type Agreement,
  agreementOf,
  ITEM_KINDS,
  ITEM_OPS,
  type ItemKind,
  type ItemOp,
  isChange,
  itemsOf,
  type PlanItem,
  type SharePlan,
} from './plan.ts';
import { accountOf } from './share.ts';
import { count, quoted } from './words.ts';

/**
 * How a share without changes compares with the inputs or the file. Log, headline, table and sentences use the same
 * words.
 */
export const AGREEMENT_WORDS: Record<Exclude<Agreement, 'differs' | 'extras'>, string> = {
  'in sync': 'in sync',
  kept: 'left unchanged (if-exists: keep)',
  gone: 'already gone',
  unlisted: 'not in the file',
};

/** `1 recipient to add, 2 resources not listed`, or how the share compares with the inputs or the file. */
export function planWords(plan: SharePlan, kept?: boolean): string {
  const agreement = agreementOf(plan, kept);
  return agreement === 'differs' || agreement === 'extras'
    ? [...actionWords(plan), ...renameWords(plan), ...itemCounts(plan, itemsOf(plan))].join(', ')
    : AGREEMENT_WORDS[agreement];
}

/** Only the changes, without the extras: `to create, 1 recipient to add`. Empty if nothing changes. */
export const changeWords = (plan: SharePlan): string => [...actionWords(plan), ...changeCounts(plan)].join(', ');

/** The same without the action: `1 recipient to add`. */
export const changeCounts = (plan: SharePlan): string[] => [
  ...renameWords(plan),
  ...itemCounts(plan, itemsOf(plan).filter(isChange)),
];

const actionWords = ({ action }: SharePlan): string[] =>
  action === 'create' || action === 'replace' || action === 'delete' ? [`to ${action}`] : [];

const renameWords = ({ rename }: SharePlan): string[] => (rename ? [`to rename from ${quoted(rename.from)}`] : []);

const OP_WORDS: Record<ItemOp, string> = {
  add: 'to add',
  update: 'to update',
  remove: 'to remove',
  extra: 'not listed',
};

function itemCounts({ action }: SharePlan, items: readonly PlanItem[]): string[] {
  const words = action === 'delete' ? { ...OP_WORDS, remove: 'to lose it' } : OP_WORDS;
  return ITEM_KINDS.flatMap((kind) =>
    ITEM_OPS.flatMap((op) =>
      countWords(
        kind,
        op,
        words[op],
        items.filter((each) => each.kind === kind && each.op === op),
      ),
    ),
  );
}

function countWords(kind: ItemKind, op: ItemOp, words: string, items: readonly PlanItem[]): string[] {
  if (items.length === 0) return [];
  // A new exclusion makes an account lose the share, so these words must not read like a gain.
  if (kind === 'exclusion' && op === 'add') return [`${count(items.length, 'account')} to exclude`];
  if (kind === 'exclusion' && op === 'remove') return [`${count(items.length, 'exclusion')} to lift`];
  // An organization is more than one recipient, so it is named and not counted.
  const organizations = items.filter((each) => each.kind === 'recipient' && accountOf(each.item) === undefined).length;
  const others = items.length - organizations;
  return [
    ...(organizations === 1 ? [`the organization ${words}`] : []),
    ...(organizations > 1 ? [`${organizations} organizations ${words}`] : []),
    ...(others > 0 ? [`${count(others, kind)} ${words}`] : []),
  ];
}

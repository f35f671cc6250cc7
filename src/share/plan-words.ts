// A plan in a few words: counts.

import type { SharePlan } from './plan.ts';
import { ITEM_KINDS, ITEM_OPS, type ItemOp, isChange, itemsOf, type PlanItem } from './plan-items.ts';
import { count, quoted } from './words.ts';

const OP_WORDS: Record<ItemOp, string> = {
  add: 'to add',
  update: 'to update',
  remove: 'to remove',
  extra: 'not listed',
};

/** `1 recipient to add, 2 resources not listed`; `as written` when nothing differs. */
export const planWords = (plan: SharePlan): string =>
  [...actionWords(plan), ...itemCounts(itemsOf(plan))].join(', ') || 'as written';

/** The same without what stays: only what changes. */
export const changeWords = (plan: SharePlan): string =>
  [...actionWords(plan), ...itemCounts(itemsOf(plan).filter(isChange))].join(', ') || 'as written';

const actionWords = ({ action, rename, unlisted }: SharePlan): string[] => [
  ...(action === 'create' || action === 'replace' || action === 'delete' ? [`to ${action}`] : []),
  ...(unlisted ? ['not in the file'] : []),
  ...(rename ? [`to rename from ${quoted(rename.from)}`] : []),
];

const itemCounts = (items: readonly PlanItem[]): string[] =>
  ITEM_KINDS.flatMap((kind) =>
    ITEM_OPS.flatMap((op) => {
      const n = items.filter((each) => each.kind === kind && each.op === op).length;
      return n > 0 ? [`${count(n, kind)} ${OP_WORDS[op]}`] : [];
    }),
  );

// A plan as lines, the same in log, summary and comment. `+` is added, `-` removed, `~` changed. `!` needs attention. A
// space means unchanged.

import { type Names, withName, withNames } from '../share/names.ts';
import {
  agreementOf,
  isChange,
  itemsOf,
  itemsWith,
  itemWords,
  type PlanItem,
  type Reach,
  reachOf,
  type SharePlan,
} from '../share/plan.ts';
import { AGREEMENT_WORDS } from '../share/plan-words.ts';
import { sameId, targetOf } from '../share/share.ts';
import { isTemporaryName } from '../share/temporary-name.ts';
import { count, quoted } from '../share/words.ts';

/** What the lines depend on besides the plan: how accounts and resources are named. */
export interface Naming {
  names: Names;
  /** The owner of the shares. Resources of other accounts are shown with their account. */
  accountId: string;
}

const ACTION_SIGN = { create: '+', update: '~', replace: '~', delete: '-', none: ' ' } as const;
const SIGN: Record<Reach, string> = { less: '-', more: '+', same: '~' };

/** The rename of a temporary share. */
const UNFINISHED = ' (an interrupted run created this share)';

/** The share's own line, without its sign. */
export function planTitle(plan: SharePlan): string {
  const what = agreementOf(plan) === 'gone' ? AGREEMENT_WORDS.gone : plan.action === 'none' ? 'no change' : plan.action;
  return `share ${quoted(plan.name)}: ${what}${plan.share_id === null ? '' : ` (${plan.share_id})`}`;
}

/** The plan for the log. It leaves out extras, because the end of the log names them. */
export const planLines = (plan: SharePlan, naming: Naming): string[] => [
  `${ACTION_SIGN[plan.action]} ${planTitle(plan)}`,
  ...consequences(plan, naming.names).map((words) => `! ${words}`),
  ...changeLines(plan, naming),
];

/** The changes, one line each, removals first. A new exclusion counts as a removal: an account loses the share. */
export function changeLines(plan: SharePlan, naming: Naming): string[] {
  const { rename } = plan;
  const changes = itemsOf(plan).filter(isChange);
  return [
    ...(rename
      ? [`~   name ${quoted(rename.from)} -> ${quoted(rename.to)}${isTemporaryName(rename.from) ? UNFINISHED : ''}`]
      : []),
    ...(['less', 'more', 'same'] as const).flatMap((reach) =>
      changes.filter((each) => reachOf(each) === reach).map((each) => `${SIGN[reach]}   ${inFull(each, naming)}`),
    ),
  ];
}

/** A change in words, with everything that a reviewer must see: `meta`, and the account of a foreign resource. */
function inFull(change: PlanItem, { names, accountId }: Naming): string {
  if (change.kind === 'exclusion') {
    const account = withName(change.item.account_id, names);
    return change.op === 'add' ? `exclude account ${account}` : `no longer exclude account ${account}`;
  }
  const words = withNames(itemWords(change), names);
  if (change.kind !== 'resource' || change.op === 'remove' || change.op === 'extra') return words;
  const { resource_account_id: owner, meta } = change.item;
  const of = sameId(owner, accountId) ? '' : ` of account ${withName(owner, names)}`;
  if (change.op === 'update') return `${words}${of}: meta ${json(change.item.previous_meta)} -> ${json(meta)}`;
  return `${words}${of}${json(meta) === '{}' ? '' : ` with meta ${json(meta)}`}`;
}

const json = (meta: unknown): string => JSON.stringify(meta ?? {});

/** What a reader must see first: what recipients lose, and what reaches more than the listed accounts. */
export function consequences(plan: SharePlan, names: Names): string[] {
  const { action, share_id } = plan;
  const items = itemsOf(plan);
  const joining = itemsWith(items, 'recipient', 'add');
  const named = joining[0]?.organization_id;
  const leaving = itemsWith(items, 'recipient', 'remove').length;
  const excluded = itemsWith(items, 'exclusion', 'add').length;
  const admitted = itemsWith(items, 'exclusion', 'remove').length;
  const removed = itemsWith(items, 'resource', 'remove').length;
  const when = (applies: boolean, words: string): string[] => (applies ? [words] : []);
  return [
    ...when(
      targetOf(joining) === 'organization',
      `shares with every account of ${named === undefined ? 'the organization' : `organization ${withName(named, names)}`}`,
    ),
    ...when(
      action === 'replace',
      `creates a new share and deletes ${share_id}: its recipients get everything again, from the new share`,
    ),
    ...when(
      action === 'delete',
      leaving > 0
        ? `deletes the share: ${count(leaving, 'recipient')} ${leaving === 1 ? 'loses' : 'lose'} what it shares`
        : 'deletes the share: its recipients lose what it shares',
    ),
    ...when(leaving > 0 && action === 'update', `takes the share from ${count(leaving, 'recipient')}`),
    ...when(
      excluded > 0 && action === 'update',
      `takes the share from ${count(excluded, 'account')} of the organization`,
    ),
    ...when(
      admitted > 0 && action === 'update',
      `shares with ${count(admitted, 'account')} of the organization that ${admitted === 1 ? 'was' : 'were'} excluded`,
    ),
    ...when(
      excluded > 0 && action !== 'update',
      `${count(excluded, 'excluded account')} can briefly see the new share, because the API can exclude accounts only from an existing share`,
    ),
    ...when(removed > 0 && action === 'update', `takes ${count(removed, 'resource')} from every recipient`),
  ];
}

// A plan as lines for people: the one rendering that log, summary and comment share. `+` is added, `-` removed,
// `~` changed, `!` needs care, and what is indented by a space stays as it is.

import { hasDrift, type SharePlan } from '../share/plan.ts';
import { accountOf, targetOf } from '../share/share.ts';
import { count, quoted, recipientWords, resourceWords } from '../share/words.ts';

const SIGN = { create: '+', update: '~', replace: '~', delete: '-', none: ' ' } as const;
const WORD = { create: 'create', update: 'update', replace: 'replace', delete: 'delete', none: 'no change' } as const;

export function planLines(plan: SharePlan): string[] {
  const { action, name, share_id, rename, recipients, resources } = plan;
  return [
    `${SIGN[action]} share ${quoted(name)}: ${WORD[action]}${share_id === null ? '' : ` (${share_id})`}`,
    ...cautions(plan).map((caution) => `! ${caution}`),
    ...(rename ? [`~   name ${quoted(rename.from)} -> ${quoted(rename.to)}`] : []),
    ...recipients.remove.map((r) => `-   ${recipientWords(r)}`),
    ...resources.remove.map((r) => `-   ${resourceWords(r)}`),
    ...recipients.add.map((item) => `+   ${recipientWords(item)}`),
    ...resources.add.map((r) => `+   ${resourceWords(r)}`),
    ...resources.update.map(
      (r) => `~   ${resourceWords(r)}: meta ${JSON.stringify(r.previous_meta)} -> ${JSON.stringify(r.meta)}`,
    ),
    ...recipients.extra.map((r) => `    ${recipientWords(r)} is not listed and stays`),
    ...resources.extra.map((r) => `    ${resourceWords(r)} is not listed and stays`),
  ];
}

/** What a reviewer has to see first: what is taken away, and what reaches further than listed accounts. */
export function cautions({ action, share_id, recipients, resources }: SharePlan): string[] {
  const widens = recipients.add.length > 0 && targetOf(recipients.add) === 'organization';
  const named = recipients.add.find((item) => accountOf(item) === undefined)?.organization_id;
  return [
    ...(widens
      ? [`shares with every account of ${named === undefined ? 'the whole organization' : `organization ${named}`}`]
      : []),
    ...(action === 'replace'
      ? [`creates a new share and deletes ${share_id}: its recipients get everything anew`]
      : []),
    ...(action === 'delete' ? [`deletes the share: its recipients lose what it shares`] : []),
    ...(recipients.remove.length > 0 ? [`takes the share from ${count(recipients.remove.length, 'recipient')}`] : []),
    ...(resources.remove.length > 0
      ? [`takes ${count(resources.remove.length, 'resource')} from every recipient`]
      : []),
  ];
}

/** `1 to create, 2 to update, 5 as written`. */
export function planHeadline(plans: readonly SharePlan[]): string {
  const of = (action: SharePlan['action']): number => plans.filter((plan) => plan.action === action).length;
  const drifted = plans.filter((plan) => plan.action === 'none' && hasDrift(plan)).length;
  const counts: [number, string][] = [
    [of('delete'), 'to delete'],
    [of('replace'), 'to replace'],
    [of('create'), 'to create'],
    [of('update'), 'to update'],
    [of('none'), drifted > 0 ? `without change (${drifted} with more than is listed)` : 'without change'],
  ];
  return (
    counts
      .filter(([n]) => n > 0)
      .map(([n, what]) => `${n} ${what}`)
      .join(', ') || 'no shares'
  );
}

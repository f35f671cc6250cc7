// A plan as lines, the same in log, summary and comment. `+` is added, `-` removed, `~` changed. `!` needs attention. A line
// that begins with a space stays as it is.

import { isTemporaryName } from '../share/election.ts';
import { type Names, withName, withNames } from '../share/names.ts';
import type { SharePlan } from '../share/plan.ts';
import { accountOf, targetOf } from '../share/share.ts';
import { count, exclusionWords, quoted, recipientWords, resourceWords } from '../share/words.ts';

const SIGN = { create: '+', update: '~', replace: '~', delete: '-', none: ' ' } as const;
const WORD = { create: 'create', update: 'update', replace: 'replace', delete: 'delete', none: 'no change' } as const;

/** The rename of a temporary share. */
const UNFINISHED = ' (a run that was interrupted made this share)';

/** The share's own line, without its sign. */
export const planTitle = (plan: SharePlan): string =>
  `share ${quoted(plan.name)}: ${isGone(plan) ? GONE : WORD[plan.action]}${plan.share_id === null ? '' : ` (${plan.share_id})`}`;

/** No share is desired, and there is none. */
export const isGone = ({ action, share_id }: SharePlan): boolean => action === 'none' && share_id === null;
export const GONE = 'gone already, nothing to delete';

/** All of the plan, for the log. */
export const planLines = (plan: SharePlan, names: Names): string[] => [
  `${SIGN[plan.action]} ${planTitle(plan)}`,
  ...cautions(plan, names).map((caution) => `! ${caution}`),
  ...changeLines(plan, names),
  ...extraLines(plan, names).map((line) => `    ${line} is not listed and stays`),
];

/** The changes, one line each, removals first. A new exclusion is a removal (`-`). */
export function changeLines({ rename, recipients, resources, exclusions }: SharePlan, names: Names): string[] {
  const recipient = (item: Parameters<typeof recipientWords>[0]): string => withNames(recipientWords(item), names);
  const resource = (item: Parameters<typeof resourceWords>[0]): string => withNames(resourceWords(item), names);
  const account = ({ account_id }: { account_id: string }): string => withName(account_id, names);
  return [
    ...(rename
      ? [`~   name ${quoted(rename.from)} -> ${quoted(rename.to)}${isTemporaryName(rename.from) ? UNFINISHED : ''}`]
      : []),
    ...recipients.remove.map((r) => `-   ${recipient(r)}`),
    ...resources.remove.map((r) => `-   ${resource(r)}`),
    ...(exclusions?.add ?? []).map((e) => `-   exclude account ${account(e)}`),
    ...recipients.add.map((r) => `+   ${recipient(r)}`),
    ...(exclusions?.remove ?? []).map((e) => `+   no longer exclude account ${account(e)}`),
    ...resources.add.map((r) => `+   ${resource(r)}`),
    ...resources.update.map(
      (r) => `~   ${resource(r)}: meta ${JSON.stringify(r.previous_meta)} -> ${JSON.stringify(r.meta)}`,
    ),
  ];
}

/** What is there, is not listed, and stays; without the share itself. */
export const extraLines = ({ recipients, resources, exclusions }: SharePlan, names: Names): string[] =>
  [
    ...recipients.extra.map(recipientWords),
    ...resources.extra.map(resourceWords),
    ...(exclusions?.extra ?? []).map(exclusionWords),
  ].map((words) => withNames(words, names));

/** What a reader must see first: what recipients lose, and what reaches more than listed accounts. */
export function cautions({ action, share_id, recipients, resources, exclusions }: SharePlan, names: Names): string[] {
  const widens = targetOf(recipients.add) === 'organization';
  const named = recipients.add.find((item) => accountOf(item) === undefined)?.organization_id;
  const excluded = exclusions?.add.length ?? 0;
  const admitted = exclusions?.remove.length ?? 0;
  return [
    ...(widens
      ? [
          `shares with every account of ${named === undefined ? 'the whole organization' : `organization ${withName(named, names)}`}`,
        ]
      : []),
    ...(action === 'replace'
      ? [`creates a new share and deletes ${share_id}: its recipients get everything anew`]
      : []),
    ...(action === 'delete' ? ['deletes the share: its recipients lose what it shares'] : []),
    ...(recipients.remove.length > 0 && action !== 'replace'
      ? [`takes the share from ${count(recipients.remove.length, 'recipient')}`]
      : []),
    ...(excluded > 0 && action === 'update'
      ? [`takes the share from ${count(excluded, 'account')} of the organization`]
      : []),
    ...(admitted > 0 && action === 'update'
      ? [
          `shares with ${count(admitted, 'account')} of the organization that ${admitted === 1 ? 'was' : 'were'} excluded`,
        ]
      : []),
    ...(excluded > 0 && action !== 'update'
      ? [
          `${count(excluded, 'excluded account')} can see the new share for a moment: the API excludes on an existing share only`,
        ]
      : []),
    ...(resources.remove.length > 0 && action !== 'replace'
      ? [`takes ${count(resources.remove.length, 'resource')} from every recipient`]
      : []),
  ];
}

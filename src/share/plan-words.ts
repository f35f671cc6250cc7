// A plan in a few words: counts.

import type { SharePlan } from './plan.ts';
import { count, quoted } from './words.ts';

/** `1 recipient to add, 2 resources not listed`; `as written` when nothing differs. */
export function planWords({ action, rename, recipients, resources, exclusions, unlisted }: SharePlan): string {
  const parts = [
    ...(action === 'create' || action === 'replace' || action === 'delete' ? [`to ${action}`] : []),
    ...(unlisted ? ['not in the file'] : []),
    ...(rename ? [`to rename from ${quoted(rename.from)}`] : []),
    ...countsOf('recipient', recipients),
    ...countsOf('resource', resources),
    ...(exclusions ? countsOf('exclusion', exclusions) : []),
  ];
  return parts.join(', ') || 'as written';
}

/** The same without what stays: only what changes. */
export const changeWords = (plan: SharePlan): string =>
  planWords({
    ...plan,
    recipients: { ...plan.recipients, extra: [] },
    resources: { ...plan.resources, extra: [] },
    ...(plan.exclusions ? { exclusions: { ...plan.exclusions, extra: [] } } : {}),
  });

interface Changes {
  add: readonly unknown[];
  update?: readonly unknown[];
  remove: readonly unknown[];
  extra: readonly unknown[];
}

const countsOf = (noun: string, { add, update = [], remove, extra }: Changes): string[] =>
  (
    [
      [add, 'to add'],
      [update, 'to update'],
      [remove, 'to remove'],
      [extra, 'not listed'],
    ] as const
  )
    .filter(([list]) => list.length > 0)
    .map(([list, what]) => `${count(list.length, noun)} ${what}`);

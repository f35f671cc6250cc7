// The words for shares, recipients and resources: one way to say each thing in log, summary, comment and errors.

import { accountOf, type RecipientItem, type ResourceItem } from './share.ts';

/** In quotes, with everything that is not plain text escaped. */
export const quoted = (name: string): string => JSON.stringify(name);

export function recipientWords(item: RecipientItem): string {
  const account = accountOf(item);
  if (account !== undefined) return `recipient ${account}`;
  return item.organization_id === undefined ? 'the whole organization' : `organization ${item.organization_id}`;
}

export const resourceWords = (r: Omit<ResourceItem, 'meta'>): string => `resource ${r.resource_type} ${r.resource_id}`;

export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

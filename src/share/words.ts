// The words for shares, recipients, resources and exclusions: the same in log, summary, comment and errors.

import { accountOf, type RecipientItem, type ResourceItem, type Share, type UnreadableShare } from './share.ts';

/** In quotes, with everything but plain text escaped. */
export const quoted = (name: string): string => JSON.stringify(name);

/**
 * Characters that are invisible or change how other text is shown: controls, line and paragraph separators, Unicode's
 * default-ignorable characters, the Braille blank, and annotation marks. A reader can't tell a name with such a
 * character from one without it. They are listed, because V8 would look up Unicode's properties whenever the action
 * starts. A test compares the list with the properties.
 */
export const UNSEEN =
  /[\0-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|\u034f|[\u180b-\u180f]|[\ufe00-\ufe0f]/gu;

/**
 * The letters and digits of all scripts, as part of a pattern. V8 takes about a millisecond to compile such a pattern,
 * so it is made only for text that needs it.
 */
export const LETTER_OR_DIGIT = '\\p{L}\\p{N}';

/** An invisible character, escaped as in JSON and YAML: `\u200b`, once per UTF-16 code unit. */
export const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

export function recipientWords(item: RecipientItem): string {
  const account = accountOf(item);
  if (account !== undefined) return `recipient ${account}`;
  return item.organization_id === undefined ? 'the whole organization' : `organization ${item.organization_id}`;
}

/** Whom a share is for. Cloudflare can omit the organization, and can add other targets. */
export function targetWords({ target_type, organization_id }: Pick<Share, 'target_type' | 'organization_id'>): string {
  if (target_type === 'account') return 'accounts';
  if (target_type !== 'organization') return `the unknown type ${quoted(target_type)}`;
  return organization_id ? `the organization ${organization_id}` : 'an organization without an id';
}

export const resourceWords = (r: Omit<ResourceItem, 'meta'>): string => `resource ${r.resource_type} ${r.resource_id}`;

export const exclusionWords = ({ account_id }: { account_id: string }): string => `exclusion of account ${account_id}`;

/** A listed share that the action can't read, as a sentence without its full stop. */
export const unreadableWords = ({ id, name, wrong }: UnreadableShare): string =>
  `Cloudflare lists share ${id ?? quoted(name ?? '')} in a way that this version can't read (${wrong})`;

/** `1 share`, `2 shares`. */
export const count = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;

/** `30 seconds`, `2 minutes`, rounded up. */
export const duration = (ms: number): string =>
  ms < 120_000 ? `${Math.ceil(ms / 1000)} seconds` : `${Math.ceil(ms / 60_000)} minutes`;

/** `a, b and c`. Empty if there is nothing to list. */
export const inOneList = (texts: readonly string[]): string =>
  [...(texts.length > 1 ? [texts.slice(0, -1).join(', ')] : []), ...texts.slice(-1)].join(' and ');

/** The first few of a list, and how many more there are. */
export function firstFew(items: readonly string[], most: number, separator = '; '): string {
  const shown = items.slice(0, most).join(separator);
  return items.length > most ? `${shown}${separator}and ${items.length - most} more` : shown;
}

const SHARES_NAMED = 3;

/** `"Baseline", "WAF" and 3 others` */
export function sharesWords(shares: readonly string[], written: (name: string) => string = quoted): string {
  const more = shares.length - SHARES_NAMED;
  return `${shares.slice(0, SHARES_NAMED).map(written).join(', ')}${more > 0 ? ` and ${count(more, 'other')}` : ''}`;
}

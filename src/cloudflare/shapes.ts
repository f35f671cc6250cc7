// Checks the fields of a response that the action relies on, because any field may be null, missing or of the wrong
// type. The types in share/share.ts promise only what is checked here. All other fields are passed on unchanged.

import type { Exclusion, Recipient, Share, ShareResource, UnreadableShare } from '../share/share.ts';
import type { ResultInfo, Shape } from './call.ts';

/**
 * A share, or what is wrong with it. For an unreadable share, `of` tells whether it matters: whose share it is, and
 * whether it is live.
 */
type Checked = { share: Share } | { unreadable: UnreadableShare; of: Pick<Share, 'account_id' | 'kind' | 'status'> };
type Fields = Record<string, unknown>;

/** The text fields that each of these must have. */
const SHARE = ['id', 'name', 'status', 'target_type', 'created'];
const RESOURCE = ['id', 'resource_id', 'resource_type', 'resource_account_id', 'status'];
const RECIPIENT = ['id', 'account_id', 'association_status'];
const EXCLUSION = ['id', 'account_id'];
/** Fields that must not be empty, because two objects with an empty id couldn't be told apart. */
const NEVER_EMPTY = ['id', 'resource_id'];

/** The types of the optional fields that the action relies on. A value of the wrong type counts as missing. */
const SHARE_TYPES = Object.entries({
  account_id: 'string',
  account_name: 'string',
  organization_id: 'string',
  kind: 'string',
  associating_recipient_count: 'number',
  associated_recipient_count: 'number',
  disassociating_recipient_count: 'number',
  disassociated_recipient_count: 'number',
});

/** Deeper values would overflow the stack of code that compares or writes them. No real `meta` is nearly as deep. */
const LEVELS_MAX = 100;

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)));

/** Why an object can't be used, as a clause. Undefined: it has all of these texts, and isn't nested too deeply. */
function lack(thing: unknown, keys: readonly string[], at: string): string | undefined {
  if (!isObject(thing)) return `"${at}" is not an object`;
  for (const key of keys) {
    const value = thing[key];
    const where = at === '' ? `"${key}"` : `"${at}.${key}"`;
    if (value === undefined) return `${where} is missing`;
    if (value === null) return `${where} is null`;
    if (typeof value !== 'string') return `${where} is not text`;
    if (value === '' && NEVER_EMPTY.includes(key)) return `${where} is empty`;
  }
  return Object.values(thing).some((value) => isDeeper(value, LEVELS_MAX)) ? 'it is nested too deeply' : undefined;
}

function lackOfResources(list: unknown, at: string): string | undefined {
  if (list === undefined || list === null) return undefined; // not requested, or not shown
  if (!Array.isArray(list)) return `"${at}" is not a list`;
  for (const [i, item] of list.entries()) {
    const wrong = lack(item, RESOURCE, `${at}[${i}]`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

const lackOfShare = (thing: unknown, at: '' | 'result'): string | undefined =>
  lack(thing, SHARE, at) ??
  lackOfResources(isObject(thing) ? thing.resources : undefined, at === '' ? 'resources' : 'result.resources');

/**
 * The share without optional fields of the wrong type. It must have all required fields. `resources: null` means the
 * same as no `resources`.
 */
function asShare(share: unknown): Share {
  const fields = share as Fields;
  const wrong = SHARE_TYPES.filter(([key, type]) => fields[key] !== undefined && typeof fields[key] !== type).map(
    ([key]) => key,
  );
  return without(fields, Array.isArray(fields.resources) ? wrong : [...wrong, 'resources']) as unknown as Share;
}

const without = (thing: Fields, keys: readonly string[]): Fields =>
  keys.some((key) => key in thing)
    ? Object.fromEntries(Object.entries(thing).filter(([key]) => !keys.includes(key)))
    : thing;

/** A share in a response about it alone: checked strictly. */
export const aShare: Shape<Share> = (result) => {
  const wrong = lackOfShare(result, 'result');
  return wrong === undefined ? { value: asShare(result) } : { wrong };
};

/**
 * A share that was just created. Its resources are dropped if they are malformed, because the share exists, and they
 * can be read again.
 */
export const aCreatedShare: Shape<Share> = (result) => {
  const wrong = lack(result, SHARE, 'result');
  if (wrong !== undefined) return { wrong };
  const share = asShare(result);
  return { value: lackOfResources(share.resources, '') === undefined ? share : withoutResources(share) };
};

const withoutResources = ({ resources, ...share }: Share): Share => share;

/** The response to a successful change, with the share if the response shows it. */
export const aShareOrNothing: Shape<Share | undefined> = (result, info) => {
  const checked = aShare(result, info);
  return { value: 'value' in checked ? checked.value : undefined };
};

/** The response to a successful change, whatever it contains. */
export const anything: Shape<unknown> = (result) => ({ value: result });

function checkShare(item: Fields): Checked {
  const wrong = lackOfShare(item, '');
  if (wrong === undefined) return { share: asShare(item) };
  const { id, name, account_id, kind, status } = item;
  return {
    unreadable: { ...(isText(id) ? { id } : {}), ...(typeof name === 'string' ? { name } : {}), wrong },
    of: {
      ...(isText(account_id) ? { account_id } : {}),
      ...(isText(kind) ? { kind } : {}),
      status: isText(status) ? status : '',
    },
  };
}

/**
 * Readable and unreadable shares, in the order of the list. An entry with neither an id nor a name could be any share.
 * So the whole list is unreadable, because if the entry were skipped, an existing share could be created again.
 */
export const shares: Shape<Checked[]> = (result, info) => {
  const list = listOf(result, info);
  if ('wrong' in list) return list;
  const checked: Checked[] = [];
  for (const [i, item] of list.value.entries()) {
    if (!isObject(item)) return { wrong: `"result[${i}]" is not an object` };
    if (!isText(item.id) && !isText(item.name)) return { wrong: `"result[${i}]" has neither an id nor a name` };
    checked.push(checkShare(item));
  }
  return { value: checked };
};

/** An empty list can come as an explicit `null`, but not if the count is above zero. A missing `result` is no list. */
export function listOf(result: unknown, info: ResultInfo): { value: unknown[] } | { wrong: string } {
  if (Array.isArray(result)) return { value: result };
  if (result !== null) return { wrong: '"result" is not a list' };
  const count = Math.max(info.count ?? 0, info.total_count ?? 0);
  return count > 0 ? { wrong: `"result" is null, but "result_info" counts ${count}` } : { value: [] };
}

/** @param read converts an item that has all required fields */
function strictList<T>(keys: readonly string[], read: (thing: Fields) => unknown = (thing) => thing): Shape<T[]> {
  return (result, info) => {
    const list = listOf(result, info);
    if ('wrong' in list) return list;
    for (const [i, item] of list.value.entries()) {
      const wrong = lack(item, keys, `result[${i}]`);
      if (wrong !== undefined) return { wrong };
    }
    return { value: list.value.map((item) => read(item as Fields) as T) };
  };
}

/** Nothing depends on the state of a resource for a recipient, so a malformed state is corrected or dropped. */
function readRecipient(recipient: Fields): Fields {
  const { resources } = recipient;
  if (!Array.isArray(resources)) return without(recipient, ['resources']);
  const read = resources.filter(isObject).map((one) => ({
    ...one,
    error: typeof one.error === 'string' ? one.error : '',
    resource_id: typeof one.resource_id === 'string' ? one.resource_id : '',
    terminal: one.terminal === true,
  }));
  return { ...recipient, resources: read };
}

export const recipients = strictList<Recipient>(RECIPIENT, readRecipient);
export const resources = strictList<ShareResource>(RESOURCE);
export const exclusions = strictList<Exclusion>(EXCLUSION);

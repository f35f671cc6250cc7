// Checks the fields of an answer that this action relies on. All other fields are passed on unchecked.

import {
  type Exclusion,
  isLive,
  type Recipient,
  type Share,
  type ShareResource,
  type UnreadableShare,
} from '../share/share.ts';
import type { ResultInfo, Shape } from './call.ts';

/** A share, or what is wrong with it. */
type Checked = { share: Share } | { unreadable: UnreadableShare };

/** The texts that each thing must have. */
const SHARE = ['id', 'name', 'status', 'target_type', 'created'];
const RESOURCE = ['id', 'resource_id', 'resource_type', 'resource_account_id', 'status'];
const RECIPIENT = ['id', 'account_id', 'association_status'];
const EXCLUSION = ['id', 'account_id'];
/** Two things with an empty id could not be told apart. */
const NEVER_EMPTY = ['id', 'resource_id'];

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** What is wrong with an object that must have these texts, as a clause; nothing when it has them. */
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
  return undefined;
}

function lackOfResources(list: unknown, at: string): string | undefined {
  if (list === undefined || list === null) return undefined; // not asked for, or not shown
  if (!Array.isArray(list)) return `"${at}" is not a list`;
  for (const [i, item] of list.entries()) {
    const wrong = lack(item, RESOURCE, `${at}[${i}]`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** `resources: null` says as little as none. */
function asShare(thing: unknown): Share {
  const { resources, ...share } = thing as Share;
  return Array.isArray(resources) ? (thing as Share) : share;
}

/** A share in an answer about it alone: strict. */
export const aShare: Shape<Share> = (result) => {
  const resources = isObject(result) ? result.resources : undefined;
  const wrong = lack(result, SHARE, 'result') ?? lackOfResources(resources, 'result.resources');
  return wrong === undefined ? { value: asShare(result) } : { wrong };
};

/** A share that was just created. Its resources are left out if their form is wrong: the share exists, and they can be read again. */
export const aCreatedShare: Shape<Share> = (result) => {
  const wrong = lack(result, SHARE, 'result');
  if (wrong !== undefined) return { wrong };
  const { resources, ...share } = result as Share;
  return { value: lackOfResources(resources, '') === undefined ? asShare(result) : share };
};

/** A change that succeeded: the share, if the answer shows it. */
export const aShareOrNothing: Shape<Share | undefined> = (result, info) => {
  const checked = aShare(result, info);
  return { value: 'value' in checked ? checked.value : undefined };
};

/** A change that succeeded, whatever the answer shows. */
export const anything: Shape<unknown> = (result) => ({ value: result });

function checkShare(item: Record<string, unknown>): Checked {
  const wrong = lack(item, SHARE, '') ?? lackOfResources(item.resources, 'resources');
  if (wrong === undefined) return { share: asShare(item) };
  const { id, name } = item;
  return {
    unreadable: { ...(isText(id) ? { id } : {}), ...(typeof name === 'string' ? { name } : {}), wrong },
  };
}

/**
 * Readable and unreadable shares, in the order of the list. An entry with neither an id nor a name
 * could be any share. So the list can't be read: if it counted as empty, existing shares would be created again.
 */
export const shares: Shape<Checked[]> = (result, info) => {
  const list = listOf(result, info);
  if ('wrong' in list) return list;
  const checked: Checked[] = [];
  for (const [i, item] of list.value.entries()) {
    if (!isObject(item)) return { wrong: `"result[${i}]" is not an object` };
    if (!isText(item.id) && !isText(item.name)) return { wrong: `"result[${i}]" has neither an id nor a name` };
    const entry = checkShare(item);
    // Deleted shares stay listed. Nothing is done to them, so nothing needs to be known about them.
    if ('share' in entry || isLive({ status: String(item.status) })) checked.push(entry);
  }
  return { value: checked };
};

/** An empty list may come as `null`, but not when it is said to hold something. */
export function listOf(result: unknown, info: ResultInfo): { value: unknown[] } | { wrong: string } {
  if (Array.isArray(result)) return { value: result };
  if (result !== null) return { wrong: '"result" is not a list' };
  const count = Math.max(info.count ?? 0, info.total_count ?? 0);
  return count > 0 ? { wrong: `"result" is null, but "result_info" counts ${count}` } : { value: [] };
}

function strictList<T>(keys: readonly string[]): Shape<T[]> {
  return (result, info) => {
    const list = listOf(result, info);
    if ('wrong' in list) return list;
    for (const [i, item] of list.value.entries()) {
      const wrong = lack(item, keys, `result[${i}]`);
      if (wrong !== undefined) return { wrong };
    }
    return { value: list.value as T[] };
  };
}

export const recipients = strictList<Recipient>(RECIPIENT);
export const resources = strictList<ShareResource>(RESOURCE);
export const exclusions = strictList<Exclusion>(EXCLUSION);

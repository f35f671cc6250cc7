// Turns names into ids. Pure: the same shares and the same directory give the same ids, whatever the order of the
// lists. Everything after this step (plans, reviewed plans, outputs) has only ids. So if something is renamed at
// Cloudflare between review and apply, the plan has other ids than the reviewed plan.

import type { List, Listed, ListedAccount, ListedPolicy } from '../cloudflare/directory-endpoints.ts';
import { withoutSecrets } from '../secrets.ts';
import { closest, didYouMean } from '../share/closest.ts';
import {
  type AccountReference,
  type DesiredShare,
  isReference,
  type ResourceReference,
  type WrittenExclusion,
  type WrittenRecipient,
  type WrittenResource,
  type WrittenShare,
} from '../share/desired.ts';
import { equalJson } from '../share/json.ts';
import { asLabel, type Label } from '../share/names.ts';
import type { Place, Problem } from '../share/problem.ts';
import {
  accountOf,
  type DesiredResource,
  type ExclusionItem,
  exclusionKey,
  idKey,
  nameKey,
  type RecipientItem,
  recipientKey,
  resourceKey,
  sameId,
} from '../share/share.ts';
import { firstFew, quoted } from '../share/words.ts';
import {
  type Directory,
  isNamedType,
  isReadable,
  type Lookup,
  listKey,
  PLURALS,
  SINGULARS,
  type Unreadable,
} from './look-up.ts';

interface Resolved {
  desired: DesiredShare[];
  /** The labels of references, under the ids that they were resolved to. */
  labels: Label[];
  /** If not empty, `desired` must not be planned. */
  problems: Problem[];
}

/** Replaces the references in all shares with ids. */
export function resolve(written: readonly WrittenShare[], directory: Directory): Resolved {
  let suggestions = 0;
  const suggest: Suggest = (name, names) => (++suggestions > SUGGESTIONS_MAX ? [] : closest(name, names()));
  const shares = written.map((share) => resolveShare(share, directory, suggest));
  return {
    desired: shares.map(({ desired }) => desired),
    labels: shares.flatMap(({ labels }) => labels),
    problems: [
      ...unreadableProblems(shares.flatMap(({ unreadable }) => unreadable)),
      ...shares.flatMap(({ problems }) => problems),
    ],
  };
}

/**
 * GitHub shows only ten errors, and comparing each name of a large file with all names at Cloudflare would take too
 * long.
 */
const SUGGESTIONS_MAX = 20;

/** Names similar to one that doesn't exist. */
type Suggest = (name: string, names: () => readonly string[]) => string[];

/** The result of resolving a list item: items to send, or what is wrong. */
type Found<T> = { items: T[] } | { wrong: string } | { unreadable: Unreadable };

/** What was found about references besides their ids. */
interface Remarks {
  /** The labels of references, under the ids that they were resolved to. */
  labels: Label[];
  problems: Problem[];
  /** The lists that are needed but can't be read, and where. */
  unreadable: { list: Unreadable; place: Place }[];
}

/** A list with ids only and without duplicates. `indexes` has each item's position in the list as written. */
interface ResolvedList<T> extends Remarks {
  items: T[];
  indexes: number[];
}

/** How the lists of a share differ. */
interface Kind<W, T> {
  name: 'recipients' | 'resources' | 'exclude';
  find: (item: W) => Found<T>;
  /** Duplicates have equal keys. */
  keyOf: (item: T) => string;
  /** The id that a label belongs to. */
  idOf: (item: T) => string;
}

function kindsFor({ accountId: ownerId }: WrittenShare, directory: Directory, suggest: Suggest) {
  const accountsFor = (reference: AccountReference) => findAccounts(reference, directory.accounts, ownerId, suggest);
  const recipients: Kind<WrittenRecipient, RecipientItem> = {
    name: 'recipients',
    find: (item) =>
      isReference(item) ? mapFound(accountsFor(item), ({ id }) => ({ recipient_account_id: id })) : { items: [item] },
    keyOf: recipientKey,
    idOf: (item) => accountOf(item) ?? '',
  };
  const resources: Kind<WrittenResource, DesiredResource> = {
    name: 'resources',
    find: (item) => (isReference(item) ? findResource(item, directory, suggest) : { items: [item] }),
    keyOf: resourceKey,
    idOf: ({ resource_id }) => resource_id,
  };
  const exclude: Kind<WrittenExclusion, ExclusionItem> = {
    name: 'exclude',
    find: (item) =>
      isReference(item) ? mapFound(accountsFor(item), ({ id }) => ({ account_id: id })) : { items: [item] },
    keyOf: exclusionKey,
    idOf: ({ account_id }) => account_id,
  };
  return { recipients, resources, exclude };
}

function resolveShare(
  written: WrittenShare,
  directory: Directory,
  suggest: Suggest,
): Remarks & { desired: DesiredShare } {
  const { recipients, resources, exclude, ...share } = written;
  const { placeOf } = share;
  const kinds = kindsFor(written, directory, suggest);
  const lists = {
    ...(recipients && { recipients: resolveList(recipients, kinds.recipients, placeOf) }),
    ...(resources && { resources: resolveList(resources, kinds.resources, placeOf) }),
    ...(exclude && { exclude: resolveList(exclude, kinds.exclude, placeOf) }),
  };
  const desired: DesiredShare = {
    ...share,
    ...(lists.recipients && { recipients: lists.recipients.items }),
    ...(lists.resources && { resources: lists.resources.items }),
    ...(lists.exclude && { exclude: lists.exclude.items }),
    placeOf: placesOf({ recipients, resources, exclude }, lists, placeOf),
  };
  const all: Remarks[] = Object.values(lists);
  return {
    desired,
    labels: all.flatMap(({ labels }) => labels),
    problems: all.flatMap(({ problems }) => problems),
    unreadable: all.flatMap(({ unreadable }) => unreadable),
  };
}

function resolveList<W extends object, T extends object>(
  written: readonly W[],
  { name: list, find, keyOf, idOf }: Kind<W, T>,
  placeOf: WrittenShare['placeOf'],
): ResolvedList<T> {
  const remarks: Remarks = { labels: [], problems: [], unreadable: [] };
  const kept = new Map<string, { item: T; index: number }>();
  for (const [index, item] of written.entries()) {
    const found = find(item);
    const placeIn = (key: string): Place => placeOf([list, index, ...(isReference(item) ? [key] : [])]);
    const place = (): Place => placeIn(nameKeyOf(item) ?? '');
    if ('unreadable' in found) remarks.unreadable.push({ list: found.unreadable, place: place() });
    else if ('wrong' in found) remarks.problems.push({ message: found.wrong, place: place(), kind: 'inputs' });
    if (!('items' in found)) continue;
    for (const each of found.items) {
      const first = kept.get(keyOf(each));
      if (!first) kept.set(keyOf(each), { item: each, index });
      else if (!equalJson(metaOf(each), metaOf(first.item)))
        remarks.problems.push({
          message: `is the same resource as ${list}[${first.index}], which has a different meta: keep only one`,
          place: place(),
          kind: 'inputs',
        });
    }
    const { label } = item as { label?: unknown };
    if (isReference(item) && typeof label === 'string')
      remarks.labels.push(...found.items.map((each) => ({ id: idOf(each), label, place: placeIn('label') })));
  }
  const all = [...kept.values()];
  return { ...remarks, items: all.map(({ item }) => item), indexes: all.map(({ index }) => index) };
}

/** Finds where a part of the resolved share was written. */
function placesOf(
  written: { [list: string]: readonly object[] | undefined },
  resolved: { [list: string]: { indexes: readonly number[] } | undefined },
  placeOf: WrittenShare['placeOf'],
): DesiredShare['placeOf'] {
  return ([list, index, ...inside]) => {
    if (list === undefined || typeof index !== 'number') return placeOf(list === undefined ? [] : [list]);
    const at = resolved[list]?.indexes[index] ?? index;
    const item = written[list]?.[at];
    // In the request, the key is `recipient_account_id`, but a name was written.
    const key = item && isReference(item) ? nameKeyOf(item) : undefined;
    return placeOf([list, at, ...(key !== undefined && inside[0] !== 'meta' ? [key] : inside)]);
  };
}

/** Undefined for accounts, and for resources without `meta` in the file. */
const metaOf = (item: { meta?: unknown }): unknown => item.meta;

/** The key of a reference by name. Undefined: the item has an id. */
const nameKeyOf = (item: object): string | undefined =>
  ['account_name', 'account_names', 'resource_name'].find((key) => key in item);

const mapFound = <A, B>(found: Found<A>, change: (item: A) => B): Found<B> =>
  'items' in found ? { items: found.items.map(change) } : found;

function findAccounts(
  reference: AccountReference,
  accounts: Lookup<ListedAccount> | undefined,
  ownerId: string,
  suggest: Suggest,
): Found<ListedAccount> {
  if (!isReadable(accounts)) return { unreadable: accounts ?? NOT_LOOKED_UP };
  return 'account_names' in reference
    ? accountsMatching(reference.account_names, accounts, ownerId)
    : accountNamed(reference.account_name, accounts, ownerId, suggest);
}

function accountsMatching(pattern: string, accounts: List<ListedAccount>, ownerId: string): Found<ListedAccount> {
  if (!accounts.isWhole)
    return { wrong: `${quoted(pattern)} can't be matched, because Cloudflare lists an account without an id` };
  const isMatch = matcher(pattern);
  const items = [...byNormalName(accounts)].flatMap(([name, named]) =>
    isMatch(name) ? named.filter(({ id }) => !sameId(id, ownerId)) : [],
  );
  if (items.length > 0) return { items };
  return {
    wrong: `${quoted(pattern)} matches no account of your organization, apart from the owner, which never matches`,
  };
}

function accountNamed(
  name: string,
  accounts: List<ListedAccount>,
  ownerId: string,
  suggest: Suggest,
): Found<ListedAccount> {
  const items = byNormalName(accounts).get(nameKey(name)) ?? [];
  const [found, ...others] = items;
  if (!found) {
    const close = suggest(name, () =>
      accounts.items.filter(({ id }) => !sameId(id, ownerId)).flatMap((account) => account.name ?? []),
    );
    const pattern = name.includes('*') ? '. For a pattern, use account_names' : '';
    return { wrong: `no account of your organization is named ${quoted(name)}${pattern}${didYouMean(shown(close))}` };
  }
  if (others.length > 0)
    return { wrong: severalNamed('accounts of your organization', name, items, 'recipient_account_id') };
  if (sameId(found.id, ownerId))
    return { wrong: `${quoted(name)} (${found.id}) is the account that owns the share, so it can't be listed here` };
  return { items: [found] };
}

function findResource(
  { resource_name: name, label: _, ...rest }: ResourceReference,
  { resources }: Directory,
  suggest: Suggest,
): Found<DesiredResource> {
  const { resource_type: type, resource_account_id: owner } = rest;
  const list = resources.get(listKey(rest));
  // The schema allows names only for types that have them.
  if (!isNamedType(type) || !isReadable(list)) return { unreadable: list && !isReadable(list) ? list : NOT_LOOKED_UP };
  // A policy that another account shares with this one is listed here, too, but belongs to the other account.
  const isOwn = ({ sourceAccount = owner }: ListedPolicy): boolean => sameId(sourceAccount, owner);
  const items = (byNormalName(list).get(nameKey(name)) ?? []).filter(isOwn);
  const [found, ...others] = items;
  if (!found) {
    const close = suggest(name, () => list.items.filter(isOwn).flatMap((resource) => resource.name ?? []));
    return { wrong: `account ${owner} has no ${SINGULARS[type]} named ${quoted(name)}${didYouMean(shown(close))}` };
  }
  if (others.length > 0)
    return { wrong: severalNamed(`${PLURALS[type]} of account ${owner}`, name, items, 'resource_id') };
  return { items: [{ ...rest, resource_id: found.id }] };
}

/** Never shown, because every list that a reference needs has been looked up. */
const NOT_LOOKED_UP: Unreadable = { what: 'names', why: 'not requested' };

/** The items of a list by name in NFC, sorted independently of the list's order. Each list is sorted once. */
function byNormalName<T extends Listed>(list: List<T>): ReadonlyMap<string, readonly T[]> {
  const known = sorted.get(list) as ReadonlyMap<string, readonly T[]> | undefined;
  if (known) return known;
  const named = list.items.flatMap((item) => (item.name === undefined ? [] : [{ name: nameKey(item.name), item }]));
  named.sort((a, b) => compare(a.name, b.name) || compare(idKey(a.item.id), idKey(b.item.id)));
  const byName = new Map<string, T[]>();
  for (const { name, item } of named) {
    const same = byName.get(name);
    if (same) same.push(item);
    else byName.set(name, [item]);
  }
  sorted.set(list, byName);
  return byName;
}

const sorted = new WeakMap<object, unknown>();

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const SHOWN_MAX = 10;

const severalNamed = (what: string, name: string, items: readonly Listed[], key: string): string => {
  const ids = firstFew(
    items.map(({ id }) => id),
    SHOWN_MAX,
    ', ',
  );
  return `${items.length} ${what} are named ${quoted(name)}: ${ids}. Use the ${key} of the one you mean`;
};

const shown = (names: readonly string[]): string[] =>
  names.map((name) => quoted(asLabel(withoutSecrets(name)) ?? name));

/** One problem for each list that can't be read, at the first place that needs it. */
function unreadableProblems(found: Remarks['unreadable']): Problem[] {
  const lists = [...new Set(found.map(({ list }) => list))];
  return lists.map((list): Problem => {
    const { what, why, permission } = list;
    const references = found.filter((each) => each.list === list);
    const [first] = references;
    const several = references.length === 1 ? '' : ` (needed by ${references.length} references)`;
    const advice = permission === undefined ? '' : `. Grant the token ${permission}, or use ids`;
    return {
      message: `the names of ${what} can't be looked up${several}: ${why}${advice}`,
      ...(first && { place: first.place }),
      kind: 'cloudflare',
    };
  });
}

/**
 * Matches names in NFC against a pattern, in which `*` stands for any text and everything else is literal. Takes linear
 * time for any pattern.
 */
export function matcher(pattern: string): (name: string) => boolean {
  const [first = '', ...others] = nameKey(pattern).split('*');
  const last = others.pop();
  if (last === undefined) return (name) => name === first;
  return (name) => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
    const end = name.length - last.length;
    let at = first.length;
    for (const piece of others) {
      const found = name.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}

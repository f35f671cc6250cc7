// The lists of a share (recipients, resources and exclusions): reads them from an input or from a share in the file,
// and combines them into a share.

import type * as z from 'zod/mini';
import type { Path } from '../document/position.ts';
import { closest, didYouMean } from '../share/closest.ts';
import {
  type AccountReference,
  isReference,
  type WrittenExclusion,
  type WrittenRecipient,
  type WrittenResource,
  type WrittenShare,
} from '../share/desired.ts';
import { equalJson } from '../share/json.ts';
import type { Label } from '../share/names.ts';
import type { Place, Problem } from '../share/problem.ts';
import { accountOf, exclusionKey, idKey, recipientKey, resourceKey, sameId, targetOf } from '../share/share.ts';
import { type Paths, readChecked } from './checked-text.ts';
import {
  type ExclusionInText,
  exclude,
  KNOWN_RESOURCE_TYPES,
  type RecipientInText,
  type ResourceInText,
  recipients,
  resources,
} from './lists-schema.ts';
import { onlyFirst, type Reading, type Remarks, withProblems } from './reading.ts';
import { unexpectedLength } from './schema-parts.ts';

interface Items {
  recipients: WrittenRecipient;
  resources: WrittenResource;
  exclude: WrittenExclusion;
}
export type ListName = keyof Items;
export const LIST_NAMES: readonly ListName[] = ['recipients', 'resources', 'exclude'];

/** The lists of a share. Undefined: not given. */
export type Lists = { [K in ListName]?: List<Items[K]> | undefined };

/** Items without labels or duplicates. `indexes` has each item's position in the list as written. */
interface List<T> {
  items: T[];
  indexes: number[];
  labels: Label[];
}

/** An item and its position in the list. */
interface Entry<T> {
  item: T;
  index: number;
}

/** Makes a problem about an entry, or about one of its keys. */
type Say = (message: string, entry: Entry<unknown>, key?: string, of?: 'key') => Problem;

/** How the three lists differ. */
interface Kind<InText, T> {
  schema: () => z.ZodMiniType;
  /** The item as sent to the API, or a reference that is looked up first. */
  itemOf: (written: InText, owner: string) => T;
  /** The id that a label belongs to. */
  idOf: (item: T) => string | undefined;
  /** The key of an item. Duplicates have equal keys. */
  keyOf: (item: T) => string;
  remarksOn?: (entries: readonly Entry<T>[], say: Say) => Partial<Remarks>;
}

const isAccount = (item: WrittenRecipient): boolean => isReference(item) || accountOf(item) !== undefined;

const MIXED =
  "accounts and organizations can't be mixed in one list: a share reaches either the listed accounts or an organization";
const SECOND_ORGANIZATION = 'is a second organization, but a share reaches only one: keep one of them';
const OLD_NAME =
  'account_id is the old name of recipient_account_id. Cloudflare accepts it until 2027-05-26: use recipient_account_id';

/** A share reaches either accounts or one organization. */
function conflictsIn(recipients: readonly Entry<WrittenRecipient>[], say: Say): Problem[] {
  const [first] = recipients;
  const other = recipients.find(({ item }) => first && isAccount(item) !== isAccount(first.item));
  const [organization, ...more] = recipients.flatMap((entry) => organizationIn(entry) ?? []);
  const second = more.find(({ item }) => organization && !sameId(item, organization.item));
  return [
    ...(other ? [say(MIXED, other)] : []),
    ...(second ? [say(SECOND_ORGANIZATION, second, 'organization_id')] : []),
  ];
}

const organizationIn = ({ item, index }: Entry<WrittenRecipient>): Entry<string> | undefined =>
  isReference(item) || item.organization_id === undefined ? undefined : { item: item.organization_id, index };

const aboutUnknownType = (type: string): string =>
  `${JSON.stringify(type)} is not a resource type that this version knows (${KNOWN_RESOURCE_TYPES.join(', ')}); it is sent unchanged${didYouMean(closest(type, KNOWN_RESOURCE_TYPES, 1))}`;

/** The item as it is sent. A reference isn't sent, and keeps its label until it is resolved. */
function withoutLabel<T extends object>(written: T & { label?: string }): T {
  if (isReference(written)) return written;
  const { label: _, ...item } = written;
  return item as T;
}

const referenceKey = ({ label: _, ...name }: AccountReference): string => JSON.stringify(name);

const KINDS: {
  recipients: Kind<RecipientInText, WrittenRecipient>;
  resources: Kind<ResourceInText, WrittenResource>;
  exclude: Kind<ExclusionInText, WrittenExclusion>;
} = {
  recipients: {
    schema: recipients,
    itemOf: withoutLabel,
    idOf: (item) => (isReference(item) ? undefined : (accountOf(item) ?? item.organization_id)),
    keyOf: (item) => (isReference(item) ? referenceKey(item) : recipientKey(item)),
    remarksOn: (entries, say) => ({
      problems: conflictsIn(entries, say),
      warnings: entries
        .filter(({ item }) => Object.keys(item).length === 0)
        .map((entry) => say('{} shares with every account of your organization, present and future', entry)),
      notices: onlyFirst(
        entries.filter(({ item }) => 'account_id' in item).map((entry) => say(OLD_NAME, entry, 'account_id', 'key')),
      ),
    }),
  },
  resources: {
    schema: resources,
    // The schema has checked that it has an id or a name.
    itemOf: (written, owner) =>
      withoutLabel({ ...written, resource_account_id: written.resource_account_id ?? owner } as WrittenResource),
    idOf: (item) => (isReference(item) ? undefined : item.resource_id),
    keyOf: (item) =>
      isReference(item)
        ? JSON.stringify([item.resource_type, item.resource_name, idKey(item.resource_account_id)])
        : resourceKey(item),
    remarksOn: (entries, say) => {
      const first = new Map<string, WrittenResource>();
      const problems = entries.flatMap((entry) => {
        const key = KINDS.resources.keyOf(entry.item);
        const known = first.get(key);
        first.set(key, known ?? entry.item);
        return known === undefined || equalJson(known.meta, entry.item.meta)
          ? []
          : [say('the same resource is already listed with a different meta: keep only one', entry)];
      });
      const warnings = entries
        .filter(({ item }) => !KNOWN_RESOURCE_TYPES.includes(item.resource_type))
        .map((entry) => say(aboutUnknownType(entry.item.resource_type), entry, 'resource_type'));
      return { problems, warnings };
    },
  },
  exclude: {
    schema: exclude,
    // The API has only one key for exclusions, whichever key the workflow used.
    itemOf: (written) => (isReference(written) ? written : { account_id: accountOf(written) ?? '' }),
    idOf: (item) => (isReference(item) ? undefined : item.account_id),
    keyOf: (item) => (isReference(item) ? referenceKey(item) : exclusionKey(item)),
  },
};

/** Reads the text of an input. `owner` is the account that owns resources unless they name another. */
export async function readList<K extends ListName>(
  name: K,
  text: string,
  owner: string,
): Promise<Reading<List<Items[K]>>> {
  const { value, problems, paths } = await readChecked(text, KINDS[name].schema(), { root: name });
  const { inOrder } = paths;
  const checked = checkList(name, value, [], owner, paths);
  return withProblems(inOrder([...problems, ...checked.problems]), {
    ...checked,
    problems: [],
    warnings: inOrder(checked.warnings),
  });
}

/**
 * Makes the checks that a schema can't, for the list at a path. The result contains all valid items even if others are
 * wrong, so that all problems are reported at once.
 */
export function checkList<K extends ListName>(
  name: K,
  list: unknown,
  at: Path,
  owner: string,
  { placeOf, isSound }: Paths,
): Required<Reading<List<Items[K]>>> {
  const kind = KINDS[name] as unknown as Kind<{ label?: string }, Items[K]>;
  const kept = new Map<string, Entry<Items[K]>>();
  const entries: Entry<Items[K]>[] = [];
  const labels: Label[] = [];
  for (const [index, written] of (Array.isArray(list) ? list : []).entries()) {
    if (!isSound([...at, index])) continue;
    const item = kind.itemOf(written, owner);
    const entry = { item, index };
    entries.push(entry);
    const key = kind.keyOf(item);
    if (!kept.has(key)) kept.set(key, entry);
    const id = kind.idOf(item);
    if (id !== undefined && written.label !== undefined)
      labels.push(labelAt(id, written.label, () => placeOf([...at, index, 'label'])));
  }
  const say: Say = (message, { index }, key, of) => ({
    message,
    place: placeOf([...at, index, ...(key === undefined ? [] : [key])], of),
  });
  const { problems = [], warnings = [], notices = [] } = kind.remarksOn?.(entries, say) ?? {};
  return {
    value: {
      items: [...kept.values()].map(({ item }) => item),
      indexes: [...kept.values()].map(({ index }) => index),
      labels,
    },
    problems,
    warnings: [...warnings, ...unexpectedLengths(name, entries, owner, say)],
    notices,
  };
}

/** A label whose place is computed only on request, because few labels are reported. */
const labelAt = (id: string, label: string, findPlace: () => Place): Label => ({
  id,
  label,
  get place() {
    return findPlace();
  },
});

/** Warns about ids that were probably not copied completely. The owner's id is checked where it was written. */
function unexpectedLengths(list: ListName, entries: readonly Entry<object>[], owner: string, say: Say): Problem[] {
  return entries.flatMap((entry) =>
    Object.entries(entry.item).flatMap(([key, id]) => {
      const why = key.endsWith('_id') && id !== owner ? unexpectedLength(String(id)) : undefined;
      // Exclusions have the API's key here, but the workflow may have used another one.
      return why === undefined ? [] : [say(why, entry, list === 'exclude' ? undefined : key)];
    }),
  );
}

/**
 * Exclusions are valid only on a share with an organization. If recipients aren't given (for a share given by its id),
 * the API checks that.
 */
export function checkExcludeFits({ recipients, exclude }: Lists, place: Place): Problem[] {
  const first = recipients?.items[0];
  if (!exclude || first === undefined || !isAccount(first)) return [];
  return [
    {
      message:
        'is only for shares with an organization: remove it, because a share with accounts reaches only those accounts',
      place,
    },
  ];
}

/**
 * Builds one share from its checked parts. `placeOf` takes a path in the request (`recipients`, 0, …) and returns where
 * that part was written.
 */
export function makeShare(
  share: Omit<WrittenShare, ListName | 'target' | 'placeOf'>,
  lists: Lists,
  placeOf: (path: Path) => Place,
): WrittenShare {
  const { recipients, resources, exclude } = lists;
  return {
    ...share,
    ...(recipients
      ? {
          recipients: recipients.items,
          target: targetOf(recipients.items.flatMap((item) => (isReference(item) ? [] : item))),
        }
      : {}),
    ...(resources ? { resources: resources.items } : {}),
    ...(exclude ? { exclude: exclude.items } : {}),
    placeOf: (path) => {
      const [list, index, ...inside] = path;
      const written = lists[list as ListName]?.indexes[Number(index)];
      return placeOf(written === undefined ? path.slice(0, 1) : [list as ListName, written, ...inside]);
    },
  };
}

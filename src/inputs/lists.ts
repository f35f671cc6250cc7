// The lists of a share, recipients, resources and exclusions: read from an input or from a share in the file, and put
// together to a share.

import type * as z from 'zod/mini';
import type { Path } from '../document/position.ts';
import { closest } from '../share/closest.ts';
import {
  type AccountReference,
  isReference,
  type Place,
  type Problem,
  type WrittenExclusion,
  type WrittenRecipient,
  type WrittenResource,
  type WrittenShare,
} from '../share/desired.ts';
import { equalJson } from '../share/json.ts';
import type { Label } from '../share/names.ts';
import { accountOf, idKey, resourceKey, targetOf } from '../share/share.ts';
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
import { oddLength } from './schema-parts.ts';

interface Items {
  recipients: WrittenRecipient;
  resources: WrittenResource;
  exclude: WrittenExclusion;
}
export type ListName = keyof Items;
export const LIST_NAMES: readonly ListName[] = ['recipients', 'resources', 'exclude'];

/** The lists of a share. Undefined: not given. */
export type Lists = { [K in ListName]?: List<Items[K]> | undefined };

/** Items without labels and repetitions. `indexes` says where in the list each was written. */
export interface List<T> {
  items: T[];
  indexes: number[];
  labels: Label[];
}

/** An item, and where in the list it was written. */
interface Entry<T> {
  item: T;
  index: number;
}

/** Says something about an entry, or about a key of it. */
type Say = (message: string, entry: Entry<unknown>, key?: string, of?: 'key') => Problem;

/** What differs between the three lists. */
interface Kind<InText, T> {
  schema: () => z.ZodMiniType;
  /** The item as it is sent, or looked up. */
  itemOf: (written: InText, owner: string) => T;
  /** The id that a label is for. */
  idOf: (item: T) => string | undefined;
  /** Equal for repetitions. */
  keyOf: (item: T) => string;
  remarksOn?: (entries: readonly Entry<T>[], say: Say) => Partial<Remarks>;
}

const isAccount = (item: WrittenRecipient): boolean => isReference(item) || accountOf(item) !== undefined;

function aboutUnknownType(type: string): string {
  const [meant] = closest(type, KNOWN_RESOURCE_TYPES, 1);
  const hint = meant === undefined ? '' : `. Did you mean ${meant}?`;
  return `${JSON.stringify(type)} is not a type that this version knows (${KNOWN_RESOURCE_TYPES.join(', ')}); it is sent as it is${hint}`;
}

const referenceKey = ({ label: _, ...name }: AccountReference): string => JSON.stringify(name);

const KINDS: {
  recipients: Kind<RecipientInText, WrittenRecipient>;
  resources: Kind<ResourceInText, WrittenResource>;
  exclude: Kind<ExclusionInText, WrittenExclusion>;
} = {
  recipients: {
    schema: recipients,
    itemOf: (written) => {
      if (isReference(written)) return written;
      const { label: _, ...item } = written;
      return item;
    },
    idOf: (item) => (isReference(item) ? undefined : (accountOf(item) ?? item.organization_id)),
    keyOf: (item) =>
      isReference(item)
        ? referenceKey(item)
        : JSON.stringify([isAccount(item), idKey(accountOf(item) ?? item.organization_id ?? '')]),
    remarksOn: ([first, ...others], say) => {
      const odd = others.find(({ item }) => first && isAccount(item) !== isAccount(first.item));
      const all = first ? [first, ...others] : [];
      return {
        problems: odd
          ? [
              say(
                'accounts and organizations do not mix in one list: a share reaches listed accounts, or an organization',
                odd,
              ),
            ]
          : [],
        warnings: all
          .filter(({ item }) => Object.keys(item).length === 0)
          .map((entry) => say('{} shares with every account of your organization, present and future', entry)),
        notices: onlyFirst(
          all
            .filter(({ item }) => 'account_id' in item)
            .map((entry) =>
              say(
                'account_id is the old name of recipient_account_id. Cloudflare takes it until 2027-05-26: write recipient_account_id',
                entry,
                'account_id',
                'key',
              ),
            ),
        ),
      };
    },
  },
  resources: {
    schema: resources,
    itemOf: ({ resource_type, resource_id = '', resource_name, resource_account_id, meta, label }, owner) => {
      const managed = meta === undefined ? {} : { meta };
      const rest = { resource_type, resource_account_id: resource_account_id ?? owner, ...managed };
      return resource_name === undefined
        ? { ...rest, resource_id }
        : { ...rest, resource_name, ...(label === undefined ? {} : { label }) };
    },
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
          : [say('the same resource is listed before with another meta', entry)];
      });
      const warnings = entries
        .filter(({ item }) => !KNOWN_RESOURCE_TYPES.includes(item.resource_type))
        .map((entry) => say(aboutUnknownType(entry.item.resource_type), entry, 'resource_type'));
      return { problems, warnings };
    },
  },
  exclude: {
    schema: exclude,
    // The API has one key for them, whatever the workflow wrote.
    itemOf: (written) => (isReference(written) ? written : { account_id: accountOf(written) ?? '' }),
    idOf: (item) => (isReference(item) ? undefined : item.account_id),
    keyOf: (item) => (isReference(item) ? referenceKey(item) : idKey(item.account_id)),
  },
};

/** Reads the text of an input. `owner` is the account that resources belong to unless they say otherwise. */
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
 * Checks the list at a path further than its schema does. It has its sound items even if others are wrong: all problems
 * are reported at once.
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
    warnings: [...warnings, ...oddLengths(name, entries, say)],
    notices,
  };
}

/** A label whose place is found when somebody asks for it: few labels have something to be said about. */
const labelAt = (id: string, label: string, findPlace: () => Place): Label => ({
  id,
  label,
  get place() {
    return findPlace();
  },
});

/** Warns of ids that were most likely not copied completely. */
function oddLengths(list: ListName, entries: readonly Entry<object>[], say: Say): Problem[] {
  return entries.flatMap((entry) =>
    Object.entries(entry.item).flatMap(([key, id]) => {
      const why = /_id$/.test(key) && typeof id === 'string' ? oddLength(id) : undefined;
      // An exclusion's key is the API's: the workflow may have written another one.
      return why === undefined ? [] : [say(why, entry, list === 'exclude' ? undefined : key)];
    }),
  );
}

/** Exclusions are for a share with the organization. Without recipients (a share given by its id) the API decides. */
export function checkExcludeFits({ recipients, exclude }: Lists, place: Place): Problem[] {
  const first = recipients?.items[0];
  if (!exclude || first === undefined || !isAccount(first)) return [];
  return [
    {
      message: 'is only for a share with an organization: a share with accounts reaches nobody but those accounts',
      place,
    },
  ];
}

/**
 * One share out of its checked parts; a path of the request (`recipients`, 0, …) leads to where it was written.
 * What is to be absent has neither lists nor a previous name.
 */
export function makeShare(
  { previousName, ...share }: Omit<WrittenShare, ListName | 'target' | 'placeOf'>,
  lists: Lists,
  placeOf: (path: Path) => Place,
): WrittenShare {
  const { recipients, resources, exclude } = share.state === 'absent' ? {} : lists;
  return {
    ...share,
    ...(previousName === undefined || share.state === 'absent' ? {} : { previousName }),
    ...(recipients
      ? {
          recipients: recipients.items,
          target: targetOf(recipients.items.flatMap((item) => (isReference(item) ? [] : item))),
        }
      : {}),
    ...(resources ? { resources: resources.items } : {}),
    ...(exclude ? { exclude: exclude.items } : {}),
    placeOf: ([part, index, ...inside]) => {
      if (part === undefined) return placeOf([]);
      if (typeof index !== 'number') return placeOf([part]);
      const list = LIST_NAMES.includes(part as ListName) ? lists[part as ListName] : undefined;
      return placeOf([part, list?.indexes[index] ?? index, ...inside]);
    },
  };
}

// From written recipients, resources and config files to wishes. Whatever comes in is either sent exactly as it was
// written or refused with its place; nothing in between.

import * as z from 'zod/mini';
import { type Document, formatPath, type Path, readDocument } from '../document/document.ts';
import { equalJson } from './json.ts';
import { configFile, isText, KNOWN_RESOURCE_TYPES, recipient, recipients, resource, resources } from './schema.ts';
import { accountOf, type RecipientItem, type ResourceItem, resourceKey, targetOf } from './share.ts';
import type { Place, Problem, WholeWish } from './wish.ts';

/** What reading gives: a value when nothing was wrong, and what is to be said about the text. */
export interface Reading<T> {
  value?: T;
  problems: Problem[];
  warnings: Problem[];
}

/** Items to send, and for each the index at which it was written. */
export interface Written<T> {
  items: T[];
  indexes: number[];
}

type PlaceOf = (path: Path, of?: 'key' | 'value') => Place;

/** Reads the text of the `recipients` input. */
export async function readRecipients(input: string, text: string): Promise<Reading<Written<RecipientItem>>> {
  const { value, problems, placeOf } = await readChecked(text, recipients, { root: input });
  return settled(problems, checkRecipients(value, [], placeOf));
}

/** Reads the text of the `resources` input; `owner` is the account that they belong to unless they say otherwise. */
export async function readResources(
  input: string,
  text: string,
  owner: string,
): Promise<Reading<Written<ResourceItem>>> {
  const { value, problems, placeOf } = await readChecked(text, resources, { root: input });
  return settled(problems, checkResources(value, owner, [], placeOf));
}

/**
 * Reads a config file: every share in it as a wish of `accountId`, or of the account that the file names.
 * @param file the file's path as annotations are to show it
 */
export async function readConfig(
  file: string,
  text: string,
  accountId: string | undefined,
): Promise<Reading<{ accountId: string; wishes: WholeWish[] }>> {
  const { value, problems, placeOf } = await readChecked(text, configFile, { root: '', file });
  const warnings: Problem[] = [];
  const named = textAt(value, 'account_id');
  const owner = accountId ?? named;
  if (owner === undefined && problems.length === 0) {
    problems.push({ message: 'no account: set account_id here, or the account-id input', place: placeOf([]) });
  } else if (named !== undefined && named !== owner) {
    problems.push({
      message: `is ${named}, but the account-id input says ${owner}`,
      place: placeOf(['account_id']),
    });
  }
  const firstOf = new Map<string, number>();
  const wishes = listAt(value, 'shares').map((share, i) => {
    const at = ['shares', i];
    const name = textAt(share, 'name');
    if (name !== undefined && firstOf.has(name)) {
      problems.push({
        message: `a second share of the name ${JSON.stringify(name)} (the first is shares[${firstOf.get(name)}]): names are unique in the file`,
        place: placeOf([...at, 'name']),
      });
    } else if (name !== undefined) firstOf.set(name, i);
    const to = checkRecipients(listAt(share, 'recipients'), [...at, 'recipients'], placeOf);
    const what = checkResources(listAt(share, 'resources'), owner ?? '', [...at, 'resources'], placeOf);
    problems.push(...to.problems, ...what.problems);
    warnings.push(...to.warnings, ...what.warnings);
    return makeWish({ name: name ?? '', accountId: owner ?? '', to: to.value, what: what.value }, (path) =>
      placeOf([...at, ...path]),
    );
  });
  return settled(problems, { value: { accountId: owner ?? '', wishes }, problems: [], warnings });
}

/** One wish out of its checked parts; a path of the request (`recipients`, 0, …) leads to where it was written. */
export function makeWish(
  parts: { name: string; accountId: string; to: Written<RecipientItem>; what: Written<ResourceItem> },
  placeOf: (path: Path) => Place,
): WholeWish {
  const { name, accountId, to, what } = parts;
  return {
    name,
    accountId,
    recipients: to.items,
    resources: what.items,
    target: targetOf(to.items),
    placeOf: ([part, index, ...rest]) => {
      if (part === undefined) return placeOf([]);
      if (typeof index !== 'number') return placeOf([part]);
      const indexes = part === 'recipients' ? to.indexes : part === 'resources' ? what.indexes : [];
      return placeOf([part, indexes[index] ?? index, ...rest]);
    },
  };
}

/** The value of a text, unless it cannot be read at all, and every problem that the schema has with it. */
async function readChecked(
  text: string,
  schema: z.ZodMiniType,
  at: { root: string; file?: string },
): Promise<{ value: unknown; problems: Problem[]; placeOf: PlaceOf }> {
  const document = await readDocument(text, { isText, positions: at.file !== undefined });
  const placeOf = placesOf(document, at);
  if (document.flaws.length > 0) {
    const problems = document.flaws.map(({ path, message, position }): Problem => {
      const place = placeOf(path);
      if (!position || at.file !== undefined) return { message, place: { ...place, ...position } };
      return { message, place: { label: `${place.label} (line ${position.line}, column ${position.column})` } };
    });
    return { value: undefined, problems, placeOf };
  }
  const checked = z.safeParse(schema, document.value);
  const problems = (checked.error?.issues ?? []).flatMap((issue): Problem[] => {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ message: issue.message, place: placeOf([...path, key], 'key') }));
    }
    const missing = issue.code === 'invalid_type' && !isThere(document.value, path);
    return [{ message: missing ? 'is missing' : issue.message, place: placeOf(path) }];
  });
  // What was read, not the schema's copy of it: exactly what was written is sent.
  return { value: document.value, problems, placeOf };
}

const placesOf =
  (document: Document, { root, file }: { root: string; file?: string }): PlaceOf =>
  (path, of) => ({
    label: formatPath(path, root),
    ...(file === undefined ? {} : { file, ...document.positionOf(path, of) }),
  });

function settled<T>(problems: Problem[], reading: Reading<T>): Reading<T> {
  const all = [...problems, ...reading.problems];
  const { value, warnings } = reading;
  return all.length > 0 || value === undefined ? { problems: all, warnings } : { value, problems: [], warnings };
}

function isThere(value: unknown, path: Path): boolean {
  let inside = value;
  return path.every((step) => {
    if (typeof inside !== 'object' || inside === null || !Object.hasOwn(inside, step)) return false;
    inside = (inside as Record<string | number, unknown>)[step];
    return true;
  });
}

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;

const textAt = (value: unknown, key: string): string | undefined => {
  const field = fieldOf(value, key);
  return typeof field === 'string' ? field : undefined;
};

const listAt = (value: unknown, key: string): unknown[] => {
  const field = fieldOf(value, key);
  return Array.isArray(field) ? field : [];
};

type Checked<T> = Required<Reading<Written<T>>>;

/** The items that the schema has no problem with, so that all that is wrong with a list is said at once. */
function soundItems<T>(list: unknown, schema: z.ZodMiniType<T>): { item: T; index: number }[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, index) =>
    z.safeParse(schema, item).success ? [{ item: item as T, index }] : [],
  );
}

function checkRecipients(list: unknown, at: Path, placeOf: PlaceOf): Checked<RecipientItem> {
  const written = soundItems(list, recipient);
  const problems: Problem[] = [];
  const isAccount = (item: RecipientItem): boolean => accountOf(item) !== undefined;
  const [first, ...others] = written;
  const odd = others.find(({ item }) => first && isAccount(item) !== isAccount(first.item));
  if (odd) {
    problems.push({
      message: 'accounts and organizations do not mix in one list: a share reaches listed accounts, or an organization',
      place: placeOf([...at, odd.index]),
    });
  }
  const warnings = written
    .filter(({ item }) => Object.keys(item).length === 0)
    .map(({ index }) => ({
      message: '{} shares with every account of your organization, present and future',
      place: placeOf([...at, index]),
    }));
  const key = (item: RecipientItem) => JSON.stringify([accountOf(item) ?? null, item.organization_id ?? null]);
  return { value: unrepeated(written, key), problems, warnings };
}

function checkResources(list: unknown, owner: string, at: Path, placeOf: PlaceOf): Checked<ResourceItem> {
  const written = soundItems(list, resource).map(({ item, index }) => {
    const { resource_type, resource_id, resource_account_id = owner, meta = {} } = item;
    return { item: { resource_type, resource_id, resource_account_id, meta }, index };
  });
  const value = unrepeated(written, resourceKey);
  const first = new Map(value.items.map((item) => [resourceKey(item), item]));
  const problems = written
    .filter(({ item }) => !equalJson(first.get(resourceKey(item))?.meta, item.meta))
    .map(({ index }) => ({
      message: 'the same resource is listed before with another meta',
      place: placeOf([...at, index]),
    }));
  const warnings = written
    .filter(({ item }) => !KNOWN_RESOURCE_TYPES.includes(item.resource_type))
    .map(({ item, index }) => ({
      message: `${JSON.stringify(item.resource_type)} is not a type that this version knows (${KNOWN_RESOURCE_TYPES.join(', ')}); it is sent as it is`,
      place: placeOf([...at, index, 'resource_type']),
    }));
  return { value, problems, warnings };
}

function unrepeated<T>(written: { item: T; index: number }[], keyOf: (item: T) => string): Written<T> {
  const kept = new Map<string, { item: T; index: number }>();
  for (const entry of written) if (!kept.has(keyOf(entry.item))) kept.set(keyOf(entry.item), entry);
  return { items: [...kept.values()].map(({ item }) => item), indexes: [...kept.values()].map(({ index }) => index) };
}

// Reads recipients, resources, exclusions and config files, and makes desired shares of them. Everything is either sent
// exactly as it was written, or refused with its place.

import * as z from 'zod/mini';
import { readDocument } from '../document/document.ts';
import { type Document, type Flaw, formatPath, type Path } from '../document/position.ts';
import type { DesiredShare, Place, Problem } from '../share/desired.ts';
import { equalJson } from '../share/json.ts';
import type { Names } from '../share/names.ts';
import {
  accountOf,
  type ExclusionItem,
  idKey,
  type RecipientItem,
  type ResourceItem,
  resourceKey,
  targetOf,
} from '../share/share.ts';
import type { Reading } from './reading.ts';
import {
  configFile,
  exclude,
  exclusion,
  isText,
  KNOWN_RESOURCE_TYPES,
  recipient,
  recipients,
  resource,
  resources,
} from './shares-schema.ts';

/** A label, its id, and where it was written. */
export interface Label {
  id: string;
  label: string;
  place: Place;
}

/** Items to send, without labels and repetitions. `indexes` says where in the list each was written. */
export interface Written<T> {
  items: T[];
  indexes: number[];
  labels: Label[];
}

/** The lists of a share. Undefined: not given. */
export interface Lists {
  recipients?: Written<RecipientItem> | undefined;
  resources?: Written<ResourceItem> | undefined;
  exclude?: Written<ExclusionItem> | undefined;
}

interface ReadFile {
  accountId: string;
  complete: boolean;
  desired: DesiredShare[];
  labels: Names;
}

interface ConfigOptions {
  /** What the account-id input says. */
  accountId?: string | undefined;
  /** The account-id input has its problem already. */
  accountIsWrong?: boolean;
  /** Every share of the file is desired absent; its lists may be missing, and are not used. */
  deleting?: boolean;
}

type PlaceOf = (path: Path, of?: 'key' | 'value') => Place;

/** Reads the text of the `recipients` input. */
export async function readRecipients(text: string): Promise<Reading<Written<RecipientItem>>> {
  const { value, problems, placeOf } = await readChecked(text, recipients, { root: 'recipients' });
  return withProblems(problems, checkRecipients(value, [], placeOf));
}

/** Reads the text of the `resources` input; `owner` is the account that they belong to unless they say otherwise. */
export async function readResources(text: string, owner: string): Promise<Reading<Written<ResourceItem>>> {
  const { value, problems, placeOf } = await readChecked(text, resources, { root: 'resources' });
  return withProblems(problems, checkResources(value, owner, [], placeOf));
}

/** Reads the text of the `exclude` input. */
export async function readExclude(text: string): Promise<Reading<Written<ExclusionItem>>> {
  const { value, problems, placeOf } = await readChecked(text, exclude, { root: 'exclude' });
  return withProblems(problems, checkExclude(value, [], placeOf));
}

/**
 * Reads a config file: every share in it, desired of `accountId`, or of the account that the file names.
 * @param file the file's path as annotations are to show it
 */
export async function readConfig(
  file: string,
  text: string,
  { accountId, accountIsWrong = false, deleting = false }: ConfigOptions,
): Promise<Reading<ReadFile>> {
  const { value, problems, placeOf } = await readChecked(text, configFile, { root: '', file });
  const warnings: Problem[] = [];
  const notices: Problem[] = [];
  const named = textAt(value, 'account_id');
  const owner = accountId ?? named;
  if (owner === undefined && !accountIsWrong && problems.length === 0) {
    problems.push({ message: 'no account: set account_id here, or the account-id input', place: placeOf([]) });
  } else if (named !== undefined && named !== owner) {
    problems.push({
      message: `is ${named}, but the account-id input says ${owner}`,
      place: placeOf(['account_id']),
    });
  }
  const shares = listAt(value, 'shares');
  problems.push(...checkNames(shares, placeOf));

  const labels: Label[] = [];
  const desired = shares.map((share, i): DesiredShare => {
    const at = ['shares', i];
    const placeInShare: PlaceOf = (path, of) => placeOf([...at, ...path], of);
    const lists: Lists = {};
    const keep = <K extends keyof Lists>(key: K, { value, ...said }: Checked<NonNullable<Lists[K]>>): void => {
      lists[key] = value;
      labels.push(...value.labels);
      problems.push(...said.problems);
      if (deleting) return;
      warnings.push(...said.warnings);
      notices.push(...said.notices);
    };
    const given = (key: string): boolean => isThere(share, [key]);
    const absent = textAt(share, 'state') === 'absent';
    if (absent) {
      for (const key of ['previous_name', 'recipients', 'resources', 'exclude'].filter(given)) {
        problems.push({ message: 'cannot be combined with state: absent', place: placeInShare([key], 'key') });
      }
    } else {
      const needed = deleting || typeof share !== 'object' || share === null ? [] : ['recipients', 'resources'];
      for (const key of needed.filter((key) => !given(key))) {
        problems.push({ message: 'is missing', place: placeInShare([key]) });
      }
      const field = (key: keyof Lists): unknown => fieldOf(share, key);
      if (given('recipients')) keep('recipients', checkRecipients(field('recipients'), ['recipients'], placeInShare));
      if (given('resources'))
        keep('resources', checkResources(field('resources'), owner ?? '', ['resources'], placeInShare));
      if (given('exclude')) keep('exclude', checkExclude(field('exclude'), ['exclude'], placeInShare));
      problems.push(...checkExcludeFits(lists, placeInShare(['exclude'], 'key')));
    }
    const previousName = textAt(share, 'previous_name');
    return makeDesired(
      {
        name: textAt(share, 'name') ?? '',
        accountId: owner ?? '',
        state: absent || deleting ? 'absent' : 'present',
        ...(previousName === undefined ? {} : { previousName }),
      },
      lists,
      placeInShare,
    );
  });
  const names = namesOf(labels);
  return withProblems(problems, {
    value: {
      accountId: owner ?? '',
      complete: fieldOf(value, 'complete') === true,
      desired,
      labels: names.labels,
    },
    problems: [],
    warnings: [...warnings, ...names.warnings],
    notices: one(notices),
  });
}

/** One notice stands for all of its kind. */
const one = (notices: Problem[]): Problem[] => notices.slice(0, 1);

/** Names are unique in the file, and a previous name is nobody else's. */
function checkNames(shares: readonly unknown[], placeOf: PlaceOf): Problem[] {
  const problems: Problem[] = [];
  const firstOf = new Map<string, number>();
  for (const [i, share] of shares.entries()) {
    const name = textAt(share, 'name');
    if (name === undefined) continue;
    const first = firstOf.get(name);
    if (first === undefined) firstOf.set(name, i);
    else {
      problems.push({
        message: `a second share of the name ${JSON.stringify(name)} (the first is shares[${first}]): names are unique in the file`,
        place: placeOf(['shares', i, 'name']),
      });
    }
  }
  const renamedBy = new Map<string, number>();
  for (const [i, share] of shares.entries()) {
    const previous = textAt(share, 'previous_name');
    if (previous === undefined) continue;
    const holder = firstOf.get(previous);
    const rival = renamedBy.get(previous);
    renamedBy.set(previous, rival ?? i);
    const message =
      previous === textAt(share, 'name')
        ? 'is also the name of the share: write its earlier name, or leave previous_name out'
        : holder !== undefined
          ? `is the name of shares[${holder}]: no other share can have it as its previous name`
          : rival !== undefined
            ? `is the previous name of shares[${rival}] already: one share cannot become two`
            : undefined;
    if (message !== undefined) problems.push({ message, place: placeOf(['shares', i, 'previous_name']) });
  }
  return problems;
}

/** Exclusions are for a share with the organization. Without recipients (a share given by its id) the API decides. */
export function checkExcludeFits({ recipients, exclude }: Lists, place: Place): Problem[] {
  const first = recipients?.items[0];
  if (!exclude || first === undefined || accountOf(first) === undefined) return [];
  return [
    {
      message: 'is only for a share with an organization: a share with accounts reaches nobody but those accounts',
      place,
    },
  ];
}

/**
 * One desired share out of its checked parts; a path of the request (`recipients`, 0, …) leads to where it was written.
 * What is to be absent has neither lists nor a previous name.
 */
export function makeDesired(
  share: Pick<DesiredShare, 'name' | 'accountId' | 'state' | 'shareId' | 'previousName'>,
  lists: Lists,
  placeOf: (path: Path) => Place,
): DesiredShare {
  const { previousName, ...rest } = share;
  const { recipients, resources, exclude } = share.state === 'absent' ? {} : lists;
  return {
    ...rest,
    ...(previousName === undefined || share.state === 'absent' ? {} : { previousName }),
    ...(recipients ? { recipients: recipients.items, target: targetOf(recipients.items) } : {}),
    ...(resources ? { resources: resources.items } : {}),
    ...(exclude ? { exclude: exclude.items } : {}),
    placeOf: ([part, index, ...inside]) => {
      if (part === undefined) return placeOf([]);
      if (typeof index !== 'number') return placeOf([part]);
      const list = Object.hasOwn(lists, part) ? lists[part as keyof Lists] : undefined;
      return placeOf([part, list?.indexes[index] ?? index, ...inside]);
    },
  };
}

/** The labels by id. The first label of an id counts; a different one later is a warning. */
export function namesOf(labels: readonly Label[]): { labels: Names; warnings: Problem[] } {
  const names = new Map<string, string>();
  const warnings: Problem[] = [];
  const said = new Set<string>();
  for (const { id, label, place } of labels) {
    const key = idKey(id);
    const first = names.get(key);
    if (first === undefined) names.set(key, label);
    else if (first !== label && !said.has(key)) {
      said.add(key);
      warnings.push({
        message: `gives ${id} the label ${JSON.stringify(label)}, but its first label is ${JSON.stringify(first)}: the first one is shown`,
        place,
      });
    }
  }
  return { labels: names, warnings };
}

/** The value of a text, unless it cannot be read at all, and every problem that the schema has with it. */
async function readChecked(
  text: string,
  schema: z.ZodMiniType,
  at: { root: string; file?: string },
): Promise<{ value: unknown; problems: Problem[]; placeOf: PlaceOf }> {
  const document = await readDocument(text, { isText, positions: at.file !== undefined });
  const placeOf = placesOf(document, at);
  const unknown: { path: Path; problem: Problem }[] = [];
  const others: { path: Path; code: string; problem: Problem }[] = [];
  for (const issue of document.value === undefined ? [] : (z.safeParse(schema, document.value).error?.issues ?? [])) {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        const of = [...path, key];
        unknown.push({ path: of, problem: { message: issue.message, place: placeOf(of, 'key') } });
      }
    } else {
      const missing = issue.code === 'invalid_type' && !isThere(document.value, path);
      const message = missing ? 'is missing' : issue.message;
      others.push({ path, code: issue.code, problem: { message, place: placeOf(path) } });
    }
  }
  // A misspelt key is reported first. Problems with its value do not matter then.
  const unknownKeys = new Set(unknown.map(({ path }) => formatPath(path)));
  const flaws = document.flaws.filter(({ path }) => !isInside(path, unknownKeys));
  // A value with a flaw has its problem already. An item with a misspelt key cannot be checked as a whole.
  const flawed = new Set(flaws.map(({ path }) => formatPath(path)));
  const misspelt = new Set(unknown.map(({ path }) => formatPath(path.slice(0, -1))));
  const judged = others.filter(
    ({ path, code }) => !isInside(path, flawed) && !(code === 'custom' && misspelt.has(formatPath(path))),
  );
  const problems = [
    ...unknown.map(({ problem }) => problem),
    ...flaws.map((flaw) => problemOf(flaw, placeOf(flaw.path), at.file)),
    ...judged.map(({ problem }) => problem),
  ];
  // The value that was read, not the schema's copy of it: what was written is sent unchanged.
  return { value: document.flaws.length > 0 ? undefined : document.value, problems, placeOf };
}

function problemOf({ message, position }: Flaw, place: Place, file: string | undefined): Problem {
  if (!position || file !== undefined) return { message, place: { ...place, ...position } };
  return { message, place: { label: `${place.label} (line ${position.line}, column ${position.column})` } };
}

/** Is it one of these paths, or inside of one? */
const isInside = (path: Path, outer: ReadonlySet<string>): boolean =>
  outer.size > 0 && [[], ...path].some((_, length) => outer.has(formatPath(path.slice(0, length))));

const placesOf =
  (document: Document, { root, file }: { root: string; file?: string }): PlaceOf =>
  (path, of) => ({
    label: formatPath(path, root),
    ...(file === undefined ? {} : { file, ...document.positionOf(path, of) }),
  });

function withProblems<T>(problems: Problem[], { value, ...said }: Reading<T>): Reading<T> {
  const all = [...problems, ...said.problems];
  return { ...said, problems: all, ...(all.length > 0 || value === undefined ? {} : { value }) };
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
  isThere(value, [key]) ? (value as Record<string, unknown>)[key] : undefined;

const textAt = (value: unknown, key: string): string | undefined => {
  const field = fieldOf(value, key);
  return typeof field === 'string' ? field : undefined;
};

const listAt = (value: unknown, key: string): unknown[] => {
  const field = fieldOf(value, key);
  return Array.isArray(field) ? field : [];
};

type Checked<W> = Required<Reading<W>>;

/** The valid items of a list. They are checked further even if others are wrong: all problems are reported at once. */
function soundItems<T>(list: unknown, schema: z.ZodMiniType<T>): { item: T; index: number }[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, index) =>
    z.safeParse(schema, item).success ? [{ item: item as T, index }] : [],
  );
}

function checkRecipients(list: unknown, at: Path, placeOf: PlaceOf): Checked<Written<RecipientItem>> {
  const written = soundItems(list, recipient).map(({ item: { label, ...item }, index }) => ({ item, index, label }));
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
  const notices = written
    .filter(({ item }) => item.account_id !== undefined)
    .map(({ index }) => ({
      message:
        'account_id is the old name of recipient_account_id. Cloudflare takes it until 2027-05-26: write recipient_account_id',
      place: placeOf([...at, index, 'account_id'], 'key'),
    }));
  const idOf = (item: RecipientItem) => accountOf(item) ?? item.organization_id;
  const key = (item: RecipientItem) => JSON.stringify([isAccount(item), idKey(idOf(item) ?? '')]);
  return {
    value: { ...unrepeated(written, key), labels: labelsOf(written, idOf, at, placeOf) },
    problems,
    warnings,
    notices: one(notices),
  };
}

function checkExclude(list: unknown, at: Path, placeOf: PlaceOf): Checked<Written<ExclusionItem>> {
  const written = soundItems(list, exclusion).map(({ item, index }) => ({
    // The API has one key for them, whatever the workflow wrote.
    item: { account_id: accountOf(item) ?? '' },
    index,
    label: item.label,
  }));
  const idOf = ({ account_id }: ExclusionItem) => account_id;
  return {
    value: {
      ...unrepeated(written, (item) => idKey(item.account_id)),
      labels: labelsOf(written, idOf, at, placeOf),
    },
    problems: [],
    warnings: [],
    notices: [],
  };
}

function checkResources(list: unknown, owner: string, at: Path, placeOf: PlaceOf): Checked<Written<ResourceItem>> {
  const written = soundItems(list, resource).map(({ item, index }) => {
    const { resource_type, resource_id, resource_account_id = owner, meta = {}, label } = item;
    return { item: { resource_type, resource_id, resource_account_id, meta }, index, label };
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
  const idOf = ({ resource_id }: ResourceItem) => resource_id;
  return {
    value: { ...value, labels: labelsOf(written, idOf, at, placeOf) },
    problems,
    warnings,
    notices: [],
  };
}

/** An item as it was written, apart from its label. */
interface Entry<T> {
  item: T;
  index: number;
  label: string | undefined;
}

const labelsOf = <T>(
  written: readonly Entry<T>[],
  idOf: (item: T) => string | undefined,
  at: Path,
  placeOf: PlaceOf,
): Label[] =>
  written.flatMap(({ item, index, label }) => {
    const id = idOf(item);
    return label === undefined || id === undefined ? [] : [{ id, label, place: placeOf([...at, index, 'label']) }];
  });

function unrepeated<T>(written: readonly Entry<T>[], keyOf: (item: T) => string): Omit<Written<T>, 'labels'> {
  const kept = new Map<string, Entry<T>>();
  for (const entry of written) if (!kept.has(keyOf(entry.item))) kept.set(keyOf(entry.item), entry);
  return { items: [...kept.values()].map(({ item }) => item), indexes: [...kept.values()].map(({ index }) => index) };
}

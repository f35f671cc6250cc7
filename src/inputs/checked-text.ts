// Reads JSON or YAML and checks it against a schema. A value is either sent exactly as it was written, or rejected with
// its place.

import * as z from 'zod/mini';
import { readDocument } from '../document/document.ts';
import { type Document, type Flaw, formatPath, type Path, type Position, PROBLEMS_MAX } from '../document/position.ts';
import type { Place, Problem } from '../share/problem.ts';
import { keysAt, partAt, unknownKey } from './schema-parts.ts';

export type PlaceOf = (path: Path, of?: 'key' | 'value') => Place;

/** Answers questions about the paths inside a value. */
export interface Paths {
  placeOf: PlaceOf;
  /** Does the value at the path pass the schema? */
  isSound: (path: Path) => boolean;
  /** Sorts problems by their places in the text. */
  inOrder: <T extends Problem>(problems: readonly T[]) => T[];
}

/** The same for the value at `outer`, with paths relative to it. */
export const pathsInside = ({ placeOf, isSound, inOrder }: Paths, outer: Path): Paths => ({
  placeOf: (path, of) => placeOf([...outer, ...path], of),
  isSound: (path) => isSound([...outer, ...path]),
  inOrder,
});

/** Reads a text and checks it. The value is undefined if the text can't be read at all, and partly wrong if there are problems. */
export async function readChecked(
  text: string,
  schema: z.ZodMiniType,
  /** `file`: its path, if the text is a file. `ignored`: top-level keys to ignore. */
  at: { root: string; file?: string; ignored?: RegExp },
): Promise<{ value: unknown; problems: Problem[]; paths: Paths }> {
  const document = await readDocument(text, { isFree: (path) => partAt(schema, path) === 'anything' });
  const places = placesOf(document, text.trimEnd().includes('\n'), at);
  if (at.ignored) ignoreKeys(document.value, at.ignored);
  const nulls = removeNulls(document.value, schema, pathsOf(document.flaws));
  const flaws = [...document.flaws, ...nulls.flaws];
  const issues = issuesOf(document.value, schema, nulls.removed);
  const { unsound, isCut } = issues;
  for (const { path } of flaws) addWithParents(unsound, path);
  // Return the value that was read, not the schema's copy, so that it is sent unchanged.
  return {
    value: document.value,
    problems: problemsOf(flaws, issues, places),
    paths: {
      placeOf: places.placeOf,
      inOrder: places.inOrder,
      isSound: (path) => !isCut && (unsound.size === 0 || !unsound.has(formatPath(path))),
    },
  };
}

/**
 * Doesn't report an invalid value twice, or a value under a misspelled key. If a key of an item is misspelled, doesn't
 * report problems about the whole item, because the misspelling may be their cause.
 */
function problemsOf(
  flaws: readonly Flaw[],
  { unknownKeys, wrongValues }: Issues,
  { placeOf, placeAt, inOrder }: Places,
): Problem[] {
  const flawed = pathsOf(flaws);
  const unknown = pathsOf(unknownKeys);
  const misspelled = new Set(unknownKeys.map(({ path }) => formatPath(path.slice(0, -1))));
  const judged = wrongValues.filter(({ path }) => !isInside(path, flawed) && !misspelled.has(formatPath(path)));
  return inOrder([
    ...unknownKeys.map(({ path, message }): Problem => ({ message, place: placeOf(path, 'key') })),
    ...flaws
      .filter(({ path }) => !isInside(path, unknown))
      .map(
        ({ path, message, position, frame }): Problem => ({
          message,
          place: position ? placeAt(path, position, true) : placeOf(path),
          ...(frame ? { frame } : {}),
        }),
      ),
    ...judged.map(({ path, message }): Problem => ({ message, place: placeOf(path) })),
  ]);
}

function ignoreKeys(root: unknown, ignored: RegExp): void {
  if (typeof root !== 'object' || root === null || Array.isArray(root)) return;
  for (const key of Object.keys(root)) if (ignored.test(key)) delete (root as Record<string, unknown>)[key];
}

/**
 * Removes keys whose value is null, wherever the schema knows the key: null means "not given", because Terraform's
 * jsonencode writes it that way. If all keys of an object are null, that is a flaw, because the object would become
 * empty, and an empty recipient means the whole organization.
 * @param unreadable the paths of values that are null because they couldn't be read; they stay
 */
function removeNulls(
  root: unknown,
  schema: z.ZodMiniType,
  unreadable: ReadonlySet<string>,
): { flaws: Flaw[]; removed: Set<string> } {
  const flaws: Flaw[] = [];
  const removed = new Set<string>();
  const path: (string | number)[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const isList = Array.isArray(value);
    const known = isList ? undefined : new Set(keysAt(schema, path));
    if (known?.size === 0) return; // anything is allowed inside
    const keys = Object.keys(value);
    const isEmpty = (key: string): boolean =>
      (value as Record<string, unknown>)[key] === null && !unreadable.has(formatPath([...path, key]));
    const empty = keys.filter((key) => known?.has(key) && isEmpty(key));
    if (empty.length > 0 && empty.length === keys.length) {
      flaws.push({ path: [...path], message: allNull(keys) });
      return;
    }
    for (const key of empty) {
      delete (value as Record<string, unknown>)[key];
      removed.add(formatPath([...path, key]));
    }
    for (const [key, inside] of Object.entries(value)) {
      path.push(isList ? Number(key) : key);
      visit(inside);
      path.pop();
    }
  };
  visit(root);
  return { flaws, removed };
}

const IS_NULL = 'is missing: its value is null (an unset variable or secret?)';
const allNull = (keys: readonly string[]): string =>
  `is empty: ${keys.join(', ')} ${keys.length === 1 ? 'is' : 'are'} null (an unset variable or secret?)`;

interface Issue {
  path: Path;
  message: string;
}

interface Issues {
  unknownKeys: Issue[];
  wrongValues: Issue[];
  /** Every path with an issue, and its parents. */
  unsound: Set<string>;
  /** There were too many issues to report each of them. */
  isCut: boolean;
}

/** Checks the value with the schema. Undefined: there is nothing to check. */
function issuesOf(value: unknown, schema: z.ZodMiniType, nulls: ReadonlySet<string>): Issues {
  const issues = value === undefined ? [] : (z.safeParse(schema, value).error?.issues ?? []);
  const unknownKeys: Issues['unknownKeys'] = [];
  const wrongValues: Issues['wrongValues'] = [];
  const unsound = new Set<string>();
  for (const issue of issues.slice(0, PROBLEMS_MAX)) {
    const path = issue.path as Path;
    addWithParents(unsound, path);
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, path);
      for (const key of issue.keys.slice(0, PROBLEMS_MAX - unknownKeys.length))
        unknownKeys.push({ path: [...path, key], message: unknownKey(key, known) });
    } else {
      const missing = nulls.has(formatPath(path)) ? IS_NULL : 'is missing';
      wrongValues.push({ path, message: isThere(value, path) ? issue.message : missing });
    }
  }
  return { unknownKeys, wrongValues, unsound, isCut: issues.length > PROBLEMS_MAX };
}

/** The schema has no deeper keys, but values of any shape can be far deeper. */
const SCHEMA_DEPTH = 8;

/** The path and its parents, down to the depth of the schema. */
const withParents = (path: Path): string[] =>
  [[], ...path.slice(0, SCHEMA_DEPTH)].map((_, length) => formatPath(path.slice(0, length)));

function addWithParents(paths: Set<string>, path: Path): void {
  for (const parent of withParents(path)) paths.add(parent);
}

const pathsOf = (items: readonly { path: Path }[]): Set<string> => new Set(items.map(({ path }) => formatPath(path)));

/** Is the path one of these, or inside one of them? */
const isInside = (path: Path, outer: ReadonlySet<string>): boolean =>
  withParents(path).some((parent) => outer.has(parent));

type Places = ReturnType<typeof placesOf>;

/** A place in a file has a line and a column. For an input with several lines, the label contains them. */
function placesOf(document: Document, hasLines: boolean, { root, file }: { root: string; file?: string }) {
  const positions = new WeakMap<Place, Position | undefined>();
  const placeAt = (path: Path, position: Position | undefined, isShown = hasLines): Place => {
    const label = formatPath(path, root);
    const inText = isShown && position ? ` (line ${position.line}, column ${position.column})` : '';
    const place: Place = file === undefined ? { label: `${label}${inText}` } : { label, file, ...position };
    positions.set(place, position);
    return place;
  };
  const placeOf: PlaceOf = (path, of) => placeAt(path, document.positionOf(path, of));
  const positionOf = ({ place }: Problem): Position => (place && positions.get(place)) ?? { line: 0, column: 0 };
  const inOrder: Paths['inOrder'] = (problems) =>
    problems
      .map((problem) => ({ problem, at: positionOf(problem) }))
      .sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
      .map(({ problem }) => problem);
  return { placeAt, placeOf, inOrder };
}

// Accessors for values of any shape, because the rest of a file is read even if part of it is wrong.

export function isThere(value: unknown, path: Path): boolean {
  let inside = value;
  return path.every((step) => {
    if (typeof inside !== 'object' || inside === null || !Object.hasOwn(inside, step)) return false;
    inside = (inside as Record<string | number, unknown>)[step];
    return true;
  });
}

export const fieldOf = (value: unknown, key: string): unknown =>
  isThere(value, [key]) ? (value as Record<string, unknown>)[key] : undefined;

export const textAt = (value: unknown, key: string): string | undefined => {
  const field = fieldOf(value, key);
  return typeof field === 'string' ? field : undefined;
};

export const listAt = (value: unknown, key: string): unknown[] => {
  const field = fieldOf(value, key);
  return Array.isArray(field) ? field : [];
};

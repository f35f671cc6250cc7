// Reads JSON or YAML, and checks it with a schema. What was written is either sent exactly so, or refused with its place.

import * as z from 'zod/mini';
import { readDocument } from '../document/document.ts';
import { type Document, type Flaw, formatPath, type Path } from '../document/position.ts';
import type { Place, Problem } from '../share/desired.ts';
import { isThere } from './fields.ts';
import { isText } from './schema-parts.ts';

export type PlaceOf = (path: Path, of?: 'key' | 'value') => Place;

/** What is known of the paths of a value that was read. */
export interface Paths {
  placeOf: PlaceOf;
  /** Does the schema take what is there? */
  isSound: (path: Path) => boolean;
}

/** The paths of the value at `outer`. */
export const pathsInside = ({ placeOf, isSound }: Paths, outer: Path): Paths => ({
  placeOf: (path, of) => placeOf([...outer, ...path], of),
  isSound: (path) => isSound([...outer, ...path]),
});

/** The value of a text, unless it cannot be read at all, and every problem that the schema has with it. */
export async function readChecked(
  text: string,
  schema: z.ZodMiniType,
  at: { root: string; file?: string },
): Promise<{ value: unknown; problems: Problem[]; paths: Paths }> {
  const document = await readDocument(text, { isText, positions: at.file !== undefined });
  const placeOf = placesOf(document, at);
  const { unknownKeys, wrongValues, unsound } = issuesOf(document, schema);
  // A misspelt key is reported first. Problems with its value do not matter then.
  const unknown = pathsOf(unknownKeys);
  const flaws = document.flaws.filter(({ path }) => !isInside(path, unknown));
  // A value with a flaw has its problem already. An item with a misspelt key cannot be checked as a whole.
  const flawed = pathsOf(flaws);
  const misspelt = new Set(unknownKeys.map(({ path }) => formatPath(path.slice(0, -1))));
  const judged = wrongValues.filter(
    ({ path, ofWholeItem }) => !isInside(path, flawed) && !(ofWholeItem && misspelt.has(formatPath(path))),
  );
  const problems = [
    ...unknownKeys.map(({ path, message }) => ({ message, place: placeOf(path, 'key') })),
    ...flaws.map((flaw) => problemOf(flaw, placeOf(flaw.path), at.file)),
    ...judged.map(({ path, message }) => ({ message, place: placeOf(path) })),
  ];
  // The value that was read, not the schema's copy of it: what was written is sent unchanged.
  const value = document.flaws.length > 0 ? undefined : document.value;
  return {
    value,
    problems,
    paths: { placeOf, isSound: (path) => unsound.size === 0 || !unsound.has(formatPath(path)) },
  };
}

interface Issue {
  path: Path;
  message: string;
}

interface Issues {
  unknownKeys: Issue[];
  /** `ofWholeItem`: a rule about several keys of an item. */
  wrongValues: (Issue & { ofWholeItem: boolean })[];
  /** Every path with an issue at it or inside. */
  unsound: ReadonlySet<string>;
}

/** What the schema has against the value, which may not be there. */
function issuesOf({ value }: Document, schema: z.ZodMiniType): Issues {
  const issues = value === undefined ? [] : (z.safeParse(schema, value).error?.issues ?? []);
  const unknownKeys: Issues['unknownKeys'] = [];
  const wrongValues: Issues['wrongValues'] = [];
  for (const issue of issues) {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) unknownKeys.push({ path: [...path, key], message: issue.message });
    } else {
      const isMissing = issue.code === 'invalid_type' && !isThere(value, path);
      const message = isMissing ? 'is missing' : issue.message;
      wrongValues.push({ path, message, ofWholeItem: issue.code === 'custom' });
    }
  }
  const unsound = issues.flatMap(({ path }) =>
    [[], ...path].map((_, length) => formatPath(path.slice(0, length) as Path)),
  );
  return { unknownKeys, wrongValues, unsound: new Set(unsound) };
}

const pathsOf = (items: readonly { path: Path }[]): Set<string> => new Set(items.map(({ path }) => formatPath(path)));

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

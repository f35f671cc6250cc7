// Reads the config file.

import type { WrittenShare } from '../share/desired.ts';
import type { Label } from '../share/names.ts';
import type { Problem } from '../share/problem.ts';
import { nameKey } from '../share/share.ts';
import {
  fieldOf,
  isThere,
  listAt,
  type Paths,
  type PlaceOf,
  pathsInside,
  readChecked,
  textAt,
} from './checked-text.ts';
import { checkExcludeFits, checkList, LIST_NAMES, type ListName, type Lists, makeShare } from './lists.ts';
import { onlyFirst, type Reading, type Remarks, remarksOf, withProblems } from './reading.ts';
import { unexpectedLength } from './schema-parts.ts';
import { configFile, IGNORED, NEEDED_IF_PRESENT, ONLY_IF_PRESENT, TEXTS } from './shares-schema.ts';

/** The contents of a file. */
interface ReadFile {
  accountId: string;
  complete: boolean;
  desired: WrittenShare[];
  labels: Label[];
}

interface Options {
  /** The account-id input. */
  accountId?: string | undefined;
  /** The account-id input is wrong, and has already been reported. */
  accountIsWrong?: boolean;
  /** Every share in the file will be deleted. Lists are not needed, and not used. */
  deleting?: boolean;
  /** Nothing is sent, so no account is needed. */
  checking?: boolean;
}

/**
 * Reads every share in the text of a file. They belong to `accountId` or, without it, to the account that the file
 * names.
 * @param file the path that annotations show
 */
export async function readSharesFile(file: string, text: string, options: Options): Promise<Reading<ReadFile>> {
  const { value, problems, paths } = await readChecked(text, configFile(), { root: '', file, ignored: IGNORED });
  const { placeOf } = paths;
  const { deleting = false, checking = false, accountIsWrong = false } = options;
  const accountId = options.accountId ?? textAt(value, 'account_id');
  const accountIsKnown = accountId !== undefined || accountIsWrong || checking || problems.length > 0;
  const written = listAt(value, 'shares');
  const owner = accountId ?? '';
  const shares = written.map((share, i) => readShare(share, owner, deleting, pathsInside(paths, ['shares', i])));
  const remarks = remarksOf(shares);
  const all = [
    ...problems,
    ...(accountIsKnown ? checkAccount(value, accountId, placeOf) : [noAccount(placeOf)]),
    ...checkNames(written, placeOf),
    ...remarks.problems,
  ];
  return withProblems(paths.inOrder(all), {
    value: {
      accountId: owner,
      complete: fieldOf(value, 'complete') === true,
      desired: shares.map(({ desired }) => desired),
      labels: shares.flatMap(({ labels }) => labels),
    },
    problems: [],
    warnings: [...checkLength(value, options.accountId, placeOf), ...paths.inOrder(remarks.warnings)],
    notices: onlyFirst(paths.inOrder(remarks.notices)),
  });
}

const ACCOUNT_IN_YAML = /^(["']?)account_id\1[ \t]*:[ \t]+(["']?)([A-Za-z0-9_-]{1,32})\2[ \t]*(?:[ \t]#.*)?\r?$/m;
const ACCOUNT_IN_JSON = /^\s*\{[^[{]*?"account_id"\s*:\s*"([A-Za-z0-9_-]{1,32})"/;

/**
 * The account that a file sets, even if the file has a syntax error. Without it, the comment of an earlier plan could not
 * be found, and would keep showing that plan.
 */
export const accountIn = (text: string): string | undefined =>
  ACCOUNT_IN_YAML.exec(text)?.[3] ?? ACCOUNT_IN_JSON.exec(text)?.[1];

const noAccount = (placeOf: PlaceOf): Problem => ({
  message: 'no account is set: set account_id here, or the account-id input',
  place: placeOf([]),
});

/** The file may name its account. If the account-id input is set, it must be the same account. */
function checkAccount(value: unknown, accountId: string | undefined, placeOf: PlaceOf): Problem[] {
  const named = textAt(value, 'account_id');
  if (named === undefined || named === accountId) return [];
  return [{ message: `is ${named}, but the account-id input is ${accountId}`, place: placeOf(['account_id']) }];
}

/** A warning if the account id in the file was probably not copied completely. The input has its own check. */
function checkLength(value: unknown, input: string | undefined, placeOf: PlaceOf): Problem[] {
  const why = input === undefined ? unexpectedLength(textAt(value, 'account_id') ?? '') : undefined;
  return why === undefined ? [] : [{ message: why, place: placeOf(['account_id']) }];
}

/**
 * The name in NFC, because names that differ only in Unicode normalization look the same. A blank name counts as none.
 */
function nameAt(share: unknown, key: string): string | undefined {
  const name = textAt(share, key);
  return name === undefined || name.trim() === '' ? undefined : nameKey(name);
}

/**
 * Checks that no two shares have the same name or the same previous name, and that no previous name is the name of a
 * share.
 */
function checkNames(shares: readonly unknown[], placeOf: PlaceOf): Problem[] {
  const indexOf = firstIndexes(shares.map((share) => nameAt(share, 'name')));
  const renamedBy = firstIndexes(shares.map((share) => nameAt(share, 'previous_name')));
  return shares.flatMap((share, i) => {
    const name = nameAt(share, 'name');
    const first = name === undefined ? i : indexOf.get(name);
    const second =
      first === i
        ? undefined
        : `is also the name of shares[${first}] (${JSON.stringify(name)}): names must be unique in the file`;
    const messages = { name: second, previous_name: aboutPreviousName(share, i, indexOf, renamedBy) };
    return Object.entries(messages).flatMap(([key, message]) =>
      message === undefined ? [] : [{ message, place: placeOf(['shares', i, key]) }],
    );
  });
}

/** The index of each text's first occurrence. */
function firstIndexes<T>(texts: readonly T[]): Map<T, number> {
  const indexes = new Map<T, number>();
  for (const [i, text] of texts.entries()) if (!indexes.has(text)) indexes.set(text, i);
  return indexes;
}

/** The problem with the previous name of a share, if any. */
function aboutPreviousName(
  share: unknown,
  i: number,
  indexOf: ReadonlyMap<string | undefined, number>,
  renamedBy: ReadonlyMap<string | undefined, number>,
): string | undefined {
  const previous = nameAt(share, 'previous_name');
  if (previous === undefined) return undefined;
  if (previous === nameAt(share, 'name')) return 'is the same as name: set it to the earlier name, or remove it';
  const holder = indexOf.get(previous);
  if (holder !== undefined)
    return `is the current name of shares[${holder}], so it can't be the previous name of another share`;
  const rival = renamedBy.get(previous);
  return rival === i ? undefined : `is already the previous name of shares[${rival}]: one share can't become two`;
}

interface ReadShare extends Remarks {
  desired: WrittenShare;
  labels: Label[];
}

/** Reads one share in the file. */
function readShare(share: unknown, owner: string, deleting: boolean, paths: Paths): ReadShare {
  const { placeOf } = paths;
  const absent = textAt(share, 'state') === 'absent';
  const { lists, ...remarks } = readLists(absent ? undefined : share, owner, paths);
  const named = { name: textAt(share, 'name') ?? '', accountId: owner };
  const desired =
    absent || deleting
      ? makeShare({ ...named, state: 'absent' }, {}, placeOf)
      : makeShare({ ...named, ...readTexts(share), state: 'present' }, lists, placeOf);
  return {
    desired,
    labels: LIST_NAMES.flatMap((name) => lists[name]?.labels ?? []),
    problems: [...checkState(share, absent, deleting, placeOf), ...remarks.problems],
    warnings: deleting ? [] : remarks.warnings,
    notices: deleting ? [] : remarks.notices,
  };
}

/** Reads the optional texts of a share. */
const readTexts = (share: unknown): Partial<WrittenShare> =>
  Object.fromEntries(
    Object.entries(TEXTS).flatMap(([key, { to }]) => {
      const text = textAt(share, key);
      return text === undefined ? [] : [[to, text]];
    }),
  );

/** Checks that a share has what it needs to exist, and that an absent share has nothing else. */
function checkState(share: unknown, absent: boolean, deleting: boolean, placeOf: PlaceOf): Problem[] {
  if (absent)
    return ONLY_IF_PRESENT.filter((key) => isThere(share, [key])).map((key) => ({
      message: "can't be combined with state: absent",
      place: placeOf([key], 'key'),
    }));
  if (deleting || typeof share !== 'object' || share === null || Array.isArray(share)) return [];
  return NEEDED_IF_PRESENT.filter((key) => !isThere(share, [key])).map((key) => ({
    message: 'is missing',
    place: placeOf([key]),
  }));
}

/** Reads the lists of a share. */
function readLists(share: unknown, owner: string, paths: Paths): Remarks & { lists: Lists } {
  const read = <K extends ListName>(name: K) =>
    isThere(share, [name]) ? checkList(name, fieldOf(share, name), [name], owner, paths) : undefined;
  const [recipients, resources, exclude] = [read('recipients'), read('resources'), read('exclude')];
  const lists: Lists = { recipients: recipients?.value, resources: resources?.value, exclude: exclude?.value };
  const remarks = remarksOf([recipients, resources, exclude].filter((list) => list !== undefined));
  return {
    ...remarks,
    lists,
    problems: [...remarks.problems, ...checkExcludeFits(lists, paths.placeOf(['exclude'], 'key'))],
  };
}

// The file of shares: from its text to shares.

import type { Problem, WrittenShare } from '../share/desired.ts';
import type { Label } from '../share/names.ts';
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
import { configFile, IGNORED, NEEDED_IF_PRESENT, ONLY_IF_PRESENT } from './shares-schema.ts';

/** What a file says. */
interface ReadFile {
  accountId: string;
  complete: boolean;
  desired: WrittenShare[];
  labels: Label[];
}

interface Options {
  /** What the account-id input says. */
  accountId?: string | undefined;
  /** The account-id input has its problem already. */
  accountIsWrong?: boolean;
  /** Every share of the file is desired absent; its lists may be missing, and are not used. */
  deleting?: boolean;
  /** Nothing is sent, so an account isn't needed. */
  checking?: boolean;
}

/**
 * Reads the text of a file: every share in it, desired of `accountId`, or of the account that the file names.
 * @param file the file's path as annotations are to show it
 */
export async function readSharesFile(file: string, text: string, options: Options): Promise<Reading<ReadFile>> {
  const { value, problems, paths } = await readChecked(text, configFile(), { root: '', file, ignored: IGNORED });
  const { placeOf } = paths;
  const { deleting = false, checking = false, accountIsWrong = false } = options;
  const accountId = options.accountId ?? textAt(value, 'account_id');
  const accountIsKnown = accountId !== undefined || accountIsWrong || checking || problems.length > 0;
  const written = listAt(value, 'shares');
  const shares = written.map((share, i) =>
    readShare(share, accountId ?? '', deleting, pathsInside(paths, ['shares', i])),
  );
  const remarks = remarksOf(shares);
  const all = [
    ...problems,
    ...(accountIsKnown ? checkAccount(value, accountId, placeOf) : [noAccount(placeOf)]),
    ...checkNames(written, placeOf),
    ...remarks.problems,
  ];
  return withProblems(paths.inOrder(all), {
    value: {
      accountId: accountId ?? '',
      complete: fieldOf(value, 'complete') === true,
      desired: shares.map(({ desired }) => desired),
      labels: shares.flatMap(({ labels }) => labels),
    },
    problems: [],
    warnings: paths.inOrder(remarks.warnings),
    notices: onlyFirst(paths.inOrder(remarks.notices)),
  });
}

const noAccount = (placeOf: PlaceOf): Problem => ({
  message: 'no account: set account_id here, or the account-id input',
  place: placeOf([]),
});

/** The file may name its account. The account-id input must not name another. */
function checkAccount(value: unknown, accountId: string | undefined, placeOf: PlaceOf): Problem[] {
  const named = textAt(value, 'account_id');
  if (named === undefined || named === accountId) return [];
  return [{ message: `is ${named}, but the account-id input says ${accountId}`, place: placeOf(['account_id']) }];
}

/** The same name for people, whichever Unicode normalization an editor wrote it in. A blank one is none. */
function nameAt(share: unknown, key: string): string | undefined {
  const name = textAt(share, key);
  return name === undefined || name.trim() === '' ? undefined : nameKey(name);
}

/** No two shares have one name, and no two have one previous name. A previous name is the name of no share. */
function checkNames(shares: readonly unknown[], placeOf: PlaceOf): Problem[] {
  const indexOf = firstIndexes(shares.map((share) => nameAt(share, 'name')));
  const renamedBy = firstIndexes(shares.map((share) => nameAt(share, 'previous_name')));
  return shares.flatMap((share, i) => {
    const name = nameAt(share, 'name');
    const first = name === undefined ? i : indexOf.get(name);
    const second =
      first === i
        ? undefined
        : `is the name of shares[${first}], too (${JSON.stringify(name)}): names are unique in the file`;
    const said = { name: second, previous_name: aboutPreviousName(share, i, indexOf, renamedBy) };
    return Object.entries(said).flatMap(([key, message]) =>
      message === undefined ? [] : [{ message, place: placeOf(['shares', i, key]) }],
    );
  });
}

/** Where each text is for the first time. */
function firstIndexes(texts: readonly (string | undefined)[]): Map<string, number> {
  const indexes = new Map<string, number>();
  for (const [i, text] of texts.entries()) if (text !== undefined && !indexes.has(text)) indexes.set(text, i);
  return indexes;
}

/** What is wrong with the previous name of a share, if anything is. */
function aboutPreviousName(
  share: unknown,
  i: number,
  indexOf: ReadonlyMap<string, number>,
  renamedBy: ReadonlyMap<string, number>,
): string | undefined {
  const previous = nameAt(share, 'previous_name');
  if (previous === undefined) return undefined;
  if (previous === nameAt(share, 'name'))
    return 'is also the name of the share: write its earlier name, or leave previous_name out';
  const holder = indexOf.get(previous);
  if (holder !== undefined) return `is the name of shares[${holder}]: no other share can have it as its previous name`;
  const rival = renamedBy.get(previous);
  return rival === i ? undefined : `is the previous name of shares[${rival}] already: one share cannot become two`;
}

interface ReadShare extends Remarks {
  desired: WrittenShare;
  labels: Label[];
}

/** Reads one share of the file. */
function readShare(share: unknown, owner: string, deleting: boolean, paths: Paths): ReadShare {
  const { placeOf } = paths;
  const absent = textAt(share, 'state') === 'absent';
  const previousName = textAt(share, 'previous_name');
  const { lists, ...remarks } = readLists(absent ? undefined : share, owner, paths);
  const desired = makeShare(
    {
      name: textAt(share, 'name') ?? '',
      accountId: owner,
      state: absent || deleting ? 'absent' : 'present',
      ...(previousName === undefined ? {} : { previousName }),
    },
    lists,
    placeOf,
  );
  return {
    desired,
    labels: LIST_NAMES.flatMap((name) => lists[name]?.labels ?? []),
    problems: [...checkState(share, absent, deleting, placeOf), ...remarks.problems],
    warnings: deleting ? [] : remarks.warnings,
    notices: deleting ? [] : remarks.notices,
  };
}

/** What a share needs to exist, and what it cannot have when it is absent. */
function checkState(share: unknown, absent: boolean, deleting: boolean, placeOf: PlaceOf): Problem[] {
  if (absent)
    return ONLY_IF_PRESENT.filter((key) => isThere(share, [key])).map((key) => ({
      message: 'cannot be combined with state: absent',
      place: placeOf([key], 'key'),
    }));
  if (deleting || typeof share !== 'object' || share === null || Array.isArray(share)) return [];
  return NEEDED_IF_PRESENT.filter((key) => !isThere(share, [key])).map((key) => ({
    message: 'is missing',
    place: placeOf([key]),
  }));
}

/** Reads the lists that a share has. */
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

// The file of shares: from its text to desired shares.

import type { Problem, WrittenShare } from '../share/desired.ts';
import type { Label } from '../share/names.ts';
import { type Paths, type PlaceOf, pathsInside, readChecked } from './checked-text.ts';
import { fieldOf, isThere, listAt, textAt } from './fields.ts';
import { checkExcludeFits, checkList, type ListName, type Lists, makeShare } from './lists.ts';
import { onlyFirst, type Reading, type Remarks, remarksOf, withProblems } from './reading.ts';
import { configFile } from './shares-schema.ts';

interface SharesFile {
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
export async function readSharesFile(file: string, text: string, options: Options): Promise<Reading<SharesFile>> {
  const { value, problems, paths } = await readChecked(text, configFile(), { root: '', file });
  const { placeOf } = paths;
  const { deleting = false, checking = false, accountIsWrong = false } = options;
  const accountId = options.accountId ?? textAt(value, 'account_id');
  const accountIsKnown = accountId !== undefined || accountIsWrong || checking || problems.length > 0;
  const written = listAt(value, 'shares');
  const shares = written.map((share, i) =>
    readShare(share, accountId ?? '', deleting, pathsInside(paths, ['shares', i])),
  );
  const remarks = remarksOf(shares);
  return withProblems(
    [
      ...problems,
      ...(accountIsKnown ? checkAccount(value, accountId, placeOf) : [noAccount(placeOf)]),
      ...checkNames(written, placeOf),
    ],
    {
      value: {
        accountId: accountId ?? '',
        complete: fieldOf(value, 'complete') === true,
        desired: shares.map(({ desired }) => desired),
        labels: shares.flatMap(({ labels }) => labels),
      },
      problems: remarks.problems,
      warnings: remarks.warnings,
      notices: onlyFirst(remarks.notices),
    },
  );
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

/** No two shares have one name, and no two have one previous name. A previous name is the name of no share. */
function checkNames(shares: readonly unknown[], placeOf: PlaceOf): Problem[] {
  const indexOf = firstIndexes(shares.map((share) => textAt(share, 'name')));
  const renamedBy = firstIndexes(shares.map((share) => textAt(share, 'previous_name')));
  return [
    ...shares.flatMap((share, i) => {
      const name = textAt(share, 'name');
      const first = name === undefined ? i : indexOf.get(name);
      if (first === i) return [];
      const message = `a second share of the name ${JSON.stringify(name)} (the first is shares[${first}]): names are unique in the file`;
      return [{ message, place: placeOf(['shares', i, 'name']) }];
    }),
    ...shares.flatMap((share, i) => {
      const message = aboutPreviousName(share, i, indexOf, renamedBy);
      return message === undefined ? [] : [{ message, place: placeOf(['shares', i, 'previous_name']) }];
    }),
  ];
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
  const previous = textAt(share, 'previous_name');
  if (previous === undefined) return undefined;
  if (previous === textAt(share, 'name'))
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
  const { lists, labels, problems, warnings, notices } = absent
    ? { ...NO_LISTS, problems: checkAbsent(share, placeOf) }
    : readLists(share, owner, paths);
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
  const missing = absent || deleting ? [] : missingLists(share, placeOf);
  return {
    desired,
    labels,
    problems: [...missing, ...problems],
    warnings: deleting ? [] : warnings,
    notices: deleting ? [] : notices,
  };
}

const NO_LISTS = { lists: {}, labels: [], warnings: [], notices: [] };

const checkAbsent = (share: unknown, placeOf: PlaceOf): Problem[] =>
  ['previous_name', 'recipients', 'resources', 'exclude']
    .filter((key) => isThere(share, [key]))
    .map((key) => ({ message: 'cannot be combined with state: absent', place: placeOf([key], 'key') }));

function missingLists(share: unknown, placeOf: PlaceOf): Problem[] {
  if (typeof share !== 'object' || share === null) return [];
  return ['recipients', 'resources']
    .filter((key) => !isThere(share, [key]))
    .map((key) => ({ message: 'is missing', place: placeOf([key]) }));
}

/** Reads the lists that a share has. */
function readLists(share: unknown, owner: string, paths: Paths): Remarks & { lists: Lists; labels: Label[] } {
  const read = <K extends ListName>(name: K) =>
    isThere(share, [name]) ? checkList(name, fieldOf(share, name), [name], owner, paths) : undefined;
  const [recipients, resources, exclude] = [read('recipients'), read('resources'), read('exclude')];
  const checked = [recipients, resources, exclude].filter((list) => list !== undefined);
  const lists: Lists = { recipients: recipients?.value, resources: resources?.value, exclude: exclude?.value };
  const remarks = remarksOf(checked);
  return {
    ...remarks,
    lists,
    labels: checked.flatMap(({ value }) => value.labels),
    problems: [...remarks.problems, ...checkExcludeFits(lists, paths.placeOf(['exclude'], 'key'))],
  };
}

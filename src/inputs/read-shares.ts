// The shares that a run works on: one share from the inputs, every share in a file, or none yet in `mode: export`.

import { promises as fs } from 'node:fs';
import { decodeUtf8 } from '../document/document.ts';
import type { Settings } from '../settings.ts';
import type { Place, Problem } from '../share/problem.ts';
import { linkOnTheWay, locateFile, readBytes } from './files.ts';
import { checkExcludeFits, type Lists, makeShare, readList } from './lists.ts';
import type { Inputs, IsWrong } from './read-inputs.ts';
import { atInput, type Environment, onlyProblems, type Reading, type Remarks, remarksOf } from './reading.ts';
import { accountIn, readSharesFile } from './shares-file.ts';

/** The shares that the inputs or the file describe. */
export type ReadShares = Reading<Pick<Settings, 'accountId' | 'desired' | 'source' | 'labels'>> & {
  /** The account that the file sets, if the file has problems. It identifies the comment to replace. */
  accountInFile?: string | undefined;
};

export async function readShares(inputs: Inputs, isWrong: IsWrong, env: Environment): Promise<ReadShares> {
  const accountMissing: Problem[] =
    inputs['account-id'] === undefined && !isWrong('account-id') && inputs.mode !== 'check'
      ? [
          atInput(
            'is missing (an unset variable or secret?): set it to the account that owns the share, or set CLOUDFLARE_ACCOUNT_ID',
            'account-id',
          ),
        ]
      : [];
  if (inputs.mode === 'export') {
    if (inputs.config === undefined) return onlyProblems(accountMissing);
    const reading = await readExportTarget(inputs.config, inputs['account-id'] ?? '', env);
    return { ...reading, problems: [...accountMissing, ...reading.problems] };
  }
  if (inputs.config !== undefined) return readConfigFile(inputs.config, inputs, isWrong, env);
  const reading = await readOneShare(inputs, isWrong);
  return { ...reading, problems: [...accountMissing, ...reading.problems] };
}

/** Reads the one share that the inputs describe. */
async function readOneShare(inputs: Inputs, isWrong: IsWrong): Promise<ReadShares> {
  const { 'account-id': accountId = '', 'share-name': name, 'share-id': shareId } = inputs;
  const deleting = inputs.mode === 'delete';
  const byId = shareId !== undefined || isWrong('share-id');
  // With share-id, a missing list is left unchanged. Without share-id, both lists are needed to create the share.
  const { lists, ...ofLists } = await readLists(inputs, accountId, !deleting && !byId);
  const remarks = {
    problems: [
      ...(name === undefined && !byId && !isWrong('share-name') ? [nameIsMissing(deleting)] : []),
      ...ofLists.problems,
      ...checkExcludeFits(lists, { label: 'exclude' }),
    ],
    warnings: deleting ? [] : ofLists.warnings,
    notices: deleting ? [] : ofLists.notices,
  };
  if (remarks.problems.length > 0) return remarks;
  const share = { name: name ?? '', accountId, ...(shareId === undefined ? {} : { shareId }) };
  const desired = deleting
    ? makeShare({ ...share, state: 'absent' }, {}, placeInInputs)
    : makeShare({ ...share, state: 'present' }, lists, placeInInputs);
  const labels = Object.values(lists).flatMap((list) => list?.labels ?? []);
  return { ...remarks, value: { accountId, desired: [desired], source: { kind: 'inputs' }, labels } };
}

/** @param needed whether recipients and resources are needed */
async function readLists(inputs: Inputs, accountId: string, needed: boolean): Promise<Remarks & { lists: Lists }> {
  const read = async <K extends keyof Lists>(name: K, isNeeded: boolean) => {
    const text = inputs[name];
    if (text !== undefined) return readList(name, text, accountId);
    return {
      ...onlyProblems(isNeeded ? [atInput('is missing: set it to a JSON or YAML list', name)] : []),
      value: undefined,
    };
  };
  const recipients = await read('recipients', needed);
  const resources = await read('resources', needed);
  const exclude = await read('exclude', false);
  return {
    ...remarksOf([recipients, resources, exclude]),
    lists: { recipients: recipients.value, resources: resources.value, exclude: exclude.value },
  };
}

const nameIsMissing = (deleting: boolean): Problem =>
  atInput(
    deleting
      ? 'is missing: set it to the name of the share to delete, or set share-id'
      : 'is missing: set it to the name of the share, or set config to the path of a file',
    'share-name',
  );

const placeInInputs = ([part, ...rest]: readonly (string | number)[]): Place => ({
  label: rest.reduce<string>(
    (label, step) => (typeof step === 'number' ? `${label}[${step}]` : `${label}.${step}`),
    part === undefined || part === 'name' ? 'share-name' : String(part),
  ),
});

/** The size of a file with about 250 shares. */
const LARGE_FILE_BYTES = 100_000;

/**
 * Keeps V8's heap small. Otherwise, its space for new objects grows to several times the size that a long run needs, and
 * the rest of the heap grows to four times the size of the data in use. Both fill with garbage. The module is loaded
 * only here, because loading it delays the start.
 */
function collectOften(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=50');
}

async function readConfigFile(
  written: string,
  inputs: Inputs,
  isWrong: IsWrong,
  env: Environment,
): Promise<ReadShares> {
  const { path, file } = locateFile(written, env);
  const read = await readBytes(path);
  if ('why' in read) return onlyProblems([atInput(`${file}: ${read.why}`, 'config')]);
  if (read.bytes.length > LARGE_FILE_BYTES) collectOften();
  const decoded = decodeUtf8(read.bytes);
  if ('message' in decoded) {
    return onlyProblems([{ message: decoded.message, place: { label: file, file, ...decoded.position } }]);
  }
  const deleting = inputs.mode === 'delete';
  const reading = await readSharesFile(file, decoded.text, {
    accountId: inputs['account-id'],
    accountIsWrong: isWrong('account-id'),
    deleting,
    checking: inputs.mode === 'check',
  });
  const { value, problems, notices } = reading;
  if (!value) return { problems, warnings: reading.warnings, notices, accountInFile: accountIn(decoded.text) };
  const warnings = deleting ? [aboutDeleting(value.desired.length, file), ...reading.warnings] : reading.warnings;
  const { complete, ...shares } = value;
  return { value: { ...shares, source: { kind: 'config', file, path, complete } }, problems, warnings, notices };
}

const aboutDeleting = (shares: number, file: string): Problem => ({
  message: `${shares === 1 ? 'the share' : `the ${shares} shares`} listed in ${file} will be deleted`,
  place: { label: 'mode' },
});

/**
 * Checks that the file of `mode: export` doesn't exist, because nothing is overwritten. Its folder need not exist
 * either.
 */
async function readExportTarget(written: string, accountId: string, env: Environment): Promise<ReadShares> {
  const { path, file } = locateFile(written, env);
  const link = await linkOnTheWay(path, env);
  if (link !== undefined && link !== file)
    return onlyProblems([
      atInput(
        `${file}: ${link} is a symbolic link, and the action doesn't write files through symbolic links`,
        'config',
      ),
    ]);
  const there = await fs.lstat(path).then(
    (stats) => (stats.isDirectory() ? 'is a folder' : 'already exists'),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      return error.code === 'ENOTDIR' ? 'part of its path is not a folder' : `can't be accessed (${error.code})`;
    },
  );
  if (there !== undefined) {
    return onlyProblems([
      atInput(
        `${file}: ${there}; mode: export never overwrites anything, so set config to the path of a new file`,
        'config',
      ),
    ]);
  }
  return {
    value: { accountId, desired: [], source: { kind: 'config', file, path, complete: true }, labels: [] },
    problems: [],
    warnings: [],
    notices: [],
  };
}

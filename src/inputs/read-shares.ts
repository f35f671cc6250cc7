// The shares that a run is about: one share of the inputs, every share of a file, or none yet in `mode: export`.

import { lstat } from 'node:fs/promises';
import { decodeUtf8 } from '../document/decode.ts';
import type { Problem } from '../share/desired.ts';
import type { Inputs } from './inputs-schema.ts';
import { readOneShare } from './one-share.ts';
import { locateFile, readBytes } from './read-file.ts';
import type { IsWrong } from './read-inputs.ts';
import { atInput, type Environment, onlyProblems } from './reading.ts';
import type { ReadShares } from './settings.ts';
import { readSharesFile } from './shares-file.ts';

export async function readShares(inputs: Inputs, isWrong: IsWrong, env: Environment): Promise<ReadShares> {
  const accountMissing: Problem[] =
    inputs['account-id'] === undefined && !isWrong('account-id') && inputs.mode !== 'check'
      ? [atInput('is missing: the account that owns the share (or set CLOUDFLARE_ACCOUNT_ID)', 'account-id')]
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

async function readConfigFile(
  written: string,
  inputs: Inputs,
  isWrong: IsWrong,
  env: Environment,
): Promise<ReadShares> {
  const { path, file } = locateFile(written, env);
  const read = await readBytes(path);
  if ('why' in read) return onlyProblems([atInput(`${file}: ${read.why}`, 'config')]);
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
  if (!value) return { problems, warnings: reading.warnings, notices };
  const warnings = deleting ? [aboutDeleting(value.desired.length, file), ...reading.warnings] : reading.warnings;
  const { complete, ...shares } = value;
  return { value: { ...shares, source: { kind: 'config', file, path, complete } }, problems, warnings, notices };
}

const aboutDeleting = (shares: number, file: string): Problem => ({
  message: `deletes ${shares === 1 ? 'the share' : `the ${shares} shares`} that ${file} names`,
  place: { label: 'mode' },
});

/** The file of `mode: export` must not exist: nothing is overwritten. Its folder need not exist. */
async function readExportTarget(written: string, accountId: string, env: Environment): Promise<ReadShares> {
  const { path, file } = locateFile(written, env);
  const there = await lstat(path).then(
    (stats) => (stats.isDirectory() ? 'is a folder' : 'exists already'),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      return error.code === 'ENOTDIR' ? 'part of its path is not a folder' : `cannot be looked at (${error.code})`;
    },
  );
  if (there !== undefined) {
    return onlyProblems([
      atInput(`${file}: ${there}; mode: export writes a new file and never overwrites one`, 'config'),
    ]);
  }
  return {
    value: { accountId, desired: [], source: { kind: 'config', file, path, complete: true }, labels: [] },
    problems: [],
    warnings: [],
    notices: [],
  };
}

// `mode: export`: writes the account's live shares into a new config file. Nothing is ever overwritten.

import { mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Context } from '../apply/context.ts';
import { explain } from '../apply/explain.ts';
import { writeSharesFile } from '../document/write-shares-file.ts';
import type { Names } from '../share/names.ts';
import type { ExportOutcome } from '../share/outcome.ts';
import { unreadableWords } from '../share/words.ts';
import { accountFile } from './account-file.ts';
import { readAccount } from './read-account.ts';

/** @param file its absolute path, and its path as people know it */
export async function exportAccount(
  context: Pick<Context, 'shareList' | 'api'>,
  file: { path: string; file: string },
  names: Names,
  schemaUrl: string,
): Promise<ExportOutcome> {
  const place = { label: 'config' };
  try {
    const account = await readAccount(context);
    const { shares, warnings } = accountFile(account.shares);
    const leftOut = account.unreadable.map((share) => `${unreadableWords(share)}. The file leaves it out`);
    const said = [...warnings, ...leftOut].map((message) => ({ message }));
    if (shares.length === 0) {
      return {
        problems: [{ message: 'There is no live share to write: a file lists at least one', place }],
        warnings: said,
      };
    }
    const text = writeSharesFile({ accountId: context.api.accountId, schemaUrl, shares }, names);
    const code = await writeNew(file.path, text);
    if (code !== undefined)
      return { problems: [{ message: `${file.file} cannot be written (${code})`, place }], warnings: [] };
    return { shares: shares.length, problems: [], warnings: said };
  } catch (error) {
    return { problems: explain(error, undefined), warnings: [] };
  }
}

/** Writes a new file, whole or not at all. @returns the code of the error */
async function writeNew(path: string, text: string): Promise<string | undefined> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'wx');
    try {
      await file.writeFile(text);
      await file.close();
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(path, { force: true });
      throw error;
    }
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

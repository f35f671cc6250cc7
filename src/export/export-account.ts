// `mode: export`: writes the account's live shares into a new config file. Nothing is ever overwritten.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Context } from '../apply/context.ts';
import { explain } from '../apply/explain.ts';
import { writeSharesFile } from '../document/write-shares-file.ts';
import type { Names } from '../share/names.ts';
import type { ExportOutcome } from '../share/outcome.ts';
import { accountFile } from './account-file.ts';
import { readAccount } from './read-account.ts';

/** @param file its absolute path, and its path as people know it */
export async function exportAccount(
  context: Pick<Context, 'looks' | 'api'>,
  file: { path: string; file: string },
  names: Names,
  schemaUrl: string,
): Promise<ExportOutcome> {
  const place = { label: 'config' };
  try {
    const account = await readAccount(context);
    const { shares, warnings } = accountFile(account.shares);
    const leftOut = account.odd.map(
      ({ id, wrong }) =>
        `Share ${id ?? 'without an id'} is left out: Cloudflare lists it in a form that this version does not know (${wrong})`,
    );
    const said = [...warnings, ...leftOut].map((message) => ({ message }));
    if (shares.length === 0) {
      return {
        problems: [{ message: 'There is no live share to write: a file lists at least one', place }],
        warnings: said,
      };
    }
    await mkdir(dirname(file.path), { recursive: true });
    await writeFile(file.path, writeSharesFile({ accountId: context.api.accountId, schemaUrl, shares }, names), {
      flag: 'wx',
    });
    return { shares: shares.length, problems: [], warnings: said };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problems =
      typeof code === 'string' && 'path' in (error as object)
        ? [{ message: `${file.file} cannot be written (${code})`, place }]
        : explain(error, undefined);
    return { problems, warnings: [] };
  }
}

// `mode: export`: writes the account's live shares into a new config file. Nothing is ever overwritten.

import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Context } from '../apply/context.ts';
import { explain } from '../apply/errors.ts';
import { withResources } from '../apply/share-list.ts';
import { aboutSize } from '../inputs/files.ts';
import { readSharesFile } from '../inputs/shares-file.ts';
import type { Names } from '../share/names.ts';
import type { ExportOutcome } from '../share/outcome.ts';
import type { Problem, ProblemKind } from '../share/problem.ts';
import { isLive, isOwnedBy, type UnreadableShare } from '../share/share.ts';
import { unreadableWords } from '../share/words.ts';
import { accountFile, type WholeShare } from './account-file.ts';
import { type FileShare, writeSharesFile } from './write-shares-file.ts';

/** Exports the account's shares. @param file its absolute path, and the path to show */
export async function exportAccount(
  context: Pick<Context, 'shareList' | 'api'>,
  file: { path: string; file: string },
  names: Names,
  schemaUrl: string,
): Promise<ExportOutcome> {
  try {
    const account = await readAccount(context);
    const { accountId } = context.api;
    const textOf = (shares: readonly FileShare[], complete: boolean): string =>
      writeSharesFile({ accountId, complete, schemaUrl, shares }, names);
    /** Why apply would reject this text. */
    const refusalOf = async (text: string): Promise<string | undefined> => {
      const why = aboutSize(Buffer.byteLength(text));
      return why === undefined ? refusal(await readSharesFile(file.file, text, {})) : `the file ${why}`;
    };
    const { shares, ...read } = await accountFile(account.shares, (share) => refusalOf(textOf([share], false)));
    const unreadable = account.unreadable.map((share) => `${unreadableWords(share)}. The file leaves it out`);
    const warnings = [...read.warnings, ...unreadable].map((message) => ({ message }));
    if (shares.length === 0)
      return notWritten('There is no live share to export, and a file must list at least one', 'refusal', warnings);
    const complete = read.complete && unreadable.length === 0;
    const text = textOf(shares, complete);
    const refused = await refusalOf(text);
    if (refused !== undefined)
      return notWritten(
        `${file.file} can't be written, because apply would reject it (${refused})`,
        'refusal',
        warnings,
      );
    const code = await writeNew(file.path, text);
    if (code !== undefined) return notWritten(`${file.file} can't be written (${code})`, 'inputs', []);
    return { shares: shares.length, complete, problems: [], warnings };
  } catch (error) {
    return { problems: explain(error, undefined), warnings: [] };
  }
}

const notWritten = (message: string, kind: ProblemKind, warnings: Problem[]): ExportOutcome => ({
  problems: [{ message, place: { label: 'config' }, kind }],
  warnings,
});

/** Reads every live share that the account sends, with resources, recipients and exclusions. */
async function readAccount({ shareList, api }: Pick<Context, 'shareList' | 'api'>): Promise<{
  shares: WholeShare[];
  unreadable: readonly UnreadableShare[];
}> {
  const listing = await shareList.recent();
  const live = listing.shares.filter((share) => isLive(share) && isOwnedBy(share, api.accountId));
  const shares = await Promise.all(
    live.map(async (share): Promise<WholeShare> => {
      const toOrganization = share.target_type === 'organization';
      const [whole, recipients, exclusions] = await Promise.all([
        withResources(api, share),
        toOrganization ? [] : api.recipients(share.id),
        toOrganization ? api.exclusions(share.id) : [],
      ]);
      return { share: whole, recipients, exclusions };
    }),
  );
  return { shares, unreadable: listing.unreadable };
}

/** Why the file's reader would reject a share. Places are relative to the share, without `shares[0]`. */
function refusal({ problems }: { problems: readonly Problem[] }): string | undefined {
  const [first] = problems;
  return first && `${first.place?.label.split('.').slice(1).join('.')}: ${first.message}`;
}

/**
 * Writes a new file completely or not at all, and never through a link, because `wx` follows none.
 * @returns the error code
 */
export async function writeNew(
  path: string,
  text: string,
  write = (file: FileHandle): Promise<void> => file.writeFile(text),
): Promise<string | undefined> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'wx');
    try {
      await write(file);
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

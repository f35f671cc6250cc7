// Names of the organization's accounts, for people. A failure here is a notice, and never fails the step.

import { isNotFound, Refusal } from '../cloudflare/errors.ts';
import type { DesiredShare, Problem } from '../share/desired.ts';
import type { Names } from '../share/names.ts';
import { accountOf, idKey } from '../share/share.ts';
import type { Context } from './context.ts';

export interface Directory {
  names: Names;
  /** Desired recipients and exclusions that are not accounts of the organization. */
  warnings: Problem[];
  /** Why there are no names. */
  notices: Problem[];
}

/** Reads the directory of the organization that the account's shares belong to. */
export async function readDirectory(
  { looks, api }: Pick<Context, 'looks' | 'api'>,
  desired: readonly DesiredShare[],
): Promise<Directory> {
  const nothing = (notice: string): Directory => ({
    names: new Map(),
    warnings: [],
    notices: [{ message: `No names of accounts: ${notice}` }],
  });
  try {
    const { shares } = await looks.recent();
    const organizationId =
      shares.find(({ organization_id }) => organization_id)?.organization_id ??
      desired.flatMap(({ recipients = [] }) => recipients.flatMap(({ organization_id }) => organization_id ?? []))[0];
    if (organizationId === undefined) return nothing('no share of the account names the organization yet');
    const accounts = await api.organizationAccounts(organizationId);
    const members = new Set(accounts.map(({ id }) => idKey(id)));
    const names = new Map(accounts.flatMap(({ id, name }) => (name === undefined ? [] : [[idKey(id), name] as const])));
    return { names, warnings: desired.flatMap((one) => strangersIn(one, members, organizationId)), notices: [] };
  } catch (error) {
    const refused = isNotFound(error) || (error instanceof Refusal && [401, 403].includes(error.status));
    return nothing(
      refused
        ? "the credentials may not read the organization's accounts (names: true). Ids are shown without names"
        : (error as Error).message,
    );
  }
}

function strangersIn(
  { recipients = [], exclude = [], accountId, placeOf }: DesiredShare,
  members: ReadonlySet<string>,
  organizationId: string,
): Problem[] {
  const problemOf = (account: string | undefined, path: (string | number)[]): Problem[] =>
    account === undefined || members.has(idKey(account)) || idKey(account) === idKey(accountId)
      ? []
      : [
          {
            message: `account ${account} is not in the organization ${organizationId}: Cloudflare will refuse it`,
            place: placeOf(path),
          },
        ];
  return [
    ...recipients.flatMap((item, i) => problemOf(accountOf(item), ['recipients', i])),
    ...exclude.flatMap(({ account_id }, i) => problemOf(account_id, ['exclude', i])),
  ];
}

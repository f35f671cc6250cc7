// The names of a run: looks them up, replaces references by name with ids, and finds problems with the inputs or the
// file. The problems are reported before the first write, even for shares that are in sync.

import type { Client } from '../cloudflare/client.ts';
import { directoryEndpoints, type Listed } from '../cloudflare/directory-endpoints.ts';
import { Cancelled } from '../cloudflare/errors.ts';
import { withoutSecrets } from '../secrets.ts';
import type { DesiredShare, WrittenShare } from '../share/desired.ts';
import { asLabel, type Label, type Names, namesOf, withNames } from '../share/names.ts';
import type { Problem } from '../share/problem.ts';
import { accountOf, idKey, sameId } from '../share/share.ts';
import { inOneList } from '../share/words.ts';
import {
  type Directory,
  isNamedType,
  isReadable,
  listKey,
  lookUp,
  type Needs,
  SINGULARS,
  type Unreadable,
} from './look-up.ts';
import { resolve } from './resolve.ts';

export interface NamedShares {
  /** The shares with ids only. Don't plan them if there are problems. */
  desired: DesiredShare[];
  /** For display: names and labels by id. */
  names: Names;
  problems: Problem[];
  warnings: Problem[];
  notices: Problem[];
}

/**
 * Resolves every name before anything is planned, and checks the shares against the names. If the job is cancelled, the
 * result has only a problem.
 */
export async function resolveNames(client: Client, labels: readonly Label[], needs: Needs): Promise<NamedShares> {
  const directory = await lookUp(directoryEndpoints(client), needs).catch(cancelled);
  if ('message' in directory) {
    return { desired: [], names: new Map(), problems: [directory], warnings: [], notices: [] };
  }
  const { desired, problems, ...resolved } = resolve(needs.written, directory);
  const { names, warnings } = namesOf([...labels, ...resolved.labels], namesIn(directory));
  return {
    desired,
    names,
    problems,
    warnings: [...warnings, ...check(desired, directory, names)],
    // A run with problems ends here, so notices would only distract from them.
    notices: problems.length > 0 ? [] : noticesOf(needs.written, directory),
  };
}

function cancelled(error: unknown): Problem {
  if (error instanceof Cancelled) return { message: 'The job was cancelled.', kind: 'cancelled' };
  throw error;
}

/** Cloudflare's names by id, truncated like labels, because a name can have any length and is shown on many lines. */
export const namesIn = (directory: Directory): Names =>
  new Map(
    listed(directory).flatMap(({ id, name }) => {
      const shown = name === undefined ? undefined : asLabel(withoutSecrets(name));
      return shown === undefined ? [] : [[idKey(id), shown]];
    }),
  );

const listed = ({ accounts, resources }: Directory): Listed[] =>
  [accounts, ...resources.values()].flatMap((list) => (isReadable<Listed>(list) ? list.items : []));

/** Warns about recipients, exclusions and resources that Cloudflare will refuse or that no longer exist. */
export function check(desired: readonly DesiredShare[], directory: Directory, names: Names): Problem[] {
  return desired
    .flatMap((share) => [...nonMembersIn(share, directory), ...deadResourcesIn(share, directory)])
    .map((problem) => ({ ...problem, message: withNames(problem.message, names) }));
}

function nonMembersIn(
  { recipients = [], exclude = [], accountId, placeOf }: DesiredShare,
  { accounts }: Directory,
): Problem[] {
  // A list of the accounts that the token can see, or one with unreadable entries, proves nothing about other accounts.
  if (!isReadable(accounts) || !accounts.isOfOrganization || !accounts.isWhole) return [];
  const members = new Set([accountId, ...accounts.items.map(({ id }) => id)].map(idKey));
  const problemOf = (account: string | undefined, path: (string | number)[]): Problem[] =>
    account === undefined || members.has(idKey(account))
      ? []
      : [
          {
            message: `account ${account} is not in your organization, so Cloudflare will refuse it`,
            place: placeOf(path),
          },
        ];
  return [
    ...recipients.flatMap((item, i) => problemOf(accountOf(item), ['recipients', i])),
    ...exclude.flatMap(({ account_id }, i) => problemOf(account_id, ['exclude', i])),
  ];
}

function deadResourcesIn({ resources = [], placeOf }: DesiredShare, directory: Directory): Problem[] {
  return resources.flatMap((resource, i): Problem[] => {
    const { resource_type: type, resource_id: id, resource_account_id: owner } = resource;
    const list = directory.resources.get(listKey(resource));
    if (!isNamedType(type) || !isReadable(list)) return [];
    const place = placeOf(['resources', i]);
    const what = SINGULARS[type];
    const found = list.items.find((each) => sameId(each.id, id));
    if (!found && list.isWhole) {
      const message = `${what} ${id} does not exist in account ${owner}. If it was deleted, recipients no longer get it, although Cloudflare still lists it in the share`;
      return [{ message, place }];
    }
    if (found?.sharable === false)
      return [{ message: `Cloudflare marks ${what} ${id} as not sharable, so recipients do not get it`, place }];
    return [];
  });
}

/**
 * One notice for all lists that can't be read, and one for patterns that were matched against an incomplete list.
 * References that need an unreadable list have already been reported as errors.
 */
export function noticesOf(written: readonly WrittenShare[], { accounts, resources }: Directory): Problem[] {
  const unreadable = [accounts, ...resources.values()].filter(
    (list): list is Unreadable => list !== undefined && !isReadable<Listed>(list),
  );
  const notices: Problem[] = [];
  const [first] = unreadable;
  if (first) {
    const what = inOneList([...new Set(unreadable.map((list) => list.what))]);
    const permissions = inOneList([...new Set(unreadable.flatMap((list) => list.permission ?? []))]);
    notices.push({
      message:
        permissions !== ''
          ? `The credentials can't read the names of ${what}, so ids are shown without names. Grant ${permissions}`
          : `The names of ${what} can't be read, so ids are shown without names: ${first.why}`,
    });
  }
  const patterns = written.some(({ recipients = [], exclude = [] }) =>
    [...recipients, ...exclude].some((item) => 'account_names' in item),
  );
  if (patterns && hasPartialAccounts(accounts))
    notices.push({
      message:
        "The credentials can't list the accounts of the organization, so account_names only matches the accounts that they can see",
    });
  return notices;
}

const hasPartialAccounts = (accounts: Directory['accounts']): boolean =>
  isReadable<Listed>(accounts) && accounts.isOfOrganization !== true;

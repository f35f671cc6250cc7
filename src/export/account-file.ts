// Builds the contents of a file that lists an account's existing shares. A share that can't be in a file causes a
// warning. Pure.

import type { Json } from '../share/json.ts';
import {
  byAge,
  type Exclusion,
  liveRecipients,
  liveResources,
  nameKey,
  type Recipient,
  type Share,
} from '../share/share.ts';
import { isTemporaryName } from '../share/temporary-name.ts';
import { count, quoted } from '../share/words.ts';
import type { FileShare } from './write-shares-file.ts';

/** A live share with its lists. */
export interface WholeShare {
  share: Share;
  recipients: readonly Recipient[];
  exclusions: readonly Exclusion[];
}

export interface AccountFile {
  shares: FileShare[];
  /** The file has all live shares, except those that are still being created. */
  complete: boolean;
  /** What is left out and why: sentences without their full stop. */
  warnings: string[];
}

/**
 * Lists the shares, oldest first. If several shares have the same name, only the oldest is in the file.
 * @param refusalOf says why the file's reader would reject a share
 */
export async function accountFile(
  shares: readonly WholeShare[],
  refusalOf: (share: FileShare) => Promise<string | undefined>,
): Promise<AccountFile> {
  const file: AccountFile = { shares: [], complete: true, warnings: [] };
  for (const [oldest, ...younger] of namesakes(shares)) {
    if (isTemporaryName(oldest.share.name)) {
      file.warnings.push(...[oldest, ...younger].map(({ share }) => leftOut(share, BEING_CREATED)));
      continue;
    }
    const written = fileShareOf(oldest);
    const obstacle = obstacleTo(oldest) ?? (await refusalOf(written));
    if (obstacle === undefined) file.shares.push(written);
    else file.warnings.push(leftOut(oldest.share, obstacle));
    if (younger.length > 0) file.warnings.push(severalWords(oldest, younger, obstacle === undefined));
    file.complete &&= obstacle === undefined && younger.length === 0;
  }
  return file;
}

const BEING_CREATED = 'it has a temporary name, because a run is creating it or was interrupted';

const leftOut = ({ name, id }: Share, why: string): string => `Share ${quoted(name)} (${id}) is left out: ${why}`;

function severalWords({ share }: WholeShare, younger: readonly WholeShare[], isWritten: boolean): string {
  const ids = younger.map((each) => each.share.id).join(', ');
  const what = isWritten
    ? `The file contains the oldest (${share.id}) and leaves out ${ids}`
    : `The file contains none of them: ${share.id}, ${ids}`;
  return `There are ${count(younger.length + 1, 'live share')} named ${quoted(share.name)}. ${what}. Delete or rename the others before you apply the file`;
}

/** The shares grouped by name, oldest first, both within each group and among the groups. */
function namesakes(shares: readonly WholeShare[]): [WholeShare, ...WholeShare[]][] {
  const byName = new Map<string, [WholeShare, ...WholeShare[]]>();
  for (const whole of [...shares].sort((a, b) => byAge(a.share, b.share))) {
    const key = nameKey(whole.share.name);
    const others = byName.get(key);
    if (others) others.push(whole);
    else byName.set(key, [whole]);
  }
  return [...byName.values()];
}

/** Why a share can't be in the file, as a clause. */
function obstacleTo({ share, recipients }: WholeShare): string | undefined {
  if (liveResources(share).length === 0) return 'it has no resources. Delete it, or add resources';
  if (share.target_type === 'organization')
    return share.organization_id ? undefined : 'Cloudflare does not say which organization it is shared with';
  if (share.target_type !== 'account')
    return `its target is ${quoted(share.target_type)}, which this version does not know`;
  return liveRecipients(recipients).length === 0 ? 'it has no recipients. Delete it, or add recipients' : undefined;
}

const fileShareOf = ({ share, recipients, exclusions }: WholeShare): FileShare => ({
  name: share.name,
  recipients:
    share.target_type === 'organization'
      ? { organizationId: share.organization_id ?? '' }
      : { accountIds: liveRecipients(recipients).map(({ account_id }) => account_id) },
  exclude: exclusions.map(({ account_id }) => account_id),
  resources: liveResources(share).map(({ resource_type, resource_id, resource_account_id, meta }) => ({
    resource_type,
    resource_id,
    resource_account_id,
    meta: meta as Json | undefined,
  })),
});

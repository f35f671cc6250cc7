// Builds the contents of a file that lists an account's existing shares. A share that can't be in a file causes a
// warning. Pure.

import type { FileShare } from '../document/write-shares-file.ts';
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
  const leaveOut = ({ name, id }: Share, why: string): void => {
    file.complete = false;
    file.warnings.push(`Share ${quoted(name)} (${id}) is left out: ${why}`);
  };
  for (const [{ share, ...rest }, ...younger] of namesakes(shares)) {
    if (isTemporaryName(share.name)) {
      for (const { name, id } of [share, ...younger.map((each) => each.share)])
        file.warnings.push(
          `Share ${quoted(name)} (${id}) is left out: it has a temporary name, because a run is creating it or was interrupted`,
        );
      continue;
    }
    const written = fileShareOf({ share, ...rest });
    const obstacle = obstacleTo({ share, ...rest }) ?? (await refusalOf(written));
    if (obstacle === undefined) file.shares.push(written);
    else leaveOut(share, obstacle);
    if (younger.length > 0) {
      file.complete = false;
      const ids = younger.map((each) => each.share.id).join(', ');
      const oldest =
        obstacle === undefined
          ? `The file contains the oldest (${share.id}) and leaves out ${ids}`
          : `The file contains none of them: ${share.id}, ${ids}`;
      file.warnings.push(
        `There are ${count(younger.length + 1, 'live share')} named ${quoted(share.name)}. ${oldest}. Delete or rename the others before you apply the file`,
      );
    }
  }
  return file;
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
    meta: (meta ?? {}) as Json,
  })),
});

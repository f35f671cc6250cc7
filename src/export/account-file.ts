// From the actual shares to the file that lists them. Pure. A share that cannot be in a file is a warning.

import type { FileShare } from '../document/write-shares-file.ts';
import { isWritableName } from '../document/write-shares-file.ts';
import { isTemporaryName } from '../share/election.ts';
import type { Json } from '../share/json.ts';
import {
  type Exclusion,
  liveRecipients,
  liveResources,
  oldestFirst,
  type Recipient,
  type Share,
} from '../share/share.ts';
import { count, quoted } from '../share/words.ts';

/** A live share with all that belongs to it. */
export interface WholeShare {
  share: Share;
  recipients: readonly Recipient[];
  exclusions: readonly Exclusion[];
}

export interface AccountFile {
  shares: FileShare[];
  /** Shares that cannot be in the file, and why: sentences without their full stop. */
  warnings: string[];
}

/** The shares, oldest first. Of several shares with one name, the oldest is in the file. */
export function accountFile(shares: readonly WholeShare[]): AccountFile {
  const warnings: string[] = [];
  const wholeOf = new Map(shares.map((whole) => [whole.share.id, whole]));
  const byName = new Map<string, Share[]>();
  for (const share of oldestFirst(shares.map(({ share }) => share))) {
    byName.set(share.name, [...(byName.get(share.name) ?? []), share]);
  }
  const written: FileShare[] = [];
  for (const [name, [oldest, ...younger]] of byName) {
    const whole = wholeOf.get(oldest?.id ?? '');
    if (!whole) continue;
    const obstacle = obstacleTo(whole);
    if (obstacle !== undefined) {
      warnings.push(`Share ${quoted(name)} (${whole.share.id}) is left out: ${obstacle}`);
      continue;
    }
    if (younger.length > 0) {
      const ids = younger.map(({ id }) => id).join(', ');
      warnings.push(
        `There are ${count(younger.length + 1, 'live share')} of the name ${quoted(name)}. The oldest is in the file (${whole.share.id}), the others are not: ${ids}. Delete or rename them before you apply the file`,
      );
    }
    written.push(fileShareOf(whole));
  }
  return { shares: written, warnings };
}

/** Why a share cannot be in a file. */
function obstacleTo({ share, recipients }: WholeShare): string | undefined {
  if (isTemporaryName(share.name)) return 'it has a temporary name: a run is creating it, or was interrupted';
  if (!isWritableName(share.name)) return 'its name has no visible character. Give it one first';
  if (liveResources(share).length === 0) return 'it shares nothing. Delete it';
  if (share.target_type === 'organization')
    return share.organization_id ? undefined : 'Cloudflare does not say which organization it is for';
  if (share.target_type !== 'account')
    return `its target is ${quoted(share.target_type)}, which this version does not know`;
  return liveRecipients(recipients).length === 0 ? 'it has no recipients. Delete it' : undefined;
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

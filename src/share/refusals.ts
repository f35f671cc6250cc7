// Why a plan is refused, in words that say what to do. Each is a sentence without its full stop.

import type { Share } from './share.ts';
import { quoted } from './words.ts';

export function severalOfTheName(name: string, shares: readonly Share[]): string {
  const ids = shares.map(({ id, created }) => `${id} (of ${created})`).join(', ');
  return `There are ${shares.length} live shares of the name ${quoted(name)}: ${ids}. The action does not guess which one is meant. Give its share-id, or delete the others (mode: delete with share-id)`;
}

/** What a share reaches, where that is not what was asked for. */
const otherTarget = (share: Share): string =>
  `Share ${quoted(share.name)} (${share.id}) targets ${share.target_type === 'account' ? 'accounts' : `the organization ${share.organization_id}`}, which is not what is asked for`;

export const needsReplace = (share: Share): string =>
  `${otherTarget(share)}. That cannot be changed in place. With replace: true a new share is created, and then this one is deleted; its recipients get the new one's resources anew`;

export const tooWideToKeep = (share: Share): string =>
  `${otherTarget(share)}. With if-exists: keep it is left as it is`;

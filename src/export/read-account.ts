// Reads every live share that an account sends, with resources, recipients and exclusions.

import type { Context } from '../apply/context.ts';
import { isLive, isOwnedBy, liveResources, type UnreadableShare } from '../share/share.ts';
import type { WholeShare } from './account-file.ts';

export async function readAccount({ shareList, api }: Pick<Context, 'shareList' | 'api'>): Promise<{
  shares: WholeShare[];
  unreadable: readonly UnreadableShare[];
}> {
  const listing = await shareList.recent();
  const live = listing.shares.filter((share) => isLive(share) && isOwnedBy(share, api.accountId));
  const shares = await Promise.all(
    live.map(async (share): Promise<WholeShare> => {
      const toOrganization = share.target_type === 'organization';
      const [resources, recipients, exclusions] = await Promise.all([
        // The list can omit resources, so an empty one proves nothing.
        liveResources(share).length > 0 ? share.resources : api.resources(share.id),
        toOrganization ? [] : api.recipients(share.id),
        toOrganization ? api.exclusions(share.id) : [],
      ]);
      return { share: { ...share, resources: resources ?? [] }, recipients, exclusions };
    }),
  );
  return { shares, unreadable: listing.unreadable };
}

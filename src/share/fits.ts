// Whether a share can be changed in place to what is desired. Accounts and organization cannot be exchanged in place.

import type { DesiredShare } from './desired.ts';
import { idKey, type Share } from './share.ts';

/** Does the share have the desired target: accounts, or that organization? */
export function fitsInPlace(desired: DesiredShare, share: Share): boolean {
  if (desired.target === undefined) return true;
  if (desired.target !== share.target_type) return false;
  const named = (desired.recipients ?? []).flatMap((item) => item.organization_id ?? []);
  return named.every((id) => idKey(id) === idKey(share.organization_id ?? ''));
}

/** Does the share reach more than the accounts that were asked for? */
export const isWiderThanAsked = (desired: DesiredShare, share: Share): boolean =>
  desired.target === 'account' && share.target_type !== 'account';

// Plans for the tests of the review check.

import type { Access } from '../../src/share/access.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import type { ProposedPlan } from '../../src/share/review.ts';

export const ACCOUNT = '023e105f4ecef8ad9ca31a8372d0c353';

export const creating = (name: string, accounts: readonly string[]): SharePlan => ({
  name,
  action: 'create',
  share_id: null,
  rename: null,
  recipients: { add: accounts.map((account_id) => ({ account_id })), remove: [], extra: [] },
  resources: {
    add: [{ resource_type: 'gateway-policy', resource_id: 'r', resource_account_id: ACCOUNT, meta: { a: [1] } }],
    update: [],
    remove: [],
    extra: [],
  },
});

/** The least that must exist for such a plan: the items that it removes, updates or leaves. */
export function leastBefore({ action, recipients, resources, exclusions }: SharePlan): Access {
  if (action === 'create') return { audience: { accounts: [] }, resources: [] };
  const ids = (items: readonly { account_id: string }[]): string[] => items.map(({ account_id }) => account_id);
  return {
    audience: exclusions
      ? { organization: 'o', except: [...ids(exclusions.remove), ...ids(exclusions.extra)] }
      : { accounts: [...ids(recipients.remove), ...ids(recipients.extra)] },
    resources: [...resources.update, ...resources.remove, ...resources.extra].map(
      ({ resource_type, resource_id, resource_account_id }) => ({ resource_type, resource_id, resource_account_id }),
    ),
  };
}

export const proposed = (plan: SharePlan, before: Access = leastBefore(plan)): ProposedPlan => ({ plan, before });

/** A plan with an item in every list. */
export const changing = (name: string, share_id: string): SharePlan => {
  const resource = { id: 'sr', resource_type: 'gateway-policy', resource_id: 'q', resource_account_id: ACCOUNT };
  const account = (account_id: string) => ({ id: 'i', account_id, association_status: 'associated' });
  return {
    name,
    action: 'update',
    share_id,
    rename: { from: 'Old', to: name },
    recipients: { add: [{ recipient_account_id: 'a' }], remove: [account('b')], extra: [account('c')] },
    resources: {
      add: creating(name, []).resources.add,
      update: [{ ...resource, meta: { a: 1 }, previous_meta: null }],
      remove: [{ ...resource, resource_id: 'p' }],
      extra: [{ ...resource, resource_id: 'o' }],
    },
    exclusions: {
      add: [{ account_id: 'd' }],
      remove: [{ id: 'e', account_id: 'f' }],
      extra: [{ id: 'g', account_id: 'h' }],
    },
  };
};

export const unlisted = (name: string, share_id: string): SharePlan => ({
  ...creating(name, []),
  action: 'none',
  share_id,
  resources: { add: [], update: [], remove: [], extra: [] },
  unlisted: true,
});

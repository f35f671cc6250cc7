// Complete values for the tests of pure functions. A test overrides only the parts that matter to it.

import type { DesiredShare } from '../../src/share/desired.ts';
import { type Election, type Found, uncontested } from '../../src/share/election.ts';
import type { SharePlan } from '../../src/share/plan.ts';
import type { Exclusion, Recipient, ResourceItem, Share, ShareResource } from '../../src/share/share.ts';

export const OWNER = 'owner';
const CREATED = '2026-01-01T00:00:00.000000Z';

export const share = (parts: Partial<Share> = {}): Share => ({
  id: 's1',
  account_id: OWNER,
  account_name: 'Owner',
  organization_id: 'o1',
  name: 'S',
  created: CREATED,
  modified: CREATED,
  status: 'active',
  target_type: 'account',
  resources: [],
  ...parts,
});

export const resource = (resource_id: string, parts: Partial<ShareResource> = {}): ShareResource => ({
  id: `share-${resource_id}`,
  resource_type: 'gateway-policy',
  resource_id,
  resource_account_id: OWNER,
  resource_version: 1,
  meta: {},
  status: 'active',
  created: CREATED,
  modified: CREATED,
  ...parts,
});

export const recipient = (account_id: string, parts: Partial<Recipient> = {}): Recipient => ({
  id: `recipient-${account_id}`,
  account_id,
  association_status: 'associated',
  created: CREATED,
  modified: CREATED,
  ...parts,
});

export const exclusion = (account_id: string): Exclusion => ({ id: `exclusion-${account_id}`, account_id });

export const desiredResource = (resource_id: string, meta: unknown = {}): ResourceItem => ({
  resource_type: 'gateway-policy',
  resource_id,
  resource_account_id: OWNER,
  meta,
});

export const desired = (parts: Partial<DesiredShare> = {}): DesiredShare => ({
  name: 'S',
  accountId: OWNER,
  state: 'present',
  recipients: [{ account_id: 'a1' }],
  resources: [desiredResource('r1')],
  target: 'account',
  placeOf: (path) => ({ label: path.join('.') }),
  ...parts,
});

/** Without recipients and resources. */
export const desiredWithoutLists = (parts: Partial<DesiredShare> = {}): DesiredShare => {
  const { recipients, resources, target, ...rest } = desired();
  return { ...rest, ...parts };
};

/** What a run has found, as one flat value. An omitted list was not read. */
export type Flat = Partial<Election> & {
  share?: Share;
  recipients?: readonly Recipient[];
  exclusions?: readonly Exclusion[];
};

export const foundOf = ({ share: found, recipients, exclusions, ...election }: Flat): Found => ({
  observed: found && {
    share: found,
    recipients: recipients ?? 'not-read',
    exclusions: exclusions ?? 'not-read',
  },
  election: { ...uncontested(found), ...election },
});

/** An actual state that matches `desired()`. */
export const actual = (parts: Partial<Flat> = {}): Flat => ({
  share: share({ resources: [resource('r1')] }),
  recipients: [recipient('a1')],
  ...parts,
});

export const plan = (parts: Partial<SharePlan> = {}): SharePlan => ({
  name: 'S',
  action: 'none',
  share_id: 's1',
  rename: null,
  recipients: { add: [], remove: [], extra: [] },
  resources: { add: [], update: [], remove: [], extra: [] },
  ...parts,
});

/** A recipient as it appears in a plan. */
export const there = (account_id: string, association_status: Recipient['association_status'] = 'associated') => ({
  id: `recipient-${account_id}`,
  account_id,
  association_status,
});

/** A resource as it appears in a plan. */
export const thereResource = (resource_id: string) => ({
  id: `share-${resource_id}`,
  resource_type: 'gateway-policy',
  resource_id,
  resource_account_id: OWNER,
});

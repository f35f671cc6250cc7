import { expect, test } from '@jest/globals';
import type { DesiredShare } from '../../src/share/desired.ts';
import { fitsInPlace, isWiderThanAsked } from '../../src/share/election.ts';
import type { Share } from '../../src/share/share.ts';
import { desired, desiredWithoutLists, share } from './values.ts';

const accounts = desired();
const organization = (id?: string): DesiredShare =>
  desired({ recipients: [id === undefined ? {} : { organization_id: id }], target: 'organization' });
const byAccounts = share();
const byOrganization = share({ target_type: 'organization' });
const nobodysOrganization = { ...byOrganization, organization_id: undefined } as unknown as Share;

test.each<[string, DesiredShare, Share, { fits: boolean; wider: boolean }]>([
  ['accounts, accounts', accounts, byAccounts, { fits: true, wider: false }],
  ['accounts, organization', accounts, byOrganization, { fits: false, wider: true }],
  ['accounts, unknown target', accounts, share({ target_type: 'universe' }), { fits: false, wider: true }],
  ['organization, accounts', organization(), byAccounts, { fits: false, wider: false }],
  ["owner's organization, organization", organization(), byOrganization, { fits: true, wider: false }],
  ['named organization, the same one', organization('O1'), byOrganization, { fits: true, wider: false }],
  ['named organization, another', organization('o2'), byOrganization, { fits: false, wider: false }],
  [
    'named organization, an organization the API omits',
    organization('o1'),
    nobodysOrganization,
    { fits: false, wider: false },
  ],
  ['no lists, accounts', desiredWithoutLists(), byAccounts, { fits: true, wider: false }],
  ['no lists, organization', desiredWithoutLists(), byOrganization, { fits: true, wider: false }],
  [
    'organization without a recipient list, organization',
    desiredWithoutLists({ target: 'organization' }),
    byOrganization,
    { fits: true, wider: false },
  ],
])('desired vs. actual: %s', (_, wanted, found, { fits, wider }) => {
  expect(fitsInPlace(wanted, found)).toBe(fits);
  expect(isWiderThanAsked(wanted, found)).toBe(wider);
});

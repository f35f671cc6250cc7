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
  ['accounts (desired: accounts)', accounts, byAccounts, { fits: true, wider: false }],
  ['the organization (desired: accounts)', accounts, byOrganization, { fits: false, wider: true }],
  ['an unknown target (desired: accounts)', accounts, share({ target_type: 'universe' }), { fits: false, wider: true }],
  ['accounts (desired: the organization)', organization(), byAccounts, { fits: false, wider: false }],
  [
    "the organization (desired: the owner's organization)",
    organization(),
    byOrganization,
    { fits: true, wider: false },
  ],
  [
    'an organization (desired: the same one by its id)',
    organization('O1'),
    byOrganization,
    { fits: true, wider: false },
  ],
  [
    'an organization (desired: another one by its id)',
    organization('o2'),
    byOrganization,
    { fits: false, wider: false },
  ],
  [
    'an organization without an id (desired: one by its id)',
    organization('o1'),
    nobodysOrganization,
    { fits: false, wider: false },
  ],
  ['accounts (desired: no lists)', desiredWithoutLists(), byAccounts, { fits: true, wider: false }],
  ['the organization (desired: no lists)', desiredWithoutLists(), byOrganization, { fits: true, wider: false }],
  [
    'the organization (desired: the organization, without a recipient list)',
    desiredWithoutLists({ target: 'organization' }),
    byOrganization,
    { fits: true, wider: false },
  ],
])(
  'tells whether a share fits the desired one and whether it is wider: it targets %s',
  (_, wanted, found, { fits, wider }) => {
    expect(fitsInPlace(wanted, found)).toBe(fits);
    expect(isWiderThanAsked(wanted, found)).toBe(wider);
  },
);

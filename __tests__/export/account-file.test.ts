import { expect, test } from '@jest/globals';
import { type AccountFile, accountFile, type WholeShare } from '../../src/export/account-file.ts';
import type { Share } from '../../src/share/share.ts';
import { exclusion, recipient, resource, share } from '../share/values.ts';

const whole = (parts: Partial<Share> = {}, rest: Partial<WholeShare> = {}): WholeShare => ({
  share: share({ resources: [resource('r1')], ...parts }),
  recipients: [recipient('a1')],
  exclusions: [],
  ...rest,
});
const everybody = (parts: Partial<Share> = {}, rest: Partial<WholeShare> = {}): WholeShare =>
  whole({ target_type: 'organization', ...parts }, { recipients: [], ...rest });
const written = (name: string): AccountFile['shares'][number] => ({
  name,
  recipients: { accountIds: ['a1'] },
  exclude: [],
  resources: [{ resource_type: 'gateway-policy', resource_id: 'r1', resource_account_id: 'owner', meta: {} }],
});

test('a share with accounts: who and what is live, with its meta', () => {
  const recipients = [
    recipient('a1'),
    recipient('a2', { association_status: 'associating' }),
    recipient('a3', { association_status: 'disassociating' }),
    recipient('a4', { association_status: 'disassociated' }),
  ];
  const resources = [resource('r1', { meta: { a: [1] } }), resource('r2', { status: 'deleting' })];
  expect(accountFile([whole({ resources }, { recipients })])).toEqual({
    shares: [
      {
        name: 'S',
        recipients: { accountIds: ['a1', 'a2'] },
        exclude: [],
        resources: [
          { resource_type: 'gateway-policy', resource_id: 'r1', resource_account_id: 'owner', meta: { a: [1] } },
        ],
      },
    ],
    warnings: [],
  });
});

test('a share with an organization: whom it leaves out', () => {
  const { shares, warnings } = accountFile([everybody({}, { exclusions: [exclusion('a5'), exclusion('a6')] })]);
  expect(shares).toEqual([{ ...written('S'), recipients: { organizationId: 'o1' }, exclude: ['a5', 'a6'] }]);
  expect(warnings).toEqual([]);
});

test('shares stand in the order of their making; of one name the oldest is in the file, and the others are named', () => {
  const made = (id: string, name: string, second: number): WholeShare =>
    whole({ id, name, created: `2026-01-01T00:00:0${second}Z` });
  const { shares, warnings } = accountFile([
    made('s3', 'B', 3),
    made('s2', 'A', 2),
    made('s1', 'B', 1),
    made('s4', 'B', 4),
  ]);
  expect(shares).toEqual([written('B'), written('A')]);
  expect(warnings).toEqual([
    'There are 3 live shares of the name "B". The oldest is in the file (s1), the others are not: s3, s4. Delete or rename them before you apply the file',
  ]);
});

test.each<[string, WholeShare, string]>([
  ['a temporary name', whole({ name: 'N [creating ours00000000]' }), 'it has a temporary name'],
  ['no visible name', whole({ name: ' ' }), 'its name has no visible character'],
  ['no resources', whole({ resources: [] }), 'it shares nothing'],
  ['resources that are going', whole({ resources: [resource('r1', { status: 'deleting' })] }), 'it shares nothing'],
  ['no recipients', whole({}, { recipients: [] }), 'it has no recipients'],
  [
    'an organization that is not named',
    everybody({ organization_id: undefined as never }),
    'Cloudflare does not say which organization it is for',
  ],
  [
    'recipients that are leaving',
    whole({}, { recipients: [recipient('a1', { association_status: 'disassociating' })] }),
    'it has no recipients',
  ],
  ['a target that nobody knows', whole({ target_type: 'planet' }), 'its target is "planet"'],
])('a share with %s is left out, and the others are not', (_, odd, why) => {
  const { shares, warnings } = accountFile([odd, whole({ id: 's2', name: 'Other' })]);
  expect(shares).toEqual([written('Other')]);
  expect(warnings).toEqual([expect.stringContaining(`(s1) is left out: ${why}`)]);
});

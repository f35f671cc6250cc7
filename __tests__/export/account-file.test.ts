import { expect, test } from '@jest/globals';
import { type AccountFile, accountFile as fileOf, type WholeShare } from '../../src/export/account-file.ts';
import type { Share } from '../../src/share/share.ts';
import { exclusion, recipient, resource, share } from '../share/values.ts';

/** The reader of the file accepts every share, unless `refused` says why not. */
const accountFile = (shares: readonly WholeShare[], refused?: string) =>
  fileOf(shares, async ({ name }) => (name === 'Other' ? undefined : refused));

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

test("the file contains a share's live recipients and resources, with their meta", async () => {
  const recipients = [
    recipient('a1'),
    recipient('a2', { association_status: 'associating' }),
    recipient('a3', { association_status: 'disassociating' }),
    recipient('a4', { association_status: 'disassociated' }),
  ];
  const resources = [resource('r1', { meta: { a: [1] } }), resource('r2', { status: 'deleting' })];
  expect(await accountFile([whole({ resources }, { recipients })])).toEqual({
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
    complete: true,
    warnings: [],
  });
});

test('the file contains the exclusions of a share with an organization', async () => {
  const { shares, warnings } = await accountFile([everybody({}, { exclusions: [exclusion('a5'), exclusion('a6')] })]);
  expect(shares).toEqual([{ ...written('S'), recipients: { organizationId: 'o1' }, exclude: ['a5', 'a6'] }]);
  expect(warnings).toEqual([]);
});

const made = (id: string, name: string, second: number): WholeShare =>
  whole({ id, name, created: `2026-01-01T00:00:0${second}Z` });

test('of shares with the same name, the file contains only the oldest, and a warning lists the others', async () => {
  const { shares, complete, warnings } = await accountFile([
    made('s3', 'B', 3),
    made('s2', 'A', 2),
    made('s1', 'B', 1),
    made('s4', 'B', 4),
  ]);
  expect(shares).toEqual([written('B'), written('A')]);
  expect(complete).toBe(false);
  expect(warnings).toEqual([
    'There are 3 live shares named "B". The file contains the oldest (s1) and leaves out s3, s4. Delete or rename the others before you apply the file',
  ]);
});

test.each([
  ['with the same spelling', 'B', 'B'],
  ['with different normalizations', 'Z\u00fcrich', 'Zu\u0308rich'],
])('one warning names two shares with the same name (%s)', async (_, older, younger) => {
  const { shares, complete, warnings } = await accountFile([made('s1', older, 1), made('s2', younger, 2)]);
  expect(shares).toEqual([written(older)]);
  expect(complete).toBe(false);
  expect(warnings).toEqual([expect.stringMatching(/^There are 2 live shares named .* and leaves out s2\./)]);
});

test('a warning names shares with the same name even if none of them can be exported', async () => {
  const { shares, warnings } = await accountFile([made('s1', 'B', 1), made('s2', 'B', 2)], 'no');
  expect(shares).toEqual([]);
  expect(warnings).toEqual([
    'Share "B" (s1) is left out: no',
    expect.stringContaining('The file contains none of them: s1, s2'),
  ]);
});

test('the file says complete: true even if it omits shares that are still being created', async () => {
  const { shares, complete, warnings } = await accountFile([
    whole({ name: 'N [creating ours00000000]' }),
    whole({ id: 's2', name: 'Other' }),
  ]);
  expect([shares, complete]).toEqual([[written('Other')], true]);
  expect(warnings).toEqual([expect.stringContaining('(s1) is left out: it has a temporary name')]);
});

test('a warning names each share with the same temporary name', async () => {
  const name = 'N [creating ours00000000]';
  const { warnings } = await accountFile([made('s1', name, 1), made('s2', name, 2)]);
  expect(warnings).toEqual(
    ['s1', 's2'].map((id) => expect.stringContaining(`Share "${name}" (${id}) is left out: it has a temporary name`)),
  );
});

test('the file is not complete if it omits a share that apply would refuse', async () => {
  const { shares, complete, warnings } = await accountFile([whole(), whole({ id: 's2', name: 'Other' })], 'too odd');
  expect([shares, complete]).toEqual([[written('Other')], false]);
  expect(warnings).toEqual(['Share "S" (s1) is left out: too odd']);
});

test.each<[string, WholeShare, string]>([
  ['no resources', whole({ resources: [] }), 'it has no resources'],
  [
    'only resources that are being removed',
    whole({ resources: [resource('r1', { status: 'deleting' })] }),
    'it has no resources',
  ],
  ['no recipients', whole({}, { recipients: [] }), 'it has no recipients'],
  [
    'an unnamed organization',
    everybody({ organization_id: undefined as never }),
    'Cloudflare does not say which organization it is shared with',
  ],
  [
    'only recipients that are being removed',
    whole({}, { recipients: [recipient('a1', { association_status: 'disassociating' })] }),
    'it has no recipients',
  ],
  ['an unknown target', whole({ target_type: 'planet' }), 'its target is "planet"'],
])('the file omits a share with %s', async (_, odd, why) => {
  const { shares, complete, warnings } = await accountFile([odd, whole({ id: 's2', name: 'Other' })]);
  expect([shares, complete]).toEqual([[written('Other')], false]);
  expect(warnings).toEqual([expect.stringContaining(`(s1) is left out: ${why}`)]);
});

// Resolves names to ids, and finds the problem with each reference that has none.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Listed } from '../../src/cloudflare/directory-endpoints.ts';
import { matcher, resolve } from '../../src/directory/resolve.ts';
import type { WrittenShare } from '../../src/share/desired.ts';
import { directory, list, OWNER, policy, policyNamed, written } from './values.ts';

const berlin = { id: 'b1', name: 'Berlin office' };
const [aarhus, odense] = [
  { id: 'c1', name: 'Branch Aarhus' },
  { id: 'c2', name: 'Branch Odense' },
];
const accounts: Listed[] = [odense, berlin, aarhus, { id: 'n1' }];
const here = directory(accounts, [{ id: 'p1', name: 'Block malware' }], [{ id: 'r1', name: 'Baseline WAF' }]);

const one = (share: Partial<WrittenShare>, known = here) => {
  const { desired, problems, labels } = resolve([written(share)], known);
  return { ...desired[0], problems, labels, messages: problems.map(({ message }) => message) };
};

describe('an account reference', () => {
  test('resolves by its exact name, as recipient and as exclusion', () => {
    expect(one({ recipients: [{ account_name: 'Berlin office' }] })).toMatchObject({
      recipients: [{ recipient_account_id: 'b1' }],
      problems: [],
      labels: [],
    });
    expect(one({ recipients: [{}], exclude: [{ account_name: 'Berlin office' }] })).toMatchObject({
      recipients: [{}],
      exclude: [{ account_id: 'b1' }],
      problems: [],
    });
  });

  test.each([
    ['Z\u00fcrich', 'Zu\u0308rich'],
    ['Zu\u0308rich', 'Z\u00fcrich'],
  ])('resolves despite another Unicode normalization: %j, %j', (account_name, name) => {
    const known = directory([{ id: 'z1', name }]);
    expect(one({ recipients: [{ account_name }] }, known).recipients).toEqual([{ recipient_account_id: 'z1' }]);
  });

  test.each([
    ['Berlin ofice', 'no account of your organization is named "Berlin ofice". Did you mean "Berlin office"?'],
    ['berlin office', 'no account of your organization is named "berlin office". Did you mean "Berlin office"?'],
    ['Branch', 'no account of your organization is named "Branch". Did you mean "Branch Aarhus" or "Branch Odense"?'],
    ['Tokyo', 'no account of your organization is named "Tokyo"'],
    ['Headquarter', 'no account of your organization is named "Headquarter"'],
    ['Branch *', 'no account of your organization is named "Branch *". For a pattern, use account_names'],
    ['Headquarters', '"Headquarters" (owner) is the account that owns the share, so it can\'t be listed here'],
  ])('is an error when nobody has exactly that name: %s', (account_name, message) => {
    const { problems } = one({ recipients: [{ recipient_account_id: 'x' }, { account_name }] });
    expect(problems).toEqual([{ message, place: { label: 'recipients.1.account_name' }, kind: 'inputs' }]);
  });

  test('is an error, with their ids, when several accounts have the name', () => {
    const known = directory([berlin, { id: 'b2', name: 'Berlin office' }]);
    expect(one({ recipients: [{ account_name: 'Berlin office' }] }, known).messages).toEqual([
      '2 accounts of your organization are named "Berlin office": b1, b2. Use the recipient_account_id of the one you mean',
    ]);
  });
});

describe('a pattern of account names', () => {
  test('resolves to all accounts with a matching name, except the owner', () => {
    expect(one({ recipients: [{ account_names: 'Branch *' }] }).recipients).toEqual([
      { recipient_account_id: 'c1' },
      { recipient_account_id: 'c2' },
    ]);
    const everybody = one({ recipients: [{ account_names: '*' }] }).recipients;
    expect(everybody).toEqual(['b1', 'c1', 'c2'].map((id) => ({ recipient_account_id: id })));
  });

  test('resolves in the order of names, and of ids for equal names', () => {
    const known = directory([
      { id: '1', name: 'Branch B' },
      { id: '4', name: 'Branch A' },
      { id: '2', name: 'Branch A' },
      { id: '3', name: 'Branch A' },
      { id: '0', name: 'Branch C' },
    ]);
    expect(one({ recipients: [{ account_names: 'Branch *' }] }, known).recipients).toEqual(
      ['2', '3', '4', '1', '0'].map((id) => ({ recipient_account_id: id })),
    );
  });

  test.each(['Head*', 'Depot *'])('is an error when it matches nobody: %s', (account_names) => {
    expect(one({ recipients: [{ account_names }] })).toMatchObject({
      problems: [{ place: { label: 'recipients.0.account_names' } }],
      messages: [expect.stringMatching(`^"${account_names.replace('*', '\\*')}" matches no account`)],
    });
  });

  test('is an error when the list has an unreadable account, which might match', () => {
    const known = { ...here, accounts: { ...list(accounts, false), isOfOrganization: true } };
    expect(one({ recipients: [{ account_names: 'Branch *' }] }, known).messages).toEqual([
      expect.stringContaining("can't be matched"),
    ]);
    expect(one({ recipients: [{ account_name: 'Berlin office' }] }, known).problems).toEqual([]);
  });

  test('excludes each matching account once', () => {
    const { exclude, labels } = one({
      recipients: [{}],
      exclude: [{ account_names: 'Branch *', label: 'Branches' }, { account_id: 'C1' }],
    });
    expect(exclude).toEqual([{ account_id: 'c1' }, { account_id: 'c2' }]);
    expect(labels.map(({ id, label }) => [id, label])).toEqual([
      ['c1', 'Branches'],
      ['c2', 'Branches'],
    ]);
  });

  test('gives the accounts that it adds its own position in the file, even if an earlier item added none', () => {
    const share = {
      recipients: [{ account_name: 'Berlin office' }, { account_id: 'B1' }, { account_names: 'Branch *' }],
    };
    const { recipients, placeOf } = one(share);
    const places = recipients?.map((_, i) => placeOf?.(['recipients', i, 'recipient_account_id']).label);
    expect(places).toEqual(['recipients.0.account_name', 'recipients.2.account_names', 'recipients.2.account_names']);
    const { exclude, placeOf: placeOfExclusion } = one({ exclude: share.recipients });
    expect(exclude?.map((_, i) => placeOfExclusion?.(['exclude', i]).label)).toEqual(
      places?.map((place) => place?.replace('recipients', 'exclude')),
    );
  });

  test('does not add an account that another item has already added', () => {
    const { recipients, placeOf, problems } = one({
      recipients: [
        { recipient_account_id: 'C2' },
        { account_name: 'Berlin office' },
        { account_names: 'B*' },
        { account_id: 'b1' },
      ],
    });
    expect(recipients).toEqual([
      { recipient_account_id: 'C2' },
      { recipient_account_id: 'b1' },
      { recipient_account_id: 'c1' },
    ]);
    expect(problems).toEqual([]);
    const places = [0, 1, 2].map((i) => placeOf?.(['recipients', i, 'recipient_account_id']).label);
    expect(places).toEqual([
      'recipients.0.recipient_account_id',
      'recipients.1.account_name',
      'recipients.2.account_names',
    ]);
    expect(placeOf?.(['name']).label).toBe('name');
    expect(placeOf?.([]).label).toBe('');
  });
});

test.each([
  ['Branch *', 'Branch Aarhus', true],
  ['Branch *', 'Branch ', true],
  ['Branch *', 'Old Branch 1', false],
  ['* office', 'Berlin office', true],
  ['*', '', true],
  ['*a*b*', 'xaxbx', true],
  ['*a*b*', 'xbxax', false],
  ['ab*ba', 'aba', false],
  ['a*a', 'a', false],
  ['a*b*b', 'ab', false],
  ['a*b*b', 'abb', true],
  ['*a*a*', 'a', false],
  ['a**b', 'ab', true],
  ['Berlin office', 'Berlin office', true],
  ['B.rlin', 'Berlin', false],
  ['[a-z]+', '[a-z]+', true],
  ['Zu\u0308*', 'Z\u00fcrich', true],
  ['branch *', 'Branch Aarhus', false],
])('tells whether the pattern %j matches the name %j: %s', (pattern, name, matching) => {
  expect(matcher(pattern)(name.normalize('NFC'))).toBe(matching);
});

test('matches patterns as a regular expression would, but without backtracking', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.'), maxLength: 12 });
  fc.assert(
    fc.property(text, text, (pattern, name) => {
      const pieces = pattern.split('*').map((piece) => piece.replaceAll('.', '\\.'));
      expect(matcher(pattern)(name)).toBe(new RegExp(`^${pieces.join('.*')}$`, 's').test(name));
    }),
    { numRuns: 1000 },
  );
  expect(matcher('*a'.repeat(500))('a'.repeat(100_000).concat('b'))).toBe(false);
});

describe('a resource reference', () => {
  test('resolves by its exact name, and keeps its meta', () => {
    const waf = {
      resource_type: 'custom-ruleset',
      resource_name: 'Baseline WAF',
      resource_account_id: OWNER,
      meta: {},
    };
    const { resources, placeOf } = one({ resources: [policyNamed('Block malware', { a: 1 }), waf] });
    expect(resources).toEqual([
      policy('p1', { a: 1 }),
      { resource_type: 'custom-ruleset', resource_id: 'r1', resource_account_id: OWNER, meta: {} },
    ]);
    expect(['resource_id', 'meta'].map((key) => placeOf?.(['resources', 0, key]).label)).toEqual([
      'resources.0.resource_name',
      'resources.0.meta',
    ]);
  });

  test('is an error that suggests a similar name when none matches', () => {
    expect(one({ resources: [policyNamed('Block malwares')] })).toMatchObject({
      messages: ['account owner has no gateway policy named "Block malwares". Did you mean "Block malware"?'],
      problems: [{ place: { label: 'resources.0.resource_name' }, kind: 'inputs' }],
    });
  });

  test('is an error, with their ids, when several resources have the name', () => {
    const known = directory(
      [],
      [
        { id: 'p2', name: 'Block malware' },
        { id: 'p1', name: 'Block malware' },
      ],
    );
    expect(one({ resources: [policyNamed('Block malware')] }, known).messages).toEqual([
      '2 gateway policies of account owner are named "Block malware": p1, p2. Use the resource_id of the one you mean',
    ]);
  });

  test('does not resolve to a resource that another account shares with the owner', () => {
    const known = directory(
      [],
      [
        { id: 'p1', name: 'Block malware', sourceAccount: 'other' },
        { id: 'p2', name: 'Block malware', sourceAccount: 'OWNER' },
      ],
    );
    expect(one({ resources: [policyNamed('Block malware')] }, known).resources).toEqual([policy('p2')]);
    const others = directory([], [{ id: 'p1', name: 'Block malware', sourceAccount: 'other' }]);
    expect(one({ resources: [policyNamed('Block malwares')] }, others).messages).toEqual([
      'account owner has no gateway policy named "Block malwares"',
    ]);
  });

  test('is merged with the same resource given by id, unless their meta differs', () => {
    const same = one({ resources: [policy('p1'), policyNamed('Block malware')] });
    expect([same.resources, same.problems]).toEqual([[policy('p1')], []]);
    expect(one({ resources: [policyNamed('Block malware'), policy('p1', { a: 1 })] }).problems).toMatchObject([
      { place: { label: 'resources.1' }, kind: 'inputs' },
    ]);
    expect(one({ resources: [policy('p1'), policyNamed('Block malware', { a: 1 })] })).toMatchObject({
      messages: ['is the same resource as resources[0], which has a different meta: keep only one'],
      problems: [{ place: { label: 'resources.1.resource_name' } }],
    });
  });

  test('leaves the meta unmanaged if it is omitted', () => {
    const { meta: _, ...unmanaged } = policyNamed('Block malware');
    const { meta: __, ...found } = policy('p1');
    expect(one({ resources: [unmanaged] }).resources).toEqual([found]);
    expect(one({ resources: [found, policyNamed('Block malware', { a: 1 })] }).problems).toHaveLength(1);
  });

  test('is an error when the list of its account was not read', () => {
    expect(one({ resources: [{ ...policyNamed('Block malware'), resource_account_id: 'other' }] }).messages).toEqual([
      expect.stringContaining("can't be looked up"),
    ]);
  });
});

test('reports each of 20,000 wrong names in a file', () => {
  const many = directory(
    Array.from({ length: 500 }, (_, i) => ({ id: `i${i}`, name: `${'Branch office '.repeat(4)}${i}` })),
  );
  const recipients = Array.from({ length: 20_000 }, (_, i) => ({ account_name: `${'Brunch office '.repeat(4)}${i}` }));
  const { problems } = one({ recipients }, many);
  expect(problems).toHaveLength(20_000);
  expect(problems[0]?.message).toContain('Did you mean');
});

test('suggests similar names only for the first 20 wrong names', () => {
  const recipients = Array.from({ length: 21 }, (_, i) => ({ account_name: `Branch Arhus${i}` }));
  const suggested = one({ recipients }).messages.map((message) => message.includes('Did you mean'));
  expect(suggested).toEqual([...Array(20).fill(true), false]);
});

test("reports a list that can't be read, without advice if no permission is missing", () => {
  const unreadable = { what: 'gateway policies', why: 'Cloudflare answered with HTTP 500' };
  const resources = new Map([...here.resources].map(([key]) => [key, unreadable] as const));
  expect(one({ resources: [policyNamed('Block malware')] }, { ...here, resources }).problems).toEqual([
    {
      message: "the names of gateway policies can't be looked up: Cloudflare answered with HTTP 500",
      place: { label: 'resources.0.resource_name' },
      kind: 'cloudflare',
    },
  ]);
});

test('reports each of two unreadable lists at its own reference', () => {
  const unreadable = (what: string) => ({ what, why: 'HTTP 500' });
  const policies = unreadable('gateway policies');
  const resources = new Map([...here.resources].map(([key]) => [key, policies] as const));
  const share = { exclude: [{ account_name: 'A' }], resources: [policyNamed('Block malware')] };
  const { problems } = one(share, { accounts: unreadable('accounts') as never, resources });
  expect(problems.map(({ message, place }) => [place?.label, message]).sort()).toEqual([
    ['exclude.0.account_name', "the names of accounts can't be looked up: HTTP 500"],
    ['resources.0.resource_name', "the names of gateway policies can't be looked up: HTTP 500"],
  ]);
});

test('reports an unreadable list once, at the first reference, with the missing permission', () => {
  const unreadable = { what: 'accounts', why: 'Cloudflare refused', permission: '"Account Settings Read"' };
  const { desired, problems } = resolve(
    [
      written({ recipients: [{ recipient_account_id: 'x' }, { account_name: 'A' }] }),
      written({ recipients: [{ account_names: 'B*' }, { account_name: 'C' }] }),
    ],
    { ...here, accounts: unreadable },
  );
  expect(problems).toEqual([
    {
      message:
        'the names of accounts can\'t be looked up (needed by 3 references): Cloudflare refused. Grant the token "Account Settings Read", or use ids',
      place: { label: 'recipients.1.account_name' },
      kind: 'cloudflare',
    },
  ]);
  expect(desired[0]?.recipients).toEqual([{ recipient_account_id: 'x' }]);
});

test('leaves shares without references unchanged', () => {
  const share = written({
    recipients: [{ account_id: 'a1' }],
    resources: [policy('p9')],
    exclude: [{ account_id: 'a2' }],
  });
  const { desired, problems } = resolve([share, written({ state: 'absent' })], { resources: new Map() });
  expect(problems).toEqual([]);
  expect(desired).toMatchObject([
    { recipients: share.recipients, resources: share.resources, exclude: share.exclude },
    { state: 'absent' },
  ]);
  expect(desired[1]).not.toHaveProperty('recipients');
});

test("keeps a reference's label for its id, and a pattern's label for every match", () => {
  const { labels, resources } = one({
    recipients: [
      { account_name: 'Berlin office', label: 'HQ' },
      { account_names: 'Branch *', label: 'Branches' },
    ],
    resources: [{ ...policyNamed('Block malware'), label: 'Malware' }],
  });
  expect(labels).toEqual([
    { id: 'b1', label: 'HQ', place: { label: 'recipients.0.label' } },
    { id: 'c1', label: 'Branches', place: { label: 'recipients.1.label' } },
    { id: 'c2', label: 'Branches', place: { label: 'recipients.1.label' } },
    { id: 'p1', label: 'Malware', place: { label: 'resources.0.label' } },
  ]);
  expect(resources).toEqual([policy('p1')]);
});

describe('the result of resolving references', () => {
  const names = ['Berlin office', 'Branch Aarhus', 'Branch Odense', 'Branch Oslo', 'Depot'];
  const items = fc.oneof(
    fc.constantFrom(...names).map((account_name) => ({ account_name })),
    fc.constantFrom('Branch *', '*', '* O*').map((account_names) => ({ account_names })),
    fc.constantFrom('i0', 'i1', 'I2', 'x').map((id) => ({ recipient_account_id: id })),
  );
  const known = (order: readonly number[]) => directory(order.map((i) => ({ id: `i${i}`, name: names[i] as string })));
  const order = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 });
  const idsOf = (recipients: WrittenShare['recipients'], from: ReturnType<typeof known>): string[] =>
    (one({ recipients: recipients ?? [] }, from).recipients ?? []).map((item) =>
      String(item.recipient_account_id).toLowerCase(),
    );

  test("doesn't depend on the order of Cloudflare's list", () => {
    fc.assert(
      fc.property(fc.array(items, { minLength: 1, maxLength: 5 }), order, (recipients, shuffled) => {
        expect(idsOf(recipients, known(shuffled))).toEqual(idsOf(recipients, known([0, 1, 2, 3, 4])));
      }),
    );
  });

  test("doesn't depend on the other items or their order", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3, 4]),
        fc.array(items, { minLength: 5, maxLength: 5 }),
        (picked, all) => {
          const recipients = picked.map((i) => all[i] as (typeof all)[number]);
          const alone = new Set(recipients.flatMap((item) => idsOf([item], known([0, 1, 2, 3, 4]))));
          const together = idsOf(recipients, known([0, 1, 2, 3, 4]));
          expect(new Set(together)).toEqual(alone);
          expect(together).toHaveLength(alone.size);
        },
      ),
    );
  });
});

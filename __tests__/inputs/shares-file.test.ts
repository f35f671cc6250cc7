import { describe, expect, test } from '@jest/globals';
import { readSharesFile } from '../../src/inputs/shares-file.ts';
import { TEXTS } from '../../src/inputs/shares-schema.ts';

const SHARE = 'recipients: [{}], resources: [{resource_type: trust-grant, resource_id: r}]';
const OWNER = '023e105f4ecef8ad9ca31a8372d0c353';

describe('a shares file', () => {
  const FILE = `account_id: ${OWNER}
shares:
  - name: Gateway baseline
    recipients: &branches
      - account_id: 11111111111111111111111111111111
      - account_id: 22222222222222222222222222222222
    resources:
      - resource_type: gateway-policy
        resource_id: cccccccccccccccccccccccccccccccc
  - name: WAF baseline
    recipients: *branches
    resources:
      - resource_type: custom-ruleset
        resource_id: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
`;
  const read = (text: string, accountId?: string) => readSharesFile('shares.yml', text, { accountId });

  test('contains one desired share per entry, in YAML or JSON', async () => {
    const { value } = await read(FILE);
    expect(
      value?.desired.map(({ name, recipients, resources }) => [
        name,
        recipients?.length,
        resources?.[0]?.resource_account_id,
      ]),
    ).toEqual([
      ['Gateway baseline', 2, OWNER],
      ['WAF baseline', 2, OWNER],
    ]);
    expect(value?.desired[1]?.placeOf(['recipients', 1, 'account_id'])).toMatchObject({ line: 6, column: 21 });
    const json = await read(
      JSON.stringify({
        shares: [{ name: 'A', recipients: [{}], resources: [{ resource_type: 'a', resource_id: 'b' }] }],
      }),
      OWNER,
    );
    expect(json.value?.accountId).toBe(OWNER);
  });

  test.each([
    ['a misspelled key', FILE.replace('- account_id: 2222', '- acount_id: 2222'), undefined, 6, 9],
    ['a second share with the same name', FILE.replace('WAF', 'Gateway'), undefined, 10, 11],
    ['another account', FILE, 'f'.repeat(32), 1, 13],
    ['no account', FILE.replace(/account_id: 023.*\n/, ''), undefined, 1, 1],
    ['an unknown key', `${FILE}extra: 1\n`, undefined, 15, 1],
    ['no shares', 'shares: []', OWNER, 1, 9],
    ['a syntax error', 'shares: [', OWNER, 1, 10],
    [
      'an organization in place of an account',
      FILE.replace('- account_id: 2222', '- organization_id: 2222'),
      undefined,
      6,
      9,
    ],
    ['a missing list', FILE.replace('    recipients: *branches\n', ''), undefined, 10, 5],
  ])('is refused at the line and column of the mistake: %s', async (_, text, accountId, line, column) => {
    const { value, problems } = await read(text, accountId);
    expect(value).toBeUndefined();
    expect(problems.map(({ place }) => [place?.file, place?.line, place?.column])).toContainEqual([
      'shares.yml',
      line,
      column,
    ]);
  });

  test("causes one notice for all recipients with account_id, and none for the file's own account", async () => {
    const { notices } = await read(FILE);
    expect(notices).toMatchObject([{ place: { file: 'shares.yml', line: 5, column: 9 } }]);
    const newer = await read(FILE.replaceAll('- account_id', '- recipient_account_id'));
    expect([newer.problems, newer.notices]).toEqual([[], []]);
  });

  test('can contain complete, absent, previous_name and exclude', async () => {
    const { value, problems } = await read(`account_id: ${OWNER}
complete: true
shares:
  - name: All
    previous_name: 2024
    recipients: [{}]
    exclude: [{recipient_account_id: ab, label: Berlin}]
    resources: [{resource_type: trust-grant, resource_id: r}]
  - {name: Old, state: absent}
  - {name: Kept, state: present, recipients: [{organization_id: o}], resources: [{resource_type: trust-grant, resource_id: r}]}
`);
    expect(problems).toEqual([]);
    expect(value?.complete).toBe(true);
    expect(value?.desired).toMatchObject([
      { name: 'All', state: 'present', previousName: '2024', target: 'organization', exclude: [{ account_id: 'ab' }] },
      { name: 'Old', state: 'absent' },
      { name: 'Kept', state: 'present' },
    ]);
    expect(value?.desired[1]).not.toHaveProperty('recipients');
    expect(value?.desired[2]).not.toHaveProperty('exclude');
    expect(value?.desired[2]).not.toHaveProperty('previousName');
    expect(value?.desired[0]?.placeOf(['exclude', 0])).toMatchObject({ line: 7, column: 15 });
    expect(value?.labels).toMatchObject([{ id: 'ab', label: 'Berlin', place: { line: 7 } }]);
    expect((await read(FILE)).value?.complete).toBe(false);
  });

  test('provides the places of names, lists, items and their fields, as they were written', async () => {
    const { value } = await read(
      `shares:
  - name: A
    recipients:
      - recipient_account_id: ab
      - recipient_account_id: AB
      - recipient_account_id: cd
    resources:
      - {resource_type: trust-grant, resource_id: ef}
      - {resource_type: trust-grant, resource_id: EF}
      - {resource_type: trust-grant, resource_id: gh, label: Grant}
`,
      OWNER,
    );
    const [share] = value?.desired ?? [];
    // Duplicates are dropped, so the items that follow have other indexes in the share.
    expect([share?.recipients, share?.resources]).toMatchObject([{ length: 2 }, { length: 2 }]);
    for (const [path, label, line] of [
      [['name'], 'shares[0].name', 2],
      [['name', 0], 'shares[0].name', 2],
      [['recipients'], 'shares[0].recipients', 4],
      [['recipients', 1], 'shares[0].recipients[2]', 6],
      [['recipients', 2], 'shares[0].recipients', 4],
      [['recipients', 'first'], 'shares[0].recipients', 4],
      [['resources', 1], 'shares[0].resources[2]', 10],
      [['resources', 1, 'resource_id'], 'shares[0].resources[2].resource_id', 10],
      [[], 'shares[0]', 2],
    ] as const)
      expect([path, share?.placeOf(path)]).toMatchObject([path, { label, line }]);
    expect(value?.labels).toMatchObject([{ id: 'gh', label: 'Grant', place: { line: 10 } }]);
  });

  test.each(Object.entries(TEXTS))('has %s only for a share that should exist', async (key, { to }) => {
    const text = `account_id: ${OWNER}\nshares: [{name: A, ${key}: Some text, ${SHARE}}]`;
    const { value, problems } = await read(text);
    expect([problems, value?.desired[0]?.[to]]).toEqual([[], 'Some text']);
    const deleting = await readSharesFile('shares.yml', text, { deleting: true });
    expect([deleting.problems, deleting.value?.desired.length]).toEqual([[], 1]);
    expect(deleting.value?.desired[0]).not.toHaveProperty(to);
    const absent = await read(`account_id: ${OWNER}\nshares: [{name: A, state: absent, ${key}: Some text}]`);
    expect(absent.problems).toMatchObject([
      { message: expect.stringContaining('state: absent'), place: { label: `shares[0].${key}` } },
    ]);
  });

  test('provides only absent shares in mode: delete, but must still have valid keys', async () => {
    const deleting = (text: string) => readSharesFile('shares.yml', text, { deleting: true });
    const { value, warnings, notices } = await deleting(FILE.replace(/ {4}recipients: \*branches\n/, ''));
    expect(value?.desired.map(({ placeOf, ...rest }) => rest)).toEqual([
      { name: 'Gateway baseline', accountId: OWNER, state: 'absent' },
      { name: 'WAF baseline', accountId: OWNER, state: 'absent' },
    ]);
    expect([warnings, notices]).toEqual([[], []]);
    expect((await deleting(FILE.replace('recipients: *', 'recipient: *'))).problems).toMatchObject([
      { place: { line: 11 } },
    ]);
  });

  test.each<[string, string, string, RegExp]>([
    [
      "a value of complete that isn't a boolean",
      'complete: yes\nshares: [{name: A, state: absent}]',
      'complete',
      /^got "yes"; must be true or false$/,
    ],
    [
      'an unknown state',
      `shares: [{name: A, state: gone, ${SHARE}}]`,
      'shares[0].state',
      /^got "gone"; must be present or absent$/,
    ],
    [
      'a state that is a number in JSON',
      '{"shares":[{"name":"A","state":5,"recipients":[{}],"resources":[{"resource_type":"a","resource_id":"b"}]}]}',
      'shares[0].state',
      /^got 5; must be present or absent$/,
    ],
    [
      'an absent share with a list',
      'shares: [{name: A, state: absent, recipients: [{}]}]',
      'shares[0].recipients',
      /^can't be combined with state: absent/,
    ],
    [
      'an absent share with an empty list',
      'shares: [{name: A, state: absent, exclude: []}]',
      'shares[0].exclude',
      /^can't be combined with state: absent/,
    ],
    ['a share without resources', 'shares: [{name: A, recipients: [{}]}]', 'shares[0].resources', /^is missing$/],
    ['a share without a name', `shares: [{${SHARE}}]`, 'shares[0].name', /^is missing$/],
    [
      'a name that is not set',
      `shares: [{name: , ${SHARE}}]`,
      'shares[0].name',
      /^is missing: its value is null \(an unset variable/,
    ],
    [
      'a temporary name',
      `shares: [{name: "A [creating abcdefghij12]", ${SHARE}}]`,
      'shares[0].name',
      /^looks like a temporary name/,
    ],
    [
      'a temporary previous name',
      `shares: [{name: A, previous_name: "A [Creating ABCDEFGHIJ12]", ${SHARE}}]`,
      'shares[0].previous_name',
      /temporary name/,
    ],
    [
      'its own name as previous',
      `shares: [{name: A, previous_name: A, ${SHARE}}]`,
      'shares[0].previous_name',
      /^is the same as name/,
    ],
    [
      "another's name as previous",
      `shares: [{name: A, previous_name: B, ${SHARE}}, {name: B, state: absent}]`,
      'shares[0].previous_name',
      /^is the current name of shares\[1\]/,
    ],
    [
      'the same previous name twice',
      `shares: [{name: A, previous_name: C, ${SHARE}}, {name: B, previous_name: C, ${SHARE}}]`,
      'shares[1].previous_name',
      /^is already the previous name of shares\[0\]/,
    ],
    [
      'exclusions in a share with accounts',
      `shares: [{name: A, exclude: [{account_id: b}], recipients: [{recipient_account_id: a}], resources: [{resource_type: trust-grant, resource_id: r}]}]`,
      'shares[0].exclude',
      /^is only for shares with an organization/,
    ],
    [
      'an account that is a path',
      `account_id: ".."\nshares: [{name: A, ${SHARE}}]`,
      'account_id',
      /^got "\.\.", with "\." at position 1; an account id can contain only A-Z/,
    ],
    [
      'an account that is too long',
      `account_id: ${'1'.repeat(33)}\nshares: [{name: A, ${SHARE}}]`,
      'account_id',
      /an account id has at most 32/,
    ],
    [
      'an account that is not set',
      `account_id:\nshares: [{name: A, ${SHARE}}]`,
      '',
      /^no account is set: set account_id here/,
    ],
    [
      'an alias without an anchor',
      'shares: [{name: A, recipients: *none, resources: [{resource_type: trust-grant, resource_id: r}]}]',
      'shares[0].recipients',
      /^there is no anchor &none before this\. If this is text, put it in quotes$/,
    ],
    [
      'an alias without an anchor under an unknown key',
      'shares: [{name: A, state: absent, extra: {a: *none}}]',
      'shares[0].extra',
      /^unknown key/,
    ],
    [
      'a misspelled key next to a label',
      'shares: [{name: A, recipients: [{recipient_acount_id: a, label: b}], resources: [{resource_type: trust-grant, resource_id: r}]}]',
      'shares[0].recipients[0].recipient_acount_id',
      /^unknown key/,
    ],
    [
      'an empty name',
      `shares: [{name: "", ${SHARE}}]`,
      'shares[0].name',
      /^is empty: the share name is missing \(an unset variable or secret\?\)$/,
    ],
    [
      'an empty previous name',
      `shares: [{name: A, previous_name: "", ${SHARE}}]`,
      'shares[0].previous_name',
      /^is empty: the previous name is missing/,
    ],
    [
      "the address of a schema that isn't text",
      `$schema: {}\nshares: [{name: A, ${SHARE}}]`,
      '["$schema"]',
      /^must be text \(the schema address\)$/,
    ],
    [
      'a share that is empty',
      'shares:\n  -',
      'shares[0]',
      /^is empty: must be an object: a share with name, recipients and resources$/,
    ],
    ["shares that aren't a list", 'shares: A', 'shares', /^must be a list of shares, as in \[/],
    [
      "a share that isn't an object",
      'shares: [A]',
      'shares[0]',
      /^must be an object: a share with name, recipients and resources$/,
    ],
    ['an empty file', '', '', /^is empty: must be an object with a shares list$/],
  ])('causes one problem: %s', async (_, text, label, message) => {
    const { value, problems } = await read(
      text,
      text.includes('account_id:') && !text.includes('shares: [{name: A, exclude') ? undefined : OWNER,
    );
    expect(value).toBeUndefined();
    expect(problems).toMatchObject([{ message: expect.stringMatching(message), place: { label, file: 'shares.yml' } }]);
  });

  test('causes one warning if its account was probably truncated', async () => {
    const text = FILE.replace(OWNER, OWNER.slice(1));
    const message = 'has 31 hexadecimal digits, but Cloudflare ids have 32: was it copied completely?';
    expect((await read(text)).warnings).toEqual([
      { message, place: { label: 'account_id', file: 'shares.yml', line: 1, column: 13 } },
    ]);
    // The input is checked where it is read.
    expect((await read(text, OWNER.slice(1))).warnings).toEqual([]);
    expect((await read(FILE.replace(/account_id: 023.*\n/, ''), OWNER.slice(1))).warnings).toEqual([]);
  });

  test("causes one problem if it can't be read, even if no account is set", async () => {
    expect((await read('shares: [')).problems).toHaveLength(1);
  });

  test('is refused if the account-id input is another account', async () => {
    expect((await read(FILE, 'f'.repeat(32))).problems.map(({ message }) => message)).toEqual([
      `is ${OWNER}, but the account-id input is ${'f'.repeat(32)}`,
    ]);
  });

  test('needs no account in mode: check', async () => {
    const { value } = await readSharesFile('shares.yml', `shares: [{name: A, ${SHARE}}]`, { checking: true });
    expect([value?.accountId, value?.desired[0]?.accountId]).toEqual(['', '']);
  });

  test('causes no problem about repeated names if several shares have none', async () => {
    const { problems } = await read(
      `shares: [{name: " ", previous_name: " ", ${SHARE}}, {name: " ", previous_name: " ", ${SHARE}}]`,
      OWNER,
    );
    expect(problems.map(({ message, place }) => [place?.label, message])).toEqual(
      ['shares[0].name', 'shares[0].previous_name', 'shares[1].name', 'shares[1].previous_name'].map((label) => [
        label,
        expect.stringMatching(/^is empty: /),
      ]),
    );
  });

  test.each([
    ['an absent share with a list', 'shares: [{name: A, state: absent, recipients: [{}]}]', 35],
    [
      'exclusions in a share with accounts',
      'shares: [{name: A, exclude: [{account_id: b}], recipients: [{recipient_account_id: a}], resources: [{resource_type: trust-grant, resource_id: r}]}]',
      20,
    ],
  ])('shows the key to remove, not its value: %s', async (_, text, column) => {
    expect((await read(text, OWNER)).problems).toMatchObject([{ place: { line: 1, column } }]);
  });

  test("causes one problem if its account isn't text, even if the input sets an account", async () => {
    const { problems } = await read('account_id: [a]\nshares: [{name: A, state: absent}]', OWNER);
    expect(problems.map(({ message }) => message)).toEqual(['must be text (the account id)']);
  });

  test('reports all other problems, too, if a key is repeated', async () => {
    const { problems } = await read(
      'shares: [{name: A, state: absent, state: absent}, {name: A, recipients: [{nope: 1}]}]',
      OWNER,
    );
    expect(problems.map(({ message, place }) => [place?.label, message])).toEqual([
      ['shares[0].state', expect.stringMatching(/^is repeated/)],
      ['shares[1].resources', 'is missing'],
      ['shares[1].name', expect.stringMatching(/^is also the name of shares\[0\]/)],
      ['shares[1].recipients[0].nope', expect.stringMatching(/^unknown key/)],
    ]);
  });

  test.each(['A [creating abc]', 'A [creating abcdefghij12] ', 'A[creating abcdefghij12]', '[creating abcdefghij12]'])(
    'can contain the share name %j',
    async (name) => {
      const { problems } = await read(`shares: [{name: ${JSON.stringify(name)}, ${SHARE}}]`, OWNER);
      expect(problems).toEqual([]);
    },
  );

  test('is reported once if its aliases expand to too many values', async () => {
    const lines = ['shares: &a [1,1,1,1,1,1,1,1,1,1]'];
    for (const [i, key] of [...'bcdefgh'].entries())
      lines.push(`${key}: &${key} [${Array(10).fill(`*${'abcdefg'[i]}`).join(',')}]`);
    const { problems } = await read(lines.join('\n'), OWNER);
    expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(/expand to more than/)]);
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readConfig, readExclude, readRecipients, readResources } from '../../src/inputs/read-shares.ts';

const OWNER = '023e105f4ecef8ad9ca31a8372d0c353';
const id = fc.stringMatching(/^[0-9a-f]{1,32}$/);
const recipientKey = fc.constantFrom('account_id', 'recipient_account_id');
const account = fc.tuple(recipientKey, id).map(([key, value]) => ({ [key]: value }));
const resource = fc.record(
  {
    resource_type: fc.constantFrom('custom-ruleset', 'gateway-policy', 'something-new'),
    resource_id: fc.oneof(id, fc.uuid()),
    resource_account_id: id,
    meta: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
  },
  { requiredKeys: ['resource_type', 'resource_id'] },
);
const written = <T>(value: fc.Arbitrary<T>) =>
  fc.tuple(value, fc.boolean()).map(([v, yaml]) => ({ value: v, text: yaml ? stringify(v) : JSON.stringify(v) }));
const unique = (items: object[]): object[] =>
  items.filter((item, i) => items.findIndex((other) => Object.values(other)[0] === Object.values(item)[0]) === i);

describe('recipients', () => {
  test('sound ones are sent with the keys that were written, without repetitions, in order', () =>
    fc.assert(
      fc.asyncProperty(written(fc.array(account, { minLength: 1, maxLength: 20 })), async ({ value, text }) => {
        const { value: read, problems } = await readRecipients(text);
        expect(problems).toEqual([]);
        expect(read?.items).toEqual(unique(value));
      }),
    ));

  test('anything else is refused with its position: no value becomes {} by accident', () =>
    fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (value) => {
        const { value: read, problems } = await readRecipients(JSON.stringify(value));
        const isSound =
          Array.isArray(value) && value.length > 0 && value.every((item) => JSON.stringify(item) === '{}');
        if (isSound) expect(read?.items).toEqual([{}]);
        else {
          expect(read).toBeUndefined();
          expect(problems.length).toBeGreaterThan(0);
          for (const { place } of problems) expect(place?.label).toMatch(/^recipients/);
        }
      }),
    ));

  test.each([
    [
      '[{"acount_id":"x"},{"account_id":""},{"account_id":5}]',
      ['recipients[0].acount_id', 'recipients[1].account_id', 'recipients[2].account_id'],
    ],
    ['[{"account_id":"a","organization_id":"b"}]', ['recipients[0]']],
    ['[{"account_id":"a"},{"organization_id":"b"},{"nope":1}]', ['recipients[2].nope', 'recipients[1]']],
    [`[{"account_id":"${'a'.repeat(33)}"}]`, ['recipients[0].account_id']],
    ['[{"account_id":"a b"}]', ['recipients[0].account_id']],
    ['[[],null,{"__proto__":1}]', ['recipients[2].__proto__', 'recipients[0]', 'recipients[1]']],
    ['[]', ['recipients']],
    ['{"account_id":"a"}', ['recipients']],
    ['[{"account_id":"a"', ['recipients (line 1, column 19)', 'recipients (line 1, column 19)']],
  ])('%s is refused at %j', async (text, labels) => {
    const { value, problems } = await readRecipients(text);
    expect(value).toBeUndefined();
    expect(problems.map(({ place }) => place?.label)).toEqual(labels);
  });

  test('the whole organization is passed on with a warning', async () => {
    const { value, warnings } = await readRecipients('[{},{}]');
    expect(value).toEqual({ items: [{}], indexes: [0], labels: [] });
    expect(warnings.map(({ place }) => place?.label)).toEqual(['recipients[0]', 'recipients[1]']);
  });

  test('digits need no quotes in YAML', async () => {
    const { value } = await readRecipients('- account_id: 11111111111111111111111111111111\n- account_id: 1e5');
    expect(value?.items).toEqual([{ account_id: '11111111111111111111111111111111' }, { account_id: '1e5' }]);
  });
});

describe('problems with recipients', () => {
  test.each([
    [
      '- acountid: 11111111111111111111111111111111',
      ['unknown key (known: recipient_account_id, account_id, organization_id, label)'],
    ],
    [
      '- {a: 11111111111111111111111111111111, b: 5}\n- account_id: [x]',
      [expect.stringMatching(/^unknown key/), expect.stringMatching(/^unknown key/), 'must be text, the identifier'],
    ],
    [
      '[{"account_id": 11111111111111111111111111111111}]',
      [expect.stringMatching(/would be sent as 1\.1+2e\+31: put it in quotes/)],
    ],
    ['- account_id:', ['is empty: the identifier is missing (a variable or secret that is not set?)']],
    ['- account_id: ""', ['is empty: the identifier is missing (a variable or secret that is not set?)']],
    ['- account_id: true', ['got true; put the identifier in quotes']],
    ['-', ['is empty: must be an object, as in {"recipient_account_id": "…"}']],
    ['account_id: a', ['must be a list of recipients, as in [{"recipient_account_id": "…"}]']],
    ['- label: Berlin', ['has a label but no id: add recipient_account_id or organization_id']],
    ['- {account_id: a, label: ""}', ['is empty: the label is missing (a variable or secret that is not set?)']],
    [`- {account_id: a, label: ${'👍'.repeat(101)}}`, ['is 101 characters long; a label has at most 100']],
    ['- {account_id: a, label: {b: c}}', ['must be text, the label']],
  ])('%s', async (text, messages) => {
    const { value, problems } = await readRecipients(text);
    expect(value).toBeUndefined();
    expect(problems.map(({ message }) => message)).toEqual(messages);
  });
});

describe('labels', () => {
  test('are kept by id, and are never in what is sent', async () => {
    const text = `- {account_id: AB, label: Berlin}\n- {recipient_account_id: cd, label: ${'👍'.repeat(100)}}\n- {account_id: ef, label: 12}`;
    const { value } = await readRecipients(text);
    expect(value?.items).toEqual([{ account_id: 'AB' }, { recipient_account_id: 'cd' }, { account_id: 'ef' }]);
    expect(value?.labels).toEqual([
      { id: 'AB', label: 'Berlin', place: { label: 'recipients[0].label' } },
      { id: 'cd', label: '👍'.repeat(100), place: { label: 'recipients[1].label' } },
      { id: 'ef', label: '12', place: { label: 'recipients[2].label' } },
    ]);
    const organization = await readRecipients('- {organization_id: ab, label: All}');
    expect(organization.value?.items).toEqual([{ organization_id: 'ab' }]);
    const what = await readResources('- {resource_type: gateway-policy, resource_id: c1, label: Malware}', OWNER);
    expect(what.value?.items[0]).not.toHaveProperty('label');
    expect(what.value?.labels).toMatchObject([{ id: 'c1', label: 'Malware' }]);
  });

  test('the first one of an id counts, and another one is a warning', async () => {
    const shares = ['A', 'B', 'C'].map((name, i) => ({
      name,
      recipients: [{ recipient_account_id: i === 0 ? 'AB' : 'ab', label: i === 0 ? 'Berlin' : 'Paris' }],
      resources: [{ resource_type: 'trust-grant', resource_id: 'r' }],
    }));
    const { value, warnings } = await readConfig('f', JSON.stringify({ shares }), { accountId: OWNER });
    expect(value?.labels).toEqual(new Map([['ab', 'Berlin']]));
    expect(warnings).toMatchObject([
      {
        message: 'gives ab the label "Paris", but its first label is "Berlin": the first one is shown',
        place: { file: 'f' },
      },
    ]);
  });
});

describe('exclusions', () => {
  test('are sent under the key that the API has for them, without repetitions', async () => {
    const { value, problems } = await readExclude(
      '- account_id: a\n- {recipient_account_id: b, label: Berlin}\n- account_id: A',
    );
    expect(problems).toEqual([]);
    expect(value).toMatchObject({ items: [{ account_id: 'a' }, { account_id: 'b' }], indexes: [0, 1] });
    expect(value?.labels).toMatchObject([{ id: 'b', label: 'Berlin' }]);
    expect((await readExclude('[]')).value?.items).toEqual([]);
  });

  test.each([
    ['[{}]', 'exclude[0]', /^names no account/],
    ['[{"label":"x"}]', 'exclude[0]', /^names no account/],
    ['[{"account_id":"a","recipient_account_id":"a"}]', 'exclude[0]', /twice/],
    ['[{"organization_id":"a"}]', 'exclude[0].organization_id', /^unknown key/],
    ['a', 'exclude', /must be a list of accounts, as in/],
    ['- account_id:', 'exclude[0].account_id', /is empty: .*a variable or secret/],
  ])('%s is refused at %s', async (text, label, message) => {
    const { value, problems } = await readExclude(text);
    expect(value).toBeUndefined();
    expect(problems).toEqual([{ message: expect.stringMatching(message), place: { label } }]);
  });
});

test('account_id as the key of a recipient is one notice, and recipient_account_id is none', async () => {
  const { notices } = await readRecipients('[{"account_id":"a"},{"recipient_account_id":"b"},{"account_id":"c"}]');
  expect(notices).toEqual([
    {
      message: expect.stringMatching(/2027-05-26.*recipient_account_id/),
      place: { label: 'recipients[0].account_id' },
    },
  ]);
  expect((await readRecipients('[{"recipient_account_id":"b"}]')).notices).toEqual([]);
  expect((await readExclude('[{"account_id":"b"}]')).notices).toEqual([]);
});

describe('resources', () => {
  test('sound ones are sent exactly, with the defaults filled in', () =>
    fc.assert(
      fc.asyncProperty(
        written(fc.uniqueArray(resource, { minLength: 1, maxLength: 5, selector: (r) => r.resource_id })),
        async ({ value, text }) => {
          const { value: read, problems } = await readResources(text, OWNER);
          expect(problems).toEqual([]);
          expect(JSON.parse(JSON.stringify(read?.items))).toEqual(
            JSON.parse(JSON.stringify(value.map((r) => ({ resource_account_id: OWNER, meta: {}, ...r })))),
          );
        },
      ),
    ));

  test('meta keeps every key, __proto__ among them', async () => {
    const { value } = await readResources(
      '[{"resource_type":"x","resource_id":"y","meta":{"__proto__":1,"a":[null]}}]',
      OWNER,
    );
    expect(JSON.stringify(value?.items[0]?.meta)).toBe('{"__proto__":1,"a":[null]}');
  });

  test('an unknown type is a warning; a repetition with another meta a problem', async () => {
    const text = '[{"resource_type":"x","resource_id":"y"},{"resource_type":"x","resource_id":"y","meta":{"a":1}}]';
    const { problems, warnings } = await readResources(text, OWNER);
    expect(problems).toEqual([{ message: expect.stringContaining('another meta'), place: { label: 'resources[1]' } }]);
    expect(warnings[0]?.place?.label).toBe('resources[0].resource_type');
  });

  test('what is missing, misspelt or of another type is said at once', async () => {
    const { problems } = await readResources('[{"resource_type":5,"meta":[],"x":1}]', OWNER);
    expect(problems.map(({ place }) => place?.label).sort()).toEqual([
      'resources[0].meta',
      'resources[0].resource_id',
      'resources[0].resource_type',
      'resources[0].x',
    ]);
  });
});

describe('a config file', () => {
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
  const read = (text: string, accountId?: string) => readConfig('shares.yml', text, { accountId });

  test('of YAML or JSON is as many desired shares as it lists', async () => {
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
    ['a misspelt key', FILE.replace('- account_id: 2222', '- acount_id: 2222'), undefined, 6, 9],
    ['a second share of a name', FILE.replace('WAF', 'Gateway'), undefined, 10, 11],
    ['another account', FILE, 'f'.repeat(32), 1, 13],
    ['no account', FILE.replace(/account_id: 023.*\n/, ''), undefined, 1, 1],
    ['an unknown key', `${FILE}extra: 1\n`, undefined, 15, 1],
    ['no shares', 'shares: []', OWNER, 1, 9],
    ['a syntax error', 'shares: [', OWNER, 1, 10],
    ['a widening', FILE.replace('- account_id: 2222', '- organization_id: 2222'), undefined, 6, 9],
    ['a missing list', FILE.replace('    recipients: *branches\n', ''), undefined, 10, 5],
  ])('%s is a problem at its line and column', async (_, text, accountId, line, column) => {
    const { value, problems } = await read(text, accountId);
    expect(value).toBeUndefined();
    expect(problems.map(({ place }) => [place?.file, place?.line, place?.column])).toContainEqual([
      'shares.yml',
      line,
      column,
    ]);
  });

  test('one notice for all recipients under account_id, at the first; none for the account of the file', async () => {
    const { notices } = await read(FILE);
    expect(notices).toMatchObject([{ place: { file: 'shares.yml', line: 5, column: 9 } }]);
    const newer = await read(FILE.replaceAll('- account_id', '- recipient_account_id'));
    expect([newer.problems, newer.notices]).toEqual([[], []]);
  });

  test('complete, absent, previous_name and exclude are read', async () => {
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
    expect(value?.desired[0]?.placeOf(['exclude', 0])).toMatchObject({ line: 7, column: 15 });
    expect(value?.labels).toEqual(new Map([['ab', 'Berlin']]));
    expect((await read(FILE)).value?.complete).toBe(false);
  });

  test('to be deleted, its shares are absent and need no lists; what is misspelt is said all the same', async () => {
    const deleting = (text: string) => readConfig('shares.yml', text, { deleting: true });
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

  const SHARE = 'recipients: [{}], resources: [{resource_type: trust-grant, resource_id: r}]';
  test.each<[string, string, string, RegExp]>([
    [
      'complete is no truth value',
      'complete: yes\nshares: [{name: A, state: absent}]',
      'complete',
      /^got "yes"; true or false$/,
    ],
    [
      'a state of another kind',
      `shares: [{name: A, state: gone, ${SHARE}}]`,
      'shares[0].state',
      /^got "gone"; present or absent$/,
    ],
    [
      'absent with a list',
      'shares: [{name: A, state: absent, recipients: [{}]}]',
      'shares[0].recipients',
      /^cannot be combined with state: absent/,
    ],
    [
      'absent with an empty list',
      'shares: [{name: A, state: absent, exclude: []}]',
      'shares[0].exclude',
      /^cannot be combined with state: absent/,
    ],
    ['no resources', 'shares: [{name: A, recipients: [{}]}]', 'shares[0].resources', /^is missing$/],
    ['no name', `shares: [{${SHARE}}]`, 'shares[0].name', /^is missing$/],
    [
      'a name that is not set',
      `shares: [{name: , ${SHARE}}]`,
      'shares[0].name',
      /^is empty: the name of the share is missing/,
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
      /^is also the name of the share/,
    ],
    [
      "another's name as previous",
      `shares: [{name: A, previous_name: B, ${SHARE}}, {name: B, state: absent}]`,
      'shares[0].previous_name',
      /^is the name of shares\[1\]/,
    ],
    [
      'one previous name twice',
      `shares: [{name: A, previous_name: C, ${SHARE}}, {name: B, previous_name: C, ${SHARE}}]`,
      'shares[1].previous_name',
      /^is the previous name of shares\[0\] already/,
    ],
    [
      'exclusions of accounts',
      `shares: [{name: A, exclude: [{account_id: b}], recipients: [{recipient_account_id: a}], resources: [{resource_type: trust-grant, resource_id: r}]}]`,
      'shares[0].exclude',
      /^is only for a share with an organization/,
    ],
    [
      'an account that is a path',
      `account_id: ".."\nshares: [{name: A, ${SHARE}}]`,
      'account_id',
      /^got "\.\."; an account id has at most 32/,
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
      'account_id',
      /is empty: the account id is missing/,
    ],
    ['no list of shares', 'shares: A', 'shares', /^must be a list of shares, as in \[/],
    [
      'a share that is none',
      'shares: [A]',
      'shares[0]',
      /^must be an object: a share with name, recipients and resources$/,
    ],
    ['nothing', '', '', /^is empty: must be an object with the list shares$/],
  ])('%s is one problem', async (_, text, label, message) => {
    const { value, problems } = await read(
      text,
      text.includes('account_id:') && !text.includes('shares: [{name: A, exclude') ? undefined : OWNER,
    );
    expect(value).toBeUndefined();
    expect(problems).toMatchObject([{ message: expect.stringMatching(message), place: { label, file: 'shares.yml' } }]);
  });

  test.each(['A [creating abc]', 'A [creating abcdefghij12] ', 'A[creating abcdefghij12]', '[creating abcdefghij12]'])(
    '%j is a name like any other',
    async (name) => {
      const { problems } = await read(`shares: [{name: ${JSON.stringify(name)}, ${SHARE}}]`, OWNER);
      expect(problems).toEqual([]);
    },
  );

  test('too many values behind aliases are one problem, not a million', async () => {
    const lines = ['shares: &a [1,1,1,1,1,1,1,1,1,1]'];
    for (const [i, key] of [...'bcdefgh'].entries())
      lines.push(`${key}: &${key} [${Array(10).fill(`*${'abcdefg'[i]}`).join(',')}]`);
    const { problems } = await read(lines.join('\n'), OWNER);
    expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(/expand to over/)]);
  });
});

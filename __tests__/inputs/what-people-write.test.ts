// Common mistakes: ids that only look valid, misspelled keys and words, nulls, and text that YAML converts. Each is
// read as intended or refused with its likely meaning.

import { describe, expect, test } from '@jest/globals';
import { readList } from '../../src/inputs/lists.ts';
import { readSettings } from '../../src/inputs/read-settings.ts';
import { readSharesFile } from '../../src/inputs/shares-file.ts';

const OWNER = '023e105f4ecef8ad9ca31a8372d0c353';
const HEX = 'c'.repeat(32);

const saidOf = async (list: 'recipients' | 'resources' | 'exclude', value: unknown): Promise<string[]> => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const { problems } = await readList(list, text, OWNER);
  return problems.map(({ message, place }) => `${place?.label}: ${message}`);
};
const file = (text: string, options = {}) => readSharesFile('shares.yml', text, { accountId: OWNER, ...options });

describe('a hand-written account id', () => {
  test.each<[string, string, RegExp]>([
    ['a zero-width space', `${HEX.slice(1)}\u200b`, /U\+200B at position 32, an invisible character/],
    ['a Hangul filler', `\u3164${HEX}`, /U\+3164 at position 1, an invisible character/],
    ['a variation selector', `ab\ufe0f`, /U\+FE0F at position 3, an invisible character/],
    ['a Cyrillic look-alike', `ab\u0441d`, /U\+0441 at position 3, "с", which might only look like a Latin letter/],
    ['quotes inside', `'${HEX}'`, /with "'" at position 1, a quote: remove the quotes inside the value/],
    ['typographic quotes', `“${HEX}”`, /U\+201C at position 1, a quote/],
    ['a shell variable', '$BRANCH_ACCOUNT', /with "\$" at position 1, a variable that was never expanded/],
    ['an expression', `$${'{{ vars.BRANCH }}'}`, /with "\$" at position 1, a variable that was never expanded/],
    ['braces of an expression', '{{ branch }}', /a variable that was never expanded/],
    ['a space in the middle', 'a b', /U\+0020 at position 2, white space/],
    [
      'a path',
      '../zones',
      /got "\.\.\/zones", with "\." at position 1; an account id can contain only A-Z, a-z, 0-9, _ and -$/,
    ],
    ['digits that YAML rounded to one digit', '1e+31', /which YAML parsed as a number: put the account id in quotes$/],
    ['text before a number', 'b1.5e+31', /with "\." at position 3; an account id can contain only/],
    ['text after a number', '1e+31.5', /with "\+" at position 3; an account id can contain only/],
    ['33 characters', `${HEX}c`, /^recipients\[0\]\.account_id: is 33 characters long; an account id has at most 32$/],
    [
      'digits that YAML rounded',
      '1.1111111111111112e+31',
      /which YAML parsed as a number: put the account id in quotes$/,
    ],
  ])('with %s is refused with an explanation', async (_, id, says) => {
    expect(await saidOf('recipients', [{ account_id: id }])).toEqual([expect.stringMatching(says)]);
    expect(await saidOf('exclude', [{ account_id: id }])).toHaveLength(1);
    expect(await saidOf('recipients', [{ organization_id: id }])).toHaveLength(1);
    expect((await file(`account_id: ${JSON.stringify(id)}\nshares: [{name: A, state: absent}]`)).problems).not.toEqual(
      [],
    );
  });

  test('is refused with advice to quote it if YAML read it as a number', async () => {
    const { problems } = await readSettings({
      'INPUT_ACCOUNT-ID': '1.1111111111111112e+31',
      'INPUT_SHARE-NAME': 'A',
      INPUT_MODE: 'delete',
      'INPUT_API-TOKEN': 'token-of-the-tests',
    });
    expect(problems).toEqual([
      {
        message: 'got "1.1111111111111112e+31", which YAML parsed as a number: put the account id in quotes',
        place: { label: 'account-id' },
        kind: 'inputs',
      },
    ]);
  });

  test.each([
    [31, true],
    [16, true],
    [8, true],
    [7, false],
    [32, false],
  ])('with %d digits causes a warning: %s', async (length, warned) => {
    const id = 'c'.repeat(length);
    for (const [list, item, label] of [
      ['recipients', { recipient_account_id: id }, 'recipients[0].recipient_account_id'],
      ['recipients', { organization_id: id }, 'recipients[0].organization_id'],
      ['exclude', { account_id: id }, 'exclude[0]'],
      ['resources', { resource_type: 'trust-grant', resource_id: id }, 'resources[0].resource_id'],
    ] as const) {
      const { warnings, problems } = await readList(list, JSON.stringify([item]), OWNER);
      expect(problems).toEqual([]);
      const message = `has ${length} hexadecimal digits, but Cloudflare ids have 32: was it copied completely?`;
      expect(warnings).toEqual(warned ? [{ message, place: { label } }] : []);
    }
  });
});

test.each([
  ['recipients', { account_name: 'c'.repeat(31) }],
  ['resources', { resource_type: 'gateway-policy', resource_name: 'c'.repeat(31) }],
  ['resources', { resource_type: 'trust-grant', resource_id: HEX, meta: { policy_id: 'c'.repeat(31) } }],
  [
    'resources',
    { resource_type: 'trust-grant', resource_id: HEX, resource_account_id: OWNER.slice(1) },
    OWNER.slice(1),
  ],
] as const)(
  'only ids are expected to have 32 digits, and the owner is not checked again: %s %j',
  async (list, item, owner = OWNER) => {
    expect((await readList(list, JSON.stringify([item]), owner)).warnings).toEqual([]);
  },
);

describe('a hand-written resource id', () => {
  const resource = (resource_id: string, resource_type = 'gateway-policy') => [{ resource_type, resource_id }];
  test.each<[string, unknown, RegExp]>([
    ['with a zero-width space', resource(`${HEX}\u200b`), /U\+200B at position 33/],
    ['with quotes', resource(`'${HEX}'`), /a quote: remove the quotes inside/],
    ['with an unset variable', resource(`$${'{POLICY}'}`), /a variable that was never expanded/],
    ['with a brace', resource('a}'), /with "}" at position 2; a resource id can contain only visible ASCII/],
    [
      'of 37 characters',
      resource('x'.repeat(37)),
      /^resources\[0\]\.resource_id: is 37 characters long; a resource id has at most 36$/,
    ],
    ['of 256 characters and an unknown type', resource('x'.repeat(256), 'new-type'), /is 256 characters long; .* 255$/],
  ])('%s is refused with an explanation', async (_, value, says) => {
    expect(await saidOf('resources', value)).toEqual([expect.stringMatching(says)]);
  });

  test.each<[string, unknown]>([
    ['of 36 characters', resource('f47ac10b-58cc-4372-a567-0e02b2c3d479')],
    ['with a path', resource('zones/a:b.c=d')],
    ['of 255 characters and an unknown type', resource('x'.repeat(255), 'new-type')],
  ])('%s is accepted', async (_, value) => {
    expect(await saidOf('resources', value)).toEqual([]);
  });
});

describe('the advice on a mistake', () => {
  test.each<[string, 'recipients' | 'resources', string, string[]]>([
    [
      'a bare id instead of an object in YAML',
      'recipients',
      '- 22222222222222222222222222222222',
      ['recipients[0]: must be an object, as in {"recipient_account_id": "…"}'],
    ],
    [
      'a bare id instead of an object in JSON',
      'recipients',
      '[22222222222222222222222222222222]',
      ['recipients[0]: must be an object, as in {"recipient_account_id": "…"}'],
    ],
    [
      'a number in meta that a double cannot represent',
      'resources',
      '[{"resource_type":"trust-grant","resource_id":"r","meta":{"n":12345678901234567890}}]',
      [
        'resources[0].meta.n (line 1, column 63): the number 12345678901234567890 would be sent as 12345678901234567000: put it in quotes',
      ],
    ],
    [
      'the position in a list of several lines',
      'recipients',
      '- recipient_account_id: a\n- acount_id: b',
      [
        'recipients[1].acount_id (line 2, column 3): unknown key (known: recipient_account_id, account_id, organization_id, account_name, account_names, label). Did you mean account_id?',
      ],
    ],
    [
      'no position in a list of one line',
      'recipients',
      '- label: a\n',
      ['recipients[0]: has a label but no recipient: add recipient_account_id, account_name or organization_id'],
    ],
    [
      'an alias without an anchor',
      'recipients',
      '- recipient_account_id: *none',
      [
        'recipients[0].recipient_account_id (line 1, column 25): there is no anchor &none before this. If this is text, put it in quotes',
      ],
    ],
    [
      'a key unlike any known key',
      'recipients',
      '[{"whatever":1}]',
      [
        'recipients[0].whatever: unknown key (known: recipient_account_id, account_id, organization_id, account_name, account_names, label)',
      ],
    ],
  ])('leads to a valid input at once: %s', async (_, list, text, says) => {
    expect(await saidOf(list, text)).toEqual(says);
  });

  test('suggests the intended resource type', async () => {
    const { warnings } = await readList('resources', '[{"resource_type":"gateway-polcy","resource_id":"r"}]', OWNER);
    expect(warnings[0]?.message).toMatch(/it is sent unchanged\. Did you mean gateway-policy\?$/);
  });

  test('is given once, with the line, for wrong indentation', async () => {
    const { problems } = await file('shares:\n  - name: A\n    state: absent\n   extra: 1\n');
    expect(problems).toEqual([
      {
        message: expect.stringMatching(/^not valid JSON or YAML: /),
        place: { label: '', file: 'shares.yml', line: 4, column: expect.any(Number) },
        frame: ['4 |    extra: 1', expect.stringMatching(/^ +\^$/)],
      },
    ]);
  });
});

describe('the value null', () => {
  test.each<[string, 'recipients' | 'resources' | 'exclude', unknown, unknown]>([
    [
      'in a recipient',
      'recipients',
      [{ recipient_account_id: 'a1', organization_id: null, label: null }],
      { recipient_account_id: 'a1' },
    ],
    ['in an exclusion', 'exclude', [{ recipient_account_id: null, account_id: 'a1' }], { account_id: 'a1' }],
    [
      'in a resource',
      'resources',
      [{ resource_type: 'trust-grant', resource_id: 'r', resource_name: null, resource_account_id: null, meta: null }],
      { resource_type: 'trust-grant', resource_id: 'r', resource_account_id: OWNER },
    ],
  ])('%s counts as omitted', async (_, list, value, item) => {
    const read = await readList(list, JSON.stringify(value), OWNER);
    expect(read.problems).toEqual([]);
    expect(read.value?.items).toMatchObject([item as object]);
  });

  test('is kept inside meta', async () => {
    const { value } = await readList('resources', '[{"resource_type":"a","resource_id":"r","meta":{"x":null}}]', OWNER);
    expect(value?.items).toMatchObject([{ meta: { x: null } }]);
  });

  test.each<[string, string[]]>([
    ['[{"account_id":null}]', ['recipients[0]: is empty: account_id is null (an unset variable or secret?)']],
    [
      '[{"organization_id":null,"label":null},{}]',
      ['recipients[0]: is empty: organization_id, label are null (an unset variable or secret?)'],
    ],
    ['[null]', ['recipients[0]: is empty: must be an object, as in {"recipient_account_id": "…"}']],
  ])('never means the whole organization: %s', async (text, says) => {
    expect(await saidOf('recipients', text)).toEqual(says);
  });

  test('counts as omitted in a file', async () => {
    const { value, problems } = await file(
      'account_id:\ncomplete:\nshares: [{name: A, state: , previous_name: , exclude: , recipients: [{}], resources: [{resource_type: a, resource_id: r}]}]',
    );
    expect(problems).toEqual([]);
    expect(value?.desired).toMatchObject([{ name: 'A', state: 'present' }]);
    expect(value?.desired[0]).not.toHaveProperty('exclude');
  });
});

describe('a shares file', () => {
  const SHARES = 'shares:\n  - {name: A, state: absent}\n';

  test.each([
    ['a line --- at the end', `${SHARES}---\n`],
    ['a line ... at the end', `${SHARES}...\n`],
    ['empty documents at the end', `${SHARES}---\n# nothing\n---\n`],
    ['a line --- at the beginning', `---\n${SHARES}`],
    ['ignored keys', `x-anything: [1.5, {a: null}]\nx-: 12345678901234567890\n${SHARES}`],
    ['ignored keys in JSON', '{"x-a":null,"shares":[{"name":"A","state":"absent"}]}'],
  ])('can contain %s', async (_, text) => {
    const { value, problems } = await file(text);
    expect(problems).toEqual([]);
    expect(value?.desired).toHaveLength(1);
  });

  test('can refer to anchors in an ignored key', async () => {
    const { value, problems } = await file(
      'x-branches: &branches\n  - account_names: Branch *\nshares:\n  - {name: A, recipients: *branches, resources: [{resource_type: a, resource_id: r}]}\n',
    );
    expect(problems).toEqual([]);
    expect(value?.desired[0]?.recipients).toEqual([{ account_names: 'Branch *' }]);
  });

  test('can contain x- keys only at the top level', async () => {
    const { problems } = await file('shares:\n  - {name: A, state: absent, x-a: 1}\n');
    expect(problems).toMatchObject([{ message: expect.stringMatching(/^unknown key/), place: { line: 2 } }]);
  });

  test('reports its problems in line order', async () => {
    const { problems } = await file(`compleet: true
shares:
  - name: B
    previous_name: B
    recipients: []
    resources: [{resource_type: a, resource_id: r}, {resource_type: a, resource_id: r, meta: {x: 1}}]
  - name: B
    state: gone
  - nam: C
    state: absent
extra: 1
`);
    expect(problems.map(({ place }) => place?.line)).toEqual([1, 4, 5, 6, 7, 7, 7, 8, 9, 9, 11]);
  });

  test('must have share names that are unique after Unicode normalization', async () => {
    const share = (name: string, rest = 'state: absent') => `  - {name: "${name}", ${rest}}\n`;
    const [composed, decomposed] = ['Z\u00fcrich', 'Zu\u0308rich'];
    const twice = await file(`shares:\n${share(composed)}${share(decomposed)}`);
    expect(twice.problems).toMatchObject([
      { message: expect.stringMatching(/names must be unique/), place: { line: 3 } },
    ]);
    const lists = 'recipients: [{}], resources: [{resource_type: a, resource_id: r}]';
    const renamed = await file(`shares:\n${share(composed, `previous_name: "${decomposed}", ${lists}`)}`);
    expect(renamed.problems).toMatchObject([{ message: expect.stringMatching(/^is the same as name/) }]);
  });
});

describe('a list that is empty or has a wrong shape', () => {
  test.each<['recipients' | 'resources' | 'exclude', unknown, string[]]>([
    ['recipients', [], ['recipients: is empty: a share needs at least one recipient']],
    ['resources', [], ['resources: is empty: a share needs at least one resource']],
    [
      'resources',
      {},
      ['resources: must be a list of resources, as in [{"resource_type": "gateway-policy", "resource_id": "…"}]'],
    ],
    [
      'resources',
      [{ resource_type: '', resource_id: 'a' }],
      ['resources[0].resource_type: is empty: the resource type is missing (an unset variable or secret?)'],
    ],
    [
      'resources',
      [{ resource_type: 'gateway policy', resource_id: 'a' }],
      [
        'resources[0].resource_type: got "gateway policy", with U+0020 at position 8, white space; a resource type can contain only characters other than white space',
      ],
    ],
    [
      'resources',
      [{ resource_type: 'gateway-policy', resource_name: '' }],
      ['resources[0].resource_name: is empty: the resource name is missing (an unset variable or secret?)'],
    ],
    [
      'resources',
      [{ resource_type: 'gateway-policy', resource_id: 'a', meta: 5 }],
      ['resources[0].meta: must be an object'],
    ],
    [
      'recipients',
      [{ organization_id: '' }],
      ['recipients[0].organization_id: is empty: the organization id is missing (an unset variable or secret?)'],
    ],
    [
      'recipients',
      [{ account_names: '' }],
      ['recipients[0].account_names: is empty: the account name pattern is missing (an unset variable or secret?)'],
    ],
    [
      'recipients',
      [{ account_id: 'a', label: ' ' }],
      ['recipients[0].label: is empty: the label is missing (an unset variable or secret?)'],
    ],
    [
      'recipients',
      [{ account_id: 'a', label: ' '.repeat(101) }],
      ['recipients[0].label: is empty: the label is missing (an unset variable or secret?)'],
    ],
    [
      'resources',
      '{"a":{"meta":{"n":12345678901234567890}}}',
      ['resources: must be a list of resources, as in [{"resource_type": "gateway-policy", "resource_id": "…"}]'],
    ],
    ['exclude', ['a'], ['exclude[0]: must be an object, as in {"recipient_account_id": "…"}']],
  ])('is refused with a message that names what is expected (%s: %j)', async (list, value, said) => {
    expect(await saidOf(list, value)).toEqual(said);
  });

  test('is refused as the list of shares in a file', async () => {
    expect((await file('shares: []')).problems.map(({ message }) => message)).toEqual([
      'is empty: list at least one share',
    ]);
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readConfig, readRecipients, readResources } from '../../src/share/read-wish.ts';

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
        const { value: read, problems } = await readRecipients('recipients', text);
        expect(problems).toEqual([]);
        expect(read?.items).toEqual(unique(value));
      }),
    ));

  test('anything else is refused with its position: no value becomes {} by accident', () =>
    fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (value) => {
        const { value: read, problems } = await readRecipients('recipients', JSON.stringify(value));
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
    ['[[],null,{"__proto__":1}]', ['recipients[0]', 'recipients[1]', 'recipients[2].__proto__']],
    ['[]', ['recipients']],
    ['{"account_id":"a"}', ['recipients']],
    ['[{"account_id":"a"', ['recipients (line 1, column 19)', 'recipients (line 1, column 19)']],
  ])('%s is refused at %j', async (text, labels) => {
    const { value, problems } = await readRecipients('recipients', text);
    expect(value).toBeUndefined();
    expect(problems.map(({ place }) => place?.label)).toEqual(labels);
  });

  test('the whole organization is passed on with a warning', async () => {
    const { value, warnings } = await readRecipients('recipients', '[{},{}]');
    expect(value).toEqual({ items: [{}], indexes: [0] });
    expect(warnings.map(({ place }) => place?.label)).toEqual(['recipients[0]', 'recipients[1]']);
  });

  test('digits need no quotes in YAML', async () => {
    const { value } = await readRecipients(
      'recipients',
      '- account_id: 11111111111111111111111111111111\n- account_id: 1e5',
    );
    expect(value?.items).toEqual([{ account_id: '11111111111111111111111111111111' }, { account_id: '1e5' }]);
  });
});

describe('resources', () => {
  test('sound ones are sent exactly, with the defaults filled in', () =>
    fc.assert(
      fc.asyncProperty(
        written(fc.uniqueArray(resource, { minLength: 1, maxLength: 5, selector: (r) => r.resource_id })),
        async ({ value, text }) => {
          const { value: read, problems } = await readResources('resources', text, OWNER);
          expect(problems).toEqual([]);
          expect(JSON.parse(JSON.stringify(read?.items))).toEqual(
            JSON.parse(JSON.stringify(value.map((r) => ({ resource_account_id: OWNER, meta: {}, ...r })))),
          );
        },
      ),
    ));

  test('meta keeps every key, __proto__ among them', async () => {
    const { value } = await readResources(
      'resources',
      '[{"resource_type":"x","resource_id":"y","meta":{"__proto__":1,"a":[null]}}]',
      OWNER,
    );
    expect(JSON.stringify(value?.items[0]?.meta)).toBe('{"__proto__":1,"a":[null]}');
  });

  test('an unknown type is a warning; a repetition with another meta a problem', async () => {
    const text = '[{"resource_type":"x","resource_id":"y"},{"resource_type":"x","resource_id":"y","meta":{"a":1}}]';
    const { problems, warnings } = await readResources('resources', text, OWNER);
    expect(problems).toEqual([{ message: expect.stringContaining('another meta'), place: { label: 'resources[1]' } }]);
    expect(warnings[0]?.place?.label).toBe('resources[0].resource_type');
  });

  test('what is missing, misspelt or of another type is said at once', async () => {
    const { problems } = await readResources('resources', '[{"resource_type":5,"meta":[],"x":1}]', OWNER);
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
  const read = (text: string, accountId?: string) => readConfig('shares.yml', text, accountId);

  test('of YAML or JSON is as many wishes as it has shares', async () => {
    const { value } = await read(FILE);
    expect(
      value?.wishes.map(({ name, recipients, resources }) => [
        name,
        recipients.length,
        resources[0]?.resource_account_id,
      ]),
    ).toEqual([
      ['Gateway baseline', 2, OWNER],
      ['WAF baseline', 2, OWNER],
    ]);
    expect(value?.wishes[1]?.placeOf(['recipients', 1, 'account_id'])).toMatchObject({ line: 6, column: 21 });
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
});

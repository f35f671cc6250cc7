import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readList } from '../../src/inputs/lists.ts';

const OWNER = '023e105f4ecef8ad9ca31a8372d0c353';

const id = fc.stringMatching(/^[0-9a-f]{1,32}$/);
const recipientKey = fc.constantFrom('account_id', 'recipient_account_id');
const account = fc.tuple(recipientKey, id).map(([key, value]) => ({ [key]: value }));
const written = <T>(value: fc.Arbitrary<T>) =>
  fc.tuple(value, fc.boolean()).map(([v, yaml]) => ({ value: v, text: yaml ? stringify(v) : JSON.stringify(v) }));
const unique = (items: object[]): object[] =>
  items.filter((item, i) => items.findIndex((other) => Object.values(other)[0] === Object.values(item)[0]) === i);

describe('recipients', () => {
  test('keep their keys and order, without repetitions', () =>
    fc.assert(
      fc.asyncProperty(written(fc.array(account, { minLength: 1, maxLength: 20 })), async ({ value, text }) => {
        const { value: read, problems } = await readList('recipients', text, OWNER);
        expect(problems).toEqual([]);
        expect(read?.items).toEqual(unique(value));
      }),
    ));

  test('are refused with their position if they are invalid, and never become {}', () =>
    fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (value) => {
        const { value: read, problems } = await readList('recipients', JSON.stringify(value), OWNER);
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
    ['[{"account_id":"a"},{"organization_id":"b"},{"nope":1}]', ['recipients[1]', 'recipients[2].nope']],
    ['[{"organization_id":"b"},{"organization_id":"B"},{"organization_id":"c"}]', ['recipients[2].organization_id']],
    [`[{"account_id":"${'a'.repeat(33)}"}]`, ['recipients[0].account_id']],
    ['[{"account_id":"a b"}]', ['recipients[0].account_id']],
    ['[[],null,{"__proto__":1}]', ['recipients[0]', 'recipients[1]', 'recipients[2].__proto__']],
    ['[]', ['recipients']],
    ['{"account_id":"a"}', ['recipients']],
    ['[{"account_id":"a"', ['recipients (line 1, column 19)']],
  ])('are refused if they are invalid: %s, at %j', async (text, labels) => {
    const { value, problems } = await readList('recipients', text, OWNER);
    expect(value).toBeUndefined();
    expect(problems.map(({ place }) => place?.label)).toEqual(labels);
  });

  test('can be the whole organization, with a warning', async () => {
    const { value, warnings } = await readList('recipients', '[{},{}]', OWNER);
    expect(value).toEqual({ items: [{}], indexes: [0], labels: [] });
    expect(warnings).toEqual(
      ['recipients[0]', 'recipients[1]'].map((label) => ({
        message: '{} shares with every account of your organization, present and future',
        place: { label },
      })),
    );
  });

  test('can have unquoted digits as ids in YAML', async () => {
    const { value } = await readList(
      'recipients',
      '- account_id: 11111111111111111111111111111111\n- account_id: 1e5',
      OWNER,
    );
    expect(value?.items).toEqual([{ account_id: '11111111111111111111111111111111' }, { account_id: '1e5' }]);
  });
});

describe('a mistake in recipients', () => {
  test('is reported only if it is among the first 10,000', async () => {
    const items = `[${'1,'.repeat(10_000)}1]`;
    expect((await readList('recipients', items, OWNER)).problems).toHaveLength(10_000);
    const keys = Array.from({ length: 6000 }, (_, i) => `"k${i}":1`).join(',');
    expect((await readList('recipients', `[{${keys}},{${keys}}]`, OWNER)).problems).toHaveLength(10_000);
  });

  test.each([
    [
      '- acountid: 11111111111111111111111111111111',
      [
        'unknown key (known: recipient_account_id, account_id, organization_id, account_name, account_names, label). Did you mean account_id?',
      ],
    ],
    [
      '- {a: 11111111111111111111111111111111, b: 5}\n- account_id: [x]',
      [expect.stringMatching(/^unknown key/), expect.stringMatching(/^unknown key/), 'must be text (the account id)'],
    ],
    ['[{"account_id": 11111111111111111111111111111111}]', ['is a number: put the account id in quotes']],
    ['- account_id:', ['is empty: account_id is null (an unset variable or secret?)']],
    ['[{"account_id":null,"label":null}]', ['is empty: account_id, label are null (an unset variable or secret?)']],
    ['- account_id: ""', ['is empty: the account id is missing (an unset variable or secret?)']],
    ['- account_id: true', ['got true; put the account id in quotes']],
    ['-', ['is empty: must be an object, as in {"recipient_account_id": "…"}']],
    ['account_id: a', ['must be a list of recipients, as in [{"recipient_account_id": "…"}]']],
    ['- label: Berlin', ['has a label but no recipient: add recipient_account_id, account_name or organization_id']],
    ['- {account_id: a, label: ""}', ['is empty: the label is missing (an unset variable or secret?)']],
    [`- {account_id: a, label: ${'👍'.repeat(101)}}`, ['is 101 characters long; a label has at most 100']],
    ['- {account_id: a, label: {b: c}}', ['must be text (the label)']],
  ])('is explained: %s', async (text, messages) => {
    const { value, problems } = await readList('recipients', text, OWNER);
    expect(value).toBeUndefined();
    expect(problems.map(({ message }) => message)).toEqual(messages);
  });
});

test('account_id is reported once as a deprecated key', async () => {
  const { notices } = await readList(
    'recipients',
    '[{"account_id":"a"},{"recipient_account_id":"b"},{"account_id":"c"}]',
    OWNER,
  );
  expect(notices).toEqual([
    {
      message: expect.stringMatching(/2027-05-26.*recipient_account_id/),
      place: { label: 'recipients[0].account_id' },
    },
  ]);
  expect((await readList('recipients', '[{"recipient_account_id":"b"}]', OWNER)).notices).toEqual([]);
  expect((await readList('exclude', '[{"account_id":"b"}]', OWNER)).notices).toEqual([]);
});

test.each(['recipients', 'exclude'] as const)(
  'an account listed in both lowercase and uppercase is sent once: %s',
  async (list) => {
    const id = 'abcdef0123456789abcdef0123456789';
    const text = JSON.stringify([{ recipient_account_id: id }, { account_id: id.toUpperCase() }]);
    const { value, problems } = await readList(list, text, OWNER);
    expect(problems).toEqual([]);
    expect(value?.items).toEqual([list === 'exclude' ? { account_id: id } : { recipient_account_id: id }]);
  },
);

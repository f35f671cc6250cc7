// The schema for editors accepts what the action accepts: this validates every shares file in README, docs and
// examples as an editor does. An editor reads unquoted digits as numbers.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { readSharesFile } from '../../src/inputs/shares-file.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const schema = JSON.parse(read('schema/shares.schema.json'));
const validate = new Ajv({ allowUnionTypes: true, allErrors: true }).compile(schema);
const errorsOf = (value: unknown): string[] => {
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

/** The YAML blocks of a page, or a whole file. */
const yamlOf = (path: string): string[] =>
  path.endsWith('.md')
    ? [...read(path).matchAll(/^```ya?ml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
    : [read(path)];
const filesOfShares = [
  'README.md',
  ...readdirSync(new URL('docs/', root)).map((name) => `docs/${name}`),
  ...readdirSync(new URL('examples/', root), { recursive: true }).map((name) => `examples/${name}`),
]
  .filter((path) => /\.(md|ya?ml)$/.test(path))
  .flatMap((path) =>
    yamlOf(path)
      .filter((text) => /^shares:/m.test(text))
      .map((text, i) => [`${path} (${i + 1})`, text] as const),
  );

test('the schema has the address in README as its $id', () => {
  const [, address] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(read('README.md')) ?? [];
  expect(schema.$id).toBe(address);
  expect(schema.$id).toContain('/v1/schema/shares.schema.json');
});

test('the shares file in README is among those that are checked', () => {
  expect(filesOfShares.map(([path]) => path)).toEqual(expect.arrayContaining(['README.md (1)']));
});

describe.each(filesOfShares)('the shares file in %s', (_, text) => {
  test('is valid in an editor', () => {
    expect(errorsOf(parse(text))).toEqual([]);
  });
  test('is valid for the action', async () => {
    expect((await readSharesFile('shares.yml', text, { accountId: parse(text).account_id ?? 'a1' })).problems).toEqual(
      [],
    );
  });
});

const RESOURCES = 'resources: [{resource_type: trust-grant, resource_id: 12, label: 7}]';
const one = (recipient: string, rest = ''): string =>
  `shares: [{name: A, recipients: [${recipient}], ${RESOURCES}${rest}}]`;

describe('an editor and the action', () => {
  test.each([
    [
      'with digits as ids and names',
      `account_id: 12\nshares: [{name: 2024, recipients: [{recipient_account_id: ${'1'.repeat(32)}}], ${RESOURCES}}]`,
    ],
    ['with the deprecated key', one('{account_id: 1e5}')],
    ['with the whole organization', one('{}')],
    [
      'with exclusions',
      one('{organization_id: 5, label: All}', ', exclude: [{account_id: 1}, {recipient_account_id: 0x1F, label: x}]'),
    ],
    ['with an empty list of exclusions', one('{}', ', exclude: []')],
    ['with an absent share', 'complete: true\nshares: [{name: A, state: absent}]'],
    ['with a present share', one('{}', ', state: present, previous_name: B')],
    [
      'with a meta of any shape',
      `shares: [{name: A, recipients: [{}], resources: [{resource_type: x, resource_id: y, meta: {id: 5, label: [null]}}]}]`,
    ],
    [
      'with names instead of ids',
      `shares: [{name: A, recipients: [{account_names: "B *"}, {account_name: C, label: x}], resources: [{resource_type: gateway-policy, resource_name: P}]}]`,
    ],
    ['with a schema as a key', `$schema: https://example.com\n${one('{}')}`],
  ])('accept a file %s', async (_, text) => {
    expect(
      (await readSharesFile('f', text, { accountId: text.startsWith('account_id') ? '12' : 'a1' })).problems,
    ).toEqual([]);
    expect(errorsOf(parse(text))).toEqual([]);
  });

  test.each([
    ['with a misspelled key', one('{acount_id: a}')],
    ['with an id that is not set', one('{account_id: }')],
    ['with an empty id', one('{account_id: ""}')],
    ['with an id that is too long', one(`{account_id: ${'a'.repeat(33)}}`)],
    ["with an account's id and its name", one('{account_id: a, account_name: b}')],
    ['with only a label', one('{label: x}')],
    ['with two names in an exclusion', one('{}', ', exclude: [{account_name: a, account_names: b}]')],
    [
      "with a resource's id and its name",
      'shares: [{name: A, recipients: [{}], resources: [{resource_type: gateway-policy, resource_id: a, resource_name: b}]}]',
    ],
    ['with a resource without an id', 'shares: [{name: A, recipients: [{}], resources: [{resource_type: x}]}]'],
    ['with a label that is too long', one(`{account_id: a, label: ${'a'.repeat(101)}}`)],
    ['with a path as account id', `account_id: ".."\n${one('{}')}`],
    ['with a value of complete that is not a boolean', `complete: yes\n${one('{}')}`],
    ['with no recipients', one('')],
    ['with no lists', 'shares: [{name: A}]'],
    ['with lists for an absent share', one('{}', ', state: absent')],
    ['with an unknown state', one('{}', ', state: gone')],
    ['with no shares', 'shares: []'],
    ['without any content', ''],
  ])('refuse a file %s', async (_, text) => {
    expect((await readSharesFile('f', text, { accountId: 'a1' })).problems).not.toEqual([]);
    expect(errorsOf(parse(text))).not.toEqual([]);
  });
});

test('the schema uses the draft that all editors support', () => {
  expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
});

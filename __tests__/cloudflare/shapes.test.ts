import { describe, expect, test } from '@jest/globals';
import type { ResultInfo, Shape } from '../../src/cloudflare/call.ts';
import {
  aCreatedShare,
  anything,
  aShare,
  aShareOrNothing,
  exclusions,
  listOf,
  recipients,
  resources,
  shares,
} from '../../src/cloudflare/shapes.ts';

const resource = {
  id: 'r1',
  resource_id: 'g1',
  resource_type: 'gateway-policy',
  resource_account_id: 'a1',
  status: 'active',
};
const share = {
  id: 's1',
  name: 'Baseline',
  status: 'suspended',
  target_type: 'a new one',
  created: '2026',
  account_id: 'a1',
};
const recipient = { id: 'r1', account_id: 'a1', association_status: 'a new one' };

const faults: [string, Record<string, unknown>, string][] = [
  ['a created of null', { created: null }, '"created" is null'],
  ['a name of null', { name: null }, '"name" is null'],
  ['a name that is a number', { name: 7 }, '"name" is not text'],
  ['no target_type', { target_type: undefined }, '"target_type" is missing'],
  ['no status', { status: undefined }, '"status" is missing'],
  ['an empty id', { id: '' }, '"id" is empty'],
  ['resources that are none', { resources: {} }, '"resources" is not a list'],
  ['a resource of null', { resources: [null] }, '"resources[0]" is not an object'],
  ['a resource that is a list', { resources: [[]] }, '"resources[0]" is not an object'],
  [
    'a resource without its account',
    { resources: [resource, { ...resource, resource_account_id: undefined }] },
    '"resources[1].resource_account_id" is missing',
  ],
  [
    'a resource without a type',
    { resources: [{ ...resource, resource_type: 7 }] },
    '"resources[0].resource_type" is not text',
  ],
  ['a resource without a status', { resources: [{ ...resource, status: null }] }, '"resources[0].status" is null'],
  ['a resource without an id', { resources: [{ ...resource, id: '' }] }, '"resources[0].id" is empty'],
  ['a resource of nothing', { resources: [{ ...resource, resource_id: '' }] }, '"resources[0].resource_id" is empty'],
];

const wrongIn = <T>(shape: Shape<T>, result: unknown, info: ResultInfo = {}): string | undefined => {
  const shaped = shape(result, info);
  return 'wrong' in shaped ? shaped.wrong : undefined;
};

describe('a share in an answer about it', () => {
  test.each<[string, Record<string, unknown>]>([
    ['without resources', {}],
    ['with no resource', { resources: [] }],
    ['with an empty name', { name: '' }],
    ['with resources', { resources: [resource] }],
    ['with more than is known', { recipient_count: 7, resources: [{ ...resource, meta: null }] }],
  ])('is passed on as it came: %s', (_, changes) => {
    const came = { ...share, ...changes };
    for (const shape of [aShare, aCreatedShare, aShareOrNothing]) expect(shape(came, {})).toEqual({ value: came });
  });

  test('resources of null say as little as none', () => {
    for (const shape of [aShare, aCreatedShare, aShareOrNothing]) {
      const shaped = shape({ ...share, resources: null }, {});
      expect(shaped).toEqual({ value: share });
      expect(Object.keys((shaped as { value: object }).value)).not.toContain('resources');
    }
  });

  test.each(faults)('%s is wrong', (_, changes, wrong) => {
    expect(aShare({ ...share, ...changes }, {})).toEqual({ wrong: wrong.replace('"', '"result.') });
    expect(aShareOrNothing({ ...share, ...changes }, {})).toEqual({ value: undefined });
  });

  test.each([null, undefined, [], 'x'])('%j is no share', (result) => {
    expect(wrongIn(aShare, result)).toBe('"result" is not an object');
    expect(wrongIn(aCreatedShare, result)).toBe('"result" is not an object');
    expect(aShareOrNothing(result, {})).toEqual({ value: undefined });
  });

  test('one that was just made is there, whatever its resources look like', () => {
    for (const [, changes, wrong] of faults) {
      const expected = 'resources' in changes ? { value: share } : { wrong: wrong.replace('"', '"result.') };
      expect(aCreatedShare({ ...share, ...changes }, {})).toEqual(expected);
    }
  });
});

describe('the shares of an account', () => {
  test.each(faults)('one with %s is unreadable, and the others are not', (_, changes, wrong) => {
    const { id, name } = { ...share, ...changes };
    const of = { account_id: 'a1', status: 'status' in changes ? '' : 'suspended' };
    expect(shares([share, { ...share, ...changes }], {})).toEqual({
      value: [
        { share },
        { unreadable: { ...(id ? { id } : {}), ...(typeof name === 'string' ? { name } : {}), wrong }, of },
      ],
    });
  });

  test.each<[string, unknown, string]>([
    ['null', null, 'is not an object'],
    ['a number', 7, 'is not an object'],
    ['a text', 'x', 'is not an object'],
    ['a list', [], 'is not an object'],
    ['an empty object', {}, 'has neither an id nor a name'],
    ['an id that is a number, and no name', { ...share, id: 7, name: null }, 'has neither an id nor a name'],
    ['an empty id and an empty name', { ...share, id: '', name: '' }, 'has neither an id nor a name'],
  ])('rejects the whole list if an entry is %s', (_, entry, wrong) => {
    expect(shares([share, entry, share], {})).toEqual({ wrong: `"result[1]" ${wrong}` });
  });

  test('reads an entry with a name alone as one unreadable share', () => {
    expect(shares([{ name: 'x' }], {})).toEqual({
      value: [{ unreadable: { name: 'x', wrong: '"id" is missing' }, of: { status: '' } }],
    });
  });
});

const deep = JSON.parse(`${'['.repeat(101)}${']'.repeat(101)}`);

test('drops what the action relies on and that has another type, and keeps all else', () => {
  const odd = { account_id: 7, account_name: null, organization_id: {}, kind: [], associated_recipient_count: '3' };
  const came = { ...share, modified: null, more: { a: null } };
  const value = { ...came };
  delete (value as { account_id?: string }).account_id;
  expect(aShare({ ...came, ...odd }, {})).toEqual({ value });
  expect(shares([{ ...came, ...odd }], {})).toEqual({ value: [{ share: value }] });
});

test('rejects what is nested more deeply than code could follow', () => {
  expect(wrongIn(aShare, { ...share, more: deep })).toBe('it is nested too deeply');
  expect(wrongIn(resources, [{ ...resource, meta: { deep } }])).toBe('it is nested too deeply');
  expect(wrongIn(resources, [{ ...resource, meta: deep[0] }])).toBeUndefined();
});

const sound = { error: 'no', resource_id: 'g1', resource_version: 1, terminal: true };
test.each<[string, unknown, unknown]>([
  ['null', null, undefined],
  ['no list', {}, undefined],
  ['a list', [sound], [sound]],
  ['a list of nothing', [null, 7, 'x', []], []],
  [
    'a list with fields of other types',
    [{ error: null, terminal: 'x' }],
    [{ error: '', resource_id: '', terminal: false }],
  ],
  ['a list without fields', [{}, sound], [{ error: '', resource_id: '', terminal: false }, sound]],
])('the resources of a recipient are %s', (_, given, read) => {
  const value = read === undefined ? recipient : { ...recipient, resources: read };
  expect(recipients([{ ...recipient, resources: given }], {})).toEqual({ value: [value] });
});

test.each<[string, unknown, ResultInfo, unknown]>([
  ['null', null, {}, { value: [] }],
  ['null, and a count of nought', null, { count: 0, total_count: 0 }, { value: [] }],
  ['null, and a count', null, { count: 2 }, { wrong: '"result" is null, but "result_info" counts 2' }],
  ['null, and a total', null, { count: 0, total_count: 3 }, { wrong: '"result" is null, but "result_info" counts 3' }],
  ['nothing', [], {}, { value: [] }],
  ['an object', {}, {}, { wrong: '"result" is not a list' }],
  ['a text', 'x', {}, { wrong: '"result" is not a list' }],
])('a list that is %s', (_, result, info, shaped) => {
  for (const shape of [shares, recipients, resources, exclusions, listOf]) expect(shape(result, info)).toEqual(shaped);
});

test.each<[string, Shape<unknown>, Record<string, unknown>, string]>([
  ['recipients', recipients, recipient, 'id'],
  ['recipients', recipients, recipient, 'account_id'],
  ['recipients', recipients, recipient, 'association_status'],
  ['resources', resources, resource, 'id'],
  ['resources', resources, resource, 'resource_id'],
  ['resources', resources, resource, 'resource_type'],
  ['resources', resources, resource, 'resource_account_id'],
  ['resources', resources, resource, 'status'],
  ['exclusions', exclusions, { id: 'e1', account_id: 'a1' }, 'id'],
  ['exclusions', exclusions, { id: 'e1', account_id: 'a1' }, 'account_id'],
])('%s are passed on as they came, and need each their %4$s', (_, shape, item, key) => {
  const more = { ...item, more: 1 };
  expect(shape([item, more], {})).toEqual({ value: [item, more] });
  expect(shape([item, { ...item, [key]: undefined }], {})).toEqual({ wrong: `"result[1].${key}" is missing` });
  expect(shape([null], {})).toEqual({ wrong: '"result[0]" is not an object' });
});

test('anything will do where nothing is relied upon', () => {
  expect([null, 7, {}].map((result) => anything(result, {}))).toEqual([{ value: null }, { value: 7 }, { value: {} }]);
});

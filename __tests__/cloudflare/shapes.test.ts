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
  ['a null "created"', { created: null }, '"created" is null'],
  ['a null name', { name: null }, '"name" is null'],
  ['a name that is a number', { name: 7 }, '"name" is not text'],
  ['a missing target_type', { target_type: undefined }, '"target_type" is missing'],
  ['a missing status', { status: undefined }, '"status" is missing'],
  ['an empty id', { id: '' }, '"id" is empty'],
  ['resources that are not a list', { resources: {} }, '"resources" is not a list'],
  ['a null resource', { resources: [null] }, '"resources[0]" is not an object'],
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
  [
    'a resource without a resource_id',
    { resources: [{ ...resource, resource_id: '' }] },
    '"resources[0].resource_id" is empty',
  ],
];

const wrongIn = <T>(shape: Shape<T>, result: unknown, info: ResultInfo = {}): string | undefined => {
  const shaped = shape(result, info);
  return 'wrong' in shaped ? shaped.wrong : undefined;
};

describe('a share in a response', () => {
  test.each<[string, Record<string, unknown>]>([
    ['without resources', {}],
    ['with an empty list of resources', { resources: [] }],
    ['with an empty name', { name: '' }],
    ['with resources', { resources: [resource] }],
    [
      'with all optional fields',
      {
        account_name: 'Head office',
        organization_id: 'o1',
        kind: 'sent',
        associating_recipient_count: 1,
        associated_recipient_count: 2,
        disassociating_recipient_count: 3,
        disassociated_recipient_count: 4,
      },
    ],
    ['with unknown fields', { recipient_count: 7, resources: [{ ...resource, meta: null }] }],
  ])('%s is returned unchanged', (_, changes) => {
    const came = { ...share, ...changes };
    for (const shape of [aShare, aCreatedShare, aShareOrNothing]) expect(shape(came, {})).toEqual({ value: came });
  });

  test('can have null resources, which count as missing', () => {
    for (const shape of [aShare, aCreatedShare, aShareOrNothing]) {
      const shaped = shape({ ...share, resources: null }, {});
      expect(shaped).toEqual({ value: share });
      expect(Object.keys((shaped as { value: object }).value)).not.toContain('resources');
    }
  });

  test.each(faults)('is rejected with %s', (_, changes, wrong) => {
    expect(aShare({ ...share, ...changes }, {})).toEqual({ wrong: wrong.replace('"', '"result.') });
    expect(aShareOrNothing({ ...share, ...changes }, {})).toEqual({ value: undefined });
  });

  test.each([null, undefined, [], 'x'])('cannot be %j', (result) => {
    expect(wrongIn(aShare, result)).toBe('"result" is not an object');
    expect(wrongIn(aCreatedShare, result)).toBe('"result" is not an object');
    expect(aShareOrNothing(result, {})).toEqual({ value: undefined });
  });

  test('is accepted in the create response, even with invalid resources', () => {
    for (const [, changes, wrong] of faults) {
      const expected = 'resources' in changes ? { value: share } : { wrong: wrong.replace('"', '"result.') };
      expect(aCreatedShare({ ...share, ...changes }, {})).toEqual(expected);
    }
  });
});

describe('the shares of an account', () => {
  test.each(faults)('include a share with %s as unreadable and the others as readable', (_, changes, wrong) => {
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
    ['a string', 'x', 'is not an object'],
    ['an empty list', [], 'is not an object'],
    ['an empty object', {}, 'has neither an id nor a name'],
    ['an object with a numeric id and no name', { ...share, id: 7, name: null }, 'has neither an id nor a name'],
    ['an object with an empty id and an empty name', { ...share, id: '', name: '' }, 'has neither an id nor a name'],
  ])('are rejected as a whole if an entry is %s', (_, entry, wrong) => {
    expect(shares([share, entry, share], {})).toEqual({ wrong: `"result[1]" ${wrong}` });
  });

  test('include an entry with only a name as unreadable', () => {
    expect(shares([{ name: 'x' }], {})).toEqual({
      value: [{ unreadable: { name: 'x', wrong: '"id" is missing' }, of: { status: '' } }],
    });
  });
});

const deep = JSON.parse(`${'['.repeat(101)}${']'.repeat(101)}`);

test('fields of the wrong type are dropped if they are optional, and all others are kept', () => {
  const odd = { account_id: 7, account_name: null, organization_id: {}, kind: [], associated_recipient_count: '3' };
  const came = { ...share, modified: null, more: { a: null } };
  const value = { ...came };
  delete (value as { account_id?: string }).account_id;
  expect(aShare({ ...came, ...odd }, {})).toEqual({ value });
  expect(shares([{ ...came, ...odd }], {})).toEqual({ value: [{ share: value }] });
});

test('rejects values that are nested too deeply', () => {
  expect(wrongIn(aShare, { ...share, more: deep })).toBe('it is nested too deeply');
  expect(wrongIn(resources, [{ ...resource, meta: { deep } }])).toBe('it is nested too deeply');
  expect(wrongIn(resources, [{ ...resource, meta: deep[0] }])).toBeUndefined();
});

const sound = { error: 'no', resource_id: 'g1', resource_version: 1, terminal: true };
test.each<[string, unknown, unknown]>([
  ['null', null, undefined],
  ['an object', {}, undefined],
  ['a list', [sound], [sound]],
  ['a list without objects', [null, 7, 'x', []], []],
  [
    'a list with fields of the wrong type',
    [{ error: null, terminal: 'x' }],
    [{ error: '', resource_id: '', terminal: false }],
  ],
  ['a list without fields', [{}, sound], [{ error: '', resource_id: '', terminal: false }, sound]],
])('the resources of a recipient can be given as %s', (_, given, read) => {
  const value = read === undefined ? recipient : { ...recipient, resources: read };
  expect(recipients([{ ...recipient, resources: given }], {})).toEqual({ value: [value] });
});

test.each<[string, unknown, ResultInfo]>([
  ['null', null, {}],
  ['null with a count of zero', null, { count: 0, total_count: 0 }],
  ['empty', [], {}],
])('treats a list that is %s as an empty list', (_, result, info) => {
  for (const shape of [shares, recipients, resources, exclusions, listOf])
    expect(shape(result, info)).toEqual({ value: [] });
});

test.each<[string, unknown, ResultInfo, string]>([
  ['null with a count', null, { count: 2 }, '"result" is null, but "result_info" counts 2'],
  ['null with a total', null, { count: 0, total_count: 3 }, '"result" is null, but "result_info" counts 3'],
  ['missing', undefined, {}, '"result" is not a list'],
  ['an object', {}, {}, '"result" is not a list'],
  ['a string', 'x', {}, '"result" is not a list'],
])('rejects a list that is %s', (_, result, info, wrong) => {
  for (const shape of [shares, recipients, resources, exclusions, listOf])
    expect(shape(result, info)).toEqual({ wrong });
});

test.each<[string, string, Shape<unknown>, Record<string, unknown>]>([
  ['recipients', 'id', recipients, recipient],
  ['recipients', 'account_id', recipients, recipient],
  ['recipients', 'association_status', recipients, recipient],
  ['resources', 'id', resources, resource],
  ['resources', 'resource_id', resources, resource],
  ['resources', 'resource_type', resources, resource],
  ['resources', 'resource_account_id', resources, resource],
  ['resources', 'status', resources, resource],
  ['exclusions', 'id', exclusions, { id: 'e1', account_id: 'a1' }],
  ['exclusions', 'account_id', exclusions, { id: 'e1', account_id: 'a1' }],
])('%s are returned unchanged, and refused without the key %s', (_, key, shape, item) => {
  const more = { ...item, more: 1 };
  expect(shape([item, more], {})).toEqual({ value: [item, more] });
  expect(shape([item, { ...item, [key]: undefined }], {})).toEqual({ wrong: `"result[1].${key}" is missing` });
  expect(shape([null], {})).toEqual({ wrong: '"result[0]" is not an object' });
});

test('the shape "anything" accepts every value', () => {
  expect([null, 7, {}].map((result) => anything(result, {}))).toEqual([{ value: null }, { value: 7 }, { value: {} }]);
});

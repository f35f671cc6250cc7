import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { readList } from '../../src/inputs/lists.ts';

const OWNER = '023e105f4ecef8ad9ca31a8372d0c353';
const id = fc.stringMatching(/^[0-9a-f]{1,32}$/);
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

describe('resources', () => {
  test('are sent unchanged, with defaults for omitted keys', () =>
    fc.assert(
      fc.asyncProperty(
        written(fc.uniqueArray(resource, { minLength: 1, maxLength: 5, selector: (r) => r.resource_id })),
        async ({ value, text }) => {
          const { value: read, problems } = await readList('resources', text, OWNER);
          expect(problems).toEqual([]);
          expect(JSON.parse(JSON.stringify(read?.items))).toEqual(
            JSON.parse(JSON.stringify(value.map((r) => ({ resource_account_id: OWNER, ...r })))),
          );
        },
      ),
    ));

  test('keep every key in their meta, including __proto__', async () => {
    const { value } = await readList(
      'resources',
      '[{"resource_type":"x","resource_id":"y","meta":{"__proto__":1,"a":[null]}}]',
      OWNER,
    );
    expect(JSON.stringify(value?.items[0]?.meta)).toBe('{"__proto__":1,"a":[null]}');
  });

  test('cause a warning for an unknown type, and are refused if repeated with another meta', async () => {
    const text = '[{"resource_type":"x","resource_id":"y"},{"resource_type":"x","resource_id":"y","meta":{"a":1}}]';
    const { problems, warnings } = await readList('resources', text, OWNER);
    expect(problems).toEqual([
      { message: expect.stringContaining('a different meta'), place: { label: 'resources[1]' } },
    ]);
    expect(warnings[0]).toEqual({
      message:
        '"x" is not a resource type that this version knows (custom-ruleset, gateway-policy, gateway-destination-ip, gateway-block-page-settings, gateway-extended-email-matching, idp-federation-grant, trust-grant); it is sent unchanged',
      place: { label: 'resources[0].resource_type' },
    });
  });

  test.each(['[null]', '[[]]', '[5]', '["a"]', '-'])("can't be %s", async (text) => {
    const { problems } = await readList('resources', text, OWNER);
    expect(problems).toEqual([
      {
        message: expect.stringMatching(/must be an object, as in/),
        place: { label: expect.stringMatching(/^resources\[0\]/) },
      },
    ]);
  });

  test('cause a problem for every missing, misspelled or wrongly typed key, not only the first', async () => {
    const { problems } = await readList('resources', '[{"resource_type":5,"meta":[],"x":1}]', OWNER);
    expect(problems.map(({ place }) => place?.label).sort()).toEqual([
      'resources[0].meta',
      'resources[0].resource_id',
      'resources[0].resource_type',
      'resources[0].x',
    ]);
  });
});

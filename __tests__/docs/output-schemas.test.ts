// The published schemas of `plan`, `shares` and the plan file describe exactly what real runs produce.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();
const folder = useFolder();

type Schema = { [key: string]: unknown };

/** The schema, changed to refuse keys that it doesn't describe. */
const closed = (schema: unknown): unknown =>
  Array.isArray(schema)
    ? schema.map(closed)
    : typeof schema === 'object' && schema !== null
      ? Object.fromEntries(
          Object.entries(schema).map(([key, value]) => {
            // Only apply reads what plan files say about access.
            const isDescribed = key === 'additionalProperties' && (schema as Schema).properties !== undefined;
            return [
              key,
              isDescribed && Object.keys((schema as Schema).properties as Schema).length > 0 ? false : closed(value),
            ];
          }),
        )
      : schema;

const read = (name: string): Schema =>
  JSON.parse(readFileSync(new URL(`../../schema/${name}`, import.meta.url), 'utf8'));
const errorsIn = (name: string, value: unknown): string[] => {
  const validate = new Ajv({ allowUnionTypes: true, allErrors: true }).compile(closed(read(name)) as Schema);
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
};

const RESOURCE = { resource_type: 'gateway-policy', resource_id: 'c1' };
const id = (i: number): string => sim.memberIds[i] as string;
const to = (...indexes: number[]) => indexes.map((i) => ({ recipient_account_id: id(i) }));
const whole = (resource_id: string, meta = {}) => ({
  ...RESOURCE,
  resource_id,
  resource_account_id: sim.accountId,
  meta,
});
const everybody = () => [{ organization_id: sim.organizationId }];

/** One plan of each kind. */
const FILE = () => ({
  complete: true,
  shares: [
    { name: 'New', recipients: to(0), resources: [{ ...RESOURCE, meta: { a: 1 } }] },
    {
      name: 'Changes',
      recipients: to(0, 2),
      resources: [
        { ...RESOURCE, meta: { a: 2 } },
        { ...RESOURCE, resource_id: 'c3' },
      ],
    },
    { name: 'Renamed', previous_name: 'Old', recipients: to(0), resources: [RESOURCE] },
    { name: 'Everywhere', recipients: everybody(), resources: [RESOURCE], exclude: to(1) },
    { name: 'Grows', recipients: everybody(), resources: [RESOURCE], exclude: to(1) },
    { name: 'Goes', state: 'absent' },
  ],
});

function seed(): void {
  sim.seed({ name: 'Changes', recipients: to(0, 1), resources: [whole('c1', { a: 1 }), whole('c2')] });
  sim.seed({ name: 'Old', recipients: to(0), resources: [whole('c1')] });
  sim.seed({ name: 'Everywhere', recipients: everybody(), resources: [whole('c1')] });
  sim.seed({ name: 'Grows', recipients: to(0), resources: [whole('c1')] });
  sim.seed({ name: 'Goes', recipients: to(3), resources: [whole('c1')] });
  sim.seed({ name: 'Unlisted', recipients: to(4), resources: [whole('c1')] });
}

async function go(inputs: InputsOf): Promise<Ran> {
  seed();
  writeFileSync(join(folder, 'shares.json'), JSON.stringify(FILE()));
  return runInProcess(inputsFor(sim, { config: 'shares.json', ...inputs }), { env: { GITHUB_WORKSPACE: folder } });
}

describe('the schemas of outputs and plan files', () => {
  test.each<[string, InputsOf]>([
    ['a plan', { mode: 'plan', replace: 'true' }],
    ['a plan with prune', { mode: 'plan', replace: 'true', prune: 'true', 'removal-limit': '100%' }],
    ['a plan with a refused share', { mode: 'plan' }],
    ['an apply', { replace: 'true' }],
    ['an apply with a failed share', {}],
    ['a deletion of all shares', { mode: 'delete' }],
  ])('describe the outputs of %s', async (_, inputs) => {
    const { outputs } = await go(inputs);
    const plan = JSON.parse(outputs.plan ?? '');
    expect(plan.shares.length).toBeGreaterThan(4);
    expect(errorsIn('plan.schema.json', plan)).toEqual([]);
    expect(errorsIn('shares-output.schema.json', JSON.parse(outputs.shares ?? ''))).toEqual([]);
  });

  test('describe a plan file that a run writes', async () => {
    await go({ mode: 'plan', replace: 'true', prune: 'true', 'removal-limit': '100%', 'plan-file': 'plan.json' });
    const file = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'));
    expect(file.plan.shares.map(({ action }: { action: string }) => action).sort()).toEqual(
      ['create', 'update', 'update', 'update', 'replace', 'delete', 'delete'].sort(),
    );
    expect(errorsIn('plan-file.schema.json', file)).toEqual([]);
  });
});

test.each(['plan.schema.json', 'shares-output.schema.json', 'plan-file.schema.json'])(
  '%s describes every field and allows fields added later',
  (name) => {
    const walk = (schema: unknown, at: string): string[] => {
      if (Array.isArray(schema)) return schema.flatMap((each, i) => walk(each, `${at}/${i}`));
      if (typeof schema !== 'object' || schema === null) return [];
      const { properties, additionalProperties, ...rest } = schema as Schema;
      if (properties) expect([at, additionalProperties]).toEqual([at, {}]);
      return [
        ...Object.entries((properties ?? {}) as Schema).flatMap(([key, field]) => [
          ...((field as Schema).description === undefined ? [`${at}/${key}`] : []),
          ...walk(field, `${at}/${key}`),
        ]),
        ...walk(Object.values(rest), at),
      ];
    };
    expect(walk(read(name), name)).toEqual([]);
  },
);

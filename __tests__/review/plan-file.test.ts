import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { outputSchemas } from '../../scripts/output-schemas.ts';
import { NoReviewedPlan } from '../../src/review/no-reviewed-plan.ts';
import { readPlanFile, writePlanFile } from '../../src/review/plan-file.ts';
import { keepSecret } from '../../src/secrets.ts';
import { publicPlan } from '../../src/share/plan.ts';
import { reviewed, unreviewed } from '../../src/share/review.ts';
import type { ResourceItem } from '../../src/share/share.ts';
import { ACCOUNT, changing, creating, proposed, unlisted } from './plans.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'share-plan-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shares = [creating('New', ['a']), changing('S', 's1'), unlisted('Stays', 's2')];
const plans = shares.map((plan) => proposed(plan));

test('a plan file is read back as written, and its folder is created', async () => {
  const path = join(folder, 'out', 'plans', 'plan.json');
  await writePlanFile(path, ACCOUNT, plans);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    version: 2,
    account_id: ACCOUNT,
    created: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    plan: { shares: shares.map((plan) => publicPlan(plan)) },
    access: reviewed(plans).access,
  });
  expect(await readPlanFile(path, ACCOUNT.toUpperCase())).toEqual(reviewed(plans));
});

test('a plan file can contain a resource without a meta, which covers adding it with an empty meta', async () => {
  const path = join(folder, 'unmanaged.json');
  const plan = creating('S', ['a']);
  const { meta: _, ...unmanaged } = plan.resources.add[0] as ResourceItem;
  const without = proposed({ ...plan, resources: { ...plan.resources, add: [unmanaged as ResourceItem] } });
  await writePlanFile(path, ACCOUNT, [without]);
  const read = await readPlanFile(path, ACCOUNT);
  expect(unreviewed(without, read)).toEqual([]);
  const empty = { ...plan.resources, add: [{ ...unmanaged, meta: {} }] };
  expect(unreviewed(proposed({ ...plan, resources: empty }), read)).toEqual([]);
  expect(unreviewed(proposed(plan), read)).toHaveLength(1);
});

test('a plan file is closed after it is read, even if it is damaged', async () => {
  const [good, damaged] = [join(folder, 'good.json'), join(folder, 'damaged.json')];
  await writePlanFile(good, ACCOUNT, plans);
  writeFileSync(damaged, '{');
  const openFiles = (): number => readdirSync('/dev/fd').length;
  const before = openFiles();
  for (let i = 0; i < 20; i++) {
    await readPlanFile(good, ACCOUNT);
    await expect(readPlanFile(damaged, ACCOUNT)).rejects.toThrow(NoReviewedPlan);
  }
  expect(openFiles() - before).toBeLessThan(20);
});

test("a plan file that can't be written is reported as a problem with plan-file", async () => {
  writeFileSync(join(folder, 'file'), '');
  expect(await writePlanFile(folder, ACCOUNT, plans)).toEqual({
    message: `The plan can't be written to ${folder} (EISDIR)`,
    place: { label: 'plan-file' },
  });
  expect(await writePlanFile(join(folder, 'file', 'plan.json'), ACCOUNT, plans)).toMatchObject({
    message: expect.stringMatching(/\((EEXIST|ENOTDIR)\)$/),
  });
  expect(await writePlanFile(join(folder, 'plan.json'), ACCOUNT, plans)).toBeUndefined();
});

test('a plan file is not written through a symbolic link', async () => {
  const [link, real] = [join(folder, 'link.json'), join(folder, 'real.json')];
  writeFileSync(real, 'keep');
  symlinkSync(real, link);
  expect(await writePlanFile(link, ACCOUNT, plans)).toEqual({
    message: `The plan can't be written to ${link} (it is a symbolic link, and the action doesn't write plans through symbolic links)`,
    place: { label: 'plan-file' },
  });
  expect(readFileSync(real, 'utf8')).toBe('keep');
});

test('a plan file that is a pipe without a reader is reported as a problem', async () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  expect(await writePlanFile(path, ACCOUNT, plans)).toEqual({
    message: `The plan can't be written to ${path} (ENXIO)`,
    place: { label: 'plan-file' },
  });
});

test('a plan file contains no secret', async () => {
  keepSecret('a-secret-of-this-test');
  const path = join(folder, 'secret.json');
  await writePlanFile(path, ACCOUNT, [proposed(creating('a-secret-of-this-test', ['a']))]);
  expect(readFileSync(path, 'utf8')).not.toContain('a-secret-of-this-test');
  expect(await readPlanFile(path, ACCOUNT)).toEqual(reviewed([proposed(creating('***', ['a']))]));
});

describe('a plan file', () => {
  const good = (): Record<string, unknown> => ({
    version: 2,
    account_id: ACCOUNT,
    created: '2026-01-01T00:00:00.000Z',
    plan: { shares: structuredClone(shares) },
    access: reviewed(plans).access,
  });
  const withRecipient = (item: unknown): unknown => {
    const share = creating('S', []);
    return { ...good(), plan: { shares: [{ ...share, recipients: { ...share.recipients, add: [item] } }] } };
  };
  const read = async (write: (path: string) => void): Promise<unknown> => {
    const path = join(folder, 'bad.json');
    rmSync(path, { recursive: true, force: true });
    write(path);
    return readPlanFile(path, ACCOUNT).catch((error: unknown) => error);
  };
  const json =
    (value: unknown) =>
    (path: string): void =>
      writeFileSync(path, JSON.stringify(value));
  const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  test('is accepted with any action, and its labels are ignored', async () => {
    for (const action of ['create', 'update', 'replace', 'delete', 'none'])
      expect(await read(json({ ...good(), plan: { shares: [{ ...changing('S', 's1'), action }] } }))).toHaveProperty(
        'steps',
      );
    expect(await read(json(good()))).toEqual(reviewed(plans));
    expect(await read(json(withRecipient({ account_id: 'a', label: 'Berlin' })))).toEqual({
      ...reviewed([proposed(creating('S', ['a']))]),
      access: reviewed(plans).access,
    });
  });

  test.each<[string, (path: string) => void, RegExp]>([
    ['is missing', () => {}, /^There is no reviewed plan .*bad\.json\. Download the file/],
    ['is a folder', (path) => execFileSync('mkdir', [path]), /is not a regular file/],
    ['is a pipe without a writer', (path) => execFileSync('mkfifo', [path]), /is not a regular file/],
    [
      'is too large',
      (path) => {
        writeFileSync(path, '');
        truncateSync(path, 65 * 1024 * 1024);
      },
      /larger than 67108864 bytes/,
    ],
    ['is empty', (path) => writeFileSync(path, ''), /is not JSON/],
    ['is truncated', (path) => writeFileSync(path, JSON.stringify(good()).slice(0, -20)), /is not JSON/],
    ['contains null', json(null), /is damaged \(the top level is not valid in a plan\)/],
    ['contains another object', json({ shares: [] }), /is damaged/],
    [
      'is for another account',
      json({ ...good(), account_id: 'another' }),
      /is for account another, but this run is for account 023e/,
    ],
    ['has another version', json({ ...good(), version: 1, plan: 'whatever' }), /has format v1.*reads v2/],
    ['has a version that is not a number', json({ ...good(), version: '2' }), /damaged \(version/],
    [
      'has a recipient to remove without an account',
      json({
        ...good(),
        plan: { shares: [{ ...changing('S', 's1'), recipients: { add: [], remove: [{}], extra: [] } }] },
      }),
      /plan\.shares\.0\.recipients\.remove\.0\.account_id/,
    ],
    [
      'has a resource to update without an id',
      json({
        ...good(),
        plan: { shares: [{ ...changing('S', 's1'), resources: { add: [], update: [{}], remove: [], extra: [] } }] },
      }),
      /plan\.shares\.0\.resources\.update\.0\./,
    ],
    ['has no shares', json({ ...good(), plan: {} }), /damaged \(plan\.shares/],
    [
      'has an unknown action',
      json({ ...good(), plan: { shares: [{ ...creating('S', []), action: 'destroy' }] } }),
      /plan\.shares\.0\.action/,
    ],
    [
      'has an unknown kind of step',
      json({ ...good(), plan: { shares: [{ ...creating('S', []), tags: [] }] } }),
      /plan\.shares\.0/,
    ],
    ['has a recipient that would mean the organization', json(withRecipient({ acount_id: 'a' })), /recipients\.add\.0/],
    ['has a recipient that is not a string', json(withRecipient({ account_id: 1 })), /recipients\.add\.0/],
    [
      'is nested too deeply',
      (path) => writeFileSync(path, JSON.stringify(good()).replace('"meta":{"a":[1]}', `"meta":${deep(100_000)}`)),
      /nested too deeply|not JSON/,
    ],
  ])('is rejected if it %s', async (_, write, message) => {
    const error = await read(write);
    expect(error).toBeInstanceOf(NoReviewedPlan);
    expect((error as Error).message).toMatch(message);
  });
});

// Otherwise, run `npm run generate`.
test.each(Object.entries(outputSchemas()))(
  'schema/%s.schema.json is made from the schema in the code',
  (name, made) => {
    const { $id, ...schema } = JSON.parse(
      readFileSync(new URL(`../../schema/${name}.schema.json`, import.meta.url), 'utf8'),
    );
    expect(made).toEqual(schema);
  },
);

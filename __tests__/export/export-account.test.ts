import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Simulator } from '../../simulator/index.ts';
import { exportAccount, writeNew } from '../../src/export/export-account.ts';
import type { ExportOutcome } from '../../src/share/outcome.ts';
import { begin, runsAgainst } from '../apply/use-runs.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator({ associationMs: 60_000 });
const folder = useFolder();
beforeEach(() => rmSync(path(), { force: true }));

const { sent } = runsAgainst(() => sim);
const path = (): string => join(folder, 'shares.yml');
async function exported(): Promise<ExportOutcome> {
  const { context, close } = begin(sim, {});
  try {
    return await exportAccount(context, { path: path(), file: 'shares.yml' }, new Map(), 'https://schema.example');
  } finally {
    close();
  }
}
const names = (): string[] => parse(readFileSync(path(), 'utf8')).shares.map(({ name }: { name: string }) => name);

test("exports the account's own live shares", async () => {
  sim.seed({ name: 'Baseline' });
  sim.seed({ name: 'Everybody', recipients: [{}], exclusions: [sim.memberIds[4] as string] });
  sim.seed({ name: 'Theirs', raw: { account_id: sim.memberIds[1] } });
  sim.seed({ name: 'Suspended', raw: { status: 'suspended' } });
  sim.seed({ name: 'Going', raw: { status: 'deleting' } });
  expect(await exported()).toEqual({ shares: 3, complete: true, problems: [], warnings: [] });
  expect(names()).toEqual(['Baseline', 'Everybody', 'Suspended']);
  expect(parse(readFileSync(path(), 'utf8')).shares[1].exclude).toEqual([{ recipient_account_id: sim.memberIds[4] }]);
  // Recipients are read for shares with accounts, exclusions for shares with an organization.
  expect(sent().slice(1).sort()).toEqual(['GET /*/excluded-recipients', 'GET /*/recipients', 'GET /*/recipients']);
});

test.each([
  ['omits them', null],
  ['has none', []],
])('reads the resources of a share if the list %s', async (_, resources) => {
  sim.seed({ name: 'Baseline', raw: { resources } });
  expect(await exported()).toMatchObject({ shares: 1, complete: true, problems: [], warnings: [] });
  expect(sent()).toContain('GET /*/resources');
});

describe('a share that apply would refuse', () => {
  const odd = (...resources: object[]): Parameters<Simulator['seed']>[0] => ({
    name: 'Odd',
    resources: ['c1', 'c2'].map((resource_id) => ({
      resource_type: 'gateway-policy',
      resource_id,
      resource_account_id: sim.accountId,
      meta: {},
    })),
    raw: { resources },
  });
  test.each<[string, () => Parameters<Simulator['seed']>[0], RegExp]>([
    ['a blank name', () => ({ name: ' ' }), /^Share " " \(.*\) is left out: name: is empty: the share name is missing/],
    [
      'one resource twice with different meta',
      () => odd({}, { resource_id: 'c1', meta: { a: 1 } }),
      /is left out: resources\[1\]: the same resource is already listed with a different meta: keep only one$/,
    ],
    [
      'an id with a space',
      () => odd({ resource_id: 'a b' }),
      /is left out: resources\[0\]\.resource_id: got "a b", with U\+0020 at position 2/,
    ],
    [
      'more text than a file can have',
      () => odd({ meta: { note: 'x'.repeat(8 * 1024 * 1024) } }),
      /is left out: the file is too large \(9 MiB\); the limit is 8 MiB$/,
    ],
  ])('is omitted, so the file is not complete (%s)', async (_, seed, why) => {
    sim.seed({ name: 'Baseline' });
    sim.seed(seed());
    const { shares, complete, warnings } = await exported();
    expect([shares, complete]).toEqual([1, false]);
    expect(warnings).toEqual([{ message: expect.stringMatching(why) }]);
    expect(names()).toEqual(['Baseline']);
    expect(readFileSync(path(), 'utf8')).not.toContain('complete');
  });
});

test('leaves no file if a write fails halfway', async () => {
  const code = await writeNew(path(), 'whole', async (file) => {
    await file.write('who');
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
  expect(code).toBe('ENOSPC');
  expect(existsSync(path())).toBe(false);
  const removed = await writeNew(path(), 'whole', async () => {
    rmSync(path());
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
  expect(removed).toBe('ENOSPC');
  expect(await writeNew(path(), 'whole')).toBeUndefined();
  expect(readFileSync(path(), 'utf8')).toBe('whole');
});

test('writes nothing through a symbolic link', async () => {
  const target = join(folder, 'elsewhere');
  symlinkSync(target, path());
  expect(await writeNew(path(), 'text')).toBe('EEXIST');
  expect(existsSync(target)).toBe(false);
});

test("omits a share that it can't read, with a warning", async () => {
  sim.seed({ name: 'Baseline' });
  const odd = sim.seed({ name: 'Odd', raw: { created: null } });
  const { complete, warnings } = await exported();
  // In a complete file, prune would delete the share that is left out.
  expect([complete, readFileSync(path(), 'utf8').includes('complete')]).toEqual([false, false]);
  expect(warnings).toEqual([
    {
      message: `Cloudflare lists share ${odd.id} in a way that this version can't read ("created" is null). The file leaves it out`,
    },
  ]);
  expect(names()).toEqual(['Baseline']);
});

describe('the export writes nothing', () => {
  test('if there are no shares', async () => {
    const { shares, problems } = await exported();
    expect(shares).toBeUndefined();
    expect(problems).toEqual([
      {
        kind: 'refusal',
        message: expect.stringContaining('There is no live share to export'),
        place: { label: 'config' },
      },
    ]);
    expect(existsSync(path())).toBe(false);
  });

  test('if apply would reject the file, although it accepts each share', async () => {
    const meta = { note: 'x'.repeat(5 * 1024 * 1024) };
    for (const name of ['Baseline', 'Another'])
      sim.seed({
        name,
        resources: [{ resource_type: 'gateway-policy', resource_id: 'c1', resource_account_id: sim.accountId, meta }],
      });
    sim.seed({ name: 'Odd', raw: { created: null } });
    const { shares, problems, warnings } = await exported();
    expect([shares, existsSync(path())]).toEqual([undefined, false]);
    expect(problems).toEqual([
      {
        kind: 'refusal',
        message:
          "shares.yml can't be written, because apply would reject it (the file is too large (11 MiB); the limit is 8 MiB)",
        place: { label: 'config' },
      },
    ]);
    expect(warnings).toHaveLength(1);
  });

  test('if the file appeared during the export', async () => {
    sim.seed({ name: 'Baseline' });
    expect(await exported()).toMatchObject({ shares: 1 });
    sim.seed({ name: 'Another' });
    const again = await exported();
    expect(again.problems).toEqual([
      { kind: 'inputs', message: "shares.yml can't be written (EEXIST)", place: { label: 'config' } },
    ]);
    expect([again.shares, again.warnings]).toEqual([undefined, []]);
    expect(names()).toEqual(['Baseline']);
  });

  test("if the account can't be read", async () => {
    sim.order({ kind: 'redirect', method: 'GET', times: 9 });
    expect(await exported()).toEqual({
      problems: [{ message: expect.stringContaining('a redirect'), kind: 'cloudflare' }],
      warnings: [],
    });
    expect(existsSync(path())).toBe(false);
  });
});

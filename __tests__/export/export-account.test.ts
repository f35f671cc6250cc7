import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { exportAccount } from '../../src/export/export-account.ts';
import type { ExportOutcome } from '../../src/share/outcome.ts';
import { begin, sent } from '../apply/bring-about.ts';

let sim: Simulator;
let folder: string;
beforeAll(async () => {
  sim = await startSimulator({ associationMs: 60_000 });
  folder = mkdtempSync(join(tmpdir(), 'share-export-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await sim.close();
});
beforeEach(() => {
  sim.reset();
  rmSync(path(), { force: true });
});

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

test('what the account sends and what is live is written', async () => {
  sim.seed({ name: 'Baseline' });
  sim.seed({ name: 'Everybody', recipients: [{}], exclusions: [sim.memberIds[4] as string] });
  sim.seed({ name: 'Theirs', raw: { account_id: sim.memberIds[1] } });
  sim.seed({ name: 'Suspended', raw: { status: 'suspended' } });
  sim.seed({ name: 'Going', raw: { status: 'deleting' } });
  expect(await exported()).toEqual({ shares: 3, problems: [], warnings: [] });
  expect(names()).toEqual(['Baseline', 'Everybody', 'Suspended']);
  expect(parse(readFileSync(path(), 'utf8')).shares[1].exclude).toEqual([{ recipient_account_id: sim.memberIds[4] }]);
  // Of accounts the recipients, of an organization the exclusions.
  expect(sent(sim).slice(1).sort()).toEqual(['GET /*/excluded-recipients', 'GET /*/recipients', 'GET /*/recipients']);
});

test('resources that the list omits are read', async () => {
  sim.seed({ name: 'Baseline', raw: { resources: null } });
  expect(await exported()).toMatchObject({ shares: 1, problems: [] });
  expect(sent(sim)).toContain('GET /*/resources');
});

test('a share in a form that cannot be understood is left out, with a warning', async () => {
  sim.seed({ name: 'Baseline' });
  const odd = sim.seed({ name: 'Odd', raw: { created: null } });
  expect((await exported()).warnings).toEqual([
    {
      message: `Cloudflare lists share ${odd.id} in a way that this version can't read ("created" is null). The file leaves it out`,
    },
  ]);
  expect(names()).toEqual(['Baseline']);
});

describe('nothing is written', () => {
  test('where no share is', async () => {
    const { shares, problems } = await exported();
    expect(shares).toBeUndefined();
    expect(problems).toEqual([
      { message: expect.stringContaining('There is no live share to write'), place: { label: 'config' } },
    ]);
    expect(existsSync(path())).toBe(false);
  });

  test('over a file that has come meanwhile', async () => {
    sim.seed({ name: 'Baseline' });
    expect(await exported()).toMatchObject({ shares: 1 });
    sim.seed({ name: 'Another' });
    const again = await exported();
    expect(again.problems).toEqual([{ message: 'shares.yml cannot be written (EEXIST)', place: { label: 'config' } }]);
    expect(again.shares).toBeUndefined();
    expect(names()).toEqual(['Baseline']);
  });

  test('when the account cannot be read', async () => {
    sim.order({ kind: 'redirect', method: 'GET', times: 9 });
    expect((await exported()).problems).toEqual([
      { message: expect.stringContaining('a redirect'), kind: 'cloudflare' },
    ]);
    expect(existsSync(path())).toBe(false);
  });
});

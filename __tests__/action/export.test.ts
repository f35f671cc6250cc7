// mode: export writes the existing shares to a new file, and a plan of that file changes nothing. These tests run
// dist/index.js from start to finish, and src/ for random accounts.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { ShareSeed } from '../../simulator/index.ts';
import type { EnvironmentOf } from '../../simulator/runner.ts';
import { read } from '../report/reader.ts';
import { type InputsOf, inputsFor, type Ran, runAction } from '../run-action.ts';
import { runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';
import { until } from './until.ts';

const sim = await useSimulator({ rateLimit: { quota: 1_000_000, windowSeconds: 300 } });
const folder = useFolder();
beforeEach(() => rmSync(join(folder, '.cloudflare'), { recursive: true, force: true }));

const FILE = '.cloudflare/shares.yml';
const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const go = (inputs: InputsOf = {}, env: EnvironmentOf = {}): Promise<Ran> =>
  runAction(inputsFor(sim, { mode: 'export', config: FILE, ...inputs }), { env: { GITHUB_WORKSPACE: folder, ...env } });
const written = () => parse(readFileSync(join(folder, FILE), 'utf8'));
const watched = { mode: 'plan', prune: 'true', 'fail-on-drift': 'true' };
const whole = (resource_id: string, meta: unknown = {}) => ({
  ...POLICY,
  resource_id,
  resource_account_id: sim.accountId,
  meta,
});
const id = (i: number): string => sim.memberIds[i] as string;
const to = (...indexes: number[]) => indexes.map((i) => ({ recipient_account_id: id(i) }));

describe('mode: export', () => {
  test('writes a complete file that is in sync, and changes nothing else', async () => {
    sim.seed({
      name: 'Gateway baseline',
      recipients: to(0, 1),
      resources: [whole('c1'), whole('c2', { a: [1, null] })],
    });
    sim.seed({ name: 'Everybody', recipients: [{}], resources: [whole('c3')], exclusions: [id(4)] });
    sim.seed({
      name: 'Of another account',
      recipients: to(3),
      resources: [{ ...whole('c4'), resource_account_id: id(8) }],
    });
    sim.seed({ name: 'Gone', status: 'deleted' });
    sim.seed({ name: 'Received', accountId: id(1) });
    const before = sim.shares();
    const ran = await go();
    expect(ran.errors).toEqual([]);
    expect(ran.warnings).toEqual([]);
    expect(ran.exitCode).toBe(0);
    expect(ran.outputs).toMatchObject({ outcome: 'exported', changed: 'false' });
    expect(readFileSync(join(folder, FILE), 'utf8').split('\n')[0]).toMatch(
      /^# yaml-language-server: \$schema=https:\/\/.+\/schema\/shares\.schema\.json$/,
    );
    expect(written()).toEqual({
      account_id: sim.accountId,
      complete: true,
      shares: [
        {
          name: 'Gateway baseline',
          recipients: to(0, 1),
          resources: [POLICY, { ...POLICY, resource_id: 'c2', meta: { a: [1, null] } }],
        },
        {
          name: 'Everybody',
          recipients: [{ organization_id: sim.organizationId }],
          exclude: to(4),
          resources: [{ ...POLICY, resource_id: 'c3' }],
        },
        {
          name: 'Of another account',
          recipients: to(3),
          resources: [{ ...POLICY, resource_id: 'c4', resource_account_id: id(8) }],
        },
      ],
    });
    expect(new Set(sim.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(sim.shares()).toEqual(before);
    expect(ran.lines.at(-1)).toBe(
      `3 shares written to ${FILE}. Review the file and commit it. A plan for it has no changes.`,
    );

    const planned = await go(watched);
    expect(planned.errors).toEqual([]);
    expect(planned.exitCode).toBe(0);
    expect(planned.outputs).toMatchObject({ outcome: 'planned', changed: 'false' });
  });

  test('refuses to overwrite a file, before any request', async () => {
    sim.seed({ name: 'Baseline' });
    mkdirSync(join(folder, '.cloudflare'));
    writeFileSync(join(folder, FILE), 'precious');
    const ran = await go();
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringMatching(/^config: \.cloudflare\/shares\.yml: already exists; .*never/)]);
    expect(readFileSync(join(folder, FILE), 'utf8')).toBe('precious');
    expect(sim.requests).toEqual([]);
  });

  test('does not overwrite a file that appears during the export', async () => {
    sim.seed({ name: 'Baseline' });
    sim.order({ kind: 'late-response', method: 'GET', delayMs: 300 });
    const [ran] = await Promise.all([
      go(),
      (async () => {
        await until(() => sim.requests.length > 0);
        mkdirSync(join(folder, '.cloudflare'), { recursive: true });
        writeFileSync(join(folder, FILE), 'precious');
      })(),
    ]);
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringMatching(/shares\.yml can't be written \(EEXIST\)/)]);
    expect(readFileSync(join(folder, FILE), 'utf8')).toBe('precious');
  });

  test("reports what a file can't express: shares with the same name, and temporary shares", async () => {
    const [oldest, other, third] = [1, 2, 3].map(
      (day) => sim.seed({ name: 'Twin', recipients: to(day), created: `2026-01-0${day}T00:00:00Z` }).id,
    );
    const temporary = sim.seed({ name: 'Baseline [creating abcdefabcdef]' }).id;
    const ran = await go({}, { RUNNER_TEMP: folder });
    expect(ran.exitCode).toBe(0);
    expect(readFileSync(ran.outputs['report-file'] ?? '', 'utf8')).toBe(ran.summary);
    const summary = read(ran.summary);
    expect(summary.heading).toBe(`1 share written to ${FILE}`);
    expect(summary.text).toContain('There are 3 live shares named "Twin"');
    expect(summary.text).toContain(`(${temporary}) is left out`);
    expect(ran.warnings).toEqual([
      expect.stringMatching(
        `^There are 3 live shares named "Twin"\\. The file contains the oldest \\(${oldest}\\) and leaves out ${other}, ${third}\\. `,
      ),
      expect.stringMatching(`\\(${temporary}\\) is left out: it has a temporary name`),
    ]);
    expect(written().shares).toEqual([expect.objectContaining({ name: 'Twin', recipients: to(1) })]);
    expect(ran.lines.at(-1)).toContain('It is not complete, because it leaves out shares.');
  });

  test('fails and writes no file when the account has no shares', async () => {
    const ran = await go();
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringMatching(/^config: There is no live share to export/)]);
    expect(read(ran.summary).text).toMatch(/No file was written to .*Nothing was changed.*There is no live share/s);
    expect(ran.outputs).toMatchObject({ changed: 'false', 'report-file': expect.any(String) });
    expect(ran.outputs).not.toHaveProperty('outcome');
    expect(existsSync(join(folder, FILE))).toBe(false);
  });

  test('adds labels where names are known', async () => {
    const policy = sim.addPolicy({ name: `  Block: "malware" & more ${'x'.repeat(200)} ` });
    const ruleset = sim.addRuleset({ name: 'Baseline WAF' });
    const theirs = sim.addPolicy({ name: 'Theirs', accountId: id(8) });
    const waf = { ...whole(ruleset), resource_type: 'custom-ruleset' };
    const resources = [whole(policy), waf, { ...whole(theirs), resource_account_id: id(8) }, whole('deleted')];
    sim.seed({ name: 'Baseline', recipients: to(0), resources });
    sim.seed({ name: 'Everybody', recipients: [{}], exclusions: [id(1)] });
    await go({ names: 'true' });
    const [baseline, everybody] = written().shares;
    expect(baseline.recipients).toEqual([{ recipient_account_id: id(0), label: 'Example Member 1' }]);
    expect(baseline.resources.map(({ label }: { label?: string }) => label)).toEqual([
      expect.stringMatching(/^ {2}Block: "malware" & more x{73}…$/),
      'Baseline WAF',
      'Theirs',
      undefined,
    ]);
    expect(baseline.resources.map(({ resource_id }: { resource_id: string }) => resource_id)).toContain(policy);
    expect(everybody.exclude).toEqual([{ recipient_account_id: id(1), label: 'Example Member 2' }]);
    const planned = await go({ ...watched, names: 'true' });
    expect([planned.exitCode, planned.outputs.changed]).toEqual([0, 'false']);
    expect(planned.warnings.filter((warning) => /label/.test(warning))).toEqual([]);
  });

  test.each<[string, InputsOf, RegExp]>([
    ['without config', { config: undefined }, /^config: is missing: set it to the path of a new file/],
    ['with recipients', { recipients: '[{}]' }, /^recipients: can't be combined with (config|mode: export)/],
    ['with a plan file', { 'plan-file': 'plan.json' }, /^plan-file: is only for mode: plan/],
  ])('is refused before any request (%s)', async (_, inputs, says) => {
    sim.seed({ name: 'Baseline' });
    const ran = await go(inputs);
    expect(ran.errors).toEqual([expect.stringMatching(says)]);
    expect(sim.requests).toEqual([]);
    expect(existsSync(join(folder, FILE))).toBe(false);
  });
});

describe('a file exported from any account', () => {
  // Names that YAML would read as another type, names that a reader would trim, and names that need quotes.
  const tricky = fc.constantFrom(
    '12',
    '0x1f',
    '1e3',
    'true',
    'no',
    'null',
    '~',
    '- a',
    '# a',
    'a: b',
    '&a',
    '*a',
    '!a',
    '%a',
    '@a',
    '`a`',
    '"a"',
    "'a'",
    '{a}',
    '[a]',
    '|',
    '>',
    '2026-01-01',
    ' leading',
    'trailing ',
    'two\nlines',
    'tab\there',
    'a\r\nb',
    '\u2028',
    '\u0085x',
    '\u0000x',
    'é',
    'e\u0301',
    '\u{1f600}',
    '\ufeffbom',
    '<<',
    '=',
    '__proto__',
    'constructor',
    '*',
    '?',
    'a #b',
    'x'.repeat(255),
  );
  const name = fc
    .oneof(tricky, fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }), fc.string({ minLength: 1 }))
    .filter((text) => /\S/.test(text) && text.length <= 255);
  const index = fc.integer({ min: 0, max: 12 });
  const meta = fc.dictionary(fc.oneof(tricky, fc.string({ maxLength: 8 })), fc.jsonValue({ maxDepth: 3 }), {
    maxKeys: 4,
  });
  const resources = fc.uniqueArray(
    fc.record({
      resource_type: fc.constantFrom('gateway-policy', 'custom-ruleset', 'trust-grant', 'quantum-policy'),
      resource_id: fc.constantFrom(
        'c1',
        '00000000000000000000000000000012',
        '1e10',
        'f47ac10b-58cc-4372-a567-0e02b2c3d479',
      ),
      owner: fc.option(index, { nil: undefined }),
      meta: fc.option(meta, { nil: {} }),
    }),
    { minLength: 1, maxLength: 3, selector: ({ resource_type, resource_id }) => `${resource_type} ${resource_id}` },
  );
  const share = fc.record({
    name,
    recipients: fc.oneof(
      fc.uniqueArray(index, { minLength: 1, maxLength: 4 }).map((indexes) => ({ indexes })),
      fc.uniqueArray(index, { maxLength: 3 }).map((exclusions) => ({ exclusions })),
    ),
    resources,
    status: fc.constantFrom('active', 'active', 'active', 'deleting', 'deleted'),
    associated: fc.boolean(),
  });

  const seedOf = (one: typeof share extends fc.Arbitrary<infer T> ? T : never): ShareSeed => ({
    name: one.name,
    recipients: 'indexes' in one.recipients ? to(...one.recipients.indexes) : [{}],
    ...('exclusions' in one.recipients && one.status === 'active'
      ? { exclusions: one.recipients.exclusions.map(id) }
      : {}),
    resources: one.resources.map(({ owner, ...resource }) => ({
      ...resource,
      resource_account_id: owner === undefined ? sim.accountId : id(owner),
    })),
    status: one.status as 'active',
    associated: one.associated,
  });

  test('is in sync even with prune, and the export changes nothing', async () => {
    let exported = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(share, { minLength: 1, maxLength: 5, selector: (one) => one.name.normalize('NFC') }),
        fc.boolean(),
        async (shares, withNames) => {
          sim.reset();
          rmSync(join(folder, '.cloudflare'), { recursive: true, force: true });
          for (const one of shares) sim.seed(seedOf(one));
          const before = sim.shares();
          const env = { GITHUB_WORKSPACE: folder };
          const inputs = { config: FILE, names: String(withNames) };
          const ran = await runInProcess(inputsFor(sim, { ...inputs, mode: 'export' }), { env });
          const live = shares.filter(({ status }) => status === 'active');
          if (live.length === 0) return expect(ran.exitCode).toBe(1);
          expect(ran.errors).toEqual([]);
          expect(ran.warnings).toEqual([]);
          expect(written().shares).toHaveLength(live.length);
          const planned = await runInProcess(inputsFor(sim, { ...inputs, ...watched }), { env });
          expect(planned.errors).toEqual([]);
          expect(planned.exitCode).toBe(0);
          expect(planned.outputs.changed).toBe('false');
          const applied = await runInProcess(inputsFor(sim, { ...inputs, prune: 'true' }), { env });
          expect(applied.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' });
          expect(new Set(sim.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
          expect(sim.shares()).toEqual(before);
          exported += 1;
        },
      ),
      { numRuns: 60 },
    );
    expect(exported).toBeGreaterThan(30);
  });
});

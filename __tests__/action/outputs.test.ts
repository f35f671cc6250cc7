// Which outputs are set when, and how oversized outputs and summaries are cut. Every output is also read from a process.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runAction } from '../run-action.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();
const folder = useFolder();

const policies = (count: number, meta: object = {}) =>
  Array.from({ length: count }, (_, i) => ({ resource_type: 'gateway-policy', resource_id: `c${i}`, meta }));
const go = (inputs: InputsOf = {}, env: Record<string, string> = {}, run = runInProcess): Promise<Ran> =>
  run(
    inputsFor(sim, {
      'share-name': 'Baseline',
      recipients: [{ recipient_account_id: sim.memberIds[0] }],
      resources: policies(2),
      ...inputs,
    }),
    { env },
  );
const goAsProcess = (inputs: InputsOf = {}, env: Record<string, string> = {}): Promise<Ran> =>
  go(inputs, env, runAction);
const config = (inputs: InputsOf, file: object): Promise<Ran> => {
  writeFileSync(join(folder, 'shares.json'), JSON.stringify(file));
  const none = { 'share-name': undefined, recipients: undefined, resources: undefined };
  return go({ ...none, config: 'shares.json', ...inputs }, { GITHUB_WORKSPACE: folder });
};
const MIB = 1024 * 1024;
const charactersOf = (ran: Ran): number => Object.values(ran.outputs).reduce((sum, value) => sum + value.length, 0);

describe('the outputs', () => {
  describe("that can't be set", () => {
    // A folder in the file's place simulates any write failure, such as a full disk.
    const unwritable = (): Record<string, string> => ({ GITHUB_OUTPUT: folder });
    const said = expect.stringMatching(/^The outputs can't be set, so later steps can't use them \(EISDIR\)$/);

    test('fail the step, which still does its work and reports it', async () => {
      const ran = await goAsProcess({}, unwritable());
      expect(ran.errors).toEqual([said]);
      expect(ran.exitCode).toBe(1);
      expect(ran.lines.at(-1)).toMatch(/^Share "Baseline" \(.*\) was created\.$/);
      expect(ran.summary).toContain('was created');
      expect(sim.liveShares('Baseline')).toHaveLength(1);
    });

    test('do not prevent a share that is wider than requested from being deleted', async () => {
      sim.order({ kind: 'wider', method: 'POST' });
      const ran = await go({}, unwritable());
      expect(ran.errors).toEqual([expect.stringContaining('The share was rolled back'), said]);
      expect(sim.liveShares()).toEqual([]);
    });

    test('fail the step after an export', async () => {
      sim.seed({ name: 'Baseline' });
      const config = join(folder, 'exported.yml');
      const none = { 'share-name': undefined, recipients: undefined, resources: undefined };
      const ran = await go(
        { ...none, mode: 'export', config: 'exported.yml' },
        { ...unwritable(), GITHUB_WORKSPACE: folder },
      );
      expect(ran.errors).toEqual([said]);
      expect(ran.exitCode).toBe(1);
      expect(readFileSync(config, 'utf8')).toContain('Baseline');
    });
  });

  const ofOne = ['changed', 'outcome', 'plan', 'report-file', 'resource-ids', 'share', 'share-id', 'shares', 'status'];
  const ofPlan = ['drift', 'to-create', 'to-delete', 'to-update'];
  test.each<[string, () => InputsOf, boolean, string[]]>([
    ['are set for a new share', () => ({}), false, [...ofOne, 'drift']],
    ['are set for a new share with wait', () => ({ wait: 'true' }), false, [...ofOne, 'drift', 'recipients']],
    ['are set for an existing share', () => ({}), true, [...ofOne, 'drift', 'recipients']],
    ['are set for the plan of an existing share', () => ({ mode: 'plan' }), true, [...ofOne, ...ofPlan, 'recipients']],
    [
      'are set for the plan of a new share',
      () => ({ mode: 'plan' }),
      false,
      ['changed', 'outcome', 'plan', 'report-file', 'shares', ...ofPlan],
    ],
    ['are set for a deletion', () => ({ mode: 'delete' }), true, [...ofOne, 'recipients']],
    [
      'are set for a deletion when no share exists',
      () => ({ mode: 'delete' }),
      false,
      ['changed', 'outcome', 'plan', 'report-file', 'shares'],
    ],
    [
      'are set for a refused share',
      () => ({ 'if-exists': 'fail' }),
      true,
      [...ofOne.filter((name) => name !== 'outcome'), 'drift', 'failure-reason', 'recipients'],
    ],
  ])('%s', async (_, inputs, there, names) => {
    if (there) sim.seed({ name: 'Baseline' });
    const run = there ? goAsProcess : go;
    const ran = await run(inputs());
    expect(Object.keys(ran.outputs).sort()).toEqual([...names].sort());
  });

  test('contain the share as the API returns it', async () => {
    const ran = await go({ wait: 'true' });
    const [live] = sim.liveShares('Baseline');
    const share = JSON.parse(ran.outputs.share ?? '{}');
    expect(share).toMatchObject({
      id: live?.id,
      name: 'Baseline',
      status: 'active',
      target_type: 'account',
      created: live?.created,
    });
    expect(share.resources.map((r: { id: string }) => r.id)).toEqual(live?.resources.map(({ id }) => id));
    expect(JSON.parse(ran.outputs.recipients ?? '[]')).toEqual(live?.recipients);
    expect(JSON.parse(ran.outputs.shares ?? '[]')).toEqual([
      {
        name: 'Baseline',
        outcome: 'created',
        changed: true,
        share_id: live?.id,
        status: 'active',
        resource_ids: live?.resources.map(({ id }) => id),
      },
    ]);
  });

  test('contain a list of shares and one overall outcome for a file', async () => {
    const file = {
      shares: [{ name: 'A', recipients: [{ recipient_account_id: sim.memberIds[0] }], resources: policies(1) }],
    };
    for (const [outcome, changed] of [
      ['created', 'true'],
      ['unchanged', 'false'],
    ]) {
      const ran = await config({}, file);
      expect(Object.keys(ran.outputs).sort()).toEqual(['changed', 'drift', 'outcome', 'plan', 'report-file', 'shares']);
      expect(ran.outputs).toMatchObject({ outcome, changed, drift: 'false' });
    }
  });

  test('let a later step delete the created share by its id', async () => {
    const { outputs } = await goAsProcess();
    const ran = await runAction(inputsFor(sim, { mode: 'delete', 'share-id': outputs['share-id'] }));
    expect(ran.outputs).toMatchObject({ 'share-id': outputs['share-id'], outcome: 'deleted' });
  });
});

describe('the report', () => {
  test('is the same in the summary and in a file that remains after the step', async () => {
    for (const inputs of [{}, { 'if-exists': 'fail' }, { mode: 'plan' }, { recipients: '[{"acount_id":"x"}]' }]) {
      const ran = await go(inputs, { RUNNER_TEMP: folder });
      const path = ran.outputs['report-file'] ?? '';
      expect(dirname(path)).toBe(folder);
      expect(path).toMatch(/\.md$/);
      expect(readFileSync(path, 'utf8')).toBe(ran.summary);
      expect(ran.summary).toMatch(/^### /);
    }
  });

  test("causes a warning when the file can't be written", async () => {
    const ran = await go({}, { RUNNER_TEMP: join(folder, 'no', 'such', 'folder') });
    expect(ran.exitCode).toBe(0);
    expect(ran.outputs['report-file']).toBeUndefined();
    expect(ran.warnings).toEqual([expect.stringMatching(/^The report could not be written to a file/)]);
  });

  test("causes a warning when the summary can't be written", async () => {
    const ran = await go({}, { GITHUB_STEP_SUMMARY: join(folder, 'no', 'such', 'file'), RUNNER_TEMP: folder });
    expect(ran.exitCode).toBe(0);
    expect(ran.warnings).toEqual([expect.stringMatching(/^The job summary could not be written/)]);
  });
});

describe('an oversized output', () => {
  test('is left unset with a warning, and the other outputs are set', async () => {
    // More recipients than fit into an input, as if others had added them.
    const resources = policies(2_500, { note: 'n'.repeat(200) });
    sim.seed({ name: 'Baseline', resources: resources.map((r) => ({ ...r, resource_account_id: sim.accountId })) });
    const ran = await go();
    expect(ran.exitCode).toBe(0);
    expect(ran.outputs['share-id']).toBe(sim.liveShares()[0]?.id);
    expect(JSON.parse(ran.outputs['resource-ids'] ?? '[]')).toHaveLength(2_500);
    const unset = ['share', 'plan'].filter((name) => ran.outputs[name] === undefined);
    expect(unset).toContain('share');
    expect(ran.warnings).toEqual(
      unset.reverse().map((name) => expect.stringMatching(`The output ${name} is not set: it has \\d+ characters`)),
    );
    expect(2 * charactersOf(ran)).toBeLessThanOrEqual(MIB);
  });

  test('is shortened in the summary, so that GitHub keeps the summary', async () => {
    const recipients = [{ recipient_account_id: sim.memberIds[0] }];
    const shares = Array.from({ length: 40 }, (_, i) => ({
      name: `Share ${i} ${'é'.repeat(80)}`,
      recipients: i === 39 ? [{ recipient_account_id: sim.outsiderId }] : recipients,
      resources: policies(200, { note: '🙂'.repeat(40) }).map((r) => ({
        ...r,
        resource_type: '🙂'.repeat(30),
      })),
    }));
    const ran = await config({ mode: 'apply' }, { shares });
    expect(ran.exitCode).toBe(1);
    expect(Buffer.byteLength(ran.summary)).toBeLessThan(MIB);
    const [note] = /_[\d,]+ lines? left out.*/.exec(ran.summary) ?? [];
    expect(note).toMatch(/because the report is too long/);
    expect(ran.summary.slice(0, 2_000)).toContain('What went wrong');
    expect(ran.summary.indexOf('<code>Share 39')).toBeLessThan(ran.summary.indexOf('```diff'));
    expect((ran.summary.match(/^`{3,}/gm) ?? []).length % 2).toBe(0);
    expect(2 * charactersOf(ran)).toBeLessThanOrEqual(MIB);
  });

  test('that lists recipients is cut in the summary, which counts the rest', async () => {
    const recipients = sim.memberIds.slice(0, 300).map((recipient_account_id) => ({ recipient_account_id }));
    const ran = await go({ recipients, wait: 'true' });
    expect(JSON.parse(ran.outputs.recipients ?? '[]')).toHaveLength(300);
    expect(ran.summary).toContain('250 more recipients');
    expect(ran.summary).not.toContain('```mermaid');
  });
});

// `npm run step` runs the action as a runner does: its inputs, its outputs and its exit code.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { useFolder, useSimulator } from '../use-simulator.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const sim = await useSimulator();
const folder = useFolder();

const SHARE = `shares:
  - name: Baseline
    recipients: [{recipient_account_id: ${'1'.repeat(32)}}]
    resources: [{resource_type: gateway-policy, resource_id: ${'c'.repeat(32)}}]
`;

/** Calls it from the folder of the test. Runs src/, so that no build is needed. */
async function step(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', '--import', join(root, 'scripts/runtime.js')],
      ...[join(root, 'scripts/step.ts'), '--source', '--folder', 'out', ...args],
    ],
    { cwd: root, env: { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, INIT_CWD: folder, ...env } },
  );
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => text(stream)) as [
    Promise<string>,
    Promise<string>,
  ];
  const [status] = (await once(child, 'close')) as [number];
  return { status, stdout: await stdout, stderr: await stderr };
}
const outputs = (): Record<string, string> => JSON.parse(readFileSync(join(folder, 'out/outputs.json'), 'utf8'));

describe('npm run step', () => {
  test('plans a file against the simulator without credentials, and saves outputs and summary', async () => {
    writeFileSync(join(folder, 'shares.yml'), SHARE);
    const { status, stdout, stderr } = await step(['--simulator', '--mode', 'plan', '--config', 'shares.yml'], {
      CLOUDFLARE_API_TOKEN: 'a token of the real account',
      CLOUDFLARE_ACCOUNT_ID: 'real',
      'INPUT_FAIL-ON-DRIFT': 'true',
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('+ share "Baseline": create');
    expect(stdout).toContain('  outcome=planned\n');
    expect(stdout).toContain(`Summary: ${join(folder, 'out', 'summary.md')}`);
    expect(outputs()).toMatchObject({ outcome: 'planned', changed: 'true' });
    expect(readFileSync(join(folder, 'out/summary.md'), 'utf8')).toContain('Baseline');
  });

  test("plans the README's file, with its names, against the simulator", async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    writeFileSync(join(folder, 'shares.yml'), /```yaml\n(# \.cloudflare\/shares\.yml[^`]*)```/.exec(readme)?.[1] ?? '');
    const { status, stdout } = await step(['--simulator', '--mode', 'plan', '--config', 'shares.yml']);
    expect(status).toBe(0);
    expect(stdout).toContain('Branch Odense (');
    expect(stdout).toContain('Block malware (');
    expect(outputs()).toMatchObject({ 'to-create': '1', drift: 'true' });
  });

  test('sends requests to the given API, with credentials from the environment', async () => {
    writeFileSync(join(folder, 'shares.yml'), SHARE);
    const at = ['--account-id', sim.accountId, '--api-base-url', sim.baseUrl];
    const { status } = await step([...at, '--config', 'shares.yml'], {
      CLOUDFLARE_API_TOKEN: sim.credentials.apiToken,
    });
    expect(status).toBe(0);
    expect(sim.liveShares().map(({ name }) => name)).toEqual(['Baseline']);
    expect(outputs()).toMatchObject({ changed: 'true' });
  });

  test("fails if the step fails, and shows each problem's place in the file", async () => {
    writeFileSync(join(folder, 'shares.yml'), SHARE.replace('recipient_account_id', 'acount_id'));
    const { status, stdout } = await step(['--simulator', '--mode', 'plan', '--config', 'shares.yml']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^Error: shares\.yml:3:19: .*acount_id/m);
  });

  test('accepts lists as a workflow has them', async () => {
    const lists = ['--recipients', `- recipient_account_id: ${'1'.repeat(32)}`, '--resources', '- resource_type: x'];
    const { status, stdout } = await step(['--simulator', '--share-name', 'Baseline', ...lists]);
    expect(status).toBe(1);
    expect(stdout).toContain('Error: resources[0].resource_id: is missing');
  });

  test('accepts every input in action.yml, and lists them if it gets another one', async () => {
    const { status, stderr } = await step(['--acount-id', 'x']);
    expect(status).toBe(1);
    expect(stderr).toContain("Unknown option '--acount-id'");
    for (const input of Object.keys(parse(readFileSync(join(root, 'action.yml'), 'utf8')).inputs))
      expect(stderr).toMatch(new RegExp(` --${input}\\s`));
  });
});

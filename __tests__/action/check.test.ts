// mode: check validates the inputs and the file without credentials and sends no requests.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type InputsOf, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();
const folder = useFolder();

/** A run on a pull request from a fork, which has no credentials and no account. */
const check = (inputs: InputsOf, env: Record<string, string> = {}): Promise<Ran> =>
  runInProcess(
    { mode: 'check', 'api-base-url': sim.baseUrl, ...inputs },
    { env: { GITHUB_WORKSPACE: folder, ...env } },
  );
const checkFile = (text: string, inputs: InputsOf = {}): Promise<Ran> => {
  writeFileSync(join(folder, 'shares.yml'), text);
  return check({ config: 'shares.yml', ...inputs });
};

const SHARE = `shares:
  - name: Baseline
    recipients: [{recipient_account_id: ${'1'.repeat(32)}}]
    resources: [{resource_type: gateway-policy, resource_id: ${'c'.repeat(32)}}]
`;

describe('mode: check', () => {
  test.each([
    ['that names no account', SHARE],
    ['that names its account', `account_id: ${'a'.repeat(32)}\n${SHARE}`],
  ])('without credentials, accepts a file %s and sends nothing', async (_, text) => {
    const ran = await checkFile(text);
    expect(ran.errors).toEqual([]);
    expect(ran.exitCode).toBe(0);
    expect(ran.outputs).toEqual({ outcome: 'checked', changed: 'false', 'report-file': expect.any(String) });
    expect(ran.lines.at(-1)).toBe(
      'Checked 1 share: no problems. Nothing was sent to Cloudflare, and nothing was changed.',
    );
    expect(ran.summary).toContain('### Check of <code>shares&#46;yml</code>');
    expect(sim.requests).toEqual([]);
  });

  test('annotates every problem in the file at its place and fails', async () => {
    const ran = await checkFile(SHARE.replace('recipient_account_id', 'acount_id'));
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringMatching(/^file=shares\.yml,line=3,col=19::.*acount_id: unknown key/)]);
    expect(ran.outputs.outcome).toBeUndefined();
    expect(ran.summary).toContain('### Check of');
    expect(sim.requests).toEqual([]);
  });

  test.each([
    [10, false],
    [11, true],
  ])("states the number of problems first when GitHub can't show them all (%d)", async (count, said) => {
    const ran = await checkFile(`shares:\n${'  - {name: "", state: absent}\n'.repeat(count)}`);
    expect(ran.errors).toHaveLength(count);
    const first = `${count} problems. GitHub shows the first 10 as annotations; this log has all of them.`;
    expect(ran.lines[0] === first).toBe(said);
    expect(ran.lines.filter((line) => line.startsWith('::error')).map((line) => /line=(\d+)/.exec(line)?.[1])).toEqual(
      Array.from({ length: count }, (_, i) => String(i + 2)),
    );
  });

  test('counts warnings and lists them in the summary', async () => {
    const ran = await checkFile(SHARE.replace('gateway-policy', 'quantum-policy'));
    expect(ran.exitCode).toBe(0);
    expect(ran.warnings).toHaveLength(1);
    expect(ran.lines.at(-1)).toContain('no problems, 1 warning.');
    expect(ran.summary).toContain('is not a resource type that this version knows');
  });

  test('accepts a single share from the inputs', async () => {
    const ran = await check({
      'share-name': 'Baseline',
      recipients: [{ recipient_account_id: '1'.repeat(32) }],
      resources: [{ resource_type: 'gateway-policy', resource_id: 'c'.repeat(32) }],
    });
    expect([ran.errors, ran.exitCode, ran.outputs.outcome]).toEqual([[], 0, 'checked']);
  });

  test('reports problems with the inputs', async () => {
    const ran = await checkFile(SHARE, { prune: 'yes', 'plan-file': 'plan.json' });
    expect(ran.errors).toEqual([
      expect.stringMatching(/^prune: got "yes"/),
      'plan-file: is only for mode: plan, but mode is check',
    ]);
  });

  test.each([
    ['a valid file', SHARE, []],
    ['an invalid file', 'shares: [', [expect.stringContaining('not valid JSON or YAML')]],
  ])('writes no comment about %s', async (_, text, errors) => {
    writeFileSync(join(folder, 'shares.yml'), text);
    const github = { 'comment-on-pr': 'true', 'github-token': 'ghs_1234', 'pull-request': '7' };
    const ran = await check(
      { config: 'shares.yml', 'account-id': sim.accountId, ...github },
      { GITHUB_REPOSITORY: 'owner/repo', GITHUB_API_URL: `${sim.baseUrl}/github` },
    );
    expect(ran.errors).toEqual(errors);
    expect(ran.warnings).toEqual([]);
    expect(ran.log).not.toMatch(/comment/i);
    expect(sim.requests).toEqual([]);
  });
});

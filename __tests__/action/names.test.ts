// Names for people: labels that a workflow writes, and the names of the organization's accounts: whole runs of src/.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();
const folder = useFolder();

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const id = (i: number): string => sim.memberIds[i] as string;
const go = (inputs: InputsOf = {}): Promise<Ran> =>
  runInProcess(
    inputsFor(sim, {
      'share-name': 'Baseline',
      recipients: [{ recipient_account_id: id(0), label: 'Branch Aarhus' }, { recipient_account_id: id(1) }],
      resources: [{ ...POLICY, label: 'Block known malware' }],
      ...inputs,
    }),
    { env: { GITHUB_WORKSPACE: folder } },
  );
const seed = (...accounts: number[]) =>
  sim.seed({
    name: 'Baseline',
    recipients: accounts.map((i) => ({ recipient_account_id: id(i) })),
    resources: [{ ...POLICY, resource_account_id: sim.accountId, meta: {} }],
  });
const notices = (ran: Ran): string[] => [...ran.log.matchAll(/^::notice[^\n]*?::(.*)$/gm)].map(([, text = '']) => text);
const operations = (): (string | undefined)[] => sim.requests.map(({ operation }) => operation);
const isDirectory = (path: string): boolean => path.startsWith('/organizations/');

describe('a label', () => {
  test('is shown next to the id in log and summary, and is never sent', async () => {
    const ran = await go();
    expect(ran.errors).toEqual([]);
    expect(ran.lines).toContain(`+   recipient Branch Aarhus (${id(0)})`);
    expect(ran.lines).toContain('+   resource gateway-policy Block known malware (c1)');
    expect(ran.summary).toContain('Branch Aarhus');
    expect(JSON.stringify(sim.requests.map(({ body }) => body))).not.toMatch(/label|Aarhus|malware/);
    expect(operations()).toEqual(['shares-list', expect.any(String), 'shares-list', expect.any(String)]);
  });

  test('is shown for what is refused as well', async () => {
    const ran = await go({
      recipients: [{ recipient_account_id: sim.outsiderId, label: 'Somebody else' }],
    });
    expect(ran.errors).toEqual([expect.stringMatching(/^recipients\[0\]\.recipient_account_id: /)]);
    expect(ran.lines).toContain(`+   recipient Somebody else (${sim.outsiderId})`);
  });

  test('alone is no recipient, and must not become the organization', async () => {
    const ran = await go({ recipients: [{ label: 'Branch Aarhus' }] });
    expect(ran.errors).toEqual([expect.stringMatching(/^recipients\[0\]: has a label but no recipient/)]);
    expect(sim.requests).toEqual([]);
  });

  test('of more than a hundred characters is refused, and another one of the same id is a warning', async () => {
    const ran = await go({ recipients: [{ recipient_account_id: id(0), label: 'x'.repeat(101) }] });
    expect(ran.errors).toEqual([expect.stringMatching(/^recipients\[0\]\.label: is 101 characters long/)]);
    const twice = await go({
      recipients: ['A', 'B'].map((label) => ({ recipient_account_id: id(0), label })),
    });
    expect(twice.exitCode).toBe(0);
    expect(twice.warnings).toEqual([
      expect.stringMatching(/^recipients\[1\]\.label: gives .* the label "B", but its first label is "A"/),
    ]);
  });
});

describe('names', () => {
  test('reads the directory, once, and shows names where there is no label', async () => {
    seed(0, 1, 5);
    const ran = await go({ names: 'true' });
    expect(ran.exitCode).toBe(0);
    expect(sim.requests.filter(({ path }) => isDirectory(path))).toHaveLength(1);
    // Neither listed nor labelled: what people see of it is its name.
    expect(notices(ran)).toEqual([expect.stringContaining(`recipient Example Member 6 (${id(5)})`)]);
    expect(ran.summary).toContain('Branch Aarhus');
    expect(ran.summary).toContain('Example Member 2');
    expect(ran.summary).not.toContain('Example Member 1<');
  });

  test('warns of an account that is not in the organization, at its place, before Cloudflare refuses it', async () => {
    seed(0);
    const ran = await go({
      names: 'true',
      recipients: [{ recipient_account_id: id(0) }, { recipient_account_id: sim.outsiderId }],
    });
    expect(ran.warnings).toEqual([
      expect.stringMatching(`^recipients\\[1\\]\\.?.*account ${sim.outsiderId} is not in the organization`),
    ]);
    expect(ran.log.indexOf('is not in the organization')).toBeLessThan(ran.log.indexOf('Plan for'));
    expect(ran.exitCode).toBe(1);
  });

  test('without the permission is one notice, and ids alone; the step is green', async () => {
    seed(0, 5);
    const ran = await go({ names: 'true', 'api-token': sim.credentials.sharesOnlyApiToken });
    expect(ran.errors).toEqual([]);
    expect(ran.exitCode).toBe(0);
    expect(notices(ran)).toEqual([
      expect.stringMatching(/^No names of accounts: the credentials may not read/),
      expect.stringContaining(id(5)),
    ]);
    expect(ran.log).not.toContain('Example Member');
  });

  test('is a notice when the organization is not known from any share yet', async () => {
    const ran = await go({ names: 'true' });
    expect(ran.outputs.outcome).toBe('created');
    expect(notices(ran)).toEqual([expect.stringMatching(/^No names of accounts: .*names the organization yet/)]);
  });

  test('is not asked for by default', async () => {
    seed(0, 1);
    await go();
    expect(sim.requests.some(({ path }) => isDirectory(path))).toBe(false);
  });

  test('names the recipients of a file, too', async () => {
    const share = (name: string, ...of: number[]) => ({
      name,
      recipients: of.map((i) => ({ recipient_account_id: id(i) })),
      resources: [POLICY],
    });
    seed(0);
    writeFileSync(
      join(folder, 'shares.json'),
      JSON.stringify({ shares: [share('Baseline', 0, 2), share('Other', 3)] }),
    );
    const ran = await go({
      config: 'shares.json',
      names: 'true',
      'share-name': undefined,
      recipients: undefined,
      resources: undefined,
      mode: 'plan',
    });
    expect(ran.lines).toContain(`+   recipient Example Member 3 (${id(2)})`);
    expect(ran.lines).toContain(`+   recipient Example Member 4 (${id(3)})`);
    expect(sim.requests.filter(({ path }) => isDirectory(path))).toHaveLength(1);
  });
});

// Unlisted items are never hidden. They are named in the log outside of collapsed groups, in the summary and in one
// notice, in every mode, whether or not anything else changes. These tests run src/ from start to finish.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();
const folder = useFolder();

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const id = (i: number): string => sim.memberIds[i] as string;
const to = (...indexes: number[]) => indexes.map((i) => ({ recipient_account_id: id(i) }));
const whole = (resource_id: string) => ({ ...POLICY, resource_id, resource_account_id: sim.accountId, meta: {} });
const go = (inputs: InputsOf): Promise<Ran> =>
  runInProcess(inputsFor(sim, inputs), { env: { GITHUB_WORKSPACE: folder } });

/** The lines that are neither inside a collapsed group nor annotations. */
const plainLines = (ran: Ran): string[] => {
  let inside = false;
  return ran.lines.filter((line) => {
    if (line.startsWith('::group::')) inside = true;
    const isPlain = !inside && !line.startsWith('::');
    if (line.startsWith('::endgroup::')) inside = false;
    return isPlain;
  });
};
const notices = (ran: Ran): string[] => ran.lines.filter((line) => line.startsWith('::notice'));

const single: [string, () => InputsOf][] = [
  ['a step that changes nothing', () => ({})],
  ['a step that changes something', () => ({ recipients: to(0, 1) })],
  ['a plan', () => ({ mode: 'plan' })],
  ['a plan of changes', () => ({ mode: 'plan', recipients: to(0, 1) })],
  ['a plan that fails on drift', () => ({ mode: 'plan', 'fail-on-drift': 'true' })],
  ['a step that waits', () => ({ wait: 'true' })],
  ['a step with share-id', () => ({ 'share-id': sim.liveShares()[0]?.id, 'share-name': 'New name' })],
];

describe('an unlisted recipient and an unlisted resource', () => {
  const extras = () => [`recipient ${id(5)}`, 'resource gateway-policy c9'];
  const seed = (name: string) => sim.seed({ name, recipients: to(0, 5), resources: [whole('c1'), whole('c9')] });

  test.each(single)('are reported by %s', async (_, inputs) => {
    seed('Baseline');
    const ran = await go({ 'share-name': 'Baseline', recipients: to(0), resources: [POLICY], ...inputs() });
    const plain = plainLines(ran).join('\n');
    for (const extra of extras()) expect(plain.split(extra)).toHaveLength(2);
    expect(notices(ran)).toEqual([
      expect.stringMatching(
        /^::notice::Not listed, left unchanged: 1 recipient and 1 resource that the inputs do not list: .*prune: true$/,
      ),
    ]);
    for (const extra of extras()) expect(notices(ran)[0]).toContain(extra);
    for (const text of [id(5), 'c9']) expect(ran.summary).toContain(text);
    // They are repeated neither in a collapsed group nor in another line.
    for (const extra of extras())
      expect(ran.lines.filter((line) => line.includes(extra) && !line.startsWith('::'))).toHaveLength(1);
  });

  test.each<[string, InputsOf]>([
    ['when nothing changes', {}],
    ['in a plan', { mode: 'plan' }],
  ])('of several shares in a file are named in one notice %s', async (_, inputs) => {
    const shares = ['A', 'B'].map((name) => ({ name, recipients: to(0), resources: [POLICY] }));
    for (const { name } of shares) seed(name);
    writeFileSync(join(folder, 'shares.json'), JSON.stringify({ shares: [...shares, { ...shares[0], name: 'C' }] }));
    const ran = await go({ config: 'shares.json', ...inputs });
    expect(ran.exitCode).toBe(0);
    expect(notices(ran)).toHaveLength(1);
    expect(notices(ran)[0]).toMatch(
      /^::notice file=shares\.json::Not listed, left unchanged: 2 recipients and 2 resources that the file/,
    );
    const plain = plainLines(ran).join('\n');
    for (const extra of extras()) expect(plain.split(extra)).toHaveLength(2);
    for (const text of [id(5), 'c9']) expect(ran.summary).toContain(text);
  });

  test('are not reported when prune is set or none exist', async () => {
    seed('Baseline');
    const inputs = { 'share-name': 'Baseline', recipients: to(0), resources: [POLICY] };
    for (const more of [{ prune: 'true', mode: 'plan' }, { prune: 'true' }, {}]) {
      const ran = await go({ ...inputs, ...more });
      expect(notices(ran)).toEqual([]);
      expect(plainLines(ran).join('\n')).not.toContain('ot listed');
    }
  });
});

test('many unlisted items are counted, and the summary lists them all', async () => {
  sim.seed({ name: 'Baseline', recipients: to(...Array.from({ length: 60 }, (_, i) => i)), resources: [whole('c1')] });
  const ran = await go({ 'share-name': 'Baseline', recipients: to(0), resources: [POLICY] });
  expect(notices(ran)).toEqual([
    expect.stringMatching(/Not listed, left unchanged: 59 recipients that the inputs do not list: /),
  ]);
  expect(notices(ran)[0]).toContain('and 54 more');
  for (const account of sim.memberIds.slice(1, 60)) expect(ran.summary).toContain(account);
});

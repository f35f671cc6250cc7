// Shares in a file that are absent, renamed or part of a complete account, and mode: delete with a file. These tests
// run src/ from start to finish.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();
const folder = useFolder();

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const to = (...indexes: number[]) => indexes.map((i) => ({ recipient_account_id: sim.memberIds[i] as string }));
const share = (name: string, more: object = {}) => ({ name, recipients: to(0), resources: [POLICY], ...more });
const seed = (name: string, created = '2026-01-01T00:00:00Z') =>
  sim.seed({
    name,
    created,
    recipients: to(0),
    resources: [{ ...POLICY, resource_account_id: sim.accountId, meta: {} }],
  }).id;
const go = (file: object, inputs: InputsOf = {}): Promise<Ran> => {
  writeFileSync(join(folder, 'shares.json'), JSON.stringify(file));
  return runInProcess(inputsFor(sim, { config: 'shares.json', ...inputs }), { env: { GITHUB_WORKSPACE: folder } });
};
const live = (): [string, string][] => sim.liveShares().map(({ name, id }) => [name, id]);
const writes = (): string[] => sim.requests.map(({ method }) => method).filter((method) => method !== 'GET');
const actions = (ran: Ran): string[] =>
  JSON.parse(ran.outputs.plan ?? '{}').shares.map((plan: { action: string }) => plan.action);
const notices = (ran: Ran): string[] => ran.lines.filter((line) => line.startsWith('::notice'));
const watched = { mode: 'plan', 'fail-on-drift': 'true' };

describe('previous_name', () => {
  const file = () => ({ shares: [share('New', { previous_name: 'Old' })] });

  test('renames the only share with that name in place, and can stay in the file', async () => {
    const id = seed('Old');
    const planned = await go(file(), { mode: 'plan' });
    expect(JSON.parse(planned.outputs.plan ?? '{}').shares[0]).toMatchObject({
      action: 'update',
      share_id: id,
      rename: { from: 'Old', to: 'New' },
    });
    const ran = await go(file());
    expect(ran.errors).toEqual([]);
    expect(live()).toEqual([['New', id]]);
    expect(writes()).toEqual(['PUT']);
    expect((await go(file())).outputs.outcome).toBe('unchanged');
    expect(live()).toEqual([['New', id]]);
  });

  test('is ignored when no share has either name, and the share is created', async () => {
    const ran = await go(file());
    expect(JSON.parse(ran.outputs.shares ?? '[]')[0].outcome).toBe('created');
    expect(live().map(([name]) => name)).toEqual(['New']);
  });

  test('fails with both ids and changes nothing when both names exist', async () => {
    const [old, now] = [seed('Old'), seed('New')];
    const ran = await go(file(), { prune: 'true' });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringMatching(new RegExp(`"New" \\(${now}\\).*"Old" \\(${old}\\)`))]);
    expect(writes()).toEqual([]);
  });

  test('fails with both ids when two shares have the old name', async () => {
    const ids = [seed('Old'), seed('Old', '2026-01-02T00:00:00Z')];
    const ran = await go(file());
    expect(ran.exitCode).toBe(1);
    for (const id of ids) expect(ran.errors[0]).toContain(id);
    expect(writes()).toEqual([]);
  });
});

describe('state: absent', () => {
  const file = () => ({ shares: [share('Stays'), { name: 'Goes', state: 'absent' }] });

  test('plans and executes a deletion, and succeeds again when the share no longer exists', async () => {
    const stays = seed('Stays');
    seed('Goes');
    expect(actions(await go(file(), { mode: 'plan' }))).toEqual(['none', 'delete']);
    const watching = await go(file(), watched);
    expect(watching.exitCode).toBe(1);
    const ran = await go(file());
    expect(ran.errors).toEqual([]);
    expect(writes()).toEqual(['DELETE']);
    expect(live()).toEqual([['Stays', stays]]);
    const again = await go(file());
    expect(again.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' });
    expect((await go(file(), watched)).exitCode).toBe(0);
  });

  test('cannot be combined with lists', async () => {
    const ran = await go({ shares: [share('Goes', { state: 'absent' })] });
    expect(ran.errors).toEqual([
      expect.stringMatching(/shares\[0\]\.recipients: can't be combined with state: absent$/),
      expect.stringMatching(/shares\[0\]\.resources: can't be combined with state: absent$/),
    ]);
    expect(sim.requests).toEqual([]);
  });

  test('refuses to choose between shares with the same name', async () => {
    seed('Goes');
    seed('Goes', '2026-01-02T00:00:00Z');
    const ran = await go(file());
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringContaining('There are 2 live shares named "Goes"')]);
    expect(sim.liveShares('Goes')).toHaveLength(2);
  });
});

describe('complete: true', () => {
  const file = (...shares: object[]) => ({ complete: true, shares: [share('Listed'), ...shares] });

  test('reports an unlisted share in the notice, log, summary and plan, and leaves it alone', async () => {
    seed('Listed');
    const id = seed('Not listed');
    for (const inputs of [{}, { mode: 'plan' }]) {
      const ran = await go(file(), inputs);
      expect(ran.exitCode).toBe(0);
      expect(ran.outputs.changed).toBe('false');
      expect(notices(ran)).toEqual([
        expect.stringContaining(`1 share that the file does not list: share "Not listed" (${id})`),
      ]);
      expect(ran.summary).toContain('Not listed');
      expect(JSON.parse(ran.outputs.plan ?? '{}').shares[1]).toMatchObject({
        name: 'Not listed',
        action: 'none',
        share_id: id,
        unlisted: true,
      });
    }
    expect(writes()).toEqual([]);
    const drift = await go(file(), watched);
    expect(drift.exitCode).toBe(1);
    expect(drift.errors).toEqual([expect.stringMatching(/"Not listed": Drift: a share that the file does not list/)]);
  });

  test('deletes an unlisted share last, with prune', async () => {
    seed('Listed');
    seed('Not listed');
    const planned = await go(file(share('New')), { mode: 'plan', prune: 'true' });
    expect(actions(planned)).toEqual(['none', 'create', 'delete']);
    sim.requests.length = 0;
    const ran = await go(file(share('New')), { prune: 'true' });
    expect(ran.errors).toEqual([]);
    expect(writes().at(-1)).toBe('DELETE');
    expect(
      live()
        .map(([name]) => name)
        .sort(),
    ).toEqual(['Listed', 'New']);
  });

  test('keeps an unlisted share, even with prune, when another share failed', async () => {
    seed('Listed');
    const id = seed('Not listed');
    const bad = share('Bad', { recipients: [{ recipient_account_id: sim.outsiderId }] });
    const ran = await go(file(bad), { prune: 'true' });
    expect(ran.exitCode).toBe(1);
    expect(live()).toContainEqual(['Not listed', id]);
    expect(writes()).not.toContain('DELETE');
    expect(ran.lines).toContain('1 unlisted share was not deleted, because 1 share in the file failed');
  });

  test('leaves shares of other accounts and temporary shares of other runs alone', async () => {
    seed('Listed');
    sim.seed({ name: 'Received', accountId: sim.memberIds[1] as string });
    sim.seed({ name: 'Other [creating abcdefabcdef]', justMade: true });
    const ran = await go(file(), { prune: 'true' });
    expect(ran.outputs.outcome).toBe('unchanged');
    expect(writes()).toEqual([]);
    expect(notices(ran)).toEqual([]);
  });
});

test('complete is false by default, so shares outside the file are ignored', async () => {
  seed('Listed');
  seed('Not listed');
  const ran = await go({ shares: [share('Listed')] }, { ...watched, prune: 'true' });
  expect(ran.exitCode).toBe(0);
  expect(ran.log).not.toContain('Not listed');
});

describe('mode: delete with a file', () => {
  test.each<[number, string]>([
    [1, 'the share listed in shares.json will be deleted'],
    [3, 'the 3 shares listed in shares.json will be deleted'],
  ])('warns how many listed shares it deletes (%d), deletes only those, and can be repeated', async (count, says) => {
    const names = Array.from({ length: count }, (_, i) => `Share ${i}`);
    for (const name of names) seed(name);
    const other = seed('Not in the file');
    const file = { complete: true, shares: names.map((name) => share(name)) };
    const ran = await go(file, { mode: 'delete' });
    expect(ran.errors).toEqual([]);
    expect(ran.warnings).toEqual([`mode: ${says}`]);
    expect(ran.log.indexOf('::warning')).toBeLessThan(ran.log.indexOf('deleted'));
    expect(live()).toEqual([['Not in the file', other]]);
    expect(ran.lines.at(-1)).toBe(`${count} share${count === 1 ? '' : 's'}: ${count} deleted.`);
    const again = await go(file, { mode: 'delete' });
    expect(again.exitCode).toBe(0);
    expect(again.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' });
    expect(live()).toEqual([['Not in the file', other]]);
  });
});

// mode: plan shows what apply would do and writes nothing. These tests run dist/index.js from start to finish.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type InputsOf, inputsFor, type Ran, runAction } from '../run-action.ts';
import { runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();
const folder = useFolder();

const accounts = (...indexes: number[]) => indexes.map((i) => ({ recipient_account_id: sim.memberIds[i] as string }));
const policies = (...ids: string[]) => ids.map((resource_id) => ({ resource_type: 'gateway-policy', resource_id }));
const whole = (resource_id: string) => ({
  resource_type: 'gateway-policy',
  resource_id,
  resource_account_id: sim.accountId,
  meta: {},
});
const go = (inputs: InputsOf = {}): Promise<Ran> =>
  runInProcess(
    inputsFor(sim, {
      'share-name': 'Baseline',
      recipients: accounts(0, 1),
      resources: policies('c1'),
      mode: 'plan',
      ...inputs,
    }),
    { env: { GITHUB_WORKSPACE: folder } },
  );
const seed = (recipients: { recipient_account_id?: string }[] = accounts(0, 1), ...resources: string[]) =>
  sim.seed({ name: 'Baseline', recipients, resources: (resources.length > 0 ? resources : ['c1']).map(whole) });
const methods = (): string[] => [...new Set(sim.requests.map(({ method }) => method))];
const planOf = (ran: Ran) => JSON.parse(ran.outputs.plan ?? '{}').shares[0];
/**
 * Item counts of a plan: `{add, remove, extra}` for recipients and `{add, update, remove, extra}` for resources.
 */
const countsOf = (plan: { recipients: object; resources: object }) =>
  Object.fromEntries(
    (['recipients', 'resources'] as const).map((list) => [
      list,
      Object.fromEntries(
        Object.entries(plan[list]).flatMap(([kind, items]) => (items.length > 0 ? [[kind, items.length]] : [])),
      ),
    ]),
  );

interface Case {
  title: string;
  there?: () => void;
  inputs?: () => InputsOf;
  action: string;
  counts?: { recipients?: object; resources?: object };
  drift?: boolean;
}

const cases: Case[] = [
  { title: 'a missing share', action: 'create', counts: { recipients: { add: 2 }, resources: { add: 1 } } },
  { title: 'a share in sync', there: () => seed(), action: 'none', drift: false },
  {
    title: 'unlisted items',
    there: () => seed(accounts(0, 1, 2), 'c1', 'c9'),
    action: 'none',
    counts: { recipients: { extra: 1 }, resources: { extra: 1 } },
  },
  {
    title: 'unlisted items with prune',
    there: () => seed(accounts(0, 1, 2), 'c1', 'c9'),
    inputs: () => ({ prune: 'true' }),
    action: 'update',
    counts: { recipients: { remove: 1 }, resources: { remove: 1 } },
  },
  {
    title: 'missing items',
    there: () => seed(accounts(0)),
    inputs: () => ({ resources: policies('c1', 'c2') }),
    action: 'update',
    counts: { recipients: { add: 1 }, resources: { add: 1 } },
  },
  {
    title: 'a different meta',
    there: () => seed(),
    inputs: () => ({ resources: [{ ...policies('c1')[0], meta: { a: 1 } }] }),
    action: 'update',
    counts: { resources: { update: 1 } },
  },
  {
    title: 'a different share-name',
    there: () => seed(),
    inputs: () => ({ 'share-id': sim.liveShares()[0]?.id, 'share-name': 'New name' }),
    action: 'update',
  },
  {
    title: 'a different target with replace',
    there: () => seed(),
    inputs: () => ({ recipients: [{}], replace: 'true' }),
    action: 'replace',
    counts: { recipients: { add: 1, remove: 2 }, resources: { add: 1 } },
  },
  {
    title: 'a share with if-exists: keep',
    there: () => seed(accounts(5)),
    inputs: () => ({ 'if-exists': 'keep' }),
    action: 'none',
    drift: false,
  },
  {
    title: 'create-new',
    there: () => seed(),
    inputs: () => ({ 'if-exists': 'create-new' }),
    action: 'create',
    counts: { recipients: { add: 2 }, resources: { add: 1 } },
  },
];

describe('mode: plan', () => {
  test.each(cases)(
    'plans "$action" for $title, and sends no writes',
    async ({ there, inputs, action, counts, drift = true }) => {
      there?.();
      const before = sim.shares();
      const ran = await go(inputs?.());
      expect(ran.errors).toEqual([]);
      expect(ran.exitCode).toBe(0);
      expect(ran.outputs).toMatchObject({ outcome: 'planned', changed: String(action !== 'none') });
      const plan = planOf(ran);
      expect(plan.action).toBe(action);
      expect(countsOf(plan)).toEqual({ recipients: {}, resources: {}, ...counts });
      expect(plan.share_id).toBe(action === 'create' ? null : sim.liveShares()[0]?.id);
      expect(methods().filter((method) => method !== 'GET')).toEqual([]);
      expect(sim.shares()).toEqual(before);
      expect(ran.lines.at(-1)).toMatch(/Nothing was changed \(mode: plan\)\.$/);

      // With fail-on-drift, the same plan fails if anything differs, and has the same text.
      const watched = await go({ ...inputs?.(), 'fail-on-drift': 'true' });
      expect(watched.exitCode).toBe(drift ? 1 : 0);
      expect(watched.errors).toEqual(
        drift ? [expect.stringMatching(/^share-name: Drift: .+\. Nothing was changed \(mode: plan\)$/)] : [],
      );
      expect(watched.outputs.plan).toBe(ran.outputs.plan);
      expect(watched.outputs.changed).toBe(ran.outputs.changed);
      expect(sim.shares()).toEqual(before);
    },
  );

  test('sends only reads and fails when if-exists is fail and the share exists', async () => {
    const { id } = seed();
    const ran = await go({ 'if-exists': 'fail' });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors[0]).toContain(id);
    expect(methods()).toEqual(['GET']);
  });

  test("fails but shows the plan when it can't be applied", async () => {
    seed();
    const ran = await go({ recipients: [{}] });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors[0]).toContain('replace: true');
    expect(planOf(ran).action).toBe('replace');
    expect(ran.outputs.outcome).toBe('planned');
    expect(methods()).toEqual(['GET']);
  });

  test('plans exactly what apply then does', async () => {
    seed(accounts(0, 2), 'c1', 'c3');
    const inputs = { prune: 'true', recipients: accounts(0, 1), resources: policies('c1', 'c2') };
    const planned = await go(inputs);
    const applied = await go({ ...inputs, mode: 'apply' });
    expect(applied.outputs.plan).toBe(planned.outputs.plan);
    const after = await go({ ...inputs, 'fail-on-drift': 'true' });
    expect(after.exitCode).toBe(0);
    expect(planOf(after).action).toBe('none');
  });

  test('lists removals before additions in the log and the summary', async () => {
    seed(accounts(0, 2), 'c1');
    const ran = await go({ prune: 'true' });
    const lines = ran.lines.filter((line) => /^[-+~!] /.test(line));
    expect(lines).toEqual([
      expect.stringMatching(/^~ share "Baseline": update/),
      '! takes the share from 1 recipient',
      `-   recipient ${sim.memberIds[2]}`,
      `+   recipient ${sim.memberIds[1]}`,
    ]);
    for (const line of lines.slice(2)) expect(ran.summary).toContain(line);
    expect(ran.summary).toMatch(/\*\*Lose\*\* share <code>Baseline<\/code>: <code>3{8}/);
    expect(ran.summary).toMatch(/\*\*Gain\*\* share <code>Baseline<\/code>: <code>2{8}/);
  });

  test('outputs the share and its recipients', async () => {
    const { id } = seed();
    const ran = await go();
    expect(ran.outputs).toMatchObject({ 'share-id': id, status: 'active' });
    expect(JSON.parse(ran.outputs.recipients ?? '[]')).toHaveLength(2);
    expect(JSON.parse(ran.outputs.share ?? '{}').resources).toHaveLength(1);
    const none = await go({ 'share-name': 'Not there' });
    expect(none.outputs['share-id']).toBeUndefined();
    expect(none.outputs.recipients).toBeUndefined();
  });

  test("fails but shows the plan when plan-file can't be written", async () => {
    for (const run of [runAction, runInProcess]) {
      sim.reset();
      const inputs = { 'share-name': 'Baseline', recipients: accounts(0), resources: policies('c1'), mode: 'plan' };
      const ran = await run(inputsFor(sim, { ...inputs, 'plan-file': `${'long'.repeat(99)}.json` }), {
        env: { GITHUB_WORKSPACE: folder },
      });
      expect(ran.exitCode).toBe(1);
      expect(ran.errors).toEqual([expect.stringMatching(/^plan-file: The plan can't be written to .*ENAMETOOLONG/)]);
      expect(planOf(ran).action).toBe('create');
      expect(ran.lines.at(-1)).toMatch(
        /^Share "Baseline": to create, .*\. Not done: write the plan to plan-file\. Nothing was changed \(mode: plan\)\.$/,
      );
    }
  });

  test("doesn't wait for association", async () => {
    sim.seed({ name: 'Baseline', recipients: accounts(0, 1), resources: [whole('c1')], associated: false });
    sim.failRecipient(String(sim.memberIds[0]), { error: 'Never', terminal: true });
    expect((await go({ wait: 'true' })).exitCode).toBe(0);
  });
});

test('sends only reads for a file, and fails on drift in any share', async () => {
  seed(accounts(0, 1, 2));
  const share = (name: string) => ({ name, recipients: accounts(0, 1), resources: policies('c1') });
  writeFileSync(join(folder, 'shares.json'), JSON.stringify({ shares: [share('Baseline'), share('Other')] }));
  const file = { config: 'shares.json', 'share-name': undefined, recipients: undefined, resources: undefined };
  const ran = await go(file);
  expect(ran.exitCode).toBe(0);
  expect(ran.outputs).toMatchObject({ outcome: 'planned', changed: 'true' });
  expect(JSON.parse(ran.outputs.plan ?? '{}').shares.map((plan: { action: string }) => plan.action)).toEqual([
    'none',
    'create',
  ]);
  const watched = await go({ ...file, 'fail-on-drift': 'true' });
  expect(watched.exitCode).toBe(1);
  expect(watched.errors.join('\n')).toMatch(
    /shares\[0\]\.name: "Baseline": Drift: 1 recipient that the file does not list[\s\S]*shares\[1\]\.name: "Other": Drift: the share does not exist; to create/,
  );
  expect(methods()).toEqual(['GET']);
});

test('shows the plans of a file in the order of the file', async () => {
  // Only the first share exists, so only its plan waits for a second response.
  sim.seed({ name: 'First', recipients: [{ account_id: sim.memberIds[1] as string }] });
  const shares = ['First', 'Second', 'Third'].map((name) => ({
    name,
    recipients: [{ recipient_account_id: sim.memberIds[0] }],
    resources: [{ resource_type: 'gateway-policy', resource_id: 'c1' }],
  }));
  writeFileSync(join(folder, 'order.json'), JSON.stringify({ shares }));
  const ran = await runInProcess(inputsFor(sim, { config: 'order.json', mode: 'plan' }), {
    env: { GITHUB_WORKSPACE: folder },
  });
  const groups = ran.lines.flatMap((line) => /^::group::Plan for "(\w+)"/.exec(line)?.[1] ?? []);
  expect(groups).toEqual(['First', 'Second', 'Third']);
});

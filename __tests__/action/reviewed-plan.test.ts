// Apply makes only reviewed changes, with the plan in a file or in a pull request comment. These tests run the action
// from start to finish. The first test for each kind of plan starts processes.

import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { COMMIT, PERSON, TOKEN } from '../fake-github.ts';
import { type RunOptions, runAction } from '../run-action.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFakeGithub, useSimulator } from '../use-simulator.ts';
import { until } from './until.ts';

const sim = await useSimulator();
const github = await useFakeGithub();
beforeEach(() => rmSync(join(github.workspace, 'plan.json'), { recursive: true, force: true }));

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const id = (i: number): string => sim.memberIds[i] as string;
const to = (...indexes: number[]) => indexes.map((i) => ({ recipient_account_id: id(i) }));
const whole = (resource_id = 'c1') => ({ ...POLICY, resource_id, resource_account_id: sim.accountId, meta: {} });
/** Runs in this process, or with options as a process. */
const go = (inputs: InputsOf, env: Record<string, string>, options?: RunOptions): Promise<Ran> => {
  const all = inputsFor(sim, { 'share-name': 'Baseline', recipients: to(0, 1), resources: [POLICY], ...inputs });
  return options === undefined ? runInProcess(all, { env }) : runAction(all, { ...options, env });
};
const AS_PROCESS: RunOptions = {};
const onDisk = () => ({ GITHUB_WORKSPACE: github.workspace });
const plan = (inputs: InputsOf = {}, options?: RunOptions): Promise<Ran> =>
  go({ mode: 'plan', 'plan-file': 'plan.json', ...inputs }, onDisk(), options);
const apply = (inputs: InputsOf = {}, options?: RunOptions): Promise<Ran> =>
  go({ 'reviewed-plan': 'plan.json', ...inputs }, onDisk(), options);
const file = (shares: object[], top: object = {}): InputsOf => {
  writeFileSync(join(github.workspace, 'shares.json'), JSON.stringify({ ...top, shares }));
  return { config: 'shares.json', 'share-name': undefined, recipients: undefined, resources: undefined };
};
const writes = (): string[] => sim.requests.map(({ method }) => method).filter((method) => method !== 'GET');
/** A folder in the checkout that links back to the workspace. */
const linkFolder = (): void => {
  mkdirSync(join(github.workspace, 'a'));
  symlinkSync(github.workspace, join(github.workspace, 'a', 'link'));
};
const planPath = (): string => join(github.workspace, 'plan.json');

/** Expects the step to fail with exactly these problems and to write nothing. */
const expectRefused = (ran: Ran, before: unknown, ...says: (string | RegExp)[]): void => {
  expect(ran.errors).toEqual(says.map((text) => expect.stringMatching(text)));
  expect(ran.exitCode).toBe(1);
  expect(writes()).toEqual([]);
  expect(sim.shares()).toEqual(before);
};

describe('a plan file', () => {
  test('can be applied again after all of its changes were made', async () => {
    sim.seed({ name: 'Baseline', recipients: to(0, 2), resources: [whole()] });
    const planned = await plan({ prune: 'true' }, AS_PROCESS);
    expect(planned.exitCode).toBe(0);
    expect(writes()).toEqual([]);
    const written = JSON.parse(readFileSync(planPath(), 'utf8'));
    expect(written).toMatchObject({ account_id: sim.accountId, plan: JSON.parse(planned.outputs.plan ?? '{}') });

    const applied = await apply({ prune: 'true' }, AS_PROCESS);
    expect(applied.errors).toEqual([]);
    expect(applied.outputs.outcome).toBe('updated');
    const again = await apply({ prune: 'true' }, AS_PROCESS);
    expect(again.errors).toEqual([]);
    expect(again.outputs.outcome).toBe('unchanged');
  });

  test.each<[string, () => void, () => InputsOf, () => string[]]>([
    [
      'an additional recipient in the inputs',
      () => undefined,
      () => ({ recipients: to(0, 1, 5) }),
      () => [`^Not in the reviewed plan: add recipient ${id(5)} to `],
    ],
    [
      'meta that differs from the reviewed one',
      () => undefined,
      () => ({ resources: [{ ...POLICY, meta: { a: 1 } }] }),
      () => ['^Not in the reviewed plan: update resource gateway-policy c1'],
    ],
    [
      'a recipient removed since the review',
      () => {
        sim.reset();
        sim.seed({ name: 'Baseline', recipients: to(2), resources: [whole()] });
      },
      () => ({}),
      () => ['^Not in the reviewed plan: ', '^Not in the reviewed plan: '],
    ],
    [
      'prune, which was not reviewed',
      () => undefined,
      () => ({ prune: 'true' }),
      () => [`^Not in the reviewed plan: remove recipient ${id(2)} from `],
    ],
  ])('does not cover %s, so nothing is written', async (_, meanwhile, inputs, says) => {
    sim.seed({ name: 'Baseline', recipients: to(0, 2), resources: [whole()] });
    await plan();
    meanwhile();
    const before = sim.shares();
    expectRefused(await apply(inputs()), before, ...says());
  });

  const everybody = { recipients: [{}], resources: [POLICY, { ...POLICY, resource_id: 'c2' }] };
  const toAll = (exclusions: string[]) =>
    sim.seed({ name: 'Baseline', recipients: [{}], resources: [whole()], exclusions });
  const change = async (method: string, list: string, body?: object): Promise<void> => {
    const [share] = sim.liveShares();
    const response = await fetch(`${sim.baseUrl}/accounts/${sim.accountId}/shares/${share?.id}/${list}`, {
      method,
      headers: { authorization: `Bearer ${sim.credentials.apiToken}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(await response.text());
  };
  test.each<[string, () => unknown, InputsOf, () => unknown, InputsOf, () => string]>([
    [
      'an exclusion that the inputs no longer have',
      () => toAll([]),
      everybody,
      () => undefined,
      { exclude: undefined },
      () => `resource gateway-policy c2 .* to account ${id(1)}, which the reviewed plan excludes \\(without exclude`,
    ],
    [
      'an exclusion removed since the review',
      () => toAll([id(3)]),
      everybody,
      () => change('DELETE', `excluded-recipients/${sim.liveShares()[0]?.exclusions[0]?.id}`),
      {},
      () => `resource gateway-policy c2 .* to account ${id(3)}, which the reviewed plan excludes\\.`,
    ],
    [
      'a reviewed removal that prune: false omits',
      () => sim.seed({ name: 'Baseline', recipients: to(0, 2), resources: [whole()] }),
      { resources: everybody.resources, prune: 'true' },
      () => undefined,
      { prune: 'false' },
      () => `resource gateway-policy c2 .* to account ${id(2)}, which is not a recipient in the reviewed plan`,
    ],
    [
      'a recipient that someone else added',
      () => sim.seed({ name: 'Baseline', recipients: to(0, 1), resources: [whole()] }),
      { resources: everybody.resources },
      () => change('POST', 'recipients', { account_id: id(4) }),
      {},
      () => `resource gateway-policy c2 .* to account ${id(4)}, which is not a recipient in the reviewed plan`,
    ],
    [
      'a resource that someone else added',
      () => sim.seed({ name: 'Baseline', recipients: to(0), resources: [whole()] }),
      {},
      () => change('POST', 'resources', whole('c9')),
      {},
      () => `resource gateway-policy c9 .* to account ${id(1)}, to which the reviewed plan does not give this resource`,
    ],
  ])('does not lead to unreviewed access despite %s', async (_, seed, inputs, between, otherwise, says) => {
    seed();
    const excluding = 'recipients' in inputs ? { exclude: to(1) } : {};
    expect((await plan({ ...inputs, ...excluding })).errors).toEqual([]);
    await between();
    const before = sim.shares();
    sim.requests.length = 0;
    expectRefused(await apply({ ...inputs, ...excluding, ...otherwise }), before, new RegExp(`give ${says()}`));
    expect((await plan({ ...inputs, ...excluding })).exitCode).toBe(0);
    expect((await apply({ ...inputs, ...excluding })).errors).toEqual([]);
  });

  test('does not cover a replacement that was refused in the plan', async () => {
    sim.seed({ name: 'Baseline', recipients: [{}], resources: [whole()] });
    expect((await plan()).exitCode).toBe(1);
    const before = sim.shares();
    const [share] = before;
    expectRefused(
      await apply({ replace: 'true' }),
      before,
      `^Not in the reviewed plan: replace share "Baseline" \\(${share?.id}\\)`,
      '^Not in the reviewed plan: ',
      '^Not in the reviewed plan: ',
      '^Not in the reviewed plan: ',
    );
  });

  test('for many shares stops all of them when one has an unreviewed step', async () => {
    const share = (name: string, ...indexes: number[]) => ({ name, recipients: to(...indexes), resources: [POLICY] });
    await plan(file([share('A', 0), share('B', 1)]));
    const ran = await apply(file([share('A', 0), share('B', 1, 2)]));
    expectRefused(
      ran,
      [],
      `^file=shares\\.json,line=1,col=\\d+::"B": Not in the reviewed plan: add recipient ${id(2)} to new share "B"`,
    );
    expect((await apply(file([share('A', 0), share('B', 1)]))).exitCode).toBe(0);
    expect(sim.liveShares().map(({ name }) => name)).toEqual(['A', 'B']);
  });

  test('does not cover deleting a share that appeared after the plan', async () => {
    const inputs = () => ({
      ...file([{ name: 'A', recipients: to(0), resources: [POLICY] }], { complete: true }),
      prune: 'true',
    });
    await plan(inputs());
    const { id: late } = sim.seed({ name: 'Late' });
    expectRefused(
      await apply(inputs()),
      sim.shares(),
      `"Late": Not in the reviewed plan: delete share "Late" \\(${late}\\)\\. Nothing was changed\\. Plan again, and have the new plan reviewed$`,
    );
  });

  test('covers the rest of a run that was killed before the rename', async () => {
    await plan();
    sim.order({ kind: 'late-response', method: 'POST', delayMs: 600_000 });
    await apply(
      {},
      {
        started: async (child) => {
          await until(() => sim.liveShares().length > 0);
          child.kill('SIGKILL');
        },
      },
    );
    const [left] = sim.liveShares();
    expect(left?.name).not.toBe('Baseline');
    const repeated = await apply();
    expect(repeated.errors).toEqual([]);
    expect(repeated.exitCode).toBe(0);
    expect(sim.liveShares().map(({ id: of, name }) => [of, name])).toEqual([[left?.id, 'Baseline']]);
  });

  test.each<[string, (text: string) => string | undefined, RegExp]>([
    [
      'is for another account',
      (text) => text.replaceAll(sim.accountId, 'e'.repeat(32)),
      /is for account e{32}, but this run/,
    ],
    ['has another version', (text) => text.replace(/"version": \d+/, '"version": 99'), /has format v99/],
    ['is truncated', (text) => text.slice(0, -20), /is damaged \(it is not JSON\)/],
    ['has an unknown key', (text) => text.replace('"add"', '"more": [], "add"'), /is damaged \(/],
    ["doesn't exist", () => undefined, /^There is no reviewed plan .*plan\.json/],
  ])('fails the step before any write if it %s', async (_, change, says) => {
    await plan();
    const text = change(readFileSync(planPath(), 'utf8'));
    if (text === undefined) rmSync(planPath());
    else writeFileSync(planPath(), text);
    expectRefused(await apply(), [], says);
  });

  test('is refused before any request when its path is a folder', async () => {
    const ran = await plan({ 'plan-file': '.' });
    expect(ran.errors).toEqual(['plan-file: .: is a folder, not a file']);
    expect(ran.exitCode).toBe(1);
    expect(sim.requests).toEqual([]);
  });

  test.each<[string, string, () => void, string]>([
    [
      'is a link',
      'link.json',
      () => symlinkSync(join(github.workspace, 'keep'), join(github.workspace, 'link.json')),
      'link.json',
    ],
    [
      'is a dangling link',
      'link.json',
      () => symlinkSync('/nowhere/at/all', join(github.workspace, 'link.json')),
      'link.json',
    ],
    ['is in a linked folder', 'a/link/b/plan.json', () => linkFolder(), 'a/link'],
  ])('is not written, and nothing is sent, if it %s', async (_, path, arrange, link) => {
    const keep = join(github.workspace, 'keep');
    writeFileSync(keep, 'keep');
    arrange();
    const ran = await plan({ 'plan-file': path });
    rmSync(join(github.workspace, 'a'), { recursive: true, force: true });
    rmSync(join(github.workspace, 'link.json'), { force: true });
    expect(ran.errors).toEqual([
      `plan-file: ${path}: ${link} is a symbolic link, and the action doesn't write plans through symbolic links`,
    ]);
    expect(ran.exitCode).toBe(1);
    expect(sim.requests).toEqual([]);
    expect(readFileSync(keep, 'utf8')).toBe('keep');
    expect(existsSync(join(github.workspace, 'b'))).toBe(false);
  });

  test("fails the step, which still shows the plan, when it can't be written", async () => {
    sim.order({ kind: 'late-response', method: 'GET', delayMs: 300 });
    const [ran] = await Promise.all([plan(), until(() => sim.requests.length > 0).then(() => mkdirSync(planPath()))]);
    expect(ran.errors).toEqual([expect.stringMatching(/^plan-file: The plan can't be written to .+ \(E[A-Z]+\)$/)]);
    expect(ran.exitCode).toBe(1);
    expect(ran.outputs).toMatchObject({ outcome: 'planned', changed: 'true' });
    expect(ran.summary).toContain('### Plan for share');
  });

  test.each<[InputsOf, RegExp]>([
    [{ mode: 'plan' }, /^reviewed-plan: is only for mode: apply, but mode is plan/],
    [{ mode: 'delete' }, /^reviewed-plan: is only for mode: apply, but mode is delete/],
    [{ 'reviewed-plan': undefined, 'plan-file': 'x.json' }, /^plan-file: is only for mode: plan, but mode is apply/],
  ])('is refused when it has no effect: %j', async (inputs, says) => {
    const ran = await apply(inputs);
    expect(ran.errors).toEqual([expect.stringMatching(says)]);
    expect(sim.requests).toEqual([]);
  });
});

describe('the plan on the pull request', () => {
  const planOn = (inputs: InputsOf = {}, options?: RunOptions): Promise<Ran> =>
    go({ mode: 'plan', 'comment-on-pr': 'true', 'github-token': TOKEN, ...inputs }, github.onPullRequest(), options);
  const applyOn = (inputs: InputsOf = {}, options?: RunOptions): Promise<Ran> =>
    go({ 'reviewed-plan': 'pull-request', 'github-token': TOKEN, ...inputs }, github.onMerge(), options);

  test('is found among many comments and is applied after the merge', async () => {
    github.talk(110);
    await planOn({}, AS_PROCESS);
    github.talk(30);
    const ran = await applyOn({}, AS_PROCESS);
    expect(ran.errors).toEqual([]);
    expect(ran.outputs.outcome).toBe('created');
    expect((await applyOn({}, AS_PROCESS)).outputs.outcome).toBe('unchanged');
  });

  test('does not cover an additional recipient, so nothing is written', async () => {
    await planOn();
    expectRefused(
      await applyOn({ recipients: to(0, 1, 5) }),
      [],
      `^Not in the reviewed plan: add recipient ${id(5)} to new share "Baseline"\\. Nothing was changed\\. Plan again`,
    );
  });

  test('is the newest plan, and older ones are ignored', async () => {
    await planOn({ recipients: to(0, 1, 5) });
    await planOn();
    expectRefused(await applyOn({ recipients: to(0, 1, 5) }), [], `add recipient ${id(5)}`);
    expect((await applyOn()).exitCode).toBe(0);
  });

  test('can cover a file with several shares', async () => {
    const share = (name: string, ...indexes: number[]) => ({ name, recipients: to(...indexes), resources: [POLICY] });
    await planOn(file([share('A', 0)]));
    expectRefused(await applyOn(file([share('A', 0), share('B', 0)])), [], 'create share "B"', /./, /./);
    expect((await applyOn(file([share('A', 0)]))).exitCode).toBe(0);
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a commit without a pull request',
      async () => {
        await planOn();
        github.pulls = [];
      },
      new RegExp(`^Commit ${COMMIT} didn't come from a pull request, so there is no reviewed plan`),
    ],
    ['no comment', async () => github.talk(3), /^Pull request #12 has no comment with a plan/],
    ['a comment about another share', () => planOn({ 'share-name': 'Other' }), /^Pull request #12 has no comment/],
    [
      'a copy by a person',
      async () => {
        await planOn();
        for (const comment of github.comments) comment.user = PERSON;
      },
      /was not written by github-actions\[bot\], the identity of github-token, so it may be a copy/,
    ],
    [
      'a plan that failed',
      async () => {
        await planOn();
        await planOn({ recipients: '[{"acount_id":"x"}]' });
      },
      /^The comment on pull request #12 /,
    ],
  ])('fails the step before any write if it is missing: %s', async (_, prepare, says) => {
    await prepare();
    expectRefused(await applyOn(), [], says);
    expect(sim.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

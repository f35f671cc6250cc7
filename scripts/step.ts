// `npm run step`: runs the action anywhere as a runner does. Use it to try a file locally, to work on the action, or in CI systems
// other than GitHub Actions.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import type { Simulator } from '../simulator/index.ts';
import { readOutputs, shownLog, variableOf } from '../simulator/runner.ts';
import { commandLine } from './command-line.ts';
import { root } from './repository.ts';

const { inputs } = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
  inputs: Record<string, { default?: string }>;
};

const help = `Runs the action as GitHub's runner does, and prints its log and outputs. The exit code is the step's.

  npm run --silent step -- [--simulator] [--source] [--folder DIR] [--INPUT VALUE]...

  --simulator   runs against a simulated account on this machine: no credentials, and nothing leaves it. The account has no shares, but
                the names in README and the examples: "Berlin office", "Branch Aarhus", "Block malware", …
                Every call gets a new account. To keep one for several calls, start \`npm run simulator\`, and pass the address and the
                token that it prints (--api-base-url, CLOUDFLARE_API_TOKEN)
  --source      runs src/ instead of dist/
  --folder DIR  the folder for summary.md and outputs.json (a new temporary folder)
  --INPUT VALUE any input of action.yml:
${wrapped(Object.keys(inputs).map((name) => `--${name}`))}

Pass credentials in the environment (CLOUDFLARE_API_TOKEN), where other users of the machine can't see them. Paths are relative to
the folder that you call this from.

  npm run --silent step -- --mode check --config .cloudflare/shares.yml
  npm run --silent step -- --simulator --mode plan --config .cloudflare/shares.yml
`;

/** Wraps words into lines of at most 120 characters. */
function wrapped(words: readonly string[]): string {
  const lines = [''];
  for (const word of words) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length > 105) lines.push(` ${word}`);
    else lines[lines.length - 1] = line;
  }
  return lines.map((line) => `               ${line}`).join('\n');
}

/** npm runs scripts in the folder of package.json. INIT_CWD is the folder from which it was called. */
const calledFrom = process.env.INIT_CWD ?? process.cwd();

type Given = Record<string, string | boolean | undefined>;

/** All inputs, as the runner passes them. An input that isn't set and has no default is empty. */
function inputsOf(given: Given, sim: Simulator | undefined): Record<string, string> {
  const ofSimulator: Given = sim
    ? { 'account-id': sim.accountId, 'api-token': sim.credentials.apiToken, 'api-base-url': sim.baseUrl }
    : {};
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { default: byDefault = '' }]) => [
      variableOf(name),
      String(given[name] ?? ofSimulator[name] ?? withoutExpressions(byDefault)),
    ]),
  );
}

/** The only expression in action.yml is the job's token. */
const withoutExpressions = (text: string): string =>
  /^\$\{\{ github\.token \}\}$/.test(text) ? (process.env.GITHUB_TOKEN ?? '') : text;

/** This process's environment without the inputs of another step and, in a simulation, without the real account. */
function environmentOf(sim: Simulator | undefined): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('INPUT_') && !(sim && name.startsWith('CLOUDFLARE_')),
  );
  return { GITHUB_WORKSPACE: calledFrom, ...Object.fromEntries(kept) };
}

/** GitHub shows an annotation next to the line of the file. For a terminal, put the place into the text: `shares.yml:3:5: …`. */
const withPlace = (line: string): string =>
  line.replace(
    /^::(\w+) file=([^,:]+)(?:,line=(\d+))?(?:,col=(\d+))?[^:]*::/,
    (_, level: string, ...place: (string | undefined)[]) =>
      `::${level}::${place
        .slice(0, 3)
        .filter((part) => part !== undefined)
        .join(':')}: `,
  );

/** Loaded only here, because calls without it start faster. */
async function startNamedSimulator(): Promise<Simulator> {
  const [{ startSimulator }, { nameAsDocumented }] = await Promise.all([
    import('../simulator/index.ts'),
    import('../simulator/documented-names.ts'),
  ]);
  return nameAsDocumented(await startSimulator());
}

/** Runs the step to its end. @returns its exit code */
async function runStep(entry: string, env: Record<string, string | undefined>): Promise<number> {
  const child = spawn(process.execPath, [entry], { cwd: calledFrom, env, stdio: ['ignore', 'pipe', 'inherit'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  for await (const line of createInterface({ input: child.stdout })) {
    const shown = shownLog(withPlace(line));
    if (shown !== '') console.log(shown);
  }
  return child.exitCode ?? (await new Promise((ended) => child.once('close', (code) => ended(code ?? 1))));
}

const options = Object.fromEntries([
  ...Object.keys(inputs).map((name) => [name, { type: 'string' as const }]),
  ['simulator', { type: 'boolean' as const }],
  ['source', { type: 'boolean' as const }],
  ['folder', { type: 'string' as const }],
]);

await commandLine(help, { options }, async ({ values }) => {
  const given = values as Given;
  const folder = given.folder ? resolve(calledFrom, String(given.folder)) : mkdtempSync(join(tmpdir(), 'share-step-'));
  mkdirSync(folder, { recursive: true });
  const [summary, output, outputs] = ['summary.md', 'output', 'outputs.json'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const file of [summary, output]) writeFileSync(file, '');

  const sim = given.simulator ? await startNamedSimulator() : undefined;
  try {
    process.exitCode = await runStep(join(root, given.source ? 'src/main.ts' : 'dist/index.js'), {
      ...environmentOf(sim),
      ...inputsOf(given, sim),

      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      RUNNER_TEMP: folder,
    });
  } finally {
    await sim?.close();
  }
  const set = readOutputs(readFileSync(output, 'utf8'));
  writeFileSync(outputs, `${JSON.stringify(set, null, 2)}\n`);
  console.log('\nOutputs');
  for (const [name, value] of Object.entries(set)) console.log(`  ${name}=${value}`);
  console.log(`\nSummary: ${summary}\nOutputs as JSON: ${outputs}`);
});

// Runs the action as a runner would and tells what a user would see: the built dist/index.js as a process, or - for
// coverage, and where hundreds of runs are wanted - the same run of src/ in this process.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Simulator } from '../simulator/index.ts';
import { run } from '../src/run.ts';

const ENTRY = fileURLToPath(new URL('../dist/index.js', import.meta.url));

export type InputsOf = Record<string, string | object | undefined>;

export interface Ran {
  exitCode: number | null;
  log: string;
  /** The lines of the log, without the runner's masks. */
  lines: string[];
  /** Messages of `::error` and `::warning` as the runner would show them, with their properties. */
  errors: string[];
  warnings: string[];
  outputs: Record<string, string>;
  summary: string;
}

export interface RunOptions {
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Is handed the process as soon as it runs. */
  started?: (child: ChildProcess) => void;
}

/** The inputs that every run against a simulator needs. */
export const inputsFor = (sim: Simulator, inputs: InputsOf): InputsOf => ({
  'account-id': sim.accountId,
  'api-token': sim.credentials.apiToken,
  'api-base-url': sim.baseUrl,
  ...inputs,
});

/** Runs dist/index.js as a process. Lists and objects among the inputs are written as JSON. */
export async function runAction(inputs: InputsOf, { env = {}, cwd, started }: RunOptions = {}): Promise<Ran> {
  const files = commandFiles();
  const child = spawn(process.execPath, [ENTRY], {
    env: environment(inputs, files, env),
    cwd: cwd ?? files.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started?.(child);
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (log += text));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return seen(exitCode, log, files);
}

/** Runs src/ in this process; one run at a time, as the environment and standard output are shared. */
export async function runInProcess(
  inputs: InputsOf,
  { env = {}, signal = new AbortController().signal }: { env?: RunOptions['env']; signal?: AbortSignal } = {},
): Promise<Ran> {
  const files = commandFiles();
  const before = { ...process.env };
  const write = process.stdout.write;
  let log = '';
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment(inputs, files, env));
  process.stdout.write = ((text: string) => {
    log += text;
    return true;
  }) as typeof write;
  try {
    const green = await run(signal);
    return seen(green ? 0 : 1, log, files);
  } finally {
    process.stdout.write = write;
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

interface CommandFiles {
  folder: string;
  output: string;
  summary: string;
}

function commandFiles(): CommandFiles {
  const folder = mkdtempSync(join(tmpdir(), 'share-action-'));
  const files = { folder, output: join(folder, 'output'), summary: join(folder, 'summary.md') };
  writeFileSync(files.output, '');
  writeFileSync(files.summary, '');
  return files;
}

function environment(inputs: InputsOf, files: CommandFiles, env: RunOptions['env']): Record<string, string> {
  const text = (value: string | object): string => (typeof value === 'string' ? value : JSON.stringify(value));
  const all: Record<string, string | undefined> = {
    PATH: process.env.PATH,
    SystemRoot: process.env.SystemRoot,
    GITHUB_OUTPUT: files.output,
    GITHUB_STEP_SUMMARY: files.summary,
    ...Object.fromEntries(
      Object.entries(inputs).flatMap(([name, value]) =>
        value === undefined ? [] : [[`INPUT_${name.replace(/ /g, '_').toUpperCase()}`, text(value)]],
      ),
    ),
    ...env,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function seen(exitCode: number | null, log: string, files: CommandFiles): Ran {
  const outputs = readOutputs(readFileSync(files.output, 'utf8'));
  const summary = readFileSync(files.summary, 'utf8');
  rmSync(files.folder, { recursive: true, force: true });
  const lines = log.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('::add-mask::'));
  const of = (command: string): string[] =>
    lines
      .filter((line) => line.startsWith(`::${command}`))
      .map((line) =>
        decode(
          line
            .slice(command.length + 2)
            .replace(/^::/, '')
            .trim(),
        ),
      );
  return { exitCode, log, lines, errors: of('error'), warnings: of('warning'), outputs, summary };
}

const decode = (text: string): string => text.replace(/%0D/g, '\r').replace(/%0A/g, '\n').replace(/%25/g, '%');

/** The runner's reading of a GITHUB_OUTPUT file: `name<<delimiter`, the value, the delimiter. */
function readOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const [, name, delimiter] = /^(.+?)<<(.+)$/.exec(lines[i] ?? '') ?? [];
    if (name === undefined) continue;
    const end = lines.indexOf(delimiter ?? '', i + 1);
    outputs[name] = lines.slice(i + 1, end).join('\n');
    i = end;
  }
  return outputs;
}

// Simulates what GitHub's runner provides to an action: inputs in the environment, and files for outputs and the
// summary.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Simulator } from './index.ts';

/** Inputs of a step by name. Lists and objects are passed as JSON. */
export type InputsOf = Record<string, string | object | undefined>;
export type EnvironmentOf = Record<string, string | undefined>;

export interface Ran {
  exitCode: number | null;
  /** Everything that was written to standard output and standard error. */
  log: string;
  outputs: Record<string, string>;
  summary: string;
}

/** The inputs that every run against a simulator needs. */
export const inputsFor = (sim: Simulator, inputs: InputsOf): InputsOf => ({
  'account-id': sim.accountId,
  'api-token': sim.credentials.apiToken,
  'api-base-url': sim.baseUrl,
  ...inputs,
});

/** The environment variable in which the runner passes an input. */
export const variableOf = (input: string): string => `INPUT_${input.replace(/ /g, '_').toUpperCase()}`;

/** A step's folder and command files. */
export class Step {
  readonly folder: string;
  readonly #output: string;
  readonly #summary: string;
  readonly #isReused: boolean;

  /** @param reused a folder for many steps, one after another. By default, the step has a folder of its own. */
  constructor(reused?: string) {
    this.#isReused = reused !== undefined;
    this.folder = reused ?? mkdtempSync(join(tmpdir(), 'share-action-'));
    this.#output = join(this.folder, 'output');
    this.#summary = join(this.folder, 'summary.md');
    writeFileSync(this.#output, '');
    writeFileSync(this.#summary, '');
  }

  environment(inputs: InputsOf, env: EnvironmentOf = {}): Record<string, string> {
    const text = (value: string | object): string => (typeof value === 'string' ? value : JSON.stringify(value));
    const all: EnvironmentOf = {
      PATH: process.env.PATH,
      SystemRoot: process.env.SystemRoot,
      GITHUB_OUTPUT: this.#output,
      GITHUB_STEP_SUMMARY: this.#summary,
      ...Object.fromEntries(
        Object.entries(inputs).flatMap(([name, value]) =>
          value === undefined ? [] : [[variableOf(name), text(value)]],
        ),
      ),
      ...env,
    };
    return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
  }

  /** Reads the outputs and the summary of the step, and removes its files. */
  finish(exitCode: number | null, log: string): Ran {
    const outputs = readOutputs(readFileSync(this.#output, 'utf8'));
    const summary = readFileSync(this.#summary, 'utf8');
    if (this.#isReused) this.#removeOthers();
    else rmSync(this.folder, { recursive: true, force: true });
    return { exitCode, log, outputs, summary };
  }

  /** Removes what the step wrote apart from its command files, which the next step empties. */
  #removeOthers(): void {
    for (const path of readdirSync(this.folder).map((name) => join(this.folder, name)))
      if (path !== this.#output && path !== this.#summary) rmSync(path, { recursive: true });
  }
}

/** The log as the runner shows it: without masks, and with groups and annotations as text. */
export const shownLog = (log: string): string =>
  log
    .split('\n')
    .filter((line) => line !== '' && !/^::(add-mask|endgroup)::/.test(line))
    .map((line) =>
      line
        .replace(/^::group::/, '▾ ')
        .replace(
          /^::(error|warning|notice)( [^:]*)?::/,
          (_, level: string) => `${level.charAt(0).toUpperCase()}${level.slice(1)}: `,
        )
        .replaceAll('%0A', '\n')
        .replaceAll('%25', '%'),
    )
    .join('\n');

/** Reads a GITHUB_OUTPUT file as the runner does: `name<<delimiter`, the value, the delimiter. */
export function readOutputs(text: string): Record<string, string> {
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

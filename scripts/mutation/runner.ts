// Stryker's test runner. Jest loads the test files again for each mutant, which takes seconds. This runner loads them once, in its own
// process, and runs only the tests that reach the mutant, which takes milliseconds.

import { readFileSync, writeFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { MutantCoverage } from '@stryker-mutator/api/core';
import type { Reporter } from '@stryker-mutator/api/report';
import {
  type CompleteDryRunResult,
  type DryRunOptions,
  DryRunStatus,
  type KilledMutantRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestRunner,
  TestStatus,
} from '@stryker-mutator/api/test-runner';
import { unitTests } from '../../__tests__/select-tests.ts';
import './fast-check.ts';
import { type Block, blocksOf, collect, type Test } from './jest-globals.ts';

/**
 * Excluded: tests of code that isn't mutated, tests that measure work, and tests that mock modules, which only Jest can
 * run.
 */
const testFiles = (): string[] =>
  unitTests().filter(
    (name) =>
      !/^(?:docs|examples|project|simulator)\/|^report\/linear\./.test(name) &&
      !readFileSync(resolve('__tests__', name), 'utf8').includes('unstable_mockModule'),
  );
/** Excluded: tests that take seconds because they use large values. */
const isLarge = (id: string): boolean => /\b(?:20,000|million|proportional)\b/.test(id);

/** The object through which instrumented code and the runner communicate. */
const instrumentation: {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage: MutantCoverage;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
} = { mutantCoverage: { static: {}, perTest: {} } };
Object.assign(globalThis, { __stryker__: instrumentation });

/** Modules are never freed, so Stryker gets a new process after this many. */
const MOST_MODULES = 15_000;
let modules = 0;
const stripped = new Map<string, string>();
const urlOf = (name: string): string => new URL(name, import.meta.url).href;
const GLOBALS = urlOf('jest-globals.ts');
const FEW_CASES = urlOf('fast-check.ts');
/** Tests with properties that take seconds. */
const TRIES_FEW = /\/__tests__\/document\//;

// As in Jest, each test file has its own modules. Their URLs contain the number of the load.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@jest/globals') return { url: GLOBALS, shortCircuit: true };
    if (specifier === 'fast-check' && TRIES_FEW.test(context.parentURL ?? ''))
      return { url: FEW_CASES, shortCircuit: true };
    const resolved = next(specifier, context);
    const load = /\?load=\d+$/.exec(context.parentURL ?? '')?.[0];
    return load && specifier.startsWith('.') ? { ...resolved, url: resolved.url + load } : resolved;
  },
  load(url, context, next) {
    const address = /^(.*\.ts)\?load=\d+$/.exec(url)?.[1];
    if (address === undefined) return next(url, context);
    modules++;
    const source = stripped.get(address) ?? stripTypeScriptTypes(readFileSync(fileURLToPath(address), 'utf8'));
    stripped.set(address, source);
    return { format: 'module', source, shortCircuit: true };
  },
});

/** The results of the first run. Other processes read them from a file in the sandbox. */
interface Known {
  /** Mutants in code that runs while modules load, or only once after that. */
  loading: string[];
  /** How long each test takes. */
  ms: Record<string, number>;
}
const KNOWN = 'dry-run.json';

const messageOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** What an exception outside of a test's promises ends, such as one in a server of the test. */
let fail: (error: unknown) => void = () => undefined;
process.on('uncaughtException', (error) => fail(error));

async function mutated<T>(id: string, act: () => Promise<T>): Promise<T> {
  instrumentation.activeMutant = id;
  try {
    return await act();
  } finally {
    instrumentation.activeMutant = undefined;
  }
}

class InProcessRunner implements TestRunner {
  private files = new Map<string, Map<string, Test>>();
  private ready = new Set<Block>();
  private loads = 0;
  private known: Known | undefined;

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dispose(): Promise<void> {
    for (const file of this.ready) await this.end(file);
  }

  async dryRun({ testFiles: only }: DryRunOptions): Promise<CompleteDryRunResult> {
    const tests: CompleteDryRunResult['tests'] = [];
    const mutantCoverage: MutantCoverage = { static: {}, perTest: {} };
    const known: Known = { loading: [], ms: {} };
    for (const name of testFiles()) {
      if (only && !only.includes(resolve('__tests__', name))) continue;
      // Instrumented modules keep the first object that they see, so only its properties can be replaced.
      const reached = instrumentation.mutantCoverage;
      Object.assign(reached, { static: {}, perTest: {} });
      const loaded = await this.load(name);
      known.loading.push(...Object.keys(reached.static));
      const results: CompleteDryRunResult['tests'] = [];
      for (const [id, test] of loaded) {
        if (isLarge(id)) continue;
        instrumentation.currentTestId = id;
        const start = performance.now();
        const first = await this.run(test);
        const timeSpentMs = performance.now() - start;
        instrumentation.currentTestId = `${id} (again)`;
        const second = await this.run(test);
        instrumentation.currentTestId = undefined;
        known.ms[id] = timeSpentMs;
        const result = { id, name: id, fileName: resolve('__tests__', name), timeSpentMs };
        results.push(
          // On a busy machine, a test can fail once.
          first === undefined || second === undefined
            ? { ...result, status: TestStatus.Success }
            : { ...result, status: TestStatus.Failed, failureMessage: messageOf(second) },
        );
      }
      // What only one run of one test reaches is kept by the modules, such as a schema that is built on first use. A mutant
      // in it can fail any test of the file, like a mutant in code that runs while modules load.
      const kept = reachedOnce(Object.values(reached.perTest));
      known.loading.push(...kept);
      const anywhere = { ...reached.static, ...Object.fromEntries(kept.map((mutant) => [mutant, 1])) };
      for (const { id } of results) mutantCoverage.perTest[id] = { ...anywhere, ...reached.perTest[id] };
      tests.push(...results);
    }
    writeFileSync(KNOWN, JSON.stringify(known));
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun({ activeMutant, hitLimit, testFilter = [] }: MutantRunOptions): Promise<MutantRunResult> {
    // After an exception, Stryker tries again in a new process.
    if (modules > MOST_MODULES) throw new Error('Too many modules');
    this.known ??= JSON.parse(readFileSync(KNOWN, 'utf8')) as Known;
    const isLoading = this.known.loading.includes(activeMutant.id);
    Object.assign(instrumentation, { hitLimit, hitCount: hitLimit === undefined ? undefined : 0 });
    let nrOfTests = 0;
    const killed = (id: string, failure: unknown): KilledMutantRunResult => ({
      status: MutantRunStatus.Killed,
      killedBy: [id],
      failureMessage: messageOf(failure),
      nrOfTests,
    });
    // What modules keep, such as a schema that is built on first use, can hide a mutant. So tests that pass run again in new modules.
    for (const again of isLoading ? [true] : [false, true]) {
      for (const [name, ids] of inOrder(testFilter, this.known.ms, again)) {
        let tests: Map<string, Test>;
        try {
          tests = again ? await mutated(activeMutant.id, () => this.loadAgain(name)) : await this.load(name);
        } catch (error) {
          return killed(ids[0] ?? name, error);
        }
        for (const id of ids) {
          const test = tests.get(id);
          if (!test) continue; // The mutant changes the name of the test, which proves nothing.
          nrOfTests++;
          const failure = await mutated(activeMutant.id, () => this.run(test));
          if (hitLimit !== undefined && (instrumentation.hitCount ?? 0) > hitLimit)
            return { status: MutantRunStatus.Timeout, reason: 'An endless loop' };
          if (failure === undefined) continue;
          // An earlier mutant may have left something behind that fails the test. So the test has to pass without the
          // mutant and fail with it.
          await this.checkWithout(name, id);
          if (again || (await mutated(activeMutant.id, () => this.runById(name, id))) !== undefined)
            return killed(id, failure);
        }
      }
    }
    return { status: MutantRunStatus.Survived, nrOfTests };
  }

  private async checkWithout(name: string, id: string): Promise<void> {
    if ((await this.runById(name, id)) === undefined) return;
    this.files.delete(name);
    if ((await this.runById(name, id)) !== undefined) throw new Error(`An earlier mutant broke ${id}`);
  }

  private runById = async (name: string, id: string): Promise<unknown> =>
    this.run((await this.load(name)).get(id) as Test);

  private async end(file: Block): Promise<void> {
    this.ready.delete(file);
    for (const each of file.afterAll.toReversed()) await each();
  }

  private async load(name: string): Promise<Map<string, Test>> {
    const tests = this.files.get(name) ?? (await this.loadAgain(name));
    this.files.set(name, tests);
    return tests;
  }

  private loadAgain = (name: string): Promise<Map<string, Test>> =>
    collect(name, () => import(`${pathToFileURL(resolve('__tests__', name)).href}?load=${this.loads++}`));

  /** Runs a test with its hooks. @returns why it failed, undefined if it passed */
  private async run({ block, fn }: Test): Promise<unknown> {
    const blocks = blocksOf(block);
    const [file, ...inner] = blocks as [Block, ...Block[]];
    let failure: unknown;
    const uncaught = new Promise<never>((_, reject) => {
      fail = reject;
    });
    uncaught.catch(() => undefined);
    const attempt = async (fns: (() => unknown)[]): Promise<void> => {
      for (const each of fns) {
        try {
          await Promise.race([each(), uncaught]);
        } catch (error) {
          failure ??= error ?? new Error('Failed without a reason');
        }
      }
    };
    // Servers and folders that a file sets up for all its tests are kept until the process ends.
    if (!this.ready.has(file)) {
      this.ready.add(file);
      await attempt(file.beforeAll);
    }
    await attempt(inner.flatMap(({ beforeAll }) => beforeAll));
    if (failure === undefined) await attempt(blocks.flatMap(({ beforeEach }) => beforeEach));
    if (failure === undefined) await attempt([fn]);
    await attempt(blocks.flatMap(({ afterEach }) => afterEach).toReversed());
    await attempt(inner.flatMap(({ afterAll }) => afterAll).toReversed());
    return failure;
  }
}

/** The mutants that exactly one of the runs reached. */
function reachedOnce(runs: readonly Record<string, number>[]): string[] {
  const counts = new Map<string, number>();
  for (const mutant of runs.flatMap((run) => Object.keys(run))) counts.set(mutant, (counts.get(mutant) ?? 0) + 1);
  return [...counts].flatMap(([mutant, count]) => (count === 1 ? [mutant] : []));
}

/** Sorts the fastest tests first. If the files have to be loaded again, keeps the tests of each file together. */
function inOrder(ids: readonly string[], ms: Known['ms'], byFile: boolean): [name: string, ids: string[]][] {
  const timeOf = (id: string): number => ms[id] ?? 0;
  const groups = new Map<string, string[]>();
  for (const id of ids.toSorted((a, b) => timeOf(a) - timeOf(b))) {
    const key = byFile ? fileOf(id) : id;
    groups.set(key, [...(groups.get(key) ?? []), id]);
  }
  const total = (group: string[]): number => group.reduce((sum, id) => sum + timeOf(id), 0);
  return [...groups].sort(([, a], [, b]) => total(a) - total(b)).map(([key, group]) => [fileOf(key), group]);
}

const fileOf = (id: string): string => id.split(': ', 1)[0] as string;

/** Without mutants, for example if no file matches, the score is NaN, which isn't below the threshold. */
const failWithoutMutants: Reporter = {
  onMutationTestReportReady(_, { systemUnderTestMetrics: { metrics } }) {
    if (metrics.totalMutants > 0) return;
    console.error('There are no mutants. Check that the patterns of mutate match a file');
    process.exitCode = 1;
  },
};

export const strykerPlugins = [
  { kind: 'TestRunner', name: 'in-process', factory: () => new InProcessRunner() },
  { kind: 'Reporter', name: 'fail-without-mutants', factory: () => failWithoutMutants },
];

// Mutation testing: `npm run mutate`, or `npm run mutate -- --mutate src/share/plan.ts` for one file. docs/MUTATION.md has the results.
import { unitTests } from './__tests__/select-tests.ts';
import jest from './jest.unit.config.js';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  // What decides. Left out is what only sends, reads or writes bytes, which whole runs test.
  mutate: [
    'src/{share,apply,report,inputs,review}/**/*.ts',
    'src/cloudflare/{retry,rate-limit,read-*,pages,shapes,errors}.ts',
    'src/github/{retry,errors,identity,pull-requests,comments}.ts',
  ],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    projectType: 'custom',
    configFile: 'jest.unit.config.js',
    config: {
      ...jest,
      // Only tests in this process, because dist/ has no mutants. Tests of documents, the project and the simulator kill none, and
      // inputs/worst measures time, which instrumented code takes more of.
      testMatch: unitTests()
        .filter((name) => !/^(?:docs|examples|fuzz|project|simulator)\/|^inputs\/worst\./.test(name))
        .map((name) => `<rootDir>/__tests__/${name}`),
      // Properties draw the same cases for every mutant, so that the score is the same in every run.
      setupFiles: ['<rootDir>/stryker.seed.js'],
      testTimeout: 10_000,
    },
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // Types are stripped, not checked: Stryker must not look for the compiler, or write comments for it into the code.
  disableTypeChecks: false,
  tsconfigFile: 'none',
  ignorePatterns: [
    '/*',
    '!/src',
    '!/__tests__',
    '!/scripts',
    '!/simulator',
    '!/schema',
    '!/action.yml',
    '!/*.js',
    '!/package.json',
  ],
  tempDirName: 'build/mutation/sandbox',
  cleanTempDir: 'always',
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  htmlReporter: { fileName: 'build/mutation/report.html' },
  jsonReporter: { fileName: 'build/mutation/report.json' },
  thresholds: { high: 95, low: 90, break: 90 },
};

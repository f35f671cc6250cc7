// Mutation testing: `npm run mutate`, or `npm run mutate -- --mutate src/share/plan.ts` for one file. docs/MUTATION.md has the results.
import jest from './jest.config.js';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: [
    'src/share/**/*.ts',
    'src/cloudflare/{retry,rate-limit,read-answer,read-failure,pages,shapes,errors}.ts',
    'src/apply/ledger.ts',
  ],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    projectType: 'custom',
    config: {
      ...jest,
      globalSetup: undefined,
      // Unit tests alone: whole runs of the action use dist/, which no mutant is in.
      testMatch: ['share/**/*', 'cloudflare/**/*', 'apply/{ledger,looks,explain}'].map(
        (names) => `<rootDir>/__tests__/${names}.test.ts`,
      ),
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
  ignorePatterns: ['/*', '!/src', '!/__tests__', '!/scripts', '!/simulator', '!/*.js', '!/package.json'],
  tempDirName: 'build/mutation/sandbox',
  cleanTempDir: 'always',
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  htmlReporter: { fileName: 'build/mutation/report.html' },
  jsonReporter: { fileName: 'build/mutation/report.json' },
  thresholds: { high: 95, low: 90, break: 90 },
};

// Mutation testing: `npm run mutate`, or `npm run mutate -- --mutate src/share/plan.ts` for one file. docs/MUTATION.md has the results.

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  // What decides. Left out is what only sends, reads or writes bytes, which whole runs test.
  mutate: [
    'src/{share,apply,report,inputs,review,directory,document,export}/**/*.ts',
    'src/cloudflare/{retry,rate-limit,read-*,pages,shapes,errors}.ts',
    'src/github/{retry,errors,identity,pull-requests,comments}.ts',
    'src/http.ts',
  ],
  plugins: ['./scripts/mutation/runner.ts'],
  testRunner: 'in-process',
  coverageAnalysis: 'perTest',
  // Generous, because a busy machine must not kill mutants. Most need milliseconds.
  dryRunTimeoutMinutes: 30,
  timeoutMS: 15_000,
  timeoutFactor: 2,
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
    '!/README.md',
    '!/*.js',
    '!/package.json',
  ],
  tempDirName: 'build/mutation/sandbox',
  cleanTempDir: 'always',
  reporters: ['clear-text', 'html', 'json', 'fail-without-mutants'],
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  htmlReporter: { fileName: 'build/mutation/report.html' },
  jsonReporter: { fileName: 'build/mutation/report.json' },
  thresholds: { high: 95, low: 90, break: 90 },
};

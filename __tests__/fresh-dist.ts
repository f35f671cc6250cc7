// Runs before the tests: builds dist/ if a selected test runs it and src/ has changed since the last build. A fresh
// clone has no record of a build, so it builds once too. The build reports whether dist/ was up to date.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isFresh } from '../scripts/freshness.ts';
import { testFiles, usesDist } from './select-tests.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

export default function setup({ testPathPatterns }: { testPathPatterns: { patterns: readonly string[] } }): void {
  if (isFresh()) return;
  const wanted = testPathPatterns.patterns.map((pattern) => new RegExp(pattern));
  const selected = testFiles().filter((path) => wanted.length === 0 || wanted.some((pattern) => pattern.test(path)));
  if (!selected.some((path) => usesDist(path))) return;
  console.log('\nBuilding dist/ from src/, because these tests run it');
  execFileSync(process.execPath, ['--import', './scripts/runtime.js', 'scripts/build.ts'], {
    cwd: root,
    stdio: 'inherit',
  });
}

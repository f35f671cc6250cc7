// Before any test: dist/ is built anew if it is not what src/ builds, so that whole runs are runs of what is written.
// A run of tests that use no dist/ is not held up.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFresh } from '../scripts/freshness.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

export default function setup({ testPathPatterns }: { testPathPatterns: { patterns: readonly string[] } }): void {
  if (isFresh()) return;
  const wanted = testPathPatterns.patterns.map((pattern) => new RegExp(pattern));
  const tests = readdirSync(join(root, '__tests__'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(root, '__tests__', name))
    .filter((path) => wanted.length === 0 || wanted.some((pattern) => pattern.test(path)));
  if (!tests.some((path) => usesDist(path))) return;
  console.log('\ndist/ is not what src/ builds: building it');
  execFileSync(process.execPath, ['--import', './scripts/runtime.js', 'scripts/build.ts'], {
    cwd: root,
    stdio: 'inherit',
  });
}

/** Does the file, or one that it imports, speak of dist/? */
function usesDist(path: string, seen = new Set<string>()): boolean {
  if (seen.has(path) || !existsSync(path)) return false;
  seen.add(path);
  const text = readFileSync(path, 'utf8');
  if (text.includes('dist/')) return true;
  return [...text.matchAll(/from '(\.[^']+\.ts)'/g)].some(([, to = '']) => usesDist(resolve(dirname(path), to), seen));
}

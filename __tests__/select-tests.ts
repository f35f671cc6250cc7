// Finds the tests that use dist/, so that nothing is built for the others, and the tests for the inner loop.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
// Only in strings, so that comments can mention dist/.
const DIST_PATH = /['"`/](?:dist\/|licenses\.txt)/;
const IMPORT = /from '(\.[^']+\.ts)'/g;

/** Paths of all test files. */
export const testFiles = (): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name));

/** Whether the file, or a file that it imports, names a path in dist/. */
export function usesDist(path: string, seen = new Set<string>()): boolean {
  if (seen.has(path) || !existsSync(path)) return false;
  seen.add(path);
  const text = readFileSync(path, 'utf8').replace(/^\s*(?:\/\/|\*|\/\*\*).*$/gm, '');
  if (DIST_PATH.test(text)) return true;
  return [...text.matchAll(IMPORT)].some(([, to = '']) => usesDist(resolve(dirname(path), to), seen));
}

/**
 * Tests that inject every fault into every request, try every order of events, or read the worst texts of all kinds. And the test of
 * `npm run step`, which starts a process for each case.
 */
const EXHAUSTIVE = /^(?:faults|model|fuzz)\/|^(?:apply\/truth|inputs\/worst|project\/step)\.test\.ts$/;

/** The name of a test file relative to this folder, with slashes. */
const nameOf = (path: string): string => relative(folder, path).split(sep).join('/');
export const isExhaustive = (path: string): boolean => EXHAUSTIVE.test(nameOf(path));

/** The tests for the inner loop: no processes and nothing exhaustive. Together they take half a minute. */
export const unitTests = (): string[] =>
  testFiles()
    .filter((path) => !usesDist(path) && !isExhaustive(path))
    .map(nameOf);

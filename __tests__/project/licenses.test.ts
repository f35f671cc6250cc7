// dist/licenses.txt lists every package in the bundle and no other. The build finds the packages in its source maps; this test
// compares them with the statistics that the bundler wrote in the same build.

import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { isFresh, packagesOfLastBuild } from '../../scripts/freshness.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('dist/licenses.txt contains every bundled package with its license text', () => {
  expect(isFresh()).toBe(true);
  const entries = read('dist/licenses.txt').split(`\n${'-'.repeat(80)}\n\n`);
  const bundled = packagesOfLastBuild();
  expect(bundled.length).toBeGreaterThan(20);
  expect(entries.map((entry) => entry.split('\n').slice(0, 2))).toEqual(
    bundled.map(({ name, version, license }) => [`${name} ${version}`, license]),
  );
  const texts = entries.map((entry) => entry.split('\n').slice(3).join('\n'));
  expect(texts.filter((text) => !/copyright/i.test(text) || text.length < 500)).toEqual([]);
});

test('dist/index.js has the version in package.json', () => {
  const { version } = JSON.parse(read('package.json'));
  expect(read('src/version.ts')).toContain(`VERSION = '${version}'`);
});

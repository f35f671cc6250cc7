// dist/licenses.txt names what is in the bundle, and nothing else. That it is what the build writes is held by
// `npm run generated`; here, what the build says is compared with the bundler's own account.

import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { packagesByStatistics } from '../../scripts/bundle.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('every bundled package is in dist/licenses.txt with its text', async () => {
  const entries = read('dist/licenses.txt').split(`\n${'-'.repeat(80)}\n\n`);
  const bundled = await packagesByStatistics();
  expect(entries.map((entry) => entry.split('\n').slice(0, 2))).toEqual(
    bundled.map(({ name, version, license }) => [`${name} ${version}`, license]),
  );
  const texts = entries.map((entry) => entry.split('\n').slice(3).join('\n'));
  expect(texts.filter((text) => !/copyright/i.test(text) || text.length < 500)).toEqual([]);
});

test('the version of the action is that of package.json', () => {
  const { version } = JSON.parse(read('package.json'));
  expect(read('src/version.ts')).toContain(`VERSION = '${version}'`);
});

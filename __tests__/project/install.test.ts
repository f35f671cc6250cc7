// `npm ci` installs only packages that are locked with their integrity, runs none of their scripts, and installs the Node that our
// scripts need.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

interface Locked {
  license?: string;
  version?: string;
  integrity?: string;
  hasInstallScript?: boolean;
  bin?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}
const manifest = JSON.parse(read('package.json'));
const lock = JSON.parse(read('package-lock.json')).packages as Record<string, Locked>;
const installed = Object.entries(lock).filter(([place]) => place !== '');

/** The entry that Node would resolve for a package, seen from another one. */
function locked(name: string, from: string): Locked | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const entry = lock[`${at === '' ? '' : `${at}/`}node_modules/${name}`];
    if (entry !== undefined || at === '') return entry;
  }
}

describe('package-lock.json', () => {
  test('contains the integrity of every package', () => {
    expect(installed.length).toBeGreaterThan(100);
    expect(installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
  });

  test('contains no package with an install script', () => {
    expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });

  test('contains the optional binaries for every platform', () => {
    const missing = Object.entries(lock).flatMap(([place, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => locked(name, place) === undefined),
    );
    expect(missing).toEqual([]);
  });
});

test('every package has a license that the dependency review allows', () => {
  const [, allowed = ''] =
    /allow-licenses: >-\n((?: {12}.*\n)+)/.exec(read('.github/workflows/dependency-review.yml')) ?? [];
  const names = allowed.split(/[\s,]+/).filter(Boolean);
  expect(names).toContain('MIT');
  const others = installed.filter(
    ([, { license }]) => license !== undefined && !license.split(/[()]| OR /).some((one) => names.includes(one)),
  );
  expect(others.map(([place, { license }]) => [place, license])).toEqual([]);
});

test('every dependency has an exact version', () => {
  const versions = ['dependencies', 'optionalDependencies', 'devDependencies', 'overrides'].flatMap((kind) =>
    Object.entries(manifest[kind] as Record<string, string>),
  );
  expect(versions.filter(([, version]) => !/^(npm:[\w-]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

describe('the Node that scripts use', () => {
  test('comes as a package for each platform, with a binary and no script', () => {
    const runtimes = Object.keys(manifest.optionalDependencies).map((name) => locked(name, ''));
    expect(runtimes.map((entry) => [entry?.version?.split('.')[0], Object.keys(entry?.bin ?? {})])).toEqual(
      runtimes.map(() => ['24', ['node']]),
    );
  });

  test('is checked by every npm script that runs Node', () => {
    const scripts = Object.values(manifest.scripts as Record<string, string>).flatMap((line) => line.split(' && '));
    const bare = scripts.filter(
      (line) => line.startsWith('node ') && !line.startsWith('node --import ./scripts/runtime.js '),
    );
    expect(bare).toEqual([]);
  });

  test.each([
    ['v20.20.2', 1, /^This needs Node 24, and this is Node 20\.20\.2\./, ''],
    ['v24.0.0', 0, /^$/, 'ran'],
  ])('is refused with an explanation if it is too old: %s', (version, code, says, ran) => {
    const pretend = `data:text/javascript,Object.defineProperty(process,'version',{value:'${version}'})`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', pretend, '--import', './scripts/runtime.js', '--eval', 'console.log("ran")'],
      { cwd: fileURLToPath(root), encoding: 'utf8' },
    );
    expect([status, stdout.trim()]).toEqual([code, ran]);
    expect(stderr.trim()).toMatch(says);
  });
});

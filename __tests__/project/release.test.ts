// The files of a release. `npm run release:dry-run` makes a whole release.

import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { notes, released } from '../../scripts/changelog.ts';
import { different, releaseFiles, sha256 } from '../../scripts/release-files.ts';
import { insidePin, slug, withInsidePin } from '../../scripts/repository.ts';
import { sbom } from '../../scripts/sbom.ts';
import { useFolder } from '../use-simulator.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

describe('the changelog', () => {
  const changelog = '# Changelog\n\n## Unreleased\n\n- New.\n\n## 1.0.0 - 2026-01-01\n\n- First.\n';

  test('contains the notes of a version', () => {
    expect(notes(changelog, '1.0.0')).toBe('- First.');
    expect(notes(changelog, '1.0')).toBeUndefined();
  });

  test('gets a section for a version from its unreleased changes', () => {
    const after = released(changelog, '1.1.0', '2026-02-03');
    expect(after).toContain('## Unreleased\n\n## 1.1.0 - 2026-02-03\n\n- New.\n\n## 1.0.0');
    expect(notes(after, '1.1.0')).toBe('- New.');
    expect(notes(after, 'Unreleased')).toBeUndefined();
    expect(released(after, '1.1.0', '2026-02-04')).toBe(after);
  });

  test.each([
    ['there are no unreleased changes', changelog.replace('- New.\n\n', ''), '1.1.0'],
    ['the version has a section already', changelog, '1.0.0'],
  ])('is refused when %s', (_, text, version) => {
    expect(() => released(text, version, '2026-02-03')).toThrow(/^CHANGELOG\.md has /);
  });
});

describe('the bill of materials', () => {
  const sha = `sha512-${Buffer.from('hash').toString('base64')}`;
  const locked = {
    '': { dependencies: { a: '1', unused: '1' } },
    'node_modules/a': { integrity: sha, dependencies: { '@s/b': '1' } },
    'node_modules/a/node_modules/@s/b': { integrity: sha },
    'node_modules/@s/b': { integrity: sha },
    'node_modules/unused': { integrity: sha },
  };
  const bundled = [
    { name: '@s/b', version: '1.0.0', license: 'MIT', folder: 'node_modules/a/node_modules/@s/b' },
    { name: 'a', version: '2.0.0', license: '(MIT OR ISC)', folder: 'node_modules/a' },
  ];
  const subject = { name: 'it', version: '3.0.0', license: 'MIT', home: 'home/it' };

  test('contains each package with its hash, license and dependencies', () => {
    expect(sbom(subject, bundled, locked)).toMatchObject({
      components: [
        { group: '@s', name: 'b', purl: 'pkg:npm/%40s/b@1.0.0', licenses: [{ license: { id: 'MIT' } }] },
        { name: 'a', hashes: [{ alg: 'SHA-512', content: '68617368' }], licenses: [{ expression: '(MIT OR ISC)' }] },
      ],
      dependencies: [
        { ref: 'pkg:github/home/it@v3.0.0', dependsOn: ['pkg:npm/a@2.0.0'] },
        { ref: 'pkg:npm/%40s/b@1.0.0', dependsOn: [] },
        { ref: 'pkg:npm/a@2.0.0', dependsOn: ['pkg:npm/%40s/b@1.0.0'] },
      ],
    });
  });

  test("can't contain a package without a hash", () => {
    expect(() => sbom(subject, bundled, { 'node_modules/a': {} })).toThrow('SHA-512');
  });
});

describe('the files of a release', () => {
  const folder = useFolder();
  const elsewhere = useFolder();
  const made = releaseFiles();
  const archive = [...made.keys()].find((name) => name.endsWith('.tar.gz')) as string;

  /** Runs the check of the job that publishes, which has no packages installed. */
  const check = () => {
    const script = fileURLToPath(new URL('scripts/check-release.ts', root));
    const args = ['--disable-warning=ExperimentalWarning', script, folder];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { status, stderr };
  };

  test('are identical when they are built again', () => {
    expect(different(made, releaseFiles())).toEqual([]);
  });

  test('include the same archive if they are made in a clone with other git settings', () => {
    const clone = join(elsewhere, 'clone');
    const git = (...args: string[]) => execFileSync('git', args, { stdio: 'ignore' });
    git('clone', '--quiet', '--no-hardlinks', '--depth', '1', root.href, clone);
    for (const setting of ['tar.umask 0077', 'core.autocrlf true']) git('-C', clone, 'config', ...setting.split(' '));
    expect(sha256(releaseFiles(clone).get(archive) as Buffer)).toBe(sha256(made.get(archive) as Buffer));
  });

  test('are refused before publishing if one was replaced or added', () => {
    for (const [name, bytes] of made) writeFileSync(join(folder, name), bytes);
    expect(check()).toEqual({ status: 0, stderr: '' });
    writeFileSync(join(folder, archive), Buffer.from(made.get(archive) as Buffer).fill(1, 100, 101));
    writeFileSync(join(folder, 'more.txt'), '');
    expect(check()).toEqual({ status: 1, stderr: expect.stringContaining(`${archive}, more.txt. Don't publish it`) });
  });

  test('are all named in SHA256SUMS, as is every file in dist/', () => {
    const sums = new Map(
      String(made.get('SHA256SUMS'))
        .trim()
        .split('\n')
        .map((line) => line.split('  ').reverse() as [string, string]),
    );
    const dist = readdirSync(new URL('dist/', root)).map((name) => `dist/${name}`);
    const others = [...made.keys()].filter((name) => name !== 'SHA256SUMS');
    expect([...sums.keys()].sort()).toEqual([...others, ...dist].sort());
    for (const name of others) expect(sums.get(name)).toBe(sha256(made.get(name) as Buffer));
  });

  test('include an archive of the files that the action needs, without sources', () => {
    const names = execFileSync('tar', ['-tz'], { input: made.get(archive) as Buffer, encoding: 'utf8' }).split('\n');
    const below = new Set(names.map((name) => name.split('/')[1]).filter(Boolean));
    expect([...below].sort()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'action.yml', 'dist', 'schema'].sort(),
    );
  });

  test('are compared by scripts that need no packages', () => {
    const importsOf = (path: string): string[] =>
      [...readFileSync(path, 'utf8').matchAll(/^import (?!type)[^;]*from '([^']+)'/gm)].flatMap(([, from = '']) =>
        from.startsWith('.') ? importsOf(resolve(dirname(path), from)) : [from],
      );
    const needed = importsOf(fileURLToPath(new URL('scripts/check-release.ts', root)));
    expect(needed.filter((name) => !name.startsWith('node:'))).toEqual([]);
    expect(needed).toContain('node:zlib');
  });
});

describe('the reusable workflow', () => {
  const workflow = read('.github/workflows/shares.yml');

  test('runs the same commit in all jobs, and a release can set that commit', () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    const after = withInsidePin(workflow, slug(), commit);
    expect(insidePin(after, slug())).toBe(commit);
    expect(after.split(`${slug()}@`).length - 1).toBe(Object.keys(parse(workflow).jobs).length);
    expect(withInsidePin(after, slug(), insidePin(workflow, slug()))).toBe(workflow);
  });

  test('applies only the reviewed plan, and does not plan for forks', () => {
    const { jobs } = parse(workflow);
    expect(jobs.apply.steps.at(-1).with).toMatchObject({ 'reviewed-plan': 'pull-request' });
    expect(jobs.plan.if).toContain('github.event.pull_request.head.repo.full_name == github.repository');
  });
});

describe('every workflow', () => {
  const folder = new URL('.github/workflows/', root);
  test.each(readdirSync(folder))('pins every action and grants permissions only to jobs (%s)', (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    for (const [, used] of text.matchAll(/uses: (.+)/g))
      expect(used).toMatch(/^\.\/|^[\w./-]+@[0-9a-f]{40} # (v\d+\.\d+\.\d+|the commit that has this dist\/)$/);
    const { permissions, jobs } = parse(text);
    expect(permissions).toEqual({});
    for (const job of Object.values<Record<string, unknown>>(jobs))
      expect([typeof job.permissions, typeof job['timeout-minutes']]).toEqual(['object', 'number']);
  });

  test('uses the same versions of actions', () => {
    const texts = [folder, new URL('examples/', root)].flatMap((at) =>
      readdirSync(at)
        .filter((name) => name.endsWith('.yml'))
        .map((name) => readFileSync(new URL(name, at), 'utf8')),
    );
    const used = texts.flatMap((text) => [...text.matchAll(/uses: ([\w-]+\/[\w-]+)\S*@(\S+ # v.+)/g)]);
    const versions = new Map<string, Set<string>>();
    for (const [, action = '', at = ''] of used) versions.set(action, (versions.get(action) ?? new Set()).add(at));
    expect([...versions].filter(([, of]) => of.size > 1)).toEqual([]);
  });
});

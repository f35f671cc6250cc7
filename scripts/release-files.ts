// Makes the files of a release from the checked-out commit alone, without any package. The job that publishes them can
// make them again and compare, so that nothing that ran in the building job can exchange a file.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { notes } from './changelog.ts';
import { root as project, slug } from './repository.ts';
import { type LockedPackage, sbom } from './sbom.ts';

/** The contents of the archive: everything that a runner or a reader of the action needs, and nothing that builds it. */
const ARCHIVED = ['action.yml', 'dist', 'schema', 'LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md'];

export const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The files of the release by name. The same commit gives the same bytes. */
export function releaseFiles(root = project): Map<string, Buffer> {
  const read = (path: string): Buffer => readFileSync(join(root, path));
  const { name, version, license } = JSON.parse(String(read('package.json')));
  const { packages: locked } = JSON.parse(String(read('package-lock.json')));
  const archive = execFileSync(
    'git',
    // Git's settings can change the permissions in the archive.
    ['-c', 'tar.umask=0022', 'archive', '--format=tar', `--prefix=${name}-${version}/`, 'HEAD', ...ARCHIVED],
    { cwd: root, maxBuffer: 64 * 1024 * 1024 },
  );
  const bundled = packagesIn(String(read('dist/licenses.txt')), locked);
  const files = new Map<string, Buffer>([
    [`${name}-${version}.tar.gz`, gzipSync(archive, { level: 9 })],
    [`${name}.cdx.json`, json(sbom({ name, version, license, home: slug() }, bundled, locked))],
    ['NOTES.md', Buffer.from(`${notes(String(read('CHANGELOG.md')), version) ?? ''}\n`)],
  ]);
  const dist = readdirSync(join(root, 'dist')).sort();
  const sums = [
    ...[...files].map(([file, bytes]) => `${sha256(bytes)}  ${file}`),
    ...dist.map((file) => `${sha256(read(`dist/${file}`))}  dist/${file}`),
  ];
  return files.set('SHA256SUMS', Buffer.from(`${sums.join('\n')}\n`));
}

/** The names of files that differ between the two sets, or are missing from one of them. */
export const different = (made: ReadonlyMap<string, Buffer>, expected: ReadonlyMap<string, Buffer>): string[] =>
  [...new Set([...made.keys(), ...expected.keys()])]
    .filter((file) => {
      const [one, other] = [made.get(file), expected.get(file)];
      return one === undefined || other === undefined || !one.equals(other);
    })
    .sort();

/** The bundled packages, from dist/licenses.txt and the lock file. */
export function packagesIn(licenses: string, locked: Readonly<Record<string, LockedPackage & { version?: string }>>) {
  return licenses.split(`\n${'-'.repeat(80)}\n\n`).map((entry) => {
    const [title = '', license = ''] = entry.split('\n', 2);
    const [, name = '', version = ''] = /^(\S+) (\S+)$/.exec(title) ?? [];
    const folder = Object.keys(locked)
      .sort((a, b) => a.length - b.length)
      .find((at) => at.endsWith(`node_modules/${name}`) && locked[at]?.version === version);
    if (folder === undefined)
      throw new Error(`dist/licenses.txt names ${title}, which package-lock.json does not have`);
    return { name, version, license, folder };
  });
}

const json = (value: object): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

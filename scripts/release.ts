// Makes what a release carries, in release/: an archive of what runs, its bill of materials, the notes, and checksums of
// all of them and of dist/. Nothing is published; the workflow "Release" does that.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle } from './bundle.ts';
import { notes } from './changelog.ts';
import { commandLine, UsageError } from './command-line.ts';
import { licenses } from './licenses.ts';
import { insidePin, root, slug } from './repository.ts';
import { sbom } from './sbom.ts';

const help = `Makes what a release carries, in release/.

  npm run release [-- --dry-run]

  --dry-run  makes it twice and compares, and only tells of what a real release would refuse
`;
/** What the archive has: all that a runner or a reader of the action needs, nothing that builds it. */
const ARCHIVED = ['action.yml', 'dist', 'schema', 'LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md'];

const out = join(root, 'release');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
const { name, version, license } = JSON.parse(read('package.json'));

/** Reasons not to release what is here. */
function objections(): string[] {
  const pinned = insidePin(read('.github/workflows/shares.yml'), slug());
  const same = (commit: string): boolean => {
    try {
      git('merge-base', '--is-ancestor', commit, 'HEAD');
      return git('diff', '--name-only', commit, 'HEAD', '--', 'dist', 'action.yml') === '';
    } catch {
      return false;
    }
  };
  return [
    git('status', '--porcelain') !== '' && 'there are changes that are not committed',
    notes(read('CHANGELOG.md'), version) === undefined && `CHANGELOG.md says nothing of ${version}`,
    git('tag', '--list', `v${version}`) !== '' && `there is a tag v${version} already`,
    !same(pinned) && `the reusable workflow pins ${pinned}, whose dist/ and action.yml are not these`,
  ].filter((objection) => objection !== false);
}

async function make(): Promise<Map<string, Buffer>> {
  const { files, packages } = await bundle();
  files.set('licenses.txt', licenses(packages));
  const dist = readdirSync(join(root, 'dist')).sort();
  if (
    JSON.stringify(dist) !== JSON.stringify([...files.keys()].sort()) ||
    dist.some((file) => read(`dist/${file}`) !== files.get(file))
  )
    throw new Error('dist/ is not what src/ builds. Run npm run build and commit dist/.');

  const archive = execFileSync(
    'git',
    ['archive', '--format=tar', `--prefix=${name}-${version}/`, 'HEAD', ...ARCHIVED],
    {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const { packages: locked } = JSON.parse(read('package-lock.json'));
  const made = new Map<string, Buffer>([
    [`${name}-${version}.tar.gz`, gzipSync(archive, { level: 9 })],
    [`${name}.cdx.json`, json(sbom({ name, version, license, home: slug() }, packages, locked))],
  ]);
  const sums = [
    ...[...made].map(([file, bytes]) => `${sha256(bytes)}  ${file}`),
    ...dist.map((file) => `${sha256(read(`dist/${file}`))}  dist/${file}`),
  ];
  made.set('SHA256SUMS', Buffer.from(`${sums.join('\n')}\n`));
  return made.set('NOTES.md', Buffer.from(`${notes(read('CHANGELOG.md'), version) ?? ''}\n`));
}

const json = (value: object): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

const options = { 'dry-run': { type: 'boolean', default: false } } as const;
await commandLine(help, { options }, async ({ values }) => {
  const reasons = objections();
  for (const reason of reasons) console.error(`a release would be refused: ${reason}`);
  if (reasons.length > 0 && !values['dry-run']) throw new UsageError(`${version} cannot be released.`);

  const made = await make();
  if (values['dry-run']) {
    const again = await make();
    const different = [...made.keys()].filter((file) => !made.get(file)?.equals(again.get(file) ?? Buffer.alloc(0)));
    if (different.length > 0) throw new Error(`made twice, and not the same: ${different.join(', ')}`);
    console.log('made twice, and the same');
  }
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  for (const [file, bytes] of made) {
    writeFileSync(join(out, file), bytes);
    console.log(`${sha256(bytes)}  release/${file}`);
  }
});

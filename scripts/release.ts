// Checks that a release can be made, and writes its files to release/: an archive of the action, its bill of materials,
// the release notes, and checksums of these and of dist/. It publishes nothing; the workflow "Release" does that.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { notes } from './changelog.ts';
import { commandLine } from './command-line.ts';
import { licenses } from './licenses.ts';
import { different, packagesIn, releaseFiles, sha256 } from './release-files.ts';
import { insidePin, root, slug } from './repository.ts';

const help = `Makes the files of a release in release/.

  npm run release [-- --dry-run]

  --dry-run  makes them twice and compares, and only prints what a real release would refuse
`;
const out = join(root, 'release');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
const { version } = JSON.parse(read('package.json'));

/** Reasons not to release this commit. */
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
    git('status', '--porcelain') !== '' && 'there are uncommitted changes',
    notes(read('CHANGELOG.md'), version) === undefined && `CHANGELOG.md has no section for ${version}`,
    git('tag', '--list', `v${version}`) !== '' && `the tag v${version} exists already`,
    !same(pinned) && `the reusable workflow pins ${pinned}, which has another dist/ or action.yml`,
  ].filter((objection) => objection !== false);
}

/** Why dist/ can't be released: it is out of date, or the bill of materials doesn't match it. */
async function flawOfDist(): Promise<string | undefined> {
  const { files, packages } = await bundle();
  files.set('licenses.txt', licenses(packages));
  const built = new Map([...files].map(([file, text]) => [file, Buffer.from(text)]));
  const committed = new Map(
    readdirSync(join(root, 'dist')).map((file) => [file, readFileSync(join(root, 'dist', file))]),
  );
  const wrong = different(committed, built);
  if (wrong.length > 0) return `dist/ is out of date (${wrong.join(', ')}): run npm run build and commit dist/`;
  const listed = packagesIn(read('dist/licenses.txt'), JSON.parse(read('package-lock.json')).packages);
  return JSON.stringify(listed) === JSON.stringify(packages)
    ? undefined
    : 'dist/licenses.txt or package-lock.json does not match the packages in the bundle';
}

/** Says why a release can't be made, and ends the script. */
function refuse(reasons: readonly string[]): never {
  for (const reason of reasons) console.error(`Can't release: ${reason}`);
  process.exit(1);
}

const options = { 'dry-run': { type: 'boolean', default: false } } as const;
await commandLine(help, { options }, async ({ values }) => {
  const isDry = values['dry-run'];
  const reasons = objections();
  if (reasons.length > 0 && !isDry) refuse(reasons);
  const flaw = await flawOfDist();
  if (flaw !== undefined) refuse([...reasons, flaw]);
  const made = releaseFiles();
  if (isDry) {
    const again = await flawOfDist();
    if (again !== undefined) refuse([`the second build differs: ${again}`]);
    const wrong = different(made, releaseFiles());
    if (wrong.length > 0) refuse([`in the second build, these files were different: ${wrong.join(', ')}`]);
    console.log('Made twice, with the same result');
    for (const reason of reasons) console.error(`Can't release: ${reason}`);
  }
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  for (const [file, bytes] of made) {
    writeFileSync(join(out, file), bytes);
    console.log(`${sha256(bytes)}  release/${file}`);
  }
});

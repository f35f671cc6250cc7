// Checks that a release can be made, and makes what it carries in release/: an archive of what runs, its bill of materials, the notes,
// and checksums of all of them and of dist/. It publishes nothing; the workflow "Release" does that.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { notes } from './changelog.ts';
import { commandLine, UsageError } from './command-line.ts';
import { licenses } from './licenses.ts';
import { different, packagesIn, releaseFiles, sha256 } from './release-files.ts';
import { insidePin, root, slug } from './repository.ts';

const help = `Makes what a release carries, in release/.

  npm run release [-- --dry-run]

  --dry-run  makes it twice and compares, and only tells of what a real release would refuse
`;
const out = join(root, 'release');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
const { version } = JSON.parse(read('package.json'));

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

/** Throws unless dist/ is what src/ builds, and the bill of materials names what is in it. */
async function checkDist(): Promise<void> {
  const { files, packages } = await bundle();
  files.set('licenses.txt', licenses(packages));
  const built = new Map([...files].map(([file, text]) => [file, Buffer.from(text)]));
  const committed = new Map(
    readdirSync(join(root, 'dist')).map((file) => [file, readFileSync(join(root, 'dist', file))]),
  );
  const wrong = different(committed, built);
  if (wrong.length > 0)
    throw new Error(`dist/ is not what src/ builds: ${wrong.join(', ')}. Run npm run build and commit dist/.`);
  const listed = packagesIn(read('dist/licenses.txt'), JSON.parse(read('package-lock.json')).packages);
  if (JSON.stringify(listed) !== JSON.stringify(packages))
    throw new Error('the packages of dist/licenses.txt and package-lock.json are not those of the bundle');
}

const options = { 'dry-run': { type: 'boolean', default: false } } as const;
await commandLine(help, { options }, async ({ values }) => {
  const reasons = objections();
  for (const reason of reasons) console.error(`a release would be refused: ${reason}`);
  if (reasons.length > 0 && !values['dry-run']) throw new UsageError(`${version} cannot be released.`);

  await checkDist();
  const made = releaseFiles();
  if (values['dry-run']) {
    await checkDist();
    const wrong = different(made, releaseFiles());
    if (wrong.length > 0) throw new Error(`made twice, and not the same: ${wrong.join(', ')}`);
    console.log('made twice, and the same');
  }
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  for (const [file, bytes] of made) {
    writeFileSync(join(out, file), bytes);
    console.log(`${sha256(bytes)}  release/${file}`);
  }
});

// `npm run release:prepare -- VERSION`: makes the two commits of a release pull request. The first has the version, the changelog and
// dist/. The second makes the reusable workflow run the dist/ of the first, because a file can't contain the id of its own commit.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { released } from './changelog.ts';
import { commandLine, UsageError } from './command-line.ts';
import { root, slug, withInsidePin } from './repository.ts';

const help = `Makes the two commits of a release pull request, on the branch that is checked out.

  npm run release:prepare -- 1.2.3

Merge the pull request with a merge commit: a squash or a rebase would lose the first commit, to which the second refers.
`;

const run = (command: string, ...args: string[]): void => {
  execFileSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
};
const edit = (path: string, change: (text: string) => string): void =>
  writeFileSync(join(root, path), change(readFileSync(join(root, path), 'utf8')));
const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

await commandLine(help, { options: {}, positionals: true }, ({ positionals }) => {
  const [version = '', ...more] = positionals;
  if (!/^\d+\.\d+\.\d+$/.test(version) || more.length > 0)
    throw new UsageError('Give exactly one version, such as 1.2.3.');
  if (git('status', '--porcelain') !== '') throw new UsageError('There are changes that are not committed.');

  edit('CHANGELOG.md', (text) => released(text, version, new Date().toISOString().slice(0, 10)));
  run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version', '--ignore-scripts');
  run('npm', 'run', 'generate');
  run('npm', 'run', 'build');
  run('git', 'add', '--all'); // files of dist/ can have new names
  run('git', 'commit', '--allow-empty', '--message', `Release ${version}`);
  edit('.github/workflows/shares.yml', (text) => withInsidePin(text, slug(), git('rev-parse', 'HEAD')));
  run('git', 'commit', '--all', '--message', `Run the dist/ of ${version} in the reusable workflow`);
});

// `npm run owner -- NAME[/REPOSITORY]`: writes the owner of the repository into every file that names it.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, UsageError } from './command-line.ts';
import { files, moved, root, slug, withoutPlaceholders } from './repository.ts';

const help = `Writes the owner of the repository into package.json and every file that names it.

  npm run owner -- NAME[/REPOSITORY]

Then it updates all generated files and builds dist/.
`;
const HOME = /^[A-Za-z\d](?:[A-Za-z\d]|-(?=[A-Za-z\d])){0,38}(?:\/[\w.-]{1,100})?$/;

await commandLine(help, { options: {}, positionals: true }, ({ positionals }) => {
  const [home, ...more] = positionals;
  if (home === undefined || more.length > 0 || !HOME.test(home)) throw new UsageError('Give exactly one account name.');
  const from = slug();
  const to = home.includes('/') ? home : `${home}/${from.split('/')[1]}`;
  for (const file of files()) {
    const before = readFileSync(join(root, file), 'utf8');
    const after = withoutPlaceholders(moved(before, from, to));
    if (after === before) continue;
    writeFileSync(join(root, file), after);
    console.log(`wrote ${file}`);
  }
});
// After --help, the exit code keeps npm from running the build that follows (`postowner`).
if (process.argv.includes('--help')) process.exitCode = 2;

// `node scripts/check-release.ts`: compares release/ with what the checked-out commit gives, byte for byte. It runs where the release is
// published, without any package installed.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from './command-line.ts';
import { different, releaseFiles } from './release-files.ts';
import { root } from './repository.ts';

const help = `Makes what a release carries again, from the commit that is checked out, and compares it with release/.

  node scripts/check-release.ts [FOLDER]
`;

await commandLine(help, { options: {}, positionals: true }, ({ positionals: [folder = join(root, 'release')] }) => {
  const made = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));
  const wrong = different(made, releaseFiles());
  if (wrong.length > 0) {
    console.error(`This release is not what the commit gives: ${wrong.join(', ')}. Don't publish it.`);
    process.exitCode = 1;
    return;
  }
  console.log(`${made.size} files are what the commit gives`);
});

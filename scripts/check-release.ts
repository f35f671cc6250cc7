// `node scripts/check-release.ts`: makes the files of the release again from the checked-out commit, and compares them
// with release/, byte for byte. It runs in the job that publishes the release, without any package installed.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from './command-line.ts';
import { different, releaseFiles } from './release-files.ts';
import { root } from './repository.ts';

const help = `Makes the files of a release again from the checked-out commit, and compares them with release/.

  node scripts/check-release.ts [FOLDER]
`;

await commandLine(help, { options: {}, positionals: true }, ({ positionals: [folder = join(root, 'release')] }) => {
  const made = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));
  const wrong = different(made, releaseFiles());
  if (wrong.length > 0) {
    console.error(
      `These files of the release differ from what the commit gives: ${wrong.join(', ')}. Don't publish it.`,
    );
    process.exitCode = 1;
    return;
  }
  console.log(`${made.size} files match the commit`);
});

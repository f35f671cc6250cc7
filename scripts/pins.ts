// `npm run pins -- TAG COMMIT`: pins the commit of a release in examples and documents.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, UsageError } from './command-line.ts';
import { files, pinned, root, slug } from './repository.ts';

const help = `Pins every use of the action in examples and documents to the commit of a release.

  npm run pins -- v1.2.3 0123456789abcdef0123456789abcdef01234567
`;

await commandLine(help, { options: {}, positionals: true }, ({ positionals }) => {
  const [tag = '', sha = '', ...more] = positionals;
  if (!/^v\d+\.\d+\.\d+$/.test(tag) || !/^[0-9a-f]{40}$/.test(sha) || more.length > 0)
    throw new UsageError('Give a tag and a full commit id.');
  for (const file of files().filter((name) => /\.(md|yml)$/.test(name))) {
    const before = readFileSync(join(root, file), 'utf8');
    const after = pinned(before, slug(), sha, tag);
    if (after === before) continue;
    writeFileSync(join(root, file), after);
    console.log(`wrote ${file}`);
  }
});

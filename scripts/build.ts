// Builds dist/ from src/. With --check, writes nothing and fails if dist/ differs from a new build.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.ts';
import { commandLine } from './command-line.ts';
import { noteBuild } from './freshness.ts';
import { licenses } from './licenses.ts';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const help = `Builds dist/ from src/. The result is the same on every machine, byte for byte.

  npm run build [-- --check]

  --check  writes nothing, and fails when dist/ is not what src/ builds
`;

await commandLine(help, { options: { check: { type: 'boolean' } } }, async ({ values }) => {
  const { files, packages, packagesInStatistics } = await bundle();
  files.set('licenses.txt', licenses(packages));

  const committed = new Map(
    (existsSync(dist) ? readdirSync(dist) : []).map((name) => [name, readFileSync(join(dist, name), 'utf8')]),
  );
  const different = [...new Set([...files.keys(), ...committed.keys()])].filter(
    (name) => files.get(name) !== committed.get(name),
  );
  if (values.check && different.length > 0) {
    console.error(`dist/ is out of date: ${different.join(', ')}. Run npm run build and commit dist/.`);
    process.exitCode = 1;
    return;
  }
  mkdirSync(dist, { recursive: true });
  for (const name of different) {
    const text = files.get(name);
    if (text === undefined) rmSync(join(dist, name), { recursive: true });
    else writeFileSync(join(dist, name), text);
  }
  noteBuild(packagesInStatistics);
  const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  console.log(`dist/: ${files.size} files, ${bytes.toLocaleString('en-US')} bytes, ${packages.length} packages`);
  console.log(different.length === 0 ? 'dist/ was up to date' : `dist/ changed: ${different.join(', ')}`);
});

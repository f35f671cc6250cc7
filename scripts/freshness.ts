// Tells without building whether dist/ is up to date. Every build records a digest of src/ and dist/, and the packages
// in its statistics.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BundledPackage } from './bundle.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const note = join(root, 'build', 'dist.json');

interface Note {
  digest: string;
  packages: BundledPackage[];
}

/** The files from which dist/ is built, and dist/ itself. */
const PARTS = [
  'dist',
  'package-lock.json',
  'package.json',
  'scripts/build.ts',
  'scripts/bundle.ts',
  'scripts/licenses.ts',
  'src',
  'tsconfig.build.json',
  'tsconfig.json',
];

/** Are src/ and dist/ unchanged since the last build, or since the last check of dist/? */
export const isFresh = (): boolean => readNote()?.digest === digest();

/** The packages in the statistics of the last build. */
export const packagesOfLastBuild = (): BundledPackage[] => readNote()?.packages ?? [];

/** Records that dist/ is up to date. */
export function noteBuild(packages: BundledPackage[]): void {
  mkdirSync(dirname(note), { recursive: true });
  writeFileSync(note, JSON.stringify({ digest: digest(), packages } satisfies Note));
}

const readNote = (): Note | undefined => (existsSync(note) ? JSON.parse(readFileSync(note, 'utf8')) : undefined);

function digest(): string {
  const hash = createHash('sha256');
  for (const file of PARTS.flatMap(filesIn)) hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function filesIn(path: string): string[] {
  if (!existsSync(join(root, path))) return [];
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesIn(`${path}/${name}`));
}

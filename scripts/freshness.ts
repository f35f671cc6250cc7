// Whether dist/ is what src/ builds, told without building: by a digest of both that every build notes.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const note = join(root, 'build', 'dist.sha256');

/** What dist/ is built from, and dist/ itself. */
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

/** Have src/ and dist/ stayed the same since the last build, or the last check of dist/? */
export const isFresh = (): boolean => existsSync(note) && readFileSync(note, 'utf8') === digest();

/** To be called when dist/ is known to be what src/ builds. */
export function noteFreshness(): void {
  mkdirSync(dirname(note), { recursive: true });
  writeFileSync(note, digest());
}

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

// Builds dist/ from src/: types stripped by the compiler, bundled by ncc, minified by terser, byte for byte the same on
// every machine. With --check nothing is written, and a dist/ that is not what src/ builds is an error.
//
// Minified, because half of the time of a run is reading code. Nobody reviews a bundle by eye: CI builds it again
// from src/ and compares.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minify } from 'terser';

const root = fileURLToPath(new URL('..', import.meta.url));
const build = join(root, 'build');
const dist = join(root, 'dist');
const require = createRequire(import.meta.url);

function compile(): void {
  rmSync(build, { recursive: true, force: true });
  execFileSync(
    process.execPath,
    [require.resolve('typescript/package.json').replace('package.json', 'bin/tsc'), '-p', 'tsconfig.build.json'],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  writeFileSync(join(build, 'package.json'), JSON.stringify({ type: 'module' }));
}

/**
 * These packages do nothing when they are loaded but do not say so in their package.json, so that the bundler keeps
 * all they import: half of the start-up would be undici, which @actions/core has for OIDC alone. Copies that say so
 * stand before the originals on the way of resolution; their code is the same.
 */
function declareFreeOfSideEffects(...names: string[]): void {
  for (const name of names) {
    const copy = join(build, 'node_modules', name);
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(join(root, 'node_modules', name), copy, { recursive: true });
    const manifest = join(copy, 'package.json');
    writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), sideEffects: false }));
  }
}

function bundle(out: string): void {
  const ncc = require.resolve('@vercel/ncc/dist/ncc/cli.js');
  const options = ['--no-cache', '--quiet', '--target', 'es2023', '--license', 'licenses.txt'];
  execFileSync(process.execPath, [ncc, 'build', join(build, 'main.js'), '-o', out, ...options], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function minifyAll(out: string): Promise<void> {
  for (const name of readdirSync(out).filter((file) => file.endsWith('.js'))) {
    const path = join(out, name);
    const { code } = await minify(readFileSync(path, 'utf8'), {
      module: true,
      ecma: 2020,
      compress: { passes: 2 },
      format: { comments: false },
    });
    writeFileSync(path, `${code}\n`);
  }
}

const contents = (folder: string): Map<string, string> =>
  new Map(
    existsSync(folder)
      ? readdirSync(folder)
          .sort()
          .map((name) => [name, readFileSync(join(folder, name), 'latin1')])
      : [],
  );

compile();
declareFreeOfSideEffects('@actions/core');
const out = mkdtempSync(join(build, 'dist-'));
bundle(out);
await minifyAll(out);

const built = contents(out);
if (process.argv.includes('--check')) {
  const committed = contents(dist);
  const different = [...new Set([...built.keys(), ...committed.keys()])].filter(
    (name) => built.get(name) !== committed.get(name),
  );
  if (different.length > 0) {
    console.error(`dist/ is not what src/ builds: ${different.join(', ')}. Run npm run build and commit dist/.`);
    process.exit(1);
  }
} else {
  rmSync(dist, { recursive: true, force: true });
  cpSync(out, dist, { recursive: true });
}
rmSync(build, { recursive: true, force: true });
const bytes = [...built.values()].reduce((sum, text) => sum + text.length, 0);
console.log(`dist/: ${built.size} files, ${bytes.toLocaleString('en-US')} bytes`);

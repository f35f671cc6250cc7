// Bundles src/ and lists the packages in the bundle. The compiler strips the types, ncc bundles, and terser minifies. The result is
// the same on every machine, byte for byte.
//
// The bundle is minified because parsing accounts for half of a run's time. Nobody has to review it: CI builds it again from
// src/ and compares.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minify } from 'terser';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

export interface BundledPackage {
  name: string;
  version: string;
  license: string;
  /** The folder with its files, relative to the project. */
  folder: string;
}

export interface Bundle {
  /** Contents of the files, by name. */
  files: Map<string, string>;
  /** The packages whose code is in the bundle, by name, according to the source maps. */
  packages: BundledPackage[];
  /** The same packages according to the bundler's statistics, as a second source for the test of the licenses. */
  packagesInStatistics: BundledPackage[];
}

/** Bundles src/. */
export async function bundle(): Promise<Bundle> {
  return await inFolder('bundle', async (folder) => {
    const statistics = join(folder, 'stats.json');
    const out = runNcc(folder, '--source-map', '--no-source-map-register', '--stats-out', statistics);
    const maps = readdirSync(out).filter((name) => name.endsWith('.map'));
    const sources = maps.flatMap((name) => JSON.parse(readFileSync(join(out, name), 'utf8')).sources as string[]);
    for (const name of maps) rmSync(join(out, name));
    return {
      files: await minified(out),
      packages: packagesIn(sources),
      packagesInStatistics: packagesIn(sourcesOf(JSON.parse(readFileSync(statistics, 'utf8')))),
    };
  });
}

/**
 * Makes a folder in build/, so that node_modules is found from it. Its name is fixed because the names of chunks depend
 * on it.
 */
async function inFolder<T>(name: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(root, 'build', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compiles and bundles. @returns the folder with the result */
function runNcc(folder: string, ...options: string[]): string {
  const tsc = require.resolve('typescript/package.json').replace('package.json', 'bin/tsc');
  const ncc = require.resolve('@vercel/ncc/dist/ncc/cli.js');
  const out = join(folder, 'dist');
  const node = (...args: string[]): void => {
    execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  };
  node(tsc, '-p', 'tsconfig.build.json', '--outDir', folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  declareFreeOfSideEffects(folder, '@actions/core', 'fetch-blob', 'formdata-polyfill', 'node-fetch');
  const settings = ['--no-cache', '--quiet', '--target', 'es2023'];
  node(ncc, 'build', join(folder, 'main.js'), '-o', out, ...settings, ...options);
  return out;
}

/**
 * On Node 24, loading these packages has no side effects, but their package.json doesn't say so. So the bundler keeps
 * everything that they import: undici, which @actions/core needs only for OIDC, and streams for versions of Node that
 * have none. This makes copies whose package.json declares it, in a place where the bundler finds them before the
 * originals. The code is the same.
 */
function declareFreeOfSideEffects(folder: string, ...names: string[]): void {
  for (const name of names) {
    const copy = join(folder, 'node_modules', name);
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(join(root, 'node_modules', name), copy, { recursive: true });
    const manifest = join(copy, 'package.json');
    writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), sideEffects: false }));
  }
}

async function minified(out: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of readdirSync(out).sort()) {
    const text = readFileSync(join(out, name), 'utf8');
    if (!name.endsWith('.js')) {
      files.set(name, text);
      continue;
    }
    const { code = '' } = await minify(withPlainExports(withBuiltins(text)).replace(MODULE_FUNCTION, `$1${AT_ONCE}(`), {
      module: true,
      ecma: 2020,
      // If a function is inlined into its only caller, V8 parses it again whenever it compiles the caller.
      compress: { passes: 2, reduce_funcs: false },
      format: { comments: false },
    });
    files.set(name, `${code.replaceAll(`${AT_ONCE}(`, '(')}\n`);
  }
  return files;
}

/**
 * The bundler's code loads each of Node's own modules through `createRequire`, which makes a new `require` every time.
 * `process.getBuiltinModule` gives the same module without one, which saves a run 1 to 3 ms.
 */
function withBuiltins(text: string): string {
  const direct = text
    .replace(REQUIRED, (_, name: string) => `process.getBuiltinModule(${name})`)
    .replace(FOLDER_OF_ASSETS, '');
  return direct.includes(`${CREATE_REQUIRE}(`) ? direct : direct.replace(IMPORT_OF_CREATE_REQUIRE, '');
}
const CREATE_REQUIRE = '__WEBPACK_EXTERNAL_createRequire';
const REQUIRED = new RegExp(`${CREATE_REQUIRE}\\(import\\.meta\\.url\\)\\(("[^"]+")\\)`, 'g');
const IMPORT_OF_CREATE_REQUIRE = new RegExp(`^import \\{ createRequire as ${CREATE_REQUIRE} \\} from "module";$`, 'm');

/** The bundle has no assets, so no code uses this. Node would load another module for `import.meta`. */
const FOLDER_OF_ASSETS = /^.*\bif \(typeof (\w+) !== 'undefined'\) \1\.ab = .*$/m;

/**
 * The bundler gives a module's exports to other modules through getters, so that they can change. Each getter is a
 * function that V8 compiles when it is first called, and a run calls about 200 of them. So the exports become plain
 * properties, which a module sets when it has run. That saves a run about 3 ms. It works because no module imports
 * another one in a circle, and because no export changes.
 *
 * @throws if an export can change
 */
function withPlainExports(text: string): string {
  return text.replace(EXPORTING_MODULE, (_, exporting: string, getters: string, code: string) => {
    const variables = new Set(Array.from(code.matchAll(/^let ([\w$]+)/gm), ([, name]) => name));
    for (const [, name] of getters.matchAll(/\/\* binding \*\/ ([\w$]+)/g)) {
      if (variables.has(name)) throw new Error(`The export ${name} can change, so it can't be a plain property`);
    }
    return `${code}\nObject.assign(${exporting}, {\n${getters.replaceAll('() => ', '')}\n});`;
  });
}
const EXPORTING_MODULE =
  /^(?:\/\* harmony export \*\/ )?\w+\.d\((__webpack_exports__), \{\n(.*?)\n(?:\/\* harmony export \*\/ )?\}\);$(.*?)(?=\n\/\*{3}\/ \}\))/gms;

/**
 * The bundler wraps each module in a function, in parentheses. V8 compiles a function in parentheses right away; it
 * parses any other function twice, now and when it is called. The minifier would drop the parentheses, so they are
 * written as a function call until it has finished.
 */
const MODULE_FUNCTION = /^(\/\*{3}\/ )\(/gm;
const AT_ONCE = '__compiled_at_once__';

/** A module in the bundler's statistics. Modules that were merged into it are inside it and have no chunk. */
interface Module {
  identifier: string;
  chunks?: number[];
  /** `false` if nothing of a merged module is used. The bundler then omits its code. */
  usedExports?: unknown;
  modules?: Module[];
}

const sourcesOf = ({ modules = [] }: { modules?: Module[] }): string[] =>
  modules
    .filter(({ chunks = [] }) => chunks.length > 0)
    .flatMap((module) => module.modules?.filter(({ usedExports }) => usedExports !== false) ?? [module])
    .map(({ identifier }) => identifier.replace(/^.*!/, ''));

/** The packages that files belong to. ncc's own placeholder for a missing module belongs to none. */
function packagesIn(sources: string[]): BundledPackage[] {
  const folders = sources.map((source) => FOLDER.exec(source)?.[0]);
  return [...new Set(folders)]
    .filter((folder): folder is string => folder !== undefined && folder !== 'node_modules/@vercel/ncc')
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      return { name, version, license, folder };
    })
    .sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}
const FOLDER = /node_modules\/(@[^/]+\/)?[^/]+(\/node_modules\/(@[^/]+\/)?[^/]+)*/;

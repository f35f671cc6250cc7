// Writes files and tables that are derived from the sources: the README's tables from action.yml, the JSON Schema of
// the config file from the schema that checks it, and the version from package.json. With --check, writes nothing and
// fails if anything is out of date.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { configFileJsonSchema } from '../src/inputs/shares-schema.ts';
import { commandLine } from './command-line.ts';
import { outputSchemas } from './output-schemas.ts';

/** An input or output of the action, or an input or secret of the reusable workflow. */
interface Described {
  description: string;
  default?: string | boolean;
  required?: boolean;
}
type Table = Record<string, Described>;

const pathOf = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
const read = (name: string): string => readFileSync(pathOf(name), 'utf8');
const action = parse(read('action.yml')) as { inputs: Table; outputs: Table };
const { on } = parse(read('.github/workflows/shares.yml')) as {
  on: { workflow_call: { inputs: Table; secrets: Table; outputs?: Table } };
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();

/** Two columns, because a phone has no room for a third. Each row has an anchor, such as `#input-mode`. */
const tableOf = (kind: string, things: Table = {}): string[] => [
  `| ${kind} | meaning |`,
  '| --- | --- |',
  ...Object.entries(things).map(([name, { description, default: value, required }]) => {
    const isSaid = value === undefined || value === '' || description.includes('Default');
    const meaning = [description, ...(isSaid ? [] : [`Default: \`${value}\`.`]), ...(required ? ['Required.'] : [])];
    return `| <a id="${kind.replaceAll(' ', '-')}-${name}"></a>\`${name}\` | ${cell(meaning.join(' '))} |`;
  }),
];

const tables = {
  inputs: tableOf('input', action.inputs),
  outputs: tableOf('output', action.outputs),
  'workflow-inputs': tableOf('workflow input', on.workflow_call.inputs),
  'workflow-secrets': tableOf('workflow secret', on.workflow_call.secrets),
  'workflow-outputs': tableOf('workflow output', on.workflow_call.outputs),
};

const readme = Object.entries(tables).reduce(
  (text, [name, lines]) =>
    text.replace(
      new RegExp(`(<!-- ${name}:start -->\n)[^]*?(<!-- ${name}:end -->)`),
      (_, start: string, end: string) => `${start}${lines.join('\n')}\n${end}`,
    ),
  read('README.md'),
);

const { version, repository } = JSON.parse(read('package.json')) as { version: string; repository: { url: string } };
/** `owner/name` on GitHub. */
const repositoryName = /github\.com\/(.+?)(\.git)?$/.exec(repository.url)?.[1] ?? '';

/** A JSON Schema with its URL as `$id`. Editors load it from there, at the tag that moves with every release. */
function schemaFile(name: string, { $schema, ...rest }: { $schema?: string }): string {
  const $id = `https://raw.githubusercontent.com/${repositoryName}/v1/schema/${name}.schema.json`;
  return `${JSON.stringify({ $schema, $id, ...rest }, null, 2)}\n`;
}

const generated: Record<string, string> = {
  'src/version.ts': [
    '// Written by npm run generate from package.json.',
    '',
    "/** This action's version. */",
    `export const VERSION = '${version}';`,
    '/** Where it is published on GitHub. */',
    `export const REPOSITORY = '${repositoryName}';`,
    '',
  ].join('\n'),
  'README.md': readme,
  'schema/shares.schema.json': schemaFile('shares', configFileJsonSchema()),
  ...Object.fromEntries(
    Object.entries(outputSchemas()).map(([name, schema]) => [`schema/${name}.schema.json`, schemaFile(name, schema)]),
  ),
};

const help = `Writes everything that is derived from the sources: the README's tables, the JSON Schema, the version.

  npm run generate [-- --check]

  --check  writes nothing, and fails if something is out of date
`;

await commandLine(help, { options: { check: { type: 'boolean' } } }, ({ values }) => {
  let differs = false;
  for (const [name, text] of Object.entries(generated)) {
    const committed = (() => {
      try {
        return read(name);
      } catch {
        return undefined;
      }
    })();
    if (committed === text) continue;
    if (values.check) {
      console.error(`${name} is out of date. Run npm run generate and commit the result.`);
      differs = true;
    } else {
      mkdirSync(dirname(pathOf(name)), { recursive: true });
      writeFileSync(pathOf(name), text);
      console.log(`wrote ${name}`);
    }
  }
  if (differs) process.exitCode = 1;
});

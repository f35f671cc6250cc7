// Writes what is derived from the sources, so that it cannot drift: the README's tables from action.yml, and the JSON
// Schema of the config file from the schema that checks it. With --check nothing is written, and a difference fails.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { configFile } from '../src/share/schema.ts';

interface Action {
  inputs: Record<string, { description: string; default?: string }>;
  outputs: Record<string, { description: string }>;
}

const pathOf = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
const read = (name: string): string => readFileSync(pathOf(name), 'utf8');
const action = parse(read('action.yml')) as Action;

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();

const tables = {
  inputs: [
    '| input | default | meaning |',
    '| --- | --- | --- |',
    ...Object.entries(action.inputs).map(
      ([name, input]) =>
        `| \`${name}\` | ${input.default === undefined ? '' : `\`${input.default}\``} | ${cell(input.description)} |`,
    ),
  ],
  outputs: [
    '| output | meaning |',
    '| --- | --- |',
    ...Object.entries(action.outputs).map(([name, output]) => `| \`${name}\` | ${cell(output.description)} |`),
  ],
};

const readme = Object.entries(tables).reduce(
  (text, [name, lines]) =>
    text.replace(
      new RegExp(`(<!-- ${name}:start -->\n)[^]*?(<!-- ${name}:end -->)`),
      (_, start: string, end: string) => `${start}${lines.join('\n')}\n${end}`,
    ),
  read('README.md'),
);

const schema = {
  ...z.toJSONSchema(configFile, { io: 'input', target: 'draft-2020-12' }),
  title: 'Cloudflare shares',
};

const generated: Record<string, string> = {
  'README.md': readme,
  'schema/shares.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
};

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
  if (process.argv.includes('--check')) {
    console.error(`${name} is not what it is generated from. Run npm run generate and commit it.`);
    differs = true;
  } else {
    mkdirSync(dirname(pathOf(name)), { recursive: true });
    writeFileSync(pathOf(name), text);
    console.log(`wrote ${name}`);
  }
}
if (differs) process.exit(1);

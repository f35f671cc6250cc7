// The documentation cannot drift: every error is on the page of errors, every link leads somewhere, every input and
// output of the action is one that works.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { INPUT_NAMES } from '../../src/inputs/schema.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Sources whose texts are errors and warnings, and the lines in them that are something else. */
const SOURCES = [
  'src/explain.ts',
  'src/main.ts',
  'src/apply/bring-about.ts',
  'src/apply/create.ts',
  'src/apply/settle.ts',
  'src/cloudflare/advice.ts',
  'src/cloudflare/client.ts',
  'src/cloudflare/errors.ts',
  'src/cloudflare/read-answer.ts',
  'src/document/yaml.ts',
  'src/inputs/read-settings.ts',
  'src/inputs/schema.ts',
  'src/report/comment.ts',
  'src/report/outputs.ts',
  'src/report/summary.ts',
  'src/share/read-wish.ts',
  'src/share/schema.ts',
];
const NOT_AN_ERROR =
  /say\(|log\.line|purpose:|described\(|events\.|step(s)? =|Step =|ledger|line:|unreachable|accountId\(|describe\(|replace\(|const line =|: share \$\{share\.id\} is/;

/** The fixed words of each message: the longest piece between its variables. */
function messagesOf(source: string): string[] {
  const text = read(source)
    .replace(/^\s*(\/\/|\/?\*).*$/gm, '')
    .split('\n')
    .filter((line, i, lines) => !NOT_AN_ERROR.test(line) && !/(say|described|accountId)\($/.test(lines[i - 1] ?? ''))
    .join('\n');
  return [...text.matchAll(/(['`])((?:\\.|(?!\1)[^\\\n])*)\1/g)]
    .map(([, , literal = '']) => {
      const pieces = literal.split(/\$\{[^}]*\}+/).map((piece) => piece.replaceAll("\\'", "'").trim());
      return pieces.reduce((longest, piece) => (piece.length > longest.length ? piece : longest), '');
    })
    .map((piece) => piece.replace(/^[\s.,:;)("}\]]+/, '').replace(/[\s:;(.]+$/, ''))
    .filter((piece) => /[a-z]+ [a-z,]+ [a-z]+ [a-z]+/i.test(piece));
}

describe('docs/TROUBLESHOOTING.md', () => {
  const page = read('docs/TROUBLESHOOTING.md');
  test.each(SOURCES)('has every message of %s', (source) => {
    expect(messagesOf(source).filter((message) => !page.includes(message))).toEqual([]);
  });

  test('is compared with what the sources really say', () => {
    expect(SOURCES.flatMap(messagesOf).length).toBeGreaterThan(50);
  });
});

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...readdirSync(new URL('docs/', root)).map((name) => `docs/${name}`),
];

/** GitHub's anchor of a heading. */
const anchors = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(pages)('every link of %s leads somewhere', (page) => {
  const broken = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].filter(
    ([, path = '', anchor]) => {
      const target = new URL(path === '' ? page : path, new URL(page, root));
      const file = path === '' ? new URL(page, root) : target;
      if (!existsSync(file)) return true;
      return anchor !== undefined && !anchors(readFileSync(file, 'utf8')).includes(anchor);
    },
  );
  expect(broken.map(([link]) => link)).toEqual([]);
});

test("the README's first screen has the two commands of a fresh clone", () => {
  const screen = read('README.md').split('\n').slice(0, 40).join('\n');
  expect(screen).toContain('npm ci && npm run demo');
  expect(screen).toContain('npm ci && npm test');
});

describe('action.yml', () => {
  const action = parse(read('action.yml'));

  test('declares just the inputs that are read', () => {
    expect(Object.keys(action.inputs).sort()).toEqual([...INPUT_NAMES].sort());
  });

  test('declares just the outputs that are set', () => {
    const set = [...read('src/report/outputs.ts').matchAll(/\bset\(\s*'([\w-]+)'/g)].map(([, name]) => name);
    expect(Object.keys(action.outputs).sort()).toEqual([...new Set(set)].sort());
  });

  test('runs dist/index.js on Node 24', () => {
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' });
    expect(existsSync(new URL('dist/index.js', root))).toBe(true);
  });
});

test('every field of the published schema has a description, and unknown keys are refused', () => {
  const undescribed: string[] = [];
  const walk = (schema: Record<string, unknown>, at: string): void => {
    if (typeof schema.description !== 'string') undescribed.push(at);
    if (schema.type === 'object' && schema.properties) expect([at, schema.additionalProperties]).toEqual([at, false]);
    for (const [name, inner] of Object.entries((schema.properties ?? {}) as Record<string, Record<string, unknown>>))
      walk(inner, `${at}.${name}`);
    if (schema.items) walk(schema.items as Record<string, unknown>, `${at}[]`);
  };
  walk(JSON.parse(read('schema/shares.schema.json')), '$');
  expect(undescribed).toEqual([]);
});

// Keeps the documentation in sync: TROUBLESHOOTING has every error, every link works, and action.yml has exactly the
// inputs and outputs that the code has.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { files } from '../../scripts/repository.ts';
import { INPUT_NAMES } from '../../src/inputs/read-inputs.ts';
import { configFileJsonSchema } from '../../src/inputs/shares-schema.ts';
import { outputsOf } from '../../src/report/outputs.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Files in src/ whose sentences are not errors, warnings or notices, and why. */
const NO_MESSAGES: Record<string, string> = {
  'cloudflare/endpoints.ts': 'what each request is for: part of the errors of cloudflare/errors.ts',
  'export/write-shares-file.ts': 'the file that is written',
  'report/effect-lines.ts': 'the words of a report',
  'report/extras.ts': 'the words of a report',
  'report/headline.ts': 'the words of a report',
  'report/last-line.ts': 'the last line of the log',
  'report/markdown.ts': 'the words of a report',
  'report/outcome-words.ts': 'the words of a report',
  'report/plan-lines.ts': 'the words of a plan',
  'report/recipients.ts': 'the words of a report',
  'report/report.ts': 'lines of the log',
  'report/share-sections.ts': 'the words of a report',
  'report/shares-table.ts': 'the words of a report',
  'share/phases.ts': 'names of steps',
  'share/plan-words.ts': 'the words of a plan',
  'share/review.ts': 'names of steps',
  'share/steps.ts': 'names of steps',
};
const SOURCES = readdirSync(new URL('src/', root), { recursive: true })
  .map((name) => String(name).replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts') && !(name in NO_MESSAGES))
  .sort();

/** Matches the code right before a text that logs progress, describes a field, or names a step. */
const STORY =
  /(?:\b(?:say|line|described|accountId|includes|replace)\(|\bpurpose: |\b\w*[sS]tep(?:s)?\b[^;]*=>?|describe\()\s*$/;

interface Text {
  /** The fixed parts are the text outside `${` and `}`. */
  pieces: string[];
  /** Whether a text logs progress, describes a field or names a step, or is part of such a text. */
  story: boolean;
}

/**
 * Every string and template in a source file, including those inside templates, but not in comments or regular
 * expressions.
 */
function textsOf(source: string): Text[] {
  const texts: Text[] = [];
  let at = 0;
  let inStory = false;
  const code = (until: string): void => {
    for (const began = at; at < source.length && source[at] !== until; ) {
      const rest = source.slice(at);
      const before = source.slice(began, at);
      const skipped =
        /^(?:\/\/.*|\/\*[\s\S]*?\*\/)/.exec(rest)?.[0] ??
        (/(?:[(,=:[!&|?{};]|=>|return)\s*$/.test(before)
          ? /^\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[\n])+\/\w*/.exec(rest)?.[0]
          : undefined);
      if (skipped !== undefined) at += skipped.length;
      else if (rest.startsWith('{')) nested('}');
      else if (/^['"]/.test(rest)) quotedText(before);
      else if (rest.startsWith('`')) template(before);
      else at += 1;
    }
  };
  const nested = (until: string): void => {
    at += 1;
    code(until);
    at += 1;
  };
  const quotedText = (before: string): void => {
    const [whole = ''] = /^(['"])(?:\\.|(?!\1).)*\1/.exec(source.slice(at)) ?? [];
    texts.push({ story: inStory || STORY.test(before), pieces: [whole.slice(1, -1).replace(/\\(['"])/g, '$1')] });
    at += Math.max(1, whole.length);
  };
  const template = (before: string): void => {
    const pieces = [''];
    const outer = inStory;
    inStory ||= STORY.test(before);
    at += 1;
    while (at < source.length && source[at] !== '`') {
      if (source.startsWith('${', at)) {
        at += 1;
        nested('}');
        pieces.push('');
        continue;
      }
      const length = source[at] === '\\' ? 2 : 1;
      pieces[pieces.length - 1] += source.slice(at, at + length);
      at += length;
    }
    at += 1;
    texts.push({ story: inStory, pieces });
    inStory = outer;
  };
  code('');
  return texts;
}

/** The longest fixed part of each message. */
const messagesOf = (source: string): string[] =>
  textsOf(read(`src/${source}`))
    .filter(({ story }) => !story)
    .map(({ pieces }) => pieces.reduce((longest, piece) => (piece.length > longest.length ? piece : longest), ''))
    .map((piece) => piece.replace(/^[\s.,:;)("}\]]+/, '').replace(/[\s:;(.,]+$/, ''))
    .filter((piece) => /^\S*[a-z]+\S* \S*[a-z,:-]+\S* \S+ \S+/i.test(piece));

test('the search for texts in the sources finds all of them and nothing else', () => {
  const placeholder = (text: string): string => `\${${text}}`;
  const template = `\`two ${placeholder(`c ? \`three ${placeholder('d')}\` : 'four'`)} five\``;
  const source = `a('one'); // 'no'\nconst b = /['\`]/.test(${template}); /* \`no\` */ e("it's");`;
  expect(textsOf(source).map(({ pieces }) => pieces.join('|'))).toEqual([
    'one',
    'three |',
    'four',
    'two | five',
    "it's",
  ]);
});

describe('docs/TROUBLESHOOTING.md', () => {
  const page = read('docs/TROUBLESHOOTING.md');
  test.each(SOURCES)('contains every message in %s', (source) => {
    expect(messagesOf(source).filter((message) => !page.includes(message))).toEqual([]);
  });

  test('gives advice in every row', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter((row) => !/\| [^|]{8,} \|$/.test(row))).toEqual([]);
  });

  test('contains every message that README quotes', () => {
    const [, table = ''] = /\n\| the log says.*\n\|.*\n((?:\|.*\n)+)/.exec(read('README.md')) ?? [];
    const quotes = table.split('\n').flatMap((row) => (row.split('|')[1] ?? '').match(/(?<=`)[^`]+(?=`)/g) ?? []);
    expect(quotes.length).toBeGreaterThan(5);
    const messages = page.split('\n').map((row) => row.split(' | ')[0] ?? '');
    const isMessage = (quote: string): boolean =>
      messages.some((message) => message.includes(quote.replace(/^\d /, '… ')));
    expect(quotes.filter((quote) => !isMessage(quote))).toEqual([]);
  });

  test('contains only messages that exist in the sources', () => {
    expect(SOURCES.flatMap(messagesOf).length).toBeGreaterThan(50);
  });
});

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...readdirSync(new URL('docs/', root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The anchors that GitHub makes from headings, and explicit ones. */
const anchors = (markdown: string): string[] => [
  ...[...markdown.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id),
  ...[...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  ),
];

test.each(pages)('every link works in %s', (page) => {
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

test('every file that docs/ARCHITECTURE.md names exists', () => {
  const named = [...read('docs/ARCHITECTURE.md').matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = '']) => name);
  const there = files().map((name) => `/${name.replaceAll('\\', '/')}`);
  expect(named.filter((name) => !there.some((path) => path.endsWith(`/${name}`)))).toEqual([]);
});

test('docs/ARCHITECTURE.md lists the folders of src/', () => {
  const [, table = ''] = /\| `src\/`.*\n\|.*\n((?:\|.*\n)+)/.exec(read('docs/ARCHITECTURE.md')) ?? [];
  const listed = [...table.matchAll(/\*\*`(\w+)\/`\*\*/g)].map(([, folder]) => folder);
  const folders = readdirSync(new URL('src/', root), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(listed.sort()).toEqual(folders.map(({ name }) => name).sort());
});

test('README explains how to use the action before the demo and the tests', () => {
  const readme = read('README.md');
  const places = ['uses: OWNER/', 'npm ci && npm run demo', 'npm ci && npm test'].map((text) => readme.indexOf(text));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
});

test('docs/EXAMPLES.md lists every example', () => {
  const examples = readdirSync(new URL('examples/', root)).filter((name) => name.endsWith('.yml'));
  expect(examples.filter((name) => !read('docs/EXAMPLES.md').includes(`(../examples/${name})`))).toEqual([]);
});

test('documents and examples use recipient_account_id, not the deprecated account_id', () => {
  const written = files().filter((name) => /^(README\.md|docs\b.*\.md|examples\b.*\.ya?ml)$/.test(name));
  expect(written.length).toBeGreaterThan(15);
  expect(written.filter((name) => /[-{[,] *"?account_id"?:/.test(read(name)))).toEqual([]);
});

describe('action.yml', () => {
  const action = parse(read('action.yml'));

  test('declares exactly the inputs that are read', () => {
    expect(Object.keys(action.inputs).sort()).toEqual([...INPUT_NAMES].sort());
  });

  test('declares exactly the outputs that are set', () => {
    // Even when no value is known, every output is present by name.
    const set = outputsOf(
      { mode: 'plan', source: { kind: 'inputs' }, outcomes: [], inputProblems: [] },
      { reportFile: undefined, isCancelled: false },
    );
    expect(Object.keys(action.outputs).sort()).toEqual(Object.keys(set).sort());
  });

  test('runs dist/index.js on Node 24', () => {
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' });
    expect(existsSync(new URL('dist/index.js', root))).toBe(true);
  });
});

test('docs/FILE.md has a row for each field of a shares file and no other rows', () => {
  const tables = [...read('docs/FILE.md').matchAll(/^(?:In a|At the) (.+):\n\n((?:\|.*\n)+)/gm)];
  const documented = new Map(tables.map(([, where, rows]) => [where, [...`${rows}`.matchAll(/^\| `(.+?)` \|/gm)]]));
  const fieldsOf = (where: string): unknown[] => (documented.get(where) ?? []).map(([, field]) => field).sort();
  const { properties, patternProperties } = configFileJsonSchema() as Fields;
  const share = properties.shares?.items;
  const parts = share?.properties;
  expect(fieldsOf('top level')).toEqual(
    [...Object.keys(properties), ...Object.keys(patternProperties ?? {}).map(() => 'x-…')].sort(),
  );
  expect(fieldsOf('share')).toEqual(Object.keys(parts ?? {}).sort());
  expect(fieldsOf('resource')).toEqual(Object.keys(parts?.resources?.items?.properties ?? {}).sort());
  // The row of the new name also explains the old one.
  expect(['account_id', ...fieldsOf('recipient')].sort()).toEqual(
    Object.keys(parts?.recipients?.items?.properties ?? {}).sort(),
  );
});

interface Fields {
  properties: Record<string, { items?: Fields }>;
  patternProperties?: object;
}

test('the published schema of the file describes every field and refuses unknown keys', () => {
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

// No input can hang the step. Each reader gets its worst-case text, and its work must not grow faster than the text. V8
// counts how often each block of code runs, so no clock is needed.

import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readList } from '../../src/inputs/lists.ts';
import { readSettings } from '../../src/inputs/read-settings.ts';
import { readSharesFile } from '../../src/inputs/shares-file.ts';

const OWNER = '023e105f4ecef8ad9ca31a8372d0c353';

/** V8 loses some counts when it optimizes a function, or drops the code of one that hasn't run for a while. */
const FLAGS = ['opt', 'maglev', 'flush-bytecode'];

const session = new Session();
beforeAll(async () => {
  for (const flag of FLAGS) setFlagsFromString(`--no-${flag}`);
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
});
afterAll(() => {
  session.disconnect();
  for (const flag of FLAGS) setFlagsFromString(`--${flag}`);
});

/** How many times blocks of the action's code, and of the packages that read text, have run since the last call. */
async function stepsOf(run: () => Promise<unknown>): Promise<number> {
  await run();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url }) => /\/src\/|\/yaml\/|\/zod\//.test(url))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
    .reduce((sum, { count }) => sum + count, 0);
}

/** A text of about this many characters. */
type Worst = (length: number) => string;
const times =
  (piece: string): Worst =>
  (length) =>
    piece.repeat(Math.ceil(length / piece.length));
const around =
  (before: string, inner: Worst, after: string): Worst =>
  (length) =>
    `${before}${inner(length)}${after}`;
const each =
  (piece: (i: number) => string): Worst =>
  (length) => {
    let text = '';
    for (let i = 0; text.length < length; i++) text += piece(i);
    return text;
  };

const SHARE = 'shares:\n  - name: A\n    recipients:\n';
const META = '[{"resource_type":"a","resource_id":"b","meta":';

const WORST: Record<string, Worst> = {
  'open brackets': times('['),
  'open braces': times('{'),
  'nested pairs': times('{a: '),
  'closed brackets': (length) => `${'['.repeat(length / 2)}${']'.repeat(length / 2)}`,
  'closing brackets': times(']'),
  commas: around('[', times(','), ''),
  dashes: times('- '),
  'question marks': times('? '),
  colons: times(': '),
  'pairs in a line': times('a: '),
  'nested lines': each((i) => `${' '.repeat(Math.min(i, 200))}a:\n`),
  'double quotes': times('"'),
  'single quotes': times("'"),
  'an unterminated quote': around('"', times('a'), ''),
  escapes: around('"', times('\\n'), '"'),
  'folded lines': around('"', times('a\n'), '"'),
  'a plain line': times('a'),
  'plain lines': times('a\n'),
  'blank lines': times('\n'),
  'lines of spaces': times(' \n'),
  blanks: around('a', times(' '), 'b'),
  comments: times('# a\n'),
  'a block of text': around('a: |\n', times('  x\n'), ''),
  'a folded block': around('a: >\n', times('  x\n    y\n'), ''),
  documents: times('---\n'),
  directives: times('%a\n'),
  tags: times('!!str '),
  anchors: times('&a '),
  'anchors and aliases': each((i) => `- &a${i} [*a${i - 1}]\n`),
  'aliases without an anchor': around('[', times('*a,'), ']'),
  'aliases of a long list': (length) =>
    `x-a: &a [${'1,'.repeat(length / 4)}]\nshares: [${'*a,'.repeat(Math.min(20, length))}]`,
  'repeated keys': times('a: 1\n'),
  'unknown keys': around(
    `${SHARE}    - {}\n`,
    each((i) => `    k${1e6 + i}: 1\n`),
    '',
  ),
  'unknown keys in JSON': around(
    '{',
    each((i) => `"k${1e6 + i}":1,`),
    '"a":1}',
  ),
  'repeated keys in JSON': around('{', times('"a":1,'), '"a":1}'),
  'wrong items': around('[', times('1,'), '1]'),
  'wrong shares': around('{"shares":[', times('{"name":"a"},'), '1]}'),
  'wrong recipients': around(SHARE, times('      - {a: 1}\n'), ''),
  'labels of one id': around(
    SHARE,
    each((i) => `      - {account_id: a, label: l${i}}\n`),
    '',
  ),
  'long keys': around(
    '{',
    each((i) => `"${'k'.repeat(500)}${i}":1,`),
    '"a":1}',
  ),
  'a long number': around(`${META}{"n":1.`, times('0'), '1}}]'),
  digits: around(`${META}{"n":`, times('1'), '}}]'),
  'an exponent': around(`${META}{"n":1e`, times('1'), '}}]'),
  'an exponent in YAML': around('- {resource_type: a, resource_id: b, meta: {n: 1e', times('1'), '}}'),
  'deep meta': (length) => `${META}${'{"a":'.repeat(length / 6)}1${'}'.repeat(length / 6)}}]`,
  'types with a typo': around(
    '[',
    each((i) => `{"resource_type":"gateway-polic${1e6 + i}","resource_id":"b"},`),
    '{}]',
  ),
};

/** The entry points for untrusted text. */
const READERS = [
  (text: string) => readSharesFile('shares.yml', text, { accountId: OWNER }),
  (text: string) => readList('recipients', text, OWNER),
  (text: string) => readList('resources', text, OWNER),
];

const LENGTH = 8_000;
/** Twice the text can take twice the steps, plus some for one-time work. */
const GROWTH_MAX = 2.3;

/** The ratio of the steps for twice the text to the steps for the text. */
async function growthOf(read: (text: string) => Promise<unknown>, ...worst: Worst[]): Promise<number> {
  const readAll = async (length: number): Promise<void> => {
    for (const one of worst) await read(one(length));
  };
  await readAll(LENGTH); // includes one-time work
  await stepsOf(async () => undefined);
  const once = await stepsOf(() => readAll(LENGTH));
  const twice = await stepsOf(() => readAll(2 * LENGTH));
  expect(once).toBeGreaterThan(0);
  return twice / once;
}

test.each(Object.entries(WORST))(
  'the time to read the worst-case text is proportional to its length: %s',
  async (_, worst) => {
    const readAll = async (text: string): Promise<void> => {
      for (const read of READERS) await read(text);
    };
    expect(await growthOf(readAll, worst)).toBeLessThan(GROWTH_MAX);
  },
);

describe('an input or a proxy variable', () => {
  const ONE = { 'share-name': 'A', recipients: '[{}]', resources: '[{"resource_type":"a","resource_id":"b"}]' };
  const settings = (inputs: Record<string, string>, env: Record<string, string> = {}): Promise<unknown> =>
    readSettings({
      ...env,
      ...Object.fromEntries(
        Object.entries({ 'account-id': OWNER, 'api-token': 'token-of-the-tests', ...ONE, ...inputs }).map(
          ([name, value]) => [`INPUT_${name.toUpperCase()}`, value],
        ),
      ),
    });
  const TEXTS = [
    times('…'),
    times('\u200b'),
    times('e\u0301'),
    around('a [creating ', times('[creating '), ']'),
    times('1'),
    times('"'),
    times('$'),
  ];
  test.each([
    'share-name',
    'account-id',
    'share-id',
    'api-token',
    'mode',
    'prune',
    'removal-limit',
    'wait-timeout',
    'api-base-url',
    'pull-request',
  ])('is accepted or refused in time proportional to its length: %s', async (name) => {
    expect(await growthOf((text) => settings({ [name]: text }), ...TEXTS)).toBeLessThan(GROWTH_MAX);
  });

  test.each(['HTTPS_PROXY', 'NO_PROXY'])(
    'is accepted or refused in time proportional to its length: %s',
    async (name) => {
      const proxy = { HTTPS_PROXY: 'http://proxy.example:1' };
      const texts = [times('a,'), times('*.'), times('http://'), times(':'), times('10.0.0.0/8,')];
      expect(await growthOf((text) => settings({}, { ...proxy, [name]: text }), ...texts)).toBeLessThan(GROWTH_MAX);
    },
  );
});

test('a megabyte of worst-case text is refused with an error', async () => {
  const MEGABYTE = 1024 * 1024;
  for (const worst of ['open brackets', 'commas', 'double quotes', 'dashes', 'a long number']) {
    const { problems } = await readList('resources', (WORST[worst] as Worst)(MEGABYTE), OWNER);
    expect(problems.length).toBeGreaterThan(0);
  }
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { parse } from 'yaml';
import { type FileShare, type SharesFile, writeSharesFile } from '../../src/export/write-shares-file.ts';
import { readSharesFile } from '../../src/inputs/shares-file.ts';
import { namesOf } from '../../src/share/names.ts';
import { isTemporaryName } from '../../src/share/temporary-name.ts';

const OWNER = '023e105f4ecef8ad9ca31a8372d0c353';
const ids = [OWNER, '1'.repeat(32), '1e5', '0x1F', '0o17', '0123', 'abc', 'e1', '-1', '1_000', 'null', 'true', 'y'];
const id = fc.oneof(
  fc.constantFrom(...ids),
  fc.stringMatching(/^[0-9a-f]{32}$/),
  fc.stringMatching(/^[0-9e_-]{1,32}$/),
);
const HOSTILE = [
  ...[
    '12',
    '1e5',
    '.inf',
    '.nan',
    '0x1F',
    'null',
    '~',
    'true',
    'NO',
    'y',
    '2024-01-01',
    '1:20',
    '<<',
    '=',
    ' leading',
    'trailing ',
  ],
  ...[
    'two\nlines',
    'a\r\nb',
    '\ttab',
    '# no comment',
    'a # b',
    'a: b',
    '- a',
    '? a',
    '*a',
    '&a',
    '!a',
    '%a',
    '@a',
    '`a',
    '|',
    '>',
    "'",
    '"',
  ],
  ...[
    '[a]',
    '{a}',
    'a, b',
    '---',
    '...',
    '--- a',
    'é',
    '日本',
    '👍',
    '\u0085x',
    '\u2028x',
    '\ufeffx',
    '\u202ex',
    '\ud800',
    'x\u007f',
    '\\u0041',
  ],
  ...['__proto__', 'constructor', 'a'.repeat(1000), '$schema', 'Gateway baseline', '\u0000', 'a - b', 'a -- (b)'],
];
const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' }), fc.string());
const name = text.filter((written) => /\S/.test(written) && !isTemporaryName(written));
const meta = fc.dictionary(text, fc.jsonValue({ maxDepth: 3, noUnicodeString: false }), { maxKeys: 4 }).map(
  // Any JSON value, as the API could return it.
  (value) => JSON.parse(JSON.stringify(value)),
);
const resource = fc.record(
  { resource_type: fc.constantFrom('gateway-policy', '12'), resource_id: id, resource_account_id: id, meta },
  { requiredKeys: ['resource_type', 'resource_id', 'resource_account_id'] },
);
const resources = fc.uniqueArray(resource, {
  minLength: 1,
  maxLength: 4,
  selector: (r) => JSON.stringify([r.resource_type, r.resource_id, r.resource_account_id]).toLowerCase(),
});
const accounts = (minLength: number) =>
  fc.uniqueArray(id, { minLength, maxLength: 4, selector: (written) => written.toLowerCase() });
const share = fc.oneof(
  fc.record({ name, recipients: fc.record({ accountIds: accounts(1) }), resources }),
  fc.record({ name, recipients: fc.record({ organizationId: id }), exclude: accounts(0), resources }),
);
const file: fc.Arbitrary<SharesFile> = fc.record({
  complete: fc.boolean(),
  accountId: fc.constantFrom(OWNER, '1'.repeat(32), '12e4'),
  schemaUrl: fc.constant('https://example.com/shares.schema.json'),
  shares: fc.uniqueArray(share, { minLength: 1, maxLength: 4, selector: (written) => written.name.normalize('NFC') }),
});
const names = fc
  .dictionary(id, text)
  .map((given) => new Map(Object.entries(given).map(([k, v]) => [k.toLowerCase(), v])));

const isSchema = new Ajv({ allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(new URL('../../schema/shares.schema.json', import.meta.url), 'utf8')),
);

describe('a shares file that the action writes', () => {
  test('round-trips through the reader and conforms to the JSON schema', () =>
    fc.assert(
      fc.asyncProperty(file, names, async (made, given) => {
        const written = writeSharesFile(made, given);
        const { value, problems, notices } = await readSharesFile('shares.yml', written, {});
        expect(problems).toEqual([]);
        expect(notices).toEqual([]);
        expect([value?.accountId, value?.complete]).toEqual([made.accountId, made.complete]);
        expect(value?.desired.map(({ placeOf, accountId, state, target, ...rest }) => rest)).toEqual(
          made.shares.map((s) => ({
            name: s.name,
            recipients:
              'accountIds' in s.recipients
                ? s.recipients.accountIds.map((recipient_account_id) => ({ recipient_account_id }))
                : [{ organization_id: s.recipients.organizationId }],
            ...(s.exclude?.length ? { exclude: s.exclude.map((account_id) => ({ account_id })) } : {}),
            // An empty meta is omitted from the file, so it isn't managed.
            resources: s.resources.map(({ meta, ...r }) => (Object.keys(meta ?? {}).length > 0 ? { ...r, meta } : r)),
          })),
        );
        for (const [of, label] of namesOf(value?.labels ?? []).names) {
          expect(given.get(of)?.startsWith(label.replace(/…$/, ''))).toBe(true);
        }
        isSchema(parse(written));
        expect(isSchema.errors).toBeNull();
      }),
      { numRuns: 300 },
    ));

  test('contains only characters that can be saved as UTF-8', () =>
    fc.assert(
      fc.property(file, names, (made, given) => {
        const written = writeSharesFile(made, given);
        expect(Buffer.from(written).toString()).toBe(written);
        expect(written).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202e\ufeff]/);
      }),
    ));

  const fileOf = (share: Partial<FileShare>): SharesFile => ({
    accountId: OWNER,
    complete: false,
    schemaUrl: 'https://example.com/shares.schema.json',
    shares: [{ name: 'A', recipients: { accountIds: ['ab1'] }, resources: [], ...share }],
  });
  const lines = (share: Partial<FileShare>): string[] => writeSharesFile(fileOf(share), new Map()).split('\n');

  test.each([
    ['12e5', false],
    ['1_000e5', false],
    ['1.5e-7', false],
    ['1e12', false],
    ['0x1F', false],
    ['0b1', false],
    ['0o17', false],
    ['No', false],
    ['1e5a', true],
    ['1e-a', true],
    ['e12', true],
    ['a1e5', true],
    ['10x', true],
    ['Not', true],
    [`${'Branch offices '.repeat(20)}(all)`, true],
  ])('writes the name %s on one line, and without quotes: %s', (written, isPlain) => {
    expect(lines({ name: written })[3]).toBe(`  - name: ${isPlain ? written : JSON.stringify(written)}`);
  });

  test.each<[string, FileShare['resources'][number]['meta'], string[]]>([
    ['undefined', undefined, []],
    ['null', null, []],
    ['an empty object', {}, []],
    ['an empty list', [], []],
    ['a number, which its reader refuses', 5, ['        meta: 5']],
    ['an object', { a: null }, ['        meta:', '          a: null']],
  ])('omits meta only if it is empty: %s', (_, meta, expected) => {
    const resource = { resource_type: 'trust-grant', resource_id: 'c1', resource_account_id: OWNER, meta };
    expect(lines({ resources: [resource] }).slice(9, -1)).toEqual(expected);
  });

  test('has no aliases', () => {
    const meta = { a: 1 };
    const resources = ['c1', 'c2'].map((resource_id) => ({
      resource_type: 'trust-grant',
      resource_id,
      resource_account_id: OWNER,
      meta,
    }));
    expect(lines({ resources }).filter((line) => line.includes('a: 1'))).toHaveLength(2);
  });

  test('omits defaults, has labels, and quotes only the values that need quotes', () => {
    const made: SharesFile = {
      accountId: OWNER,
      complete: true,
      schemaUrl: 'https://example.com/shares.schema.json',
      shares: [
        {
          name: 'Gateway baseline',
          recipients: { accountIds: ['1'.repeat(32), 'ab1'] },
          resources: [
            { resource_type: 'gateway-policy', resource_id: 'c1', resource_account_id: OWNER.toUpperCase(), meta: {} },
            { resource_type: 'custom-ruleset', resource_id: 'c2', resource_account_id: 'd3', meta: { a: [1, null] } },
          ],
        },
        {
          name: 'For all: even you',
          recipients: { organizationId: 'f0' },
          exclude: ['ab1'],
          resources: [{ resource_type: 'trust-grant', resource_id: 'c1', resource_account_id: OWNER }],
        },
      ],
    };
    const labels = new Map([
      ['ab1', 'Berlin'],
      ['c1', 'x'.repeat(101)],
      ['f0', ' '],
    ]);
    expect(writeSharesFile(made, labels)).toBe(`# yaml-language-server: $schema=https://example.com/shares.schema.json
account_id: ${OWNER}
complete: true
shares:
  - name: Gateway baseline
    recipients:
      - recipient_account_id: "${'1'.repeat(32)}"
      - recipient_account_id: ab1
        label: Berlin
    resources:
      - resource_type: gateway-policy
        resource_id: c1
        label: "${'x'.repeat(99)}…"
      - resource_type: custom-ruleset
        resource_id: c2
        resource_account_id: d3
        meta:
          a:
            - 1
            - null
  - name: "For all: even you"
    recipients:
      - organization_id: f0
    exclude:
      - recipient_account_id: ab1
        label: Berlin
    resources:
      - resource_type: trust-grant
        resource_id: c1
        label: "${'x'.repeat(99)}…"
`);
  });
});

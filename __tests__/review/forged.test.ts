// Forged and damaged plans, in files and in comments. Each one is refused before any write, with a message that says
// what to do, or doesn't affect what is applied. None of them lets a run do more than the reviewed plan.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readReviewMarker, reviewMarker } from '../../src/review/marker.ts';
import { NoReviewedPlan } from '../../src/review/no-reviewed-plan.ts';
import { readPlanFile, writePlanFile } from '../../src/review/plan-file.ts';
import { digestOf, type ProposedPlan, reviewed, unreviewed, withDigests } from '../../src/share/review.ts';
import { inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';
import { ACCOUNT, creating, proposed } from './plans.ts';

// biome-ignore lint/suspicious/noExplicitAny: the cases reach into parsed JSON of any form
type Loose = any;

const sim = await useSimulator({ associationMs: 1 });
const folder = useFolder();
const path = join(folder, 'plan.json');
const id = (i: number): string => sim.memberIds[i] as string;

/** Two shares: an existing one that gets a recipient and a resource, and a new one. The wider file has another recipient. */
function writeShares(wider: boolean): string {
  const to = (...indexes: number[]) => indexes.map((i) => ({ recipient_account_id: id(i) }));
  const policies = (...ids: string[]) => ids.map((resource_id) => ({ resource_type: 'gateway-policy', resource_id }));
  const shares = [
    { name: 'Old', recipients: to(0, 1, ...(wider ? [5] : [])), resources: policies('p1', 'p2') },
    { name: 'New', recipients: to(2), resources: policies('p3') },
  ];
  const file = join(folder, 'shares.json');
  writeFileSync(file, JSON.stringify({ shares }));
  return file;
}

const go = (inputs: Record<string, string>, wider = false): Promise<Ran> =>
  runInProcess(inputsFor(sim, { config: writeShares(wider), ...inputs }));
const writes = (): number => sim.requests.filter(({ method }) => method !== 'GET').length;
const heldNow = () =>
  sim.liveShares().map(({ name, recipients, resources }) => ({
    name,
    recipients: recipients.map(({ account_id }) => account_id).sort(),
    resources: resources.map(({ resource_id }) => resource_id).sort(),
  }));

beforeEach(() => {
  rmSync(path, { recursive: true, force: true });
  const resource = { resource_type: 'gateway-policy', resource_id: 'p1', resource_account_id: sim.accountId, meta: {} };
  sim.seed({ name: 'Old', recipients: [{ account_id: id(0) }], resources: [resource] });
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const DAMAGED = /The reviewed plan \S+ is damaged \(.+\)\. Plan again$/;
const NOT_JSON = /is damaged \(it is not JSON\)\. Plan again$/;
const FORMAT = /has format v\S+, but this version of the action reads v2\. Plan and apply with the same version$/;
const LACKS = /Not in the reviewed plan: .+\. Nothing was changed\. Plan again, and have the new plan reviewed$/;

/** Changes the parsed file. */
const edit =
  (change: (file: Loose) => void) =>
  (text: string): string => {
    const file = JSON.parse(text);
    change(file);
    return JSON.stringify(file);
  };
const top = (parts: object) => edit((file) => Object.assign(file, parts));
const shareAt = (i: number, change: (share: Loose) => void) => edit(({ plan }) => change(plan.shares[i]));
const accessAt = (i: number, change: (access: Loose) => void) => edit(({ access }) => change(access[i]));
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** What replaces the plan file, and the expected result. `applied` means applied as reviewed. */
const FILES: [string, (text: string) => string | Buffer | (() => void), RegExp | 'applied'][] = [
  ['unchanged', (text) => text, 'applied'],
  ['without whitespace', (text) => JSON.stringify(JSON.parse(text)), 'applied'],
  ['with CRLF line endings', (text) => text.replaceAll('\n', '\r\n'), 'applied'],
  [
    'with its keys in another order',
    (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse())),
    'applied',
  ],
  ['truncated after one byte', (text) => text.slice(0, 1), NOT_JSON],
  ['truncated in the middle', (text) => text.slice(0, text.length / 2), NOT_JSON],
  ['truncated before its last brace', (text) => text.trimEnd().slice(0, -1), NOT_JSON],
  ['empty', () => '', NOT_JSON],
  ['with only whitespace', () => ' \n', NOT_JSON],
  ['containing the plan twice', (text) => text + text, NOT_JSON],
  ['with trailing garbage', (text) => `${text}x`, NOT_JSON],
  ['with a comment', (text) => `// a plan\n${text}`, NOT_JSON],
  ['with a byte order mark', (text) => `\uFEFF${text}`, NOT_JSON],
  ['encoded in UTF-16', (text) => Buffer.from(text, 'utf16le'), /is damaged \((it is not JSON|it is not UTF-8)\)/],
  [
    'with a byte of Latin-1',
    (text) => Buffer.concat([Buffer.from(text.slice(0, 40)), Buffer.from([0xfc]), Buffer.from(text.slice(40))]),
    /is damaged \(it is not UTF-8\)/,
  ],
  ['with a NUL between its tokens', (text) => text.replace('{', '{\0'), NOT_JSON],
  ['with trailing NULs', (text) => `${text}\0\0`, NOT_JSON],
  ['containing a web page', () => '<!DOCTYPE html><title>Not found</title>', NOT_JSON],
  ['containing YAML', () => 'version: 2\n', NOT_JSON],
  ['containing null', () => 'null', DAMAGED],
  ['containing true', () => 'true', DAMAGED],
  ['containing a number', () => '2', DAMAGED],
  ['containing a string', () => '"plan"', DAMAGED],
  ['containing a list', () => '[]', DAMAGED],
  ['containing an empty object', () => '{}', DAMAGED],
  ['containing the plan output', (text) => JSON.stringify(JSON.parse(text).plan), DAMAGED],
  ['in format 1', top({ version: 1 }), FORMAT],
  [
    'in format 1, as version 1 of the action wrote it',
    edit((file) => {
      file.version = 1;
      delete file.access;
    }),
    FORMAT,
  ],
  ['in format 3', top({ version: 3, plan: 7 }), FORMAT],
  ['in format -1', top({ version: -1 }), FORMAT],
  ['in a fractional format', top({ version: 2.5 }), FORMAT],
  ['with a quoted format', top({ version: '2' }), DAMAGED],
  ['without a format', top({ version: undefined }), DAMAGED],
  ['with format null', top({ version: null }), DAMAGED],
  [
    'for another account',
    top({ account_id: 'e'.repeat(32) }),
    /is for account e{32}, but this run is for account .+ correct reviewed-plan$/,
  ],
  ['without an account', top({ account_id: undefined }), DAMAGED],
  ['with account null', top({ account_id: null }), DAMAGED],
  [
    'with the account in capitals',
    edit((file) => {
      file.account_id = file.account_id.toUpperCase();
    }),
    'applied',
  ],
  ['without a date', top({ created: undefined }), DAMAGED],
  ['with another date', top({ created: 'yesterday' }), 'applied'],
  ['without a plan', top({ plan: undefined }), DAMAGED],
  ['with plan null', top({ plan: null }), DAMAGED],
  ['with a list as plan', top({ plan: [] }), DAMAGED],
  ['with an object instead of a list of shares', top({ plan: { shares: {} } }), DAMAGED],
  ['with a null share', top({ plan: { shares: [null] } }), DAMAGED],
  ['without shares', top({ plan: { shares: [] } }), LACKS],
  ['without one of its shares', edit(({ plan }) => plan.shares.pop()), LACKS],
  ['with a duplicate share', edit(({ plan }) => plan.shares.push(plan.shares[0])), 'applied'],
  ['with its shares in another order', edit(({ plan }) => plan.shares.reverse()), 'applied'],
  ['with an unknown key', top({ more: 1 }), DAMAGED],
  ['with __proto__', (text) => text.replace('{', '{"__proto__": {"version": 2},'), DAMAGED],
  [
    'with an unknown key in a share',
    shareAt(0, (share) => {
      share.tags = [];
    }),
    DAMAGED,
  ],
  [
    'with an unknown list',
    shareAt(0, (share) => {
      share.recipients.more = [];
    }),
    DAMAGED,
  ],
  [
    'with format 2 and format 1, of which the last counts',
    (text) => text.replace('"version": 2', '"version": 2, "version": 1'),
    FORMAT,
  ],
  [
    'with two lists of shares, of which the last counts',
    (text) => text.replace('"shares": [', '"shares": [], "shares": ['),
    'applied',
  ],
  [
    'with a share without a name',
    shareAt(0, (share) => {
      share.name = null;
    }),
    DAMAGED,
  ],
  [
    'with a share with another name',
    shareAt(0, (share) => {
      share.name = 'Other';
    }),
    LACKS,
  ],
  [
    'with a share with another id',
    shareAt(0, (share) => {
      share.share_id = 'f'.repeat(32);
    }),
    LACKS,
  ],
  [
    'with a share whose id is a number',
    shareAt(0, (share) => {
      share.share_id = 7;
    }),
    DAMAGED,
  ],
  [
    'with an unknown action',
    shareAt(0, (share) => {
      share.action = 'destroy';
    }),
    DAMAGED,
  ],
  [
    'with another action',
    shareAt(0, (share) => {
      share.action = 'delete';
    }),
    LACKS,
  ],
  [
    'without an action',
    shareAt(0, (share) => {
      delete share.action;
    }),
    DAMAGED,
  ],
  [
    'with a string as rename',
    shareAt(0, (share) => {
      share.rename = 'Old';
    }),
    DAMAGED,
  ],
  [
    'with null recipients',
    shareAt(0, (share) => {
      share.recipients = null;
    }),
    DAMAGED,
  ],
  [
    'with a list as recipients',
    shareAt(0, (share) => {
      share.recipients = [];
    }),
    DAMAGED,
  ],
  [
    'with a null recipient',
    shareAt(0, (share) => {
      share.recipients.add = [null];
    }),
    DAMAGED,
  ],
  [
    'with a string as recipient',
    shareAt(0, (share) => {
      share.recipients.add = ['a'];
    }),
    DAMAGED,
  ],
  [
    'with a misspelled recipient',
    shareAt(0, (share) => {
      share.recipients.add = [{ acount_id: 'a' }];
    }),
    DAMAGED,
  ],
  [
    'with a number as account id',
    shareAt(0, (share) => {
      share.recipients.add = [{ account_id: 2e31 }];
    }),
    DAMAGED,
  ],
  [
    'with the organization as recipient',
    shareAt(0, (share) => {
      share.recipients.add = [{}];
    }),
    LACKS,
  ],
  [
    'with another recipient',
    shareAt(0, (share) => {
      share.recipients.add = [{ account_id: 'a' }];
    }),
    LACKS,
  ],
  [
    'with a null resource',
    shareAt(0, (share) => {
      share.resources.add = [null];
    }),
    DAMAGED,
  ],
  [
    'with a resource without an owner',
    shareAt(0, (share) => {
      delete share.resources.add[0].resource_account_id;
    }),
    DAMAGED,
  ],
  [
    'with another resource',
    shareAt(0, (share) => {
      share.resources.add[0].resource_id = 'p9';
    }),
    LACKS,
  ],
  [
    'with another meta',
    shareAt(0, (share) => {
      share.resources.add[0].meta = { open: true };
    }),
    LACKS,
  ],
  [
    'with a meta nested 200,000 levels deep',
    (text) => text.replace('"meta": {}', `"meta": ${nested(200_000)}`),
    DAMAGED,
  ],
  ['nested a million levels deep', () => nested(1_000_000), DAMAGED],
  ['without access', top({ access: undefined }), DAMAGED],
  ['with null access', top({ access: null }), DAMAGED],
  ['with an object as access', top({ access: {} }), DAMAGED],
  ['with an empty access list', top({ access: [] }), LACKS],
  ['with null in the access list', top({ access: [null] }), DAMAGED],
  [
    'with swapped audiences',
    edit(({ access: [one, other] }) => {
      [one.audience, other.audience] = [other.audience, one.audience];
    }),
    LACKS,
  ],
  [
    'with swapped resources',
    edit(({ access: [one, other] }) => {
      [one.resources, other.resources] = [other.resources, one.resources];
    }),
    LACKS,
  ],
  [
    'with swapped names',
    edit(({ access: [one, other] }) => {
      [one.name, other.name] = [other.name, one.name];
    }),
    LACKS,
  ],
  [
    'with access to another share id',
    accessAt(0, (access) => {
      access.share_id = 'f'.repeat(32);
    }),
    LACKS,
  ],
  [
    'with a null audience',
    accessAt(0, (access) => {
      access.audience = null;
    }),
    DAMAGED,
  ],
  [
    'with an empty audience',
    accessAt(0, (access) => {
      access.audience = { accounts: [] };
    }),
    LACKS,
  ],
  [
    'with an audience of two kinds',
    accessAt(0, (access) => {
      access.audience.organization = 'o';
    }),
    DAMAGED,
  ],
  [
    'with a digest as audience',
    accessAt(0, (access) => {
      access.audience = { digest: 'A'.repeat(22) };
    }),
    DAMAGED,
  ],
  [
    'with a number among the accounts',
    accessAt(0, (access) => {
      access.audience.accounts.push(7);
    }),
    DAMAGED,
  ],
  [
    'with a missing account',
    accessAt(0, (access) => {
      access.audience.accounts.pop();
    }),
    LACKS,
  ],
  [
    'with a string as exclusions',
    accessAt(0, (access) => {
      access.audience = { organization: 'o', except: 'all' };
    }),
    DAMAGED,
  ],
  [
    'with access to an empty list of resources',
    accessAt(0, (access) => {
      access.resources = [];
    }),
    LACKS,
  ],
  [
    'with a resource without a type',
    accessAt(0, (access) => {
      delete access.resources[0].resource_type;
    }),
    DAMAGED,
  ],
  [
    'with an unknown key in its access',
    accessAt(0, (access) => {
      access.more = 1;
    }),
    DAMAGED,
  ],
  [
    'that is missing',
    () => () => undefined,
    /There is no reviewed plan \S+\. Download the file that mode: plan wrote to plan-file, or correct reviewed-plan$/,
  ],
  ['that is a folder', () => () => mkdirSync(path), /is damaged \(it is not a regular file\)/],
  ['that is a pipe', () => () => execFileSync('mkfifo', [path]), /is damaged \(it is not a regular file\)/],
  ['that is an endless device', () => () => symlinkSync('/dev/zero', path), /is damaged \(it is not a regular file\)/],
  ['that is a dangling link', () => () => symlinkSync('/nowhere/at/all', path), /There is no reviewed plan/],
  ['that is a link to itself', () => () => symlinkSync(path, path), /The reviewed plan \S+ can't be read \(ELOOP\)$/],
  [
    'that is a link to the real file',
    (text) => () => {
      const real = join(folder, 'real.json');
      writeFileSync(real, text);
      symlinkSync(real, path);
    },
    'applied',
  ],
  [
    'of 3 GiB',
    () => () => {
      writeFileSync(path, '');
      truncateSync(path, 3 * 1024 ** 3);
    },
    /is damaged \(it is larger than \d+ bytes\)/,
  ],
];

describe('a plan file', () => {
  test.each(FILES)('is refused or covers no more than was reviewed: %s', async (_, change, says) => {
    const planned = await go({ mode: 'plan', 'plan-file': path });
    expect(planned.exitCode).toBe(0);
    const changed = change(readFileSync(path, 'utf8'));
    rmSync(path);
    if (typeof changed === 'function') changed();
    else writeFileSync(path, changed);

    // No variant of the file covers an additional recipient.
    const before = heldNow();
    const wider = await go({ 'reviewed-plan': path }, true);
    expect(wider.exitCode).toBe(1);
    const ran = says === 'applied' ? undefined : await go({ 'reviewed-plan': path });
    expect({ writes: writes(), shares: heldNow() }).toEqual({ writes: 0, shares: before });

    if (says === 'applied') {
      expect((await go({ 'reviewed-plan': path })).errors).toEqual([]);
      expect(heldNow()).toEqual([
        { name: 'Old', recipients: [id(0), id(1)].sort(), resources: ['p1', 'p2'] },
        { name: 'New', recipients: [id(2)], resources: ['p3'] },
      ]);
    } else {
      expect(ran?.exitCode).toBe(1);
      expect(ran?.errors.length).toBeGreaterThan(0);
      for (const error of ran?.errors ?? []) expect(error).toMatch(says);
    }
  });

  test('is tested in more than a hundred forms', () => expect(FILES.length).toBeGreaterThan(60));

  test('with any text is refused or covers no more than was reviewed', async () => {
    await writePlanFile(path, ACCOUNT, [proposed(creating('S', ['a', 'b']))]);
    const text = readFileSync(path, 'utf8');
    const wider = proposed(creating('S', ['a', 'b', 'c']));
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length), fc.nat(40), fc.string({ maxLength: 20 }), async (at, drop, put) => {
        writeFileSync(path, `${text.slice(0, at)}${put}${text.slice(at + drop)}`);
        const read = await readPlanFile(path, ACCOUNT).catch((error: unknown) => error);
        if (read instanceof NoReviewedPlan) return;
        expect(read).not.toBeInstanceOf(Error);
        expect(unreviewed(wider, read as Awaited<ReturnType<typeof readPlanFile>>).length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a marker', () => {
  const honest = [proposed(creating('S', ['a', 'b'])), proposed(creating('Other', ['c']))];
  const wider = proposed(creating('S', ['a', 'b', 'c']));
  const COMMENT = '<!-- cloudflare-share-action 0123 -->';
  const START = '<!-- cloudflare-share-action-plan';
  const line = reviewMarker(honest, ACCOUNT, 10_000);
  const [, version, account, , packed] = line.split(' ').slice(1) as [string, string, string, string, string];
  /** A line with a valid digest. */
  const sealed = (...words: string[]): string => `${START} ${[...words, digestOf(words.join(' '))].join(' ')} -->`;
  const pack = (value: unknown): string =>
    deflateRawSync(typeof value === 'string' ? value : JSON.stringify(value))
      .toString('base64')
      .replace(/=+$/, '');
  const withContent = (value: unknown): string => sealed(version, account, 'plan', pack(value));
  const { steps, access } = reviewed(honest);
  const content = { steps: [...steps].join(''), access };
  const digests = access.map((each) => withDigests(each, 'everything'));
  const [first, second] = digests as [Loose, Loose];
  const BROKEN = /^has a damaged plan$/;

  const TOO_LONG = sealed(version, account, 'too-long');
  const FORMATS = [
    sealed('v1', account, '2', [...steps].join('')),
    sealed('v3', account, 'plan', packed),
    sealed('v02', account, 'plan', packed),
  ] as const;
  const ADVICE = new Map<string, string>([
    [TOO_LONG, 'Use a plan file: plan, approve and apply in one run'],
    ...FORMATS.map(
      (line) =>
        [
          line,
          'Plan and apply with the same version. To get a new plan, open another pull request that runs the plan job',
        ] as const,
    ),
  ]);

  const LINES: [string, string, RegExp | 'covered' | 'lacks'][] = [
    ['unchanged', line, 'covered'],
    ['with its digest computed again', sealed(version, account, 'plan', packed), 'covered'],
    ['with other whitespace', line.replaceAll(/(?<=plan .*) /g, '  '), 'covered'],
    ['with differently compressed content', withContent(content), 'covered'],
    ['with digests instead of lists', withContent({ ...content, access: digests }), 'covered'],
    ['with the steps in another order', withContent({ ...content, steps: [...steps].reverse().join('') }), 'covered'],
    ['without words', `${START} -->`, /^contains no plan$|damaged/],
    ['without its end marker', line.slice(0, -4), /^contains no plan$/],
    ['in capitals', line.toUpperCase(), /^contains no plan$/],
    ['with an escaped bracket', line.replace('<', '&lt;'), /^contains no plan$/],
    ['split into two lines', line.replace(' plan ', ' plan\n'), /^contains no plan$/],
    ['in two copies', `${line}\n${line}`, /^contains several plans$/],
    ['in format 1', FORMATS[0], /in format v1, but this version of the action reads v2/],
    ['in format 3', FORMATS[1], /in format v3/],
    ['in format 02', FORMATS[2], /in format v02/],
    ['without a format', sealed('2', account, 'plan', packed), BROKEN],
    ['for another account', reviewMarker(honest, 'another', 10_000), /for a different account than 023e/],
    ['of an unknown kind', sealed(version, account, 'plans', packed), BROKEN],
    ['of a failed plan', sealed(version, account, 'failed'), /^says that planning failed$/],
    ['of a plan that is too long', TOO_LONG, /too long for a comment$/],
    ['with a wrong digest', line.replace(/\S{22} -->$/, `${'A'.repeat(22)} -->`), BROKEN],
    ['with an additional word', line.replace(' -->', ' more -->'), BROKEN],
    ['without content', sealed(version, account, 'plan'), BROKEN],
    ['with content that is not base64', sealed(version, account, 'plan', '!!!'), BROKEN],
    [
      'with content that is not compressed',
      sealed(version, account, 'plan', Buffer.from(JSON.stringify(content)).toString('base64')),
      BROKEN,
    ],
    ['with truncated content', sealed(version, account, 'plan', packed.slice(0, -8)), BROKEN],
    [
      'with content that unpacks to 20 MB',
      sealed(version, account, 'plan', pack(JSON.stringify(content) + ' '.repeat(20_000_000))),
      BROKEN,
    ],
    ['with content that is not JSON', withContent('steps'), BROKEN],
    ['with content nested 500,000 levels deep', withContent(nested(500_000)), BROKEN],
    ['with null as content', withContent('null'), BROKEN],
    ['with a list as content', withContent([]), BROKEN],
    ['with an unknown key', withContent({ ...content, more: 1 }), BROKEN],
    ['without steps', withContent({ access }), BROKEN],
    ['with null steps', withContent({ ...content, steps: null }), BROKEN],
    ['with a list of steps', withContent({ ...content, steps: [...steps] }), BROKEN],
    ['with a truncated step', withContent({ ...content, steps: content.steps.slice(0, -3) }), BROKEN],
    ['with invalid characters in a step', withContent({ ...content, steps: `${content.steps.slice(0, -1)}-` }), BROKEN],
    ['with empty steps', withContent({ ...content, steps: '' }), 'lacks'],
    ['with a missing step', withContent({ ...content, steps: content.steps.slice(22) }), 'lacks'],
    ['without access', withContent({ steps: content.steps }), BROKEN],
    ['with null access', withContent({ ...content, access: null }), BROKEN],
    ['with an empty access list', withContent({ ...content, access: [] }), 'lacks'],
    ['with a null entry in its access', withContent({ ...content, access: [null] }), BROKEN],
    [
      'with the digest of another audience',
      withContent({ ...content, access: [{ ...first, audience: second.audience }, second] }),
      'lacks',
    ],
    [
      'with the digests of audience and resources swapped',
      withContent({ ...content, access: [{ ...first, audience: first.resources, resources: first.audience }, second] }),
      'lacks',
    ],
    [
      'with the names of its shares swapped',
      withContent({
        ...content,
        access: [
          { ...first, name: second.name },
          { ...second, name: first.name },
        ],
      }),
      'lacks',
    ],
    [
      'with a digest that is too short',
      withContent({ ...content, access: [{ ...first, audience: { digest: 'A' } }, second] }),
      BROKEN,
    ],
    [
      'with a digest that is a number',
      withContent({ ...content, access: [{ ...first, audience: { digest: 7 } }, second] }),
      BROKEN,
    ],
    [
      'with a digest and a list',
      withContent({ ...content, access: [{ ...first, audience: { ...first.audience, accounts: ['c'] } }, second] }),
      BROKEN,
    ],
    ['with a share id added', withContent({ ...content, access: [{ ...first, share_id: 'x' }, second] }), 'lacks'],
  ];

  test.each(LINES)('never covers more than was reviewed: %s', (_, forged, says) => {
    const read = readReviewMarker(`${COMMENT}\n${forged}\n### Plan`, ACCOUNT);
    const lacking = (plan: ProposedPlan): number => ('reviewed' in read ? unreviewed(plan, read.reviewed).length : 1);
    expect(lacking(wider)).toBeGreaterThan(0);
    if (says instanceof RegExp)
      expect({ advice: undefined, ...read }).toEqual({
        problem: expect.stringMatching(says),
        advice: ADVICE.get(forged),
      });
    else expect(honest.every((plan) => lacking(plan) === 0)).toBe(says === 'covered');
  });

  test('is ignored anywhere but at the start of the comment', () => {
    for (const body of [
      `text\n${line}`,
      `${COMMENT} text\n${line}`,
      `${COMMENT}\n> ${line}`,
      `${COMMENT}\n\`${line}\``,
    ])
      expect(readReviewMarker(body, ACCOUNT)).toEqual({ problem: 'contains no plan' });
  });

  test('with any content is refused or covers no more than was reviewed', () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 4 }),
      fc.record({
        steps: fc.oneof(fc.constant(content.steps), fc.string()),
        access: fc.array(
          fc.record({
            name: fc.constantFrom('S', 'Other'),
            share_id: fc.constantFrom(null, 'x'),
            audience: fc.oneof(
              fc.record({ accounts: fc.array(fc.constantFrom('a', 'b')) }),
              fc.record({ organization: fc.constantFrom(null, 'o'), except: fc.constantFrom(null, ['c'], 'c') }),
              fc.record({ digest: fc.constant('A'.repeat(22)) }),
              fc.jsonValue({ maxDepth: 1 }),
            ),
            resources: fc.oneof(fc.constant(access[0]?.resources), fc.jsonValue({ maxDepth: 1 })),
          }),
          { maxLength: 3 },
        ),
      }),
    );
    fc.assert(
      fc.property(value, (each) => {
        const read = readReviewMarker(`${COMMENT}\n${withContent(each)}\n`, ACCOUNT);
        if ('reviewed' in read) expect(unreviewed(wider, read.reviewed).length).toBeGreaterThan(0);
        else expect(read.problem).toMatch(BROKEN);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is read from bodies of any length', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(START, COMMENT, ' ', '\n', '<!--', '-->', line, 'x'),
        fc.nat(65_000),
        (piece, length) => {
          const body = piece.repeat(Math.ceil(length / piece.length));
          expect(readReviewMarker(body, ACCOUNT)).toBeDefined();
          expect(readReviewMarker(`${COMMENT}\n${body}`, ACCOUNT)).toBeDefined();
        },
      ),
      { numRuns: 200 },
    );
  });
});

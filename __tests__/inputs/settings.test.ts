// Turns inputs and environment into one value or a list of every problem. The environment is passed as a value; only
// files are real.

import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readSettings } from '../../src/inputs/read-settings.ts';
import { namesOf } from '../../src/share/names.ts';

const OWNER = '023e105f4ecef8ad9ca31a8372d0c353';
const ACCOUNTS = '[{"recipient_account_id":"a1"}]';
const RESOURCES = '[{"resource_type":"gateway-policy","resource_id":"c1"}]';
const ONE = { 'share-name': 'Baseline', recipients: ACCOUNTS, resources: RESOURCES };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'share-inputs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return name;
};

type Texts = Record<string, string | undefined>;
const read = (inputs: Texts, env: Texts = {}) => {
  const given = Object.entries({ 'account-id': OWNER, 'api-token': 'token-of-the-tests', ...inputs });
  return readSettings({
    GITHUB_WORKSPACE: folder,
    ...Object.fromEntries(given.map(([name, text]) => [`INPUT_${name.toUpperCase()}`, text])),
    ...env,
  });
};
const settingsOf = async (inputs: Texts, env: Texts = {}) => {
  const { value, problems } = await read(inputs, env);
  expect(problems).toEqual([]);
  if (!value) throw new Error('there is no value');
  return value;
};
/** Problems as the log shows them. */
const problemsOf = async (inputs: Texts, env: Texts = {}): Promise<string[]> => {
  const { value, problems } = await read(inputs, env);
  expect(value).toBeUndefined();
  return problems.map(({ message, place }) => (place ? `${place.label}: ${message}` : message));
};

describe('the inputs of one share', () => {
  test('have defaults unless they are required', async () => {
    const { desired, ...rest } = await settingsOf(ONE);
    expect(desired.map(({ placeOf, ...share }) => share)).toEqual([
      {
        name: 'Baseline',
        accountId: OWNER,
        state: 'present',
        target: 'account',
        recipients: [{ recipient_account_id: 'a1' }],
        resources: [{ resource_type: 'gateway-policy', resource_id: 'c1', resource_account_id: OWNER }],
      },
    ]);
    expect(rest).toEqual({
      accountId: OWNER,
      source: { kind: 'inputs' },
      policy: {
        mode: 'apply',
        ifExists: 'update',
        prune: false,
        removalLimit: 0.3,
        replace: false,
        failOnDrift: false,
        readAllRecipients: true,
      },
      labels: [],
      names: false,
      github: {
        token: '',
        apiUrl: 'https://api.github.com',
        graphqlUrl: 'https://api.github.com/graphql',
        repository: '',
        merge: { kind: 'push', commits: [] },
        writer: {},
      },
      api: {
        baseUrl: 'https://api.cloudflare.com/client/v4',
        headers: { authorization: 'Bearer token-of-the-tests' },
        requestTimeoutMs: 30_000,
        maxAttempts: 5,
      },
      run: {},
    });
  });

  test.each([
    ['0%', 0],
    ['12.5%', 0.125],
    ['100%', 1],
  ])('provide removal-limit %s as the fraction %d', async (written, fraction) => {
    const { policy } = await settingsOf({ ...ONE, 'removal-limit': written });
    expect(policy.removalLimit).toBe(fraction);
  });

  test('can all be set', async () => {
    const value = await settingsOf({
      'share-id': 's1',
      recipients: '- {organization_id: AB, label: All of us}',
      exclude: '- {recipient_account_id: cd, label: Berlin}',
      resources: '- {resource_type: gateway-policy, resource_id: ef, label: Malware}',
      mode: 'plan',
      prune: 'TRUE',
      wait: 'true',
      'wait-timeout': '1.5',
      'fail-on-drift': 'True',
      'plan-file': 'out/plan.json',
      names: 'true',
      'comment-on-pr': 'changes',
      'github-token': 'ghs',
    });
    expect(value).toMatchObject({
      desired: [{ name: '', shareId: 's1', target: 'organization', exclude: [{ account_id: 'cd' }] }],
      policy: { mode: 'plan', prune: true, waitMs: 1500, failOnDrift: true },
      names: true,
      comment: 'changes',
      planFile: join(folder, 'out/plan.json'),
      github: { token: 'ghs' },
    });
    expect(namesOf(value.labels).names).toEqual(
      new Map([
        ['ab', 'All of us'],
        ['cd', 'Berlin'],
        ['ef', 'Malware'],
      ]),
    );
    expect(value.desired[0]?.placeOf(['exclude', 0, 'account_id'])).toEqual({ label: 'exclude[0].account_id' });
    for (const path of [['name'], []]) expect(value.desired[0]?.placeOf(path)).toEqual({ label: 'share-name' });
  });

  test.each([
    ['true', 'always'],
    ['True', 'always'],
    ['changes', 'changes'],
    ['false', undefined],
    ['', undefined],
  ])('provide comment-on-pr %j as %j', async (text, comment) => {
    expect((await settingsOf({ ...ONE, 'comment-on-pr': text })).comment).toBe(comment);
  });

  test.each<[string, Texts, object]>([
    [
      'can identify a share by its id alone, without lists',
      { 'share-id': 's1' },
      { name: '', shareId: 's1', state: 'present' },
    ],
    [
      'can contain every allowed character in an id',
      { 'share-id': 'aZ0_-' },
      { name: '', shareId: 'aZ0_-', state: 'present' },
    ],
    [
      'can rename a share by its id',
      { 'share-id': 's1', 'share-name': 'B' },
      { name: 'B', shareId: 's1', state: 'present' },
    ],
    ['can delete a share by its name', { mode: 'delete', 'share-name': 'B' }, { name: 'B', state: 'absent' }],
    [
      'can delete a share by its id',
      { mode: 'delete', 'share-id': 's1' },
      { name: '', shareId: 's1', state: 'absent' },
    ],
    [
      'can contain lists even if they delete the share',
      { mode: 'delete', ...ONE },
      { name: 'Baseline', state: 'absent' },
    ],
  ])('%s', async (_, inputs, desired) => {
    expect((await settingsOf(inputs)).desired.map(({ placeOf, ...share }) => share)).toEqual([
      { accountId: OWNER, ...desired },
    ]);
    expect((await read(inputs)).warnings).toEqual([]);
  });

  test('can omit recipients and resources when share-id and exclude are set', async () => {
    const value = await settingsOf({ 'share-id': 's1', exclude: '[]' });
    expect(value.desired[0]).toMatchObject({ exclude: [] });
    expect(value.desired[0]).not.toHaveProperty('recipients');
  });

  test.each<[string, Texts, string, string]>([
    [
      'plan-file outside of mode: plan',
      { mode: 'apply', 'plan-file': 'p' },
      'plan-file',
      'is only for mode: plan, but mode is apply',
    ],
    ['plan-file that is a folder', { mode: 'plan', 'plan-file': '.' }, 'plan-file', '.: is a folder, not a file'],
    [
      'reviewed-plan in mode: plan',
      { mode: 'plan', 'reviewed-plan': 'p' },
      'reviewed-plan',
      'is only for mode: apply, but mode is plan',
    ],
    [
      'reviewed-plan in mode: delete',
      { mode: 'delete', 'reviewed-plan': 'p' },
      'reviewed-plan',
      'is only for mode: apply, but mode is delete',
    ],
    [
      'reviewed-plan: pull-request without a token',
      { 'reviewed-plan': 'pull-request' },
      'github-token',
      'is missing, but reviewed-plan: pull-request needs it to read the comment on the pull request',
    ],
    [
      'a temporary name',
      { 'share-name': 'A [creating 0123456789ab]' },
      'share-name',
      'looks like a temporary name, "… [creating …]", which the action uses only while it creates a share: choose another name',
    ],
    [
      'exclusions for a share with accounts',
      { exclude: '[{"account_id":"b"}]' },
      'exclude',
      'is only for shares with an organization: remove it, because a share with accounts reaches only those accounts',
    ],
    ['an invalid prune', { prune: 'ture' }, 'prune', 'got "ture"; must be true or false. Did you mean true?'],
    ['an invalid wait', { wait: 'yes' }, 'wait', 'got "yes"; must be true or false'],
    [
      'an invalid comment-on-pr',
      { 'comment-on-pr': 'change' },
      'comment-on-pr',
      'got "change"; must be true, false or changes. Did you mean changes?',
    ],
    [
      'an invalid mode',
      { mode: 'plann' },
      'mode',
      'got "plann"; must be one of apply, plan, delete, export, check. Did you mean plan?',
    ],
    [
      'an invalid if-exists',
      { 'if-exists': 'maybe' },
      'if-exists',
      'got "maybe"; must be one of update, fail, keep, create-new',
    ],
    [
      'an invalid wait-timeout',
      { 'wait-timeout': '-1' },
      'wait-timeout',
      'got "-1"; must be a number of seconds from 0 to 86400',
    ],
    [
      'an invalid request-timeout',
      { 'request-timeout': '0' },
      'request-timeout',
      'got "0"; must be a number of seconds from 0.1 to 3600',
    ],
    [
      'an invalid max-attempts',
      { 'max-attempts': '21' },
      'max-attempts',
      'got "21"; must be a whole number from 1 to 20',
    ],
    [
      'an invalid share-id',
      { 'share-id': 'a/b' },
      'share-id',
      'got "a/b", with "/" at position 2; a share id can contain only A-Z, a-z, 0-9, _ and -',
    ],
    [
      'an invalid account-id',
      { 'account-id': '..' },
      'account-id',
      'got "..", with "." at position 1; an account id can contain only A-Z, a-z, 0-9, _ and -',
    ],
    [
      'invalid recipients',
      { recipients: 'a1' },
      'recipients',
      'must be a list of recipients, as in [{"recipient_account_id": "…"}]',
    ],
    [
      'an unset variable',
      { recipients: '- recipient_account_id: ' },
      'recipients[0]',
      'is empty: recipient_account_id is null (an unset variable or secret?)',
    ],
    ['missing recipients', { recipients: undefined }, 'recipients', 'is missing: set it to a JSON or YAML list'],
    ['missing resources', { resources: undefined }, 'resources', 'is missing: set it to a JSON or YAML list'],
    [
      'an invalid share id without a name or lists',
      { 'share-id': 'a b', 'share-name': undefined, recipients: undefined, resources: undefined },
      'share-id',
      'got "a b", with U+0020 at position 2, white space; a share id can contain only A-Z, a-z, 0-9, _ and -',
    ],
    [
      'a missing name',
      { 'share-name': undefined },
      'share-name',
      'is missing: set it to the name of the share, or set config to the path of a file',
    ],
    [
      'a missing name in mode: delete',
      { mode: 'delete', 'share-name': undefined },
      'share-name',
      'is missing: set it to the name of the share to delete, or set share-id',
    ],
    ...['101%', '30%x'].map((limit): [string, Texts, string, string] => [
      'removal-limit',
      { 'removal-limit': limit },
      'removal-limit',
      `got "${limit}"; must be a percentage from 0% to 100%`,
    ]),
    [
      'a long name',
      { 'share-name': 'x'.repeat(1001) },
      'share-name',
      'is 1001 characters long; a share name has at most 1000',
    ],
    [
      'pull-request',
      { 'pull-request': '#42' },
      'pull-request',
      'got "#42"; must be the number of a pull request, such as 42',
    ],
    [
      'an unencrypted address',
      { 'api-base-url': 'http://example.com' },
      'api-base-url',
      'must begin with https:// (http:// is allowed only for a loopback host, because it sends credentials unencrypted)',
    ],
    [
      'an address with a user',
      { 'api-base-url': 'https://user@example.com' },
      'api-base-url',
      'must be a plain URL, without user, password, query or fragment',
    ],
    [
      'create-new with share-id',
      { 'if-exists': 'create-new', 'share-id': 's1' },
      'if-exists',
      'create-new always creates a share, but share-id names an existing one: remove one of the two',
    ],
    ['an address without a scheme', { 'api-base-url': 'nope' }, 'api-base-url', 'is not a URL'],
  ])('cause one problem: %s', async (_, inputs, label, message) => {
    expect(await problemsOf({ ...ONE, ...inputs })).toEqual([`${label}: ${message}`]);
  });

  test.each<[string, string[], string[]]>([
    [
      'removal-limit',
      ['0%', '7%', '100%', '99.123456%'],
      ['30', 'x30%', '30%x', '101%', '1000%', '1.1234567%', '.5%', '-1%'],
    ],
    ['wait-timeout', ['0', '0.25', '10.5', '86400'], ['86401', '86400.1', 'x1', '1x', '1.', '.5', '1e3', ' ']],
    ['request-timeout', ['0.1', '30', '3600'], ['0.09', '3601', '30s']],
    ['max-attempts', ['1', '9', '10', '15', '19', '20'], ['0', '21', '01', '1a', 'a1', '100', '1.5']],
    ['pull-request', ['1', '42', '9999999999'], ['0', '042', 'x42', '42x', '#42', '10000000000']],
    [
      'api-base-url',
      [
        'https://example.com',
        'http://localhost:8080',
        'http://127.0.0.1',
        'http://127.255.10.1:80/x',
        'http://[::1]:8080',
      ],
      [
        'http://example.com',
        'http://localhost.example.com',
        'http://notlocalhost',
        'http://127.0.0.1.example.com',
        'http://[::1]x',
        'http://128.0.0.1',
        'ftp://localhost',
        'https://user@example.com',
        'https://:password@example.com',
        'https://example.com?',
        'https://example.com/#x',
      ],
    ],
    ['prune', ['true', 'True', 'TRUE', 'false', 'False', 'FALSE'], ['yes', 'tRUE', '1', 'truE']],
    ['comment-on-pr', ['true', 'TRUE', 'false', 'changes'], ['Changes', 'always']],
    ['api-token', ['!~', 'x'.repeat(200)], ['a b', 'é', 'a\tb', 'a\u007f']],
  ])('accept valid values of %s and refuse others', async (name, accepted, refused) => {
    const only: Texts = name === 'pull-request' ? { mode: 'plan', 'comment-on-pr': 'true', 'github-token': 'ghs' } : {};
    const env = { GITHUB_REPOSITORY: 'owner/repo' };
    const isAccepted = async (text: string): Promise<boolean> =>
      (await read({ ...ONE, ...only, [name]: text }, env)).problems.length === 0;
    for (const text of accepted) expect([text, await isAccepted(text)]).toEqual([text, true]);
    for (const text of refused) expect([text, await isAccepted(text)]).toEqual([text, text.trim() === '']);
  });

  test('report an invalid account id from the environment with the name of the variable', async () => {
    const none = { ...ONE, 'account-id': '' };
    expect(await problemsOf(none, { CLOUDFLARE_ACCOUNT_ID: '../..' })).toEqual([
      expect.stringMatching(/^CLOUDFLARE_ACCOUNT_ID: got "\.\.\/\.\.", with "\." at position 1; /),
    ]);
    expect((await settingsOf(none, { CLOUDFLARE_ACCOUNT_ID: ` ${OWNER}\n` })).accountId).toBe(OWNER);
    expect(await problemsOf({ ...none, wait: 'yes' }, { CLOUDFLARE_ACCOUNT_ID: OWNER })).toEqual([
      'wait: got "yes"; must be true or false',
    ]);
  });

  test('can take the reviewed plan from a file in the workspace or from the pull request', async () => {
    expect((await settingsOf({ ...ONE, 'reviewed-plan': './plan.json' })).reviewedPlan).toEqual({
      kind: 'file',
      path: join(folder, 'plan.json'),
    });
    const fromPullRequest = { ...ONE, 'reviewed-plan': 'pull-request', 'github-token': 'ghs' };
    expect((await settingsOf(fromPullRequest)).reviewedPlan).toEqual({ kind: 'pull-request' });
  });

  test('cause one notice about account_id, even alongside problems', async () => {
    const inputs = { ...ONE, recipients: '[{"account_id":"a"},{"account_id":"b"}]', exclude: '[{"account_id":"c"}]' };
    const { notices } = await read(inputs);
    expect(notices).toMatchObject([{ place: { label: 'recipients[0].account_id' } }]);
    expect((await read(ONE)).notices).toEqual([]);
  });

  test('keep every recipient unchanged or report its position, and never turn a misspelled key into {}', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.dictionary(
            fc.oneof(fc.constantFrom('account_id', 'organization_id', 'label', 'acount_id'), fc.string()),
            fc.oneof(fc.constantFrom('a', 'b'), fc.jsonValue({ maxDepth: 1 })),
            { maxKeys: 2 },
          ),
          { maxLength: 3 },
        ),
        async (written) => {
          const { value, problems } = await read({ ...ONE, recipients: JSON.stringify(written) });
          if (!value) {
            for (const { place } of problems) expect(place?.label).toMatch(/^recipients/);
            expect(problems.length).toBeGreaterThan(0);
            return;
          }
          const sent = value.desired[0]?.recipients ?? [];
          // A key whose value is null counts as omitted. An item has to be `{}` to be sent as `{}`.
          const given = written.map(({ label, ...item }) =>
            Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null)),
          );
          for (const item of sent) expect(given).toContainEqual(item);
          for (const [i, item] of given.entries()) {
            expect(sent).toContainEqual(item);
            if (Object.keys(item).length === 0) expect(written[i]).toEqual({});
          }
        },
      ),
      { numRuns: 500 },
    ));
});

describe('a config file', () => {
  const FILE = `account_id: ${OWNER}\ncomplete: true\nshares:\n  - {name: A, recipients: ${ACCOUNTS}, resources: ${RESOURCES}}\n  - {name: B, state: absent}\n`;

  test('provides its path and its `complete` setting', async () => {
    mkdirSync(join(folder, '.cloudflare'), { recursive: true });
    const path = join(folder, file('.cloudflare/shares.yml', FILE));
    for (const config of ['.cloudflare/shares.yml', './.cloudflare/shares.yml', '.cloudflare\\shares.yml', path]) {
      const { source, policy, desired, accountId } = await settingsOf({ config, 'account-id': '' });
      expect(source).toEqual({ kind: 'config', file: '.cloudflare/shares.yml', path, complete: true });
      expect([policy.readAllRecipients, accountId]).toEqual([false, OWNER]);
      expect(desired.map(({ name, state }) => [name, state])).toEqual([
        ['A', 'present'],
        ['B', 'absent'],
      ]);
    }
  });

  test('makes every share absent in mode: delete, and a warning gives their number', async () => {
    const { value, warnings } = await read({ config: file('delete.yml', FILE), mode: 'delete' });
    expect(value?.desired.map(({ placeOf, ...share }) => share)).toEqual([
      { name: 'A', accountId: OWNER, state: 'absent' },
      { name: 'B', accountId: OWNER, state: 'absent' },
    ]);
    expect(warnings).toEqual([
      { message: 'the 2 shares listed in delete.yml will be deleted', place: { label: 'mode' } },
    ]);
    const single = await read({ config: file('single.yml', FILE.replace(/.*name: B.*\n/, '')), mode: 'delete' });
    expect(single.warnings).toMatchObject([{ message: 'the share listed in single.yml will be deleted' }]);
  });

  test("can't be combined with the inputs of one share", async () => {
    const inputs = { ...ONE, 'share-id': 's1', exclude: '[]', config: file('alone.yml', FILE) };
    expect(await problemsOf(inputs)).toEqual(
      ['share-name', 'share-id', 'recipients', 'resources', 'exclude'].map(
        (name) => `${name}: can't be combined with config, because the file lists the shares`,
      ),
    );
  });

  test('causes one problem when account-id is invalid, whatever the file contains', async () => {
    const config = file('no-account.yml', FILE.replace(/account_id: .*\n/, ''));
    expect(await problemsOf({ config, 'account-id': 'a/b' })).toEqual([expect.stringMatching(/^account-id: got/)]);
    expect(await problemsOf({ config, 'account-id': '' })).toEqual([
      ': no account is set: set account_id here, or the account-id input',
    ]);
  });

  test.each<[string, () => string, RegExp]>([
    [
      'missing',
      () => 'none.yml',
      /^config: none\.yml: there is no such file \(does actions\/checkout run before this step\?\)$/,
    ],
    ['a folder', () => '.', /^config: \.: is a folder, not a file$/],
    ['in a folder that is a file', () => `${file('a-file', '')}/shares.yml`, /part of its path is not a folder/],
    ['an endless device', () => '/dev/zero', /^config: \/dev\/zero: is not a regular file$/],
    [
      'a pipe',
      () => {
        execFileSync('mkfifo', [join(folder, 'pipe')]);
        return 'pipe';
      },
      /is not a regular file/,
    ],
    [
      'too large',
      () => {
        truncateSync(join(folder, file('large.yml', '')), 9 * 1024 * 1024);
        return 'large.yml';
      },
      /^config: large\.yml: is too large \(9 MiB\); the limit is 8 MiB$/,
    ],
    [
      'one byte too large',
      () => {
        truncateSync(join(folder, file('larger.yml', '')), 8 * 1024 * 1024 + 1);
        return 'larger.yml';
      },
      /^config: larger\.yml: is too large \(9 MiB\); the limit is 8 MiB$/,
    ],
    [
      'a link to itself',
      () => {
        symlinkSync('loop', join(folder, 'loop'));
        return 'loop';
      },
      /can't be read \(ELOOP\)/,
    ],
    ['empty', () => file('empty.yml', ''), /^: is empty: must be an object with a shares list$/],
  ])('causes one problem if it is %s', async (_, config, message) => {
    expect(await problemsOf({ config: config() })).toEqual([expect.stringMatching(message)]);
  });

  test('is refused at the first byte that is not valid UTF-8', async () => {
    const config = file('latin.yml', Buffer.from(FILE.replace('name: A', 'name: é'), 'latin1'));
    const { value, problems } = await read({ config });
    expect(value).toBeUndefined();
    expect(problems).toEqual([
      {
        message: 'the byte 0xE9 is not UTF-8: save the file as UTF-8',
        kind: 'inputs',
        place: { label: 'latin.yml', file: 'latin.yml', line: 4, column: 12 },
      },
    ]);
    const utf16 = await problemsOf({ config: file('utf16.yml', Buffer.from(`\ufeff${FILE}`, 'utf16le')) });
    expect(utf16).toEqual(['utf16.yml: the file is UTF-16: save it as UTF-8']);
  });

  test('can be as large as the limit', async () => {
    const config = file('limit.yml', FILE.padEnd(8 * 1024 * 1024, '#'));
    expect((await settingsOf({ config })).desired).toHaveLength(2);
  });

  test.each<[string, (path: string, link: string) => void]>([
    ['a symbolic link', symlinkSync],
    ['another name', linkSync],
  ])('is not overwritten by the plan when config is %s of the file', async (kind, link) => {
    const [target, config] = [file(`target of ${kind}.yml`, FILE), `${kind}.yml`];
    link(join(folder, target), join(folder, config));
    expect(await problemsOf({ config, mode: 'plan', 'plan-file': target })).toEqual([
      'plan-file: is the same file as config, which the plan would overwrite: choose another path',
    ]);
  });

  test('is not overwritten by the plan', async () => {
    const config = file('planned.yml', FILE);
    expect((await settingsOf({ config, mode: 'plan', 'plan-file': 'plan.json' })).planFile).toBe(
      join(folder, 'plan.json'),
    );
    expect(await problemsOf({ config, mode: 'plan', 'plan-file': `folder/../${config}` })).toEqual([
      'plan-file: is the same file as config, which the plan would overwrite: choose another path',
    ]);
  });

  test('can start with a byte order mark', async () => {
    expect((await settingsOf({ config: file('mark.yml', `\ufeff${FILE}`) })).desired).toHaveLength(2);
    const json = JSON.stringify({ shares: [{ name: 'A', state: 'absent' }] });
    expect((await settingsOf({ config: file('mark.json', `\ufeff${json}`) })).desired).toHaveLength(1);
  });
});

describe('plan-file', () => {
  const planning = { ...ONE, mode: 'plan' };

  test.each([undefined, '', ' '])('is relative to the current folder if the workspace is %j', async (workspace) => {
    const { planFile } = await settingsOf({ ...planning, 'plan-file': 'plan.json' }, { GITHUB_WORKSPACE: workspace });
    expect(planFile).toBe(resolve('plan.json'));
  });

  test('is refused if its folder is a file', async () => {
    expect(await problemsOf({ ...planning, 'plan-file': `${file('a-file', '')}/plan.json` })).toEqual([
      'plan-file: a-file/plan.json: part of its path is not a folder',
    ]);
  });

  test('is refused if it is a link, even outside the workspace', async () => {
    const link = join(folder, 'plan-link.json');
    symlinkSync('nowhere', link);
    const env = { GITHUB_WORKSPACE: join(folder, 'checkout') };
    expect(await problemsOf({ ...planning, 'plan-file': '..\\plan-link.json' }, env)).toEqual([
      `plan-file: ../plan-link.json: ${link} is a symbolic link, and the action doesn't write plans through symbolic links`,
    ]);
  });

  test('can be in a folder that does not exist yet, even behind a link outside the workspace', async () => {
    symlinkSync('not-there-yet', join(folder, 'later'));
    const written = join(folder, 'later', 'plan.json');
    const env = { GITHUB_WORKSPACE: join(folder, 'checkout') };
    expect((await settingsOf({ ...planning, 'plan-file': written }, env)).planFile).toBe(written);
  });
});

describe('mode: export', () => {
  test('accepts the path of a new file, even in a missing folder', async () => {
    const inputs = { mode: 'export', config: 'new/folder/shares.yml' };
    const { desired, source, policy, labels, accountId } = await settingsOf(inputs);
    expect([desired, labels, accountId]).toEqual([[], [], OWNER]);
    expect(await read(inputs)).toMatchObject({ warnings: [], notices: [] });
    expect(source).toEqual({
      kind: 'config',
      file: 'new/folder/shares.yml',
      path: join(folder, 'new/folder/shares.yml'),
      complete: true,
    });
    expect(policy.mode).toBe('export');
  });

  test.each([
    ['the workspace itself', ''],
    ['a link inside the workspace', '/workspace'],
    ['a link outside the workspace', '-linked'],
  ])('refuses a path with a symbolic link below the workspace (reached through %s)', async (_, through) => {
    rmSync(join(folder, 'a'), { recursive: true, force: true });
    mkdirSync(join(folder, 'a'));
    symlinkSync(tmpdir(), join(folder, 'a', 'link'));
    const workspace = join(folder, 'workspace');
    rmSync(workspace, { force: true });
    symlinkSync(folder, workspace);
    const outside = `${folder}-linked`;
    rmSync(outside, { force: true });
    symlinkSync(folder, outside);
    const written = join(`${folder}${through}`, 'a', 'link', 'shares.yml');
    expect(await problemsOf({ mode: 'export', config: written }, { GITHUB_WORKSPACE: workspace })).toEqual([
      expect.stringContaining(': a/link is a symbolic link'),
    ]);
    expect(await problemsOf({ ...ONE, mode: 'plan', 'plan-file': written }, { GITHUB_WORKSPACE: workspace })).toEqual([
      expect.stringContaining(': a/link is a symbolic link'),
    ]);
    rmSync(outside);
  });

  test('reports a path with tens of thousands of folders as a problem', async () => {
    const written = `${'folder/'.repeat(30_000)}shares.yml`;
    expect(await problemsOf({ mode: 'export', config: written })).toEqual([
      expect.stringMatching(/shares\.yml: can't be accessed \(ENAMETOOLONG\)/),
    ]);
    expect((await read({ ...ONE, mode: 'plan', 'plan-file': written })).problems).toEqual([]);
  });

  test.each<[string, () => Texts, string[]]>([
    ['no file', () => ({}), ['config: is missing: set it to the path of a new file, which mode: export writes']],
    [
      'an existing file',
      () => ({ config: file('there.yml', '') }),
      [
        'config: there.yml: already exists; mode: export never overwrites anything, so set config to the path of a new file',
      ],
    ],
    [
      'a dangling link',
      () => {
        symlinkSync('nowhere', join(folder, 'link.yml'));
        return { config: 'link.yml' };
      },
      [
        'config: link.yml: already exists; mode: export never overwrites anything, so set config to the path of a new file',
      ],
    ],
    [
      'a file in a linked folder',
      () => {
        symlinkSync(tmpdir(), join(folder, 'linked'));
        return { config: 'linked/shares.yml' };
      },
      [
        "config: linked/shares.yml: linked is a symbolic link, and the action doesn't write files through symbolic links",
      ],
    ],
    [
      'a folder',
      () => ({ config: '.' }),
      ['config: .: is a folder; mode: export never overwrites anything, so set config to the path of a new file'],
    ],
    [
      'a path inside a file',
      () => ({ config: `${file('a-file', '')}/shares.yml` }),
      [
        'config: a-file/shares.yml: part of its path is not a folder; mode: export never overwrites anything, so set config to the path of a new file',
      ],
    ],
    [
      'a list of recipients',
      () => ({ config: 'new.yml', recipients: ACCOUNTS }),
      ["recipients: can't be combined with config, because the file lists the shares"],
    ],
    [
      'a share name',
      () => ({ 'share-name': 'A' }),
      [
        'config: is missing: set it to the path of a new file, which mode: export writes',
        "share-name: can't be combined with mode: export, which writes every share of the account",
      ],
    ],
    [
      'no account id',
      () => ({ config: 'new.yml', 'account-id': '' }),
      [
        'account-id: is missing (an unset variable or secret?): set it to the account that owns the share, or set CLOUDFLARE_ACCOUNT_ID',
      ],
    ],
    [
      'a reviewed plan',
      () => ({ config: 'new.yml', 'reviewed-plan': 'p' }),
      ['reviewed-plan: is only for mode: apply, but mode is export'],
    ],
  ])('is refused with %s', async (_, inputs, problems) => {
    expect(await problemsOf({ mode: 'export', ...inputs() })).toEqual(problems);
  });
});

describe('the environment of a run', () => {
  test('allows an uppercase scheme and trailing slashes in api-base-url', async () => {
    const value = await settingsOf({ ...ONE, 'api-base-url': 'HTTPS://API.example.com/client/v4//' });
    expect(value.api.baseUrl).toBe('https://api.example.com/client/v4');
    expect((await settingsOf({ ...ONE, 'api-base-url': 'HTTP://127.0.0.1:80/x' })).api.baseUrl).toBe(
      'http://127.0.0.1/x',
    );
  });

  test('provides a proxy address unless NO_PROXY exempts the API, and an invalid address is reported once', async () => {
    expect((await settingsOf(ONE, { HTTPS_PROXY: 'user:100%@proxy:3128' })).api.proxy).toBe(
      'http://user:100%25@proxy:3128/',
    );
    expect((await settingsOf(ONE, { HTTPS_PROXY: 'http://u:%zz@p', NO_PROXY: '*' })).api.proxy).toBeUndefined();
    expect(await problemsOf(ONE, { HTTPS_PROXY: 'http://user:s3cret@:x' })).toEqual([
      'HTTPS_PROXY: is not a valid proxy address: use the form http://proxy.example:3128',
    ]);
  });

  test('provides the repository, run and commit that the runner reports', async () => {
    const env = {
      GITHUB_REPOSITORY: 'owner/repo',
      GITHUB_RUN_ID: '7',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_ACTOR: 'someone',
      GITHUB_SHA: 'merge',
      GITHUB_STEP_SUMMARY: '/summary',
      RUNNER_TEMP: '/temp',
    };
    const push = await settingsOf(ONE, env);
    expect(push.github).toMatchObject({ token: '', repository: 'owner/repo' });
    expect(push.run).toEqual({
      url: 'https://github.com/owner/repo/actions/runs/7/attempts/2',
      id: '7',
      attempt: '2',
      repository: 'owner/repo',
      actor: 'someone',
      sha: 'merge',
      summaryPath: '/summary',
      tempPath: '/temp',
    });
    const event = join(folder, file('event.json', '{"pull_request":{"number":3,"head":{"sha":"head"}}}'));
    const pull = await settingsOf(ONE, { ...env, GITHUB_EVENT_PATH: event });
    expect(pull.github.pullRequest).toBe(3);
    expect(pull.run.sha).toBe('head');
    // The input sets the pull request when the event has none, and overrides the event's own.
    const named = { ...ONE, 'pull-request': '42' };
    expect((await settingsOf(named, env)).github.pullRequest).toBe(42);
    expect((await settingsOf(named, { ...env, GITHUB_EVENT_PATH: event })).github.pullRequest).toBe(42);
    for (const text of ['null', '{', '[]', '{"pull_request":{"number":3,"head":{"sha":""}}}']) {
      const odd = join(folder, file('odd.json', text));
      expect((await settingsOf(ONE, { ...env, GITHUB_EVENT_PATH: odd })).run.sha).toBe('merge');
    }
  });

  test.each<[string, Texts, Texts, object]>([
    ['a token', {}, {}, { authorization: 'Bearer token-of-the-tests' }],
    [
      'a token from the environment',
      { 'api-token': '' },
      { CLOUDFLARE_API_TOKEN: 't\n', CLOUDFLARE_API_KEY: 'k', CLOUDFLARE_EMAIL: 'e' },
      { authorization: 'Bearer t' },
    ],
    [
      'an e-mail and a key from the environment',
      { 'api-token': '' },
      { CLOUDFLARE_API_KEY: 'k', CLOUDFLARE_EMAIL: 'e' },
      { 'x-auth-email': 'e', 'x-auth-key': 'k' },
    ],
    [
      'an e-mail and a key override a token from the environment',
      { 'api-token': '', 'api-key': 'k', 'api-email': 'e' },
      { CLOUDFLARE_API_TOKEN: 't' },
      { 'x-auth-email': 'e', 'x-auth-key': 'k' },
    ],
    [
      'an e-mail and a key override another pair from the environment',
      { 'api-token': '', 'api-key': 'k', 'api-email': 'e' },
      { CLOUDFLARE_API_KEY: 'other', CLOUDFLARE_EMAIL: 'other' },
      { 'x-auth-email': 'e', 'x-auth-key': 'k' },
    ],
    [
      'a key and an e-mail from the environment override a token there',
      { 'api-token': '', 'api-key': 'k' },
      { CLOUDFLARE_API_TOKEN: 't', CLOUDFLARE_EMAIL: 'e' },
      { 'x-auth-email': 'e', 'x-auth-key': 'k' },
    ],
  ])('provides credentials: %s', async (_, inputs, env, headers) => {
    expect((await settingsOf({ ...ONE, ...inputs }, env)).api.headers).toEqual(headers);
  });

  test.each<[string, Texts, Texts, RegExp]>([
    ['both kinds of credentials', { 'api-key': 'k' }, {}, /^api-token: two kinds of credentials/],
    ['only a key', { 'api-token': '', 'api-key': 'k' }, {}, /^api-email: is missing: set both api-email and api-key/],
    [
      'only an e-mail',
      { 'api-token': '', 'api-email': 'e' },
      {},
      /^api-key: is missing: set both api-email and api-key/,
    ],
    [
      'only an e-mail, with a token in the environment',
      { 'api-token': '', 'api-email': 'e' },
      { CLOUDFLARE_API_TOKEN: 't' },
      /^api-key: is missing: set both api-email and api-key/,
    ],
    ['a token of two lines', { 'api-token': 'a\nb' }, {}, /^api-token: contains white space/],
    [
      'a token of two words',
      { 'api-token': '' },
      { CLOUDFLARE_API_TOKEN: 'a b' },
      /^CLOUDFLARE_API_TOKEN: contains white space/,
    ],
    [
      'an e-mail with white space',
      { 'api-token': '' },
      { CLOUDFLARE_EMAIL: 'a b', CLOUDFLARE_API_KEY: 'k' },
      /^CLOUDFLARE_EMAIL: contains white space/,
    ],
    ['no credentials', { 'api-token': '' }, {}, /^api-token: is missing.*A secret that doesn't exist is empty/],
    [
      'no credentials to a run that Dependabot started',
      { 'api-token': '' },
      { GITHUB_ACTOR: 'dependabot[bot]' },
      /started by Dependabot don't get Actions secrets/,
    ],
  ])('causes a problem if it provides %s', async (_, inputs, env, message) => {
    expect(await problemsOf({ ...ONE, ...inputs }, env)).toEqual([expect.stringMatching(message)]);
  });

  test("has no credentials if a fork's pull request started it", async () => {
    const event =
      '{"pull_request":{"number":1,"head":{"repo":{"full_name":"fork/repo"}}},"repository":{"full_name":"a/b"}}';
    const GITHUB_EVENT_PATH = join(folder, file('fork.json', event));
    expect(await problemsOf({ ...ONE, 'api-token': '' }, { GITHUB_EVENT_PATH })).toEqual([
      expect.stringContaining("forks don't get secrets"),
    ]);
    for (const other of [event.replace('fork/repo', 'a/b'), '{"repository":{"full_name":"a/b"}}']) {
      const path = join(folder, file('own.json', other));
      expect(await problemsOf({ ...ONE, 'api-token': '' }, { GITHUB_EVENT_PATH: path })).toEqual([
        expect.not.stringContaining('forks'),
      ]);
    }
  });

  test('causes a warning about an input that has no effect', async () => {
    const { warnings } = await read({ ...ONE, 'fail-on-drift': 'true' });
    expect(warnings).toEqual([{ message: 'has an effect only in mode: plan', place: { label: 'fail-on-drift' } }]);
    for (const mode of ['plan', 'plann'])
      expect((await read({ ...ONE, 'fail-on-drift': 'true', mode })).warnings).toEqual([]);
  });

  test('causes a warning about an account id that was probably truncated', async () => {
    expect((await read({ ...ONE, 'account-id': OWNER.slice(1) })).warnings).toEqual([
      {
        message: 'has 31 hexadecimal digits, but Cloudflare ids have 32: was it copied completely?',
        place: { label: 'account-id' },
      },
    ]);
  });

  test('says which share and account a run is about, even if its inputs are wrong', async () => {
    const { about } = await read({ ...ONE, wait: 'yes', 'share-id': 's1' });
    expect(about).toMatchObject({ accountId: OWNER, source: { kind: 'inputs' }, mode: 'apply' });
    expect(about.share).toEqual({ name: 'Baseline', shareId: 's1' });
    const without = await read({ 'account-id': '', wait: 'yes', 'share-name': 'A' });
    expect([without.about.accountId, without.about.source]).toEqual(['', { kind: 'inputs' }]);
    expect(without.about.share).toStrictEqual({ name: 'A' });
  });

  test.each([
    [`account_id: ${OWNER}\nshares: [`, OWNER],
    [`# Ours\n"account_id": '${OWNER}' # the owner\r\nshares:\n- name: A\n b\n`, OWNER],
    [`{"account_id":"${OWNER}","shares":[{"recipients":[{"account_id":"a1"}]}`, OWNER],
    [`{\n  "complete": true,\n  "account_id": "${OWNER}"\n  "shares": []\n}`, OWNER],
    ['{"shares":[{"recipients":[{"account_id":"a1"}]}', ''],
    ['shares:\n  - recipients:\n    - account_id: a1\n   account_id: a1\n', ''],
    ['account_id: a1#b\nshares: [', ''],
    [`# account_id: ${OWNER}\nshares: [`, ''],
  ])('knows the account that an invalid file sets (%j)', async (text, accountId) => {
    const { about, value } = await read({ 'account-id': '', config: file('invalid.yml', text) });
    expect([value, about.accountId]).toEqual([undefined, accountId]);
  });

  test('prefers the account-id input to the account that an invalid file sets', async () => {
    const { about } = await read({ config: file('invalid.yml', 'account_id: a1\nshares: [') });
    expect(about.accountId).toBe(OWNER);
  });

  test('needs no account, no credentials and no comment in mode: check', async () => {
    const none = { mode: 'check', 'account-id': '', 'api-token': '', 'comment-on-pr': 'true', 'github-token': 'ghs' };
    const config = file('check.yml', 'shares: [{name: A, state: absent}]');
    for (const inputs of [ONE, { config }]) {
      const value = await settingsOf({ ...none, ...inputs });
      expect([value.accountId, value.api.headers, value.comment]).toEqual(['', {}, undefined]);
    }
  });
});

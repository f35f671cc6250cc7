// Valid and invalid values of every input in the contract. There are too many runs to start a process for each.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { credentials as known, ownerAccountId } from '../../simulator/organization.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();
const folder = useFolder();

const ONES = '1'.repeat(32);
const TWOS = '2'.repeat(32);
const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };

const baseline = (): InputsOf => ({
  'share-name': 'Baseline',
  recipients: [{ recipient_account_id: ONES }],
  resources: [POLICY],
});
const go = (inputs: InputsOf = {}, env: Record<string, string | undefined> = {}): Promise<Ran> =>
  runInProcess(inputsFor(sim, { ...baseline(), ...inputs }), { env });
const sentBody = (): unknown => sim.requests.find(({ method }) => method === 'POST')?.body;

/** Expects the run to fail with exactly these problems, each in its own annotation, without any request. */
const expectProblems = (ran: Ran, ...problems: RegExp[]): void => {
  expect(ran.errors).toEqual(problems.map((problem) => expect.stringMatching(problem)));
  expect(ran.exitCode).toBe(1);
  expect(ran.outputs).toEqual({ 'failure-reason': 'inputs', 'report-file': expect.any(String) });
  expect(ran.lines.at(-1)).toMatch(/^\d+ problems? with the inputs\. Nothing was sent to Cloudflare/);
  expect(sim.requests).toEqual([]);
};

describe('an invalid value', () => {
  const seconds = /got ".*"; must be a number of seconds from [\d.]+ to \d+$/;
  const wrong: Record<string, [string, RegExp][]> = {
    'account-id': [
      ['x'.repeat(33), /is 33 characters long; an account id has at most 32$/],
      ['../zones', /got "\.\.\/zones", with "\." at position 1; an account id can contain only/],
      ['äöü', /got "äöü", with U\+00E4 at position 1/],
    ],
    'share-id': [
      ['a b', /got "a b", with U\+0020 at position 2, white space; a share id can contain only/],
      ['x'.repeat(37), /is 37 characters long; a share id has at most 36$/],
    ],
    mode: [
      ['destroy', /got "destroy"; must be one of apply, plan, delete, export, check$/],
      ['Plan', /got "Plan"; must be one of apply, plan, delete, export, check. Did you mean plan\?$/],
    ],
    'if-exists': [['replace', /got "replace"; must be one of update, fail, keep, create-new$/]],
    prune: [
      ['yes', /got "yes"; must be true or false$/],
      ['tRUE', /got "tRUE"; must be true or false. Did you mean true\?$/],
    ],
    'removal-limit': [
      ['30', /got "30"; must be a percentage from 0% to 100%$/],
      ['100.5%', /got "100.5%"; must be a percentage/],
      ['-1%', /got "-1%"; must be a percentage/],
      ['%', /got "%"; must be a percentage/],
    ],
    replace: [['1', /got "1"; must be true or false$/]],
    wait: [['on', /got "on"; must be true or false$/]],
    'wait-timeout': [
      ['5m', seconds],
      ['-1', seconds],
      ['1e3', seconds],
      ['86401', seconds],
    ],
    'fail-on-drift': [['no', /got "no"; must be true or false$/]],
    names: [['y', /got "y"; must be true or false$/]],
    'comment-on-pr': [
      ['always', /got "always"; must be true, false or changes$/],
      ['Changes', /got "Changes"; must be true, false or changes. Did you mean changes\?$/],
    ],
    'pull-request': [
      ['#7', /got "#7"; must be the number of a pull request, such as 42$/],
      ['0', /got "0"; must be the number/],
      ['1.5', /got "1.5"; must be the number/],
    ],
    'api-token': [['two words', /contains white space or characters/]],
    'api-base-url': [
      ['api.cloudflare.com/client/v4', /is not a URL|must begin with https/],
      ['http://api.cloudflare.com/client/v4', /must begin with https:\/\//],
      ['http://127.0.0.1.example.com/', /must begin with https:\/\//],
      ['ftp://127.0.0.1/', /must begin with https:\/\//],
      ['https://example.com/?a=b', /must be a plain URL/],
      ['https://example.com/v4?', /must be a plain URL/],
      ['https://example.com/v4#', /must be a plain URL/],
      ['https://user@example.com/', /must be a plain URL/],
    ],
    'request-timeout': [
      ['0', seconds],
      ['3601', seconds],
      ['NaN', seconds],
    ],
    'max-attempts': [
      ['0', /got ".*"; must be a whole number from 1 to 20$/],
      ['2.5', /got ".*"; must be a whole number from 1 to 20$/],
      ['21', /got ".*"; must be a whole number from 1 to 20$/],
    ],
    config: [['no-such-file.yml', /^config: does not go|no-such-file\.yml: there is no such file/]],
  };

  test.each(
    Object.entries(wrong)
      .filter(([input]) => input !== 'config')
      .flatMap(([input, values]) =>
        values.map(([value, says]): [string, string, RegExp] => [
          input,
          value,
          new RegExp(`^${input}: .*${says.source}`),
        ]),
      ),
  )('is refused, and the error names the input (%s: %j)', async (input, value, says) => {
    expectProblems(await go({ [input]: value }), says);
  });

  test('is reported together with all other problems', async () => {
    const { config: _, ...single } = wrong;
    const inputs = Object.fromEntries(Object.entries(single).map(([input, [first]]) => [input, first?.[0]]));
    const ran = await go({ ...inputs, recipients: '[{"acount_id":"x"}]', resources: '[{}]' });
    const reported = ran.errors.map((error) => error.split(/[:[]/, 1)[0]);
    expect(new Set(reported)).toEqual(new Set([...Object.keys(single), 'recipients', 'resources']));
    expect(ran.lines.at(-1)).toContain(`${ran.errors.length} problems with the inputs`);
    expect(sim.requests).toEqual([]);
  });

  test('does not hide another problem, whichever input is invalid', async () => {
    const others = { recipients: '[{"acount_id":"x"}]', resources: '[{}]', exclude: '[{}]' };
    for (const [input, [first]] of Object.entries(wrong).filter(([name]) => name !== 'config')) {
      const ran = await go({ ...others, [input]: first?.[0] });
      const reported = new Set(ran.errors.map((error) => error.split(/[:[]/, 1)[0]));
      expect([input, [...reported].sort()]).toEqual([input, [...new Set([input, ...Object.keys(others)])].sort()]);
    }
    expect(sim.requests).toEqual([]);
  });

  test("of config is reported along with inputs that can't be combined with it", async () => {
    expectProblems(
      await go({ config: 'no-such-file.yml', 'share-id': 'abc' }),
      ...['share-name', 'share-id', 'recipients', 'resources'].map(
        (name) => new RegExp(`^${name}: can't be combined with config`),
      ),
      /^config: no-such-file\.yml: there is no such file/,
    );
  });
});

describe('a missing input', () => {
  test.each<[string, InputsOf, RegExp[]]>([
    [
      'is reported by its name (all required inputs)',
      { 'account-id': '', 'share-name': ' ', recipients: '', resources: '\n', 'api-token': '' },
      [
        /^api-token: is missing/,
        /^account-id: .*CLOUDFLARE_ACCOUNT_ID/,
        /^share-name: /,
        /^recipients: /,
        /^resources: /,
      ],
    ],
    [
      'is reported by its name (share-name in mode: delete)',
      { mode: 'delete', 'share-name': '' },
      [/^share-name: is missing: .*share-id/],
    ],
    [
      'is reported by its name (api-key)',
      { 'api-token': '', 'api-email': 'user@example.com' },
      [/^api-key: is missing/],
    ],
    ['is reported by its name (api-email)', { 'api-token': '', 'api-key': 'k'.repeat(32) }, [/^api-email: is missing/]],
  ])('%s', async (_, inputs, problems) => {
    expectProblems(await go(inputs), ...problems);
  });
});

describe('inputs that cannot be combined', () => {
  test.each<[string, InputsOf, RegExp]>([
    [
      'share-id and create-new',
      { 'share-id': 'abc', 'if-exists': 'create-new' },
      /^if-exists: create-new always creates a share/,
    ],
    [
      'config and lists',
      { config: 'x.yml', 'share-name': '', resources: '' },
      /^recipients: can't be combined with config/,
    ],
    [
      'reviewed-plan: pull-request and an empty github-token',
      { 'reviewed-plan': 'pull-request' },
      /^github-token: is missing, but reviewed-plan: pull-request needs it to read the comment/,
    ],
  ])('are refused (%s)', async (_, inputs, says) => {
    const ran = await go(inputs);
    expect(ran.errors[0]).toMatch(says);
    expect(ran.exitCode).toBe(1);
    expect(sim.requests).toEqual([]);
  });

  test('cause a warning when fail-on-drift is set outside of a plan', async () => {
    const ran = await go({ 'fail-on-drift': 'true' });
    expect(ran.exitCode).toBe(0);
    expect(ran.warnings).toEqual(['fail-on-drift: has an effect only in mode: plan']);
  });
});

describe('information from the runner', () => {
  const run = {
    GITHUB_REPOSITORY: 'owner/repo',
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_SERVER_URL: 'https://github.com',
  };

  test('appears in the user agent and the summary, and turns on debug lines', async () => {
    const ran = await go({}, { ...run, RUNNER_DEBUG: '1' });
    for (const { headers } of sim.requests) {
      expect(headers['user-agent']).toMatch(/^cloudflare-share-action\/\d+\.\d+\.\d+ \(owner\/repo run 7 attempt 2\)$/);
    }
    expect(ran.summary).toContain('https://github.com/owner/repo/actions/runs/7/attempts/2');
    expect(ran.log).toContain('::debug::POST ');
    expect((await go({}, run)).log).not.toContain('::debug::');
  });
});

describe('a recipient', () => {
  test.each<[string, string, RegExp[]]>([
    ['a misspelled key', '[{"acount_id":"a"}]', [/^recipients\[0\]\.acount_id: unknown key .*account_id/]],
    ['a hyphen', '- account-id: a', [/^recipients\[0\]\["?account-id"?\]|^recipients\[0\]\.account-id: unknown key/]],
    ['another letter case', '[{"Account_Id":"a"}]', [/^recipients\[0\]\.Account_Id: unknown key/]],
    ['__proto__', '[{"__proto__":{"account_id":"a"}}]', [/^recipients\[0\]\.__proto__: unknown key/]],
    ['__proto__ in YAML', '- __proto__: {account_id: a}', [/^recipients\[0\]\.__proto__: unknown key/]],
    ['constructor', '[{"constructor":"a"}]', [/^recipients\[0\]\.constructor: unknown key/]],
    ['a list', '[[]]', [/^recipients\[0\]: must be an object/]],
    ['null', '[null]', [/^recipients\[0\]: is empty: must be an object/]],
    [
      'an empty item in YAML',
      '-\n- account_id: a',
      [/^recipients\[0\] \(line 1, column \d\): is empty: must be an object/],
    ],
    ['text', '["a"]', [/^recipients\[0\]: must be an object/]],
    ['a null id', '[{"account_id":null}]', [/^recipients\[0\]: is empty: account_id is null/]],
    ['an empty id', '[{"account_id":""}]', [/^recipients\[0\]\.account_id: is empty/]],
    ['an omitted id in YAML', '- account_id:', [/^recipients\[0\]: is empty: account_id is null/]],
    [
      'an over-long id',
      `[{"account_id":"${'x'.repeat(33)}"}]`,
      [/^recipients\[0\]\.account_id: is 33 characters long/],
    ],
    ['a number', '[{"account_id":12}]', [/^recipients\[0\]\.account_id: is a number: put the account id in quotes/]],
    [
      'white space inside',
      '[{"account_id":"a b"}]',
      [/^recipients\[0\]\.account_id: got "a b", with U\+0020 at position 2, white space/],
    ],
    [
      'an account and an organization in one',
      '[{"account_id":"a","organization_id":"b"}]',
      [/^recipients\[0\]: has more than one/],
    ],
    [
      'both spellings of the account key',
      '[{"account_id":"a","recipient_account_id":"a"}]',
      [/^recipients\[0\]: has more than one/],
    ],
    [
      'a repeated key',
      '[{"account_id":"a","account_id":"b"}]',
      [/^recipients.*line 1, column \d+.*(unique|twice|repeat)/i],
    ],
    ['a repeated key in YAML', '- account_id: a\n  account_id: b', [/^recipients.*line 2, column 3.*unique/i]],
    ['an empty list', '[]', [/^recipients: is empty/]],
    ['an object instead of a list', '{"account_id":"a"}', [/^recipients: must be a list/]],
    [
      'broken JSON',
      '[{"account_id":"a"]',
      [/^recipients \(line 1, column 19\): not valid JSON or YAML: .* end with a }/],
    ],
    [
      'several mistakes',
      '[{"acount_id":"a"},{"account_id":""}]',
      [/^recipients\[0\]\.acount_id/, /^recipients\[1\]\.account_id/],
    ],
  ])('is refused, and the error names the place (%s)', async (_, recipients, problems) => {
    expectProblems(await go({ recipients }), ...problems);
  });

  test("can't be combined with the organization in one list", async () => {
    for (const other of [{ organization_id: sim.organizationId }, {}]) {
      expectProblems(
        await go({ recipients: [{ recipient_account_id: ONES }, other] }),
        /^recipients.*(mix|both|organization)/i,
      );
    }
  });

  test.each<[string, string, unknown[]]>([
    ['the old key', `[{"account_id":"${ONES}"}]`, [{ account_id: ONES }]],
    ['the new key', `[{"recipient_account_id":"${ONES}"}]`, [{ recipient_account_id: ONES }]],
    ['an organization', '[{"organization_id":"ORGANIZATION"}]', [{ organization_id: 'ORGANIZATION' }]],
    [
      'unquoted digits in YAML',
      `- account_id: ${ONES}\n- account_id: ${TWOS}`,
      [{ account_id: ONES }, { account_id: TWOS }],
    ],
    ['unquoted digits in a YAML flow mapping', `[{account_id: ${ONES}}]`, [{ account_id: ONES }]],
    ['an anchor in YAML', `- &one {account_id: ${ONES}}\n- *one`, [{ account_id: ONES }]],
    [
      'a repetition under another key',
      `[{"account_id":"${ONES}"},{"recipient_account_id":"${TWOS}"},{"recipient_account_id":"${ONES}"},{"account_id":"${TWOS}"}]`,
      [{ account_id: ONES }, { recipient_account_id: TWOS }],
    ],
  ])('is sent unchanged and only once (%s)', async (_, recipients, sent) => {
    const named = (text: string): string => text.replaceAll('ORGANIZATION', sim.organizationId);
    const ran = await go({ recipients: named(recipients) });
    expect(ran.errors).toEqual([]);
    expect(sentBody()).toMatchObject({ recipients: JSON.parse(named(JSON.stringify(sent))) });
  });

  test('can be {}, which is sent as the whole organization, with a warning', async () => {
    const ran = await go({ recipients: '[{}]' });
    expect(ran.exitCode).toBe(0);
    expect(ran.warnings).toEqual([
      expect.stringMatching(/^recipients\[0\]: \{\} shares with every account of your organization/),
    ]);
    expect(sentBody()).toMatchObject({ recipients: [{}] });
    expect(sim.liveShares('Baseline')[0]?.target_type).toBe('organization');
  });
});

describe('a resource', () => {
  test.each<[string, string, RegExp[]]>([
    [
      'an unknown key',
      '[{"resource_type":"gateway-policy","resource_id":"c1","metadata":{}}]',
      [/^resources\[0\]\.metadata: unknown key/],
    ],
    ['no keys', '[{}]', [/^resources\[0\]\.resource_type: is missing/, /^resources\[0\]\.resource_id: is missing/]],
    [
      'an empty id',
      '[{"resource_type":"gateway-policy","resource_id":""}]',
      [/^resources\[0\]\.resource_id: is empty/],
    ],
    [
      'an over-long id',
      `[{"resource_type":"gateway-policy","resource_id":"${'x'.repeat(37)}"}]`,
      [/^resources\[0\]\.resource_id: is 37 characters/],
    ],
    [
      'a list for meta',
      '[{"resource_type":"gateway-policy","resource_id":"c1","meta":[]}]',
      [/^resources\[0\]\.meta: must be an object/],
    ],
    [
      'a number that would lose precision',
      '[{"resource_type":"gateway-policy","resource_id":"c1","meta":{"n":12345678901234567890}}]',
      [/^resources\[0\]\.meta\.n.*12345678901234567890 would be sent as/],
    ],
    [
      'the same id as another one but another meta',
      '[{"resource_type":"gateway-policy","resource_id":"c1"},{"resource_type":"gateway-policy","resource_id":"c1","meta":{"a":1}}]',
      [/^resources\[1\]: the same resource is already listed with a different meta: keep only one/],
    ],
  ])('with %s is refused, and the error names the place', async (_, resources, problems) => {
    expectProblems(await go({ resources }), ...problems);
  });

  test('has a default owner and meta, which explicit values override', async () => {
    const [other] = sim.memberIds;
    const whole = {
      ...POLICY,
      resource_id: 'c2',
      resource_account_id: other,
      meta: { a: [1, null, 'x'], b: { c: true } },
    };
    await go({ resources: [POLICY, whole, POLICY] });
    expect(sentBody()).toEqual({
      name: expect.stringMatching(/^Baseline \[creating [0-9a-z]{12,}\]$/),
      recipients: [{ recipient_account_id: ONES }],
      resources: [{ ...POLICY, resource_account_id: sim.accountId, meta: {} }, whole],
    });
  });

  test('has its meta sent unchanged, key for key', async () => {
    const meta =
      '{"z":1,"a":-0.5,"nested":{"":[],"__proto__":{"x":1},"long":"é\\u2028\\ud83d\\ude00"},"big":9007199254740991}';
    const ran = await go({ resources: `[{"resource_type":"gateway-policy","resource_id":"c1","meta":${meta}}]` });
    expect(ran.errors).toEqual([]);
    const { resources } = sentBody() as { resources: { meta: unknown }[] };
    expect(JSON.stringify(resources[0]?.meta)).toBe(JSON.stringify(JSON.parse(meta)));
  });

  test('keeps every digit of an id that YAML could read as a number', async () => {
    const id = '00000000000000000000000000000012';
    await go({
      resources: `- resource_type: custom-ruleset\n  resource_id: ${id}\n  resource_account_id: ${ONES}\n  meta: {n: 12}`,
    });
    expect(sentBody()).toMatchObject({
      resources: [{ resource_type: 'custom-ruleset', resource_id: id, resource_account_id: ONES, meta: { n: 12 } }],
    });
  });

  test.each([
    ['custom-ruleset', false],
    ['gateway-policy', false],
    ['gateway-destination-ip', false],
    ['gateway-block-page-settings', false],
    ['gateway-extended-email-matching', false],
    ['idp-federation-grant', false],
    ['trust-grant', false],
    ['quantum-policy', true],
  ])('of any type is sent (%s, with a warning: %s)', async (resource_type, warned) => {
    const ran = await go({ resources: [{ resource_type, resource_id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479' }] });
    expect(ran.exitCode).toBe(0);
    expect(ran.warnings).toEqual(
      warned ? [expect.stringMatching(/^resources\[0\]\.resource_type: "quantum-policy"/)] : [],
    );
    expect(sentBody()).toMatchObject({ resources: [{ resource_type }] });
  });
});

describe('input values', () => {
  test.each(['true', 'True', 'TRUE'])('mean true when written as %s', async (flag) => {
    sim.seed({ name: 'Baseline', recipients: [{ recipient_account_id: ONES }, { recipient_account_id: TWOS }] });
    const ran = await go({ mode: 'plan', prune: flag });
    const [plan] = JSON.parse(ran.outputs.plan ?? '{}').shares;
    expect(plan.recipients.remove).toHaveLength(1);
  });

  test('can have trailing slashes in api-base-url', async () => {
    expect((await go({ 'api-base-url': `${sim.baseUrl}//` })).exitCode).toBe(0);
    expect(sim.requests[0]?.path).toBe(`/accounts/${sim.accountId}/shares`);
  });

  test('can include white space inside a name', async () => {
    const name = 'Gateway  – "Baseline" \\ 50% {}';
    await go({ 'share-name': name });
    expect(sim.liveShares().map((share) => share.name)).toEqual([name]);
  });
});

describe('credentials', () => {
  const none: InputsOf = { 'api-token': undefined, 'account-id': undefined };
  const { apiToken, apiEmail, apiKey } = known;
  const account = { CLOUDFLARE_ACCOUNT_ID: ownerAccountId };
  const bearer = { authorization: `Bearer ${apiToken}` };
  const pair = { 'x-auth-email': apiEmail, 'x-auth-key': apiKey };

  test.each<[string, InputsOf, Record<string, string>, Record<string, string>]>([
    ['can be a token in an input', { 'api-token': apiToken }, {}, bearer],
    ['can be a token that ends with a newline', { 'api-token': `${apiToken}\r\n` }, {}, bearer],
    ['can be an e-mail and a key in inputs', { 'api-email': apiEmail, 'api-key': `${apiKey}\n` }, {}, pair],
    ['can be a token in the environment', {}, { CLOUDFLARE_API_TOKEN: `${apiToken}\n` }, bearer],
    [
      'can be an e-mail and a key in the environment',
      {},
      { CLOUDFLARE_EMAIL: apiEmail, CLOUDFLARE_API_KEY: apiKey },
      pair,
    ],
    [
      'can be a key in an input and an e-mail in the environment',
      { 'api-key': apiKey },
      { CLOUDFLARE_EMAIL: apiEmail },
      pair,
    ],
    [
      'in an input (a token) take precedence over the environment',
      { 'api-token': apiToken },
      { CLOUDFLARE_EMAIL: 'a@b.example', CLOUDFLARE_API_KEY: 'x' },
      bearer,
    ],
    [
      'in inputs (an e-mail and a key) take precedence over the environment',
      { 'api-email': apiEmail, 'api-key': apiKey },
      { CLOUDFLARE_API_TOKEN: 'stale' },
      pair,
    ],
    [
      'from the environment are the token, not the e-mail and key, if all are set',
      {},
      { CLOUDFLARE_API_TOKEN: apiToken, CLOUDFLARE_EMAIL: 'a@b.example', CLOUDFLARE_API_KEY: 'x' },
      bearer,
    ],
  ])('%s', async (_, inputs, env, headers) => {
    const ran = await go({ ...none, ...inputs }, { ...account, ...env });
    expect(ran.errors).toEqual([]);
    for (const request of sim.requests) {
      const { authorization, 'x-auth-email': email, 'x-auth-key': key } = request.headers;
      expect(
        Object.entries({ authorization, 'x-auth-email': email, 'x-auth-key': key }).filter(([, v]) => v !== undefined),
      ).toEqual(Object.entries(headers));
    }
    expect(sim.liveShares('Baseline')).toHaveLength(1);
  });

  test.each<[string, Record<string, string>]>([
    ['CLOUDFLARE_API_TOKEN', { CLOUDFLARE_API_TOKEN: 'two words' }],
    ['CLOUDFLARE_EMAIL', { CLOUDFLARE_EMAIL: 'two words', CLOUDFLARE_API_KEY: apiKey }],
  ])('that are invalid are reported by the name of their environment variable: %s', async (name, env) => {
    expectProblems(await go(none, { ...account, ...env }), new RegExp(`^${name}: contains white space`));
  });

  test.each<[string, InputsOf]>([
    ['a token and a pair', { 'api-token': apiToken, 'api-email': apiEmail, 'api-key': apiKey }],
    ['a token and a key', { 'api-token': apiToken, 'api-key': apiKey }],
    ['a token and an e-mail', { 'api-token': apiToken, 'api-email': apiEmail }],
  ])('in inputs are refused if there are two kinds (%s)', async (_, inputs) => {
    expectProblems(await go(inputs), /^api-token: two kinds of credentials/);
  });

  const event = (head: string | null): string => {
    const path = join(folder, 'event.json');
    writeFileSync(
      path,
      JSON.stringify({
        pull_request: { number: 1, head: { repo: head === null ? null : { full_name: head } } },
        repository: { full_name: 'owner/repo' },
      }),
    );
    return path;
  };

  test.each<[string, () => Record<string, string>, RegExp]>([
    ['in a pull request from a fork', () => ({ GITHUB_EVENT_PATH: event('fork/repo') }), /forks don't get secrets/],
    ['in a pull request from a deleted fork', () => ({ GITHUB_EVENT_PATH: event(null) }), /forks don't get secrets/],
    ['in a workflow that Dependabot started', () => ({ GITHUB_ACTOR: 'dependabot[bot]' }), /Dependabot secret/],
    [
      'in a pull request from the repository itself',
      () => ({ GITHUB_EVENT_PATH: event('owner/repo') }),
      /A secret that doesn't exist is empty/,
    ],
    [
      'without an event to read',
      () => ({ GITHUB_EVENT_PATH: join(folder, 'none.json') }),
      /Is a secret with that name set/,
    ],
  ])('that are missing %s are reported with a likely reason', async (_, env, hint) => {
    expectProblems(await go({ 'api-token': '' }, env()), new RegExp(`^api-token: is missing.*${hint.source}`));
  });
});

// A step's way through src/, run in this process: inputs, refusals, waiting, files, and what is said of them.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import '../../src/inputs/settings.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-action.ts';

let sim: Simulator;
let folder: string;
beforeAll(async () => {
  sim = await startSimulator({ associationMs: 30 });
  folder = mkdtempSync(join(tmpdir(), 'share-files-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await sim.close();
});
beforeEach(() => sim.reset());

const baseline = (): InputsOf => ({
  'share-name': 'Baseline',
  recipients: [{ account_id: sim.memberIds[0] }, { account_id: sim.memberIds[1] }],
  resources: [{ resource_type: 'gateway-policy', resource_id: 'c1' }],
});
const go = (inputs: InputsOf = {}, env: Record<string, string | undefined> = {}): Promise<Ran> =>
  runInProcess(inputsFor(sim, { ...baseline(), ...inputs }), { env });
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};

describe('inputs', () => {
  test.each<[string, InputsOf, RegExp[]]>([
    [
      'choices and flags',
      { mode: 'plann', 'if-exists': 'maybe', prune: 'yes', wait: '1' },
      [/^mode: must be one of apply, plan, delete/, /^if-exists: /, /^prune: must be true or false/, /^wait: /],
    ],
    [
      'numbers',
      { 'wait-timeout': '-1', 'request-timeout': '0', 'max-attempts': '0' },
      [/^wait-timeout: must be a number/, /^request-timeout: /, /^max-attempts: must be a whole number/],
    ],
    [
      'identifiers',
      { 'account-id': 'a/b', 'share-id': 'x'.repeat(33) },
      [/^account-id: is not an account id/, /^share-id: is not a share id/],
    ],
    [
      'what is missing',
      { 'account-id': undefined, 'share-name': '', recipients: '', resources: undefined },
      [/^account-id: is missing/, /^share-name: is missing/, /^recipients: is missing/, /^resources: is missing/],
    ],
    ['an address in the clear', { 'api-base-url': 'http://example.com' }, [/^api-base-url: must begin with https/]],
    ['an address that is none', { 'api-base-url': 'nope' }, [/^api-base-url: is not a URL/]],
    [
      'an address with a password',
      { 'api-base-url': 'https://a:b@example.com' },
      [/^api-base-url: must be a plain address/],
    ],
    ['both kinds of credentials', { 'api-key': 'k'.repeat(20) }, [/^api-token: one kind of credentials/]],
    [
      'half a pair',
      { 'api-token': undefined, 'api-key': 'k'.repeat(20) },
      [/^api-email: is missing: api-email and api-key go together/],
    ],
    ['the other half', { 'api-token': undefined, 'api-email': 'a@example.com' }, [/^api-key: is missing/]],
    ['a token in two lines', { 'api-token': 'first-line\nsecond-line' }, [/^api-token: has white space/]],
    [
      'an id and a new share',
      { 'share-id': 'abc', 'if-exists': 'create-new' },
      [/^if-exists: create-new makes another/],
    ],
    ['a name to delete', { mode: 'delete', 'share-name': '' }, [/^share-name: is missing: name the share to delete/]],
  ])('%s: every problem is said at once, and nothing is sent', async (_, inputs, problems) => {
    const ran = await go(inputs);
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toHaveLength(problems.length);
    for (const [i, problem] of problems.entries()) expect(ran.errors[i]).toMatch(problem);
    expect(ran.lines.at(-1)).toBe(
      `${problems.length} problem${problems.length === 1 ? '' : 's'} with the inputs. Nothing was sent to Cloudflare, nothing was changed.`,
    );
    expect(sim.requests).toEqual([]);
  });

  test('without credentials the usual reason is named', async () => {
    const none = { 'api-token': undefined };
    expect((await go(none)).errors[0]).toContain('A secret that does not exist is an empty text');
    expect((await go(none, { GITHUB_ACTOR: 'dependabot[bot]' })).errors[0]).toContain('Dependabot');
    const event = {
      pull_request: { number: 1, head: { repo: { full_name: 'fork/repo' } } },
      repository: { full_name: 'owner/repo' },
    };
    const path = join(folder, file('event.json', JSON.stringify(event)));
    expect((await go(none, { GITHUB_EVENT_PATH: path })).errors[0]).toContain('forks get no secrets');
    expect((await go(none, { GITHUB_EVENT_PATH: join(folder, 'none.json') })).errors[0]).toContain('empty text');
  });

  test('the environment stands in for inputs, and a pasted newline is forgiven', async () => {
    const { apiToken, apiEmail, apiKey } = sim.credentials;
    const none = { 'account-id': undefined, 'api-token': undefined };
    const account = { CLOUDFLARE_ACCOUNT_ID: sim.accountId };
    expect((await go(none, { ...account, CLOUDFLARE_API_TOKEN: `${apiToken}\n` })).exitCode).toBe(0);
    expect(sim.requests[0]?.headers.authorization).toBe(`Bearer ${apiToken}`);
    sim.requests.length = 0;
    expect((await go(none, { ...account, CLOUDFLARE_EMAIL: apiEmail, CLOUDFLARE_API_KEY: apiKey })).exitCode).toBe(0);
    expect(sim.requests[0]?.headers).toMatchObject({ 'x-auth-email': apiEmail, 'x-auth-key': apiKey });
    const broken = await go(none, { ...account, CLOUDFLARE_API_TOKEN: 'two words' });
    expect(broken.errors).toEqual([expect.stringMatching(/^CLOUDFLARE_API_TOKEN: has white space/)]);
    const key = await go(none, { ...account, CLOUDFLARE_EMAIL: 'two words', CLOUDFLARE_API_KEY: apiKey });
    expect(key.errors).toEqual([expect.stringMatching(/^CLOUDFLARE_EMAIL: has white space/)]);
  });

  test('YAML lists are as good as JSON, and the request is what was written', async () => {
    await go({
      recipients:
        '- recipient_account_id: 11111111111111111111111111111111\n- account_id: 11111111111111111111111111111111',
      resources: '- resource_type: gateway-policy\n  resource_id: c1\n  meta: {a: [1, null]}',
    });
    expect(sim.requests[1]?.body).toEqual({
      name: 'Baseline',
      recipients: [{ recipient_account_id: '11111111111111111111111111111111' }],
      resources: [
        {
          resource_type: 'gateway-policy',
          resource_id: 'c1',
          resource_account_id: sim.accountId,
          meta: { a: [1, null] },
        },
      ],
    });
  });

  test('the run is named in the user agent, and what has no effect is a warning', async () => {
    const ran = await go(
      { 'fail-on-drift': 'true' },
      {
        GITHUB_REPOSITORY: 'owner/repo',
        GITHUB_RUN_ID: '7',
        GITHUB_RUN_ATTEMPT: '2',
        GITHUB_SERVER_URL: 'https://github.com',
        RUNNER_DEBUG: '1',
      },
    );
    expect(sim.requests[0]?.headers['user-agent']).toMatch(
      /^cloudflare-share-action\/\d+\.\d+\.\d+ \(owner\/repo run 7 attempt 2\)$/,
    );
    expect(ran.warnings[0]).toMatch(/^fail-on-drift/);
    expect(ran.summary).toContain('https://github.com/owner/repo/actions/runs/7/attempts/2');
    expect(ran.log).toContain('::debug::POST ');
  });
});

describe('refusals', () => {
  test.each<[string, InputsOf, RegExp]>([
    [
      "a token that is nobody's",
      { 'api-token': 'nobodys-token-at-all' },
      /9109.*may not read the shares.*create-new needs no permission/,
    ],
    ['a token that may only read', { 'api-token': 'READ' }, /10000 Authentication error.*may not write/],
    [
      'a malformed key',
      { 'api-token': undefined, 'api-email': 'EMAIL', 'api-key': 'short' },
      /6003.*right form|9103|may not read/,
    ],
    ['an account of others', { 'account-id': 'f'.repeat(31) }, /may not read the shares/],
    ['a share id that is none', { 'share-id': 'abc' }, /There is no share abc/],
  ])('%s: what to do is said', async (_, inputs, message) => {
    const filled = Object.fromEntries(
      Object.entries(inputs).map(([k, v]) => [
        k,
        v === 'READ' ? sim.credentials.readOnlyApiToken : v === 'EMAIL' ? sim.credentials.apiEmail : v,
      ]),
    );
    const ran = await go(filled);
    expect(ran.exitCode).toBe(1);
    expect(ran.errors[0]).toMatch(message);
    expect(sim.liveShares()).toEqual([]);
  });

  test('a pointer of the API leads to the input, repeated recipients or not', async () => {
    const [first] = sim.memberIds;
    const ran = await go({
      recipients: [{ account_id: first }, { account_id: first }, { account_id: sim.outsiderId }],
    });
    expect(ran.errors[0]).toMatch(/^recipients\[2\]\.account_id: Cloudflare refused to create the share: HTTP 400/);
    expect(ran.errors[0]).toMatch(/CF-Ray/);
  });

  test('a page of the edge is recognised and not dumped', async () => {
    sim.order({ kind: 'html-5xx-before-commit', times: 9 });
    const ran = await go({ 'max-attempts': '1' });
    expect(ran.errors[0]).toMatch(/HTTP 502: a web page ".*Bad gateway" of the edge/);
    expect(ran.log).not.toMatch(/<html|<body/i);
  });

  test('a rate limit that stays is said with what to do', async () => {
    sim.order({ kind: 'rate-limited', times: 9, retryAfterSeconds: 0 });
    const ran = await go({ 'max-attempts': '2' });
    expect(ran.errors[0]).toMatch(/HTTP 429.*run again in five minutes/);
  });

  test('a redirect is refused, and credentials go nowhere', async () => {
    sim.order({ kind: 'redirect' });
    const ran = await go();
    expect(ran.errors[0]).toMatch(/a redirect to .*not followed/);
    expect(sim.requests.map(({ path }) => path)).not.toContain('/elsewhere');
  });
});

describe('a share that is there', () => {
  test('if-exists says what to do with it', async () => {
    const { outputs } = await go();
    const failed = await go({ 'if-exists': 'fail' });
    expect(failed.errors[0]).toContain(`exists: ${outputs['share-id']}`);
    expect(failed.outputs['share-id']).toBe(outputs['share-id']);
    const kept = await go({ 'if-exists': 'keep', recipients: [{ account_id: sim.memberIds[3] }], wait: 'true' });
    expect(kept.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false', 'share-id': outputs['share-id'] });
    const planned = await go({ 'if-exists': 'keep', mode: 'plan' });
    expect(planned.outputs).toMatchObject({ outcome: 'planned', changed: 'false' });
    const anew = await go({ 'if-exists': 'create-new', mode: 'plan' });
    expect(anew.outputs).toMatchObject({ outcome: 'planned', changed: 'true' });
    expect(sim.liveShares('Baseline')).toHaveLength(1);
  });

  test('by its id it is renamed, and a list that is not given is left alone', async () => {
    const { outputs } = await go();
    const ran = await go({
      'share-id': outputs['share-id'],
      'share-name': 'Renamed',
      recipients: undefined,
      resources: undefined,
      prune: 'true',
    });
    expect(ran.outputs).toMatchObject({ outcome: 'updated', 'share-id': outputs['share-id'] });
    expect(sim.liveShares('Renamed')[0]?.recipients).toHaveLength(2);
    const half = await go({ 'share-name': 'Renamed', recipients: undefined, 'share-id': undefined });
    expect(half.errors[0]).toMatch(/^recipients: is missing/);
  });

  test('deleting is idempotent, by name and by id, and a share of another name is not deleted', async () => {
    const { outputs } = await go();
    const byId = { mode: 'delete', 'share-id': outputs['share-id'], recipients: undefined, resources: undefined };
    const wrong = await go({ ...byId, 'share-name': 'Another' });
    expect(wrong.errors[0]).toContain('nothing was deleted');
    const deleted = await go({ ...byId, 'share-name': undefined, wait: 'true' });
    expect(deleted.outputs).toMatchObject({ outcome: 'deleted', status: 'deleted', changed: 'true' });
    const again = await go({ ...byId, 'share-name': undefined, wait: 'true' });
    expect(again.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' });
    const unknown = await go({ ...byId, 'share-name': undefined, 'share-id': 'abc' });
    expect(unknown.exitCode).toBe(0);
    expect(unknown.warnings[0]).toContain('There is no share abc');
    const byName = await go({ mode: 'delete' });
    expect(byName.outputs.outcome).toBe('unchanged');
    const update = await go({ 'share-id': outputs['share-id'] });
    expect(update.errors[0]).toMatch(/is deleted: a share on its way out cannot be changed/);
  });

  test('young namesakes are given time, until the run that made one too many has tidied up', async () => {
    const [kept, extra] = [sim.seed({ name: 'Baseline' }), sim.seed({ name: 'Baseline' })];
    const going = go({ recipients: undefined, resources: undefined, mode: 'delete' });
    await fetch(`${sim.baseUrl}/accounts/${sim.accountId}/shares/${extra.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${sim.credentials.apiToken}` },
    });
    const ran = await going;
    expect(ran.outputs).toMatchObject({ outcome: 'deleted', 'share-id': kept.id });
  });
});

describe('a change that fails half-way', () => {
  test('does the rest, says what was done and what was not, and shows what is there', async () => {
    await go();
    const accounts = [0, 1, 2].map((i) => ({ account_id: sim.memberIds[i] }));
    const ran = await go({ recipients: [...accounts, { account_id: sim.outsiderId }] });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toHaveLength(1);
    expect(ran.errors[0]).toContain(`refused to add recipient ${sim.outsiderId}`);
    expect(ran.lines.at(-1)).toBe(
      `Done: add recipient ${sim.memberIds[2]}. Not done: add recipient ${sim.outsiderId}.`,
    );
    expect(ran.outputs).toMatchObject({ outcome: 'updated', changed: 'true' });
    expect(JSON.parse(ran.outputs.recipients ?? '[]')).toHaveLength(3);
  });
});

describe('waiting', () => {
  test('progress is said when it changes, and every recipient is associated in the end', async () => {
    const ran = await go({ wait: 'true' });
    expect(ran.lines).toContain('2 of 2 associated');
    expect(
      JSON.parse(ran.outputs.recipients ?? '[]').map((r: { association_status: string }) => r.association_status),
    ).toEqual(['associated', 'associated']);
    expect(ran.summary).toContain('```mermaid');
  });

  test('a passing error is shown and waited out', async () => {
    sim.failRecipient(sim.memberIds[0] as string, { error: 'Not just now', terminal: false, clearsAfterMs: 300 });
    const ran = await go({ wait: 'true' });
    expect(ran.exitCode).toBe(0);
    expect(ran.log).toMatch(/cannot take resource \S+ yet: Not just now/);
  });

  test('a terminal error ends it at once; outputs are set all the same', async () => {
    sim.failRecipient(sim.memberIds[0] as string, {
      error: 'Recipient is missing necessary entitlement',
      terminal: true,
    });
    const ran = await go({ wait: 'true' });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors[0]).toContain('Recipient is missing necessary entitlement');
    expect(ran.outputs).toMatchObject({ outcome: 'created', changed: 'true', status: 'active' });
    expect(ran.lines.at(-1)).toMatch(
      /^Done: create share "Baseline" \(.*\)\. Not done: wait until every recipient is associated\.$/,
    );
  });

  test('the time-out names who is missing', async () => {
    sim.failRecipient(sim.memberIds[1] as string, { error: 'Not today', terminal: false });
    const ran = await go({ wait: 'true', 'wait-timeout': '0.2' });
    expect(ran.errors[0]).toMatch(
      new RegExp(`^Not settled within wait-timeout \\(0.2 s\\): ${sim.memberIds[1]} is associating`),
    );
  });

  test('what was removed is waited for until it is gone', async () => {
    await go({
      recipients: [{ account_id: sim.memberIds[0] }, { account_id: sim.memberIds[2] }],
      resources: [
        { resource_type: 'gateway-policy', resource_id: 'c1' },
        { resource_type: 'gateway-policy', resource_id: 'c2' },
      ],
    });
    const ran = await go({ recipients: [{ account_id: sim.memberIds[0] }], prune: 'true', wait: 'true' });
    expect(ran.exitCode).toBe(0);
    const [share] = sim.liveShares('Baseline');
    expect(share?.recipients.map(({ association_status }) => association_status).sort()).toEqual([
      'associated',
      'disassociated',
    ]);
    expect(share?.resources.map(({ status }) => status).sort()).toEqual(['active', 'deleted']);
  });

  test('the organization is waited for as its members come', async () => {
    const ran = await go({ recipients: '[{}]', wait: 'true' });
    expect(ran.exitCode).toBe(0);
    expect(ran.warnings[0]).toMatch(/every account of your organization/);
    expect(ran.summary).toContain('more recipient');
  });

  test('a cancelled job stops and says where things stand', async () => {
    const cancel = new AbortController();
    sim.failRecipient(sim.memberIds[1] as string, { error: 'Not today', terminal: false });
    const running = runInProcess(inputsFor(sim, { ...baseline(), wait: 'true' }), { signal: cancel.signal });
    const poll = setInterval(() => {
      if (sim.requests.some(({ path }) => path.endsWith('/recipients'))) cancel.abort();
    }, 10);
    const ran = await running;
    clearInterval(poll);
    expect(ran.exitCode).toBe(1);
    expect(ran.errors[0]).toMatch(/^The job was cancelled/);
    expect(ran.lines.at(-1)).toMatch(/^Done: create share .* Not done: wait until/);
    expect(ran.outputs['share-id']).toBe(sim.liveShares()[0]?.id);
  });
});

describe('a file of shares', () => {
  const shares = (count: number, extra = '') =>
    `account_id: ${sim.accountId}\nshares:\n${Array.from({ length: count }, (_, i) => `  - name: Share ${i}\n    recipients: [{account_id: ${sim.memberIds[i % 9]}}]\n    resources: [{resource_type: gateway-policy, resource_id: c${i}}]\n`).join('')}${extra}`;
  const goFile = (text: string, inputs: InputsOf = {}): Promise<Ran> =>
    runInProcess(inputsFor(sim, { 'account-id': undefined, config: file('shares.yml', text), ...inputs }), {
      env: { GITHUB_WORKSPACE: folder },
    });

  test('two shares are made, a second run makes three reads, and shares not in the file are left alone', async () => {
    const other = sim.seed({ name: 'Not in the file' });
    const first = await goFile(shares(2));
    expect(first.outputs).toMatchObject({ outcome: 'updated', changed: 'true' });
    sim.requests.length = 0;
    const second = await goFile(shares(2));
    expect(second.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' });
    expect(sim.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);
    expect(
      sim
        .liveShares()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['Not in the file', 'Share 0', 'Share 1']);
    expect(sim.liveShares('Not in the file')[0]?.id).toBe(other.id);
    expect(JSON.parse(second.outputs.shares ?? '[]')[1]).toMatchObject({
      name: 'Share 1',
      outcome: 'unchanged',
      changed: false,
      status: 'active',
    });
  });

  test('120 shares in sync take 121 reads, ten at a time, and progress is said', async () => {
    for (let i = 0; i < 120; i++)
      sim.seed({
        name: `Share ${i}`,
        recipients: [{ account_id: sim.memberIds[i % 9] as string }],
        resources: [
          { resource_type: 'gateway-policy', resource_id: `c${i}`, resource_account_id: sim.accountId, meta: {} },
        ],
      });
    const ran = await goFile(shares(120));
    expect(ran.outputs.outcome).toBe('unchanged');
    expect(sim.requests).toHaveLength(121);
    expect(sim.maxInFlight).toBeLessThanOrEqual(10);
    expect(ran.lines).toContain('60 of 120 shares done');
  });

  test('one failure stops no other; the step fails and says which, at its place in the file', async () => {
    const ran = await goFile(
      shares(
        2,
        `  - name: Bad\n    recipients: [{account_id: ${sim.outsiderId}}]\n    resources: [{resource_type: gateway-policy, resource_id: x}]\n`,
      ),
    );
    expect(ran.exitCode).toBe(1);
    expect(ran.errors[0]).toMatch(
      /^file=shares\.yml,line=10,col=\d+::shares\[2\]\.recipients\[0\]\.account_id: "Bad": Cloudflare refused/,
    );
    expect(ran.lines.at(-1)).toMatch(
      /^3 shares: 2 created; failed: "Bad"\. Done: nothing\. Not done: create share "Bad"\.$/,
    );
    expect(sim.liveShares()).toHaveLength(2);
  });

  test('problems with the file are annotations, all of them, before any request', async () => {
    const ran = await goFile(
      shares(1).replace('account_id: 1111', 'acount_id: 1111').replace('resource_id', 'resource'),
    );
    expect(ran.errors.map((error) => error.replace(/::.*/, ''))).toEqual(
      expect.arrayContaining(['file=shares.yml,line=4,col=19']),
    );
    expect(ran.errors.length).toBe(3);
    expect(sim.requests).toEqual([]);
  });

  test('what goes wrong with all is said once', async () => {
    const ran = await goFile(shares(5), { 'api-token': 'nobodys-token-at-all' });
    expect(ran.errors).toHaveLength(1);
    expect(ran.errors[0]).toMatch(/"Share 0", "Share 1", "Share 2" and 2 others: .*9109/);
  });

  test('a file that is not there, and inputs that do not go with one', async () => {
    const ran = await runInProcess(inputsFor(sim, { config: './none.yml', 'share-name': 'x' }), {
      env: { GITHUB_WORKSPACE: folder },
    });
    expect(ran.errors).toEqual([
      'share-name: does not go with config, whose file names the shares',
      expect.stringMatching(/^config: none\.yml: there is no such file/),
    ]);
    const unreadable = await runInProcess(inputsFor(sim, { config: '.' }), { env: { GITHUB_WORKSPACE: folder } });
    expect(unreadable.errors[0]).toMatch(/cannot be read \(EISDIR\)/);
  });

  test('all of it is planned and deleted alike', async () => {
    const planned = await goFile(shares(3), { mode: 'plan' });
    expect(planned.outputs).toMatchObject({ outcome: 'planned', changed: 'true' });
    expect(planned.lines.at(-1)).toBe('3 shares: 3 to create.');
    const drift = await goFile(shares(3), { mode: 'plan', 'fail-on-drift': 'true' });
    expect(drift.errors).toHaveLength(3);
    await goFile(shares(3));
    const deleted = await goFile(shares(3), { mode: 'delete' });
    expect(deleted.lines.at(-1)).toBe('3 shares: 3 deleted.');
    expect(sim.liveShares()).toEqual([]);
  });
});

describe('text from outside and secrets', () => {
  test('a name is text in log, outputs and summary', async () => {
    const name = 'x\n::error::no | `code` <b> @octocat ##[add-mask]y "q" ]( -->';
    const ran = await go({ 'share-name': name });
    expect(ran.exitCode).toBe(0);
    expect(ran.errors).toEqual([]);
    expect(JSON.parse(ran.outputs.share ?? '{}').name).toBe(name);
    expect(ran.lines.filter((line) => /^\s*::(?!group|endgroup)/.test(line))).toEqual([]);
    expect(ran.log).not.toContain('##[');
    expect(ran.summary.replace(/```[\s\S]*?```/g, '')).not.toMatch(/<b>|^::|@octocat/m);
  });

  test('a secret shows nowhere, not even where the API gives it back', async () => {
    const token = sim.credentials.apiToken;
    const ran = await go(
      { 'share-name': `my ${token}` },
      { HTTP_PROXY: undefined, HTTPS_PROXY: 'http://user:p4ssw0rd%21@127.0.0.1:9', NO_PROXY: '*' },
    );
    expect(ran.exitCode).toBe(0);
    const masks = ran.log.split('\n').filter((line) => line.startsWith('::add-mask::'));
    expect(masks).toEqual(expect.arrayContaining([`::add-mask::${token}`, '::add-mask::p4ssw0rd!']));
    expect(ran.log.split('\n')[0]).toBe(`::add-mask::${token}`);
    for (const text of [ran.lines.join('\n'), JSON.stringify(ran.outputs), ran.summary])
      expect(text).not.toContain(token);
  });

  test('outputs that are too large are left unset with a warning; the small ones are there; the summary is cut', async () => {
    const resources = Array.from({ length: 2500 }, (_, i) => ({
      resource_type: 'gateway-policy',
      resource_id: `c${i}`,
      meta: { note: 'n'.repeat(150) },
    }));
    const ran = await go({ resources });
    expect(ran.exitCode).toBe(0);
    expect(ran.outputs['share-id']).toBeTruthy();
    expect(JSON.parse(ran.outputs['resource-ids'] ?? '[]')).toHaveLength(2500);
    expect(ran.outputs.share).toBeUndefined();
    expect(ran.warnings.join()).toMatch(/The output share is left unset/);
    expect(Buffer.byteLength(ran.summary)).toBeLessThan(1024 * 1024);
  });

  test('a summary that cannot be written is a warning', async () => {
    const ran = await go({}, { GITHUB_STEP_SUMMARY: join(folder, 'no', 'such', 'folder') });
    expect(ran.exitCode).toBe(0);
    expect(ran.warnings[0]).toMatch(/The job summary could not be written/);
  });
});

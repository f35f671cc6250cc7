// Names shown to people: labels from the workflow and the organization's account names. These tests
// run src/ from start to finish.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();
const folder = useFolder();

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const id = (i: number): string => sim.memberIds[i] as string;
const go = (inputs: InputsOf = {}): Promise<Ran> =>
  runInProcess(
    inputsFor(sim, {
      'share-name': 'Baseline',
      recipients: [{ recipient_account_id: id(0), label: 'Branch Aarhus' }, { recipient_account_id: id(1) }],
      resources: [{ ...POLICY, label: 'Block known malware' }],
      ...inputs,
    }),
    { env: { GITHUB_WORKSPACE: folder } },
  );
const seed = (...accounts: number[]) =>
  sim.seed({
    name: 'Baseline',
    recipients: accounts.map((i) => ({ recipient_account_id: id(i) })),
    resources: [{ ...POLICY, resource_account_id: sim.accountId, meta: {} }],
  });
/** Runs the action with a shares file. */
const file = (shares: object, inputs: InputsOf = {}): Promise<Ran> => {
  writeFileSync(join(folder, 'shares.json'), JSON.stringify(shares, null, 2));
  const none = { 'share-name': undefined, recipients: undefined, resources: undefined };
  return go({ config: 'shares.json', ...none, ...inputs });
};
/** The name first, and the id after it. */
const named = (name: string, of: string): RegExp => new RegExp(`${name} \\(${of}\\)`);
const notices = (ran: Ran): string[] => [...ran.log.matchAll(/^::notice[^\n]*?::(.*)$/gm)].map(([, text = '']) => text);
const operations = (): (string | undefined)[] => sim.requests.map(({ operation }) => operation);

describe('a label', () => {
  test('is shown next to the id in the log and summary, and never sent', async () => {
    const ran = await go();
    expect(ran.errors).toEqual([]);
    expect(ran.lines).toContain(`+   recipient Branch Aarhus (${id(0)})`);
    expect(ran.lines).toContain('+   resource gateway-policy Block known malware (c1)');
    expect(ran.summary).toContain('Branch Aarhus');
    expect(JSON.stringify(sim.requests.map(({ body }) => body))).not.toMatch(/label|Aarhus|malware/);
    expect(operations()).toEqual(['shares-list', expect.any(String), 'shares-list', expect.any(String)]);
  });

  test('is also shown for refused items', async () => {
    const ran = await go({
      recipients: [{ recipient_account_id: sim.outsiderId, label: 'Somebody else' }],
    });
    expect(ran.errors).toEqual([expect.stringMatching(/^recipients\[0\]\.recipient_account_id: /)]);
    expect(ran.lines).toContain(`+   recipient Somebody else (${sim.outsiderId})`);
  });

  test("is refused without an id, so it can't mean the whole organization", async () => {
    const ran = await go({ recipients: [{ label: 'Branch Aarhus' }] });
    expect(ran.errors).toEqual([expect.stringMatching(/^recipients\[0\]: has a label but no recipient/)]);
    expect(sim.requests).toEqual([]);
  });

  test('is refused beyond 100 characters, and causes a warning when an id has two labels', async () => {
    const ran = await go({ recipients: [{ recipient_account_id: id(0), label: 'x'.repeat(101) }] });
    expect(ran.errors).toEqual([expect.stringMatching(/^recipients\[0\]\.label: is 101 characters long/)]);
    const twice = await go({
      recipients: ['A', 'B'].map((label) => ({ recipient_account_id: id(0), label })),
    });
    expect(twice.exitCode).toBe(0);
    expect(twice.warnings).toEqual([
      expect.stringMatching(/^recipients\[1\]\.label: gives .* the label "B", but .* already has the label "A"/),
    ]);
  });
});

describe('the names input', () => {
  test('reads the directory once and shows names where labels are missing', async () => {
    seed(0, 1, 5);
    const ran = await go({ names: 'true' });
    expect(ran.exitCode).toBe(0);
    expect(sim.counts()['organization-accounts-list']).toBe(1);
    // It is neither listed nor labeled, so only its name tells people what it is.
    expect(notices(ran)).toEqual([expect.stringContaining(`recipient Example Member 6 (${id(5)})`)]);
    expect(ran.summary).toContain('Branch Aarhus');
    expect(ran.summary).toContain('Example Member 2');
    expect(ran.summary).not.toContain('Example Member 1<');
  });

  test('warns before the plan about ids that Cloudflare will refuse or no longer has', async () => {
    const share = seed(0);
    sim.addPolicy({ id: 'p1', name: 'Private', sharable: false });
    const ran = await go({
      names: 'true',
      recipients: [{ recipient_account_id: id(0) }, { recipient_account_id: sim.outsiderId }],
      resources: [POLICY, { ...POLICY, resource_id: 'p1' }],
      mode: 'plan',
    });
    expect(ran.warnings).toEqual([
      `recipients[1]: account ${sim.outsiderId} is not in your organization, so Cloudflare will refuse it`,
      expect.stringMatching(/^resources\[0\]: gateway policy c1 does not exist in account /),
      expect.stringMatching(/^resources\[1\]: Cloudflare marks gateway policy .*Private.* as not sharable/),
    ]);
    expect(ran.log.indexOf('is not in your organization')).toBeLessThan(ran.log.indexOf('Plan for'));
    expect(ran.exitCode).toBe(0);
    expect(sim.liveShares().map((live) => live.id)).toEqual([share.id]);
  });

  test('reports a policy deleted in the dashboard although the share is in sync', async () => {
    seed(0);
    sim.addPolicy({ id: 'c1', name: 'Block malware' });
    const share = { names: 'true', recipients: [{ recipient_account_id: id(0) }], resources: [POLICY] };
    const drift = { ...share, mode: 'plan', 'fail-on-drift': 'true' };
    expect(await go(drift)).toMatchObject({ exitCode: 0, warnings: [], outputs: { changed: 'false' } });
    sim.deleteResource('c1');
    const { exitCode, warnings, outputs } = await go(drift);
    expect([exitCode, outputs.changed]).toEqual([0, 'false']);
    expect(warnings).toEqual([expect.stringMatching(/^resources\[0\]: gateway policy c1 does not exist/)]);
  });

  test('shows a label next to a name that differs, with a warning', async () => {
    sim.addPolicy({ id: 'c1', name: 'Block malware' });
    const ran = await go({ names: 'true', recipients: [{ recipient_account_id: id(0), label: 'Paris' }] });
    expect(ran.warnings).toEqual([
      expect.stringMatching(/^recipients\[0\]\.label: .*"Paris".*"Example Member 1"/),
      expect.stringMatching(/^resources\[0\]\.label: .*"Block known malware".*"Block malware"/),
    ]);
    expect(ran.log).toContain('Example Member 1, labeled "Paris"');
  });

  test('falls back to ids with one notice when permission is missing, and the step succeeds', async () => {
    seed(0, 5);
    const ran = await go({ names: 'true', 'api-token': sim.credentials.sharesOnlyApiToken });
    expect(ran.errors).toEqual([]);
    expect(ran.exitCode).toBe(0);
    expect(notices(ran)).toEqual([
      expect.stringMatching(
        /^The credentials can't read the names of accounts and gateway policies, so ids are shown without names\. .*"Zero Trust Read"/,
      ),
      expect.stringContaining(id(5)),
    ]);
    expect(ran.log).not.toContain('Example Member');
  });

  test('finds the organization before the account has any share', async () => {
    const ran = await go({ names: 'true' });
    expect(ran.outputs.outcome).toBe('created');
    expect(notices(ran)).toEqual([]);
    expect(ran.log).toContain('Example Member 2');
  });

  test('is off by default', async () => {
    seed(0, 1);
    await go();
    expect(Object.keys(sim.counts()).every((operation) => operation.startsWith('share'))).toBe(true);
  });

  test("shows the names of a file's recipients and reads each list once", async () => {
    const share = (name: string, ...of: number[]) => ({
      name,
      recipients: of.map((i) => ({ recipient_account_id: id(i) })),
      resources: [POLICY],
    });
    seed(0);
    sim.addPolicy({ id: 'c1', name: 'Block malware' });
    const ran = await file({ shares: [share('Baseline', 0, 2), share('Other', 3)] }, { names: 'true', mode: 'plan' });
    expect(ran.log).toMatch(named('Example Member 3', id(2)));
    expect(ran.log).toMatch(named('Example Member 4', id(3)));
    expect(sim.counts()).toMatchObject({
      'account-details': 1,
      'organization-accounts-list': 1,
      'zero-trust-gateway-rules-list': 1,
    });
  });
});

describe('references by name', () => {
  const references = {
    complete: true,
    shares: [
      {
        name: 'Baseline',
        recipients: [{ account_name: 'Berlin office' }, { account_names: 'Branch *' }],
        resources: [
          { resource_type: 'gateway-policy', resource_name: 'Block malware' },
          { resource_type: 'custom-ruleset', resource_name: 'Baseline WAF' },
        ],
      },
      {
        name: 'Everybody else',
        recipients: [{}],
        exclude: [{ account_name: 'Berlin office' }],
        resources: [{ resource_type: 'gateway-policy', resource_name: 'Block malware' }],
      },
    ],
  };
  let policyId: string;
  let rulesetId: string;
  beforeEach(() => {
    sim.nameAccount(id(0), 'Berlin office');
    sim.nameAccount(id(1), 'Branch Aarhus');
    sim.nameAccount(id(2), 'Branch Odense');
    policyId = sim.addPolicy({ name: 'Block malware' });
    rulesetId = sim.addRuleset({ name: 'Baseline WAF' });
    sim.addRuleset({ name: 'Baseline WAF', kind: 'managed' });
  });

  test('create shares that a second run finds in sync, and are never sent or output', async () => {
    const ran = await file(references);
    expect([ran.errors, ran.outputs.changed]).toEqual([[], 'true']);
    const [baseline, rest] = sim.liveShares();
    expect(baseline?.recipients.map(({ account_id }) => account_id)).toEqual([id(0), id(1), id(2)]);
    expect(baseline?.resources.map(({ resource_id }) => resource_id)).toEqual([policyId, rulesetId]);
    expect(rest?.exclusions.map(({ account_id }) => account_id)).toEqual([id(0)]);
    expect(JSON.stringify(sim.requests.map(({ body }) => body))).not.toMatch(/_name|Berlin|malware/);
    for (const output of ['plan', 'shares', 'share']) expect(ran.outputs[output] ?? '').not.toMatch(/Berlin|malware/);
    expect(ran.log).toMatch(named('Berlin office', id(0)));
    expect(await file(references, { mode: 'plan', 'fail-on-drift': 'true' })).toMatchObject({
      exitCode: 0,
      outputs: { changed: 'false' },
    });
  });

  test('are also resolved in inputs', async () => {
    const [share] = references.shares;
    const ran = await go({ recipients: share?.recipients, resources: share?.resources });
    expect(ran.outputs.outcome).toBe('created');
    expect(sim.liveShares()[0]?.recipients).toHaveLength(3);
    const wrong = await go({ recipients: [{ account_name: 'Berlin ofice' }] });
    expect(wrong.errors).toEqual([
      expect.stringMatching(/^recipients\[0\]\.account_name: .*Did you mean "Berlin office"\?$/),
    ]);
  });

  test('can have a label, which is compared with the name', async () => {
    const recipients = [{ account_name: 'Berlin office', label: 'Paris' }];
    const ran = await go({ recipients });
    expect(ran.warnings).toEqual([expect.stringMatching(/^recipients\[0\]\.label: .*"Paris".*"Berlin office"/)]);
    expect(ran.log).toContain(`Berlin office, labeled "Paris" (${id(0)})`);
  });

  test('are resolved with one read per list before anything is written', async () => {
    await file(references);
    const lookups = sim.requests.filter(({ path }) => !path.includes('/shares'));
    expect(lookups.map(({ operation }) => operation).sort()).toEqual([
      'account-details',
      'list-account-rulesets',
      'organization-accounts-list',
      'zero-trust-gateway-rules-list',
    ]);
    const firstWrite = sim.requests.findIndex(({ method }) => method !== 'GET');
    expect(sim.requests.findLastIndex(({ path }) => !path.includes('/shares'))).toBeLessThan(firstWrite);
  });

  test('without a match are all reported at their places, and nothing is written', async () => {
    sim.addPolicy({ name: 'Block malware' });
    sim.nameAccount(id(1), 'Depot');
    sim.nameAccount(id(2), null);
    const ran = await file({ ...references, shares: [{ ...references.shares[0], name: 'Baseline' }] });
    expect(ran.errors).toEqual([
      expect.stringMatching(/recipients\[1\]\.account_names: "Branch \*" matches no account/),
      expect.stringMatching(/resources\[0\]\.resource_name: 2 gateway policies .* are named "Block malware"/),
    ]);
    expect(ran.log).toMatch(/::error file=shares\.json,line=\d+,col=\d+::/);
    expect(sim.requests.every(({ method }) => method === 'GET')).toBe(true);
    expect([ran.exitCode, ran.lines.at(-1)]).toEqual([1, '2 problems with the inputs. Nothing was changed.']);
    expect(ran.outputs['failure-reason']).toBe('inputs');
  });

  test('leave everything unchanged when the job is cancelled during the lookup', async () => {
    const job = new AbortController();
    job.abort();
    writeFileSync(join(folder, 'shares.json'), JSON.stringify(references));
    const inputs = inputsFor(sim, { config: 'shares.json' });
    const ran = await runInProcess(inputs, { env: { GITHUB_WORKSPACE: folder }, signal: job.signal });
    expect([ran.exitCode, ran.lines.at(-1)]).toEqual([1, 'The job was cancelled. Nothing was changed.']);
    expect(ran.outputs['failure-reason']).toBe('cancelled');
    expect(sim.requests).toEqual([]);
  });

  test('cause an error that names the missing permission, and nothing is written', async () => {
    const ran = await file(references, { 'api-token': sim.credentials.sharesOnlyApiToken });
    expect(ran.errors).toEqual([
      expect.stringMatching(
        /account_name: the names of accounts can't be looked up .*HTTP 403.*Grant the token access/,
      ),
      expect.stringMatching(/resource_name: the names of gateway policies can't .*"Zero Trust Read"/),
      expect.stringMatching(/resource_name: the names of custom rulesets can't .*"Account Rulesets Read"/),
    ]);
    expect(ran.outputs['failure-reason']).toBe('cloudflare');
    expect(sim.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('cause an error about the token, not about permissions, if the token is unknown', async () => {
    const ran = await file(references, { 'api-token': 'a-token-that-was-deleted' });
    const why = /can't be looked up.*: HTTP 403: 9109 Invalid access token .*\. Cloudflare does not know this token: /;
    expect(ran.errors).toEqual([1, 2, 3].map(() => expect.stringMatching(why)));
    expect(ran.log).not.toMatch(/Grant/);
    expect(notices(ran)).toEqual([]);
  });

  test("resolve to accounts that the token can see when it can't read the organization", async () => {
    sim.order({ kind: 'forbidden', path: '^/organizations/', times: Number.POSITIVE_INFINITY });
    const ran = await file(references);
    expect(ran.errors).toEqual([]);
    expect(notices(ran)).toEqual([
      expect.stringContaining('account_names only matches the accounts that they can see'),
    ]);
    expect(sim.liveShares()[0]?.recipients).toHaveLength(3);
    sim.clearFaults();
  });

  test('resolve to an account that was renamed to match', async () => {
    await file(references);
    sim.nameAccount(id(7), 'Branch Ringsted');
    const ran = await file(references);
    expect(ran.outputs.changed).toBe('true');
    expect(sim.liveShares()[0]?.recipients.map(({ account_id }) => account_id)).toContain(id(7));
  });

  test('do not match the reviewed plan when their target was renamed after the review', async () => {
    const plan = join(folder, 'plan.json');
    await file(references, { mode: 'plan', 'plan-file': plan });
    sim.nameAccount(id(7), 'Branch Ringsted');
    const ran = await file(references, { 'reviewed-plan': plan });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors.join()).toContain(id(7));
    expect(sim.requests.every(({ method }) => method === 'GET')).toBe(true);
    rmSync(plan);
  });
});

describe('any reference by name', () => {
  const NAMES = ['Berlin office', 'Branch 1', 'Branch 2', 'Branch 3', 'Zu\u0308rich *'];
  const POLICIES = ['Block malware', 'Block: phishing "now"', '  Allow '];
  const account = fc.oneof(
    fc.nat(NAMES.length - 1).map((i) => ({ account_name: (NAMES[i] as string).normalize('NFC') })),
    fc.constantFrom('Branch *', '*i*', 'Branch 2').map((account_names) => ({ account_names })),
    fc.nat(7).map((i) => ({ recipient_account_id: id(i) })),
  );
  const resource = fc
    .nat(POLICIES.length - 1)
    .map((i) => ({ resource_type: 'gateway-policy', resource_name: (POLICIES[i] as string).trim() }));
  const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 4 });

  test('leads to shares that are in sync, and nothing is written before it is resolved', async () => {
    await fc.assert(
      fc.asyncProperty(
        list(account),
        list(resource),
        fc.option(list(account)),
        async (recipients, resources, exclude) => {
          sim.reset();
          for (const [i, name] of NAMES.entries()) sim.nameAccount(id(i), name);
          for (const name of POLICIES) sim.addPolicy({ name: name.trim() });
          const whole = exclude ? { recipients: [{}], exclude, resources } : { recipients, resources };
          const made = await file({ complete: true, shares: [{ name: 'Baseline', ...whole }] });
          expect(made.errors).toEqual([]);
          const lastLookUp = sim.requests.findLastIndex(({ path }) => !path.includes('/shares'));
          expect(sim.requests.findIndex(({ method }) => method !== 'GET')).toBeGreaterThan(lastLookUp);
          rmSync(join(folder, 'exported.yml'), { force: true });
          const none = { 'share-name': undefined, recipients: undefined, resources: undefined };
          await go({ ...none, mode: 'export', config: 'exported.yml', names: 'true' });
          const again = { mode: 'plan', prune: 'true', 'fail-on-drift': 'true', names: 'true' };
          const planned = await go({ ...none, ...again, config: 'exported.yml' });
          const labels = planned.warnings.filter((warning) => !/\{\} shares with/.test(warning));
          expect([planned.errors, planned.outputs.changed, labels]).toEqual([[], 'false', []]);
        },
      ),
      { numRuns: 12 },
    );
  });
});

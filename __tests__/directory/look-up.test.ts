// Which lists are read, in which order of preference, and how an unreadable list is handled.

import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../simulator/index.ts';
import { directoryEndpoints } from '../../src/cloudflare/directory-endpoints.ts';
import { Cancelled } from '../../src/cloudflare/errors.ts';
import { type Directory, isReadable, type Lookup, lookUp, type Needs } from '../../src/directory/look-up.ts';
import type { WrittenShare } from '../../src/share/desired.ts';
import { begin, type Run } from '../apply/use-runs.ts';
import { useSimulator } from '../use-simulator.ts';
import { written as writtenShare } from './values.ts';

const sim = await useSimulator();

const written = (parts: Partial<WrittenShare>): WrittenShare => writtenShare({ accountId: sim.accountId, ...parts });
const policy = (resource_account_id = sim.accountId, resource_type = 'gateway-policy') => ({
  resource_type,
  resource_id: 'c1',
  resource_account_id,
  meta: {},
});

async function lookUpWith(needs: Partial<Needs>, run: Run = {}): Promise<Directory> {
  const { context, close } = begin(sim, { maxAttempts: 2, ...run });
  try {
    return await lookUp(directoryEndpoints(context.api.client), {
      accountId: sim.accountId,
      written: [written({})],
      names: true,
      shares: async () => (await context.shareList.recent()).shares,
      showsAllShares: false,
      ...needs,
    });
  } finally {
    close();
  }
}

const paths = (): string[] =>
  sim.requests
    .map(({ path }) => path.replace(sim.accountId, 'O').replace(sim.organizationId, 'ORG'))
    .map((path) => path.replace(sim.memberIds[0] as string, 'M'))
    .sort();
const idsOf = (found: Lookup<{ id: string }> | undefined): string[] | undefined =>
  isReadable(found) ? found.items.map(({ id }) => id) : undefined;
const forbid = (...forbidden: string[]): void => {
  for (const path of forbidden) sim.order({ kind: 'forbidden', path, times: Number.POSITIVE_INFINITY });
};
const everybody = () => [sim.accountId, ...sim.memberIds];

describe('a lookup', () => {
  test('sends no request if names are off and the shares have no references', async () => {
    const known = await lookUpWith({ names: false, written: [written({ resources: [policy()] })] });
    expect(known).toEqual({ resources: new Map() });
    expect(sim.requests).toEqual([]);
  });

  test.each<[string, Partial<WrittenShare>, string[]]>([
    ['an account', { recipients: [{ account_name: 'A' }] }, ['/accounts/O', '/organizations/ORG/accounts']],
    ['an exclusion', { exclude: [{ account_names: 'A*' }] }, ['/accounts/O', '/organizations/ORG/accounts']],
  ])('reads only the accounts for a reference to %s', async (_, share, read) => {
    await lookUpWith({ names: false, written: [written({}), written({ resources: [policy()], ...share })] });
    expect(paths()).toEqual(read);
  });

  test('reads the list of an account once for references to its resources', async () => {
    const { resource_id, ...unnamed } = policy();
    const named = { ...unnamed, resource_name: 'Block malware' };
    const theirs = { ...named, resource_account_id: sim.memberIds[0] as string };
    await lookUpWith({
      names: false,
      written: [written({ resources: [named, theirs] }), written({ resources: [{ ...named, resource_name: 'B' }] })],
    });
    expect(paths()).toEqual(['/accounts/M/gateway/rules', '/accounts/O/gateway/rules']);
  });

  test('reads the accounts and the lists of all listed and live resources if names are shown', async () => {
    const member = sim.memberIds[0] as string;
    sim.seed({ name: 'S', resources: [policy(sim.accountId, 'custom-ruleset')] });
    sim.seed({ name: 'Other', resources: [policy(member)] });
    const share = written({ resources: [policy(), policy(sim.accountId, 'trust-grant')] });
    await lookUpWith({ written: [share] });
    const listed = ['/accounts/O', '/accounts/O/gateway/rules', '/accounts/O/rulesets', '/accounts/O/shares'];
    expect(paths()).toEqual([...listed, '/organizations/ORG/accounts']);
    sim.reset();
    sim.seed({ name: 'Other', resources: [policy(member)] });
    await lookUpWith({ written: [share], showsAllShares: true });
    expect(paths()).toContain('/accounts/M/gateway/rules');
  });

  test('reads the lists of a live share whose name has another Unicode normalization', async () => {
    sim.seed({ name: 'Zürich'.normalize('NFD'), resources: [policy(sim.accountId, 'custom-ruleset')] });
    await lookUpWith({ written: [written({ name: 'Zürich'.normalize('NFC'), resources: [policy()] })] });
    expect(paths()).toContain('/accounts/O/rulesets');
  });

  test('reads the lists of a live share that is given by its id', async () => {
    const { id } = sim.seed({ name: 'Renamed by hand', resources: [policy(sim.accountId, 'custom-ruleset')] });
    await lookUpWith({ written: [written({ name: '', shareId: id.toUpperCase() })] });
    expect(paths()).toContain('/accounts/O/rulesets');
  });
});

describe('the accounts that a lookup returns', () => {
  test("are those of the organization in the owner account's record", async () => {
    const { accounts } = await lookUpWith({});
    expect(accounts).toMatchObject({ isOfOrganization: true, isWhole: true });
    expect(idsOf(accounts)).toEqual(everybody());
  });

  test.each(['cannot be read', 'names no organization'])(
    "are those of the organization that one of the owner's shares names, if the owner account %s",
    async (why) => {
      if (why === 'cannot be read') forbid('^/accounts/[^/]+$');
      else sim.leaveOrganization();
      sim.seed({ name: 'Any' });
      const { accounts } = await lookUpWith({});
      expect(accounts).toMatchObject({ isOfOrganization: true });
      expect(idsOf(accounts)).toEqual(everybody());
    },
  );

  test('are those of an organization that is a recipient', async () => {
    sim.leaveOrganization();
    const { accounts } = await lookUpWith({
      written: [written({ recipients: [{ organization_id: sim.organizationId }] })],
    });
    expect(accounts).toMatchObject({ isOfOrganization: true });
  });

  test.each(["the organization can't be read", 'the account is in no organization', "the account can't be read"])(
    'are those that the token can see if %s',
    async (why) => {
      if (why === 'the account is in no organization') sim.leaveOrganization();
      else forbid(why === "the account can't be read" ? '^/accounts/[^/]+$' : '^/organizations/');
      sim.hideAccount(sim.memberIds[3] as string);
      const recipients = [{ account_name: 'Berlin office' }, { recipient_account_id: sim.memberIds[0] as string }];
      const { accounts } = await lookUpWith({ written: [written({ recipients })] });
      const ofOrganization = paths().filter((path) => path.startsWith('/organizations/'));
      expect(ofOrganization).toEqual(why === "the organization can't be read" ? ['/organizations/ORG/accounts'] : []);
      expect(accounts).not.toHaveProperty('isOfOrganization');
      expect(idsOf(accounts)).toEqual(everybody().filter((id) => id !== sim.memberIds[3]));
    },
  );

  test('do not include visible accounts in other organizations', async () => {
    forbid('^/organizations/');
    const other = { id: 'x1', name: 'Berlin', managed_by: { parent_org_id: 'another' } };
    const own = { id: 'a1', name: 'Oslo', managed_by: { parent_org_id: sim.organizationId.toUpperCase() } };
    sim.rewrite(({ path }) =>
      path === '/accounts' ? { success: true, result: [other, own, { id: 'a2', name: 'Bern' }] } : undefined,
    );
    const { accounts } = await lookUpWith({});
    sim.rewrite(undefined);
    expect(idsOf(accounts)).toEqual(['a1', 'a2']);
  });

  test.each<[string, Fault]>([
    ['reading the organization fails temporarily', { kind: 'json-5xx-before-commit', path: '^/organizations/' }],
    ["a firewall blocks the organization's list", { kind: 'challenge', path: '^/organizations/' }],
    ['reading the owner account fails temporarily', { kind: 'json-5xx-before-commit', path: '^/accounts/[^/]+$' }],
    ["a firewall blocks the owner account's record", { kind: 'challenge', path: '^/accounts/[^/]+$' }],
  ])('are unreadable, instead of only those that the token can see, when %s', async (_, fault) => {
    sim.order({ ...fault, times: 9 });
    const { accounts } = await lookUpWith({});
    expect(accounts).toEqual({ what: 'accounts', why: expect.stringMatching(/HTTP (500|403)/) });
    expect(paths()).not.toContain('/accounts');
  });

  test('are those of the organization that a share names when reading the owner account fails temporarily', async () => {
    sim.order({ kind: 'json-5xx-before-commit', path: '^/accounts/[^/]+$', times: 9 });
    sim.seed({ name: 'Any' });
    const { accounts } = await lookUpWith({});
    expect(accounts).toMatchObject({ isOfOrganization: true });
  });
});

describe('an unreadable list', () => {
  const resources = () => [policy(), policy(sim.accountId, 'custom-ruleset')];

  test('is returned with the permission that it needs', async () => {
    forbid('^/organizations/', '^/accounts$', '/gateway/rules$', '/rulesets$');
    const known = await lookUpWith({ written: [written({ resources: resources() })] });
    expect([known.accounts, ...known.resources.values()]).toEqual([
      { what: 'accounts', why: expect.any(String), permission: expect.stringContaining('"Account Settings Read"') },
      { what: 'gateway policies', why: expect.any(String), permission: '"Zero Trust Read"' },
      { what: 'custom rulesets', why: expect.any(String), permission: '"Account Rulesets Read"' },
    ]);
  });

  test('is returned without a permission if Cloudflare refuses the token, or the request for another reason', async () => {
    sim.rewrite(() => ({ success: false, errors: [{ code: 7003, message: 'Could not route to the account' }] }));
    const { accounts } = await lookUpWith({ shares: async () => undefined });
    expect(accounts).toEqual({ what: 'accounts', why: expect.stringContaining('Could not route') });
    sim.rewrite(() => ({ success: false, errors: [{ code: 9109, message: 'Invalid access token' }] }));
    const unknown = await lookUpWith({ shares: async () => undefined });
    expect(unknown.accounts).toEqual({
      what: 'accounts',
      why: expect.stringMatching(/Invalid access token.*\. Cloudflare does not know this token: check/),
    });
    sim.rewrite(undefined);
  });

  test.each<[string, Fault]>([
    ['a connection reset', { kind: 'reset-before-commit', times: 99 }],
    ['a server error', { kind: 'html-5xx-before-commit', times: 99 }],
    ['an unknown response', { kind: 'nonsense', times: 99 }],
  ])('does not fail the run: %s', async (_, fault) => {
    sim.order(fault);
    const known = await lookUpWith({ written: [written({ resources: resources() })], shares: async () => undefined });
    expect(known.accounts).toEqual({ what: 'accounts', why: expect.stringContaining('read account') });
    for (const list of known.resources.values())
      expect(list).toEqual({ what: expect.any(String), why: expect.any(String) });
  });

  test('ends the run when the job was cancelled', async () => {
    const signal = AbortSignal.abort();
    await expect(lookUpWith({ shares: async () => undefined }, { signal })).rejects.toBeInstanceOf(Cancelled);
    const { resource_id, ...unnamed } = policy();
    const named = written({ resources: [{ ...unnamed, resource_name: 'Block malware' }] });
    await expect(lookUpWith({ names: false, written: [named] }, { signal })).rejects.toBeInstanceOf(Cancelled);
  });
});

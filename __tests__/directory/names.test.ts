// The names, warnings and notices that a directory provides.

import { describe, expect, test } from '@jest/globals';
import type { Directory } from '../../src/directory/look-up.ts';
import { check, namesIn, noticesOf, resolveNames } from '../../src/directory/names.ts';
import { resolve } from '../../src/directory/resolve.ts';
import { keepSecret } from '../../src/secrets.ts';
import type { DesiredShare, WrittenShare } from '../../src/share/desired.ts';
import { begin, type Run } from '../apply/use-runs.ts';
import { inStep } from '../report/run-report.ts';
import { useSimulator } from '../use-simulator.ts';
import { directory, list, OWNER, policy, written } from './values.ts';

const sim = await useSimulator();

const berlin = { id: 'B1', name: 'Berlin office' };

test('takes the names of accounts and resources from Cloudflare', () => {
  const known = directory([berlin, { id: 'n1' }], [{ id: 'p1', name: 'Block malware' }], [{ id: 'r1', name: 'WAF' }]);
  expect(Object.fromEntries(namesIn(known))).toEqual({
    owner: 'Headquarters',
    b1: 'Berlin office',
    p1: 'Block malware',
    r1: 'WAF',
  });
  expect(namesIn({ resources: new Map() }).size).toBe(0);
});

test('shortens long names and ignores empty ones', () => {
  const known = directory([
    { id: 'a1', name: 'x'.repeat(1_000_000) },
    { id: 'a2', name: ' ' },
  ]);
  expect([namesIn(known).get('a1'), namesIn(known).has('a2')]).toEqual([`${'x'.repeat(99)}…`, false]);
});

test('shows no part of a secret in a shortened name', async () => {
  const secret = 'kept-secret-0123456789';
  await inStep(() => keepSecret(secret));
  for (let length = 60; length <= 100; length++) {
    const name = `${'x'.repeat(length)}${secret}${'x'.repeat(100)}`;
    expect(namesIn(directory([{ id: 'a1', name }])).get('a1')).toMatch(/^x+\*{0,3}x*…$/);
    const found = resolve([written({ recipients: [{ account_name: `${name}y` }] })], directory([{ id: 'a1', name }]));
    expect(found.problems[0]?.message).toMatch(/Did you mean "x+\*{0,3}x*…"\?$/);
  }
});

describe('a check of names', () => {
  const messages = (share: Partial<DesiredShare>, known: Directory = directory([berlin])) => {
    const all = [{ ...written(), ...share } as DesiredShare];
    return check(all, known, namesIn(known)).map(({ message, place }) => [place?.label, message]);
  };

  test('warns about recipients and exclusions outside the organization, each at its place', () => {
    expect(
      messages({
        recipients: [{ account_id: 'b1' }, { recipient_account_id: 'x1' }, { organization_id: 'o1' }, {}],
        exclude: [{ account_id: 'x2' }, { account_id: OWNER }],
      }),
    ).toEqual([
      ['recipients.1', 'account x1 is not in your organization, so Cloudflare will refuse it'],
      ['exclude.0', 'account x2 is not in your organization, so Cloudflare will refuse it'],
    ]);
  });

  test('never reports the owner account as outside the organization', () => {
    const known = { ...directory([]), accounts: { ...list([berlin]), isOfOrganization: true } };
    expect(messages({ recipients: [{}], exclude: [{ account_id: OWNER }] }, known)).toEqual([]);
  });

  test.each([
    ['the accounts that the token can see', { ...list([berlin]) }],
    ['a list with an unreadable entry', { ...list([berlin], false), isOfOrganization: true }],
    ['a list that was not read', undefined],
    ['a list whose request failed', { what: 'accounts', why: 'HTTP 500' }],
  ])('never reports an account as outside the organization based only on %s', (_, accounts) => {
    const { resources } = directory([]);
    const known = accounts === undefined ? { resources } : { accounts, resources };
    expect(messages({ recipients: [{ recipient_account_id: 'x1' }] }, known)).toEqual([]);
  });

  const policies = [
    { id: 'P1', name: 'Block malware', sharable: true },
    { id: 'p2', name: 'Private', sharable: false },
    { id: 'p3', name: 'Unknown' },
  ];

  test("warns about missing resources, and about policies that can't be shared", () => {
    const resources = [
      policy('p1'),
      policy('p2'),
      policy('p3'),
      policy('p4'),
      { ...policy('r9'), resource_type: 'custom-ruleset' },
      { ...policy('g9'), resource_type: 'idp-federation-grant' },
      { ...policy('p5'), resource_account_id: 'other' },
    ];
    const found = messages({ resources }, directory([], policies));
    expect(found.map(([place]) => place)).toEqual(['resources.1', 'resources.3', 'resources.4']);
    expect(found[0]?.[1]).toMatch(/^Cloudflare marks gateway policy .*Private.* as not sharable/);
    expect(found[1]?.[1]).toMatch(/^gateway policy p4 does not exist in account Headquarters|owner/);
    expect(found[2]?.[1]).toMatch(/^custom ruleset r9 does not exist/);
  });

  test('does not report a resource missing from a list with unreadable entries', () => {
    const known = directory([]);
    const key = [...known.resources.keys()][0] as string;
    const partial = { ...known, resources: new Map([[key, list(policies, false)]]) };
    expect(messages({ resources: [policy('p4')] }, partial)).toEqual([]);
    expect(messages({ resources: [policy('p2')] }, partial)).toHaveLength(1);
  });
});

describe('a notice about names', () => {
  const failed = (what: string, permission?: string) => ({
    what,
    why: 'HTTP 500',
    ...(permission ? { permission } : {}),
  });

  test('mentions every unreadable list and the permission to grant', () => {
    const resources = new Map([
      ['1', failed('gateway policies', 'P')],
      ['2', failed('gateway policies', 'P')],
    ]);
    expect(noticesOf([], { accounts: failed('accounts', 'A'), resources })).toEqual([
      {
        message:
          "The credentials can't read the names of accounts and gateway policies, so ids are shown without names. Grant A and P",
      },
    ]);
    expect(noticesOf([], { accounts: failed('accounts'), resources: new Map() })).toEqual([
      { message: "The names of accounts can't be read, so ids are shown without names: HTTP 500" },
    ]);
    expect(noticesOf([], directory([]))).toEqual([]);
    expect(noticesOf([], { resources })).toHaveLength(1);
  });

  test('says that a pattern was compared with the accounts that the token can see', () => {
    const partial = { accounts: list([berlin]), resources: new Map() };
    const pattern = written({ recipients: [{ account_names: '*' }] });
    expect(noticesOf([pattern], partial)).toEqual([{ message: expect.stringContaining('account_names') }]);
    const oneOfTwo = written({ recipients: [{ recipient_account_id: 'x' }], exclude: [{ account_names: '*' }] });
    const byName = written({ recipients: [{ account_name: 'Berlin office' }] });
    expect(noticesOf([byName, oneOfTwo], partial)).toHaveLength(1);
    expect(noticesOf([byName], partial)).toEqual([]);
    expect(noticesOf([pattern], directory([berlin]))).toEqual([]);
  });
});

describe('looking up, resolving and checking names', () => {
  const [member] = sim.memberIds as [string];
  const label = { id: member, label: 'My label', place: { label: 'recipients[0].label' } };

  async function resolved(share: Partial<WrittenShare>, run: Run = {}) {
    const { context, close } = begin(sim, { maxAttempts: 1, ...run });
    try {
      return await resolveNames(context.api.client, [label], {
        accountId: sim.accountId,
        written: [written({ accountId: sim.accountId, ...share })],
        names: true,
        shares: async () => undefined,
        showsAllShares: false,
      });
    } finally {
      close();
    }
  }

  const reference = { resource_type: 'gateway-policy', resource_name: 'Nothing', resource_account_id: sim.accountId };

  test('returns ids, names with labels, and warnings about labels and accounts', async () => {
    sim.rewrite(({ path }) =>
      path.startsWith('/organizations/')
        ? { success: true, result: [{ id: member, name: 'Berlin office' }], result_info: { cursor: '' } }
        : undefined,
    );
    const recipients = [{ account_name: 'Berlin office', label: 'HQ' }, { recipient_account_id: 'stranger' }];
    const { desired, names, problems, warnings, notices } = await resolved({ recipients });
    sim.rewrite(undefined);
    expect(desired[0]?.recipients).toEqual([{ recipient_account_id: member }, { recipient_account_id: 'stranger' }]);
    expect(names.get(member)).toBe('Berlin office, labeled "My label"');
    expect(warnings.map(({ message, place }) => [place?.label, message])).toEqual([
      ['recipients[0].label', expect.stringContaining('its name at Cloudflare is "Berlin office"')],
      ['recipients.0.label', expect.stringContaining('already has the label "My label"')],
      ['recipients.1', expect.stringContaining('account stranger is not in your organization')],
    ]);
    expect([problems, notices]).toEqual([[], []]);
  });

  test('returns notices only if there are no problems', async () => {
    sim.order({ kind: 'forbidden', path: 'accounts$', times: Number.POSITIVE_INFINITY });
    expect((await resolved({})).notices).toHaveLength(1);
    const { problems, notices } = await resolved({ resources: [reference] });
    expect([problems.length, notices]).toEqual([1, []]);
  });

  test('returns only a problem when the job was cancelled', async () => {
    expect(await resolved({ resources: [reference] }, { signal: AbortSignal.abort() })).toEqual({
      desired: [],
      names: new Map(),
      problems: [{ message: 'The job was cancelled.', kind: 'cancelled' }],
      warnings: [],
      notices: [],
    });
  });
});

// The names of the organization's accounts: for people, and never a reason to fail.

import { expect, test } from '@jest/globals';
import { type Directory, readDirectory } from '../../src/apply/directory.ts';
import type { DesiredShare } from '../../src/share/desired.ts';
import { useSimulator } from '../use-simulator.ts';
import { begin, desiredShare, type Run, sent } from './bring-about.ts';

const sim = await useSimulator();

async function directoryOf(desired: readonly DesiredShare[], run: Run = {}): Promise<Directory> {
  const { context, close } = begin(sim, run);
  try {
    return await readDirectory(context, desired);
  } finally {
    close();
  }
}

test('names the accounts of the organization that a share of the account tells of', async () => {
  sim.seed({ name: 'Any' });
  const { names, warnings, notices } = await directoryOf([desiredShare(sim)]);
  expect(names.get(sim.memberIds[0] as string)).toBe('Example Member 1');
  expect(names.get(sim.accountId)).toBe(sim.accountName);
  expect([warnings, notices]).toEqual([[], []]);
  expect(sent(sim)).toHaveLength(2);
});

test('takes the organization from what is desired when there is no share yet', async () => {
  const { names } = await directoryOf([
    desiredShare(sim),
    desiredShare(sim, { recipients: [{ organization_id: sim.organizationId }] }),
  ]);
  expect(names.size).toBeGreaterThan(400);
});

test('without any word of the organization there are no names, and a notice says so', async () => {
  const { names, notices } = await directoryOf([desiredShare(sim)]);
  expect(names.size).toBe(0);
  expect(notices).toEqual([{ message: expect.stringContaining('names the organization yet') }]);
});

test('warns of accounts that are asked for or excluded and not in the organization, each at its place', async () => {
  sim.seed({ name: 'Any' });
  const { warnings } = await directoryOf([
    desiredShare(sim, {
      recipients: [{ account_id: sim.memberIds[0] as string }, { recipient_account_id: sim.outsiderId }],
    }),
    desiredShare(sim, {
      recipients: [{}],
      exclude: [{ account_id: sim.outsiderId }, { account_id: sim.memberIds[1] as string }],
    }),
    desiredShare(sim, { recipients: [{ account_id: (sim.memberIds[20] as string).toUpperCase() }] }),
  ]);
  expect(warnings.map(({ place }) => place?.label)).toEqual(['recipients.1', 'exclude.0']);
  for (const { message } of warnings) expect(message).toContain(sim.outsiderId);
});

test('an account without a name is an account of the organization: there is no warning', async () => {
  const { context, close } = begin(sim, {});
  const member = sim.memberIds[0] as string;
  sim.seed({ name: 'Any' });
  const api = { ...context.api, organizationAccounts: async () => [{ id: member }] };
  const { names, warnings } = await readDirectory({ ...context, api }, [
    desiredShare(sim, { recipients: [{ recipient_account_id: member }] }),
  ]);
  close();
  expect([names.size, warnings]).toEqual([0, []]);
});

test('a token that may not read the directory gets one notice, and no failed step', async () => {
  sim.seed({ name: 'Any' });
  const { names, warnings, notices } = await directoryOf([desiredShare(sim)], {
    apiToken: sim.credentials.sharesOnlyApiToken,
  });
  expect(names.size).toBe(0);
  expect(warnings).toEqual([]);
  expect(notices).toEqual([{ message: expect.stringContaining('may not read') }]);
});

test.each([
  ['the list', '/shares$'],
  ['the directory', '/organizations/'],
])('a failure of %s is a notice', async (_what, path) => {
  sim.seed({ name: 'Any' });
  sim.order({ kind: 'reset-before-commit', path, times: 9 });
  const { names, notices } = await directoryOf([desiredShare(sim)], { maxAttempts: 2 });
  expect(names.size).toBe(0);
  expect(notices).toEqual([
    { message: expect.stringContaining('No names of accounts: Cloudflare did not return a usable response') },
  ]);
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Cloudflare from 'cloudflare';
import { type Exclusion, type Simulator, startSimulator } from '../../simulator/index.ts';
import { member } from './client.ts';

const policy = {
  resource_type: 'gateway-policy',
  resource_id: 'cccccccccccccccccccccccccccccccc',
  meta: {},
} as const;

/** The methods of an SDK class, including inherited ones. */
function methodsOf(thing: object): string[] {
  const names: string[] = [];
  for (
    let prototype = Object.getPrototypeOf(thing);
    prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    names.push(...Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor'));
  }
  return names.sort();
}

describe('the official SDK', () => {
  let sim: Simulator;
  let client: Cloudflare;
  const driven = new Set<string>();

  /** Records every method that is called, to find the ones that no test calls. */
  function watched<T extends object>(name: string, thing: T): T {
    return new Proxy(thing, {
      get(target, key) {
        if (typeof key === 'string' && methodsOf(target).includes(key)) driven.add(`${name}.${key}`);
        return Reflect.get(target, key, target);
      },
    });
  }

  const shares = () => watched('shares', client.resourceSharing);
  const recipients = () => watched('recipients', client.resourceSharing.recipients);
  const resources = () => watched('resources', client.resourceSharing.resources);

  beforeAll(async () => {
    sim = await startSimulator();
    client = new Cloudflare({ apiToken: sim.credentials.apiToken, baseURL: sim.baseUrl, maxRetries: 0 });
  });
  afterAll(() => sim.close());

  function createShare(name: string) {
    return shares().create({
      account_id: sim.accountId,
      name,
      recipients: [{ account_id: member(sim, 0) }],
      resources: [{ ...policy, resource_account_id: sim.accountId }],
    });
  }

  test('creates, gets, renames, lists and deletes a share', async () => {
    const account = { account_id: sim.accountId };
    const created = await createShare('Made by the SDK');
    expect(created).toMatchObject({ account_name: sim.accountName, status: 'active', target_type: 'account' });

    const renamed = await shares().update(created.id, { ...account, name: 'Renamed by the SDK' });
    expect(renamed).toMatchObject({ id: created.id, name: 'Renamed by the SDK', created: created.created });

    const got = await shares().get(created.id, { ...account, include_resources: true });
    expect(got.name).toBe('Renamed by the SDK');
    expect(got.resources?.map((one) => one.resource_id)).toEqual([policy.resource_id]);

    const listed = await shares().list({ ...account, resource_types: ['gateway-policy', 'custom-ruleset'] });
    expect(listed.result.map((share) => share.id)).toContain(created.id);

    expect(await shares().delete(created.id, account)).toMatchObject({ id: created.id });
    expect((await shares().get(created.id, account)).status).toBe('deleted');
  });

  test('creates, gets, lists and deletes a recipient', async () => {
    const share = await createShare('Recipients by the SDK');
    const place = { account_id: sim.accountId, share_id: share.id };

    const added = await recipients().create(share.id, {
      path_account_id: sim.accountId,
      recipient_account_id: member(sim, 1),
    });
    expect(added.account_id).toBe(member(sim, 1));
    expect(await recipients().get(added.id, { ...place, include_resources: true })).toMatchObject({
      association_status: 'associated',
      resources: [{ resource_id: policy.resource_id, error: '', terminal: false }],
    });

    const listed = await recipients().list(share.id, { account_id: sim.accountId });
    expect(listed.result.map((one) => one.account_id)).toEqual([member(sim, 0), member(sim, 1)]);

    expect(await recipients().delete(added.id, place)).toMatchObject({ id: added.id });
    expect((await recipients().get(added.id, place)).association_status).toBe('disassociated');
  });

  test('creates, gets, updates, lists and deletes a resource', async () => {
    const share = await createShare('Resources by the SDK');
    const place = { account_id: sim.accountId, share_id: share.id };

    const added = await resources().create(share.id, {
      account_id: sim.accountId,
      resource_type: 'custom-ruleset',
      resource_id: '0b2c4a1e-5f0d-4c57-9d3e-6a1f2b3c4d5e',
      resource_account_id: sim.accountId,
      meta: { note: 'first' },
    });
    expect(added).toMatchObject({ resource_version: 1, status: 'active' });

    const updated = await resources().update(added.id, { ...place, meta: { note: 'second' } });
    expect(updated).toMatchObject({ id: added.id, meta: { note: 'second' }, resource_version: 2 });
    expect(await resources().get(added.id, place)).toEqual(updated);

    const listed = await resources().list(share.id, { account_id: sim.accountId, resource_type: 'custom-ruleset' });
    expect(listed.result.map((one) => one.id)).toEqual([added.id]);

    expect(await resources().delete(added.id, place)).toMatchObject({ id: added.id });
    expect((await resources().get(added.id, place)).status).toBe('deleted');
  });

  test('lists, adds, replaces, gets and removes exclusions with its generic methods', async () => {
    interface Envelope<Result> {
      result: Result;
    }
    const share = sim.seed({ name: 'Everyone', recipients: [{}] });
    const place = `/accounts/${sim.accountId}/shares/${share.id}/excluded-recipients`;
    const body = [{ account_id: member(sim, 1) }, { account_id: member(sim, 2) }];
    const added = await client.post<Envelope<Exclusion>>(place, { body: body[0] });
    await client.put(place, { body });
    const listed = await client.get<Envelope<Exclusion[]>>(place);
    expect(listed.result.map((one) => one.account_id)).toEqual([member(sim, 1), member(sim, 2)]);
    expect(listed.result[0]).toEqual(added.result);
    const one = `${place}/${added.result.id}`;
    expect((await client.get<Envelope<Exclusion>>(one)).result).toEqual(added.result);
    expect((await client.delete<Envelope<Exclusion>>(one)).result).toEqual(added.result);
    await expect(client.get(one)).rejects.toMatchObject({ status: 404 });
  });

  test('gets an account with its organization, and lists accounts, gateway policies and rulesets', async () => {
    const account = { account_id: sim.accountId };
    const policyId = sim.addPolicy({ name: 'Block malware' });
    const rulesetId = sim.addRuleset({ name: 'Baseline WAF' });
    expect(await client.accounts.get(account)).toMatchObject({
      name: sim.accountName,
      managed_by: { parent_org_id: sim.organizationId },
    });
    const accounts: string[] = [];
    for await (const { id } of client.accounts.list({ per_page: 50 })) accounts.push(id);
    expect(accounts).toEqual([sim.accountId, ...sim.memberIds]);
    const policies = await client.zeroTrust.gateway.rules.list(account);
    expect(policies.result).toMatchObject([{ id: policyId, name: 'Block malware', sharable: true }]);
    const rulesets = await client.rulesets.list(account);
    expect(rulesets.result).toMatchObject([{ id: rulesetId, name: 'Baseline WAF', kind: 'custom' }]);
  });

  test('converts the error envelope into its own errors', async () => {
    const asked = client.resourceSharing.get('00000000000000000000000000000000', { account_id: sim.accountId });
    await expect(asked).rejects.toMatchObject({ status: 404, errors: [{ code: 1004 }] });
  });

  test('has no other method for resource sharing', () => {
    const { resourceSharing } = client;
    const all = [
      ...methodsOf(resourceSharing).map((method) => `shares.${method}`),
      ...methodsOf(resourceSharing.recipients).map((method) => `recipients.${method}`),
      ...methodsOf(resourceSharing.resources).map((method) => `resources.${method}`),
    ];
    expect(all.length).toBeGreaterThanOrEqual(14);
    expect([...driven].sort()).toEqual(all.sort());
  });
});

import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Share, type ShareResource, type Simulator, startSimulator } from '../../simulator/index.ts';
import { call, create, member, resourceBody, send, sharesOf } from './client.ts';

let sim: Simulator;
beforeAll(async () => {
  sim = await startSimulator();
});
beforeEach(() => sim.reset());
afterAll(() => sim.close());

const placeOf = ({ id }: { id: string }) => `${sharesOf(sim)}/${id}`;
const list = async (query = '') => (await call<Share[]>(sim, 'GET', `${sharesOf(sim)}?${query}`)).result;

test('an overridden share shows its overrides, but filters use its stored values', async () => {
  const raw = { created: null, name: null, status: 'suspended', target_type: undefined };
  const share = sim.seed({ name: 'Odd', raw });
  sim.seed({ name: 'Gone', status: 'deleted', raw });
  const found = await list('status=active&target_type=account&include_recipient_counts=true');
  const [shown] = found;
  expect(found).toHaveLength(1);
  expect(shown).toMatchObject({ id: share.id, created: null, name: null, status: 'suspended' });
  expect(shown).toHaveProperty('associated_recipient_count', 1);
  expect(shown).not.toHaveProperty('target_type');
  expect(shown).not.toHaveProperty('resources');
  expect((await call<unknown>(sim, 'GET', placeOf(share))).result).toMatchObject({ name: null, status: 'suspended' });
  expect(sim.liveShares('Odd')).toMatchObject([{ id: share.id, status: 'active', target_type: 'account' }]);
  // It can be deleted like any other share, and its status is then "deleted".
  expect((await call(sim, 'DELETE', placeOf(share))).result.status).toBe('deleted');
  expect((await list('status=deleted')).map(({ status }) => status)).toEqual(['deleted', 'deleted']);
  expect(sim.liveShares()).toEqual([]);
});

test('overridden resources are merged into the stored ones, or remove them', async () => {
  const resources = [resourceBody(sim), resourceBody(sim, { resource_id: 'd' })] as unknown as ShareResource[];
  const share = sim.seed({ name: 'Odd', resources, raw: { resources: [{}, { resource_account_id: undefined }] } });
  const nothing = sim.seed({ name: 'Nothing', raw: { resources: null } });
  const [odd, none] = await list('include_resources=true');
  expect(odd?.resources).toHaveLength(2);
  expect(odd?.resources?.[0]).toHaveProperty('resource_account_id', sim.accountId);
  expect(odd?.resources?.[1]).not.toHaveProperty('resource_account_id');
  expect(none).toMatchObject({ id: nothing.id, resources: null });
  const listed = await call<ShareResource[]>(sim, 'GET', `${placeOf(share)}/resources`);
  expect(listed.result).toEqual(odd?.resources);
  const one = await call<ShareResource>(sim, 'GET', `${placeOf(share)}/resources/${odd?.resources?.[1]?.id}`);
  expect(one.result).toEqual(odd?.resources?.[1]);
  expect(sim.shares()[0]?.resources[1]?.resource_account_id).toBe(sim.accountId);
});

test("another account's share is received and can't be changed", async () => {
  const share = sim.seed({ name: 'Theirs', accountId: member(sim, 2) });
  expect(share).toMatchObject({ account_id: member(sim, 2), account_name: 'Example Member 3' });
  expect(share.resources[0]?.resource_account_id).toBe(member(sim, 2));
  expect(share.recipients.map(({ account_id }) => account_id)).toEqual([sim.accountId]);
  sim.seed({ name: 'Not for us', accountId: member(sim, 2), recipients: [{ account_id: member(sim, 3) }] });
  sim.seed({ name: 'Ours' });
  expect(await list('kind=received')).toMatchObject([{ id: share.id, kind: 'received', account_id: member(sim, 2) }]);
  expect((await list('kind=sent')).map(({ name }) => name)).toEqual(['Ours']);
  expect((await list()).map(({ name }) => name)).toEqual(['Theirs', 'Ours']);
  expect((await call(sim, 'DELETE', placeOf(share))).status).toBe(404);
  expect(() => sim.seed({ name: 'Strange', accountId: sim.outsiderId })).toThrow('accounts of the organization');
});

test('a single share has recipient counts if requested', async () => {
  const share = sim.seed({ name: 'Everyone', recipients: [{}], exclusions: [member(sim, 0)] });
  const { result } = await call(sim, 'GET', `${placeOf(share)}?include_recipient_counts=true`);
  expect(result).toMatchObject({
    associating_recipient_count: 0,
    associated_recipient_count: sim.memberIds.length - 1,
    disassociating_recipient_count: 0,
    disassociated_recipient_count: 1,
  });
});

test('requests are counted by operation', async () => {
  const share = await create(sim);
  await list();
  await list();
  await send(sim, 'PUT', `${placeOf(share)}/recipients`, { body: [{ account_id: member(sim, 1) }] });
  await send(sim, 'GET', `/organizations/${sim.organizationId}/accounts`);
  await send(sim, 'GET', '/nowhere');
  await send(sim, 'GET', '/accounts/%zz/shares');
  sim.order({ kind: 'rate-limited' });
  await send(sim, 'DELETE', placeOf(share));
  expect(sim.counts()).toEqual({
    'share-create': 1,
    'shares-list': 2,
    'share-recipients-update': 1,
    'organization-accounts-list': 1,
    'share-delete': 1,
  });
  expect(sim.requests.slice(-3).map(({ operation }) => operation)).toEqual([undefined, undefined, 'share-delete']);
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Share, type Simulator, startSimulator } from '../../simulator/index.ts';
import {
  call,
  create,
  member,
  recipientsOf,
  resourceBody,
  resourcesOf,
  send,
  shareBody,
  sharesOf,
  withSimulator,
} from './client.ts';

const MINUTE_MS = 60_000;

let sim: Simulator;
beforeAll(async () => {
  sim = await startSimulator({ associationMs: MINUTE_MS, pageSizeMax: 50 });
});
beforeEach(() => sim.reset());
afterAll(() => sim.close());

const placeOf = (share: { id: string }) => `${sharesOf(sim)}/${share.id}`;
const list = (query: string) => call<Share[]>(sim, 'GET', `${sharesOf(sim)}?${query}`);
const namesIn = (shares: Share[]) => shares.map(({ name }) => name);

describe('creating a share', () => {
  test('returns the share with its resources and counts, as documented', async () => {
    const response = await call(sim, 'POST', sharesOf(sim), { body: shareBody(sim) });
    const id = expect.stringMatching(/^[0-9a-f]{32}$/);
    const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(response).toMatchObject({ status: 201, success: true, errors: [], messages: [] });
    expect(response.result).toEqual({
      id,
      account_id: sim.accountId,
      account_name: sim.accountName,
      organization_id: sim.organizationId,
      name: 'Baseline',
      created: timestamp,
      modified: timestamp,
      status: 'active',
      target_type: 'account',
      kind: 'sent',
      associating_recipient_count: 1,
      associated_recipient_count: 0,
      disassociating_recipient_count: 0,
      disassociated_recipient_count: 0,
      resources: [
        { id, ...resourceBody(sim), resource_version: 1, status: 'active', created: timestamp, modified: timestamp },
      ],
    });
  });

  test('can omit fields that the reference calls optional', async () => {
    await withSimulator({ createShowsResources: false }, async (terse) => {
      const share = await create(terse);
      expect(share).not.toHaveProperty('resources');
      expect(share).not.toHaveProperty('kind');
      expect(terse.shares()[0]?.resources).toHaveLength(1);
    });
  });

  test('creates a second share with the same name, with a later timestamp', async () => {
    const [first, second] = [await create(sim), await create(sim)];
    expect(sim.liveShares('Baseline')).toHaveLength(2);
    expect(first.id).not.toBe(second.id);
    expect(first.created < second.created).toBe(true);
  });

  test.each([
    ['an empty recipient', {}],
    ['a recipient whose only key is misspelled', { acount_id: '11111111111111111111111111111111' }],
    ['a recipient whose account is null', { account_id: null }],
  ])('targets the whole organization for %s', async (_what, recipient) => {
    const share = await create(sim, { recipients: [recipient] });
    expect(share.target_type).toBe('organization');
    const accounts = sim.liveShares()[0]?.recipients.map(({ account_id }) => account_id);
    expect(accounts).toEqual(sim.memberIds);
  });

  test('can target the organization by its id', async () => {
    expect(await create(sim, { recipients: [{ organization_id: sim.organizationId }] })).toMatchObject({
      target_type: 'organization',
      associating_recipient_count: sim.memberIds.length,
    });
  });

  test('accepts both the new and the old key for accounts', async () => {
    const share = await create(sim, {
      recipients: [{ account_id: member(sim, 0) }, { recipient_account_id: member(sim, 1) }],
    });
    const accounts = (await recipientsOf(sim, share)).map(({ account_id }) => account_id);
    expect(accounts).toEqual([member(sim, 0), member(sim, 1)]);
  });

  const first = { account_id: '11111111111111111111111111111111' };
  test.each([
    ['a missing name', { name: undefined }, '/name'],
    ['an empty name', { name: '' }, '/name'],
    ['missing recipients', { recipients: [] }, '/recipients'],
    ['recipients that are not a list', { recipients: first }, '/recipients'],
    ['a recipient that is not an object', { recipients: ['1'] }, '/recipients/0'],
    ['a repeated recipient', { recipients: [first, first] }, '/recipients/1'],
    ['accounts and an organization', { recipients: [first, {}] }, '/recipients'],
    [
      'two different accounts in one recipient',
      { recipients: [{ ...first, recipient_account_id: '22222222222222222222222222222222' }] },
      '/recipients/0/account_id',
    ],
    [
      'an account and an organization in one recipient',
      { recipients: [{ ...first, organization_id: '9a7806061c88ada191ed06f989cc3dac' }] },
      '/recipients/0',
    ],
    [
      'an account outside the organization',
      { recipients: [first, { account_id: 'ffffffffffffffffffffffffffffffff' }] },
      '/recipients/1/account_id',
    ],
    ['an account id that is too long', { recipients: [{ account_id: '1'.repeat(33) }] }, '/recipients/0/account_id'],
    ['another organization', { recipients: [{ organization_id: 'abc' }] }, '/recipients/0/organization_id'],
    [
      'the owner as recipient',
      { recipients: [{ account_id: '023e105f4ecef8ad9ca31a8372d0c353' }] },
      '/recipients/0/account_id',
    ],
    ['missing resources', { resources: [] }, '/resources'],
    ['a resource that is not an object', { resources: [7] }, '/resources/0'],
  ])('refuses %s, with a pointer to it', async (_what, changes, pointer) => {
    const response = await call(sim, 'POST', sharesOf(sim), { body: shareBody(sim, changes) });
    expect(response).toMatchObject({ status: 400, success: false, result: null });
    expect(response.errors[0]?.source?.pointer).toBe(pointer);
    expect(response.errors.every(({ code }) => code >= 1000)).toBe(true);
    expect(sim.shares()).toEqual([]);
  });

  test.each([
    ['resource_type', undefined],
    ['resource_id', undefined],
    ['resource_id', 'c'.repeat(37)],
    ['resource_account_id', undefined],
    ['resource_account_id', 'ffffffffffffffffffffffffffffffff'],
    ['meta', undefined],
  ])('refuses a resource whose %s is %p', async (key, value) => {
    const body = shareBody(sim, { resources: [resourceBody(sim), resourceBody(sim, { [key]: value })] });
    const response = await call(sim, 'POST', sharesOf(sim), { body });
    expect(response.status).toBe(400);
    expect(response.errors.map(({ source }) => source?.pointer)).toContain(`/resources/1/${key}`);
  });

  test('reports all problems at once', async () => {
    const body = { name: '', recipients: [], resources: [resourceBody(sim), resourceBody(sim)] };
    const { errors } = await call(sim, 'POST', sharesOf(sim), { body });
    expect(errors.map(({ source }) => source?.pointer)).toEqual(['/name', '/recipients', '/resources/1']);
  });

  test.each([[[]], ['text'], [null]])('refuses a body that is %p', async (body) => {
    expect(await call(sim, 'POST', sharesOf(sim), { body })).toMatchObject({ status: 400, errors: [{ code: 1001 }] });
  });

  test('refuses a body that is not JSON', async () => {
    const response = await fetch(`${sim.baseUrl}${sharesOf(sim)}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${sim.credentials.apiToken}` },
      body: '{"name":',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ code: 6007 }] });
    expect(sim.requests.at(-1)?.body).toBeUndefined();
  });
});

describe('changing or deleting a share', () => {
  test('affects only the name, not the recipients and resources', async () => {
    const share = await create(sim);
    const [before] = sim.shares();
    const body = { name: 'Renamed', recipients: [], resources: [] };
    const { result } = await call(sim, 'PUT', placeOf(share), { body });
    expect(result.name).toBe('Renamed');
    expect(result.modified > share.modified).toBe(true);
    const [after] = sim.shares();
    expect(after?.resources).toEqual(before?.resources);
    expect(after?.recipients.map(({ id }) => id)).toEqual(before?.recipients.map(({ id }) => id));
  });

  test('sets a deleted share to deleting, then to deleted, and keeps it in lists', async () => {
    const share = await create(sim);
    expect((await call(sim, 'DELETE', placeOf(share))).result.status).toBe('deleting');
    expect((await recipientsOf(sim, share))[0]?.association_status).toBe('disassociating');
    sim.age(MINUTE_MS);
    const { result: gone } = await call(sim, 'GET', placeOf(share));
    expect(gone.status).toBe('deleted');
    expect((await recipientsOf(sim, share))[0]?.association_status).toBe('disassociated');
    expect((await list('')).result.map(({ id }) => id)).toEqual([share.id]);
    expect((await list('status=active')).result).toEqual([]);
    expect(sim.liveShares()).toEqual([]);

    const again = await call(sim, 'DELETE', placeOf(share));
    expect(again).toMatchObject({ status: 200, result: gone });
  });

  test('is refused if the share is not active', async () => {
    const share = sim.seed({ name: 'Gone', status: 'deleted' });
    const { id: recipientId } = share.recipients[0] ?? { id: '' };
    for (const [method, path, body] of [
      ['PUT', '', { name: 'Back' }],
      ['POST', '/recipients', { account_id: member(sim, 1) }],
      ['PUT', '/recipients', [{ account_id: member(sim, 1) }]],
      ['POST', '/resources', resourceBody(sim, { resource_id: 'd' })],
      ['PUT', `/resources/${share.resources[0]?.id}`, { meta: {} }],
    ] as const) {
      expect((await call(sim, method, `${placeOf(share)}${path}`, { body })).status).toBe(409);
    }
    // Removing something twice is harmless.
    expect((await call(sim, 'DELETE', `${placeOf(share)}/recipients/${recipientId}`)).status).toBe(200);
    expect(sim.shares()).toEqual([share]);
  });
});

describe('the recipients of a share', () => {
  test('associate and disassociate after a while, and keep their record when they are added again', async () => {
    const share = await create(sim);
    const status = async () => (await recipientsOf(sim, share))[0]?.association_status;
    expect(await status()).toBe('associating');
    sim.age(MINUTE_MS);
    expect(await status()).toBe('associated');

    const [recipient] = await recipientsOf(sim, share);
    const place = `${placeOf(share)}/recipients/${recipient?.id}`;
    expect((await call<{ association_status: string }>(sim, 'DELETE', place)).result.association_status).toBe(
      'disassociating',
    );
    sim.age(MINUTE_MS);
    expect(await status()).toBe('disassociated');

    const body = { account_id: member(sim, 0) };
    const back = await call(sim, 'POST', `${placeOf(share)}/recipients`, { body });
    expect(back).toMatchObject({ status: 201, result: { id: recipient?.id, association_status: 'associating' } });
    expect(await recipientsOf(sim, share)).toHaveLength(1);
  });

  test("can't be added twice or be an organization", async () => {
    const share = await create(sim);
    const add = (body: unknown) => call(sim, 'POST', `${placeOf(share)}/recipients`, { body });
    expect(await add({ account_id: member(sim, 0) })).toMatchObject({
      status: 409,
      errors: [{ message: 'recipient already exists' }],
    });
    expect((await add({ acount_id: member(sim, 1) })).status).toBe(400);
    expect(sim.shares()[0]?.recipients).toHaveLength(1);
  });

  test('can be set as a list, which adds new ones, removes missing ones and keeps the others', async () => {
    const share = sim.seed({
      name: 'Branches',
      recipients: [{ account_id: member(sim, 0) }, { account_id: member(sim, 1) }],
    });
    const body = [{ account_id: member(sim, 1) }, { recipient_account_id: member(sim, 2) }];
    const response = await send(sim, 'PUT', `${placeOf(share)}/recipients`, { body });
    expect(response).toMatchObject({ status: 204, text: '' });
    const now = (await recipientsOf(sim, share)).map((one) => [one.account_id, one.association_status]);
    expect(now).toEqual([
      [member(sim, 0), 'disassociating'],
      [member(sim, 1), 'associated'],
      [member(sim, 2), 'associating'],
    ]);
    expect(sim.shares()[0]?.recipients[1]).toEqual(share.recipients[1]);
  });

  test('stay unchanged if any item in the list is invalid', async () => {
    const share = sim.seed({ name: 'Branches' });
    for (const body of [[], [{ account_id: member(sim, 1) }, { account_id: sim.outsiderId }], [{}], {}]) {
      expect((await call(sim, 'PUT', `${placeOf(share)}/recipients`, { body })).status).toBe(400);
    }
    expect(sim.shares()).toEqual([share]);
  });

  test("follow the organization's members and can't be set when it is the target", async () => {
    const share = sim.seed({ name: 'Everyone', recipients: [{}] });
    const item = { account_id: member(sim, 0) };
    expect((await call(sim, 'POST', `${placeOf(share)}/recipients`, { body: item })).status).toBe(400);
    expect((await call(sim, 'PUT', `${placeOf(share)}/recipients`, { body: [item] })).status).toBe(400);
    expect(sim.shares()).toEqual([share]);
  });

  test('can have a terminal error on every resource and never associate', async () => {
    const error = 'Recipient is missing necessary entitlement';
    sim.failRecipient(member(sim, 0), { error, terminal: true });
    const share = await create(sim, { recipients: [{ account_id: member(sim, 0) }, { account_id: member(sim, 1) }] });
    sim.age(MINUTE_MS);
    const found = await recipientsOf(sim, share);
    expect(found[1]?.association_status).toBe('associated');
    expect(found[0]).toMatchObject({
      association_status: 'associating',
      resources: [{ error, terminal: true, resource_id: 'cccccccccccccccccccccccccccccccc', resource_version: 1 }],
    });
    expect(found[1]?.resources).toEqual([expect.objectContaining({ error: '', terminal: false })]);
  });

  test('can have an error without any association time', async () => {
    await withSimulator({ associationMs: 0 }, async (quick) => {
      quick.failRecipient(member(quick, 0), { error: 'no entitlement', terminal: true });
      expect(quick.seed({ name: 'Under way', associated: false }).recipients).toMatchObject([
        { association_status: 'associating', resources: [{ error: 'no entitlement' }] },
      ]);
    });
  });

  test('associate once a temporary error is over', async () => {
    sim.failRecipient(member(sim, 0), { error: 'try again', terminal: false, clearsAfterMs: 2 * MINUTE_MS });
    const share = await create(sim);
    expect((await recipientsOf(sim, share))[0]?.resources).toEqual([expect.objectContaining({ error: 'try again' })]);
    sim.age(MINUTE_MS);
    expect((await recipientsOf(sim, share))[0]?.association_status).toBe('associating');
    sim.age(MINUTE_MS);
    const [recipient] = await recipientsOf(sim, share);
    expect(recipient).toMatchObject({ association_status: 'associated', resources: [{ error: '' }] });
  });

  test('stay associated if they were before the error began', () => {
    sim.seed({ name: 'Settled' });
    sim.failRecipient(member(sim, 0), { error: 'too late', terminal: true });
    expect(sim.shares()[0]?.recipients[0]?.association_status).toBe('associated');
  });
});

describe('the resources of a share', () => {
  test('can be added, but not twice while they are live', async () => {
    const share = await create(sim);
    const [old] = await resourcesOf(sim, share);
    const add = () => call(sim, 'POST', `${placeOf(share)}/resources`, { body: resourceBody(sim) });
    expect(await add()).toMatchObject({ status: 409, errors: [{ message: 'resource already exists in share' }] });

    const removed = await call(sim, 'DELETE', `${placeOf(share)}/resources/${old?.id}`);
    expect(removed.result.status).toBe('deleting');
    const added = await add();
    expect(added.status).toBe(201);
    expect(added.result.id).not.toBe(old?.id);

    sim.age(MINUTE_MS);
    expect((await resourcesOf(sim, share))[0]?.status).toBe('deleted');
    const live = await call<{ id: string }[]>(sim, 'GET', `${placeOf(share)}/resources?status=active`);
    expect(live.result.map(({ id }) => id)).toEqual([added.result.id]);
  });

  test('can change only their meta', async () => {
    const share = await create(sim);
    const [resource] = await resourcesOf(sim, share);
    const place = `${placeOf(share)}/resources/${resource?.id}`;
    const { result } = await call(sim, 'PUT', place, { body: { meta: { level: 2 }, resource_id: 'other' } });
    expect(result).toMatchObject({ meta: { level: 2 }, resource_id: resource?.resource_id, resource_version: 2 });
    expect((await call(sim, 'PUT', place, { body: {} })).errors[0]?.source?.pointer).toBe('/meta');
    await call(sim, 'DELETE', place);
    expect((await call(sim, 'PUT', place, { body: { meta: {} } })).status).toBe(409);
  });
});

describe('a listing', () => {
  function seedMany(count: number) {
    for (let index = 0; index < count; index += 1) sim.seed({ name: `Share ${String(index).padStart(4, '0')}` });
  }

  test('is unpaged unless a page is requested, and pages are limited to the maximum size', async () => {
    seedMany(70);
    const whole = await list('');
    expect(whole.result).toHaveLength(70);
    expect(whole.result_info).toEqual({ count: 70, page: 1, per_page: 70, total_count: 70, total_pages: 1 });

    const last = await list('page=4&per_page=20');
    expect(last.result).toHaveLength(10);
    expect(last.result_info).toEqual({ count: 10, page: 4, per_page: 20, total_count: 70, total_pages: 4 });

    const capped = await list('per_page=1000');
    expect(capped.result).toHaveLength(50);
    expect(capped.result_info).toMatchObject({ per_page: 50, total_pages: 2 });
    expect((await list('page=2')).result_info).toMatchObject({ count: 20, per_page: 20 });
    expect((await list('page=9')).result).toEqual([]);
  });

  test('has pages of 20, as in older descriptions, if configured', async () => {
    await withSimulator({ unpagedByDefault: false }, async (older) => {
      for (let index = 0; index < 25; index += 1) older.seed({ name: 'Namesake' });
      const response = await call<Share[]>(older, 'GET', sharesOf(older));
      expect(response.result).toHaveLength(20);
      expect(response.result_info).toEqual({ count: 20, page: 1, per_page: 20, total_count: 25, total_pages: 2 });
    });
  });

  test('also has pages for recipients and resources', async () => {
    const share = sim.seed({ name: 'Everyone', recipients: [{}] });
    const recipients = await call<unknown[]>(sim, 'GET', `${placeOf(share)}/recipients?page=9&per_page=50`);
    expect(recipients.result).toHaveLength(sim.memberIds.length - 400);
    const resources = await call<unknown[]>(sim, 'GET', `${placeOf(share)}/resources?page=2&per_page=1`);
    expect(resources).toMatchObject({ result: [], result_info: { total_count: 1 } });
  });

  test('can be filtered by status, target and resource types', async () => {
    sim.seed({ name: 'Live' });
    sim.seed({ name: 'Going', status: 'deleting' });
    sim.seed({ name: 'Gone', status: 'deleted' });
    sim.seed({ name: 'Everyone', recipients: [{}] });
    const ruleset = { resource_type: 'custom-ruleset', resource_id: 'b', resource_account_id: sim.accountId, meta: {} };
    sim.seed({ name: 'Ruleset', resources: [ruleset] });
    expect(namesIn((await list('status=deleting')).result)).toEqual(['Going']);
    expect(namesIn((await list('status=deleted')).result)).toEqual(['Gone']);
    expect(namesIn((await list('target_type=organization')).result)).toEqual(['Everyone']);
    expect(namesIn((await list('resource_types=custom-ruleset')).result)).toEqual(['Ruleset']);
    const both = await list('resource_types=custom-ruleset&resource_types=gateway-policy&status=active');
    expect(namesIn(both.result)).toEqual(['Live', 'Everyone', 'Ruleset']);
    expect((await list('kind=received')).result).toEqual([]);
  });

  test('can be sorted by creation or name, in both directions', async () => {
    sim.seed({ name: 'B', created: '2023-09-21T18:56:32.624632Z' });
    sim.seed({ name: 'C', created: '2022-09-21T18:56:32.624632Z' });
    sim.seed({ name: 'A' });
    expect(namesIn((await list('')).result)).toEqual(['C', 'B', 'A']);
    expect(namesIn((await list('order=name')).result)).toEqual(['A', 'B', 'C']);
    expect(namesIn((await list('order=created&direction=desc')).result)).toEqual(['A', 'B', 'C']);
  });

  test('can be filtered by tags, all of which must match', async () => {
    const share = sim.seed({ name: 'Tagged' });
    sim.seed({ name: 'Untagged' });
    const body = { name: 'Tagged', tags: { team: 'network', stage: 'live=yes' } };
    await call(sim, 'PUT', placeOf(share), { body });
    expect(namesIn((await list('tag=team')).result)).toEqual(['Tagged']);
    expect(namesIn((await list('tag=team%3Dnetwork&tag=stage%3Dlive%3Dyes')).result)).toEqual(['Tagged']);
    expect((await list('tag=team%3Dnetwork&tag=stage%3Ddead')).result).toEqual([]);
    expect((await list(Array(21).fill('tag=team').join('&'))).status).toBe(400);
  });

  test('includes resources, counts and kind only on request', async () => {
    sim.seed({ name: 'Plain' });
    const [plain] = (await list('')).result;
    expect(Object.keys(plain ?? {}).sort()).toEqual(
      [
        'id',
        'account_id',
        'account_name',
        'organization_id',
        'name',
        'created',
        'modified',
        'status',
        'target_type',
      ].sort(),
    );
    const [full] = (await list('include_resources=true&include_recipient_counts=true&kind=sent')).result;
    expect(full).toMatchObject({ kind: 'sent', associated_recipient_count: 1, resources: [{ status: 'active' }] });
  });

  test.each(['page=0', 'per_page=none', 'status=live', 'order=size', 'direction=up', 'include_resources=maybe'])(
    "can't be requested with %s",
    async (query) => {
      expect(await list(query)).toMatchObject({ status: 400, errors: [{ code: 1001 }] });
    },
  );
});

test('aging the account completes pending changes and keeps the order', async () => {
  const first = sim.seed({ name: 'First' });
  sim.setAssociation(60_000);
  const second = await create(sim, { name: 'Second' });
  const orderOf = () => sim.shares().map(({ created, name }) => ({ created, name }));
  const order = orderOf();
  sim.age(60_000);
  expect(sim.shares().map(({ recipients }) => recipients[0]?.association_status)).toEqual(['associated', 'associated']);
  expect(orderOf().map(({ name }) => name)).toEqual(['First', 'Second']);
  for (const [i, { created }] of orderOf().entries()) {
    expect(Date.parse(order[i]?.created ?? '') - Date.parse(created)).toBe(60_000);
    expect(created.slice(-4)).toBe(order[i]?.created.slice(-4));
  }
  expect((await list('status=active')).result.map(({ id }) => id).sort()).toEqual([first.id, second.id].sort());
});

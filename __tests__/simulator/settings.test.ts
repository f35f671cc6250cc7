import { expect, test } from '@jest/globals';
import type { Exclusion, Recipient, Share, ShareResource, Simulator } from '../../simulator/index.ts';
import {
  call,
  create,
  eventually,
  member,
  recipientsOf,
  resourcesOf,
  send,
  sharesOf,
  withSimulator,
} from './client.ts';

const placeOf = (sim: Simulator, { id }: { id: string }) => `${sharesOf(sim)}/${id}`;
const list = async (sim: Simulator, query = '') =>
  (await call<Share[]>(sim, 'GET', `${sharesOf(sim)}?include_resources=true${query}`)).result;

test('stale lists show an earlier state, including names, statuses and resources', async () => {
  await withSimulator({ listLagMs: 60_000, associationMs: 0 }, async (sim) => {
    const [renamed, gone] = [sim.seed({ name: 'Old name' }), sim.seed({ name: 'Gone' })];
    const [resource] = renamed.resources;
    await call(sim, 'PUT', placeOf(sim, renamed), { body: { name: 'New name' } });
    await call(sim, 'PUT', `${placeOf(sim, renamed)}/resources/${resource?.id}`, { body: { meta: { a: 1 } } });
    const added = { ...resource, resource_id: 'added' };
    await call(sim, 'POST', `${placeOf(sim, renamed)}/resources`, { body: added });
    await send(sim, 'POST', `${placeOf(sim, renamed)}/recipients`, { body: { account_id: member(sim, 1) } });
    await call(sim, 'DELETE', placeOf(sim, gone));
    const made = await create(sim);
    sim.seed({ name: 'Made by another run', justMade: true });

    expect(await list(sim, '&include_recipient_counts=true')).toMatchObject([
      { name: 'Old name', associated_recipient_count: 1, resources: [{ meta: {}, resource_version: 1 }] },
      { name: 'Gone', status: 'active', resources: [{ status: 'active' }] },
    ]);
    expect((await list(sim))[0]?.resources).toHaveLength(1);
    expect(await list(sim, '&status=deleted')).toEqual([]);
    const theirs = `${sharesOf(sim, member(sim, 1))}?kind=received`;
    expect((await call(sim, 'GET', theirs)).result).toEqual([]);
    const organization = await call<Share[]>(sim, 'GET', `/organizations/${sim.organizationId}/shares`);
    expect(organization.result).toHaveLength(2);
    // Reads don't lag.
    expect((await call(sim, 'GET', placeOf(sim, made))).status).toBe(200);
    expect((await call(sim, 'GET', placeOf(sim, gone))).result.status).toBe('deleted');

    sim.setListLag(0);
    expect((await list(sim)).map(({ name, status }) => [name, status])).toEqual([
      ['New name', 'active'],
      ['Gone', 'deleted'],
      ['Baseline', 'active'],
      ['Made by another run', 'active'],
    ]);
    expect((await list(sim))[0]?.resources?.map(({ meta }) => meta)).toEqual([{ a: 1 }, {}]);
    expect((await call<Share[]>(sim, 'GET', theirs)).result).toHaveLength(1);
    sim.reset();
    await create(sim);
    expect(await list(sim)).toEqual([]);
  });
});

test('stale lists show the current state after the lag', async () => {
  await withSimulator({ listLagMs: 80 }, async (sim) => {
    const began = Date.now();
    await create(sim);
    await eventually(
      () => list(sim),
      (shares) => shares.length === 1,
    );
    expect(Date.now() - began).toBeGreaterThanOrEqual(80);
  });
});

test('names can be stored in a normalized form', async () => {
  await withSimulator({ normalizeNames: (name) => name.normalize('NFC').trim() }, async (sim) => {
    const share = await create(sim, { name: ' Cafe\u0301 ' });
    expect(share.name).toBe('Caf\u00e9');
    const { result } = await call(sim, 'PUT', placeOf(sim, share), { body: { name: 'Renamed ' } });
    expect(result.name).toBe('Renamed');
    expect((await list(sim)).map(({ name }) => name)).toEqual(['Renamed']);
    expect(sim.seed({ name: ' Seeded' }).name).toBe('Seeded');
  });
});

test('ids of accounts and resources can be returned in capitals, and are accepted in either case', async () => {
  await withSimulator({ idsInCapitals: true }, async (sim) => {
    const [owner, account] = [sim.accountId.toUpperCase(), member(sim, 10).toUpperCase()];
    expect(account).not.toBe(member(sim, 10));
    const resource = { resource_type: 'custom-ruleset', resource_id: 'abc', meta: { resource_id: 'abc' } };
    const resources = [{ ...resource, resource_account_id: owner }];
    const share = await create(sim, { recipients: [{ account_id: account }], resources });
    expect(share).toMatchObject({ account_id: owner, resources: [{ ...resource, resource_id: 'ABC' }] });
    expect(await recipientsOf(sim, share)).toMatchObject([
      { account_id: account, resources: [{ resource_id: 'ABC' }] },
    ]);
    expect(await resourcesOf(sim, share)).toMatchObject([{ resource_id: 'ABC', resource_account_id: owner }]);
    expect((await call(sim, 'GET', sharesOf(sim, owner))).result).toHaveLength(1);
    const again = await call<ShareResource>(sim, 'POST', `${placeOf(sim, share)}/resources`, { body: resources[0] });
    expect(again.status).toBe(409);
    const added = await call<Recipient>(sim, 'POST', `${placeOf(sim, share)}/recipients`, {
      body: { recipient_account_id: member(sim, 11) },
    });
    expect(added.result.account_id).toBe(member(sim, 11).toUpperCase());
    const directory = await call<{ id: string }[]>(sim, 'GET', `/organizations/${sim.organizationId}/accounts`);
    expect(directory.result[0]?.id).toBe(owner);
    const everyone = sim.seed({ name: 'Everyone', recipients: [{}], exclusions: [member(sim, 10)] });
    const exclusions = await call<Exclusion[]>(sim, 'GET', `${placeOf(sim, everyone)}/excluded-recipients`);
    expect(exclusions.result).toMatchObject([{ account_id: account }]);
    // The stored values are unchanged.
    expect(sim.shares()[0]).toMatchObject({ account_id: sim.accountId, resources: [{ resource_id: 'abc' }] });
  });
});

test('association takes as long as configured for all accounts or for one', async () => {
  await withSimulator({ associationMs: 0 }, async (sim) => {
    const statuses = () =>
      sim
        .liveShares()
        .at(-1)
        ?.recipients.map((one) => one.association_status);
    const recipients = [{ account_id: member(sim, 0) }, { account_id: member(sim, 1) }];
    sim.setAssociation(60_000, member(sim, 1));
    await create(sim, { recipients });
    expect(statuses()).toEqual(['associated', 'associating']);
    sim.setAssociation(60_000);
    await create(sim, { recipients });
    expect(statuses()).toEqual(['associating', 'associating']);
    sim.reset();
    await create(sim, { recipients });
    expect(statuses()).toEqual(['associated', 'associated']);
  });
});

test('the first lists can be held until enough are requested, and then show the state of that moment', async () => {
  await withSimulator({ holdUntilListed: 3 }, async (sim) => {
    const answered: number[] = [];
    const look = (index: number) =>
      list(sim).then((shares) => {
        answered.push(index);
        return shares;
      });
    const early = [look(0), look(1)];
    await eventually(
      () => sim.requests.length,
      (count) => count === 2,
    );
    // Other requests are not held.
    const share = await create(sim);
    expect((await call(sim, 'GET', `${placeOf(sim, share)}/recipients`)).status).toBe(200);
    expect([answered, sim.listsAtOnce]).toEqual([[], 0]);
    const late = await look(2);
    expect((await Promise.all(early)).map((shares) => shares.length)).toEqual([0, 0]);
    expect([late.length, sim.listsAtOnce]).toEqual([1, 3]);
    expect(await list(sim)).toHaveLength(1);

    sim.holdUntilListed(2);
    expect(sim.listsAtOnce).toBe(0);
    await Promise.all([list(sim), list(sim)]);
    expect(sim.listsAtOnce).toBe(2);
  });
});

test('a held list is dropped when its client is gone or on a reset', async () => {
  await withSimulator({ holdUntilListed: 2 }, async (sim) => {
    await expect(send(sim, 'GET', sharesOf(sim), { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: 'AbortError',
    });
    // Once the simulator has noticed, nothing is in flight at the next request.
    await eventually(
      async () => {
        await send(sim, 'GET', '/nowhere');
        return sim.requests.at(-1)?.inFlightAtStart;
      },
      (underWay) => underWay === 1,
    );
    const before = sim.requests.length;
    const held = expect(list(sim)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await eventually(
      () => sim.requests.length,
      (count) => count > before,
    );
    expect(sim.listsAtOnce).toBe(0);
    sim.reset();
    await held;
    await Promise.all([list(sim), list(sim)]);
    expect(sim.listsAtOnce).toBe(2);
  });
});

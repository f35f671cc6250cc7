// Behaviors of a service that the API's description allows.
import { expect, test } from '@jest/globals';
import Cloudflare from 'cloudflare';
import type { Share, Simulator } from '../../simulator/index.ts';
import { call, create, eventually, member, resourceBody, send, shareBody, sharesOf, withSimulator } from './client.ts';

const placeOf = (sim: Simulator, { id }: { id: string }) => `${sharesOf(sim)}/${id}`;
const list = async (sim: Simulator, query = '') =>
  (await call<Share[]>(sim, 'GET', `${sharesOf(sim)}?${query}`)).result;
const names = (shares: Share[]) => shares.map(({ name }) => name);
const rename = (sim: Simulator, share: { id: string }, name: string) =>
  call(sim, 'PUT', placeOf(sim, share), { body: { name } });

test('a rename becomes visible after its delay in responses, reads and lists, and in the official SDK', async () => {
  await withSimulator({ renameMs: 60_000, renamingStatus: 'updating' }, async (sim) => {
    const share = await create(sim);
    const sdk = new Cloudflare({ apiToken: sim.credentials.apiToken, baseURL: sim.baseUrl, maxRetries: 0 });
    const account = { account_id: sim.accountId };
    const answered = await sdk.resourceSharing.update(share.id, { ...account, name: 'New name' });
    expect(answered).toMatchObject({ name: 'Baseline', status: 'updating' });
    expect(await sdk.resourceSharing.get(share.id, account)).toMatchObject({ name: 'Baseline', status: 'updating' });
    expect((await list(sim, 'status=active')).length).toBe(0);
    expect(await list(sim)).toMatchObject([{ name: 'Baseline', status: 'updating' }]);
    expect([sim.liveShares('Baseline').length, sim.liveShares('New name').length]).toEqual([1, 0]);
    // Repeating the rename does not restart it, and a new setting applies to later renames.
    sim.age(59_000);
    await rename(sim, share, 'New name');
    sim.setRename(0);
    sim.age(2_000);
    expect(await list(sim, 'status=active')).toMatchObject([{ name: 'New name', status: 'active' }]);
    expect((await rename(sim, share, 'Newer name')).result.name).toBe('Newer name');
  });
});

test('a rename can remain invisible', async () => {
  await withSimulator({ renameMs: Number.POSITIVE_INFINITY }, async (sim) => {
    const share = await create(sim);
    await rename(sim, share, 'New name');
    sim.age(3_600_000);
    expect(names(await list(sim))).toEqual(['Baseline']);
    sim.reset();
    const again = await create(sim);
    expect((await rename(sim, again, 'New name')).result.name).toBe('Baseline');
  });
});

test('a share that was just created or changed refuses writes, but not reads', async () => {
  await withSimulator({ busyMs: 60_000 }, async (sim) => {
    const share = await create(sim);
    const place = placeOf(sim, share);
    const writes = [
      ['PUT', place, { name: 'New name' }],
      ['DELETE', place, undefined],
      ['PUT', `${place}/recipients`, [{ account_id: member(sim, 1) }]],
      ['POST', `${place}/recipients`, { account_id: member(sim, 1) }],
      ['POST', `${place}/resources`, resourceBody(sim, { resource_id: 'd' })],
      ['PUT', `${place}/excluded-recipients`, []],
    ] as const;
    for (const [method, path, body] of writes) {
      expect(await call(sim, method, path, { body })).toMatchObject({ status: 409, errors: [{ code: 1009 }] });
    }
    expect((await call(sim, 'GET', place)).status).toBe(200);
    sim.age(61_000);
    expect((await rename(sim, share, 'New name')).status).toBe(200);
    expect((await rename(sim, share, 'Newer name')).status).toBe(409);
    sim.setBusy(0, share.id);
    sim.setBusy(0);
    expect((await rename(sim, share, 'Newer name')).status).toBe(200);
    expect((await rename(sim, share, 'Newest name')).status).toBe(200);
    // Deleting a share twice is harmless, and a seeded share is not busy by default.
    sim.setBusy(60_000, share.id);
    const seeded = sim.seed({ name: 'Seeded' });
    expect((await call(sim, 'DELETE', placeOf(sim, seeded))).status).toBe(200);
    expect((await call(sim, 'DELETE', placeOf(sim, seeded))).status).toBe(200);
    expect((await call(sim, 'DELETE', place)).status).toBe(409);
  });
});

test('a share with an unknown status is live, but lists of active shares omit it', async () => {
  await withSimulator({}, async (sim) => {
    const share = sim.seed({ name: 'Suspended', status: 'suspended' });
    expect(await list(sim, 'status=active')).toEqual([]);
    expect(await list(sim)).toMatchObject([{ status: 'suspended' }]);
    expect(sim.liveShares()).toMatchObject([{ id: share.id, status: 'suspended' }]);
    expect((await rename(sim, share, 'New name')).result).toMatchObject({ name: 'New name', status: 'suspended' });
    expect((await call(sim, 'DELETE', placeOf(sim, share))).result.status).toBe('deleted');
    expect((await list(sim, 'status=deleted')).map(({ status }) => status)).toEqual(['deleted']);
  });
});

test('a hidden share is omitted from lists, but can be read', async () => {
  await withSimulator({ hiddenFromLists: ({ name }) => name.includes('[creating ') }, async (sim) => {
    const hidden = await create(sim, { name: 'A [creating x]' });
    await create(sim);
    expect(names(await list(sim))).toEqual(['Baseline']);
    expect((await call(sim, 'GET', placeOf(sim, hidden))).status).toBe(200);
    await rename(sim, hidden, 'A');
    expect(names(await list(sim))).toEqual(['A', 'Baseline']);
    sim.hideFromLists(({ id }) => id === hidden.id);
    expect(names(await list(sim))).toEqual(['Baseline']);
    sim.reset();
    await create(sim, { name: 'A [creating x]' });
    expect(await list(sim)).toEqual([]);
  });
});

test.each([20, 50, 100])('lists can have pages of %d without result_info', async (defaultPageSize) => {
  await withSimulator(
    { defaultPageSize, unpagedByDefault: false, resultInfo: () => undefined, pageSizeMax: defaultPageSize },
    async (sim) => {
      const share = sim.seed({
        name: 'Many',
        recipients: sim.memberIds.slice(0, 130).map((account_id) => ({ account_id })),
      });
      const page = (query: string) => call<unknown[]>(sim, 'GET', `${placeOf(sim, share)}/recipients?${query}`);
      const first = await page('');
      expect(first.result).toHaveLength(defaultPageSize);
      expect(first).not.toHaveProperty('result_info');
      const last = Math.ceil(130 / defaultPageSize);
      expect((await page(`page=${last}`)).result).toHaveLength(130 - (last - 1) * defaultPageSize);
      expect((await page(`page=${last + 1}&per_page=100`)).result).toEqual([]);
    },
  );
});

test('lists with page tokens ignore page numbers', async () => {
  await withSimulator({ pagedByToken: true, defaultPageSize: 2 }, async (sim) => {
    for (const name of ['A', 'B', 'C']) sim.seed({ name });
    const page = (query: string) => call<Share[]>(sim, 'GET', `${sharesOf(sim)}?${query}`);
    const first = await page('page=2');
    expect(names(first.result)).toEqual(['A', 'B']);
    const info = first.result_info as unknown as { next_page_token: string; total_size: number };
    expect(info.total_size).toBe(3);
    const last = await page(`page_token=${info.next_page_token}`);
    expect(names(last.result)).toEqual(['C']);
    expect(last.result_info).not.toHaveProperty('next_page_token');
  });
});

test.each([409, 422] as const)('a second live share with the same name can be refused with %d', async (uniqueNames) => {
  await withSimulator({ uniqueNames, normalizeNames: (name) => name.trim() }, async (sim) => {
    const share = await create(sim);
    const post = (name: string) => call(sim, 'POST', sharesOf(sim), { body: shareBody(sim, { name }) });
    expect(await post(' Baseline')).toMatchObject({ status: uniqueNames, errors: [{ code: 1009 }] });
    const other = (await post('Other')).result;
    expect((await rename(sim, other, 'Baseline')).status).toBe(uniqueNames);
    expect((await rename(sim, other, 'Other')).status).toBe(200);
    await call(sim, 'DELETE', placeOf(sim, share));
    expect((await rename(sim, other, 'Baseline')).status).toBe(200);
  });
});

test('the service can add keys to meta', async () => {
  await withSimulator({ normalizeMeta: (meta) => ({ display_name: 'Block', ...(meta as object) }) }, async (sim) => {
    const share = await create(sim);
    const [resource] = share.resources ?? [];
    expect(resource?.meta).toEqual({ display_name: 'Block' });
    const changed = await call(sim, 'PUT', `${placeOf(sim, share)}/resources/${resource?.id}`, {
      body: { meta: { a: 1 } },
    });
    expect(changed.result).toMatchObject({ meta: { display_name: 'Block', a: 1 } });
  });
});

test('lists that ignore the kind include received shares, each with its kind', async () => {
  await withSimulator({ ignoresKind: true, uuids: true }, async (sim) => {
    const theirs = sim.seed({ name: 'Theirs', accountId: member(sim, 2), raw: { account_id: undefined } });
    await create(sim);
    const shown = await list(sim, 'kind=sent');
    expect(shown.map(({ name, kind }) => [name, kind])).toEqual([
      ['Theirs', 'received'],
      ['Baseline', 'sent'],
    ]);
    expect(shown[0]).not.toHaveProperty('account_id');
    expect((await call(sim, 'GET', placeOf(sim, theirs))).result.kind).toBe('received');
    expect(shown.map(({ id }) => id.length)).toEqual([36, 36]);
  });
});

test('a test can change responses until the next reset, and faults affect the changed responses', async () => {
  await withSimulator({}, async (sim) => {
    sim.seed({ name: 'A' });
    sim.rewrite(({ operation, body }) =>
      operation === 'shares-list' ? { ...(body as object), result: [null] } : undefined,
    );
    expect(await list(sim)).toEqual([null]);
    expect((await create(sim)).name).toBe('Baseline');
    sim.order({ kind: 'null-result' });
    expect(await list(sim)).toBeNull();
    sim.rewrite(undefined);
    expect(await list(sim)).toHaveLength(2);
    sim.rewrite(() => ({ success: false }));
    sim.reset();
    expect(await list(sim)).toEqual([]);
  });
});

test('a rename becomes visible only after its delay', async () => {
  await withSimulator({ renameMs: 60 }, async (sim) => {
    const began = Date.now();
    const share = await create(sim);
    await rename(sim, share, 'New name');
    await eventually(
      () => list(sim),
      (shares) => shares[0]?.name === 'New name',
    );
    expect(Date.now() - began).toBeGreaterThanOrEqual(60);
    expect((await send(sim, 'GET', placeOf(sim, share))).text).toContain('New name');
  });
});

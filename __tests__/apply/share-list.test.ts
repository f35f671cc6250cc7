import { describe, expect, test } from '@jest/globals';
import { coalesce, shareListOf } from '../../src/apply/share-list.ts';
import type { Endpoints } from '../../src/cloudflare/endpoints.ts';
import { type IndexedListing, indexed } from '../../src/share/election.ts';

/** An API whose requests get their responses when the test sends them. */
function heldApi<T>() {
  const open: { resolve: (response: T) => void; reject: (error: unknown) => void }[] = [];
  let begun = 0;
  return {
    request: (): Promise<T> => {
      begun++;
      return new Promise<T>((resolve, reject) => open.push({ resolve, reject }));
    },
    respond: (response: T): void => open.shift()?.resolve(response),
    fail: (error: unknown): void => open.shift()?.reject(error),
    get begun(): number {
      return begun;
    },
  };
}

/** Waits until everything that doesn't depend on another response has run. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('coalescing requests', () => {
  test('sends a request for the first caller', async () => {
    const api = heldApi<string>();
    const request = coalesce(api.request);
    const first = request();
    expect(api.begun).toBe(1);
    api.respond('1');
    expect(await first).toBe('1');
  });

  test('sends one further request for all callers that arrive during the first one', async () => {
    const api = heldApi<string>();
    const request = coalesce(api.request);
    const earlier = [request(), request(), request()];
    await quiet();
    expect(api.begun).toBe(1);
    api.respond('1');
    await quiet();
    expect(api.begun).toBe(2);
    const later = [request(), request()];
    await quiet();
    expect(api.begun).toBe(2);
    api.respond('2');
    await quiet();
    expect(api.begun).toBe(3);
    api.respond('3');
    expect(await Promise.all([...earlier, ...later])).toEqual(['1', '2', '2', '3', '3']);
  });

  test('sends a new request after a response', async () => {
    const api = heldApi<string>();
    const request = coalesce(api.request);
    const first = request();
    api.respond('1');
    await first;
    await quiet();
    const second = request();
    expect(api.begun).toBe(2);
    api.respond('2');
    expect(await second).toBe('2');
  });

  test('fails only the callers of the failed request', async () => {
    const api = heldApi<string>();
    const request = coalesce(api.request);
    const [first, second] = [request(), request()];
    api.fail(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await quiet();
    expect(api.begun).toBe(2);
    api.respond('2');
    expect(await second).toBe('2');
  });
});

describe('the shared listing', () => {
  const listing = (serverTimeMs: number): IndexedListing => indexed({ shares: [], unreadable: [], serverTimeMs });
  const start = () => {
    const api = heldApi<IndexedListing>();
    const time = { nowMs: 0 };
    const clock = { nowMs: () => time.nowMs };
    const shareList = shareListOf({ list: api.request, client: { clock } } as unknown as Pick<
      Endpoints,
      'list' | 'client'
    >);
    return { api, time, shareList };
  };

  test('is reused until it is 30 seconds old', async () => {
    const { api, time, shareList } = start();
    const first = shareList.recent();
    expect(shareList.recent()).toBe(first);
    api.respond(listing(1));
    expect(await first).toEqual(listing(1));
    time.nowMs = 29_999;
    expect(await shareList.recent()).toEqual(listing(1));
    time.nowMs = 30_000;
    const second = shareList.recent();
    api.respond(listing(2));
    expect(await second).toEqual(listing(2));
    time.nowMs = 59_999;
    expect(await shareList.recent()).toEqual(listing(2));
    expect(api.begun).toBe(2);
  });

  test('is requested again after a failure', async () => {
    const { api, shareList } = start();
    const first = shareList.recent();
    api.fail(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await quiet();
    const second = shareList.recent();
    api.respond(listing(2));
    expect(await second).toEqual(listing(2));
  });

  test('is kept when an older request fails late', async () => {
    const { api, time, shareList } = start();
    const first = shareList.recent();
    time.nowMs = 30_000;
    const second = shareList.recent();
    api.fail(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await quiet();
    api.respond(listing(2));
    expect(await second).toEqual(listing(2));
    expect(shareList.recent()).toBe(second);
  });

  test('is requested again for a caller that needs a fresh one', async () => {
    const { api, shareList } = start();
    const recent = shareList.recent();
    api.respond(listing(1));
    await recent;
    await quiet();
    const fresh = shareList.fresh();
    expect(api.begun).toBe(2);
    api.respond(listing(2));
    expect(await fresh).toEqual(listing(2));
    expect(await shareList.recent()).toEqual(listing(1));
  });
});

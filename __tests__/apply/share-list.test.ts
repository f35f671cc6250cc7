import { describe, expect, test } from '@jest/globals';
import { coalesce, shareListOf } from '../../src/apply/share-list.ts';
import type { Endpoints } from '../../src/cloudflare/endpoints.ts';
import { type Listing, listingOf } from '../../src/share/election.ts';

/** Requests that get a response when the test says so. */
function requests<T>() {
  const open: { resolve: (answer: T) => void; reject: (error: unknown) => void }[] = [];
  let begun = 0;
  return {
    ask: (): Promise<T> => {
      begun++;
      return new Promise<T>((resolve, reject) => open.push({ resolve, reject }));
    },
    answer: (answer: T): void => open.shift()?.resolve(answer),
    fail: (error: unknown): void => open.shift()?.reject(error),
    get begun(): number {
      return begun;
    },
  };
}

/** Waits until everything that doesn't depend on another response has run. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('coalescing requests', () => {
  test('starts a request for the first caller', async () => {
    const api = requests<string>();
    const ask = coalesce(api.ask);
    const first = ask();
    expect(api.begun).toBe(1);
    api.answer('1');
    expect(await first).toBe('1');
  });

  test('shares the next request among all callers that wait for the current one', async () => {
    const api = requests<string>();
    const ask = coalesce(api.ask);
    const answers = [ask(), ask(), ask()];
    await quiet();
    expect(api.begun).toBe(1);
    api.answer('1');
    await quiet();
    expect(api.begun).toBe(2);
    const later = [ask(), ask()];
    await quiet();
    expect(api.begun).toBe(2);
    api.answer('2');
    await quiet();
    expect(api.begun).toBe(3);
    api.answer('3');
    expect(await Promise.all([...answers, ...later])).toEqual(['1', '2', '2', '3', '3']);
  });

  test('starts a new request after a response', async () => {
    const api = requests<string>();
    const ask = coalesce(api.ask);
    const first = ask();
    api.answer('1');
    await first;
    await quiet();
    const second = ask();
    expect(api.begun).toBe(2);
    api.answer('2');
    expect(await second).toBe('2');
  });

  test('fails only the callers that shared a failed request', async () => {
    const api = requests<string>();
    const ask = coalesce(api.ask);
    const [first, second] = [ask(), ask()];
    api.fail(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await quiet();
    expect(api.begun).toBe(2);
    api.answer('2');
    expect(await second).toBe('2');
  });
});

describe('the shared listing', () => {
  const look = (serverTimeMs: number): Listing => listingOf({ shares: [], unreadable: [], serverTimeMs });
  const start = () => {
    const api = requests<Listing>();
    const time = { nowMs: 0 };
    const clock = { nowMs: () => time.nowMs };
    const looks = shareListOf({ list: api.ask, client: { clock } } as unknown as Pick<Endpoints, 'list' | 'client'>);
    return { api, time, looks };
  };

  test('is reused until it is 30 seconds old', async () => {
    const { api, time, looks } = start();
    const first = looks.recent();
    expect(looks.recent()).toBe(first);
    api.answer(look(1));
    expect(await first).toEqual(look(1));
    time.nowMs = 29_999;
    expect(await looks.recent()).toEqual(look(1));
    time.nowMs = 30_000;
    const second = looks.recent();
    api.answer(look(2));
    expect(await second).toEqual(look(2));
    time.nowMs = 59_999;
    expect(await looks.recent()).toEqual(look(2));
    expect(api.begun).toBe(2);
  });

  test('is requested again after a failure', async () => {
    const { api, looks } = start();
    const first = looks.recent();
    api.fail(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await quiet();
    const second = looks.recent();
    api.answer(look(2));
    expect(await second).toEqual(look(2));
  });

  test('survives a late failure of an older request', async () => {
    const { api, time, looks } = start();
    const first = looks.recent();
    time.nowMs = 30_000;
    const second = looks.recent();
    api.fail(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await quiet();
    api.answer(look(2));
    expect(await second).toEqual(look(2));
    expect(looks.recent()).toBe(second);
  });

  test('is requested again when a fresh one is needed', async () => {
    const { api, looks } = start();
    const recent = looks.recent();
    api.answer(look(1));
    await recent;
    await quiet();
    const fresh = looks.fresh();
    expect(api.begun).toBe(2);
    api.answer(look(2));
    expect(await fresh).toEqual(look(2));
    expect(await looks.recent()).toEqual(look(1));
  });
});

import { describe, expect, test } from '@jest/globals';
import { coalesce, shareListOf } from '../../src/apply/share-list.ts';
import type { Endpoints } from '../../src/cloudflare/endpoints.ts';
import { type Listing, listingOf } from '../../src/share/election.ts';

/** Requests that are answered when the test says so. */
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

/** Everything that can go on without another answer has gone on. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('one request for many', () => {
  test('whoever asks first starts one', async () => {
    const api = requests<string>();
    const ask = coalesce(api.ask);
    const first = ask();
    expect(api.begun).toBe(1);
    api.answer('1');
    expect(await first).toBe('1');
  });

  test('all who ask meanwhile share the one that begins after it', async () => {
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

  test('after an answer everything begins anew', async () => {
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

  test('one that fails is the failure of those alone who shared it', async () => {
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

describe('looks at the account', () => {
  const look = (serverTimeMs: number): Listing => listingOf({ shares: [], unreadable: [], serverTimeMs });
  const start = () => {
    const api = requests<Listing>();
    const time = { nowMs: 0 };
    const clock = { nowMs: () => time.nowMs };
    const looks = shareListOf({ list: api.ask, client: { clock } } as unknown as Pick<Endpoints, 'list' | 'client'>);
    return { api, time, looks };
  };

  test('a recent one is shared until it is half a minute old', async () => {
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

  test('one that failed is nothing to plan from', async () => {
    const { api, looks } = start();
    const first = looks.recent();
    api.fail(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    await quiet();
    const second = looks.recent();
    api.answer(look(2));
    expect(await second).toEqual(look(2));
  });

  test('a failure that comes late does not take a younger look away', async () => {
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

  test('a fresh one begins when it is asked for', async () => {
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

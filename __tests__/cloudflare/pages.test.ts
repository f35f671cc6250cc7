import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Call, ResultInfo, Shape } from '../../src/cloudflare/call.ts';
import type { Client } from '../../src/cloudflare/client.ts';
import {
  everyPage,
  type Next,
  nextPage,
  type Progress,
  type Seen,
  type WhatNext,
  whatNext,
} from '../../src/cloudflare/pages.ts';

const seen = (changes: Partial<Seen>): Seen => ({ page: undefined, onPage: 20, soFar: 20, info: {}, ...changes });

test.each<[string, Partial<Seen>, Next | undefined]>([
  ['a response without paging information', { onPage: 21 }, undefined],
  ['20 items without paging information', { onPage: 20 }, { page: 2, size: 20 }],
  ['50 items without paging information', { onPage: 50 }, { page: 2, size: 50 }],
  ['100 items without paging information', { onPage: 100 }, { page: 2, size: 100 }],
  ['a full page 2 without paging information', { page: 2, requested: 20, onPage: 20 }, { page: 3, size: 20 }],
  ['a page with all 30 requested items', { page: 1, requested: 30, onPage: 30 }, { page: 2, size: 30 }],
  ['a last page without paging information', { page: 2, requested: 20, onPage: 10 }, undefined],
  ['all items', { info: { total_pages: 1, per_page: 20, total_count: 20 } }, undefined],
  ['all items according to only the total', { info: { total_count: 20 } }, undefined],
  ['an empty list', { onPage: 0, soFar: 0, info: { total_pages: 0, total_count: 0, per_page: 20 } }, undefined],
  ['a page that is not full', { onPage: 7, soFar: 7, info: { per_page: 20 } }, undefined],
  ['an empty page that announces more', { onPage: 0, info: { total_pages: 9, per_page: 20 } }, undefined],
  ['a full page', { info: { per_page: 20 } }, { page: 1, size: 100 }],
  ['a first page of two', { info: { total_pages: 2, per_page: 20 } }, { page: 1, size: 100 }],
  ['a first page according to only the total', { info: { total_count: 21 } }, { page: 1, size: 100 }],
  ['a large page', { onPage: 100, soFar: 100, info: { total_pages: 3, per_page: 100 } }, { page: 2, size: 100 }],
  ['a page of 1,000', { onPage: 1000, soFar: 1000, info: { total_pages: 2, per_page: 1000 } }, { page: 2, size: 1000 }],
  [
    'page 1 of 2',
    { page: 1, onPage: 100, soFar: 100, info: { total_pages: 2, per_page: 100 } },
    { page: 2, size: 100 },
  ],
  [
    'a smaller page than requested',
    { page: 1, onPage: 50, soFar: 50, info: { total_pages: 2, per_page: 50 } },
    { page: 2, size: 50 },
  ],
  ['a small page 2 of 3', { page: 2, soFar: 40, info: { total_pages: 3, per_page: 20 } }, { page: 3, size: 20 }],
  ['page 2 of 2', { page: 2, soFar: 40, info: { total_pages: 2, per_page: 20, total_count: 41 } }, undefined],
  [
    'a page count that exceeds the total',
    { page: 1, soFar: 20, info: { total_pages: 2, total_count: 20, per_page: 20 } },
    { page: 2, size: 20 },
  ],
  ['a page 1 with only a page count', { page: 1, onPage: 7, soFar: 7, info: { total_pages: 2 } }, { page: 2, size: 7 }],
  ['a page 1 with only a total', { page: 1, onPage: 7, soFar: 7, info: { total_count: 8 } }, { page: 2, size: 7 }],
  ['an empty page where none was requested', { page: 2, requested: 0, onPage: 0 }, undefined],
  ['a token', { onPage: 0, info: { next_page_token: 't', total_pages: 1 } }, { token: 't' }],
])('nextPage returns the next page, if any, after %s', (_, changes, next) => {
  expect(nextPage(seen(changes))).toEqual(next);
});

const info = { per_page: 100, total_count: 250, total_pages: 3 };
const long = { per_page: 100, total_count: 5_000, total_pages: 50 };
const tokens = { token: 't1' };

test.each<[string, Partial<Progress>, WhatNext]>([
  ['ends after the only page', { items: 3, response: { onPage: 3, isNew: true, info: {} } }, 'done'],
  [
    'ends after the only page, even if its total is higher',
    { items: 3, total: 4, response: { onPage: 3, isNew: true, info: { total_pages: 1, total_count: 4 } } },
    'done',
  ],
  [
    'starts again with large pages, as many as the total needs',
    { items: 20, total: 250, response: { onPage: 20, isNew: true, info: { ...info, per_page: 20, total_pages: 13 } } },
    { from: 1, to: 3, size: 100 },
  ],
  [
    'starts again with the first ten pages of a long list',
    {
      items: 20,
      total: 5_000,
      response: { onPage: 20, isNew: true, info: { ...long, per_page: 20, total_pages: 250 } },
    },
    { from: 1, to: 10, size: 100 },
  ],
  [
    'starts again with one page if there is no total',
    { items: 20, response: { onPage: 20, isNew: true, info: { per_page: 20, total_pages: 250 } } },
    { from: 1, to: 1, size: 100 },
  ],
  [
    'requests the announced rest after the first page',
    { items: 100, total: 250, response: { onPage: 100, isNew: true, info } },
    { from: 2, to: 3, size: 100, isRest: true },
  ],
  [
    'requests the announced rest after the first ten pages',
    {
      pages: { from: 1, to: 10, size: 100 },
      items: 1_000,
      total: 5_000,
      response: { onPage: 100, isNew: true, info: long },
    },
    { from: 11, to: 50, size: 100, isRest: true },
  ],
  [
    'requests only the next page if the page count contradicts the total',
    {
      pages: { from: 1, to: 1, size: 100 },
      items: 100,
      total: 250,
      response: { onPage: 100, isNew: true, info: { ...info, total_pages: 9 } },
    },
    { from: 2, to: 2, size: 100 },
  ],
  [
    'ends after the rest',
    {
      pages: { from: 2, to: 3, size: 100, isRest: true },
      responses: 3,
      items: 250,
      total: 250,
      response: { onPage: 50, isNew: true, info },
    },
    'done',
  ],
  [
    'reads the list again if it has grown while the rest was read',
    {
      pages: { from: 2, to: 3, size: 100, isRest: true },
      responses: 3,
      items: 300,
      total: 301,
      response: { onPage: 100, isNew: true, info: { per_page: 100, total_count: 301, total_pages: 4 } },
    },
    'read again',
  ],
  [
    'reads the list again if an item was missed',
    {
      pages: { from: 2, to: 3, size: 100, isRest: true },
      reading: 2,
      responses: 3,
      items: 249,
      total: 250,
      response: { onPage: 50, isNew: true, info },
    },
    'read again',
  ],
  [
    'merges the readings after the third',
    {
      pages: { from: 2, to: 3, size: 100, isRest: true },
      reading: 3,
      responses: 3,
      items: 249,
      total: 250,
      response: { onPage: 50, isNew: true, info },
    },
    'merge',
  ],
  [
    'ends after ten repeated pages',
    { pages: { from: 2, to: 50, size: 100, isRest: true }, responses: 11, items: 100, total: 100 },
    'done',
  ],
  [
    'ends after a repeated page',
    {
      pages: { from: 2, to: 2, size: 20 },
      responses: 2,
      items: 20,
      response: { onPage: 20, isNew: false, info: { per_page: 20 } },
    },
    'done',
  ],
  [
    'continues after a repeated first page, because the page before it was smaller',
    {
      pages: { from: 1, to: 1, size: 100 },
      responses: 2,
      items: 20,
      response: { onPage: 20, isNew: false, info: { per_page: 20 } },
    },
    { from: 2, to: 2, size: 20 },
  ],
  [
    'requests a page beyond the announced ones if one of them was too short',
    {
      pages: { from: 2, to: 3, size: 100, isRest: true },
      responses: 3,
      items: 150,
      total: 250,
      hasShortPages: true,
      response: { onPage: 50, isNew: true, info },
    },
    { from: 4, to: 4, size: 100 },
  ],
  [
    'requests a page beyond the announced ones if there is no total',
    {
      pages: { from: 2, to: 3, size: 100, isRest: true },
      responses: 3,
      items: 150,
      hasShortPages: true,
      response: { onPage: 50, isNew: true, info },
    },
    { from: 4, to: 4, size: 100 },
  ],
  [
    'requests no page beyond one without new items',
    {
      pages: { from: 4, to: 4, size: 100 },
      responses: 4,
      items: 250,
      total: 0,
      hasShortPages: true,
      response: { onPage: 0, isNew: false, info: {} },
    },
    'done',
  ],
  [
    'requests no page beyond the total',
    {
      pages: { from: 2, to: 3, size: 100, isRest: true },
      responses: 3,
      items: 250,
      total: 250,
      hasShortPages: true,
      response: { onPage: 50, isNew: true, info },
    },
    'done',
  ],
  [
    'requests no page beyond ten repeated ones',
    { pages: { from: 2, to: 50, size: 100, isRest: true }, responses: 31, items: 1_500, hasShortPages: true },
    'done',
  ],
  [
    'requests no page beyond one with a token',
    { pages: tokens, responses: 3, items: 60, hasShortPages: true, response: { onPage: 20, isNew: true, info: {} } },
    'done',
  ],
  ['follows a token', { response: { onPage: 20, isNew: true, info: { next_page_token: 't2' } } }, { token: 't2' }],
  [
    'ends if a token brings nothing new',
    { pages: tokens, responses: 2, response: { onPage: 20, isNew: false, info: { next_page_token: 't1' } } },
    'done',
  ],
  [
    'ends after a token without a successor, whatever the page count',
    {
      pages: tokens,
      responses: 2,
      items: 40,
      response: { onPage: 20, isNew: true, info: { total_pages: 2_000, per_page: 20 } },
    },
    'done',
  ],
  [
    'refuses more than 1,000 announced pages',
    { response: { onPage: 100, isNew: true, info: { per_page: 100, total_pages: 1_001 } } },
    'endless',
  ],
  [
    'reads more than 1,000 small pages in large ones',
    { response: { onPage: 20, isNew: true, info: { per_page: 20, total_pages: 1_001 } } },
    { from: 1, to: 1, size: 100 },
  ],
  [
    'requests page 1,000',
    {
      requests: 999,
      pages: tokens,
      responses: 999,
      response: { onPage: 1, isNew: true, info: { next_page_token: 'n' } },
    },
    { token: 'n' },
  ],
  [
    'refuses page 1,001',
    {
      requests: 1_000,
      pages: tokens,
      responses: 1_000,
      response: { onPage: 1, isNew: true, info: { next_page_token: 'n' } },
    },
    'endless',
  ],
])('whatNext %s', (_, changes, expected) => {
  const progress = {
    reading: 1,
    pages: { from: 1, to: 1 },
    requests: 1,
    responses: 1,
    items: 20,
    total: 0,
    hasShortPages: false,
  };
  expect(whatNext({ ...progress, ...changes })).toEqual(expected);
});

interface Item {
  id: string;
}

const anyItems: Shape<Item[]> = (result) => ({ value: result as Item[] });
const call: Call = { method: 'GET', path: '/things', query: { kind: 'sent' }, purpose: 'list things' };
const things = (n: number): Item[] => Array.from({ length: n }, (_, i) => ({ id: `i${i}` }));

/** A client whose server responds with the result of this function. */
function listing(respond: (query: Record<string, string>, n: number) => { items: Item[]; info: ResultInfo }) {
  const asked: Record<string, string>[] = [];
  const client = {
    send: async (sent: Call, shape: Shape<unknown>) => {
      const { kind, ...query } = sent.query ?? {};
      if (kind !== 'sent') throw new Error('the query of the call is lost');
      if (asked.length > 10_000) throw new Error('the list never ends');
      const { items, info } = respond(query, asked.push(query) - 1);
      const shaped = shape(items, info);
      return { result: 'value' in shaped ? shaped.value : undefined, info, serverTimeMs: asked.length };
    },
  } as unknown as Client;
  const all = () => everyPage(client, call, { shape: anyItems, keyOf: ({ id }) => id });
  const ids = async () => (await all()).items.map(({ id }) => id);
  return { asked, all, ids };
}

/** Splits a list into pages as Cloudflare does. */
function pageOf(items: Item[], query: Record<string, string>, rules = { size: 20, most: 100, unpaged: false }) {
  const isUnpaged = rules.unpaged && query.page === undefined && query.per_page === undefined;
  const size = isUnpaged ? items.length : Math.min(Number(query.per_page ?? rules.size), rules.most);
  const page = Number(query.page ?? 1);
  const shown = items.slice((page - 1) * size, page * size);
  const total_pages = size === 0 ? 0 : Math.ceil(items.length / size);
  return {
    items: shown,
    info: { count: shown.length, page, per_page: size, total_count: items.length, total_pages },
  };
}

describe('a list', () => {
  test('is read with one request if it is not paged', async () => {
    const list = listing((query) => pageOf(things(250), query, { size: 20, most: 100, unpaged: true }));
    expect(await list.ids()).toHaveLength(250);
    expect(list.asked).toEqual([{}]);
  });

  test('of 5,000 items is read in one page of 20 and fifty of 100', async () => {
    const list = listing((query) => pageOf(things(5000), query));
    expect(await list.ids()).toEqual(things(5000).map(({ id }) => id));
    expect(list.asked).toHaveLength(51);
    expect(list.asked.slice(0, 3)).toEqual([{}, { page: '1', per_page: '100' }, { page: '2', per_page: '100' }]);
  });

  test('is read without requesting a page number twice if its pages are smaller than requested', async () => {
    const list = listing((query) => pageOf(things(1_000), query, { size: 50, most: 50, unpaged: false }));
    expect(await list.ids()).toHaveLength(1_000);
    expect(list.asked.map(({ page }) => page)).toEqual([undefined, ...things(20).map((_, i) => String(i + 1))]);
    expect(list.asked.at(-1)).toEqual({ page: '20', per_page: '50' });
  });

  test('is complete if its pages are smaller than requested and leave gaps', async () => {
    const list = listing((query) => {
      const { info } = pageOf(things(1_000), query, { size: 50, most: 50, unpaged: false });
      const from = (Number(query.page ?? 1) - 1) * Number(query.per_page ?? 50);
      return { items: things(1_000).slice(from, from + 50), info };
    });
    expect(new Set(await list.ids()).size).toBe(1_000);
  });

  test.each([
    ['a total', 250, 6],
    ['no total', 230, 7],
    ['a page count that is exactly one too low', 101, 4],
  ])(
    'is complete if its page count assumes larger pages than the server sends (with %s)',
    async (what, n, requests) => {
      const list = listing((query) => {
        const { items, info } = pageOf(things(n), query, { size: 20, most: 50, unpaged: false });
        const per_page = Number(query.per_page ?? 20);
        const counted = { ...info, per_page, total_pages: Math.ceil(n / per_page) };
        const { total_count: _, ...withoutTotal } = counted;
        return { items, info: what === 'no total' ? withoutTotal : counted };
      });
      expect(await list.ids()).toHaveLength(n);
      expect(list.asked).toHaveLength(requests);
    },
  );

  test('fails if its page count is too low and its pages never end', async () => {
    const list = listing(({ page = '1' }) => ({ items: [{ id: page }], info: { total_pages: 2, per_page: 100 } }));
    await expect(list.all()).rejects.toThrow('the list has more than 1000 pages');
  });

  test('of 30,000 items in 1,500 small pages is read in pages of 100', async () => {
    const list = listing((query) => pageOf(things(30_000), query));
    expect(await list.ids()).toHaveLength(30_000);
    expect(list.asked).toHaveLength(301);
  });

  test('is complete for any page size and any paging information', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(350),
        fc.integer({ min: 1, max: 150 }),
        fc.integer({ min: 1, max: 150 }),
        fc.boolean(),
        fc.subarray(['count', 'page', 'total_count', 'total_pages'] as const),
        async (n, size, most, unpaged, silent) => {
          const list = listing((query) => {
            const { items, info } = pageOf(things(n), query, { size: Math.min(size, most), most, unpaged });
            return {
              items,
              info: Object.fromEntries(Object.entries(info).filter(([key]) => !silent.includes(key as never))),
            };
          });
          expect(await list.ids()).toEqual(things(n).map(({ id }) => id));
          // One request for the first page, one per page, and one for an empty page if the response doesn't say how
          // many pages there are.
          if (most >= 100) expect(list.asked.length).toBeLessThanOrEqual(2 + Math.ceil(n / 100));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('ends if the server ignores paging and repeats its items', async () => {
    const list = listing(() => ({ items: things(20), info: { per_page: 20 } }));
    expect(await list.ids()).toHaveLength(20);
    expect(list.asked.length).toBeLessThanOrEqual(3);
  });

  test('ends if its total is never reached', async () => {
    const list = listing((query) => {
      const { items, info } = pageOf(things(150), query);
      return { items, info: { ...info, total_count: 999 } };
    });
    expect(await list.ids()).toHaveLength(150);
    expect(list.asked).toHaveLength(1 + 3 * 2);
  });

  test('follows page tokens and ends at a repeated token', async () => {
    const list = listing(({ page_token = '0' }) => {
      const at = Number(page_token);
      const info = at + 10 < 25 ? { next_page_token: String(at + 10) } : {};
      return { items: things(25).slice(at, at + 10), info };
    });
    expect(await list.ids()).toHaveLength(25);
    expect(list.asked).toEqual([{}, { page_token: '10' }, { page_token: '20' }]);
    const circle = listing(() => ({ items: things(3), info: { next_page_token: 'x' } }));
    expect(await circle.ids()).toHaveLength(3);
  });

  test('with page tokens ends at the page without a next token, whatever the totals say', async () => {
    const list = listing(({ page_token }) => ({
      items: page_token === undefined ? things(3) : [{ id: 'last' }],
      info: {
        total_count: 4,
        total_pages: 3,
        per_page: 3,
        ...(page_token === undefined ? { next_page_token: 't' } : {}),
      },
    }));
    expect(await list.ids()).toEqual(['i0', 'i1', 'i2', 'last']);
    expect(list.asked).toEqual([{}, { page_token: 't' }]);
  });

  test('continues after an empty first page with a token', async () => {
    const list = listing(({ page_token }) =>
      page_token === undefined ? { items: [], info: { next_page_token: '1' } } : { items: things(2), info: {} },
    );
    expect(await list.ids()).toEqual(['i0', 'i1']);
  });

  test('ends after the first page if it is the only one, regardless of the total', async () => {
    const list = listing(() => ({ items: things(3), info: { total_pages: 1, total_count: 4 } }));
    expect(await list.ids()).toHaveLength(3);
    expect(list.asked).toEqual([{}]);
  });

  test("has the server's time from the first response", async () => {
    expect((await listing((query) => pageOf(things(250), query)).all()).serverTimeMs).toBe(1);
  });
});

describe('a list that changes while it is read', () => {
  test('is read again when a removed item makes the run miss another one', async () => {
    const before = things(201);
    const list = listing((query, n) => pageOf(n < 2 ? before : before.slice(1), query));
    expect(await list.ids()).toEqual(before.slice(1).map(({ id }) => id));
    expect(list.asked.slice(4)).toEqual([
      { page: '1', per_page: '100' },
      { page: '2', per_page: '100' },
    ]);
  });

  test('contains no item twice', async () => {
    const before = things(150);
    const list = listing((query, n) => pageOf(n < 2 ? before : [{ id: 'new' }, ...before], query));
    const ids = await list.ids();
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(before.map(({ id }) => id)));
  });

  test('is the union of all items if it never stops changing', async () => {
    const list = listing((query, n) => pageOf(things(300).slice(n), query));
    const ids = await list.ids();
    expect(ids).toEqual(
      expect.arrayContaining(
        things(300)
          .slice(20)
          .map(({ id }) => id),
      ),
    );
  });
});

test('an endless list fails after 1,000 pages', async () => {
  const { asked, all } = listing((_, n) => ({ items: [{ id: `i${n}` }], info: { next_page_token: `t${n}` } }));
  await expect(all()).rejects.toThrow('the list has more than 1000 pages');
  expect(asked).toHaveLength(1_000);
});

test('a list fails at once if the server announces more than 1,000 pages', async () => {
  const list = listing(() => ({ items: things(100), info: { total_pages: 1_001, per_page: 100 } }));
  await expect(list.all()).rejects.toMatchObject({ message: expect.stringContaining('1000 pages'), final: true });
  expect(list.asked).toHaveLength(1);
});

test('a list can have exactly 1,000 pages', async () => {
  const list = listing((_, n) => ({ items: [{ id: `i${n}` }], info: n < 999 ? { next_page_token: `t${n}` } : {} }));
  expect(await list.ids()).toHaveLength(1_000);
});

describe('a long list', () => {
  test.each([20, 50, 100])('is read completely without paging information, in pages of %i', async (size) => {
    for (const n of [0, 1, size - 1, size, size + 10, 3 * size, 250]) {
      const list = listing((query) => ({
        items: pageOf(things(n), { per_page: String(size), ...query }).items,
        info: {},
      }));
      expect(await list.ids()).toEqual(things(n).map(({ id }) => id));
      expect(list.asked).toHaveLength(n % size === 0 && n > 0 ? n / size + 1 : Math.ceil(Math.max(n, 1) / size));
    }
  });

  test('takes one more request if the server ignores page numbers and returns no paging information', async () => {
    const list = listing(() => ({ items: things(20), info: {} }));
    expect(await list.ids()).toHaveLength(20);
    expect(list.asked).toEqual([{}, { page: '2', per_page: '20' }]);
  });

  test.each<[string, (keyof ResultInfo)[], number]>([
    ['ten parallel requests after the first one', [], 10],
    ['ten parallel requests if the service does not say how many items there are', ['total_count'], 10],
    ['ten parallel requests if the service does not say how long a page is', ['per_page'], 10],
    ['one request after the other if the service does not say how many pages there are', ['total_pages'], 1],
  ])('is read with %s', async (_, silent, expected) => {
    let underWay = 0;
    let most = 0;
    const all = things(2_500);
    const client = {
      send: async (sent: Call, shape: Shape<Item[]>) => {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        const { items, info } = pageOf(all, sent.query ?? {});
        for (const key of silent) delete (info as ResultInfo)[key];
        const shaped = shape(items, info);
        return { result: 'value' in shaped ? shaped.value : [], info, serverTimeMs: 0 };
      },
    } as unknown as Client;
    const { items } = await everyPage(client, call, { shape: anyItems, keyOf: ({ id }) => id });
    expect(new Set(items.map(({ id }) => id)).size).toBe(2_500);
    expect(most).toBe(expected);
  });

  test('ends with a repeated last page, even if another page arrives later', async () => {
    const asked: (string | undefined)[] = [];
    const client = {
      send: async ({ query: { page } = {} }: Call, shape: Shape<Item[]>) => {
        asked.push(page);
        await new Promise((resolve) => setTimeout(resolve, page === '4' ? 20 : 0));
        const items = page === '5' ? [] : things(50).map(({ id }) => ({ id: `${page} ${id}` }));
        const info = { total_pages: 5, per_page: 100 };
        const shaped = shape(items, info);
        return { result: 'value' in shaped ? shaped.value : [], info, serverTimeMs: 0 };
      },
    } as unknown as Client;
    expect((await everyPage(client, call, { shape: anyItems, keyOf: ({ id }) => id })).items).toHaveLength(200);
    expect(asked).toEqual([undefined, '2', '3', '4', '5']);
  });

  test('is read again if an item is deleted while it is read', async () => {
    let all = things(500);
    const list = listing((query, n) => {
      if (n === 3) all = all.slice(1); // all later items move forward, so one of them is missed
      return pageOf(all, query);
    });
    expect(await list.ids()).toEqual(
      expect.arrayContaining(
        things(500)
          .slice(1)
          .map(({ id }) => id),
      ),
    );
  });

  test('fails if one request fails, without sending more', async () => {
    const list = listing((query) => {
      if (query.page === '5') throw new Error('page 5');
      return pageOf(things(3_000), query);
    });
    await expect(list.all()).rejects.toThrow('page 5');
    expect(list.asked).toHaveLength(11);
  });

  test('fails if a later request fails, without sending more', async () => {
    let failed = 0;
    const list = listing((query, n) => {
      if (query.page === '25') {
        failed = n;
        throw new Error('page 25');
      }
      return pageOf(things(5_000), query);
    });
    await expect(list.all()).rejects.toThrow('page 25');
    expect(failed).toBeGreaterThan(20);
    expect(list.asked.length).toBeLessThanOrEqual(failed + 10);
  });

  test('ends after ten repeated pages if the server announces 1,000 and ignores page numbers', async () => {
    const info = { total_pages: 1_000, total_count: 100_000, per_page: 100 };
    const list = listing(() => ({ items: things(100), info }));
    expect(await list.ids()).toHaveLength(100);
    expect(list.asked).toHaveLength(3 * (1 + 10));
  });

  test('is read page by page if the page count contradicts the total', async () => {
    const list = listing((query) => {
      const { items, info } = pageOf(things(250), query);
      return { items, info: { ...info, total_pages: 900 } };
    });
    expect(await list.ids()).toHaveLength(250);
    expect(list.asked).toHaveLength(5);
  });

  test('with page tokens ends at the page without a next token, even if the total is never reached', async () => {
    const list = listing((query) => ({
      items: query.page_token ? things(40).slice(20) : things(20),
      info: query.page_token ? { total_count: 40 } : { next_page_token: 't', total_count: 40 },
    }));
    expect(await list.ids()).toHaveLength(40);
    expect(list.asked).toEqual([{}, { page_token: 't' }]);
  });
});

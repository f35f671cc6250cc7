// Writing a single comment of each kind: whose comment is edited, when none is written, and what happens when GitHub fails
// or other runs write at the same time.

import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Github, withGithub } from '../../src/github/client.ts';
import {
  isNewer,
  MaybeWritten,
  markerOf,
  type NewComment,
  readOwnComment,
  readWriter,
  writeComment,
  writerLine,
} from '../../src/github/comments.ts';
import { GithubError } from '../../src/github/errors.ts';
import type { Writer } from '../../src/settings.ts';
import { fakeClock } from '../clock.ts';
import {
  BOT,
  type Comment,
  type Fault,
  HEAD,
  merged,
  OTHER_BOT,
  PERSON,
  PULL_REQUEST,
  pull,
  TOKEN,
} from '../fake-github.ts';
import { useFakeGithub } from '../use-simulator.ts';

const github = await useFakeGithub();
beforeEach(() => {
  github.pulls = [pull()];
});

const OLD_HEAD = 'd'.repeat(40);
const WRITER: Writer = { run: '34', attempt: '1', head: HEAD };
const MARKERS = {
  plan: markerOf('plan', 'account', ['share', 'S']),
  result: markerOf('result', 'account', ['share', 'S']),
};
const bodyOf = (kind: 'plan' | 'result', writer: Writer, text = 'Hello'): string =>
  [MARKERS[kind], writerLine(writer), text].join('\n');
const comment = (change: Partial<NewComment> = {}): NewComment => {
  const { kind = 'plan', writer = WRITER } = change;
  const body = bodyOf(kind, writer);
  return { kind, number: PULL_REQUEST, marker: MARKERS[kind], body, writer, isWorthStarting: true, ...change };
};
const write = (change: Partial<NewComment> = {}, token = TOKEN) =>
  withGithub(
    { token, apiUrl: github.url, graphqlUrl: `${github.url}/graphql`, repository: 'owner/repo' },
    fakeClock(),
    new AbortController().signal,
    (connected) => writeComment(connected, token, comment(change)),
  );
const ours = (): (string | null)[] => github.comments.map(({ body }) => body);
const isCreation = ({ what }: { what: string }): boolean => what === 'POST /repos/owner/repo/issues/12/comments';
/** Posts a comment as another author. */
const theirs = (by: Comment['user'], body = bodyOf('plan', {}, 'Copy')): Comment => github.say(body, by);

describe('a comment of either kind', () => {
  test('is created once and then edited', async () => {
    expect(await write()).toBe('created');
    expect(await write({ kind: 'result' })).toBe('created');
    expect(await write({ body: bodyOf('plan', WRITER, 'Changed') })).toBe('edited');
    expect(await write({ kind: 'result' })).toBe('edited');
    expect(ours()).toEqual([bodyOf('plan', WRITER, 'Changed'), bodyOf('result', WRITER)]);
  });

  test('is not created, only edited, when there is nothing to report', async () => {
    expect(await write({ isWorthStarting: false })).toBe('not started');
    await write();
    expect(await write({ isWorthStarting: false })).toBe('edited');
  });

  test.each([
    ["with the workflow's token", TOKEN, [PERSON, OTHER_BOT, null], BOT],
    ["with a person's token", 'ghp_person', [BOT, OTHER_BOT, null], PERSON],
    ["with another app's token", 'ghs_other', [BOT, PERSON, null], OTHER_BOT],
  ])('by another author is left alone (%s)', async (_, token, others, author) => {
    for (const by of others) theirs(by);
    expect(await write({}, token)).toBe('created');
    expect(await write({}, token)).toBe('edited');
    expect(github.comments.map(({ user }) => user)).toEqual([...others, author]);
    expect(github.comments.filter(({ editor }) => editor !== undefined && editor !== author)).toEqual([]);
    expect(
      ours()
        .slice(0, -1)
        .every((body) => body?.endsWith('Copy')),
    ).toBe(true);
  });

  test('keeps only its oldest copy after several runs each created one', async () => {
    for (let i = 0; i < 3; i++) theirs(BOT);
    expect(await write()).toBe('edited');
    expect(github.comments.map(({ id }) => id)).toEqual([1]);
    expect(ours()).toEqual([bodyOf('plan', WRITER)]);
  });

  test('keeps only its first copy if two runs create it concurrently', async () => {
    github.before = (requested) => {
      if (isCreation(requested) && github.comments.length === 0) theirs(BOT);
    };
    expect(await write()).toBe('created');
    expect(github.comments.map(({ id }) => id)).toEqual([1]);
    expect(ours()).toEqual([bodyOf('plan', WRITER)]);
  });

  test("ends up with the newer run's text if two runs create it concurrently", async () => {
    const newer = bodyOf('plan', { ...WRITER, run: '35' });
    github.before = (requested) => {
      if (isCreation(requested) && github.comments.length === 0) theirs(BOT, newer);
    };
    const written = await write();
    expect(ours()).toEqual([newer]);
    expect(written).toBe('superseded');
  });

  test('ends up with the plan for the head commit if a run for an older commit creates it concurrently', async () => {
    const ofHead = bodyOf('plan', { ...WRITER, run: '101' }, 'Plan for the head commit');
    github.before = (requested) => {
      if (isCreation(requested) && github.comments.length === 0) theirs(BOT, ofHead);
    };
    const written = await write({ writer: { run: '102', attempt: '1', head: OLD_HEAD } });
    expect(ours()).toEqual([ofHead]);
    expect(written).toBe('superseded');
  });

  test("keeps a newer run's copy, which that run then removes itself", async () => {
    const writers = ['33', '34', '35'].map((run) => ({ ...WRITER, run }));
    const [older = '', , newer = ''] = writers.map((writer) => bodyOf('plan', writer));
    github.before = (requested) => {
      if (isCreation(requested)) theirs(BOT, older);
      else if (requested.method === 'GET' && github.comments.length === 2) theirs(BOT, newer);
    };
    const written = await write();
    expect(ours()).toEqual([older, newer]);
    expect(written).toBe('superseded');
    github.before = () => {};
    expect(await write({ writer: { ...WRITER, run: '35' } })).toBe('edited');
    expect(ours()).toEqual([newer]);
  });

  test('is created again if someone deletes it before the edit', async () => {
    await write();
    github.before = ({ method }) => {
      if (method === 'PATCH') github.comments = [];
    };
    await write({ body: bodyOf('plan', WRITER, 'Changed') });
    expect(ours()).toEqual([bodyOf('plan', WRITER, 'Changed')]);
  });

  test.each([
    [TOKEN, BOT],
    ['ghp_person', PERSON],
  ])('is also updated on a server without GraphQL (%s)', async (token, author) => {
    github.hasGraphql = false;
    theirs(author === BOT ? PERSON : BOT);
    expect(await write({}, token)).toBe('created');
    expect(await write({}, token)).toBe('edited');
    expect(github.comments.map(({ user }) => user)).toEqual([author === BOT ? PERSON : BOT, author]);
  });

  test('is edited, not duplicated, by the app that created it, even without GraphQL', async () => {
    github.hasGraphql = false;
    await write({}, 'ghs_other');
    await write({ body: bodyOf('plan', WRITER, 'Changed') }, 'ghs_other');
    expect(ours()).toEqual([bodyOf('plan', WRITER, 'Changed')]);
  });
});

describe('a plan', () => {
  test.each([
    ['merged', merged()],
    ['closed', pull({ state: 'closed' })],
  ])('is not written to a %s pull request, unlike a result', async (_, closed) => {
    await write();
    const before = ours();
    github.pulls = [closed];
    expect(await write({ body: bodyOf('plan', WRITER, 'Too late') })).toBe('closed');
    expect(ours()).toEqual(before);
    expect(await write({ kind: 'result' })).toBe('created');
  });

  test('is not written if the rate limit is exhausted, and no further request is sent', async () => {
    const headers = { 'retry-after': '3600' };
    github.faultFor = ({ path }) =>
      path.endsWith('/pulls/12') ? { kind: 'response', status: 403, headers } : undefined;
    await expect(write()).rejects.toMatchObject({ trouble: 'rate-limit' });
    expect(github.requests.map(({ path }) => path)).toEqual([expect.stringMatching(/\/pulls\/12$/)]);
  });

  describe.each([403, 404])('when the token can read comments but not the pull request (HTTP %i)', (status) => {
    const unreadable = (path: RegExp): void => {
      github.faultFor = (requested) => (path.test(requested.path) ? { kind: 'response', status } : undefined);
    };

    test('is written if the issue of the pull request is open', async () => {
      unreadable(/\/pulls\/12$/);
      expect(await write()).toBe('created');
      expect(await write({ body: bodyOf('plan', WRITER, 'Changed') })).toBe('edited');
    });

    test('is not written if the issue is closed', async () => {
      await write();
      const before = ours();
      unreadable(/\/pulls\/12$/);
      github.pulls = [merged()];
      expect(await write({ body: bodyOf('plan', WRITER, 'Too late') })).toBe('closed');
      expect(ours()).toEqual(before);
    });

    test('is not written if the issue cannot be read either', async () => {
      unreadable(/\/(pulls|issues)\/12$/);
      await expect(write()).rejects.toThrow(GithubError);
      expect(ours()).toEqual([]);
    });
  });
});

describe('the run recorded in a comment', () => {
  const at = (run: string, attempt = '1', head = HEAD): Writer => ({ run, attempt, head });
  test.each<[string, Writer, Writer, boolean]>([
    ['is not replaced by an older run', at('35'), at('34'), true],
    ['is not replaced by an older attempt', at('34', '2'), at('34', '1'), true],
    ['is replaced by the same attempt', at('34'), at('34'), false],
    ['is replaced by a newer attempt', at('34', '1'), at('34', '2'), false],
    ['is replaced by a newer run', at('34', '9'), at('35', '1'), false],
    ['is not replaced by an older run with fewer digits', at('100'), at('99'), true],
    [
      'is not replaced by an older run with a very large id',
      at('99999999999999999999'),
      at('99999999999999999998'),
      true,
    ],
    ['is not replaced by a newer run for an older commit', at('34', '1', HEAD), at('35', '1', OLD_HEAD), true],
    ['is replaced by a newer run for the newest commit', at('34', '1', OLD_HEAD), at('35', '1', HEAD), false],
    ['is not replaced by an older run for the newest commit', at('35', '1', OLD_HEAD), at('34', '1', HEAD), true],
    ['is replaced by a newer run without a commit', at('34', '1', HEAD), { run: '35', attempt: '1' }, false],
    ['is replaced if it is unknown', {}, at('34'), false],
    ['is replaced if the current run is unknown', at('34'), {}, false],
  ])('%s', async (_, old, mine, isKept) => {
    expect(isNewer(old, mine, HEAD)).toBe(isKept);
    theirs(BOT, bodyOf('plan', old, 'Theirs'));
    expect(await write({ writer: mine })).toBe(isKept ? 'superseded' : 'edited');
    expect(ours()).toEqual([isKept ? bodyOf('plan', old, 'Theirs') : bodyOf('plan', mine)]);
  });

  test.each<[string, string, Writer]>([
    [
      'is read below other hidden lines',
      `${MARKERS.plan}\n<!-- cloudflare-share-action-plan v2 x -->\n${writerLine(WRITER)}`,
      WRITER,
    ],
    ['is read with CRLF line endings', `${MARKERS.plan}\r\n${writerLine(WRITER)}\r\n`, WRITER],
    ['is read even if parts are missing', writerLine({ run: '34' }), { run: '34' }],
    [
      "is read without parts that should be numbers but aren't",
      '<!-- cloudflare-share-action-run x y z -->',
      { head: 'z' },
    ],
    ['is not read below text', `${MARKERS.plan}\nHello\n${writerLine(WRITER)}`, {}],
    ['is not read in a quotation', `> ${writerLine(WRITER)}`, {}],
    ['is not read from comments of older versions', MARKERS.plan, {}],
    ['is not read from an empty body', '', {}],
  ])('%s', (_, body, writer) => {
    expect(readWriter(body)).toEqual(writer);
  });

  test("can't end the hidden HTML comment early, whatever the runner's variables contain", () => {
    expect(writerLine({ run: '1 -->\n', attempt: '<b>', head: '-->' })).toBe(
      '<!-- cloudflare-share-action-run - - - -->',
    );
  });
});

describe('when the response to the create request is lost', () => {
  test.each<[string, Fault]>([
    ['the connection breaks', { kind: 'lost' }],
    ['the response is truncated', { kind: 'cut' }],
    ['GitHub responds with 502', { kind: 'response', status: 502, html: '<title>x</title>', isDone: true }],
    ['GitHub responds with null', { kind: 'response', status: 201, data: null, isDone: true }],
  ])('the comment is found and not created again (%s)', async (_, fault) => {
    let times = 0;
    github.faultFor = (requested) => (isCreation(requested) && ++times === 1 ? fault : undefined);
    expect(await write()).toBe('created');
    expect(times).toBe(1);
    expect(ours()).toEqual([bodyOf('plan', WRITER)]);
  });

  test.each<[string, Fault]>([
    ['the connection breaks', { kind: 'unsent' }],
    ['GitHub responds with 502', { kind: 'response', status: 502 }],
    ['GitHub asks for a wait', { kind: 'response', status: 403, headers: { 'retry-after': '1' } }],
  ])('the comment is created if none exists (%s)', async (_, fault) => {
    let times = 0;
    github.faultFor = (requested) => (isCreation(requested) && ++times === 1 ? fault : undefined);
    expect(await write()).toBe('created');
    expect(times).toBe(2);
    expect(ours()).toEqual([bodyOf('plan', WRITER)]);
  });

  test('the run does not try again once GitHub refuses', async () => {
    let times = 0;
    github.faultFor = (requested) => {
      if (!isCreation(requested)) return undefined;
      return ++times === 1 ? { kind: 'unsent' } : { kind: 'response', status: 403 };
    };
    await expect(write()).rejects.toMatchObject({ name: 'MaybeWritten', cause: { status: 403 } });
    expect(times).toBe(2);
  });

  test("another job's comment is reported as edited, not as created", async () => {
    github.faultFor = (requested) => {
      if (!isCreation(requested)) return undefined;
      theirs(BOT);
      return { kind: 'unsent' };
    };
    expect(await write()).toBe('edited');
    expect(ours()).toEqual([bodyOf('plan', WRITER)]);
  });

  test('the run gives up after four attempts', async () => {
    github.faultFor = (requested) => (isCreation(requested) ? { kind: 'response', status: 502 } : undefined);
    await expect(write()).rejects.toThrow(
      new MaybeWritten(new GithubError('server', { status: 502, detail: 'Something is wrong' })),
    );
    expect(github.requests.filter(isCreation)).toHaveLength(4);
  });

  test('one comment remains if the first one appears late', async () => {
    // The first creation executes when the second one arrives.
    let times = 0;
    github.before = (requested) => {
      if (isCreation(requested) && times === 1) theirs(BOT, bodyOf('plan', WRITER));
    };
    github.faultFor = (requested) => (isCreation(requested) && ++times === 1 ? { kind: 'unsent' } : undefined);
    expect(await write()).toBe('created');
    expect(ours()).toEqual([bodyOf('plan', WRITER)]);
  });
});

test('a comment is reported as created even if the check for duplicates fails', async () => {
  let isMade = false;
  github.faultFor = (requested) => {
    const isListing = isMade && requested.method === 'GET';
    isMade ||= isCreation(requested);
    return isListing ? { kind: 'response', status: 500 } : undefined;
  };
  expect(await write()).toBe('created');
});

// If a marker changed, runs would no longer find the comments of earlier versions.
test('a marker identifies the kind of comment, the account, and the share or file', () => {
  expect([
    markerOf('plan', 'a', ['share', 'S']),
    markerOf('result', 'a', ['share', 'S']),
    markerOf('plan', 'b', ['share', 'S']),
    markerOf('plan', 'a', ['config', 'S']),
  ]).toEqual([
    '<!-- cloudflare-share-action 59174afd3500875149f6af2efa5b04bd -->',
    '<!-- cloudflare-share-action-result 59174afd3500875149f6af2efa5b04bd -->',
    '<!-- cloudflare-share-action 77a6ea7d26da93ab3a20a2aaf475cc89 -->',
    '<!-- cloudflare-share-action 0be52822bec7e858318f16f11a33e059 -->',
  ]);
});

describe("the line that records a comment's run", () => {
  test.each<[string, string, Writer]>([
    ['a later attempt', '34 12 abc', { run: '34', attempt: '12', head: 'abc' }],
    ['text before the numbers', 'x34 x1 -', {}],
    ['text after the numbers', '34x 1x -', {}],
    ['too many digits', `${'1'.repeat(21)} 1 -`, { attempt: '1' }],
  ])('is parsed with %s', (_, words, writer) => {
    expect(readWriter(`<!-- cloudflare-share-action-run ${words} -->`)).toEqual(writer);
  });

  test('replaces each field that contains special characters with a hyphen', () => {
    expect(writerLine({ run: '-->1', attempt: '1-', head: 'ab' })).toBe('<!-- cloudflare-share-action-run - - ab -->');
  });

  test.each<[string, Writer, Writer, boolean]>([
    ['no, if both lack a run', { attempt: '2' }, { attempt: '1' }, false],
    ['no, if ours lacks a run', { run: '2', attempt: '2' }, { attempt: '1' }, false],
    ['no, if it lacks a run', { attempt: '2' }, { run: '2', attempt: '1' }, false],
    [
      'no, if neither is for the newest commit and ours has a later run',
      { run: '1', head: OLD_HEAD },
      { run: '2', head: 'e'.repeat(40) },
      false,
    ],
    ['no, if ours has a later run and no commit', { run: '1', head: HEAD }, { run: '2' }, false],
    ['yes, if its run is later', { run: '10' }, { run: '9' }, true],
    ['no, if its run is the same', { run: '9' }, { run: '9' }, false],
    ['yes, if its attempt is later', { run: '9', attempt: '10' }, { run: '9', attempt: '9' }, true],
    ['yes, if only the other one has an attempt', { run: '9', attempt: '1' }, { run: '9' }, true],
    [
      'yes, if only the other one is for the newest commit',
      { run: '1', head: HEAD },
      { run: '2', head: OLD_HEAD },
      true,
    ],
    [
      'no, if both are for the newest commit and ours has a later run',
      { run: '1', head: HEAD },
      { run: '2', head: HEAD },
      false,
    ],
  ])('tells whether another comment is newer: %s', (_, theirs, mine, newer) => {
    expect(isNewer(theirs, mine, HEAD)).toBe(newer);
  });
});

describe('the comments of a pull request', () => {
  const ME = { login: 'github-actions', isBot: true };
  const stored = (id: number, writer: Writer = { run: '1' }, change: object = {}): object => ({
    id,
    node_id: `n${id}`,
    body: bodyOf('result', writer),
    user: { login: 'github-actions[bot]', type: 'Bot' },
    ...change,
  });
  /** A connection that lists these comments and records the changes it is asked to make. */
  const scripted = (listed: unknown[], change: (route: string) => unknown = () => ({ id: 1 })) => {
    const sent: string[] = [];
    const waits: number[] = [];
    const connected = {
      listAll: async () => listed,
      query: async () => ({ viewer: { login: 'github-actions[bot]' }, node: { editor: null } }),
      pause: async (ms: number) => void waits.push(ms),
      send: async ({ route, parameters }: { route: string; parameters: object }, read: (data: unknown) => unknown) => {
        sent.push(`${route.split(' ')[0]} ${Object.values(parameters)[0]}`);
        const data = change(route);
        if (data instanceof Error) throw data;
        return read(data);
      },
    } as unknown as Github;
    return { connected, sent, waits };
  };
  const writing = (listed: unknown[], change?: (route: string) => unknown) => {
    const { connected, sent, waits } = scripted(listed, change);
    return { written: writeComment(connected, TOKEN, comment({ kind: 'result' })), sent, waits };
  };

  test('are ignored if they are unreadable', async () => {
    const { connected } = scripted([null, 7, { id: 'x' }, { id: 1, body: null }, stored(2)]);
    expect(await readOwnComment(connected, { number: 1, marker: MARKERS.result, me: ME })).toEqual({
      body: bodyOf('result', { run: '1' }),
    });
  });

  test('are listed oldest first in the error about duplicates', async () => {
    const { connected } = scripted([stored(30), stored(4)]);
    expect(await readOwnComment(connected, { number: 1, marker: MARKERS.result, me: ME })).toEqual({
      problem: expect.stringContaining('2 comments with a plan by github-actions[bot] (4, 30)'),
    });
  });

  test('cause an error if they lack the node_id needed to look up their editor', async () => {
    const { connected } = scripted([stored(1, {}, { node_id: 7 })]);
    await expect(readOwnComment(connected, { number: 1, marker: MARKERS.result, me: ME })).rejects.toMatchObject({
      trouble: 'unusable',
      message: expect.stringContaining('a comment has no node_id'),
    });
  });

  test('are not edited if any of them was written by a newer run', async () => {
    const { written, sent } = writing([stored(1), stored(2, { run: '35' })]);
    expect(await written).toBe('superseded');
    expect(sent).toEqual([]);
  });

  test('are not edited without a change', async () => {
    const { written, sent } = writing([stored(1, WRITER)]);
    expect(await written).toBe('edited');
    expect(sent).toEqual([]);
  });

  test.each([404, 410])('count as edited even if someone else deletes a duplicate first (%d)', async (status) => {
    const { written, sent } = writing([stored(1, WRITER), stored(2)], () => new GithubError('refused', { status }));
    expect(await written).toBe('edited');
    expect(sent).toEqual(['DELETE 2']);
  });

  test.each([403, 500])('keep their duplicates if GitHub refuses to delete the first one (%d)', async (status) => {
    const { written, sent } = writing(
      [stored(1, WRITER), stored(2), stored(3)],
      () => new GithubError('refused', { status }),
    );
    expect(await written).toBe('edited');
    expect(sent).toEqual(['DELETE 2']);
  });

  test('are not written if the code throws an unexpected error, which is rethrown', async () => {
    const mistake = new TypeError('a mistake');
    await expect(writing([stored(1, WRITER), stored(2)], () => mistake).written).rejects.toBe(mistake);
    await expect(writing([stored(1)], () => mistake).written).rejects.toBe(mistake);
    await expect(writing([], () => mistake).written).rejects.toBe(mistake);
  });

  test("can't be created if GitHub refuses, and the run doesn't try again", async () => {
    const refusal = new GithubError('permission', { status: 403 });
    const { written, sent } = writing([], () => refusal);
    await expect(written).rejects.toBe(refusal);
    expect(sent).toHaveLength(1);
  });

  test('are listed again, after increasing delays, if the response to the create request is lost', async () => {
    const { written, sent, waits } = writing([], () => new GithubError('unreachable', { detail: 'ECONNRESET' }));
    await expect(written).rejects.toMatchObject({
      name: 'MaybeWritten',
      message: "GitHub can't be reached (ECONNRESET)",
    });
    expect(sent).toHaveLength(4);
    expect(waits).toEqual([2_000, 4_000, 6_000]);
  });

  test("can't be edited if they are deleted before each of four attempts", async () => {
    const { written, sent } = writing([stored(1)], () => new GithubError('refused', { status: 404 }));
    await expect(written).rejects.toMatchObject({
      name: 'GithubError',
      message: "GitHub lists the comment, but responds to each edit that it doesn't exist",
    });
    expect(sent).toHaveLength(4);
  });
});

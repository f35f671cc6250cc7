// Who wrote or edited a comment, according to the responses of REST and GraphQL.

import { describe, expect, test } from '@jest/globals';
import type { Github } from '../../src/github/client.ts';
import { GithubError } from '../../src/github/errors.ts';
import {
  type Actor,
  actorWords,
  editorOf,
  identityOf,
  isSame,
  isWithoutGraphql,
  likelyIdentityOf,
  readActor,
} from '../../src/github/identity.ts';

const PERSON: Actor = { login: 'octo', isBot: false };
const BOT: Actor = { login: 'octo', isBot: true };

test.each<[string, Actor, Actor, boolean]>([
  ['the same login', PERSON, PERSON, true],
  ['the same login in another case', PERSON, { login: 'Octo', isBot: false }, true],
  ['another login', PERSON, { login: 'other', isBot: false }, false],
  ['a person and a bot with the same login', PERSON, BOT, false],
  ['a bot and an account of unknown kind', BOT, { login: 'octo' }, true],
  ['an account of unknown kind and a bot', { login: 'octo' }, BOT, true],
])('isSame compares logins, and kinds if both are known: %s', (_, a, b, same) => {
  expect(isSame(a, b)).toBe(same);
});

test("a bot's login ends with [bot]", () => {
  expect([PERSON, BOT, { login: 'octo' }].map(actorWords)).toEqual(['octo', 'octo[bot]', 'octo']);
});

test.each<[unknown, Actor | undefined]>([
  [null, undefined],
  [undefined, undefined],
  [{}, undefined],
  [{ login: '' }, undefined],
  [{ login: 7 }, undefined],
  [{ login: 'octo' }, { login: 'octo' }],
  [{ login: 'octo', type: 7 }, { login: 'octo' }],
  [{ login: 'octo', type: 'User' }, PERSON],
  [{ login: 'octo', __typename: 'User' }, PERSON],
  [{ login: 'octo', __typename: 'Bot' }, BOT],
  [{ login: 'octo[bot]', type: 'Bot' }, BOT],
  [{ login: 'octo[bot]' }, BOT],
])('parses the account %j', (value, actor) => {
  expect(readActor(value)).toEqual(actor);
});

/** A connection whose GraphQL query and `GET /user` give these values, or fail with these errors. */
const github = (queried: unknown, user?: unknown): Github => {
  const give = async (value: unknown): Promise<unknown> => {
    if (value instanceof Error) throw value;
    return value;
  };
  return {
    query: () => give(queried),
    send: async (_: unknown, read: (data: unknown) => unknown) => read(await give(user)),
  } as unknown as Github;
};
const refused = (status: number): GithubError => new GithubError('refused', { status });

describe('the identity of a token', () => {
  test.each<[string, unknown, string, Actor]>([
    ['is the viewer', { viewer: { login: 'octo' } }, 'ghp_x', PERSON],
    ['is a bot if the login says so', { viewer: { login: 'octo[bot]' } }, 'ghp_x', BOT],
    ["is a bot if it is an app's token", { viewer: { login: 'octo' } }, 'ghs_x', BOT],
  ])('%s', async (_, queried, token, actor) => {
    expect(await identityOf(github(queried), token)).toEqual(actor);
  });

  test('causes an error if the viewer is missing', async () => {
    await expect(identityOf(github({ viewer: null }), 'ghs_x')).rejects.toMatchObject({
      trouble: 'unusable',
      message: expect.stringContaining('viewer has no login'),
    });
  });

  test.each([
    ["the token's user", { login: 'octo', type: 'User' }, PERSON],
    [
      "the workflow's bot if the token can't read its user (403)",
      refused(403),
      { login: 'github-actions', isBot: true },
    ],
    [
      "the workflow's bot if the token can't read its user (404)",
      refused(404),
      { login: 'github-actions', isBot: true },
    ],
  ])('without GraphQL is %s', async (_, user, actor) => {
    for (const status of [404, 405, 410, 501])
      expect(await likelyIdentityOf(github(refused(status), user), 'ghs_x')).toEqual(actor);
  });

  test.each<[string, unknown, unknown]>([
    ['GitHub refuses the GraphQL query', refused(401), { login: 'octo' }],
    ['GitHub refuses the request for the user', refused(404), refused(401)],
    ["GitHub's rate limit is used up", refused(404), new GithubError('rate-limit', { status: 403 })],
    ['the query throws an unexpected error', new TypeError('a mistake'), { login: 'octo' }],
    ['the request for the user throws an unexpected error', refused(404), new TypeError('a mistake')],
  ])('is not guessed when %s', async (_, queried, user) => {
    const error = queried instanceof GithubError && queried.status === 404 ? user : queried;
    await expect(likelyIdentityOf(github(queried, user), 'ghs_x')).rejects.toBe(error);
  });
});

test('only 404, 405, 410 and 501 mean that the server has no GraphQL', () => {
  expect([401, 403, 404, 405, 410, 500, 501].filter((status) => isWithoutGraphql(refused(status)))).toEqual([
    404, 405, 410, 501,
  ]);
  expect([new GithubError('unreachable'), new Error('404')].map(isWithoutGraphql)).toEqual([false, false]);
});

describe('the editor of a comment', () => {
  test.each<[string, object, object]>([
    ['is nobody if the comment was not edited', { body: 'B', editor: null, lastEditedAt: null }, { body: 'B' }],
    ['is nobody if the time of the edit is missing', { body: 'B', editor: null }, { body: 'B' }],
    [
      'is the account in the response',
      { body: 'B', editor: { login: 'octo', __typename: 'User' }, lastEditedAt: '2026' },
      { body: 'B', editor: PERSON },
    ],
    [
      'is the account in the response, even without a time',
      { editor: { login: 'octo', __typename: 'User' } },
      { editor: PERSON },
    ],
    [
      'is null if the account no longer exists',
      { body: 'B', editor: null, lastEditedAt: '2026' },
      { body: 'B', editor: null },
    ],
    ['is null if it is unreadable', { body: 7, editor: {} }, { editor: null }],
  ])('%s', async (_, node, edited) => {
    expect(await editorOf(github({ node }), 'id')).toEqual(edited);
  });

  test.each([{ node: null }, { node: { body: 'B', lastEditedAt: null } }])(
    'causes an error if it is missing: %j',
    async (said) => {
      await expect(editorOf(github(said), 'id')).rejects.toMatchObject({
        trouble: 'unusable',
        message: expect.stringContaining('the editor of a comment is missing'),
      });
    },
  );
});

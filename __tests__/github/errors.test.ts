// What an error from GitHub means, and what people are told about it.

import { describe, expect, test } from '@jest/globals';
import { GithubError, messageIn, readRefusal, reasonOf, type Trouble } from '../../src/github/errors.ts';

type Details = ConstructorParameters<typeof GithubError>[1];

test.each<[Trouble, Details, string]>([
  ['cancelled', {}, 'the job was cancelled'],
  ['unreachable', { detail: 'ECONNRESET' }, "GitHub can't be reached (ECONNRESET)"],
  ['unusable', {}, "GitHub's response doesn't match its API's documentation"],
  ['unusable', { detail: 'no id' }, "GitHub's response doesn't match its API's documentation: \"no id\""],
  [
    'unusable',
    { status: 200, detail: 'no id' },
    "GitHub's response (HTTP 200) doesn't match its API's documentation: \"no id\"",
  ],
  ['server', { status: 502 }, 'GitHub responded with HTTP 502'],
  ['server', { status: 502, detail: 'Bad gateway' }, 'GitHub responded with HTTP 502: "Bad gateway"'],
  ['rate-limit', {}, "GitHub's rate limit is used up. It allows requests again in 60 seconds"],
  [
    'rate-limit',
    { status: 429, detail: 'slow down', retryAfterMs: 119_001 },
    'GitHub\'s rate limit is used up: "slow down" (HTTP 429). It allows requests again in 120 seconds',
  ],
  ['rate-limit', { retryAfterMs: 120_000 }, "GitHub's rate limit is used up. It allows requests again in 2 minutes"],
  ['rate-limit', { retryAfterMs: 120_001 }, "GitHub's rate limit is used up. It allows requests again in 3 minutes"],
  ['permission', {}, "github-token isn't allowed to do this"],
  ['permission', { status: 403, detail: 'No' }, 'github-token isn\'t allowed to do this: "No" (HTTP 403)'],
  ['refused', { status: 401, detail: 'Bad credentials' }, 'github-token is not valid'],
  ['refused', { status: 404 }, "GitHub found nothing there, or github-token isn't allowed to see it (HTTP 404)"],
  [
    'refused',
    { status: 404, detail: 'Not Found' },
    'GitHub found nothing there, or github-token isn\'t allowed to see it: "Not Found" (HTTP 404)',
  ],
  ['gone', {}, "GitHub lists the comment, but responds to each edit that it doesn't exist"],
  ['refused', {}, 'GitHub refused'],
  ['refused', { status: 422, detail: 'No' }, 'GitHub refused: "No" (HTTP 422)'],
])('the message for the error kind %s with %j can be embedded in a sentence', (trouble, details, message) => {
  const error = new GithubError(trouble, details);
  expect(error.message).toBe(message);
  expect(error).toMatchObject({ name: 'GithubError', trouble, neverSent: false, final: false });
});

describe('a refusal', () => {
  const NOW = Date.UTC(2026, 10, 24, 10);
  const DATE = new Date(NOW + 5_000).toUTCString();
  const reset = String(NOW / 1000 + 30);

  test.each<[string, number, Record<string, unknown>, unknown, Trouble, number | undefined]>([
    ['with status 500', 500, {}, {}, 'server', undefined],
    ['with status 499', 499, {}, {}, 'refused', undefined],
    ["with status 501, which doesn't pass", 501, {}, {}, 'refused', undefined],
    ['with status 502', 502, {}, {}, 'server', undefined],
    ['with status 429', 429, {}, {}, 'rate-limit', undefined],
    [
      'with status 403 and a message about the rate limit',
      403,
      {},
      { message: 'API rate limit hit' },
      'rate-limit',
      undefined,
    ],
    [
      'with status 400 and a message about the rate limit',
      400,
      {},
      { message: 'API rate limit hit' },
      'refused',
      undefined,
    ],
    [
      'with status 403 and a message that says "rate limiter"',
      403,
      {},
      { message: 'rate limiter' },
      'refused',
      undefined,
    ],
    ['with status 403 and a delay in seconds', 403, { 'retry-after': '7' }, {}, 'rate-limit', 7_000],
    ['with status 403 and spaces around the delay', 403, { 'retry-after': ' 12 ' }, {}, 'rate-limit', 12_000],
    ['with status 400 and a delay in seconds', 400, { 'retry-after': '7' }, {}, 'refused', undefined],
    [
      "with a retry date relative to the response's date",
      429,
      { date: DATE, 'retry-after': new Date(NOW + 25_000).toUTCString() },
      {},
      'rate-limit',
      20_000,
    ],
    ['with a retry date', 429, { 'retry-after': new Date(NOW + 25_000).toUTCString() }, {}, 'rate-limit', 25_000],
    ['with a retry date in the past', 429, { 'retry-after': new Date(NOW - 1_000).toUTCString() }, {}, 'rate-limit', 0],
    ['with an unreadable delay', 429, { 'retry-after': 'x7' }, {}, 'rate-limit', undefined],
    ['with a delay that is not text', 429, { 'retry-after': 7 }, {}, 'rate-limit', undefined],
    [
      'with a used-up limit',
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
      {},
      'rate-limit',
      31_000,
    ],
    [
      "with a used-up limit relative to the response's date",
      403,
      { date: DATE, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
      {},
      'rate-limit',
      26_000,
    ],
    [
      'with a used-up limit whose reset time has passed',
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' },
      {},
      'rate-limit',
      1_000,
    ],
    ['with a used-up limit without a reset time', 403, { 'x-ratelimit-remaining': '0' }, {}, 'rate-limit', 60_000],
    [
      'with a used-up limit and an unreadable reset time',
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${reset}.5` },
      {},
      'rate-limit',
      60_000,
    ],
    [
      'with a used-up limit and a negative reset time',
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `-${reset}` },
      {},
      'rate-limit',
      60_000,
    ],
    [
      'with a limit that is not used up',
      403,
      { 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': reset },
      {},
      'refused',
      undefined,
    ],
  ])('%s is classified, and its retry delay is read', (_, status, headers, data, trouble, retryAfterMs) => {
    expect(readRefusal({ status, headers, data }, NOW)).toMatchObject({ trouble, status, retryAfterMs });
  });

  test.each([
    ['Resource not accessible by integration', 'permission'],
    ['You must have push access to this', 'permission'],
    ['Must have admin rights to Repository', 'permission'],
    ['This requires the workflow permission', 'permission'],
    ['These require a permission', 'permission'],
    ['Insufficient scope', 'permission'],
    ['Insufficient permission', 'permission'],
    ['Resource protected', 'refused'],
    ['You must have patience', 'refused'],
  ])('with the message %j is classified as %s', (message, trouble) => {
    expect(readRefusal({ status: 403, headers: {}, data: { message } }, NOW)).toMatchObject({ trouble });
  });
});

test.each<[string, unknown, string]>([
  ['null', null, ''],
  ['a message', { message: 'No' }, 'No'],
  ['a message and its details', { message: 'No', errors: ['a', { message: 'b' }, { code: 'c' }, null] }, 'No: a: b'],
  ['a message and an empty detail', { message: 'No', errors: ['', { message: '' }] }, 'No'],
  ['only details', { errors: ['a'] }, 'a'],
  ['errors that are not a list', { message: 'No', errors: 'a' }, 'No'],
  ['a message that is not text', { message: 7 }, ''],
  ['a web page with a title', '<HTML><TITLE>Unicorn!</TITLE>', 'Unicorn!'],
  ['a web page without a title', '<html>', ''],
  ['a web page with its title far down', `${' '.repeat(10_000)}<title>Unicorn!</title>`, ''],
])("reads GitHub's own message from %s", (_, data, said) => {
  expect(messageIn(data)).toBe(said);
});

test.each<[string, unknown, string]>([
  ['a missing permission', new GithubError('permission'), "github-token isn't allowed to do this. Grant it"],
  ['a cancelled job', new GithubError('cancelled'), 'the job was cancelled'],
  ['a mistake in the action', new TypeError('a mistake'), 'unexpected: a mistake'],
  ['something else that was thrown', 'text', 'unexpected: text'],
])('the reason names the permission to grant only if one is missing: %s', (_, error, reason) => {
  expect(reasonOf(error, 'Grant it')).toBe(reason);
});

import { describe, expect, test } from '@jest/globals';
import { explain, Stop } from '../../src/apply/errors.ts';
import type { Call } from '../../src/cloudflare/call.ts';
import { type ApiError, Cancelled, NoUsableResponse, Refusal } from '../../src/cloudflare/errors.ts';
import type { ProblemKind } from '../../src/share/problem.ts';
import { desired } from '../share/values.ts';

const create: Call = { method: 'POST', path: '/accounts/owner/shares', purpose: 'create the share' };
const refusal = (call: Call, ...errors: ApiError[]): Refusal => new Refusal(call, { status: 400, errors });

const wanted = desired({ placeOf: (path) => ({ label: JSON.stringify(path) }) });

describe('the message for an error', () => {
  test.each<[string, unknown, string, ProblemKind]>([
    ['repeats the message of a Stop', new Stop('Look at it.', 'drift'), 'Look at it.', 'drift'],
    ['says that the job was cancelled', new Cancelled(), 'The job was cancelled.', 'cancelled'],
    [
      'names the request during which the job was cancelled',
      new Cancelled(create),
      'The job was cancelled during the request to create the share.',
      'cancelled',
    ],
    [
      'gives no advice on a refusal with an unknown code',
      refusal(create, { code: 1, message: 'no' }),
      'Cloudflare refused to create the share: HTTP 400: 1 no',
      'cloudflare',
    ],
    [
      'gives advice on a refusal',
      new Refusal(create, { status: 404, errors: [] }),
      'Cloudflare refused to create the share: HTTP 404: no reason given. Check account-id and share-id, and that the account is on an Enterprise plan with resource sharing.',
      'cloudflare',
    ],
    [
      'gives no advice on a lost response',
      new NoUsableResponse(create, 'reset'),
      'Cloudflare did not return a usable response when asked to create the share: reset',
      'cloudflare',
    ],
    [
      'gives advice on a request that was never sent',
      new NoUsableResponse(create, 'no such host', { neverSent: true }),
      'Cloudflare did not return a usable response when asked to create the share: no such host. Nothing was sent. Check the network, any proxy (HTTPS_PROXY, NO_PROXY) and api-base-url.',
      'cloudflare',
    ],
    [
      'reports a thrown value that is not an error as a bug',
      'odd',
      'Unexpected: odd. This is a bug in the action: please report it',
      'internal',
    ],
    [
      'reports an error without a stack as a bug',
      Object.assign(new Error('oops'), { stack: undefined }),
      'Unexpected: oops. This is a bug in the action: please report it',
      'internal',
    ],
    [
      'reports an unexpected error as a bug, with its stack',
      Object.assign(new Error('oops'), { stack: 'Error: oops\n    at here' }),
      'Unexpected: Error: oops\n    at here. This is a bug in the action: please report it',
      'internal',
    ],
  ])('%s', (_, error, message, kind) => {
    expect(explain(error, undefined)).toEqual([{ message, kind }]);
  });

  test('explains each error in an AggregateError separately', () => {
    const nested = new AggregateError([
      new Stop('a', 'drift'),
      new AggregateError([new Stop('b', 'refusal')]),
      new Cancelled(),
    ]);
    expect(explain(nested, wanted)).toEqual([
      { message: 'a', kind: 'drift' },
      { message: 'b', kind: 'refusal' },
      { message: 'The job was cancelled.', kind: 'cancelled' },
    ]);
  });

  test('quotes a refused temporary name, because the file does not contain it', () => {
    const name = 'Baseline [creating 0123456789ab]';
    const [problem] = explain(refusal({ ...create, body: { name } }, { message: 'invalid name' }), wanted);
    expect(problem?.message).toBe(
      `Cloudflare refused to create the share: HTTP 400: invalid name (the request used the temporary name of the share, "${name}")`,
    );
    const aboutRecipient = { message: 'no', pointer: '/recipients/0' };
    for (const errors of [[], [aboutRecipient, { message: 'invalid name' }]])
      expect(explain(refusal({ ...create, body: { name } }, ...errors), wanted)[0]?.message).toContain(`"${name}"`);
    const others = [
      refusal({ ...create, body: { name: 'Baseline' } }),
      new NoUsableResponse({ ...create, body: { name } }, 'reset'),
      refusal({ ...create, body: { name } }, aboutRecipient),
      new Refusal({ ...create, body: { name } }, { status: 403, errors: [] }),
    ];
    for (const error of others) expect(explain(error, wanted)[0]?.message).not.toContain('temporary');
  });
});

describe('the place of a refused value', () => {
  const placeOf = (error: unknown): string | undefined => explain(error, wanted)[0]?.place?.label;

  test.each<[string, string | undefined]>([
    ['/recipients/0/account_id', '["recipients",0,"account_id"]'],
    ['#/body/resources/12/meta', '["resources",12,"meta"]'],
    ['body.resources[1].resource_id', '["resources",1,"resource_id"]'],
    ['/name', '["name"]'],
    ['/resources/r2d2/x', '["resources","r2d2","x"]'],
    ['/resources/2nd', '["resources","2nd"]'],
    ['/kind', undefined],
    ['/', undefined],
    ['', undefined],
  ])('for the pointer %j is %s', (pointer, label) => {
    expect(placeOf(refusal(create, { message: 'no', pointer }))).toBe(label);
  });

  test('comes from the first pointer', () => {
    const errors = [{ message: 'a' }, { message: 'b', pointer: '/name' }, { message: 'c', pointer: '/recipients' }];
    expect(placeOf(refusal(create, ...errors))).toBe('["name"]');
    expect(placeOf(refusal(create, { message: 'a' }))).toBeUndefined();
  });

  const [first, second] = [{ recipient_account_id: 'a1' }, { recipient_account_id: 'a2' }];
  const policy = { resource_type: 'gateway-policy', resource_id: 'c1', resource_account_id: 'owner' };
  const ofLists = { ...wanted, recipients: [first, second], resources: [{ ...policy, resource_id: 'c0' }, policy] };

  test.each<[string, Partial<Call>, Partial<ApiError>, string | undefined]>([
    ['an added recipient', { body: second }, { pointer: '/account_id' }, '["recipients",1,"account_id"]'],
    ['an added recipient without a pointer', { body: second }, {}, '["recipients",1]'],
    ['an added resource', { path: '/resources', body: { ...policy, meta: {} } }, {}, '["resources",1]'],
    ['one of the recipients', { method: 'PUT', body: [second, first] }, { pointer: '/0/x' }, '["recipients",1,"x"]'],
    ['the list of recipients', { method: 'PUT', body: [second, first] }, {}, undefined],
    ['an unlisted recipient', { body: { recipient_account_id: 'a3' } }, {}, undefined],
    ['an exclusion', { path: '/excluded-recipients', method: 'PUT', body: [first] }, { pointer: '/0' }, undefined],
    ['a removed recipient', { method: 'DELETE', path: '/recipients/r1' }, {}, undefined],
  ])('of an existing share is known for %s', (_, { path = '/recipients', ...more }, error, label) => {
    const call: Call = { ...create, ...more, path: `${create.path}/s1${path}` };
    expect(explain(refusal(call, { message: 'no', ...error }), ofLists)[0]?.place?.label).toBe(label);
  });

  test.each<[number, ApiError[], string | undefined]>([
    [422, [], '["recipients",0]'],
    [409, [{ message: 'no', pointer: '/account_id' }], '["recipients",0,"account_id"]'],
    [409, [], undefined],
    [403, [], undefined],
  ])('of an added recipient depends on the status %d and the errors %j', (status, errors, label) => {
    const call = { ...create, path: `${create.path}/s1/recipients`, body: first };
    expect(explain(new Refusal(call, { status, errors }), ofLists)[0]?.place?.label).toBe(label);
  });

  test('is unknown for other requests', () => {
    const error = { message: 'no', pointer: '/name' };
    const rename: Call = { method: 'PUT', path: `${create.path}/s1`, purpose: 'rename the share' };
    expect(placeOf(refusal(rename, error))).toBe('["name"]');
    for (const call of [
      { ...rename, method: 'POST' },
      { ...rename, method: 'DELETE' },
      { ...rename, path: create.path },
      { ...rename, path: `${rename.path}/recipients` },
      { ...create, path: `${create.path}/s1/recipients` },
    ] as const)
      expect(placeOf(refusal(call, error))).toBeUndefined();
    expect(explain(refusal(create, error), undefined)).toEqual([
      { message: 'Cloudflare refused to create the share: HTTP 400: no (at /name)', kind: 'cloudflare' },
    ]);
  });
});

// Requests that the API or the edge in front of it refuses, and the advice that the step gives. These
// tests run src/ from start to finish.

import { createServer } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { startSimulator } from '../../simulator/index.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useSimulator } from '../use-simulator.ts';
import { withServer } from '../with-server.ts';

const sim = await useSimulator();

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const baseline = (): InputsOf => ({
  'share-name': 'Baseline',
  recipients: [{ recipient_account_id: sim.memberIds[0] }, { recipient_account_id: sim.memberIds[1] }],
  resources: [POLICY],
});
const go = (inputs: InputsOf = {}): Promise<Ran> => runInProcess(inputsFor(sim, { ...baseline(), ...inputs }));
const sent = (): string[] => sim.requests.map(({ method }) => method);

/** The simulator on another port, with some of its responses replaced. */
async function withResponses(
  responses: (method: string) => { status: number; body: string; type?: string } | undefined,
  use: (baseUrl: string, seen: string[]) => Promise<void>,
): Promise<void> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method}`);
    request.resume().on('end', () => {
      const {
        status,
        body,
        type = 'application/json',
      } = responses(`${request.method}`) ?? {
        status: 200,
        body: '{"success":true,"errors":[],"messages":[],"result":[]}',
      };
      response.writeHead(status, { 'content-type': type, 'cf-ray': '8f00ba4-AMS' }).end(body);
    });
  });
  await withServer(server, (url) => use(`${url}/client/v4`, seen));
}

describe('a refusal is reported with advice', () => {
  test.each<[string, () => InputsOf, RegExp, string[]]>([
    [
      'an unknown token (9109)',
      () => ({ 'api-token': 'nobodys-token' }),
      /HTTP 403: 9109 Invalid access token .*\. Cloudflare does not know this token: check that/,
      ['GET'],
    ],
    [
      'a wrong key (10000)',
      () => ({ 'api-token': undefined, 'api-email': sim.credentials.apiEmail, 'api-key': 'f'.repeat(32) }),
      /HTTP 403: 10000 Authentication error.*permission to read/,
      ['GET'],
    ],
    [
      'malformed credentials (6003)',
      () => ({ 'api-token': 'simulator.token' }),
      /HTTP 400: 6003 .*whole secret was pasted/,
      ['GET'],
    ],
    [
      'a token that can only read',
      () => ({ 'api-token': sim.credentials.readOnlyApiToken }),
      /create the share: HTTP 403: 10000 Authentication error.*permission to write.*says "Authentication error" if a token can only read/,
      ['GET', 'POST'],
    ],
    [
      'an account the token has no access to',
      () => ({ 'account-id': 'e'.repeat(32) }),
      /HTTP 403: 9109 .*account-id/,
      ['GET'],
    ],
    [
      "the id of a share that doesn't exist (404)",
      () => ({ 'share-id': 'd'.repeat(32) }),
      /There is no share d{32}.*Check share-id and account-id/,
      ['GET'],
    ],
  ])('for %s', async (_, inputs, says, requests) => {
    const ran = await go(inputs());
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringMatching(says)]);
    expect(ran.lines.at(-1)).toMatch(/^Done: nothing\./);
    expect(sent()).toEqual(requests);
    expect(sim.shares()).toEqual([]);
  });

  test('for an account without the feature (404 on the list)', async () => {
    const body = '{"success":false,"errors":[{"code":1004,"message":"not found"}],"messages":[],"result":null}';
    await withResponses(
      () => ({ status: 404, body }),
      async (baseUrl, seen) => {
        const ran = await go({ 'api-base-url': baseUrl });
        expect(ran.errors).toEqual([expect.stringMatching(/HTTP 404: 1004 not found.*Enterprise plan/)]);
        expect(seen).toEqual(['GET']);
      },
    );
  });

  test('for a persistent rate limit', async () => {
    sim.order({ kind: 'rate-limited', times: 2, retryAfterSeconds: 0 });
    const ran = await go({ 'max-attempts': '2' });
    expect(ran.errors).toEqual([expect.stringMatching(/HTTP 429: 971 .*run again in five minutes/)]);
    expect(sent()).toEqual(['GET', 'GET']);
  });

  test('but does not occur for a read-only token when nothing changes', async () => {
    await go();
    const ran = await go({ 'api-token': sim.credentials.readOnlyApiToken });
    expect(ran.outputs.outcome).toBe('unchanged');
    expect(ran.exitCode).toBe(0);
  });

  test('for a token without permission to read: to use create-new', async () => {
    const refused =
      '{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}';
    const share = {
      id: 's1',
      name: 'Baseline',
      status: 'active',
      target_type: 'account',
      created: '2026-01-01T00:00:00Z',
    };
    const shared = { ...POLICY, id: 'r1', resource_account_id: sim.accountId, status: 'active', meta: {} };
    const body = JSON.stringify({ success: true, errors: [], messages: [], result: { ...share, resources: [shared] } });
    await withResponses(
      (method) => (method === 'GET' ? { status: 403, body: refused } : { status: 201, body }),
      async (baseUrl, seen) => {
        const looked = await go({ 'api-base-url': baseUrl });
        expect(looked.errors).toEqual([expect.stringContaining('if-exists: create-new needs no permission to read')]);
        const anew = await go({ 'api-base-url': baseUrl, 'if-exists': 'create-new' });
        expect(anew.outputs).toMatchObject({ 'share-id': 's1', outcome: 'created', 'resource-ids': '["r1"]' });
        expect(seen).toEqual(['GET', 'POST']);
      },
    );
  });
});

describe('a pointer in an API error', () => {
  const repeated = () => [0, 0, 1].map((i) => ({ recipient_account_id: sim.memberIds[i] }));

  test.each<[string, () => InputsOf, RegExp]>([
    [
      'to a recipient',
      () => ({ recipients: [{ recipient_account_id: sim.memberIds[0] }, { recipient_account_id: sim.outsiderId }] }),
      /^recipients\[1\]\.recipient_account_id: /,
    ],
    [
      'to a recipient after repeated ones',
      () => ({ recipients: [...repeated(), { recipient_account_id: sim.outsiderId }] }),
      /^recipients\[3\]\.recipient_account_id: /,
    ],
    [
      'to a resource',
      () => ({ resources: [POLICY, POLICY, { ...POLICY, resource_id: 'c2', resource_account_id: sim.outsiderId }] }),
      /^resources\[2\]\.resource_account_id: /,
    ],
    [
      'to the owner as a recipient',
      () => ({ recipients: `- recipient_account_id: ${sim.accountId}` }),
      /^recipients\[0\]\.recipient_account_id: .*owns the share/,
    ],
  ])('%s leads to the line in the workflow', async (_, inputs, says) => {
    const ran = await go(inputs());
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringMatching(says)]);
    expect(ran.errors[0]).toMatch(/\[CF-Ray [0-9a-f]+-AMS\]/);
    expect(ran.lines.at(-1)).toBe(
      `Done: nothing. Not done: create share ${JSON.stringify(inputs()['share-name'] ?? 'Baseline')}.`,
    );
  });

  test('to a refused name is reported at share-name, and no temporary share remains', async () => {
    sim.setAssociation(60_000);
    const ran = await go({ 'share-name': 'n'.repeat(256) });
    expect(ran.exitCode).toBe(1);
    const [share] = sim.shares();
    expect(ran.errors).toEqual([
      expect.stringMatching(
        `^share-name: Cloudflare refused to rename share ${share?.id}: HTTP 400: 1001 must have at most 255 characters`,
      ),
    ]);
    // It lists shares to see if another one now has the name, and reads its own to see if it still exists.
    expect(sent()).toEqual(['GET', 'POST', 'GET', 'PUT', 'GET', 'GET', 'DELETE']);
    expect(sim.liveShares()).toEqual([]);
    expect(ran.outputs).toMatchObject({ 'share-id': share?.id, status: 'deleting' });
    expect(ran.lines.at(-1)).toMatch(
      new RegExp(`; delete the temporary share ${share?.id}\\. Not done: rename the share to "n{256}"\\.$`),
    );
  });
});

describe('an unexpected response', () => {
  const page = '<!DOCTYPE html>\n<html><head><title>Attention Required!</title></head><body>blocked</body></html>';
  test.each<[string, { status: number; body: string; type?: string }, RegExp]>([
    [
      'an HTML page from the edge with a refusal',
      { status: 403, body: page, type: 'text/html' },
      /HTTP 403: a web page "Attention Required!" from the edge/,
    ],
    [
      'an HTML page from the edge with a failure',
      { status: 520, body: page, type: 'text/html' },
      /HTTP 520: a web page "Attention Required!"/,
    ],
    [
      'an HTML page with status 200',
      { status: 200, body: page, type: 'text/html' },
      /HTTP 200 with a web page "Attention Required!" instead of JSON/,
    ],
    [
      'a problem document',
      { status: 400, body: '{"title":"Error 1016","detail":"Origin DNS error"}' },
      /HTTP 400: Error 1016: Origin DNS error/,
    ],
    ['plain text', { status: 403, body: 'error code: 1020' }, /HTTP 403: error code: 1020/],
    ['an empty response', { status: 400, body: '' }, /HTTP 400: no reason given/],
    [
      'an envelope with success: false and status 200',
      { status: 200, body: '{"success":false,"errors":[{"code":1004,"message":"not found"}]}' },
      /1004 not found/,
    ],
    [
      'an object instead of a list',
      { status: 200, body: '{"success":true,"result":{}}' },
      /doesn't match the API's documentation/,
    ],
    ['null', { status: 200, body: 'null' }, /doesn't match the API's documentation/],
  ])('is recognized and not shown in full (%s)', async (_, response, says) => {
    await withResponses(
      () => response,
      async (baseUrl, seen) => {
        const ran = await go({ 'api-base-url': baseUrl, 'max-attempts': '1' });
        expect(ran.exitCode).toBe(1);
        expect(ran.errors).toEqual([expect.stringMatching(says)]);
        expect(ran.errors[0]).toContain('[CF-Ray 8f00ba4-AMS]');
        for (const text of [ran.log, ran.summary]) expect(text).not.toMatch(/<body|blocked/);
        expect(seen).toEqual(['GET']);
      },
    );
  });
});

describe('a listed share', () => {
  // Either the requested name or another one.
  test.each(['Baseline', 'Another'])(
    "that can't be read stops the run only if it might be the requested share (%s)",
    async (name) => {
      const raw = { created: null };
      const { id } = sim.seed({ name, raw });
      const ran = await go();
      const mayBeIt = name === 'Baseline';
      expect(ran.exitCode).toBe(mayBeIt ? 1 : 0);
      expect(ran.errors).toEqual(
        mayBeIt
          ? [expect.stringMatching(`lists share ${id} in a way that this version can't read \\("created" is null\\)`)]
          : [],
      );
      expect(sent()).toEqual(mayBeIt ? ['GET'] : ['GET', 'POST', 'GET', 'PUT']);
    },
  );
});

describe('a redirect', () => {
  test.each([{}, { 'if-exists': 'create-new' }])(
    'is refused, and nothing is sent to the other origin (%j)',
    async (inputs) => {
      const other = await startSimulator();
      try {
        sim.order({ kind: 'redirect', location: `${other.baseUrl}/accounts/${sim.accountId}/shares` });
        const ran = await go(inputs);
        expect(ran.exitCode).toBe(1);
        expect(ran.errors).toEqual([
          expect.stringContaining(`a redirect to ${new URL(other.baseUrl).origin}, which the action did not follow`),
        ]);
        expect(other.requests).toEqual([]);
        expect(sim.requests).toHaveLength(1);
      } finally {
        await other.close();
      }
    },
  );

  test('is not followed even on the same origin', async () => {
    sim.order({ kind: 'redirect' });
    expect((await go()).exitCode).toBe(1);
    expect(sim.requests.map(({ path }) => path)).toEqual([`/accounts/${sim.accountId}/shares`]);
  });
});

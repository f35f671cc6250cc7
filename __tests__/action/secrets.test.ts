// Secrets are masked before anything else and appear in no log, error, output or summary. These tests run
// dist/index.js from start to finish.

import { createServer } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import type { EnvironmentOf } from '../../simulator/runner.ts';
import { type InputsOf, inputsFor, type Ran, runAction } from '../run-action.ts';
import { useSimulator } from '../use-simulator.ts';
import { withServer } from '../with-server.ts';

const sim = await useSimulator();

const POLICY = { resource_type: 'gateway-policy', resource_id: 'c1' };
const go = (inputs: InputsOf = {}, env: EnvironmentOf = {}): Promise<Ran> =>
  runAction(
    inputsFor(sim, {
      'share-name': 'Baseline',
      recipients: [{ recipient_account_id: sim.memberIds[0] }],
      resources: [POLICY],
      ...inputs,
    }),
    { env },
  );

const MASK = '::add-mask::';
/** The decoded masks, which must all be at the beginning of the log. */
const masks = (ran: Ran): string[] => {
  const lines = ran.log.split(/\r?\n/).filter((line) => line !== '');
  const isMask = lines.map((line) => line.startsWith(MASK));
  expect(isMask.lastIndexOf(true)).toBe(isMask.filter(Boolean).length - 1);
  return lines
    .filter((line) => line.startsWith(MASK))
    .map((line) => line.slice(MASK.length).replace(/%0D/g, '\r').replace(/%0A/g, '\n').replace(/%25/g, '%'));
};

/** Expects the secret to be masked and never shown, whether plain, JSON-escaped or URL-encoded. */
const expectSecret = (ran: Ran, ...secrets: string[]): void => {
  expect(masks(ran)).toEqual(expect.arrayContaining(secrets));
  const seen = [...ran.lines, ...Object.values(ran.outputs), ran.summary].join('\n');
  for (const secret of secrets) {
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
      expect(seen).not.toContain(form);
    }
  }
};

describe('the token', () => {
  const token = 'simulator-token-which-may-write-00000000';

  test.each<[string, InputsOf]>([
    ['a share is created', {}],
    ['the log is long', { wait: 'true' }],
    ["it is a share's name", { 'share-name': token }],
    ['it is part of a name', { 'share-name': `a ${token}${token}\n${token}` }],
    [
      "it is a recipient's id",
      { recipients: [{ recipient_account_id: token.slice(0, 32) }, { recipient_account_id: token }] },
    ],
    ['it is a key of a recipient', { recipients: [{ [token]: 'x' }] }],
    ['it is in invalid YAML', { recipients: `- {${token}: [` }],
    ['it is a resource type', { resources: [{ ...POLICY, resource_type: token }] }],
    ['it is in meta', { resources: [{ ...POLICY, meta: { [token]: token } }] }],
    [
      'it is in every input',
      Object.fromEntries(
        ['account-id', 'share-id', 'mode', 'prune', 'wait-timeout', 'if-exists', 'max-attempts', 'api-base-url'].map(
          (name) => [name, token],
        ),
      ),
    ],
    ['it is the path of a file', { config: `${token}.yml`, 'share-name': '', recipients: '', resources: '' }],
    ['the API refuses it', { 'account-id': 'e'.repeat(32) }],
  ])('is masked first and never shown when %s', async (_, inputs) => {
    const ran = await go({ ...inputs, 'github-token': 'ghs_0123456789' }, { RUNNER_DEBUG: '1' });
    expect(masks(ran)[0]).toBe(token);
    expectSecret(ran, token, 'ghs_0123456789');
  });

  test('is never shown when the API repeats it in an error', async () => {
    const said = `Invalid header: Authorization: Bearer ${token}`;
    const server = createServer((request, response) =>
      request.resume().on('end', () => {
        const body = { success: false, errors: [{ code: 6003, message: said, source: { pointer: `/${token}` } }] };
        response.writeHead(400, { 'cf-ray': token }).end(JSON.stringify(body));
      }),
    );
    await withServer(server, async (baseUrl) => {
      const ran = await go({ 'api-base-url': baseUrl }, { RUNNER_DEBUG: '1' });
      expect(ran.errors).toEqual([expect.stringContaining('6003 Invalid header: Authorization: Bearer ***')]);
      expectSecret(ran, token);
    });
  });

  test('is never shown when no connection can be made', async () => {
    const ran = await go({ 'api-base-url': 'http://127.0.0.1:9/', 'max-attempts': '1' });
    expect(ran.errors).toEqual([expect.stringMatching(/no connection \(ECONNREFUSED\).*Nothing was sent/)]);
    expectSecret(ran, token);
  });
});

describe('every known secret', () => {
  test.each<[string, InputsOf, EnvironmentOf, string]>([
    ['api-token', { 'api-token': 'other-token-0001', 'api-key': 'x' }, {}, 'other-token-0001'],
    [
      'api-key',
      { 'api-token': undefined, 'api-email': 'a@example.com', 'api-key': 'key-0123456789' },
      {},
      'key-0123456789',
    ],
    [
      'api-email',
      { 'api-token': undefined, 'api-email': 'a@example.com', 'api-key': 'key-0123456789' },
      {},
      'a@example.com',
    ],
    ['github-token', { 'github-token': 'ghs_abcdef0123' }, {}, 'ghs_abcdef0123'],
    ['CLOUDFLARE_API_TOKEN', {}, { CLOUDFLARE_API_TOKEN: 'unused-token-0002' }, 'unused-token-0002'],
    ['CLOUDFLARE_API_KEY', {}, { CLOUDFLARE_API_KEY: 'unused-key-0003' }, 'unused-key-0003'],
    ['CLOUDFLARE_EMAIL', {}, { CLOUDFLARE_EMAIL: 'b@example.com' }, 'b@example.com'],
    ['the password in HTTPS_PROXY', {}, { HTTPS_PROXY: 'http://u:proxy-pass-1@127.0.0.1:9' }, 'proxy-pass-1'],
    [
      'the decoded password in https_proxy',
      {},
      { https_proxy: 'http://u:proxy%2Fpass%402@127.0.0.1:9' },
      'proxy/pass@2',
    ],
    [
      'the password in ALL_PROXY',
      {},
      { ALL_PROXY: 'http://u:proxy-pass-3@127.0.0.1:9', NO_PROXY: '*' },
      'proxy-pass-3',
    ],
    ['a secret followed by a newline', { 'github-token': 'ghs_abcdef0124\r\n' }, {}, 'ghs_abcdef0124'],
    [
      'the longer of two secrets with a common prefix',
      {},
      { CLOUDFLARE_API_KEY: 'simulator-token-which-may-write-00000000-and-more' },
      'simulator-token-which-may-write-00000000-and-more',
    ],
    ['a secret that JSON escapes', {}, { CLOUDFLARE_API_KEY: 'quote"back\\slash-0004' }, 'quote"back\\slash-0004'],
  ])('is masked and never shown: %s', async (_, inputs, env, secret) => {
    const ran = await go({ 'share-name': `Named ${secret}`, ...inputs }, { RUNNER_DEBUG: '1', ...env });
    expectSecret(ran, secret);
    expect([...ran.lines, ran.summary].join('\n')).not.toContain(secret.slice(-8));
  });
});

test("values of up to three characters are not masked, because that would garble the job's log", async () => {
  const ran = await go({ 'github-token': 'eat' });
  expect(masks(ran)).not.toContain('eat');
  expect(ran.outputs.outcome).toBe('created');
});

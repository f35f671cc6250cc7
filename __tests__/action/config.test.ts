// Runs with a shares file. These tests run src/ from start to finish.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runAction } from '../run-action.ts';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator({ latencyMs: 4 });
const folder = useFolder();

const FILE = '.cloudflare/shares.yml';
const go = (text: string | object, inputs: InputsOf = {}, file = FILE, run = runInProcess): Promise<Ran> => {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof text === 'string' ? text : JSON.stringify(text));
  return run(inputsFor(sim, { config: file, ...inputs }), { env: { GITHUB_WORKSPACE: folder } });
};
const methods = (): string[] => sim.requests.map(({ method }) => method);
const sharesOf = (ran: Ran): { name: string; outcome: string; share_id: string | null }[] =>
  JSON.parse(ran.outputs.shares ?? '[]');
const share = (name: string, ...accounts: number[]) => ({
  name,
  recipients: (accounts.length > 0 ? accounts : [0]).map((i) => ({ recipient_account_id: String(sim.memberIds[i]) })),
  resources: [{ resource_type: 'gateway-policy', resource_id: 'c1' }],
});

/** The contract's example, verbatim. */
const EXAMPLE = `# .cloudflare/shares.yml
# yaml-language-server: $schema=<the published schema/shares.schema.json>
account_id: 023e105f4ecef8ad9ca31a8372d0c353   # optional; an error when the account-id input says otherwise
shares:
  - name: Gateway baseline
    recipients: &branches
      - account_id: 11111111111111111111111111111111
      - account_id: 22222222222222222222222222222222
    resources:
      - resource_type: gateway-policy
        resource_id: cccccccccccccccccccccccccccccccc
  - name: WAF baseline
    recipients: *branches
    resources:
      - resource_type: custom-ruleset
        resource_id: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
`;

describe('the deprecated key account_id', () => {
  const old = (name: string) => ({ ...share(name), recipients: [{ account_id: String(sim.memberIds[0]) }] });
  const notices = (ran: Ran): string[] => ran.lines.filter((line) => line.startsWith('::notice'));

  test('causes one notice per run, where it first occurs, and is sent unchanged', async () => {
    const ran = await go({ shares: [old('A'), old('B'), share('C')] });
    expect(ran.exitCode).toBe(0);
    expect(notices(ran)).toEqual([
      expect.stringMatching(
        /^::notice file=\.cloudflare\/shares\.yml,line=1,col=\d+::.*recipient_account_id.*2027-05-26/,
      ),
    ]);
    expect(sim.requests.flatMap(({ method, body }) => (method === 'POST' ? [body] : []))).toContainEqual(
      expect.objectContaining({ recipients: [{ account_id: sim.memberIds[0] }] }),
    );
  });

  test('causes no notice when it is not used', async () => {
    expect(notices(await go({ shares: [share('A')] }))).toEqual([]);
  });
});

describe('the documented example file', () => {
  test('creates both shares as described', async () => {
    const ran = await go(EXAMPLE, { 'account-id': undefined });
    expect(ran.errors).toEqual([]);
    expect(ran.exitCode).toBe(0);
    const recipients = ['1', '2'].map((digit) => ({ account_id: digit.repeat(32) }));
    const rest = { resource_account_id: sim.accountId, meta: {} };
    const bodies = sim.requests.filter(({ method }) => method === 'POST').map(({ body }) => body);
    expect(bodies).toHaveLength(2);
    expect(bodies).toEqual(
      expect.arrayContaining([
        {
          name: expect.stringMatching(/^Gateway baseline \[creating [0-9a-z]{12,}\]$/),
          recipients,
          resources: [{ resource_type: 'gateway-policy', resource_id: 'c'.repeat(32), ...rest }],
        },
        {
          name: expect.stringMatching(/^WAF baseline \[creating [0-9a-z]{12,}\]$/),
          recipients,
          resources: [{ resource_type: 'custom-ruleset', resource_id: 'b'.repeat(32), ...rest }],
        },
      ]),
    );
    expect(sharesOf(ran).map(({ name, outcome }) => [name, outcome])).toEqual([
      ['Gateway baseline', 'created'],
      ['WAF baseline', 'created'],
    ]);
    expect(ran.outputs).toMatchObject({ outcome: 'created', changed: 'true' });
  });

  test('needs three reads when everything is in sync, and leaves other shares alone', async () => {
    const other = sim.seed({ name: 'Not in the file' });
    await go(EXAMPLE, { prune: 'true' });
    sim.requests.length = 0;
    const ran = await go(EXAMPLE, { prune: 'true' });
    expect(methods()).toEqual(['GET', 'GET', 'GET']);
    expect(ran.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' });
    expect(sim.liveShares().find(({ id }) => id === other.id)).toEqual(other);
  });

  test('can also be planned and deleted, without affecting any other share', async () => {
    sim.seed({ name: 'Not in the file' });
    const planned = await go(EXAMPLE, { mode: 'plan' });
    expect(planned.outputs).toMatchObject({ outcome: 'planned', changed: 'true' });
    expect(methods()).toEqual(['GET']);
    await go(EXAMPLE);
    const deleted = await go(EXAMPLE, { mode: 'delete' });
    expect(sharesOf(deleted).map(({ outcome }) => outcome)).toEqual(['deleted', 'deleted']);
    expect(sim.liveShares().map(({ name }) => name)).toEqual(['Not in the file']);
  });
});

describe('a mistake in the file or in the inputs about it', () => {
  /** The example with one thing changed. */
  const but = (from: string, to: string): string => {
    expect(EXAMPLE).toContain(from);
    return EXAMPLE.replace(from, to);
  };

  test.each<[string, () => string, [number, number, RegExp][]]>([
    [
      'a misspelled key',
      () => but('- account_id: 2', '- acount_id: 2'),
      [[8, 9, /shares\[0\]\.recipients\[1\]\.acount_id: unknown key/]],
    ],
    [
      'a misspelled key of a share',
      () => but('    resources:\n      - resource_type: custom', '    resource:\n      - resource_type: custom'),
      [
        [12, 5, /shares\[1\]\.resources: is missing/],
        [14, 5, /shares\[1\]\.resource: unknown key/],
      ],
    ],
    [
      'a misspelled key of the file',
      () => but('shares:', 'share:'),
      [
        [3, 1, /shares: is missing/],
        [4, 1, /share: unknown key/],
      ],
    ],
    [
      'a second share with the same name',
      () => but('name: WAF baseline', 'name: Gateway baseline'),
      [[12, 11, /is also the name of shares\[0\] \("Gateway baseline"\): names must be unique/]],
    ],
    [
      'an account that differs from the input',
      () => but('account_id: 023e', 'account_id: 123e'),
      [[3, 13, /account_id: is 123e.*but the account-id input is 023e/]],
    ],
    ['an empty name', () => but('name: WAF baseline', 'name: ""'), [[12, 11, /shares\[1\]\.name: is empty/]]],
    [
      'a list as an item',
      () => but('- account_id: 22222222222222222222222222222222', '- []'),
      [[8, 9, /shares\[0\]\.recipients\[1\]: must be an object/]],
    ],
    [
      'a repeated key',
      () => but('  - name: WAF baseline', '  - name: WAF baseline\n    name: Twice'),
      [[13, 5, /is repeated: keys must be unique/]],
    ],
    ['an alias without an anchor', () => but('*branches', '*branch'), [[13, 17, /branch/]]],
    ['an empty list of shares', () => 'shares: []\n', [[1, 9, /shares: is empty/]]],
    [
      'a misspelled key in JSON',
      () => '{\n  "shares": [\n    {"name": 1}\n  ]\n}',
      [
        [3, 5, /recipients: is missing/],
        [3, 5, /resources: is missing/],
        [3, 14, /shares\[0\]\.name: is a number: put the share name in quotes/],
      ],
    ],
  ])('is annotated at its place before any request (%s)', async (_, text, places) => {
    const ran = await go(text());
    expect(ran.exitCode).toBe(1);
    const seen = [...ran.log.matchAll(/^::error file=([^,:]+),line=(\d+),col=(\d+)::(.*)$/gm)]
      .map(([, file, line, col, message]) => ({ file, line: Number(line), col: Number(col), message }))
      .sort((a, b) => a.line - b.line || a.col - b.col);
    expect(seen).toEqual(
      places.map(([line, col, says]) => ({ file: FILE, line, col, message: expect.stringMatching(says) })),
    );
    expect(ran.errors).toHaveLength(places.length);
    expect(sim.requests).toEqual([]);
  });

  test('is reported in the same run as all other problems with the file and the inputs', async () => {
    const text = EXAMPLE.replace('- account_id: 1', '- acount_id: 1')
      .replace('resource_type: custom-ruleset', 'resource_type: ""')
      .replace('name: WAF', 'title: WAF');
    const ran = await go(text, { mode: 'aply' });
    const said = ran.errors.map((error) => error.replace(/^file=\S+?::/, ''));
    expect(said).toHaveLength(5);
    for (const problem of [
      /^mode: /,
      /acount_id: unknown/,
      /name: is missing/,
      /title: unknown/,
      /resource_type: is empty/,
    ]) {
      expect(said).toContainEqual(expect.stringMatching(problem));
    }
    expect(sim.requests).toEqual([]);
  });

  test.each<[string, InputsOf, RegExp]>([
    ['a missing file', { config: 'none.yml' }, /^config: none\.yml: there is no such file/],
    ['a folder', { config: '.cloudflare' }, /^config: \.cloudflare: is a folder, not a file/],
    ['share-name together with config', { 'share-name': 'x' }, /^share-name: can't be combined with config/],
    [
      'a missing account id',
      { 'account-id': undefined },
      /no account is set: set account_id here, or the account-id input/,
    ],
  ])('is reported (%s)', async (_, inputs, says) => {
    const ran = await go({ shares: [share('A')] }, inputs);
    expect(ran.errors).toEqual([expect.stringMatching(says)]);
    expect(sim.requests).toEqual([]);
  });
});

describe('an unusable file', () => {
  const goAt = (config: string): Promise<Ran> =>
    runInProcess(inputsFor(sim, { config }), { env: { GITHUB_WORKSPACE: folder } });

  test('is annotated at the first byte that is not valid UTF-8', async () => {
    writeFileSync(join(folder, 'latin1.yml'), Buffer.from('shares:\n  - name: Café\n', 'latin1'));
    const ran = await goAt('latin1.yml');
    expect(ran.errors).toEqual([expect.stringMatching(/^file=latin1\.yml,line=2,col=14::.*UTF-8/)]);
    expect(sim.requests).toEqual([]);
  });

  test.each<[string, RegExp]>([
    ['/dev/zero', /^config: \/dev\/zero: is not a regular file$/],
    ['.', /^config: \.: is a folder, not a file$/],
    ['../none.yml', /^config: \.\.\/none\.yml: there is no such file/],
  ])('is reported without hanging (%s)', async (path, says) => {
    const ran = await goAt(path);
    expect(ran.errors).toEqual([expect.stringMatching(says)]);
    expect(ran.exitCode).toBe(1);
    expect(sim.requests).toEqual([]);
  });
});

describe('a file with many shares', () => {
  test('has its other shares applied when one fails, and the failed one is annotated', async () => {
    const broken = { ...share('Broken'), recipients: [{ recipient_account_id: sim.outsiderId }] };
    const shares = [share('A'), broken, share('B'), share('C')];
    const ran = await go(`shares:\n${shares.map((each) => `  - ${JSON.stringify(each)}\n`).join('')}`);
    expect(ran.exitCode).toBe(1);
    const live = sim.liveShares().map(({ name }) => name);
    expect(live.sort()).toEqual(['A', 'B', 'C']);
    expect(ran.log).toMatch(/^::error file=\.cloudflare\/shares\.yml,line=3,col=\d+::.*"Broken".*HTTP 400/m);
    expect(ran.errors).toHaveLength(1);
    const ids = new Map(sim.liveShares().map(({ name, id }) => [name, id]));
    const done = ['A', 'B', 'C'].map(
      (name) => `create share "${name}" (${ids.get(name)}); rename the share to "${name}"`,
    );
    expect(ran.lines.at(-1)).toBe(
      `4 shares: 3 created; failed: "Broken". Done: ${done.join('; ')}. Not done: create share "Broken".`,
    );
    expect(sharesOf(ran).map(({ outcome }) => outcome)).toEqual(['created', null, 'created', 'created']);
    expect(ran.outputs.changed).toBe('true');
  });

  test('needs at most 121 reads for 120 shares in sync, at most ten at a time', async () => {
    const shares = Array.from({ length: 120 }, (_, i) => share(`Share ${i}`, i % 9, 9 + i));
    const rest = { resource_account_id: sim.accountId, meta: {} };
    for (const { name, recipients, resources } of shares) {
      sim.seed({ name, recipients, resources: resources.map((resource) => ({ ...resource, ...rest })) });
    }
    const ran = await go({ shares });
    expect(ran.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' });
    const progress = ran.lines.filter((line) => / of 120 shares /.test(line));
    const tenths = [12, 24, 36, 48, 60, 72, 84, 96, 108, 120];
    expect(progress).toEqual(
      ['planned', 'applied'].flatMap((verb) => tenths.map((done) => `${done} of 120 shares ${verb}`)),
    );
    expect(sim.requests.length).toBeLessThanOrEqual(121);
    expect(new Set(methods())).toEqual(new Set(['GET']));
    expect(sim.maxInFlight).toBeLessThanOrEqual(10);
    expect(sim.maxInFlight).toBeGreaterThan(1);
  });

  test('causes a single error with a count when all shares fail for the same reason', async () => {
    const shares = ['A', 'B', 'C', 'D', 'E'].map((name) => share(name));
    const ran = await go({ shares }, { 'api-token': 'nobodys-token-at-all' });
    expect(ran.exitCode).toBe(1);
    expect(ran.errors).toEqual([expect.stringMatching(/::"A", "B", "C" and 2 others: .*9109/)]);
  });

  test('needs no reads of recipients for shares that target the organization', async () => {
    const recipients = [{ organization_id: sim.organizationId }];
    const shares = ['A', 'B', 'C'].map((name) => ({ ...share(name), recipients }));
    await go({ shares });
    sim.requests.length = 0;
    expect((await go({ shares })).outputs.outcome).toBe('unchanged');
    expect(methods()).toEqual(['GET']);
  });

  test('has each share created once when six runs apply it concurrently', async () => {
    const names = ['A', 'B', 'C'];
    const shares = names.map((name) => share(name));
    const runs = await Promise.all(
      Array.from({ length: 6 }, (_, i) => go({ shares }, {}, `shares-${i}.json`, runAction)),
    );
    expect(runs.flatMap(({ errors }) => errors)).toEqual([]);
    expect(sim.liveShares()).toHaveLength(3);
    const live = new Map(sim.liveShares().map(({ id, name }) => [name, id]));
    for (const ran of runs) {
      expect(sharesOf(ran).map(({ share_id }) => share_id)).toEqual(names.map((name) => live.get(name)));
    }
  });
});

// Every reader of text accepts or refuses any text within a time limit. `npm test` tries few cases; the weekly workflow
// tries many (FUZZ_RUNS).

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { NoUsableResponse, Refusal } from '../../src/cloudflare/errors.ts';
import { readResponse } from '../../src/cloudflare/read-response.ts';
import { aCreatedShare, recipients, resources, shares } from '../../src/cloudflare/shapes.ts';
import { readDocument } from '../../src/document/document.ts';
import { readPullRequest } from '../../src/github/pull-requests.ts';
import { failedPlanMarker, readReviewMarker, reviewMarker } from '../../src/review/marker.ts';
import { NoReviewedPlan } from '../../src/review/no-reviewed-plan.ts';
import { readPlanFile, writePlanFile } from '../../src/review/plan-file.ts';
import { ACCOUNT, creating, proposed } from '../review/plans.ts';
import { type InputsOf, runInProcess } from '../run-in-process.ts';
import { useFolder } from '../use-simulator.ts';
import { fuzz, RUNS } from './damaged-text.ts';

jest.setTimeout(60_000 + RUNS * 200);
const folder = useFolder();

const ID = '1'.repeat(32);
const FILE = `# yaml-language-server: $schema=x
account_id: ${ACCOUNT}
complete: true
x-all: &all
  - recipient_account_id: ${ID}
    label: Berlin office
shares:
  - name: Gateway baseline
    previous_name: Baseline
    recipients: *all
    resources:
      - { resource_type: gateway-policy, resource_id: ${'c'.repeat(32)}, meta: { a: [1, 2.5, null] } }
  - name: Old
    state: absent
`;
const JSON_FILE = JSON.stringify({ shares: [{ name: 'A', recipients: [{ account_id: ID }], resources: [] }] });
const LISTS = [
  `[{"recipient_account_id":"${ID}"}]`,
  `- organization_id: ${ID}\n`,
  '[{}]',
  `- account_id: ${ID}\n  label: x\n`,
];

/** The result of mode: check. It reads inputs and files as every run does, and sends nothing. */
async function expectReadOrRefused(inputs: InputsOf): Promise<void> {
  const ran = await runInProcess({ mode: 'check', ...inputs }, { env: { GITHUB_WORKSPACE: folder } });
  if (ran.exitCode === 0) expect(ran.errors).toEqual([]);
  else expect(ran.errors.length).toBeGreaterThan(0);
}

describe('damaged or arbitrary text', () => {
  test('is read or refused as a document', () =>
    fuzz([FILE, JSON_FILE, ...LISTS], async (text) => {
      const { flaws, positionOf } = await readDocument(text, { isFree: (path) => path.includes('meta') });
      for (const { path } of flaws) positionOf(path);
    }));

  test('is read or refused as a file of shares', () =>
    fuzz([FILE, JSON_FILE], (text) => {
      writeFileSync(join(folder, 'shares.yml'), text);
      return expectReadOrRefused({ config: 'shares.yml' });
    }));

  test.each([
    'recipients',
    'resources',
    'exclude',
    'share-name',
    'wait-timeout',
    'removal-limit',
    'account-id',
    'config',
  ])('is read or refused as the input %s', (input) => {
    const good = {
      'account-id': ACCOUNT,
      'share-name': 'A',
      recipients: LISTS[0],
      resources: '[{"resource_type":"gateway-policy","resource_id":"c1"}]',
    };
    // NUL can't be in an environment variable.
    return fuzz([...LISTS, 'Baseline', '300', '30%', 'shares.yml'], (text) =>
      expectReadOrRefused({ ...good, [input]: text.replaceAll('\0', '').slice(0, 100_000) }),
    );
  });

  test('is read or refused as a response from the API', () => {
    const share = { id: ID, name: 'A', status: 'active', target_type: 'account', created: 'x', resources: [] };
    const responses = [
      { result: [share] },
      { result: share },
      { result: null, errors: [{ code: 1004, message: 'no' }] },
    ];
    const samples = responses.map((response) =>
      JSON.stringify({ success: true, ...response, result_info: { count: 1 } }),
    );
    return fuzz([...samples, '<html><title>502: Bad gateway</title></html>', 'error code: 1015'], (text) => {
      for (const status of [200, 201, 204, 301, 403, 429, 503]) {
        for (const shape of [shares, aCreatedShare, recipients, resources]) {
          try {
            const header = (name: string) => (name === 'retry-after' || name === 'date' ? text.slice(0, 30) : null);
            readResponse<unknown>({ method: 'GET', path: '/', purpose: 'try' }, { status, header, text }, shape, 0);
          } catch (error) {
            if (!(error instanceof Refusal || error instanceof NoUsableResponse)) throw error;
          }
        }
      }
    });
  });

  test('is read or refused as a marker in a comment', () => {
    const plans = [proposed(creating('A', ['a', 'b']))];
    const markers = [reviewMarker(plans, ACCOUNT, 60_000), reviewMarker(plans, ACCOUNT, 10), failedPlanMarker(ACCOUNT)];
    return fuzz(
      markers.map((marker) => `<!-- cloudflare-share-action 0123 -->\n${marker}\n### Plan\n`),
      (text) => {
        const read = readReviewMarker(text, ACCOUNT);
        expect('reviewed' in read || read.problem.length > 0).toBe(true);
      },
    );
  });

  test('is read or refused as a plan file', async () => {
    const path = join(folder, 'plan.json');
    await writePlanFile(path, ACCOUNT, [proposed(creating('A', ['a', 'b']))]);
    return fuzz([readFileSync(path, 'utf8'), '{"version":2}', '{"version":1}'], async (text) => {
      writeFileSync(path, text);
      const error = await readPlanFile(path, ACCOUNT).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error !== undefined && !(error instanceof NoReviewedPlan)) throw error;
    });
  });

  test('is read or refused as a response from GitHub', () => {
    const sample = {
      number: 12,
      state: 'open',
      merged_at: null,
      head: { sha: ID, ref: 'a' },
      base: { ref: 'main' },
      user: {},
    };
    return fuzz([JSON.stringify(sample), '[]', 'null'], (text) => {
      let value: unknown = text;
      try {
        value = JSON.parse(text);
      } catch {
        // not JSON: the text itself is a value of another type
      }
      readPullRequest(value);
    });
  });
});

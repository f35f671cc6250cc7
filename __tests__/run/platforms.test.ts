// Differences on Windows: line endings, backslashes in paths, and file locations. CI runs these tests on Windows and
// macOS too.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type InputsOf, inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { useFolder, useSimulator } from '../use-simulator.ts';

const sim = await useSimulator();
const folder = useFolder();
mkdirSync(join(folder, '.cloudflare'));

const ID = '1'.repeat(32);
const FILE = `shares:
  - name: Baseline
    recipients:
      - recipient_account_id: ${ID}
        label: |
          Berlin
          office
    resources: [{ resource_type: gateway-policy, resource_id: c1 }]
`;
const crlf = (text: string): string => text.replaceAll('\n', '\r\n');

const go = (inputs: InputsOf): Promise<Ran> =>
  runInProcess(inputsFor(sim, inputs), { env: { GITHUB_WORKSPACE: folder, RUNNER_TEMP: folder } });
const withFile = (text: string, inputs: InputsOf = {}): Promise<Ran> => {
  writeFileSync(join(folder, '.cloudflare', 'shares.yml'), text);
  return go({ config: '.cloudflare/shares.yml', mode: 'plan', ...inputs });
};
/** Everything a user sees, without the random name of the report. */
const seen = ({ exitCode, lines, outputs, summary }: Ran) => ({
  exitCode,
  lines,
  outputs: { ...outputs, 'report-file': '' },
  summary,
});

test('a file with CRLF has the same plan, log and summary as one with LF', async () => {
  const expected = await withFile(FILE);
  expect(expected.errors).toEqual([]);
  expect(seen(await withFile(crlf(FILE)))).toEqual(seen(expected));
});

test('a problem in a file with CRLF has the same line and column', async () => {
  const wrong = FILE.replace('resource_id', 'resourc_id');
  const expected = await withFile(wrong);
  expect(expected.errors).toContainEqual(expect.stringMatching(/^file=\.cloudflare\/shares\.yml,line=8,col=\d+::/));
  expect((await withFile(crlf(wrong))).errors).toEqual(expected.errors);
});

test('lists in inputs can have CRLF', async () => {
  const lists = {
    'share-name': 'Baseline',
    recipients: `- recipient_account_id: ${ID}\n`,
    resources: '- resource_type: gateway-policy\n  resource_id: c1\n',
    mode: 'plan',
  };
  const expected = await go(lists);
  expect(expected.errors).toEqual([]);
  expect(seen(await go({ ...lists, recipients: crlf(lists.recipients), resources: crlf(lists.resources) }))).toEqual(
    seen(expected),
  );
});

test('paths can have backslashes, and annotations have slashes', async () => {
  const expected = await withFile(FILE.replace('name:', 'nam:'));
  expect(expected.errors[0]).toMatch(/^file=\.cloudflare\/shares\.yml,line=2,/);
  const ran = await withFile(FILE.replace('name:', 'nam:'), { config: '.cloudflare\\shares.yml' });
  expect(ran.errors).toEqual(expected.errors);
});

test('a plan file can have a path with backslashes, and can be read after git changed its line endings', async () => {
  const planned = await withFile(FILE, { 'plan-file': 'plans\\plan.json' });
  expect(planned.errors).toEqual([]);
  const path = join(folder, 'plans', 'plan.json');
  writeFileSync(path, crlf(readFileSync(path, 'utf8')));
  const applied = await withFile(FILE, { mode: 'apply', 'reviewed-plan': 'plans\\plan.json' });
  expect(applied.errors).toEqual([]);
  expect(sim.liveShares().map(({ name }) => name)).toEqual(['Baseline']);
});

test('report-file is an absolute path in the folder for temporary files', async () => {
  const report = (await withFile(FILE)).outputs['report-file'] ?? '';
  expect([isAbsolute(report), dirname(report), existsSync(report)]).toEqual([true, folder, true]);
});

// Runs the scripts in the examples with a `gh` that only records its arguments. The drift issue is opened, updated and closed, and an
// export becomes a pull request.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

interface Script {
  name?: string;
  run?: string;
}

/** The script of the step with this name. */
function scriptOf(example: string, step: string): string {
  const { jobs } = parse(readFileSync(new URL(`../../examples/${example}`, import.meta.url), 'utf8'));
  const steps = Object.values<{ steps: Script[] }>(jobs).flatMap((job) => job.steps);
  const { run } = steps.find(({ name }) => name === step) ?? {};
  if (run === undefined) throw new Error(`${example} has no script "${step}"`);
  return run;
}

const GH = `#!/bin/sh
echo "$*" >> "$GH_LOG"
case "$*" in "issue list"*) [ -z "$OPEN_ISSUE" ] || echo "$OPEN_ISSUE" ;; esac
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'example-'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'gh'), GH);
  chmodSync(join(folder, 'bin', 'gh'), 0o755);
  writeFileSync(join(folder, 'gh.log'), '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function bash(script: string, env: Record<string, string>): void {
  const { status, stderr } = spawnSync('bash', ['-e', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      HOME: folder,
      GH_LOG: join(folder, 'gh.log'),
      GIT_CONFIG_NOSYSTEM: '1',
      ...env,
    },
  });
  expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
}
const asked = (): string[] => readFileSync(join(folder, 'gh.log'), 'utf8').trim().split('\n');

describe('drift-issue.yml', () => {
  const env = (issue: string): Record<string, string> => ({
    LABEL: 'cloudflare-drift',
    OPEN_ISSUE: issue,
    REPORT: join(folder, 'report.md'),
  });
  const OPEN = scriptOf('drift-issue.yml', 'Open or update the issue');
  const CLOSE = scriptOf('drift-issue.yml', 'Close the issue');
  beforeEach(() => writeFileSync(join(folder, 'report.md'), `### Drift\n${'ö'.repeat(70_000)}`));

  test('opens an issue with as much of the report as fits', () => {
    bash(OPEN, env(''));
    expect(asked().at(-1)).toMatch(/^issue create --label cloudflare-drift .*--body-file issue\.md$/);
    const body = readFileSync(join(folder, 'issue.md'), 'utf8');
    expect([body.slice(0, 11), [...body].length <= 65_536, body.includes('\ufffd')]).toEqual([
      '### Drift\nö',
      true,
      false,
    ]);
  });

  test('updates the open issue', () => {
    bash(OPEN, env('17'));
    expect(asked().at(-1)).toBe('issue edit 17 --body-file issue.md');
    expect(asked().join()).not.toContain('issue create');
  });

  test('closes the issue when nothing differs anymore', () => {
    bash(CLOSE, env('17'));
    expect(asked().at(-1)).toBe('issue close --comment The shares match the file again. 17');
  });

  test('does nothing if no issue is open and nothing differs', () => {
    bash(CLOSE, env(''));
    expect(asked()).toHaveLength(1);
  });
});

test('export.yml commits the file to a branch and opens a pull request', () => {
  bash(
    `git init --quiet --bare origin.git
git init --quiet .
git remote add origin "$PWD/origin.git"
git -c user.name=a -c user.email=b commit --quiet --allow-empty --message first
mkdir .cloudflare && echo 'complete: true' > .cloudflare/shares.yml`,
    {},
  );
  bash(scriptOf('export.yml', 'Open the pull request'), { BRANCH: 'shares-7', RUN: 'https://example.com/runs/7' });
  expect(asked()).toEqual([
    'auth setup-git',
    expect.stringMatching(/^pr create --head shares-7 --title .+ --body .+\/7/),
  ]);
  const { stdout } = spawnSync('git', ['-C', join(folder, 'origin.git'), 'show', 'shares-7:.cloudflare/shares.yml'], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('complete: true\n');
});

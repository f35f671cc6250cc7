// Pictures, README and the values of unit tests show what real runs show.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { renderReport } from '../../src/report/markdown.ts';
import { runReport } from './run-report.ts';
import { lostResponseLog, play, type SceneName, withLog } from './scenes.ts';
import { REPORTS } from './values.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('the log in the README is the log of a run', async () => {
  const log = await lostResponseLog();
  expect(log).toContain('The share may exist: looking for it by its temporary name');
  expect(withLog(README, log)).toBe(README);
});

test('the script that draws the pictures starts without Jest', () => {
  const args = ['--import', './scripts/runtime.js', 'scripts/pictures.ts', '--help'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});

describe('a sample report in the unit tests matches a real run:', () => {
  test.each(Object.entries(REPORTS))('%s', async (name, of) => {
    const seen = await play(name as SceneName);
    expect(renderReport(of, { bytesMax: 64_000, details: false }).trim()).toBe(seen.comment);
    expect(renderReport(of, { bytesMax: 1_000_000, details: true }).trim()).toBe(seen.summary);
    const { green, lines } = await runReport(of);
    expect(green).toBe(seen.green);
    expect(lines.at(-1)).toBe(seen.log.split('\n').at(-1));
  });
});

// The README shows what real runs print. The scenes for the pictures are compared with a run too.

import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { renderReport } from '../../src/report/markdown.ts';
import { read } from './reader.ts';
import { lostResponseLog, planOfFile, withLog } from './real-runs.ts';
import { SCENES } from './scenes.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('the log in the README matches the log of a run', async () => {
  const log = await lostResponseLog();
  expect(log).toContain('The share may exist: looking for it by its temporary name');
  expect(withLog(README, log)).toBe(README);
});

test("the scene prune, and so its picture, matches the sentences of a run's comment", async () => {
  const { comment } = await planOfFile();
  // Ids differ, and so do names that the scene has but the file doesn't.
  const shape = (markdown: string) => {
    const { heading, lines, tables, diffs, summaries } = read(markdown);
    const words = (text: string): string =>
      text.replace(/(?:[A-Z]\w+ office|Block malware) \(([0-9a-f]{32})\)/g, '$1').replace(/[0-9a-f]{32}/g, 'ID');
    return {
      heading,
      lines: lines.slice(0, 6).map(words),
      tables,
      diffs: diffs.map((diff) => diff.map(words)),
      summaries,
    };
  };
  const scene = renderReport(SCENES.prune as Parameters<typeof renderReport>[0], { bytesMax: 65_000, details: false });
  expect(shape(scene)).toEqual(shape(comment));
});

// The results of the benchmark as Markdown: for the screen, docs/BENCHMARKS.md and the README.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Goal, goalTable } from './table.ts';

export interface Section {
  title: string;
  /** What was measured, and how. */
  text: string;
  table: string;
  /** One sentence for the README, if the section has one. */
  brief?: string;
  goals?: Goal[];
  /** What follows from the table. */
  notes: string[];
}

const README = fileURLToPath(new URL('../README.md', import.meta.url));
const PAGE = fileURLToPath(new URL('../docs/BENCHMARKS.md', import.meta.url));
const MARKED = /(<!-- bench:start -->\n)[\s\S]*?(<!-- bench:end -->)/;

const where = `Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} processors`;

const whole = ({ title, text, table, goals = [], notes }: Section): string =>
  [`## ${title}`, text, table, goals.length === 0 ? '' : goalTable(goals), notes.map((line) => `- ${line}`).join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');

export const asText = (sections: readonly Section[]): string => `${sections.map(whole).join('\n\n')}\n`;

/** Writes docs/BENCHMARKS.md and, between its markers, the README. @returns what was written, for the log */
export function publish(sections: readonly Section[], command: string): string[] {
  const made = `This page was written by \`${command}\` (${where}).`;
  const intro = `All measurements come from one run, with this project's API simulator on the same machine. The network and the API take no time unless a section says otherwise. Compare the ratios, because the absolute times depend on the machine. ${made}`;
  writeFileSync(PAGE, `# Benchmarks\n\n${intro}\n\n${asText(sections)}`);
  const written = ['docs/BENCHMARKS.md'];
  const readme = existsSync(README) ? readFileSync(README, 'utf8') : '';
  if (!MARKED.test(readme))
    return [...written, 'README.md unchanged, because it has no <!-- bench:start --> and <!-- bench:end -->'];
  const lines = sections.flatMap(({ brief }) => (brief === undefined ? [] : [`- ${brief}`])).join('\n');
  writeFileSync(
    README,
    readme.replace(MARKED, (_, start: string, end: string) => `${start}\n${lines}\n\n${end}`),
  );
  return [...written, 'README.md'];
}

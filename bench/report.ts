// What the benchmark found, as Markdown: on the screen, in docs/BENCHMARKS.md and in the README.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

export interface Section {
  title: string;
  /** What was measured, and how. */
  text: string;
  table: string;
  /** For the README: some sentences, with a shorter table perhaps. The whole table when left out. */
  brief?: string;
  goals: string[];
}

const README = fileURLToPath(new URL('../README.md', import.meta.url));
const PAGE = fileURLToPath(new URL('../docs/BENCHMARKS.md', import.meta.url));
const MARKED = /(<!-- bench:start -->\n)[\s\S]*?(<!-- bench:end -->)/;

const where = `Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} processors`;

const whole = ({ title, text, table, goals }: Section): string =>
  [`## ${title}`, text, table, goals.map((line) => `- ${line}`).join('\n')].filter((part) => part !== '').join('\n\n');

export const asText = (sections: readonly Section[]): string => `${sections.map(whole).join('\n\n')}\n`;

/** Writes docs/BENCHMARKS.md and, between its markers, the README. @returns what was written, for the log */
export function publish(sections: readonly Section[], command: string): string[] {
  const made = `Made by \`${command}\` (${where}).`;
  const intro = `Measured side by side in one run, against the simulator of this project on the same machine: the network and the API itself take no time, unless it is said. What counts are the ratios; the milliseconds are those of one machine. ${made}`;
  writeFileSync(PAGE, `# Benchmarks\n\n${intro}\n\n${asText(sections)}`);
  const written = ['docs/BENCHMARKS.md'];
  const readme = existsSync(README) ? readFileSync(README, 'utf8') : '';
  if (!MARKED.test(readme))
    return [...written, 'not README.md, which has no <!-- bench:start --> and <!-- bench:end -->'];
  const briefs = sections.map(({ title, brief, table }) => `**${title}.** ${brief ?? `\n\n${table}`}`);
  const shown = [...briefs, `${made} More, and how: [docs/BENCHMARKS.md](docs/BENCHMARKS.md).`].join('\n\n');
  writeFileSync(
    README,
    readme.replace(MARKED, (_, start: string, end: string) => `${start}\n${shown}\n\n${end}`),
  );
  return [...written, 'README.md'];
}

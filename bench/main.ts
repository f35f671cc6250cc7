// `npm run bench`: measures and prints Markdown. `npm run bench -- --write` also puts it into the documentation.

import { commandLine, UsageError } from '../scripts/command-line.ts';
import { asText, publish, type Section } from './report.ts';

const help = `Compares this action with a script that uses the official SDK, against the simulator, and prints Markdown.

  npm run bench -- [--only start|faults|changes|scale|lists] [--quick] [--write]

  --only PART   measures one part
  --quick       fewer runs
  --write       writes the results to docs/BENCHMARKS.md and the README
`;

const options = { write: { type: 'boolean' }, quick: { type: 'boolean' }, only: { type: 'string' } } as const;

await commandLine(help, { options }, async ({ values: { write, quick, only } }) => {
  // The simulator reads this when it is loaded, so the parts that use the simulator are imported afterwards.
  process.env.SIMULATOR_MEMBERS = '5420';
  const parts: Record<string, () => Promise<Section>> = {
    start: async () => (await import('./start.ts')).measureStart(quick ? 5 : 40),
    faults: async () => (await import('./faults.ts')).measureFaults(),
    changes: async () => (await import('./changes.ts')).measureChanges(),
    scale: async () =>
      (await import('./scale.ts')).measureScale(quick ? [10, 100] : [10, 100, 500, 1000, 5000], quick ? 1 : 3),
    lists: async () => {
      const { measureLongLists } = await import('./long-lists.ts');
      return quick ? measureLongLists(1_000, 500, 1) : measureLongLists(10_000, 5_000, 3);
    },
  };

  const chosen = Object.entries(parts).filter(([name]) => only === undefined || only === name);
  if (chosen.length === 0) throw new UsageError(`--only takes one of ${Object.keys(parts).join(', ')}`);
  if (write && only !== undefined) throw new UsageError("--write needs all parts, so it can't be combined with --only");

  const sections: Section[] = [];
  for (const [name, measure] of chosen) {
    console.error(`measuring: ${name}`);
    sections.push(await measure());
  }
  console.log(asText(sections));
  if (write) {
    const command = `npm run bench -- --write${quick ? ' --quick' : ''}`;
    for (const written of publish(sections, command)) console.error(`written: ${written}`);
  }
});

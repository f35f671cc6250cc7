// `npm run bench`: measures, and prints Markdown. `npm run bench -- --write` puts it into the documentation as well.

import { commandLine, UsageError } from '../scripts/command-line.ts';
import { measureChanges } from './changes.ts';
import { measureFaults } from './faults.ts';
import { asText, publish, type Section } from './report.ts';
import { measureScale } from './scale.ts';
import { measureStart } from './start.ts';

const help = `Measures this action beside a script on the official SDK, against the simulator, and prints Markdown.

  npm run bench -- [--only start|faults|changes|scale] [--quick] [--write]

  --only PART   measures one part
  --quick       fewer runs
  --write       puts it all into docs/BENCHMARKS.md and the README
`;

const options = { write: { type: 'boolean' }, quick: { type: 'boolean' }, only: { type: 'string' } } as const;

await commandLine(help, { options }, async ({ values: { write, quick, only } }) => {
  const parts: Record<string, () => Promise<Section>> = {
    start: () => measureStart(quick ? 5 : 25),
    faults: () => measureFaults(),
    changes: () => measureChanges(),
    scale: () => measureScale(quick ? [10, 100] : [10, 100, 1000], quick ? 1 : 3),
  };

  const chosen = Object.entries(parts).filter(([name]) => only === undefined || only === name);
  if (chosen.length === 0) throw new UsageError(`--only takes one of ${Object.keys(parts).join(', ')}`);
  if (write && only !== undefined) throw new UsageError('--write takes all parts, not --only one');

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

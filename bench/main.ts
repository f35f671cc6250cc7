// `npm run bench`: measures, and prints Markdown. `npm run bench -- --write` puts it into the documentation as well.

import { parseArgs } from 'node:util';
import { measureChanges } from './changes.ts';
import { measureFaults } from './faults.ts';
import { asText, publish, type Section } from './report.ts';
import { measureScale } from './scale.ts';
import { measureStart } from './start.ts';

const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

const parts: Record<string, () => Promise<Section>> = {
  start: () => measureStart(values.quick ? 5 : 25),
  faults: () => measureFaults(),
  changes: () => measureChanges(),
  scale: () => measureScale(values.quick ? [10, 100] : [10, 100, 1000], values.quick ? 1 : 3),
};

const chosen = Object.entries(parts).filter(([name]) => values.only === undefined || values.only === name);
if (chosen.length === 0) throw new Error(`--only takes one of ${Object.keys(parts).join(', ')}`);
if (values.write && values.only !== undefined) throw new Error('--write takes all parts, not --only one');

const sections: Section[] = [];
for (const [name, measure] of chosen) {
  console.error(`measuring: ${name}`);
  sections.push(await measure());
}
console.log(asText(sections));
if (values.write) {
  const command = `npm run bench -- --write${values.quick ? ' --quick' : ''}`;
  for (const written of publish(sections, command)) console.error(`written: ${written}`);
}

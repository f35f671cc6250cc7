// Lists that take many pages: other shares in the account, and recipients of one share.

import { startSimulator } from '../simulator/index.ts';
import { action, exampleShare, inputsOf, policy, StepFiles } from './commands.ts';
import { measureUsage, type Usage } from './process.ts';
import type { Section } from './report.ts';
import { exactRatio, median, ms, ratio, table } from './table.ts';

const LATENCY_MS = 40;
/** How many requests the action sends in parallel. */
const AT_ONCE = 10;
const PAGE_SIZE = 50;
/** The time from the first request to the last response, relative to the latency alone. */
const RATIO_MOST = 1.3;

interface Row {
  name: string;
  requests: number;
  idealMs: number;
  wallMs: number;
  requestsMs: number;
  cpuMs: number;
}

/** The first page says how many pages there are, so it is requested before the others. */
const roundsFor = (items: number): number => 1 + Math.ceil((Math.ceil(items / PAGE_SIZE) - 1) / AT_ONCE);

/**
 * @param foreign other shares in the account
 * @param recipients of one share
 */
export async function measureLongLists(foreign: number, recipients: number, runs: number): Promise<Section> {
  const sim = await startSimulator({
    latencyMs: LATENCY_MS,
    unpagedByDefault: false,
    defaultPageSize: PAGE_SIZE,
    pageSizeMax: PAGE_SIZE,
    rateLimit: { quota: 1_000_000, windowSeconds: 300 },
  });
  const files = new StepFiles();
  const count = (number: number): string => number.toLocaleString('en-US');

  const measure = async (name: string, inputs: Record<string, string>, rounds: number): Promise<Row> => {
    const usages: Usage[] = [];
    const requesting: number[] = [];
    for (let run = 0; run < runs; run++) {
      sim.requests.length = 0;
      const usage = await measureUsage(action(sim, inputs, files));
      if (usage) usages.push(usage);
      requesting.push((sim.requests.at(-1)?.at ?? 0) - (sim.requests[0]?.at ?? 0) + LATENCY_MS);
    }
    return {
      name,
      requests: sim.requests.length,
      idealMs: rounds * LATENCY_MS,
      wallMs: median(usages.map(({ wallMs }) => wallMs)),
      requestsMs: median(requesting),
      cpuMs: median(usages.map(({ cpuMs }) => cpuMs)),
    };
  };

  const rows: Row[] = [];
  try {
    const wanted = exampleShare(sim, 'Baseline');
    for (let i = 0; i < foreign; i++) sim.seed({ name: `Other ${i}` });
    sim.seed(wanted);
    rows.push(
      await measure(`one share in sync, ${count(foreign)} others`, inputsOf(wanted), roundsFor(foreign + 1) + 1),
    );
    sim.reset();
    if (sim.memberIds.length < recipients) throw new Error('the simulated organization has too few accounts');
    const many = {
      name: 'Baseline',
      recipients: sim.memberIds.slice(0, recipients).map((account_id) => ({ account_id })),
      resources: [policy(sim, 'c')],
    };
    sim.seed(many);
    const config = files.write('many.json', JSON.stringify({ shares: [many] }));
    rows.push(
      await measure(`one share in sync, ${count(recipients)} recipients`, { config }, 1 + roundsFor(recipients)),
    );
  } finally {
    await sim.close();
    files.remove();
  }

  const relative = ({ requestsMs, idealMs }: Row): number => requestsMs / idealMs;
  return {
    title: 'Long lists',
    text: `Lists come in pages of ${PAGE_SIZE}, from a simulator ${LATENCY_MS} ms away. "Wall" is the median time of ${runs} whole processes, including their start. "Requests only" is the time from the first request to the last response. The ideal is the latency alone, with the first page first and then the others, ${AT_ONCE} at a time. The limit is ${RATIO_MOST} times the ideal.`,
    table: table(
      ['', 'requests', 'ideal', 'wall', 'requests only', 'relative to the ideal', 'CPU', 'CPU per page'],
      rows.map((row) => [
        row.name,
        count(row.requests),
        ms(row.idealMs),
        ms(row.wallMs),
        ms(row.requestsMs),
        ratio(relative(row)),
        ms(row.cpuMs),
        `${(row.cpuMs / row.requests).toFixed(2)} ms`,
      ]),
    ),
    goals: rows.map((row) => ({
      what: `First request to last response, relative to the ideal, ${row.name}`,
      value: relative(row),
      most: RATIO_MOST,
      show: exactRatio,
    })),
    notes: ['"CPU per page" includes the start, and the requests that are no pages.'],
  };
}

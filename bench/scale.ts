// Many shares in one file: how close a run comes to the latency alone, and how memory grows.

import { stringify } from 'yaml';
import { type Simulator, startSimulator } from '../simulator/index.ts';
import { action, exampleShare, type ShareRequest, StepFiles } from './commands.ts';
import { type Command, measureUsage, runGreen, type Usage } from './process.ts';
import type { Section } from './report.ts';
import { exactRatio, type Goal, median, mib, ms, ratio, table, unknown } from './table.ts';

const LATENCY_MS = 40;
/** How many requests the action sends in parallel. */
const AT_ONCE = 10;
const RATIO_MOST = 1.3;
const RATIO_AT = 100;
/** Peak memory for one more share. */
const MEMORY_MOST_KB = 100;
const MEMORY_AT = 1000;
/** Larger files are measured once. A run of 5,000 shares with one change each takes a minute. */
const ONCE_ABOVE = 1000;

interface Row {
  shares: number;
  changed: boolean;
  requests: number;
  /** Wall clock of the whole process. */
  wallMs: number;
  /** From the arrival of the first request to the last response. */
  requestsMs: number;
  cpuMs: number;
  peakKib: number;
}

export async function measureScale(sizes: readonly number[], runs: number): Promise<Section> {
  const sim = await startSimulator({
    latencyMs: LATENCY_MS,
    rateLimit: { quota: 1_000_000, windowSeconds: 300 },
  });
  const files = new StepFiles();
  const rows: Row[] = [];
  try {
    await runGreen(prepare(sim, 1, false, files)); // warms up
    for (const shares of sizes) {
      for (const changed of [false, true])
        rows.push(await measure(sim, shares, changed, shares > ONCE_ABOVE ? 1 : runs, files));
    }
  } finally {
    await sim.close();
    files.remove();
  }

  const idealMs = ({ requests }: Row): number => (requests / AT_ONCE) * LATENCY_MS;
  const relativeRequests = (row: Row): number => row.requestsMs / idealMs(row);
  const name = ({ shares, changed }: Row): string =>
    `${shares.toLocaleString('en-US')} shares, ${changed ? 'one change each' : 'in sync'}`;
  /** Compared with the fewest shares. Undefined for the fewest shares. */
  const perShareKb = (row: Row): number | undefined => {
    const first = rows.find(({ changed }) => changed === row.changed);
    if (first === undefined || first === row) return undefined;
    return ((row.peakKib - first.peakKib) * 1.024) / (row.shares - first.shares);
  };
  const at = rows.filter(({ shares }) => shares === RATIO_AT);
  const lines = table(
    [
      ...['', 'requests', 'ideal', 'wall', 'requests only', 'relative to the ideal'],
      ...['CPU', 'CPU per share', 'peak memory', 'memory per share'],
    ],
    rows.map((row) => {
      const memory = perShareKb(row);
      return [
        name(row),
        row.requests.toLocaleString('en-US'),
        ms(idealMs(row)),
        ms(row.wallMs),
        ms(row.requestsMs),
        ratio(relativeRequests(row)),
        ms(row.cpuMs),
        `${(row.cpuMs / row.shares).toFixed(2)} ms`,
        mib(row.peakKib),
        memory === undefined ? unknown : kb(memory),
      ];
    }),
  );
  return {
    title: 'Many shares in one file',
    text: `A \`config\` file lists shares with three recipients and one resource each. Either all of them are in sync, or a recipient has to be added to each. The simulator is ${LATENCY_MS} ms away. "Wall" is the median time of ${runs} whole processes, including their start; more than ${ONCE_ABOVE.toLocaleString('en-US')} shares are measured once. "Requests only" is the time from the first request to the last response. The ideal is the latency alone, with ten requests at a time: requests / ${AT_ONCE} × ${LATENCY_MS} ms.`,
    table: lines,
    brief: `Checking a file of ${RATIO_AT} shares that are in sync takes ${at[0] === undefined ? unknown : ms(at[0].wallMs)}, with a network latency of ${LATENCY_MS} ms.`,
    goals: [
      ...rows
        .filter(({ shares }) => shares >= RATIO_AT)
        .map((row) => ({
          what: `First request to last response, relative to the ideal, ${name(row)}`,
          value: relativeRequests(row),
          most: RATIO_MOST,
          show: exactRatio,
        })),
      ...rows
        .filter(({ shares }) => shares >= MEMORY_AT)
        .map((row) => ({
          what: `Peak memory for each additional share, ${name(row)}`,
          value: perShareKb(row) ?? Number.NaN,
          most: MEMORY_MOST_KB,
          show: kb,
        })),
      ...costPerShare(rows, perShareKb),
    ],
    notes: [
      'The rest of the wall time is for starting the process, and for reading and checking the file. With more shares, it matters less.',
      "Memory per share is the growth compared with the fewest shares, divided by the number of additional shares. It includes the share's entry in the file, the responses, the plan, its part of the report, and what the garbage collector hasn't freed yet. GitHub-hosted runners have at least 7 GB.",
    ],
  };
}

const kb = (value: number): string => `${value.toFixed(0)} kB`;

/** Compares what a share costs in the largest file with what it costs in a file a tenth as large. */
function costPerShare(rows: readonly Row[], perShareKb: (row: Row) => number | undefined): Goal[] {
  const most = Math.max(...rows.map(({ shares }) => shares));
  return [false, true].flatMap((changed) => {
    const [few, many] = [most / 10, most].map((size) =>
      rows.find((row) => row.changed === changed && row.shares === size),
    );
    const [fewKb, manyKb] = [few && perShareKb(few), many && perShareKb(many)];
    if (few === undefined || many === undefined || fewKb === undefined || manyKb === undefined) return [];
    const perShare = (what: string, value: number, least: number): Goal => ({
      what: `${what} per share, ${changed ? 'one change each' : 'in sync'}, ${many.shares.toLocaleString('en-US')} shares relative to ${few.shares.toLocaleString('en-US')}`,
      value: value / least,
      most: 1,
      show: exactRatio,
    });
    return [
      perShare('Wall time', many.wallMs / many.shares, few.wallMs / few.shares),
      perShare('CPU time', many.cpuMs / many.shares, few.cpuMs / few.shares),
      perShare('Memory', manyKb, fewKb),
    ];
  });
}

async function measure(sim: Simulator, shares: number, changed: boolean, runs: number, files: StepFiles): Promise<Row> {
  const usages: Usage[] = [];
  const requesting: number[] = [];
  for (let run = 0; run < runs; run++) {
    const usage = await measureUsage(prepare(sim, shares, changed, files));
    if (usage) usages.push(usage);
    requesting.push((sim.requests.at(-1)?.at ?? 0) - (sim.requests[0]?.at ?? 0) + LATENCY_MS);
  }
  return {
    shares,
    changed,
    requests: sim.requests.length,
    wallMs: median(usages.map(({ wallMs }) => wallMs)),
    requestsMs: median(requesting),
    cpuMs: median(usages.map(({ cpuMs }) => cpuMs)),
    peakKib: median(usages.map(({ peakKib }) => peakKib)),
  };
}

/** Resets the simulator, puts the shares into it, and writes the file that describes them. */
function prepare(sim: Simulator, shares: number, changed: boolean, files: StepFiles): Command {
  sim.reset();
  const listed: ShareRequest[] = Array.from({ length: shares }, (_, index) => exampleShare(sim, `Share ${index + 1}`));
  for (const share of listed) {
    sim.seed(changed ? { ...share, recipients: share.recipients.slice(0, -1) } : share);
  }
  const config = files.write('shares.yml', stringify({ shares: listed }));
  return action(sim, { config }, files);
}

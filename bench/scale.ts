// Many shares in one file: how close a run comes to the latency alone, and how memory grows.

import { stringify } from 'yaml';
import { type Simulator, startSimulator } from '../simulator/index.ts';
import { action, exampleShare, type ShareRequest, StepFiles } from './commands.ts';
import { type Command, measureUsage, runGreen } from './process.ts';
import type { Section } from './report.ts';
import { exactRatio, goal, median, mib, ms, ratio, table, unknown } from './table.ts';

const LATENCY_MS = 40;
/** How many requests the action sends at once. */
const AT_ONCE = 10;
const RATIO_MOST = 1.3;
const RATIO_AT = 100;
/** Peak memory for one more share. */
const MEMORY_MOST_KB = 100;
const MEMORY_AT = 1000;

interface Row {
  shares: number;
  changed: boolean;
  requests: number;
  /** Wall clock of the whole process. */
  wallMs: number;
  /** From the arrival of the first request to the last response. */
  requestsMs: number;
  peakKib: number | undefined;
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
      for (const changed of [false, true]) rows.push(await measure(sim, shares, changed, runs, files));
    }
  } finally {
    await sim.close();
    files.remove();
  }

  const idealMs = ({ requests }: Row): number => (requests / AT_ONCE) * LATENCY_MS;
  const relative = (row: Row): number => row.wallMs / idealMs(row);
  const relativeRequests = (row: Row): number => row.requestsMs / idealMs(row);
  const name = ({ shares, changed }: Row): string =>
    `${shares.toLocaleString('en-US')} shares, ${changed ? 'one change each' : 'in sync'}`;
  /** Compared with the fewest shares. Undefined for those, and where memory is not known. */
  const perShareKb = (row: Row): number | undefined => {
    const first = rows.find(({ changed }) => changed === row.changed);
    if (first === undefined || first === row || first.peakKib === undefined || row.peakKib === undefined)
      return undefined;
    return ((row.peakKib - first.peakKib) * 1.024) / (row.shares - first.shares);
  };
  const at = rows.filter(({ shares }) => shares === RATIO_AT);
  const lines = table(
    [
      ...[
        '',
        'requests',
        'ideal',
        'wall',
        'relative to the ideal',
        'requests only',
        'relative to the ideal',
        'relative to the limit',
      ],
      ...['peak memory', 'memory per share', 'relative to the limit'],
    ],
    rows.map((row) => [
      name(row),
      row.requests.toLocaleString('en-US'),
      ms(idealMs(row)),
      ms(row.wallMs),
      ratio(relative(row)),
      ms(row.requestsMs),
      ratio(relativeRequests(row)),
      row.shares < RATIO_AT ? unknown : ratio(relativeRequests(row) / RATIO_MOST),
      row.peakKib === undefined ? unknown : mib(row.peakKib),
      ...(perShareKb(row) === undefined
        ? [unknown, unknown]
        : [kb(perShareKb(row) as number), ratio((perShareKb(row) as number) / MEMORY_MOST_KB)]),
    ]),
  );
  return {
    title: 'Many shares in one file',
    text: `A \`config\` file lists shares with three recipients and one resource each. Either all of them are in sync, or a recipient has to be added to each. The simulator is ${LATENCY_MS} ms away. "Wall" is the median time of ${runs} whole processes, including their start. "Requests only" is the time from the first request to the last response. The ideal is the latency alone, with ten requests at a time: requests / ${AT_ONCE} × ${LATENCY_MS} ms. There are two limits: from ${RATIO_AT} shares on, the requests take at most ${RATIO_MOST} times the ideal, and each share takes at most ${MEMORY_MOST_KB} kB of memory.`,
    table: lines,
    brief: `Checking a file of ${RATIO_AT} shares that are in sync takes ${at[0] === undefined ? unknown : ms(at[0].wallMs)}, with a network latency of ${LATENCY_MS} ms.`,
    notes: [
      ...at.map((row) =>
        goal(
          `First request to last response, relative to the ideal, ${name(row)}`,
          relativeRequests(row),
          RATIO_MOST,
          exactRatio,
        ),
      ),
      ...rows
        .filter(({ shares }) => shares === MEMORY_AT)
        .map((row) =>
          goal(
            `Peak memory for each additional share, ${name(row)}`,
            perShareKb(row) ?? Number.NaN,
            MEMORY_MOST_KB,
            kb,
          ),
        ),
      ...costPerShare(rows),
      'The rest of the wall time is for starting the process, and for reading and checking the file. With more shares, it matters less.',
      "Memory per share is the growth compared with the fewest shares, divided by the number of additional shares. It includes the share's entry in the file, the responses, the plan, its part of the report, and what the garbage collector hasn't freed yet. GitHub-hosted runners have at least 7 GB.",
    ],
  };
}

const kb = (value: number): string => `${value.toFixed(0)} kB`;

/** Compares the wall clock per share of the largest file with that of a file a tenth as large. */
function costPerShare(rows: readonly Row[]): string[] {
  const most = Math.max(...rows.map(({ shares }) => shares));
  return [false, true].flatMap((changed) => {
    const [few, many] = [most / 10, most].map((size) =>
      rows.find((row) => row.changed === changed && row.shares === size),
    );
    if (few === undefined || many === undefined) return [];
    const what = `Wall time per share, ${changed ? 'one change each' : 'in sync'}, ${many.shares.toLocaleString('en-US')} shares relative to ${few.shares.toLocaleString('en-US')}`;
    return [goal(what, many.wallMs / many.shares / (few.wallMs / few.shares), 1, exactRatio)];
  });
}

async function measure(sim: Simulator, shares: number, changed: boolean, runs: number, files: StepFiles): Promise<Row> {
  const walls: number[] = [];
  const requesting: number[] = [];
  const peaks: number[] = [];
  let requests = 0;
  for (let run = 0; run < runs; run++) {
    const { wallMs } = await runGreen(prepare(sim, shares, changed, files));
    walls.push(wallMs);
    requests = sim.requests.length;
    requesting.push((sim.requests.at(-1)?.at ?? 0) - (sim.requests[0]?.at ?? 0) + LATENCY_MS);
    const usage = await measureUsage(prepare(sim, shares, changed, files));
    if (usage) peaks.push(usage.peakKib);
  }
  return {
    shares,
    changed,
    requests,
    wallMs: median(walls),
    requestsMs: median(requesting),
    peakKib: peaks.length > 0 ? median(peaks) : undefined,
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

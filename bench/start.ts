// How long it takes to create one share, or to find it in sync, and what that uses: whole processes, side by side.

import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Simulator, startSimulator } from '../simulator/index.ts';
import { ACTION, action, curl, exampleShare, inputsOf, nothing, StepFiles, sdk } from './commands.ts';
import { type Command, measureUsage, runGreen, type Usage } from './process.ts';
import type { Section } from './report.ts';
import { exactRatio, goal, median, megabytes, mib, ms, ratio, table, unknown } from './table.ts';

/** Relative to the SDK script. */
const WALL_MOST = 0.65;
/** In sync, relative to `node -e 0`. */
const START_MOST = 3;
const PEAK_MOST_KIB = 80 * 1024;
const DIST_MOST_BYTES = 1.2e6;

interface Row {
  name: string;
  /** The most that its wall clock may be, relative to another row. */
  limit?: { to: Row; most: number };
  command: (round: string) => Command;
  bytes?: number;
  walls: number[];
  usages: Usage[];
}

/** @param runs for the wall clock of each row. A third as many measure memory and processor time */
export async function measureStart(runs: number): Promise<Section> {
  const sim = await startSimulator({ rateLimit: { quota: 1_000_000, windowSeconds: 300 } });
  const files = new StepFiles();
  const row = (name: string, command: Row['command'], bytes?: number): Row => ({
    name,
    command,
    ...(bytes !== undefined && { bytes }),
    walls: [],
    usages: [],
  });
  const wanted = (round: string) => exampleShare(sim, `Baseline ${round}`);
  const distBytes = bytesOf(dirname(ACTION));
  const sdkBytes = bytesOf(dirname(createRequire(import.meta.url).resolve('cloudflare')));
  const script = row(
    'script on the SDK `cloudflare`',
    (round) => sdk(sim, 'sdk-script.mjs', wanted(round), files),
    sdkBytes,
  );
  const partial = row(
    'the same with its `tree-shakable` client',
    (round) => sdk(sim, 'sdk-partial-script.mjs', wanted(round), files),
    sdkBytes,
  );
  const node = row('`node -e 0`', nothing);
  const createNew = row(
    'this action, `if-exists: create-new`',
    (round) => action(sim, { ...inputsOf(wanted(round)), 'if-exists': 'create-new' }, files),
    distBytes,
  );
  const update = row('this action', (round) => action(sim, inputsOf(wanted(round)), files), distBytes);
  const inSync = row(
    'this action, in sync',
    () => action(sim, inputsOf(exampleShare(sim, 'In sync')), files),
    distBytes,
  );
  createNew.limit = { to: script, most: WALL_MOST };
  update.limit = { to: script, most: WALL_MOST };
  inSync.limit = { to: node, most: START_MOST };
  const rows = [
    node,
    row('node, loading `https`', () => floor("require('node:https')")),
    row('node, two requests with `http`', () => floor(twoRequests(sim))),
    row('curl', (round) => curl(sim, wanted(round))),
    script,
    partial,
    createNew,
    update,
    inSync,
  ];
  try {
    // Interleaved, so that whatever else the machine does affects all of them equally. The first round only warms up.
    for (let round = 0; round <= runs; round++) {
      sim.seed(exampleShare(sim, 'In sync'));
      for (const each of rows) {
        const { wallMs } = await runGreen(each.command(`${each.name} ${round}`));
        if (round > 0) each.walls.push(wallMs);
        if (round % 3 !== 1) continue;
        const usage = await measureUsage(each.command(`${each.name} ${round}, measured`));
        if (usage) each.usages.push(usage);
      }
      // Without this, shares would accumulate and later rounds would read longer and longer lists.
      sim.reset();
    }
  } finally {
    await sim.close();
    files.remove();
  }

  const wallOf = ({ walls }: Row): number => median(walls);
  const peakOf = ({ usages }: Row): number => median(usages.map(({ peakKib }) => peakKib));
  const cpuOf = ({ usages }: Row): number => median(usages.map(({ cpuMs }) => cpuMs));
  const relative = (each: Row): number => wallOf(each) / wallOf(script);
  const lines = table(
    [
      '',
      'wall',
      'relative to `node -e 0`',
      'relative to the SDK script',
      'relative to its limit',
      'CPU',
      'peak memory',
      'bytes',
    ],
    rows.map((each) => [
      each.name,
      ms(wallOf(each)),
      ratio(wallOf(each) / wallOf(node)),
      ratio(relative(each)),
      each.limit === undefined ? unknown : ratio(wallOf(each) / wallOf(each.limit.to) / each.limit.most),
      each.usages.length === 0 ? unknown : cpu(cpuOf(each)),
      each.usages.length === 0 ? unknown : mib(peakOf(each)),
      each.bytes === undefined ? unknown : megabytes(each.bytes),
    ]),
  );
  return {
    title: 'Start',
    text: `Each row is a whole process that creates one share, unless the row says otherwise. "Wall" is the median time of ${runs} interleaved runs. CPU time (user and system) and peak memory come from separate runs. "Bytes" is the size of everything that has to be installed: \`dist/\`, or the package \`cloudflare\` as npm installs it.`,
    table: lines,
    brief: `Creating one share takes ${ms(wallOf(update))} with this action, and ${ms(wallOf(script))} with the SDK script.`,
    notes: [
      goal('Wall time relative to the SDK script, with `create-new`', relative(createNew), WALL_MOST, exactRatio),
      goal(
        'Wall time relative to the SDK script, with the default (the action lists before and after, and renames)',
        relative(update),
        WALL_MOST,
        exactRatio,
      ),
      goal('Wall time in sync, relative to `node -e 0`', wallOf(inSync) / wallOf(node), START_MOST, exactRatio),
      "A run in sync can't be faster than starting Node, loading `https` (TLS and the root certificates), and two requests. The rest of its time is for reading and compiling `dist/`, building the schemas of the inputs that are set, and node-fetch. A compile cache would save part of it, but anybody who can write to the cache could make the action run their code with the token. So the action doesn't use one.",
      goal('Peak memory', Math.max(peakOf(createNew), peakOf(update)), PEAK_MOST_KIB, mib),
      goal('`dist/`', distBytes, DIST_MOST_BYTES, megabytes),
    ],
  };
}

/** A script for Node with nothing else: what a part of a run costs at least. */
const floor = (script: string): Command => ({ program: process.execPath, args: ['-e', script], env: {} });

const twoRequests = ({ baseUrl, accountId, credentials }: Simulator): string => `
  const http = require('node:http');
  const options = { headers: { authorization: 'Bearer ${credentials.apiToken}' }, agent: new http.Agent({ keepAlive: true }) };
  const get = (then) => http.get('${baseUrl}/accounts/${accountId}/shares', options, (res) => res.resume().on('end', then));
  get(() => get(() => options.agent.destroy()));`;

/** GNU time counts in hundredths of a second. */
const cpu = (value: number): string => (value < 10 ? '< 10 ms' : ms(value));

const bytesOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);

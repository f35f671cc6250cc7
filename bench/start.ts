// How long it takes to create one share, or to find it in sync, and how much CPU time and memory that uses: whole
// processes, side by side.

import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Simulator, startSimulator } from '../simulator/index.ts';
import { ACTION, action, curl, exampleShare, inputsOf, nothing, StepFiles, sdk } from './commands.ts';
import { type Command, measureUsage, runGreen, type Usage } from './process.ts';
import type { Section } from './report.ts';
import { exactRatio, median, megabytes, mib, ms, ratio, table, unknown } from './table.ts';

/** Relative to the SDK script. */
const WALL_MOST = 0.65;
/** In sync, relative to `node -e 0`. */
const START_MOST = 3;
const PEAK_MOST_KIB = 80 * 1024;
const DIST_MOST_BYTES = 1.2e6;

const START_REASON = 'the parts below show where the time goes.';

interface Row {
  name: string;
  command: (round: string) => Command;
  bytes?: number;
  walls: number[];
  usages: Usage[];
}

/** @param runs of each row for the wall clock, and as many for memory and processor time */
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
  const https = row('node, loading `https`', () => floor("require('node:https')"));
  const requests = row('node, loading `https`, two requests', () => floor(`require('node:https');${twoRequests(sim)}`));
  const compiled = row('node, compiling `dist/index.js`', () => ({
    program: process.execPath,
    args: ['--check', ACTION],
    env: {},
  }));
  const rows = [
    node,
    https,
    requests,
    compiled,
    row('curl', (round) => curl(sim, wanted(round))),
    script,
    partial,
    createNew,
    update,
    inSync,
  ];
  try {
    // The runs are interleaved, so that other work of the machine affects all of them equally. The first round only
    // warms up.
    for (let round = 0; round <= runs; round++) {
      sim.seed(exampleShare(sim, 'In sync'));
      for (const each of rows) {
        const { wallMs } = await runGreen(each.command(`${each.name} ${round}`));
        if (round > 0) each.walls.push(wallMs);
        const usage = await measureUsage(each.command(`${each.name} ${round}, measured`));
        if (usage && round > 0) each.usages.push(usage);
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
    ['', 'wall', 'relative to the SDK script', 'CPU', 'relative to `node -e 0`', 'peak memory', 'bytes'],
    rows.map((each) => [
      each.name,
      ms(wallOf(each)),
      ratio(relative(each)),
      each.usages.length === 0 ? unknown : cpu(cpuOf(each)),
      cpuOf(each) >= CPU_LEAST_MS ? ratio(cpuOf(each) / cpuOf(node)) : unknown,
      each.usages.length === 0 ? unknown : mib(peakOf(each)),
      each.bytes === undefined ? unknown : megabytes(each.bytes),
    ]),
  );
  const parts = {
    node: cpuOf(node),
    https: cpuOf(https) - cpuOf(node),
    requests: cpuOf(requests) - cpuOf(https),
    compiling: cpuOf(compiled) - cpuOf(node),
  };
  const floorMs = Object.values(parts).reduce((sum, part) => sum + part, 0);
  return {
    title: 'Start',
    text: `Each row is a whole process that creates one share, unless the row says otherwise. "Wall" is the median time of ${runs} interleaved runs. CPU time (user and system) and peak memory come from separate runs. "Bytes" is the size of everything that has to be installed: \`dist/\`, or the package \`cloudflare\` as npm installs it.`,
    table: lines,
    brief: `Creating one share takes ${ms(wallOf(update))} with this action, and ${ms(wallOf(script))} with the SDK script.`,
    goals: [
      {
        what: 'Wall time relative to the SDK script, `create-new`',
        value: relative(createNew),
        most: WALL_MOST,
        show: exactRatio,
      },
      {
        what: 'Wall time relative to the SDK script, default (the action lists before and after, and renames)',
        value: relative(update),
        most: WALL_MOST,
        show: exactRatio,
      },
      {
        what: 'Wall time in sync, relative to `node -e 0`',
        value: wallOf(inSync) / wallOf(node),
        most: START_MOST,
        show: exactRatio,
        reason: START_REASON,
      },
      {
        what: 'CPU time in sync, relative to `node -e 0`',
        value: cpuOf(inSync) / cpuOf(node),
        most: START_MOST,
        show: exactRatio,
        reason: START_REASON,
      },
      { what: 'Peak memory', value: Math.max(peakOf(createNew), peakOf(update)), most: PEAK_MOST_KIB, show: mib },
      { what: '`dist/`', value: distBytes, most: DIST_MOST_BYTES, show: megabytes },
    ],
    notes: [
      `A run in sync takes ${cpu(cpuOf(inSync))} of CPU time. Its floor is ${ms(floorMs)}: ${ms(parts.node)} for starting Node, ${ms(parts.https)} for loading \`https\` (TLS, cryptography and root certificates), ${ms(parts.requests)} for two requests, and ${ms(parts.compiling)} for reading and compiling \`dist/index.js\`. The goal, ${START_MOST} times \`node -e 0\`, leaves ${ms(START_MOST * parts.node - floorMs)} for everything else, which takes ${ms(cpuOf(inSync) - floorMs)}.`,
      "That time goes to code that runs for the first time. V8 compiles each function when it is first called, and a run in sync calls about 850 of them. About a quarter of the time goes into reading and checking the inputs, a fifth into setting up the modules (both mostly zod), a fifth into what node-fetch adds to a request, a quarter into the plan, the outputs and the report, and the rest into opening standard output, masking secrets, and loading `zlib` and `os`. A profile of the native code shows what the main thread does in the whole run: 26% is compiling functions when they are first called, 16% running them, 10% reading `dist/index.js`, 5% system calls, 5% loading Node's modules, and 2% garbage collection. Most of the rest is Node's own start. No single function takes more than 0.3 ms to compile.",
      "We tried to save more of it. Removing every function that a run in sync does not call from the bundle saves 3 to 4 ms. Compiling the others in advance saves 3 ms, but then the build depends on a recorded run. Merging the bundle's modules into one scope saves 1 ms, but the build would need a linker of its own. Leaving idle connections open until the process ends saves 0.5 ms. These save at most 0.3 ms: ending the process without waiting for Node to clean up; delaying the loading of `node:timers/promises`, or of the code for files and reviewed plans; wrapping callbacks in parentheses, or the bodies of arrow functions in braces; writing the bundle in ASCII or as CommonJS; other minifier settings; and other ways to set a module's exports or to load Node's modules. V8 flags could save up to 4 ms, but setting one in a running process means loading `node:v8`, which takes 2 ms, and slows down long runs.",
      'Loading `https` and `zlib` only when a request needs them saves 2 to 3 ms with the simulator, but nothing with Cloudflare, which uses TLS and compresses responses. So the action loads them at the start.',
      'A compile cache would save most of the compiling. The action has none, because anybody who can write to the cache could make the action run their code with the token.',
    ],
  };
}

/** A script for plain Node, which shows the minimum cost of a part of a run. */
const floor = (script: string): Command => ({ program: process.execPath, args: ['-e', script], env: {} });

const twoRequests = ({ baseUrl, accountId, credentials }: Simulator): string => `
  const http = require('node:http');
  const options = { headers: { authorization: 'Bearer ${credentials.apiToken}' }, agent: new http.Agent({ keepAlive: true }) };
  const get = (then) => http.get('${baseUrl}/accounts/${accountId}/shares', options, (res) => res.resume().on('end', then));
  get(() => get(() => options.agent.destroy()));`;

/** GNU time, which measures curl, counts in hundredths of a second. */
const CPU_LEAST_MS = 10;
const cpu = (value: number): string => (value < CPU_LEAST_MS ? `< ${ms(CPU_LEAST_MS)}` : ms(value));

const bytesOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);

// Injects one fault around the create call, and compares what a script on the official SDK and this action leave behind.

import { setTimeout as pause } from 'node:timers/promises';
import { type Fault, type FaultKind, type Simulator, startSimulator } from '../simulator/index.ts';
import { action, exampleShare, inputsOf, StepFiles, sdk } from './commands.ts';
import { type Command, type Ended, runProcess } from './process.ts';
import type { Section } from './report.ts';
import { table } from './table.ts';

/** The request timeout of both. Late responses and commits take 50% longer. */
const TIMEOUT_MS = 1_000;
const LATE_MS = 1_500;

interface Case {
  words: string;
  fault?: FaultKind;
  /** How many times the step runs, one after the other or all in parallel. */
  runs?: number;
  atOnce?: boolean;
}

const cases: Case[] = [
  { words: 'no fault' },
  { words: 'the same step twice', runs: 2 },
  { words: 'eight at once', runs: 8, atOnce: true },
  { words: 'connection reset before the commit', fault: 'reset-before-commit' },
  { words: 'connection reset after the commit', fault: 'reset-after-commit' },
  { words: '500 (JSON) before the commit', fault: 'json-5xx-before-commit' },
  { words: '500 (JSON) after the commit', fault: 'json-5xx-after-commit' },
  { words: '502 (HTML) before the commit', fault: 'html-5xx-before-commit' },
  { words: '502 (HTML) after the commit', fault: 'html-5xx-after-commit' },
  { words: 'truncated response', fault: 'truncated-body' },
  { words: 'response after the timeout', fault: 'late-response' },
  { words: 'commit after the timeout', fault: 'late-commit' },
  { words: '429', fault: 'rate-limited' },
  { words: 'success with an unexpected body', fault: 'nonsense' },
  { words: 'share created for the organization', fault: 'wider' },
];

interface Outcome {
  live: number;
  /** Live shares with the whole organization, although the step requested accounts. */
  wider: number;
  requests: number;
  green: number;
  runs: number;
}

type Tool = (sim: Simulator, name: string, files: StepFiles) => Command;

const bySdk: Tool = (sim, name, files) => sdk(sim, 'sdk-script.mjs', exampleShare(sim, name), files, TIMEOUT_MS);
const byAction: Tool = (sim, name, files) =>
  action(sim, { ...inputsOf(exampleShare(sim, name)), 'request-timeout': String(TIMEOUT_MS / 1000) }, files);

export async function measureFaults(): Promise<Section> {
  const outcomes: (Case & { sdk: Outcome; action: Outcome })[] = [];
  for (const one of cases) {
    outcomes.push({ ...one, sdk: await suffer(one, bySdk), action: await suffer(one, byAction) });
  }
  const right = (of: 'sdk' | 'action'): number => outcomes.filter((one) => isRight(one.fault, one[of])).length;
  const cells = ({ live, wider, requests, green, runs }: Outcome): string[] => [
    wider > 0 ? `**${live}, wider than requested**` : live > 1 ? `**${live}**` : String(live),
    runs === 1 ? (green === 1 ? 'green' : 'red') : `${green} of ${runs} green`,
    String(requests),
  ];
  const summary = `This action ends as it should in ${right('action')} of ${cases.length} cases, and the SDK script in ${right('sdk')}. That means one live share and a green step. If the API created a wider share than requested, it means no live share and a red step`;
  return {
    title: 'One fault around the create call',
    text: `Each case creates one share, and a fault hits the create call. The table shows how many live shares have the name afterwards, how the step ended, and how many requests it sent. The script uses the official SDK with its default of two retries for every method. The action uses its defaults. In both, a request times out after ${TIMEOUT_MS / 1000} s.`,
    table: table(
      ['', 'SDK: shares', 'step', 'requests', 'this action: shares', 'step', 'requests'],
      outcomes.map(({ words, sdk, action }) => [words, ...cells(sdk), ...cells(action)]),
    ),
    brief: `When a fault hits the create call, this action handles ${right('action')} of ${cases.length} cases correctly, and the SDK script ${right('sdk')}.`,
    notes: [`${summary}.`],
  };
}

/** If the API creates a share with the whole organization instead, it has to be deleted, and the step has to fail. */
const isRight = (fault: FaultKind | undefined, { live, green, runs }: Outcome): boolean =>
  fault === 'wider' ? live === 0 && green === 0 : live === 1 && green === runs;

async function suffer({ fault, runs = 1, atOnce = false }: Case, tool: Tool): Promise<Outcome> {
  const sim = await startSimulator({ rateLimit: { quota: 1_000_000, windowSeconds: 300 } });
  const name = 'Gateway baseline';
  try {
    if (fault !== undefined) sim.order(orderOf(fault));
    const step = async (): Promise<Ended> => {
      const files = new StepFiles();
      try {
        return await runProcess(tool(sim, name, files));
      } finally {
        files.remove();
      }
    };
    const ended: Ended[] = [];
    if (atOnce) ended.push(...(await Promise.all(Array.from({ length: runs }, step))));
    else for (let run = 0; run < runs; run++) ended.push(await step());
    const requests = sim.requests.length;
    // Requests that take effect late count, too.
    const last = sim.requests.at(-1)?.at ?? 0;
    await pause(Math.max(0, fault?.startsWith('late') ? last + LATE_MS + TIMEOUT_MS - Date.now() : 0));
    const live = sim.liveShares(name);
    return {
      live: live.length,
      wider: live.filter((share) => share.target_type !== 'account').length,
      requests,
      green: ended.filter(({ exitCode }) => exitCode === 0).length,
      runs,
    };
  } finally {
    await sim.close();
  }
}

const orderOf = (kind: FaultKind): Fault => ({
  kind,
  method: 'POST',
  path: '/shares$',
  ...(kind.startsWith('late') && { delayMs: LATE_MS }),
});

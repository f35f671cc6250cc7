// Changes a share that recipients are using, and shows what happens to it and to the recipients who stay.

import { type FaultKind, type Simulator, startSimulator } from '../simulator/index.ts';
import { action, exampleShare, inputsOf, policy, type ShareRequest, StepFiles, sdk } from './commands.ts';
import { type Command, runProcess } from './process.ts';
import type { Section } from './report.ts';
import { table } from './table.ts';

interface Change {
  words: string;
  desired: (sim: Simulator, before: ShareRequest) => ShareRequest;
}

const changes: Change[] = [
  {
    words: 'one more recipient',
    desired: (sim, before) => ({
      ...before,
      recipients: [...before.recipients, { account_id: sim.memberIds[10] ?? '' }],
    }),
  },
  {
    words: 'one recipient fewer',
    desired: (_sim, before) => ({ ...before, recipients: before.recipients.slice(0, -1) }),
  },
  {
    words: 'one resource replaced',
    desired: (sim, before) => ({ ...before, resources: [...before.resources.slice(0, -1), policy(sim, 'e')] }),
  },
];

/** The fault that strikes the first write with each method. */
const strikes: { words: string; fault?: FaultKind }[] = [
  { words: '' },
  { words: ', reset before the commit', fault: 'reset-before-commit' },
  { words: ', reset after the commit', fault: 'reset-after-commit' },
  { words: ', 502 after the commit', fault: 'html-5xx-after-commit' },
  { words: ', truncated response', fault: 'truncated-body' },
  { words: ', 429', fault: 'rate-limited' },
];

interface Outcome {
  live: number;
  asDesired: boolean;
  interrupted: number;
  green: boolean;
  requests: number;
}

type Tool = (sim: Simulator, wanted: ShareRequest, files: StepFiles) => Command;

const bySdk: Tool = (sim, wanted, files) => sdk(sim, 'sdk-changes.mjs', wanted, files);
const byAction: Tool = (sim, wanted, files) => action(sim, { ...inputsOf(wanted), prune: 'true' }, files);

export async function measureChanges(): Promise<Section> {
  const outcomes: { words: string; sdk: Outcome; action: Outcome }[] = [];
  for (const { words: what, desired } of changes) {
    for (const { words: how, fault } of strikes) {
      outcomes.push({
        words: `${what}${how}`,
        sdk: await suffer(desired, fault, bySdk),
        action: await suffer(desired, fault, byAction),
      });
    }
  }
  const cells = ({ live, asDesired, interrupted, green, requests }: Outcome): string[] => [
    live === 1 ? '1' : `**${live}**`,
    asDesired ? 'yes' : '**no**',
    interrupted === 0 ? '0' : `**${interrupted}**`,
    green ? 'green' : 'red',
    String(requests),
  ];
  const good = (of: 'sdk' | 'action'): number =>
    outcomes.filter((one) => one[of].asDesired && one[of].live === 1 && one[of].interrupted === 0 && one[of].green)
      .length;
  const requests = (of: 'sdk' | 'action'): number => outcomes.reduce((sum, one) => sum + one[of].requests, 0);
  const summary = `This action ends as it should in ${good('action')} of ${outcomes.length} cases, with ${requests('action')} requests in all, and the SDK script in ${good('sdk')}, with ${requests('sdk')} requests. That means one share as requested, no interrupted recipient, and a green step`;
  const columns = ['shares', 'as requested', 'interrupted', 'step', 'requests'];
  return {
    title: 'Changes',
    text: 'Each case changes a share with three recipients and two resources. Either there is no fault, or a fault hits the first write with each method (POST, PUT, DELETE). The table shows how many live shares have the name afterwards, whether the share is as requested, how many of the recipients that should stay lost it in the meantime, how the step ended, and how many requests it sent. The script uses the official SDK to list, compare, add and remove. The action uses `prune: true`.',
    table: table(
      ['', ...columns.map((column) => `SDK: ${column}`), ...columns.map((column) => `action: ${column}`)],
      outcomes.map(({ words, sdk, action }) => [words, ...cells(sdk), ...cells(action)]),
    ),
    brief: `When a share changes, with and without faults, this action handles ${good('action')} of ${outcomes.length} cases correctly, and the SDK script ${good('sdk')}.`,
    notes: [`${summary}.`],
  };
}

async function suffer(desired: Change['desired'], fault: FaultKind | undefined, tool: Tool): Promise<Outcome> {
  const sim = await startSimulator({ rateLimit: { quota: 1_000_000, windowSeconds: 300 } });
  const files = new StepFiles();
  try {
    const example = exampleShare(sim, 'Gateway baseline');
    const before = { ...example, resources: [...example.resources, policy(sim, 'd')] };
    const seeded = sim.seed(before);
    const wanted = desired(sim, before);
    if (fault !== undefined) for (const method of ['POST', 'PUT', 'DELETE']) sim.order({ kind: fault, method });
    const { exitCode } = await runProcess(tool(sim, wanted, files));
    const live = sim.liveShares(wanted.name);
    const after = live.flatMap(({ recipients }) => recipients);
    const staying = seeded.recipients.filter(({ account_id }) =>
      wanted.recipients.some((recipient) => recipient.account_id === account_id),
    );
    // A recipient that was left alone still has the same, unmodified record.
    const untouched = staying.filter(({ id, modified }) =>
      after.some((one) => one.id === id && one.modified === modified && one.association_status === 'associated'),
    );
    return {
      live: live.length,
      asDesired:
        same(
          after.filter((one) => one.association_status === 'associated').map(({ account_id }) => account_id),
          wanted.recipients.map(({ account_id }) => account_id ?? ''),
        ) &&
        same(
          live.flatMap(({ resources }) =>
            resources.filter(({ status }) => status === 'active').map(({ resource_id }) => resource_id),
          ),
          wanted.resources.map(({ resource_id }) => resource_id),
        ),
      interrupted: staying.length - untouched.length,
      green: exitCode === 0,
      requests: sim.requests.length,
    };
  } finally {
    await sim.close();
    files.remove();
  }
}

const same = (one: readonly string[], other: readonly string[]): boolean =>
  [...one].sort().join() === [...other].sort().join();

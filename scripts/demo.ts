// Shows in a minute what the action does, without credentials or a network. Each step runs dist/index.js as a runner does, against
// the embedded API simulator.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator } from '../simulator/index.ts';
import { runStep } from '../simulator/run-step.ts';
import { type InputsOf, inputsFor, type Ran, shownLog } from '../simulator/runner.ts';
import { commandLine } from './command-line.ts';

const help = `Runs the action against the embedded API simulator. It takes a few seconds and needs no credentials and no network.

  npm run demo
`;

/** The config file that the demo plans and applies. It has the shares of the steps before, except for one recipient. */
const FILE = `complete: true
shares:
  - name: Gateway baseline
    recipients:
      - account_name: Berlin office
      - account_name: Porto office
    resources:
      - resource_type: gateway-policy
        resource_name: Block malware
  - name: WAF baseline
    recipients:
      - account_name: Berlin office
    resources:
      - resource_type: custom-ruleset
        resource_name: Baseline WAF
`;

const bold = (text: string): string =>
  process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[1m${text}\u001b[0m` : text;

const heading = (text: string): void =>
  console.log(`\n${bold(`── ${text} ${'─'.repeat(Math.max(0, 96 - text.length))}`)}`);

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');

/** Renders a report for a terminal: the text of its Markdown, without the diagram. */
const readable = (markdown: string): string =>
  markdown
    .replace(/^```mermaid\n[\s\S]*?^```\n/gm, '')
    .replace(/^```.*\n|^\| --- .*\n|<[^>]+>/gm, '')
    .replace(/&(?:#(\d+)|(\w+));/g, (whole, code?: string, name?: string) =>
      code ? String.fromCodePoint(Number(code)) : ({ lt: '<', gt: '>', amp: '&', quot: '"' }[name ?? ''] ?? whole),
    )
    .replaceAll('**', '')
    .replace(/^#+ /gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

function show({ log, outputs, exitCode }: Ran, names: readonly string[]): void {
  console.log(indented(shownLog(log)));
  const set = names.filter((name) => name in outputs).map((name) => `${name}=${outputs[name]}`);
  console.log(indented([`exit code ${exitCode}`, ...set].join('  ')));
}

async function demo(): Promise<void> {
  const sim = await startSimulator({ associationMs: 1_200 });
  const folder = mkdtempSync(join(tmpdir(), 'share-demo-'));
  const [berlin, lyon, porto] = sim.memberIds as [string, string, string];
  sim.nameAccount(sim.accountId, 'Head office');
  sim.nameAccount(berlin, 'Berlin office');
  sim.nameAccount(lyon, 'Lyon office');
  sim.nameAccount(porto, 'Porto office');
  const policy = sim.addPolicy({ name: 'Block malware' });
  const ruleset = sim.addRuleset({ name: 'Baseline WAF' });
  const step = (inputs: InputsOf): Promise<Ran> =>
    runStep(inputsFor(sim, inputs), { cwd: folder, env: { GITHUB_WORKSPACE: folder } });
  const liveOf = (name: string): number => sim.liveShares().filter((share) => share.name === name).length;
  const baseline = {
    'share-name': 'Gateway baseline',
    recipients: [
      { recipient_account_id: berlin, label: 'Berlin office' },
      { recipient_account_id: lyon, label: 'Lyon office' },
    ],
    resources: [{ resource_type: 'gateway-policy', resource_id: policy, label: 'Block malware' }],
  };
  const expected: boolean[] = [];

  try {
    heading('1. A step creates a share and waits until its recipients have it');
    const created = await step({ ...baseline, wait: 'true' });
    show(created, ['outcome', 'share-id', 'status', 'resource-ids']);
    expected.push(created.outputs.outcome === 'created');

    heading('2. The same step again sends two reads and changes nothing');
    const before = sim.requests.length;
    const again = await step(baseline);
    show(again, ['outcome', 'changed']);
    console.log(
      indented(
        `requests: ${sim.requests
          .slice(before)
          .map(({ method, path }) => `${method} ${path.replace(/^\/accounts\/\w+/, '')}`)
          .join(', ')}`,
      ),
    );
    expected.push(again.outputs.outcome === 'unchanged');

    heading('3. The create response is lost after Cloudflare created the share, but only one share is left');
    sim.order({ kind: 'reset-after-commit', method: 'POST', path: /\/shares$/ });
    const lost = await step({
      'share-name': 'WAF baseline',
      recipients: [{ recipient_account_id: berlin, label: 'Berlin office' }],
      resources: [{ resource_type: 'custom-ruleset', resource_id: ruleset, label: 'Baseline WAF' }],
    });
    show(lost, ['outcome', 'share-id']);
    console.log(indented(`live shares named "WAF baseline": ${liveOf('WAF baseline')}`));
    expected.push(lost.outputs.outcome === 'created' && liveOf('WAF baseline') === 1);

    heading('4. A pull request replaces an account in the file. Its reviewer reads this');
    writeFileSync(join(folder, 'shares.yml'), FILE);
    const planned = await step({ config: 'shares.yml', mode: 'plan', prune: 'true', names: 'true' });
    console.log(indented(readable(planned.summary)));
    expected.push(planned.outputs.outcome === 'planned' && planned.outputs.changed === 'true');

    heading('5. The pull request is merged. Later, somebody adds an account by hand, and the morning run finds it');
    const applied = await step({ config: 'shares.yml', prune: 'true', wait: 'true' });
    expected.push(applied.outputs.outcome === 'updated');
    await addByHand(sim, created.outputs['share-id'] ?? '', lyon);
    const drift = await step({ config: 'shares.yml', mode: 'plan', 'fail-on-drift': 'true', names: 'true' });
    show(drift, ['outcome', 'changed']);
    expected.push(drift.exitCode === 1);
  } finally {
    await sim.close();
    rmSync(folder, { recursive: true, force: true });
  }
  if (expected.includes(false)) {
    console.error(`\nStep ${expected.indexOf(false) + 1} did not end as expected.`);
    process.exitCode = 1;
  } else {
    console.log(
      '\nAll of this ran against the embedded API simulator. The last run fails on purpose, because it found drift.',
    );
  }
}

/** Simulates a change by hand in the dashboard. */
async function addByHand(
  sim: Awaited<ReturnType<typeof startSimulator>>,
  shareId: string,
  account: string,
): Promise<void> {
  await fetch(`${sim.baseUrl}/accounts/${sim.accountId}/shares/${shareId}/recipients`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sim.credentials.apiToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ recipient_account_id: account }),
  });
}

await commandLine(help, { options: {} }, demo);

// Shows the main job without credentials or network: a step that creates a share and a step that uses its outputs,
// run as a runner runs them, against the embedded simulator of the API.

import { startSimulator } from '../simulator/index.ts';
import { inputsFor, type Ran, runStep } from '../simulator/runner.ts';

const sim = await startSimulator({ associationMs: 1_200 });
const [first, second, third] = sim.memberIds as [string, string, string];

const heading = (text: string): void =>
  console.log(`\n\u001b[1m── ${text} ${'─'.repeat(Math.max(0, 92 - text.length))}\u001b[0m`);

function show(ran: Ran): Ran {
  // The runner takes commands out of the log: masks are not shown, groups are.
  const shown = ran.log
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .map((line) => line.replace(/^::group::/, '▾ ').replace(/^::endgroup::$/, ''));
  console.log(
    shown
      .join('\n')
      .replace(/\n{2,}/g, '\n')
      .trim(),
  );
  console.log(`\nexit code ${ran.exitCode}; outputs:`);
  for (const [name, value] of Object.entries(ran.outputs)) {
    console.log(`  ${name} = ${value.length > 160 ? `${value.slice(0, 160)}…` : value}`);
  }
  if (ran.exitCode !== 0) process.exitCode = 1;
  return ran;
}

const wish = {
  'share-name': 'Gateway baseline',
  recipients: [{ account_id: first }, { account_id: second }],
  resources: [{ resource_type: 'gateway-policy', resource_id: 'cccccccccccccccccccccccccccccccc' }],
};

heading('Step 1: create the share, and wait until it is associated');
const created = show(await runStep(inputsFor(sim, { ...wish, wait: 'true' })));

heading("Step 1's job summary, as Markdown");
console.log(created.summary.trim());

heading('Step 2: a later step uses the outputs: one recipient more, on the share of that id');
const recipients = [...JSON.parse(created.outputs.recipients ?? '[]'), { account_id: third }].map(
  ({ account_id }: { account_id: string }) => ({ account_id }),
);
show(await runStep(inputsFor(sim, { ...wish, 'share-id': created.outputs['share-id'], recipients, wait: 'true' })));

heading('Step 3: the same once more is boring: two reads, no change');
const before = sim.requests.length;
show(await runStep(inputsFor(sim, { ...wish, recipients })));
console.log(
  `requests: ${sim.requests
    .slice(before)
    .map(({ method, path }) => `${method} ${path.replace(/^\/accounts\/\w+/, '')}`)
    .join(', ')}`,
);

await sim.close();

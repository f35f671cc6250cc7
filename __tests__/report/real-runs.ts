// Real runs of the action against the simulator, for the pictures and the log in the README, so that both show only
// what runs print.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { shownLog } from '../../simulator/runner.ts';
import { startFakeGithub, TOKEN } from '../fake-github.ts';
import { inputsFor, type Ran, runInProcess } from '../run-in-process.ts';
import { idOf } from './scenes.ts';

async function against<T>(act: (sim: Simulator) => Promise<T>, options = {}): Promise<T> {
  const sim = await startSimulator(options);
  try {
    return await act(sim);
  } finally {
    await sim.close();
  }
}

/** Replaces ids and times, which each run creates, so that every run has the same text. */
const normalized = (log: string): string =>
  log
    .replace(/\[creating \w+\]/g, '[creating 4kq0c2m7xw1e]')
    .replace(/\b(?=\w*\d)(?=\w*[a-f])[0-9a-f]{32}\b/g, idOf('share Gateway baseline'))
    .replace(/took \d+(\.\d+)? s/g, 'took 41 s')
    .replace(/\(waited \d+ seconds?/g, '(waited 1 second')
    .replace(/waiting \d+(\.\d+)? s/g, 'waiting 0.5 s')
    .replace(/^(.*)(\n\1)+$/gm, '$1');

const ASSOCIATION_MS = 3_600_000;

/** The log of a run whose create call takes effect but whose response is lost. */
export const lostResponseLog = (): Promise<string> =>
  against(
    async (sim) => {
      sim.order({ kind: 'reset-after-commit', method: 'POST', path: /\/shares$/ });
      // The recipient is associated once the run has seen twice that it isn't.
      const polls = (): number => sim.requests.filter(({ path }) => path.endsWith('/recipients')).length;
      const timer = setInterval(() => {
        if (polls() >= 2) sim.age(2 * ASSOCIATION_MS);
      }, 1);
      try {
        const { log } = await runInProcess(
          inputsFor(sim, {
            'share-name': 'Gateway baseline',
            recipients: [{ recipient_account_id: sim.memberIds[0], label: 'Berlin office' }],
            resources: [{ resource_type: 'gateway-policy', resource_id: 'c'.repeat(32), label: 'Block malware' }],
            wait: 'true',
          }),
        );
        return normalized(shownLog(log)).trim();
      } finally {
        clearInterval(timer);
      }
    },
    { associationMs: ASSOCIATION_MS },
  );

const NAMED = ['Berlin office', 'Lyon office', 'Porto office'];
const policy = { resource_type: 'gateway-policy', resource_id: 'f174e90afafe4643bbbc4a0ed4fc8415' };
const ruleset = { resource_type: 'custom-ruleset', resource_id: '2c0fc9fa937b11eaa1b71c4d701ab86e' };

/**
 * A plan of a file, with a pull request comment. One share loses recipients and a resource and gains a recipient, one
 * share is deleted, and one is in sync.
 */
export const planOfFile = (): Promise<Ran & { comment: string }> =>
  against(async (sim) => {
    const github = await startFakeGithub();
    const sent = (...indexes: number[]) => indexes.map((i) => ({ recipient_account_id: sim.memberIds[i] as string }));
    const to = (...indexes: number[]) =>
      sent(...indexes).map((item, at) => ({ ...item, label: NAMED[indexes[at] as number] }));
    const whole = (...items: (typeof policy)[]) =>
      items.map((item) => ({ ...item, resource_account_id: sim.accountId, meta: {} }));
    sim.seed({ name: 'Gateway baseline', recipients: sent(0, 1, 4), resources: whole(policy, ruleset) });
    sim.seed({ name: 'WAF baseline', recipients: sent(0, 1), resources: whole(ruleset) });
    sim.seed({ name: 'Old block page', recipients: sent(1, 3), resources: whole(policy) });
    const file = {
      shares: [
        { name: 'Gateway baseline', recipients: to(0, 2), resources: [{ ...policy, label: 'Block malware' }] },
        { name: 'WAF baseline', recipients: to(0, 1), resources: [ruleset] },
        { name: 'Old block page', state: 'absent' },
      ],
    };
    try {
      mkdirSync(join(github.workspace, '.cloudflare'), { recursive: true });
      writeFileSync(join(github.workspace, '.cloudflare', 'shares.yml'), JSON.stringify(file)); // JSON is YAML
      const ran = await runInProcess(
        inputsFor(sim, {
          mode: 'plan',
          prune: 'true',
          config: '.cloudflare/shares.yml',
          'comment-on-pr': 'true',
          'github-token': TOKEN,
        }),
        { env: github.onPullRequest() },
      );
      return { ...ran, comment: github.plans()[0]?.body ?? '' };
    } finally {
      github.close();
    }
  });

/** Returns the README with this log. */
export const withLog = (readme: string, log: string): string =>
  readme.replace(
    /(<!-- log:start -->\n)[\s\S]*?(<!-- log:end -->)/,
    (_, start: string, end: string) => `${start}\`\`\`text\n${log}\n\`\`\`\n${end}`,
  );

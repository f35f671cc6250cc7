// Scenes: real runs of the action against the simulator. The pictures and the README's log show only what these runs write.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator/index.ts';
import { shownLog } from '../../simulator/runner.ts';
import type { Clock } from '../../src/clock.ts';
import { fakeClock } from '../clock.ts';
import { type FakeGithub, pull, startFakeGithub, TOKEN } from '../fake-github.ts';
import { type InputsOf, inputsFor, runInProcess } from '../run-in-process.ts';
import {
  BERLIN,
  branch,
  idOf,
  LYON,
  NAMES,
  OUTSIDER,
  PARIS,
  POLICY,
  PORTO,
  policy,
  RULESET,
  RUN,
  ruleset,
  STAGING,
  STRANGER,
  VIENNA,
} from './values.ts';

interface Scene {
  options?: SimulatorOptions;
  /** Prepares what exists before the run. */
  before?: (sim: Simulator) => void;
  /** The config file, if the run has one. */
  file?: string;
  inputs: InputsOf;
}

/** What people see of a run. Ids of shares, times and CF-Rays are the same in every run. */
export interface Seen {
  green: boolean;
  /** As the runner shows it. */
  log: string;
  summary: string;
  /** The comment on the pull request, without its hidden lines. */
  comment: string;
}

const FILE = '.cloudflare/shares.yml';
const NAME = 'Gateway baseline';
const plan: InputsOf = { mode: 'plan', names: 'true' };
const to = (...accounts: string[]) => accounts.map((id) => ({ recipient_account_id: id }));

/** A share in a file, with the names of accounts and resources. */
const share = (name: string, accounts: readonly string[], resource: string = POLICY): string =>
  [
    `  - name: ${name}`,
    '    recipients:',
    ...accounts.map((id) =>
      NAMES.has(id) ? `      - account_name: ${NAMES.get(id)}` : `      - recipient_account_id: ${id}`,
    ),
    '    resources:',
    `      - resource_type: ${resource === POLICY ? 'gateway-policy' : 'custom-ruleset'}`,
    `        resource_name: ${NAMES.get(resource)}`,
    '',
  ].join('\n');
const file = (...shares: string[]): string => `shares:\n${shares.join('')}`;

const BRANCHES = Array.from({ length: 300 }, (_, i) => ({
  i,
  name: `Branch ${String(i + 1).padStart(3, '0')}`,
  account: branch(i),
}));

const nameBranches = (sim: Simulator): void => {
  for (const { name, account } of BRANCHES) sim.nameAccount(account, name);
};

const seedBranches = (sim: Simulator): void => {
  nameBranches(sim);
  for (const { i, name, account } of BRANCHES) {
    if (i % 25 === 3) continue;
    const recipients =
      i === 40 ? [{}] : to(account, ...(i % 25 === 9 ? [] : [BERLIN]), ...(i % 50 === 17 ? [STRANGER] : []));
    sim.seed({ name, recipients, resources: [policy()] });
  }
};

const SCENES = {
  create: {
    options: { associationMs: 30_000 },
    inputs: {
      'share-name': NAME,
      recipients: to(BERLIN, LYON, PARIS),
      resources: [policy(), ruleset()],
      names: 'true',
      wait: 'true',
    },
  },
  update: {
    before: (sim) =>
      sim.seed({ name: NAME, recipients: to(BERLIN, LYON), resources: [policy(POLICY, { priority: 1 })] }),
    inputs: {
      ...plan,
      'share-name': NAME,
      recipients: to(BERLIN, LYON, PARIS),
      resources: [policy(POLICY, { priority: 2 }), ruleset()],
    },
  },
  prune: {
    before: (sim) => {
      sim.seed({ name: NAME, recipients: to(BERLIN, LYON, STRANGER), resources: [policy(), ruleset()] });
      sim.seed({ name: 'WAF baseline', recipients: to(BERLIN, LYON), resources: [ruleset()] });
      sim.seed({ name: 'Old block page', recipients: to(LYON, VIENNA), resources: [policy()] });
    },
    file: file(
      share(NAME, [BERLIN, PORTO]),
      share('WAF baseline', [BERLIN, LYON], RULESET),
      '  - name: Old block page\n    state: absent\n',
    ),
    inputs: { ...plan, prune: 'true' },
  },
  replace: {
    before: (sim) => sim.seed({ name: NAME, recipients: to(BERLIN, LYON), resources: [policy()] }),
    inputs: { ...plan, 'share-name': NAME, recipients: [{}], resources: [policy()], replace: 'true' },
  },
  refused: {
    before: (sim) => {
      sim.seed({ name: NAME, recipients: [{}], resources: [policy()] });
      sim.seed({ name: 'WAF baseline', recipients: to(BERLIN), resources: [ruleset()] });
    },
    file: file(share(NAME, [BERLIN, LYON]), share('WAF baseline', [BERLIN, PORTO], RULESET)),
    inputs: plan,
  },
  drift: {
    before: (sim) => {
      sim.seed({ name: NAME, recipients: to(BERLIN, LYON, PARIS, STRANGER), resources: [policy(), ruleset()] });
      sim.seed({ name: 'WAF baseline', recipients: to(BERLIN), resources: [ruleset()] });
      sim.seed({ name: 'Made by hand', recipients: to(VIENNA), resources: [policy()] });
    },
    file: `complete: true\n${file(share(NAME, [BERLIN, LYON, PARIS]), share('WAF baseline', [BERLIN], RULESET))}`,
    inputs: { ...plan, 'fail-on-drift': 'true' },
  },
  exclusions: {
    before: (sim) => sim.seed({ name: 'Everywhere', recipients: [{}], resources: [policy()], exclusions: [VIENNA] }),
    inputs: {
      ...plan,
      'share-name': 'Everywhere',
      recipients: [{}],
      exclude: to(STAGING, STRANGER),
      resources: [policy()],
      prune: 'true',
    },
  },
  'failed halfway': {
    options: { associationMs: 30_000 },
    before: (sim) => {
      sim.seed({ name: NAME, recipients: to(BERLIN), resources: [policy()] });
    },
    file: file(share(NAME, [BERLIN, LYON, OUTSIDER]), share('WAF baseline', [BERLIN, PORTO], RULESET)),
    inputs: { names: 'true' },
  },
  'terminal error': {
    before: (sim) => {
      sim.failRecipient(LYON, { error: 'Recipient is missing necessary entitlement', terminal: true });
      sim.failRecipient(PARIS, { error: 'Upstream is busy', terminal: false });
    },
    inputs: {
      'share-name': NAME,
      recipients: to(BERLIN, LYON, PARIS),
      resources: [policy()],
      names: 'true',
      wait: 'true',
    },
  },
  'broken file': {
    file: file(
      share(NAME, [BERLIN]).replace('account_name', 'acount_name'),
      share('WAF baseline', [BERLIN], RULESET).replace(/ {8}resource_name: .*\n/, ''),
    ),
    inputs: plan,
  },
  'no permission': {
    before: (sim) => sim.order({ kind: 'forbidden', path: /\/shares$/, times: Number.POSITIVE_INFINITY }),
    file: file(...Array.from({ length: 12 }, (_, i) => share(`Branch ${i + 1}`, [BERLIN]))),
    inputs: plan,
  },
  deletion: {
    before: (sim) => sim.seed({ name: NAME, recipients: to(BERLIN, LYON), resources: [policy()] }),
    inputs: { 'share-name': NAME, mode: 'delete', names: 'true', wait: 'true' },
  },
  'too many removals': {
    before: (sim) => {
      nameBranches(sim);
      const accounts = BRANCHES.slice(0, 12).map(({ account }) => account);
      sim.seed({ name: NAME, recipients: to(BERLIN, ...accounts), resources: [policy()] });
    },
    file: file(share(NAME, [BERLIN])),
    inputs: { ...plan, prune: 'true' },
  },
  'no reviewed plan': {
    file: file(share(NAME, [BERLIN])),
    inputs: { names: 'true', 'reviewed-plan': 'pull-request' },
  },
  check: {
    file: file(share(NAME, [BERLIN]), share('WAF baseline', [BERLIN, PORTO], RULESET)),
    inputs: { mode: 'check' },
  },
  '300 shares': {
    before: seedBranches,
    file: file(...BRANCHES.map(({ name, account }) => share(name, [account, BERLIN]))),
    inputs: plan,
  },
} satisfies Record<string, Scene>;

export type SceneName = keyof typeof SCENES;
export const SCENE_NAMES = Object.keys(SCENES) as SceneName[];

/** Runs a scene. */
export const play = (name: SceneName): Promise<Seen> => run(SCENES[name]);

/** The log in the README: the create call takes effect, but its response is lost. */
export const lostResponseLog = async (): Promise<string> => {
  const { log } = await run({
    options: { associationMs: 30_000 },
    before: (sim) => sim.order({ kind: 'reset-after-commit', method: 'POST', path: /\/shares$/ }),
    inputs: {
      'share-name': NAME,
      recipients: to(BERLIN),
      resources: [policy()],
      names: 'true',
      wait: 'true',
      'comment-on-pr': 'false',
    },
  });
  return log;
};

async function run({ options, before, file, inputs }: Scene): Promise<Seen> {
  const sim = await startSimulator(options);
  const github = await startFakeGithub();
  try {
    for (const [id, name] of NAMES) sim.nameAccount(id, name);
    sim.nameAccount(STRANGER, '');
    sim.addPolicy({ id: POLICY, name: NAMES.get(POLICY) });
    sim.addRuleset({ id: RULESET, name: NAMES.get(RULESET) });
    before?.(sim);
    if (file !== undefined) {
      const path = join(github.workspace, FILE);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, file);
    }
    const asked = { 'comment-on-pr': 'true', 'github-token': TOKEN, ...(file === undefined ? {} : { config: FILE }) };
    const ran = await runInProcess(inputsFor(sim, { ...asked, ...inputs }), {
      env: environmentOf(github),
      clock: clockOf(sim),
    });
    const { body } = [...github.plans(), ...github.results()][0] ?? {};
    return {
      green: ran.exitCode === 0,
      log: normalized(shownLog(ran.log), sim),
      summary: normalized(ran.summary, sim),
      comment: normalized((body ?? '').replace(/^(<!--.*-->\n)+/, ''), sim),
    };
  } finally {
    github.close();
    await sim.close();
  }
}

/** A job on a pull request. */
function environmentOf(github: FakeGithub): Record<string, string> {
  const head = { sha: String(RUN.sha), repo: { full_name: String(RUN.repository) } };
  github.pulls = [pull({ head })];
  return github.onPullRequest({ head }, { GITHUB_RUN_ID: String(RUN.id), GITHUB_ACTOR: String(RUN.actor) });
}

/** Waits take no real time. The simulator's time passes with the run's. */
function clockOf(sim: Simulator): Clock {
  const clock = fakeClock();
  return {
    ...clock,
    pause: async (ms, signal) => {
      await clock.pause(ms, signal);
      sim.age(ms);
    },
  };
}

/** Replaces what each run creates, so that every run has the same text. */
function normalized(text: string, sim: Simulator): string {
  const fixed = sim.shares().reduce((all, { id, name }) => all.replaceAll(id, idOf(`share ${name}`)), text);
  return fixed
    .replace(/\[creating \w+\]/g, '[creating 4kq0c2m7xw1e]')
    .replace(/[0-9a-f]{16}(?=(?:<\/code>&#45;|-)AMS)/g, '8f2b3c4d5e6f7a8b')
    .replace(/took \d+(\.\d+)? s/g, 'took 42 s')
    .replace(/\(waited \d+ seconds?/g, '(waited 1 second')
    .replace(/waiting \d+(\.\d+)? s/g, 'waiting 0.5 s')
    .replace(/^(.*)(\n\1)+$/gm, '$1')
    .trim();
}

/** Returns the README with this log. */
export const withLog = (readme: string, log: string): string =>
  readme.replace(
    /(<!-- log:start -->\n)[\s\S]*?(<!-- log:end -->)/,
    (_, start: string, end: string) => `${start}\`\`\`text\n${log}\n\`\`\`\n${end}`,
  );

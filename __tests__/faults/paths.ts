// The paths that a run can take, each with its initial and expected state.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulator } from '../../simulator/index.ts';
import { isCreate, isListing, onArrival } from './arrivals.ts';
import { type Found, NAME, type PathOfRun } from './matrix.ts';
import type { State } from './truth.ts';

const accounts = (sim: Simulator, ...indexes: number[]) =>
  indexes.map((i) => ({ recipient_account_id: sim.memberIds[i] as string }));
const ids = (sim: Simulator, ...indexes: number[]): string[] => indexes.map((i) => sim.memberIds[i] as string).sort();
const policy = (resource_id: string, meta = {}) => ({ resource_type: 'gateway-policy', resource_id, meta });

interface Seed {
  name?: string;
  recipients: object[];
  resources?: ReturnType<typeof policy>[];
  exclusions?: string[];
}

const seed = (sim: Simulator, { name = NAME, recipients, resources = [policy('c1')], exclusions = [] }: Seed): string =>
  sim.seed({
    name,
    recipients,
    resources: resources.map((r) => ({ ...r, resource_account_id: sim.accountId })),
    exclusions,
  }).id;

const withAccounts = (recipients: string[], resources = ['c1 {}'], name = NAME): State => ({
  name,
  target: 'account',
  recipients,
  resources,
  exclusions: [],
});

const withOrganization = (exclusions: string[] = [], resources = ['c1 {}']): State => ({
  name: NAME,
  target: 'organization',
  recipients: [],
  resources,
  exclusions,
});

/** The inputs of a run with a file of these shares. */
function file(folder: string, content: { complete?: true; shares: object[] }): Found['inputs'] {
  const config = join(folder, 'shares.json');
  writeFileSync(config, JSON.stringify(content));
  return { config };
}

export const create: PathOfRun = {
  name: 'create',
  prepare: (sim) => ({
    inputs: { recipients: accounts(sim, 0, 1), resources: [policy('c1')] },
    transitions: [{ to: withAccounts(ids(sim, 0, 1)) }],
  }),
};

export const createAndWait: PathOfRun = {
  name: 'create and wait',
  prepare: (sim, folder) => {
    const { inputs, transitions } = create.prepare(sim, folder);
    return { inputs: { ...inputs, wait: 'true' }, transitions };
  },
};

export const createWithExclusions: PathOfRun = {
  name: 'create with exclusions',
  prepare: (sim) => ({
    inputs: { recipients: '[{}]', resources: [policy('c1')], exclude: accounts(sim, 2, 3) },
    transitions: [{ to: withOrganization(ids(sim, 2, 3)) }],
  }),
};

const another = (sim: Simulator, name = NAME): string => seed(sim, { name, recipients: accounts(sim, 0, 1) });
const temporary = `${NAME} [creating 0another0run0]`;

/** Another run creates and renames its share between this run's listing and create call. */
export const createAfterAnother: PathOfRun = {
  name: 'create after another run',
  prepare: (sim, folder) => {
    let other: string | undefined;
    onArrival(sim, (request) => {
      if (isCreate(request)) other ??= another(sim);
    });
    return { ...create.prepare(sim, folder), other: () => other };
  },
};

/** Another run creates its share first and is interrupted before the rename. */
export const createAfterAnotherBegan: PathOfRun = {
  name: 'create after an interrupted run',
  prepare: (sim, folder) => {
    let other: string | undefined;
    onArrival(sim, (request) => {
      if (isCreate(request)) other ??= another(sim, temporary);
    });
    return { ...create.prepare(sim, folder), other: () => other };
  },
};

/** Another run creates its share later and is interrupted before it can see that it lost. */
export const createBeforeAnother: PathOfRun = {
  name: 'create before an interrupted run',
  prepare: (sim, folder) => {
    let other: string | undefined;
    onArrival(sim, (request) => {
      if (isListing(request) && sim.liveShares().length > 0) other ??= another(sim, temporary);
    });
    return { ...create.prepare(sim, folder), other: () => other };
  },
};

/** An earlier run was killed after its create call. */
export const adopt: PathOfRun = {
  name: 'adopt a leftover share',
  prepare: (sim, folder) => {
    const from = another(sim, temporary);
    const { inputs } = create.prepare(sim, folder);
    return { inputs, transitions: [{ from, to: withAccounts(ids(sim, 0, 1)) }], staying: ids(sim, 0, 1) };
  },
};

export const unchanged: PathOfRun = {
  name: 'no change',
  prepare: (sim, folder) => {
    const from = another(sim);
    const { inputs } = create.prepare(sim, folder);
    return { inputs, transitions: [{ from, to: withAccounts(ids(sim, 0, 1)) }], staying: ids(sim, 0, 1) };
  },
};

export const update: PathOfRun = {
  name: 'update without prune',
  prepare: (sim) => {
    const from = seed(sim, { recipients: accounts(sim, 0, 5), resources: [policy('c1'), policy('c9')] });
    return {
      inputs: { recipients: accounts(sim, 0, 1, 2), resources: [policy('c1', { a: 1 }), policy('c2')] },
      transitions: [{ from, to: withAccounts(ids(sim, 0, 1, 2, 5), ['c1 {"a":1}', 'c2 {}', 'c9 {}']) }],
      staying: ids(sim, 0, 5),
    };
  },
};

export const addMany: PathOfRun = {
  name: 'add many without prune',
  prepare: (sim) => {
    const from = seed(sim, { recipients: accounts(sim, 0) });
    return {
      inputs: { recipients: accounts(sim, 0, 1, 2, 3, 4), resources: [policy('c1')] },
      transitions: [{ from, to: withAccounts(ids(sim, 0, 1, 2, 3, 4)) }],
      staying: ids(sim, 0),
    };
  },
};

export const prune: PathOfRun = {
  name: 'update with prune',
  prepare: (sim) => {
    const from = seed(sim, { recipients: accounts(sim, 0, 5), resources: [policy('c1'), policy('c9')] });
    return {
      inputs: { recipients: accounts(sim, 0, 1), resources: [policy('c1'), policy('c2')], prune: 'true' },
      transitions: [{ from, to: withAccounts(ids(sim, 0, 1), ['c1 {}', 'c2 {}']) }],
      staying: ids(sim, 0),
    };
  },
};

export const pruneExclusions: PathOfRun = {
  name: 'change exclusions with prune',
  prepare: (sim) => {
    const from = seed(sim, { recipients: [{}], exclusions: ids(sim, 2, 3) });
    return {
      inputs: { recipients: '[{}]', resources: [policy('c1')], exclude: accounts(sim, 3, 4), prune: 'true' },
      transitions: [{ from, to: withOrganization(ids(sim, 3, 4)) }],
      staying: ids(sim, 0, 3),
    };
  },
};

export const rename: PathOfRun = {
  name: 'rename by id',
  prepare: (sim) => {
    const from = seed(sim, { name: 'Old name', recipients: accounts(sim, 0) });
    return {
      inputs: { 'share-id': from },
      transitions: [{ from, to: withAccounts(ids(sim, 0)) }],
      staying: ids(sim, 0),
    };
  },
};

export const previousName: PathOfRun = {
  name: 'rename by previous name',
  prepare: (sim, folder) => {
    const from = seed(sim, { name: 'Old name', recipients: accounts(sim, 0) });
    const share = { name: NAME, previous_name: 'Old name', recipients: accounts(sim, 0, 1), resources: [policy('c1')] };
    return {
      inputs: file(folder, { shares: [share] }),
      transitions: [{ from, to: withAccounts(ids(sim, 0, 1)) }],
      staying: ids(sim, 0),
    };
  },
};

export const replace: PathOfRun = {
  name: 'replace by name',
  prepare: (sim) => ({
    inputs: { recipients: '[{}]', resources: [policy('c1')], replace: 'true' },
    transitions: [{ from: seed(sim, { recipients: accounts(sim, 0) }), to: withOrganization() }],
  }),
};

export const replaceById: PathOfRun = {
  name: 'replace by id',
  prepare: (sim, folder) => {
    const { inputs, transitions } = replace.prepare(sim, folder);
    const id = transitions[0]?.from;
    // Once the replacement is done, the share with the id no longer exists.
    const isDone = () => sim.liveShares(NAME).some((share) => share.id !== id);
    const byId = { ...inputs, 'share-id': id };
    return { inputs: byId, transitions, again: () => (isDone() ? inputs : byId) };
  },
};

export const replacePrevious: PathOfRun = {
  name: 'replace the share with the previous name',
  prepare: (sim, folder) => {
    const share = { name: NAME, previous_name: 'Old name', recipients: [{}], resources: [policy('c1')] };
    return {
      inputs: { ...file(folder, { shares: [share] }), replace: 'true' },
      transitions: [{ from: seed(sim, { name: 'Old name', recipients: accounts(sim, 0) }), to: withOrganization() }],
    };
  },
};

export const narrow: PathOfRun = {
  name: 'replace the organization with accounts',
  prepare: (sim) => ({
    inputs: { recipients: accounts(sim, 0), resources: [policy('c1')], replace: 'true' },
    transitions: [{ from: seed(sim, { recipients: [{}] }), to: withAccounts(ids(sim, 0)) }],
  }),
};

export const remove: PathOfRun = {
  name: 'delete and wait',
  prepare: (sim) => ({
    inputs: { mode: 'delete', wait: 'true' },
    transitions: [{ from: seed(sim, { recipients: accounts(sim, 0) }) }],
  }),
};

export const absent: PathOfRun = {
  name: 'delete an absent share of a file',
  prepare: (sim, folder) => {
    const stays = { from: another(sim, 'Stays'), to: withAccounts(ids(sim, 0, 1), ['c1 {}'], 'Stays') };
    return {
      inputs: file(folder, { shares: [{ name: NAME, state: 'absent' }] }),
      transitions: [{ from: seed(sim, { recipients: accounts(sim, 0) }) }, stays],
      staying: ids(sim, 1),
    };
  },
};

export const complete: PathOfRun = {
  name: 'change one share and delete another with a complete file',
  prepare: (sim, folder) => {
    const from = seed(sim, { recipients: accounts(sim, 0) });
    const share = { name: NAME, recipients: accounts(sim, 0, 1), resources: [policy('c1')] };
    return {
      inputs: { ...file(folder, { complete: true, shares: [share] }), prune: 'true' },
      transitions: [
        { from, to: withAccounts(ids(sim, 0, 1)) },
        { from: seed(sim, { name: 'Unlisted', recipients: accounts(sim, 2) }) },
      ],
      staying: ids(sim, 0),
    };
  },
};

/** Names everything in the dashboard that the other paths give by id. */
function nameEverything(sim: Simulator): void {
  sim.nameAccount(sim.memberIds[0] as string, 'Berlin office');
  sim.nameAccount(sim.memberIds[1] as string, 'Branch Aarhus');
  sim.nameAccount(sim.memberIds[2] as string, 'Branch Odense');
  sim.addPolicy({ id: 'c1', name: 'Block malware' });
  sim.addRuleset({ id: 'r1', name: 'Baseline WAF' });
}

export const byName: PathOfRun = {
  name: 'update by names',
  prepare: (sim) => {
    nameEverything(sim);
    const ruleset = { ...policy('r1'), resource_type: 'custom-ruleset' };
    const from = seed(sim, { recipients: accounts(sim, 0), resources: [ruleset] });
    return {
      inputs: {
        recipients: [{ account_name: 'Berlin office' }, { account_names: 'Branch *' }],
        resources: [
          { resource_type: 'gateway-policy', resource_name: 'Block malware' },
          { resource_type: 'custom-ruleset', resource_name: 'Baseline WAF' },
        ],
      },
      transitions: [{ from, to: withAccounts(ids(sim, 0, 1, 2), ['c1 {}', 'r1 {}']) }],
      staying: ids(sim, 0),
    };
  },
};

export const withNames: PathOfRun = {
  name: 'no change, with names',
  prepare: (sim, folder) => {
    nameEverything(sim);
    const { inputs, ...rest } = unchanged.prepare(sim, folder);
    return { ...rest, inputs: { ...inputs, names: 'true' } };
  },
};

// The paths that a run can take, each with what it finds and what it is to leave.

import type { Simulator } from '../../simulator/index.ts';
import { onArrival } from './arrivals.ts';
import { NAME, type PathOfRun } from './matrix.ts';

const accounts = (sim: Simulator, ...indexes: number[]) =>
  indexes.map((i) => ({ account_id: sim.memberIds[i] as string }));
const ids = (sim: Simulator, ...indexes: number[]): string[] => indexes.map((i) => sim.memberIds[i] as string).sort();
const policy = (resource_id: string, meta = {}) => ({ resource_type: 'gateway-policy', resource_id, meta });

const seed = (sim: Simulator, recipients: object[], ...resources: ReturnType<typeof policy>[]): string =>
  sim.seed({ name: NAME, recipients, resources: resources.map((r) => ({ ...r, resource_account_id: sim.accountId })) })
    .id;

export const create: PathOfRun = {
  name: 'create',
  prepare: (sim) => ({
    inputs: { recipients: accounts(sim, 0, 1), resources: [policy('c1')] },
    wished: { name: NAME, target: 'account', recipients: ids(sim, 0, 1), resources: ['c1 {}'] },
  }),
};

export const createAndWait: PathOfRun = {
  name: 'create and wait',
  prepare: (sim) => {
    const { inputs, wished } = create.prepare(sim);
    return { inputs: { ...inputs, wait: 'true' }, wished };
  },
};

/** Another run makes the same share between this one's look and its create call. */
export const createBesideAnother: PathOfRun = {
  name: 'create beside another run',
  prepare: (sim) => {
    let other: string | undefined;
    onArrival(sim, ({ method, path }) => {
      if (method === 'POST' && path.endsWith('/shares')) other ??= seed(sim, accounts(sim, 0, 1), policy('c1'));
    });
    return { ...create.prepare(sim), other: () => other };
  },
};

export const unchanged: PathOfRun = {
  name: 'no change',
  prepare: (sim) => {
    seed(sim, accounts(sim, 0, 1), policy('c1'));
    return { ...create.prepare(sim), staying: ids(sim, 0, 1) };
  },
};

export const update: PathOfRun = {
  name: 'update without prune',
  prepare: (sim) => {
    seed(sim, accounts(sim, 0, 5), policy('c1'), policy('c9'));
    return {
      inputs: { recipients: accounts(sim, 0, 1, 2), resources: [policy('c1', { a: 1 }), policy('c2')] },
      wished: {
        name: NAME,
        target: 'account',
        recipients: ids(sim, 0, 1, 2, 5),
        resources: ['c1 {"a":1}', 'c2 {}', 'c9 {}'],
      },
      staying: ids(sim, 0, 5),
    };
  },
};

export const prune: PathOfRun = {
  name: 'update with prune',
  prepare: (sim) => {
    seed(sim, accounts(sim, 0, 5), policy('c1'), policy('c9'));
    return {
      inputs: { recipients: accounts(sim, 0, 1), resources: [policy('c1'), policy('c2')], prune: 'true' },
      wished: { name: NAME, target: 'account', recipients: ids(sim, 0, 1), resources: ['c1 {}', 'c2 {}'] },
      staying: ids(sim, 0),
    };
  },
};

export const rename: PathOfRun = {
  name: 'rename by id',
  prepare: (sim) => {
    const id = sim.seed({
      name: 'Old name',
      recipients: accounts(sim, 0),
      resources: [{ ...policy('c1'), resource_account_id: sim.accountId }],
    }).id;
    return {
      inputs: { 'share-id': id },
      wished: { name: NAME, target: 'account', recipients: ids(sim, 0), resources: ['c1 {}'] },
      staying: ids(sim, 0),
    };
  },
};

export const replace: PathOfRun = {
  name: 'replace',
  prepare: (sim) => {
    seed(sim, accounts(sim, 0), policy('c1'));
    return {
      inputs: { recipients: '[{}]', resources: [policy('c1')], replace: 'true' },
      wished: { name: NAME, target: 'organization', recipients: [], resources: ['c1 {}'] },
    };
  },
};

export const remove: PathOfRun = {
  name: 'delete and wait',
  prepare: (sim) => {
    seed(sim, accounts(sim, 0), policy('c1'));
    return { inputs: { mode: 'delete', wait: 'true' }, wished: undefined };
  },
};

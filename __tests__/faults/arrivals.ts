// Hooks for the moment when a request arrives, for example another run's changes or the end of the job.

import type { Simulator } from '../../simulator/index.ts';

export type Request = Simulator['requests'][number];

/** Calls `act` whenever a request arrives, before it takes effect. Earlier hooks are kept. */
export function onArrival({ requests }: Simulator, act: (request: Request) => void): void {
  const push = requests.push;
  requests.push = (...arrived) => {
    for (const request of arrived) act(request);
    return push.apply(requests, arrived);
  };
}

export const forgetArrivals = ({ requests }: Simulator): boolean => Reflect.deleteProperty(requests, 'push');

export const isListing = ({ operation }: Request): boolean => operation === 'shares-list';
export const isCreate = ({ operation }: Request): boolean => operation === 'share-create';
export const isWrite = ({ method }: Request): boolean => method !== 'GET';

/** @returns a function that returns the ids of the shares that existed at the last listing */
export function idsAtLastListing(sim: Simulator): () => ReadonlySet<string> {
  let ids: ReadonlySet<string> = new Set();
  onArrival(sim, (request) => {
    if (isListing(request)) ids = new Set(sim.shares().map(({ id }) => id));
  });
  return () => ids;
}

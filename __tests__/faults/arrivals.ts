// What happens elsewhere at the moment when a request arrives: another run's doing, or the end of the job.

import type { Simulator } from '../../simulator/index.ts';

export type Request = Simulator['requests'][number];

/** Acts at the arrival of every request from now on, before it takes effect. Whoever was to act before still does. */
export function onArrival({ requests }: Simulator, act: (request: Request) => void): void {
  const push = requests.push;
  requests.push = (...arrived) => {
    for (const request of arrived) act(request);
    return push.apply(requests, arrived);
  };
}

export const forgetArrivals = ({ requests }: Simulator): boolean => Reflect.deleteProperty(requests, 'push');

export const isLook = ({ operation }: Request): boolean => operation === 'shares-list';
export const isCreate = ({ operation }: Request): boolean => operation === 'share-create';
export const isWrite = ({ method }: Request): boolean => method !== 'GET';

/** @returns what tells which shares there were when the list was last asked for */
export function idsAtLastLook(sim: Simulator): () => ReadonlySet<string> {
  let ids: ReadonlySet<string> = new Set();
  onArrival(sim, (request) => {
    if (isLook(request)) ids = new Set(sim.shares().map(({ id }) => id));
  });
  return () => ids;
}

// A stateful stand-in for Cloudflare's Resource Sharing API, to be started inside a test, a demo or a benchmark.
import { addControl } from './control.ts';
import { type Fault, FaultQueue } from './faults.ts';
import {
  type Credentials,
  credentials,
  memberAccountIds,
  organizationId,
  outsiderAccountId,
  ownerAccountId,
  ownerAccountName,
} from './organization.ts';
import { type RateLimit, RateLimiter } from './rate-limit.ts';
import { Journal, type RecordedRequest } from './requests.ts';
import { endpoints } from './routes.ts';
import { basePath, Server } from './server.ts';
import type { RecipientWish, ResourceWish, ShareStatus, WholeShare } from './shapes.ts';
import { type AssociationFailure, ShareStore } from './state.ts';
import { readShareWish } from './validation.ts';

export { type Fault, type FaultKind, faultKinds } from './faults.ts';
export type { Credentials } from './organization.ts';
export type { RateLimit } from './rate-limit.ts';
export type { RecordedRequest } from './requests.ts';
export type * from './shapes.ts';
export type { AssociationFailure } from './state.ts';

export interface SimulatorOptions {
  /** 0, the default, takes any free one. */
  port?: number;
  host?: string;
  /** PEM texts; with them the simulator speaks https. */
  tls?: { key: string; cert: string };
  /** Milliseconds that every request takes at least, half of them on the way in (0). */
  latencyMs?: number;
  /** Milliseconds that associating, disassociating and deleting take (50). */
  associationMs?: number;
  rateLimit?: RateLimit;
  /** The greatest page that is given out, whatever was asked for (100). */
  pageSizeMax?: number;
  /** Lists are whole when no page is asked for (true), or have 20 items a page as in older descriptions. */
  unpagedByDefault?: boolean;
  /** The answer to a create shows resources, counts and kind as the published example does (true). */
  createAnswersWithResources?: boolean;
}

export interface ShareSeed {
  name: string;
  /** As in POST; the first member account when left out. */
  recipients?: RecipientWish[];
  /** As in POST; one gateway policy when left out. */
  resources?: ResourceWish[];
  /** Timestamp as the API writes it; now when left out. */
  created?: string;
  status?: ShareStatus;
  /** Whether the recipients have been associated already (true). */
  associated?: boolean;
}

export interface Simulator {
  readonly baseUrl: string;
  readonly credentials: Readonly<Credentials>;
  readonly accountId: string;
  readonly accountName: string;
  readonly organizationId: string;
  readonly memberIds: string[];
  readonly outsiderId: string;
  /** In order of arrival. */
  readonly requests: RecordedRequest[];
  readonly maxInFlight: number;
  readonly pendingFaults: number;
  /** All shares ever made, in the order of their making, as they are at this moment. */
  shares(): WholeShare[];
  /** The active ones, or those of them that have this name. */
  liveShares(name?: string): WholeShare[];
  /** Puts a share in behind the API's back. */
  seed(share: ShareSeed): WholeShare;
  order(fault: Fault): void;
  failRecipient(accountId: string, failure: AssociationFailure): void;
  /** Empties shares, requests, faults and rate limits; requests on hold are dropped. */
  reset(): void;
  /** Takes back the faults that are still ordered. */
  clearFaults(): void;
  close(): Promise<void>;
}

const defaultResource: ResourceWish = {
  resource_type: 'gateway-policy',
  resource_id: 'cccccccccccccccccccccccccccccccc',
  resource_account_id: ownerAccountId,
  meta: {},
};

export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = '127.0.0.1', port = 0, tls, latencyMs = 0, associationMs = 50 } = options;
  const store = new ShareStore(associationMs);
  const journal = new Journal();
  const faults = new FaultQueue();
  const limiter = new RateLimiter(options.rateLimit ?? { quota: 1200, windowSeconds: 300 });
  const server = new Server({
    tls,
    latencyMs,
    journal,
    faults,
    limiter,
    endpoints: endpoints(store, {
      pageSizeMax: options.pageSizeMax ?? 100,
      unpagedByDefault: options.unpagedByDefault ?? true,
      createAnswersWithResources: options.createAnswersWithResources ?? true,
    }),
  });

  const shares = () => store.all().map((share) => store.showWhole(share));
  const order = (fault: Fault) => faults.order(fault);
  const reset = () => {
    server.dropPending();
    store.reset();
    journal.reset();
    faults.reset();
    limiter.reset();
  };
  const { requests } = journal;
  addControl(server.app, { requests, shares, order, reset, pendingFaults: () => faults.pending });
  await server.listen(host, port);

  return {
    baseUrl: `${server.origin}${basePath}`,
    credentials,
    accountId: ownerAccountId,
    accountName: ownerAccountName,
    organizationId,
    memberIds: [...memberAccountIds],
    outsiderId: outsiderAccountId,
    requests,
    get maxInFlight() {
      return journal.maxInFlight;
    },
    get pendingFaults() {
      return faults.pending;
    },
    shares,
    liveShares: (name) =>
      shares().filter((share) => share.status === 'active' && (name === undefined || share.name === name)),
    seed: ({
      name,
      recipients = [{ account_id: String(memberAccountIds[0]) }],
      resources = [defaultResource],
      created,
      status = 'active',
      associated = true,
    }) => {
      const wish = readShareWish({ name, recipients, resources }, ownerAccountId);
      return store.showWhole(store.seed({ accountId: ownerAccountId, wish, created, status, associated }));
    },
    order,
    failRecipient: (accountId, failure) => store.failRecipient(accountId, failure),
    reset,
    clearFaults: () => faults.reset(),
    close: () => server.close(),
  };
}

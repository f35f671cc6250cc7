// A stateful simulator of Cloudflare's Resource Sharing API. It runs inside tests, the demo and the benchmark.
import { randomUUID } from 'node:crypto';
import { addControl } from './control.ts';
import { Directory, directoryEndpoints, type PolicySeed, type RulesetSeed } from './directory.ts';
import { type Fault, FaultQueue } from './faults.ts';
import { inSmallLetters, withCapitals } from './letter-case.ts';
import { ListGate } from './list-gate.ts';
import {
  belongsToOrganization,
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
import type { ResultInfo, TokenInfo } from './responses.ts';
import { endpoints } from './routes.ts';
import { basePath, type Rewrite, Server } from './server.ts';
import type { OpenStatus, RecipientRequest, ResourceRequest, WholeShare } from './shapes.ts';
import { type AssociationFailure, type Hidden, nameOf, type RawShare, ShareStore } from './state.ts';
import { readExclusionList, readShareRequest } from './validation.ts';

export type { PolicySeed, RulesetSeed } from './directory.ts';
export {
  allFaultKinds,
  type Fault,
  type FaultKind,
  faultKinds,
  particularFaultKinds,
  thenCommitKinds,
} from './faults.ts';
export type { Credentials } from './organization.ts';
export type { RateLimit } from './rate-limit.ts';
export type { RecordedRequest } from './requests.ts';
export type { EndpointResponse, Rewrite } from './server.ts';
export type * from './shapes.ts';
export type { AssociationFailure, RawShare } from './state.ts';

export interface SimulatorOptions {
  /** The default, 0, chooses any free port. */
  port?: number;
  host?: string;
  /** Key and certificate in PEM, for https. */
  tls?: { key: string; cert: string };
  /** The minimum time that a request takes, in milliseconds (0). Half of it passes before the request takes effect. */
  latencyMs?: number;
  /** How long associating, disassociating and deleting take, in milliseconds (0). */
  associationMs?: number;
  /** How far lists of shares lag behind, in milliseconds (0). */
  listLagMs?: number;
  /** How long it takes until a rename shows in responses, reads and lists, in milliseconds (0). `Infinity`: never. */
  renameMs?: number;
  /**
   * The status of a share during a rename (unchanged). If it is set, lists of active shares don't show the share during
   * a rename.
   */
  renamingStatus?: string;
  /** How long a share refuses every write after it was created or changed, in milliseconds (0). */
  busyMs?: number;
  /** Changes a name before it is stored (no change). */
  normalizeNames?: (name: string) => string;
  /** Changes the `meta` of a resource before it is stored (no change). */
  normalizeMeta?: (meta: unknown) => unknown;
  /** The HTTP status that refuses a second live share with the same name (names need not be unique). */
  uniqueNames?: 409 | 422;
  /** Share ids are UUIDs of 36 characters instead of 32 hexadecimal digits (false). */
  uuids?: boolean;
  /** See `Simulator.hideFromLists` (none). */
  hiddenFromLists?: Hidden;
  /** Lists include received shares whatever `kind` was requested, and every share shows its kind (false). */
  ignoresKind?: boolean;
  /** Responses have ids of accounts and resources in uppercase, and requests can use either case (false). */
  idsInCapitals?: boolean;
  /** See `Simulator.holdUntilListed` (0). */
  holdUntilListed?: number;
  rateLimit?: RateLimit;
  /** The maximum page size, even if more is requested (100). */
  pageSizeMax?: number;
  /**
   * Lists are unpaged if no page is requested (true). If false, they have 20 items per page, as in older API
   * descriptions.
   */
  unpagedByDefault?: boolean;
  /** The page size if none is requested (20). */
  defaultPageSize?: number;
  /** Lists are paginated with tokens, and page numbers are ignored (false). */
  pagedByToken?: boolean;
  /** Receives the correct `result_info` of a list, and returns the one to send (unchanged). Undefined omits it. */
  resultInfo?: (info: ResultInfo | TokenInfo) => unknown;
  /** The maximum page size of the organization's directory, even if more is requested (1000). */
  directoryPageMax?: number;
  /** The create response shows resources, counts and kind, as in the published example (true). */
  createShowsResources?: boolean;
}

export interface ShareSeed {
  name: string;
  /** The account that shares. If omitted, the simulator's own. */
  accountId?: string;
  /**
   * In the format of the POST body. If omitted, the first member account or, if another account shares, the simulator's
   * own account.
   */
  recipients?: RecipientRequest[];
  /** In the format of the POST body. If omitted, one gateway policy. */
  resources?: ResourceRequest[];
  /** Timestamp in the API's format. If omitted, now. */
  created?: string;
  /** A share with an unknown status is live, but lists of active shares don't show it. */
  status?: OpenStatus;
  /** The share was created just now, so lagging lists don't show it yet (false). */
  justMade?: boolean;
  /** The recipients are associated (true). */
  associated?: boolean;
  /** Ids of accounts that a share with the organization excludes. Lagging lists already show them. */
  exclusions?: string[];
  /**
   * Overrides what lists and reads show: a null `created`, an unknown `status` (until the share is deleted), no `target_type`
   * (undefined). Items of `resources` are merged into the stored ones, in order. Filters and the methods of `Simulator` use the
   * stored values.
   */
  raw?: RawShare;
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
  /** The number of requests per operation, by its name in the published description: `shares-list`, ... */
  counts(): Record<string, number>;
  readonly pendingFaults: number;
  /** The number of requests that have yet to take effect, because of a `then-commit` or `late-commit` fault. */
  readonly pendingCommits: number;
  /** Lets these requests take effect now, whatever their delay. Resolves once they have. */
  commitPending(): Promise<void>;
  /** Makes all stored data older by a number of milliseconds. */
  age(milliseconds: number): void;
  /** All shares ever created, oldest first, as they are now. */
  shares(): WholeShare[];
  /** The shares that are neither deleting nor deleted, optionally only those with this name. */
  liveShares(name?: string): WholeShare[];
  /** Adds a share without the API. */
  seed(share: ShareSeed): WholeShare;
  order(fault: Fault): void;
  failRecipient(accountId: string, failure: AssociationFailure): void;
  /** Changes `associationMs` for everything that starts from now on, optionally only for one account. */
  setAssociation(milliseconds: number, accountId?: string): void;
  /** Changes `listLagMs`. */
  setListLag(milliseconds: number): void;
  /** Changes `renameMs` for renames from now on. */
  setRename(milliseconds: number): void;
  /** Changes `busyMs` for later changes. With a share id, makes that share busy now, for this long. */
  setBusy(milliseconds: number, shareId?: string): void;
  /** Hides shares from all lists, whatever their age. Reads by id still show them. */
  hideFromLists(hidden: Hidden): void;
  /** Changes the parsed bodies of later responses. A later call replaces this one. Faults apply afterwards. */
  rewrite(rewrite: Rewrite | undefined): void;
  /**
   * Holds the next responses to lists of shares until this many lists have been requested, so that all runs have listed
   * before any of them acts. Later lists are not held. Lists whose client has disconnected don't count.
   */
  holdUntilListed(count: number): void;
  /** How many lists were held and then sent together. 0: none yet. Proves that the race happened. */
  readonly listsAtOnce: number;
  /** Renames an account in the dashboard. `null` and undefined remove its name. */
  nameAccount(accountId: string, name: unknown): void;
  /** Hides an account from the list of accounts that the token can see, but not from the organization's list. */
  hideAccount(accountId: string): void;
  /** Omits the organization from all accounts. */
  leaveOrganization(): void;
  /** Adds a gateway policy to an account (the simulator's own). @returns its id */
  addPolicy(policy: PolicySeed): string;
  /** Adds a custom ruleset to an account (the simulator's own). @returns its id */
  addRuleset(ruleset: RulesetSeed): string;
  /** Deletes a policy or a ruleset in the dashboard. Shares still list it. */
  deleteResource(resourceId: string): void;
  renameResource(resourceId: string, name: unknown): void;
  /** Waits until no client is connected. Then everything that clients have sent has arrived, aborted requests included. */
  disconnected(): Promise<void>;
  /**
   * Clears shares, names, requests, faults and rate limits, restores the settings given in the options, and drops held
   * requests.
   */
  reset(): void;
  /** Removes all injected faults that haven't struck yet. */
  clearFaults(): void;
  close(): Promise<void>;
}

const defaultResource: ResourceRequest = {
  resource_type: 'gateway-policy',
  resource_id: 'cccccccccccccccccccccccccccccccc',
  resource_account_id: ownerAccountId,
  meta: {},
};

export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = '127.0.0.1', port = 0, tls, latencyMs = 0, idsInCapitals = false } = options;
  const store = new ShareStore({
    associationMs: options.associationMs ?? 0,
    listLagMs: options.listLagMs ?? 0,
    renameMs: options.renameMs ?? 0,
    renamingStatus: options.renamingStatus,
    busyMs: options.busyMs ?? 0,
    normalizeName: options.normalizeNames ?? ((name) => name),
    normalizeMeta: options.normalizeMeta ?? ((meta) => meta),
    uniqueNames: options.uniqueNames,
    newShareId: options.uuids ? randomUUID : () => randomUUID().replaceAll('-', ''),
    hiddenFromLists: options.hiddenFromLists ?? (() => false),
  });
  let rewrite: Rewrite | undefined;
  const listGate = new ListGate();
  listGate.hold(options.holdUntilListed ?? 0);
  const journal = new Journal();
  const faults = new FaultQueue();
  const limiter = new RateLimiter(options.rateLimit ?? { quota: 1200, windowSeconds: 300 });
  const directory = new Directory();
  const resultInfo = options.resultInfo ?? ((info) => info);
  const all = [
    ...endpoints(store, {
      defaultPageSize: options.defaultPageSize ?? 20,
      pagedByToken: options.pagedByToken ?? false,
      resultInfo,
      ignoresKind: options.ignoresKind ?? false,
      pageSizeMax: options.pageSizeMax ?? 100,
      unpagedByDefault: options.unpagedByDefault ?? true,
      createShowsResources: options.createShowsResources ?? true,
    }),
    ...directoryEndpoints(directory, { resultInfo, directoryPageMax: options.directoryPageMax ?? 1000 }),
  ];
  const server = new Server({
    tls,
    latencyMs,
    journal,
    faults,
    limiter,
    listGate,
    rewrite: () => rewrite,
    endpoints: idsInCapitals ? all.map(withCapitals) : all,
  });

  const shares = () => store.all().map((share) => store.showWhole(share));
  const order = (fault: Fault) => faults.order(fault);
  const reset = () => {
    server.dropPending();
    store.reset();
    directory.reset();
    journal.reset();
    faults.reset();
    limiter.reset();
    listGate.hold(options.holdUntilListed ?? 0);
    rewrite = undefined;
  };
  const { requests } = journal;
  const pendingFaults = () => faults.pending;
  addControl(server.app, { requests, shares, order, reset: () => simulator.reset(), pendingFaults });
  await server.listen(host, port);

  const simulator: Simulator = {
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
    get listsAtOnce() {
      return listGate.atOnce;
    },
    get pendingCommits() {
      return server.pendingCommits;
    },
    commitPending: () => server.commitPending(),
    age: (milliseconds) => store.age(milliseconds),
    counts: () => journal.counts(),
    shares,
    liveShares: (name) =>
      store
        .live()
        .filter((share) => name === undefined || nameOf(share) === name)
        .map((share) => store.showWhole(share)),
    seed: ({
      name,
      accountId = ownerAccountId,
      recipients = [{ account_id: accountId === ownerAccountId ? String(memberAccountIds[0]) : ownerAccountId }],
      resources = [{ ...defaultResource, resource_account_id: accountId }],
      created,
      status = 'active',
      associated = true,
      exclusions = [],
      justMade = false,
      raw = {},
    }) => {
      if (!belongsToOrganization(accountId)) throw new Error('only accounts of the organization share');
      const stored = (value: unknown) => (idsInCapitals ? inSmallLetters(value) : value);
      const request = readShareRequest(stored({ name, recipients, resources }), accountId);
      readExclusionList(
        exclusions.map((account_id) => ({ account_id })),
        accountId,
      );
      const since = justMade ? { since: Date.now() } : {};
      const seeded = { accountId, request, created, status, associated, exclusions, raw, ...since };
      return store.showWhole(store.seed(seeded));
    },
    order,
    setAssociation: (milliseconds, accountId) => store.setAssociation(milliseconds, accountId),
    setListLag: (milliseconds) => store.setListLag(milliseconds),
    setRename: (milliseconds) => store.setRename(milliseconds),
    setBusy: (milliseconds, shareId) => store.setBusy(milliseconds, shareId),
    hideFromLists: (hidden) => store.hideFromLists(hidden),
    rewrite: (changed) => {
      rewrite = changed;
    },
    holdUntilListed: (count) => listGate.hold(count),
    failRecipient: (accountId, failure) => store.failRecipient(accountId, failure),
    nameAccount: (accountId, name) => directory.nameAccount(accountId, name),
    hideAccount: (accountId) => directory.hideAccount(accountId),
    leaveOrganization: () => directory.leaveOrganization(),
    addPolicy: (policy) => directory.addPolicy(policy),
    addRuleset: (ruleset) => directory.addRuleset(ruleset),
    deleteResource: (resourceId) => directory.deleteResource(resourceId),
    renameResource: (resourceId, name) => directory.renameResource(resourceId, name),
    disconnected: () => server.disconnected(),
    reset,
    clearFaults: () => faults.reset(),
    close: () => server.close(),
  };
  return simulator;
}

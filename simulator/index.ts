// A stateful stand-in for Cloudflare's Resource Sharing API, to be started inside a test, a demo or a benchmark.
import { randomUUID } from 'node:crypto';
import type { ResultInfo, TokenInfo } from './answers.ts';
import { addControl } from './control.ts';
import { Directory, directoryEndpoints, type PolicySeed, type RulesetSeed } from './directory.ts';
import { type Fault, FaultQueue } from './faults.ts';
import { inSmallLetters, withCapitals } from './letter-case.ts';
import { LookGate } from './look-gate.ts';
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
export type { Answered, Rewrite } from './server.ts';
export type * from './shapes.ts';
export type { AssociationFailure, RawShare } from './state.ts';

export interface SimulatorOptions {
  /** 0, the default, takes any free one. */
  port?: number;
  host?: string;
  /** PEM texts; with them the simulator speaks https. */
  tls?: { key: string; cert: string };
  /** Milliseconds that every request takes at least, half of them on the way in (0). */
  latencyMs?: number;
  /** Milliseconds that associating, disassociating and deleting take (0). */
  associationMs?: number;
  /** Lists of shares show the account as it was so many milliseconds ago (0). */
  listLagMs?: number;
  /** Milliseconds until a rename shows, in answers, reads and lists alike; `Infinity`: never (0). */
  renameMs?: number;
  /** The status of a share while a rename takes effect (that of before). Lists of active shares do not show it then. */
  renamingStatus?: string;
  /** Milliseconds for which a share refuses every write after it was made or changed (0). */
  busyMs?: number;
  /** What the service makes of a name before it stores it (nothing). */
  normalizeNames?: (name: string) => string;
  /** What the service makes of the `meta` of a resource before it stores it (nothing). */
  normalizeMeta?: (meta: unknown) => unknown;
  /** The status that refuses a second live share of a name in an account (names need not be unique). */
  uniqueNames?: 409 | 422;
  /** Ids of shares are UUIDs of 36 characters (false: 32 hexadecimal digits). */
  uuids?: boolean;
  /** As `Simulator.hideFromLists` (none). */
  hiddenFromLists?: Hidden;
  /** Lists show received shares, too, whatever `kind` was asked for, and every share shows its kind (false). */
  ignoresKind?: boolean;
  /** The ids of accounts and resources come back in capitals, and are taken either way (false). */
  idsInCapitals?: boolean;
  /** As `Simulator.holdUntilLooked` (0). */
  holdUntilLooked?: number;
  rateLimit?: RateLimit;
  /** The greatest page that is given out, whatever was asked for (100). */
  pageSizeMax?: number;
  /** Lists are whole when no page is asked for (true), or have 20 items a page as in older descriptions. */
  unpagedByDefault?: boolean;
  /** The size of a page when none is asked for (20). */
  defaultPageSize?: number;
  /** Lists go from page to page by tokens, and take no notice of page numbers (false). */
  pagedByToken?: boolean;
  /** What lists say of their pages, made from the truth; undefined: nothing (the truth). */
  resultInfo?: (info: ResultInfo | TokenInfo) => unknown;
  /** The greatest page of the organization's directory, whatever was asked for (1000). */
  directoryPageMax?: number;
  /** The answer to a create shows resources, counts and kind as the published example does (true). */
  createAnswersWithResources?: boolean;
}

export interface ShareSeed {
  name: string;
  /** The account of the organization that shares; the simulator's own when left out. */
  accountId?: string;
  /** As in POST; the first member account when left out, or the simulator's own when another account shares. */
  recipients?: RecipientRequest[];
  /** As in POST; one gateway policy when left out. */
  resources?: ResourceRequest[];
  /** Timestamp as the API writes it; now when left out. */
  created?: string;
  /** A status that nobody knows is one of a live share: lists of active shares do not show it. */
  status?: OpenStatus;
  /** Made at this moment, which lists that lag do not show yet, rather than there all along (false). */
  justMade?: boolean;
  /** Whether the recipients have been associated already (true). */
  associated?: boolean;
  /** Ids of accounts that a share with the organization leaves out, and has left out for long. */
  exclusions?: string[];
  /**
   * What lists and reads show in place of what is stored: a `created` that is null, an unknown `status` (until the share
   * is deleted), no `target_type` (undefined). The items of `resources` are merged into the stored ones in their order.
   * Filters and whoever looks behind the API keep to what is stored.
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
  /** How many requests there were of each operation, by the names of the published description: `shares-list`, ... */
  counts(): Record<string, number>;
  readonly pendingFaults: number;
  /** Requests that a `then-commit` fault answered, or that `late-commit` holds, and that are still to be carried out. */
  readonly pendingCommits: number;
  /** Carries those out now, whatever delay was ordered for them. Resolves once they have taken effect. */
  carryOutPending(): Promise<void>;
  /** Makes everything that is there so many milliseconds older. */
  age(milliseconds: number): void;
  /** All shares ever made, in the order of their making, as they are at this moment. */
  shares(): WholeShare[];
  /** Those that are neither deleting nor deleted, or those of them that have this name. */
  liveShares(name?: string): WholeShare[];
  /** Puts a share in behind the API's back. */
  seed(share: ShareSeed): WholeShare;
  order(fault: Fault): void;
  failRecipient(accountId: string, failure: AssociationFailure): void;
  /** Changes `associationMs` for what begins from now on; for one recipient, when an account is named. */
  setAssociation(milliseconds: number, accountId?: string): void;
  /** Changes `listLagMs`. */
  setListLag(milliseconds: number): void;
  /** Changes `renameMs` for renames from now on. */
  setRename(milliseconds: number): void;
  /** Changes `busyMs` for what is changed from now on; with a share, that one refuses writes for so long. */
  setBusy(milliseconds: number, shareId?: string): void;
  /** Lists never show these shares, whatever their age. Reads by id do. */
  hideFromLists(hidden: Hidden): void;
  /** From now on the bodies of answers, parsed, are what this makes of them; a later call replaces it. Faults come after. */
  rewrite(rewrite: Rewrite | undefined): void;
  /**
   * Holds the answers to the next lists of shares until so many have been asked for, so that whoever asked has looked
   * before anybody acts. Later lists are not held. Lists whose client has gone do not count.
   */
  holdUntilLooked(count: number): void;
  /** How many lists were held and then answered together: that the race did happen. 0 before that. */
  readonly looksAtOnce: number;
  /** Gives an account another name in the dashboard. `null` and undefined: it has none. */
  nameAccount(accountId: string, name: unknown): void;
  /** The token can't see this account: the list of accounts lacks it, and the organization's list doesn't. */
  hideAccount(accountId: string): void;
  /** No account names its organization. */
  leaveOrganization(): void;
  /** Adds a gateway policy to an account, the simulator's own when none is named. @returns its id */
  addPolicy(policy: PolicySeed): string;
  /** Adds a custom ruleset likewise. @returns its id */
  addRuleset(ruleset: RulesetSeed): string;
  /** Deletes a policy or a ruleset in the dashboard: shares go on listing it. */
  deleteResource(resourceId: string): void;
  renameResource(resourceId: string, name: unknown): void;
  /** Empties shares, names, requests, faults and rate limits, and takes settings back to the options; requests on hold are dropped. */
  reset(): void;
  /** Takes back the faults that are still ordered. */
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
  let rewrite: Rewrite = () => undefined;
  const looks = new LookGate();
  looks.hold(options.holdUntilLooked ?? 0);
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
      createAnswersWithResources: options.createAnswersWithResources ?? true,
    }),
    ...directoryEndpoints(directory, { resultInfo, directoryPageMax: options.directoryPageMax ?? 1000 }),
  ];
  const server = new Server({
    tls,
    latencyMs,
    journal,
    faults,
    limiter,
    looks,
    rewrite: (answered) => rewrite(answered),
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
    looks.hold(options.holdUntilLooked ?? 0);
    rewrite = () => undefined;
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
    get looksAtOnce() {
      return looks.atOnce;
    },
    get pendingCommits() {
      return server.pendingCommits;
    },
    carryOutPending: () => server.carryOutPending(),
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
      rewrite = changed ?? (() => undefined);
    },
    holdUntilLooked: (count) => looks.hold(count),
    failRecipient: (accountId, failure) => store.failRecipient(accountId, failure),
    nameAccount: (accountId, name) => directory.nameAccount(accountId, name),
    hideAccount: (accountId) => directory.hideAccount(accountId),
    leaveOrganization: () => directory.leaveOrganization(),
    addPolicy: (policy) => directory.addPolicy(policy),
    addRuleset: (ruleset) => directory.addRuleset(ruleset),
    deleteResource: (resourceId) => directory.deleteResource(resourceId),
    renameResource: (resourceId, name) => directory.renameResource(resourceId, name),
    reset,
    clearFaults: () => faults.reset(),
    close: () => server.close(),
  };
}

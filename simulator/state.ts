// The store and its rules: what is shared with whom, and how that changes over time. Nothing here runs in the
// background. A change that takes time is stored with the time at which it ends, and each read computes the status from
// that.
import { randomUUID } from 'node:crypto';
import { accountName, organizationId, othersOf } from './organization.ts';
import { allAsOf, always, asOf, type Lasting, remember } from './past.ts';
import { busy, conflict, notFound } from './responses.ts';
import type {
  AssociationStatus,
  Exclusion,
  Kind,
  Recipient,
  RecipientResource,
  ResourceRequest,
  Share,
  ShareResource,
  ShareStatus,
  TargetType,
  WholeShare,
} from './shapes.ts';
import { Timestamps, timestampBefore } from './timestamps.ts';
import { resourceKey, type ShareFilter, type ShareRequest } from './validation.ts';

/** Data that can be deleted: active, deleting until `goneAt` (in milliseconds since 1970), then deleted. */
interface Mortal {
  goneAt: number | undefined;
}

interface StoredResource extends ResourceRequest, Mortal, Lasting {
  id: string;
  version: number;
  created: string;
  modified: string;
}

interface StoredRecipient extends Lasting {
  id: string;
  accountId: string;
  created: string;
  modified: string;
  wanted: 'associated' | 'disassociated';
  settledAt: number;
}

/** An exclusion has no status. It exists or it doesn't. */
interface StoredExclusion {
  id: string;
  accountId: string;
  created: string;
  modified: string;
}

export interface StoredShare extends Mortal, Lasting {
  id: string;
  accountId: string;
  /** The name that was stored last. During a rename, the API shows the old name (see `nameOf`). */
  name: string;
  renaming: { from: string; until: number } | undefined;
  /** The status of a share that is neither deleting nor deleted. */
  liveStatus: string;
  /** The share refuses every write until then. */
  busyUntil: number;
  targetType: TargetType;
  created: string;
  modified: string;
  tags: Map<string, string>;
  /** By account. An account has a single record in a share, even if it is removed and added again. */
  recipients: Map<string, StoredRecipient>;
  resources: Map<string, StoredResource>;
  /** By account. Only shares with the organization have exclusions. */
  exclusions: Map<string, StoredExclusion>;
  /** Fields that the API shows in place of the stored ones, or in addition to them. */
  raw: RawShare;
}

/**
 * Fields of a share that replace the stored ones. Undefined omits a field. Items of `resources` are merged into the
 * stored ones.
 */
export interface RawShare {
  resources?: unknown;
  [field: string]: unknown;
}

/** Why an account can't be associated, and until when. Without an end, it can never be associated. */
export interface AssociationFailure {
  error: string;
  terminal: boolean;
  /** Milliseconds from now until the failure ends. Ignored for a terminal failure, which never ends. */
  clearsAfterMs?: number;
}

interface StoredFailure {
  error: string;
  terminal: boolean;
  since: number;
  clearsAt: number;
}

/** What to show of a share in addition to the fields that are always shown. */
export interface Included {
  resources?: boolean;
  counts?: boolean;
  kind?: Kind | undefined;
}

export interface SeededShare {
  accountId: string;
  request: ShareRequest;
  created?: string | undefined;
  status: string;
  associated: boolean;
  exclusions: string[];
  raw: RawShare;
  /**
   * When the share was created, in milliseconds since 1970. Lagging lists don't show it before that. Undefined: it has
   * always existed.
   */
  since?: number;
}

const newId = (): string => randomUUID().replaceAll('-', '');

/** The name that the API shows. */
export const nameOf = ({ name, renaming }: StoredShare, at = Date.now()): string =>
  renaming !== undefined && at < renaming.until ? renaming.from : name;

function statusOf({ goneAt }: Mortal, at = Date.now()): ShareStatus {
  if (goneAt === undefined) return 'active';
  return at < goneAt ? 'deleting' : 'deleted';
}

function requireActive(thing: Mortal, what: 'share' | 'resource'): void {
  const status = statusOf(thing);
  if (status !== 'active') throw conflict(`the ${what} is ${status}`);
}

/** Decides whether lists hide a share. */
export type Hidden = (share: { id: string; name: string }) => boolean;

/** How long the service takes for changes, and how it changes what it stores. */
export interface StoreSettings {
  associationMs: number;
  listLagMs: number;
  renameMs: number;
  renamingStatus: string | undefined;
  busyMs: number;
  normalizeName: (name: string) => string;
  normalizeMeta: (meta: unknown) => unknown;
  /** The HTTP status that refuses a second live share with the same name. */
  uniqueNames: 409 | 422 | undefined;
  newShareId: () => string;
  hiddenFromLists: Hidden;
}

export class ShareStore {
  readonly #settings: Readonly<StoreSettings>;
  #associationMs: number;
  readonly #associationMsOf = new Map<string, number>();
  #listLagMs: number;
  #renameMs: number;
  #busyMs: number;
  #hiddenFromLists: Hidden;
  readonly #timestamps = new Timestamps();
  readonly #shares = new Map<string, StoredShare>();
  readonly #failures = new Map<string, StoredFailure>();

  constructor(settings: StoreSettings) {
    this.#settings = settings;
    this.#associationMs = settings.associationMs;
    this.#listLagMs = settings.listLagMs;
    this.#renameMs = settings.renameMs;
    this.#busyMs = settings.busyMs;
    this.#hiddenFromLists = settings.hiddenFromLists;
  }

  /** Sets the duration of associations that start from now on. With an account id, only for that recipient. */
  setAssociation(milliseconds: number, accountId?: string): void {
    if (accountId === undefined) this.#associationMs = milliseconds;
    else this.#associationMsOf.set(accountId, milliseconds);
  }

  setListLag(milliseconds: number): void {
    this.#listLagMs = milliseconds;
  }

  setRename(milliseconds: number): void {
    this.#renameMs = milliseconds;
  }

  /** Sets how long shares stay busy after later changes. With a share id, makes that share busy now. */
  setBusy(milliseconds: number, shareId?: string): void {
    if (shareId === undefined) this.#busyMs = milliseconds;
    else for (const share of this.#shares.values()) if (share.id === shareId) this.#occupy(share, milliseconds);
  }

  hideFromLists(hidden: Hidden): void {
    this.#hiddenFromLists = hidden;
  }

  /** Must be called after a change. */
  occupy(share: StoredShare): void {
    this.#occupy(share, this.#busyMs);
  }

  #occupy(share: StoredShare, milliseconds: number): void {
    share.busyUntil = Date.now() + milliseconds;
  }

  /** @throws if the share refuses writes for now. A share that is being deleted is never busy. */
  requireIdle(share: StoredShare): void {
    if (share.goneAt === undefined && Date.now() < share.busyUntil) throw busy();
  }

  #requireUniqueName(accountId: string, name: string, except?: StoredShare): void {
    const status = this.#settings.uniqueNames;
    if (status === undefined) return;
    const isTaken = this.live().some(
      (share) => share !== except && share.accountId === accountId && share.name === name,
    );
    if (isTaken) throw conflict('a share with this name already exists', status);
  }

  /** The point in time that lists show. */
  get listedAt(): number {
    return Date.now() - this.#listLagMs;
  }

  create(accountId: string, request: ShareRequest): StoredShare {
    this.#requireUniqueName(accountId, this.#settings.normalizeName(request.name));
    const share = this.#insert({
      accountId,
      request,
      status: 'active',
      associated: false,
      exclusions: [],
      raw: {},
      since: Date.now(),
    });
    this.occupy(share);
    return share;
  }

  /** Adds a share in any state, as if it had existed before. */
  seed(seeded: SeededShare): StoredShare {
    return this.#insert(seeded);
  }

  #insert(seeded: SeededShare): StoredShare {
    const { accountId, request, status, associated, exclusions, raw, since = always } = seeded;
    const created = seeded.created ?? this.#timestamps.next();
    const goneAt = status === 'deleting' ? this.#soon() : status === 'deleted' ? 0 : undefined;
    const accountIds = request.target.type === 'account' ? request.target.accountIds : othersOf(accountId);
    const share: StoredShare = {
      id: this.#settings.newShareId(),
      accountId,
      renaming: undefined,
      liveStatus: goneAt === undefined ? status : 'active',
      busyUntil: 0,
      name: this.#settings.normalizeName(request.name),
      targetType: request.target.type,
      created,
      modified: created,
      goneAt,
      since,
      past: [],
      tags: new Map(),
      recipients: new Map(),
      resources: new Map(),
      exclusions: new Map(),
      raw,
    };
    if (exclusions.length > 0) this.requireOrganizationTarget(share);
    for (const id of exclusions) share.exclusions.set(id, { id: newId(), accountId: id, created, modified: created });
    for (const id of accountIds) {
      share.recipients.set(id, {
        id: newId(),
        accountId: id,
        created,
        modified: created,
        wanted: goneAt === undefined && !share.exclusions.has(id) ? 'associated' : 'disassociated',
        settledAt: share.exclusions.has(id) ? 0 : (goneAt ?? (associated ? 0 : this.#soon(id))),
        since,
        past: [],
      });
    }
    for (const resource of request.resources) this.#insertResource(share, resource, { created, goneAt, since });
    this.#shares.set(share.id, share);
    return share;
  }

  /** A share that the account owns. */
  owned(accountId: string, shareId: string): StoredShare {
    const share = this.#shares.get(shareId);
    if (share?.accountId !== accountId) throw notFound();
    return share;
  }

  /** A share that the account owns or receives. Received shares can only be read. */
  visible(accountId: string, shareId: string): StoredShare {
    const share = this.#shares.get(shareId);
    if (share === undefined || this.kindFor(share, accountId) === undefined) throw notFound();
    return share;
  }

  /**
   * The shares of one account, or of the whole organization, at a point in time. Includes deleted shares, because the
   * API keeps listing them.
   */
  list(accountId: string | undefined, filter: ShareFilter, at: number): StoredShare[] {
    const tags = filter.tags.map((tag) => tag.split(/=(.*)/s));
    const found = allAsOf(this.#shares.values(), at).filter((share) => {
      // An organization sends everything that its accounts send, and receives nothing.
      const kind = accountId === undefined ? 'sent' : this.kindFor(share, accountId, at);
      if (kind === undefined || (filter.kind !== undefined && filter.kind !== kind)) return false;
      if (this.#hiddenFromLists({ id: share.id, name: nameOf(share, at) })) return false;
      if (filter.status !== undefined && filter.status !== this.#statusOf(share, at)) return false;
      if (filter.targetType !== undefined && filter.targetType !== share.targetType) return false;
      if (filter.resourceTypes.length > 0) {
        const live = allAsOf(share.resources.values(), at).filter((resource) => statusOf(resource, at) === 'active');
        if (!live.some((resource) => filter.resourceTypes.includes(resource.resource_type))) return false;
      }
      return tags.every(([key = '', value]) =>
        value === undefined ? share.tags.has(key) : share.tags.get(key) === value,
      );
    });
    const sign = filter.direction === 'desc' ? -1 : 1;
    const keyOf = (share: StoredShare): string => (filter.order === 'name' ? nameOf(share, at) : share.created);
    return found.sort((one, other) => {
      const a = keyOf(one);
      const b = keyOf(other);
      return a === b ? 0 : a < b ? -sign : sign;
    });
  }

  kindFor(share: StoredShare, accountId: string, at = Date.now()): Kind | undefined {
    if (share.accountId === accountId) return 'sent';
    const record = share.recipients.get(accountId);
    const recipient = record && asOf(record, at);
    return recipient === undefined || this.#association(recipient, at) === 'disassociated' ? undefined : 'received';
  }

  change(share: StoredShare, name: string, tags: Map<string, string> | undefined): void {
    requireActive(share, 'share');
    const stored = this.#settings.normalizeName(name);
    this.#requireUniqueName(share.accountId, stored, share);
    remember(share);
    // Repeating a rename doesn't start it again.
    if (stored !== share.name && this.#renameMs > 0) {
      share.renaming = { from: nameOf(share), until: Date.now() + this.#renameMs };
    }
    share.name = stored;
    if (tags !== undefined) share.tags = tags;
    share.modified = this.#timestamps.next();
  }

  /** Deleting a deleted share changes nothing, so a deletion can be repeated. */
  remove(share: StoredShare): void {
    if (share.goneAt !== undefined) return;
    remember(share);
    share.goneAt = this.#soon();
    share.modified = this.#timestamps.next();
    for (const recipient of share.recipients.values()) this.#disassociate(recipient);
    for (const resource of share.resources.values()) this.#removeResource(resource);
  }

  /** The recipients that an account can see. A recipient can't see the other recipients. */
  recipients(share: StoredShare, seenBy: string): StoredRecipient[] {
    const all = [...share.recipients.values()];
    return share.accountId === seenBy ? all : all.filter(({ accountId }) => accountId === seenBy);
  }

  recipient(share: StoredShare, seenBy: string, recipientId: string): StoredRecipient {
    const recipient = this.recipients(share, seenBy).find(({ id }) => id === recipientId);
    if (recipient === undefined) throw notFound();
    return recipient;
  }

  /**
   * Only the recipients of a share with accounts can be changed. Those of a share with an organization follow its
   * membership.
   */
  requireAccountTarget(share: StoredShare): void {
    requireActive(share, 'share');
    if (share.targetType !== 'account') {
      throw conflict('the share targets an organization: its recipients follow the membership', 400);
    }
  }

  addRecipient(share: StoredShare, accountId: string): StoredRecipient {
    this.requireAccountTarget(share);
    if (share.recipients.get(accountId)?.wanted === 'associated') throw conflict('recipient already exists');
    return this.#associate(share, accountId);
  }

  replaceRecipients(share: StoredShare, accountIds: string[]): void {
    this.requireAccountTarget(share);
    const listed = new Set(accountIds);
    for (const recipient of share.recipients.values()) {
      if (!listed.has(recipient.accountId)) this.#disassociate(recipient);
    }
    for (const accountId of listed) {
      if (share.recipients.get(accountId)?.wanted !== 'associated') this.#associate(share, accountId);
    }
  }

  removeRecipient(share: StoredShare, recipient: StoredRecipient): void {
    // On a deleted share, all recipients are already being removed, and a repeated removal is harmless.
    if (recipient.wanted === 'disassociated') return;
    this.requireAccountTarget(share);
    this.#disassociate(recipient);
  }

  #associate(share: StoredShare, accountId: string): StoredRecipient {
    const now = this.#timestamps.next();
    const associated = { modified: now, wanted: 'associated' as const, settledAt: this.#soon(accountId) };
    const known = share.recipients.get(accountId);
    if (known !== undefined) {
      remember(known);
      return Object.assign(known, associated);
    }
    const recipient = { id: newId(), accountId, created: now, ...associated, since: Date.now(), past: [] };
    share.recipients.set(accountId, recipient);
    return recipient;
  }

  #disassociate(recipient: StoredRecipient): void {
    if (recipient.wanted === 'disassociated') return;
    remember(recipient);
    recipient.wanted = 'disassociated';
    recipient.settledAt = this.#soon(recipient.accountId);
    recipient.modified = this.#timestamps.next();
  }

  /** Only shares with an organization have exclusions. A share with accounts excludes an account by not listing it. */
  requireOrganizationTarget(share: StoredShare): void {
    requireActive(share, 'share');
    if (share.targetType !== 'organization') {
      throw conflict('the share targets accounts: only a share with an organization excludes recipients', 400);
    }
  }

  exclusion(share: StoredShare, exclusionId: string): StoredExclusion {
    const exclusion = [...share.exclusions.values()].find(({ id }) => id === exclusionId);
    if (exclusion === undefined) throw notFound();
    return exclusion;
  }

  addExclusion(share: StoredShare, accountId: string): StoredExclusion {
    this.requireOrganizationTarget(share);
    if (share.exclusions.has(accountId)) throw conflict('excluded recipient already exists');
    return this.#exclude(share, accountId);
  }

  replaceExclusions(share: StoredShare, accountIds: string[]): void {
    this.requireOrganizationTarget(share);
    const listed = new Set(accountIds);
    for (const exclusion of [...share.exclusions.values()]) {
      if (!listed.has(exclusion.accountId)) this.removeExclusion(share, exclusion);
    }
    for (const accountId of listed) if (!share.exclusions.has(accountId)) this.#exclude(share, accountId);
  }

  /**
   * The account becomes a recipient again, because a share with the organization reaches every account that it doesn't
   * exclude.
   */
  removeExclusion(share: StoredShare, { accountId }: StoredExclusion): void {
    this.requireOrganizationTarget(share);
    share.exclusions.delete(accountId);
    this.#associate(share, accountId);
  }

  #exclude(share: StoredShare, accountId: string): StoredExclusion {
    const created = this.#timestamps.next();
    const exclusion = { id: newId(), accountId, created, modified: created };
    share.exclusions.set(accountId, exclusion);
    const recipient = share.recipients.get(accountId);
    if (recipient !== undefined) this.#disassociate(recipient);
    return exclusion;
  }

  resources(share: StoredShare, status: ShareStatus | undefined, type: string | null): StoredResource[] {
    return [...share.resources.values()].filter(
      (one) => (status === undefined || statusOf(one) === status) && (type === null || one.resource_type === type),
    );
  }

  resource(share: StoredShare, shareResourceId: string): StoredResource {
    const resource = share.resources.get(shareResourceId);
    if (resource === undefined) throw notFound();
    return resource;
  }

  addResource(share: StoredShare, request: ResourceRequest): StoredResource {
    requireActive(share, 'share');
    const key = resourceKey(request);
    const live = [...share.resources.values()].filter((resource) => resource.goneAt === undefined);
    if (live.some((resource) => resourceKey(resource) === key)) throw conflict('resource already exists in share');
    const created = this.#timestamps.next();
    return this.#insertResource(share, request, { created, goneAt: undefined, since: Date.now() });
  }

  #insertResource(
    share: StoredShare,
    request: ResourceRequest,
    life: { created: string; goneAt: number | undefined; since: number },
  ): StoredResource {
    const meta = this.#settings.normalizeMeta(request.meta);
    const resource = { ...request, meta, id: newId(), version: 1, modified: life.created, ...life, past: [] };
    share.resources.set(resource.id, resource);
    return resource;
  }

  changeResource(share: StoredShare, resource: StoredResource, meta: unknown): void {
    requireActive(share, 'share');
    requireActive(resource, 'resource');
    remember(resource);
    resource.meta = this.#settings.normalizeMeta(meta);
    resource.version += 1;
    resource.modified = this.#timestamps.next();
  }

  removeResource(share: StoredShare, resource: StoredResource): void {
    if (resource.goneAt !== undefined) return;
    requireActive(share, 'share');
    this.#removeResource(resource);
  }

  #removeResource(resource: StoredResource): void {
    if (resource.goneAt !== undefined) return;
    remember(resource);
    resource.goneAt = this.#soon();
    resource.modified = this.#timestamps.next();
  }

  /** Makes every unfinished association of this account fail. */
  failRecipient(accountId: string, { error, terminal, clearsAfterMs }: AssociationFailure): void {
    const since = Date.now();
    const clearsAt = terminal || clearsAfterMs === undefined ? Number.POSITIVE_INFINITY : since + clearsAfterMs;
    this.#failures.set(accountId, { error, terminal, since, clearsAt });
  }

  /** The failure of a recipient at a point in time, if any. */
  #failureOf({ accountId, wanted, settledAt }: StoredRecipient, at: number): StoredFailure | undefined {
    const failure = this.#failures.get(accountId);
    if (failure === undefined || wanted !== 'associated') return undefined;
    // A recipient that was associated before the failure began stays associated. A recipient that settles in
    // the same millisecond as the failure begins also fails. Otherwise, with `associationMs` 0, a recipient added right
    // after the failure began could escape it.
    return settledAt >= failure.since && at < failure.clearsAt ? failure : undefined;
  }

  #association(recipient: StoredRecipient, at = Date.now()): AssociationStatus {
    const pending = at < recipient.settledAt;
    if (recipient.wanted === 'disassociated') return pending ? 'disassociating' : 'disassociated';
    return pending || this.#failureOf(recipient, at) !== undefined ? 'associating' : 'associated';
  }

  #soon(recipientAccountId = ''): number {
    return Date.now() + (this.#associationMsOf.get(recipientAccountId) ?? this.#associationMs);
  }

  /** Makes all data older, so that everything in progress gets closer to its end by this many milliseconds. */
  age(milliseconds: number): void {
    const earlier = (thing: { created: string; modified: string }): void => {
      thing.created = timestampBefore(thing.created, milliseconds);
      thing.modified = timestampBefore(thing.modified, milliseconds);
    };
    const older = (thing: Lasting & { goneAt?: number | undefined; settledAt?: number }): void => {
      thing.since -= milliseconds;
      if (thing.goneAt !== undefined) thing.goneAt -= milliseconds;
      if (thing.settledAt !== undefined) thing.settledAt -= milliseconds;
      for (const version of thing.past) version.until -= milliseconds;
    };
    for (const share of this.#shares.values()) {
      for (const thing of [share, ...share.recipients.values(), ...share.resources.values()]) {
        earlier(thing);
        older(thing);
      }
      share.busyUntil -= milliseconds;
      if (share.renaming) share.renaming = { ...share.renaming, until: share.renaming.until - milliseconds };
      for (const exclusion of share.exclusions.values()) earlier(exclusion);
    }
    for (const failure of this.#failures.values()) {
      failure.since -= milliseconds;
      failure.clearsAt -= milliseconds;
    }
  }

  reset(): void {
    this.#shares.clear();
    this.#failures.clear();
    this.#associationMsOf.clear();
    this.#associationMs = this.#settings.associationMs;
    this.#listLagMs = this.#settings.listLagMs;
    this.#renameMs = this.#settings.renameMs;
    this.#busyMs = this.#settings.busyMs;
    this.#hiddenFromLists = this.#settings.hiddenFromLists;
  }

  #statusOf(share: StoredShare, at: number): string {
    const status = statusOf(share, at);
    if (status !== 'active') return status;
    const isRenaming = share.renaming !== undefined && at < share.renaming.until;
    return (isRenaming && this.#settings.renamingStatus) || share.liveStatus;
  }

  /** A share as the API shows it, with the fields that a test has overridden. */
  show(share: StoredShare, included: Included = {}, at = Date.now()): object {
    const shown = this.#bare(share, included, at);
    const { resources, ...raw } = share.raw;
    const isOverridden = resources === undefined || (Array.isArray(resources) && resources.length > 0);
    return {
      ...shown,
      ...raw,
      // A share that is being deleted shows that, whatever its status was before.
      ...(statusOf(share, at) !== 'active' && { status: shown.status }),
      ...(included.resources && {
        resources: isOverridden
          ? allAsOf(share.resources.values(), at).map((one) => this.showResource(share, one, at))
          : resources,
      }),
    };
  }

  /** A share with its stored values, without its resources. */
  #bare(share: StoredShare, included: Included, at: number): Share {
    return {
      id: share.id,
      account_id: share.accountId,
      account_name: accountName(share.accountId),
      organization_id: organizationId,
      name: nameOf(share, at),
      created: share.created,
      modified: share.modified,
      status: this.#statusOf(share, at),
      target_type: share.targetType,
      ...(included.kind && { kind: included.kind }),
      ...(included.counts && this.#counts(share, at)),
    };
  }

  #counts(share: StoredShare, at: number) {
    const counts = { associating: 0, associated: 0, disassociating: 0, disassociated: 0 };
    for (const recipient of allAsOf(share.recipients.values(), at)) counts[this.#association(recipient, at)] += 1;
    return {
      associating_recipient_count: counts.associating,
      associated_recipient_count: counts.associated,
      disassociating_recipient_count: counts.disassociating,
      disassociated_recipient_count: counts.disassociated,
    };
  }

  /** A resource as the API shows it. */
  showResource(share: StoredShare, resource: StoredResource, at = Date.now()): object {
    const { resources } = share.raw;
    const shown = this.#bareResource(resource, at);
    if (!Array.isArray(resources)) return shown;
    return { ...shown, ...resources[[...share.resources.keys()].indexOf(resource.id)] };
  }

  #bareResource(resource: StoredResource, at = Date.now()): ShareResource {
    return {
      id: resource.id,
      resource_id: resource.resource_id,
      resource_type: resource.resource_type,
      resource_account_id: resource.resource_account_id,
      resource_version: resource.version,
      meta: resource.meta,
      status: statusOf(resource, at),
      created: resource.created,
      modified: resource.modified,
    };
  }

  showRecipients(share: StoredShare, recipients: Iterable<StoredRecipient>, withResources: boolean): Recipient[] {
    const at = Date.now();
    const resources = [...share.resources.values()].filter((resource) => statusOf(resource, at) !== 'deleted');
    return [...recipients].map((recipient) => ({
      id: recipient.id,
      account_id: recipient.accountId,
      association_status: this.#association(recipient, at),
      created: recipient.created,
      modified: recipient.modified,
      ...(withResources && { resources: this.#recipientResources(recipient, resources, at) }),
    }));
  }

  showRecipient(share: StoredShare, recipient: StoredRecipient, withResources: boolean): Recipient {
    return this.showRecipients(share, [recipient], withResources)[0] as Recipient;
  }

  #recipientResources(recipient: StoredRecipient, resources: StoredResource[], at: number): RecipientResource[] {
    const { error = '', terminal = false } = this.#failureOf(recipient, at) ?? {};
    return resources.map(({ resource_id, version }) => ({ error, resource_id, resource_version: version, terminal }));
  }

  showExclusion({ id, accountId, created, modified }: StoredExclusion): Exclusion {
    return { id, account_id: accountId, created, modified };
  }

  showWhole(share: StoredShare): WholeShare {
    return {
      ...this.#bare(share, { counts: true }, Date.now()),
      // Copy `meta`, because everything else is built for each response, but `meta` would be the stored object.
      resources: [...share.resources.values()].map((resource) => ({
        ...this.#bareResource(resource),
        meta: JSON.parse(JSON.stringify(resource.meta)),
      })),
      recipients: this.showRecipients(share, share.recipients.values(), true),
      exclusions: [...share.exclusions.values()].map((exclusion) => this.showExclusion(exclusion)),
    };
  }

  all(): StoredShare[] {
    return [...this.#shares.values()];
  }

  /** Shares that are neither deleting nor deleted. */
  live(): StoredShare[] {
    return this.all().filter((share) => statusOf(share) === 'active');
  }
}

// The store and its rules: what is shared with whom, and how it changes as time goes by.
// Nothing here runs in the background. What takes time is stored with the moment at which it will be done, and the
// status is worked out whenever somebody looks.
import { randomUUID } from 'node:crypto';
import { conflict, notFound } from './answers.ts';
import { accountName, organizationId, othersOf } from './organization.ts';
import type {
  AssociationStatus,
  Kind,
  Recipient,
  RecipientResource,
  ResourceWish,
  Share,
  ShareResource,
  ShareStatus,
  TargetType,
  WholeShare,
} from './shapes.ts';
import { Timestamps } from './timestamps.ts';
import { resourceKey, type ShareFilter, type ShareWish } from './validation.ts';

/** Something that ends: untouched, being taken away until `goneAt`, gone. Milliseconds since the epoch. */
interface Mortal {
  goneAt: number | undefined;
}

interface StoredResource extends ResourceWish, Mortal {
  id: string;
  version: number;
  created: string;
  modified: string;
}

interface StoredRecipient {
  id: string;
  accountId: string;
  created: string;
  modified: string;
  wanted: 'associated' | 'disassociated';
  settledAt: number;
}

export interface StoredShare extends Mortal {
  id: string;
  accountId: string;
  name: string;
  targetType: TargetType;
  created: string;
  modified: string;
  tags: Map<string, string>;
  /** By account: an account has one record in a share, however often it comes and goes. */
  recipients: Map<string, StoredRecipient>;
  resources: Map<string, StoredResource>;
}

/** Why an account cannot be associated, until when; without an end it never can. */
export interface AssociationFailure {
  error: string;
  terminal: boolean;
  /** Milliseconds from now until it clears by itself. Ignored for a terminal failure, which never does. */
  clearsAfterMs?: number;
}

interface StoredFailure {
  error: string;
  terminal: boolean;
  since: number;
  clearsAt: number;
}

/** What to show of a share beyond what is always shown. */
export interface Included {
  resources?: boolean;
  counts?: boolean;
  kind?: Kind | undefined;
}

export interface SeededShare {
  accountId: string;
  wish: ShareWish;
  created?: string | undefined;
  status: ShareStatus;
  associated: boolean;
}

const newId = (): string => randomUUID().replaceAll('-', '');

function statusOf({ goneAt }: Mortal): ShareStatus {
  if (goneAt === undefined) return 'active';
  return Date.now() < goneAt ? 'deleting' : 'deleted';
}

function requireActive(thing: Mortal, what: 'share' | 'resource'): void {
  const status = statusOf(thing);
  if (status !== 'active') throw conflict(`the ${what} is ${status}`);
}

export class ShareStore {
  readonly #associationMs: number;
  readonly #timestamps = new Timestamps();
  readonly #shares = new Map<string, StoredShare>();
  readonly #failures = new Map<string, StoredFailure>();

  constructor(associationMs: number) {
    this.#associationMs = associationMs;
  }

  create(accountId: string, wish: ShareWish): StoredShare {
    return this.#insert({ accountId, wish, status: 'active', associated: false });
  }

  /** Puts a share in as if it had been there before, in whatever state. */
  seed(seeded: SeededShare): StoredShare {
    return this.#insert(seeded);
  }

  #insert({ accountId, wish, created: createdBefore, status, associated }: SeededShare): StoredShare {
    const created = createdBefore ?? this.#timestamps.next();
    const goneAt = { active: undefined, deleting: this.#soon(), deleted: 0 }[status];
    const accountIds = wish.target.type === 'account' ? wish.target.accountIds : othersOf(accountId);
    const share: StoredShare = {
      id: newId(),
      accountId,
      name: wish.name,
      targetType: wish.target.type,
      created,
      modified: created,
      goneAt,
      tags: new Map(),
      recipients: new Map(),
      resources: new Map(),
    };
    for (const id of accountIds) {
      share.recipients.set(id, {
        id: newId(),
        accountId: id,
        created,
        modified: created,
        wanted: goneAt === undefined ? 'associated' : 'disassociated',
        settledAt: goneAt ?? (associated ? 0 : this.#soon()),
      });
    }
    for (const resource of wish.resources) this.#insertResource(share, resource, created, goneAt);
    this.#shares.set(share.id, share);
    return share;
  }

  /** A share that the account owns. */
  owned(accountId: string, shareId: string): StoredShare {
    const share = this.#shares.get(shareId);
    if (share?.accountId !== accountId) throw notFound();
    return share;
  }

  /** A share that the account owns or receives: the latter it may look at, no more. */
  visible(accountId: string, shareId: string): StoredShare {
    const share = this.#shares.get(shareId);
    if (share === undefined || this.#kindFor(share, accountId) === undefined) throw notFound();
    return share;
  }

  /** The shares of one account, or of the whole organization; deleted ones, too, as the API keeps listing them. */
  list(accountId: string | undefined, filter: ShareFilter): StoredShare[] {
    const tags = filter.tags.map((tag) => tag.split(/=(.*)/s));
    const found = [...this.#shares.values()].filter((share) => {
      // An organization sends all that its accounts send and receives nothing.
      const kind = accountId === undefined ? 'sent' : this.#kindFor(share, accountId);
      if (kind === undefined || (filter.kind !== undefined && filter.kind !== kind)) return false;
      if (filter.status !== undefined && filter.status !== statusOf(share)) return false;
      if (filter.targetType !== undefined && filter.targetType !== share.targetType) return false;
      if (filter.resourceTypes.length > 0) {
        const live = [...share.resources.values()].filter((resource) => statusOf(resource) === 'active');
        if (!live.some((resource) => filter.resourceTypes.includes(resource.resource_type))) return false;
      }
      return tags.every(([key = '', value]) =>
        value === undefined ? share.tags.has(key) : share.tags.get(key) === value,
      );
    });
    const sign = filter.direction === 'desc' ? -1 : 1;
    return found.sort((one, other) => {
      const [a, b] = [one[filter.order], other[filter.order]];
      return a === b ? 0 : a < b ? -sign : sign;
    });
  }

  #kindFor(share: StoredShare, accountId: string): Kind | undefined {
    if (share.accountId === accountId) return 'sent';
    const recipient = share.recipients.get(accountId);
    return recipient === undefined || this.#association(recipient) === 'disassociated' ? undefined : 'received';
  }

  change(share: StoredShare, name: string, tags: Map<string, string> | undefined): void {
    requireActive(share, 'share');
    share.name = name;
    if (tags !== undefined) share.tags = tags;
    share.modified = this.#timestamps.next();
  }

  /** Deleting what is deleted already changes nothing, so that it may be repeated. */
  remove(share: StoredShare): void {
    if (share.goneAt !== undefined) return;
    share.goneAt = this.#soon();
    share.modified = this.#timestamps.next();
    for (const recipient of share.recipients.values()) this.#disassociate(recipient);
    for (const resource of share.resources.values()) this.#removeResource(resource);
  }

  /** The recipients that an account gets to see: whom else an owner shares with is not a recipient's business. */
  recipients(share: StoredShare, seenBy: string): StoredRecipient[] {
    const all = [...share.recipients.values()];
    return share.accountId === seenBy ? all : all.filter(({ accountId }) => accountId === seenBy);
  }

  recipient(share: StoredShare, seenBy: string, recipientId: string): StoredRecipient {
    const recipient = this.recipients(share, seenBy).find(({ id }) => id === recipientId);
    if (recipient === undefined) throw notFound();
    return recipient;
  }

  /** Whose recipients may be changed: those of an organization-wide share follow the membership. */
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
    // On a deleted share all recipients are on their way out already, and a repeated removal is harmless.
    if (recipient.wanted === 'disassociated') return;
    this.requireAccountTarget(share);
    this.#disassociate(recipient);
  }

  #associate(share: StoredShare, accountId: string): StoredRecipient {
    const now = this.#timestamps.next();
    const recipient: StoredRecipient = {
      ...(share.recipients.get(accountId) ?? { id: newId(), accountId, created: now }),
      modified: now,
      wanted: 'associated',
      settledAt: this.#soon(),
    };
    share.recipients.set(accountId, recipient);
    return recipient;
  }

  #disassociate(recipient: StoredRecipient): void {
    if (recipient.wanted === 'disassociated') return;
    recipient.wanted = 'disassociated';
    recipient.settledAt = this.#soon();
    recipient.modified = this.#timestamps.next();
  }

  resource(share: StoredShare, shareResourceId: string): StoredResource {
    const resource = share.resources.get(shareResourceId);
    if (resource === undefined) throw notFound();
    return resource;
  }

  addResource(share: StoredShare, wish: ResourceWish): StoredResource {
    requireActive(share, 'share');
    const key = resourceKey(wish);
    const live = [...share.resources.values()].filter((resource) => resource.goneAt === undefined);
    if (live.some((resource) => resourceKey(resource) === key)) throw conflict('resource already exists in share');
    return this.#insertResource(share, wish, this.#timestamps.next(), undefined);
  }

  #insertResource(share: StoredShare, wish: ResourceWish, created: string, goneAt: number | undefined): StoredResource {
    const resource = { ...wish, id: newId(), version: 1, created, modified: created, goneAt };
    share.resources.set(resource.id, resource);
    return resource;
  }

  changeResource(share: StoredShare, resource: StoredResource, meta: unknown): void {
    requireActive(share, 'share');
    requireActive(resource, 'resource');
    resource.meta = meta;
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
    resource.goneAt = this.#soon();
    resource.modified = this.#timestamps.next();
  }

  /** Lets every association of this account that is not done yet fail. */
  failRecipient(accountId: string, { error, terminal, clearsAfterMs }: AssociationFailure): void {
    const since = Date.now();
    const clearsAt = terminal || clearsAfterMs === undefined ? Number.POSITIVE_INFINITY : since + clearsAfterMs;
    this.#failures.set(accountId, { error, terminal, since, clearsAt });
  }

  /** What stands in the way of a recipient at this moment. */
  #failureOf({ accountId, wanted, settledAt }: StoredRecipient): StoredFailure | undefined {
    const failure = this.#failures.get(accountId);
    if (failure === undefined || wanted !== 'associated') return undefined;
    // Who was associated before the trouble began stays so. What settles in the very millisecond in which it begins
    // has yet to settle: with no association time at all, that is when everything ordered next does.
    return settledAt >= failure.since && Date.now() < failure.clearsAt ? failure : undefined;
  }

  #association(recipient: StoredRecipient): AssociationStatus {
    const pending = Date.now() < recipient.settledAt;
    if (recipient.wanted === 'disassociated') return pending ? 'disassociating' : 'disassociated';
    return pending || this.#failureOf(recipient) !== undefined ? 'associating' : 'associated';
  }

  #soon(): number {
    return Date.now() + this.#associationMs;
  }

  reset(): void {
    this.#shares.clear();
    this.#failures.clear();
  }

  show(share: StoredShare, included: Included = {}): Share {
    return {
      id: share.id,
      account_id: share.accountId,
      account_name: accountName(share.accountId),
      organization_id: organizationId,
      name: share.name,
      created: share.created,
      modified: share.modified,
      status: statusOf(share),
      target_type: share.targetType,
      ...(included.kind && { kind: included.kind }),
      ...(included.counts && this.#counts(share)),
      ...(included.resources && { resources: [...share.resources.values()].map((one) => this.showResource(one)) }),
    };
  }

  #counts(share: StoredShare) {
    const counts = { associating: 0, associated: 0, disassociating: 0, disassociated: 0 };
    for (const recipient of share.recipients.values()) counts[this.#association(recipient)] += 1;
    return {
      associating_recipient_count: counts.associating,
      associated_recipient_count: counts.associated,
      disassociating_recipient_count: counts.disassociating,
      disassociated_recipient_count: counts.disassociated,
    };
  }

  showResource(resource: StoredResource): ShareResource {
    return {
      id: resource.id,
      resource_id: resource.resource_id,
      resource_type: resource.resource_type,
      resource_account_id: resource.resource_account_id,
      resource_version: resource.version,
      meta: resource.meta,
      status: statusOf(resource),
      created: resource.created,
      modified: resource.modified,
    };
  }

  showRecipient(share: StoredShare, recipient: StoredRecipient, withResources: boolean): Recipient {
    return {
      id: recipient.id,
      account_id: recipient.accountId,
      association_status: this.#association(recipient),
      created: recipient.created,
      modified: recipient.modified,
      ...(withResources && { resources: this.#recipientResources(share, recipient) }),
    };
  }

  #recipientResources(share: StoredShare, recipient: StoredRecipient): RecipientResource[] {
    const { error = '', terminal = false } = this.#failureOf(recipient) ?? {};
    return [...share.resources.values()]
      .filter((resource) => statusOf(resource) !== 'deleted')
      .map(({ resource_id, version }) => ({ error, resource_id, resource_version: version, terminal }));
  }

  showWhole(share: StoredShare): WholeShare {
    return {
      ...this.show(share, { counts: true }),
      // All else is built anew with every look; only meta would be the stored one.
      resources: [...share.resources.values()].map((resource) => ({
        ...this.showResource(resource),
        meta: JSON.parse(JSON.stringify(resource.meta)),
      })),
      recipients: [...share.recipients.values()].map((recipient) => this.showRecipient(share, recipient, true)),
    };
  }

  all(): StoredShare[] {
    return [...this.#shares.values()];
  }
}

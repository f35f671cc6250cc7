// Decides whether recipients have the shared resources, and whether a wait is over. Association is asynchronous:
// Cloudflare's guides say that it can take up to two minutes. Pure: this code compares the observed share with the
// expected one.

import { idKey, liveRecipients, type Recipient, type Share } from './share.ts';
import { count } from './words.ts';

/** What the wait expects in addition to the listed recipients. */
export interface Expected {
  /** Accounts that must be listed when the wait ends. */
  accounts: readonly string[];
  /** The share targets an organization, so Cloudflare adds the recipients. */
  toOrganization: boolean;
  /** Resources that are being removed: the wait lasts until they are gone. */
  removedResources: readonly { id: string; resource_id: string }[];
}

/** What the share showed when it was read once. */
export interface AssociationView {
  recipients: readonly Recipient[];
  /** The ids (of share-resources) of the removed resources that are still listed. */
  resourcesStillThere: readonly string[];
  /** How many reads in a row listed no recipients except leaving ones. */
  emptyReads: number;
}

interface RecipientError {
  recipient: string;
  resource: string;
  error: string;
}

export interface Association {
  settled: boolean;
  associated: number;
  /** Recipients that are listed or expected. */
  of: number;
  /** Recipients and resources that are still being removed. */
  leaving: number;
  /** What is still missing, in words. */
  pending: string[];
  /** Cloudflare doesn't retry these. */
  terminal: RecipientError[];
  /** Cloudflare keeps retrying these. */
  passing: RecipientError[];
}

/**
 * After this many reads in a row without recipients, assume that the organization has no other accounts to wait for.
 */
const EMPTY_READS = 3;

export function associationOf(
  { recipients, resourcesStillThere, emptyReads }: AssociationView,
  expected: Expected,
): Association {
  const live = liveRecipients(recipients);
  const associated = live.filter((r) => r.association_status === 'associated');
  const disassociating = recipients.filter((r) => r.association_status === 'disassociating');
  const listed = new Set(live.map((r) => idKey(r.account_id)));
  const absent = expected.accounts.filter((account) => !listed.has(idKey(account)));
  const pending = [
    ...live
      .filter((r) => r.association_status !== 'associated')
      .map((r) => `${r.account_id} is ${r.association_status}`),
    ...absent.map((account) => `${account} is not listed`),
    ...disassociating.map((r) => `${r.account_id} is disassociating`),
    ...resourcesStillThere.map((id) => `resource ${id} is being deleted`),
  ];
  const membersKnown = !expected.toOrganization || live.length > 0 || emptyReads >= EMPTY_READS;
  const errors = errorsOf(live, expected.removedResources);
  return {
    settled: pending.length === 0 && membersKnown,
    associated: associated.length,
    of: live.length + absent.length,
    leaving: disassociating.length + resourcesStillThere.length,
    pending,
    terminal: errors.filter(({ terminal }) => terminal).map(({ terminal, ...error }) => error),
    passing: errors.filter(({ terminal }) => !terminal).map(({ terminal, ...error }) => error),
  };
}

/** An error about a resource that is being removed no longer counts. */
function errorsOf(
  live: readonly Recipient[],
  removed: Expected['removedResources'],
): (RecipientError & { terminal: boolean })[] {
  const removedIds = new Set(removed.flatMap(({ id, resource_id }) => [id, resource_id]));
  return live.flatMap((r) =>
    (r.resources ?? [])
      .filter(({ error, resource_id }) => error && !removedIds.has(resource_id))
      .map(({ error, resource_id, terminal }) => ({
        recipient: r.account_id,
        resource: resource_id,
        error,
        terminal,
      })),
  );
}

/** How far a wait is: `3 of 12 associated, 1 still being removed`. */
export const progressWords = ({
  associated,
  of,
  leaving,
}: Pick<Association, 'associated' | 'of' | 'leaving'>): string =>
  `${associated} of ${of} associated${leaving > 0 ? `, ${leaving} still being removed` : ''}`;

export const errorWords = ({ recipient, resource, error }: RecipientError): string =>
  `recipient ${recipient} can't receive resource ${resource}: ${error}`;

/** How many recipients a share has in each state. One small request reads all counts. */
export interface RecipientCounts {
  associating: number;
  associated: number;
  disassociating: number;
}

/** The counts in a share that was read with them. Undefined: the API didn't return them. */
export function countsOf(share: Share): RecipientCounts | undefined {
  const { associating_recipient_count, associated_recipient_count, disassociating_recipient_count } = share;
  if (associating_recipient_count === undefined || associated_recipient_count === undefined) return undefined;
  return {
    associating: associating_recipient_count,
    associated: associated_recipient_count,
    disassociating: disassociating_recipient_count ?? 0,
  };
}

/** With more recipients than this, most polls read only the counts. */
export const MANY_RECIPIENTS = 100;
/** Terminal errors should be found within 30 seconds. */
const FULL_READ_EVERY_MS = 20_000;

/** Do the recipients have to be read, or are the counts enough for now? */
export function needsFullRead(
  counts: RecipientCounts | undefined,
  previous: RecipientCounts | undefined,
  sinceFullReadMs: number,
): boolean {
  if (counts === undefined || sinceFullReadMs >= FULL_READ_EVERY_MS) return true;
  const complete = counts.associating + counts.disassociating === 0;
  const isUnchanged =
    previous !== undefined &&
    counts.associating === previous.associating &&
    counts.associated === previous.associated &&
    counts.disassociating === previous.disassociating;
  return complete || isUnchanged;
}

/** How long the wait has lasted, and how long it can last. */
export const waitWords = (waitedMs: number, timeoutMs: number): string =>
  `waited ${count(Math.round(waitedMs / 1000), 'second')} of at most ${Math.round(timeoutMs / 1000)}`;

/** Does one of the recipient's resources have a terminal error? Cloudflare doesn't retry after such an error. */
export const failedPermanently = ({ resources }: Recipient): boolean =>
  (resources ?? []).some(({ error, terminal }) => Boolean(error) && terminal === true);

/** Does the recipient have every resource? */
export const isAssociated = (recipient: Recipient): boolean =>
  recipient.association_status === 'associated' && !failedPermanently(recipient);

/** Do all live recipients have every resource? */
export const allAssociated = (recipients: readonly Recipient[]): boolean =>
  liveRecipients(recipients).every(isAssociated);

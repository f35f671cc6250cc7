// Waiting until a change has arrived: association is asynchronous, and Cloudflare's guides speak of up to two minutes.

import { isNotFound } from '../cloudflare/errors.ts';
import type { FoundResource } from '../share/plan.ts';
import {
  accountOf,
  isLeaving,
  type Recipient,
  type RecipientItem,
  type Share,
  type ShareResource,
} from '../share/share.ts';
import { count } from '../share/words.ts';
import { CannotDo, type Task } from './task.ts';

const POLL_FIRST_MS = 500;
const POLL_MAX_MS = 10_000;
const POLL_GROWTH = 1.5;
/** An organization without other accounts has no recipients to wait for: so many empty answers in a row tell. */
const EMPTY_POLLS = 3;

export const waitStep = 'wait until every recipient is associated';
export const goneStep = 'wait until the share is deleted';

/** One look at how things stand: settled or not, and a line that says so. */
interface Standing {
  settled: boolean;
  line: string;
}

/** Looks again and again, at growing intervals, says when something has changed, and ends with the time-out. */
async function poll(
  task: Task,
  step: string,
  look: () => Promise<Standing>,
  whatIsMissing: () => string,
): Promise<void> {
  const { api, rules, result, say } = task;
  const timeoutMs = rules.waitMs ?? 0;
  const deadline = performance.now() + timeoutMs;
  result.ledger.intend(step);
  let said = '';
  for (let interval = POLL_FIRST_MS; ; interval = Math.min(POLL_MAX_MS, interval * POLL_GROWTH)) {
    const { settled, line } = await look();
    if (line !== said) say(line);
    said = line;
    if (settled) {
      result.ledger.did(step);
      return;
    }
    const left = deadline - performance.now();
    if (left <= 0) {
      throw new CannotDo(
        `Not settled within wait-timeout (${timeoutMs / 1000} s): ${whatIsMissing()}. The change itself was made, and Cloudflare goes on with it; run again, or wait longer`,
      );
    }
    await api.client.pause(Math.min(interval, left));
  }
}

/** What a wait is for beside the recipients that are there. */
interface Awaited {
  /** Resources on their way out, to be waited for until they are gone. */
  removed?: readonly FoundResource[];
  /** Recipients that must turn up: the wished ones, unless the share is kept as it is. */
  listed?: readonly RecipientItem[];
}

/**
 * Waits until every recipient of the share is associated, and who was removed, recipient or resource, is gone.
 * @throws {CannotDo} at once on a terminal error, or when the time is over
 */
export async function waitForAssociation(
  task: Task,
  shareId: string,
  { removed = [], listed: expected = task.wish.recipients ?? [] }: Awaited = {},
): Promise<void> {
  const { api, result, say } = task;
  const wished = new Set(expected.flatMap((item) => accountOf(item) ?? []));
  const toOrganization = result.share?.target_type === 'organization';
  const goingResources = new Set(removed.map(({ id }) => id));
  // What cannot be shared and is being taken away is no error. The API names it by one id or the other.
  const nothingAnyMore = new Set(removed.flatMap(({ id, resource_id }) => [id, resource_id]));
  const shownErrors = new Set<string>();
  let pending: string[] = [];
  let emptyPolls = 0;

  const look = async (): Promise<Standing> => {
    const recipients = await api.recipients(shareId, { withErrors: true });
    result.recipients = recipients;
    const errors = errorsOf(recipients).filter(({ resource }) => !nothingAnyMore.has(resource));
    failOnTerminal(errors);
    for (const { recipient, resource, error } of errors) {
      const line = `recipient ${recipient} cannot take resource ${resource} yet: ${error}. Cloudflare keeps trying`;
      if (!shownErrors.has(line)) say(line);
      shownErrors.add(line);
    }
    if (goingResources.size > 0) {
      const there = new Set((await api.resources(shareId)).filter((r) => !isGone(r)).map(({ id }) => id));
      for (const id of goingResources) if (!there.has(id)) goingResources.delete(id);
    }
    const live = recipients.filter((r) => !isLeaving(r));
    const associated = live.filter((r) => r.association_status === 'associated');
    const going = recipients.filter((r) => r.association_status === 'disassociating');
    const listed = new Set(live.map((r) => r.account_id));
    const absent = [...wished].filter((account) => !listed.has(account));
    emptyPolls = toOrganization && live.length === 0 ? emptyPolls + 1 : 0;
    pending = [
      ...live
        .filter((r) => r.association_status !== 'associated')
        .map((r) => `${r.account_id} is ${r.association_status}`),
      ...absent.map((account) => `${account} is not listed`),
      ...going.map((r) => `${r.account_id} is disassociating`),
      ...[...goingResources].map((id) => `resource ${id} is being deleted`),
    ];
    const leaving = going.length + goingResources.size;
    const line = `${associated.length} of ${live.length + absent.length} associated${leaving > 0 ? `, ${leaving} still to go` : ''}`;
    const membersKnown = !toOrganization || live.length > 0 || emptyPolls >= EMPTY_POLLS;
    return { settled: pending.length === 0 && membersKnown, line };
  };

  await poll(task, waitStep, look, () => firstFew(pending));
}

/** Waits until a deleted share is gone. */
export async function waitUntilDeleted(task: Task, share: Share): Promise<void> {
  const { api, result } = task;
  const look = async (): Promise<Standing> => {
    try {
      result.share = await api.get(share.id);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      result.share = { ...share, status: 'deleted' };
    }
    return { settled: result.share.status === 'deleted', line: `share ${share.id} is ${result.share.status}` };
  };
  await poll(task, goneStep, look, () => `share ${share.id} is ${result.share?.status}`);
}

const isGone = (r: ShareResource): boolean => r.status === 'deleted';

interface RecipientError {
  recipient: string;
  resource: string;
  error: string;
  terminal: boolean;
}

const errorsOf = (recipients: readonly Recipient[]): RecipientError[] =>
  recipients
    .filter((r) => !isLeaving(r))
    .flatMap((r) =>
      (r.resources ?? [])
        .filter(({ error }) => error)
        .map(({ error, resource_id, terminal }) => ({
          recipient: r.account_id,
          resource: resource_id,
          error,
          terminal,
        })),
    );

function failOnTerminal(errors: readonly RecipientError[]): void {
  const terminal = errors.filter((error) => error.terminal);
  if (terminal.length === 0) return;
  const said = terminal.map(
    ({ recipient, resource, error }) => `recipient ${recipient} cannot take resource ${resource}: ${error}`,
  );
  throw new CannotDo(
    `${firstFew(said)}. Cloudflare calls this terminal and does not try again: mend it at the recipient (an entitlement, a plan), remove the recipient, and add it again`,
  );
}

function firstFew(lines: readonly string[]): string {
  const shown = lines.slice(0, 10).join('; ');
  return lines.length > 10 ? `${shown}; and ${count(lines.length - 10, 'other')}` : shown;
}

// Waiting until a change has taken effect everywhere. src/share/association.ts decides when that is; this file polls and logs.

import {
  type Association,
  associationOf,
  countsOf,
  type Expected,
  errorWords,
  MANY_RECIPIENTS,
  needsFullRead,
  progressWords,
  type RecipientCounts,
  waitWords,
} from '../share/association.ts';
import type { Decision } from '../share/decide.ts';
import { changesAnything, itemsOf, itemsWith, type SharePlan } from '../share/plan.ts';
import { accountOf, idKey, isLeaving, type Observed, type Share, sameId } from '../share/share.ts';
import type { Step } from '../share/steps.ts';
import { firstFew } from '../share/words.ts';
import type { Context } from './context.ts';
import { Stop } from './errors.ts';

const POLL_FIRST_MS = 500;
const POLL_MAX_MS = 10_000;
const POLL_GROWTH = 1.5;
/**
 * If the last line is older than this, the next poll writes one, so that the log shows progress at least every 30
 * seconds.
 */
const LOG_AFTER_MS = 20_000;

/** With `wait: true`, waits until what was applied has taken effect everywhere. */
export async function wait(context: Context, { desired, found }: Decision, announced: SharePlan): Promise<void> {
  const { policy, ledger } = context;
  if (policy.waitMs === undefined) return;
  const { observed, election } = found;
  if (desired.state === 'absent') {
    for (const { id } of observed ? [observed.share, ...election.namesakes] : []) await waitUntilDeleted(context, id);
  } else if (observed) {
    const kept = policy.ifExists === 'keep' && !election.ours;
    const expected = {
      accounts: kept ? [] : (desired.recipients ?? []).flatMap((item) => accountOf(item) ?? []),
      toOrganization: observed.share.target_type === 'organization',
      removedResources: announced.action === 'update' ? itemsWith(itemsOf(announced), 'resource', 'remove') : [],
    };
    const known = changesAnything(announced) ? 'not-read' : observed.recipients;
    await waitForAssociation(context, observed.share, expected, known);
  }
  if (ledger.replaced !== undefined) await waitUntilDeleted(context, ledger.replaced);
}

/** What one poll showed, and the line for the log. */
interface Progress {
  settled: boolean;
  line: string;
  /** What is still missing, in words. */
  pending: readonly string[];
}

/**
 * Polls at growing intervals until everything is settled or the time is up. Earlier waits for the same share count
 * towards the limit.
 */
async function poll({ api, policy, log, ledger }: Context, step: Step, read: () => Promise<Progress>): Promise<void> {
  const { clock } = api.client;
  const timeoutMs = policy.waitMs ?? 0;
  const beganMs = clock.nowMs() - (ledger.waitedMs ?? 0);
  ledger.intend(step);
  let logged = '';
  let loggedAtMs = Number.NEGATIVE_INFINITY;
  for (let intervalMs = POLL_FIRST_MS; ; intervalMs = Math.min(POLL_MAX_MS, intervalMs * POLL_GROWTH)) {
    const { settled, line, pending } = await read();
    const waitedMs = clock.nowMs() - beganMs;
    if (line !== logged || clock.nowMs() - loggedAtMs >= LOG_AFTER_MS) {
      log.say(settled ? line : `${line} (${waitWords(waitedMs, timeoutMs)})`);
      logged = line;
      loggedAtMs = clock.nowMs();
    }
    if (settled) {
      ledger.drop(step);
      ledger.waitedMs = waitedMs;
      return;
    }
    const leftMs = timeoutMs - waitedMs;
    if (leftMs <= 0) {
      throw new Stop(
        `Cloudflare did not finish within wait-timeout (${timeoutMs / 1000} s): ${firstFew(pending, 10)}. It continues in the background. Run again, or raise wait-timeout`,
        'cloudflare',
      );
    }
    await api.client.pause(Math.min(intervalMs, leftMs));
  }
}

/**
 * Waits until every recipient of the share is associated, and until removed recipients and resources are gone.
 * @param known the recipients that the run has just read, with their errors. They replace the first read
 * @throws {Stop} at once on an error that Cloudflare calls terminal, or when the time is up
 */
export async function waitForAssociation(
  context: Context,
  share: Share,
  expected: Expected,
  known: Observed['recipients'],
): Promise<void> {
  const { api, log } = context;
  const { clock } = api.client;
  const readFully = fullReader(context, share, expected, known);
  const loggedErrors = new Set<string>();
  let counts: RecipientCounts | undefined;
  let last: FullRead | undefined;

  await poll(context, { kind: 'wait-until-associated' }, async () => {
    const previous = counts;
    if (last && last.association.of > MANY_RECIPIENTS) {
      counts = countsOf(await api.counts(share.id));
      if (counts && !needsFullRead(counts, previous, clock.nowMs() - last.atMs)) {
        const { associated, associating, disassociating } = counts;
        const line = progressWords({ associated, of: associated + associating, leaving: disassociating });
        return { settled: false, line, pending: last.association.pending };
      }
    }
    last = await readFully();
    const { settled, pending, terminal, passing } = last.association;
    if (terminal.length > 0) throw new Stop(terminalWords(terminal), 'cloudflare');
    for (const line of passing.map((error) => `${errorWords(error)}. Cloudflare keeps retrying`)) {
      if (!loggedErrors.has(line)) log.say(line);
      loggedErrors.add(line);
    }
    return { settled, line: progressWords(last.association), pending };
  });
}

const terminalWords = (errors: Association['terminal']): string =>
  `${firstFew(errors.map(errorWords), 10)}. Cloudflare reports this as terminal and does not retry. Give the recipient what it lacks (an entitlement, a plan). Then remove the recipient from the share, and add it again`;

interface FullRead {
  association: Association;
  /** When the recipients were read. */
  atMs: number;
}

/**
 * Makes a function that reads the recipients, and the removed resources until they are gone.
 * @param known the recipients for the first call, which then doesn't read them
 */
function fullReader(
  { api, ledger }: Context,
  share: Share,
  expected: Expected,
  known: Observed['recipients'],
): () => Promise<FullRead> {
  let unused = known;
  let goingResources = expected.removedResources.map(({ id }) => id);
  let emptyReads = 0;
  return async () => {
    const recipients = unused === 'not-read' ? await api.recipients(share.id, { withErrors: true }) : unused;
    unused = 'not-read';
    ledger.recordObserved({ recipients });
    const atMs = api.client.clock.nowMs();
    if (goingResources.length > 0) {
      const there = new Set(
        (await api.resources(share.id)).filter((r) => r.status !== 'deleted').map(({ id }) => idKey(id)),
      );
      goingResources = goingResources.filter((id) => there.has(idKey(id)));
    }
    emptyReads = recipients.every(isLeaving) ? emptyReads + 1 : 0;
    return {
      association: associationOf({ recipients, resourcesStillThere: goingResources, emptyReads }, expected),
      atMs,
    };
  };
}

/** Waits until a share that is being deleted is gone. */
export async function waitUntilDeleted(context: Context, shareId: string): Promise<void> {
  const { api, ledger } = context;
  await poll(context, { kind: 'wait-until-deleted', shareId }, async () => {
    const status = (await api.find(shareId))?.status ?? 'deleted';
    const { share } = ledger.observed;
    if (share && sameId(share.id, shareId)) ledger.recordObserved({ share: { ...share, status } });
    const words = `share ${shareId} is ${status}`;
    return { settled: status === 'deleted', line: words, pending: [words] };
  });
}

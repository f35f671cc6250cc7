// Applying an update, phase by phase. The requests of one phase are sent in parallel. src/share/phases.ts decides the
// order of the phases, and says why.

import type { Done } from '../cloudflare/client.ts';
import { Cancelled, fateOf, isNotFound, NoUsableResponse, withFate } from '../cloudflare/errors.ts';
import type { Decision } from '../share/decide.ts';
import type { Found } from '../share/election.ts';
import { phasesOf, type UpdateRequest } from '../share/phases.ts';
import { isChange, itemsOf } from '../share/plan.ts';
import { reasonIn } from '../share/problem.ts';
import {
  accountOf,
  isLive,
  liveRecipients,
  type Observed,
  repeatedResources,
  resourceKey,
  type Share,
  type ShareResource,
  sameId,
} from '../share/share.ts';
import { quoted, resourceWords } from '../share/words.ts';
import type { Context } from './context.ts';
import { deleteShare, temporaryDeleted } from './delete.ts';
import { showsLater } from './lag.ts';
import { nameNow, readRenamed } from './rename.ts';
import { coalesce, withResources } from './share-list.ts';

/** Applies an `update` plan, and deletes the losers of the election. */
export async function update(context: Context, decision: Decision): Promise<Found | undefined> {
  const { ledger } = context;
  const { plan, found } = decision;
  const response = await sendPhases(context, decision);
  for (const { id } of found.election.losers) ledger.recordGone(id);
  if (!plan.rename) return readChanges(context, decision);
  const renamed = await readRenamed(context, decision, plan.rename, response);
  const isElectionOpen = !renamed || ledger.lagged;
  ledger.lagged = false;
  return isElectionOpen ? undefined : readChanges(context, decision, renamed);
}

/**
 * Reads the changed lists again, so that the outputs show the changes, and the next plan proves that nothing differs.
 * @param renamed the share with its new name. Undefined: it wasn't renamed, or the share hasn't been read since
 */
export async function readChanges(
  { api, ledger }: Context,
  { plan, found }: Decision,
  renamed?: Share,
): Promise<Found> {
  const { observed } = found;
  const election = { ...found.election, losers: [], ...(renamed ? { spelling: renamed.name } : {}) };
  if (!observed) return { observed, election };
  const { share, recipients, exclusions } = observed;
  const changed = new Set(
    itemsOf(plan)
      .filter(isChange)
      .map(({ kind }) => kind),
  );
  const readShare = async (): Promise<Share> => {
    if (changed.has('resource')) return withResources(api, await api.get(share.id));
    const named = renamed ?? (plan.rename ? await api.get(share.id) : share);
    return { ...named, ...(share.resources ? { resources: share.resources } : {}) };
  };
  const now: Observed = {
    share: await readShare(),
    recipients: changed.has('recipient') ? await api.recipients(share.id) : recipients,
    exclusions: changed.has('exclusion') ? await api.exclusions(share.id) : exclusions,
  };
  ledger.recordObserved(now);
  return { observed: now, election };
}

/**
 * Removes resources that this run added although the share already contained them, because another run or an earlier
 * request added them first. All runs see the same order, so exactly one copy stays. Copies that can't be ordered or
 * removed stay, and the report warns about them.
 * @throws {Cancelled}
 */
export async function removeCopies({ api, ledger, log }: Context): Promise<void> {
  const { share } = ledger.observed;
  if (!share) return;
  const isDated = ({ created }: ShareResource): boolean => !Number.isNaN(Date.parse(String(created)));
  const copies = repeatedResources(share)
    .filter((same) => same.every(isDated))
    .flatMap(([, ...later]) => later.filter(({ id }) => ledger.hasAdded(id)));
  for (const copy of copies) {
    try {
      await removeResource(api, share.id, copy.id, () => api.resources(share.id));
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      const contains = fateOf(error) === 'unknown' ? 'may still contain' : 'still contains';
      log.say(`${reasonIn(error)}. The share ${contains} ${resourceWords(copy)} more than once`);
      continue;
    }
    log.say(`- duplicate of ${resourceWords(copy)} removed: the share already contained it`);
    const { resources = [] } = ledger.observed.share ?? {};
    ledger.recordObserved({ share: { ...share, resources: resources.filter((r) => r !== copy) } });
  }
}

/**
 * Sends the requests of an update.
 * @returns the response to a rename, if it shows the share
 * @throws {AggregateError} when several requests of a phase failed. All requests of that phase were sent, and none of a
 * later one
 */
export async function sendPhases(context: Context, decision: Decision): Promise<Share | undefined> {
  const { log, ledger } = context;
  const id = decision.plan.share_id as string;
  // For a run that created the share, giving it its name isn't another change.
  const namesOwn = ledger.own !== undefined;
  const phases = phasesOf(decision);
  ledger.intend(...phases.flat().flatMap(({ steps }) => steps));
  const send = senderFor(context, id, decision);
  let renamed: Share | undefined;
  for (const phase of phases) {
    const outcomes = await Promise.allSettled(
      phase.map(async (request) => {
        const forElection = request.kind === 'delete share' || (request.kind === 'rename' && namesOwn);
        const response = await ledger.take(request.steps, () => send(request), { forElection });
        if (request.kind === 'rename') {
          renamed = response as Share | undefined;
          log.say(`~ share ${id} renamed to ${quoted(request.name)}`);
        }
        if (request.kind === 'delete share') log.say(temporaryDeleted(request.id));
      }),
    );
    const failures: unknown[] = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures);
  }
  return renamed;
}

/**
 * Makes a function that sends a request. Removing an item that doesn't exist succeeds. After a lost response, an item
 * is added again only if a read doesn't show it.
 */
function senderFor(context: Context, id: string, decision: Decision): (request: UpdateRequest) => Promise<unknown> {
  const { api, ledger } = context;
  const recipientsNow = coalesce(() => api.recipients(id));
  const resourcesNow = coalesce(() => api.resources(id));
  return (request) => {
    switch (request.kind) {
      case 'rename':
        return api.rename(id, request.name, () => nameNow(context, decision));
      case 'delete share':
        return deleteShare(api, request);
      case 'set recipients':
        return api.setRecipients(id, [...request.items]);
      case 'set exclusions':
        return api.setExclusions(id, [...request.items]);
      case 'remove recipient':
        return removeOnce(
          (gone) => api.removeRecipient(id, request.id, gone),
          async () => liveRecipients(await recipientsNow()).some((r) => sameId(r.id, request.id)),
        );
      case 'remove resource':
        return removeResource(api, id, request.id, resourcesNow);
      case 'update resource':
        return api.updateResource(id, request.id, request.meta);
      case 'add recipient': {
        const account = accountOf(request.item);
        const isThere = async (): Promise<boolean> =>
          liveRecipients(await recipientsNow()).some((r) => sameId(r.account_id, account));
        return addOnce(context, (there) => api.addRecipient(id, request.item, there), isThere);
      }
      case 'add resource': {
        const key = resourceKey(request.item);
        const isThere = async (): Promise<boolean> =>
          (await resourcesNow()).some((r) => isLive(r) && resourceKey(r) === key);
        return addOnce(context, (there) => api.addResource(id, request.item, there), isThere).then((added) =>
          ledger.recordAdded(added),
        );
      }
    }
  };
}

const NOTHING_LEFT_TO_DO = { value: undefined };

const removeResource = (
  api: Context['api'],
  shareId: string,
  id: string,
  resourcesNow: () => Promise<ShareResource[]>,
): Promise<void> =>
  removeOnce(
    (gone) => api.removeResource(shareId, id, gone),
    async () => (await resourcesNow()).some((r) => isLive(r) && sameId(r.id, id)),
  );

/** Removes an item. Also succeeds if the item doesn't exist or is already being removed. */
async function removeOnce(
  remove: (gone: Done<unknown>) => Promise<unknown>,
  isThere: () => Promise<boolean>,
): Promise<void> {
  try {
    await remove(async () => ((await isThere()) ? undefined : NOTHING_LEFT_TO_DO));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/**
 * Adds an item. After a lost response, it reads for a while before it adds again. Also succeeds if the item already
 * exists.
 * @returns the response. Undefined: there was none, but the item exists
 */
async function addOnce(
  { api: { client }, log }: Context,
  add: (there: Done<unknown>) => Promise<unknown>,
  isThere: () => Promise<boolean>,
): Promise<unknown> {
  let earlier: NoUsableResponse | undefined;
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await add(async () => ((await isThere()) ? NOTHING_LEFT_TO_DO : undefined));
      } catch (error) {
        if (!(error instanceof NoUsableResponse) || fateOf(error) !== 'unknown') throw error;
        earlier = error;
        if (await showsLater(client, isThere)) return undefined;
        if (attempt >= client.maxAttempts) throw error;
        log.say(`${error.message}. The item was not added: trying again`);
        await client.backOff(attempt, error.message);
      }
    }
  } catch (error) {
    // An earlier attempt with an unknown result may still take effect, whatever failed after it.
    throw earlier ? withFate(error, 'unknown', earlier.call) : error;
  }
}

// Applying an update, phase by phase. The requests of one phase are sent at once. src/share/phases.ts decides the order of the
// phases, and says why.

import type { Done } from '../cloudflare/client.ts';
import { fateOf, isNotFound, NoAnswer, withFate } from '../cloudflare/errors.ts';
import { type Change, phasesOf } from '../share/phases.ts';
import { type Decision, finishesElection } from '../share/plan.ts';
import { accountOf, idKey, isLive, liveRecipients, resourceKey, type Share } from '../share/share.ts';
import { quoted } from '../share/words.ts';
import type { Context } from './context.ts';
import { deleteShare, temporaryDeleted } from './delete.ts';
import { observeChanges } from './observe.ts';
import type { Next } from './plan.ts';
import { coalesce } from './share-list.ts';

/** Applies an `update` plan, and deletes the losers of the election. */
export async function update(context: Context, decision: Decision): Promise<Next> {
  const { ledger } = context;
  const { plan, desired, found } = decision;
  const renamed = await sendPhases(context, decision);
  for (const { id } of found.election.losers) ledger.gone.add(id);
  // The API may rename a share that is being deleted; its response shows the status.
  if (renamed && !isLive(renamed)) ledger.gone.add(renamed.id);
  const { created } = ledger.own ?? {};
  // A list that lags may not show the new name of this run's own share yet.
  if (ledger.own && created && renamed?.id === created.id)
    ledger.own = { ...ledger.own, created: { ...created, name: renamed.name } };
  const isElectionOpen = plan.rename && (!renamed || !isLive(renamed) || ledger.lagged);
  ledger.lagged = false;
  if (isElectionOpen) return { desired };
  const { observed, election } = await observeChanges(context, decision, renamed);
  const spelling = plan.rename && renamed && renamed.name !== plan.rename.to ? renamed.name : election.spelling;
  return { desired, found: { observed, election: { ...election, spelling } } };
}

/**
 * Sends the requests of an update.
 * @returns the response to a rename, where it shows the share
 * @throws {AggregateError} when several requests of a phase failed. All requests of that phase were sent, and none of a later one
 */
export async function sendPhases(context: Context, decision: Decision): Promise<Share | undefined> {
  const { log, ledger } = context;
  const id = decision.plan.share_id as string;
  // A run that created the share has reported that. Giving it its name is no further change.
  const namesOwn = ledger.own !== undefined && finishesElection(decision.plan);
  const phases = phasesOf(decision);
  ledger.intend(...phases.flat().flatMap(({ steps }) => steps));
  const send = senderFor(context, id);
  let renamed: Share | undefined;
  for (const phase of phases) {
    const outcomes = await Promise.allSettled(
      phase.map(async (change) => {
        const tidies = change.request === 'delete share' || (change.request === 'rename' && namesOwn);
        const response = await ledger.take(change.steps, () => send(change), { tidies });
        if (change.request === 'rename') {
          renamed = response as Share | undefined;
          log.say(`~ share ${id} has the name ${quoted(change.name)}`);
        }
        if (change.request === 'delete share') log.say(temporaryDeleted(change.id));
      }),
    );
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures);
  }
  return renamed;
}

/** Sends one change. Removing what doesn't exist succeeds. An addition is repeated only after a read. */
function senderFor({ api, log }: Context, id: string): (change: Change) => Promise<unknown> {
  const recipientsNow = coalesce(() => api.recipients(id));
  const resourcesNow = coalesce(() => api.resources(id));
  return (change) => {
    switch (change.request) {
      case 'rename':
        return api.rename(id, change.name);
      case 'delete share':
        return deleteShare(api, change);
      case 'set recipients':
        return api.setRecipients(id, [...change.items]);
      case 'set exclusions':
        return api.setExclusions(id, [...change.items]);
      case 'remove recipient':
        return removeOnce(
          (gone) => api.removeRecipient(id, change.id, gone),
          async () => liveRecipients(await recipientsNow()).some((r) => r.id === change.id),
        );
      case 'remove resource':
        return removeOnce(
          (gone) => api.removeResource(id, change.id, gone),
          async () => (await resourcesNow()).some((r) => isLive(r) && r.id === change.id),
        );
      case 'update resource':
        return api.updateResource(id, change.id, change.meta);
      case 'add recipient': {
        const account = idKey(accountOf(change.item) ?? '');
        const isThere = async (): Promise<boolean> =>
          liveRecipients(await recipientsNow()).some((r) => idKey(r.account_id) === account);
        return addOnce(api.client, (there) => api.addRecipient(id, change.item, there), isThere, log.say);
      }
      case 'add resource': {
        const key = resourceKey(change.item);
        const isThere = async (): Promise<boolean> =>
          (await resourcesNow()).some((r) => isLive(r) && resourceKey(r) === key);
        return addOnce(api.client, (there) => api.addResource(id, change.item, there), isThere, log.say);
      }
    }
  };
}

const NOTHING_LEFT_TO_DO = { value: undefined };

/** It succeeds as well when the thing is not there, or is being removed already. */
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

/** After a call without an answer it looks before it adds again. It succeeds as well when the thing is already there. */
async function addOnce(
  client: Context['api']['client'],
  add: (there: Done<unknown>) => Promise<unknown>,
  isThere: () => Promise<boolean>,
  say: (line: string) => void,
): Promise<void> {
  let earlier: NoAnswer | undefined;
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        await add(async () => ((await isThere()) ? NOTHING_LEFT_TO_DO : undefined));
        return;
      } catch (error) {
        if (!(error instanceof NoAnswer) || fateOf(error) !== 'unknown') throw error;
        earlier = error;
        if (await isThere()) return;
        if (attempt >= client.maxAttempts) throw error;
        say(`${error.message}. It was not added: trying again`);
        await client.backOff(attempt, error.message);
      }
    }
  } catch (error) {
    // An earlier try of unknown fate may still take effect, whatever failed after it.
    throw earlier ? withFate(error, 'unknown', earlier.call) : error;
  }
}

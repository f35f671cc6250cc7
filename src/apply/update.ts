// Walks the phases of an update: the requests of a phase at once, one phase after the other. What goes first, and why,
// is in src/share/phases.ts.

import { fateOf, isNotFound, NoAnswer, Refusal, withFate } from '../cloudflare/errors.ts';
import type { Change, Phase } from '../share/phases.ts';
import { accountOf, idKey, isLive, liveRecipients, resourceKey, type Share } from '../share/share.ts';
import { quoted } from '../share/words.ts';
import type { Context } from './context.ts';
import type { Ledger } from './ledger.ts';
import { sharing } from './looks.ts';
import { deleteShare, removedTemporary } from './remove.ts';

interface Updated {
  /** The answer to a rename, where it shows the share. */
  renamed?: Share;
}

/** A rename that finishes an election tells of no change: whoever made the share has told of that. */
interface Options {
  finishesElection: boolean;
}

/** @throws {AggregateError} when requests of a phase failed: the others of the phase were still made, no later phase was begun */
export async function walk(
  context: Context,
  share: Share,
  phases: readonly Phase[],
  ledger: Ledger,
  { finishesElection }: Options,
): Promise<Updated> {
  const { log } = context;
  ledger.intend(...phases.flat().flatMap(({ steps }) => steps));
  const send = senderFor(context, share);
  let renamed: Share | undefined;
  for (const phase of phases) {
    const outcomes = await Promise.allSettled(
      phase.map(async (change) => {
        const tidies = change.request === 'delete share' || (change.request === 'rename' && finishesElection);
        const answer = await ledger.take(change.steps, () => send(change), { tidies });
        if (change.request === 'rename') {
          renamed = answer as Share | undefined;
          log.say(`~ share ${share.id} has the name ${quoted(change.name)}`);
        }
        if (change.request === 'delete share') log.say(removedTemporary(change.id));
      }),
    );
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures);
  }
  return renamed ? { renamed } : {};
}

/** Sends one change of a share. Removing what is not there is done; an addition is never repeated blindly. */
function senderFor({ api, log }: Context, { id }: Share): (change: Change) => Promise<unknown> {
  const recipientsNow = sharing(() => api.recipients(id));
  const resourcesNow = sharing(() => api.resources(id));
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
          () => api.removeRecipient(id, change.id),
          async () => liveRecipients(await recipientsNow()).some((r) => r.id === change.id),
        );
      case 'remove resource':
        return removeOnce(
          () => api.removeResource(id, change.id),
          async () => (await resourcesNow()).some((r) => isLive(r) && r.id === change.id),
        );
      case 'update resource':
        return api.updateResource(id, change.id, change.meta);
      case 'add recipient': {
        const account = idKey(accountOf(change.item) ?? '');
        const isThere = async (): Promise<boolean> =>
          liveRecipients(await recipientsNow()).some((r) => idKey(r.account_id) === account);
        return addOnce(api.client, () => api.addRecipient(id, change.item), isThere, log.say);
      }
      case 'add resource': {
        const key = resourceKey(change.item);
        const isThere = async (): Promise<boolean> =>
          (await resourcesNow()).some((r) => isLive(r) && resourceKey(r) === key);
        return addOnce(api.client, () => api.addResource(id, change.item), isThere, log.say);
      }
    }
  };
}

const saidNo = (error: unknown): error is Refusal => error instanceof Refusal && [400, 409, 422].includes(error.status);

/** "Not there" is success, and so is a refusal of what is on its way out already. */
async function removeOnce(remove: () => Promise<unknown>, isThere: () => Promise<boolean>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (isNotFound(error)) return;
    if (!saidNo(error) || (await keepingFate(error, isThere))) throw error;
  }
}

/** Looks after a request that failed. When the look fails as well, the fate of the request is what it was. */
async function keepingFate(failure: Refusal | NoAnswer, look: () => Promise<boolean>): Promise<boolean> {
  try {
    return await look();
  } catch (error) {
    throw withFate(error, fateOf(failure), failure.call);
  }
}

/** What may have been added is looked for before it is added again, and "already there" is success. */
async function addOnce(
  client: Context['api']['client'],
  add: () => Promise<unknown>,
  isThere: () => Promise<boolean>,
  say: (line: string) => void,
): Promise<void> {
  let earlier: NoAnswer | undefined;
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        await add();
        return;
      } catch (error) {
        const ambiguous = error instanceof NoAnswer && fateOf(error) === 'unknown';
        if (ambiguous) earlier = error;
        if (!saidNo(error) && !ambiguous) throw error;
        if (await isThere()) return;
        if (saidNo(error) || attempt >= client.maxAttempts) throw error;
        say(`${error.message}. It was not added: trying again`);
        await client.backOff(attempt, error.message);
      }
    }
  } catch (error) {
    // A try whose fate is not known may still be carried out, whatever failed after it.
    throw earlier ? withFate(error, 'unknown', earlier.call) : error;
  }
}

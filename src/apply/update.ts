// Bringing a share that is there to what is wished, in place: recipients keep what is shared with them throughout,
// and at no moment does anyone see more than before or after. Hence the order: who leaves goes before resources
// come, and resources go before anyone joins; a resource that takes another's place comes before the other goes.

import pMap from 'p-map';
import { isNotFound, mayHaveTaken, NoAnswer, Refusal } from '../cloudflare/errors.ts';
import type { FoundRecipient, SharePlan } from '../share/plan.ts';
import { accountOf, isLive, liveRecipients, type RecipientItem, resourceKey } from '../share/share.ts';
import { quoted, recipientWords, resourceWords } from '../share/words.ts';
import { shared } from './look.ts';
import type { Task } from './task.ts';

const AT_ONCE = 10;

const steps = {
  rename: (to: string): string => `rename the share to ${quoted(to)}`,
  add: (words: string): string => `add ${words}`,
  update: (words: string): string => `update ${words}`,
  remove: (words: string): string => `remove ${words}`,
};

/** Every step of a plan, in the words of the ledger. */
function stepsOf({ rename, recipients, resources }: SharePlan): string[] {
  return [
    ...(rename ? [steps.rename(rename.to)] : []),
    ...recipients.remove.map((r) => steps.remove(recipientWords(r))),
    ...resources.add.map((r) => steps.add(resourceWords(r))),
    ...resources.update.map((r) => steps.update(resourceWords(r))),
    ...resources.remove.map((r) => steps.remove(resourceWords(r))),
    ...recipients.add.map((item) => steps.add(recipientWords(item))),
  ];
}

/**
 * Carries out an `update` plan for share `shareId`.
 * @throws {AggregateError} when single additions or removals failed; the others were still done
 */
export async function updateInPlace(task: Task, shareId: string, plan: SharePlan): Promise<void> {
  const { api, wish, result } = task;
  const { ledger } = result;
  const { recipients, resources } = plan;
  ledger.intend(...stepsOf(plan));

  /** One request for one step, its fate kept account of. */
  const does = async (step: string, request: () => Promise<unknown>): Promise<void> => {
    await ledger.take(step, request);
    result.changed = true;
  };
  const each = async <T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> => {
    await pMap(items, act, { concurrency: AT_ONCE, stopOnError: false });
  };

  const readRecipients = shared(() => api.recipients(shareId));
  const readResources = shared(() => api.resources(shareId));

  const addRecipient = (item: RecipientItem): Promise<void> =>
    does(steps.add(recipientWords(item)), () =>
      addOnce(
        task,
        steps.add(recipientWords(item)),
        () => api.addRecipient(shareId, item),
        async () => liveRecipients(await readRecipients()).some((r) => r.account_id === accountOf(item)),
      ),
    );

  const removeRecipient = (r: FoundRecipient): Promise<void> =>
    does(steps.remove(recipientWords(r)), () => unlessGone(api.removeRecipient(shareId, r.id)));

  /**
   * One request that sets the whole list: who is on it and new comes, who is not on it goes. It is always the same
   * list, the wished one: a call that is carried out late, after others, must not undo them.
   */
  const setRecipients = async (words: string[]): Promise<void> => {
    try {
      await api.replaceRecipients(shareId, wish.recipients ?? []);
    } catch (error) {
      if (mayHaveTaken(error)) for (const step of words) ledger.mayHaveDone(step);
      throw error;
    }
    for (const step of words) ledger.did(step);
    result.changed = true;
  };

  const leaving = recipients.remove.map((r) => steps.remove(recipientWords(r)));
  const joining = recipients.add.map((item) => steps.add(recipientWords(item)));
  const wished = wish.recipients ?? [];
  const added = new Set(recipients.add);
  const staying = wished.filter((item) => !added.has(item));
  const touchesResources = resources.add.length + resources.update.length + resources.remove.length > 0;
  // When nobody stays, everybody would have to go first, and a share needs a recipient.
  const inOne = leaving.length > 0 && (!touchesResources || staying.length === 0 || joining.length === 0);

  if (plan.rename) {
    const { to } = plan.rename;
    await does(steps.rename(to), () => api.rename(shareId, to));
  }
  if (inOne) await setRecipients([...leaving, ...joining]);
  else await each(recipients.remove, removeRecipient);

  await each(resources.add, (item) =>
    does(steps.add(resourceWords(item)), () =>
      addOnce(
        task,
        steps.add(resourceWords(item)),
        () => api.addResource(shareId, item),
        async () => (await readResources()).some((r) => isLive(r) && resourceKey(r) === resourceKey(item)),
      ),
    ),
  );
  await each(resources.update, (r) =>
    does(steps.update(resourceWords(r)), () => api.updateResource(shareId, r.id, r.meta)),
  );
  await each(resources.remove, (r) =>
    does(steps.remove(resourceWords(r)), () => unlessGone(api.removeResource(shareId, r.id))),
  );

  if (joining.length > 0 && !inOne) {
    if (task.rules.prune) await setRecipients(joining);
    else await each(recipients.add, addRecipient);
  }
}

/** Not found is what was wanted. */
const unlessGone = (removal: Promise<unknown>): Promise<unknown> =>
  removal.catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });

/** An addition that is not repeated blindly: what may have taken is looked for, and "already there" is success. */
async function addOnce(
  task: Task,
  step: string,
  add: () => Promise<unknown>,
  isThere: () => Promise<boolean>,
): Promise<void> {
  const { client } = task.api;
  const { ledger } = task.result;
  for (let attempt = 1; ; attempt++) {
    try {
      await add();
      return;
    } catch (error) {
      const saidNo = error instanceof Refusal && [400, 409, 422].includes(error.status);
      if (!saidNo && !mayHaveTaken(error)) throw error;
      if (!saidNo) ledger.mayHaveDone(step);
      if (await isThere()) return;
      // What the server may still be at work on can take effect after the look that did not show it.
      if (error instanceof NoAnswer && !error.mayBeAtWork) ledger.didNot(step);
      if (saidNo || attempt >= client.maxAttempts) throw error;
      await client.backOff(attempt, String(error));
    }
  }
}

// Creating exactly one share, without an idempotency key and with names that are not unique:
//
//   look (the caller did: no live share of the name), create, look again.
//
// After a create call of unknown fate the share is looked for, and only when it is not there the call is repeated.
// The look afterwards shows what others made meanwhile: of namesakes born of the same wish the oldest stays - by
// `created`, then by id, on which all runs agree - and each run removes only a younger one of its own.
// The reasoning and the limits are in docs/RERUNNING.md.

import { isNotFound, NoAnswer } from '../cloudflare/errors.ts';
import { planFor } from '../share/plan.ts';
import { oldestFirst, type Share } from '../share/share.ts';
import type { WholeWish } from '../share/wish.ts';
import { quoted } from '../share/words.ts';
import { namesakes } from './look.ts';
import { CannotDo, type Task } from './task.ts';

export interface Created {
  share: Share;
  /** The API's answer to our own call: nobody else's share, nothing left to compare. */
  answered: boolean;
  /** A share that another run made for the same wish, and that stays. */
  byAnother: boolean;
}

/** When to look for a share whose create call got no usable answer, in milliseconds after it. */
const LOOKS_MS = [0, 1_000, 3_000];
/** The same while the server may still be at work on the call: as long again as we waited for it, within limits. */
const LATE_LOOK_EVERY_MS = 1_000;
const LATE_MIN_MS = 5_000;
const LATE_MAX_MS = 30_000;
/** How long other runs get to remove their own younger namesakes before what is left over is known to be ours. */
const OTHERS_TIDY_UP_MS = 3_000;

/** Open until it is known what other runs, or a call of ours without an answer, have made meanwhile. */
const ONLY_ONE = 'make sure that it is the only live share of its name';

export const createStep = (wish: WholeWish): string => `create share ${quoted(wish.name)}`;

/** The one POST, with its answer checked: a share wider than asked is taken back. */
export async function createOne(task: Task, wish: WholeWish): Promise<Share> {
  const { api, result } = task;
  const { name, recipients, resources } = wish;
  const create = () => api.create({ name, recipients, resources });
  const share = await result.ledger.take(createStep(wish), create, ({ id }) => id);
  result.share = share;
  result.changed = true;
  if (isWider(wish, share)) await takeBack(task, share);
  return share;
}

const isWider = (wish: WholeWish, share: Share): boolean =>
  wish.target === 'account' && share.target_type !== 'account';

async function takeBack({ api, result }: Task, share: Share): Promise<never> {
  const what = `Cloudflare made share ${share.id} for the whole ${share.target_type} although accounts were asked for`;
  await result.ledger
    .take(`take back share ${share.id}`, () => removeShare({ api }, share.id))
    .catch((error: unknown) => {
      throw new CannotDo(`${what}, and it COULD NOT BE TAKEN BACK: delete share ${share.id} at once. ${String(error)}`);
    });
  result.share = { ...share, status: 'deleting' };
  throw new CannotDo(
    `${what}. It was taken back: the share is being deleted. Please report this to Cloudflare with the id.`,
  );
}

/** Deletes, and takes "not there" for done. */
export async function removeShare({ api }: Pick<Task, 'api'>, shareId: string): Promise<unknown> {
  return api.remove(shareId).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}

/**
 * Creates the share so that, whatever fails and whoever else runs, one live share of the wish is left.
 * @param known ids of live namesakes that were there before and are none of this wish's (one to be replaced, say)
 */
export async function createExactlyOne(task: Task, wish: WholeWish, known: ReadonlySet<string>): Promise<Created> {
  const { api, result, say } = task;
  const { client } = api;
  let ofUnknownFate = 0;
  let mayBeAtWork = false;
  let mine: Share | undefined;
  let seen: Share[] = [];

  const lookForIt = async (): Promise<Share[]> =>
    namesakes((await task.look()).shares, wish.name, wish.accountId).filter(({ id }) => !known.has(id));

  for (let attempt = 1; mine === undefined && seen.length === 0; attempt++) {
    try {
      mine = await createOne(task, wish);
    } catch (error) {
      if (!(error instanceof NoAnswer) || error.neverSent) throw error;
      ofUnknownFate += 1;
      mayBeAtWork ||= error.mayBeAtWork;
      say(`${error.message}. The share may exist: looking for it`);
      seen = await lookUntil(task, lookForIt, error.mayBeAtWork, (shares) => shares.length > 0);
      if (seen.length > 0) break;
      result.ledger.didNot(createStep(wish));
      if (attempt >= client.maxAttempts) throw error;
      say('It does not exist: trying again');
    }
  }

  result.ledger.intend(ONLY_ONE);
  if (mayBeAtWork) {
    // What was seen may be another run's, and the call that got no answer may still be carried out.
    say('Watching for what may still come of the call that got no answer');
    const first = mine?.id ?? seen[0]?.id;
    seen = await lookUntil(task, lookForIt, true, (shares) => shares.some(({ id }) => id !== first));
  } else if (mine) seen = await lookForIt();
  const all = mine && !seen.some(({ id }) => id === mine.id) ? [...seen, mine] : seen;
  const [oldest, ...younger] = oldestFirst(all);
  if (!oldest) throw new Error('unreachable: a share was created or seen');

  if (mine && mine.id !== oldest.id) {
    say(`Another run made the same share earlier: ${oldest.id} stays, and our own ${mine.id} goes`);
    result.share = oldest;
    await removeOwn(task, mine.id);
  }
  if (ofUnknownFate > 0) {
    const strangers = younger.filter(({ id }) => id !== mine?.id);
    if (strangers.length > 0) await removeOwnTwins(task, wish, strangers, lookForIt, ofUnknownFate);
    if (!mine) {
      result.ledger.did(createStep(wish), oldest.id);
      result.changed = true;
      // Born after we looked, of our name and resources, and wider than asked: that was our call.
      if (isWider(wish, oldest) && hasResourcesOf(wish, oldest)) await takeBack(task, oldest);
    }
  }
  result.ledger.drop(ONLY_ONE);
  // The look shows what is there now; what it may leave out, the answer to the call has.
  result.share = {
    ...oldest,
    ...(oldest.resources || mine?.id !== oldest.id ? {} : { resources: mine.resources ?? [] }),
  };
  const byAnother = mine !== undefined && mine.id !== oldest.id;
  return { share: result.share, answered: mine?.id === oldest.id, byAnother };
}

/** Looks until it is `enough` or patience ends: a server that may be at work gets longer. */
async function lookUntil(
  task: Task,
  lookForIt: () => Promise<Share[]>,
  mayBeAtWork: boolean,
  enough: (shares: Share[]) => boolean,
): Promise<Share[]> {
  const { client } = task.api;
  const late = Math.min(LATE_MAX_MS, Math.max(LATE_MIN_MS, client.requestTimeoutMs));
  const times = mayBeAtWork
    ? Array.from({ length: Math.floor(late / LATE_LOOK_EVERY_MS) + 1 }, (_, i) => i * LATE_LOOK_EVERY_MS)
    : LOOKS_MS;
  const began = performance.now();
  let seen: Share[] = [];
  for (const time of times) {
    await client.pause(Math.max(0, began + time - performance.now()));
    seen = await lookForIt();
    if (enough(seen)) break;
  }
  return seen;
}

/**
 * A call of unknown fate may have made a share after all, beside the one that stays. Every other run removes its own
 * younger ones; what is left after that, holds just what we wished, and is no more than we sent, is ours.
 */
async function removeOwnTwins(
  task: Task,
  wish: WholeWish,
  strangers: Share[],
  lookForIt: () => Promise<Share[]>,
  atMost: number,
): Promise<void> {
  await task.api.client.pause(OTHERS_TIDY_UP_MS);
  const still = new Set((await lookForIt()).map(({ id }) => id));
  const twins: Share[] = [];
  for (const share of strangers.filter(({ id }) => still.has(id))) {
    const recipients = await task.api.recipients(share.id);
    if (planFor(wish, { share, recipients }, { prune: true }).action === 'none') twins.push(share);
  }
  for (const twin of twins.slice(-atMost)) {
    task.say(`Share ${twin.id} came of the call that got no answer: it goes, the oldest stays`);
    await removeOwn(task, twin.id);
  }
}

const removeOwn = (task: Task, shareId: string): Promise<unknown> =>
  task.result.ledger.take(`delete our own younger share ${shareId}`, () => removeShare(task, shareId));

const hasResourcesOf = (wish: WholeWish, share: Share): boolean => {
  const { resources } = planFor({ ...wish, target: 'organization', recipients: [{}] }, { share }, { prune: true });
  return resources.add.length + resources.update.length + resources.remove.length === 0;
};

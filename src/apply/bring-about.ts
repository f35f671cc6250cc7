// The story of one share: found, planned, brought about, settled.

import { isNotFound } from '../cloudflare/errors.ts';
import {
  changesAnything,
  type Found,
  fitsInPlace,
  hasDrift,
  planFor,
  planToCreate,
  planToDelete,
  planToKeep,
  type SharePlan,
} from '../share/plan.ts';
import { isLive, resourceKey, type Share } from '../share/share.ts';
import { isWhole, type WholeWish } from '../share/wish.ts';
import { quoted, resourceWords } from '../share/words.ts';
import { createExactlyOne, createOne, createStep, removeShare } from './create.ts';
import { namesakes } from './look.ts';
import { waitForAssociation, waitUntilDeleted } from './settle.ts';
import { CannotDo, type Task } from './task.ts';
import { updateInPlace } from './update.ts';

/** Namesakes younger than this may be other runs' that are about to go: they are given time before being a problem. */
const YOUNG_MS = 2 * 60_000;
const NAMESAKES_SETTLE_MS = 60_000;
/** After a change the share is read again; when it is not yet as wished (somebody else wrote meanwhile), once more. */
const ROUNDS_MAX = 3;

/** Brings one share about, or plans or deletes it; what became of it is in `task.result`, whether it throws or not. */
export async function bringAbout(task: Task): Promise<void> {
  const { rules } = task;
  if (rules.mode === 'delete') return remove(task);
  if (rules.ifExists === 'create-new') return createAnew(task);
  const found = rules.shareId === undefined ? await findByName(task) : await findById(task, rules.shareId);
  if (found) return converge(task, found);
  decide(task, planToCreate(task.wish));
  if (rules.mode === 'plan') return planned(task);
  return create(task, whole(task));
}

/** The plan is known: it is said before anything is done about it. */
function decide(task: Task, plan: SharePlan): void {
  task.result.plan = plan;
  task.planned(plan);
}

/** A share is only ever created from a whole wish: without an id, both lists are required from the start. */
function whole({ wish }: Task): WholeWish {
  if (isWhole(wish)) return wish;
  throw new CannotDo(
    `To make share ${quoted(wish.name)}, recipients and resources are both needed: give the missing list`,
  );
}

async function findByName(task: Task): Promise<Share | undefined> {
  const { wish, api, say, result } = task;
  let look = await task.firstLook();
  let found = namesakes(look.shares, wish.name, wish.accountId);
  const began = performance.now();
  for (let pauseMs = 500; found.length > 1; pauseMs = Math.min(5_000, pauseMs * 2)) {
    const youngest = Date.parse(found.at(-1)?.created ?? '');
    const youngEnough = look.serverTimeMs - youngest < YOUNG_MS && performance.now() - began < NAMESAKES_SETTLE_MS;
    if (!youngEnough) {
      const ids = found.map(({ id, created }) => `${id} (of ${created})`).join(', ');
      throw new CannotDo(
        `There are ${found.length} live shares of the name ${quoted(wish.name)}: ${ids}. Which one is meant is not for this action to guess: give its share-id, or delete the others (mode: delete with share-id)`,
      );
    }
    say(
      `${found.length} shares of the name ${quoted(wish.name)}, just made: waiting for the runs that made them to agree on one`,
    );
    await api.client.pause(pauseMs);
    look = await task.look();
    found = namesakes(look.shares, wish.name, wish.accountId);
  }
  if (found[0]) result.share = found[0];
  return found[0];
}

async function findById(task: Task, shareId: string): Promise<Share> {
  const share = await task.api.get(shareId).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    throw new CannotDo(
      `There is no share ${shareId} in account ${task.api.accountId}. Check share-id and account-id; to create a share, leave share-id out`,
    );
  });
  task.result.share = share;
  if (isLive(share)) return share;
  throw new CannotDo(
    `Share ${shareId} is ${share.status}: a share on its way out cannot be changed. To create a new one, leave share-id out`,
  );
}

/** The one POST that `create-new` stands for: nothing is looked up, so nothing ambiguous is repeated. */
async function createAnew(task: Task): Promise<void> {
  const { rules, result, say } = task;
  const wish = whole(task);
  decide(task, planToCreate(wish));
  if (rules.mode === 'plan') return planned(task);
  const share = await createOne(task, wish);
  result.outcome = 'created';
  say(`+ share ${quoted(share.name)} created: ${share.id}`);
  await withResources(task);
  checkResources(task, wish);
  if (rules.waitMs !== undefined) await waitForAssociation(task, share.id);
}

async function create(task: Task, wish: WholeWish): Promise<void> {
  const { rules, result, say } = task;
  result.ledger.intend(createStep(wish));
  const created = await createExactlyOne(task, wish, new Set());
  const { share } = created;
  if (created.byAnother) {
    // Nothing of ours is left: whatever the other run made is what we found.
    result.changed = false;
    return converge(task, share);
  }
  result.outcome = 'created';
  say(`+ share ${quoted(share.name)} created: ${share.id}`);
  if (!created.answered) return converge(task, share);
  await withResources(task);
  checkResources(task, wish);
  if (rules.waitMs !== undefined) await waitForAssociation(task, share.id);
}

/** A share is there: what is to be done with it, and doing it. */
async function converge(task: Task, share: Share): Promise<void> {
  const { rules, result, wish, say } = task;
  result.share = share;
  await withResources(task);
  const fits = fitsInPlace(wish, result.share);
  if (rules.ifExists === 'fail' && result.outcome !== 'created') {
    throw new CannotDo(
      `A live share of the name ${quoted(share.name)} exists: ${share.id}, and if-exists is fail. Nothing was changed`,
    );
  }
  if (rules.ifExists === 'keep' && result.outcome !== 'created') {
    if (wish.target === 'account' && !fits)
      throw new CannotDo(`${tooWide(result.share)}. With if-exists: keep it is left as it is`);
    decide(task, planToKeep(wish, share));
    say(`= share ${quoted(share.name)} exists and is kept as it is: ${share.id}`);
    if (rules.mode === 'plan') return planned(task);
    result.outcome = 'unchanged';
    if (rules.waitMs !== undefined) await waitForAssociation(task, share.id, { listed: [] });
    return;
  }

  let plan = await planAgain(task);
  decide(task, plan);
  if (plan.action === 'replace') {
    // It came of our own call, or of another run's at the same moment: not a thing to be replaced on the way.
    if (result.outcome === 'created') throw new CannotDo(tooWide(result.share));
    if (!rules.replace) {
      if (rules.mode === 'plan') planned(task);
      throw new CannotDo(
        `${tooWide(result.share)}. That cannot be changed in place. With replace: true a new share is created, and then this one is deleted; its recipients get the new one's resources anew`,
      );
    }
  }
  if (rules.mode === 'plan') return planned(task);
  if (plan.action === 'none') {
    result.outcome ??= 'unchanged';
    if (rules.waitMs !== undefined) await waitForAssociation(task, share.id);
    return;
  }
  if (plan.action === 'replace') return replace(task, whole(task), share);

  const removed = plan.resources.remove;
  for (let round = 1; changesAnything(plan); round++) {
    if (round > ROUNDS_MAX) {
      throw new CannotDo(
        `Share ${share.id} is still not as wished after ${ROUNDS_MAX} rounds: ${describe(plan)}. Does something else write to it at the same time?`,
      );
    }
    if (round > 1) say(`The share is not as wished yet (${describe(plan)}): once more`);
    try {
      await updateInPlace(task, share.id, plan);
    } catch (error) {
      // Part of it may have been done: the outputs show what is there now, if it can be read.
      if (result.changed) await readAgain(task, share.id, plan).catch(() => undefined);
      throw error;
    } finally {
      if (result.changed) result.outcome ??= 'updated';
    }
    await readAgain(task, share.id, plan);
    plan = await planAgain(task, { reading: false });
  }
  if (rules.waitMs !== undefined) await waitForAssociation(task, share.id, { removed });
}

/** What there is to do, with the recipients read where they can differ. */
async function planAgain(task: Task, { reading = true } = {}): Promise<SharePlan> {
  const { api, rules, result, wish } = task;
  const share = result.share as Share;
  if (reading && (rules.readAllRecipients || share.target_type === 'account')) {
    result.recipients = await api.recipients(share.id);
  }
  const found: Found = { share, ...(result.recipients ? { recipients: result.recipients } : {}) };
  return planFor(wish.name === '' ? { ...wish, name: share.name } : wish, found, { prune: rules.prune });
}

/** What a plan has changed is read again: it is the answer, and the proof. */
async function readAgain(
  { api, result }: Task,
  shareId: string,
  { rename, recipients, resources }: SharePlan,
): Promise<void> {
  if (recipients.add.length + recipients.remove.length > 0) result.recipients = await api.recipients(shareId);
  if (rename || resources.add.length + resources.update.length + resources.remove.length > 0) {
    result.share = await api.get(shareId);
  }
}

async function replace(task: Task, wish: WholeWish, old: Share): Promise<void> {
  const { rules, result, say } = task;
  const step = `delete the replaced share ${old.id}`;
  result.ledger.intend(createStep(wish), step);
  const { share } = await createExactlyOne(task, wish, new Set([old.id]));
  result.outcome = 'updated';
  result.changed = true;
  delete result.recipients; // the old share's
  say(`+ share ${quoted(share.name)} created: ${share.id}`);
  await withResources(task);
  checkResources(task, wish);
  await result.ledger.take(step, () => removeShare(task, old.id));
  say(`- share ${quoted(old.name)} replaced and being deleted: ${old.id}`);
  if (rules.waitMs !== undefined) await waitForAssociation(task, share.id);
}

async function remove(task: Task): Promise<void> {
  const { rules, result, wish, say } = task;
  const share = rules.shareId === undefined ? await findByName(task) : await findForDeletion(task, rules.shareId);
  const live = share && isLive(share) ? share : undefined;
  decide(task, planToDelete(wish.name || (share?.name ?? ''), live));
  if (share && wish.name !== '' && share.name !== wish.name) {
    throw new CannotDo(
      `Share ${share.id} is called ${quoted(share.name)}, not ${quoted(wish.name)}: nothing was deleted. Leave share-name out, or correct one of the two`,
    );
  }
  result.outcome = 'unchanged';
  if (!share) {
    say(`= there is no live share ${rules.shareId ?? quoted(wish.name)}: nothing to delete`);
    return;
  }
  if (live) {
    const answer = await result.ledger.take(`delete share ${live.id}`, () => removeShare(task, live.id));
    result.outcome = 'deleted';
    result.changed = true;
    const status = (answer as { status?: unknown } | null | undefined)?.status;
    result.share = { ...live, status: typeof status === 'string' ? status : 'deleting' };
    say(`- share ${quoted(live.name)} deleted: ${live.id}`);
  } else say(`= share ${share.id} is ${share.status} already`);
  if (rules.waitMs !== undefined) await waitUntilDeleted(task, share);
}

async function findForDeletion(task: Task, shareId: string): Promise<Share | undefined> {
  try {
    task.result.share = await task.api.get(shareId);
    return task.result.share;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    task.result.warnings.push({
      message: `There is no share ${shareId} in account ${task.api.accountId}, not even a deleted one: check share-id and account-id if one was expected`,
    });
    return undefined;
  }
}

function planned(task: Task): void {
  const { rules, result } = task;
  const plan = result.plan as SharePlan;
  result.outcome = 'planned';
  result.changed = changesAnything(plan);
  if (rules.failOnDrift && hasDrift(plan)) {
    throw new CannotDo(
      `Drift: share ${quoted(plan.name)} is not as written: ${describe(plan)}. Nothing was changed (mode: plan)`,
    );
  }
}

/** The resources belong to every report of a share: they are fetched when an answer came without. */
async function withResources({ api, result }: Task): Promise<void> {
  const { share, outcome } = result;
  // A new share has resources: an answer with none of them has left them out.
  const leftOut = share?.resources === undefined || (outcome === 'created' && share.resources.length === 0);
  if (share && leftOut) result.share = { ...share, resources: await api.resources(share.id) };
}

/** A green step that shared nothing would be worse than a red one. */
function checkResources({ result }: Task, wish: WholeWish): void {
  const there = new Set((result.share?.resources ?? []).filter(isLive).map(resourceKey));
  const missing = wish.resources.filter((r) => !there.has(resourceKey(r)));
  if (missing.length > 0) {
    throw new CannotDo(
      `Share ${result.share?.id} was created, but Cloudflare does not list ${missing.map(resourceWords).join(', ')} in it`,
    );
  }
}

const tooWide = (share: Share): string =>
  `Share ${quoted(share.name)} (${share.id}) targets ${share.target_type === 'account' ? 'accounts' : `the organization ${share.organization_id}`}, which is not what is asked for`;

/** A plan in a few words: counts. */
export function describe({ action, rename, recipients, resources }: SharePlan): string {
  const parts = [
    ...(action === 'create' || action === 'replace' || action === 'delete' ? [`to ${action}`] : []),
    ...(rename ? [`to rename from ${quoted(rename.from)}`] : []),
    ...countsOf(
      'recipient',
      [recipients.add, 'to add'],
      [recipients.remove, 'to remove'],
      [recipients.extra, 'not listed'],
    ),
    ...countsOf(
      'resource',
      [resources.add, 'to add'],
      [resources.update, 'to update'],
      [resources.remove, 'to remove'],
      [resources.extra, 'not listed'],
    ),
  ];
  return parts.join(', ') || 'as written';
}

function countsOf(noun: string, ...lists: [readonly unknown[], string][]): string[] {
  return lists
    .filter(([list]) => list.length > 0)
    .map(([list, what]) => `${list.length} ${noun}${list.length === 1 ? '' : 's'} ${what}`);
}

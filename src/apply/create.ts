// Creating a share. The API has no idempotency key, and names are not unique. So a run creates its share under a temporary
// name that no other run can use: it recognizes the share even if the answer was lost. A look afterwards decides which
// share is elected and gets the real name (src/share/election.ts).

import { fateOf, NoAnswer } from '../cloudflare/errors.ts';
import type { CreatableShare } from '../share/desired.ts';
import { type Own, spellingOf, temporaryName } from '../share/election.ts';
import { isWiderThanAsked } from '../share/fits.ts';
import { isLive, oldestFirst, type Share, type UnreadableShare } from '../share/share.ts';
import type { Step } from '../share/steps.ts';
import { quoted, unreadableWords } from '../share/words.ts';
import { type Context, Stop } from './context.ts';
import { takeBack } from './delete.ts';
import type { Ledger } from './ledger.ts';

/** What this run made. */
export interface Made extends Own {
  /** The answer to the create call. Undefined: it was lost, and the share was found by its temporary name. */
  answered?: Share;
}

export const createStep = (name: string, shareId?: string): Step => ({
  kind: 'create',
  name,
  ...(shareId === undefined ? {} : { shareId }),
});

/** Creates the share under its temporary name. After a call without an answer it looks for the share before it tries again. */
export async function createUnderTemporaryName(
  context: Context,
  desired: CreatableShare,
  ledger: Ledger,
): Promise<Made> {
  const { api, log } = context;
  const sentName = temporaryName(desired.name, context.nonce);
  for (let attempt = 1; ; attempt++) {
    try {
      const share = await post(context, desired, sentName, ledger);
      await guard(context, desired, [share], ledger);
      const spelling = spellingOf(sentName, share.name);
      return { sentName, ids: [share.id], answered: share, ...(spelling === undefined ? {} : { spelling }) };
    } catch (error) {
      if (!(error instanceof NoAnswer) || fateOf(error) === 'not-done') throw error;
      log.say(`${error.message}. The share may exist: looking for it by its temporary name`);
      const look = await context.looks.fresh();
      const found = look.shares.filter((share) => share.name === sentName && isLive(share));
      if (found.length > 0) {
        log.say(`It exists: ${found.map(({ id }) => id).join(', ')}`);
        ledger.did(createStep(desired.name, (oldestFirst(found)[0] as Share).id));
        await guard(context, desired, found, ledger);
        return { sentName, ids: found.map(({ id }) => id) };
      }
      const unreadable = look.unreadable.find((each) => each.name === sentName);
      if (unreadable) throw new Stop(createdUnreadable(unreadable));
      if (attempt >= api.client.maxAttempts) throw error;
      log.say('It does not exist: trying again, under the same temporary name');
      await api.client.backOff(attempt, error.message);
    }
  }
}

const createdUnreadable = (share: UnreadableShare): string =>
  `${unreadableWords(share)}. This run created it, and it still has its temporary name: check it in the dashboard, and delete it if you don't need it`;

/** `if-exists: create-new`: one create call under the real name, without a look. */
export async function createAnew(context: Context, desired: CreatableShare, ledger: Ledger): Promise<Share> {
  const share = await post(context, desired, desired.name, ledger);
  await guard(context, desired, [share], ledger);
  if ((share.resources ?? []).length > 0) return share;
  return { ...share, resources: await context.api.resources(share.id) };
}

async function post({ api, log }: Context, desired: CreatableShare, name: string, ledger: Ledger): Promise<Share> {
  const { recipients, resources } = desired;
  const step = createStep(desired.name);
  ledger.intend(step);
  try {
    const share = await api.create({ name, recipients, resources });
    ledger.did(createStep(desired.name, share.id));
    ledger.saw({ share });
    log.idKnown(share.id);
    log.say(`+ share ${quoted(desired.name)} created: ${share.id}`);
    return share;
  } catch (error) {
    if (fateOf(error) === 'unknown') ledger.mayHaveDone(step);
    throw error;
  }
}

/** Keeps a new share from reaching more than asked: deletes it if it does, and excludes accounts at once. */
async function guard(context: Context, desired: CreatableShare, made: readonly Share[], ledger: Ledger): Promise<void> {
  const wide = made.filter((share) => isWiderThanAsked(desired, share));
  const [first] = wide;
  if (first) {
    const why = `Cloudflare created share ${first.id} for the whole ${first.target_type}, although accounts were asked for`;
    await takeBack(context, wide, ledger, why);
  }
  const { exclude } = desired;
  if (!exclude || exclude.length === 0) return;
  for (const share of made) {
    try {
      await ledger.take([{ kind: 'exclude', shareId: share.id, accounts: exclude.length }], () =>
        context.api.setExclusions(share.id, exclude),
      );
    } catch (error) {
      await takeBack(
        context,
        made,
        ledger,
        `Share ${share.id} was created, but accounts could not be excluded from it (${(error as Error).message})`,
      );
    }
  }
}

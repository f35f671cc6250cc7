// Creating a share. The API has no idempotency key, and names are not unique. So a run creates its share under a
// temporary name that no other run uses, and it recognizes the share by that name even if the response was lost. A
// listing afterwards decides which share is elected and gets the real name (src/share/election.ts).

import { fateOf, NoUsableResponse } from '../cloudflare/errors.ts';
import type { Decision } from '../share/decide.ts';
import type { CreatableShare } from '../share/desired.ts';
import {
  type Found,
  fitsInPlace,
  isWiderThanAsked,
  type OwnShares,
  ownLosers,
  uncontested,
} from '../share/election.ts';
import { reasonIn } from '../share/problem.ts';
import {
  asSent,
  isLive,
  isOwnedBy,
  justShare,
  oldestFirst,
  type Share,
  sameName,
  type UnreadableShare,
} from '../share/share.ts';
import type { Step } from '../share/steps.ts';
import { keepsMark, spellingOf, temporaryName } from '../share/temporary-name.ts';
import { quoted, targetWords, unreadableWords } from '../share/words.ts';
import type { Context } from './context.ts';
import { rollBack } from './delete.ts';
import { Stop } from './errors.ts';
import { withResources } from './share-list.ts';

/** Applies a `create` plan. The share gets its name in the next round if it is elected. */
export async function create(context: Context, decision: Decision): Promise<Found | undefined> {
  // Planning refuses a new share that lacks either list.
  const desired = decision.desired as CreatableShare;
  if (context.policy.ifExists === 'create-new') return createNew(context, desired);
  // If this run's own share can't win, the run would otherwise create one in every round.
  await refuseMisfits(context, desired, ownLosers(decision.found.election, context.ledger.own));
  const gone = context.ledger.createdIds;
  if (gone.length >= SHARES_MAX) throw new Stop(keepBeingDeleted(gone), 'cloudflare');
  await createUnderTemporaryName(context, desired);
  context.ledger.intend({ kind: 'rename', name: desired.name });
  return undefined; // the next election decides
}

/** The most shares that one run creates. If something deletes each new share, a third wouldn't last either. */
const SHARES_MAX = 2;

const keepBeingDeleted = (ids: readonly string[]): string =>
  `According to Cloudflare, the shares that this run created were deleted: ${ids.join(', ')}. Make sure that nothing else deletes new shares, then run again`;

/** `if-exists: create-new`: one create call under the real name, without a listing. */
async function createNew(context: Context, desired: CreatableShare): Promise<Found> {
  const share = await post(context, desired, desired.name);
  await guard(context, desired, desired.name, [share]);
  const whole = await withResources(context.api, share, { isNew: true });
  context.ledger.recordObserved({ share: whole });
  const election = { ...uncontested(whole), ours: true, spelling: share.name };
  return { observed: justShare(whole), election };
}

/** Creates the share under its temporary name. After a lost response, it looks for the share before it tries again. */
async function createUnderTemporaryName(context: Context, desired: CreatableShare): Promise<void> {
  const { api, log, ledger, shareList } = context;
  const sentName = temporaryName(desired.name, context.nonce);
  for (let attempt = 1; ; attempt++) {
    try {
      const created = await post(context, desired, sentName);
      await guard(context, desired, sentName, [created]);
      ledger.own = { ...ownShares(sentName, [created]), created };
      return;
    } catch (error) {
      if (!(error instanceof NoUsableResponse) || fateOf(error) === 'not-done') throw error;
      log.say(`${error.message}. The share may exist: looking for it by its temporary name`);
      const listing = await shareList.fresh();
      const found = oldestFirst(listing.shares.filter((share) => sameName(share.name, sentName) && isLive(share)));
      if (found.length > 0) {
        log.say(`The share exists: ${found.map(({ id }) => id).join(', ')}`);
        for (const { id } of found) ledger.markDone(creating(desired.name, id));
        await guard(context, desired, sentName, found);
        ledger.own = ownShares(sentName, found);
        return;
      }
      const unreadable = listing.unreadable.find(({ name }) => sameName(name, sentName));
      if (unreadable) throw new Stop(createdUnreadable(unreadable), 'cloudflare');
      if (attempt >= api.client.maxAttempts) throw error;
      log.say('The share does not exist: trying again under the same temporary name');
      await api.client.backOff(attempt, error.message);
    }
  }
}

function ownShares(sentName: string, shares: readonly Share[]): OwnShares {
  const [spelling] = shares.flatMap(({ name }) => spellingOf(sentName, name) ?? []);
  return { sentName, ids: shares.map(({ id }) => id), ...(spelling === undefined ? {} : { spelling }) };
}

const createdUnreadable = (share: UnreadableShare): string =>
  `${unreadableWords(share)}. This run created it, and it still has its temporary name: check it in the dashboard, and delete it if you don't need it`;

async function post({ api, log, ledger }: Context, desired: CreatableShare, name: string): Promise<Share> {
  const { recipients, resources } = desired;
  ledger.intend(creating(desired.name));
  try {
    const share = await api.create({ name, recipients, resources: resources.map(asSent) });
    ledger.markDone(creating(desired.name, share.id));
    ledger.recordObserved({ share });
    log.idKnown(share.id);
    log.say(`+ share ${quoted(desired.name)} created: ${share.id}`);
    return share;
  } catch (error) {
    if (fateOf(error) === 'unknown') ledger.markUnknown(creating(desired.name));
    throw error;
  }
}

/** The API stored a different name than the one sent, so no run would recognize the share. */
export const storedAnotherName = (share: Share, sentName: string): string =>
  `Cloudflare stored the name ${quoted(share.name)} for share ${share.id}, although ${quoted(sentName)} was sent. Choose a name that Cloudflare stores unchanged`;

const creating = (name: string, shareId?: string): Step => ({
  kind: 'create',
  name,
  ...(shareId === undefined ? {} : { shareId }),
});

/** Rolls back new shares whose target or owner is not the requested one. @throws {Stop} if there are any */
async function refuseMisfits(context: Context, desired: CreatableShare, misfits: readonly Share[]): Promise<void> {
  const [first] = misfits;
  if (!first) return;
  const kind = isWiderThanAsked(desired, first) ? 'refusal' : 'cloudflare';
  await rollBack(context, misfits, madeForAnother(desired, first), kind);
}

/**
 * Does the share's target differ from the requested one? The response to a create call can omit the organization. The
 * next listing shows the organization.
 */
const isMisfit = (desired: CreatableShare, share: Share): boolean =>
  !fitsInPlace(desired, share) && (share.target_type !== desired.target || Boolean(share.organization_id));

const isForeign = ({ accountId }: CreatableShare, share: Share): boolean => !isOwnedBy(share, accountId);

function madeForAnother(desired: CreatableShare, share: Share): string {
  if (isForeign(desired, share)) {
    const owner = share.account_id ? `account ${share.account_id}` : 'another account';
    return `Cloudflare created share ${share.id} in ${owner}, although account ${desired.accountId} was requested`;
  }
  const { target, recipients } = desired;
  const [organization] = recipients.flatMap(({ organization_id }) => organization_id ?? []);
  const requested = organization === undefined ? 'the whole organization' : `the organization ${organization}`;
  // No account is excluded from a new share.
  const isWhole = target === 'account' && share.target_type === 'organization';
  return `Cloudflare created share ${share.id} for ${isWhole ? 'the whole organization' : targetWords(share)}, although ${target === 'account' ? 'only accounts were' : `${requested} was`} requested`;
}

/**
 * Rolls back new shares whose target, name or owner differs from what was requested. Then excludes accounts, if
 * requested.
 */
async function guard(
  context: Context,
  desired: CreatableShare,
  sentName: string,
  created: readonly Share[],
): Promise<void> {
  const { api, ledger } = context;
  await refuseMisfits(
    context,
    desired,
    created.filter((share) => isMisfit(desired, share) || isForeign(desired, share)),
  );
  const misnamed = created.find(({ name }) => !keepsMark(sentName, name));
  if (misnamed) await rollBack(context, created, storedAnotherName(misnamed, sentName), 'cloudflare');
  const { exclude } = desired;
  if (!exclude || exclude.length === 0) return;
  for (const share of created) {
    try {
      await ledger.take([{ kind: 'exclude', shareId: share.id, accounts: exclude.length }], () =>
        api.setExclusions(share.id, exclude),
      );
    } catch (error) {
      const why = `Share ${share.id} was created, but accounts could not be excluded from it (${reasonIn(error)})`;
      await rollBack(context, created, why, 'cloudflare');
    }
  }
}

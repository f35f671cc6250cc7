// What came of a share, in words: the same in log, summary and comment. Pure.

import type { Source } from '../inputs/settings.ts';
import { isDeclined, type Problem } from '../share/desired.ts';
import type { Names } from '../share/names.ts';
import type { OutcomeWord, ShareOutcome } from '../share/outcome.ts';
import { changesAnything, extrasIn, type SharePlan } from '../share/plan.ts';
import { changeWords, planWords } from '../share/plan-words.ts';
import type { ProposedPlan } from '../share/review.ts';
import { liveRecipients, type Recipient } from '../share/share.ts';
import { count, firstFew, quoted } from '../share/words.ts';
import { extraLines, GONE, isGone } from './plan-lines.ts';

/** The share's name, or its id. */
export const nameOfShare = ({ name, share, desired }: ShareOutcome): string =>
  name || share?.name || desired.name || (desired.shareId ?? share?.id ?? '');

/** The problems of a share, and the refusal of its plan among them. */
export function problemsOf({ problems, refusal, desired }: ShareOutcome): Problem[] {
  if (refusal === undefined || problems.some((each) => isDeclined(each) || each.message.includes(refusal)))
    return [...problems];
  return [{ message: `${refusal}.`, kind: 'refusal', place: desired.placeOf(['name']) }, ...problems];
}

/** Did the share fail, or was its plan refused? Drift is neither. */
export const failureIn = (outcome: ShareOutcome): boolean => problemsOf(outcome).some(({ kind }) => kind !== 'drift');

/** The plans that a reviewer can approve: without those that failed or are refused. */
export const reviewablePlans = (outcomes: readonly ShareOutcome[]): ProposedPlan[] =>
  outcomes.flatMap((outcome) => {
    const { plan, before } = outcome;
    return plan && before && !failureIn(outcome) ? [{ plan, before }] : [];
  });

/** Is there drift, and is fail-on-drift set? */
export const driftIn = (outcome: ShareOutcome): boolean => outcome.problems.some(({ kind }) => kind === 'drift');

/** The run made no plan and no change of the share: only its problems are known. */
export const onlyProblemsKnown = ({ plan, outcome }: ShareOutcome): boolean => !plan && outcome === undefined;

/** What needs eyes comes first: failed shares, then shares with changes. The others have 0. */
export const urgencyOf = (outcome: ShareOutcome): number =>
  failureIn(outcome) ? 2 : outcome.plan && changesAnything(outcome.plan) ? 1 : 0;

/** What came of the share, or what a plan would do with it: one word for table, counts and sentence. */
export type Result =
  | OutcomeWord
  | 'create'
  | 'update'
  | 'replace'
  | 'replaced'
  | 'delete'
  | 'none'
  | 'unlisted'
  | 'refused'
  | 'failed'
  | 'not done';

export function resultOf(outcome: ShareOutcome): Result {
  const { plan, outcome: word } = outcome;
  const planned = word === 'planned' || word === undefined;
  if (outcome.refusal !== undefined) return 'refused';
  if (failureIn(outcome)) return problemsOf(outcome).every(isDeclined) ? 'refused' : 'failed';
  if (plan?.unlisted) return 'unlisted';
  if (planned) return plan?.action ?? 'not done';
  return word === 'updated' && plan?.action === 'replace' ? 'replaced' : word;
}

/** One sentence on one share, without its full stop. */
export function sentence(outcome: ShareOutcome, source: Source, names: Names): string {
  const { plan, share, desired } = outcome;
  const name = `Share ${quoted(nameOfShare(outcome))}`;
  const id = share === undefined ? '' : ` (${share.id})`;
  switch (resultOf(outcome)) {
    case 'created':
      return `${name}${id} was created`;
    case 'replaced':
      return `${name} was replaced${share === undefined ? '' : ` by share ${share.id}`}`;
    case 'updated':
      return `${name}${id} was updated`;
    case 'unchanged':
      if (desired.state === 'absent') return `${name} is gone already: there is nothing to delete`;
      if (outcome.kept) return `${name}${id} is ${KEPT}`;
      return plan && extrasIn(plan) > 0
        ? `${name}${id} is unchanged: what is listed is there, and more`
        : `${name}${id} is as written: unchanged`;
    case 'deleted':
      return `${name}${id} was deleted${share?.status === 'deleting' ? ': Cloudflare is removing it' : ''}`;
    case 'refused':
      return plan && changesAnything(plan) ? `${name} cannot be ${refusedWord(plan)}` : `${name} was left as it is`;
    case 'failed':
      return `${name}${failedWords(outcome)}`;
    case 'not done':
      return `${name}: nothing was done`;
    default:
      return driftIn(outcome) && plan
        ? `${name}: ${driftWords(plan, source, names)}`
        : `${name}: ${outcome.kept ? KEPT : plan ? planned(plan, desired.state) : 'planned'}`;
  }
}

/** A failed share still says which part was done before the failure. */
function failedWords({ outcome, share }: ShareOutcome): string {
  const id = share === undefined ? '' : ` (${share.id})`;
  if (outcome === 'updated') return `${id} was updated in part`;
  return outcome === 'created' || outcome === 'deleted'
    ? `${id} was ${outcome}, but not every step was done`
    : ' failed';
}

/** What is said of a share with `if-exists: keep`. */
export const KEPT = 'kept as it is (if-exists: keep)';

const planned = (plan: SharePlan, state: 'present' | 'absent'): string =>
  state === 'absent' && isGone(plan) ? GONE : planWords(plan);

const refusedWord = ({ action }: SharePlan): string =>
  ({
    none: 'changed',
    create: 'created',
    update: 'updated',
    replace: 'replaced',
    delete: 'deleted',
  })[action];

const FEW = 3;

/** How a share differs from what is written: changes and extras. */
export function driftWords(plan: SharePlan, source: Source, names: Names): string {
  const list = source.kind === 'config' ? 'file does' : 'inputs do';
  const extras = extraLines(plan, names);
  const kinds = [
    [plan.recipients.extra.length, 'recipient'],
    [plan.resources.extra.length, 'resource'],
    [plan.exclusions?.extra.length ?? 0, 'exclusion'],
  ] as const;
  const counts = kinds.filter(([n]) => n > 0).map(([n, noun]) => count(n, noun));
  const changes = changesAnything(plan) ? [changeWords(plan)] : [];
  return [
    ...(plan.unlisted ? [`a share that the ${list} not list`] : []),
    ...(plan.action === 'create' ? ['the share is not there'] : []),
    ...(plan.action === 'delete' && !plan.unlisted ? ['the share is still there'] : []),
    ...changes,
    ...(extras.length > 0 ? [`${counts.join(' and ')} that the ${list} not list: ${firstFew(extras, FEW)}`] : []),
  ].join('; ');
}

/** Does one of the recipient's resources have a terminal error? Cloudflare does not try again. */
export const failedForGood = ({ resources = [] }: Recipient): boolean =>
  resources.some(({ error, terminal }) => Boolean(error) && terminal === true);

const hasIt = (r: Recipient): boolean => r.association_status === 'associated' && !failedForGood(r);

export const allAssociated = (recipients: readonly Recipient[]): boolean => liveRecipients(recipients).every(hasIt);

/** How many recipients have the share, and how long that took. Empty when it was not read. */
export function associationWords({ recipients, waitedMs }: ShareOutcome): string {
  if (recipients === undefined) return '';
  const live = liveRecipients(recipients);
  if (live.length === 0) return '';
  const failed = live.filter(failedForGood).length;
  const associated = live.filter(hasIt).length;
  const waited = waitedMs === undefined ? '' : `; that took ${seconds(waitedMs)}`;
  if (associated === live.length)
    return live.length === 1
      ? `The recipient is associated${waited}`
      : `All ${live.length} recipients are associated${waited}`;
  const pending = live.length - associated - failed;
  return `${associated} of ${count(live.length, 'recipient')} ${associated === 1 ? 'is' : 'are'} associated${pending > 0 ? ' so far' : ''}${failed > 0 ? `, ${failed} failed for good` : ''}`;
}

const seconds = (ms: number): string =>
  ms < 10_000
    ? `${(ms / 1000).toFixed(1)} s`
    : ms < 120_000
      ? `${Math.round(ms / 1000)} s`
      : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;

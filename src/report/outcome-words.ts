// The outcome of a share in words: the same in log, summary and comment. Pure.

import type { Source } from '../settings.ts';
import { failedPermanently, isAssociated } from '../share/association.ts';
import { type Names, withNames } from '../share/names.ts';
import { driftIn, nameOfShare, type Result, resultOf, type ShareOutcome } from '../share/outcome.ts';
import {
  agreementOf,
  changesAnything,
  extrasIn,
  ITEM_KINDS,
  itemsOf,
  itemWords,
  type SharePlan,
} from '../share/plan.ts';
import { AGREEMENT_WORDS, changeWords, planWords } from '../share/plan-words.ts';
import { liveRecipients } from '../share/share.ts';
import { count, firstFew, quoted } from '../share/words.ts';

/** One sentence about one share, without its full stop. Other lines name the extras that it counts. */
export function sentence(outcome: ShareOutcome, source: Source): string {
  const { plan, share } = outcome;
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
      return `${name}${id} ${unchangedWords(outcome)}`;
    case 'deleted':
      return `${name}${id} was deleted${share?.status === 'deleting' ? ': Cloudflare is removing it' : ''}`;
    case 'refused':
      return plan && changesAnything(plan) ? `${name} can't be ${refusedWord(plan)}` : `${name} was left unchanged`;
    case 'failed':
      return `${name}${failedWords(outcome)}`;
    case 'not done':
      return `${name}: nothing was done`;
    default:
      if (!plan) return `${name}: planned`;
      return `${name}: ${driftIn(outcome) ? driftWords(outcome, source) : planWords(plan, outcome.kept)}`;
  }
}

function unchangedWords({ plan, kept }: ShareOutcome): string {
  const agreement = plan ? agreementOf(plan, kept) : 'in sync';
  switch (agreement) {
    case 'extras':
      return 'is unchanged, but has unlisted items';
    case 'kept':
      return `was ${AGREEMENT_WORDS.kept}`;
    case 'differs':
      return 'is unchanged';
    case 'in sync':
      return `is ${AGREEMENT_WORDS['in sync']} and unchanged`;
    default:
      return `is ${AGREEMENT_WORDS[agreement]}`;
  }
}

/** For a failed share, says which part was done before the failure. */
function failedWords({ outcome, share }: ShareOutcome): string {
  const id = share === undefined ? '' : ` (${share.id})`;
  if (outcome === 'updated') return `${id} was partly updated`;
  return outcome === 'created' || outcome === 'deleted'
    ? `${id} was ${outcome}, but not every step was done`
    : ' failed';
}

const refusedWord = ({ action }: SharePlan): string =>
  ({
    none: 'changed',
    create: 'created',
    update: 'updated',
    replace: 'replaced',
    delete: 'deleted',
  })[action];

const FEW = 3;

/**
 * How a share differs from the inputs or the file: its changes and extras.
 * @param names name the extras instead of only counting them
 */
export function driftWords({ plan, desired }: ShareOutcome, source: Source, names?: Names): string {
  if (!plan) return 'the differences are unknown';
  const list = source.kind === 'config' ? 'file does' : 'inputs do';
  const extras = itemsOf(plan).filter(({ op }) => op === 'extra');
  const counts = ITEM_KINDS.flatMap((kind) => {
    const n = extras.filter((each) => each.kind === kind).length;
    return n > 0 ? [count(n, kind)] : [];
  });
  const few = names
    ? `: ${firstFew(
        extras.map((each) => withNames(itemWords(each), names)),
        FEW,
      )}`
    : '';
  return [
    // Don't say that the share still exists, because nobody requested its deletion: it just isn't in the file.
    ...(desired.unlisted ? [`a share that the ${list} not list`] : []),
    ...(plan.action === 'create' ? ['the share does not exist'] : []),
    ...(plan.action === 'delete' && !desired.unlisted ? ['the share still exists'] : []),
    ...(changesAnything(plan) ? [changeWords(plan)] : []),
    ...(extras.length > 0 ? [`${counts.join(' and ')} that the ${list} not list${few}`] : []),
  ].join('; ');
}

/** Numbers with their words. */
type Counts = readonly (readonly [n: number, words: string])[];

function numbers(outcomes: readonly ShareOutcome[]): (result: Result) => number {
  const byResult = new Map<Result, number>();
  for (const outcome of outcomes) {
    const result = resultOf(outcome);
    byResult.set(result, (byResult.get(result) ?? 0) + 1);
  }
  return (result) => byResult.get(result) ?? 0;
}

const some = (counts: Counts): Counts => counts.filter(([n]) => n > 0);

/** What a plan would do, deletions first. Refused shares aren't counted. */
export function planCounts(outcomes: readonly ShareOutcome[]): Counts {
  const of = numbers(outcomes);
  const more = outcomes.filter((each) => resultOf(each) === 'none' && each.plan && extrasIn(each.plan) > 0).length;
  return some([
    [of('delete'), 'to delete'],
    [of('replace'), 'to replace'],
    [of('create'), 'to create'],
    [of('update'), 'to update'],
    [of('none'), more > 0 ? `without change (${more} with unlisted items)` : 'without change'],
    [of('unlisted'), AGREEMENT_WORDS.unlisted],
  ]);
}

/** What was done. Failed shares aren't counted. */
export function outcomeCounts(outcomes: readonly ShareOutcome[]): Counts {
  const of = numbers(outcomes);
  return some([
    ...(['created', 'updated', 'replaced', 'deleted', 'unchanged'] as const).map(
      (result) => [of(result), result] as const,
    ),
    [of('unlisted'), AGREEMENT_WORDS.unlisted],
  ]);
}

/** What wasn't done. */
export function failureCounts(outcomes: readonly ShareOutcome[]): Counts {
  const of = numbers(outcomes);
  return some([
    [of('refused'), "can't be changed"],
    [of('failed'), 'failed'],
    [of('not done'), 'not reached'],
  ]);
}

/** `1 to delete, 2 to update` */
export const countsWords = (counts: Counts): string =>
  counts.map(([n, words]) => `${n} ${words}`).join(', ') || 'nothing was done';

/**
 * How many recipients have the share, and how long that took. Empty if they weren't read, or if the share is being
 * deleted.
 */
export function associationWords({ plan, recipients, waitedMs }: ShareOutcome): string {
  if (recipients === undefined || plan?.action === 'delete') return '';
  const live = liveRecipients(recipients);
  if (live.length === 0) return '';
  const failed = live.filter(failedPermanently).length;
  const associated = live.filter(isAssociated).length;
  const waited = waitedMs === undefined ? '' : `; that took ${seconds(waitedMs)}`;
  if (associated === live.length)
    return live.length === 1
      ? `The recipient is associated${waited}`
      : `${live.length === 2 ? 'Both' : `All ${live.length}`} recipients are associated${waited}`;
  const pending = live.length - associated - failed;
  return `${associated} of ${count(live.length, 'recipient')} ${associated === 1 || live.length === 1 ? 'is' : 'are'} associated${pending > 0 ? ' so far' : ''}${failed > 0 ? `, ${failed} failed permanently` : ''}`;
}

const seconds = (ms: number): string =>
  ms < 10_000
    ? `${(ms / 1000).toFixed(1)} s`
    : ms < 120_000
      ? `${Math.round(ms / 1000)} s`
      : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;

// The first two lines of the report: its title, and the result in one line. Pure.

import type { ShareOutcome } from '../share/outcome.ts';
import { changesAnything, type SharePlan } from '../share/plan.ts';
import { count } from '../share/words.ts';
import { isOfMany, type Report } from './contents.ts';
import { countsWords, outcomeCounts, planCounts } from './counts.ts';
import { effectsOfOutcome, peopleOf, peopleWords } from './effects.ts';
import { extraCounts, extrasOf } from './extras.ts';
import {
  associationWords,
  driftIn,
  failureIn,
  KEPT,
  nameOfShare,
  onlyProblemsKnown,
  type Result,
  resultOf,
  sentence,
} from './outcome-words.ts';
import { NOTHING_SENT, whyNotStarted } from './problems.ts';
import { code, prose } from './text.ts';

export function title(report: Report): string {
  const { mode, source, outcomes, share } = report;
  const [only] = outcomes;
  const name = (only && nameOfShare(only)) || share?.name || share?.shareId;
  const what = source.kind === 'config' ? code(source.file) : name ? `share ${code(name)}` : 'a share';
  if (mode === 'plan') return `### ${outcomes.every(onlyProblemsKnown) ? 'No plan' : 'Plan'} for ${what}`;
  if (mode === 'delete') return `### Deletion of ${source.kind === 'config' ? `the shares of ${what}` : what}`;
  if (mode === 'check') return `### Check of ${what}`;
  if (mode === 'export') return `### Export to ${what}`;
  return source.kind === 'config' ? `### Shares of ${what}` : `### ${what.charAt(0).toUpperCase()}${what.slice(1)}`;
}

/** The result in one line: shares, then recipients, then what cannot be done. */
export function headline(report: Report): string {
  const { mode, outcomes, inputProblems = [] } = report;
  const older = mode === 'plan' ? ' An earlier plan in this place is no longer valid.' : '';
  if (inputProblems.length > 0) return `${refusedInputs(report)}${older}`;
  const [only] = outcomes;
  if (!only) return '**No shares.** Nothing was done.';
  if (mode === 'plan' && outcomes.every(onlyProblemsKnown))
    return `**Planning failed${outcomes.length > 1 ? ` for all ${outcomes.length} shares` : ''}.** Nothing was changed.${older}`;
  const drift = outcomes.some(driftIn) ? 'Drift: ' : '';
  const people = peopleWords(peopleOf(outcomes.flatMap(effectsOfOutcome)), mode === 'plan' ? 'future' : 'past');
  const withPeople = people === '' ? '' : `; ${people}`;
  const nothing = mode === 'plan' ? ' Nothing was changed.' : '';
  if (isOfMany(report)) return `**${drift}${manyShares(report, withPeople)}${failedWords(report)}.**${nothing}`;
  const failed = failureIn(only);
  const words =
    mode === 'plan' && !failed && only.plan
      ? onePlan(only, only.plan, report)
      : prose(sentence(only, report.source, report.names));
  const association = failed || mode === 'plan' ? '' : associationWords(only);
  return `**${drift}${words}${withPeople}.**${association === '' ? '' : ` ${prose(association)}.`}${nothing}`;
}

function refusedInputs({ inputProblems = [], source }: Report): string {
  const where = source.kind === 'config' ? 'the file or the inputs' : 'the inputs';
  return `**${whyNotStarted(inputProblems, where)}.** ${NOTHING_SENT}`;
}

/** The headline of many shares. Extras are counted where they are drift. */
function manyShares(report: Report, withPeople: string): string {
  const { outcomes, source, names } = report;
  const extras = outcomes.some(driftIn) ? extrasOf(outcomes, names) : [];
  const counted = `${sharesCounted(report)}${withPeople}`;
  if (extras.length === 0) return counted;
  const extraWords = extraCounts(extras, source);
  const somethingChanges = outcomes.some(({ plan }) => plan && changesAnything(plan));
  return somethingChanges ? `${counted}; ${extraWords}` : extraWords;
}

/** The headline of a plan of one share. */
function onePlan(outcome: ShareOutcome, { action }: SharePlan, { source, names }: Report): string {
  const extras = extrasOf([outcome], names);
  const extraWords = extras.length === 0 ? '' : extraCounts(extras, source);
  if (action !== 'none') return `1 share to ${action}${driftIn(outcome) && extraWords !== '' ? `, ${extraWords}` : ''}`;
  if (extraWords !== '') return driftIn(outcome) ? extraWords : `No change: what is listed is there, and ${extraWords}`;
  if (outcome.kept) return `No change: the share is ${prose(KEPT)}`;
  return outcome.desired.state === 'absent'
    ? 'The share is gone already: there is nothing to delete'
    : 'No change: the share is as written';
}

function sharesCounted({ mode, outcomes }: Report): string {
  // What is not in the file is said beside it.
  const listed = outcomes.filter(({ plan }) => !plan?.unlisted);
  const counts = mode === 'plan' ? planCounts(listed) : outcomeCounts(listed);
  const [first, ...rest] = counts;
  if (!first) return 'No share was finished';
  return [`${count(first[0], 'share')} ${first[1]}`, ...(rest.length > 0 ? [countsWords(rest)] : [])].join(', ');
}

function failedWords({ outcomes }: Report): string {
  const of = (result: Result): number => outcomes.filter((outcome) => resultOf(outcome) === result).length;
  const counts = [
    [of('refused'), 'cannot be done'],
    [of('failed'), 'failed'],
    [of('not done'), 'not reached'],
  ] as const;
  return counts
    .filter(([n]) => n > 0)
    .map(([n, words]) => `; ${n} ${words}`)
    .join('');
}

// The first two lines of the report: its title, and the result in one line. Pure.

import { effectsOfOutcome, peopleOf } from '../share/effects.ts';
import { driftIn, failureIn, nameOfShare, onlyProblemsKnown, type ShareOutcome } from '../share/outcome.ts';
import { agreementOf, changesAnything, type SharePlan } from '../share/plan.ts';
import { AGREEMENT_WORDS } from '../share/plan-words.ts';
import { count } from '../share/words.ts';
import { isOfMany, type Report } from './contents.ts';
import { peopleWords } from './effect-lines.ts';
import { extraCounts, extrasOf } from './extras.ts';
import { associationWords, countsWords, failureCounts, outcomeCounts, planCounts, sentence } from './outcome-words.ts';
import { nothingDone, whyNotStarted } from './problems.ts';
import { code, prose } from './text.ts';

export function title(report: Report): string {
  const { mode, source, outcomes, share } = report;
  const [only] = outcomes;
  const name = (only && nameOfShare(only)) || share?.name || share?.shareId;
  const what = source.kind === 'config' ? code(source.file) : name ? `share ${code(name)}` : 'a share';
  if (mode === 'plan') return `### ${outcomes.every(onlyProblemsKnown) ? 'No plan' : 'Plan'} for ${what}`;
  if (mode === 'delete') return `### Deletion of ${isOfMany(report) ? `the shares of ${what}` : what}`;
  if (mode === 'check') return `### Check of ${what}`;
  if (mode === 'export') return `### Export to ${what}`;
  return isOfMany(report) ? `### Shares of ${what}` : `### ${what.charAt(0).toUpperCase()}${what.slice(1)}`;
}

/** The result in one line: shares, then recipients, then what can't be done. */
export function headline(report: Report): string {
  const { mode, outcomes, inputProblems } = report;
  const older = mode === 'plan' ? ' Any earlier plan shown here is no longer valid.' : '';
  if (inputProblems.length > 0) return `${refusedInputs(report)}${older}`;
  const [only] = outcomes;
  if (!only) return '**No shares.** Nothing was done.';
  if (mode === 'plan' && outcomes.every(onlyProblemsKnown))
    return `**Planning failed${outcomes.length > 1 ? ` for all ${outcomes.length} shares` : ''}.** Nothing was changed.${older}`;
  const drift = outcomes.some(driftIn) ? 'Drift: ' : '';
  const people = peopleWords(peopleOf(outcomes.flatMap(effectsOfOutcome)), mode === 'plan' ? 'future' : 'past');
  const withPeople = people === '' ? '' : `; ${people}`;
  const nothing = mode === 'plan' ? ' Nothing was changed.' : '';
  if (isOfMany(report)) return `**${drift}${manyShares(report, withPeople)}${failuresCounted(outcomes)}.**${nothing}`;
  const failed = failureIn(only);
  const words =
    mode === 'plan' && !failed && only.plan ? onePlan(only, only.plan, report) : prose(sentence(only, report.source));
  const association = failed || mode === 'plan' ? '' : associationWords(only);
  return `**${drift}${words}${withPeople}.**${association === '' ? '' : ` ${prose(association)}.`}${nothing}`;
}

function refusedInputs(report: Report): string {
  const { inputProblems, source } = report;
  const where = source.kind === 'config' ? 'the file or the inputs' : 'the inputs';
  return `**${whyNotStarted(inputProblems, where)}.** ${nothingDone(report)}`;
}

/** The headline for several shares. Extras are counted if they are drift. */
function manyShares(report: Report, withPeople: string): string {
  const { outcomes, source, names } = report;
  const extras = outcomes.some(driftIn) ? extrasOf(outcomes, names) : [];
  const counted = `${sharesCounted(report)}${withPeople}`;
  if (extras.length === 0) return counted;
  const extraWords = extraCounts(extras, source);
  const somethingChanges = outcomes.some(({ plan }) => plan && changesAnything(plan));
  return somethingChanges ? `${counted}; ${extraWords}` : extraWords;
}

/** The headline of a plan for one share. */
function onePlan(outcome: ShareOutcome, plan: SharePlan, { source, names }: Report): string {
  const agreement = agreementOf(plan, outcome.kept);
  const extras = extrasOf([outcome], names);
  const extraWords = extras.length === 0 ? '' : extraCounts(extras, source);
  switch (agreement) {
    case 'differs':
      return `1 share to ${plan.action}${driftIn(outcome) && extraWords !== '' ? `, ${extraWords}` : ''}`;
    case 'extras':
      return driftIn(outcome) ? extraWords : `No change, but the share also has ${extraWords}`;
    default:
      return `No change: the share is ${prose(AGREEMENT_WORDS[agreement])}`;
  }
}

function sharesCounted({ mode, outcomes }: Report): string {
  // Shares that aren't in the file are counted with the extras.
  const listed = outcomes.filter(({ plan }) => !plan?.unlisted);
  const [first, ...rest] = mode === 'plan' ? planCounts(listed) : outcomeCounts(listed);
  if (!first) return 'No share was finished';
  return [`${count(first[0], 'share')} ${first[1]}`, ...(rest.length > 0 ? [countsWords(rest)] : [])].join(', ');
}

const failuresCounted = (outcomes: readonly ShareOutcome[]): string =>
  failureCounts(outcomes)
    .map(([n, words]) => `; ${count(n, 'share')} ${words}`)
    .join('');

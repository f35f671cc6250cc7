// The last line of the log: the result of the run. Pure.

import { type Names, withNames } from '../share/names.ts';
import { driftIn, failureIn, nameOfShare, resultOf, type ShareOutcome } from '../share/outcome.ts';
import { type Step, type Steps, shareNameIn, wordsOf } from '../share/steps.ts';
import { count, firstFew, quoted } from '../share/words.ts';
import { afterUnknown, isOfMany, type Report } from './contents.ts';
import { countsWords, outcomeCounts, planCounts, sentence } from './outcome-words.ts';
import { nothingDone, whyNotStarted } from './problems.ts';

const STEPS_SHOWN = 20;

export function lastLine(report: Report): string {
  const { outcomes, source, mode, inputProblems, unwritten } = report;
  if (inputProblems.length > 0) return `${whyNotStarted(inputProblems, 'the inputs')}. ${nothingDone(report)}`;
  const [only] = outcomes;
  const many = isOfMany(report) || !only;
  if (outcomes.some(failureIn)) {
    const steps = stepsLine(report, many);
    return many ? `${outcomesLine(report)}. ${steps}` : steps;
  }
  const words = many ? outcomesLine(report) : sentence(only, source);
  const undone = unwritten ? ' Not done: write the plan to plan-file.' : '';
  return `${words}.${undone}${mode === 'plan' ? ' Nothing was changed (mode: plan).' : ''}`;
}

/** `3 shares: 2 created; failed: "WAF baseline"` */
function outcomesLine({ mode, outcomes }: Report): string {
  const counts = mode === 'plan' ? planCounts(outcomes) : outcomeCounts(outcomes);
  const named = (what: string, of: (outcome: ShareOutcome) => boolean): string => {
    const names = outcomes.filter(of).map((outcome) => quoted(nameOfShare(outcome)));
    return names.length === 0 ? '' : `; ${what}: ${firstFew(names, STEPS_SHOWN, ', ')}`;
  };
  const refused = (outcome: ShareOutcome): boolean => resultOf(outcome) === 'refused';
  return [
    `${count(outcomes.length, 'share')}: ${countsWords(counts)}`,
    named('failed', (outcome) => failureIn(outcome) && !refused(outcome)),
    named("can't be changed", refused),
    named('not reached', (outcome) => resultOf(outcome) === 'not done'),
    named('drift', (outcome) => driftIn(outcome) && !failureIn(outcome)),
  ].join('');
}

/** The steps of all shares: done, not done, unknown. */
function stepsLine(report: Report, many: boolean): string {
  const { outcomes, names } = report;
  const of = (which: keyof Steps): string =>
    firstFew(
      outcomes.flatMap((outcome) => outcome.steps[which].map((step) => stepWords(step, outcome, names, many))),
      STEPS_SHOWN,
    );
  const [done, notDone, notKnown] = [of('done'), of('notDone'), of('notKnown')];
  const subject = outcomes.flatMap(({ steps }) => steps.notKnown).length === 1 ? 'it' : 'they';
  return [
    `Done: ${done || 'nothing'}.`,
    ...(notDone === '' ? [] : [`Not done: ${notDone}.`]),
    ...(notKnown === '' ? [] : [`Not known: ${notKnown} - ${subject} may have taken effect; ${afterUnknown(report)}.`]),
  ].join(' ');
}

function stepWords(step: Step, outcome: ShareOutcome, names: Names, many: boolean): string {
  const share = nameOfShare(outcome);
  const words = withNames(wordsOf(step), names, share);
  return many && shareNameIn(step) !== share ? `${quoted(share)}: ${words}` : words;
}

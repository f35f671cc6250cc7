// The section of one share, in Markdown: its steps, its changes, its recipients. Pure.

import type { ShareOutcome } from '../share/outcome.ts';
import { type Step, wordsOf } from '../share/steps.ts';
import { count, firstFew } from '../share/words.ts';
import { isOfMany, type Report } from './contents.ts';
import { type Block, type Frame, RANK } from './cut.ts';
import { withNamesIn } from './names.ts';
import { allAssociated, associationWords, failureIn, nameOfShare, resultOf, urgencyOf } from './outcome-words.ts';
import { changeLines } from './plan-lines.ts';
import { diagram, recipientsTable } from './recipients.ts';
import { code, fenceOf, prose } from './text.ts';

const STEPS_SHOWN = 20;
const DIAGRAMS_MAX = 5;
const SECTIONS_OPEN_MAX = 5;

/** Steps, changes and recipients of one share. Of many shares, each folds away. */
export function shareSection(outcome: ShareOutcome, report: Report, details: boolean): (Block | Frame)[] {
  const blocks = [
    ...stepsOf(outcome, report),
    ...changesOf(outcome, report),
    ...(details ? recipientsOf(outcome, report) : []),
  ];
  const [first] = blocks;
  if (!isOfMany(report) || !first) return blocks;
  const differing = report.outcomes.filter((each) => urgencyOf(each) > 0).length;
  const open = differing <= SECTIONS_OPEN_MAX ? ' open' : '';
  const what = resultOf(outcome) === 'refused' ? ': what would be needed' : '';
  const summary = `<details${open}><summary>${code(nameOfShare(outcome))}${what}</summary>`;
  return [{ open: summary, blocks, close: '</details>', rank: first.rank }];
}

/** The steps of a failed share: done, not done, not known. */
function stepsOf(outcome: ShareOutcome, { names, mode }: Report): Block[] {
  const { done, notDone, notKnown } = outcome.steps;
  if (mode === 'plan' || !failureIn(outcome) || done.length + notDone.length + notKnown.length === 0) return [];
  const list = (words: string, steps: readonly Step[]): string[] =>
    steps.length > 0
      ? [
          `- ${words}: ${firstFew(
            steps.map((step) => prose(withNamesIn(wordsOf(step), names, nameOfShare(outcome)))),
            STEPS_SHOWN,
          )}`,
        ]
      : [];
  return [
    {
      lines: [
        ...list('✅ **Done**', done),
        ...list('❌ **Not done**', notDone),
        ...list('❔ **Not known** (look before you repeat it)', notKnown),
      ],
      rank: RANK.steps,
    },
  ];
}

/** The plan as a diff. A failed share has its steps instead. */
function changesOf(outcome: ShareOutcome, { names, mode }: Report): Block[] {
  const { plan } = outcome;
  if (!plan || (failureIn(outcome) && mode !== 'plan')) return [];
  const changes = changeLines(plan, names);
  if (changes.length === 0) return [];
  const { lines, fence } = fenceOf(changes);
  return [
    {
      head: [`${fence}diff`],
      lines,
      foot: [fence],
      more: (n) => `    … and ${count(n, 'line')} more`,
      rank: RANK.changes,
    },
  ];
}

/** Recipients, where the plan does not say everything about them. */
function recipientsOf(outcome: ShareOutcome, report: Report): Block[] {
  if (isOfMany(report) && urgencyOf(outcome) === 0) return [];
  const words = associationWords(outcome);
  const withWords = isOfMany(report) || report.mode === 'plan';
  const tableAddsNothing =
    (report.mode === 'plan' || resultOf(outcome) === 'refused') && allAssociated(outcome.recipients ?? []);
  return [
    ...(withWords && words !== '' ? [{ lines: [`${prose(words)}.`], rank: RANK.recipients }] : []),
    ...(tableAddsNothing ? [] : recipientsTable(outcome, report.names)),
    ...(report.outcomes.length <= DIAGRAMS_MAX ? diagram(outcome, report.names) : []),
  ];
}

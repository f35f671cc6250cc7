// What the report says about each share, in Markdown: its steps, changes and recipients. With many shares, the table
// already has a row for each of them, so the sections are grouped by what they show, and each group collapses as a
// whole. Pure.

import { allAssociated } from '../share/association.ts';
import { withNames } from '../share/names.ts';
import { failureIn, nameOfShare, resultOf, type ShareOutcome, urgencyOf } from '../share/outcome.ts';
import { type Step, wordsOf } from '../share/steps.ts';
import { count, firstFew } from '../share/words.ts';
import { afterUnknown, isOfMany, type Report } from './contents.ts';
import { type Block, type Frame, RANK } from './cut.ts';
import { associationWords } from './outcome-words.ts';
import { changeLines } from './plan-lines.ts';
import { diagram, recipientsTable } from './recipients.ts';
import { code, fenceOf, prose } from './text.ts';

const STEPS_SHOWN = 20;
const DIAGRAMS_MAX = 5;
const SECTIONS_OPEN_MAX = 5;

/** Steps, changes and recipients. What needs attention comes first. */
export function shareSections(report: Report, details: boolean): (Block | Frame)[] {
  const outcomes = [...report.outcomes].sort((a, b) => urgencyOf(b) - urgencyOf(a));
  const parts = {
    Steps: outcomes.map((outcome) => stepsOf(outcome, report)),
    Changes: outcomes.map((outcome) => changesOf(outcome, report)),
    Recipients: outcomes.map((outcome) => (details ? recipientsOf(outcome, report) : [])),
  };
  if (!isOfMany(report)) return Object.values(parts).flat(2);
  return Object.entries(parts).flatMap(([what, blocksOf]) => {
    const shown = blocksOf.flatMap((blocks, i) => {
      const [first, ...rest] = blocks;
      const outcome = outcomes[i];
      return first && outcome ? [{ named: headed(first, outcome), rest }] : [];
    });
    const [first] = shown;
    if (!first) return [];
    const open = shown.length <= SECTIONS_OPEN_MAX ? ' open' : '';
    return [
      {
        open: `<details${open}><summary>${what} of ${count(shown.length, 'share')}</summary>`,
        blocks: shown.flatMap(({ named, rest }) => [named, ...rest]),
        close: '</details>',
        rank: first.named.rank,
      },
    ];
  });
}

/** A block under the name of its share. */
function headed(block: Block, outcome: ShareOutcome): Block {
  const what = resultOf(outcome) === 'refused' ? ': the changes that would be needed' : '';
  return { ...block, head: [`**${code(nameOfShare(outcome))}**${what}`, '', ...(block.head ?? [])] };
}

/** The steps of a failed share: done, not done, unknown. */
function stepsOf(outcome: ShareOutcome, report: Report): Block[] {
  const { names, mode } = report;
  const { done, notDone, notKnown } = outcome.steps;
  if (mode === 'plan' || !failureIn(outcome) || done.length + notDone.length + notKnown.length === 0) return [];
  const list = (words: string, steps: readonly Step[]): string[] =>
    steps.length > 0
      ? [
          `- ${words}: ${firstFew(
            steps.map((step) => prose(withNames(wordsOf(step), names, nameOfShare(outcome)))),
            STEPS_SHOWN,
          )}`,
        ]
      : [];
  return [
    {
      lines: [
        ...list('✅ **Done**', done),
        ...list('❌ **Not done**', notDone),
        ...list(`❔ **Not known** (${afterUnknown(report)})`, notKnown),
      ],
      rank: RANK.steps,
    },
  ];
}

/** The plan as a diff. A failed share shows its steps instead. */
function changesOf(outcome: ShareOutcome, report: Report): Block[] {
  const { plan } = outcome;
  if (!plan || (failureIn(outcome) && report.mode !== 'plan')) return [];
  const changes = changeLines(plan, report);
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

/**
 * Recipients, unless the plan already says everything about them. In a plan, their state is the one before it is
 * applied, and there is no diagram, because it would show what the plan is about to change.
 */
function recipientsOf(outcome: ShareOutcome, report: Report): Block[] {
  const planning = report.mode === 'plan';
  const { plan, recipients = [] } = outcome;
  if (plan?.action === 'delete' || (isOfMany(report) && urgencyOf(outcome) === 0)) return [];
  if ((planning || resultOf(outcome) === 'refused') && allAssociated(recipients)) return [];
  const words = associationWords(outcome);
  // Not every recipient is associated, so the words begin with a number.
  const shown = planning ? `Before this plan is applied, ${words}` : words;
  return [
    ...((isOfMany(report) || planning) && words !== '' ? [{ lines: [`${prose(shown)}.`], rank: RANK.recipients }] : []),
    ...recipientsTable(outcome, report.names),
    ...(planning || report.outcomes.length > DIAGRAMS_MAX ? [] : diagram(outcome, report.names)),
  ];
}

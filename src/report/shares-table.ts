// The table of shares, in Markdown. Pure.

import {
  failureIn,
  nameOfShare,
  onlyProblemsKnown,
  type Result,
  resultOf,
  type ShareOutcome,
  urgencyOf,
} from '../share/outcome.ts';
import { agreementOf } from '../share/plan.ts';
import { AGREEMENT_WORDS, changeCounts } from '../share/plan-words.ts';
import { count, firstFew } from '../share/words.ts';
import type { Report } from './contents.ts';
import { type Block, RANK } from './cut.ts';
import { associationWords } from './outcome-words.ts';
import { code, prose } from './text.ts';

/** The marks of the rows. Shares with any other result have no row. */
const RESULT: Readonly<Partial<Record<Result, string>>> = {
  create: '🟢 create',
  update: '🟡 update',
  replace: '🟠 replace',
  delete: '🔴 delete',
  refused: "⛔ can't be done",
  failed: '❌ failed',
  'not done': '⚪ not reached',
  created: '🟢 created',
  updated: '🟡 updated',
  replaced: '🟠 replaced',
  deleted: '🔴 deleted',
};

const SHARES_OF_A_LINE = 10;

/** Shares that change or fail get a row each. The others are listed in one line per reason (in sync, kept, gone). */
export function sharesTable(report: Report, details: boolean): Block[] {
  const { outcomes } = report;
  // Only the problems of these are known, and the report lists them above the table.
  const failed = outcomes.filter(onlyProblemsKnown);
  const unchanged = outcomes.filter((outcome) => !hasRow(outcome) && !onlyProblemsKnown(outcome));
  return [
    ...rowsOf(report, details),
    ...oneLine('❌', failed, 'failed', RANK.shares),
    ...(['in sync', 'kept', 'gone'] as const).flatMap((agreement) =>
      oneLine(
        '⚪',
        unchanged.filter(({ plan, kept }) => (plan ? agreementOf(plan, kept) : 'in sync') === agreement),
        AGREEMENT_WORDS[agreement],
        RANK.rest,
      ),
    ),
  ];
}

const hasRow = (outcome: ShareOutcome): boolean => resultOf(outcome) in RESULT && !onlyProblemsKnown(outcome);

/** Ids are the last column, so that a phone shows what changes. */
function rowsOf({ outcomes, mode }: Report, details: boolean): Block[] {
  const shown = outcomes.filter(hasRow);
  const columns = [mode === 'plan' ? 'change' : 'outcome', 'share', 'what', ...(details ? ['id'] : [])];
  return [
    {
      head: [`| ${columns.join(' | ')} |`, `|${' --- |'.repeat(columns.length)}`],
      lines: shown.sort((a, b) => urgencyOf(b) - urgencyOf(a)).map((outcome) => row(outcome, mode, details)),
      more: (n: number) => `| … | and ${count(n, 'more share')} |${' |'.repeat(columns.length - 2)}`,
      rank: RANK.shares,
    },
  ];
}

function row(outcome: ShareOutcome, mode: Report['mode'], details: boolean): string {
  const id = outcome.share?.id ?? outcome.plan?.share_id;
  const planned = mode === 'plan' || failureIn(outcome);
  const what =
    (planned ? '' : associationWords(outcome)) || prose(outcome.plan ? changeCounts(outcome.plan).join(', ') : '');
  const cells = [RESULT[resultOf(outcome)], code(nameOfShare(outcome)), what, ...(details ? [id ? code(id) : ''] : [])];
  return `| ${cells.join(' | ')} |`;
}

function oneLine(mark: string, outcomes: readonly ShareOutcome[], what: string, rank: number): Block[] {
  if (outcomes.length === 0) return [];
  const names = outcomes.map((outcome) => code(nameOfShare(outcome)));
  return [
    { lines: [`${mark} ${count(names.length, 'share')} ${what}: ${firstFew(names, SHARES_OF_A_LINE, ', ')}`], rank },
  ];
}

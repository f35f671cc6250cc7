// The report in Markdown, for the job summary and for the comment on the pull request: one rendering, two sizes. Pure.

import { withName } from '../share/names.ts';
import { extrasCallout, problemsCallout } from './callouts.ts';
import { isOfMany, type Report } from './contents.ts';
import { type Block, cutToFit, type Frame, RANK } from './cut.ts';
import { EFFECTS_OF_COMMENT, EFFECTS_OF_SUMMARY, effectLines } from './effect-lines.ts';
import { headline, title } from './headline.ts';
import { urgencyOf } from './outcome-words.ts';
import { shareSection } from './share-section.ts';
import { sharesTable } from './shares-table.ts';
import { code, prose } from './text.ts';

interface Size {
  /** The report is cut before it has more bytes than this (in UTF-8: no character counts less than GitHub counts it). */
  bytesMax: number;
  /** Recipients, diagrams and ids of shares: for the summary. */
  details: boolean;
}

export const renderReport = (report: Report, { bytesMax, details }: Size): string =>
  rendererOf(report, { details })(bytesMax);

/** A report that is written in several lengths is put together once. */
export function rendererOf(report: Report, { details }: Pick<Size, 'details'>): (bytesMax: number) => string {
  const { outcomes, run } = report;
  const blocks: (Block | Frame)[] = [
    { lines: [title(report)], rank: RANK.title },
    { lines: [headline(report)], rank: RANK.title },
    ...problemsCallout(report),
    ...effectLines(report, details ? EFFECTS_OF_SUMMARY : EFFECTS_OF_COMMENT),
    ...extrasCallout(report),
    ...(isOfMany(report) ? sharesTable(report, details) : []),
    ...[...outcomes]
      .sort((a, b) => urgencyOf(b) - urgencyOf(a))
      .flatMap((outcome) => shareSection(outcome, report, details)),
  ];
  const where = run.url === undefined ? "the step's log" : `[the run](${encodeURI(run.url)})`;
  const end = footer(report);
  return (bytesMax) => cutToFit(blocks, end, bytesMax, where);
}

function footer({ run, accountId, names }: Report): string {
  const account = accountId === '' ? '' : `Account ${prose(withName(accountId, names))}`;
  const link = run.url === undefined ? '' : `[Run ${prose(run.id ?? '')}](${encodeURI(run.url)})`;
  const of = run.sha === undefined ? '' : `commit ${code(run.sha.slice(0, 12))}`;
  const by = run.actor === undefined ? '' : `by ${code(run.actor)}`;
  const text = [account, [link, of, by].filter((part) => part !== '').join(' ')]
    .filter((part) => part !== '')
    .join(' · ');
  return text === '' ? '' : `<sub>${text}</sub>`;
}

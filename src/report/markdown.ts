// The report in Markdown, for the job summary and for the comment on the pull request: one rendering, two sizes. Pure.

import { shortened } from '../secrets.ts';
import { withName } from '../share/names.ts';
import { nameOfShare } from '../share/outcome.ts';
import { isDeclined, type Problem } from '../share/problem.ts';
import { count, sharesWords } from '../share/words.ts';
import { isOfMany, type Report } from './contents.ts';
import { type Block, cutToFit, type Frame, RANK } from './cut.ts';
import { EFFECTS_OF_COMMENT, EFFECTS_OF_SUMMARY, effectLines } from './effect-lines.ts';
import { extraCounts, extrasOf, extraWords } from './extras.ts';
import { headline, title } from './headline.ts';
import { failuresOf, type MergedProblem, unrepeated } from './problems.ts';
import { shareSections } from './share-sections.ts';
import { sharesTable } from './shares-table.ts';
import { code, prose } from './text.ts';

interface Size {
  /** The maximum length of the report in UTF-8 bytes. GitHub counts characters, which are never more than bytes. */
  bytesMax: number;
  /** Show recipients, diagrams and ids of shares, as the summary does. */
  details: boolean;
}

export const renderReport = (report: Report, { bytesMax, details }: Size): string =>
  rendererOf(report, { details })(bytesMax);

/** Builds the report once, so that it can be rendered in several lengths. */
export function rendererOf(report: Report, { details }: Pick<Size, 'details'>): (bytesMax: number) => string {
  const { run } = report;
  const blocks: (Block | Frame)[] = [
    { lines: [title(report)], rank: RANK.title },
    { lines: [headline(report)], rank: RANK.title },
    callout(
      'CAUTION',
      'Apply refuses this plan unless it is reviewed or `removal-limit` is raised',
      report.cautions,
      report,
    ),
    problemsCallout(report),
    ...effectLines(report, details ? EFFECTS_OF_SUMMARY : EFFECTS_OF_COMMENT),
    callout('WARNING', report.mode === 'plan' ? 'Check these first' : 'Check these', report.warnings, report),
    extrasCallout(report),
    ...(isOfMany(report) ? sharesTable(report, details) : []),
    ...shareSections(report, details),
  ];
  const where = run.url === undefined ? "the step's log" : `[the run](${encodeURI(run.url)})`;
  const end = footer(report);
  return (bytesMax) => cutToFit(blocks, end, bytesMax, where);
}

const MESSAGE_CHARACTERS_MAX = 1_500;

/** What failed and what can't be done. */
function problemsCallout(report: Report): Block {
  const found = failuresOf(report);
  const heading = found.every(({ problem }) => isDeclined(problem)) ? "What can't be done" : 'What went wrong';
  return calloutOf('CAUTION', heading, found, report);
}

const callout = (kind: string, heading: string, problems: readonly Problem[], report: Report): Block =>
  calloutOf(
    kind,
    heading,
    unrepeated(problems).map((problem) => ({ problem, of: [] })),
    report,
  );

const calloutOf = (kind: string, heading: string, found: readonly MergedProblem[], report: Report): Block => ({
  head: [`> [!${kind}]`, `> **${heading}**`],
  lines: found.map((each) => `> - ${problemLine(each, report)}`),
  more: (n) => `> - … and ${count(n, 'more problem')}`,
  rank: RANK.problems,
});

function problemLine({ problem: { message, place }, of }: MergedProblem, report: Report): string {
  const shares = isOfMany(report) && of.length > 0 ? `${sharesWords(of.map(nameOfShare), code)}: ` : '';
  const at = place?.file === undefined || place.line === undefined ? '' : `${code(`${place.file}:${place.line}`)} `;
  // If the line of the file is shown, a label for the share's name adds nothing.
  const isOfName = at !== '' && of.some(({ desired }) => desired.placeOf(['name']).label === place?.label);
  const label = !place?.label || isOfName ? '' : `${code(place.label)}: `;
  return `${at}${shares}${label}${prose(shortened(message, MESSAGE_CHARACTERS_MAX))}`;
}

/** Unlisted items that stay. */
function extrasCallout({ outcomes, source, names }: Report): Block {
  const found = extrasOf(outcomes, names);
  return {
    head: [
      '> [!NOTE]',
      `> **Not listed, left unchanged: ${extraCounts(found, source)}.** \`prune: true\` removes them.`,
    ],
    lines: found.map((extra) => `> - ${extraWords(extra, { name: code, id: code, words: prose })}`),
    more: (n) => `> - … and ${n} more`,
    rank: RANK.extras,
  };
}

function footer({ run, accountId, names }: Report): string {
  const account = accountId === '' ? '' : `Account ${withName(accountId, names, { name: prose, id: code })}`;
  const link = run.url === undefined ? '' : `[Run ${prose(run.id ?? '')}](${encodeURI(run.url)})`;
  const of = run.sha === undefined ? '' : `commit ${code(run.sha.slice(0, 12))}`;
  const by = run.actor === undefined ? '' : `by ${code(run.actor)}`;
  const text = [account, [link, of, by].filter((part) => part !== '').join(' ')]
    .filter((part) => part !== '')
    .join(' · ');
  return text === '' ? '' : `<sub>${text}</sub>`;
}

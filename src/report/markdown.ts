// The report in Markdown, for the job summary and for the comment on the pull request: one rendering, two sizes.

import type { ShareResult } from '../apply/task.ts';
import type { RunContext } from '../inputs/settings.ts';
import { liveRecipients, type Recipient, type Share } from '../share/share.ts';
import type { Problem } from '../share/wish.ts';
import { count, quoted } from '../share/words.ts';
import { textOf } from './log.ts';
import { cautions, planHeadline, planLines } from './plan-lines.ts';
import { code, fenced, plain, prose } from './text.ts';

export interface Report {
  mode: 'apply' | 'plan' | 'delete';
  accountId: string;
  source: { kind: 'inputs' } | { kind: 'config'; file: string };
  results: readonly ShareResult[];
  run: RunContext;
}

export interface Size {
  /** The report is cut before it has more bytes than this (in UTF-8: no character counts less than GitHub counts it). */
  bytesMax: number;
  /** Tables of recipients and the diagram: for the summary. */
  details: boolean;
}

const RECIPIENTS_SHOWN = 50;
const DIAGRAM_RECIPIENTS_MAX = 12;
const DIAGRAMS_MAX = 5;
const LINES_OF_A_PLAN_MAX = 200;

const OUTCOME_MARK: Record<string, string> = {
  created: '🟢 created',
  updated: '🟡 updated',
  unchanged: '⚪ unchanged',
  deleted: '🔴 deleted',
  planned: '📋 planned',
};

export function renderReport(report: Report, { bytesMax, details }: Size): string {
  const { results } = report;
  const head = [title(report), headline(report), ...callouts(report), ...problems(results)];
  const table = results.length > 1 || details ? [sharesTable(report)] : [];
  const sections = [...results]
    .sort((a, b) => weight(b) - weight(a))
    .map((result) => section(result, results.length, details));
  return shorten([...head, ...table, ...sections], footer(report), bytesMax, report.run.url);
}

/** What needs eyes comes first, and is the last to be cut. */
const weight = ({ problems, plan }: ShareResult): number =>
  problems.length > 0 ? 3 : plan && cautions(plan).length > 0 ? 2 : plan && plan.action !== 'none' ? 1 : 0;

function title({ mode, source, results, accountId }: Report): string {
  const what = source.kind === 'config' ? code(source.file) : code(results[0]?.name || (results[0]?.share?.name ?? ''));
  const verb = { plan: 'Plan for', apply: 'Shares of', delete: 'Deletion of' }[mode];
  return `### ${source.kind === 'inputs' && mode === 'apply' ? 'Share' : verb} ${what} in account ${code(accountId)}`;
}

function headline({ mode, results }: Report): string {
  const failed = results.filter((result) => result.problems.length > 0).length;
  const failure = failed > 0 ? `**${count(failed, 'share')} failed.** ` : '';
  if (mode === 'plan')
    return `${failure}**${planHeadline(results.flatMap(({ plan }) => plan ?? []))}.** Nothing was changed.`;
  return `${failure}**${outcomeCounts(results)}.**`;
}

function outcomeCounts(results: readonly ShareResult[]): string {
  const counts = Object.keys(OUTCOME_MARK).flatMap((outcome) => {
    const n = results.filter((result) => result.outcome === outcome).length;
    return n > 0 ? [`${n} ${outcome}`] : [];
  });
  return counts.join(', ') || 'nothing was done';
}

function callouts({ mode, results }: Report): string[] {
  const lines = results.flatMap(({ plan }) =>
    plan ? cautions(plan).map((caution) => `> - ${code(plan.name)} ${prose(caution)}`) : [],
  );
  return lines.length > 0
    ? [
        `> [!WARNING]\n> **${mode === 'plan' ? 'Look at these first' : 'What this run was to take away or to widen'}**\n${lines.join('\n')}`,
      ]
    : [];
}

function problems(results: readonly ShareResult[]): string[] {
  const lines = results.flatMap((result) =>
    result.problems.map((problem: Problem) => `> - ${code(result.name)} ${prose(textOf(problem))}`),
  );
  return lines.length > 0 ? [`> [!CAUTION]\n> **What went wrong**\n${lines.join('\n')}`] : [];
}

function sharesTable({ results }: Report): string {
  const rows = results.map((result) => {
    const { name, outcome, share, recipients, problems: wrong } = result;
    const stands =
      wrong.length > 0 ? `❌ ${outcome ? `${outcome}, then failed` : 'failed'}` : (OUTCOME_MARK[outcome ?? ''] ?? '');
    const cells = [
      code(name || (share?.name ?? '')),
      stands,
      share ? code(share.id) : '',
      share ? prose(share.status) : '',
      share?.resources ? String(share.resources.filter(({ status }) => status === 'active').length) : '',
      recipients ? String(liveRecipients(recipients).length) : '',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| share | outcome | id | status | resources | recipients |',
    '| --- | --- | --- | --- | ---: | ---: |',
    ...rows,
  ].join('\n');
}

function section(result: ShareResult, ofHowMany: number, details: boolean): string {
  const many = ofHowMany > 1;
  const { plan, name, share, recipients, ledger } = result;
  const parts: string[] = [];
  if (plan && !(plan.action === 'none' && many)) {
    const lines = planLines(plan);
    const shown = lines.slice(0, LINES_OF_A_PLAN_MAX);
    if (lines.length > shown.length) shown.push(`  … and ${lines.length - shown.length} lines more`);
    parts.push(fenced('diff', shown));
  }
  if (result.problems.length > 0 && ledger.done.length + ledger.open.length + ledger.uncertain.length > 0) {
    const list = (words: string, steps: readonly string[]): string[] =>
      steps.length > 0
        ? [
            `- ${words}: ${steps.slice(0, 20).map(prose).join('; ')}${steps.length > 20 ? `; and ${steps.length - 20} more` : ''}`,
          ]
        : [];
    parts.push(
      [
        ...list('Done', ledger.done),
        ...list('Not done', ledger.open),
        ...list('Not known to be done', ledger.uncertain),
      ].join('\n'),
    );
  }
  if (details && share && recipients) {
    parts.push(recipientsTable(recipients), ...(ofHowMany <= DIAGRAMS_MAX ? diagram(share, recipients) : []));
  }
  if (parts.length === 0) return '';
  const text = parts.filter((part) => part !== '').join('\n\n');
  return many
    ? `<details${result.problems.length > 0 || (plan && plan.action !== 'none') ? ' open' : ''}><summary>${code(name)}</summary>\n\n${text}\n\n</details>`
    : text;
}

function recipientsTable(recipients: readonly Recipient[]): string {
  const errorOf = (r: Recipient): string =>
    (r.resources ?? [])
      .filter(({ error }) => error)
      .map(
        ({ error, resource_id, terminal }) =>
          `${code(resource_id)}: ${prose(error)}${terminal ? ' (terminal)' : ' (Cloudflare keeps trying)'}`,
      )
      .join('<br>');
  const order = ['associating', 'disassociating', 'associated', 'disassociated'];
  const sorted = [...recipients].sort(
    (a, b) =>
      Number(errorOf(b) !== '') - Number(errorOf(a) !== '') ||
      order.indexOf(a.association_status) - order.indexOf(b.association_status),
  );
  const rows = sorted
    .slice(0, RECIPIENTS_SHOWN)
    .map(
      (r) =>
        `| ${code(r.account_id)} | ${MARK[r.association_status] ?? ''} ${prose(r.association_status)} | ${errorOf(r)} |`,
    );
  const more =
    recipients.length > RECIPIENTS_SHOWN
      ? `\n\n… and ${count(recipients.length - RECIPIENTS_SHOWN, 'more recipient')} (output \`recipients\`)`
      : '';
  return ['| recipient | association | |', '| --- | --- | --- |', ...rows].join('\n') + more;
}

const MARK: Record<string, string> = { associated: '🟢', associating: '🟡', disassociating: '🟠', disassociated: '⚪' };

/** Owner -> share -> recipients, coloured by status, while that is small enough to read. */
function diagram(share: Share, recipients: readonly Recipient[]): string[] {
  const shown = recipients.filter((r) => r.association_status !== 'disassociated');
  if (shown.length === 0 || shown.length > DIAGRAM_RECIPIENTS_MAX) return [];
  // Mermaid's own entities: whatever is in a name, it is a label.
  const label = (text: string): string =>
    `"${plain(text).replace(/[^\p{L}\p{N} .,_-]/gu, (c) => `#${c.codePointAt(0)};`)}"`;
  const state = (r: Recipient): string => (r.association_status in MARK ? r.association_status : 'other');
  return [
    fenced('mermaid', [
      'flowchart LR',
      `  owner[${label(share.account_name || share.account_id || 'owner')}] --> share([${label(share.name)}])`,
      ...shown.map((r, i) => `  share --> r${i}[${label(r.account_id)}]:::${state(r)}`),
      '  classDef associated fill:#d3f3dc,stroke:#1a7f37,color:#000',
      '  classDef associating fill:#fff3c4,stroke:#9a6700,color:#000',
      '  classDef disassociating fill:#ffe2cc,stroke:#bc4c00,color:#000',
      '  classDef other fill:#eee,stroke:#666,color:#000',
    ]),
  ];
}

function footer({ run }: Report): string {
  const by = run.actor === undefined ? '' : ` by ${code(run.actor)}`;
  const of = run.sha === undefined ? '' : ` of commit ${code(run.sha.slice(0, 12))}`;
  const link = run.url === undefined ? '' : `[Run ${prose(run.id ?? '')}](${encodeURI(run.url)})`;
  const text = `${link}${of}${by}`.trim();
  return text === '' ? '' : `<sub>${text}</sub>`;
}

/** As many blocks as there is room for, and a word about the rest. */
function shorten(blocks: readonly string[], end: string, bytesMax: number, url: string | undefined): string {
  const present = blocks.filter((block) => block !== '');
  const where = url === undefined ? "the step's log" : `[the run](${encodeURI(url)})`;
  const note = (n: number): string =>
    `_${count(n, 'more part')} left out: too long to be shown here. All of it is in ${where}._`;
  const bytes = (text: string): number => Buffer.byteLength(text) + 2;
  let left = bytesMax - bytes(end) - bytes(note(present.length));
  const shown: string[] = [];
  let skipped = 0;
  for (const block of present) {
    if (bytes(block) <= left) {
      shown.push(block);
      left -= bytes(block);
    } else skipped += 1;
  }
  return `${[...shown, ...(skipped > 0 ? [note(skipped)] : []), ...(end === '' ? [] : [end])].join('\n\n')}\n`;
}

/** One line for the log: what came of all. */
export function outcomeLine({ mode, results }: Report): string {
  const failed = results.filter((result) => result.problems.length > 0);
  const came = mode === 'plan' ? planHeadline(results.flatMap(({ plan }) => plan ?? [])) : outcomeCounts(results);
  const failure =
    failed.length === 0
      ? ''
      : `; failed: ${failed
          .slice(0, 20)
          .map(({ name }) => quoted(name))
          .join(', ')}`;
  return `${count(results.length, 'share')}: ${came}${failure}`;
}

// The association of a share's recipients, in Markdown: a table and a diagram. Pure.

import { shortened } from '../secrets.ts';
import { failedPermanently } from '../share/association.ts';
import { type Names, nameOf, shortId, withName } from '../share/names.ts';
import type { ShareOutcome } from '../share/outcome.ts';
import type { Recipient, Share } from '../share/share.ts';
import { count } from '../share/words.ts';
import { type Block, RANK } from './cut.ts';
import { code, fenceOf, plain, prose, withoutMarkup } from './text.ts';

const RECIPIENTS_SHOWN = 50;
export const DIAGRAM_RECIPIENTS_MAX = 12;
const ERROR_CHARACTERS_MAX = 300;

/** What needs attention comes first. */
const STATES = ['failed', 'associating', 'disassociating', 'associated', 'disassociated', 'other'] as const;
type State = (typeof STATES)[number];

const MARK: Record<State, string> = {
  failed: '🔴 failed permanently',
  associating: '🟡 associating',
  disassociating: '🟠 disassociating',
  associated: '🟢 associated',
  disassociated: '⚪ disassociated',
  other: '',
};

/** Cloudflare's words for states. */
const KNOWN = STATES.filter((state) => state !== 'failed');

function stateOf(recipient: Recipient): State {
  if (failedPermanently(recipient)) return 'failed';
  return KNOWN.find((state) => state === recipient.association_status) ?? 'other';
}

const sorted = (recipients: readonly Recipient[]): Recipient[] =>
  [...recipients].sort(
    (a, b) => STATES.indexOf(stateOf(a)) - STATES.indexOf(stateOf(b)) || errorsOf(b).length - errorsOf(a).length,
  );

const errorsOf = ({ resources }: Recipient) => (resources ?? []).filter(({ error }) => error);

/** The id is the last column, so that a phone shows states, names and errors without scrolling. */
export function recipientsTable({ recipients = [] }: ShareOutcome, names: Names): Block[] {
  if (recipients.length === 0) return [];
  const error = (r: Recipient): string =>
    errorsOf(r)
      .map(
        ({ error: message, resource_id, terminal }) =>
          `${prose(shortened(message ?? '', ERROR_CHARACTERS_MAX))}${terminal ? '' : ' (Cloudflare keeps retrying)'}: ${withName(resource_id ?? '', names, { name: prose, id: code })}`,
      )
      .join('<br>');
  const all = [
    { title: 'association', cell: (r: Recipient) => MARK[stateOf(r)] || prose(r.association_status) },
    { title: 'recipient', cell: (r: Recipient) => prose(nameOf(r.account_id, names) ?? '') },
    { title: 'error', cell: error },
    { title: 'id', cell: (r: Recipient) => code(r.account_id) },
  ];
  const columns = all.filter(
    ({ title, cell }) => !['recipient', 'error'].includes(title) || recipients.some((r) => cell(r) !== ''),
  );
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = sorted(recipients).map((r) => row(columns.map(({ cell }) => cell(r))));
  const more = (n: number): string =>
    row(columns.map((_, i) => ['…', `and ${count(n, 'more recipient')} (output \`recipients\`)`][i] ?? ''));
  const shown = rows.slice(0, RECIPIENTS_SHOWN);
  return [
    {
      head: [row(columns.map(({ title }) => title)), row(columns.map(() => '---'))],
      lines: [...shown, ...(rows.length > shown.length ? [more(rows.length - shown.length)] : [])],
      more,
      rank: RANK.recipients,
    },
  ];
}

/**
 * Draws owner -> share -> recipients, colored by state, if there are few enough recipients to read it. Ids are
 * shortened.
 */
export function diagram({ share, recipients = [] }: ShareOutcome, names: Names): Block[] {
  const shown = recipients.filter((r) => stateOf(r) !== 'disassociated');
  if (!share || shown.length === 0 || shown.length > DIAGRAM_RECIPIENTS_MAX) return [];
  const { lines, fence } = fenceOf([
    'flowchart LR',
    `  owner[${label(ownerOf(share, names))}] --> share([${label(share.name)}])`,
    ...shown.map((r, i) => `  share --> r${i}[${label(withName(r.account_id, names, SHORT))}]:::${stateOf(r)}`),
    '  classDef associated fill:#d3f3dc,stroke:#1a7f37,color:#000',
    '  classDef associating fill:#fff3c4,stroke:#9a6700,color:#000',
    '  classDef disassociating fill:#ffe2cc,stroke:#bc4c00,color:#000',
    '  classDef failed fill:#ffd7d5,stroke:#cf222e,color:#000',
    '  classDef other fill:#eee,stroke:#666,color:#000',
  ]);
  // Part of a diagram is useless, so the whole diagram is a single line of the block, which is kept or cut as a whole.
  return [{ lines: [[`${fence}mermaid`, ...lines, fence].join('\n')], rank: RANK.rest }];
}

const SHORT = { name: (name: string) => name, id: shortId };

const ownerOf = ({ account_id, account_name }: Share, names: Names): string =>
  nameOf(account_id ?? '', names) || account_name || shortId(account_id ?? '') || 'owner';

/** Escaped with Mermaid's entities, so that every name is only a label. */
const label = (text: string): string => `"${withoutMarkup(plain(text), (codePoint) => `#${codePoint};`)}"`;

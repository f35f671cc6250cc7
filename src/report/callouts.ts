// The boxes above the shares: problems, and extras. Pure.

import { shortened } from '../secrets.ts';
import { isDeclined } from '../share/desired.ts';
import { count } from '../share/words.ts';
import { isOfMany, type Report } from './contents.ts';
import { type Block, RANK } from './cut.ts';
import { extraCounts, extrasOf, extraWords } from './extras.ts';
import { type Found, failuresOf, sharesWords } from './problems.ts';
import { code, prose } from './text.ts';

const MESSAGE_CHARACTERS_MAX = 1_500;

/** What failed, and what cannot be done. */
export function problemsCallout(report: Report): Block[] {
  const found = failuresOf(report);
  if (found.length === 0) return [];
  return [
    {
      head: [
        '> [!CAUTION]',
        `> **${found.every(({ problem }) => isDeclined(problem)) ? 'What cannot be done' : 'What went wrong'}**`,
      ],
      lines: found.map((each) => `> - ${problemLine(each, report)}`),
      more: (n) => `> - … and ${count(n, 'more problem')}`,
      rank: RANK.problems,
    },
  ];
}

function problemLine({ problem: { message, place }, shares }: Found, report: Report): string {
  const of = isOfMany(report) && shares.length > 0 ? `${sharesWords(shares, code)}: ` : '';
  const at = place?.file === undefined || place.line === undefined ? '' : `${code(`${place.file}:${place.line}`)} `;
  // Where the share's name stands is said by the line.
  const label = !place?.label || (at !== '' && /\bname$/.test(place.label)) ? '' : `${code(place.label)}: `;
  return `${at}${of}${label}${prose(shortened(message, MESSAGE_CHARACTERS_MAX))}`;
}

/** What is there, is not listed, and stays. */
export function extrasCallout({ outcomes, source, names }: Report): Block[] {
  const found = extrasOf(outcomes, names);
  if (found.length === 0) return [];
  return [
    {
      head: ['> [!NOTE]', `> **Left as it is: ${extraCounts(found, source)}.** \`prune: true\` removes it.`],
      lines: found.map((extra) => `> - ${extraWords(extra, { name: code, id: code, words: prose })}`),
      more: (n) => `> - … and ${n} more`,
      rank: RANK.extras,
    },
  ];
}

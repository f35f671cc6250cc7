// Text from outside stays text: the name of a share or a message of the API cannot become a workflow command, markup or a
// new line, and cannot show a secret.

import { withoutSecrets } from '../secrets.ts';
import { escaped, UNSEEN } from '../share/words.ts';

/** One line for the log or an annotation. Invisible characters are shown as escapes. */
export function plain(text: string): string {
  return withoutSecrets(text)
    .replace(UNSEEN, escaped)
    .replaceAll('##[', '## [') // the runner recognizes `##[command]` anywhere in a line,
    .replace(/^(\s*)::/, '$1: :'); // and `::command::` at its beginning
}

// GitHub links what it finds in the text of the finished page, where entities are characters again. A word joiner
// is invisible and splits what would be a link. Source: GitHub's "Autolinked references and URLs".
const JOINER = '\u2060';

/** Text in Markdown as code. GitHub links nothing in code except email addresses. */
export function code(text: string): string {
  return `<code>${entities(plain(text).replace(/(?<=\S)@(?=\S)/g, `@${JOINER}`))}</code>`;
}

// What could be a commit id: GitHub links it, except in code.
const COMMIT = /(?<![0-9A-Za-z_])([0-9a-f]{7,40})(?![0-9A-Za-z_])/i;

/** Text in Markdown as text: no markup, no mention, no reference, no link. Ids are pieces of code. */
export function prose(text: string): string {
  return plain(text)
    .split(COMMIT)
    .map((piece, i) => (i % 2 === 1 ? code(piece) : entities(unlinked(piece))))
    .join('');
}

const unlinked = (text: string): string =>
  text
    .replace(/[@#]/g, `$&${JOINER}`)
    .replace(/\b(GH-)(?=\d)/gi, `$1${JOINER}`)
    .replace(/:(?=[\w+-]+:)/g, `:${JOINER}`); // `:tada:` is an emoji

/** What Markdown and Mermaid might interpret as markup: everything but letters, digits, spaces and commas. */
export const MARKUP = /[^\p{L}\p{N} ,]/gu;

const entities = (text: string): string => text.replace(MARKUP, (c) => `&#${c.codePointAt(0)};`);

/** The lines of a fenced block, and the fence that its content cannot close. */
export function fenceOf(lines: readonly string[]): { lines: string[]; fence: string } {
  const shown = lines.map(plain);
  const longest = shown.flatMap((line) => line.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  return { lines: shown, fence: '`'.repeat(longest + 1) };
}

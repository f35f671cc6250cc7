// Text from outside stays text: the name of a share or a message of the API cannot become a workflow command, markup or a
// new line, and cannot show a secret.

import { withoutSecrets } from '../secrets.ts';
import { escaped, LETTER_OR_DIGIT, UNSEEN } from '../share/words.ts';

/** One line for the log or an annotation. Invisible characters are shown as escapes. */
export function plain(text: string): string {
  return withoutSecrets(text)
    .replace(UNSEEN, escaped)
    .replaceAll('##[', '## [') // the runner recognizes `##[command]` anywhere in a line,
    .replace(/^(\s*)::/, '$1: :'); // and `::command::` at its beginning
}

// GitHub creates links in the rendered page, where entities are characters again, so entities don't prevent links. A
// word joiner does: it is invisible, and splits what would be a link. Source: GitHub's "Autolinked references and
// URLs".
const JOINER = '\u2060';

/** Escapes text as code in Markdown. In code, GitHub creates links only for email addresses. */
export function code(text: string): string {
  return `<code>${entities(plain(text).replace(/(?<=\S)@(?=\S)/g, `@${JOINER}`))}</code>`;
}

// Text that could be a commit id. GitHub links it, except in code.
const COMMIT = /(?<![0-9A-Za-z_])([0-9a-f]{7,40})(?![0-9A-Za-z_])/i;

/**
 * Escapes text in Markdown, so that it contains no markup, mention, reference or link. What could be a commit id
 * becomes code.
 */
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

/** Replaces what Markdown and Mermaid might interpret as markup: everything but letters, digits, spaces and commas. */
export const withoutMarkup = (text: string, entity: (codePoint: number | undefined) => string): string =>
  text.replace(SIMPLE.test(text) ? SIMPLE_MARKUP : markup(), (character) => entity(character.codePointAt(0)));

/** Most text matches this: ASCII, with an ellipsis where it was shortened. Then the slower `markup()` isn't needed. */
const SIMPLE = /^[ -~…]*$/;
const SIMPLE_MARKUP = /[^A-Za-z0-9 ,]/g;

let anyMarkup: RegExp | undefined;
function markup(): RegExp {
  anyMarkup ??= new RegExp(`[^${LETTER_OR_DIGIT} ,]`, 'gu');
  return anyMarkup;
}

const entities = (text: string): string => withoutMarkup(text, (codePoint) => `&#${codePoint};`);

/** The lines of a fenced block, and the fence that its content cannot close. */
export function fenceOf(lines: readonly string[]): { lines: string[]; fence: string } {
  const shown = lines.map(plain);
  const longest = shown.flatMap((line) => line.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  return { lines: shown, fence: '`'.repeat(longest + 1) };
}

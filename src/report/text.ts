// Strings from outside stay text: names of shares, messages of the API and the like can be no workflow command, no
// markup, no line of their own and no secret.

import { withoutSecrets } from '../secrets.ts';

// Control characters, line and paragraph separators, and what reverses or hides text.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** One line for the log or an annotation: what cannot be seen is shown as an escape. */
export function plain(text: string): string {
  return withoutSecrets(text)
    .replace(UNSEEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('##[', '## [') // the runner takes `##[command]` anywhere in a line,
    .replace(/^(\s*)::/, '$1: :'); // and `::command::` at its beginning
}

/** Text in Markdown as a piece of code: every character that could mean something is an entity; nobody is mentioned. */
export function code(text: string): string {
  return `<code>${entities(plain(text))}</code>`;
}

/** Text in Markdown as text. A word joiner after "@" and "#" keeps GitHub from making links and mentions of them. */
export function prose(text: string): string {
  return entities(plain(text)).replace(/&#(64|35);/g, '&#$1;&#8288;');
}

const entities = (text: string): string => text.replace(/[^\p{L}\p{N} ,]/gu, (c) => `&#${c.codePointAt(0)};`);

/** A fenced block that its content cannot close. */
export function fenced(language: string, lines: readonly string[]): string {
  const content = lines.map(plain).join('\n');
  const longest = Math.max(2, ...(content.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${content}\n${fence}`;
}

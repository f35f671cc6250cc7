// Secrets stay secret. Before anything else, the action tells the runner to mask them in the log. The runner doesn't
// mask outputs, summaries and comments, so the action removes secrets from every text that it writes, and does so
// before it truncates a text.

import { setSecret } from '@actions/core';

/** Masking shorter values would garble every line of the job's log, and no credential is that short. */
const SECRET_MIN = 4;
/** Marks truncated text. Libraries use it, too. */
const ELLIPSIS = '…';

/** A text to search for, even parts of it, in one pass (Knuth, Morris, Pratt). */
interface Pattern {
  text: string;
  /** For each prefix, by its length: the length of the longest shorter prefix with which it ends. */
  borders: readonly number[];
}

interface Secret {
  text: string;
  forwards: Pattern;
  backwards: Pattern;
}

const known = new Set<string>();
/** Longest first, because one secret may be part of another. */
let secrets: readonly Secret[] = [];

/** Masks each line of a secret, without surrounding white space: as it is, JSON-escaped and URL-encoded. */
export function keepSecret(value: string | undefined): void {
  for (const line of (value ?? '').split(/[\r\n]+/)) {
    const trimmed = line.trim();
    if (trimmed.length < SECRET_MIN) continue;
    const inUrl = encodeURIComponent(trimmed.toWellFormed());
    for (const form of [trimmed, JSON.stringify(trimmed).slice(1, -1), inUrl]) {
      if (known.has(form)) continue;
      setSecret(form);
      known.add(form);
    }
  }
  secrets = [...known]
    .sort((a, b) => b.length - a.length)
    .map((text) => ({ text, forwards: patternOf(text), backwards: patternOf(reversed(text)) }));
}

/**
 * The text without secrets, and without parts of secrets next to a cut. Takes time proportional to the length of the
 * text.
 */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const secret of secrets) {
    clean = clean.replaceAll(secret.text, '***');
    if (clean.includes(ELLIPSIS)) clean = withoutParts(clean, secret);
  }
  return clean;
}

/** Cuts a text after `most` characters. It is redacted first, because truncation could cut a secret in half. */
export function cutAt(text: string, most: number): string {
  const clean = withoutSecrets(text);
  // Truncation must not split a surrogate pair.
  return clean.length > most ? `${clean.slice(0, most).replace(/[\ud800-\udbff]$/, '')}${ELLIPSIS}` : clean;
}

/** One line of at most `most` characters. */
export const shortened = (text: string, most: number): string =>
  cutAt(withoutSecrets(text).replace(/\s+/g, ' ').trim(), most);

/** Removes what is left of a secret before and after an ellipsis, if it is long enough to reveal anything. */
function withoutParts(text: string, { text: secret, forwards, backwards }: Secret): string {
  const kept: string[] = [];
  let keptTo = 0;
  const remove = (from: number, to: number): void => {
    if (to <= from) return;
    kept.push(text.slice(keptTo, from));
    keptTo = to;
  };
  // The pieces between the ellipses, and before the first and after the last one.
  for (let from = 0, end = 0; end < text.length; from = end + 1) {
    const next = text.indexOf(ELLIPSIS, from);
    end = next === -1 ? text.length : next;
    if (end - from < SECRET_MIN) continue;
    const [isCutBefore, isCutAfter] = [from > 0, end < text.length];
    if (isCutBefore && isCutAfter && end - from < secret.length && secret.includes(text.slice(from, end))) {
      remove(from, end);
      continue;
    }
    const head = isCutBefore ? overlap(reversed(text.slice(from, Math.min(end, from + secret.length))), backwards) : 0;
    const tail = isCutAfter ? overlap(text.slice(Math.max(from, end - secret.length), end), forwards) : 0;
    remove(from, from + head);
    remove(Math.max(from + head, end - tail), end);
  }
  return keptTo === 0 ? text : [...kept, text.slice(keptTo)].join('');
}

const reversed = (text: string): string => text.split('').reverse().join('');

/** How many characters at the end of a text are a prefix of the pattern. 0 if they are too few to reveal anything. */
function overlap(text: string, { text: secret, borders }: Pattern): number {
  let length = 0;
  for (const unit of text.split('')) {
    while (length > 0 && unit !== secret[length]) length = borders[length] ?? 0;
    if (unit === secret[length]) length += 1;
  }
  return length >= SECRET_MIN ? length : 0;
}

function patternOf(text: string): Pattern {
  const borders = [0, 0];
  for (let i = 1, length = 0; i < text.length; i++) {
    while (length > 0 && text[i] !== text[length]) length = borders[length] ?? 0;
    if (text[i] === text[length]) length += 1;
    borders.push(length);
  }
  return { text, borders };
}

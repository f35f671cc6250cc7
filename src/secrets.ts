// Secrets stay secret: the runner is told to mask them in the log before anything else happens, and every text of
// ours is cleared of them as well, because outputs, summaries and comments are not masked by anybody.

import { setSecret } from '@actions/core';

const known = new Set<string>();

/**
 * Masks a secret, as it came and without the white space that came with it, every line of it, and as it shows inside
 * of JSON.
 */
export function keepSecret(value: string | undefined): void {
  for (const line of (value ?? '').split(/[\r\n]+/)) {
    const trimmed = line.trim();
    for (const form of new Set([trimmed, JSON.stringify(trimmed).slice(1, -1)])) {
      if (form === '' || known.has(form)) continue;
      setSecret(form);
      known.add(form);
    }
  }
}

/** Shorter ones would tear holes into every text; no credential is that short. */
const SECRET_MIN = 6;

export function withoutSecrets(text: string): string {
  let clean = text;
  // The longest first: a secret may be a part of another one, or of its escaped form.
  for (const secret of [...known].sort((a, b) => b.length - a.length)) {
    if (secret.length >= SECRET_MIN) clean = withoutBeginning(clean.replaceAll(secret, '***'), secret);
  }
  return clean;
}

/** What is shortened to be shown may end in the midst of a secret: `…` stands after a beginning of it. */
function withoutBeginning(text: string, secret: string): string {
  const [first = '', ...rest] = text.split('…');
  let clean = first;
  for (const piece of rest) clean = `${clean.slice(0, clean.length - overlap(clean, secret))}…${piece}`;
  return clean;
}

/** How many characters at the end of a text are the beginning of a secret. So few that they tell nothing do not count. */
function overlap(text: string, secret: string): number {
  for (let length = Math.min(text.length, secret.length - 1); length >= SECRET_MIN; length--) {
    if (text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}

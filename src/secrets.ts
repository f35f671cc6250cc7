// Secrets stay secret. The runner masks them in the log, and is told to before anything else happens. Nobody masks outputs,
// summaries and comments, so the action removes secrets from every text that it writes.

import { setSecret } from '@actions/core';

const known = new Set<string>();

/** Masks a secret: each of its lines, without white space around it, in plain form and as JSON escapes it. */
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

/** Shorter values are not removed: they occur in ordinary text, and no credential is that short. */
const SECRET_MIN = 6;

export function withoutSecrets(text: string): string {
  let clean = text;
  // The longest first: one secret may be part of another.
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

// Secrets stay secret: the runner is told to mask them in the log before anything else happens, and every text of
// ours is cleared of them as well, because outputs, summaries and comments are not masked by anybody.

import { setSecret } from '@actions/core';

const known = new Set<string>();

/** Masks a secret, as it came and without the white space that came with it, every line of it. */
export function keepSecret(value: string | undefined): void {
  for (const line of (value ?? '').split(/[\r\n]+/)) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    setSecret(trimmed);
    known.add(trimmed);
  }
}

/** Shorter ones would tear holes into every text; no credential is that short. */
const SECRET_MIN = 6;

export function withoutSecrets(text: string): string {
  let clean = text;
  for (const secret of known) if (secret.length >= SECRET_MIN) clean = clean.replaceAll(secret, '***');
  return clean;
}

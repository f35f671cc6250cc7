// What to do about common refusals. The codes come from Cloudflare's API reference, and from answers of the real service.

import { NoAnswer, Refusal } from './errors.ts';
import { LONGEST_WAIT_MS } from './rate-limit.ts';
import { asksForTooLong } from './retry.ts';

/** The next thing to try, as a sentence of its own, or nothing. */
export function adviceFor(error: unknown): string {
  if (!(error instanceof NoAnswer || error instanceof Refusal)) return '';
  if (asksForTooLong(error)) {
    return `Cloudflare asks to wait ${minutes(error.retryAfterMs)}, and the action waits at most ${minutes(LONGEST_WAIT_MS)}: run again after that time.`;
  }
  if (error instanceof NoAnswer) {
    if (!error.neverSent) return '';
    const sent = error.fate === 'not-done' ? ['Nothing was sent.'] : [];
    // The message of a final error already says what to check.
    const check = error.final ? [] : ['Check the network, a proxy (HTTPS_PROXY, NO_PROXY) and api-base-url.'];
    return [...sent, ...check].join(' ');
  }
  const { status, call } = error;
  const reading = call.method === 'GET';
  if (status !== 429 && !error.isOfApi) {
    return 'The response is not from the API: check api-base-url, and what is between this runner and Cloudflare (a proxy, a firewall, a bot check).';
  }
  if (status === 429) {
    return 'The rate limit (1,200 requests in five minutes for one token) is used up, and so is max-attempts: run again in five minutes, and let jobs that share the token take turns.';
  }
  if (error.has(6003)) {
    return 'The credentials are malformed: check that the whole secret was pasted, and that it is a token in api-token, or an e-mail and a Global API Key in api-email and api-key.';
  }
  if (status === 401 || status === 403 || error.has(10000, 9109)) {
    return reading
      ? "The credentials don't have permission to read this account's shares: check that the token is valid, is for this account-id, and can read resource sharing. (if-exists: create-new needs no permission to read.)"
      : 'The credentials don\'t have permission to write this account\'s shares. Cloudflare says "Authentication error" to a token that can only read, too. Check that the token is for this account-id and can edit resource sharing (README, "Credentials").';
  }
  if (status === 409 && call.path.includes('/shares/')) {
    return 'Cloudflare was still changing the share after about 30 seconds: run again in a few minutes.';
  }
  if (status === 404)
    return 'Check account-id and share-id, and that the account is on an Enterprise plan with resource sharing.';
  return '';
}

function minutes(ms = 0): string {
  return `${Math.ceil(ms / 60_000)} minutes`;
}

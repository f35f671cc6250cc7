// Advice on common errors. The codes come from Cloudflare's API reference and from responses of the real service.

import { duration } from '../share/words.ts';
import { NoUsableResponse, Refusal } from './errors.ts';
import { asksForTooLong, BUSY_MAX_MS, longestWaitMs } from './retry.ts';

/** The next thing to try, as one or more sentences, or an empty string. */
export function adviceFor(error: unknown): string {
  if (!(error instanceof NoUsableResponse || error instanceof Refusal)) return '';
  if (asksForTooLong(error)) {
    return `Cloudflare asked for a wait of ${duration(error.retryAfterMs ?? 0)}, but the action waits at most ${duration(longestWaitMs(error))}: run again after that time.`;
  }
  if (error instanceof NoUsableResponse) {
    if (!error.neverSent) return '';
    const sent = error.fate === 'not-done' ? ['Nothing was sent.'] : [];
    // The message of a final error already says what to check.
    const check = error.final ? [] : ['Check the network, any proxy (HTTPS_PROXY, NO_PROXY) and api-base-url.'];
    return [...sent, ...check].join(' ');
  }
  const { status, call } = error;
  const reading = call.method === 'GET';
  if (status !== 429 && !error.isOfApi) {
    return 'The response is not from the API: check api-base-url, and whatever is between this runner and Cloudflare (a proxy, a firewall, a bot check).';
  }
  if (status === 429) {
    return "The rate limit (1,200 requests in five minutes per token) and max-attempts are used up: run again in five minutes, and don't run jobs that share the token at the same time.";
  }
  if (error.has(6003)) {
    return 'The credentials are malformed: check that the whole secret was pasted, and that api-token has a token, or api-email and api-key have an email address and a Global API Key.';
  }
  if (error.isUnknownToken) {
    return 'Cloudflare does not know this token: check that the whole token was pasted, and that it has not expired and was not deleted or rolled.';
  }
  if (status === 401 || status === 403 || error.has(10000, 9109)) {
    return reading
      ? "The credentials don't have permission to read this account's shares: check that the token is valid, is for this account-id, and can read resource sharing. (if-exists: create-new needs no permission to read.)"
      : 'The credentials don\'t have permission to write this account\'s shares. Cloudflare also says "Authentication error" if a token can only read. Check that the token is for this account-id and can edit resource sharing (README, "Credentials").';
  }
  if (status === 409 && call.path.includes('/shares/')) {
    return `Cloudflare was still changing the share. The action retries for at most ${duration(BUSY_MAX_MS)}: run again in a few minutes.`;
  }
  if (status === 404)
    return 'Check account-id and share-id, and that the account is on an Enterprise plan with resource sharing.';
  return '';
}

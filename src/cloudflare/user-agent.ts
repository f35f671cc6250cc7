import type { RunContext } from '../inputs/settings.ts';
import { VERSION } from '../version.ts';

/** Names this action, its version and the run, so that a request in an audit log leads back to its workflow. */
export function userAgent({ repository, id, attempt }: RunContext): string {
  const run = [repository, id && `run ${id}`, attempt && `attempt ${attempt}`].filter(Boolean).join(' ');
  const comment = run.replace(/[^\x20-\x7e]|[()\\]/g, '');
  return `cloudflare-share-action/${VERSION}${comment === '' ? '' : ` (${comment})`}`;
}

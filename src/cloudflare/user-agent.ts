import { VERSION } from '../version.ts';

/** The workflow run that sends, as far as the runner tells. */
interface Sender {
  repository?: string;
  id?: string;
  attempt?: string;
}

/** Names this action, its version and the run, so that a request in an audit log leads back to its workflow. */
export function userAgent({ repository, id, attempt }: Sender): string {
  const run = [repository, id && `run ${id}`, attempt && `attempt ${attempt}`].filter(Boolean).join(' ');
  const comment = run.replace(/[^\x20-\x7e]|[()\\]/g, '');
  return `cloudflare-share-action/${VERSION}${comment === '' ? '' : ` (${comment})`}`;
}

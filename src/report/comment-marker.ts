// How the comment on the pull request is known again: by a hidden marker at its beginning.

import { createHash } from 'node:crypto';
import type { Report } from './contents.ts';

/**
 * Comments of the same key are one comment: an account and a share, or an account and a file. A run of broken inputs
 * finds the comment of the whole ones. Undefined when too little is known of them.
 */
export function markerOf({
  accountId,
  source,
  outcomes = [],
  share,
}: Pick<Report, 'accountId' | 'source' | 'share'> & Partial<Pick<Report, 'outcomes'>>): string | undefined {
  const of = outcomes[0]?.desired ?? share;
  const name = of?.shareId ?? of?.name;
  if (accountId === '' || (source.kind === 'inputs' && !name)) return undefined;
  const what = source.kind === 'config' ? ['config', source.file] : ['share', name];
  const key = createHash('sha256')
    .update(JSON.stringify([accountId, ...what]))
    .digest('hex')
    .slice(0, 32);
  return `<!-- cloudflare-share-action ${key} -->`;
}

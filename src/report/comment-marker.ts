// The hidden marker at the beginning of the comment: a later run finds the comment by it.

import { createHash } from 'node:crypto';
import type { Report } from './contents.ts';

/**
 * There is one comment for an account and a share, or for an account and a file. A run with wrong inputs finds the comment
 * of earlier runs too. Undefined: the inputs do not say enough.
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

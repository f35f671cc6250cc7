// What a run knows about one desired share before it plans: which share was elected, and what Cloudflare says about it.

import type { Election } from './election.ts';
import type { Exclusion, Recipient, Share } from './share.ts';

/** A list that was read, or `not-read` for a list that can't differ or that this run has just sent. */
export type Read<T> = readonly T[] | 'not-read';

/** What Cloudflare says about one share. */
export interface Observed {
  /** With its resources, unless the plan doesn't need them (a deletion, for example). */
  share: Share;
  recipients: Read<Recipient>;
  exclusions: Read<Exclusion>;
}

/** The share that was elected for a desired share, and what Cloudflare says about it. */
export interface Found {
  /** Undefined: there is none. */
  observed: Observed | undefined;
  election: Election;
}

/** Only the share itself was read. */
export const justShare = (share: Share): Observed => ({ share, recipients: 'not-read', exclusions: 'not-read' });

// What was found for one desired share. A plan is made from the two.

import type { Exclusion, Recipient, Share, UnreadableShare } from './share.ts';

export interface Actual {
  /** The share to reconcile, with its resources. Undefined: there is none. */
  share?: Share;
  /** This run made it. */
  ours?: boolean;
  /** Undefined: not read. They cannot differ, or this run has just sent them. */
  recipients?: readonly Recipient[];
  exclusions?: readonly Exclusion[];
  /** The temporary share that replaces `share`. */
  successor?: Share;
  /** Other live shares of the desired name. */
  namesakes?: readonly Share[];
  /** Live shares of the previous name, unless one of them is `share`. */
  previous?: readonly Share[];
  /** The desired name as the API writes it, where it changes names (it may trim blanks, for example). */
  spelling?: string;
  /** Unreadable shares that may be the desired one. */
  unreadable?: readonly UnreadableShare[];
  /** Temporary shares that nobody needs any more. */
  losers?: readonly Share[];
}

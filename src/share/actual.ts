// What is there for one desired share, as far as it was read: the other half of what a plan is made of.

import type { Exclusion, Recipient, Share } from './share.ts';

export interface Actual {
  /** The share to converge on, with its resources. Undefined: there is none. */
  share?: Share;
  /** This run made it. */
  ours?: boolean;
  /** Undefined: not read, because they cannot differ or were just sent. */
  recipients?: readonly Recipient[];
  exclusions?: readonly Exclusion[];
  /** A temporary share that takes over when `share` has to be replaced. */
  successor?: Share;
  /** Other live shares of the desired name. */
  namesakes?: readonly Share[];
  /** Live shares of the previous name, unless one of them is `share`. */
  previous?: readonly Share[];
  /** How the API writes the desired name, where that differs from what was sent. */
  spelling?: string;
  /** Shares that the list shows in a form that cannot be understood, and that may be the one. */
  odd?: readonly { id?: string; wrong: string }[];
  /** Temporary shares that are of no use any more. */
  losers?: readonly Share[];
}

// How a run treats what it finds: the part of the inputs that planning and applying depend on.

export type Mode = 'apply' | 'plan' | 'delete' | 'export' | 'check';
export type IfExists = 'update' | 'fail' | 'keep' | 'create-new';

export interface Policy {
  mode: Mode;
  ifExists: IfExists;
  /** Also remove what is there and not listed. */
  prune: boolean;
  /** The largest part of what exists that `prune` may remove without a reviewed plan: a fraction, 0 to 1. */
  removalLimit: number;
  /** Allow a new share in place of the old one, where the old one cannot be changed in place. */
  replace: boolean;
  /** Wait for association (or until what was removed is gone), at most this long. Undefined: do not wait. */
  waitMs?: number;
  /** In `mode: plan`, fail when anything differs, extras included. */
  failOnDrift: boolean;
  /** Read the recipients of every existing share. False: read them only where they can differ. */
  readAllRecipients: boolean;
}

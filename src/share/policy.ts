// How a run treats existing shares: the inputs that planning and applying depend on.

export type Mode = 'apply' | 'plan' | 'delete' | 'export' | 'check';
export type IfExists = 'update' | 'fail' | 'keep' | 'create-new';

export interface Policy {
  mode: Mode;
  ifExists: IfExists;
  /** Also remove unlisted items. */
  prune: boolean;
  /** The largest fraction (0 to 1) of existing items that `prune` may remove without a reviewed plan. */
  removalLimit: number;
  /** Allow a new share to replace the old one if the old one can't be changed in place. */
  replace: boolean;
  /** Wait for association (or for removals to finish) for at most this long. Undefined: don't wait. */
  waitMs?: number;
  /** In `mode: plan`, fail if anything differs, extras included. */
  failOnDrift: boolean;
  /** Read the recipients of every existing share. False: read them only if they can differ. */
  readAllRecipients: boolean;
}

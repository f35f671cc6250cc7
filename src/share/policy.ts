// How a run treats what it finds: the part of the inputs that planning and applying depend on.

export type Mode = 'apply' | 'plan' | 'delete' | 'export';
export type IfExists = 'update' | 'fail' | 'keep' | 'create-new';

export interface Policy {
  mode: Mode;
  ifExists: IfExists;
  /** Also remove what is there and not listed. */
  prune: boolean;
  /** Allow creating a new share and deleting the old one where nothing less will do. */
  replace: boolean;
  /** Wait for association (or until what was removed is gone), at most this long. Undefined: do not wait. */
  waitMs?: number;
  /** In `mode: plan`, fail when anything differs, extras included. */
  failOnDrift: boolean;
  /** Read the recipients of every share that exists, not of those alone whose recipients can differ. */
  readAllRecipients: boolean;
}

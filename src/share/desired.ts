// Desired state: one share as requested by the workflow.

import type { Place } from './problem.ts';
import type { DesiredResource, ExclusionItem, RecipientItem, Target } from './share.ts';

export interface DesiredShare {
  /** Empty if the share is given only by its id. */
  name: string;
  /** The account that owns the share, or will own it. */
  accountId: string;
  /** `absent`: delete the live share with that name or id. */
  state: 'present' | 'absent';
  /** The share's id, if it is given. Undefined: the share is looked up by name. */
  shareId?: string;
  /** If no live share is named `name`, a live share with this name is renamed. */
  previousName?: string;
  /** The share exists, but isn't in a complete file. */
  unlisted?: true;
  /**
   * Without duplicates, in the order in which they were written. Undefined: leave the recipients unchanged (only for a
   * share given by its id).
   */
  recipients?: RecipientItem[];
  /**
   * Without duplicates, in the order in which they were written, with defaults. Undefined: leave the resources
   * unchanged.
   */
  resources?: DesiredResource[];
  /** Accounts to exclude from the organization. Undefined: leave the exclusions unchanged, and don't read them. */
  exclude?: ExclusionItem[];
  target?: Target;
  /** Where `name`, a list item, or a field inside an item was written. */
  placeOf: (path: readonly (string | number)[]) => Place;
}

/** The name of the item in the workflow or the file. It is shown to people and never sent. */
interface Labelled {
  label?: string;
}

/**
 * One account of the organization, by its exact name, or every account whose name matches a pattern. `*` matches any
 * text.
 */
export type AccountReference = ({ account_name: string } | { account_names: string }) & Labelled;

/** A gateway policy or a custom ruleset, by its exact name. */
export type ResourceReference = Omit<DesiredResource, 'resource_id'> & { resource_name: string } & Labelled;

/** A name or pattern in place of an id. */
type Reference = AccountReference | ResourceReference;

export type WrittenRecipient = RecipientItem | AccountReference;
export type WrittenResource = DesiredResource | ResourceReference;
export type WrittenExclusion = ExclusionItem | AccountReference;

/**
 * A share as written in the inputs or the file. Its references are resolved once, before planning
 * (`directory/resolve.ts`).
 */
export interface WrittenShare extends Omit<DesiredShare, 'recipients' | 'resources' | 'exclude'> {
  recipients?: WrittenRecipient[];
  resources?: WrittenResource[];
  exclude?: WrittenExclusion[];
}

export const isReference = <T extends object>(item: T): item is Extract<T, Reference> =>
  'account_name' in item || 'account_names' in item || 'resource_name' in item;

/** Is everything in it given by id? */
export const isResolved = (share: WrittenShare): share is DesiredShare => {
  const { recipients = [], resources = [], exclude = [] } = share;
  return ![...recipients, ...resources, ...exclude].some(isReference);
};

/** A share with both lists, so that it can be created. */
export type CreatableShare = DesiredShare & Required<Pick<DesiredShare, 'recipients' | 'resources' | 'target'>>;

export const isCreatable = (desired: DesiredShare): desired is CreatableShare =>
  desired.recipients !== undefined && desired.resources !== undefined && desired.target !== undefined;

/** The same share, looked up by its name instead of its id. */
export const withoutId = ({ shareId, ...desired }: DesiredShare): DesiredShare => desired;

// What a workflow asks for: one share, as it should be.

import type { ExclusionItem, RecipientItem, ResourceItem, Target } from './share.ts';

/** Where in the workflow or the file something was written, for people and for annotations. Lines and columns from 1. */
export interface Place {
  label: string;
  file?: string;
  line?: number;
  column?: number;
}

/** Something wrong, or worth knowing, said for the person who has to act on it. */
export interface Problem {
  message: string;
  place?: Place;
  /** `drift`: the world differs, and the step was to fail then. `refusal`: apply will not carry the plan out. */
  kind?: 'drift' | 'refusal';
}

export interface DesiredShare {
  /** Empty when the share is given by its id alone. */
  name: string;
  /** The account that owns the share, or is to own it. */
  accountId: string;
  /** `absent`: the live share of that name (or id) is to be deleted. */
  state: 'present' | 'absent';
  /** Exactly this share, instead of one looked up by name. */
  shareId?: string;
  /** A live share of this name is renamed when none has `name`. */
  previousName?: string;
  /** The share is there, and a complete file does not list it. */
  unlisted?: true;
  /** Without repetitions, in the written order. Undefined: leave the recipients alone (only with a share's id). */
  recipients?: RecipientItem[];
  /** Without repetitions, in the written order, defaults filled in. Undefined: leave the resources alone. */
  resources?: ResourceItem[];
  /** Accounts of the organization to leave out. Undefined: leave the exclusions alone, and do not read them. */
  exclude?: ExclusionItem[];
  target?: Target;
  /** Where `name` and each item of the lists above were written; a path inside an item refines it. */
  placeOf: (path: readonly (string | number)[]) => Place;
}

/** A share that can be created: lists and all. */
export type CreatableShare = DesiredShare & Required<Pick<DesiredShare, 'recipients' | 'resources' | 'target'>>;

export const isCreatable = (desired: DesiredShare): desired is CreatableShare =>
  desired.recipients !== undefined && desired.resources !== undefined && desired.target !== undefined;

/** The same share, looked up by its name. */
export const withoutId = ({ shareId, ...desired }: DesiredShare): DesiredShare => desired;

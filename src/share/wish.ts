// What a workflow asks for: one share, as it should be.

import type { RecipientItem, ResourceItem, Target } from './share.ts';

/** Where in the workflow or the file something was written, for people and for annotations. Lines and columns from 1. */
export interface Place {
  label: string;
  file?: string;
  line?: number;
  column?: number;
}

export interface Wish {
  name: string;
  /** The account that is to own the share. */
  accountId: string;
  /** Without repetitions, in the written order. Undefined: leave the recipients alone (only with a share's id). */
  recipients?: RecipientItem[];
  /** Without repetitions, in the written order, defaults filled in. Undefined: leave the resources alone. */
  resources?: ResourceItem[];
  target?: Target;
  /** Where `name` and each item of the lists above were written; a path inside an item refines it. */
  placeOf: (path: readonly (string | number)[]) => Place;
}

/** A wish to bring about, lists and all. */
export type WholeWish = Wish & Required<Pick<Wish, 'recipients' | 'resources' | 'target'>>;

export const isWhole = (wish: Wish): wish is WholeWish =>
  wish.recipients !== undefined && wish.resources !== undefined && wish.target !== undefined;

/** Something wrong, said for the person who has to mend it. */
export interface Problem {
  message: string;
  place?: Place;
}

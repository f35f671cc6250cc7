/** There is no usable reviewed plan. The message says why and what to do, without its full stop. */
export class NoReviewedPlan extends Error {
  override name = 'NoReviewedPlan';
  /** `github`: GitHub failed. `not-reviewed`: there is no such plan, or it doesn't count. */
  readonly kind: 'github' | 'not-reviewed' | 'cancelled';
  /** The pull requests that this run applies, as far as known. */
  readonly pullRequests: readonly number[];

  constructor(message: string, kind: NoReviewedPlan['kind'] = 'not-reviewed', pullRequests: readonly number[] = []) {
    super(message);
    this.kind = kind;
    this.pullRequests = pullRequests;
  }
}

/** There is no usable reviewed plan. The message says why and what to do, without its full stop. */
export class NoReviewedPlan extends Error {
  override name = 'NoReviewedPlan';
  readonly kind: 'github' | 'not-reviewed';

  /** @param kind `github`: there may be one, but GitHub did not give it */
  constructor(message: string, kind: 'github' | 'not-reviewed' = 'not-reviewed') {
    super(message);
    this.kind = kind;
  }
}

/** There is no usable reviewed plan. The message says why and what to do, without its full stop. */
export class NoReviewedPlan extends Error {
  override name = 'NoReviewedPlan';
}

/** There is no reviewed plan to be held to. The message says what is missing and what to do, without its full stop. */
export class NoReviewedPlan extends Error {
  override name = 'NoReviewedPlan';
}

// The story of a run: settings -> plans -> review -> apply -> report.

import { randomBytes } from 'node:crypto';
import { Ledger } from './apply/ledger.ts';
import { shareListOf } from './apply/share-list.ts';
import { reconcileAll } from './apply/shares.ts';
import { type Clock, systemClock } from './clock.ts';
import { connect, userAgent } from './cloudflare/client.ts';
import { endpoints } from './cloudflare/endpoints.ts';
import { resolveNames } from './directory/resolve-names.ts';
import { maskSecrets } from './inputs/read-inputs.ts';
import { readSettings } from './inputs/read-settings.ts';
import type { Settings } from './inputs/settings.ts';
import { reportChecked } from './report/check.ts';
import { isOfMany, type Report } from './report/contents.ts';
import { reportExport } from './report/export.ts';
import * as log from './report/log.ts';
import { setShareId } from './report/outputs.ts';
import { unrepeated } from './report/problems.ts';
import { reportRun } from './report/report.ts';
import { readReview } from './review/gate.ts';
import * as markers from './review/marker.ts';
import type { Problem } from './share/desired.ts';
import { namesOf } from './share/names.ts';
import type { ShareOutcome } from './share/outcome.ts';
import type { Verdict } from './share/plan.ts';
import { removalsOver } from './share/removal-limit.ts';
import { reviewablePlans } from './share/result.ts';
import type { ProposedPlan } from './share/review.ts';
import { REPOSITORY } from './version.ts';

const SCHEMA_URL = `https://raw.githubusercontent.com/${REPOSITORY}/v1/schema/shares.schema.json`;

/** A share that does not exist has no name: the log names its share-id instead. */
const withSomeName = ({ plan, ...verdict }: Verdict, shareId: string): Verdict => ({
  ...verdict,
  plan: { ...plan, name: plan.name || shareId },
});

/** How the comment with the plan begins. Few runs need it: the others start sooner without. */
async function commentMarker(about: Pick<Report, 'accountId' | 'source' | 'share'>): Promise<string> {
  const { markerOfReport } = await import('./report/comment.ts');
  return markerOfReport(about, 'plan') ?? '';
}

/** Runs the action, and reports everything. @returns whether the step succeeds */
export async function run(signal: AbortSignal, clock: Clock = systemClock): Promise<boolean> {
  maskSecrets();
  const { value: settings, about, problems, ...remarks } = await readSettings();
  log.sayRemarks(remarks);
  let pullRequests: readonly number[] | undefined;
  const report = (known: Partial<Report>): Promise<boolean> =>
    reportRun(
      { ...about, outcomes: [], names: new Map(), ...known },
      { ...about, ...(pullRequests === undefined ? {} : { pullRequests }), review: markers },
      signal,
      clock,
    );
  if (!settings) return report({ inputProblems: problems });
  if (settings.policy.mode === 'check') {
    const { warnings } = namesOf(settings.labels);
    log.sayRemarks({ warnings, notices: [] });
    return reportChecked(settings, [...remarks.warnings, ...warnings]);
  }

  const { accountId, policy, source, run: sender } = settings;
  const many = isOfMany(settings);
  const review = await readReview(settings, () => commentMarker({ ...about, accountId }), clock, signal);
  pullRequests = review?.pullRequests;
  if (review && 'problem' in review) return report({ inputProblems: [review.problem] });

  const events = { waiting: log.sayWaiting, requested: log.detail };
  const client = connect({ ...settings.api, userAgent: userAgent(sender) }, events, signal, clock);
  const api = endpoints(client, accountId);
  const shareList = shareListOf(api);
  try {
    const named = await resolveNames(client, settings.labels, {
      accountId,
      written: settings.desired,
      names: settings.names,
      shares: () =>
        shareList.recent().then(
          ({ shares }) => shares,
          () => undefined,
        ),
      showsAllShares: source.kind === 'config' && (policy.mode === 'export' || source.complete),
    });
    log.sayRemarks(named);
    const { desired, names } = named;
    if (named.problems.length > 0) return await report({ inputProblems: named.problems, names, lookedUp: true });
    if (policy.mode === 'export' && source.kind === 'config') {
      // Its YAML writer would hold up the start of every other run.
      const { exportAccount } = await import('./export/export-account.ts');
      const outcome = await exportAccount({ api, shareList }, source, names, SCHEMA_URL);
      return await reportExport(outcome, source.file, sender);
    }
    const tooManyRemovals = (plans: readonly ProposedPlan[]): Problem[][] =>
      removalsOver(plans, policy.removalLimit, desired);
    const outcomes = await reconcileAll({
      desired,
      complete: source.kind === 'config' && source.complete,
      contextOf: ({ name, shareId = '' }) => ({
        policy,
        api,
        shareList,
        nonce: randomBytes(10).toString('hex'),
        ...(review ? { objectionTo: review.objectionTo } : {}),
        log: {
          say: log.sayOf(name, names, many),
          announce: (verdict) => log.announcePlan(withSomeName(verdict, shareId), { names, accountId }, many),
          idKnown: many ? () => undefined : setShareId,
        },
        ledger: new Ledger(),
      }),
      say: log.line,
      objections: review?.objections ?? (policy.mode === 'apply' ? tooManyRemovals : () => []),
    });
    const unwritten = await writePlan(settings, outcomes);
    const cautions = policy.mode === 'plan' ? tooManyRemovals(reviewablePlans(outcomes)).flat() : [];
    return await report({
      outcomes,
      names,
      cautions: unrepeated(cautions),
      warnings: named.warnings,
      ...(unwritten ? { unwritten } : {}),
    });
  } finally {
    client.close();
  }
}

/** @returns the problem, if the file cannot be written */
async function writePlan(
  { planFile, accountId }: Settings,
  outcomes: readonly ShareOutcome[],
): Promise<Problem | undefined> {
  if (planFile === undefined) return undefined;
  const { writePlanFile } = await import('./review/plan-file.ts');
  return writePlanFile(planFile, accountId, reviewablePlans(outcomes));
}

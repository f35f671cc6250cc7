// One run: read the inputs -> read the reviewed plan -> connect -> resolve names -> plan and apply, or export ->
// report.

import { randomBytes } from 'node:crypto';
import { Ledger } from './apply/ledger.ts';
import { shareListOf } from './apply/share-list.ts';
import { type Job, reconcileAll } from './apply/shares.ts';
import { type Clock, systemClock } from './clock.ts';
import { connect, userAgent } from './cloudflare/client.ts';
import { endpoints } from './cloudflare/endpoints.ts';
import type { Needs } from './directory/look-up.ts';
import type { NamedShares } from './directory/names.ts';
import { maskSecrets } from './inputs/read-inputs.ts';
import { readSettings } from './inputs/read-settings.ts';
import { isOfMany, type Report } from './report/contents.ts';
import * as log from './report/log.ts';
import { setShareId } from './report/outputs.ts';
import { unrepeated } from './report/problems.ts';
import { markerOfPlan, reportChecked, reportExport, reportRun } from './report/report.ts';
import { type Review, readReview } from './review/gate.ts';
import type { RunContext, Settings } from './settings.ts';
import type { Verdict } from './share/decide.ts';
import { isResolved } from './share/desired.ts';
import { type Names, namesOf } from './share/names.ts';
import { reviewablePlans } from './share/outcome.ts';
import type { Problem } from './share/problem.ts';
import { removalGateOf } from './share/removal-limit.ts';
import type { Gate, ProposedPlan } from './share/review.ts';
import { isOwnedBy } from './share/share.ts';
import { REPOSITORY } from './version.ts';

const SCHEMA_URL = `https://raw.githubusercontent.com/${REPOSITORY}/v1/schema/shares.schema.json`;

/** Runs the action and reports the result. @returns whether the step succeeds */
export async function run(signal: AbortSignal, clock: Clock = systemClock): Promise<boolean> {
  maskSecrets();
  const { value: settings, about, problems, ...remarks } = await readSettings();
  log.sayRemarks(remarks);
  const report = (known: Partial<Report>, { pullRequests }: Pick<Review, 'pullRequests'> = {}): Promise<boolean> =>
    reportRun(
      { ...about, outcomes: [], names: new Map(), inputProblems: [], warnings: [], cautions: [], ...known },
      { ...about, ...(pullRequests && { pullRequests }), review: () => import('./review/marker.ts') },
      signal,
      clock,
    );
  if (!settings) return report({ inputProblems: problems });
  const { policy, source } = settings;
  if (policy.mode === 'check') return check(settings, remarks.warnings);

  const review = await readReview(settings, () => markerOfPlan(about), clock, signal);
  if (review && 'problem' in review) return report({ inputProblems: [review.problem] }, review);

  const cloudflare = connectTo(settings, signal, clock);
  try {
    const named = await resolve(settings, cloudflare);
    log.sayRemarks(named);
    if (named.problems.length > 0)
      return await report({ inputProblems: named.problems, names: named.names, lookedUp: true }, review);
    if (policy.mode === 'export' && source.kind === 'config')
      return await exportShares(source, cloudflare, named.names, settings.run);
    return await report(await planAndApply(settings, cloudflare, named, review), review);
  } finally {
    cloudflare.client.close();
  }
}

/** `mode: check`: nothing is sent. */
function check(settings: Settings, earlier: readonly Problem[]): boolean {
  const { warnings } = namesOf(settings.labels);
  log.sayRemarks({ warnings, notices: [] });
  return reportChecked(settings, [...earlier, ...warnings]);
}

type Cloudflare = ReturnType<typeof connectTo>;

function connectTo({ api: settings, run: sender, accountId }: Settings, signal: AbortSignal, clock: Clock) {
  const events = { waiting: log.sayWaiting, requested: log.detail };
  const client = connect({ ...settings, userAgent: userAgent(sender) }, events, signal, clock);
  const api = endpoints(client, accountId);
  return { client, api, shareList: shareListOf(api) };
}

/** Looks up names, if the run needs any. Most runs don't, and start faster without that code. */
async function resolve(settings: Settings, cloudflare: Cloudflare): Promise<NamedShares> {
  const { desired, labels, names } = settings;
  if (!names && desired.every(isResolved)) return { desired, ...namesOf(labels), problems: [], notices: [] };
  const { resolveNames } = await import('./directory/names.ts');
  return resolveNames(cloudflare.client, labels, needsOf(settings, cloudflare));
}

/** What names are needed for. If the list of shares can't be read, the code that needs the list reports that. */
const needsOf = ({ accountId, desired, names, policy, source }: Settings, { shareList }: Cloudflare): Needs => ({
  accountId,
  written: desired,
  names,
  shares: () =>
    shareList.recent().then(
      ({ shares }) => shares.filter((share) => isOwnedBy(share, accountId)),
      () => undefined,
    ),
  showsAllShares: policy.mode === 'export' || (source.kind === 'config' && source.complete),
});

const NO_OBJECTIONS: Gate = (plans) => plans.map(() => ({ objections: [], objectionTo: () => undefined }));

/**
 * Plans the shares and, in the modes that change something, applies the plans. The gate in between is the reviewed plan
 * or, without one, the limit on removals by `prune`.
 */
async function planAndApply(
  settings: Settings,
  cloudflare: Cloudflare,
  named: NamedShares,
  review: Review | undefined,
): Promise<Partial<Report>> {
  const { mode, removalLimit } = settings.policy;
  const removalGate = removalGateOf(removalLimit, named.desired);
  const gate = review?.gate ?? (mode === 'apply' ? removalGate : NO_OBJECTIONS);
  // A reviewed plan never covers cleaning up another run's leftovers, so a run with one leaves them for a later run.
  const deletesLeftovers = review === undefined;
  const outcomes = await reconcileAll(jobOf(settings, cloudflare, named, gate, deletesLeftovers));
  const plans = reviewablePlans(outcomes);
  const unwritten = await writePlan(settings, plans);
  return {
    outcomes,
    names: named.names,
    warnings: named.warnings,
    cautions: mode === 'plan' ? unrepeated(removalGate(plans).flatMap(({ objections }) => objections)) : [],
    ...(unwritten && { unwritten }),
  };
}

/** Everything that `apply` needs, with a log and a ledger for each share. */
function jobOf(
  { accountId, policy, source }: Settings,
  { api, shareList }: Cloudflare,
  { desired, names }: NamedShares,
  gate: Gate,
  deletesLeftovers: boolean,
): Job {
  const many = isOfMany({ source });
  const common = { policy, api, shareList };
  return {
    ...common,
    desired,
    complete: source.kind === 'config' && source.complete,
    contextOf: ({ name, shareId = '' }) => ({
      ...common,
      nonce: randomBytes(10).toString('hex'),
      deletesLeftovers,
      log: {
        say: log.sayOf(name, names, many),
        announce: (verdict) => log.announcePlan(withSomeName(verdict, shareId), { names, accountId }, many),
        idKnown: many ? () => undefined : setShareId,
      },
      ledger: new Ledger(),
    }),
    say: log.line,
    gate,
  };
}

/** A share that doesn't exist has no name, so the log shows its share-id. */
const withSomeName = ({ plan, ...verdict }: Verdict, shareId: string): Verdict => ({
  ...verdict,
  plan: { ...plan, name: plan.name || shareId },
});

async function exportShares(
  file: { path: string; file: string },
  cloudflare: Cloudflare,
  names: Names,
  run: RunContext,
): Promise<boolean> {
  // Loaded only here, because its YAML writer would delay the start of every other run.
  const { exportAccount } = await import('./export/export-account.ts');
  return reportExport(await exportAccount(cloudflare, file, names, SCHEMA_URL), file.file, run);
}

/** @returns the problem, if the file can't be written */
async function writePlan(
  { planFile, accountId }: Settings,
  plans: readonly ProposedPlan[],
): Promise<Problem | undefined> {
  if (planFile === undefined) return undefined;
  const { writePlanFile } = await import('./review/plan-file.ts');
  return writePlanFile(planFile, accountId, plans);
}

// The story of a run: inputs -> wished -> found -> plan -> applied -> settled -> reported.

import pMap from 'p-map';
import { bringAbout, describe } from './apply/bring-about.ts';
import { shared } from './apply/look.ts';
import { emptyResult, type Rules, type ShareResult, type Task } from './apply/task.ts';
import { type Client, connect } from './cloudflare/client.ts';
import { endpoints } from './cloudflare/endpoints.ts';
import { userAgent } from './cloudflare/user-agent.ts';
import { explain } from './explain.ts';
import { maskSecrets, readSettings } from './inputs/read-settings.ts';
import type { Settings } from './inputs/settings.ts';
import * as log from './report/log.ts';
import { outcomeLine, type Report } from './report/markdown.ts';
import { type Done, setOutputs } from './report/outputs.ts';
import { planLines } from './report/plan-lines.ts';
import { writeSummary } from './report/summary.ts';
import type { SharePlan } from './share/plan.ts';
import type { Problem } from './share/wish.ts';
import { count, quoted } from './share/words.ts';

const SHARES_AT_ONCE = 10;
/** With more shares than this, progress is said now and then. */
const MANY = 20;

/** Runs the action. @returns whether the step is to be green; everything else has been reported */
export async function run(signal: AbortSignal): Promise<boolean> {
  maskSecrets();
  const reading = await readSettings();
  for (const warning of log.unrepeated(reading.warnings)) log.warning(warning);
  if (!reading.value) {
    const problems = log.unrepeated(reading.problems);
    for (const problem of problems) log.error(problem);
    log.line(
      `${count(problems.length, 'problem')} with the inputs. Nothing was sent to Cloudflare, nothing was changed.`,
    );
    return false;
  }
  const settings = reading.value;
  const client = connect(
    { ...settings.api, userAgent: userAgent(settings.run) },
    {
      waiting: (why, ms) => log.line(`… waiting ${formatSeconds(ms)}: ${why}`),
      requested: log.detail,
    },
    signal,
  );
  const done = await bringAllAbout(settings, client);
  client.close();
  return report(settings, done, signal);
}

const formatSeconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;

async function bringAllAbout(settings: Settings, client: Client): Promise<Done[]> {
  const { wishes, accountId, source } = settings;
  const many = source.kind === 'config';
  const api = endpoints(client, accountId);
  const look = shared(api.list);
  let first: ReturnType<typeof look> | undefined;
  const firstLook = (): ReturnType<typeof look> => {
    first ??= look();
    return first;
  };
  const rules: Rules = { ...settings, readAllRecipients: !many };
  let finished = 0;
  return pMap(
    wishes,
    async (wish): Promise<Done> => {
      const result = emptyResult(wish);
      const say = (line: string): void => log.line(many ? `[${quoted(wish.name)}] ${line}` : line);
      const planned = (plan: SharePlan): void => {
        if (!many || plan.action !== 'none')
          log.group(`Plan for ${quoted(plan.name)}: ${describe(plan)}`, planLines(plan));
      };
      const task: Task = { wish, rules, api, look, firstLook, say, planned, result };
      await bringAbout(task).catch((error: unknown) => {
        result.problems.push(...explain(error, wish));
      });
      finished += 1;
      if (wishes.length > MANY && finished % Math.ceil(wishes.length / 10) === 0)
        log.line(`${finished} of ${wishes.length} shares done`);
      return { wish, result };
    },
    { concurrency: SHARES_AT_ONCE },
  );
}

async function report(settings: Settings, done: readonly Done[], signal: AbortSignal): Promise<boolean> {
  const { mode, accountId, source, run, comment } = settings;
  const results = done.map(({ result }) => result);
  const told: Report = { mode, accountId, source, results, run };

  setOutputs(done, source.kind);
  await writeSummary(told, run.summaryPath);
  if (comment && !signal.aborted) {
    const { keepComment } = await import('./report/comment.ts');
    await keepComment(told, comment, settings.shareId);
  }

  const named = (result: ShareResult, problem: Problem): Problem =>
    source.kind === 'config' ? { ...problem, message: `${quoted(result.name)}: ${problem.message}` } : problem;
  for (const result of results) for (const warning of result.warnings) log.warning(named(result, warning));
  const failed = done.filter(({ result }) => result.problems.length > 0);
  for (const problem of source.kind === 'config'
    ? problemsOfMany(failed)
    : failed.flatMap(({ result }) => result.problems)) {
    log.error(problem);
  }
  if (failed.length === 0) {
    log.line(closing(told));
    return true;
  }
  log.line(
    `${source.kind === 'config' ? `${outcomeLine(told)}. ` : ''}${ledgerLine(failed.map(({ result }) => result))}`,
  );
  return false;
}

/** What went wrong in a file's shares, each at its share; what went wrong with many in the same way is said once. */
function problemsOfMany(failed: readonly Done[]): Problem[] {
  const byMessage = new Map<string, { problem: Problem; of: Done[] }>();
  for (const done of failed) {
    for (const problem of done.result.problems) {
      const known = byMessage.get(problem.message);
      if (known && !problem.place) known.of.push(done);
      else
        byMessage.set(known ? JSON.stringify([problem, done.result.name]) : problem.message, { problem, of: [done] });
    }
  }
  return [...byMessage.values()].map(({ problem, of }) => {
    const [first] = of as [Done];
    const names = of
      .slice(0, 3)
      .map(({ result }) => quoted(result.name))
      .join(', ');
    return {
      message: `${names}${of.length > 3 ? ` and ${count(of.length - 3, 'other')}` : ''}: ${problem.message}`,
      place: problem.place ?? { ...first.wish.placeOf(['name']), label: '' },
    };
  });
}

/** The last line of a green step. */
function closing(report: Report): string {
  const [only] = report.results;
  if (report.source.kind === 'config' || !only) return `${outcomeLine(report)}.`;
  const { outcome, share, plan } = only;
  const what = `Share ${quoted(share?.name ?? only.name)}`;
  if (outcome === 'planned' && plan) return `${what}: ${describe(plan)}. Nothing was changed (mode: plan).`;
  return `${what} ${outcome}${share ? `: ${share.id}, ${share.status}` : ''}.`;
}

/** The last line of a failed step: what was done and what was not, and what nobody knows. */
function ledgerLine(failed: readonly ShareResult[]): string {
  const steps = (of: (result: ShareResult) => readonly string[]): string =>
    firstFew(
      failed.flatMap((result) =>
        of(result).map((step) => (failed.length > 1 ? `${quoted(result.name)}: ${step}` : step)),
      ),
    );
  const done = steps(({ ledger }) => ledger.done);
  const open = steps(({ ledger }) => ledger.open);
  const uncertain = steps(({ ledger }) => ledger.uncertain);
  return [
    done === '' ? 'Done: nothing.' : `Done: ${done}.`,
    open === '' ? '' : `Not done: ${open}.`,
    uncertain === '' ? '' : `Not known: ${uncertain} - it may have taken effect; look before you repeat it.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function firstFew(steps: readonly string[]): string {
  const shown = steps.slice(0, 20).join('; ');
  return steps.length > 20 ? `${shown}; and ${steps.length - 20} more` : shown;
}

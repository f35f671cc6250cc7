// The only reader of inputs and environment. Returns one Settings value, or every problem at once.

import type { Problem } from '../share/desired.ts';
import type { Policy } from '../share/policy.ts';
import { checkCombinations } from './combinations.ts';
import { readCredentials } from './credentials.ts';
import { checkPlanFile, locateFile, planFiles } from './files.ts';
import { readGithub, readRunContext } from './github.ts';
import { proxyFor } from './proxy.ts';
import type { Inputs } from './read-inputs.ts';
import { readInputs } from './read-inputs.ts';
import { readShares } from './read-shares.ts';
import { atInput, type Environment, type Reading } from './reading.ts';
import { unexpectedLength } from './schema-parts.ts';
import type { ReadShares, Settings } from './settings.ts';

/** What is known about a run even if its inputs are wrong: enough to write the summary and the comment. */
type About = Pick<Settings, 'accountId' | 'source' | 'comment' | 'github' | 'run'> & {
  mode: Settings['policy']['mode'];
  /** The share that the inputs name, if they name one. */
  share?: { name: string; shareId?: string };
};

/** Reads all settings, or finds all problems with them. Sends nothing. */
export async function readSettings(env: Environment = process.env): Promise<Reading<Settings> & { about: About }> {
  const { inputs, isWrong, problems: wrongInputs } = readInputs(env);
  const checking = inputs.mode === 'check';
  // `mode: check` needs no credentials, because pull requests from forks have none.
  const credentials = checking ? { headers: {}, problems: [] } : readCredentials(inputs, isWrong, env);
  const baseUrl = new URL(inputs['api-base-url']).href.replace(/\/+$/, '');
  const { proxy, problem: proxyProblem } = proxyFor(new URL(baseUrl), env);
  const shares = await readShares(inputs, isWrong, env);
  const problems: Problem[] = [
    ...wrongInputs,
    ...credentials.problems,
    ...checkCombinations(inputs, isWrong),
    ...(proxyProblem ? [atInput(proxyProblem.message, proxyProblem.name)] : []),
    ...(await checkPlanFile(inputs, env)),
    ...shares.problems,
  ].map((problem) => ({ kind: 'inputs', ...problem }));
  const driftIsIgnored = inputs['fail-on-drift'] && inputs.mode !== 'plan' && !isWrong('mode');
  const warnings = [
    ...(driftIsIgnored ? [atInput('has an effect only in mode: plan', 'fail-on-drift')] : []),
    ...checkLength(inputs['account-id']),
    ...shares.warnings,
  ];
  const about = aboutRun(inputs, shares.value, env);
  const known = { problems, warnings, notices: shares.notices, about };
  const { headers } = credentials;
  if (problems.length > 0 || !shares.value || !headers) return known;
  const value: Settings = {
    ...shares.value,
    policy: policyOf(inputs),
    names: inputs.names,
    ...planFiles(inputs, env),
    ...(about.comment === undefined ? {} : { comment: about.comment }),
    github: about.github,
    api: {
      baseUrl,
      headers,
      ...(proxy === undefined ? {} : { proxy }),
      requestTimeoutMs: inputs['request-timeout'] * 1000,
      maxAttempts: inputs['max-attempts'],
    },
    run: about.run,
  };
  return { ...known, value };
}

/** A warning about an account id that was probably not copied completely. */
function checkLength(accountId: string | undefined): Problem[] {
  const why = accountId === undefined ? undefined : unexpectedLength(accountId);
  return why === undefined ? [] : [atInput(why, 'account-id')];
}

const policyOf = (inputs: Inputs): Policy => ({
  mode: inputs.mode,
  ifExists: inputs['if-exists'],
  prune: inputs.prune,
  removalLimit: inputs['removal-limit'],
  replace: inputs.replace,
  ...(inputs.wait ? { waitMs: inputs['wait-timeout'] * 1000 } : {}),
  failOnDrift: inputs['fail-on-drift'],
  readAllRecipients: inputs.config === undefined,
});

function aboutRun(inputs: Inputs, shares: ReadShares['value'], env: Environment): About {
  const { config, 'comment-on-pr': comment, 'share-name': name = '', 'share-id': shareId } = inputs;
  const source =
    config === undefined ? undefined : { kind: 'config' as const, ...locateFile(config, env), complete: false };
  return {
    accountId: shares?.accountId ?? inputs['account-id'] ?? '',
    source: shares?.source ?? source ?? { kind: 'inputs' },
    ...(comment === undefined || inputs.mode === 'check' ? {} : { comment }),
    github: readGithub(inputs['github-token'] ?? '', env, inputs['pull-request']),
    run: readRunContext(env),
    mode: inputs.mode,
    ...(source ? {} : { share: { name, ...(shareId === undefined ? {} : { shareId }) } }),
  };
}

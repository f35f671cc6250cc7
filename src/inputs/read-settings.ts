// The only reader of inputs and environment. Returns one Settings value, or every problem at once.

import type { Settings } from '../settings.ts';
import type { Policy } from '../share/policy.ts';
import type { Problem } from '../share/problem.ts';
import { readCredentials } from './credentials.ts';
import { checkPlanFile, locateFile, planFiles } from './files.ts';
import { readGithub, readRunContext } from './github.ts';
import { proxyFor } from './proxy.ts';
import { type InputName, type Inputs, type IsWrong, readInputs } from './read-inputs.ts';
import { type ReadShares, readShares } from './read-shares.ts';
import { atInput, type Environment, type Reading } from './reading.ts';
import { unexpectedLength } from './schema-parts.ts';

/** What is known about a run even if its inputs are wrong: enough to write the summary and the comment. */
type About = Pick<Settings, 'accountId' | 'source' | 'comment' | 'github' | 'run'> & {
  mode: Policy['mode'];
  ifExists: Policy['ifExists'];
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
  const warnings = [...checkDrift(inputs, isWrong), ...checkLength(inputs['account-id']), ...shares.warnings];
  const about = aboutRun(inputs, shares, env);
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

/** Inputs that require or exclude one another. */
const checkCombinations = (inputs: Inputs, isWrong: IsWrong): Problem[] => [
  ...checkIfExists(inputs),
  ...(isWrong('mode') ? [] : checkMode(inputs)),
  ...checkOneShare(inputs, isWrong),
  ...checkReviewedPlan(inputs),
];

function checkIfExists(inputs: Inputs): Problem[] {
  if (inputs['if-exists'] !== 'create-new' || inputs['share-id'] === undefined) return [];
  const message = 'create-new always creates a share, but share-id names an existing one: remove one of the two';
  return [atInput(message, 'if-exists')];
}

const MODE_OF = [
  ['plan-file', 'plan'],
  ['reviewed-plan', 'apply'],
] as const;

function checkMode(inputs: Inputs): Problem[] {
  const { mode } = inputs;
  const elsewhere = MODE_OF.filter(([input, only]) => inputs[input] !== undefined && mode !== only).map(
    ([input, only]) => atInput(`is only for mode: ${only}, but mode is ${mode}`, input),
  );
  if (mode !== 'export' || inputs.config !== undefined) return elsewhere;
  return [...elsewhere, atInput('is missing: set it to the path of a new file, which mode: export writes', 'config')];
}

const OF_ONE_SHARE: readonly InputName[] = ['share-name', 'share-id', 'recipients', 'resources', 'exclude'];

/** The inputs of one share can't be combined with a file or `mode: export`. */
function checkOneShare(inputs: Inputs, isWrong: IsWrong): Problem[] {
  if (inputs.config === undefined && inputs.mode !== 'export') return [];
  const message =
    inputs.config === undefined
      ? "can't be combined with mode: export, which writes every share of the account"
      : "can't be combined with config, because the file lists the shares";
  return OF_ONE_SHARE.filter((name) => inputs[name] !== undefined || isWrong(name)).map((name) =>
    atInput(message, name),
  );
}

function checkReviewedPlan(inputs: Inputs): Problem[] {
  if (inputs['reviewed-plan'] !== 'pull-request' || inputs['github-token'] !== undefined) return [];
  const message = 'is missing, but reviewed-plan: pull-request needs it to read the comment on the pull request';
  return [atInput(message, 'github-token')];
}

/** A warning about an input that has no effect. */
function checkDrift(inputs: Inputs, isWrong: IsWrong): Problem[] {
  if (!inputs['fail-on-drift'] || inputs.mode === 'plan' || isWrong('mode')) return [];
  return [atInput('has an effect only in mode: plan', 'fail-on-drift')];
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

function aboutRun(inputs: Inputs, { value: shares, accountInFile = '' }: ReadShares, env: Environment): About {
  const { config, 'comment-on-pr': comment, 'share-name': name = '', 'share-id': shareId } = inputs;
  const source =
    config === undefined ? undefined : { kind: 'config' as const, ...locateFile(config, env), complete: false };
  return {
    accountId: shares?.accountId ?? inputs['account-id'] ?? accountInFile,
    source: shares?.source ?? source ?? { kind: 'inputs' },
    ...(comment === undefined || inputs.mode === 'check' ? {} : { comment }),
    github: readGithub(inputs['github-token'] ?? '', env, inputs['pull-request']),
    run: readRunContext(env),
    mode: inputs.mode,
    ifExists: inputs['if-exists'],
    ...(source ? {} : { share: { name, ...(shareId === undefined ? {} : { shareId }) } }),
  };
}

// The only reader of inputs and environment. It returns one Settings value, or every problem at once.

import { lstat, stat } from 'node:fs/promises';
import * as z from 'zod/mini';
import type { ApiSettings } from '../api-settings.ts';
import { decodeUtf8 } from '../document/decode.ts';
import { keepSecret } from '../secrets.ts';
import type { Place, Problem } from '../share/desired.ts';
import { readCredentials } from './credentials.ts';
import { readGithub, readRunContext } from './github.ts';
import { proxyFor, proxySecrets } from './proxy.ts';
import { locateFile, readBytes } from './read-file.ts';
import {
  checkExcludeFits,
  type Lists,
  makeDesired,
  namesOf,
  readConfig,
  readExclude,
  readRecipients,
  readResources,
  type Written,
} from './read-shares.ts';
import { atInput, type Environment, type Reading } from './reading.ts';
import { INPUT_NAMES, type InputName, type Inputs, inputs as schema } from './schema.ts';
import type { Settings } from './settings.ts';

/** What is known of a run even if its inputs are wrong: enough to write summary and comment. */
type About = Pick<Settings, 'accountId' | 'source' | 'comment' | 'github' | 'run'> & {
  mode: Settings['policy']['mode'];
  /** The one share that the inputs name. */
  share?: { name: string; shareId?: string };
};

/** The text of an input, as the runner passes it. */
const inputText = (name: string, env: Environment): string | undefined => env[`INPUT_${name.toUpperCase()}`];

/** Tells the runner to mask every credential that it can find, used or not. To be called before anything else. */
export function maskSecrets(env: Environment = process.env): void {
  for (const input of ['api-token', 'api-key', 'api-email', 'github-token']) keepSecret(inputText(input, env));
  for (const name of ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY', 'CLOUDFLARE_EMAIL']) keepSecret(env[name]);
  for (const secret of proxySecrets(env)) keepSecret(secret);
}

/** Reads all settings, or finds all problems with them. It sends nothing. */
export async function readSettings(env: Environment = process.env): Promise<Reading<Settings> & { about: About }> {
  const written = Object.fromEntries(INPUT_NAMES.map((name) => [name, inputText(name, env)?.trim() || undefined]));
  const accountFromEnvironment = written['account-id'] === undefined;
  written['account-id'] ??= env.CLOUDFLARE_ACCOUNT_ID?.trim() || undefined;
  const problems: Problem[] = [];
  const warnings: Problem[] = [];

  const checked = z.safeParse(schema, written);
  // A wrong input is reported and left out. The checks of other inputs go on without it.
  const wrong = new Set<string>();
  for (const { message, path } of checked.error?.issues ?? []) {
    const name = String(path[0]);
    wrong.add(name);
    problems.push(atInput(message, name === 'account-id' && accountFromEnvironment ? 'CLOUDFLARE_ACCOUNT_ID' : name));
  }
  const inputs: Inputs = z.parse(
    schema,
    Object.fromEntries(Object.entries(written).filter(([name]) => !wrong.has(name))),
  );
  const isWrong = (name: InputName): boolean => wrong.has(name);

  const credentials = readCredentials(inputs, isWrong, env);
  problems.push(...credentials.problems, ...checkCombinations(inputs, isWrong));
  if (inputs['fail-on-drift'] && inputs.mode !== 'plan' && !isWrong('mode')) {
    warnings.push(atInput('has an effect only in mode: plan', 'fail-on-drift'));
  }
  const baseUrl = new URL(inputs['api-base-url']).href.replace(/\/+$/, '');
  const { proxy, problem: proxyProblem } = proxyFor(new URL(baseUrl), env);
  if (proxyProblem) problems.push(atInput(proxyProblem.message, proxyProblem.name));

  problems.push(...(await checkPlanFile(inputs, env)));

  const shares = await readShares(inputs, isWrong, env);
  problems.push(...shares.problems);
  warnings.push(...shares.warnings);
  const { notices } = shares;
  const about = aboutRun(inputs, shares.value, env);
  if (problems.length > 0 || !shares.value || !credentials.headers) return { problems, warnings, notices, about };

  const api: ApiSettings = {
    baseUrl,
    headers: credentials.headers,
    ...(proxy === undefined ? {} : { proxy }),
    requestTimeoutMs: inputs['request-timeout'] * 1000,
    maxAttempts: inputs['max-attempts'],
  };
  const value: Settings = {
    ...shares.value,
    policy: {
      mode: inputs.mode,
      ifExists: inputs['if-exists'],
      prune: inputs.prune,
      replace: inputs.replace,
      ...(inputs.wait ? { waitMs: inputs['wait-timeout'] * 1000 } : {}),
      failOnDrift: inputs['fail-on-drift'],
      readAllRecipients: inputs.config === undefined,
    },
    accountNames: inputs['account-names'],
    ...planFiles(inputs, env),
    ...(about.comment === undefined ? {} : { comment: about.comment }),
    github: about.github,
    api,
    run: about.run,
  };
  return { value, problems, warnings, notices, about };
}

function aboutRun(inputs: Inputs, shares: ReadShares['value'], env: Environment): About {
  const { config, 'comment-on-pr': comment, 'share-name': name = '', 'share-id': shareId } = inputs;
  const source =
    config === undefined ? undefined : { kind: 'config' as const, ...locateFile(config, env), complete: false };
  return {
    accountId: shares?.accountId ?? inputs['account-id'] ?? '',
    source: shares?.source ?? source ?? { kind: 'inputs' },
    ...(comment === undefined ? {} : { comment }),
    github: readGithub(inputs['github-token'] ?? '', env),
    run: readRunContext(env),
    mode: inputs.mode,
    ...(source ? {} : { share: { name, ...(shareId === undefined ? {} : { shareId }) } }),
  };
}

/** Inputs that exclude or need one another. */
function checkCombinations(inputs: Inputs, isWrong: (name: InputName) => boolean): Problem[] {
  const problems: Problem[] = [];
  if (inputs['if-exists'] === 'create-new' && inputs['share-id'] !== undefined) {
    problems.push(
      atInput(
        'create-new always creates a share, and share-id names an existing one: give one of the two',
        'if-exists',
      ),
    );
  }
  if (!isWrong('mode')) {
    const only = [
      ['plan-file', 'plan'],
      ['reviewed-plan', 'apply'],
    ] as const;
    for (const [input, mode] of only) {
      if (inputs[input] !== undefined && inputs.mode !== mode) {
        problems.push(atInput(`is only for mode: ${mode}, and mode is ${inputs.mode}`, input));
      }
    }
    if (inputs.mode === 'export' && inputs.config === undefined) {
      problems.push(atInput('is missing: mode: export writes into this file, which must not exist yet', 'config'));
    }
  }
  if (inputs.config !== undefined) {
    for (const name of ['share-name', 'share-id', 'recipients', 'resources', 'exclude'] as const) {
      if (inputs[name] === undefined && !isWrong(name)) continue;
      problems.push(atInput('cannot be combined with config: the file names the shares', name));
    }
  } else if (inputs.mode === 'export') {
    for (const name of ['share-name', 'share-id', 'recipients', 'resources', 'exclude'] as const) {
      if (inputs[name] === undefined && !isWrong(name)) continue;
      problems.push(atInput('cannot be combined with mode: export, which writes every share of the account', name));
    }
  }
  if (inputs['reviewed-plan'] === 'pull-request' && inputs['github-token'] === undefined) {
    problems.push(
      atInput(
        'is missing: reviewed-plan: pull-request needs it to read the comment on the pull request',
        'github-token',
      ),
    );
  }
  return problems;
}

function planFiles(inputs: Inputs, env: Environment): Pick<Settings, 'planFile' | 'reviewedPlan'> {
  const [planFile, reviewedPlan] = [inputs['plan-file'], inputs['reviewed-plan']];
  return {
    ...(planFile === undefined ? {} : { planFile: locateFile(planFile, env).path }),
    ...(reviewedPlan === undefined
      ? {}
      : {
          reviewedPlan:
            reviewedPlan === 'pull-request'
              ? { kind: 'pull-request' }
              : { kind: 'file', path: locateFile(reviewedPlan, env).path },
        }),
  };
}

/** A plan that cannot be written is known before it is made, where that can be told. */
async function checkPlanFile({ 'plan-file': written }: Inputs, env: Environment): Promise<Problem[]> {
  if (written === undefined) return [];
  const { path, file } = locateFile(written, env);
  const why = await stat(path).then(
    (stats) => (stats.isDirectory() ? 'is a folder, not a file' : undefined),
    ({ code }: NodeJS.ErrnoException) => (code === 'ENOTDIR' ? 'part of its path is not a folder' : undefined),
  );
  return why === undefined ? [] : [atInput(`${file}: ${why}`, 'plan-file')];
}

type ReadShares = Reading<Pick<Settings, 'accountId' | 'desired' | 'source' | 'labels'>>;

const nothing = (problems: Problem[]): ReadShares => ({ problems, warnings: [], notices: [] });

async function readShares(
  inputs: Inputs,
  isWrong: (name: InputName) => boolean,
  env: Environment,
): Promise<ReadShares> {
  const accountMissing: Problem[] =
    inputs['account-id'] === undefined && !isWrong('account-id')
      ? [atInput('is missing: the account that owns the share (or set CLOUDFLARE_ACCOUNT_ID)', 'account-id')]
      : [];
  if (inputs.mode === 'export') {
    if (inputs.config === undefined) return nothing(accountMissing);
    const reading = await readExportTarget(inputs.config, inputs['account-id'] ?? '', env);
    return { ...reading, problems: [...accountMissing, ...reading.problems] };
  }
  if (inputs.config !== undefined) return readConfigFile(inputs.config, inputs, isWrong, env);
  const reading = await readOneShare(inputs, isWrong);
  return { ...reading, problems: [...accountMissing, ...reading.problems] };
}

async function readOneShare(inputs: Inputs, isWrong: (name: InputName) => boolean): Promise<ReadShares> {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const notices: Problem[] = [];
  const accountId = inputs['account-id'] ?? '';
  const [name, shareId] = [inputs['share-name'], inputs['share-id']];
  const deleting = inputs.mode === 'delete';
  const byId = shareId !== undefined || isWrong('share-id');
  if (name === undefined && !byId && !isWrong('share-name')) {
    problems.push(
      atInput(
        deleting ? 'is missing: name the share to delete, or give its share-id' : 'is missing: the name of the share',
        'share-name',
      ),
    );
  }
  // With share-id, a missing list is left alone. Without it, both lists are needed to create the share.
  const needed = !deleting && !byId;
  const readList = async <T>(
    input: 'recipients' | 'resources' | 'exclude',
    read: (text: string) => Promise<Reading<Written<T>>>,
  ): Promise<Written<T> | undefined> => {
    const text = inputs[input];
    if (text === undefined) {
      if (needed && input !== 'exclude') problems.push(atInput('is missing: a JSON or YAML list', input));
      return undefined;
    }
    const reading = await read(text);
    problems.push(...reading.problems);
    if (!deleting) {
      warnings.push(...reading.warnings);
      notices.push(...reading.notices);
    }
    return reading.value;
  };
  const lists: Lists = {
    recipients: await readList('recipients', readRecipients),
    resources: await readList('resources', (text) => readResources(text, accountId)),
    exclude: await readList('exclude', readExclude),
  };
  problems.push(...checkExcludeFits(lists, { label: 'exclude' }));

  const { labels, warnings: aboutLabels } = namesOf(
    [lists.recipients, lists.resources, lists.exclude].flatMap((list) => list?.labels ?? []),
  );
  warnings.push(...aboutLabels);
  if (problems.length > 0) return { problems, warnings, notices };
  const desired = makeDesired(
    {
      name: name ?? '',
      accountId,
      state: deleting ? 'absent' : 'present',
      ...(shareId === undefined ? {} : { shareId }),
    },
    lists,
    placeInInputs,
  );
  return { value: { accountId, desired: [desired], source: { kind: 'inputs' }, labels }, problems, warnings, notices };
}

const placeInInputs = ([part, ...rest]: readonly (string | number)[]): Place => ({
  label: rest.reduce<string>(
    (label, step) => (typeof step === 'number' ? `${label}[${step}]` : `${label}.${step}`),
    part === undefined || part === 'name' ? 'share-name' : String(part),
  ),
});

async function readConfigFile(
  written: string,
  inputs: Inputs,
  isWrong: (name: InputName) => boolean,
  env: Environment,
): Promise<ReadShares> {
  const { path, file } = locateFile(written, env);
  const read = await readBytes(path);
  if ('why' in read) return nothing([atInput(`${file}: ${read.why}`, 'config')]);
  const decoded = decodeUtf8(read.bytes);
  if ('message' in decoded) {
    return nothing([{ message: decoded.message, place: { label: file, file, ...decoded.position } }]);
  }
  const deleting = inputs.mode === 'delete';
  const reading = await readConfig(file, decoded.text, {
    accountId: inputs['account-id'],
    accountIsWrong: isWrong('account-id'),
    deleting,
  });
  const { value, problems, notices } = reading;
  if (!value) return { problems, warnings: reading.warnings, notices };
  const warnings = deleting ? [aboutDeleting(value.desired.length, file), ...reading.warnings] : reading.warnings;
  const { complete, ...shares } = value;
  return { value: { ...shares, source: { kind: 'config', file, path, complete } }, problems, warnings, notices };
}

const aboutDeleting = (shares: number, file: string): Problem => ({
  message: `deletes ${shares === 1 ? 'the share' : `the ${shares} shares`} that ${file} names`,
  place: { label: 'mode' },
});

/** The file of `mode: export` must not exist: nothing is overwritten. Its folder need not exist. */
async function readExportTarget(written: string, accountId: string, env: Environment): Promise<ReadShares> {
  const { path, file } = locateFile(written, env);
  const there = await lstat(path).then(
    (stats) => (stats.isDirectory() ? 'is a folder' : 'exists already'),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      return error.code === 'ENOTDIR' ? 'part of its path is not a folder' : `cannot be looked at (${error.code})`;
    },
  );
  if (there !== undefined) {
    return nothing([atInput(`${file}: ${there}; mode: export writes a new file and never overwrites one`, 'config')]);
  }
  return {
    value: { accountId, desired: [], source: { kind: 'config', file, path, complete: true }, labels: new Map() },
    problems: [],
    warnings: [],
    notices: [],
  };
}

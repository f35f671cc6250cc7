// The only reader of inputs and environment. One Settings value comes out, or every problem at once.

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { getInput } from '@actions/core';
import { getProxyForUrl } from 'proxy-from-env';
import * as z from 'zod/mini';
import { keepSecret } from '../secrets.ts';
import { makeWish, type Reading, readConfig, readRecipients, readResources } from '../share/read-wish.ts';
import type { Problem, Wish } from '../share/wish.ts';
import { CREDENTIAL, INPUT_NAMES, type InputName, type Inputs, NOT_A_CREDENTIAL, inputs as schema } from './schema.ts';
import type { ApiSettings, CommentSettings, RunContext, Settings } from './settings.ts';

const environment = (name: string): string | undefined => process.env[name]?.trim() || undefined;

/** Has the runner mask every credential in sight, used or not. To be called before anything else. */
export function maskSecrets(): void {
  for (const input of ['api-token', 'api-key', 'api-email', 'github-token']) {
    keepSecret(getInput(input, { trimWhitespace: false }));
  }
  for (const name of ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY', 'CLOUDFLARE_EMAIL']) keepSecret(process.env[name]);
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']) {
    const proxy = process.env[name] ?? '';
    if (!URL.canParse(proxy)) continue;
    const { password } = new URL(proxy);
    keepSecret(password);
    keepSecret(decodeURIComponent(password));
  }
}

const atInput = (message: string, input: string): Problem => ({ message, place: { label: input } });

export async function readSettings(): Promise<Reading<Settings>> {
  const written = Object.fromEntries(INPUT_NAMES.map((name) => [name, getInput(name) || undefined]));
  written['account-id'] ??= environment('CLOUDFLARE_ACCOUNT_ID');
  const problems: Problem[] = [];
  const warnings: Problem[] = [];

  const checked = z.safeParse(schema, written);
  for (const issue of checked.error?.issues ?? []) problems.push(atInput(issue.message, String(issue.path[0])));
  // Inputs that are wrong are said to be so, and left out of what the others are checked against.
  const wrong = new Set(problems.map(({ place }) => place?.label));
  const sound = Object.fromEntries(Object.entries(written).filter(([name]) => !wrong.has(name)));
  const inputs: Inputs = z.parse(schema, sound);

  const { mode } = inputs;
  const ifExists = inputs['if-exists'];
  const isWrong = (name: InputName): boolean => wrong.has(name);

  const credentials = readCredentials(inputs, isWrong);
  problems.push(...credentials.problems);

  if (inputs['if-exists'] === 'create-new' && inputs['share-id'] !== undefined) {
    problems.push(
      atInput('create-new makes another share, and share-id names one that is there: give one of the two', 'if-exists'),
    );
  }
  if (inputs['fail-on-drift'] && mode !== 'plan') {
    warnings.push(atInput('has an effect in mode: plan alone', 'fail-on-drift'));
  }

  const wishes =
    inputs.config === undefined ? await readWish(inputs, isWrong) : await readConfigFile(inputs.config, inputs);
  problems.push(...wishes.problems);
  warnings.push(...wishes.warnings);

  if (problems.length > 0 || !wishes.value || !credentials.headers) return { problems, warnings };
  const baseUrl = inputs['api-base-url'].replace(/\/+$/, '');
  const proxy = getProxyForUrl(baseUrl);
  const api: ApiSettings = {
    baseUrl,
    headers: credentials.headers,
    ...(proxy ? { proxy: proxy.includes('://') ? proxy : `http://${proxy}` } : {}),
    requestTimeoutMs: inputs['request-timeout'] * 1000,
    maxAttempts: inputs['max-attempts'],
  };
  const shareId = inputs['share-id'];
  const value: Settings = {
    ...wishes.value,
    ...(shareId === undefined ? {} : { shareId }),
    mode,
    ifExists,
    prune: inputs.prune,
    replace: inputs.replace,
    ...(inputs.wait ? { waitMs: inputs['wait-timeout'] * 1000 } : {}),
    failOnDrift: inputs['fail-on-drift'],
    ...(inputs['comment-on-pr'] ? { comment: readCommentSettings(inputs['github-token']) } : {}),
    api,
    run: readRunContext(),
  };
  return { value, problems, warnings };
}

type ReadWishes = Reading<Pick<Settings, 'accountId' | 'wishes' | 'source'>>;

async function readWish(inputs: Inputs, isWrong: (name: InputName) => boolean): Promise<ReadWishes> {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const accountId = inputs['account-id'];
  const deleting = inputs.mode === 'delete';
  const byId = inputs['share-id'] !== undefined || isWrong('share-id');
  if (accountId === undefined && !isWrong('account-id')) {
    problems.push(atInput('is missing: the account that owns the share (or set CLOUDFLARE_ACCOUNT_ID)', 'account-id'));
  }
  const name = inputs['share-name'];
  if (name === undefined && !(deleting && byId)) {
    problems.push(
      atInput(
        deleting ? 'is missing: name the share to delete, or give its share-id' : 'is missing: the name of the share',
        'share-name',
      ),
    );
  }
  // With a share's id, a list that is not given is left alone; without one, both are needed to create the share.
  const needed = !deleting && !byId;
  const readList = async <T>(
    input: 'recipients' | 'resources',
    read: (text: string) => Promise<Reading<T>>,
  ): Promise<T | undefined> => {
    const text = inputs[input];
    if (text === undefined) {
      if (needed) problems.push(atInput('is missing: a JSON or YAML list', input));
      return undefined;
    }
    const reading = await read(text);
    problems.push(...reading.problems);
    warnings.push(...reading.warnings);
    return reading.value;
  };
  const to = await readList('recipients', (text) => readRecipients('recipients', text));
  const what = await readList('resources', (text) => readResources('resources', text, accountId ?? ''));
  if (problems.length > 0 || accountId === undefined) return { problems, warnings };

  const none = { items: [], indexes: [] };
  const placeOf: Wish['placeOf'] = ([part, ...rest]) => ({
    label: rest.reduce<string>(
      (label, step) => (typeof step === 'number' ? `${label}[${step}]` : `${label}.${step}`),
      part === undefined || part === 'name' ? 'share-name' : String(part),
    ),
  });
  const { recipients, resources, target, ...rest } = makeWish(
    { name: name ?? '', accountId, to: to ?? none, what: what ?? none },
    placeOf,
  );
  const wish: Wish = { ...rest, ...(to ? { recipients, target } : {}), ...(what ? { resources } : {}) };
  return { value: { accountId, wishes: [wish], source: { kind: 'inputs' } }, problems, warnings };
}

async function readConfigFile(written: string, inputs: Inputs): Promise<ReadWishes> {
  const file = written.replaceAll('\\', '/').replace(/^(\.\/)+/, ''); // as annotations want it
  const excluded = (['share-name', 'share-id', 'recipients', 'resources'] as const).filter(
    (name) => inputs[name] !== undefined,
  );
  const problems = excluded.map((name) => atInput('does not go with config, whose file names the shares', name));
  const path = resolve(environment('GITHUB_WORKSPACE') ?? '.', file);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'there is no such file (does actions/checkout run before?)' : `cannot be read (${code})`;
    return { problems: [...problems, atInput(`${file}: ${why}`, 'config')], warnings: [] };
  }
  const reading = await readConfig(file, text, inputs['account-id']);
  problems.push(...reading.problems);
  const { value, warnings } = reading;
  return value ? { value: { ...value, source: { kind: 'config', file } }, problems, warnings } : { problems, warnings };
}

/** Exactly one kind of credentials; inputs win over the environment, and of the environment the token wins. */
function readCredentials(
  inputs: Inputs,
  isWrong: (name: InputName) => boolean,
): { headers?: Record<string, string>; problems: Problem[] } {
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` }, problems: [] });
  const pair = (email: string, key: string) => ({
    headers: { 'x-auth-email': email, 'x-auth-key': key },
    problems: [],
  });
  const given = (name: InputName): boolean => inputs[name] !== undefined || isWrong(name);
  if (given('api-token') && (given('api-email') || given('api-key'))) {
    return { problems: [atInput('one kind of credentials, please: api-token, or api-email and api-key', 'api-token')] };
  }
  if (isWrong('api-token') || isWrong('api-email') || isWrong('api-key')) return { problems: [] };
  if (inputs['api-token'] !== undefined) return bearer(inputs['api-token']);

  const problems: Problem[] = [];
  const either = (input: 'api-email' | 'api-key' | 'api-token', variable: string): string | undefined => {
    const value = inputs[input] ?? environment(variable);
    if (value === undefined || CREDENTIAL.test(value)) return value;
    problems.push(atInput(NOT_A_CREDENTIAL, variable));
    return '';
  };
  if (!given('api-email') && !given('api-key')) {
    const token = either('api-token', 'CLOUDFLARE_API_TOKEN');
    if (token !== undefined) return problems.length > 0 ? { problems } : bearer(token);
  }
  const email = either('api-email', 'CLOUDFLARE_EMAIL');
  const key = either('api-key', 'CLOUDFLARE_API_KEY');
  if (problems.length > 0) return { problems };
  if (email !== undefined && key !== undefined) return pair(email, key);
  if (email !== undefined) return { problems: [atInput('is missing: api-email and api-key go together', 'api-key')] };
  if (key !== undefined) return { problems: [atInput('is missing: api-email and api-key go together', 'api-email')] };
  return {
    problems: [
      atInput(`is missing, and so are api-email with api-key: no credentials. ${whyNoSecrets()}`, 'api-token'),
    ],
  };
}

/** The usual reason for a secret that is empty, for the person who finds the step failed. */
function whyNoSecrets(): string {
  if (environment('GITHUB_ACTOR') === 'dependabot[bot]') {
    return 'Workflows that Dependabot starts get no Actions secrets: store it as a Dependabot secret too, or skip this step for Dependabot';
  }
  if (isFromFork(readEvent())) {
    return 'Workflows of pull requests from forks get no secrets: skip this step for them';
  }
  return 'Is the secret of that name set in this repository, its environment or organization? A secret that does not exist is an empty text';
}

interface PullRequestEvent {
  pull_request?: { number?: number; head?: { repo?: { full_name?: string } | null; sha?: string } };
  repository?: { full_name?: string };
}

function readEvent(): PullRequestEvent {
  const path = environment('GITHUB_EVENT_PATH');
  if (path === undefined) return {};
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as PullRequestEvent | null) ?? {};
  } catch {
    return {}; // no event to know of: the hints and the comment do without
  }
}

const isFromFork = ({ pull_request, repository }: PullRequestEvent): boolean =>
  pull_request !== undefined && pull_request.head?.repo?.full_name !== repository?.full_name;

function readCommentSettings(token: string | undefined): CommentSettings {
  const { pull_request } = readEvent();
  return {
    token: token ?? '',
    apiUrl: environment('GITHUB_API_URL') ?? 'https://api.github.com',
    repository: environment('GITHUB_REPOSITORY') ?? '',
    ...(pull_request?.number === undefined ? {} : { pullRequest: pull_request.number }),
  };
}

function readRunContext(): RunContext {
  const [server, repository, id] = ['GITHUB_SERVER_URL', 'GITHUB_REPOSITORY', 'GITHUB_RUN_ID'].map(environment);
  const attempt = environment('GITHUB_RUN_ATTEMPT');
  const known: { [K in keyof RunContext]: string | undefined } = {
    url:
      server && repository && id
        ? `${server}/${repository}/actions/runs/${id}${attempt ? `/attempts/${attempt}` : ''}`
        : undefined,
    id,
    attempt,
    repository,
    actor: environment('GITHUB_ACTOR'),
    // On a pull request GITHUB_SHA is the trial merge; the commit that people know is the head's.
    sha: readEvent().pull_request?.head?.sha ?? environment('GITHUB_SHA'),
    summaryPath: environment('GITHUB_STEP_SUMMARY'),
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

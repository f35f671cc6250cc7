// What the runner says about the repository, the pull request and the run. Nothing here throws: an unreadable event
// counts as empty.

import { readFileSync } from 'node:fs';
import type { GithubSettings, Merge, RunContext, Writer } from '../settings.ts';
import { proxyFor } from './proxy.ts';
import type { Environment } from './reading.ts';

/** The part of the event at this path. Undefined: the event doesn't have it. */
const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], value);

const textAt = (value: unknown, ...path: string[]): string | undefined => {
  const text = at(value, ...path);
  return typeof text === 'string' && text !== '' ? text : undefined;
};

const numberAt = (value: unknown, ...path: string[]): number | undefined => {
  const number = at(value, ...path);
  return typeof number === 'number' ? number : undefined;
};

const isThere = (value: unknown): boolean => typeof value === 'object' && value !== null;

export function readEvent(env: Environment): unknown {
  const path = env.GITHUB_EVENT_PATH?.trim();
  if (!path) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

export const isFromFork = (event: unknown): boolean =>
  isThere(at(event, 'pull_request')) &&
  textAt(event, 'pull_request', 'head', 'repo', 'full_name') !== textAt(event, 'repository', 'full_name');

const headOf = (event: unknown): string | undefined => textAt(event, 'pull_request', 'head', 'sha');

/** A runner variable, trimmed. */
const variable = (env: Environment, name: string): string | undefined => env[name]?.trim() || undefined;

/** On a pull request, GITHUB_SHA is a temporary merge commit, but people know the head commit. */
const commitOf = (event: unknown, env: Environment): string | undefined => headOf(event) ?? variable(env, 'GITHUB_SHA');

/** @param number the `pull-request` input */
export function readGithub(token: string, env: Environment, number?: number): GithubSettings {
  const event = readEvent(env);
  const apiUrl = (variable(env, 'GITHUB_API_URL') ?? 'https://api.github.com').replace(/\/+$/, '');
  const ofEvent = pullRequestOf(event, env);
  const pullRequest = number ?? ofEvent;
  const isOfEvent = pullRequest === ofEvent;
  const { proxy, problem } = URL.canParse(apiUrl) ? proxyFor(new URL(apiUrl), env) : {};
  return {
    token,
    apiUrl,
    graphqlUrl: variable(env, 'GITHUB_GRAPHQL_URL') ?? graphqlOf(apiUrl),
    ...(proxy === undefined ? {} : { proxy }),
    ...(problem === undefined ? {} : { proxyProblem: `${problem.name} ${problem.message}` }),
    repository: variable(env, 'GITHUB_REPOSITORY') ?? '',
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(isOfEvent && isClosed(event) ? { isClosed: true } : {}),
    merge: mergeOf(event, env),
    writer: writerOf(isOfEvent ? event : undefined, env),
  };
}

/** GitHub Enterprise Server serves REST at /api/v3 and GraphQL at /api/graphql. */
const graphqlOf = (apiUrl: string): string => `${apiUrl.replace(/\/v3$/, '')}/graphql`;

/** For a comment on a pull request, GitHub's event calls the pull request an issue. */
function pullRequestOf(event: unknown, env: Environment): number | undefined {
  const ofIssue = isThere(at(event, 'issue', 'pull_request')) ? numberAt(event, 'issue', 'number') : undefined;
  const [, ofRef] = /^refs\/pull\/(\d{1,15})\/merge$/.exec(variable(env, 'GITHUB_REF') ?? '') ?? [];
  return numberAt(event, 'pull_request', 'number') ?? ofIssue ?? (ofRef === undefined ? undefined : Number(ofRef));
}

const isClosed = (event: unknown): boolean =>
  ['pull_request', 'issue'].some((name) => textAt(event, name, 'state') === 'closed') ||
  at(event, 'pull_request', 'merged') === true;

function mergeOf(event: unknown, env: Environment): Merge {
  const number = numberAt(event, 'pull_request', 'number');
  if (number !== undefined) {
    const isMerged =
      textAt(event, 'action') === 'closed' &&
      at(event, 'pull_request', 'merged') === true &&
      textAt(event, 'pull_request', 'merge_commit_sha') !== undefined;
    return { kind: 'pull-request', number, isMerged };
  }
  const pushed = at(event, 'commits');
  const commits = Array.isArray(pushed) ? pushed.map((each) => textAt(each, 'id')) : [];
  const newest = [textAt(event, 'after'), variable(env, 'GITHUB_SHA')];
  // Oldest first. A complete list already includes `after`.
  const all = [...commits, ...(Array.isArray(pushed) ? newest : newest.slice(1))].filter((id) => id !== undefined);
  const [, branch] = /^refs\/heads\/(.+)$/.exec(variable(env, 'GITHUB_REF') ?? textAt(event, 'ref') ?? '') ?? [];
  const unique = [...new Set(all.reverse())].reverse();
  return { kind: 'push', ...(branch === undefined ? {} : { branch }), commits: unique };
}

function writerOf(event: unknown, env: Environment): Writer {
  const known = {
    run: variable(env, 'GITHUB_RUN_ID'),
    attempt: variable(env, 'GITHUB_RUN_ATTEMPT'),
    head: headOf(event),
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

export function readRunContext(env: Environment): RunContext {
  const of = (name: string): string | undefined => variable(env, name);
  const [server, repository, id] = ['GITHUB_SERVER_URL', 'GITHUB_REPOSITORY', 'GITHUB_RUN_ID'].map(of);
  const attempt = of('GITHUB_RUN_ATTEMPT');
  const known: { [K in keyof RunContext]: string | undefined } = {
    url:
      server && repository && id
        ? `${server}/${repository}/actions/runs/${id}${attempt ? `/attempts/${attempt}` : ''}`
        : undefined,
    id,
    attempt,
    repository,
    actor: of('GITHUB_ACTOR'),
    sha: commitOf(readEvent(env), env),
    summaryPath: of('GITHUB_STEP_SUMMARY'),
    tempPath: of('RUNNER_TEMP'),
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

// What the runner says about the repository, the pull request and the run.

import { readFileSync } from 'node:fs';
import type { GithubSettings } from '../api-settings.ts';
import type { Environment } from './reading.ts';
import type { RunContext } from './settings.ts';

interface PullRequestEvent {
  pull_request?: { number?: number; head?: { repo?: { full_name?: string } | null; sha?: string } };
  repository?: { full_name?: string };
}

export function readEvent(env: Environment): PullRequestEvent {
  const path = env.GITHUB_EVENT_PATH?.trim();
  if (!path) return {};
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as PullRequestEvent | null) ?? {};
  } catch {
    return {}; // an event that cannot be read: hints and comment do without it
  }
}

export const isFromFork = ({ pull_request, repository }: PullRequestEvent): boolean =>
  pull_request !== undefined && pull_request.head?.repo?.full_name !== repository?.full_name;

/** On a pull request GITHUB_SHA is the trial merge; the commit that people know is the head's. */
const commitOf = (event: PullRequestEvent, env: Environment): string | undefined =>
  event.pull_request?.head?.sha ?? (env.GITHUB_SHA?.trim() || undefined);

export function readGithub(token: string, env: Environment): GithubSettings {
  const event = readEvent(env);
  const pullRequest = event.pull_request?.number;
  const commit = commitOf(event, env);
  return {
    token,
    apiUrl: env.GITHUB_API_URL?.trim() || 'https://api.github.com',
    repository: env.GITHUB_REPOSITORY?.trim() ?? '',
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(commit === undefined ? {} : { commit }),
  };
}

export function readRunContext(env: Environment): RunContext {
  const of = (name: string): string | undefined => env[name]?.trim() || undefined;
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

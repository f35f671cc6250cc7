// The settings of a run. `inputs` reads them once, from inputs and environment, and every other folder gets the part that
// it needs.

import type { WrittenShare } from './share/desired.ts';
import type { Label } from './share/names.ts';
import type { Policy } from './share/policy.ts';

export interface Settings {
  accountId: string;
  /** One share from the inputs, or every share in the config file. Empty in `mode: export`. */
  desired: WrittenShare[];
  source: Source;
  policy: Policy;
  /** The labels of the inputs or the file. */
  labels: readonly Label[];
  /** Look up the names of accounts, gateway policies and custom rulesets. */
  names: boolean;
  /** Where `mode: plan` writes the plan; an absolute path. */
  planFile?: string;
  /** The plan that `mode: apply` must not exceed. */
  reviewedPlan?: { kind: 'file'; path: string } | { kind: 'pull-request' };
  /** Keep a comment on the pull request; undefined if not requested. */
  comment?: 'always' | 'changes';
  github: GithubSettings;
  api: ApiSettings;
  run: RunContext;
}

/** Where the desired shares were written. */
export type Source =
  | { kind: 'inputs' }
  | {
      kind: 'config';
      /** The file's path as annotations show it. */
      file: string;
      /** An absolute path. */
      path: string;
      /** The file is meant to list every share that the account sends. */
      complete: boolean;
    };

/** The workflow run, as far as the runner describes it. */
export interface RunContext {
  url?: string;
  id?: string;
  attempt?: string;
  repository?: string;
  actor?: string;
  sha?: string;
  /** The file that the runner shows as the job summary. */
  summaryPath?: string;
  /** The folder for temporary files of the job, in which the report is written. */
  tempPath?: string;
}

export interface ApiSettings {
  /** Without a trailing slash. */
  baseUrl: string;
  /** `Authorization`, or `X-Auth-Email` and `X-Auth-Key`. */
  headers: Record<string, string>;
  /** URL of the proxy to go through. */
  proxy?: string;
  requestTimeoutMs: number;
  /** Attempts per request, including the first. */
  maxAttempts: number;
}

/** For the comment and for `reviewed-plan: pull-request`. */
export interface GithubSettings {
  token: string;
  apiUrl: string;
  graphqlUrl: string;
  /** URL of the proxy to go through. */
  proxy?: string;
  /** What is wrong with the proxy that the environment sets. */
  proxyProblem?: string;
  /** `owner/name`. */
  repository: string;
  /** From the `pull-request` input, or else from the event. */
  pullRequest?: number;
  /** The event says that this pull request is now closed. */
  isClosed?: true;
  merge: Merge;
  writer: Writer;
}

/** The pull request or commits whose reviewed plan the run can apply. */
export type Merge =
  /** The event is about this pull request. */
  | { kind: 'pull-request'; number: number; isMerged: boolean }
  /** These commits, newest last, were added to the branch. Undefined: the run isn't on a branch. */
  | { kind: 'push'; branch?: string; commits: readonly string[] };

/** Identifies the run in its comments, so that an older run doesn't replace the comment of a newer one. */
export interface Writer {
  /** GitHub numbers the runs of a repository in ascending order. */
  run?: string;
  attempt?: string;
  /** The head of the pull request that the run is for. */
  head?: string;
}

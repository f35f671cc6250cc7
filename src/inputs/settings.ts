// The settings of a run. Read once, from inputs and environment, and passed down.

import type { ApiSettings, GithubSettings } from '../api-settings.ts';
import type { WrittenShare } from '../share/desired.ts';
import type { Label } from '../share/names.ts';
import type { Policy } from '../share/policy.ts';
import type { Reading } from './reading.ts';

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

/** The shares that the inputs or the file describe. */
export type ReadShares = Reading<Pick<Settings, 'accountId' | 'desired' | 'source' | 'labels'>>;

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
